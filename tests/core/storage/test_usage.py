from kotaemon_desktop.core.protocols import WakeHistory
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.usage import Usage


def test_expected_is_the_median_of_recent_wakes(database: Database) -> None:
    usage: WakeHistory = Usage(database)
    assert usage.expected("generator") is None
    for _ in range(9):
        usage.record_wake("generator", 100.0, 9_000)
    for seconds, size in ((1.0, 100), (3.0, 300), (2.0, 200), (60.0, 200), (2.0, 200)):
        usage.record_wake("generator", seconds, size)
    usage.record_wake("retrieval", 5.0, 50)
    assert usage.expected("generator") == (60.0, 300)
    assert usage.expected("retrieval") == (5.0, 50)


def test_releases_are_kept(database: Database) -> None:
    Usage(database, now=lambda: 7.0).record_release("generator", "idle", 12.5, 1000, 990)
    [row] = database.fetch("SELECT component, at, cause, resident_seconds, held, freed FROM releases")
    assert tuple(row) == ("generator", 7.0, "idle", 12.5, 1000, 990)
