"""Shows pictures page by page, for the preview."""

from __future__ import annotations

from pathlib import Path

from kotaemon_desktop.core.documents.image import frame
from kotaemon_desktop.core.errors import Unreadable
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import PagePicture

_MOST_PIXELS = 16_000_000  # 64 MB: more than any screen


def render(path: Path, number: int, width: int) -> PagePicture:
    """Return page ``number`` (1-based) upright and ``width`` pixels wide, or less where it would be too large.

    Raises Damaged, TooLarge, or Unreadable where text recognition, which brings Pillow, is not installed; OSError.
    """
    try:
        with frame(path, number) as picture:
            limit = (max(1, width), max(1, _MOST_PIXELS // max(1, width)))
            scale = min(limit[0] / picture.width, limit[1] / picture.height)
            size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
            shown = picture.resize(size, reducing_gap=2.0)
            return PagePicture(*size, 4 * size[0], shown.tobytes("raw", "BGRX"))
    except ImportError as error:
        detail = Phrase(N_("text recognition is not installed"))
        raise Unreadable(name=path.name, detail=detail) from error
