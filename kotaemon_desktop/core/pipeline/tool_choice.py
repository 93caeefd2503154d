"""Lets a language model choose tools that no pattern calls, from the question alone, before it has seen a document."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from kotaemon_desktop.core.errors import ComponentError, KotaemonError
from kotaemon_desktop.core.events import AnswerEvent, Degraded, Waking
from kotaemon_desktop.core.pipeline.consent import Asking
from kotaemon_desktop.core.pipeline.question import Question, never
from kotaemon_desktop.core.pipeline.toolbox import Toolbox, call_of
from kotaemon_desktop.core.protocols import Lender
from kotaemon_desktop.core.records import ComponentState, GeneratorFacts, ModelInfo, ToolCall
from kotaemon_desktop.core.residency.names import GENERATOR
from kotaemon_desktop.core.tools.errors import ToolError, ToolNotAllowed


@dataclass(frozen=True, slots=True)
class Choosing:
    """Asks the model that will answer. ``model`` returns it for a wish, or None where nobody writes.

    No passage is in the prompt, so no document can make the model call anything. What has to be contacted to learn what
    it takes is contacted with a person's consent only.
    """

    toolbox: Toolbox
    asking: Asking
    keeper: Lender
    model: Callable[[str | None], ModelInfo | None]

    def __call__(self, question: Question) -> Generator[AnswerEvent, None, list[ToolCall]]:
        """Yield what has to wake and return the calls; none where no model can choose, or it fails."""
        if not self.toolbox.offered() or self.model(question.wish) is None:
            return []
        status = self.keeper.status(GENERATOR)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(GENERATOR, status.expected_wake)
        if not self._can_choose():
            return []
        described = yield from self._described(question)  # nobody's host waits for a person
        try:
            with self.keeper.lease(GENERATOR) as lease:
                return self.toolbox.chosen(lease.call("tool_calls", question.asked, described)) if described else []
        except KotaemonError:  # it will fail again when it is to write, and say why
            return []

    def _can_choose(self) -> bool:
        try:
            with self.keeper.lease(GENERATOR) as lease:
                facts: GeneratorFacts = lease.call("about")
                return facts.takes_tools
        except KotaemonError:
            return False

    def _described(self, question: Question) -> Generator[AnswerEvent, None, list[dict[str, Any]]]:
        """Return what the offered tools are; those that cannot say it are named once and left alone for a while."""
        described: list[dict[str, Any]] = []
        for tool in self.toolbox.offered():
            try:
                if self.toolbox.is_contacted(tool):
                    yield from self.asking(question, call_of(tool, by_model=True))
                described.append(self.toolbox.described(tool))
            except ToolNotAllowed as error:
                if question.approve is not never:  # somebody said no, not only that nobody is there to ask
                    self.toolbox.leave_alone(tool)
                yield Degraded(error)
            except (ToolError, ComponentError) as error:
                self.toolbox.leave_alone(tool)
                yield Degraded(error)
        return described
