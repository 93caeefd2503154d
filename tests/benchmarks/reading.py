"""How files that break other readers end here, in what time and memory (dependency group ``parsers``).

Every file of ../shared/messy is read in a reader host of its own, as an import reads it, and must end with passages,
with scanned pages for text recognition, or with a named reason. What was read is compared with two other parsers: PDF
with pypdf and pdfminer.six, DOCX with python-docx and with the bare text of document.xml, XLSX with python-calamine and
with the bare text of its shared strings, PPTX with the bare text of its slides.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import re
import resource
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from report import Bar, at_least, at_most, finish, progress

MESSY = Path(__file__).parents[2] / ".." / "shared" / "messy"
SECONDS, MEGABYTES = 60.0, 1024.0  # for one file
LIMIT_MEGABYTES = 1024  # the setting that stops a file
ALIKE = 0.9  # of the other parser's words are in what was read
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Outcome:
    """How reading a file ended: ``end`` is read, scans, or the name of its error; ``crashed`` when there is no end."""

    file: Path
    end: str
    seconds: float
    megabytes: float  # the most that the host held
    text: str


def read(path: str, pipe: Any) -> None:
    """Read one file in this process, which is a host of its own, and send how it ended."""
    warnings.simplefilter("ignore")
    from kotaemon_desktop.core.documents.reader import ReaderService
    from kotaemon_desktop.core.errors import ReadError
    from kotaemon_desktop.core.records import ReadPage

    began = time.perf_counter()
    text: list[str] = []
    passages = scans = 0
    try:
        for item in ReaderService(900, LIMIT_MEGABYTES).read(path):
            if isinstance(item, ReadPage):
                passages += len(item.passages)
                if item.page is not None:
                    text.append(item.page.text)
                    scans += item.page.kind.is_scan
        end = "read" if passages else "scans" if scans else "nothing"
    except ReadError as error:
        end = type(error).__name__
    seconds = time.perf_counter() - began
    pipe.send((end, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "\n".join(text)))


def outcome(file: Path) -> Outcome:
    """Read ``file`` in a fresh process; one that does not end in time is killed."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=read, args=(str(file), there))
    began = time.perf_counter()
    process.start()
    there.close()
    answer = ("crashed", 0.0, 0.0, "")
    with suppress(EOFError):
        answer = here.recv() if here.poll(2 * SECONDS) else ("too slow", 2 * SECONDS, 0.0, "")
    process.kill()
    process.join()
    end, seconds, megabytes, text = answer
    return Outcome(file, end, seconds or time.perf_counter() - began, megabytes, text)


# --- the other parsers --------------------------------------------------------------------------------------------


def _pypdf(file: Path) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


def _pdfminer(file: Path) -> str:
    from pdfminer.high_level import extract_text

    return extract_text(file)


def _python_docx(file: Path) -> str:
    from docx import Document

    document = Document(str(file))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _bare(pattern: str, tag: str) -> Callable[[Path], str]:
    """Return a parser that takes the text elements of the parts of an Office file that fit ``pattern``."""

    def parse(file: Path) -> str:
        from lxml import etree

        found: list[str] = []
        with zipfile.ZipFile(file) as package:
            for name in package.namelist():
                if re.fullmatch(pattern, name):
                    root = etree.fromstring(package.read(name), etree.XMLParser(recover=True))
                    paragraphs = root.iter("{*}p", "{*}si", "{*}is")
                    found += ("".join(each.text or "" for each in words.iter("{*}" + tag)) for words in paragraphs)
        return "\n".join(found)

    return parse


def _calamine(file: Path) -> str:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(file))
    rows = (row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
    return "\n".join(str(cell) for row in rows for cell in row if isinstance(cell, str))


OTHERS: dict[str, dict[str, Callable[[Path], str]]] = {
    ".pdf": {"pypdf": _pypdf, "pdfminer.six": _pdfminer},
    ".docx": {"python-docx": _python_docx, "bare XML": _bare(r"word/document\.xml", "t")},
    ".pptx": {"bare XML": _bare(r"ppt/slides/slide\d+\.xml", "t")},
    ".xlsx": {"python-calamine": _calamine, "bare XML": _bare(r"xl/sharedStrings\.xml", "t")},
}


def words(text: str) -> Counter[str]:
    """Count the words of ``text``; those wrapped in the middle of a line or glued to others differ between parsers."""
    return Counter(word.lower() for word in _WORD.findall(text) if len(word) > 1)


def found_share(ours: str, theirs: str) -> float | None:
    """Return how much of what the other parser read is in ours too; None when it read next to nothing."""
    wanted = words(theirs)
    if wanted.total() < 20:
        return None
    joined = "".join(_WORD.findall(ours.lower()))  # words that the other one has cut or glued are found here
    held = words(ours)
    missing = sum(count for word, count in (wanted - held).items() if word not in joined)
    return 1 - missing / wanted.total()


def compare(outcomes: Iterable[Outcome]) -> dict[str, list[tuple[Path, float]]]:
    """Return, by parser, (file, share of its words that were read here too)."""
    found: dict[str, list[tuple[Path, float]]] = {}
    for each in outcomes:
        for name, parse in OTHERS.get(each.file.suffix.lower(), {}).items():
            try:
                theirs = parse(each.file)
            except Exception as error:  # noqa: BLE001 - files that break readers are what this is about
                progress(f"{name} cannot read {each.file.name}: {type(error).__name__}")
                continue
            share = found_share(each.text, theirs)
            if share is not None:
                found.setdefault(name, []).append((each.file, share))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worst", type=int, default=0, help="show the files that differ most")
    chosen = parser.parse_args()
    if not MESSY.is_dir():
        sys.exit("the messy files are not here (../shared/messy)")
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    files = sorted(path for path in MESSY.rglob("*") if path.is_file())
    outcomes: list[Outcome] = []
    for number, file in enumerate(files, 1):
        outcomes.append(outcome(file))
        progress(f"{number}/{len(files)} {outcomes[-1].end:14} {outcomes[-1].seconds:6.2f} s  {file.name}")
    unnamed = [each.file.name for each in outcomes if each.end in {"crashed", "too slow", "nothing"}]
    shares = compare(each for each in outcomes if each.end == "read")
    for name, found in shares.items():
        for file, share in sorted(found, key=lambda pair: pair[1])[: chosen.worst]:
            progress(f"{name}: {share:.2f} {file.name}")
    slowest, largest = max(o.seconds for o in outcomes), max(o.megabytes for o in outcomes)
    results = {
        "files": len(files),
        "ends": dict(Counter(each.end for each in outcomes).most_common()),
        "unnamed": unnamed,
        "slowest seconds": round(slowest, 2),
        "largest megabytes": round(largest),
        "median share of the other's words": {name: round(median(s for _, s in f), 3) for name, f in shares.items()},
        "alike": {name: f"{sum(s >= ALIKE for _, s in found)} of {len(found)}" for name, found in shares.items()},
    }
    bars = [
        Bar("files that end neither read nor with a reason", len(unnamed), 0, not unnamed),
        at_most("seconds for the slowest file", round(slowest, 2), SECONDS),
        at_most("megabytes for the largest file", round(largest), MEGABYTES),
        *(
            at_least(f"median share of the words of {name}", round(median(s for _, s in found), 3), ALIKE)
            for name, found in shares.items()
        ),
    ]
    finish("reading", results, bars)


if __name__ == "__main__":
    main()
