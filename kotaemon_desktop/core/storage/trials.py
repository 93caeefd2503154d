"""Trials of a candidate as they are stored, with what each answer took, and what people thought of answers."""

from __future__ import annotations

import sqlite3
from typing import Final

from kotaemon_desktop.core.canary.records import Ending, Outcome, Side, Trial, Way
from kotaemon_desktop.core.storage.database import Database

_TRIAL: Final = (
    "SELECT id, proven_model, proven_pipeline, candidate_model, candidate_pipeline, began_at, ended_at, ending, streak"
    " FROM trials"
)
_OUTCOME: Final = (
    "SELECT side, failed, trial_answers.answered, seconds, first_piece, tokens_per_second, trial_answers.citations,"
    " coalesce(thumb, 0) AS thumb FROM trial_answers LEFT JOIN turns ON turns.id = turn_id WHERE trial_id = ?"
)


class Trials:
    """Owns what the trials and trial_answers tables mean, and the thumbs of turns. Keeps no state: any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, proven: Way, candidate: Way, at: float) -> Trial:
        """Begin a trial at this wall-clock time; one that still lasts is ended."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE trials SET ended_at = ?, ending = coalesce(ending, ?) WHERE ended_at IS NULL",
                (at, Ending.STOPPED.value),
            )
            row = connection.execute(
                "INSERT INTO trials (proven_model, proven_pipeline, candidate_model, candidate_pipeline, began_at)"
                " VALUES (?, ?, ?, ?, ?) RETURNING id",
                (proven.model, proven.pipeline, candidate.model, candidate.pipeline, at),
            ).fetchone()
        return Trial(row[0], proven, candidate, at)

    def last(self) -> Trial | None:
        """Return the trial that began last, whether it lasts or not."""
        row = self._database.fetch_one(f"{_TRIAL} ORDER BY id DESC LIMIT 1")
        return _trial(row) if row else None

    def send_back(self, trial: Trial, ending: Ending, streak: int) -> bool:
        """Say that the candidate answers no more; tell whether it did until now."""
        with self._database.transaction() as connection:
            sent = connection.execute(
                "UPDATE trials SET ending = ?, streak = ? WHERE id = ? AND ending IS NULL",
                (ending.value, streak, trial.id),
            )
        return sent.rowcount > 0

    def end(self, trial: Trial, ending: Ending, at: float) -> None:
        """End a trial; one that was sent back keeps that as its ending."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE trials SET ended_at = ?, ending = coalesce(ending, ?) WHERE id = ? AND ended_at IS NULL",
                (at, ending.value, trial.id),
            )

    def add(self, trial: Trial, outcome: Outcome, turn_id: int | None) -> None:
        """Keep what an answer took. With its turn it goes for good."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO trial_answers (trial_id, turn_id, side, failed, answered, seconds, first_piece,"
                " tokens_per_second, citations) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    trial.id,
                    turn_id,
                    outcome.side.value,
                    outcome.failed,
                    outcome.answered,
                    outcome.seconds,
                    outcome.first_piece,
                    outcome.tokens_per_second,
                    outcome.citations,
                ),
            )

    def outcomes(self, trial: Trial, side: Side | None = None) -> list[Outcome]:
        """Return what the answers of a trial took, in their order, of both sides or one."""
        rows = self._database.fetch(
            f"{_OUTCOME} AND (?2 IS NULL OR side = ?2) ORDER BY trial_answers.id", (trial.id, side)
        )
        return [_outcome(row) for row in rows]

    def rate(self, turn_id: int, thumb: int) -> None:
        """Keep what a person thinks of an answer: 1, -1, or 0 to take it back."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE turns SET thumb = ? WHERE id = ?", (thumb, turn_id))


def _trial(row: sqlite3.Row) -> Trial:
    ending = Ending(row["ending"]) if row["ending"] else None
    return Trial(row["id"], Way(*row[1:3]), Way(*row[3:5]), row["began_at"], row["ended_at"], ending, row["streak"])


def _outcome(row: sqlite3.Row) -> Outcome:
    return Outcome(Side(row["side"]), bool(row["failed"]), bool(row["answered"]), *row[3:])
