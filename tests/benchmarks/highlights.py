"""How well the boxes of a highlight cover their sentence, on real PDFs (dependency group ``parsers``).

200 sentences of the pages that the public sets in ../shared/eval name as gold, every fourth from a copy of its file
whose pages are turned. Each file is imported as people import it; the engine says where the sentence stands. What it is
measured against comes from another parser, pdfminer.six: the boxes of the sentence's own words, joined along each line.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LTChar, LTContainer, LTPage
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from report import at_least, finish, progress

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Queued, Stored
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Box
from kotaemon_desktop.core.text.sentences import sentences

EVAL = Path(__file__).parents[2] / ".." / "shared" / "eval"
SENTENCES = 200
TURNED = 4  # every so many sentences stand on a turned page
GOOD = 0.8
SHARE = 0.95
_SHORTEST, _LONGEST = 25, 600  # characters, spaces left out
_PICTURE = 1500  # cells that a page is compared on, each way
_UNMATCHED = re.compile(r"[\s\xad\u200b-]+")  # spaces, and hyphens, which the program drops at line ends
_LIGATURES = str.maketrans({"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "’": "'", "“": '"', "”": '"'})


@dataclass(frozen=True)
class Gold:
    """A page that a public set names as the place of an answer."""

    suite: str
    file: Path
    page: int  # 1-based


@dataclass(frozen=True)
class Measured:
    """A sentence and how well the boxes cover it, intersection over union."""

    gold: Gold
    turned: int
    text: str
    overlap: float


def golds() -> dict[str, list[Gold]]:
    """Return the gold pages of each set; a set that names documents only gives all of their pages."""
    found: dict[str, list[Gold]] = defaultdict(list)
    azure = EVAL / "azure-contoso"
    for line in (azure / "qa.jsonl").read_text("utf-8").splitlines():
        for name, page in re.findall(r"\[([^\]]+\.pdf)#page=(\d+)\]", json.loads(line)["truth"]):
            found["azure-contoso"].append(Gold("azure-contoso", azure / "docs" / name, int(page)))
    finance = EVAL / "financebench"
    for line in (finance / "questions.jsonl").read_text("utf-8").splitlines():
        asked = json.loads(line)
        for evidence in asked["evidence"]:
            page = evidence["evidence_page_num"] + 1  # the set counts from 0
            found["financebench"].append(Gold("financebench", finance / "pdfs" / f"{asked['doc_name']}.pdf", page))
    policy = EVAL / "zh-policy"
    for asked in json.loads((policy / "qa.json").read_text("utf-8")):
        for gold in asked["gold"]:
            if gold.get("pdf"):
                found["zh-policy"].append(Gold("zh-policy", policy / "pdf" / gold["pdf"], gold["page"]))
    for file in sorted((EVAL / "docugami-10q" / "docs").glob("*.pdf")):
        found["docugami-10q"] += (Gold("docugami-10q", file, page) for page in range(3, 40))
    return {suite: sorted({g for g in pages if g.file.is_file()}, key=str) for suite, pages in found.items()}


# --- the other parser ---------------------------------------------------------------------------------------------


class _Characters(PDFLayoutAnalyzer):
    """Collects the characters of a page in the order in which the file draws them."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources, laparams=None)
        self.pages: list[tuple[LTPage, list[LTChar]]] = []

    def receive_layout(self, ltpage: LTPage) -> None:
        self.pages.append((ltpage, list(_characters(ltpage))))


def _characters(item: Any) -> Iterator[LTChar]:
    if isinstance(item, LTChar):
        yield item
    elif isinstance(item, LTContainer):
        for each in item:
            yield from _characters(each)


@dataclass(frozen=True)
class Letters:
    """A page as the other parser sees it: its letters without spaces, and the box of each, as Box has them."""

    text: str
    boxes: tuple[Box, ...]


def letters(file: Path, page: int) -> Letters:
    """Read a page with pdfminer.six."""
    resources = PDFResourceManager()
    device = _Characters(resources)
    interpreter = PDFPageInterpreter(resources, device)
    with file.open("rb") as opened:
        for found in PDFPage.get_pages(opened, pagenos={page - 1}):
            interpreter.process_page(found)
    text: list[str] = []
    boxes: list[Box] = []
    for shown, characters in device.pages:
        for each in characters:
            plain = _UNMATCHED.sub("", each.get_text().translate(_LIGATURES))
            box = Box(
                each.x0 / shown.width,
                1 - each.y1 / shown.height,
                each.x1 / shown.width,
                1 - each.y0 / shown.height,
            )
            text.append(plain)
            boxes += [box] * len(plain)
    return Letters("".join(text), tuple(boxes))


def words_boxes(page: Letters, sentence: str) -> list[Box] | None:
    """Return the boxes of the sentence's letters; None unless it stands on the page exactly once."""
    plain = _UNMATCHED.sub("", sentence.translate(_LIGATURES))
    start = page.text.find(plain)
    if start < 0 or page.text.find(plain, start + 1) >= 0:
        return None
    return list(page.boxes[start : start + len(plain)])


# --- comparing ----------------------------------------------------------------------------------------------------


def lines(boxes: Iterable[Box], turned: int) -> list[Box]:
    """Join the boxes of letters that follow each other on a line, spaces included."""
    joined: list[Box] = []
    upright = turned % 180 == 0
    for box in boxes:
        last = joined[-1] if joined else None
        if last is not None and _same_line(last, box, upright):
            joined[-1] = Box(
                min(last.left, box.left),
                min(last.top, box.top),
                max(last.right, box.right),
                max(last.bottom, box.bottom),
            )
        else:
            joined.append(box)
    return joined


def _same_line(one: Box, other: Box, upright: bool) -> bool:
    """Two boxes are on a line when they share most of its height, and a space at most is between them."""
    low, high = (one.top, one.bottom) if upright else (one.left, one.right)
    other_low, other_high = (other.top, other.bottom) if upright else (other.left, other.right)
    shared = min(high, other_high) - max(low, other_low)
    return shared > 0.5 * min(high - low, other_high - other_low)


def overlap(one: Sequence[Box], other: Sequence[Box]) -> float:
    """Return intersection over union of two sets of boxes."""
    first, second = _picture(one), _picture(other)
    union = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / union) if union else 0.0


def _picture(boxes: Sequence[Box]) -> Any:
    cells = np.zeros((_PICTURE, _PICTURE), bool)
    for box in boxes:
        left, top, right, bottom = (
            round(_PICTURE * min(1.0, max(0.0, edge))) for edge in (box.left, box.top, box.right, box.bottom)
        )
        cells[top:bottom, left:right] = True
    return cells


# --- the run ------------------------------------------------------------------------------------------------------


def turned_copies(files: Iterable[Path], folder: Path) -> dict[Path, tuple[Path, int]]:
    """Write a copy of each file with all pages turned by 90, 180 or 270 degrees."""
    import pypdfium2

    copies: dict[Path, tuple[Path, int]] = {}
    for number, file in enumerate(files):
        turn = (90, 180, 270)[number % 3]
        with pypdfium2.PdfDocument(file) as document:
            for page in document:
                page.set_rotation((page.get_rotation() + turn) % 360)
            target = folder / f"turned-{file.name}"
            document.save(target)
        copies[file] = target, turn
    return copies


def import_all(engine: Engine, files: Sequence[Path]) -> dict[Path, int]:
    """Import ``files`` and return their document ids; nothing is embedded."""
    ids: dict[Path, int] = {}
    with closing(engine.imports.run(files)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Queued):
                progress(f"importing {len(event.paths)} files")
            if isinstance(event, Stored):
                ids[Path(event.path)] = event.document_id
                if len(ids) == len(files):
                    break
    engine.imports.cancel()
    return ids


def candidates(engine: Engine, document_id: int, page: int) -> list[tuple[int, int, str]]:
    """Return (start, end, text) of the sentences of a page that are neither tiny nor endless."""
    stored = engine.library.page(document_id, page)
    if stored is None:
        return []
    found = [(start, end, stored.text[start:end]) for start, end in sentences(stored.text)]
    return [
        each for each in found if _SHORTEST <= len("".join(each[2].split())) * (1 + 2 * _is_han(each[2])) <= _LONGEST
    ]


def _is_han(text: str) -> bool:
    return len(re.findall(r"[\u3400-\u9fff]", text)) > len(text) / 3


def measure(engine: Engine, wanted: int, folder: Path) -> tuple[list[Measured], int]:
    """Return what was measured, and how many sentences the other parser has not, or more than once."""
    chance = random.Random(5)
    pages = golds()
    files = sorted({gold.file for suite in pages.values() for gold in suite})
    copies = turned_copies(files, folder)
    ids = import_all(engine, [*files, *(copy for copy, _turn in copies.values())])
    measured: list[Measured] = []
    unmatched = 0
    read: dict[tuple[Path, int], Letters] = {}
    for suite, found in pages.items():
        share = wanted // len(pages)
        pool = list(found) * 8
        chance.shuffle(pool)
        taken = 0
        seen: set[tuple[Path, int, int]] = set()
        while taken < share and pool:
            gold = pool.pop()
            file, turn = copies[gold.file] if taken % TURNED == TURNED - 1 else (gold.file, 0)
            if file not in ids:
                continue
            choice = [c for c in candidates(engine, ids[file], gold.page) if (file, gold.page, c[0]) not in seen]
            if not choice:
                continue
            start, end, text = chance.choice(choice)
            seen.add((file, gold.page, start))
            if (file, gold.page) not in read:
                read[file, gold.page] = letters(file, gold.page)
            truth = words_boxes(read[file, gold.page], text)
            if truth is None:
                unmatched += 1
                continue
            boxes = engine.previews.boxes(ids[file], gold.page, start, end)
            measured.append(Measured(gold, turn, text, overlap(boxes, lines(truth, turn))))
            taken += 1
        progress(f"{suite}: {taken} sentences")
    return measured, unmatched


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    parser.add_argument("--worst", type=int, default=0, help="show the worst ones")
    chosen = parser.parse_args()
    if not EVAL.is_dir():
        sys.exit("the evaluation sets are not here (../shared/eval)")
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder(Path(place) / "data")
        folder.create()
        with closing(Engine.open(folder)) as engine:
            engine.change_setting("imports", "ocr", "never")
            measured, unmatched = measure(engine, chosen.sentences, Path(place))
    for each in sorted(measured, key=lambda m: m.overlap)[: chosen.worst]:
        progress(
            f"{each.overlap:.2f} {each.gold.file.name} page {each.gold.page} turned {each.turned}: {each.text[:90]!r}"
        )
    good = sum(each.overlap >= GOOD for each in measured) / max(1, len(measured))
    by_suite = {
        suite: round(sum(m.overlap >= GOOD for m in found) / len(found), 3)
        for suite in golds()
        if (found := [m for m in measured if m.gold.suite == suite])
    }
    on_turned = [m for m in measured if m.turned]
    results = {
        "sentences": len(measured),
        "not comparable": unmatched,
        "median overlap": round(median(m.overlap for m in measured), 3),
        "share covered": round(good, 3),
        "by set": by_suite,
        "on turned pages": round(sum(m.overlap >= GOOD for m in on_turned) / max(1, len(on_turned)), 3),
    }
    bars = [
        at_least(f"share of sentences whose boxes overlap their words' by {GOOD}", round(good, 4), SHARE),
        at_least("sentences measured", len(measured), chosen.sentences),
    ]
    finish("highlights", results, bars)


if __name__ == "__main__":
    main()
