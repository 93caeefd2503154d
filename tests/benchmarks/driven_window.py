"""The real window, offscreen, that does what it is told line by line: what benchmarks look at from outside.

Each line of standard input is a JSON list, a method of :class:`Driver` and its arguments. Each line of standard output
is a JSON object that says what happened. All of it is read and answered in the GUI thread, so the time of a ``ping`` is
the time in which the window answers anybody.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer

from kotaemon_desktop import app
from kotaemon_desktop.core.events import Imported, Released, ResidencyEvent
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import DocumentState
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.widgets.question_box import QuestionBox
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

_LOOK_MILLISECONDS = 50
_PAGE_MILLISECONDS = 200
_FRAME_MILLISECONDS = 8  # half of a frame at 60 Hz


class Driver(QObject):
    """Owns the pipe to the benchmark; lives in the GUI thread. Its public methods are what can be asked for."""

    def __init__(self, window: MainWindow, lanes: Lanes) -> None:
        super().__init__(window)
        self._window = window
        self._lanes = lanes
        self._engine = window.engine
        self._saying = threading.Lock()
        self._heard = b""
        self._asked_at = 0.0
        self._delays: list[float] = []
        self._frame_due = 0.0
        self._frames = QTimer(self, interval=_FRAME_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self._count_frame)
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)
        self._asked: Exchange | None = None
        window.chat_model.changed.connect(self._note)
        window.chat_model.busy_changed.connect(self._tell_answer)
        window.library_model.imported.connect(self._tell_imported)
        window.library_model.failed.connect(lambda error: self._say(failed=str(error)))
        self._engine.keeper.subscribe(self._tell_released)
        self._say(started=True)

    # --- what can be asked for -------------------------------------------------------------------------------------

    def ping(self, number: int) -> None:
        self._say(pong=number)

    def import_files(self, paths: list[str]) -> None:
        self._window.library_model.import_([Path(path) for path in paths])

    def resume(self) -> None:
        self._window.library_model.resume()

    def ask(self, question: str) -> None:
        self._asked_at = perf_counter()
        self._window.chat_model.ask(question)

    def new_conversation(self) -> None:
        self._window.chat_model.new_conversation()

    def open_conversation(self, place: float, most: int) -> None:
        """Open the conversation at ``place`` (0..1) in the list, and remove those beyond the newest ``most``."""
        known = self._engine.history.conversations()
        for each in known[most:]:
            self._engine.history.remove(each.id)
        if known[:most] and not self._window.chat_model.busy:
            self._window.chat_model.open_conversation(known[int(place * len(known[:most]))].id)

    def keep_newest(self, most: int) -> None:
        """Remove the oldest documents, so that so many are left."""
        resting = [each for each in self._window.library_model.documents.entries if each.ids]
        self._window.library_model.remove(sorted(resting, key=lambda each: -max(each.ids))[most:])

    def unload(self, name: str) -> None:
        self._engine.keeper.unload(name)

    def page(self, name: str) -> None:
        """Open a page beside the window, and close it soon."""
        QTimer.singleShot(_PAGE_MILLISECONDS, self._window.page(name).close)

    def source(self, row: int) -> None:
        """Look at a source of the last answer."""
        if row < len(self._window.side.sources_model.sources):
            self._window.side.sources_model.select(row)

    def type(self, text: str) -> None:
        """Type in the question box, and think better of it."""
        box = self._window.chat.findChild(QuestionBox)
        assert box is not None
        box.add_text(text)
        box.clear()

    def change(self, section: str, name: str, value: Any) -> None:
        self._engine.change_setting(section, name, value)

    def pin(self, names: list[str]) -> None:
        """Keep components for good, and wake them now."""
        for name in names:
            self._engine.keeper.pin(name, True)
            self._engine.generators.choose()
            self._engine.keeper.prewarm(name)

    def settled(self) -> None:
        """Say so once nothing is imported any more, and whether something is left to do."""
        if self._lanes.idle("importing"):
            unfinished = any(each.state is DocumentState.STORED for each in self._engine.library.documents())
            self._say(settled=True, left=unfinished or self._engine.imports.work_left())
        else:
            QTimer.singleShot(_LOOK_MILLISECONDS, self, self.settled)

    def status(self) -> None:
        self._say(
            status=[[each.name, str(each.state), each.bytes, each.hosts] for each in self._engine.keeper.status()]
        )

    def documents(self) -> None:
        self._say(documents=[[each.name, str(each.state), each.reason] for each in self._engine.library.documents()])

    def watch_frames(self) -> None:
        """Note from now on by how much the event loop is late for each frame."""
        self._delays.clear()
        self._frame_due = perf_counter() + _FRAME_MILLISECONDS / 1000
        self._frames.start()

    def frames(self) -> None:
        """Say how late it was, in seconds, and watch no longer."""
        self._frames.stop()
        self._say(frames=[round(each, 5) for each in self._delays])

    def close(self) -> None:
        self._notifier.setEnabled(False)
        self._window.close()

    def _count_frame(self) -> None:
        now = perf_counter()
        self._delays.append(max(0.0, now - self._frame_due))
        self._frame_due = now + _FRAME_MILLISECONDS / 1000

    # --- talking -----------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        arrived = os.read(sys.stdin.fileno(), 1 << 16)
        if not arrived:
            self.close()
        *lines, self._heard = (self._heard + arrived).split(b"\n")
        for line in lines:
            method, *arguments = json.loads(line)
            getattr(self, method)(*arguments)

    def _say(self, **what: Any) -> None:
        line = json.dumps(what, ensure_ascii=False) + "\n"
        with self._saying:
            sys.stdout.write(line)
            sys.stdout.flush()

    def _note(self, exchange: Exchange) -> None:
        """Keep the exchange that runs, or that ran last; older ones change too, as the model's view of them does."""
        if exchange.running or (self._asked is not None and exchange.number == self._asked.number):
            self._asked = exchange

    def _tell_answer(self, busy: bool) -> None:
        exchange = self._asked
        if not busy and exchange is not None:
            error = f"{type(exchange.error).__name__}: {exchange.error}" if exchange.error else ""
            self._say(
                answered=str(exchange.phase),
                seconds=perf_counter() - self._asked_at,
                model=exchange.model,
                error=error,
                note=str(exchange.note),
                hits=len(exchange.hits),
            )

    def _tell_imported(self, imported: Imported) -> None:
        self._say(imported=imported.documents, passages=imported.passages, reasons=[str(r) for _, r in imported.failed])

    def _tell_released(self, event: ResidencyEvent) -> None:
        if isinstance(event, Released):
            self._say(released=event.component, cause=event.cause, held=event.held, freed=event.freed)


def main() -> int:
    """Open the window on the data folder that is named first and wait for orders."""

    def started(window: MainWindow, lanes: Lanes) -> None:
        Driver(window, lanes)

    return app._run(DataFolder(Path(sys.argv[1])), (), started)


if __name__ == "__main__":
    raise SystemExit(main())
