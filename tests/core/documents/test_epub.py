"""E-books: the chapters in reading order."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, Encrypted, NoText

CONTAINER = '<container xmlns="c"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'


def chapter(body: str) -> str:
    return f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs a book of chapters, read in the order of their names backwards."""

    def pack(chapters: dict[str, str], **parts: str) -> Path:
        items = "".join(
            f'<item id="{name}" href="{name}%20.xhtml" media-type="application/xhtml+xml"'
            f"{' properties=' + chr(34) + 'nav' + chr(34) if name == 'toc' else ''}/>"
            for name in chapters
        )
        spine = "".join(f'<itemref idref="{name}"/>' for name in sorted(chapters, reverse=True))
        path = tmp_path / "a.epub"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("mimetype", "application/epub+zip")
            package.writestr("META-INF/container.xml", CONTAINER)
            package.writestr(
                "OEBPS/book.opf",
                '<package xmlns="o" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>The book</dc:title>'
                f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
            )
            for name, body in chapters.items():
                package.writestr(f"OEBPS/{name} .xhtml", chapter(body))
            for name, part in parts.items():
                package.writestr(f"META-INF/{name}.xml", part)
        return path

    return pack


def test_chapters_in_reading_order(book, read) -> None:
    reading = read(
        book(
            {
                "a": "<h1>Two</h1><p>Second.</p><aside>A note.</aside>",
                "b": "<h1>One</h1><p>First.</p>",
                "toc": "<nav><a>One</a></nav>",
            }
        )
    )
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("epub", "The book", None)
    assert reading.text == "One\n\nFirst.\n\nTwo\n\nSecond.\n\nA note."


def test_locked_books_are_told_from_locked_fonts(book, read) -> None:
    locked = '<encryption><x><CipherReference URI="{}"/></x></encryption>'
    with pytest.raises(Encrypted, match=r"a\.epub"):
        read(book({"a": "<p>x</p>"}, encryption=locked.format("OEBPS/a%20.xhtml")))
    assert read(book({"a": "<p>Text</p>"}, encryption=locked.format("OEBPS/font.otf"))).text == "Text"


def test_damage_and_nothing_are_named(book, read, tmp_path: Path) -> None:
    with pytest.raises(NoText, match=r"a\.epub"):
        read(book({"a": "<img src='cover.png'/>"}))
    with zipfile.ZipFile(tmp_path / "b.epub", "w") as package:
        package.writestr("META-INF/container.xml", CONTAINER)
    with pytest.raises(Damaged, match=r"b\.epub"):
        read(tmp_path / "b.epub")
