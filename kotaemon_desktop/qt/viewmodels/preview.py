"""What the preview of a source shows: a page's picture with boxes, or the text around a passage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.records import Box, Document, PagePicture

_WINDOW = 8_000  # characters of text around a passage; more takes longer than a frame to lay out


class DocumentGone(KotaemonError):
    """The document is not in the library any more. Fact: ``name``."""

    template = N_("“{name}” is no longer in your library.")
    advice = N_("Import it again to see its pages.")


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


@dataclass(frozen=True, slots=True)
class TextShown:
    """Text to show; ``start`` and ``end`` are the marked part in UTF-16 units, as Qt counts."""

    document: Document
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PictureComing:
    """A page picture is being made; until then there is only the place for it."""

    document: Document


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A page as a picture with the boxes of the marked part; ``changed``: the file is not as it was imported."""

    document: Document
    picture: PagePicture
    boxes: tuple[Box, ...]
    changed: bool = False


@dataclass(frozen=True, slots=True)
class PreviewFailed:
    """The page itself could not be shown; its text follows when the library has it."""

    error: Exception


PreviewEvent = TextShown | PictureComing | PictureShown | PreviewFailed


def load(engine: Engine, target: Target, width: int) -> Iterator[PreviewEvent]:
    """Read what shows ``target``, a picture ``width`` device pixels wide. Browsing lane; may wake the reader."""
    document = engine.library.document(target.document_id)
    if document is None:
        yield PreviewFailed(DocumentGone(name=target.name))
        return
    if document.kind == "pdf" and target.page is not None:
        yield PictureComing(document)
        try:
            picture = engine.page_picture(document.id, target.page, width)
            marked = target.end > target.start
            boxes = engine.boxes(document.id, target.page, target.start, target.end) if marked else ()
            changed = _changed(engine, document)
        except (KotaemonError, OSError) as error:
            yield PreviewFailed(error)
        else:
            yield PictureShown(document, picture, boxes, changed)
            return
    page = engine.library.page(document.id, target.page)
    if page is None:
        yield PreviewFailed(NothingToShow(name=document.name))
    else:
        yield around(document, page.text, target.start, target.end)


def _changed(engine: Engine, document: Document) -> bool:
    """Return whether the file was written to since it was imported, so that passages may stand elsewhere now."""
    original = engine.original(document)
    if original != Path(document.path):  # a copy of our own, which nobody changes
        return False
    details = original.stat()
    return details.st_size != document.size or details.st_mtime > document.imported_at


def around(document: Document, text: str, start: int, end: int) -> TextShown:
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
    first, last = len(head) + _utf16(shown[: start - low]), len(head) + _utf16(shown[: end - low])
    return TextShown(document, head + shown + tail, first, last)


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
