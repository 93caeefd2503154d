"""What an author of plugins runs, and the command that lists them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.cli.parser import main
from kotaemon_desktop.core.paths import DataFolder

RECIPE = "RECIPE 1\nLentil soup\n- lentils\nSimmer the soup.\n"
RANDOM_SCORES = """
class Judge:
    def scores(self, question, texts, seconds):
        return [len(texts)] * len(texts)
"""


CARELESS_SEARCH = """
import numpy as np

class Store:
    def open(self, folder, dimension):
        self._kept = {}

    def ids(self):
        return list(self._kept)

    def add(self, ids, vectors):
        self._kept.update(zip(ids.tolist(), vectors))

    def remove(self, ids):
        pass

    def nearest(self, vector, limit):
        return [(each, float(kept @ vector)) for each, kept in list(self._kept.items())[:limit]]

    def keep(self):
        pass

    def close(self):
        pass


class Finder:
    def find(self, question, library, limit, within):
        return [(each.id, 1.0) for each in library.passages()]
"""


def tried(place: Path, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(__file__).parents[3]), str(place)))
    command = [sys.executable, "-m", "kotaemon_desktop.plugin_tests", name, "-q", "-p", "no:cacheprovider", *options]
    env = os.environ | {"PYTHONPATH": path}
    return subprocess.run(command, env=env, cwd=place, capture_output=True, text=True, check=False)


def test_the_example_passes_what_every_plugin_has_to(kitchen: Path, tmp_path: Path) -> None:
    sample = tmp_path / "supper.recipe"
    sample.write_text(RECIPE, "utf-8")
    ended = tried(kitchen, "kitchen", "--sample", str(sample), "--question", "How many ml are in a cup at oven 1?")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "passed" in ended.stdout
    assert "skipped" in ended.stdout  # there is no embedder and no generator in it


def test_a_plugin_that_errs_fails_by_name(
    data: DataFolder, package: Callable[[str, str, dict[str, str]], Path]
) -> None:
    package("judges", RANDOM_SCORES, {"rerankers": "random = judges:Judge"})
    ended = tried(data.plugins, "judges")
    assert ended.returncode == 1
    assert "test_scores_are_shares_one_a_text_and_steady[rerankers.random]" in ended.stdout
    named = tried(data.plugins, "Judges", "--collect-only")
    assert "test_scores_are_shares_one_a_text_and_steady[rerankers.random]" in named.stdout
    assert "no package on the path" in tried(data.plugins, "nobody").stderr


def test_a_store_and_a_retriever_that_err_fail_by_name(
    data: DataFolder, package: Callable[[str, str, dict[str, str]], Path]
) -> None:
    entries = {"vector_stores": "careless = careless:Store", "retrievers": "careless = careless:Finder"}
    package("careless", CARELESS_SEARCH, entries)
    told = tried(data.plugins, "careless").stdout
    assert "FAILED" in told
    failed = {line.split("::")[1].partition("[")[0] for line in told.splitlines() if line.startswith("FAILED")}
    assert failed == {
        "test_a_vector_store_finds_the_nearest",
        "test_a_vector_store_forgets_what_is_removed_and_takes_it_again",
        "test_a_retriever_gives_some_passages_of_the_library",
        "test_a_retriever_keeps_to_the_documents_that_are_asked",
    }


def test_the_command_lists_what_there_is_and_names_what_is_broken(
    data: DataFolder, package: Callable[[str, str, dict[str, str]], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "--data-dir", str(data.root), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])["plugins"]
    assert {(each["kind"], each["version"], each["state"]) for each in listed} >= {("readers", "1.2", "on")}
    package("salty", "raise RuntimeError('no salt')", {"routes": "salt = salty:Route"})
    assert main(["plugins", "--data-dir", str(data.root)]) == 1
    told = capsys.readouterr().out
    assert "RuntimeError: no salt" in told
    assert "kitchen 1.2  works" in told
    assert "file reader" in told
    assert "readers" not in told
