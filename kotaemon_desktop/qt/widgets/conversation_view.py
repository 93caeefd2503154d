"""The list of questions and answers; it follows the end of the conversation unless the reader has scrolled up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from time import perf_counter

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.widgets.exchange_view import ExchangeView

_SHOWN_AT_ONCE = 12  # exchanges of a stored conversation; earlier ones come when they are asked for
_MOST_SHOWN = 30  # at the end of a long conversation; widgets cost memory, and time when the window is resized
_TURN_SECONDS = 0.004  # of work in one turn of the event loop
_NEAR_TOP = 200  # pixels from the top where earlier exchanges come by themselves
_NEAR_END = 24  # pixels from the end that still count as reading there

# One sheet for all messages below is parsed once; the texts lie on the list's own ground.
_SHEET = "TextBody, AnswerBody { background: transparent; border: none; padding: 0 }"


class ConversationView(QScrollArea):
    """Owns one ExchangeView for each exchange that is shown; GUI thread. Its signals are those of the views."""

    citation_clicked = Signal(int, int)
    again_clicked = Signal(int)
    all_clicked = Signal(int)
    changed = Signal(int, str)
    version_wanted = Signal(int, int)
    rated = Signal(int, int)
    details_wanted = Signal(int)
    sources_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._views: dict[int, ExchangeView] = {}
        self._earlier: list[Exchange] = []  # not shown yet, oldest first
        self._later: deque[Exchange] = deque()  # likewise, after those that are shown
        self._room = self._room_below = 0  # how many of them may be shown now
        self._stale: deque[ExchangeView] = deque()  # still in the language or the look of the theme before
        self._following = True
        self._reading: tuple[ExchangeView, int] | None = None  # the first one in sight, and where it begins
        self._keeping = False  # the position is being put right, not changed by the reader
        self._opening = False  # what is around a place comes; the bars move, and nobody has moved them
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._work)
        self._more = QPushButton()
        self._more.setProperty("flat", True)
        self._more.clicked.connect(self._show_earlier)
        self._more.hide()
        self._rest = QPushButton()
        self._rest.setProperty("flat", True)
        self._rest.clicked.connect(self._show_later)
        self._rest.hide()
        content = QWidget()
        content.setStyleSheet(_SHEET)
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, theme.GAP, 0, theme.GAP)
        self._layout.setSpacing(theme.GAP)
        self._layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignHCenter)
        self._layout.addWidget(self._rest, 0, Qt.AlignmentFlag.AlignHCenter)
        self._layout.addStretch(1)
        self.setWidget(content)
        content.setBackgroundRole(QPalette.ColorRole.Base)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self._note_position)
        self.verticalScrollBar().rangeChanged.connect(self._keep_position)
        self.retranslate()

    def show_conversation(self, exchanges: list[Exchange], at: int | None = None) -> None:
        """Show ``exchanges`` instead of what was shown, a few in each turn of the event loop.

        The last ones come first; or the one whose number is ``at``, at the top of the view, and those around it.
        """
        for view in list(self._views.values()):
            self._drop(view)
        self._stale.clear()
        place = next((place for place, exchange in enumerate(exchanges) if exchange.number == at), None)
        self._earlier, self._later = exchanges[:place], deque(exchanges[place:] if place is not None else ())
        self._following = place is None
        self._opening = place is not None
        self._more.hide()
        self._rest.hide()
        self._room = self._room_below = _SHOWN_AT_ONCE
        if self._later:
            first = self._later.popleft()
            self._add(first, 1)
            self._reading = (self._views[first.number], 0)
        self._turn.start()

    def show_exchange(self, exchange: Exchange) -> None:
        """Show a later state of an exchange, or a new one at the end; a new question scrolls there."""
        if view := self._views.get(exchange.number):
            view.show_exchange(exchange)
            return
        for hidden in (self._earlier, self._later):
            for place, earlier in enumerate(hidden):
                if earlier.number == exchange.number:
                    hidden[place] = exchange
                    return
        if self._later:
            shown = [view.exchange for view in self._in_order()]
            self.show_conversation([*self._earlier, *shown, *self._later])
        self._following = True
        self._add(exchange, self._layout.count() - 2)
        for _each in range(min(2, len(self._views) - _MOST_SHOWN)):  # two at most: a frame has to stay short
            self._put_away(self._views[min(self._views)])

    def cut(self, number: int) -> None:
        """Take the exchanges from ``number`` on away."""
        for each, view in list(self._views.items()):
            if each >= number:
                self._drop(view)
        self._later = deque(exchange for exchange in self._later if exchange.number < number)
        self._rest.setVisible(bool(self._later))

    def view(self, number: int) -> ExchangeView | None:
        """Return the view of an exchange, if it is shown."""
        return self._views.get(number)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Conversation"))
        self._more.setText(_("Show earlier questions"))
        self._rest.setText(_("Show later questions"))
        self._stale = deque(self._seen_first())
        self._turn.start()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the answers again in a new theme's colours, those in sight first."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._stale = deque(self._seen_first())
            self._turn.start()

    def _put_away(self, view: ExchangeView) -> None:
        """Take the first exchange out of sight; it can be shown again like the earlier ones."""
        self._earlier.append(view.exchange)
        self._drop(view)
        self._more.show()

    def _drop(self, view: ExchangeView) -> None:
        del self._views[view.exchange.number]
        if self._reading is not None and self._reading[0] is view:
            self._reading = None
        if view in self._stale:
            self._stale.remove(view)
        self._layout.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _add(self, exchange: Exchange, place: int) -> None:
        view = ExchangeView(exchange)
        view.citation_clicked.connect(self.citation_clicked)
        view.again_clicked.connect(self.again_clicked)
        view.all_clicked.connect(self.all_clicked)
        view.changed.connect(self.changed)
        view.version_wanted.connect(self.version_wanted)
        view.rated.connect(self.rated)
        view.details_wanted.connect(self.details_wanted)
        view.sources_wanted.connect(self.sources_wanted)
        self._views[exchange.number] = view
        self._layout.insertWidget(place, view)

    def _show_earlier(self) -> None:
        self._room = _SHOWN_AT_ONCE
        self._turn.start()

    def _show_later(self) -> None:
        self._room_below = _SHOWN_AT_ONCE
        self._turn.start()

    def _work(self) -> None:
        """Do a little of what waits: exchanges to show, answers to draw again."""
        until = perf_counter() + _TURN_SECONDS
        while perf_counter() < until:
            if self._room_below and self._later:
                self._room_below -= 1
                self._add(self._later.popleft(), self._layout.count() - 2)
            elif self._room and self._earlier:
                self._room -= 1
                self._add(self._earlier.pop(), 1)
            elif self._stale:
                self._stale.popleft().retranslate()
            else:
                self._turn.stop()
                QTimer.singleShot(0, self, self._end_opening)  # after the layout of the last one
                break
        self._more.setVisible(bool(self._earlier) and not self._turn.isActive())
        self._rest.setVisible(bool(self._later) and not self._turn.isActive())

    def _end_opening(self) -> None:
        if self._opening:
            self._keep_position(0, self.verticalScrollBar().maximum())
            self._opening = False

    def _note_position(self, value: int) -> None:
        """Remember what the reader has scrolled to."""
        if self._keeping or self._opening:
            return
        self._following = self.verticalScrollBar().maximum() - value <= _NEAR_END
        seen = (view for view in self._in_order() if view.y() + view.height() > value)
        first = next(seen, None)
        self._reading = (first, first.y() - value) if first is not None else None
        if value < _NEAR_TOP and self._earlier and not self._turn.isActive():
            self._show_earlier()

    def _keep_position(self, _least: int, most: int) -> None:
        """Stay at the end while it moves on; else stay at what is read, whatever comes or goes above it."""
        self._keeping = True
        if self._following:
            self.verticalScrollBar().setValue(most)
        elif self._reading is not None:
            view, offset = self._reading
            self.verticalScrollBar().setValue(view.y() - offset)
        self._keeping = False

    def _seen_first(self) -> list[ExchangeView]:
        return sorted(self._in_order(), key=lambda view: view.visibleRegion().isEmpty())

    def _in_order(self) -> Iterator[ExchangeView]:
        return (self._views[number] for number in sorted(self._views))
