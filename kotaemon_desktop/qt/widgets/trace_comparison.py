"""Two answers to a question side by side: what is chosen to compare with, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from time import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QTextBrowser, QWidget

from kotaemon_desktop.core.i18n import _, place
from kotaemon_desktop.core.records import Trace
from kotaemon_desktop.core.tracing import words
from kotaemon_desktop.core.tracing.compare import Comparison, Found, Piece
from kotaemon_desktop.core.tracing.timeline import total
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import moment
from kotaemon_desktop.qt.widgets.parts import column, label, row

_CELL = 'style="padding: 4px 16px 4px 0"'


class TraceComparison(QWidget):
    """Shows a Comparison. GUI thread. Signals: ``chosen(Trace)``: it shall be compared with this one."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._others: tuple[Trace, ...] = ()
        self._comparison: Comparison | None = None
        self._with = label("muted")
        self._choice = QComboBox()
        self._choice.activated.connect(self._choose)
        self._with.setBuddy(self._choice)
        self._none = label("muted", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = QTextBrowser()
        self._text.setOpenLinks(False)
        top = row()
        top.addWidget(self._with)
        top.addWidget(self._choice, 1)
        inside = column(theme.GAP, (0, theme.GAP, 0, 0))
        self.setLayout(inside)
        inside.addLayout(top)
        inside.addWidget(self._none)
        inside.addWidget(self._text, 1)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._with.setText(_("Compare with:"))
        self._choice.setAccessibleName(_("Compare with:"))
        self._text.setAccessibleName(_("Comparison"))
        self._none.setText(
            _("There is no other answer to this question yet. Ask it again, with another model perhaps, then compare.")
        )
        if self._comparison is not None:
            self.show_comparison(self._comparison)

    def offer(self, others: Sequence[Trace]) -> None:
        """Let one of ``others`` be chosen; the first one is."""
        self._others = tuple(others)
        self._comparison = None
        self._text.clear()
        self._choice.clear()
        for trace in others:
            seconds = _("{n} s").format(n=f"{total(trace.lines):.1f}")
            when = moment(trace.asked_at, time())
            self._choice.addItem(
                " · ".join([words.model(trace.model), when, seconds, " ".join(trace.question.split())])
            )
        for part in (self._with, self._choice, self._text):
            part.setVisible(bool(others))
        self._none.setVisible(not others)
        if others:
            self._choose(0)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show how the chosen answer, on the left, and this one differ."""
        self._comparison = comparison
        head = ("", words.model(comparison.left.model), words.model(comparison.right.model))
        times = [words.time(name, *pair) for name, pair in comparison.times.items()]
        counts = [words.number(name, *pair) for name, pair in comparison.counts.items()]
        self._text.setHtml(
            _table(head, words.facts(comparison))
            + _heading(_("Answer"))
            + f"<p>{''.join(map(_piece, comparison.text))}</p>"
            + _heading(_("Passages"))
            + _table(head, [_found(each) for each in comparison.found])
            + _heading(_("Times"))
            + _table(head, [*times, *counts])
        )

    def _choose(self, place: int) -> None:
        self.chosen.emit(self._others[place])


def _heading(text: str) -> str:
    return f"<h4>{escape(text)}</h4>"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    muted = theme.current().text_muted
    names = "".join(f'<td {_CELL}><span style="color:{muted}">{escape(each)}</span></td>' for each in head)
    rows = "".join("<tr>" + "".join(f"<td {_CELL}>{escape(each)}</td>" for each in line) + "</tr>" for line in lines)
    return f"<table><tr>{names}</tr>{rows}</table>"


def _found(found: Found) -> tuple[str, ...]:
    known = found.hit.passage
    where = place(known.name, known.page, known.recognised) if known else _("removed from the library")
    return (where, words.place(found.left), words.place(found.right), words.fate(found))


def _piece(piece: Piece) -> str:
    text = escape(piece.text).replace("\n", "<br>")
    look = theme.current()
    if piece.side == "left":
        return f'<s style="color:{look.danger}">{text}</s>'
    return f'<u style="color:{look.positive}">{text}</u>' if piece.side else text
