"""Tables kept as text: whatever parts the cells."""

from pathlib import Path

import pytest

from kotaemon_desktop.core.documents.delimited import delimiter
from kotaemon_desktop.core.errors import Damaged


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b'Country,Rate\n"Korea, South",30\n'),
        ("a.csv", b"Country;Rate\r\nKorea, South;30\r\n"),
        ("a.tsv", b"Country\tRate\nKorea, South\t30\n"),
        ("a.csv", '\ufeffCountry,Rate\n"Korea, South",30'.encode("utf-16")),
    ],
)
def test_cells(tmp_path: Path, read, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    reading = read(path)
    assert reading.text == "| Country | Rate |\n| Korea, South | 30 |"
    assert (reading.head.kind, reading.head.title, reading.pages[0].number) == ("xlsx", "a", None)


def test_chinese_and_lines_inside_cells(tmp_path: Path, read) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('姓名,说明\n王明,"年休假\n十天"\n李华,没有\n'.encode("gb18030"))
    assert read(path).text == "| 姓名 | 说明 |\n| 王明 | 年休假 十天 |\n| 李华 | 没有 |"


def test_rows_carry_their_headings(tmp_path: Path, read) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Order,Ordered by\n" + "\n".join(f"number {n},customer {n}" for n in range(300)))
    reading = read(path)
    assert reading.passages[0].heading == ""
    assert {passage.heading for passage in reading.passages[1:]} == {"Order | Ordered by"}


def test_one_column_is_a_list(tmp_path: Path, read) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Names\nAnn\nBob\n")
    assert read(path).text == "Names\nAnn\nBob"


def test_delimiter_is_what_stands_in_most_lines() -> None:
    assert delimiter("a;b;c\n1,5;2,5;3,5\n\n") == ";"
    assert delimiter('"x;y;z",1\n"x;y;z",2') == ","
    assert delimiter("") in ",;\t|"


def test_a_cell_without_end_is_damage(tmp_path: Path, read) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,"' + "x" * 10_000_001)
    with pytest.raises(Damaged, match=r"a\.csv"):
        read(path)
