"""Where sources stand in their documents, and what the preview reads of them beside the page itself."""

from __future__ import annotations

from pathlib import Path

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import Citation, Hit, PagePicture
from kotaemon_desktop.qt.viewmodels.preview import DocumentGone, Target

_THUMBNAIL_PIXELS = 96


def passage_target(hit: Hit) -> Target:
    """Return the passage that was found."""
    passage = hit.passage
    return Target(passage.document_id, passage.name, passage.page, passage.start, passage.end)


def citation_target(citation: Citation) -> Target:
    """Return the words that are cited."""
    return Target(citation.document_id, citation.name, citation.page, citation.start, citation.end)


def holds(passage: Target, place: Target) -> bool:
    """Tell whether ``place`` begins in ``passage``."""
    return passage.shares_page(place) and passage.start <= place.start < passage.end


def thumbnail(engine: Engine, document_id: int, page: int) -> PagePicture | None:
    """Return a small picture of a page; None where the format has none. Runs in the browsing lane."""
    document = engine.library.document(document_id)
    if document is None or document.kind != "pdf":
        return None
    return engine.previews.page_picture(document_id, page, _THUMBNAIL_PIXELS)


def original(engine: Engine, target: Target) -> tuple[Path, tuple[str, ...]]:
    """Return the file that was imported or its kept copy, and the command that opens it at the page. Browsing lane."""
    document = engine.library.document(target.document_id)
    if document is None:
        raise DocumentGone(name=target.name)
    path = engine.previews.original(document)
    from kotaemon_desktop.core.documents import viewers  # seldom used, and it brings subprocess

    return path, viewers.command(path, target.page)
