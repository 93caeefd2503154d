"""The steps of an answer as a list with a bar for each: when it began and how long it took."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import TracedHit
from kotaemon_desktop.core.tracing import words as facts
from kotaemon_desktop.core.tracing.timeline import Step
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.widgets import trace_words

_STEP, _BAR, _TIME, _WHAT = range(4)
_SPAN_ROLE = Qt.ItemDataRole.UserRole + 1  # (start, end) as shares of the whole
_BAR_WIDTH = 184
_THIN = 2.0  # pixels of a moment


class TraceSteps(QTreeWidget):
    """Shows Step records on one line of time. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(4)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setStyleSheet("QTreeView::item { padding: 4px 8px }")
        self.setItemDelegateForColumn(_BAR, _BarDelegate(self))
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_BAR, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_BAR, _BAR_WIDTH)
        header.setStretchLastSection(True)

    def retranslate(self) -> None:
        """Write the names again, in the current language."""
        self.setAccessibleName(_("Steps"))
        self.setHeaderLabels([_("Step"), _("When"), _("Time"), _("What")])

    def show_steps(self, steps: Sequence[Step], hits: Sequence[TracedHit]) -> None:
        """Show ``steps``; what was found opens out to ``hits`` with their scores."""
        self.clear()
        whole = max((step.end for step in steps), default=0.0) or 1.0
        for step in steps:
            item = QTreeWidgetItem([facts.step(step), "", trace_words.seconds(step), trace_words.words(step)])
            item.setData(_BAR, _SPAN_ROLE, (step.start / whole, step.end / whole))
            item.setData(_BAR, Qt.ItemDataRole.AccessibleTextRole, trace_words.when(step))
            item.setToolTip(_BAR, trace_words.when(step))
            item.setToolTip(_WHAT, plain(item.text(_WHAT)))
            item.setTextAlignment(_TIME, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
            if step.name == "Found":
                for hit in hits:
                    words = trace_words.scores(hit)
                    child = QTreeWidgetItem([hit.strength.word, "", "", words])
                    child.setToolTip(_WHAT, plain(words))
                    item.addChild(child)
            item.setExpanded(True)


class _BarDelegate(QStyledItemDelegate):
    """Paints when a step was, within the whole answer."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the step's part of the line of time."""
        super().paint(painter, option, index)
        span = index.data(_SPAN_ROLE)
        if span is None:
            return
        start, end = span
        line = QRectF(option.rect).adjusted(0, 0, -theme.GAP, 0)  # pyright: ignore[reportAttributeAccessIssue]
        width = max(_THIN, (end - start) * line.width())
        left = min(line.left() + start * line.width(), line.right() - width)
        look = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("border"))
        painter.drawRect(QRectF(line.left(), line.center().y(), line.width(), 1))
        painter.setBrush(look.colour("accent"))
        painter.drawRoundedRect(QRectF(left, line.center().y() - 4, width, 8), 2, 2)
        painter.restore()
