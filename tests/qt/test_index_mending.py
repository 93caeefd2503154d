"""A vector index that a question finds empty is filled by the window, without a new start or an import."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.qt.window import MainWindow

PLUGIN = """
import numpy as np

class Same:
    dimension = 2

    def embed(self, texts, kind):
        return np.tile(np.array([[1, 0]], np.float32), (len(texts), 1))
"""


def test_an_index_that_was_lost_is_filled_after_the_next_answer(window: MainWindow, qtbot: QtBot, files: Path) -> None:
    engine = window.engine
    declared = engine.folder.plugins / "same-1.0.dist-info" / "entry_points.txt"
    declared.parent.mkdir(parents=True)
    declared.write_text("[kotaemon_desktop.embedders]\nsame = same:Same\n", "utf-8")
    (engine.folder.plugins / "same.py").write_text(PLUGIN, "utf-8")
    engine.change_setting("models", "embedder", "plugin.same")
    engine.change_setting("search", "vectors", "mapped")
    library, index = window.desk.library_model, engine.folder.index("plugin.same", "mapped")
    library.import_([files])
    qtbot.waitUntil(lambda: any(index.glob("*.usearch")) and library.activity is None)
    engine.keeper.unload(RETRIEVAL)
    engine.keeper.tick()
    shutil.rmtree(index)
    window.chat_model.ask("How many days of paid leave?")
    qtbot.waitUntil(lambda: any(index.glob("*.usearch")))
    qtbot.waitUntil(lambda: not engine.questions.index_behind and library.activity is None)
