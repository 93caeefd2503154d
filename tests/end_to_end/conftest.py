"""Starts the real program as processes, each with an empty home and a data folder of its own.

``KOTAEMON_DESKTOP_PROGRAM`` names an installed program to be tested instead of the one in this checkout.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

INSTALLED = os.environ.get("KOTAEMON_DESKTOP_PROGRAM")
STARTER = [INSTALLED] if INSTALLED else [sys.executable, "-m", "kotaemon_desktop"]
SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


@dataclass(frozen=True)
class Finished:
    """How a command ended, and what it said."""

    status: int
    lines: list[dict[str, Any]]
    errors: str

    @property
    def result(self) -> dict[str, Any]:
        return self.lines[-1]


@dataclass(frozen=True)
class Program:
    """The program with one data folder."""

    folder: Path
    home: Path
    extra: dict[str, str] = field(default_factory=dict)

    def beside(self, name: str, **extra: str) -> Program:
        """Return the program with another data folder, ``name``, or the same one, and more environment variables."""
        return Program(self.folder.with_name(name), self.home, extra)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "KOTAEMON_", "LC_"))}
        return {**kept, "HOME": str(self.home), "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen", **self.extra}

    def command(self, *arguments: str | Path) -> list[str]:
        return [*STARTER, *map(str, arguments), "--data-dir", str(self.folder)]

    def run(self, *arguments: str | Path) -> Finished:
        """Run a command with --json to its end."""
        done = subprocess.run(
            [*self.command(*arguments), "--json"],
            check=False, capture_output=True, encoding="utf-8", env=self.environment, timeout=230,
        )  # fmt: skip
        return Finished(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start a command, its standard output a pipe to read lines from."""
        return subprocess.Popen(
            self.command(*arguments),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=self.environment,
        )  # fmt: skip


@pytest.fixture
def program(tmp_path: Path, filled: Program) -> Program:
    """The program with a data folder that holds the embedder and nothing else."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copytree(filled.folder / "models", tmp_path / "data" / "models")
    return Program(tmp_path / "data", home)


@pytest.fixture(scope="session")
def first_import(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Finished]:
    """The program with the sample documents imported, and what that import said."""
    place = tmp_path_factory.mktemp("filled")
    (place / "home").mkdir()
    made = Program(place / "data", place / "home")
    imported = made.run("import", SAMPLES)
    assert imported.status == 0, imported.errors
    assert imported.result["failed"] == []
    return made, imported


@pytest.fixture(scope="session")
def filled(first_import: tuple[Program, Finished]) -> Program:
    """The program with the sample documents imported; tests that share it only read."""
    return first_import[0]
