"""Does anything that a person does make the window stutter? The longest turn of the event loop for each action.

Run with: uv run python tests/benchmarks/smoothness.py [--documents 10000] [--files 2000] [--only WORDS]

The real window, offscreen, over 10,000 documents and a conversation of 1,000 messages, does one thing after the other.
What counts is the processor time that its GUI thread spends in one turn, from one wait for events to the next:
the time on the clock says more about who else uses the machine. Collections of Python's garbage are part of it.
"""

from __future__ import annotations

import argparse
import compileall
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of PySide6

sys.path.insert(0, str(Path(__file__).parent))

from library import fill
from papers import write_markdown

os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")

from PySide6.QtCore import QAbstractEventDispatcher, QObject, QTimer
from report import at_most, finish, progress

from kotaemon_desktop import app
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import AnswerEvent, Done, Piece, Routed
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt.viewmodels.order import Order, Show
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

_FRAME = 16.0  # milliseconds
_LOOK_MS = 50
_QUIET_SECONDS = 0.6  # without anything going on, after which an action is over
_PATIENCE_SECONDS = 90.0
_TURNS = 500  # of the long conversation: a question and an answer each
_HOSTS = 24
_PAGES = ("about", "canary", "details", "models", "report", "settings", "shortcuts", "usage", "workspaces")
_ANSWER = """\
## Part {n} of the answer

The *filter* is replaced after {n}00 hours of use [1], and **each bearing** is lubricated `before shift {n}`
by the team that stands next to it. 轴承每 {n} 天润滑一次。 Nothing else has to be done while the machine runs.

1. Open the cover and wait for {n} minutes.
2. Take out the old part:
   - the large one first,
   - then the small one.

| part | hours | where | who |
|---|---:|---|---|
| pump | {n}00 | hall {n} | team A |
| valve | {n}50 | station {n} | team B |
| gearbox | 2{n}0 | line {n} | team C |

```python
def due(hours: float) -> bool:
    # part {n}
    return hours >= {n}00
```

> The operator is told before part {n} begins.

"""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person does: ``do`` begins it, ``over`` tells whether its work has come to an end."""

    name: str
    do: Callable[[], object]
    over: Callable[[], bool] = lambda: True
    seconds: float = _PATIENCE_SECONDS
    endless: bool = False  # it is watched for so many seconds


class Watch:
    """Measures the turns of the GUI thread's event loop, in seconds of its processor time."""

    def __init__(self) -> None:
        self.longest = self.together = 0.0
        self.turns = self.stutters = 0
        self._began = time.thread_time()
        # A turn lies between two waits, whether a dispatcher tells of them at its end or at its beginning.
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._turn)

    def begin(self) -> None:
        """Forget what was measured."""
        self.longest = self.together = 0.0
        self.turns = self.stutters = 0

    def _turn(self) -> None:
        now = time.thread_time()
        took, self._began = now - self._began, now
        self.longest = max(self.longest, took)
        self.together += took
        self.turns += 1
        self.stutters += took * 1000 > _FRAME


class Walk(QObject):
    """Does the actions one after the other; lives in the GUI thread. Owns what was measured."""

    def __init__(self, window: MainWindow, lanes: Lanes, actions: list[Action]) -> None:
        super().__init__(window)
        self.results: dict[str, dict[str, float]] = {}
        self._window, self._lanes, self._actions = window, lanes, iter(actions)
        self._action: Action | None = None
        self._watch = Watch()
        self._began = self._quiet_since = time.monotonic()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._step)
        self._ended = False
        self._look.start()
        self._next()

    def _next(self) -> None:
        if self._action is not None:
            watch = self._watch
            self.results[self._action.name] = {
                "longest_ms": round(watch.longest * 1000, 1),
                "over_a_frame": watch.stutters,
                "turns": watch.turns,
                "together_ms": round(watch.together * 1000),
                "ended": self._ended or self._action.endless,
            }
            progress(f"{self._action.name}: {self.results[self._action.name]}")
        self._action = next(self._actions, None)
        if self._action is None:
            self._look.stop()
            self._window.quit()
            return
        QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        """Begin in a turn of its own: the report before is no part of it."""
        assert self._action is not None
        self._watch.begin()
        self._began = self._quiet_since = time.monotonic()
        self._action.do()

    def _step(self) -> None:
        now = time.monotonic()
        if self._action is None:
            return
        if not (self._action.over() and all(map(self._lanes.idle, ("browsing", "answering")))):
            self._quiet_since = now
        self._ended = now - self._quiet_since > _QUIET_SECONDS
        if self._ended or now - self._began > self._action.seconds:
            self._next()


def actions(window: MainWindow, engine: Engine, folder: Path, files: int, conversation: int) -> Iterator[Action]:
    """Yield what a person may do, one after the other."""
    chat, documents = window.chat_model, window.library_model.documents
    panel = window.library
    yield Action("start, 10,000 documents", lambda: None, lambda: documents.rowCount() > 0)
    yield Action("a conversation of 1,000 messages", partial(chat.open_conversation, conversation))
    yield Action("its earlier messages", lambda: _scroll(window))
    yield Action("a message in its middle", lambda: chat.open_conversation(conversation, _TURNS // 2))
    yield Action("list of conversations", window.chat.show_conversations)
    yield Action("back to the conversation", lambda: window.chat.show_conversations(False))
    yield from _looks(window, "")
    for order in (Order.NAME, Order.SIZE, Order.KIND, Order.STATE, Order.ADDED):
        yield Action(f"sort by {order}", partial(documents.sort_by, order))
    for words in ("r", "report 9", "report 97", ""):
        yield Action(f"filter by “{words}”", partial(panel._filter.setText, words))
    for show in (Show.FAILED, Show.ALL):
        yield Action(f"show {show}", partial(panel._narrow, show))
    places = window.library_model.places
    yield Action("a collection", lambda: places.choose(places.collections[0]))
    yield Action("all documents", lambda: places.choose(places.all[0]))
    yield Action("select all documents", panel._list.selectAll)
    yield Action("remove 5,000 documents", lambda: window.library_model.remove(documents.entries[::2]))
    yield Action("undo", window.library_model.undo)
    yield Action("unfold the monitor", lambda: window.fold_monitor(False))
    yield Action(f"monitor with {_HOSTS} components", partial(_many_hosts, window), lambda: False, 6, endless=True)
    for name in _PAGES:
        yield Action(f"page {name}", partial(window.page, name), partial(_complete, window, name))
    yield Action("close the pages", partial(_close_pages, window))
    yield Action("page settings again", partial(window.page, "settings"), partial(_complete, window, "settings"))
    yield from _looks(window, ", with the settings open")
    yield Action("close the settings", partial(_close_pages, window))
    yield Action("a long answer", partial(_ask, window, engine), lambda: not chat.busy)
    yield Action(f"import of {files:,} files", lambda: window.library_model.import_([folder]), _imported(window))


def _looks(window: MainWindow, where: str) -> Iterator[Action]:
    for name, value in (("theme", "dark"), ("theme", "light"), ("language", "zh_CN"), ("language", "en")):
        done = partial(_worn, window, name, value)
        yield Action(f"{name} {value}{where}", partial(window.change_appearance, name, value), done)


def _worn(window: MainWindow, name: str, value: str) -> bool:
    return getattr(window.settings_model.settings.appearance, name) == value


def _scroll(window: MainWindow) -> None:
    bar = window.chat._conversation.verticalScrollBar()
    bar.setValue(0)


def _complete(window: MainWindow, name: str) -> bool:
    assert window._pages is not None
    return getattr(window._pages._built[name], "is_complete", True)


def _close_pages(window: MainWindow) -> None:
    assert window._pages is not None
    for page in window._pages._built.values():
        page.close()


def _many_hosts(window: MainWindow) -> None:
    """Let the monitor hear of as many components as a few plugins bring, each in another state at every sample."""
    model, states = window.side.monitor_model, list(ComponentState)
    known = list(model.components)

    def more() -> None:
        beat = int(time.monotonic())
        model.components = known + [
            ComponentStatus(f"plugin-{n}", states[(n + beat) % len(states)], n << 20, hosts=n % 3)
            for n in range(_HOSTS)
        ]
        model.components_changed.emit()

    model.sampled.connect(more)


def _ask(window: MainWindow, engine: Engine) -> None:
    window.chat_model.new_conversation()
    engine.questions.answer = _streamed
    window.chat_model.ask("What has to be done?")


def _streamed(*_question: Any, **_how: Any) -> Iterator[AnswerEvent]:
    """Answer with about 5,000 tokens, 100 a second."""
    yield Routed("documents", "")
    answer = "".join(_ANSWER.format(n=n) for n in range(1, 31))
    for place in range(0, len(answer), 4):
        time.sleep(0.01)
        yield Piece(answer[place : place + 4])
    yield Done("a model", answered=True)


def _imported(window: MainWindow) -> Callable[[], bool]:
    return lambda: not window.library_model._imports


def _prepare(engine: Engine, documents: int) -> int:
    """Fill the library, and return the id of the long conversation."""
    fill(engine, documents)
    conversation = engine.history.new_conversation()
    for n in range(_TURNS):
        engine.history.add_turn(
            conversation, question=f"What is due after {n} hours, and who does it?", answer=_ANSWER.format(n=n + 1),
            route="documents", model="a model", answered=True,
        )  # fmt: skip
    for n in range(300):
        other = engine.history.new_conversation()
        engine.history.add_turn(
            other, question=f"Question {n}", answer="Yes.", route="documents", model="", answered=True
        )
    return conversation


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--only", default="", help="actions whose names hold one of these words, split by |")
    wanted = parser.parse_args()
    walks: list[Walk] = []
    # Where Python may not keep its bytecode, a page would compile itself when it is first opened, which nobody's does.
    sys.dont_write_bytecode = False
    compileall.compile_dir(Path(app.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory(prefix="smoothness-") as place:
        folder, files = DataFolder(Path(place, "data")), Path(place, "files")
        files.mkdir()
        for n in range(wanted.files):
            write_markdown(files / f"notes {n}.md", n, sections=2)
        with_engine = Engine.open(folder)
        conversation = _prepare(with_engine, wanted.documents)
        with_engine.close()

        def started(window: MainWindow, lanes: Lanes) -> None:
            every = actions(window, window.engine, files, wanted.files, conversation)
            chosen = [each for each in every if any(word in each.name for word in wanted.only.split("|"))]
            walks.append(Walk(window, lanes, chosen))

        app._run(folder, (), started)
    results = walks[0].results
    if not results:
        raise SystemExit(f"no action's name holds {wanted.only}")
    bars = [at_most(f"longest turn, {name}, ms", each["longest_ms"], _FRAME) for name, each in results.items()]
    unended = sum(not each["ended"] for each in results.values())
    finish("smoothness", results, [*bars, at_most("actions that did not end in time", unended, 0)])


if __name__ == "__main__":
    main()
