"""Asks whether a tool may be called: what would be sent, where, and three answers."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import Consent, ToolCall
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

_WORDS = {Consent.NO: N_("No"), Consent.ALWAYS: N_("Always"), Consent.ONCE: N_("Allow once")}


class ConsentBar(QFrame):
    """Shows a tool call that waits for consent, hidden when there is none. It takes no focus. GUI thread.

    Signals: ``answered(Consent)``.
    """

    answered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._call: ToolCall | None = None
        self._asks = label(wrap=True)
        self._sends = label("muted", wrap=True)
        self._leaves = ToneLabel("warning")
        for words in (self._asks, self._sends, self._leaves):
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons: dict[Consent, QPushButton] = {}
        answers = row()
        answers.addWidget(self._leaves, 1)
        for consent in _WORDS:
            button = self._buttons[consent] = push_button("primary" if consent is Consent.ONCE else "")
            button.clicked.connect(partial(self.answered.emit, consent))
            answers.addWidget(button)
        lines = column(theme.TIGHT, (theme.WIDE, theme.GAP, theme.GAP, theme.GAP))
        self.setLayout(lines)
        lines.addWidget(self._asks)
        lines.addWidget(self._sends)
        lines.addLayout(answers)
        self.setProperty("panel", True)
        self.hide()

    def show_call(self, call: ToolCall | None) -> None:
        """Ask about ``call``, or about nothing any more."""
        self._call = call
        self.retranslate()
        self.setVisible(call is not None)

    def retranslate(self) -> None:
        """Write the words again, in the current language."""
        for consent, button in self._buttons.items():
            button.setText(_(_WORDS[consent]))
        call = self._call
        if call is None:
            return
        asks = _("To answer this, “{tool}” would ask {place}.").format(tool=call.title, place=call.place)
        self._asks.setText(asks)
        self._sends.setText(_("It sends: {sent}").format(sent=call.sent or _("nothing of your question")))
        self._leaves.setText(_("Leaves this computer") if call.leaves else "")
        self.setAccessibleName(asks)
        for consent, button in self._buttons.items():
            button.setAccessibleName(f"{_(_WORDS[consent])}: {call.title}")
