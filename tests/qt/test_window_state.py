"""The window's place survives a restart; a damaged file does not stop one."""

from __future__ import annotations

from pathlib import Path

from kotaemon_desktop.qt.window_state import WindowState, load, save


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    state = WindowState(geometry="AAA=", columns=(300, 500, 400), library_folded=True)
    save(tmp_path / "window.json", state)
    assert load(tmp_path / "window.json") == state
    assert [file.name for file in tmp_path.iterdir()] == ["window.json"]


def test_missing_and_damaged_files_give_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    assert load(file) == WindowState()
    for content in (b"", b"{", b'{"columns": "wide"}', b"\xff\xfe"):
        file.write_bytes(content)
        assert load(file) == WindowState()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    save(tmp_path / "gone" / "window.json", WindowState())
    assert not (tmp_path / "gone").exists()
