"""A button beside the filter: what the documents are sorted by, and which of them are shown."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.order import ORDER_WORDS, SHOW_WORDS, Order, Show


class OrderButton(QToolButton):
    """Opens a menu of two groups; its icon takes the accent while documents are left out. GUI thread.

    Signals: ``order_chosen(Order)``, ``show_chosen(Show)``.
    """

    order_chosen = Signal(object)
    show_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        menu = QMenu(self)
        self._actions: dict[QAction, Order | Show] = {}
        self._sort = menu.addSection("")
        self._add(menu, ORDER_WORDS)
        self._narrow = menu.addSection("")
        self._add(menu, SHOW_WORDS)
        menu.triggered.connect(self._tell)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none }")
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self._show_icon(Show.ALL)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._sort.setText(_("Sort by"))
        self._narrow.setText(_("Show"))
        for action, value in self._actions.items():
            action.setText(_(ORDER_WORDS[value] if isinstance(value, Order) else SHOW_WORDS[value]))
        self.setToolTip(_("Sort and narrow the list"))
        self.setAccessibleName(_("Sort and narrow the list"))

    def _add(self, menu: QMenu, values: Mapping[Order, str] | Mapping[Show, str]) -> None:
        """Add a group of which one is chosen, the first to begin with."""
        group = QActionGroup(self)
        for value in values:
            action = menu.addAction("")
            action.setCheckable(True)
            action.setChecked(not group.actions())
            group.addAction(action)
            self._actions[action] = value

    def _tell(self, action: QAction) -> None:
        value = self._actions[action]
        if isinstance(value, Order):
            self.order_chosen.emit(value)
        else:
            self._show_icon(value)
            self.show_chosen.emit(value)

    def _show_icon(self, show: Show) -> None:
        self.setIcon(theme.icon("sort", "text" if show is Show.ALL else "accent"))
