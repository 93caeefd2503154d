"""Finds the plugins that are installed, from what packages say of themselves, without importing any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kotaemon_desktop.core.errors import PluginBroken

PREFIX = "plugin."  # before a plugin's name, in the settings
_ADDRESS = "plugin:"
_GROUP = "kotaemon_desktop."
_PACKAGE = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.dist-info$")


class Plugin(msgspec.Struct, frozen=True, order=True):
    """One thing that a package brings. ``target`` is ``module:Class``, found with the folder ``place`` on the path.

    ``package`` is written as :func:`package_name` has it. ``installed_at`` is the date of what the installer left, in
    nanoseconds: a package that is installed once more brings other plugins, even at the same version.
    """

    kind: str
    name: str
    package: str
    version: str
    target: str
    place: str
    installed_at: int = 0

    @property
    def label(self) -> str:
        """What tells it from others, for people: ``recipe (kitchen 1.0)``."""
        return f"{self.name} ({self.package} {self.version})"

    @property
    def address(self) -> str:
        """What stands in the place of a model's folder, for the host that builds it; see :func:`at`."""
        return _ADDRESS + msgspec.json.encode(self).decode()


def package_name(name: str) -> str:
    """Return the one way to write a package's name, of all that mean the same (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def at(address: str) -> Plugin | None:
    """Return the plugin whose :attr:`Plugin.address` this is, or None for the folder of a model."""
    return msgspec.json.decode(address.removeprefix(_ADDRESS), type=Plugin) if address.startswith(_ADDRESS) else None


def plugins(places: Iterable[str]) -> list[Plugin]:
    """Return the plugins of the packages in ``places`` (folders of ``sys.path``), by kind and name.

    ``importlib.metadata`` would do the same in 100 ms, not 5, and for 3 MB that the window would keep. Of two packages
    that bring the same, the first on the path counts, as it does for an import.
    """
    found: dict[tuple[str, str], Plugin] = {}
    for place in places:
        for folder, text in _declarations(Path(place)):
            for each in _declared(folder, text):
                found.setdefault((each.kind, each.name), each)
    return sorted(found.values())


def broken(plugin: Plugin, detail: object) -> PluginBroken:
    """Return the error that says what is wrong with ``plugin``."""
    return PluginBroken(kind=plugin.kind, name=plugin.name, package=plugin.package, detail=detail)


def date(folder: Path) -> int:
    """Return when something came into or left ``folder``, in nanoseconds; 0 where there is none."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _declarations(place: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folder of each package in ``place`` that declares entry points of ours, with all that it declares."""
    try:
        folders = sorted(place.glob("*.dist-info"))
    except OSError:
        return
    for folder in folders:
        try:
            text = (folder / "entry_points.txt").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if f"[{_GROUP}" in text:
            yield folder, text


def _declared(folder: Path, text: str) -> Iterator[Plugin]:
    import configparser  # needed only where there is a plugin

    named = _PACKAGE.match(folder.name)
    installed_at = date(folder)
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]  # names keep their case
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for group in parser.sections():
        if named and group.startswith(_GROUP):
            kind = group.removeprefix(_GROUP)
            for name, value in parser.items(group):
                target = value.partition("[")[0].strip()
                package = package_name(named["name"])
                yield Plugin(kind, name, package, named["version"], target, str(folder.parent), installed_at)
