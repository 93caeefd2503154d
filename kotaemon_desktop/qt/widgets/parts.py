"""Builds the small parts that panels are made of, in the house's measures."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel


def label(style: str = "", *, wrap: bool = False, shrinks: bool = False) -> QLabel:
    """Return a label; ``style`` is ``muted`` or ``heading``. One that ``shrinks`` never widens its panel: it is cut."""
    made = ElidedLabel() if shrinks else QLabel()
    if style:
        made.setProperty(style, True)
    made.setWordWrap(wrap)
    return made


def tool_button(icon: str, colour: str = "text", side: int = 18) -> QToolButton:
    """Return a frameless button with an icon of ``side`` pixels. Its words come with ``retranslate``."""
    made = QToolButton()
    made.setIcon(theme.icon(icon, colour))
    made.setIconSize(QSize(side, side))
    return made


def push_button(style: str = "") -> QPushButton:
    """Return a button with words; ``style`` is ``primary`` or ``flat``."""
    made = QPushButton()
    if style:
        made.setProperty(style, True)
    return made


def row(spacing: int = theme.GAP, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Return a horizontal layout; ``margins`` are left, top, right, bottom."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(*margins)
    return made


def column(spacing: int = theme.GAP, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Return a vertical layout; ``margins`` are left, top, right, bottom."""
    made = QVBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(*margins)
    return made


def repaint_rows(view: QAbstractItemView) -> None:
    """Lay out and paint the rows of ``view`` again.

    Not by ``view.viewport().update()``: for any widget that Qt made and Python has not seen, PySide loads all of Qt's
    widget classes to find out which one it is (PySide6 6.11), and 1 MB stays.
    """
    view.doItemsLayout()


def name_line(edit: QLineEdit, name: str) -> None:
    """Name ``edit``, and the buttons inside it: Qt leaves them without words for a screen reader."""
    edit.setAccessibleName(name)
    for action in edit.actions():
        action.setText(name)
    if clear := edit.findChild(QAction, "_q_qlineeditclearaction"):
        clear.setText(_("Clear"))
