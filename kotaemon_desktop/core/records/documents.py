"""Documents: what a file is, what reading it gave, and how it is grouped."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kotaemon_desktop.core.failures import told


class DocumentState(StrEnum):
    """Where a document stands. ``STORED`` already answers keyword search; ``READY`` has vectors as well."""

    STORED = "stored"
    READY = "ready"
    FAILED = "failed"


class PageKind(StrEnum):
    """What reading a page gave; the import report counts these."""

    TEXT = "text"
    IMAGE = "image"  # only pictures: a scan
    EMPTY = "empty"
    GARBLED = "garbled"
    ENCRYPTED = "encrypted"  # of a part of an archive or a mail: it is protected by a password
    UNREADABLE = "unreadable"  # likewise: it is damaged, or of no known kind; or text recognition gave it up
    RECOGNISED = "recognised"  # a picture whose text was read by text recognition

    @property
    def is_scan(self) -> bool:
        """Whether text recognition can make something of such a page."""
        return self in {PageKind.IMAGE, PageKind.GARBLED}


class Box(msgspec.Struct, frozen=True):
    """A rectangle on a page, in fractions of the page as it is shown (rotation applied): 0,0 is its top left."""

    left: float
    top: float
    right: float
    bottom: float


class PageText(msgspec.Struct, frozen=True):
    """The text of one page; ``number`` is 1-based, or None for formats without pages (then there is only one)."""

    number: int | None
    text: str
    kind: PageKind = PageKind.TEXT


class RecognisedLine(msgspec.Struct, frozen=True):
    """A line that text recognition has read: ``page_text[start:end]`` stands at ``box``.

    ``edges`` says where each of its characters begins, in thousandths of the box's width; empty where nobody knows.
    """

    start: int
    end: int
    box: Box
    edges: tuple[int, ...] = ()


class PassageDraft(msgspec.Struct, frozen=True):
    """A passage as the reader host cuts it: ``text == page_text[start:end]``.

    ``tokens`` is what keyword search stores: ``core.text.words.index_tokens``, space-joined, of the file's name, the
    headings above and the text.
    """

    page: int | None
    start: int
    end: int
    text: str
    heading: str
    tokens: str


class RecognisedPage(msgspec.Struct, frozen=True):
    """A page as text recognition read it, marked by its kind, and where its lines stand, in the order of the text."""

    page: PageText
    lines: tuple[RecognisedLine, ...] = ()
    passages: tuple[PassageDraft, ...] = ()


class Scan(msgspec.Struct, frozen=True):
    """A document of which text recognition shall read ``pages`` (1-based)."""

    document_id: int
    pages: tuple[int, ...]


class ReadPage(msgspec.Struct, frozen=True):
    """A page with its passages, as the reader host hands it over.

    A page with very many passages comes in several: the first has the text and no passages, then each has up to 64
    passages and ``page`` None, which means "of the page before".
    """

    page: PageText | None
    passages: tuple[PassageDraft, ...]


class DocumentHead(msgspec.Struct, frozen=True):
    """What a reader knows of a file before its pages.

    ``kind`` is the family: pdf, docx (Word, OpenDocument text, RTF), pptx, xlsx (all spreadsheets, CSV), html, epub,
    eml, markdown, text, image, zip. Slides and sheets are pages; in a mail or an archive each part's pages are counted
    on. ``page_count`` is None where there are no pages, or where nobody knows how many.
    """

    title: str
    kind: str
    page_count: int | None


PICTURED = frozenset({"pdf", "image"})
"""The families of documents, see DocumentHead, whose pages are pictures to look at, also for text recognition."""


class Document(msgspec.Struct, frozen=True, gc=False):
    """One document of the library, as the lists show it.

    Thousands are made at once, and none can be part of a cycle: Python's collector need not follow them.
    """

    id: int
    path: str
    name: str
    title: str
    kind: str
    size: int
    sha256: str
    state: DocumentState
    page_count: int | None
    passages: int
    embedded: int
    imported_at: float
    failure: str = ""  # why it failed, as core.failures keeps it; empty otherwise
    unread_pages: int = 0  # pages that hold something which could not be read

    @property
    def reason(self) -> str:
        """Why it failed, in the language of now; empty when it did not."""
        return str(told(self.failure)) if self.failure else ""


class Collection(msgspec.Struct, frozen=True):
    """Documents that a person has put together under a name; one document may be in several."""

    id: int
    name: str
    documents: int  # how many of them are visible


class WatchedFolder(msgspec.Struct, frozen=True):
    """A folder whose new and changed files are imported. ``identity`` is empty until it was first looked at."""

    path: str
    ignored: tuple[str, ...] = ()
    identity: str = ""
    documents: int = 0  # how many visible ones are below it
