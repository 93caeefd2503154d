"""Documents made on the spot: every test reads a real file."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from kotaemon_desktop.core.documents.reader import ReaderService
from kotaemon_desktop.core.records import DocumentHead, PageText, PassageDraft

CHINESE_FONT = "STSong-Light"  # reportlab refers to it with a predefined character map, which pypdf reads as garbage

Draw = Callable[[Canvas], None]


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a PDF: one page for each drawing function."""

    def make(*pages: Draw, name: str = "made.pdf", size: tuple[float, float] = (595, 842), **options: object) -> Path:
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))
        path = tmp_path / name
        canvas = Canvas(str(path), pagesize=size, invariant=True, **options)
        for draw in pages:
            draw(canvas)
            canvas.showPage()
        canvas.save()
        return path

    return make


@pytest.fixture
def locked() -> Callable[[str], StandardEncryption]:
    """Return a function that makes an encryption with a user password (may be empty)."""
    return lambda password: StandardEncryption(password, ownerPassword="owner", strength=128)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> ReaderService:
    """Return a service in this process, without the limits that only a host of its own can bear."""
    monkeypatch.setattr("kotaemon_desktop.core.documents.reader.limit_memory", lambda _: None)
    monkeypatch.setattr("kotaemon_desktop.core.documents.reader.give_up_rights", lambda: None)
    return ReaderService(passage_characters=900, memory_megabytes=1024)


@pytest.fixture
def compound() -> Callable[..., bytes]:
    """Return a function that makes a compound file (OLE): ``streams`` in its root, of which ``first`` has a content."""

    def entry(name: str, kind: int, left: int, child: int, start: int = 0xFFFFFFFE, size: int = 0) -> bytes:
        coded = name.encode("utf-16-le")
        links = struct.pack("<BBIII", kind, 1, left, 0xFFFFFFFF, child)
        head = coded.ljust(64, b"\0") + struct.pack("<H", len(coded) + 2) + links
        return head.ljust(116, b"\0") + struct.pack("<IQ", start, size)

    def make(*streams: str, first: bytes = b"") -> bytes:
        nobody, end = 0xFFFFFFFF, 0xFFFFFFFE
        content = first.ljust(-(-len(first) // 4096) * 4096, b"\0")  # a smaller stream would be a mini-stream
        folder = -(-(len(streams) + 1) // 4)
        start = folder + 1
        entries = [entry("Root Entry", 5, nobody, 1 if streams else nobody)]
        for at, name in enumerate(streams, 1):
            place = (start, len(content)) if at == 1 and content else (end, 0)
            entries.append(entry(name, 2, at + 1 if at < len(streams) else nobody, nobody, *place))
        # Sector 0 is the allocation table; the directory and then the content follow it.
        table = [0xFFFFFFFD, *range(2, folder + 1), end]
        table += [*range(start + 1, start + len(content) // 512), end] if content else []
        header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
        header = header.ljust(44, b"\0") + struct.pack("<III", 1, 1, 0) + struct.pack("<III", 4096, end, 0)
        header = (header + struct.pack("<III", end, 0, 0)).ljust(512, b"\xff")
        parts = header, struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff"), b"".join(entries)
        return b"".join(parts).ljust(512 * (folder + 2), b"\0") + content

    return make


OFFICE = "http://schemas.openxmlformats.org"
MAIN = {"ppt": "presentationml.presentation", "xl": "spreadsheetml.sheet"}
NAMES = (
    f'xmlns:p="{OFFICE}/presentationml/2006/main" xmlns:r="{OFFICE}/officeDocument/2006/relationships"'
    f' xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:c="{OFFICE}/drawingml/2006/chart"'
    f' xmlns:mc="{OFFICE}/markup-compatibility/2006"'
)


@pytest.fixture
def pack_office(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs an Office file by hand.

    ``parts`` has the content of each part, where "NAMES" stands for the usual name spaces; ``relations`` has for a part
    the (kind, target) of what it refers to, with the ids rId1, rId2, and so on.
    """

    def pack(name: str, main: str, parts: dict[str, str], relations: dict[str, list[tuple[str, str]]]) -> Path:
        path = tmp_path / name
        kind = f"application/vnd.openxmlformats-officedocument.{MAIN[main.partition('/')[0]]}.main+xml"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr(
                "[Content_Types].xml",
                f'<Types xmlns="{OFFICE}/package/2006/content-types">'
                f'<Override PartName="/{main}" ContentType="{kind}"/></Types>',
            )
            for part, content in parts.items():
                package.writestr(part, content.replace("NAMES", NAMES))
            for part, links in {"": [("officeDocument", main)], **relations}.items():
                lines = "".join(
                    f'<Relationship Id="rId{at}" Type="{OFFICE}/officeDocument/2006/relationships/{kind}"'
                    f' Target="{target}"/>'
                    for at, (kind, target) in enumerate(links, 1)
                )
                folder, _, last = part.rpartition("/")
                package.writestr(
                    f"{folder}/_rels/{last}.rels".lstrip("/"),
                    f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{lines}</Relationships>',
                )
        return path

    return pack


class Reading:
    """What a service read: head, pages, passages."""

    def __init__(self, service: ReaderService, path: Path) -> None:
        head, *records = service.read(str(path))
        assert isinstance(head, DocumentHead)
        self.head = head
        self.pages: list[PageText] = []
        self.passages: list[PassageDraft] = []
        for record in records:
            assert not isinstance(record, DocumentHead)
            assert len(record.passages) <= 64
            if record.page is not None:
                self.pages.append(record.page)
            for passage in record.passages:
                assert passage.page == self.pages[-1].number
                assert passage.text == self.pages[-1].text[passage.start : passage.end]
                self.passages.append(passage)

    @property
    def text(self) -> str:
        return "\n".join(page.text for page in self.pages)


@pytest.fixture
def read(service: ReaderService) -> Callable[[Path], Reading]:
    """Return a function that reads a whole file and checks that every passage is an exact piece of its page."""
    return lambda path: Reading(service, path)
