"""The service of the reader host, alone and in a real host process."""

import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from kotaemon_desktop.core.documents.reader import ReaderService
from kotaemon_desktop.core.errors import Damaged, NoText, ReadError, TooLarge, Unreadable
from kotaemon_desktop.core.records import DocumentHead, ReadPage


def test_many_passages_come_in_batches_after_the_text(service: ReaderService, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join(f"Paragraph {n} " + "says a little more than nothing. " * 25 for n in range(150)))
    head, first, *batches = service.read(str(path))
    assert isinstance(head, DocumentHead)
    assert isinstance(first, ReadPage)
    assert first.page is not None
    assert first.passages == ()
    assert all(isinstance(batch, ReadPage) and batch.page is None for batch in batches)
    sizes = [len(batch.passages) for batch in batches]
    assert sizes[:-1] == [64] * (len(sizes) - 1)
    assert 0 < sizes[-1] <= 64
    assert sum(sizes) >= 150


def test_exactly_one_batch_comes_with_its_page(service: ReaderService, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join("x" * 880 for _ in range(64)))
    _, page = service.read(str(path))
    assert isinstance(page, ReadPage)
    assert len(page.passages) == 64


@pytest.mark.parametrize("content", ["   \n\t\n", "\ufeff"])
def test_nothing_inside_is_never_ready(service: ReaderService, tmp_path: Path, content: str) -> None:
    path = tmp_path / "blank.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NoText, match=r"blank\.txt"):
        list(service.read(str(path)))


def test_missing_files_and_folders(service: ReaderService, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.pdf", tmp_path):
        with pytest.raises(Unreadable) as caught:
            list(service.read(str(path)))
        assert caught.value.facts["name"] == path.name
        assert caught.value.facts["detail"]


def test_too_much_text_is_stopped(service: ReaderService, tmp_path: Path) -> None:
    path = tmp_path / "endless.txt"
    path.write_bytes(b"word " * 4_100_000)
    with pytest.raises(TooLarge, match=r"endless\.txt"):
        list(service.read(str(path)))


def test_a_fault_of_a_reader_is_the_files_own_error(
    service: ReaderService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(_: object) -> object:
        raise LookupError("not thought of")

    monkeypatch.setattr("kotaemon_desktop.core.documents.text.read", faulty)
    path = tmp_path / "a.txt"
    path.write_text("Text")
    with pytest.raises(Damaged, match=r"a\.txt.*LookupError"):
        list(service.read(str(path)))
    assert "not thought of" in caplog.text


CHILD = """
import sys
from kotaemon_desktop.core.documents.reader import ReaderService
from kotaemon_desktop.core.errors import ReadError
service = ReaderService(passage_characters=900, memory_megabytes=int(sys.argv[2]))
try:
    print(sum(len(getattr(item, "passages", ())) for item in service.read(sys.argv[1])))
except ReadError as error:
    print(type(error).__name__, error.facts["name"])
"""


def in_host(path: Path, megabytes: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CHILD, str(path), str(megabytes)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_a_pdf_bomb_ends_only_its_own_process(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    content = b"".join([*(packer.compress(b"%" * 1_000_000) for _ in range(500)), packer.flush()])
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    data = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, item) for n, item in enumerate(objects, 1))
    path = tmp_path / "bomb.pdf"
    path.write_bytes(data + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF\n")
    done = in_host(path, 200)
    assert done.returncode == -signal.SIGABRT  # PDFium's own answer to memory that it does not get
    assert done.stdout == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_running_out_of_memory_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    path.write_bytes("年休假 ".encode() * 5_000_000)
    assert in_host(path, 64).stdout.strip() == "TooMuchMemory wide.txt"


def test_light_modules_stay_light() -> None:
    """What the window process imports of this package brings no reader with it."""
    code = (
        "import sys, kotaemon_desktop.core.documents.selection, kotaemon_desktop.core.text.words,"
        " kotaemon_desktop.core.documents.recognised;"
        "print([m for m in ('docx', 'lxml', 'pypdf', 'pypdfium2', 'selectolax', 'charset_normalizer', 'Stemmer')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SHARED = Path(__file__).parents[3] / ".." / "shared"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared documents are not here")
def test_messy_files_end_as_text_or_as_a_named_error(service: ReaderService) -> None:
    files = sorted(path for path in (SHARED / "messy").rglob("*") if path.is_file())
    assert files
    outcomes: dict[str, int] = {}
    for path in files:
        try:
            pages = [item for item in service.read(str(path)) if isinstance(item, ReadPage)]
            scans = any(item.page and item.page.kind.is_scan for item in pages)
            outcome = "read" if any(item.passages for item in pages) else "scans" if scans else "nothing"
        except ReadError as error:
            outcome = type(error).__name__ if error.facts["name"] == path.name else "nameless"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert outcomes["read"] >= 90
    assert set(outcomes) <= {
        "read",
        "scans",
        "UnknownFormat",
        "OldFormat",
        "Encrypted",
        "Damaged",
        "NoText",
        "NoTextInside",
        "EmptyFile",
    }
