"""How an answer came about: what the model saw, every step with its time, and how another answer differs."""

from __future__ import annotations

from html import escape
from pathlib import Path
from time import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QProgressBar,
    QTabWidget,
    QTextBrowser,
    QWidget,
)

from kotaemon_desktop.core.i18n import N_, _, count, place, sentences
from kotaemon_desktop.core.tracing.timeline import total
from kotaemon_desktop.core.tracing.words import model
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.numbers import moment
from kotaemon_desktop.qt.viewmodels.details import Details, DetailsModel, Seen, Use
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.trace_comparison import TraceComparison
from kotaemon_desktop.qt.widgets.trace_steps import TraceSteps

_SIZE = (840, 624)
_USES = {
    Use.READ: N_("read by the model"),
    Use.KNOWN: N_("known to the model from an earlier question"),
    Use.LEFT_OUT: N_("left out: there was no room"),
    Use.FOUND: N_("found"),
}


class DetailsDialog(QDialog):
    """Shows a DetailsModel. GUI thread."""

    def __init__(self, view_model: DetailsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._asked = False  # before that nothing is known, which is not the same as nothing being kept
        self._question = label("heading", shrinks=True)
        self._summary = label("muted", shrinks=True)
        self._budget_words = label(wrap=True)
        self._budget = QProgressBar(textVisible=False)
        self._context = QTextBrowser()
        self._context.setOpenLinks(False)
        self._trace = TraceSteps()
        self._comparison = TraceComparison()
        self._comparison.chosen.connect(view_model.compare)
        self._told = label("muted", shrinks=True)
        self._save = push_button()
        self._save.clicked.connect(self._ask_where)
        self._close = push_button("primary")
        self._close.clicked.connect(self.close)
        self._tabs = QTabWidget()
        self._arrange()
        view_model.changed.connect(self._show_details)
        view_model.compared.connect(self._comparison.show_comparison)
        view_model.saved.connect(lambda file: self._told.setText(_("Saved: {path}").format(path=file)))
        view_model.failed.connect(lambda error: self._told.setText(said(error)))
        self.resize(*_SIZE)
        self.retranslate()

    def show_turn(self, turn_id: int) -> None:
        """Show how the answer of a turn came about."""
        self._told.clear()
        self._asked = True
        self._model.show(turn_id)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("How this answer came about"))
        self._tabs.setTabText(0, _("What the model saw"))
        self._tabs.setTabText(1, _("Steps"))
        self._tabs.setTabText(2, _("Comparison"))
        self._tabs.setAccessibleName(_("How this answer came about"))
        self._budget.setAccessibleName(_("Room in the prompt"))
        self._context.setAccessibleName(_("What the model saw"))
        self._trace.retranslate()
        self._comparison.retranslate()
        self._save.setText(_("Save…"))
        self._close.setText(_("Close"))
        if self._asked:
            self._show_details(self._model.details)

    def _arrange(self) -> None:
        context = QWidget()
        inside = column(theme.GAP, (0, theme.GAP, 0, 0))
        context.setLayout(inside)
        inside.addWidget(self._budget_words)
        inside.addWidget(self._budget)
        inside.addWidget(self._context, 1)
        self._tabs.addTab(context, "")
        self._tabs.addTab(self._trace, "")
        self._tabs.addTab(self._comparison, "")
        self._tabs.setDocumentMode(True)
        buttons = row()
        buttons.addWidget(self._told, 1)
        buttons.addWidget(self._save)
        buttons.addWidget(self._close)
        layout = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        self.setLayout(layout)
        layout.addWidget(self._question)
        layout.addWidget(self._summary)
        layout.addWidget(self._tabs, 1)
        layout.addLayout(buttons)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _show_details(self, details: Details | None) -> None:
        self._tabs.setVisible(details is not None)
        self._save.setEnabled(details is not None)
        if details is None:
            self._question.setText("")
            self._summary.setText(_("Nothing is kept of how this answer came about."))
            return
        trace = details.trace
        self._question.setText(" ".join(trace.question.split()))
        took = _("{n} s").format(n=f"{total(trace.lines):.1f}")
        self._summary.setText(" · ".join([model(trace.model), moment(trace.asked_at, time()), took]))
        self._show_budget(details)
        self._context.setHtml("".join(_passage(number, seen) for number, seen in enumerate(details.passages, 1)))
        self._trace.show_steps(details.steps, trace.hits)
        self._comparison.offer(details.others)

    def _show_budget(self, details: Details) -> None:
        if details.budget is None:
            found = len(details.passages)
            number = count(found, N_("{n} passage was found."), N_("{n} passages were found."))
            self._budget_words.setText(sentences(_("No language model was asked."), number))
        else:
            parts = [
                _("{spent} of {room} tokens").format(spent=f"{details.spent:,}", room=f"{details.budget:,}"),
                count(details.turns, N_("{n} earlier question"), N_("{n} earlier questions")),
            ]
            if left := details.turns_left_out:
                parts.append(count(left, N_("{n} older one left out"), N_("{n} older ones left out")))
            self._budget_words.setText(" · ".join(parts))
            self._budget.setRange(0, details.budget)
            self._budget.setValue(min(details.spent, details.budget))
        self._budget.setVisible(details.budget is not None)

    def _ask_where(self) -> None:
        kinds = f"{_('JSON lines')} (*.jsonl);;{_('OpenTelemetry spans')} (*.json)"
        dialog = QFileDialog(self, _("Save how this answer came about"), "", kinds)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("jsonl")
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kind.partition("*.")[2].rstrip(")")))
        dialog.fileSelected.connect(lambda name: self._model.save(Path(name)))
        dialog.open()


def _passage(number: int, seen: Seen) -> str:
    """Return a passage as HTML: where it stands, what became of it, and its text."""
    passage = seen.hit.passage
    muted = theme.current().text_muted
    if passage is None:
        gone = _("The document was removed or has changed.")
        return f'<p><b>{number}.</b> <span style="color:{muted}">{escape(gone)}</span></p>'
    what = [seen.hit.strength.word, _(_USES[seen.use])]
    if seen.tokens is not None:
        what.append(count(seen.tokens, N_("{n} token"), N_("{n} tokens")))
    heading = f'<br><span style="color:{muted}">{escape(passage.heading)}</span>' if passage.heading else ""
    text = escape(passage.text).replace("\n", "<br>")
    colour = muted if seen.use is Use.LEFT_OUT else theme.current().text
    return (
        f'<p><b>{number}. {escape(place(passage.name, passage.page))}</b> <span style="color:{muted}">'
        f"· {escape(' · '.join(what))}</span>{heading}</p>"
        f'<p style="color:{colour}; margin-left:16px; margin-bottom:16px">{text}</p>'
    )
