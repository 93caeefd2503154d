"""Whether the open conversation sleeps, and how long its next question will wait for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import ComponentState, ComponentStatus, Sleep
from kotaemon_desktop.core.residency.names import GENERATOR
from kotaemon_desktop.qt.workers import Lanes


class SleepModel(QObject):
    """Looks again when the language model or the open conversation has changed; lives in the GUI thread.

    Signals: ``changed(Sleep | None)``.
    """

    changed = Signal(object)

    def __init__(
        self, engine: Engine, lanes: Lanes, conversation: Callable[[], int | None], parent: QObject | None = None
    ) -> None:
        """``conversation`` returns the id of the open one, None before its first question."""
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._conversation = conversation
        self._seen: object = None

    def look(self, components: Sequence[ComponentStatus]) -> None:
        """Take the components as they are now."""
        opened = self._conversation()
        generator = next((each for each in components if each.name == GENERATOR), None)
        if generator is None:
            return
        seen = (opened, generator.state, generator.resting, generator.expected_wake)
        if seen == self._seen:
            return
        self._seen = seen
        if opened is None or generator.state in {ComponentState.BUSY, ComponentState.WAKING}:
            self.changed.emit(None)
            return
        self._lanes.call(
            "browsing",
            partial(self._engine.questions.sleep_of, opened),
            on_result=self.changed.emit,
            on_error=self._ignore,
        )

    def _ignore(self, _error: Exception) -> None:
        """A model that is gone is told by the question that needs it."""
        self.changed.emit(None)


def sleep_words(sleep: Sleep) -> str:
    """Return how a conversation sleeps, in few words."""
    if not sleep.kept:
        return _("Asleep · will be read again")
    if sleep.seconds is None:
        return _("Asleep")
    return _("Asleep · wakes in about {n} s").format(n=f"{max(0.1, sleep.seconds):.1f}")
