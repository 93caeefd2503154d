"""How fast models were in their self-tests on this machine."""

from __future__ import annotations

from collections.abc import Callable

from kotaemon_desktop.core.records import ModelSpeed
from kotaemon_desktop.core.storage.database import Database

_KEEP = """
INSERT INTO model_speeds (model, task, load_seconds, bytes, reads, writes, passages, measured_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (model) DO UPDATE SET task = excluded.task, load_seconds = excluded.load_seconds, bytes = excluded.bytes,
  reads = excluded.reads, writes = excluded.writes, passages = excluded.passages, measured_at = excluded.measured_at
"""


class ModelSpeeds:
    """Owns the table of self-tests: the last one of each model. Any thread may use it."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        """``now`` gives wall-clock seconds."""
        self._database = database
        self._now = now

    def keep(self, speed: ModelSpeed) -> None:
        """Remember ``speed``, measured now, in place of an earlier one of the same model."""
        with self._database.transaction() as connection:
            connection.execute(
                _KEEP,
                (
                    speed.model,
                    speed.task,
                    speed.load_seconds,
                    speed.bytes,
                    speed.reads,
                    speed.writes,
                    speed.passages,
                    self._now(),
                ),
            )

    def forget(self, model: str) -> None:
        """Forget a model that is gone, or that has become another one."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM model_speeds WHERE model = ?", (model,))

    def all(self) -> dict[str, ModelSpeed]:
        """Return what was measured, by model; the latest first."""
        rows = self._database.fetch(
            "SELECT model, task, load_seconds, bytes, reads, writes, passages, measured_at FROM model_speeds"
            " ORDER BY measured_at DESC"
        )
        return {row[0]: ModelSpeed(*row) for row in rows}
