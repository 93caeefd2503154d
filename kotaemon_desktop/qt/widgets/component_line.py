"""One component in one line: its state, its bytes, when it leaves, and buttons that keep it or send it away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolButton, QWidget

from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.residency_words import component_colour, reload_words, status_name, status_words
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import label, row, tool_button

_COLOURS = {
    ComponentState.ABSENT: "text_muted",
    ComponentState.WAKING: "warning",
    ComponentState.READY: "positive",
    ComponentState.BUSY: "accent",
    ComponentState.IDLE: "positive",
    ComponentState.FAILED: "danger",
}
HEIGHT = 24  # pixels of a line
_AWAY = {ComponentState.ABSENT, ComponentState.FAILED}


class ComponentLine(QWidget):
    """Shows a ComponentStatus; lives in the GUI thread.

    Signals: ``unload_asked(str)``: the component's name. ``pin_asked(str, bool)``: the name, and whether it shall stay.
    """

    unload_asked = Signal(str)
    pin_asked = Signal(str, bool)

    def __init__(self, name: str, *, pinnable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = ComponentStatus(name, ComponentState.ABSENT)
        self._sign = _Sign()
        self._name = label()
        self._words = ElidedLabel()
        self._words.setProperty("muted", True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._unload = tool_button("unload", side=14)
        self._unload.clicked.connect(lambda: self.unload_asked.emit(name))
        self._pin = tool_button("pin", "text_muted", side=14)
        self._pin.setCheckable(True)
        self._pin.clicked.connect(self._ask_to_pin)
        line = row(theme.TIGHT)
        self.setLayout(line)
        self.setFixedHeight(HEIGHT)
        line.addWidget(Swatch(component_colour(name)))
        line.addWidget(self._sign)
        line.addWidget(self._name)
        line.addWidget(self._words, 1)
        for button, shown in ((self._pin, pinnable), (self._unload, True)):
            _keep_place(button)
            button.setVisible(shown)
            line.addWidget(button)
        self.retranslate()

    def show_status(self, status: ComponentStatus) -> None:
        """Show ``status``; nothing is painted again where nothing changed."""
        if status != self._status:
            self._status = status
            self.retranslate()

    def retranslate(self) -> None:
        """Write the words again, in the current language."""
        status, name = self._status, component_name(self._status.name)
        shown = status_name(status)
        words = status_words(status)
        self._sign.show_state(status.state)
        self._name.setText(shown)
        self._words.setText(words)
        reload = "" if status.state in _AWAY else reload_words(status)
        self._words.setToolTip(plain("\n".join(filter(None, (words, reload)))))
        self.setAccessibleName(f"{shown}: {words}")
        self._unload.setVisible(status.state not in _AWAY)
        self._unload.setToolTip(_("Unload now"))
        self._unload.setAccessibleName(_("Unload now: {name}").format(name=name))
        self._pin.setChecked(status.pinned)
        self._pin.setIcon(theme.icon("pin", "accent" if status.pinned else "text_muted"))
        self._pin.setToolTip(_("Unpin: it may unload again") if status.pinned else _("Pin: it stays once it is loaded"))
        self._pin.setAccessibleName((_("Unpin: {name}") if status.pinned else _("Pin: {name}")).format(name=name))

    def _ask_to_pin(self) -> None:
        """Ask for the other state; the button shows the one that holds until it is told of a new one."""
        self._pin.setChecked(self._status.pinned)
        self.pin_asked.emit(self._status.name, not self._status.pinned)


class Swatch(QWidget):
    """A bar in a colour of the theme: which area of a plot a line is about. GUI thread."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.setFixedSize(4, 14)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the bar in the colour that the theme has now."""
        QPainter(self).fillRect(self.rect(), theme.current().colour(self._colour))


class _Sign(QWidget):
    """A component's state as a shape and a colour: ring, half, disc, triangle, cross. GUI thread."""

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


def _keep_place(button: QToolButton) -> None:
    """Let ``button`` hold its place while it is hidden: lines do not jump when a component comes."""
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
