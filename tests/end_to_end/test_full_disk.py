"""A disk without any room: each command says so, nothing stored is lost, and with room again everything goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux" or shutil.which("unshare") is None, reason="no namespaces here"),
]

# A small disk of our own; a file fills what the documents leave.
SCRIPT = """
set -e
mount -t tmpfs -o size=40m none "$PLACE"
cp -r "$FILLED" "$PLACE/data"
program() { "$PYTHON" -m kotaemon_desktop --data-dir "$PLACE/data" "$@" 2>>"$PLACE/../errors" || echo "ended with $?"; }
dd if=/dev/zero of="$PLACE/ballast" bs=1M >/dev/null 2>&1 || true
program import "$PLACE/../more.md"
program settings set answering.top 3
program search "notice period" --top 1
rm "$PLACE/ballast"
program verify
program import "$PLACE/../more.md"
program search "marzipan" --top 1
"""


def test_a_full_disk(filled, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "more.md").write_text("# More\n\nThe marzipan is kept in the cellar. " * 2000, encoding="utf-8")
    environment = filled.environment | {
        "PLACE": str(tmp_path / "disk"), "FILLED": str(filled.folder), "PYTHON": sys.executable
    }  # fmt: skip
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")

    done = subprocess.run(
        ["unshare", "-rm", "bash", "-c", SCRIPT],
        check=False, capture_output=True, encoding="utf-8", env=environment, timeout=230,
    )  # fmt: skip

    errors = (tmp_path / "errors").read_text("utf-8")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in errors
    assert "Logging error" not in errors
    assert errors.count("is full. Everything stored before is kept. Make some room, then try again.") == 3
    assert done.stdout.splitlines()[:3] == ["ended with 1"] * 3
    assert "passages: sound" in done.stdout
    assert "marzipan" in done.stdout.split("passages: sound")[1]
