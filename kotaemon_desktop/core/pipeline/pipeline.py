"""A pipeline: named steps that answer a question one after the other. Building one loads and wakes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kotaemon_desktop.core.errors import ComponentError
from kotaemon_desktop.core.events import AnswerEvent, Degraded
from kotaemon_desktop.core.pipeline.question import Question

Step = Callable[[Question], Iterator[AnswerEvent]]
"""Yields what it does to a question as events; a generator function is one.

A step that has nothing to do yields nothing. It reads what the steps before it have left in the question, and wakes
what it needs when it runs. What it yields is in the question before it goes on: ``yield Found(hits)`` sets its hits,
``yield Piece(text)`` adds to its answer, and ``yield Cited(answer, citations)`` ends the pipeline.
"""


class Pipeline:
    """Holds its steps in order; has no state of any question, so that one may serve several.

    >>> quick = Pipeline("mine").add_step("retrieve", retrieve).add_step("quote", quote)
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._steps: dict[str, Step] = {}

    def add_step(self, name: str, step: Step) -> Pipeline:
        """Put ``step`` behind those that are there and return the pipeline. Raises ValueError for a name twice."""
        if name in self._steps:
            raise ValueError(f"the pipeline {self.name!r} has a step {name!r} already")
        self._steps[name] = step
        return self

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its steps, in order."""
        return tuple(self._steps)

    def run(self, question: Question) -> Iterator[AnswerEvent]:
        """Yield the events of each step until one has given the answer with its citations.

        Whoever iterates notes each event in ``question`` before the next. A component that fails takes its step with
        it, not the answer, unless something was said that cannot be taken back.
        """
        for name, step in self._steps.items():
            question.step = name
            try:
                yield from step(question)
            except ComponentError as error:
                if question.answer:
                    raise
                yield Degraded(error)
            if question.cited is not None:
                return
