"""Reads web pages saved with all their parts in one file (.mht, .mhtml)."""

from __future__ import annotations

from collections.abc import Iterator

from kotaemon_desktop.core.documents.flow import Flow, FlowPage
from kotaemon_desktop.core.documents.html import parse
from kotaemon_desktop.core.documents.mime import header, leaves, parse_message, text_of
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.records import DocumentHead


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page: the web page, then the frames in it. Raises Damaged or TooLarge."""
    message = parse_message(source)
    flow = Flow()
    title = header(message, "Subject")
    for part in leaves(message):
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            own_title, page = parse(text_of(part))
            title = title or own_title
            flow.page_of(page)
    yield DocumentHead(title or source.stem, "html", None)
    yield flow.page()
