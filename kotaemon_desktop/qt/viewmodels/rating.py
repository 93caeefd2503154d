"""Keeps what a person thinks of answers."""

from __future__ import annotations

import dataclasses
from functools import partial

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.workers import Lanes


class Ratings(QObject):
    """Stores thumbs. GUI thread; written in the browsing lane.

    Signals: ``rated(Exchange)``: as it is with its thumb. ``kept()``: it is stored, and what follows from it is done.
    """

    rated = Signal(object)
    kept = Signal()

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes

    def rate(self, exchange: Exchange, thumb: int) -> None:
        """Keep ``thumb`` (1 or -1) for a stored answer; the same one again takes it back."""
        if exchange.turn_id is None:
            return
        thumb = 0 if thumb == exchange.thumb else thumb
        keep = partial(self._engine.canary.rate, exchange.turn_id, thumb)
        self._lanes.call("browsing", keep, on_result=lambda _none: self.kept.emit(), on_error=self._lanes.failed.emit)
        self.rated.emit(dataclasses.replace(exchange, thumb=thumb))
