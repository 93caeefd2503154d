"""Gives a candidate its share of the conversations, watches both sides, and sends everything back when it fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from kotaemon_desktop.core.canary.records import Ending, Outcome, Side, Trial, Way
from kotaemon_desktop.core.canary.rules import Rules, side_of
from kotaemon_desktop.core.errors import NothingTried, PipelineNotFound, SettingsError
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Cited, Done, Routed
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.settings import Settings
from kotaemon_desktop.core.storage.trials import Trials

if TYPE_CHECKING:
    from kotaemon_desktop.core.canary.report import Report

_DOCUMENTS: Final = "documents"

_log = logging.getLogger(__name__)


class Choice(msgspec.Struct, frozen=True):
    """Who answers a question: on which side of which trial, and the ``way`` where it is not the usual one."""

    trial: Trial
    side: Side
    way: Way | None = None


class Canary:
    """Owns the trial that lasts, if any; lives in the main process, in any thread.

    A trial lasts as long as the settings give a candidate a share. Questions without a conversation, and those whose
    model or pipeline was asked for, take no part.
    """

    def __init__(
        self,
        trials: Trials,
        clock: Clock,
        settings: Callable[[], Settings],
        change: Callable[[str, str, object], None],
        proven_model: Callable[[], str],
    ) -> None:
        """``change`` sets a setting; ``proven_model`` is the id of the model that answers otherwise, or ``none``."""
        self._trials = trials
        self._clock = clock
        self._settings = settings
        self._change = change
        self._proven_model = proven_model
        self._lock = threading.Lock()
        self._missed: set[str] = set()  # pipelines that the log has told of
        self.told: Trial | None = None
        """A trial that a rule has ended, until a person has seen it."""

    # --- one question ----------------------------------------------------------------------------------------------

    def choose(self, conversation_id: int | None) -> Choice | None:
        """Return who answers in a conversation, or None where nothing is tried."""
        trial = self.trial()
        if trial is None or conversation_id is None:
            return None
        side = side_of(conversation_id, trial.candidate, self._settings().canary.share)
        return Choice(trial, side, trial.candidate if side is Side.CANDIDATE else None)

    def watch(self, events: Iterator[AnswerEvent], choice: Choice | None) -> Iterator[AnswerEvent]:
        """Return the ``events`` of an answer; what it took is kept before its last event is passed on."""
        return events if choice is None else self._watched(events, choice)

    def _watched(self, events: Iterator[AnswerEvent], choice: Choice) -> Iterator[AnswerEvent]:
        route = ""
        citations = 0
        try:
            for event in events:
                if isinstance(event, Routed):
                    route = event.route
                elif isinstance(event, Cited):
                    citations = len({citation.number for citation in event.citations})
                elif isinstance(event, Done) and route in {"", _DOCUMENTS}:
                    self._note(choice, _outcome(choice.side, event, citations), event.turn_id)
                elif isinstance(event, AnswerFailed):
                    self._note(choice, Outcome(choice.side, failed=True), None)
                yield event
        finally:
            if close := getattr(events, "close", None):
                close()

    def rate(self, turn_id: int, thumb: int) -> None:
        """Keep what a person thinks of an answer: 1, -1, or 0 to take it back."""
        if thumb not in {-1, 0, 1}:
            raise ValueError(thumb)
        self._trials.rate(turn_id, thumb)
        trial = self._lasting()
        if trial is not None:
            self._judge(trial)

    # --- the trial -------------------------------------------------------------------------------------------------

    def trial(self) -> Trial | None:
        """Return the trial that the settings ask for, begun now if there is none yet; None once it was sent back."""
        with self._lock:
            wanted, lasting = self._wanted(), self._lasting()
            if wanted is None:
                if lasting is not None:
                    self._trials.end(lasting, Ending.STOPPED, self._clock.wall())
                return None
            if lasting is not None and (lasting.proven, lasting.candidate) == wanted:
                return lasting if lasting.ending is None else None
            return self._trials.begin(*wanted, self._clock.wall())

    def report(self) -> Report | None:
        """Return how the trial that lasts, or the last one, has gone; None before the first."""
        from kotaemon_desktop.core.canary.report import report  # statistics take 8 ms

        trial = self.trial() or self._trials.last()
        return report(trial, self._trials.outcomes(trial)) if trial is not None else None

    def start(self, candidate: Way, share: float) -> None:
        """Give ``candidate`` its share. An empty model or pipeline is the proven one.

        Raises SettingsError, or PipelineNotFound with nothing changed.
        """
        if candidate.pipeline and candidate.pipeline not in (known := self._pipelines()):
            raise PipelineNotFound(name=candidate.pipeline, known=", ".join(known))
        lasting = self._lasting()
        if lasting is not None and lasting.ending is not None:
            self._end(lasting.ending)
        self._change("canary", "model", candidate.model)
        self._change("canary", "pipeline", candidate.pipeline)
        self._change("canary", "share", share)
        self.told = None
        self.trial()

    def stop(self) -> None:
        """Let the proven way answer everything again. Raises SettingsError."""
        self._end(Ending.STOPPED)

    def promote(self) -> None:
        """Make the candidate that is being tried the proven way. Raises SettingsError, or NothingTried."""
        trial = self.trial()
        if trial is None:
            raise NothingTried
        self._end(Ending.PROMOTED)
        self._change("answering", "model", trial.candidate.model)
        self._change("pipelines", "use", trial.candidate.pipeline)

    def _wanted(self) -> tuple[Way, Way] | None:
        """Return the proven way and the candidate of the settings, where these differ and it has a share."""
        settings = self._settings()
        asked = settings.canary
        if not asked.share:
            return None
        proven = Way(self._proven_model(), self._declared(settings.pipelines.use))
        candidate = Way(asked.model or proven.model, self._declared(asked.pipeline) or proven.pipeline)
        return (proven, candidate) if candidate != proven else None

    def _declared(self, pipeline: str) -> str:
        """Return ``pipeline``, or none in place of one that the settings name and nobody declares: logged once."""
        if not pipeline or pipeline in self._pipelines():
            return pipeline
        if pipeline not in self._missed:
            self._missed.add(pipeline)
            _log.warning("the pipeline %s is gone; a trial does without it", pipeline)
        return ""

    def _pipelines(self) -> Collection[str]:
        from kotaemon_desktop.core.pipeline.choice import pipelines  # not while the window starts

        return pipelines(self._settings().pipelines)

    def _lasting(self) -> Trial | None:
        last = self._trials.last()
        return last if last is not None and last.ended_at is None else None

    def _note(self, choice: Choice, outcome: Outcome, turn_id: int | None) -> None:
        self._trials.add(choice.trial, outcome, turn_id)
        if choice.side is Side.CANDIDATE:
            self._judge(choice.trial)

    def _judge(self, trial: Trial) -> None:
        """Send everything back if the candidate has failed too often. The answer that did it is kept in any case."""
        asked = self._settings().canary
        found = Rules(asked.errors, asked.thumbs).judge(self._trials.outcomes(trial, Side.CANDIDATE))
        if found is None or self._lasting() != trial or not self._trials.send_back(trial, *found):
            return
        self.told = self._trials.last()
        _log.info("trial %d of %s: sent back for %s", trial.id, trial.candidate, found[0].value)
        try:
            self._end(found[0])
        except SettingsError as error:
            _log.warning("trial %d was sent back, but the settings still give it a share: %s", trial.id, error)

    def _end(self, ending: Ending) -> None:
        """Take the share away and end the trial that lasts. Raises SettingsError with nothing changed."""
        with self._lock:
            self._change("canary", "share", 0.0)
            if (trial := self._lasting()) is not None:
                self._trials.end(trial, ending, self._clock.wall())


def _outcome(side: Side, done: Done, citations: int) -> Outcome:
    """Return what an answer took, without the time that a model needed to wake, as both sides share the memory, and
    that a person needed to allow a tool.
    """
    timings = done.timings
    waited = timings.get("wake", 0.0) + timings.get("consent", 0.0)
    first, decode = timings.get("first_piece"), timings.get("decode", 0.0)
    return Outcome(
        side,
        done.fell_back,
        done.answered,
        seconds=timings.get("total", waited) - waited,
        first_piece=first - waited if first is not None else None,
        tokens_per_second=timings.get("tokens", 0.0) / decode if decode else None,
        citations=citations,
    )
