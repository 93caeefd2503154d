"""Asks questions, follows their answers, and keeps the conversation that the chat shows."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count

from PySide6.QtCore import QObject, QTimer, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Cited, Done, Found, Piece
from kotaemon_desktop.core.records import Conversation, Turn
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase
from kotaemon_desktop.qt.workers import Job, Lanes

FLUSH_MILLISECONDS = 90  # pieces are shown together this often: as smooth as every frame, at a tenth of the work

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A conversation was begun for the first question."""

    conversation_id: int


_PREWARM_MILLISECONDS = 5000


def _ignore(_what: object) -> None:
    """Nothing waits for a pre-warm; the question that needs the component tells what is wrong with it."""


class ChatModel(QObject):
    """Owns the life of the question being answered and the exchanges of the open conversation. GUI thread.

    Signals:
        ``opened(list[Exchange])``: another conversation is shown, oldest exchange first; empty for a new one.
        ``changed(Exchange)``: an exchange is new or has got on; pieces of text come bundled.
        ``found(tuple[Hit, ...], str)``: the sources of a question, and the question.
        ``cited(tuple[Citation, ...])``: the citations of the answer whose sources were ``found`` last.
        ``citation_activated(Citation)``: somebody wants to see what a [n] rests on.
        ``listed(list[Conversation])``: the stored conversations, the last active one first.
        ``answered(Done)``: an answer came to its end by itself; with what it took.
        ``busy_changed(bool)``: a question is being answered, or no longer.
    """

    opened = Signal(object)
    changed = Signal(object)
    found = Signal(object, str)
    cited = Signal(object)
    citation_activated = Signal(object)
    listed = Signal(object)
    answered = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._numbers = count(1)
        self._exchanges: dict[int, Exchange] = {}
        self._conversation: int | None = None
        self._running: int | None = None
        self._job: Job | None = None
        self._pieces: list[str] = []
        self._sources_of: int | None = None  # the exchange whose sources were told last
        self._flush_timer = QTimer(self, interval=FLUSH_MILLISECONDS, singleShot=True)
        self._flush_timer.timeout.connect(self._flush)
        self._warm_timer = QTimer(self, interval=_PREWARM_MILLISECONDS, singleShot=True)
        self._restoring: Job | None = lanes.call(
            "browsing", partial(_last_turns, engine), on_result=self._restore, on_error=self._restore_nothing
        )

    def prewarm(self) -> None:
        """Somebody is typing a question: what will answer it may wake already. Asks at most every few seconds."""
        if not self._warm_timer.isActive():
            self._warm_timer.start()
            self._lanes.call("browsing", self._engine.prewarm, on_result=_ignore, on_error=_ignore)

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

    def ask(self, question: str) -> bool:
        """Ask ``question``, unless it is blank or another one is still being answered; tell whether it was asked."""
        question = question.strip()
        if not question or self.busy:
            return False
        self._forget_restoring()  # who asks first begins anew
        number = self._running = next(self._numbers)
        self._pieces.clear()
        self._update(Exchange(number, question))
        self._job = self._lanes.run(
            "answering",
            partial(_answer, self._engine, question, self._conversation),
            on_event=partial(self._take, number),
            on_done=partial(self._end, number),
            on_error=partial(self._fail, number),
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

    def ask_again(self, number: int) -> bool:
        """Ask the question of an exchange once more."""
        exchange = self._exchanges.get(number)
        return exchange is not None and self.ask(exchange.question)

    def new_conversation(self) -> None:
        """Leave the open conversation, which stays in the history, and begin an empty one."""
        self._leave()
        self.opened.emit([])

    def list_conversations(self) -> None:
        """Read the stored conversations; ``listed`` follows."""
        self._lanes.call("browsing", partial(_conversations, self._engine), on_result=self.listed.emit)

    def open_conversation(self, conversation_id: int) -> None:
        """Leave the open conversation and show a stored one; ``opened`` follows."""
        self._leave()
        self._restoring = self._lanes.call(
            "browsing",
            partial(self._engine.history.turns, conversation_id),
            on_result=self._restore,
            on_error=self._restore_nothing,
        )

    def _leave(self) -> None:
        self.stop()
        self._forget_restoring()
        self._conversation = None
        self._exchanges.clear()
        self._sources_of = None
        self.found.emit((), "")

    def _forget_restoring(self) -> None:
        if self._restoring is not None:
            self._restoring.cancel()
            self._restoring = None

    def activate_citation(self, number: int, mark: int) -> None:
        """Show what [``mark``] in exchange ``number`` rests on; with it come the other sources of that exchange."""
        exchange = self._exchanges.get(number)
        citation = exchange.citation(mark) if exchange else None
        if exchange is None or citation is None:
            return
        if self._sources_of != number:
            self._tell_sources(exchange)
            self.cited.emit(exchange.citations)
        self.citation_activated.emit(citation)

    # --- what the answering lane reports ----------------------------------------------------------------------------

    def _take(self, number: int, event: AnswerEvent | _Opened) -> None:
        if isinstance(event, _Opened):
            self._conversation = event.conversation_id
            return
        if number != self._running:
            return
        if isinstance(event, Piece):
            self._pieces.append(event.text)
            if not self._flush_timer.isActive():
                self._flush_timer.start()
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
            self._tell_sources(exchange)
        elif isinstance(event, Cited):
            self.cited.emit(exchange.citations)

    def _fail(self, number: int, error: Exception) -> None:
        _log.error("question %d: %s", number, error, exc_info=error)
        self._take(number, AnswerFailed(error))

    def _end(self, number: int) -> None:
        """Stop what ended without saying how."""
        if number == self._running:
            self.stop()

    def _flush(self) -> None:
        """Show the pieces that have come since the last time."""
        self._flush_timer.stop()
        if self._pieces and self._running is not None:
            text = "".join(self._pieces)
            self._pieces.clear()
            self._update(self._exchanges[self._running].after(Piece(text)))

    def _finish(self, exchange: Exchange) -> None:
        self._running = self._job = None
        self._pieces.clear()
        self._update(exchange)
        self.busy_changed.emit(False)

    def _update(self, exchange: Exchange) -> None:
        self._exchanges[exchange.number] = exchange
        self.changed.emit(exchange)

    def _tell_sources(self, exchange: Exchange) -> None:
        self._sources_of = exchange.number
        self.found.emit(exchange.hits, exchange.question)

    def _restore(self, turns: list[Turn]) -> None:
        self._restoring = None
        if turns:
            self._conversation = turns[0].conversation_id
        exchanges = [Exchange.of_turn(next(self._numbers), turn) for turn in turns]
        self._exchanges = {exchange.number: exchange for exchange in exchanges}
        self.opened.emit(exchanges)

    def _restore_nothing(self, error: Exception) -> None:
        self._restore([])
        self._lanes.failed.emit(error)


def _last_turns(engine: Engine) -> list[Turn]:
    """Read the conversation that was active last. Runs in the browsing lane."""
    conversations = _conversations(engine)
    return engine.history.turns(conversations[0].id) if conversations else []


def _conversations(engine: Engine) -> list[Conversation]:
    """Read the conversations that hold a question: only those have a title. Runs in the browsing lane."""
    return [conversation for conversation in engine.history.conversations() if conversation.title]


def _answer(engine: Engine, question: str, conversation_id: int | None) -> Iterator[AnswerEvent | _Opened]:
    """Answer in the given conversation or a new one. Runs in the answering lane."""
    if conversation_id is None:
        conversation_id = engine.history.new_conversation()
        yield _Opened(conversation_id)
    yield from engine.answer(question, conversation_id=conversation_id)
