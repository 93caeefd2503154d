"""What plugins add to pipelines: their steps, routes, memories and tools, run in a host of their own."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, cast, get_args

from kotaemon_desktop.core.errors import (
    ComponentCrashed,
    ComponentError,
    ComponentTimedOut,
    PluginBroken,
    PluginMissing,
)
from kotaemon_desktop.core.events import AnswerEvent, Waking
from kotaemon_desktop.core.pipeline.pipeline import Step
from kotaemon_desktop.core.pipeline.question import Question
from kotaemon_desktop.core.plugins.contract import Asked
from kotaemon_desktop.core.plugins.found import PREFIX, Plugin, broken
from kotaemon_desktop.core.plugins.registry import Listed, Plugins, State
from kotaemon_desktop.core.protocols import Lease, Lender
from kotaemon_desktop.core.records import ComponentState, Turn
from kotaemon_desktop.core.residency.names import PLUGINS
from kotaemon_desktop.core.text.language import language

_EVENTS = get_args(AnswerEvent)
_ROUTE_SECONDS = 2.0
_TOOL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PluginSteps:
    """Asks plugins; lives in the answering lane.

    Everything here raises PluginBroken, which names the one to blame, and what waking their host raises.
    """

    keeper: Lender
    plugins: Plugins

    def step(self, name: str) -> Step:
        """Return the step ``plugin.NAME``; looked for when it runs, which raises PluginMissing where there is none."""

        def run(question: Question) -> Iterator[AnswerEvent]:
            wanted = name.removeprefix(PREFIX)
            plugin = self.plugins.find("steps", wanted)
            if plugin is None:
                raise PluginMissing(kind="steps", name=wanted)
            yield from self.waking()
            with self._lent(plugin) as lease:
                stream = cast("Any", lease.stream("stream", plugin, "run", asked(question)))
                with closing(stream):
                    for event in stream:
                        if not isinstance(event, _EVENTS):
                            raise broken(plugin, f"it yields {type(event).__name__}, which is no event of an answer")
                        yield event

        return run

    def routes(self) -> Sequence[Plugin]:
        """Return the routes, in the order in which they are asked."""
        return self.plugins.of("routes")

    def routed(self, route: Plugin, question: Question) -> str | None:
        """Return what ``route`` answers, or None where it does not."""
        return self.call(route, str, "answer", asked(question), seconds=_ROUTE_SECONDS)

    def recalled(self, question: Question) -> Sequence[Turn]:
        """Return the turns that a model is told of: all, unless a plugin says which."""
        for memory in self.plugins.of("memory")[:1]:
            turns = self.call(memory, list | tuple, "recall", asked(question))
            return [turn for turn in turns or () if turn in question.turns]
        return question.turns

    def called(self, tool: Plugin, question: str) -> tuple[dict[str, str], bool] | None:
        """Return what ``tool`` would be sent of ``question``, and whether that leaves this machine; None: nothing."""
        with self._lent(tool) as lease:
            return lease.call("tool_called_by", tool, question, timeout=_TOOL_SECONDS)

    def told(self, tool: Plugin, fields: Mapping[str, str]) -> str:
        """Return what ``tool`` knows of ``fields``, empty for nothing."""
        with self._lent(tool) as lease:
            return lease.call("use_tool", tool, fields, timeout=_TOOL_SECONDS)

    def waking(self) -> Iterator[Waking]:
        """Yield Waking if the plugins' host sleeps."""
        status = self.keeper.status(PLUGINS)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(PLUGINS, status.expected_wake)

    @contextmanager
    def _lent(self, plugin: Plugin) -> Generator[Lease]:
        """Lend the plugins' host to run ``plugin``, which is to blame when the host dies or is silent."""
        try:
            with self.keeper.lease(PLUGINS) as lease:
                yield lease
        except (ComponentCrashed, ComponentTimedOut) as error:
            raise broken(plugin, error) from error

    def call(self, plugin: Plugin, kind: Any, method: str, *arguments: Any, seconds: float | None = None) -> Any:
        """Return what ``method`` of ``plugin`` returns, which has to be of ``kind``, or None."""
        with self._lent(plugin) as lease:
            told = lease.call("call", plugin, method, *arguments, timeout=seconds)
        if told is not None and not isinstance(told, kind):
            raise broken(plugin, f"{method} returns {type(told).__name__}")
        return told


def check(keeper: Lender, plugins: Plugins) -> list[Listed]:
    """Build each plugin in the plugins' host and return them all as they stand then. Takes what they take."""
    for each in plugins.all():
        if each.state is State.ON:
            try:
                with keeper.lease(PLUGINS) as lease:
                    lease.call("check", each.plugin)
            except ComponentError as error:
                plugins.give_up(error if isinstance(error, PluginBroken) else broken(each.plugin, error))
    return plugins.all()


def asked(question: Question) -> Asked:
    """Return ``question`` as a plugin sees it."""
    return Asked(
        question.text, question.asked, language(question.text), tuple(question.turns), question.hits, question.answer
    )
