import hashlib
import json
import shutil
import threading
import zipfile
from collections.abc import Generator
from pathlib import Path

import pytest

from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import BackupInvalid, FileTaken, NewerLibrary, NothingThere
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage.backup import (
    RestoreReport,
    backup,
    backup_section,
    restore,
    restoring,
)
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.verify import verify

from .conftest import add


def names(folder: DataFolder) -> list[str]:
    with Database(folder.database) as database:
        return sorted(document.name for document in Library(database).documents())


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with two workspaces, settings, an original, and things that a backup leaves out."""
    folder = DataFolder(tmp_path / "data")
    for workspace, name in (("default", "a.txt"), ("work", "b.txt")):
        section = DataFolder(folder.root, workspace)
        section.create()
        with Database(section.database) as database:
            add(Library(database), f"/{name}", "Some text 一些文字")
        section.originals.mkdir()
        (section.originals / f"{name}.sha.txt").write_bytes(b"the original of " + name.encode())
        (section.originals / "half.part").write_bytes(b"x")
        section.vectors.mkdir()
        (section.vectors / "chroma.sqlite3").write_bytes(b"derived")
    folder.settings.write_text("# mine\nanswering:\n  top: 3\n")
    (folder.models / "model.onnx").write_bytes(b"big")
    return folder


def test_backup_then_restore_into_an_empty_folder(folder: DataFolder, tmp_path: Path) -> None:
    report = backup(folder, tmp_path / "out" / "kotaemon.zip")
    assert (report.libraries, report.files) == (2, 5)
    assert report.bytes == (tmp_path / "out" / "kotaemon.zip").stat().st_size
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["kotaemon.zip"]
    target = DataFolder(tmp_path / "other")
    restored = restore(tmp_path / "out" / "kotaemon.zip", target)
    assert (restored.libraries, restored.files, restored.aside) == (2, 5, None)
    assert names(target) == ["a.txt"]
    assert names(DataFolder(target.root, "work")) == ["b.txt"]
    assert target.settings.read_text() == folder.settings.read_text()
    assert (target.originals / "a.txt.sha.txt").read_bytes() == b"the original of a.txt"
    assert not target.vectors.exists()
    assert not list(target.models.iterdir())


def test_an_earlier_backup_is_replaced_and_nothing_else(folder: DataFolder, tmp_path: Path) -> None:
    thesis, archive, earlier = (tmp_path / name for name in ("thesis.docx", "other.zip", "backup.zip"))
    thesis.write_bytes(b"years of work")
    with zipfile.ZipFile(archive, "w") as other:
        other.writestr("manifest.json", '{"name": "an extension of a browser"}')
    backup_section(folder, earlier)
    for taken in (thesis, archive, tmp_path):
        before = taken.read_bytes() if taken.is_file() else None
        with pytest.raises(FileTaken, match=taken.name):
            backup(folder, taken)
        assert before is None or taken.read_bytes() == before
    assert backup(folder, earlier).libraries == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path != folder.root) == [
        "backup.zip",
        "other.zip",
        "thesis.docx",
    ]


def test_restore_moves_aside_what_was_there(folder: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "kotaemon.zip"
    backup(folder, file)
    with Database(folder.database) as database:
        add(Library(database), "/later.txt", "written after the backup")
    restored = restore(file, folder)
    assert names(folder) == ["a.txt"]
    assert restored.aside is not None
    assert names(DataFolder(Path(restored.aside))) == ["a.txt", "later.txt"]
    assert names(DataFolder(Path(restored.aside), "work")) == ["b.txt"]
    assert not folder.vectors.exists()  # it belongs to the library that is aside
    assert (folder.models / "model.onnx").is_file()
    assert {path.name for path in folder.root.iterdir()} == {
        *(".lock", "kotaemon.yaml", "library.sqlite3", "originals", "workspaces", "models", "logs"),
        Path(restored.aside).name,
    }


def contents(place: Path) -> dict[str, bytes]:
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def third(folder: DataFolder) -> DataFolder:
    """One more workspace."""
    third = DataFolder(folder.root, "home")
    third.create()
    with Database(third.database) as database:
        add(Library(database), "/c.txt", "Some text")
    return third


@pytest.mark.parametrize("source", ["own.zip", "all.zip"])
def test_one_workspace_is_restored_and_the_others_are_left_alone(
    folder: DataFolder, third: DataFolder, tmp_path: Path, source: str
) -> None:
    work = DataFolder(folder.root, "work")
    backup(folder, tmp_path / "all.zip")
    backup_section(work, tmp_path / "own.zip")
    work.database.write_bytes(b"damaged")
    before, home = contents(folder.root), contents(third.section)
    others = {name: data for name, data in before.items() if not name.startswith("workspaces/work/")}
    with folder.lock():
        restored = restore(tmp_path / source, work)
    assert names(work) == ["b.txt"]
    assert (work.originals / "b.txt.sha.txt").is_file()
    assert not work.vectors.exists()
    assert contents(third.section) == home
    assert {n: data for n, data in contents(folder.root).items() if not n.startswith("workspaces/work/")} == others
    assert (restored.files, restored.libraries, restored.folder) == (2, 1, str(work.section))
    [aside] = work.section.glob("before-restore-*")
    assert restored.aside == str(aside)
    assert (aside / "library.sqlite3").read_bytes() == b"damaged"


def test_a_backup_of_one_workspace_is_not_taken_for_one_of_all(
    folder: DataFolder, third: DataFolder, tmp_path: Path
) -> None:
    for each in (folder, third):
        backup_section(each, tmp_path / "own.zip")
        with pytest.raises(BackupInvalid, match=rf"the workspace {each.workspace} alone"):
            restore(tmp_path / "own.zip", folder)
    assert folder.workspaces() == ("default", "home", "work")
    backup(third, tmp_path / "all.zip")
    with pytest.raises(BackupInvalid, match="does not hold the workspace new"):
        restore(tmp_path / "all.zip", DataFolder(folder.root, "new"))
    assert folder.workspaces() == ("default", "home", "work")


@pytest.mark.parametrize("section", [False, True])
def test_giving_up_before_the_end_changes_nothing(folder: DataFolder, tmp_path: Path, section: bool) -> None:
    backup(folder, tmp_path / "all.zip")
    work = DataFolder(folder.root, "work")

    def begun() -> Generator[int | RestoreReport]:
        return restoring(tmp_path / "all.zip", work if section else folder)

    told = [event for event in begun() if isinstance(event, int)]
    assert told == list(range(3 if section else 6))
    for place in (folder.root, work.section):
        for aside in place.glob("before-restore-*"):
            shutil.rmtree(aside)
    before = contents(folder.root)
    for steps in range(1, len(told) + 1):
        restore_ = begun()
        assert [next(restore_) for _step in range(steps)] == told[:steps]
        restore_.close()
        assert contents(folder.root) == before


def test_a_workspace_that_is_half_unpacked_is_none_yet(folder: DataFolder, tmp_path: Path) -> None:
    backup_section(DataFolder(folder.root, "work"), tmp_path / "own.zip")
    made = DataFolder(folder.root, "new")
    bringing = restoring(tmp_path / "own.zip", made)
    assert [next(bringing) for _step in range(3)] == [0, 1, 2]
    assert not made.section.exists()
    assert folder.workspaces() == ("default", "work")
    bringing.close()
    ghost = folder.root / "workspaces" / ".new.unpacking"  # as an earlier version has left it when it was killed
    shutil.copytree(DataFolder(folder.root, "work").section, ghost)
    assert folder.workspaces() == ("default", "work")
    assert backup(folder, tmp_path / "all.zip").libraries == 2


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_killed_restore_of_one_workspace_is_finished(folder: DataFolder, tmp_path: Path, moved: int) -> None:
    work = DataFolder(folder.root, "work")
    backup_section(work, tmp_path / "own.zip")
    with Database(work.database) as database:
        add(Library(database), "/later.txt", "written after the backup")
    ready, before = work.section / ".restore-ready", work.section / ".restore-before"
    with zipfile.ZipFile(tmp_path / "own.zip") as archive:
        archive.extractall(ready)
    before.mkdir()
    for name in (work.database.name, work.originals.name)[:moved]:
        (work.section / name).rename(before / name)

    assert verify(folder).documents == 1  # of another workspace

    assert names(work) == ["b.txt"]
    [aside] = work.section.glob("before-restore-*")
    assert names(DataFolder(aside)) == ["b.txt", "later.txt"]
    assert list(work.section.glob(".restore*")) == []


def test_backup_while_writing(folder: DataFolder, tmp_path: Path) -> None:
    stop = threading.Event()
    with Database(folder.database) as database:
        library = Library(database)

        def write() -> None:
            count = 0
            while not stop.is_set():
                count += 1
                add(library, f"/written-{count}.txt", *["more text"] * 20)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            backup(folder, tmp_path / "kotaemon.zip")
        finally:
            stop.set()
            writer.join()
    target = DataFolder(tmp_path / "other")
    restore(tmp_path / "kotaemon.zip", target)
    with Database(target.database) as database:
        database.check()
        assert (
            database.fetch("SELECT count(*) FROM documents WHERE passages != 20 AND path LIKE '/written%'")[0][0] == 0
        )


def rewritten(file: Path, change: dict[str, bytes | None]) -> Path:
    """Return a copy of the zip ``file`` with members changed, added, or (None) left out; the manifest as it was."""
    copy = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        content = {name: source.read(name) for name in source.namelist()} | change
        for name, data in content.items():
            if data is not None:
                target.writestr(name, data)
    return copy


def assert_refused(file: Path, folder: DataFolder) -> None:
    before = {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}
    with pytest.raises(BackupInvalid):
        restore(file, folder)
    assert {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "change",
    [
        {"kotaemon.yaml": b"answering: {top: 4}\n"},
        {"originals/a.txt.sha.txt": None},
        {"manifest.json": None},
        {"manifest.json": b"{"},
        {"manifest.json": b"[]"},
        {"manifest.json": b'{"format": 2, "files": {}}'},
        {"manifest.json": b'{"format": 1, "files": {"kotaemon.yaml": 7}}'},
    ],
)
def test_a_changed_backup_is_refused(folder: DataFolder, tmp_path: Path, change: dict[str, bytes | None]) -> None:
    backup(folder, tmp_path / "kotaemon.zip")
    assert_refused(rewritten(tmp_path / "kotaemon.zip", change), folder)


@pytest.mark.parametrize(
    "name", ["../outside", "originals/../../outside", "/etc/outside", "models/m", "originals/c:x", "originals/..\\x"]
)
def test_a_backup_reaches_only_its_own_places(folder: DataFolder, tmp_path: Path, name: str) -> None:
    backup(folder, tmp_path / "kotaemon.zip")
    facts = {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}
    manifest = json.dumps({"format": 1, "files": {name: facts}}).encode()
    assert_refused(rewritten(tmp_path / "kotaemon.zip", {name: b"x", "manifest.json": manifest}), folder)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_backup_that_was_cut_is_refused(folder: DataFolder, tmp_path: Path, keep: float) -> None:
    backup(folder, tmp_path / "kotaemon.zip")
    content = (tmp_path / "kotaemon.zip").read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(content[: keep if isinstance(keep, int) else int(len(content) * keep)])
    assert_refused(cut, folder)


def test_a_flipped_byte_is_found(folder: DataFolder, tmp_path: Path) -> None:
    backup(folder, tmp_path / "kotaemon.zip")
    content = bytearray((tmp_path / "kotaemon.zip").read_bytes())
    content[len(content) // 3] ^= 1
    (tmp_path / "flipped.zip").write_bytes(content)
    assert_refused(tmp_path / "flipped.zip", folder)


def test_a_backup_of_a_newer_version_changes_nothing(folder: DataFolder, tmp_path: Path) -> None:
    with Database(folder.database) as database:
        database.connection().execute("PRAGMA user_version=99")
    content = folder.database.read_bytes()
    files = {"library.sqlite3": {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as archive:
        archive.writestr("library.sqlite3", content)
        archive.writestr("manifest.json", json.dumps({"format": 1, "files": files}))
    target = DataFolder(tmp_path / "other")
    with pytest.raises(NewerLibrary):
        restore(tmp_path / "newer.zip", target)
    assert not target.database.exists()


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NothingThere):
        backup(DataFolder(tmp_path / "nowhere"), tmp_path / "kotaemon.zip")
    with pytest.raises(NothingThere):
        restore(tmp_path / "nothing.zip", DataFolder(tmp_path / "data"))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_a_restore_that_was_killed_is_finished(folder: DataFolder, tmp_path: Path, moved: int) -> None:
    """Whichever of its steps was the last, the next opening finds all of the backup and nothing of what was before."""
    backup(folder, tmp_path / "kept.zip")
    target = DataFolder(tmp_path / "other")
    target.create()
    target.settings.write_text("imports: {originals: copy}\n", encoding="utf-8")
    target.originals.mkdir()
    Database(target.database).close()
    ready = target.root / ".restore-ready"
    with zipfile.ZipFile(tmp_path / "kept.zip") as archive:
        archive.extractall(ready)
    before = target.root / ".restore-before"
    before.mkdir()
    for name in (target.database.name, target.settings.name, target.originals.name)[:moved]:
        (target.root / name).rename(before / name)
    if moved == 3:
        (ready / ".moved").touch()
        (ready / target.database.name).rename(target.database)

    assert verify(target).documents == verify(folder).documents

    assert target.settings.read_bytes() == folder.settings.read_bytes()
    [aside] = target.root.glob("before-restore-*")
    assert {file.name for file in aside.iterdir()} == {"library.sqlite3", "kotaemon.yaml", "originals"}
    assert list(target.root.glob(".restore*")) == []


@pytest.mark.parametrize("moved", [False, True])
def test_what_was_written_between_a_killed_restore_and_its_end_is_put_aside(
    folder: DataFolder, tmp_path: Path, moved: bool
) -> None:
    """A command that takes no lock, or an older version, has made a section and settings meanwhile."""
    backup(folder, tmp_path / "kept.zip")
    target = DataFolder(tmp_path / "other", "work")
    target.create()
    with Database(target.database) as database:
        add(Library(database), "/before.txt", "before the restore")
    ready, before = target.root / ".restore-ready", target.root / ".restore-before"
    with zipfile.ZipFile(tmp_path / "kept.zip") as archive:
        archive.extractall(ready)
    if moved:
        before.mkdir()
        (target.root / "workspaces").rename(before / "workspaces")
        (ready / ".moved").touch()
        target.create()
        target.settings.write_text("answering: {top: 4}\n")

    engine = Engine.open(target)
    engine.close()

    assert names(DataFolder(target.root)) == ["a.txt"]
    assert names(target) == ["b.txt"]
    [aside] = target.root.glob("before-restore-*")
    assert names(DataFolder(aside, "work")) == ["before.txt"]
    assert len(list(aside.rglob("kotaemon.yaml"))) == moved


def test_a_restore_that_was_killed_while_it_tidied_up_stays(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark that a restore is under way is deleted in pieces, in any order: the first may be the last."""
    backup(folder, tmp_path / "kept.zip")
    target = DataFolder(tmp_path / "other")
    target.create()
    Database(target.database).close()

    def killed(place: Path) -> None:
        next(place.iterdir()).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "kept.zip", target)
    with target.lock():
        replacing.finish(target.root)

    assert names(target) == ["a.txt"]
    assert len(list(target.root.glob("before-restore-*"))) == 1
    assert list(target.root.glob(".restore*")) == []


def test_a_restore_that_was_killed_while_it_unpacked_changes_nothing(folder: DataFolder) -> None:
    before = verify(folder)
    unpacked = replacing.unpacking(folder.root)
    (unpacked / "library.sqlite3").write_bytes(b"half")
    replacing.finish(folder.root)
    assert not unpacked.exists()
    assert verify(folder) == before
