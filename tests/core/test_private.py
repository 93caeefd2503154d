"""Nobody else on the machine can read what the program keeps, whatever the umask and whatever was there before."""

from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kotaemon_desktop.core.handover import Door
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder
from kotaemon_desktop.core.server.key import Key
from kotaemon_desktop.core.settings_file import SettingsFile
from kotaemon_desktop.core.storage import backup
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.workspaces import Workspaces

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")

# The program at work: a host reads, text, log and settings are written, a backup is made and brought back.
WORK = """
import sys
from pathlib import Path
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Skipped, Stored
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage import backup
if __name__ == "__main__":
    folder, note = DataFolder(Path(sys.argv[1])), Path(sys.argv[2])
    for _ in range(2):
        engine = Engine.open(folder)
        engine.change_setting("imports", "originals", "copy")
        assert {Stored, Skipped} & set(map(type, engine.imports.run([note])))
        engine.close()
        backup.backup(folder, note.with_suffix(".zip"))
        lock = folder.lock()
        backup.restore(note.with_suffix(".zip"), folder)
        lock.release()
"""


def open_to_others(root: Path) -> list[str]:
    """Return what in ``root`` others may see: below a private folder, nothing but the files that hold text."""
    places = [root, *(path for path in root.rglob("*") if not path.is_symlink())]
    return [str(path) for path in places if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_all_that_is_written_is_private_under_any_umask(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(WORK, encoding="utf-8")
    (tmp_path / "note.md").write_text("# Note\n\nThe canteen opens at noon.\n", encoding="utf-8")
    words = [str(tmp_path / "work.py"), str(tmp_path / "data"), str(tmp_path / "note.md")]
    subprocess.run([sys.executable, *words], check=True, umask=0, timeout=100)

    assert list((tmp_path / "data" / "originals").iterdir())
    assert list((tmp_path / "data" / "logs").iterdir())
    assert open_to_others(tmp_path / "data") == []
    assert stat.S_IMODE((tmp_path / "note.zip").stat().st_mode) == 0o600


def test_a_folder_of_earlier_days_is_mended(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    for place in (folder.root, folder.originals, folder.logs):
        place.mkdir(parents=True, exist_ok=True)
    for file in (folder.database, folder.settings, folder.originals / "copy.pdf"):
        file.touch()
    for path in (folder.root, *folder.root.rglob("*")):
        path.chmod(0o777)

    folder.create()

    assert open_to_others(folder.root) == [str(folder.originals / "copy.pdf")]
    assert stat.S_IMODE(folder.root.stat().st_mode) == stat.S_IMODE(folder.originals.stat().st_mode) == 0o700


def test_all_that_is_written_is_known_so_that_the_folder_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path / "data")
    monkeypatch.setattr("kotaemon_desktop.core.paths._usual_place", lambda: folder.root)  # where a choice is noted
    folder.root.mkdir()
    folder.plugins.mkdir()  # by whoever installs some
    folder.create()
    folder.settings.write_text("imports: [", "utf-8")
    settings = SettingsFile(folder.settings)
    settings.begin_anew()
    settings.change("imports", "originals", "copy")
    Key(folder.server_key).get()
    DataFolder(folder.root, "other").note_opened()
    for file in (folder.settings, folder.server_key, folder.window_state):
        file.with_suffix(".part").touch()  # of a kill
    Database(folder.database).close()
    spaces = Workspaces(folder.root)
    spaces.create("other", folder)
    spaces.remove("other", DEFAULT_WORKSPACE)
    (tmp_path / "drive").mkdir()
    folder.use_from_next_start(tmp_path / "drive")
    for place in (
        folder.crashes,
        folder.vectors,
        folder.mapped_vectors,
        folder.plugged_vectors,
        folder.caches,
        folder.originals,
    ):
        place.mkdir()
    backup.backup(folder, tmp_path / "backup.zip")
    with folder.lock():
        backup.restore(tmp_path / "backup.zip", folder)
    with closing(Door(folder)):
        folder.root.chmod(0o755)
        folder.create()
        entries = sorted(entry.name for entry in folder.root.iterdir())
    assert {"server.key", "workspace.txt", "removed-workspaces", "kept-elsewhere.txt", ".window.json"} <= {*entries}
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700, entries


def test_a_folder_with_other_things_in_it_stays_open(tmp_path: Path) -> None:
    """Somebody may have named a shared folder, or ``/tmp``: it is not the program's to close."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    (shared / "somebody else's.txt").touch(0o644)
    (shared / "library.link").symlink_to("/etc/passwd")
    folder = DataFolder(shared)
    folder.create()
    folder.database.touch(0o644)

    folder.create()

    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
    assert stat.S_IMODE((shared / "somebody else's.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE(folder.database.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("/etc/passwd").stat().st_mode) == 0o644
