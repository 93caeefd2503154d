"""The command line: where the options that commands share may stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from kotaemon_desktop.cli import opening, parser
from kotaemon_desktop.core import handover
from kotaemon_desktop.core.paths import DataFolder


@pytest.mark.parametrize("words", ["--workspace law status", "status --workspace law"])
def test_options_may_stand_before_the_command_or_behind_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert parser.main(["workspaces", "create", "law", "--data-dir", str(tmp_path)]) == 0
    capsys.readouterr()
    assert parser.main(["--data-dir", str(tmp_path), *words.split()]) == 0
    assert str(DataFolder(tmp_path, "law").section) in capsys.readouterr().out


def test_a_command_for_the_whole_folder_takes_no_workspace_on_either_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("--workspace", "law", "workspaces", "list"), ("workspaces", "list", "--workspace", "law")):
        assert parser.main(["--data-dir", str(tmp_path), *words]) == 2
        assert "--workspace" in capsys.readouterr().err


def test_a_file_opens_in_the_workspace_named_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[DataFolder, tuple[Path, ...]]] = []

    def hand_over(folder: DataFolder, request: handover.Request) -> bool:
        opened.append((folder, request.paths))
        return True

    monkeypatch.setattr(opening.handover, "hand_over", hand_over)
    file = tmp_path / "a.txt"
    file.write_text("a", "utf-8")
    assert parser.main(["--data-dir", str(tmp_path), "--workspace", "law", str(file)]) == 0
    assert opened == [(DataFolder(tmp_path, "law"), (file,))]
