"""The plain way to take PDFs in: one process, pypdf, SQLite. Prints seconds, passages and documents.

Run by ingestion.py with the data folder and the files.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import time
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from kotaemon_desktop.core.documents.flow import FlowPage
from kotaemon_desktop.core.documents.splitter import Splitter
from kotaemon_desktop.core.records import PageText
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library

CHARACTERS = 900  # of a passage, as the program's default


def main(folder: Path, paths: list[Path]) -> None:
    """Import ``paths`` into a library in ``folder``."""
    logging.disable()
    began, passages = time.perf_counter(), 0
    with Database(folder / "library.sqlite3") as database:
        library = Library(database)
        for path in paths:
            content = path.read_bytes()
            try:
                texts = [page.extract_text() for page in PdfReader(path).pages]
            except (PyPdfError, ValueError, KeyError):
                continue
            pages = [PageText(number, text) for number, text in enumerate(texts, 1)]
            splitter = Splitter(CHARACTERS, path.stem)
            drafts = [draft for page in pages for draft in splitter.cut(FlowPage(page))]
            library.add(
                path=str(path), name=path.name, kind="pdf", title="", size=len(content), page_count=len(pages),
                sha256=hashlib.sha256(content).hexdigest(), pages=pages, passages=drafts,
            )  # fmt: skip
            passages += len(drafts)
        print(time.perf_counter() - began, passages, library.counts()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
