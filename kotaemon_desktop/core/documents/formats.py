"""Which reader reads which kind of document. The libraries behind a reader are loaded when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from kotaemon_desktop.core.documents.detect import Kind
from kotaemon_desktop.core.documents.flow import FlowPage
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import ReadError
from kotaemon_desktop.core.plugins import loading
from kotaemon_desktop.core.plugins.found import Plugin, broken
from kotaemon_desktop.core.records import DocumentHead, PageText

Reader = Callable[[Source], Iterator[DocumentHead | FlowPage]]

_MODULES: dict[Kind, str] = {
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
    "xls": "xls",
    "opendocument": "opendocument",
    "csv": "delimited",
    "rtf": "rtf",
    "html": "html",
    "mhtml": "mhtml",
    "markdown": "markdown",
    "text": "text",
    "mail": "mail",
    "epub": "epub",
    "image": "image",
    "zip": "zipped",
}


def reader(kind: Kind) -> Reader:
    """Return the ``read`` of the module for ``kind``: it yields the head, then the pages, and raises ReadErrors."""
    return importlib.import_module(f"{__package__}.{_MODULES[kind]}").read


def plugin_reader(plugin: Plugin, file: Path) -> Iterator[DocumentHead | FlowPage]:
    """Yield the same for a file that a plugin reads. What it raises beside ReadErrors is raised as PluginBroken."""
    with loading.blamed(plugin, ReadError):
        for item in loading.load(plugin).read(file):
            if isinstance(item, PageText):
                yield FlowPage(item)
            elif isinstance(item, DocumentHead):
                yield item
            else:
                raise broken(plugin, f"it yields {type(item).__name__}, neither a head nor a page")
