"""Takes in pictures: one page without text, until text recognition reads it."""

from __future__ import annotations

from collections.abc import Iterator

from kotaemon_desktop.core.documents.flow import FlowPage
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the picture's head and its one page."""
    yield DocumentHead(source.stem, "image", 1)
    yield FlowPage(PageText(1, "", PageKind.IMAGE))
