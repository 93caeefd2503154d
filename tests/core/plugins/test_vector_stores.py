"""Vector stores of plugins: a library's vectors kept and searched by what a package brings."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import PluginBroken
from kotaemon_desktop.core.events import Degraded, Found
from kotaemon_desktop.core.monitoring.notices import BrokenPlugins
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.plugins.found import Plugin, plugins
from kotaemon_desktop.core.storage.passage_view import PassageView
from kotaemon_desktop.core.storage.plugged import PluggedVectors
from kotaemon_desktop.core.storage.vector_index import VectorIndex

from .conftest import declare
from .searching import ask, broken, edit, found, notes
from .test_models import MODELS

Package = Callable[[str, str, dict[str, str]], Path]
PANTRY, CHROMA = "plugin.pantry", "chroma"

STORE = """
class Store:
    def open(self, folder, dimension):
        {open}

    def ids(self):
        return []

    def add(self, ids, vectors):
        {add}

    def remove(self, ids):
        pass

    def nearest(self, vector, limit):
        return []

    def keep(self):
        pass

    def close(self):
        pass
"""


@pytest.fixture(scope="module")
def meals(kitchen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a soup and a stew; the embedder knows that meat is about the stew, which no word says."""
    place = tmp_path_factory.mktemp("meals")
    folder = DataFolder(place / "data")
    folder.create()
    shutil.copytree(kitchen, folder.plugins)
    (folder.plugins / "brains.py").write_text(MODELS, "utf-8")
    declare(folder.plugins, "brains", "0.1", {"kotaemon_desktop.embedders": {"topics": "brains:Topics"}})
    (place / "soup.md").write_text("Simmer the soup for twenty minutes. It is lentil soup.", "utf-8")
    (place / "stew.md").write_text("The stew simmers for three hours.", "utf-8")
    engine = Engine.open(folder)
    engine.change_setting("models", "embedder", "plugin.topics")
    assert notes(engine, place / "soup.md", place / "stew.md") == []
    engine.close()
    return folder.root


@pytest.fixture
def data(meals: Path, tmp_path: Path) -> DataFolder:
    return DataFolder(Path(shutil.copytree(meals, tmp_path / "data")))


def fill(engine: Engine) -> None:
    """Do what the window and the commands do in the background once a question is answered."""
    assert list(engine.imports.resume()) is not None
    assert not engine.imports.work_left()


def kept(engine: Engine) -> set[int]:
    """Return the ids in the example's file."""
    with np.load(engine.folder.index("plugin.topics", PANTRY) / "pantry.npz") as file:
        return set(file["ids"].tolist())


def all_passages(engine: Engine) -> set[int]:
    return {each.id for each in PassageView(str(engine.folder.database)).passages()}


def test_a_line_of_the_settings_changes_the_store_for_the_next_question(engine: Engine) -> None:
    edit(engine, f"vectors: {PANTRY}")
    hit = found(engine, "meat").hits[0]
    assert (hit.passage.name, hit.vector_rank) == ("stew.md", 1)  # compared with the library's vectors as yet
    assert engine.imports.work_left()
    fill(engine)
    engine.keeper.unload("retrieval")
    assert kept(engine) == all_passages(engine)
    shutil.rmtree(engine.folder.vectors)
    assert found(engine, "meat").hits[0].similarity == pytest.approx(1, abs=0.01)
    assert not engine.questions.index_behind
    assert not engine.folder.vectors.exists()


def test_the_store_is_changed_back_and_forth_and_nothing_is_lost(engine: Engine, tmp_path: Path) -> None:
    engine.change_setting("search", "vectors", PANTRY)
    found(engine, "meat")
    fill(engine)
    engine.change_setting("search", "vectors", CHROMA)
    (tmp_path / "broth.md").write_text("A clear one takes an hour.\n\nIt is broth.", "utf-8")
    assert notes(engine, tmp_path / "broth.md") == []
    engine.library.remove([each.id for each in engine.library.documents() if each.name == "soup.md"])
    engine.change_setting("search", "vectors", PANTRY)
    assert found(engine, "lentil").hits[0].passage.name == "broth.md"
    fill(engine)
    engine.keeper.unload("retrieval")
    assert kept(engine) >= all_passages(engine)
    assert found(engine, "lentil").hits[0].vector_rank == 1


def test_a_store_with_a_damaged_file_is_filled_anew(engine: Engine) -> None:
    engine.change_setting("search", "vectors", PANTRY)
    fill(engine)
    engine.keeper.unload("retrieval")
    engine.keeper.tick()
    file = engine.folder.index("plugin.topics", PANTRY) / "pantry.npz"
    file.write_bytes(file.read_bytes()[:99])
    assert found(engine, "meat").hits[0].passage.name == "stew.md"
    fill(engine)
    assert kept(engine) == all_passages(engine)
    assert broken(engine) == set()


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("raise ImportError('gone')", "gone"),
        (STORE.format(open="raise OSError('no cellar')", add="pass"), "no cellar"),
    ],
)
def test_a_broken_store_is_named_and_what_comes_along_takes_its_place(
    engine: Engine, package: Package, code: str, detail: str
) -> None:
    package("cellar", code, {"vector_stores": "cellar = cellar:Store"})
    engine.change_setting("search", "vectors", "plugin.cellar")
    events = ask(engine, "meat")
    (degraded,) = [event for event in events if isinstance(event, Degraded)]
    assert isinstance(degraded.error, PluginBroken)
    assert detail in str(degraded.error)
    assert [event for event in events if isinstance(event, Found)][-1].hits[0].passage.name == "stew.md"
    assert broken(engine) == {"cellar"}
    notice = BrokenPlugins(engine.plugins.problems).look()
    assert notice is not None
    assert "“cellar” (vector store, of the package cellar) is switched off" in notice.text
    fill(engine)
    assert found(engine, "meat").hits[0].vector_rank == 1


def test_a_store_that_fails_while_it_is_filled_loses_nothing(engine: Engine, package: Package, tmp_path: Path) -> None:
    package(
        "cellar", STORE.format(open="pass", add="raise OSError('full')"), {"vector_stores": "cellar = cellar:Store"}
    )
    engine.change_setting("search", "vectors", "plugin.cellar")
    (tmp_path / "broth.md").write_text("It is broth.", "utf-8")
    (note,) = notes(engine, tmp_path / "broth.md")
    assert "full" in str(note.error)
    assert broken(engine) == {"cellar"}
    fill(engine)
    assert found(engine, "lentil broth").hits[0].vector_rank is not None
    assert not engine.questions.index_behind


def test_a_store_whose_package_is_switched_off_is_not_missed(engine: Engine) -> None:
    engine.change_setting("search", "vectors", PANTRY)
    fill(engine)
    engine.change_setting("plugins", "off", ["kitchen"])
    assert found(engine, "meat").hits[0].passage.name == "stew.md"
    assert not engine.questions.index_behind  # Chroma has had them since the import


LEDGER = """
CALLS = []

class Ledger:
    def open(self, folder, dimension):
        CALLS.append("open")
        if any(folder.iterdir()):
            raise OSError("damaged")

    def ids(self):
        raise OSError("no ids")

    def close(self):
        CALLS.append("close")

    add = remove = nearest = keep = ids
"""


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugin]:
    """A store in this very process that notes when it is opened and closed, and knows no ids."""
    (tmp_path / "ledger.py").write_text(LEDGER, "utf-8")
    declare(tmp_path, "ledger", "0.1", {"kotaemon_desktop.vector_stores": {"ledger": "ledger:Ledger"}})
    monkeypatch.setattr(sys, "path", [*sys.path])  # with the package, while it is tried
    (plugin,) = plugins([str(tmp_path)])
    yield plugin
    sys.modules.pop("ledger", None)


def test_a_store_is_closed_before_its_folder_is_emptied(ledger: Plugin, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "file").touch()
    assert "damaged" in str(PluggedVectors(ledger, folder, 8).rebuilt)
    assert sys.modules["ledger"].CALLS == ["open", "close", "open"]
    assert list(folder.iterdir()) == []


def test_a_store_that_cannot_tell_its_ids_is_closed(ledger: Plugin, tmp_path: Path) -> None:
    with pytest.raises(PluginBroken, match="no ids"):
        VectorIndex(str(tmp_path / "none.sqlite3"), str(tmp_path / "kept"), "topics", 8, ledger.address)
    assert sys.modules["ledger"].CALLS == ["open", "close"]


def test_a_folder_that_cannot_be_made_or_emptied_is_told_like_all_else(
    ledger: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PluginBroken, match="Error"):
        PluggedVectors(ledger, tmp_path / "file" / "kept", 8)

    def refuse(_folder: Path) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(PluginBroken, match="not yours"):
        PluggedVectors(ledger, tmp_path, 8)
