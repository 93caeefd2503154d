"""One component in one line: its state, its bytes, when it leaves, and a button that sends it away now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import clock, size
from kotaemon_desktop.qt.widgets.parts import label, row, tool_button

_NAMES = {
    "reader": N_("File reader"),
    "retrieval": N_("Index and embedder"),
    "generator": N_("Language model"),
    "builder": N_("Model builder"),
    "probe": N_("Processor check"),
}
_STATES = {
    ComponentState.ABSENT: N_("not in memory"),
    ComponentState.WAKING: N_("loading…"),
    ComponentState.READY: N_("ready"),
    ComponentState.BUSY: N_("working"),
    ComponentState.IDLE: N_("idle"),
    ComponentState.FAILED: N_("stopped"),
}
_COLOURS = {
    ComponentState.ABSENT: "text_muted",
    ComponentState.WAKING: "warning",
    ComponentState.READY: "positive",
    ComponentState.BUSY: "accent",
    ComponentState.IDLE: "positive",
    ComponentState.FAILED: "danger",
}


def component_name(name: str) -> str:
    """Return what people call component ``name``."""
    return _(_NAMES.get(name, name))


class ComponentLine(QWidget):
    """Shows a ComponentStatus; lives in the GUI thread.

    Signals: ``unload_asked(str)``: the component's name.
    """

    unload_asked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = ComponentStatus(name, ComponentState.ABSENT)
        self._sign = _Sign()
        self._name = label()
        self._words = label("muted", shrinks=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._unload = tool_button("unload", side=16)
        self._unload.clicked.connect(lambda: self.unload_asked.emit(name))
        policy = self._unload.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # lines do not jump when a component comes
        self._unload.setSizePolicy(policy)
        line = row()
        self.setLayout(line)
        line.addWidget(self._sign)
        line.addWidget(self._name)
        line.addWidget(self._words, 1)
        line.addWidget(self._unload)
        self.retranslate()

    def show_status(self, status: ComponentStatus) -> None:
        """Show ``status``; nothing is painted again where nothing changed."""
        if status != self._status:
            self._status = status
            self.retranslate()

    def retranslate(self) -> None:
        """Write the words again, in the current language."""
        status, name = self._status, component_name(self._status.name)
        words = self._describe(status)
        self._sign.show_state(status.state)
        self._name.setText(name)
        self._words.setText(words)
        self._words.setToolTip(status.reason if status.state is ComponentState.FAILED else words)
        self.setAccessibleName(f"{name}: {words}")
        self._unload.setVisible(status.state not in {ComponentState.ABSENT, ComponentState.FAILED})
        self._unload.setToolTip(_("Unload now"))
        self._unload.setAccessibleName(_("Unload now: {name}").format(name=name))

    @staticmethod
    def _describe(status: ComponentStatus) -> str:
        parts = [_(_STATES[status.state])]
        if status.state is ComponentState.WAKING and status.expected_wake:
            parts = [_("loading, about {seconds} s").format(seconds=max(1, round(status.expected_wake)))]
        if status.idle_deadline is not None:
            parts = [_("unloads in {time}").format(time=clock(status.idle_deadline))]
        if status.bytes:
            parts.insert(0, size(status.bytes))
        return " · ".join(parts)


class _Sign(QWidget):
    """A component's state as a shape and a colour: ring, half, disc, square, cross. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self._state = ComponentState.ABSENT
        self.setFixedSize(12, 12)

    def show_state(self, state: ComponentState) -> None:
        if state is not self._state:
            self._state = state
            self.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        colour = theme.current().colour(_COLOURS[self._state])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.5))
        disc = QRectF(2, 2, 8, 8)
        if self._state is ComponentState.FAILED:
            painter.drawLine(QPointF(2.5, 2.5), QPointF(9.5, 9.5))
            painter.drawLine(QPointF(2.5, 9.5), QPointF(9.5, 2.5))
        elif self._state is ComponentState.BUSY:
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([QPointF(3, 2), QPointF(10, 6), QPointF(3, 10)]))
        elif self._state is ComponentState.WAKING:
            painter.drawEllipse(disc)
            painter.setBrush(colour)
            painter.drawPie(disc, 90 * 16, 180 * 16)
        else:
            if self._state is not ComponentState.ABSENT:
                painter.setBrush(colour)
            painter.drawEllipse(disc)
