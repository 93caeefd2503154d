"""What is known of plugins: how packages are named, when they are looked for, and who holds their code."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.plugins import found
from kotaemon_desktop.core.plugins.registry import Plugins
from kotaemon_desktop.core.residency.names import READER, TOOLS

from .conftest import declare

Package = Callable[[str, str, dict[str, str]], Path]


def test_a_name_is_meant_however_it_is_written(engine: Engine, package: Package) -> None:
    package("table_salt", "raise ImportError", {"steps": "salt = table_salt:Step"})
    (salt,) = [each.plugin for each in engine.plugins.all() if each.plugin.name == "salt"]
    assert salt.package == "table-salt"
    for written in ("table_salt", "Table.Salt", "table-salt"):
        engine.change_setting("plugins", "off", [written])
        assert engine.plugins.find("steps", "salt") is None
    engine.change_setting("plugins", "off", ["table"])
    assert engine.plugins.find("steps", "salt") == salt


def test_a_change_of_packages_unloads_every_kind_of_host_that_holds_some(library: Engine, package: Package) -> None:
    library.keeper.pin(READER, True)
    with library.keeper.lease(READER), library.keeper.lease(TOOLS):
        pass
    reader, tools = (library.keeper.status(name).pids for name in (READER, TOOLS))
    package("other", "", {"steps": "other = other:Step"})
    library.plugins.all()
    library.tick()
    assert (library.keeper.status(READER).pids, library.keeper.status(TOOLS).pids) == ((), tools)
    assert reader


def test_without_packages_a_look_is_nothing_but_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    real = found.plugins
    monkeypatch.setattr(found, "plugins", lambda places: looks.append(places) or real(places))
    plugins = Plugins(tmp_path / "plugins", tuple)
    assert looks == []
    assert plugins.of("steps") == plugins.of("steps") == ()
    assert len(looks) == 1


def test_the_first_package_of_all_is_told_and_what_was_there_at_the_first_look_is_not(tmp_path: Path) -> None:
    changes: list[Collection[str]] = []
    folder = tmp_path / "plugins"
    folder.mkdir()
    empty = Plugins(folder, tuple, changes.append)
    assert empty.all() == []
    declare(folder, "salt", "0.1", {"kotaemon_desktop.readers": {"salt": "salt:Reader"}})
    assert Plugins(folder, tuple, changes.append).all()
    assert changes == []
    assert empty.all()
    assert changes == [{"readers"}]
