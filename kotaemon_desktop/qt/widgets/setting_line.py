"""One setting: what it is called and does, its editor, whether it was changed, and the way back to its default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from kotaemon_desktop.core.i18n import _, sentences
from kotaemon_desktop.core.setting_fields import Field, Kind, unit_name
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import duration
from kotaemon_desktop.qt.widgets.parts import column, label, row, tool_button
from kotaemon_desktop.qt.widgets.setting_editors import editor
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

_BELOW = {Kind.RECORDS, Kind.CHOICES, Kind.TEXTS}  # editors that need the whole width


class SettingLine(QWidget):
    """Shows one setting. GUI thread. Signals: ``edited(object)``: it is to be that. ``reset()``."""

    edited = Signal(object)
    reset = Signal()

    def __init__(self, field: Field, proposals: Mapping[str, str]) -> None:
        super().__init__()
        self.field = field
        self._editor = editor(field, proposals)
        self._title = label(wrap=True)
        self._mark = ToneLabel("accent")
        self._help = _paragraph()
        self._problem = ToneLabel("danger")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._back = tool_button("undo", "text_muted", 16)
        self._back.clicked.connect(self.reset.emit)
        keeps = self._back.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(keeps)
        self._arrange()
        self._editor.edited.connect(self._take)
        self._editor.refused.connect(self.show_problem)
        self.setAccessibleName(_(field.title))
        self._title.setText(_(field.title))
        self._help.setText(sentences(_(field.help), _(field.applies) if field.applies else ""))
        self._title.setToolTip(field.key)
        self._mark.setText(_("changed"))
        self._back.setToolTip(_("Back to the default: {value}").format(value=_said(field, field.default)))
        self._back.setAccessibleName(_("Reset: {setting}").format(setting=_(field.title)))
        self._editor.set_name(_(field.title))

    def show_value(self, value: Any) -> None:
        """Show what the setting is now."""
        self._editor.show_value(value)
        changed = value != self.field.default
        self._mark.setVisible(changed)
        self._back.setVisible(changed)
        self.setAccessibleDescription(_("changed") if changed else "")
        self.show_problem("")

    def show_problem(self, words: str) -> None:
        """Explain below the editor why its value was not taken; nothing if ``words`` are empty."""
        self._problem.setText(words)
        self._problem.setAccessibleName(words)
        self._problem.setVisible(bool(words))

    def _take(self, value: object) -> None:
        self.show_problem("")
        self.edited.emit(value)

    def _arrange(self) -> None:
        heading = row(theme.GAP)
        heading.addWidget(self._title)
        heading.addWidget(self._mark)
        heading.addStretch(1)
        words = column(theme.TIGHT // 2)
        words.addLayout(heading)
        words.addWidget(self._help)
        across = row(theme.WIDE)
        across.addLayout(words, 1)
        below = column(theme.TIGHT, (theme.GAP, theme.GAP, theme.GAP, theme.GAP))
        self.setLayout(below)
        below.addLayout(across)
        if self.field.kind in _BELOW:
            below.addWidget(self._editor, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            across.addWidget(self._editor, 0, Qt.AlignmentFlag.AlignVCenter)
        across.addWidget(self._back, 0, Qt.AlignmentFlag.AlignVCenter)
        below.addWidget(self._problem)


def _paragraph() -> QLabel:
    made = label("muted", wrap=True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def _said(field: Field, value: Any) -> str:
    """Return a value as people read it."""
    match field.kind:
        case Kind.SWITCH:
            return _("On") if value else _("Off")
        case Kind.CHOICE:
            return _((field.words or {})[value])
        case Kind.WHOLE | Kind.NUMBER if field.unit == "s":
            return duration(value)
        case Kind.WHOLE | Kind.NUMBER:
            scale = 100 if field.unit == "%" else 1
            return f"{value * scale:.12g}{unit_name(field.unit, space=True)}"
        case _ if not value:
            return _("none")
        case _:
            return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
