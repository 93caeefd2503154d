"""Makes pictures of the window, offscreen, with the sample documents and a question that was really answered.

Run with: uv run python tests/screenshots.py FOLDER [--size 1280x800] [--languages en zh_CN] [--all]
With --all come the pages beside the window and the first start. QT_SCALE_FACTOR=2 shows them on a screen of 200 %.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before the first import of PySide6

from kotaemon_desktop.core import settings_file
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.core.paths import DataFolder

PAGES = ("conversations", "details", "canary", "settings", "models", "shortcuts", "usage", "workspaces", "about")
QUESTIONS = {
    "en": "How many days of paid holiday do I get after five years?",
    "zh_CN": "年假有多少天？",
}


def fill(folder: DataFolder, question: str) -> None:
    """Import the samples into ``folder`` and answer ``question`` there."""
    engine = Engine.open(folder)
    try:
        for _event in engine.imports.run([resource("samples")]):
            pass
        conversation = engine.history.new_conversation()
        for _event in engine.questions.answer(question, conversation_id=conversation):
            pass
    finally:
        engine.close()


def take(
    folder: DataFolder, theme: str, language: str, size: tuple[int, int], target: Path, pages: Sequence[str] = ()
) -> None:
    """Write the picture of the window and of each page; in a process of its own, for one has one QApplication."""
    settings_file.change(folder.settings, "appearance", "theme", theme)
    settings_file.change(folder.settings, "appearance", "language", language)
    program = (
        "import sys; from pathlib import Path; from kotaemon_desktop import app\n"
        "from kotaemon_desktop.core.paths import DataFolder\n"
        "if __name__ == '__main__':\n"
        "    folder, target, width, height, *pages = sys.argv[1:]\n"
        "    sys.exit(app.take_picture(DataFolder(Path(folder)), Path(target), (int(width), int(height)), pages))\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:  # a file, so that hosts can be spawned from it
        file.write(program)
        file.flush()
        command = [sys.executable, file.name, str(folder.root), str(target), *map(str, size), *pages]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        subprocess.run(command, check=True, timeout=120, env=environment, stderr=subprocess.DEVNULL)


def main() -> None:
    """Write one picture for each language and theme."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--languages", nargs="+", default=["en"], choices=sorted(QUESTIONS))
    parser.add_argument("--all", action="store_true", help="the pages beside the window and the first start as well")
    chosen = parser.parse_args()
    width, height = (int(part) for part in chosen.size.split("x"))
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for language in chosen.languages:
        with tempfile.TemporaryDirectory() as place:
            folder = DataFolder(Path(place))
            fill(folder, QUESTIONS[language])
            for theme in ("light", "dark"):
                target = chosen.folder / f"{language}-{theme}-{chosen.size}.png"
                take(folder, theme, language, (width, height), target, PAGES if chosen.all else ())
                print(target)
                if chosen.all:
                    with tempfile.TemporaryDirectory() as empty:
                        first = target.with_stem(f"{target.stem}-first")
                        take(DataFolder(Path(empty)), theme, language, (width, height), first)


if __name__ == "__main__":
    main()
