"""Watched folders: real files, real reader hosts, a clock that the test moves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kotaemon_desktop.core.documents.listing import listing
from kotaemon_desktop.core.documents.selection import EXTENSIONS
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Moved, Stored
from kotaemon_desktop.core.pipeline.watching import LeftOut, Look, Watching


class Clock:
    """Seconds that only the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now


class Watched:
    """A watched folder with its watching."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.clock = Clock()
        self.engine = engine
        self.folder = folder
        self.watching = Watching(engine.watched, engine.library, self.clock, engine.imports.run, lambda: EXTENSIONS)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def look(self) -> Look:
        """Look, and look again when files may still be written."""
        if self.watching.look().unsettled:
            self.clock.now += 2
        return self.watching.look()

    def follow(self) -> list[object]:
        return list(self.watching.apply(self.look()))

    @property
    def names(self) -> list[str]:
        return sorted(document.name for document in self.engine.library.documents())


@pytest.fixture
def watched(words: Engine, tmp_path: Path) -> Watched:
    folder = tmp_path / "papers"
    folder.mkdir()
    words.watched.watch(str(folder), ["drafts/*", "*.tmp.txt"])
    return Watched(words, folder)


def test_new_changed_moved_and_deleted_files_are_followed(watched: Watched) -> None:
    lease = watched.write("lease.txt", "The rent is 900 euros a month.")
    watched.write("deep/er/travel.txt", "Train tickets are paid.")
    watched.follow()
    assert watched.names == ["lease.txt", "travel.txt"]
    assert watched.look() == Look(), "nothing is new any more"

    [before] = [d for d in watched.engine.library.documents() if d.name == "lease.txt"]
    lease.write_text("The rent is 950 euros a month.", "utf-8")
    watched.follow()
    [after] = [d for d in watched.engine.library.documents() if d.name == "lease.txt"]
    assert after.id != before.id
    assert "950" in watched.engine.library.passages_of(after.id)[0].text

    lease.rename(watched.folder / "lease 2026.txt")
    events = watched.follow()
    assert [type(event) for event in events if isinstance(event, Moved | Stored)] == [Moved]
    assert watched.names == ["lease 2026.txt", "travel.txt"]
    assert {d.id for d in watched.engine.library.documents()} >= {after.id}

    (watched.folder / "lease 2026.txt").unlink()
    watched.follow()
    assert watched.names == ["travel.txt"]
    assert [d.id for d, _at in watched.engine.library.removed()] == [after.id], "it can be brought back"
    assert watched.look() == Look()


def test_a_file_that_is_being_written_waits(watched: Watched) -> None:
    growing = watched.write("growing.txt", "one")
    assert watched.watching.look().unsettled == 1
    watched.clock.now += 1.5
    growing.write_text("one two", "utf-8")
    assert watched.watching.look().changes == ()
    watched.clock.now += 1.5
    assert watched.watching.look().changes == ()
    watched.clock.now += 0.6
    [changes] = watched.watching.look().changes
    assert list(changes.fresh) == [str(growing)]


def test_what_is_not_wanted_is_left_out(watched: Watched) -> None:
    for name in ("~$lease.docx", ".hidden.txt", ".git/readme.txt", "drafts/a.txt", "b.tmp.txt", "program.exe"):
        watched.write(name, name)
    watched.write("kept.txt", "kept")
    [changes] = watched.look().changes
    assert [Path(path).name for path in changes.fresh] == ["kept.txt"]


def test_what_the_library_has_already_is_not_read_again(watched: Watched) -> None:
    lease = watched.write("lease.txt", "The rent is 900 euros a month.")
    for _ in watched.engine.imports.run([watched.folder]):
        pass
    look = watched.watching.look()
    assert (look.unsettled, look.changes[0].fresh) == (0, {})
    assert list(watched.watching.apply(look)) == []
    lease.unlink()
    watched.follow()
    assert watched.names == [], "its deletion is noticed all the same"


def test_a_folder_that_is_away_is_not_a_folder_of_deleted_files(watched: Watched, tmp_path: Path) -> None:
    watched.write("lease.txt", "The rent is 900 euros a month.")
    watched.follow()
    aside = watched.folder.rename(tmp_path / "unplugged")
    assert watched.look() == Look(away=(str(watched.folder),))
    watched.folder.mkdir()  # the empty mount point
    assert watched.look() == Look(away=(str(watched.folder),))
    watched.folder.rmdir()
    aside.rename(watched.folder)
    assert watched.look() == Look()
    assert watched.names == ["lease.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_part_that_cannot_be_read_is_not_deleted(watched: Watched) -> None:
    watched.write("part/lease.txt", "The rent is 900 euros a month.")
    watched.follow()
    (watched.folder / "part").chmod(0)
    try:
        assert watched.look() == Look()
    finally:
        (watched.folder / "part").chmod(0o700)


def test_files_of_an_unreadable_part_count_as_unknown(tmp_path: Path) -> None:
    listed = listing(str(tmp_path), EXTENSIONS)
    listed.unreadable.append(str(tmp_path / "part"))
    assert not listed.knows(str(tmp_path / "part" / "lease.txt"))
    assert listed.knows(str(tmp_path / "party.txt"))
    with pytest.raises(FileNotFoundError):
        listing(str(tmp_path / "nowhere"), EXTENSIONS)


def test_a_document_that_was_removed_by_hand_stays_removed(watched: Watched) -> None:
    watched.write("lease.txt", "The rent is 900 euros a month.")
    watched.follow()
    watched.engine.library.remove(d.id for d in watched.engine.library.documents())
    assert watched.look() == Look()
    watched.engine.watched.stop(str(watched.folder))
    assert watched.engine.watched.all() == []
    assert watched.engine.watched.seen(str(watched.folder)) == {}


def test_on_battery_nothing_is_looked_at(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.write("lease.txt", "The rent is 900 euros a month.")
    monkeypatch.setattr("kotaemon_desktop.core.machine.on_battery", lambda: True)
    assert watched.engine.imports.look_at_folders() == Look()
    watched.engine.change_setting("imports", "watch_on_battery", True)
    assert watched.engine.imports.look_at_folders().unsettled == 1


def test_what_patterns_would_leave_out_is_told_before_they_count(watched: Watched) -> None:
    for name in ("lease.txt", "lease.tmp.txt", "drafts/one.txt", "drafts/deep/two.txt", "picture.xyz"):
        watched.write(name, "The rent is 900 euros a month.")
    folder = str(watched.folder)
    assert watched.watching.left_out(folder, ()) == LeftOut((), 4)
    one, two = str(Path("drafts", "one.txt")), str(Path("drafts", "deep", "two.txt"))
    assert watched.watching.left_out(folder, ("drafts",)) == LeftOut((two, one), 4)
    assert watched.watching.left_out(folder, ("*.tmp.txt", "l?ase.txt")) == LeftOut(("lease.tmp.txt", "lease.txt"), 4)
    assert watched.engine.watched.all()[0].ignored == ("drafts/*", "*.tmp.txt"), "nothing was changed"
    with pytest.raises(OSError, match="nowhere"):
        watched.watching.left_out(str(watched.folder / "nowhere"), ("*",))


def test_documents_stay_when_their_files_are_left_out_and_are_known_when_they_are_not(watched: Watched) -> None:
    watched.write("lease.txt", "The rent is 900 euros a month.")
    watched.write("travel.txt", "Train tickets are paid.")
    watched.follow()
    watched.engine.watched.watch(str(watched.folder), ["lease*"])
    assert watched.follow() == []
    assert watched.names == ["lease.txt", "travel.txt"]
    watched.engine.watched.watch(str(watched.folder))
    assert watched.follow() == [], "it is not read again"
    assert watched.names == ["lease.txt", "travel.txt"]
