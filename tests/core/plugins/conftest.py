"""The example package of ``tests/plugins``, installed as a person would, and a library whose folder has it."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder

SOURCE = Path(__file__).resolve().parents[2] / "plugins" / "kitchen"
RECIPES = """RECIPE 1
Lentil soup
- 200 g of red lentils
- one onion
Simmer the soup for twenty minutes.
====
Beef stew
- 500 g of beef
- two carrots
Simmer the stew for three hours.
"""


def install(target: Path) -> None:
    """Install the example package into ``target``; without uv, with what an installer would leave there."""
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--offline", "--no-index", "--no-deps", "--target", target, SOURCE]
        if subprocess.run(command, env=os.environ | {"UV_LINK_MODE": "copy"}, check=False).returncode == 0:
            return
    shutil.copytree(SOURCE / "src", target, dirs_exist_ok=True)
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text("utf-8"))["project"]
    declare(target, project["name"], project["version"], project["entry-points"])


def declare(place: Path, name: str, version: str, entries: dict[str, dict[str, str]]) -> None:
    """Write what an installer leaves of a package: its own folder, with the entry points."""
    folder = place / f"{re.sub(r'[-.]+', '_', name)}-{version}.dist-info"
    folder.mkdir(parents=True)
    groups = (
        f"[{group}]\n" + "".join(f"{key} = {target}\n" for key, target in each.items())
        for group, each in entries.items()
    )
    (folder / "entry_points.txt").write_text("\n".join(groups), "utf-8")


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package installed."""
    target = tmp_path_factory.mktemp("packages")
    install(target)
    return target


@pytest.fixture
def data(tmp_path: Path, kitchen: Path) -> DataFolder:
    """A data folder with the example package in it, and no models."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    shutil.copytree(kitchen, folder.plugins)
    return folder


@pytest.fixture
def engine(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr("kotaemon_desktop.core.models.embedded.available", lambda: False)  # words find enough here
    engine = Engine.open(data)
    yield engine
    engine.close()
    assert multiprocessing.active_children() == []


@pytest.fixture
def library(engine: Engine, tmp_path: Path) -> Engine:
    """A library with two recipes, read by the example's reader from a folder."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "supper.recipe").write_text(RECIPES, "utf-8")
    for _ in engine.imports.run([folder]):
        pass
    return engine


@pytest.fixture
def package(data: DataFolder) -> Callable[[str, str, dict[str, str]], Path]:
    """Return a function that installs a package of one module, with its plugins by kind: ``{"steps": "x = m:C"}``."""

    def make(name: str, code: str, entries: dict[str, str]) -> Path:
        file = data.plugins / f"{name}.py"
        file.write_text(code, "utf-8")
        groups = {f"kotaemon_desktop.{kind}": dict([entry.split(" = ")]) for kind, entry in entries.items()}
        declare(data.plugins, name, "0.1", groups)
        return file

    return make
