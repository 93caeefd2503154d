"""Reads binary spreadsheets (.xls, .xlsb) through calamine: a page a sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, PasswordError, SheetTypeEnum
from python_calamine import load_workbook as open_workbook  # pyright: ignore[reportUnknownVariableType] - PathLike

from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.package import Package
from kotaemon_desktop.core.documents.sheet import SheetText
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.errors import Damaged, Encrypted
from kotaemon_desktop.core.records import DocumentHead

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_LARGEST_FILE = 100_000_000  # bytes; calamine holds a whole sheet, with 24 bytes for each empty cell too
_ZIP = b"PK"
_PANIC = "PanicException"  # what a panic of Rust becomes in Python; pyo3 has no name for it that could be imported


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the workbook's head, then a page for each sheet with cells. Raises Encrypted, Damaged or TooLarge."""
    data = read_bytes(source, _LARGEST_FILE)
    if data.startswith(_ZIP):
        with damage_named(source), Package(source) as package:
            package.check_size(package.names())
    with _damage_named(source):
        # By its path calamine tells a password from damage; in memory it only says that it cannot read the file.
        book = open_workbook(source if isinstance(source, Path) else BytesIO(data))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    yield DocumentHead(source.stem, "xlsx", len(names))
    for number, name in enumerate(names, 1):
        flow = Flow()
        with _damage_named(source):
            SheetText(flow, plain(name)).rows(map(_row, book.get_sheet_by_name(name).iter_rows()))
        if len(flow):
            yield flow.page(number)


@contextmanager
def _damage_named(source: Source) -> Generator[None]:
    try:
        yield
    except PasswordError as error:
        raise Encrypted(name=source.name) from error
    except CalamineError as error:
        raise Damaged(name=source.name, detail=str(error)) from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise Damaged(name=source.name, detail=str(error)) from error


def _row(cells: list[Value]) -> list[str]:
    return [_written(cell) for cell in cells]


def _written(value: Value) -> str:
    """Return a cell as text, about as the sheet shows it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
