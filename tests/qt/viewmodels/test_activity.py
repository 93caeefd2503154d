"""The footer's picture of an import, event by event."""

from __future__ import annotations

from kotaemon_desktop.core.errors import EmptyFile
from kotaemon_desktop.core.events import Embedding, ImportFailed, Queued, Skipped, Stored, Waking
from kotaemon_desktop.qt.viewmodels.activity import Activity


def after(*events: object) -> Activity:
    activity = Activity()
    for event in events:
        activity = activity.after(event)  # type: ignore[arg-type]
    return activity


def test_reading_counts_files_however_they_end() -> None:
    read = (Queued(("a", "b", "c", "d")), Stored("a", 1, 5), Skipped("b", 1), ImportFailed("c", EmptyFile(name="c")))
    assert after(*read).lines() == ("Reading 4 of 4 files", "")
    assert after(*read[:1]).lines() == ("Reading 1 of 4 files", "")


def test_embedding_shows_rate_and_time_left() -> None:
    activity = after(Queued(("a",)), Stored("a", 1, 213), Embedding(40, 213, 76.4, 130.0))
    assert activity.lines() == ("Embedding 40 of 213 passages", "76 passages/s · 2:10 left")


def test_waking_is_named_with_its_time() -> None:
    activity = after(Queued(("a",)), Stored("a", 1, 5), Waking("embedder", 1.8))
    assert activity.lines() == ("Loading the embedder", "about 2 s")
    assert activity.after(Embedding(1, 5, 10.0, 0.4)).waking is None


def test_the_bar_never_goes_back() -> None:
    events = (
        Queued(("a", "b")),
        Stored("a", 1, 5),
        Stored("b", 2, 5),
        Waking("embedder", None),
        Embedding(4, 10, 8.0, 1.0),
        Embedding(10, 10, 8.0, 0.0),
    )
    fractions = [after(*events[:number]).fraction or 0.0 for number in range(len(events) + 1)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_an_import_that_only_embeds_has_a_bar_too() -> None:
    assert after(Embedding(5, 10, 8.0, 1.0)).fraction == 0.5


def test_waiting_imports_and_stopping_are_said() -> None:
    assert Activity(files_total=2, more=1).lines() == ("Reading 1 of 2 files", "1 more import waits")
    assert Activity(files_total=2, stopping=True).lines() == ("Stopping…", "")
