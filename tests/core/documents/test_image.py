"""Pictures hold no text yet, and say so."""

from pathlib import Path

import pytest
from PIL import Image

from kotaemon_desktop.core.errors import NoText


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp"])
def test_pictures_are_known_and_hold_no_text(tmp_path: Path, read, suffix: str) -> None:
    path = tmp_path / f"scan.{suffix}"
    Image.new("RGB", (20, 20), "navy").save(path)
    with pytest.raises(NoText, match="pages that are pictures: 1"):
        read(path)
