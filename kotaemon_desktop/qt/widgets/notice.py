"""A slim bar that says what happened and offers one thing to do; it takes no focus and blocks nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import label, push_button, row, tool_button

_KEPT = 8  # a hundred failed files must not mean a hundred clicks


class Level(StrEnum):
    """How grave a notice is. The value is the name of its icon."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_COLOUR = {Level.INFO: "accent", Level.WARNING: "warning", Level.ERROR: "danger"}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. ``text`` makes its words when they are shown, in the language of then."""

    text: Callable[[], str]
    level: Level = Level.INFO
    action: Callable[[], str] | None = None
    do: Callable[[], object] | None = None


class NoticeBar(QFrame):
    """Shows the latest of some notices, hidden when there is none. Lives in the GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: list[Notice] = []
        self._sign = label()
        self._text = label(wrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = push_button("flat")
        self._action.clicked.connect(self._do)
        self._close = tool_button("close", "text_muted", 14)
        self._close.clicked.connect(self.dismiss)
        line = row(margins=(theme.GAP, theme.TIGHT, theme.TIGHT, theme.TIGHT))
        self.setLayout(line)
        for widget in (self._sign, self._text, self._action, self._close):
            line.addWidget(widget)
        self.setProperty("panel", True)
        self.hide()
        self.retranslate()

    @property
    def notice(self) -> Notice | None:
        """The notice that is shown."""
        return self._notices[-1] if self._notices else None

    def show_notice(self, notice: Notice) -> None:
        """Show ``notice`` on top of earlier ones; the same words are not shown twice."""
        words = notice.text()
        kept = [earlier for earlier in self._notices if earlier.text() != words]
        self._notices = [*kept, notice][-_KEPT:]
        self.retranslate()

    def dismiss(self) -> None:
        """Take the shown notice away; an earlier one comes back."""
        if self._notices:
            self._notices.pop()
        self.retranslate()

    def withdraw(self, notice: Notice | None) -> None:
        """Take ``notice`` away if it is there: it is no longer true."""
        self._notices = [each for each in self._notices if each is not notice]
        self.retranslate()

    def clear(self) -> None:
        """Take all notices away."""
        self._notices.clear()
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again, in the current language."""
        self._close.setAccessibleName(_("Dismiss the message"))
        self._close.setToolTip(_("Dismiss"))
        notice = self.notice
        words = notice.text() if notice else ""
        self._text.setText(words)  # nothing of a former one, not even in another language
        self.setAccessibleName(_("Message: {text}").format(text=words))
        if notice is not None:
            colour = _COLOUR[notice.level]
            self._sign.setPixmap(theme.icon(notice.level, colour).pixmap(QSize(18, 18), self.devicePixelRatioF()))
            self._action.setVisible(notice.action is not None)
            self._action.setText(notice.action() if notice.action else "")
        self.setVisible(notice is not None)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the sign again in a new theme's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._notices:
            self.retranslate()

    def _do(self) -> None:
        notice = self.notice
        self.dismiss()
        if notice is not None and notice.do is not None:
            notice.do()
