"""Where an answer waits for a person's word on a tool: asked in the answering lane, answered in the GUI thread."""

from __future__ import annotations

from queue import SimpleQueue

from kotaemon_desktop.core.records import Consent, ToolCall


class Consents:
    """The consents of one question. :meth:`ask` waits in its lane; the others are for the GUI thread."""

    def __init__(self) -> None:
        self._answers: SimpleQueue[Consent] = SimpleQueue()
        self._closed = False

    def ask(self, _call: ToolCall) -> Consent:
        """Wait for what is said to the call that the window shows now."""
        return Consent.NO if self._closed else self._answers.get()

    def answer(self, consent: Consent) -> None:
        """Say it."""
        self._answers.put(consent)

    def close(self) -> None:
        """Say no to whatever is asked or still to be asked: the answer was stopped, or the window closes."""
        self._closed = True
        self._answers.put(Consent.NO)
