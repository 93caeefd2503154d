"""All components in lines, the window among them, and what came back when the last ones went."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kotaemon_desktop.core.events import Released
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import size
from kotaemon_desktop.qt.residency_words import component_colour, freed_line, freed_words
from kotaemon_desktop.qt.widgets.component_line import HEIGHT, ComponentLine, Swatch
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row, tool_button

_PASSING = {
    "builder",
    "probe",
    "updates",
}  # needed for a moment: no line of theirs while they are away, and no pin


class ComponentList(QWidget):
    """Shows the status of every component; lives in the GUI thread. Its lines are the legend of the plot above.

    Signals: ``unload_asked(str)``, ``pin_asked(str, bool)``, ``unload_all_asked()``.
    """

    unload_asked = Signal(str)
    pin_asked = Signal(str, bool)
    unload_all_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[str, ComponentLine] = {}
        self._releases: Sequence[Released] = ()
        self._window, self._window_size = label(), label("muted")
        self._components = column(0)
        self._freed = ElidedLabel()
        self._freed.setProperty("muted", True)
        self._past = label("muted", wrap=True)
        self._past.setTextFormat(Qt.TextFormat.PlainText)
        self._past.hide()
        self._unfold = tool_button("chevron-down", "text_muted", 14)
        self._unfold.setCheckable(True)
        self._unfold.clicked.connect(self._show_past)
        self._unload_all = push_button("flat")
        self._unload_all.clicked.connect(self.unload_all_asked)
        layout = column(0)
        self.setLayout(layout)
        layout.addLayout(self._build_window_line())
        layout.addLayout(self._components)
        layout.addLayout(self._build_footer())
        layout.addWidget(self._past)
        self.retranslate()

    def show_components(self, components: Sequence[ComponentStatus], window: int) -> None:
        """Show where each component stands, and the bytes of the main process."""
        self._window_size.setText(size(window))
        for status in components:
            line = self._lines.get(status.name) or self._add(status.name)
            line.show_status(status)
            line.setHidden(status.name in _PASSING and status.state is ComponentState.ABSENT)
        self._unload_all.setEnabled(any(status.hosts for status in components))

    def show_releases(self, releases: Sequence[Released]) -> None:
        """Show what came back, newest first: the last as a line, the others on demand."""
        self._releases = tuple(releases)
        self._freed.setText(freed_words(releases[0]) if releases else _("Loaded when needed, gone when idle."))
        self._unfold.setVisible(bool(releases))
        self._past.setText("\n".join(map(freed_line, releases)))

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._window.setText(_("Window"))
        self._window.setToolTip(_("The main process: it alone stays while everything rests"))
        self._unload_all.setText(_("Unload all"))
        self._unload_all.setToolTip(_("Every component leaves memory as soon as nobody uses it"))
        self._unfold.setToolTip(_("What was freed lately"))
        self._unfold.setAccessibleName(_("What was freed lately"))
        self.show_releases(self._releases)
        for line in self._lines.values():
            line.retranslate()

    def _build_window_line(self) -> QHBoxLayout:
        line = row(theme.TIGHT)
        line.addStrut(HEIGHT)
        line.addWidget(Swatch(component_colour("window")))
        line.addWidget(self._window)
        line.addStretch(1)
        line.addWidget(self._window_size)
        return line

    def _build_footer(self) -> QHBoxLayout:
        line = row(theme.TIGHT)
        line.addWidget(self._freed, 1)
        line.addWidget(self._unfold)
        line.addWidget(self._unload_all)
        return line

    def _add(self, name: str) -> ComponentLine:
        line = self._lines[name] = ComponentLine(name, pinnable=name not in _PASSING)
        line.unload_asked.connect(self.unload_asked)
        line.pin_asked.connect(self.pin_asked)
        self._components.addWidget(line)
        return line

    def _show_past(self, shown: bool) -> None:
        self._past.setVisible(shown)
        self._unfold.setIcon(theme.icon("chevron-up" if shown else "chevron-down", "text_muted"))
