"""The data folder is moved, or its drive removed, under the running program: it says so, and later goes on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import LibraryGone
from kotaemon_desktop.core.events import Done
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder


def test_an_import_says_it_and_goes_on_when_the_folder_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "available", lambda: False)
    folder, elsewhere = tmp_path / "drive", tmp_path / "elsewhere"
    for name in ("leave", "travel"):
        (tmp_path / f"{name}.md").write_text(f"# Rules of {name}\n\nThe rules of {name} are these.\n", "utf-8")
    with closing(Engine.open(DataFolder(folder))) as engine:
        list(engine.imports.run([tmp_path / "leave.md"]))
        folder.rename(elsewhere)
        folder.mkdir()  # as an empty mount point
        with pytest.raises(LibraryGone, match="not in"):
            list(engine.imports.run([tmp_path / "travel.md"]))
        engine.tick()
        assert list(folder.iterdir()) == []
        folder.rmdir()
        elsewhere.rename(folder)
        list(engine.imports.run([tmp_path / "travel.md"]))
        assert len(engine.library.documents()) == 2
        events = list(engine.questions.answer("What are the rules of travel?", model="none"))
        assert any(isinstance(event, Done) and event.answered for event in events)
