"""Rich Text files: the words, whatever bytes and control words stand for them."""

from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, NoText


def rtf(tmp_path: Path, body: str, fonts: str = "") -> Path:
    path = tmp_path / "letter.rtf"
    path.write_bytes(rf"{{\rtf1\ansi\ansicpg1252\deff0{{\fonttbl{{\f0 Arial;}}{fonts}}}{body}}}".encode("latin-1"))
    return path


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"One\par Two\line three", "One\n\nTwo\nthree"),
        (r"caf\'e9 \u24180?\u20241?\u20551?", "café 年休假"),
        (r"{\uc2\u24180??}{\uc0\u20241}!", "年休!"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"a\tab b\~c \{d\} \emdash \ldblquote e\rdblquote", "a\tb c {d} —“e”"),
        (r"{\*\generator Word;}{\info{\author Ann}}{\pict\wmetafile8 0102}{\header H}Text", "Text"),
        (r"{\*\unknown hidden {\b too}}{\v hidden}{\deleted gone}Text", "Text"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} text", "link text"),
        (r"Fact{\footnote \chftn  See {\i page} 3.}.\par Next", "Fact.\n\nSee page 3.\n\nNext"),
        (r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt \pard In a box\par}}}Text", "Text\n\nIn a box"),
        (r"Line" + "\r\n" + r" goes on\bin3 {}x text", "Line goes on text"),
    ],
)
def test_words(tmp_path: Path, read, body: str, text: str) -> None:
    assert read(rtf(tmp_path, body)).text == text


def test_fonts_decide_about_bytes(tmp_path: Path, read) -> None:
    fonts = r"{\f1\fcharset134 SimSun;}{\f2\fcharset204 Cyr;}"
    body = r"{\f1 \'c4\'ea\'d0\'dd\'bc\'d9}{\f2 \'cf}\'e9"
    assert read(rtf(tmp_path, body, fonts)).text == "年休假Пé"


def test_headings_title_and_family(tmp_path: Path, read) -> None:
    styles = r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2\outlinelevel1 heading 2;}}"
    body = styles + r"{\info{\title Travel {\b guide}}}\pard\s1 Travel\par\pard\s2 Rates\par\pard Paid by the day.\par"
    reading = read(rtf(tmp_path, body))
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("docx", "Travel guide", None)
    assert reading.text == "Travel\n\nRates\n\nPaid by the day."
    assert reading.passages[0].heading == "Travel › Rates"


def test_tables(tmp_path: Path, read) -> None:
    body = (
        r"Before\par\trowd\cellx1\cellx2\pard\intbl Country\cell Rate\cell\row"
        r"\trowd\pard\intbl China\par (mainland)\cell 30\cell\row\pard After\par"
    )
    assert read(rtf(tmp_path, body)).text == "Before\n\n| Country | Rate |\n| China (mainland) | 30 |\n\nAfter"


def test_cut_and_endless_files(tmp_path: Path, read) -> None:
    path = rtf(tmp_path, r"Text {\b bold")
    path.write_bytes(path.read_bytes()[:-2])
    assert read(path).text == "Text bol"
    with pytest.raises(NoText, match=r"letter\.rtf"):
        read(rtf(tmp_path, ""))
    with pytest.raises(Damaged, match=r"letter\.rtf"):
        read(rtf(tmp_path, "{" * 5000))


def test_nonsense_is_read_or_named(tmp_path: Path, read) -> None:
    path = tmp_path / "letter.rtf"
    path.write_bytes(rb"{\rtf1{\footnote a{\info{\title t\par}}\par b}c\par}")
    assert read(path).text == "c\n\na\nb"
