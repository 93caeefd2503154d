"""Showing PDF pages: pictures, and boxes that lie where the words are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kotaemon_desktop.core.documents.reader import ReaderService
from kotaemon_desktop.core.errors import Damaged, UnknownFormat, Unreadable
from kotaemon_desktop.core.records import Box, PagePicture

WIDTH, HEIGHT = 400.0, 300.0
LINE = "alpha beta gamma delta"


def words(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 12)
    canvas.drawString(50, 200, LINE)
    canvas.drawString(50, 180, "second line of text")


def place(word: str) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of ``word`` in LINE, in points, from the font's own widths."""
    left = 50 + stringWidth(LINE[: LINE.index(word)], "Helvetica", 12)
    return left, 200, left + stringWidth(word, "Helvetica", 12), 212


def located(service: ReaderService, path: Path, word: str, page: int = 1) -> tuple[Box, ...]:
    text = next(r.page.text for r in service.read(str(path)) if getattr(r, "page", None) and r.page.number == page)
    start = text.index(word)
    return service.locate(str(path), page, start, start + len(word))


def turned(path: Path, rotation: int) -> Path:
    """Set the rotation of the first page (reportlab would turn the page's measures as well)."""
    writer = PdfWriter(path)
    writer.pages[0].rotate(rotation)
    writer.write(path)
    return path


def near(box: Box, left: float, top: float, right: float, bottom: float, slack: float = 0.02) -> bool:
    pairs = zip((box.left, box.top, box.right, box.bottom), (left, top, right, bottom), strict=True)
    return all(abs(one - other) < slack for one, other in pairs)


def test_boxes_are_where_the_word_is(make_pdf, service) -> None:
    path = make_pdf(words, size=(WIDTH, HEIGHT))
    for word in LINE.split():
        (box,) = located(service, path, word)
        left, bottom, right, top = place(word)
        assert near(box, left / WIDTH, 1 - top / HEIGHT, right / WIDTH, 1 - bottom / HEIGHT)


def test_a_passage_over_two_lines_has_a_box_a_line(make_pdf, service) -> None:
    path = make_pdf(words, size=(WIDTH, HEIGHT))
    first, second = located(service, path, "delta\nsecond line")
    assert first.bottom <= second.top + 0.01
    assert second.left == pytest.approx(50 / WIDTH, abs=0.01)
    assert first.left > second.right - 0.1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_on_rotated_pages(make_pdf, service, rotation: int) -> None:
    path = turned(make_pdf(words, size=(WIDTH, HEIGHT)), rotation)
    (box,) = located(service, path, "gamma")
    left, bottom, right, top = place("gamma")
    shown = {
        90: (bottom / HEIGHT, left / WIDTH, top / HEIGHT, right / WIDTH),
        180: (1 - right / WIDTH, bottom / HEIGHT, 1 - left / WIDTH, top / HEIGHT),
        270: (1 - top / HEIGHT, 1 - right / WIDTH, 1 - bottom / HEIGHT, 1 - left / WIDTH),
    }
    assert near(box, *shown[rotation])


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_pages_read_the_same(make_pdf, service, rotation: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 12)
        for row, line in enumerate(["职工连续工作一年以上的，享受带薪", "年休假。单位应当保证职工享受年休", "假。"]):
            canvas.drawString(72, 200 - 16 * row, line)
        canvas.setFont("Helvetica", 12)
        canvas.drawString(72, 100, "A new paragraph in English.")

    path = turned(make_pdf(page, size=(WIDTH, HEIGHT)), rotation)
    text = next(r.page.text for r in service.read(str(path)) if getattr(r, "page", None))
    assert text == "职工连续工作一年以上的，享受带薪年休假。单位应当保证职工享受年休假。\n\nA new paragraph in English."


def test_boxes_on_a_cropped_page(make_pdf, service) -> None:
    def cropped(canvas: Canvas) -> None:
        canvas.setCropBox((40, 100, 340, 250))
        words(canvas)

    path = make_pdf(cropped, size=(WIDTH, HEIGHT))
    (box,) = located(service, path, "beta")
    left, bottom, right, top = place("beta")
    assert near(box, (left - 40) / 300, (250 - top) / 150, (right - 40) / 300, (250 - bottom) / 150, slack=0.03)


def test_boxes_survive_dropped_and_joined_characters(make_pdf, service) -> None:
    def hyphens(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(50, 230, "We describe the docu-")
        canvas.drawString(50, 215, "mentation of this system.   Then more")

    path = make_pdf(hyphens, size=(WIDTH, HEIGHT))
    first, second = located(service, path, "documentation")
    assert first.right == pytest.approx((50 + stringWidth("We describe the docu", "Helvetica", 12)) / WIDTH, abs=0.02)
    assert second.left == pytest.approx(50 / WIDTH, abs=0.01)
    (more,) = located(service, path, "more")
    assert more.top == pytest.approx(second.top, abs=0.01)
    assert more.left > second.right


def test_boxes_after_characters_that_take_two_units(tmp_path: Path, service: ReaderService) -> None:
    """Mathematical letters are beyond the 16 bits that PDFium counts in."""
    names = b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <D835DC65> endbfchar"
    names += b" 1 beginbfrange <61> <7A> <0061> endbfrange endcmap"
    content = b"BT /F1 20 Tf 50 100 Td (AAAA proves end) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources 7 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(names), names),
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    path = tmp_path / "maths.pdf"
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, item) for n, item in enumerate(objects, 1))
    path.write_bytes(b"%PDF-1.4\n" + body + b"trailer << /Root 1 0 R /Size 8 >>\n%%EOF\n")
    (box,) = located(service, path, "end")
    assert box.left == pytest.approx((50 + stringWidth("AAAA proves ", "Helvetica", 20)) / 400, abs=0.01)
    (box,) = located(service, path, "𝑥𝑥𝑥𝑥")
    assert box.right == pytest.approx((50 + stringWidth("AAAA", "Helvetica", 20)) / 400, abs=0.01)


def darkest(picture: PagePicture) -> list[tuple[int, int]]:
    """Return the dark pixels as (x, y)."""
    return [
        (x, y)
        for y in range(picture.height)
        for x in range(picture.width)
        if picture.pixels[y * picture.stride + x * 4 + 1] < 128
    ]


def test_picture_and_boxes_agree(make_pdf, service) -> None:
    def one_word(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 30)
        canvas.drawString(120, 140, "HHHH")

    path = turned(make_pdf(one_word, size=(WIDTH, HEIGHT)), 90)
    picture = service.render(str(path), 1, 300)
    assert (picture.width, picture.height) == (300, 400)
    assert len(picture.pixels) == picture.height * picture.stride
    (box,) = located(service, path, "HHHH")
    dark = darkest(picture)
    assert dark
    for x, y in dark:
        assert box.left - 0.01 <= x / picture.width <= box.right + 0.01
        assert box.top - 0.01 <= y / picture.height <= box.bottom + 0.01


def test_a_giant_page_is_drawn_smaller(make_pdf, service) -> None:
    picture = service.render(str(make_pdf(words, size=(14000, 14000))), 1, 100_000)
    assert picture.width * picture.height <= 16_100_000


def test_the_open_document_follows_the_file(make_pdf, service) -> None:
    path: Path = make_pdf(words, words)
    assert service.page_count(str(path)) == 2
    assert make_pdf(words, words, words) == path
    assert service.page_count(str(path)) == 3
    service.close()
    assert service.page_count(str(path)) == 3


def test_what_cannot_be_shown_says_so(make_pdf, service, tmp_path: Path) -> None:
    path = make_pdf(words)
    with pytest.raises(Damaged, match="no page 2"):
        service.render(str(path), 2, 100)
    with pytest.raises(Unreadable, match=r"gone\.pdf"):
        service.render(str(tmp_path / "gone.pdf"), 1, 100)
    note = tmp_path / "note.txt"
    note.write_text("hello")
    for call in (lambda: service.render(str(note), 1, 100), lambda: service.locate(str(note), 1, 0, 3)):
        with pytest.raises(UnknownFormat, match=r"note\.txt"):
            call()


def test_out_of_range_gives_no_boxes(make_pdf: Callable, service: ReaderService) -> None:
    path = str(make_pdf(words))
    assert service.locate(path, 1, 5000, 6000) == ()
    assert service.locate(path, 1, 3, 3) == ()
