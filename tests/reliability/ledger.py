"""What a program that is about to be killed has promised: lines in a file outside its data folder, and their meaning.

A line is written before something is done (``may``) and after it was done (``is``), by one ``write`` each: what the
file holds survives the death of its writer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

Value = int | float | None
World = dict[str, set[Value]]  # what is told apart by its name, and what each may hold now; None: it is not there


class Ledger:
    """Owns the file that the worker writes to."""

    def __init__(self, file: Path) -> None:
        self._out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **line: object) -> None:
        os.write(self._out, json.dumps(line).encode() + b"\n")

    def may(self, key: str, value: Value) -> None:
        """From now on ``key`` may hold ``value`` as well."""
        self.write(may=key, value=value)

    def is_(self, key: str, value: Value) -> None:
        """``key`` holds ``value`` for good: it was committed."""
        self.write(now=key, value=value)


@dataclass
class Promises:
    """What the library may look like after all that a ledger says; ``worlds`` beyond the first: a restore was begun."""

    worlds: list[World] = field(default_factory=lambda: [{}])
    saved: dict[str, World] = field(default_factory=dict[str, World])
    promised: dict[str, Value] = field(default_factory=dict[str, Value])  # an import is to end with these
    doing: str = ""  # the last job that began and has not ended
    opened: int = 0
    _read: int = 0

    def follow(self, file: Path) -> None:
        """Take in what the file says since the last time."""
        if not file.is_file():
            return
        with file.open("rb") as lines:
            lines.seek(self._read)
            said = lines.read()
        whole, newline, _torn = said.rpartition(b"\n")
        self._read += len(whole) + len(newline)
        for line in whole.splitlines():
            self._take(json.loads(line))

    def _take(self, line: Mapping[str, object]) -> None:
        match line:
            case {"may": str(key), "value": value}:
                self.world.setdefault(key, {None}).add(value)  # type: ignore[arg-type]
            case {"now": str(key), "value": value}:
                self.world[key] = {value}  # type: ignore[arg-type]
                self.promised.pop(key, None)
            case {"promised": str(key), "value": value}:
                self.promised[key] = value  # type: ignore[assignment]
            case {"saved": str(name)}:
                self.saved[name] = deepcopy(self.world)
            case {"restoring": str(name)}:
                self.worlds.append(deepcopy(self.saved[name]))
            case {"restored": str(_name)}:
                self.settle(self.worlds[-1])
                self.promised.clear()
            case {"begin": str(job)}:
                self.doing = job
            case {"end": str(_job)}:
                self.doing = ""
            case _:
                self.opened += "opened" in line

    @property
    def world(self) -> World:
        return self.worlds[0]

    def settle(self, world: World) -> None:
        """Of the worlds that were possible it is this one."""
        self.worlds = [world]

    def contradictions(self, world: World, seen: Mapping[str, Value]) -> list[str]:
        """Return what contradicts ``world`` in what was ``seen``."""
        return [
            f"{key}: {seen.get(key)} instead of {sorted(map(str, world.get(key, {None})))}"
            for key in {*world, *seen}
            if seen.get(key) not in world.get(key, {None})
        ]
