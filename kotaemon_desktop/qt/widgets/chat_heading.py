"""The line above the chat: the conversation's title, the way to the others, and a new one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import Sleep
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.sleep import sleep_words
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import row, tool_button
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel


class ChatHeading(QWidget):
    """Shows the title, which can be changed where it stands. GUI thread.

    Signals: ``renamed(str)``, ``list_wanted(bool)``: show the conversations, or no longer; ``new_wanted()``.
    """

    renamed = Signal(str)
    list_wanted = Signal(bool)
    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._title = ElidedLabel()
        self._title.setProperty("heading", True)
        self._edit = QLineEdit()
        self._edit.editingFinished.connect(self._finish)
        self._edit.installEventFilter(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._title)
        self._stack.addWidget(self._edit)
        self._sleep = ToneLabel("text_muted")
        self._sleeping: Sleep | None = None
        self._list = tool_button("chat", side=theme.ICON)
        self._list.setCheckable(True)
        self._list.clicked.connect(self.list_wanted)
        self._new = tool_button("new-chat", side=theme.ICON)
        self._new.clicked.connect(self.new_wanted)
        self._new.setEnabled(False)
        line = row(theme.TIGHT)
        self.setLayout(line)
        line.addWidget(self._stack, 1)
        line.addWidget(self._sleep)
        line.addSpacing(theme.TIGHT)
        line.addWidget(self._list)
        line.addWidget(self._new)
        self._stack.setFixedHeight(self._edit.sizeHint().height())
        self.retranslate()

    def show_title(self, title: str) -> None:
        """Show the conversation's title; empty for one that has none yet."""
        self._name = title
        self._title.setText(title or _("Ask your documents"))

    def show_sleep(self, sleep: Sleep | None) -> None:
        """Say whether the conversation sleeps."""
        self._sleeping = sleep
        self._sleep.setVisible(sleep is not None)
        if sleep is not None:
            words = sleep_words(sleep)
            self._sleep.setText(words)
            self._sleep.setAccessibleName(words)
            kept = _("What the model has read of this conversation is on the disk and comes back with your question.")
            gone = _("The model reads this conversation again with your question, which takes longer.")
            self._sleep.setToolTip(kept if sleep.kept else gone)

    def show_state(self, *, there_is_one: bool, listing: bool) -> None:
        """Say whether a conversation is open, and whether the list is shown."""
        self._new.setEnabled(there_is_one or listing)
        self._list.setChecked(listing)

    def rename(self) -> None:
        """Let the title be changed."""
        if self._name:
            self._edit.setText(self._name)
            self._edit.selectAll()
            self._stack.setCurrentWidget(self._edit)
            self._edit.setFocus()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.show_title(self._name)
        self.show_sleep(self._sleeping)
        self._edit.setAccessibleName(_("Title of the conversation"))
        self._new.setToolTip(_("New conversation (Ctrl+N)"))
        self._new.setAccessibleName(_("New conversation"))
        self._list.setToolTip(_("Conversations (Ctrl+K)"))
        self._list.setAccessibleName(_("Conversations"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Leave the title as it was with Escape."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self._edit.setText(self._name)
            self._finish()
            return True
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        if self._stack.currentWidget() is self._edit:
            self._stack.setCurrentWidget(self._title)
            text = self._edit.text().strip()
            if text and text != self._name:
                self.show_title(text)
                self.renamed.emit(text)
