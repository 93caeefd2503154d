"""Old binary workbooks."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, NoText, ReadError


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def label(row: int, column: int, text: str) -> bytes:
    return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def number(row: int, column: int, value: float, form: int = 0) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, form, value))


def biff(sheets: dict[str, bytes]) -> bytes:
    """Return the stream of a workbook of Excel 97."""
    opening, end = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)), record(0x0A, b"")
    forms = b"".join(record(0xE0, struct.pack("<HHHHIIII", 0, form, 0, 0, 0, 0, 0, 0)[:20]) for form in (0, 14))
    length = sum(len(record(0x85, b"\0" * 8 + name.encode("utf-16-le"))) for name in sheets)
    place = len(opening) + len(forms) + length + len(end)
    listing, bodies = b"", b""
    for name, cells in sheets.items():
        listing += record(
            0x85, struct.pack("<IBBBB", place + len(bodies), 0, 0, len(name), 1) + name.encode("utf-16-le")
        )
        bodies += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells + end
    return opening + forms + listing + end + bodies


@pytest.fixture
def workbook(tmp_path: Path, compound: Callable[..., bytes]) -> Callable[[dict[str, bytes]], Path]:
    def make(sheets: dict[str, bytes]) -> Path:
        path = tmp_path / "old.xls"
        path.write_bytes(compound("Workbook", first=biff(sheets)))
        return path

    return make


def test_sheets_are_pages_under_their_names(workbook, read) -> None:
    rates = label(0, 0, "国家") + label(0, 1, "Rate") + label(0, 2, "Since") + label(1, 0, "中国")
    rates += number(1, 1, 30.0) + number(1, 2, 45413.0, 1)
    reading = read(workbook({"Rates": rates, "Empty": b"", "Notes": label(4, 2, "Paid by the day.")}))
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("xlsx", "old", 3)
    assert [(page.number, page.text) for page in reading.pages] == [
        (1, "Rates\n\n| 国家 | Rate | Since |\n| 中国 | 30 | 2024-05-01 |"),
        (3, "Notes\n\nPaid by the day."),
    ]


def test_nothing_inside(workbook, read) -> None:
    with pytest.raises(NoText, match=r"old\.xls"):
        read(workbook({"Empty": b""}))


def test_damage_is_named_panics_too(workbook, read) -> None:
    path = workbook({"S": b"".join(label(row, 0, f"Row number {row}") for row in range(50))})
    data = path.read_bytes()
    outcomes: set[str] = set()
    for end in range(600, len(data), 97):
        path.write_bytes(data[:end])
        try:
            outcomes.add(read(path).head.kind)
        except ReadError as error:
            outcomes.add(f"{type(error).__name__} {error.facts['name']}")
    assert outcomes >= {"xlsx", "Damaged old.xls"}


def test_a_panic_of_the_library_is_damage(read, tmp_path: Path, compound: Callable[..., bytes]) -> None:
    path = tmp_path / "old.xls"
    path.write_bytes(compound("Workbook", first=record(0x85, b"\0")))
    with pytest.raises(Damaged, match=r"old\.xls"):
        read(path)
