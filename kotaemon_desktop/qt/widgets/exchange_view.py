"""One question with its answer in the conversation."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolTip, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _, place
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.links import ask_and_open
from kotaemon_desktop.qt.markdown import MarkdownWriter
from kotaemon_desktop.qt.markdown_format import CITATION, CODE, mark_unsupported
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase, as_markdown
from kotaemon_desktop.qt.widgets.answer_body import AnswerBody
from kotaemon_desktop.qt.widgets.exchange_line import ExchangeLine
from kotaemon_desktop.qt.widgets.question_bubble import QuestionBubble
from kotaemon_desktop.qt.widgets.question_editor import QuestionEditor
from kotaemon_desktop.qt.widgets.thought_fold import ThoughtFold
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel
from kotaemon_desktop.qt.widgets.window_border import WindowBorder

_BUBBLE_SHARE = 0.8  # of the width, at most
_TIP_LENGTH = 400


class ExchangeView(QWidget):
    """Shows an :class:`Exchange` and follows it while it grows. GUI thread.

    Signals, each with the exchange's number first: ``citation_clicked(number, mark)``, ``again_clicked(number)``,
    ``all_clicked(number)``,
    ``changed(number, question)``: the question was written anew, ``version_wanted(number, version)``,
    ``rated(number, thumb)``, ``details_wanted(number)``,
    ``sources_wanted(number)``: a tip would like to say how strong they are.
    """

    citation_clicked = Signal(int, int)
    again_clicked = Signal(int)
    all_clicked = Signal(int)
    changed = Signal(int, str)
    version_wanted = Signal(int, int)
    rated = Signal(int, int)
    details_wanted = Signal(int)
    sources_wanted = Signal(int)

    def __init__(self, exchange: Exchange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange = exchange
        self._bubble = QuestionBubble(exchange.question)
        self._answer = AnswerBody()
        self._answer.hide()
        self._writer = MarkdownWriter(self._answer.document())
        self._marked: tuple[str, ...] = ()  # the statements that are marked as unsupported
        self._answer.anchorClicked.connect(self._follow)
        self._answer.tip_wanted.connect(self._show_tip)
        self._line = ExchangeLine()
        self._line.again.connect(self.ask_again)
        self._line.all_wanted.connect(lambda: self.all_clicked.emit(self._exchange.number))
        self._line.copied.connect(self.copy)
        self._line.menu_wanted.connect(self.show_menu)
        self._line.turned.connect(self._turn)
        self._line.rated.connect(lambda thumb: self.rated.emit(self._exchange.number, thumb))
        # Most exchanges need none of these, and each widget costs a tenth of a frame when the theme changes.
        self._border: WindowBorder | None = None
        self._thought: ThoughtFold | None = None
        self._notice: ToneLabel | None = None
        self._editor: QuestionEditor | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.WIDE, theme.GAP, theme.WIDE, theme.GAP)
        self._column.setSpacing(theme.GAP)
        self._column.addWidget(self._bubble, 0, Qt.AlignmentFlag.AlignRight)
        self._column.addWidget(self._answer)
        self._column.addWidget(self._line)
        self.retranslate()

    @property
    def exchange(self) -> Exchange:
        return self._exchange

    def show_exchange(self, exchange: Exchange) -> None:
        """Show ``exchange``, a later state of the one shown; only what changed is laid out again."""
        self._exchange = exchange
        self._write()
        self._tell()

    def retranslate(self) -> None:
        """Write all words again, in the language and the theme of now."""
        self._bubble.retranslate()
        self._answer.setAccessibleName(_("Answer"))
        self.setAccessibleName(_("Question: {text}").format(text=self._exchange.question))
        if self._editor is not None:
            self._editor.retranslate()
        self._line.retranslate()
        for part in (self._border, self._thought):
            if part is not None:
                part.retranslate()
        self._writer.restyle()
        self._write()
        self._mark()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the question's bubble within its share of the width."""
        super().resizeEvent(event)
        self._bubble.fit(int(self.contentsRect().width() * _BUBBLE_SHARE))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer what can be done with the question and its answer."""
        self.show_menu(event.globalPos())

    # --- what can be done --------------------------------------------------------------------------------------------

    def show_menu(self, at: QPoint) -> None:
        """Show the menu of this exchange at a global position."""
        exchange = self._exchange
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, do, fits in (
            (_("Ask again"), self.ask_again, not exchange.running),
            (_("Change the question"), self.edit, not exchange.running),
            (_("Copy as Markdown, with the sources"), self.copy, bool(exchange.answer)),
            (_("How this answer came about…"), self._show_details, exchange.turn_id is not None),
        ):
            menu.addAction(words, do).setEnabled(fits)
        menu.popup(at)

    def ask_again(self) -> None:
        """Ask the same question once more."""
        self.again_clicked.emit(self._exchange.number)

    def edit(self) -> None:
        """Let the question be changed where it stands."""
        if self._editor is not None or self._exchange.running:
            return
        self._editor = QuestionEditor(self._exchange.question)
        self._editor.sent.connect(self._change)
        self._editor.left.connect(self._leave_editor)
        self._column.insertWidget(self._column.indexOf(self._bubble), self._editor)
        self._bubble.hide()
        self._editor.setFocus()

    def copy(self) -> None:
        """Put the answer with its sources on the clipboard."""
        QGuiApplication.clipboard().setText(as_markdown(self._exchange))
        self._line.say_copied()

    def _change(self, question: str) -> None:
        self._leave_editor()
        self.changed.emit(self._exchange.number, question)

    def _leave_editor(self) -> None:
        if self._editor is not None:
            self._column.removeWidget(self._editor)
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
            self._bubble.show()

    def _turn(self, versions: int) -> None:
        self.version_wanted.emit(self._exchange.number, self._exchange.version + versions)

    def _show_details(self) -> None:
        self.details_wanted.emit(self._exchange.number)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _write(self) -> None:
        exchange = self._exchange
        marks = frozenset(citation.number for citation in exchange.citations) if exchange.cited else None
        written = self._writer.write(exchange.answer, numbers=marks, unfinished=exchange.running)
        if written or exchange.unsupported != self._marked:
            self._mark()
        self._answer.setVisible(bool(exchange.answer))
        self._show_thought(exchange)
        self._show_border(exchange.first_seen)

    def _mark(self) -> None:
        self._marked = self._exchange.unsupported
        mark_unsupported(self._answer.document(), self._marked)

    def _tell(self) -> None:
        """Write what stands around the answer: the line below it, errors and notes."""
        exchange = self._exchange
        self._line.show_exchange(exchange)
        error = exchange.error
        self._show_notice(str(error) if error is not None else exchange.note, exchange.phase is Phase.FAILED)

    def _show_thought(self, exchange: Exchange) -> None:
        if exchange.thought and self._thought is None:
            self._thought = ThoughtFold()
            self._column.insertWidget(self._column.indexOf(self._answer), self._thought)
        if self._thought is not None:
            over = None if exchange.running else 0.0  # stopped in mid-thought
            seconds = exchange.thought_seconds
            self._thought.show_thought(exchange.thought, over if seconds is None else seconds)
            self._thought.setVisible(bool(exchange.thought))

    def _show_border(self, shown: bool) -> None:
        """Say that the model sees the conversation from here on, or no longer."""
        if shown and self._border is None:
            self._border = WindowBorder()
            self._column.insertWidget(0, self._border)
        if self._border is not None:
            self._border.setVisible(shown)

    def _show_notice(self, words: str, failed: bool) -> None:
        """Say what failed, or what limits the answer."""
        if words and self._notice is None:
            self._notice = ToneLabel("warning")
            self._notice.setWordWrap(True)
            self._notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.insertWidget(self._column.indexOf(self._line), self._notice)
        if self._notice is not None:
            self._notice.set_tone("danger" if failed else "warning")
            self._notice.setText(words)
            self._notice.setVisible(bool(words))

    def _follow(self, url: QUrl) -> None:
        target = url.toString()
        citation = self._citation(target)
        if citation is not None:
            self.citation_clicked.emit(self._exchange.number, citation.number)
        elif target.startswith(CODE):
            self._copy_code(target.removeprefix(CODE))
        else:
            ask_and_open(self, url)

    def _copy_code(self, number: str) -> None:
        if number.isdecimal() and (code := self._writer.code(int(number))):
            QGuiApplication.clipboard().setText(code)
            QToolTip.showText(self.cursor().pos(), _("Copied"), self._answer)

    def _citation(self, target: str) -> Citation | None:
        """Return the citation that a link leads to; an answer may hold links of its own making."""
        number = target.removeprefix(CITATION)
        if not target.startswith(CITATION) or not number.isdecimal():
            return None
        return self._exchange.citation(int(number))

    def _show_tip(self, target: str, at: QPoint) -> None:
        """Tell what is behind the link under the pointer."""
        from html import escape  # and with it all entities of HTML

        citation = self._citation(target)
        if citation is None:
            words = _("Copy the code") if target.startswith(CODE) else target
            QToolTip.showText(at, f"<p>{escape(words)}</p>", self._answer)
            return
        self.sources_wanted.emit(self._exchange.number)
        where = escape(place(citation.name, citation.page, citation.recognised))
        if strength := self._exchange.strength(citation):
            where = f"{where} · {strength.word}"
        quote = " ".join(citation.quote.split())
        if len(quote) > _TIP_LENGTH:
            quote = quote[:_TIP_LENGTH].rstrip() + "…"
        QToolTip.showText(at, f"<p>“{escape(quote)}”</p><p><b>{where}</b></p>", self._answer)
