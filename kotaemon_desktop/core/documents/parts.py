"""Reads the documents inside a document (attachments, members of an archive), each under its name as a heading."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.documents.flow import Flow, FlowPage
from kotaemon_desktop.core.documents.formats import reader
from kotaemon_desktop.core.documents.source import Part, Source, depth_of
from kotaemon_desktop.core.errors import EmptyFile, Encrypted, ReadError, Unreadable
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

_log = logging.getLogger(__name__)

_DEEPEST = 3  # a document in an archive in a mail in an archive is read, what lies deeper is not


def check_depth(source: Source) -> None:
    """Raise Unreadable when ``source`` lies too deep for its parts to be read."""
    if depth_of(source) >= _DEEPEST:
        raise Unreadable(name=source.name, detail=Phrase(N_("too many documents inside each other")))


def read_parts(parts: Iterable[Part | ReadError], first_page: int) -> Iterator[FlowPage]:
    """Yield the pages of all ``parts``, numbered on from ``first_page``.

    A part that cannot be read, or had (an error in its place), is a page without text, of a kind that says why; the
    others are read all the same.
    """
    number = first_page
    for part in parts:
        for flow, kind in _pages(part):
            page = flow.page(number)
            yield FlowPage(PageText(number, page.page.text, kind), page.headings, page.tables)
            number += 1


def _pages(part: Part | ReadError) -> Iterator[tuple[Flow, PageKind]]:
    """Yield the pages of one part, its name above the first one that has text."""
    if isinstance(part, ReadError):
        yield Flow(), _kind_of(part)
        return
    named = False
    try:
        for item in reader(detect(part))(part):
            if isinstance(item, DocumentHead):
                continue
            flow = Flow()
            if item.page.text and not named:
                flow.block(part.name, 1)
                named = True
            flow.page_of(item, deeper=1)
            yield flow, item.page.kind
    except ReadError as error:
        yield Flow(), _kind_of(error)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a fault of a reader or its library: the other parts are read all the same
        _log.exception("reading a part failed")
        yield Flow(), PageKind.UNREADABLE


def _kind_of(error: ReadError) -> PageKind:
    if isinstance(error, Encrypted):
        return PageKind.ENCRYPTED
    return PageKind.EMPTY if isinstance(error, EmptyFile) else PageKind.UNREADABLE
