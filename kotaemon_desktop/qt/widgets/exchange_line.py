"""The line below an answer: how far it is or who gave it, its versions, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QToolButton, QToolTip, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase, footer, status_line, time_split
from kotaemon_desktop.qt.widgets.elided_label import paint_cut
from kotaemon_desktop.qt.widgets.parts import label, push_button, row, tool_button
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel


class _Words(ToneLabel):
    """The words of the line: in a colour of the theme, and cut where there is no room. GUI thread."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint what fits. What inherits from two kinds of labels cannot be painted (PySide6 6.11)."""
        paint_cut(self)


class ExchangeLine(QWidget):
    """Shows where an :class:`Exchange` stands. GUI thread.

    Signals: ``again()``, ``all_wanted()``: the same question to all documents, ``copied()``, ``menu_wanted(QPoint)``
    with a global position, ``turned(int)``: versions to go on or back, ``rated(int)``: a thumb up (1) or down (-1).
    """

    again = Signal()
    all_wanted = Signal()
    copied = Signal()
    menu_wanted = Signal(QPoint)
    turned = Signal(int)
    rated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange: Exchange | None = None
        self._words = _Words("text_muted")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._words.setMinimumHeight(theme.ICON + theme.GAP)  # the buttons come and go without a jump
        self._copy = tool_button("copy", "text_muted", 16)
        self._copy.clicked.connect(self.copied)
        self._more = tool_button("more", "text_muted", 16)
        self._more.clicked.connect(self._ask_menu)
        # Most answers need none of these, and each widget costs a tenth of a frame when the theme changes.
        self._again: QPushButton | None = None
        self._widens = False  # asking again means asking all documents
        self._pager: tuple[QToolButton, QLabel, QToolButton] | None = None
        self._thumbs: tuple[QToolButton, QToolButton] | None = None
        self._row = row(theme.TIGHT)
        self.setLayout(self._row)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self._copy)
        self._row.addWidget(self._more)
        self.retranslate()

    @property
    def text(self) -> str:
        """The words that are shown."""
        return self._words.text()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._copy.setAccessibleName(_("Copy the answer with its sources"))
        self._copy.setToolTip(_("Copy as Markdown, with the sources"))
        self._more.setAccessibleName(_("More to do with this answer"))
        self._more.setToolTip(_("More"))
        if self._exchange is not None:
            self.show_exchange(self._exchange)

    def show_exchange(self, exchange: Exchange) -> None:
        """Say where ``exchange`` stands, and offer what fits."""
        self._exchange = exchange
        if exchange.phase is Phase.WORKING:
            line = status_line(exchange)
        elif exchange.phase is Phase.ANSWERING:
            line = _("Writing the answer")
        else:
            line = "" if exchange.phase is Phase.FAILED else footer(exchange)
        missing = exchange.phase is Phase.DONE and not exchange.answered
        self._words.set_tone("warning" if missing else "text_muted")
        self._words.setText(f"⚠ {line}" if missing else line)
        split = [] if exchange.running else time_split(exchange.timings)
        self._words.setToolTip(plain("\n".join(split) or line))
        self._copy.setVisible(not exchange.running and bool(exchange.answer))
        self._more.setVisible(not exchange.running)
        self._widens = missing and bool(exchange.scope)
        self._offer_again(self._widens or exchange.phase in {Phase.FAILED, Phase.STOPPED})
        self._show_pager(exchange)
        self._show_thumbs(exchange)

    def say_copied(self) -> None:
        """Say beside the button that the clipboard has it."""
        QToolTip.showText(self._copy.mapToGlobal(QPoint(0, self._copy.height())), _("Copied"), self._copy)

    def _offer_again(self, offered: bool) -> None:
        if offered and self._again is None:
            self._again = push_button("flat")
            self._again.clicked.connect(self._ask_again)
            self._row.insertWidget(1, self._again)
        if self._again is not None:
            self._again.setText(_("Ask all documents") if self._widens else _("Ask again"))
            self._again.setVisible(offered)

    def _ask_again(self) -> None:
        (self.all_wanted if self._widens else self.again).emit()

    def _show_pager(self, exchange: Exchange) -> None:
        """Offer the other versions of the exchange, if there are any."""
        several = len(exchange.versions) > 1
        if several and self._pager is None:
            self._pager = self._build_pager()
        if self._pager is None:
            return
        back, number, on = self._pager
        for widget in self._pager:
            widget.setVisible(several)
        number.setText(f"{exchange.version}/{len(exchange.versions)}")
        number.setAccessibleName(_("Version {n} of {count}").format(n=exchange.version, count=len(exchange.versions)))
        back.setEnabled(exchange.version > 1)
        on.setEnabled(exchange.version < len(exchange.versions))
        for button, words in ((back, _("Earlier version")), (on, _("Later version"))):
            button.setToolTip(words)
            button.setAccessibleName(words)

    def _build_pager(self) -> tuple[QToolButton, QLabel, QToolButton]:
        back, on = tool_button("chevron-left", "text_muted", 14), tool_button("chevron-right", "text_muted", 14)
        number = label("muted")
        back.clicked.connect(lambda: self.turned.emit(-1))
        on.clicked.connect(lambda: self.turned.emit(1))
        for place, widget in enumerate((back, number, on), 1):
            self._row.insertWidget(place, widget)
        return back, number, on

    def _show_thumbs(self, exchange: Exchange) -> None:
        """Offer to say what one thinks of a stored answer, and show what was said."""
        can_be_rated = exchange.phase is Phase.DONE and exchange.turn_id is not None
        if can_be_rated and self._thumbs is None:
            self._thumbs = self._build_thumbs()
        if self._thumbs is None:
            return
        words = (_("Good answer"), _("Bad answer"))
        for button, icon, thumb, said in zip(self._thumbs, ("thumb-up", "thumb-down"), (1, -1), words, strict=True):
            given = exchange.thumb == thumb
            button.setVisible(can_be_rated)
            button.setIcon(theme.icon(icon, "accent" if given else "text_muted"))
            button.setAccessibleName(_("{thumb}, given").format(thumb=said) if given else said)
            button.setToolTip(said)

    def _build_thumbs(self) -> tuple[QToolButton, QToolButton]:
        up, down = tool_button("thumb-up", "text_muted", 16), tool_button("thumb-down", "text_muted", 16)
        up.clicked.connect(lambda: self.rated.emit(1))
        down.clicked.connect(lambda: self.rated.emit(-1))
        for button in (up, down):
            self._row.insertWidget(self._row.indexOf(self._copy), button)
        return up, down

    def _ask_menu(self) -> None:
        self.menu_wanted.emit(self._more.mapToGlobal(QPoint(0, self._more.height())))
