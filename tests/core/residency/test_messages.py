"""What a host may send arrives as it was; whatever else a file could make it send runs nothing and ends the host."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import pathlib
import pickle
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.core.errors import ComponentCrashed, Damaged, KotaemonError
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import ComponentState, Document, Hardware, Hit, ModelInfo
from kotaemon_desktop.core.residency import child, messages


def passed(value: object) -> Any:
    return messages.read(pickle.dumps((7, child.RESULT, value)))[2]


class Reduced:
    """Unpickling it calls ``make`` with ``arguments``, then sets ``state``."""

    def __init__(self, make: object, *arguments: object, state: object = None) -> None:
        self.reduced = (make, arguments, state)

    def __reduce__(self) -> Any:
        return self.reduced


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": [1, 2.5, "中文", b"x", (True,)]},
        {1, 2},
        frozenset("ab"),
        Counter("aab"),
        Path("/a/b"),
        date(2026, 11, 21),
        datetime(2026, 11, 21, 9, tzinfo=UTC),
        timedelta(seconds=3),
        ComponentState.BUSY,
        Hardware(threads=3),
    ],
)
def test_plain_values_and_records_arrive_as_they_were(value: object) -> None:
    assert passed(value) == value


def test_an_error_arrives_with_its_words() -> None:
    sent = Damaged(name="x.pdf", detail=Phrase(N_("there is no page {number}"), number=7))
    request, kind, error = messages.read(pickle.dumps((7, child.ERROR, sent)))
    assert (request, kind, type(error), str(error)) == (7, child.ERROR, Damaged, str(sent))


@pytest.mark.parametrize(
    "value",
    [
        Reduced(os.system, "true"),
        Reduced(eval, "1"),
        Reduced(getattr, Path, "unlink"),
        Reduced(pathlib.Path.write_text, Path("/tmp/x"), "x"),
        Reduced(multiprocessing.Process),
        Reduced(messages.read, b""),  # our own function, but none of the records
        os.system,
        child.main,
    ],
)
def test_what_would_run_something_is_refused(value: object) -> None:
    with pytest.raises(messages.ForeignMessage):
        passed(value)


def test_a_module_is_not_a_way_to_what_it_has_imported() -> None:
    module, name = child.__name__.encode(), b"os.system"
    named = b"".join(b"\x8c" + bytes([len(each)]) + each for each in (module, name))
    content = b"\x80\x04(K\x07K\x00" + named + b"\x93t."
    assert pickle.loads(content)[2] is os.system, "the usual reader follows the dot"
    with pytest.raises(messages.ForeignMessage, match=r"child\.os\.system"):
        messages.read(content)


@pytest.mark.parametrize("kind", [Document, Hit, ModelInfo, Hardware, ComponentState, KotaemonError, Phrase, Path])
def test_no_message_changes_a_class(kind: type) -> None:
    """A pickle can set attributes on whatever lies on its stack: here the class itself, after it was named."""
    before = dict(vars(kind))
    name = f"{kind.__module__}\n{kind.__qualname__}\n".encode()
    content = b"\x80\x02(K\x07K\x00c" + name + b"N}X\x07\x00\x00\x00changedK\x01s\x86bt."
    with contextlib.suppress(messages.ForeignMessage):
        messages.read(content)
    assert dict(vars(kind)) == before


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps(1), pickle.dumps((1, child.ERROR, "no error"))])
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(messages.ForeignMessage):
        messages.read(content)


def test_a_host_that_sends_too_much_is_ended_at_once(keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LARGEST", 50_000)
    with keeper().lease("echo") as lease, pytest.raises(ComponentCrashed):
        lease.call("echo", "x" * 100_000)


def test_a_path_of_python_3_13_arrives() -> None:
    content = pickle.dumps((7, child.RESULT, pathlib.PurePosixPath("/a")), 2).replace(
        b"cpathlib\nPurePosixPath", b"cpathlib._local\nPosixPath"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pathlib._local", pathlib)
        assert messages.read(content)[2] == Path("/a")


def test_a_host_that_sends_such_a_thing_is_ended(keeper, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    proof = tmp_path / "proof"
    with caplog.at_level(logging.WARNING), keeper().lease("echo") as lease, pytest.raises(ComponentCrashed):
        lease.call("taken_over", f"touch '{proof}'")
    assert not proof.exists()
    assert "system" in caplog.text
