"""Documents made on the spot: every test reads a real file."""

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
    """Return a service in this process, without the memory limit that only a host of its own can bear."""
    monkeypatch.setattr("kotaemon_desktop.core.documents.reader._limit_memory", lambda _: None)
    return ReaderService(passage_characters=900, memory_megabytes=1024)


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
