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
