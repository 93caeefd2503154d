"""Plain text in the encodings that people have."""

from pathlib import Path

import pytest

from kotaemon_desktop.core.documents.text import decode
from kotaemon_desktop.core.errors import TooLarge

SIMPLIFIED = "第一条 为了维护职工休息休假权利，调动职工工作积极性，根据劳动法和公务员法，制定本条例。"
TRADITIONAL = "第一條 為了維護職工休息休假權利，調動職工工作積極性，根據勞動法，制定本條例。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED[:6], "gbk"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED + " with some western words", "utf-16-le"),
        ("Western words only", "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "gb18030"),
        ("これは日本語の文章です。漢字とかなが混ざっています。", "shift_jis"),
        ("これは日本語の文章です。漢字とかなが混ざっています。", "euc_jp"),
        ("한국어 문장입니다. 오늘은 날씨가 좋습니다.", "euc_kr"),
        ("Müller grüßt die Bäckerei. Ça va très bien, merci à tous.", "cp1252"),
        ("Привет, как дела? Это русский текст для проверки.", "cp1251"),
    ],
)
def test_decodes(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    data = (SIMPLIFIED * 40).encode()
    assert decode(data[:100] + b"\xff" + data[100:]).count("制定本条例") == 40


def test_a_sample_may_end_inside_a_character() -> None:
    text = "a" + SIMPLIFIED * 3000  # the odd byte puts the end of the sample into the middle of a character
    assert decode(text.encode("gb18030")) == text


def test_reads_a_file(read, tmp_path: Path) -> None:
    path = tmp_path / "条例.txt"
    path.write_bytes(SIMPLIFIED.replace("，", "，\r\n").encode("gb18030"))
    reading = read(path)
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("text", "条例", None)
    assert reading.pages[0].number is None
    assert "\r" not in reading.text
    assert "休假" in reading.passages[0].tokens


def test_a_huge_file_is_refused_before_it_is_read(read, tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.write(b"some text")
        file.truncate(200_000_000)
    with path.open("r+b") as file:  # no null bytes where the kind is looked for
        file.write(b"some text\n" * 10_000)
    with pytest.raises(TooLarge, match=r"huge\.txt"):
        read(path)
