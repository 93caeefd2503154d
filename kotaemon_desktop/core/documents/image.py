"""Takes in pictures: pages without text, until text recognition reads them."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from kotaemon_desktop.core.documents.flow import FlowPage
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Damaged, TooLarge
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

if TYPE_CHECKING:
    from PIL import Image

_PAGED = "TIFF"  # the frames of other pictures move, those of a TIFF are pages


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the picture's head and its pages. Raises Damaged where Pillow is installed and cannot open it."""
    pages = _page_count(source)
    yield DocumentHead(source.stem, "image", pages)
    for number in range(1, pages + 1):
        yield FlowPage(PageText(number, "", PageKind.IMAGE))


@contextlib.contextmanager
def frame(source: Source, number: int) -> Generator[Image.Image]:
    """Lend page ``number`` (1-based) of a picture, upright, as RGB. Raises Damaged, TooLarge; OSError."""
    from PIL import ImageOps

    with opened(source) as picture:
        if not 1 <= number <= _frames(picture):
            raise Damaged(name=source.name, detail=Phrase(N_("there is no page {number}"), number=number))
        picture.seek(number - 1)
        yield ImageOps.exif_transpose(picture).convert("RGB")


@contextlib.contextmanager
def opened(source: Source) -> Generator[Image.Image]:
    """Lend a picture. Raises Damaged, or TooLarge for more pixels than Pillow allows; OSError. Needs Pillow."""
    from PIL import Image, UnidentifiedImageError

    try:
        with source.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the host's limit of memory holds
            with Image.open(file) as picture:
                yield picture
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise TooLarge(name=source.name, limit=Phrase(N_("{count} million pixels"), count=most)) from error
    except (UnidentifiedImageError, EOFError, SyntaxError, ValueError) as error:  # SyntaxError: a broken PNG or TIFF
        raise Damaged(name=source.name, detail=Phrase(N_("the picture cannot be decoded"))) from error


def _page_count(source: Source) -> int:
    try:
        with opened(source) as picture:
            return _frames(picture)
    except ImportError:  # Pillow comes with text recognition: without that nobody reads the pages
        return 1


def _frames(picture: Image.Image) -> int:
    return getattr(picture, "n_frames", 1) if picture.format == _PAGED else 1
