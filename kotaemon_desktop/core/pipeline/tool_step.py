"""The step that asks tools: their results stand among the sources, before the documents' passages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kotaemon_desktop.core.errors import ComponentError
from kotaemon_desktop.core.events import AnswerEvent, Degraded, Found, Sent, ToolCalled, Waking
from kotaemon_desktop.core.pipeline.consent import Asking
from kotaemon_desktop.core.pipeline.question import Question
from kotaemon_desktop.core.pipeline.tool_choice import Choosing
from kotaemon_desktop.core.pipeline.toolbox import Toolbox
from kotaemon_desktop.core.protocols import Clock, Lender
from kotaemon_desktop.core.records import ComponentState, Hit, Strength, ToolCall
from kotaemon_desktop.core.storage.tool_results import ToolResults, passage
from kotaemon_desktop.core.tools.errors import ToolError, ToolFoundNothing


@dataclass(frozen=True, slots=True)
class Calling:
    """``tool``: ask the tools that the question calls, with the consent of who asks it.

    A tool that fails, is refused or is not allowed leaves a word about it; the answer goes on from the documents.
    """

    toolbox: Toolbox
    choosing: Choosing
    asking: Asking
    results: ToolResults
    keeper: Lender
    clock: Clock

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        found: list[Hit] = []
        called = yield from self.toolbox.called_by(question.text)
        for call in called or (yield from self.choosing(question)):
            try:
                yield from self.asking(question, call)
                yield from self._called(question, call, found)
            except (ToolError, ComponentError) as error:
                yield Degraded(error)
        if found:
            yield Found((*found, *question.hits), question.note_of_search)

    def _called(self, question: Question, call: ToolCall, found: list[Hit]) -> Iterator[AnswerEvent]:
        """Make one call and put what it gives into ``found``. Raises ToolError or ComponentError."""
        host = self.toolbox.host_of(call)
        status = self.keeper.status(host)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(host, status.expected_wake)
        if call.leaves:
            yield Sent(call.place)
        began = self.clock.monotonic()
        result = self.toolbox.call(call)
        seconds = self.clock.monotonic() - began
        if not result.text:
            yield ToolCalled(call, result.address, False, seconds)
            raise ToolFoundNothing(tool=call.title, sent=call.sent)
        number = len(found) + 1
        if question.conversation_id is not None:
            number = self.results.add(question.conversation_id, call, result.address, result.text, self.clock.wall())
        source = passage(number, call.title, result.address, call.sent, result.text)
        found.append(Hit(source, 1.0, Strength.STRONG))
        yield ToolCalled(call, result.address, True, seconds)
