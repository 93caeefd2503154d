"""Lets a language model choose tools that no pattern calls, from the question alone, before it has seen a document."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.events import AnswerEvent, Waking
from kotaemon_desktop.core.pipeline.question import Question
from kotaemon_desktop.core.pipeline.toolbox import Toolbox
from kotaemon_desktop.core.protocols import Lender
from kotaemon_desktop.core.records import ComponentState, GeneratorFacts, ModelInfo, ToolCall
from kotaemon_desktop.core.residency.names import GENERATOR


@dataclass(frozen=True, slots=True)
class Choosing:
    """Asks the model that will answer. ``model`` returns it for a wish, or None where nobody writes.

    No passage is in the prompt, so no document can make the model call anything.
    """

    toolbox: Toolbox
    keeper: Lender
    model: Callable[[str | None], ModelInfo | None]

    def __call__(self, question: Question) -> Generator[AnswerEvent, None, list[ToolCall]]:
        """Yield what has to wake and return the calls; none where no model can choose, or it fails."""
        if not self.toolbox.offered() or self.model(question.wish) is None:
            return []
        status = self.keeper.status(GENERATOR)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(GENERATOR, status.expected_wake)
        try:
            with self.keeper.lease(GENERATOR) as lease:
                facts: GeneratorFacts = lease.call("about")
                if not facts.takes_tools:
                    return []
                return self.toolbox.chosen(lease.call("tool_calls", question.asked, self.toolbox.described()))
        except KotaemonError:  # it will fail again when it is to write, and say why
            return []
