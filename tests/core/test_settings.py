"""Changing one setting leaves the rest of the file as its owner wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kotaemon_desktop.core import settings
from kotaemon_desktop.core.errors import SettingsError


def test_numbers_and_comments_survive_a_change(tmp_path: Path) -> None:
    file = tmp_path / "kotaemon.yaml"
    file.write_text(
        "residency:\n  reader_idle: 0.5  # short\n  generator_idle: 1e2\n  low_memory_megabytes: 0x10\n", "utf-8"
    )
    changed = settings.change(file, "residency", "retrieval_idle", 0.25)
    residency = changed.residency
    assert (residency.reader_idle, residency.generator_idle, residency.retrieval_idle) == (0.5, 100.0, 0.25)
    assert residency.low_memory_megabytes == 16
    assert settings.load(file) == changed
    assert "reader_idle: 0.5  # short" in file.read_text("utf-8")


def test_a_float_can_be_changed_twice(tmp_path: Path) -> None:
    file = tmp_path / "kotaemon.yaml"
    settings.change(file, "residency", "retrieval_idle", 0.25)
    assert settings.change(file, "residency", "retrieval_idle", 1.5).residency.retrieval_idle == 1.5


def test_a_value_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "kotaemon.yaml"
    settings.change(file, "residency", "reader_idle", 3)
    before = file.read_bytes()
    with pytest.raises(SettingsError):
        settings.change(file, "residency", "reader_idle", -1)
    assert file.read_bytes() == before
