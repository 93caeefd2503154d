"""The three columns of the window: the library, the chat, and the side with its sources and the monitor."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from kotaemon_desktop.qt.widgets.parts import column

_WIDTHS = (296, 584, 400)
_LEAST = (220, 320, 300)
_SHARES = (0, 3, 2)  # of the room that a larger window brings


class Columns(QSplitter):
    """Owns the rooms that the panels move into as they are built. GUI thread."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self._rooms = [QWidget() for _place in range(3)]
        self.left, self.center, self.right = (self._furnish(place) for place in range(3))

    def _furnish(self, place: int) -> QVBoxLayout:
        room, layout = self._rooms[place], column(0)
        room.setLayout(layout)
        room.setMinimumWidth(_LEAST[place])
        self.addWidget(room)
        self.setStretchFactor(place, _SHARES[place])
        self.setCollapsible(place, False)  # folding is an action; a lost panel is a fright
        return layout

    def restore(self, widths: Sequence[int]) -> None:
        """Take the widths that the columns were left with, in pixels, or those of a first start."""
        self.setSizes(list(widths if len(widths) == len(_WIDTHS) else _WIDTHS))

    @property
    def library_folded(self) -> bool:
        """Whether the library is folded away."""
        return self._rooms[0].isHidden()

    def fold_library(self, folded: bool) -> None:
        """Fold the library away, or show it again."""
        self._rooms[0].setHidden(folded)
