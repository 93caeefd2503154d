"""Says what each part of a built folder weighs, as a table for README.

Run with: python packaging/weigh.py FOLDER
"""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path

# The first pattern that fits a file's path below the folder, without the folder for libraries.
PARTS = (
    (
        "Qt and its Python binding",
        ("PySide6/*", "shiboken6/*", "libQt6*", "libicu*", "libxcb*", "libxkb*", "libpyside*"),
    ),
    ("Chroma (vector index)", ("chromadb*",)),
    ("ONNX Runtime", ("onnxruntime*",)),
    ("the embedder, finished", ("kotaemon_desktop/resources/models/*/*",)),
    ("numpy", ("numpy*",)),
    ("cryptography, OpenSSL", ("cryptography*", "libcrypto*", "libssl*", "_cffi*")),
    ("readers (PDF, Office, HTML, spreadsheets)", ("lxml*", "pypdfium2*", "selectolax*", "docx*", "python_calamine*")),
    ("tokenizers", ("tokenizers*",)),
    (
        "Python, its modules and all that is Python code",
        ("../kotaemon-desktop", "libpython*", "python3*", "base_library*"),
    ),
    ("the program's own texts, fonts and pictures", ("kotaemon_desktop/*",)),
)


def main() -> None:
    """Print a row for each part, the heaviest first."""
    folder = Path(sys.argv[1])
    sizes: dict[str, int] = {}
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            part = _part(file.relative_to(folder).as_posix())
            sizes[part] = sizes.get(part, 0) + file.stat().st_size
    print("| part | MB |\n|---|---|")
    for part, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"| {part} | {size / 1e6:.1f} |")
    print(f"| **all** | **{sum(sizes.values()) / 1e6:.1f}** |")


def _part(path: str) -> str:
    inside = path.removeprefix("_internal/") if path.startswith("_internal/") else f"../{path}"
    return next((part for part, patterns in PARTS if any(fnmatch(inside, each) for each in patterns)), "all else")


if __name__ == "__main__":
    main()
