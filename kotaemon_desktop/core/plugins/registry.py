"""Which plugins there are, and which may work: not those that a person has switched off, or that have failed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import msgspec

from kotaemon_desktop.core.errors import PluginBroken, PluginMissing
from kotaemon_desktop.core.plugins import found
from kotaemon_desktop.core.plugins.found import PREFIX, Plugin
from kotaemon_desktop.core.records import ModelInfo

_NOTHING: Mapping[str, str] = MappingProxyType({})
_HOUSED = {"vector_stores"}  # a host is built around one, and stays with it
_TASKS = {"embedders": "embedding", "rerankers": "reranking", "generators": "generation"}


class State(StrEnum):
    """Where a plugin stands."""

    ON = "on"
    OFF = "off"  # a person has switched it off
    BROKEN = "broken"


class Listed(msgspec.Struct, frozen=True):
    """A plugin as lists show it; ``reason`` says what is broken, in the language of now."""

    plugin: Plugin
    state: State
    reason: str = ""


class Plugins:
    """Owns what is known of the plugins; made with the engine, used from any thread.

    Nothing is looked for before the first use; afterwards a look costs the dates of some folders, so that a package
    that is installed while the program runs is there for the next question.
    """

    def __init__(
        self,
        folder: Path,
        off: Callable[[], Sequence[str]],
        changed: Callable[[Collection[str]], None] = lambda _kinds: None,
    ) -> None:
        """``folder`` may hold packages of its own (``pip install --target``); ``off`` names packages not to be used.

        ``changed`` is called when packages came or went, with the kinds of all plugins before and after: hosts that
        have imported some may hold what is no more. It is called as well with the kind of a plugin that a host has to
        go with.
        """
        self._changed = changed
        self._folder = str(folder)
        self._off = off
        self._lock = threading.Lock()
        self._dates: list[tuple[str, int]] | None = None
        self._found: list[Plugin] = []
        self._broken: dict[Plugin, PluginBroken] = {}

    def of(self, kind: str) -> tuple[Plugin, ...]:
        """Return the plugins of ``kind`` that may work, by name."""
        return tuple(each.plugin for each in self.all() if each.plugin.kind == kind and each.state is State.ON)

    def known(self, kind: str) -> tuple[Plugin, ...]:
        """Return those of ``kind`` that the last look has found, without looking: for the window's own thread."""
        with self._lock:
            return tuple(each for each in self._found if each.kind == kind)

    def find(self, kind: str, name: str) -> Plugin | None:
        """Return a plugin that may work, or None."""
        return next((each for each in self.of(kind) if each.name == name), None)

    def model(self, kind: str, wish: str) -> ModelInfo | None:
        """Return the model that ``wish`` (``plugin.NAME``) means, or None where nobody brings it or wishes for one.

        Its folder is an address that only the host of its kind understands, see :func:`found.at`.
        """
        plugin = self.find(kind, wish.removeprefix(PREFIX)) if wish.startswith(PREFIX) else None
        return plugin and ModelInfo(wish, _TASKS[kind], plugin.address, 0, ("multilingual",))

    def all(self) -> list[Listed]:
        """Return every plugin, by kind and name."""
        off = set(map(found.package_name, self._off()))
        with self._lock:
            changed = self._look()
            listed = [self._listed(each, off) for each in self._found]
        if changed:  # without the lock: who hears of it has locks of his own
            self._changed(changed)
        return listed

    def _listed(self, plugin: Plugin, off: set[str]) -> Listed:
        if plugin.package in off:
            return Listed(plugin, State.OFF)
        error = self._broken.get(plugin)
        return Listed(plugin, State.BROKEN, str(error.facts["detail"])) if error else Listed(plugin, State.ON)

    def _look(self) -> set[str]:
        """Look again where a folder has changed; return the kinds of which hosts may hold what is no more."""
        places = [*dict.fromkeys((*sys.path, self._folder))]
        dates = [(place, found.date(Path(place))) for place in places]
        if dates == self._dates:
            return set()
        first = self._dates is None  # no host can hold what nobody has found yet
        before, self._found, self._dates = self._found, found.plugins(places), dates
        self._broken = {each: error for each, error in self._broken.items() if each in self._found}
        return set() if first else {each.kind for each in (*before, *self._found)}

    def give_up(self, error: PluginBroken) -> None:
        """Do without the plugin that ``error`` blames, until the program starts anew or its package changes."""
        kind = str(error.facts["kind"])
        given_up = self.find(kind, str(error.facts["name"]))
        if given_up is None:
            return
        with self._lock:
            self._broken[given_up] = error
        if kind in _HOUSED:
            self._changed({kind})

    def problems(self, wishes: Mapping[str, str] = _NOTHING) -> list[PluginBroken | PluginMissing]:
        """Return what was given up, and what no package brings of ``wishes`` (a setting by kind: ``plugin.NAME``).

        Without looking for anything: of what is missing nothing is known before the first look.
        """
        with self._lock:
            known = {(each.kind, PREFIX + each.name) for each in self._found}
            unknown = [wish for wish in wishes.items() if wish[1].startswith(PREFIX) and wish not in known]
            missing = [PluginMissing(kind=kind, name=wish.removeprefix(PREFIX)) for kind, wish in unknown]
            return [*(missing if self._dates is not None else ()), *self._broken.values()]
