"""Pictures are documents without text until text recognition reads them, and can be looked at."""

from pathlib import Path

import pytest
from PIL import Image

from kotaemon_desktop.core.documents.reader import ReaderService
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.records import PageKind

RED, BLUE = (200, 0, 0), (0, 0, 200)


def two_colours(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Return a picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    return picture


def colour(pixels: bytes, stride: int, x: int, y: int) -> str:
    blue, _green, red, _unused = pixels[y * stride + 4 * x :][:4]
    return "red" if red > 150 > blue else "blue" if blue > 150 > red else f"{red, blue}"


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp"])
def test_pictures_are_pages_to_be_recognised(tmp_path: Path, read, suffix: str) -> None:
    path = tmp_path / f"scan.{suffix}"
    two_colours().save(path)
    reading = read(path)
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("image", "scan", 1)
    assert [(page.number, page.text, page.kind) for page in reading.pages] == [(1, "", PageKind.IMAGE)]
    assert reading.passages == []


def test_the_frames_of_a_tiff_are_pages_and_those_of_a_gif_are_not(tmp_path: Path, read) -> None:
    for name, pages in (("fax.tiff", 3), ("moving.gif", 1)):
        frames = [Image.new("RGB", (20, 20), colour) for colour in ("white", "navy", "red")]
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        reading = read(tmp_path / name)
        assert reading.head.page_count == pages
        assert [page.number for page in reading.pages] == list(range(1, pages + 1))


def test_pictures_are_shown_upright_page_by_page(tmp_path: Path, service: ReaderService) -> None:
    turned = Image.Exif()
    turned[0x0112] = 3  # upside down
    two_colours().save(tmp_path / "phone.png", exif=turned)
    picture = service.render(str(tmp_path / "phone.png"), 1, 400)
    assert (picture.width, picture.height, picture.stride) == (400, 200, 1600)
    assert len(picture.pixels) == picture.stride * picture.height
    assert colour(picture.pixels, picture.stride, 100, 100) == "blue"
    assert colour(picture.pixels, picture.stride, 300, 100) == "red"
    pages = [Image.new("RGB", (30, 30), RED), Image.new("RGB", (30, 60), BLUE)]
    pages[0].save(tmp_path / "fax.tiff", save_all=True, append_images=pages[1:])
    second = service.render(str(tmp_path / "fax.tiff"), 2, 60)
    assert (second.width, second.height, colour(second.pixels, second.stride, 5, 5)) == (60, 120, "blue")


def test_a_picture_that_is_too_high_is_shown_smaller(tmp_path: Path, service: ReaderService) -> None:
    Image.new("L", (10, 9000)).save(tmp_path / "strip.png")
    picture = service.render(str(tmp_path / "strip.png"), 1, 800)
    assert picture.width * picture.height <= 16_000_000
    assert picture.width < 800


def test_what_cannot_be_opened_is_damaged(tmp_path: Path, read, service: ReaderService) -> None:
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    with pytest.raises(Damaged, match=r"cut\.png.*cannot be decoded"):
        read(tmp_path / "cut.png")
    two_colours().save(tmp_path / "whole.png")
    with pytest.raises(Damaged, match="no page 2"):
        service.render(str(tmp_path / "whole.png"), 2, 100)
