"""Pictures of the running window and its pages, for the README and for whoever looks at what was drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

_PICTURE_MS = 60_000  # a picture that is not drawn by then will not be
_SETTLE_MS = 400  # long enough for a page to be asked for after the conversation is there


def take(window: MainWindow, lanes: Lanes, target: Path, size: tuple[int, int], pages: Sequence[str]) -> None:
    """Draw the window, then each of ``pages``, as soon as nothing is under way; then quit."""
    QTimer.singleShot(_PICTURE_MS, window, window.close)  # whatever happens, somebody waits for the end
    window.resize(*size)
    timer = QTimer(window, interval=_SETTLE_MS)
    of_pages = (_picture_page(window, page, target.with_stem(f"{target.stem}-{page}")) for page in pages)
    steps = chain(
        (partial(_show_a_source, window), partial(_save_picture, window, target)),
        chain.from_iterable(of_pages),
        (window.quit,),
    )

    def go_on() -> None:
        if lanes.idle("browsing") and lanes.idle("importing") and window.side.monitor_model.latest:
            next(steps, timer.stop)()

    timer.timeout.connect(go_on)
    timer.start()


def _show_a_source(window: MainWindow) -> None:
    """Open the first citation of the conversation that the window came up with."""
    exchange = window.chat_model.exchange(1)
    if exchange is not None and exchange.citations:
        window.chat_model.sources.activate_citation(exchange.number, exchange.citations[0].number)


def _save_picture(window: QWidget, target: Path) -> None:
    window.grab().save(str(target))


def _picture_page(window: MainWindow, name: str, target: Path) -> Iterator[Callable[[], object]]:
    """Yield the steps: show the page, draw it once it has settled, close it.

    The list of conversations stands in the window itself; how an answer came about is told of the last one.
    """
    if name == "conversations":
        yield window.chat.show_conversations
        yield lambda: _save_picture(window, target)
        yield lambda: window.chat.show_conversations(False)
        return
    yield window.chat.show_details if name == "details" else lambda: window.page(name)
    while not getattr(window.page(name), "is_complete", True):  # the settings come over several turns
        yield lambda: None
    yield lambda: _save_picture(window.page(name), target)
    yield lambda: window.page(name).close()
