"""Measures the library panel and the watching of folders at 10,000 documents.

Run with: uv run python tests/benchmarks/library.py [--documents 10000]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before the first import of PySide6

sys.path.insert(0, str(Path(__file__).parent))

from PySide6.QtWidgets import QApplication
from report import at_most, finish

from kotaemon_desktop.core.documents.listing import listing
from kotaemon_desktop.core.documents.selection import EXTENSIONS
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.panels.library import LibraryPanel
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.viewmodels.order import Order, Show
from kotaemon_desktop.qt.workers import Lanes

_RUNS = 5


def fill(engine: Engine, number: int) -> None:
    """Put ``number`` documents without text into the library: only the list is measured."""
    with engine._database.transaction() as connection:
        connection.executemany(
            "INSERT INTO documents (path, name, title, kind, size, sha256, state, page_count, imported_at)"
            " VALUES (?, ?, '', 'pdf', ?, ?, 'ready', 12, ?)",
            (
                (f"/papers/{n % 97}/Report {n} of the year {1990 + n % 35}.pdf", f"Report {n}.pdf", n, str(n), 60.0 * n)
                for n in range(number)
            ),
        )
    collection = engine.collections.create("Every second one")
    engine.collections.add(collection, range(1, number, 2))


def seconds(do: Callable[[], object]) -> float:
    """Return how long ``do`` takes."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def open_panel(engine: Engine, lanes: Lanes, app: QApplication, number: int) -> tuple[LibraryPanel, float]:
    """Open the panel on the library and return it with the time until all rows are there and painted."""
    began = time.perf_counter()
    model = LibraryModel(engine, lanes)
    panel = LibraryPanel(model)
    panel.resize(300, 700)
    panel.show()
    model._reload()
    while model.documents.rowCount() < number or not lanes.idle("browsing"):
        app.processEvents()
    panel.grab()
    return panel, time.perf_counter() - began


def measure(engine: Engine, app: QApplication, number: int) -> dict[str, float]:
    """Return the medians, in milliseconds."""
    lanes = Lanes()
    opened: list[float] = []
    worked: list[float] = []
    for _ in range(_RUNS):
        before = time.process_time()
        panel, took = open_panel(engine, lanes, app, number)
        worked.append(time.process_time() - before)
        opened.append(took)
    rows, model = panel._model.documents, panel._proxy
    results = {
        "open": median(opened),
        "open_processor": median(worked),  # tells a slow machine from a busy one
        "sort_by_name": seconds(lambda: rows.sort_by(Order.NAME)),
        "sort_by_size": seconds(lambda: rows.sort_by(Order.SIZE)),
        "filter_by_name": median(seconds(lambda word=word: model.set_words(word)) for word in ("report 9", "77", "")),
        "filter_by_state": median(seconds(lambda show=show: model.set_show(show)) for show in (Show.FAILED, Show.ALL)),
        "collection": median(
            seconds(lambda: model.set_place(members=frozenset(range(1, number, 2)))) for _ in range(_RUNS)
        ),
        "scope": median(
            seconds(lambda: engine.collections.documents(Scope(collections=("Every second one",))))
            for _ in range(_RUNS)
        ),
    }
    lanes.close()
    return {name: round(value * 1000, 1) for name, value in results.items()}


def measure_watching(folder: Path, engine: Engine, number: int) -> dict[str, float]:
    """Return what a look at ``number`` files that have not changed takes, in milliseconds."""
    for n in range(number):
        place = folder / f"{n % 97}"
        place.mkdir(exist_ok=True)
        (place / f"{n}.txt").touch()
    engine.watched.watch(str(folder))
    listed = listing(str(folder), EXTENSIONS)
    engine.watched.note(str(folder), listed.identity, listed.files)
    looks = [seconds(engine.imports.watching.look) for _ in range(_RUNS)]
    return {"look": round(median(looks) * 1000, 1)}


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    number = parser.parse_args().documents
    app = QApplication([])
    theme.load_fonts(app)
    theme.apply(app, "light")
    with tempfile.TemporaryDirectory() as place:
        engine = Engine.open(DataFolder(Path(place, "data")))
        try:
            fill(engine, number)
            results = measure(engine, app, number)
            files = Path(place, "files")
            files.mkdir()
            results |= measure_watching(files, engine, number)
        finally:
            engine.close()
    finish("library", results, [at_most(f"{number} documents open, ms", results["open"], 300.0)])


if __name__ == "__main__":
    main()
