"""Whether there is a newer version: only what the maintainers signed is believed, and nobody is asked unasked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kotaemon_desktop import __version__
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.outgoing import Errand
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.updates import manifest, service
from kotaemon_desktop.core.updates.errors import UpdatesUnset, UpdateUnreachable, UpdateUntrusted
from kotaemon_desktop.core.updates.manifest import MOST_BYTES, Release, Unbelievable
from kotaemon_desktop.core.updates.service import UpdateService
from kotaemon_desktop.core.updates.updates import DAY, Updates
from tests.signed_updates import KEY, NEWER, PRIVATE, Publisher, publishing, sealed, sign_update


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as server:
        yield server


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now


@pytest.fixture
def engine(tmp_path: Path, publisher: Publisher) -> Iterator[Engine]:
    engine = Engine.open(DataFolder(tmp_path / "data"))
    engine.change_setting("updates", "address", publisher.address)
    yield engine
    engine.close()


def updates_of(engine: Engine, clock: Clock, key: bytes | None = KEY) -> Updates:
    return Updates(
        engine.keeper, lambda: engine.settings, engine.outgoing, engine.folder.update_check, clock, lambda: key
    )


def test_a_newer_version_is_told_and_the_network_stays_silent_on_this_machine(
    engine: Engine, publisher: Publisher
) -> None:
    updates = updates_of(engine, Clock())
    assert updates.look() == updates.found == msgspec.convert(NEWER, Release)
    [request] = publisher.heard
    assert set(request) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert request["user-agent"] == "kotaemon-desktop"
    assert engine.outgoing.departures == ()
    assert all(each.name != "updates" or each.hosts == 0 for each in engine.keeper.status())


def test_when_a_look_was_answered_is_known_after_a_restart_and_a_failure_is_no_answer(
    engine: Engine, publisher: Publisher
) -> None:
    clock = Clock()
    publisher.status = 500
    updates = updates_of(engine, clock)
    with pytest.raises(UpdateUnreachable):
        updates.look()
    assert updates.answered_at is None
    publisher.status = 200
    updates.look()
    answered = clock.now
    clock.now += DAY
    publisher.status = 500
    with pytest.raises(UpdateUnreachable):
        updates.look()
    assert updates.answered_at == updates_of(engine, clock).answered_at == answered


@pytest.mark.parametrize("version", [__version__, "0.0.9", f"{__version__}.0"])
def test_the_same_or_an_older_version_is_none(engine: Engine, publisher: Publisher, version: str) -> None:
    publisher.body = sealed(version=version)
    assert updates_of(engine, Clock()).look() is None


def test_what_leaves_this_machine_is_noted(engine: Engine) -> None:
    engine.change_setting("updates", "address", "https://updates.invalid/update.json")
    with pytest.raises(UpdateUnreachable):
        updates_of(engine, Clock()).look()
    assert [(each.errand, each.place) for each in engine.outgoing.departures] == [(Errand.UPDATE, "updates.invalid")]


def test_it_is_due_once_a_day_where_the_settings_wish_it_and_after_a_failure_too(
    engine: Engine, publisher: Publisher
) -> None:
    clock = Clock()
    updates = updates_of(engine, clock)
    assert not updates.due
    engine.change_setting("updates", "check", True)
    assert updates.due
    publisher.status = 500
    with pytest.raises(UpdateUnreachable):
        updates.look()
    assert not updates.due
    assert not updates_of(engine, clock).due  # after a restart
    clock.now += DAY
    assert updates.due
    clock.now -= 30 * DAY  # a clock that was wrong when it was last looked
    assert updates.due


def test_what_was_found_is_known_after_a_restart_until_it_is_installed(
    engine: Engine, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    found = updates_of(engine, clock).look()
    assert found is not None
    assert updates_of(engine, clock).found == found
    publisher.status = 500
    with pytest.raises(UpdateUnreachable):
        updates_of(engine, clock).look()
    assert updates_of(engine, clock).found == found
    monkeypatch.setattr("kotaemon_desktop.core.updates.updates.__version__", found.version)
    assert updates_of(engine, clock).found is None
    for content in (b"", b"1800000000", b'{"looked_at": "x"}', b"\xff"):
        engine.folder.update_check.write_bytes(content)
        assert updates_of(engine, clock).found is None


@pytest.mark.parametrize("missing", ["key", "address", "network"])
def test_without_a_key_an_address_or_leave_nobody_is_asked(engine: Engine, publisher: Publisher, missing: str) -> None:
    engine.change_setting("updates", "check", True)
    if missing == "address":
        engine.change_setting("updates", "address", "")
    if missing == "network":
        engine.change_setting("models", "offline", True)
    updates = updates_of(engine, Clock(), None if missing == "key" else KEY)
    assert not updates.due
    with pytest.raises(UpdatesUnset, match=missing if missing != "network" else "offline"):
        updates.look()
    assert publisher.heard == []


def believed(publisher: Publisher) -> Release:
    return UpdateService().newest(publisher.address, KEY)


def test_a_changed_text_or_another_hand_is_not_believed(publisher: Publisher) -> None:
    envelope = json.loads(sealed())
    changed = envelope | {"manifest": envelope["manifest"].replace("9.1", "9.2")}
    for publisher.body in (json.dumps(changed).encode(), sign_update.seal(NEWER, bytes(32))):
        with pytest.raises(UpdateUntrusted, match="signature"):
            believed(publisher)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>Not here</html>", "no signed manifest"),
        (b"", "no signed manifest"),
        (b"\xff\xfe{", "no signed manifest"),
        (b'{"manifest": "{}", "signature": "%%%"}', "no signed manifest"),
        (b'{"manifest": "{}", "signature": "AAAA"}', "signature"),
        (sealed(version="newest"), "contents"),
        (sealed(page="file:///etc/passwd"), "contents"),
        (sealed(page="http://kotaemon.example/"), "contents"),
        (sealed(notes={"en": "long" * 1001}), "contents"),
        (sealed(sha256={"file": "ab"}), "contents"),
        (b" " * (MOST_BYTES + 1) + sealed(), "too long"),
    ],
)
def test_garbage_is_named_and_not_believed(publisher: Publisher, body: bytes, why: str) -> None:
    publisher.body = body
    with pytest.raises(UpdateUntrusted, match=why):
        believed(publisher)


@pytest.mark.parametrize("status", [302, 404, 503])
def test_only_the_address_itself_is_asked(publisher: Publisher, status: int) -> None:
    publisher.status = status
    with pytest.raises(UpdateUnreachable, match=str(status)):
        believed(publisher)
    assert len(publisher.heard) == 1


def test_one_that_drips_is_left(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_SECONDS", 0.2)
    publisher.drips = True
    with pytest.raises(UpdateUnreachable, match="slow"):
        believed(publisher)


def test_nobody_there(publisher: Publisher) -> None:
    with pytest.raises(UpdateUnreachable, match=r"127\.0\.0\.1"):
        UpdateService().newest("http://127.0.0.1:9/update.json", KEY)


@pytest.mark.parametrize(
    ("newer", "older"), [("0.1.1", "0.1.0"), ("0.10", "0.9.9"), ("1.0", "0.99.99"), ("1.0.0.1", "1.0")]
)
def test_versions_are_compared_by_their_numbers(newer: str, older: str) -> None:
    release = msgspec.convert(NEWER | {"version": newer}, Release)
    assert release.is_newer_than(older)
    assert not msgspec.structs.replace(release, version=older).is_newer_than(newer)
    assert not release.is_newer_than(newer)


def test_the_key_of_this_build_is_whole_or_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(manifest, "resource", lambda name: tmp_path / Path(name).name)
    assert manifest.public_key() is None
    for content, key in ((KEY.hex() + "\n", KEY), ("no key", None), ("abcd", None)):
        (tmp_path / "public-key.txt").write_text(content)
        assert manifest.public_key() == key


def test_the_maintainers_key_is_made_apart_and_signs_what_is_believed(tmp_path: Path) -> None:
    private, public = tmp_path / "private", tmp_path / "public"
    sign_update.make_key(private, public)
    assert private.stat().st_mode & 0o077 == 0
    envelope = sign_update.seal(NEWER, bytes.fromhex(private.read_text()))
    assert manifest.opened(envelope, bytes.fromhex(public.read_text())).version == "9.1"
    with pytest.raises(Unbelievable):
        manifest.opened(envelope, KEY)
    with pytest.raises(FileExistsError):
        sign_update.make_key(private, public)
    with pytest.raises(SystemExit):
        sign_update.make_key(sign_update.ROOT / "private", public)
    assert sign_update.notes().startswith("- ")
    assert PRIVATE.hex() not in envelope.decode()


def test_the_command_says_that_there_is_no_address(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kotaemon_desktop", "updates", "--data-dir", str(tmp_path / "data")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no address" in done.stderr
    assert len(done.stderr.splitlines()) == 1
