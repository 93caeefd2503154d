"""The short form of ``python -m tests.reliability``: kill -9 in every job, aimed at the writing of files as well."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
KILLS = 15  # a third aimed at writes, a third at steps, the others go round the jobs


def test_nothing_is_lost_to_kill_9(filled) -> None:
    words = ["kills", "--rounds", str(KILLS), "--models", str(filled.folder / "models")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability", *words],
        cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=290,
    )  # fmt: skip

    told = json.loads(done.stdout.splitlines()[-1])
    assert told["results"]["losses"] == []
    assert [bar["what"] for bar in told["bars"] if not bar["holds"]] == []
    assert sum(told["results"]["hit the job"].values()) > KILLS / 2
    assert done.returncode == 0, done.stderr
