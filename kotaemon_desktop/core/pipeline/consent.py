"""Asks a person before a tool's first use. The time that they take is kept apart: it is nobody's slowness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kotaemon_desktop.core.errors import SettingsError
from kotaemon_desktop.core.events import AnswerEvent, Degraded, ToolAsked
from kotaemon_desktop.core.pipeline.question import Question
from kotaemon_desktop.core.pipeline.toolbox import Toolbox
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.records import Consent, ToolCall
from kotaemon_desktop.core.tools.errors import ToolNotAllowed


@dataclass(frozen=True, slots=True)
class Asking:
    """Gets a person's word for a call, unless they have given it for good."""

    toolbox: Toolbox
    clock: Clock

    def __call__(self, question: Question, call: ToolCall) -> Iterator[AnswerEvent]:
        """Come to an end if ``call`` may be made. Raises ToolNotAllowed or ToolOffline."""
        if self.toolbox.is_allowed(call):
            return
        yield ToolAsked(call)
        began = self.clock.monotonic()
        consent = question.approve(call)
        question.consent_seconds += self.clock.monotonic() - began
        if consent is Consent.NO:
            raise ToolNotAllowed(tool=call.title, place=call.place)
        if consent is Consent.ALWAYS:
            try:
                self.toolbox.allow(call.permission)
            except SettingsError as error:  # this once it may be called all the same
                yield Degraded(error)
