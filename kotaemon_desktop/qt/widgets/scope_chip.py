"""The button at the question box that says which documents are asked, and lets others be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.scope_words import scope_words

_MOST_CHARACTERS = 40


class ScopeChip(QToolButton):
    """Shows a scope; hidden while there is nothing to choose. GUI thread. Signals: ``chosen(Scope)``."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scope = ALL
        self._collections: tuple[str, ...] = ()
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16 + theme.TIGHT, 16))
        self.setStyleSheet("QToolButton::menu-indicator { image: none }")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.retranslate()

    def show_scope(self, scope: Scope) -> None:
        """Show which documents are asked."""
        self._scope = scope
        self.retranslate()

    def offer(self, collections: Sequence[str]) -> None:
        """Offer the collections of these names."""
        self._collections = tuple(collections)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        words = scope_words(self._scope)
        short = words if len(words) <= _MOST_CHARACTERS else words[: _MOST_CHARACTERS - 1].rstrip() + "…"
        self.setText(short.replace("&", "&&"))
        self.setIcon(theme.icon("collection" if self._scope else "library", "accent" if self._scope else "text_muted"))
        asked = _("Documents that are asked: {scope}").format(scope=words)
        once = _("In a question, in:NAME, file:NAME, type:pdf or after:2024 do the same for once.")
        self.setAccessibleName(asked)
        self.setToolTip(plain(f"{asked}\n{once}"))
        self.setVisible(bool(self._scope or self._collections))

    def _fill(self) -> None:
        self._menu.clear()
        choices = [ALL, *(Scope(collections=(name,)) for name in self._collections)]
        if self._scope not in choices:
            choices.append(self._scope)
        for scope in choices:
            action = self._menu.addAction(scope_words(scope).replace("&", "&&"), partial(self.chosen.emit, scope))
            action.setCheckable(True)
            action.setChecked(scope == self._scope)
