"""A row of chips, each one thing to know; a chip unfolds to its whole text, with what can be done."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.widgets.parts import label, push_button, row, tool_button


class Chip(msgspec.Struct, frozen=True):
    """One thing to know: a word or two, an icon in a colour of the theme, the whole text, and the name of an action."""

    kind: str
    words: str
    icon: str
    tone: str
    text: str
    action: str = ""  # what its button says; empty: there is nothing to do
    urgent: bool = False  # a warning


class ChipRow(QWidget):
    """Shows chips; ``detail``, which its owner places, has the whole text of the one that was clicked. GUI thread.

    Only the first chip, if it is a warning, is told in words beside its icon: there is not much room in a heading.

    Signals: ``acted(str)``: the action of the chip of this kind was asked for.
    """

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: tuple[Chip, ...] = ()
        self._open = ""  # the kind whose text is shown
        self._buttons: dict[str, QToolButton] = {}
        self._row = row(0)
        self.setLayout(self._row)
        self.detail = QFrame()
        self.detail.setProperty("panel", True)
        self.detail.hide()
        self._text = label(wrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._action = push_button("flat")
        self._action.clicked.connect(self._act)
        inside = row(margins=(theme.GAP, theme.TIGHT, theme.TIGHT, theme.TIGHT))
        self.detail.setLayout(inside)
        inside.addWidget(self._text, 1)
        inside.addWidget(self._action)

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show ``chips``, the most important first; what stays the same is not touched."""
        shown = tuple(chips)
        if shown == self._chips:
            return
        self._chips = shown
        kinds = [chip.kind for chip in shown]
        for kind in [kind for kind in self._buttons if kind not in kinds]:
            gone = self._buttons.pop(kind)
            self._row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, chip in enumerate(shown):
            button = self._buttons.get(chip.kind) or self._add(chip.kind)
            self._row.insertWidget(place, button)
            button.show()
            button.setIcon(theme.icon(chip.icon, chip.tone))
            worded = place == 0 and chip.urgent
            style = Qt.ToolButtonStyle
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if worded else style.ToolButtonIconOnly)
            button.setText(chip.words)
            button.setToolTip(plain(chip.text))
            button.setAccessibleName(chip.words)
            button.setAccessibleDescription(chip.text)
        self._unfold(self._open if self._open in kinds else "")

    def _add(self, kind: str) -> QToolButton:
        button = self._buttons[kind] = tool_button("info", side=14)
        button.setCheckable(True)
        button.clicked.connect(lambda checked: self._unfold(kind if checked else ""))
        return button

    def _unfold(self, kind: str) -> None:
        """Show the whole text of the chip of this kind, or none."""
        self._open = kind
        for each, button in self._buttons.items():
            button.setChecked(each == kind)
        chip = next((chip for chip in self._chips if chip.kind == kind), None)
        self.detail.setHidden(chip is None)
        if chip is not None:
            self._text.setText(chip.text)
            self._action.setText(chip.action)
            self._action.setVisible(bool(chip.action))
            self._action.setAccessibleName(_("{action}: {chip}").format(action=chip.action, chip=chip.words))

    def _act(self) -> None:
        self.acted.emit(self._open)
