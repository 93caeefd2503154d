"""Reads e-books (.epub): the chapters in reading order, as one page, for screens have none."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.html import decode_html, parse
from kotaemon_desktop.core.documents.package import Package
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Damaged, Encrypted
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the book's head and its one page. Raises Encrypted (copy protection), Damaged or TooLarge."""
    with damage_named(source, etree.XMLSyntaxError), Package(source) as package:
        rootfile = package.xml(_CONTAINER).find(".//{*}rootfile")
        main = package.find(rootfile.get("full-path", "")) if rootfile is not None else None
        if main is None:
            raise Damaged(name=source.name, detail=Phrase(N_("no table of contents")))
        book = package.xml(main)
        chapters = _chapters(package, book, dirname(main))
        if _locked(package).intersection(chapters):
            raise Encrypted(name=source.name)
        package.check_size(chapters)
        flow = Flow()
        for chapter in chapters:
            flow.page_of(parse(decode_html(package.read(chapter)), whole=True)[1])
    title = " ".join(plain(book.findtext(".//{http://purl.org/dc/elements/1.1/}title") or "").split())
    yield DocumentHead(title or source.stem, "epub", None)
    yield flow.page()


def _chapters(package: Package, book: Element, folder: str) -> list[str]:
    """Return the names of the parts to read, in order; the table of contents is none of them."""
    items = {item.get("id", ""): item for item in book.iterfind("{*}manifest/{*}item")}
    names: dict[str, None] = {}
    for reference in book.iterfind("{*}spine/{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if item is not None and "nav" not in item.get("properties", "").split():
            name = package.find(join("/", folder, unquote(item.get("href", ""))))
            names |= {name: None} if name and "html" in item.get("media-type", "") else {}
    return list(names)


def _locked(package: Package) -> set[str]:
    """Return the names of the encrypted parts; many a free book encrypts its fonts, and only these."""
    listing = package.find(_ENCRYPTION)
    references = package.xml(listing).iterfind(".//{*}CipherReference") if listing else ()
    return {name for each in references if (name := package.find(unquote(each.get("URI", ""))))}
