"""A real engine over a real data folder and real hosts, and files to import."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder

sys.path += [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "models")]  # tiny_models, standin


@pytest.fixture(scope="session")
def built_models(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The models folder with the embedded embedder in it, built once a session; None where it cannot be built."""
    if not embedded.available():
        return None
    folder = tmp_path_factory.mktemp("models")
    for _ in embedded.BuilderService(str(folder)).build():
        pass
    return folder


@pytest.fixture
def data(tmp_path: Path, built_models: Path | None) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    if built_models is not None:
        shutil.copytree(built_models, folder.models, dirs_exist_ok=True)
    return folder


@contextmanager
def opened(data: DataFolder) -> Iterator[Engine]:
    """Open the engine on ``data``; at its end it may leave no process behind."""
    before = multiprocessing.active_children()  # of engines that tests share
    engine = Engine.open(data)
    try:
        engine.change_setting("imports", "ocr", "never")  # where tests want it they say so
        yield engine
    finally:
        engine.close()
    assert set(multiprocessing.active_children()) <= set(before)


@pytest.fixture
def engine(data: DataFolder) -> Iterator[Engine]:
    with opened(data) as engine:
        yield engine


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that finds by words alone: for importing, it starts nothing but a reader."""
    monkeypatch.setattr("kotaemon_desktop.core.models.embedded.available", lambda: False)
    with opened(DataFolder(tmp_path / "words")) as engine:
        yield engine


def copied(data: DataFolder, target: Path) -> DataFolder:
    """Return a copy of ``data``, which nobody has open, at ``target``."""
    shutil.copytree(data.root, target)
    return DataFolder(target)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory, built_models: Path | None) -> DataFolder:
    """A data folder with two documents that are found by words, not embedded yet; for copies."""
    place = tmp_path_factory.mktemp("stored")
    data = DataFolder(place / "data")
    data.create()
    if built_models is not None:
        shutil.copytree(built_models, data.models, dirs_exist_ok=True)
    written = write_files(place / "files")
    with opened(data) as engine:
        importing = engine.imports.run([written / "leave.md", written / "年假.txt"])
        next(event for event in importing if len(engine.library.documents()) == 2)
        importing.close()
    return data


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory, stored: DataFolder) -> DataFolder:
    """The same, embedded; for copies."""
    data = copied(stored, tmp_path_factory.mktemp("imported") / "data")
    with opened(data) as engine:
        list(engine.imports.resume())
    return data


@pytest.fixture
def library(tmp_path: Path, imported: DataFolder) -> Iterator[Engine]:
    """An engine of the test's own with two documents."""
    with opened(copied(imported, tmp_path / "data")) as engine:
        yield engine


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return write_files(tmp_path / "files")


def write_files(folder: Path) -> Path:
    """Write two readable files, one empty and one that is no document into the new ``folder``; return it."""
    folder.mkdir()
    (folder / "leave.md").write_text(
        "# Leave\n\nAnnual leave is twenty days a year for full-time staff. It must be taken before the end of March.\n"
        "\n# Canteen\n\nThe canteen opens at noon and closes at two.\n",
        "utf-8",
    )
    (folder / "年假.txt").write_bytes("职工累计工作满一年的，年休假为五天。法定休假日不计入年休假。".encode("gb18030"))
    (folder / "empty.txt").touch()
    Image.new("L", (99, 99)).save(folder / "picture.pdf", "PNG")
    return folder
