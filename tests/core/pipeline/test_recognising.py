"""Importing scans: real pictures through a real text recognition host, where it is installed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import (
    Cited,
    Imported,
    ImportFailed,
    ImportNote,
    Queued,
    Ready,
    Recognised,
    Recognising,
    Stored,
)
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ComponentState, DocumentState, PageKind
from kotaemon_desktop.core.usage import usage_report

from .test_ingest import of

pytestmark = pytest.mark.skipif(not recognised.installed(), reason="text recognition is not installed")

SENTENCES = ("The deposit is returned within fourteen days.", "Keys are copied by the caretaker only.")


def scan(*lines: str) -> Image.Image:
    """Draw a small page; the first line begins at a tenth of its width and a fifth of its height."""
    page = Image.new("L", (1000, 200), "white")
    for at, line in enumerate(lines):
        ImageDraw.Draw(page).text((100, 40 + 60 * at), line, fill="black", font=ImageFont.load_default(36))
    return page


def tiff(path: Path, *pages: Image.Image) -> Path:
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """A PDF with one page of text and two scanned ones."""
    path = tmp_path / "contract.pdf"
    canvas = Canvas(str(path), pagesize=(500, 100))
    canvas.drawString(50, 50, "This contract is about the flat at the harbour.")
    canvas.showPage()
    for sentence in SENTENCES:
        canvas.drawImage(ImageReader(scan(sentence)), 0, 0, 500, 100)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def reading(engine: Engine) -> Engine:
    engine.change_setting("imports", "ocr", "always")
    return engine


def kinds(engine: Engine) -> list[PageKind]:
    (document,) = engine.library.documents()
    return [kind for _, kind in engine.scans.kinds(document.id)]


def test_scanned_pages_are_read_after_the_rest_and_can_be_cited(reading: Engine, contract: Path) -> None:
    events = list(reading.imports.run([contract]))
    assert [(e.page, e.done, e.total, e.document_done, e.document_total) for e in of(events, Recognising)] == [
        (2, 1, 2, 1, 2),
        (3, 2, 2, 2, 2),
    ]
    assert all(e.rate > 0 and e.seconds_left >= 0 for e in of(events, Recognising))
    (stored,), (read,) = of(events, Stored), of(events, Recognised)
    assert (stored.passages, read.pages, read.passages) == (1, 2, 2)
    ended = events[-1]
    assert (ended.documents, ended.passages, ended.recognised, ended.failed) == (1, 3, 2, ())
    assert kinds(reading) == [PageKind.TEXT, PageKind.RECOGNISED, PageKind.RECOGNISED]
    if reading.models.embedder() is not None:
        assert type(events[-2]) is Ready
        assert reading.library.documents()[0].state is DocumentState.READY
    (cited,) = of(list(reading.questions.answer("When is the deposit returned?", model="none")), Cited)
    citation = cited.citations[0]
    assert citation.recognised
    assert (citation.page, citation.quote) == (2, SENTENCES[0])
    (box,) = reading.previews.boxes(citation.document_id, 2, citation.start, citation.end)
    assert (box.left, box.top) == pytest.approx((0.1, 0.2), abs=0.06)
    assert box.bottom < 0.5
    picture = reading.previews.page_picture(citation.document_id, 2, 300)
    assert (picture.width, picture.height) == (300, 60)


def test_without_scans_nothing_wakes(reading: Engine, files: Path) -> None:
    list(reading.imports.run([files / "leave.md"]))
    assert reading.keeper.status("ocr").state is ComponentState.ABSENT
    assert not [each for each in usage_report(reading, "today").total.components if each.component == "ocr"]


def test_pictures_are_documents(reading: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    tiff(folder / "fax.tiff", scan(SENTENCES[0]), scan(SENTENCES[1]))
    scan().save(folder / "blank.png")
    events = list(reading.imports.run([folder]))
    ended = events[-1]
    assert isinstance(ended, Imported)
    assert (ended.documents, ended.passages, ended.recognised) == (1, 2, 2)
    ((path, reason),) = ended.failed
    assert path == str(folder / "blank.png")
    assert reason == "“blank.png” holds no text (empty pages: 1)."
    documents = {document.name: document for document in reading.library.documents()}
    assert documents["blank.png"].state is DocumentState.FAILED
    fax = documents["fax.tiff"]
    assert (fax.kind, fax.page_count, fax.passages, fax.unread_pages) == ("image", 2, 2, 0)
    (box,) = reading.previews.boxes(fax.id, 2, 0, len(SENTENCES[1]))
    assert 0.05 < box.left < box.right < 1


def test_an_offer_waits_to_be_taken(reading: Engine, tmp_path: Path) -> None:
    reading.change_setting("imports", "ocr", "offer")
    path = tiff(tmp_path / "fax.tiff", scan(SENTENCES[0]))
    events = list(reading.imports.run([path]))
    assert not of(events, Recognising)
    (document,) = reading.library.documents()
    assert (document.state, document.passages, document.unread_pages) == (DocumentState.STORED, 0, 1)
    assert list(reading.imports.resume()) == []
    events = list(reading.imports.read_scans([document.id]))
    assert events[-1].recognised == 1
    assert reading.library.keyword_search("deposit", 1)


def test_a_stop_and_a_start_lose_nothing(data: DataFolder, tmp_path: Path) -> None:
    path = tiff(tmp_path / "fax.tiff", *(scan(f"Clause {n} of the lease.") for n in range(1, 4)))
    engine = Engine.open(data)
    stream = engine.imports.run([path])
    assert any(isinstance(event, Recognising) for event in stream)
    stream.close()
    assert kinds(engine) == [PageKind.RECOGNISED, PageKind.IMAGE, PageKind.IMAGE]
    engine.close()
    again = Engine.open(data)
    try:
        events = list(again.imports.resume())
        assert [e.page for e in of(events, Recognising)] == [2, 3]
        assert kinds(again) == [PageKind.RECOGNISED] * 3
        assert not list(again.imports.resume())
    finally:
        again.close()


def test_a_cancelled_recognition_is_forgotten_and_offered_again(reading: Engine, tmp_path: Path) -> None:
    path = tiff(tmp_path / "fax.tiff", scan(SENTENCES[0]), scan(SENTENCES[1]))
    stream = reading.imports.run([path])
    assert any(isinstance(event, Recognising) for event in stream)
    reading.imports.cancel()
    stream.close()
    assert reading.scans.wanted() == []
    (document,) = reading.library.documents()
    assert (document.passages, document.unread_pages) == (1, 1)
    list(reading.imports.read_scans([document.id]))
    assert kinds(reading) == [PageKind.RECOGNISED] * 2


def test_a_host_that_dies_is_replaced(reading: Engine, tmp_path: Path) -> None:
    path = tiff(tmp_path / "fax.tiff", *(scan(f"Clause {n} of the lease.") for n in range(1, 4)))
    events = []
    for event in reading.imports.run([path]):
        events.append(event)
        if isinstance(event, Recognising) and event.done == 1:
            os.kill(reading.keeper.status("ocr").pids[0], signal.SIGKILL)
    assert events[-1].recognised == 3
    assert [e.page for e in of(events, Recognising)] == [1, 2, 3]


def test_a_page_that_takes_too_long_is_left_unread(reading: Engine, tmp_path: Path) -> None:
    reading.change_setting("imports", "page_seconds", 0.01)
    path = tiff(tmp_path / "fax.tiff", scan(SENTENCES[0]))
    events = list(reading.imports.run([path]))
    (failed,) = of(events, ImportFailed)
    assert "cannot be read: 1" in str(failed.error)
    assert kinds(reading) == [PageKind.UNREADABLE]


def test_a_file_that_changed_meanwhile_is_not_read(reading: Engine, contract: Path) -> None:
    events = []
    for event in reading.imports.run([contract]):
        events.append(event)
        if isinstance(event, Stored):
            contract.write_bytes(contract.read_bytes() + b"%\n")
    (note,) = of(events, ImportNote)
    assert "has changed since it was imported" in str(note.error)
    assert kinds(reading) == [PageKind.TEXT, PageKind.IMAGE, PageKind.IMAGE]
    assert not list(reading.imports.resume())


def test_never_is_never(engine: Engine, contract: Path, tmp_path: Path) -> None:
    fax = tiff(tmp_path / "fax.tiff", scan(SENTENCES[0]))
    events = list(engine.imports.run([contract, fax]))
    assert isinstance(events[0], Queued)
    assert not of(events, Recognising)
    (failed,) = of(events, ImportFailed)
    assert "pages that are pictures: 1" in str(failed.error)
    assert engine.keeper.status("ocr").state is ComponentState.ABSENT
