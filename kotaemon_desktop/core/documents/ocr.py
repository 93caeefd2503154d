"""The service of the text recognition host: reads pages that are pictures. An optional extra, see ``recognised``."""

# rapidocr and pypdfium2 have no type stubs.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.documents.flow import FlowPage
from kotaemon_desktop.core.documents.image import frame
from kotaemon_desktop.core.documents.memory import limit_memory
from kotaemon_desktop.core.documents.ocr_layout import Word, lay_out
from kotaemon_desktop.core.documents.recognised import EDGE
from kotaemon_desktop.core.documents.sandbox import give_up_rights
from kotaemon_desktop.core.documents.splitter import Splitter
from kotaemon_desktop.core.errors import Damaged, TooMuchMemory, UnknownFormat, Unreadable
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


class OcrService:
    """Reads the text of pictures, Chinese and English. Lives in a host of its own (up to 1.4 GB) and works offline."""

    def __init__(self, passage_characters: int, memory_megabytes: int, threads: int) -> None:
        """``threads`` should be the number of the machine's cores. Raises ImportError where it is not installed."""
        from rapidocr import RapidOCR  # pyright: ignore[reportMissingImports] - an optional extra

        limit_memory(memory_megabytes)
        self._passage_characters = passage_characters
        self._megabytes = memory_megabytes
        self._engine = RapidOCR(params={**_SETTINGS, "EngineConfig.onnxruntime.intra_op_num_threads": threads})
        give_up_rights()

    def recognise(self, path: str, pages: Sequence[int]) -> Iterator[RecognisedPage]:
        """Yield ``pages`` (1-based) of a PDF or a picture with their passages as they are read, in the order asked for.

        Raises UnknownFormat for other files, Encrypted, Damaged, TooMuchMemory or Unreadable.
        """
        file = Path(path)
        splitter = Splitter(self._passage_characters, file.stem)
        try:
            for number, pixels in _pictures(file, pages):
                found = self._engine(pixels, return_word_box=True, return_single_char_box=True)
                height, width = pixels.shape[:2]
                page = lay_out(number, list(_words(found)), width, height)
                yield msgspec.structs.replace(page, passages=tuple(splitter.cut(FlowPage(page.page))))
        except OSError as error:
            raise Unreadable(name=file.name, detail=error.strerror or str(error)) from error
        except MemoryError as error:
            raise TooMuchMemory(name=file.name, limit=f"{self._megabytes} MB") from error


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
    from pypdfium2 import PdfiumError

    from kotaemon_desktop.core.documents.pdf import open_pdf

    with open_pdf(file) as document:
        for number in pages:
            if not 1 <= number <= len(document):
                raise Damaged(name=file.name, detail=Phrase(N_("there is no page {number}"), number=number))
            try:
                page = document[number - 1]
            except PdfiumError as error:
                raise Damaged(name=file.name, detail=str(error)) from error
            try:
                longest = max(page.get_size())
                if longest <= 0:
                    raise Damaged(name=file.name, detail=Phrase(N_("page {number} has no size"), number=number))
                yield number, page.render(scale=_LONGEST_SIDE / longest).to_numpy()
            finally:
                page.close()


def _frames(file: Path, pages: Sequence[int]) -> Iterator[tuple[int, Pixels]]:
    """Yield pages of a picture, turned upright, as height x width x 3 bytes of BGR."""
    import numpy as np

    for number in pages:
        with frame(file, number) as upright:
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            yield number, np.asarray(upright)[:, :, ::-1].copy()


def _words(found: Any) -> Iterator[Word]:
    """Yield what the engine has found: four corners and a text each, and where its characters are."""
    if found.boxes is None or found.txts is None:
        return
    for corners, text, pieces in zip(found.boxes, found.txts, found.word_results, strict=True):
        across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        box = Box(min(across), min(down), max(across), max(down))
        yield Word(text.strip(), box, _edges(text.strip(), box, pieces))


def _edges(text: str, box: Box, pieces: Sequence[tuple[str, float, Sequence[Sequence[float]]]]) -> tuple[int, ...]:
    """Return where each character of ``text`` begins, see RecognisedLine; a space begins where the word before ends.

    ``pieces`` are its characters without the spaces, each with its confidence and its four corners. Empty when they do
    not add up to ``text``.
    """
    if "".join(character for character, *_ in pieces) != "".join(text.split()):
        return ()
    width = max(1.0, box.right - box.left)
    edges: list[int] = []
    ended = box.left
    rest = iter(pieces)
    for character in text:
        begins = ended
        if not character.isspace():
            _piece, _sure, corners = next(rest)
            begins, ended = float(corners[0][0]), float(corners[1][0])
        edges.append(min(EDGE, max(edges[-1] if edges else 0, round(EDGE * (begins - box.left) / width))))
    return tuple(edges)
