"""The service of the text recognition host: reads pages that are pictures. An optional extra, see ``available``."""

# rapidocr and pypdfium2 have no type stubs.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.documents.memory import limit_memory
from kotaemon_desktop.core.documents.ocr_layout import Word, lay_out
from kotaemon_desktop.core.errors import Damaged, TooLarge, UnknownFormat, Unreadable
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import Box, RecognisedPage

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

_LONGEST_SIDE = 2000  # pixels that a page is read at; rapidocr itself goes no higher
_SETTINGS = {
    "Global.use_cls": False,  # it turns lines that stand upright: errors of 6 to 13 % instead of 0.1 %
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "Global.log_level": "error",
}


def available() -> bool:
    """Tell whether text recognition is installed, without loading it."""
    return importlib.util.find_spec("rapidocr") is not None


class OcrService:
    """Reads the text of pictures, Chinese and English. Lives in a host of its own (up to 1.4 GB) and works offline."""

    def __init__(self, memory_megabytes: int, threads: int) -> None:
        """``threads`` should be the number of the machine's cores. Raises ImportError where it is not installed."""
        from rapidocr import RapidOCR  # pyright: ignore[reportMissingImports] - an optional extra

        limit_memory(memory_megabytes)
        self._megabytes = memory_megabytes
        self._engine = RapidOCR(params={**_SETTINGS, "EngineConfig.onnxruntime.intra_op_num_threads": threads})

    def recognise(self, path: str, pages: Sequence[int]) -> Iterator[RecognisedPage]:
        """Yield ``pages`` (1-based) of a PDF or a picture as they are read, in the order asked for.

        Raises UnknownFormat for other files, Encrypted, Damaged, TooLarge or Unreadable.
        """
        file = Path(path)
        try:
            for number, pixels in _pictures(file, pages):
                found = self._engine(pixels)
                height, width = pixels.shape[:2]
                yield lay_out(number, list(_words(found)), width, height)
        except OSError as error:
            raise Unreadable(name=file.name, detail=error.strerror or str(error)) from error
        except MemoryError as error:
            raise TooLarge(name=file.name, limit=f"{self._megabytes} MB") from error


def _pictures(file: Path, pages: Sequence[int]) -> Iterator[tuple[int, Pixels]]:
    kind = detect(file)
    if kind == "pdf":
        yield from _pdf_pages(file, pages)
    elif kind == "image":
        yield from _frames(file, pages)
    else:
        raise UnknownFormat(name=file.name)


def _pdf_pages(file: Path, pages: Sequence[int]) -> Iterator[tuple[int, Pixels]]:
    """Yield pages of a PDF as they are shown, rotation applied, as height x width x 3 bytes of BGR."""
    from kotaemon_desktop.core.documents.pdf import open_pdf

    with open_pdf(file) as document:
        for number in pages:
            if not 1 <= number <= len(document):
                raise Damaged(name=file.name, detail=Phrase(N_("there is no page {number}"), number=number))
            page = document[number - 1]
            try:
                longest = max(page.get_size())
                if longest <= 0:
                    raise Damaged(name=file.name, detail=Phrase(N_("page {number} has no size"), number=number))
                yield number, page.render(scale=_LONGEST_SIDE / longest).to_numpy()
            finally:
                page.close()


def _frames(file: Path, pages: Sequence[int]) -> Iterator[tuple[int, Pixels]]:
    """Yield the frames of a picture (a TIFF may have many), turned upright, as height x width x 3 bytes of BGR."""
    import numpy as np
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(file) as picture:
            for number in pages:
                if not 1 <= number <= getattr(picture, "n_frames", 1):
                    raise Damaged(name=file.name, detail=Phrase(N_("there is no page {number}"), number=number))
                picture.seek(number - 1)
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
                yield number, np.asarray(upright)[:, :, ::-1].copy()
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise TooLarge(name=file.name, limit=Phrase(N_("{count} million pixels"), count=most)) from error
    except (UnidentifiedImageError, EOFError, SyntaxError, ValueError) as error:  # SyntaxError: a broken PNG or TIFF
        raise Damaged(name=file.name, detail=str(error)) from error


def _words(found: Any) -> Iterator[Word]:
    """Yield what the engine has found: four corners and a text each."""
    if found.boxes is None or found.txts is None:
        return
    for corners, text in zip(found.boxes, found.txts, strict=True):
        across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        yield Word(text.strip(), Box(min(across), min(down), max(across), max(down)))
