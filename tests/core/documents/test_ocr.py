"""Text recognition, where it is installed (``uv sync --extra ocr``)."""

from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from kotaemon_desktop.core.documents import ocr, recognised
from kotaemon_desktop.core.documents.ocr import OcrService
from kotaemon_desktop.core.errors import Damaged, UnknownFormat, Unreadable
from kotaemon_desktop.core.records import PageKind

FONT = next((Path(__file__).parents[3] / "resources" / "fonts").glob("*.ttf"))
ENGLISH = [
    "Employees who travel for the company",
    "are paid a daily rate of 30 euros.",
    "Invoice 2024-0117 is enclosed.",
]
CHINESE = [
    "职工连续工作一年以上的，享受带薪",
    "年休假。单位应当保证职工享受年休假。",
    "第三条 累计工作已满十年不满二十年的",
]

pytestmark = [
    pytest.mark.skipif(not recognised.installed(), reason="text recognition is not installed"),
    pytest.mark.filterwarnings("default"),  # of the libraries behind it
]


def scan(lines: list[str]) -> Image.Image:
    """Draw a page as a scanner would give it: A4 at 150 dots an inch."""
    page = Image.new("RGB", (1240, 1754), "white")
    for at, line in enumerate(lines):
        font = ImageFont.load_default(40) if line.isascii() else ImageFont.truetype(str(FONT), 40)
        ImageDraw.Draw(page).text((120, 150 + 60 * at), line, fill="black", font=font)
    return page


@pytest.fixture(scope="module")
def service() -> OcrService:
    patch = pytest.MonkeyPatch()
    patch.setattr(ocr, "limit_memory", lambda _: None)  # the tests' own process must not be limited
    patch.setattr(ocr, "give_up_rights", lambda: None)
    try:
        return OcrService(passage_characters=900, memory_megabytes=2048, threads=2)
    finally:
        patch.undo()


def likeness(found: str, meant: list[str]) -> float:
    plain = ["".join(text.split()) for text in (found, "".join(meant))]
    return SequenceMatcher(None, *plain, autojunk=False).ratio()


@pytest.mark.parametrize("lines", [ENGLISH, CHINESE])
@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_scans(service: OcrService, tmp_path: Path, lines: list[str], suffix: str) -> None:
    path = tmp_path / f"scan.{suffix}"
    scan(lines).save(path)
    (page,) = service.recognise(str(path), [1])
    assert page.page.kind is PageKind.RECOGNISED
    assert likeness(page.page.text, lines) > 0.98
    for line in page.lines:
        assert 0 <= line.box.left < line.box.right <= 1
        assert 0 <= line.box.top < line.box.bottom <= 1
    first = page.lines[0].box
    assert first.left == pytest.approx(120 / 1240, abs=0.01)
    assert first.top == pytest.approx(150 / 1754, abs=0.01)


def test_only_the_pages_asked_for(service: OcrService, tmp_path: Path, make_pdf: Callable[..., Path]) -> None:
    path = tmp_path / "scan.pdf"
    pages = [scan([line]) for line in ENGLISH]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    found = list(service.recognise(str(path), [3, 1]))
    assert [page.page.number for page in found] == [3, 1]
    assert "Invoice 2024-0117" in found[0].page.text
    scans = tmp_path / "scan.tiff"
    pages = [scan([line]) for line in ENGLISH]  # Pillow keeps the settings of the last format with an image
    pages[0].save(scans, save_all=True, append_images=pages[1:])
    assert "30 euros" in next(service.recognise(str(scans), [2])).page.text


def test_an_empty_page(service: OcrService, tmp_path: Path) -> None:
    scan([]).save(tmp_path / "blank.png")
    (page,) = service.recognise(str(tmp_path / "blank.png"), [1])
    assert page.page.kind is PageKind.EMPTY


def test_what_cannot_be_read_is_named(service: OcrService, tmp_path: Path, make_pdf: Callable[..., Path]) -> None:
    (tmp_path / "a.txt").write_text("Text")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    scan([]).save(tmp_path / "whole.png")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 >>",  # there is no object 9
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ]
    data = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, item) for n, item in enumerate(objects, 1))
    (tmp_path / "hollow.pdf").write_bytes(data + b"trailer << /Root 1 0 R /Size 4 >>\n%%EOF\n")
    whole = make_pdf(lambda canvas: canvas.drawString(9, 9, "x"))
    for path, page, error in [
        (tmp_path / "a.txt", 1, UnknownFormat),
        (tmp_path / "cut.png", 1, Damaged),
        (tmp_path / "gone.png", 1, Unreadable),
        (tmp_path / "whole.png", 2, Damaged),
        (tmp_path / "hollow.pdf", 2, Damaged),
        (whole, 2, Damaged),
        (whole, 0, Damaged),
    ]:
        with pytest.raises(error, match=path.name):
            list(service.recognise(str(path), [page]))
