"""Reading PDF files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from kotaemon_desktop.core.documents.garbage import is_garbled
from kotaemon_desktop.core.errors import Damaged, Encrypted, NoText
from kotaemon_desktop.core.records import PageKind

SENTENCE = "The quick brown fox jumps over the lazy dog near the old stone bridge."
CLAUSE = "职工连续工作一年以上的，享受带薪年休假。单位应当保证职工享受年休假。"


def english(canvas: Canvas) -> None:
    canvas.setFont("Helvetica-Bold", 22)
    canvas.drawString(72, 780, "Travel Policy")
    canvas.setFont("Helvetica", 11)
    for line in range(10):
        canvas.drawString(72, 740 - 14 * line, SENTENCE)


def chinese(canvas: Canvas) -> None:
    canvas.setFont("STSong-Light", 12)
    for row, start in enumerate(range(0, len(CLAUSE), 12)):
        canvas.drawString(72, 700 - 16 * row, CLAUSE[start : start + 12])


def picture(canvas: Canvas) -> None:
    from PIL import Image

    canvas.drawImage(ImageReader(Image.new("RGB", (60, 60), "navy")), 72, 300, 400, 400)


def test_text_headings_and_title(make_pdf, read) -> None:
    reading = read(make_pdf(english, name="trip.pdf"))
    assert (reading.head.kind, reading.head.page_count, reading.head.title) == ("pdf", 1, "trip")
    assert reading.pages[0].number == 1
    assert reading.text.startswith("Travel Policy\n\nThe quick brown fox")
    assert reading.passages[0].heading == "Travel Policy"
    assert "travel" in reading.passages[-1].tokens.split()


def test_title_from_metadata(make_pdf, read) -> None:
    def titled(canvas: Canvas) -> None:
        canvas.setTitle("Microsoft Word - Annual Report")
        english(canvas)

    assert read(make_pdf(titled)).head.title == "Annual Report"


def test_chinese_with_a_predefined_character_map_and_wrapped_lines(make_pdf, read) -> None:
    reading = read(make_pdf(chinese))
    assert reading.text == CLAUSE  # lines joined, so that words over a line end are found
    assert "年休 休假" in reading.passages[0].tokens


def test_line_end_hyphens_are_joined(make_pdf, read) -> None:
    def hyphens(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "We describe the docu-")
        canvas.drawString(72, 686, "mentation of this and every other system.")

    assert read(make_pdf(hyphens)).text == "We describe the documentation of this and every other system."


def test_two_columns_are_read_one_after_the_other(make_pdf, read) -> None:
    def columns(canvas: Canvas) -> None:
        for left, word in ((72, "left"), (320, "right")):
            for line in range(5):
                canvas.drawString(left, 700 - 14 * line, f"{word} column line number {line}")

    text = read(make_pdf(columns)).text
    assert text.index("left column line number 4") < text.index("right column line number 0")


def test_pages_say_what_they_are(make_pdf, read) -> None:
    reading = read(make_pdf(english, picture, lambda _: None))
    assert [page.kind for page in reading.pages] == [PageKind.TEXT, PageKind.IMAGE, PageKind.EMPTY]
    assert {passage.page for passage in reading.passages} == {1}


def test_stamped_scans_and_empty_pages_are_told_apart(make_pdf, read) -> None:
    def stamped(canvas) -> None:
        picture(canvas)
        canvas.drawString(280, 20, "- 7 -")

    reading = read(make_pdf(stamped, lambda _: None, picture))
    assert [page.kind for page in reading.pages] == [PageKind.IMAGE, PageKind.EMPTY, PageKind.IMAGE]


def test_empty_pages_are_no_text(make_pdf, read) -> None:
    with pytest.raises(NoText) as caught:
        read(make_pdf(lambda _: None, lambda _: None))
    assert caught.value.facts == {"name": "made.pdf", "pages": 2, "empty": 2}
    assert "(empty pages: 2)" in str(caught.value)


def test_passwords(make_pdf, read, locked: Callable) -> None:
    with pytest.raises(Encrypted, match=r"made\.pdf"):
        read(make_pdf(english, encrypt=locked("secret")))
    assert "quick brown fox" in read(make_pdf(english, name="open.pdf", encrypt=locked(""))).text


def test_every_truncation_is_read_or_named(make_pdf, read) -> None:
    whole = make_pdf(english, chinese)
    data = whole.read_bytes()
    results = []
    for length in [*range(16, len(data), len(data) // 40), len(data) - 8]:
        path = whole.with_name("cut.pdf")
        path.write_bytes(data[:length])
        try:
            results.append(read(path).text)
        except (Damaged, NoText) as error:
            results.append(str(error))
    assert any("damaged" in result and "cut.pdf" in result for result in results)
    assert any(SENTENCE in result for result in results)  # enough of it is enough


def test_a_page_that_pdfium_cannot_open_gets_a_second_reading(make_pdf, read) -> None:
    path = make_pdf(english)
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.", b"%XYZ-1.", 1))  # PDFium insists on the header
    assert "quick brown fox" in read(path).text


def test_the_second_reading_gives_no_garbage_for_predefined_character_maps(make_pdf, read) -> None:
    path = make_pdf(chinese)
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.", b"%XYZ-1.", 1))
    (page,) = read(path).pages
    assert (page.kind, page.text) == (
        PageKind.GARBLED,
        "",
    )  # not the wrong characters that pypdf gives without an error


def test_garbage_is_recognised() -> None:
    assert is_garbled("\ufffd\ufffd\ufffd abc")
    assert is_garbled("\ue001\ue002\ue003\ue004")
    assert is_garbled("#$%&'()*+ !\"#$% &'()*+ !@#$%^&*() <>?:{} #$%&'()*+ #$%&'(")
    assert not is_garbled(SENTENCE)
    assert not is_garbled(CLAUSE)
    assert not is_garbled("1.2 .......... 7\n1.3 .......... 12\n" * 5)
    assert not is_garbled("")


def test_reading_twice_gives_the_same(make_pdf, read) -> None:
    path: Path = make_pdf(english, chinese)
    assert read(path).pages == read(path).pages
