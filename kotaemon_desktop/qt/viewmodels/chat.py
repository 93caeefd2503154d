"""Asks questions, follows their answers, and keeps the conversation that the chat shows.

Longer than other files because the life of one question is one machine of states; what stands beside it (consents,
ratings, scope, sources) is in modules of its own.
"""

from __future__ import annotations

import dataclasses
import logging
from functools import partial
from itertools import count

from PySide6.QtCore import QObject, QTimer, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Cited, Done, Found, Packed, Piece, Thinking
from kotaemon_desktop.core.records import Consent, ToolCall, Turn
from kotaemon_desktop.core.scope import ALL
from kotaemon_desktop.qt.viewmodels.chat_lane import Kept, Opened, answer, branch, last_turns
from kotaemon_desktop.qt.viewmodels.chat_scope import ChatScope
from kotaemon_desktop.qt.viewmodels.consents import Consents
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase, first_seen
from kotaemon_desktop.qt.viewmodels.exchange_sources import ExchangeSources
from kotaemon_desktop.qt.viewmodels.rating import Ratings
from kotaemon_desktop.qt.workers import Job, Lanes

FLUSH_MILLISECONDS = 90  # pieces are shown together this often: as smooth as every frame, at a tenth of the work
_PREWARM_MILLISECONDS = 5000

_log = logging.getLogger(__name__)


def _ignore(_what: object) -> None:
    """Nothing waits for a pre-warm; the question that needs the component tells what is wrong with it."""


class ChatModel(QObject):
    """Owns the life of the question being answered and the exchanges of the open conversation. GUI thread.

    Signals:
        ``opened(list[Exchange], int | None)``: another conversation or branch is shown, oldest exchange first; empty
            for a new one. With it the number of the exchange to show, None for the last one.
        ``changed(Exchange)``: an exchange is new or has got on; pieces of text come bundled.
        ``cut(int)``: the exchanges from this number on stand in another branch now.
        ``found``, ``cited``, ``citation_activated``: what answers rest on, see :class:`ExchangeSources`.
        ``answered(Done)``: an answer came to its end by itself; with what it took.
        ``busy_changed(bool)``: a question is being answered, or no longer.
    """

    opened = Signal(object, object)
    changed = Signal(object)
    cut = Signal(int)
    found = Signal(object, str)
    cited = Signal(object)
    citation_activated = Signal(object)
    answered = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scope = ChatScope(engine, lanes, self)
        self.sources = ExchangeSources(engine, lanes, self.exchange, self)
        self.sources.found.connect(self.found)
        self.sources.cited.connect(self.cited)
        self.sources.citation_activated.connect(self.citation_activated)
        self.sources.recalled.connect(self._update)
        self.ratings = Ratings(engine, lanes, self)
        self.ratings.rated.connect(self._update)
        self._engine = engine
        self._lanes = lanes
        self._numbers = count(1)
        self._exchanges: dict[int, Exchange] = {}
        self._conversation: int | None = None
        self._running: int | None = None
        self._job: Job | None = None
        self._consents = Consents()
        self._pieces: list[Piece | Thinking] = []
        self._flush_timer = QTimer(self, interval=FLUSH_MILLISECONDS, singleShot=True)
        self._flush_timer.timeout.connect(self._flush)
        self._warm_timer = QTimer(self, interval=_PREWARM_MILLISECONDS, singleShot=True)
        self._restoring: Job | None = lanes.call(
            "browsing", partial(last_turns, engine), on_result=self._restore, on_error=self._restore_nothing
        )

    def prewarm(self) -> None:
        """Somebody is typing a question: what will answer it may wake already. Asks at most every few seconds."""
        if not self._warm_timer.isActive():
            self._warm_timer.start()
            self._lanes.call(
                "browsing", partial(self._engine.prewarm, self._conversation), on_result=_ignore, on_error=_ignore
            )

    @property
    def conversation(self) -> int | None:
        """The id of the open conversation, None before its first question."""
        return self._conversation

    @property
    def restoring(self) -> bool:
        """Whether a stored conversation is being read; ``opened`` follows."""
        return self._restoring is not None

    @property
    def busy(self) -> bool:
        return self._running is not None

    def exchange(self, number: int) -> Exchange | None:
        """Return an exchange of the open conversation."""
        return self._exchanges.get(number)

    def ask(self, question: str, *, instead_of: int | None = None) -> bool:
        """Ask ``question``, unless it is blank or another one is still being answered; tell whether it was asked.

        ``instead_of`` is the number of an exchange: the question takes its place, and what followed stays in a branch
        of its own.
        """
        question = question.strip()
        replaced = self._exchanges.get(instead_of) if instead_of is not None else None
        if not question or self.busy or (instead_of is not None and replaced is None):
            return False
        self._forget_restoring()  # who asks first begins anew
        if replaced is not None:
            self._cut(replaced.number)
        number = self._running = next(self._numbers)
        self._pieces.clear()
        self._update(Exchange(number, question))
        kept, consents = Kept(), Consents()
        self._consents = consents
        instead = replaced.turn_id if replaced is not None else None
        self._job = self._lanes.run(
            "answering",
            partial(
                answer, self._engine, question, self._conversation, instead, self.scope.current, consents.ask, kept
            ),
            on_event=partial(self._take, number),
            on_done=partial(self._end, number, kept),
            on_error=partial(self._fail, number),
            on_cancel=consents.close,
        )
        self.busy_changed.emit(True)
        return True

    def stop(self) -> None:
        """Stop the answer; what has come stays. The window is free for the next question at once."""
        if self._running is None:
            return
        if self._job is not None:
            self._job.cancel()
        self._flush()
        self._finish(dataclasses.replace(self._exchanges[self._running], phase=Phase.STOPPED))

    @property
    def asking(self) -> ToolCall | None:
        """The tool call that the answer waits for."""
        return self._exchanges[self._running].asking if self._running is not None else None

    def consent(self, consent: Consent) -> None:
        """Say what the tool that the answer waits for may do."""
        if self._running is not None and self.asking is not None:
            self._update(dataclasses.replace(self._exchanges[self._running], asking=None))
            self._consents.answer(consent)

    def ask_again(self, number: int) -> bool:
        """Ask the question of an exchange once more; both answers are kept as versions of it."""
        exchange = self._exchanges.get(number)
        return exchange is not None and self.ask(exchange.question, instead_of=number)

    def ask_all(self, number: int) -> bool:
        """Ask the question of an exchange once more, and all documents from now on."""
        exchange = self._exchanges.get(number)
        if exchange is None or self.busy:
            return False
        from kotaemon_desktop.core.retrieval import filters  # its expressions take 7 ms to compile

        self.scope.choose(ALL)
        return self.ask(filters.parse(exchange.question)[0], instead_of=number)

    def rate(self, number: int, thumb: int) -> None:
        """Keep what a person thinks of an answer, see :meth:`Ratings.rate`."""
        if (exchange := self._exchanges.get(number)) is not None:
            self.ratings.rate(exchange, thumb)

    def show_version(self, number: int, version: int) -> None:
        """Show the branch of another version of an exchange, counted from 1; ``opened`` follows."""
        exchange = self._exchanges.get(number)
        if exchange is not None and self._conversation is not None and 0 < version <= len(exchange.versions):
            self.open_conversation(self._conversation, exchange.versions[version - 1])

    def last(self) -> Exchange | None:
        """Return the last exchange of the open conversation."""
        return self._exchanges[max(self._exchanges)] if self._exchanges else None

    def topics(self) -> tuple[str, ...]:
        """Return what stands beside the last answer in its documents, while the next question can be asked."""
        last = self.last()
        if last is None or last.phase is not Phase.DONE or not last.answered or not last.hits:
            return ()
        from kotaemon_desktop.core.answering import follow_up  # its expressions take 7 ms to compile

        return follow_up.topics(last.question, last.hits, last.citations)

    def ask_about(self, topic: str) -> bool:
        """Ask about one of the :meth:`topics`."""
        from kotaemon_desktop.core.answering import follow_up

        return self.ask(follow_up.question_about(topic))

    def new_conversation(self) -> None:
        """Leave the open conversation, which stays in the history, and begin an empty one."""
        self._leave()
        self.opened.emit([], None)

    def open_conversation(self, conversation_id: int, turn_id: int | None = None) -> None:
        """Leave the open conversation and show a stored one, at a turn or at its end; ``opened`` follows."""
        self._leave()
        self._restoring = self._lanes.call(
            "answering",  # after the answer that was just stopped is stored
            partial(branch, self._engine, conversation_id, turn_id),
            on_result=partial(self._restore, turn_id=turn_id),
            on_error=self._restore_nothing,
        )

    def _leave(self) -> None:
        self.stop()
        self._forget_restoring()
        self._conversation = None
        self.scope.follow(None)
        self._exchanges.clear()
        self.sources.forget()

    def _forget_restoring(self) -> None:
        if self._restoring is not None:
            self._restoring.cancel()
            self._restoring = None

    def _cut(self, number: int) -> None:
        """Forget the exchanges from ``number`` on."""
        self._exchanges = {each: exchange for each, exchange in self._exchanges.items() if each < number}
        self.cut.emit(number)

    # --- what the answering lane reports ----------------------------------------------------------------------------

    def _take(self, number: int, event: AnswerEvent | Opened) -> None:
        if isinstance(event, Opened):
            self._conversation = event.conversation_id
            self.scope.begun(self._conversation)
            return
        if number != self._running:
            return
        if isinstance(event, Piece | Thinking):
            self._gather(event)
            return
        self._flush()
        exchange = self._exchanges[number].after(event)
        if not exchange.running:
            self._finish(exchange)
            if isinstance(event, Done):
                self.answered.emit(event)
            return
        self._update(exchange)
        if isinstance(event, Found):
            self.sources.tell(exchange)
        elif isinstance(event, Packed):
            self._move_border(event)
        elif isinstance(event, Cited):
            self.cited.emit(exchange.citations)

    def _fail(self, number: int, error: Exception) -> None:
        _log.error("question %d: %s", number, error, exc_info=error)
        self._take(number, AnswerFailed(error))

    def _end(self, number: int, kept: Kept) -> None:
        """Stop what ended without saying how, and remember how it was stored."""
        if number == self._running:
            self.stop()
        if (exchange := self._exchanges.get(number)) is not None and kept.turn is not None:
            self._update(dataclasses.replace(exchange, turn_id=kept.turn.id, versions=kept.turn.versions))

    def _gather(self, piece: Piece | Thinking) -> None:
        """Keep a piece for the next flush; an empty one only says that the prompt is being read."""
        if piece.text:
            self._pieces.append(piece)
            if not self._flush_timer.isActive():
                self._flush_timer.start()

    def _flush(self) -> None:
        """Show the pieces that have come since the last time."""
        self._flush_timer.stop()
        if self._pieces and self._running is not None:
            exchange = self._exchanges[self._running]
            for kind in (Thinking, Piece):  # no answer is followed by thoughts
                if text := "".join(piece.text for piece in self._pieces if isinstance(piece, kind)):
                    exchange = exchange.after(kind(text))
            self._pieces.clear()
            self._update(exchange)

    def _move_border(self, packed: Packed) -> None:
        """Show where in the turns before the model's view begins now."""
        for exchange in list(self._exchanges.values()):
            is_first = packed.seen_from is not None and exchange.turn_id == packed.seen_from
            if exchange.first_seen is not is_first and exchange.number != self._running:
                self._update(dataclasses.replace(exchange, first_seen=is_first))

    def _finish(self, exchange: Exchange) -> None:
        self._running = self._job = None
        self._pieces.clear()
        self._update(exchange)
        self.busy_changed.emit(False)

    def _update(self, exchange: Exchange) -> None:
        self._exchanges[exchange.number] = exchange
        self.changed.emit(exchange)

    def _restore(self, turns: list[Turn], turn_id: int | None = None) -> None:
        self._restoring = None
        if turns:
            self._conversation = turns[0].conversation_id
            self.scope.follow(self._conversation)
        border = first_seen(turns)
        exchanges = [
            dataclasses.replace(Exchange.of_turn(next(self._numbers), turn), first_seen=turn.id == border)
            for turn in turns
        ]
        self._exchanges = {exchange.number: exchange for exchange in exchanges}
        at = next((exchange.number for exchange in exchanges if exchange.turn_id == turn_id), None)
        self.opened.emit(exchanges, at if turn_id is not None else None)
        if exchanges:
            self.sources.show(at if at is not None else exchanges[-1].number)

    def _restore_nothing(self, error: Exception) -> None:
        self._restore([])
        self._lanes.failed.emit(error)
