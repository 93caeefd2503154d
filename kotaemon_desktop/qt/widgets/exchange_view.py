"""One question with its answer in the conversation."""

from __future__ import annotations

import re
from html import escape

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QToolTip, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.links import ask_and_open
from kotaemon_desktop.qt.markdown import MarkdownWriter
from kotaemon_desktop.qt.markdown_format import CITATION
from kotaemon_desktop.qt.viewmodels.exchange import (
    STRENGTHS,
    Exchange,
    Phase,
    as_markdown,
    footer,
    place,
    status_line,
)
from kotaemon_desktop.qt.widgets.text_body import TextBody
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

_BUBBLE_SHARE = 0.8  # of the width, at most
_TIP_LENGTH = 400
_LONG_WORD = re.compile(r"[!-~]{40}(?=[!-~])")  # an address, say; a label breaks lines between words only


class ExchangeView(QWidget):
    """Shows an :class:`Exchange` and follows it while it grows. GUI thread.

    Signals: ``citation_clicked(number, mark)``, ``again_clicked(number)``.
    """

    citation_clicked = Signal(int, int)
    again_clicked = Signal(int)

    def __init__(self, exchange: Exchange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange = exchange
        self._bubble = _Bubble(exchange.question)
        self._answer = AnswerBody()
        self._answer.hide()
        self._writer = MarkdownWriter(self._answer.document())
        self._answer.anchorClicked.connect(self._follow)
        self._answer.tip_wanted.connect(self._show_tip)
        # Most answers need none of these, and each widget costs a tenth of a frame when the theme changes.
        self._notice: ToneLabel | None = None
        self._again: QPushButton | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.WIDE, theme.GAP, theme.WIDE, theme.GAP)
        self._column.setSpacing(theme.GAP)
        self._column.addWidget(self._bubble, 0, Qt.AlignmentFlag.AlignRight)
        self._column.addWidget(self._answer)
        self._column.addLayout(self._build_line())
        self.retranslate()

    def _build_line(self) -> QHBoxLayout:
        self._line = ToneLabel("text_muted")
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._line.setMinimumHeight(theme.ICON + theme.GAP)  # the buttons come and go without a jump
        self._copy = QToolButton()
        self._copy.setIcon(theme.icon("copy", "text_muted"))
        self._copy.setIconSize(QSize(16, 16))
        self._copy.clicked.connect(self._copy_answer)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.TIGHT)
        self._row.addWidget(self._line, 1)
        self._row.addWidget(self._copy)
        return self._row

    @property
    def exchange(self) -> Exchange:
        return self._exchange

    def show_exchange(self, exchange: Exchange) -> None:
        """Show ``exchange``, a later state of the one shown; only what changed is laid out again."""
        self._exchange = exchange
        self._write()
        self._tell()

    def restyle(self) -> None:
        """Draw all again, in the theme of now."""
        self._writer.restyle()
        self._tell()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._bubble.retranslate()
        self._answer.setAccessibleName(_("Answer"))
        self._copy.setAccessibleName(_("Copy the answer with its sources"))
        self._copy.setToolTip(_("Copy as Markdown, with the sources"))
        self.setAccessibleName(_("Question: {text}").format(text=self._exchange.question))
        self._write()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the question's bubble within its share of the width."""
        super().resizeEvent(event)
        self._bubble.fit(int(self.contentsRect().width() * _BUBBLE_SHARE))

    def _write(self) -> None:
        exchange = self._exchange
        marks = frozenset(citation.number for citation in exchange.citations) if exchange.cited else None
        self._writer.write(exchange.answer, numbers=marks, unfinished=exchange.running)
        self._answer.setVisible(bool(exchange.answer))

    def _tell(self) -> None:
        """Write the lines around the answer: status while it runs, the footer after it, errors and notes."""
        exchange = self._exchange
        over = not exchange.running
        failed = exchange.phase is Phase.FAILED
        if exchange.phase is Phase.WORKING:
            line = status_line(exchange)
        elif exchange.phase is Phase.ANSWERING:
            line = _("Writing the answer")
        else:
            line = "" if failed else footer(exchange)
        missing = exchange.phase is Phase.DONE and not exchange.answered
        self._line.set_tone("warning" if missing else "text_muted")
        self._line.setText(f"⚠ {line}" if missing else line)
        self._line.setToolTip(line)
        self._copy.setVisible(over and bool(exchange.answer))
        self._offer_again(failed or exchange.phase is Phase.STOPPED)
        self._show_notice(str(exchange.error) if exchange.error is not None else exchange.note, failed)

    def _offer_again(self, offered: bool) -> None:
        if offered and self._again is None:
            self._again = QPushButton()
            self._again.setProperty("flat", True)
            self._again.clicked.connect(self._ask_again)
            self._row.insertWidget(1, self._again)
        if self._again is not None:
            self._again.setText(_("Ask again"))
            self._again.setVisible(offered)

    def _show_notice(self, words: str, failed: bool) -> None:
        """Say what failed, or what limits the answer."""
        if words and self._notice is None:
            self._notice = ToneLabel("warning")
            self._notice.setWordWrap(True)
            self._notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.insertWidget(2, self._notice)
        if self._notice is not None:
            self._notice.set_tone("danger" if failed else "warning")
            self._notice.setText(words)
            self._notice.setVisible(bool(words))

    def _ask_again(self) -> None:
        self.again_clicked.emit(self._exchange.number)

    def _copy_answer(self) -> None:
        QGuiApplication.clipboard().setText(as_markdown(self._exchange))
        QToolTip.showText(self._copy.mapToGlobal(QPoint(0, self._copy.height())), _("Copied"), self._copy)

    def _follow(self, url: QUrl) -> None:
        citation = self._citation(url.toString())
        if citation is not None:
            self.citation_clicked.emit(self._exchange.number, citation.number)
        else:
            ask_and_open(self, url)

    def _citation(self, target: str) -> Citation | None:
        """Return the citation that a link leads to; an answer may hold links of its own making."""
        number = target.removeprefix(CITATION)
        if not target.startswith(CITATION) or not number.isdecimal():
            return None
        return self._exchange.citation(int(number))

    def _show_tip(self, target: str, at: QPoint) -> None:
        """Tell what is behind the link under the pointer."""
        citation = self._citation(target)
        if citation is None:
            QToolTip.showText(at, f"<p>{escape(target)}</p>", self._answer)
            return
        where = place(citation.name, citation.page)
        if strength := self._exchange.strength(citation):
            where = f"{where} · {_(STRENGTHS[strength])}"
        quote = " ".join(citation.quote.split())
        if len(quote) > _TIP_LENGTH:
            quote = quote[:_TIP_LENGTH].rstrip() + "…"
        QToolTip.showText(at, f"<p>“{escape(quote)}”</p><p>{escape(where)}</p>", self._answer)


class AnswerBody(TextBody):
    """The answer's text. Signals: ``tip_wanted(target, global position)`` when the pointer rests on a link."""

    tip_wanted = Signal(str, QPoint)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Ask for a tip where the pointer rests on a link."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if target := self.anchorAt(event.pos()):
                self.tip_wanted.emit(target, event.globalPos())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)


class _Bubble(QLabel):
    """The question in a rounded box, as wide as it needs."""

    def __init__(self, question: str) -> None:
        breakable = _LONG_WORD.sub("\\g<0>\N{ZERO WIDTH SPACE}", question)
        super().__init__(breakable, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._question = question
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setContentsMargins(theme.GAP + theme.TIGHT, theme.GAP, theme.GAP + theme.TIGHT, theme.GAP)

    def fit(self, width: int) -> None:
        """Take the room that the text needs on one line, ``width`` at most."""
        margins = self.contentsMargins()
        longest = max(self.fontMetrics().horizontalAdvance(line[:1000]) for line in self.text().split("\n"))
        width = min(width, longest + theme.TIGHT + margins.left() + margins.right())
        self.setFixedSize(width, self.heightForWidth(width))
        # A label that may trade height for width makes every layout above it try widths, on every flush of a stream.
        policy = self.sizePolicy()
        policy.setHeightForWidth(False)
        self.setSizePolicy(policy)

    def retranslate(self) -> None:
        self.setAccessibleName(_("Your question: {text}").format(text=self._question))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the box behind the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().colour("selected"))
        painter.drawRoundedRect(self.rect(), theme.GAP, theme.GAP)
        painter.end()
        super().paintEvent(event)
