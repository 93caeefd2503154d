"""Hosts that die while the real window imports and answers: it lives, nothing is lost, nothing is left behind."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import ReaderCrashed

pytestmark = pytest.mark.timeout(240)
KILLS = 15


def test_a_window_survives_the_death_of_its_hosts(filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmarks = Path(__file__).resolve().parents[1] / "benchmarks"
    monkeypatch.setattr(sys, "path", [*sys.path, str(benchmarks)])
    from residency_kills import survive

    shutil.copytree(filled.folder, tmp_path / "data")

    seen = survive(tmp_path / "data", tmp_path / "papers", KILLS)

    assert seen.kills == KILLS
    assert len(seen.documents) > 7, "the samples and what was imported meanwhile"
    assert seen.unclear == []
    assert {state for _, state, _ in seen.documents} <= {"ready", "failed"}
    assert all(reason == str(ReaderCrashed(name=name)) for name, state, reason in seen.documents if state == "failed")
    assert seen.answers
    assert all(how.startswith("done") for how in seen.answers), seen.answers
    assert max(seen.pings) < 5  # how smooth it is depends on the machine and is the benchmark's business
    assert seen.orphans == 0
