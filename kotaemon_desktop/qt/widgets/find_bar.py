"""A line to look for words in the shown document."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import label, name_line, row, tool_button

_PAUSE_MILLISECONDS = 200  # of typing, before it is searched
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class FindBar(QWidget):
    """Hidden until :meth:`open`. Enter goes on, Shift+Enter back, Escape ends it. GUI thread.

    Signals: ``searched(str)``: the words, empty when it is over; ``stepped(int)``: places to go on or back.
    """

    searched = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = 0
        self._edit = QLineEdit(clearButtonEnabled=True)
        self._edit.addAction(theme.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._pause = QTimer(self, interval=_PAUSE_MILLISECONDS, singleShot=True)
        self._pause.timeout.connect(self._search)
        self._edit.textEdited.connect(lambda _text: self._pause.start())
        self._edit.textChanged.connect(self._end_if_empty)
        self._edit.installEventFilter(self)
        self._number = label("muted")
        self._close = tool_button("close", "text_muted", 14)
        self._close.clicked.connect(self.close_)
        line = row(theme.TIGHT)
        self.setLayout(line)
        line.addWidget(self._edit, 1)
        line.addWidget(self._number)
        line.addWidget(self._close)
        self.setFocusProxy(self._edit)
        self.hide()
        self.retranslate()

    def open(self) -> None:
        """Show the line, ready to type."""
        self.show()
        self._edit.selectAll()
        self._edit.setFocus()

    def close_(self) -> None:
        """End the search."""
        self._pause.stop()
        self._edit.clear()
        self.hide()

    def show_count(self, found: int) -> None:
        """Say how many places were found."""
        self._found = found
        self._number.setText(count(found, N_("{n} place"), N_("{n} places")) if self._edit.text().strip() else "")

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._edit.setPlaceholderText(_("Search in the document"))
        name_line(self._edit, _("Search in the document"))
        self._close.setToolTip(_("End the search (Esc)"))
        self._close.setAccessibleName(_("End the search (Esc)"))
        self.show_count(self._found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Step with Enter, end with Escape."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self.close_()
        elif event.key() not in _ENTER:
            return super().eventFilter(watched, event)
        elif self._pause.isActive():
            self._search()
        else:
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        return True

    def _search(self) -> None:
        self._pause.stop()
        self.searched.emit(self._edit.text())

    def _end_if_empty(self, text: str) -> None:
        if not text:
            self._search()
