"""What the preview of a source shows: a page's picture with boxes, or the text around a passage."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import PICTURED, TOOL, Box, Document, DocumentState, PagePicture

_WINDOW = 8_000  # characters of text around a passage; more takes longer than a frame to lay out

_MOST_BESIDE = 20  # marks beside the one that was asked for; each takes a millisecond to locate
_MOST_FOUND = 1000
_MOST_PASSAGES = 2000  # of a document whose headings are looked up: 10 ms


class DocumentGone(KotaemonError):
    """The document is not in the library any more. Fact: ``name``."""

    template = N_("“{name}” is no longer in your library.")
    advice = N_("Import it again to see its pages.")


class ResultGone(KotaemonError):
    """A tool's result was not kept, or went with its conversation. Fact: ``name``."""

    template = N_("What “{name}” gave is no longer kept.")
    advice = N_("Ask again.")


class NothingToShow(KotaemonError):
    """The document has no such page, or was never read. Fact: ``name``."""

    template = N_("There is no text of “{name}” to show.")


@dataclass(frozen=True, slots=True)
class Target:
    """What to show: a document, a page of it (None where it has none), and the part of the page's text to mark."""

    document_id: int
    name: str
    page: int | None
    start: int = 0
    end: int = 0

    def shares_page(self, other: Target) -> bool:
        """Whether both are on the same page."""
        return (self.document_id, self.page) == (other.document_id, other.page)


@dataclass(frozen=True, slots=True)
class TextShown:
    """Text to show; ``start`` and ``end`` are the marked part in UTF-16 units, as Qt counts.

    ``others`` are further parts to mark, ``headings`` the lines that head a part of the document. ``note`` says what it
    is where it is no document.
    """

    document: Document
    text: str
    start: int
    end: int
    others: tuple[tuple[int, int], ...] = ()
    headings: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PictureComing:
    """A page picture is being made; until then there is only the place for it."""

    document: Document


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A page as a picture with the boxes of the marked part, and of ``others``.

    ``changed``: the file is not as it was imported.
    """

    document: Document
    picture: PagePicture
    boxes: tuple[Box, ...]
    changed: bool = False
    others: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewFailed:
    """The page itself could not be shown; its text follows when the library has it."""

    error: Exception


PreviewEvent = TextShown | PictureComing | PictureShown | PreviewFailed


def load(engine: Engine, target: Target, others: Sequence[Target], width: int) -> Iterator[PreviewEvent]:
    """Read what shows ``target``, a picture ``width`` device pixels wide. Browsing lane; may wake the reader.

    Those of ``others`` on the same page are marked too.
    """
    beside = [other for other in others if other != target and other.shares_page(target) and other.end > other.start]
    if target.document_id < 0:
        yield _of_a_tool(engine, target)
        return
    document = engine.library.document(target.document_id)
    if document is None:
        yield PreviewFailed(DocumentGone(name=target.name))
        return
    if document.kind in PICTURED and target.page is not None:
        yield PictureComing(document)
        try:
            picture = engine.previews.page_picture(document.id, target.page, width)
            boxes = _boxes(engine, target)
            pale = tuple(box for other in beside[:_MOST_BESIDE] for box in _boxes(engine, other))
            changed = _changed(engine, document)
        except (KotaemonError, OSError) as error:
            yield PreviewFailed(error)
        else:
            yield PictureShown(document, picture, boxes, changed, pale)
            return
    page = engine.library.page(document.id, target.page)
    if page is None:
        yield PreviewFailed(NothingToShow(name=document.name))
    else:
        shown = around(document, page.text, target.start, target.end, [(each.start, each.end) for each in beside])
        yield dataclasses.replace(shown, headings=_headings(engine, document))


def _of_a_tool(engine: Engine, target: Target) -> PreviewEvent:
    """Return what a tool gave, with what it is, when it came and from where."""
    result = engine.results.get(target.document_id)
    if result is None:
        return PreviewFailed(ResultGone(name=target.name))
    document = Document(
        target.document_id, result.address, result.title, result.title, TOOL, len(result.text), "",
        DocumentState.READY, None, 1, 0, result.asked_at,
    )  # fmt: skip
    asked = datetime.fromtimestamp(result.asked_at).astimezone()
    words = _("A tool's result, no document. Asked {place} on {time}; sent: {sent}.")
    note = words.format(place=result.address, time=f"{asked:%Y-%m-%d %H:%M}", sent=result.sent or "–")
    return dataclasses.replace(around(document, result.text, target.start, target.end), note=note)


def find(engine: Engine, target: Target, words: str) -> list[Target]:
    """Return where the document of ``target`` says ``words``, in order. Runs in the browsing lane.

    Letters large or small, and any space between the words, line breaks between Chinese characters included.
    """
    parts = re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+|\s+", words.strip())
    if not parts:
        return []
    pattern = re.compile(r"\s*".join(re.escape(part) for part in parts if not part.isspace()), re.IGNORECASE)
    document = engine.library.document(target.document_id)
    numbers = range(1, document.page_count + 1) if document is not None and document.page_count else (None,)
    found: list[Target] = []
    for number in numbers:
        page = engine.library.page(target.document_id, number)
        if page is not None:
            places = pattern.finditer(page.text)
            found += (Target(target.document_id, target.name, number, *place.span()) for place in places)
        if len(found) >= _MOST_FOUND:
            break
    return found[:_MOST_FOUND]


def _boxes(engine: Engine, target: Target) -> tuple[Box, ...]:
    if target.page is None or target.end <= target.start:
        return ()
    return engine.previews.boxes(target.document_id, target.page, target.start, target.end)


def _headings(engine: Engine, document: Document) -> frozenset[str]:
    """Return the headings of a document, without those above them; none of one that is a book of books."""
    if document.passages > _MOST_PASSAGES:
        return frozenset()
    passages = engine.library.passages_of(document.id)
    return frozenset(part.strip() for passage in passages for part in passage.heading.split("›") if part.strip())


def _changed(engine: Engine, document: Document) -> bool:
    """Return whether the file was written to since it was imported, so that passages may stand elsewhere now."""
    original = engine.previews.original(document)
    if original != Path(document.path):  # a copy of our own, which nobody changes
        return False
    details = original.stat()
    return details.st_size != document.size or details.st_mtime > document.imported_at


def around(document: Document, text: str, start: int, end: int, others: Sequence[tuple[int, int]] = ()) -> TextShown:
    """Return the part of ``text`` around its characters ``start`` to ``end``, cut at lines, ready for Qt."""
    low = max(0, start - _WINDOW // 2)
    high = min(len(text), max(end, low + _WINDOW))
    if low:
        low = text.find("\n", low, start) + 1 or low
    if high < len(text):
        high = text.rfind("\n", end, high) + 1 or high
    # Qt makes one line break of two characters; offsets must not move.
    shown = text[low:high].replace("\r\n", " \n").replace("\r", "\n").replace("\0", " ")
    head, tail = ("…\n" if low else ""), ("…" if high < len(text) else "")

    def units(place: int) -> int:
        return len(head) + _utf16(shown[: place - low])

    beside = tuple((units(first), units(last)) for first, last in others if low <= first and last <= high)
    return TextShown(document, head + shown + tail, units(start), units(end), beside)


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
