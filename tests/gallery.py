"""Draws each kind of widget in each state, in both themes and languages: what a change of the look is held against.

Run with: uv run python tests/gallery.py FOLDER
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before the first import of PySide6

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QProgressBar,
    QRadioButton,
    QTimeEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from kotaemon_desktop.core.i18n import _, use_language
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.language import follow_language
from kotaemon_desktop.qt.widgets import parts
from kotaemon_desktop.qt.widgets.notice import Level, Notice, NoticeBar
from kotaemon_desktop.qt.widgets.question_box import QuestionBox

STATES = ("rest", "hover", "focus", "pressed", "checked", "disabled")
CELL = (232, 72)  # pixels
CAPTION = 120


def _button(style: str) -> QWidget:
    made = parts.push_button(style)
    made.setText(_("Download"))
    return made


def _tool() -> QWidget:
    made = parts.tool_button("search")
    made.setCheckable(True)
    return made


def _checkable(kind: type[QCheckBox | QRadioButton]) -> QWidget:
    return kind(_("On"))


def _choice() -> QWidget:
    made = QComboBox()
    made.addItems([_("Light"), _("Dark")])
    return made


def _text() -> QWidget:
    made = QLineEdit()
    made.setPlaceholderText(_("Filter by name"))
    return made


def _time() -> QWidget:
    made = QTimeEdit()
    made.setButtonSymbols(QTimeEdit.ButtonSymbols.NoButtons)
    return made


def _label(style: str) -> QWidget:
    made = parts.label(style)
    made.setText(_("Ask your documents…"))
    return made


def _progress() -> QWidget:
    made = QProgressBar()
    made.setValue(60)
    return made


def _table() -> QWidget:
    made = QTreeWidget()
    made.setHeaderLabels([_("Model"), _("Languages")])
    made.addTopLevelItem(QTreeWidgetItem(["Qwen2.5", "2"]))
    made.setCurrentItem(made.topLevelItem(0))
    return made


def _notice(level: Level) -> QWidget:
    made = NoticeBar()
    made.show_notice(Notice(lambda: _("Ask your documents…"), level))
    return made


def _question(busy: bool) -> QWidget:
    made = QuestionBox()
    made.set_busy(busy)
    return made


KINDS: dict[str, Callable[[], QWidget]] = {
    "button": lambda: _button(""),
    "primary": lambda: _button("primary"),
    "flat": lambda: _button("flat"),
    "tool": _tool,
    "check box": lambda: _checkable(QCheckBox),
    "radio": lambda: _checkable(QRadioButton),
    "choice": _choice,
    "text": _text,
    "time": _time,
    "label": lambda: _label(""),
    "muted": lambda: _label("muted"),
    "heading": lambda: _label("heading"),
    "progress": _progress,
    "table": _table,
    **{f"notice, {level}": lambda level=level: _notice(level) for level in Level},
    "question": lambda: _question(False),
    "stop": lambda: _question(True),
}


def _put(widget: QWidget, state: str) -> bool:
    """Bring ``widget`` into ``state``; return whether it knows that state."""
    match state:
        case "hover":
            widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
        case "focus":
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return widget.hasFocus() or any(each.hasFocus() for each in widget.findChildren(QWidget))
        case "pressed" if isinstance(widget, QAbstractButton):
            widget.setDown(True)
        case "checked" if isinstance(widget, QAbstractButton) and widget.isCheckable():
            widget.setChecked(True)
        case "disabled":
            widget.setEnabled(False)
        case _:
            return state == "rest"
    return True


def pictures(window: QMainWindow) -> Iterator[tuple[int, int, QPixmap]]:
    """Yield row, column and picture of each kind in each state that it has."""
    window.move(300, 300)  # away from where the mouse is offscreen
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    for row, make in enumerate(KINDS.values()):
        for column, state in enumerate(STATES):
            widget = make()
            widget.setFixedWidth(CELL[0] - 2 * theme.GAP)
            widget.setMaximumHeight(CELL[1] - theme.GAP)
            window.setCentralWidget(widget)
            QApplication.processEvents()
            known = _put(widget, state)
            QApplication.processEvents()
            if known:
                yield row, column, widget.grab()


def draw(app: QApplication, window: QMainWindow, colours: str, language: str) -> QPixmap:
    """Return the whole page."""
    use_language(language)
    theme.apply(app, colours)
    follow_language(app)
    look = theme.current()
    page = QPixmap(CAPTION + CELL[0] * len(STATES), CELL[1] * (len(KINDS) + 1))
    page.fill(look.colour("surface"))
    painter = QPainter(page)
    painter.setFont(app.font())
    painter.setPen(look.colour("text_muted"))
    for row, name in enumerate(KINDS, 1):
        painter.drawText(QRect(theme.GAP, row * CELL[1], CAPTION, CELL[1]), Qt.AlignmentFlag.AlignVCenter, name)
    for column, state in enumerate(STATES):
        painter.drawText(QRect(CAPTION + column * CELL[0], 0, *CELL), Qt.AlignmentFlag.AlignVCenter, state)
    for row, column, picture in pictures(window):
        painter.drawPixmap(CAPTION + column * CELL[0], (row + 1) * CELL[1] + (CELL[1] - picture.height()) // 2, picture)
    painter.end()
    return page


def main(folder: Path) -> None:
    """Write a page for each theme and language into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.load_fonts(app)
    window = QMainWindow()
    window.show()
    window.activateWindow()
    for colours in ("light", "dark"):
        for language in ("en", "zh_CN"):
            target = folder / f"gallery-{colours}-{language}.png"
            draw(app, window, colours, language).save(str(target))
            print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
