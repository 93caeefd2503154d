"""The table of the usage page: a line for each component, with a bar against always loaded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from kotaemon_desktop.core.i18n import N_, _, percent
from kotaemon_desktop.core.storage.usage_report import ComponentUsage
from kotaemon_desktop.qt.numbers import duration, size
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.widgets.usage_bars import SHARE_ROLE, ShareDelegate
from kotaemon_desktop.qt.widgets.usage_words import gigabyte_hours, share, usage_name

_COLUMNS = (
    N_("Component"),
    N_("In memory"),
    N_("Holds"),
    N_("GB-hours"),
    N_("Loads"),
    N_("Loading"),
    N_("Of always loaded"),
)
_BAR = len(_COLUMNS) - 1
_BAR_WIDTH = 184
_LINE = 32  # height of a row
_MOST_LINES = 7  # before it scrolls
_SHEET = "QTableWidget::item { padding: 0 5px; }"


class UsageTable(QTableWidget):
    """Shows ComponentUsage records, as high as its lines. Lives in the GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self.setItemDelegateForColumn(_BAR, ShareDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet(_SHEET)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_LINE)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_BAR, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_BAR, _BAR_WIDTH)

    def retranslate(self) -> None:
        """Write the names again, in the current language."""
        self.setAccessibleName(_("Memory use by component"))
        self.setHorizontalHeaderLabels([_(words) for words in _COLUMNS])
        if first := self.horizontalHeaderItem(0):
            first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_components(self, components: Sequence[ComponentUsage]) -> None:
        """Show ``components``, the one that took most first."""
        self.setRowCount(len(components))
        for line, each in enumerate(sorted(components, key=lambda each: -each.byte_seconds)):
            for place, item in enumerate(_cells(each)):
                self.setItem(line, place, item)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + min(len(components), _MOST_LINES) * _LINE + 2)


def _cells(each: ComponentUsage) -> list[QTableWidgetItem]:
    part = share(each.byte_seconds, each.always_on_byte_seconds)
    words = (
        usage_name(each),
        duration(each.resident_seconds),
        size(each.typical_bytes),
        gigabyte_hours(each.byte_seconds),
        f"{each.wakes:,}",
        duration(each.waking_seconds),
        "" if part is None else percent(part),
    )
    items = [QTableWidgetItem(text) for text in words]
    for item in items[1:]:
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    items[0].setToolTip(plain(words[0]))
    items[_BAR].setData(SHARE_ROLE, part)
    return items
