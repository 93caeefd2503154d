# /// script
# requires-python = ">=3.11"
# dependencies = ["fonttools>=4.55,<5"]
# ///
"""Cuts Debian's Droid Sans Fallback down to GB2312 for ``resources/fonts``: uv run --script packaging/make_font.py.

Qt ships no fonts, so on a system without a Chinese face the window would show boxes. The characters of GB2312 are what
Simplified Chinese text needs, in a quarter of the size of the full face. The face holds no Latin letters: it stands
behind the system's own font, character by character.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

PACKAGE = "fonts-droid-fallback"
FACE = "usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"
NAME = "DroidSansFallback-GB2312.ttf"
FOLDER = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FULL_WIDTH = set(range(0xFF01, 0xFF5F)) | {ord("￥")}


def gb2312() -> set[int]:
    """Return the code points of every character in GB2312 (rows 1 to 87 of 94 x 94)."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(c) for pair in pairs for c in pair.decode("gb2312", errors="ignore")}


def fetch(folder: Path) -> tuple[Path, Path]:
    """Download and unpack the Debian package into ``folder``; return (the face, its copyright file)."""
    subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True)
    (package,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", package, folder / "unpacked"], check=True)
    return folder / "unpacked" / FACE, folder / "unpacked/usr/share/doc" / PACKAGE / "copyright"


def cut(face: Path, target: Path) -> int:
    """Write the face with only the wanted characters, without hints or layout tables; return how many there are."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"])
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "vhea", "vmtx"]
    font = TTFont(face)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=gb2312() | FULL_WIDTH)
    cutter.subset(font)
    font.save(target)
    return len(font.getBestCmap())


def main() -> None:
    """Make the face and put its licence beside it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        face, copyright_file = fetch(Path(folder))
        characters = cut(face, FOLDER / NAME)
        shutil.copyfile(copyright_file, FOLDER / "DroidSansFallback.copyright.txt")
    print(f"{NAME}: {characters} characters, {(FOLDER / NAME).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
