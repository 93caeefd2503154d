"""A real engine over a real data folder and real hosts, and files to import."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
from collections.abc import Iterator
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


@pytest.fixture
def engine(data: DataFolder) -> Iterator[Engine]:
    engine = Engine.open(data)
    engine.change_setting("imports", "ocr", "never")  # where tests want it they say so
    yield engine
    engine.close()
    assert multiprocessing.active_children() == []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with two readable files, one empty and one that is no document."""
    folder = tmp_path / "files"
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
