"""Tells what the answers of the open conversation rest on: of the one under way, and of any that is asked about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import Hit
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.workers import Lanes


class ExchangeSources(QObject):
    """Knows whose sources were told last, and reads those of stored exchanges when they are wanted. GUI thread.

    Signals:
        ``found(tuple[Hit, ...], str)``: the sources of a question, and the question.
        ``cited(tuple[Citation, ...])``: the citations of the answer whose sources were ``found`` last.
        ``citation_activated(Citation)``: somebody wants to see what a [n] rests on.
        ``recalled(Exchange)``: a stored exchange with its sources.
    """

    found = Signal(object, str)
    cited = Signal(object)
    citation_activated = Signal(object)
    recalled = Signal(object)

    def __init__(
        self, engine: Engine, lanes: Lanes, exchange: Callable[[int], Exchange | None], parent: QObject | None = None
    ) -> None:
        """``exchange`` returns an exchange of the open conversation by its number."""
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._exchange = exchange
        self._told: int | None = None  # the exchange whose sources were told last
        self._read: set[int] = set()  # exchanges whose sources were asked of the history

    def forget(self) -> None:
        """Tell that there are no sources: another conversation comes."""
        self._told = None
        self._read.clear()
        self.found.emit((), "")

    def tell(self, exchange: Exchange) -> None:
        """Tell the sources of ``exchange``, and what its answer cites of them once it has ended."""
        self._told = exchange.number
        self.found.emit(exchange.hits, exchange.question)
        if not exchange.running:
            self.cited.emit(exchange.citations)

    def show(self, number: int) -> None:
        """Read and tell the sources of a stored exchange, unless those of another one are told first."""

        def tell() -> None:
            exchange = self._exchange(number)
            if exchange is not None and self._told is None:
                self.tell(exchange)

        self.recall(number, tell)

    def activate_citation(self, number: int, mark: int) -> None:
        """Show what [``mark``] in exchange ``number`` rests on; with it come the other sources of that exchange."""
        exchange = self._exchange(number)
        citation = exchange.citation(mark) if exchange else None
        if exchange is None or citation is None:
            return
        if self.recall(number, partial(self.activate_citation, number, mark)):
            return
        if self._told != number:
            self.tell(exchange)
        self.citation_activated.emit(citation)

    def recall(self, number: int, then: Callable[[], None] = lambda: None) -> bool:
        """Read the sources of a stored exchange, once, and call ``then``; tell whether they are being read."""
        exchange = self._exchange(number)
        if exchange is None or exchange.hits or exchange.turn_id is None or number in self._read:
            return False
        self._read.add(number)

        def take(hits: tuple[Hit, ...]) -> None:
            known = self._exchange(number)
            if known is not None and known.turn_id == exchange.turn_id:
                self.recalled.emit(dataclasses.replace(known, hits=hits))
                then()

        self._lanes.call("browsing", partial(self._engine.traces.hits, exchange.turn_id), on_result=take)
        return True
