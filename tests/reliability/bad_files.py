"""Imports hundreds of files that mean harm through the real program and tells how each ended.

    uv run python -m tests.reliability.bad_files [--mutations 300] [--seconds 60] [--megabytes 1024]

Every file has to end as a document or with a reason, within the limits of the settings, with its host's memory; nothing
may be written beside the data folder, no connection made, no process left over. The last line is the table as JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import ImportFailed, Skipped, Stored
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.residency.names import READER
from tests.reliability import bad_files_made, bad_files_mutated, bad_files_pdf
from tests.reliability.bad_files_made import Made

_SPARSE = 10_000_000_000
_LONG_LINE = 1_000_000_000
_SECRET = "root:x:0:0"  # what /etc/passwd begins with, which many of the files ask for


@dataclass(frozen=True)
class Outcome:
    """How one file ended; ``error`` is the name of its class, empty for a document."""

    kind: str
    name: str
    error: str
    message: str
    seconds: float
    megabytes: float


@dataclass
class Line:
    """One kind of harm in the table."""

    kind: str
    files: int = 0
    documents: int = 0
    failed: dict[str, int] = field(default_factory=dict)  # by the name of the error
    seconds_most: float = 0.0
    megabytes_most: float = 0.0


class Watch:
    """Notes what a run must not do, and how much memory its readers hold. Lives in a thread beside the import."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="watch")
        self.megabytes = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def begin(self) -> None:
        """Forget the peak of the file before."""
        for pid in self._engine.keeper.status(READER).pids:
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        self.megabytes = 0.0

    def look(self) -> None:
        """Take in what the readers held at most."""
        for pid in self._engine.keeper.status(READER).pids:
            with contextlib.suppress(OSError, StopIteration, ValueError):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                peak = next(line for line in lines if line.startswith("VmHWM"))
                self.megabytes = max(self.megabytes, int(peak.split()[1]) / 1024)

    def _sample(self) -> None:
        while not self._ended.wait(0.05):
            self.look()


def files(mutations: int, away: str) -> Iterator[Made]:
    """Yield all that is made in memory; ``away`` is the web address that some want to be fetched."""
    yield from bad_files_made.made(away)
    yield from bad_files_pdf.made(away)
    yield from bad_files_mutated.made(mutations)


def written(folder: Path, made: Iterable[Made]) -> Iterator[tuple[str, Path]]:
    """Write files, each kind in a folder of its own."""
    for kind, name, content in made:
        place = folder / kind
        place.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
        yield kind, place / name


@contextlib.contextmanager
def odd_files(folder: Path, *, with_long: bool) -> Generator[list[tuple[str, Path]]]:
    """Make what only a file system can hold: odd names, things that are no files, files of many gigabytes.

    ``with_long``: files of one gigabyte too, through which a reader really has to go.
    """
    folder.mkdir()
    found: list[tuple[str, Path]] = []
    names = ["line\nbreak.txt", "\x1b[31mred.txt", "\u202efdp.txt", "a" * 251 + ".txt", "b." + "x" * 250,
    "年" * 83 + ".txt",
             os.fsdecode(b"latin-\xe9.txt"), os.fsdecode(b"\xff\xfe.txt"), " .txt", "-rf.txt", "%s%n.txt",
             "<b>&amp;.txt"]  # fmt: skip
    for number, name in enumerate(names):
        (folder / name).write_text(f"Shelf {number} holds {number} boxes.")
        found.append(("odd name", folder / name))
    with contextlib.ExitStack() as stack:
        os.mkfifo(folder / "pipe.txt")
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(os.path.relpath(folder / "socket.txt"))
        (folder / "circle.txt").symlink_to("circle.txt")
        (folder / "zero.txt").symlink_to("/dev/zero")
        (folder / "nowhere.txt").symlink_to("nowhere at all")
        (folder / "locked.txt").write_text("secret")
        (folder / "locked.txt").chmod(0)
        kinds = ("pipe.txt", "socket.txt", "circle.txt", "zero.txt", "nowhere.txt", "locked.txt")
        found += (("no file", folder / name) for name in kinds)
        devices = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/tty", "/proc/self/mem", "/proc/kmsg")
        found += (("no file", Path(device)) for device in devices)
        sizes = {"sparse.txt": _SPARSE, "sparse.pdf": _SPARSE}
        if with_long:
            sizes |= {"line.txt": _LONG_LINE, "zeros.zip": _LONG_LINE}
        for name, size in sizes.items():
            with (folder / name).open("wb") as file:
                file.write({".pdf": b"%PDF-1.7\n", ".zip": b"PK\x03\x04"}.get(Path(name).suffix, b"one line "))
                file.truncate(size)
            found.append(("huge file", folder / name))
        yield found


def outcome(engine: Engine, watch: Watch, kind: str, path: Path) -> Outcome:
    """Import one file and tell how it ended."""
    watch.begin()
    began = time.perf_counter()
    error = message = "nothing"
    for event in engine.imports.run([path]):
        if isinstance(event, ImportFailed):
            error, message = type(event.error).__name__, str(event.error)
        elif isinstance(event, Stored | Skipped):
            error = message = ""
    seconds = time.perf_counter() - began
    watch.look()
    return Outcome(kind, path.name, error, message, round(seconds, 2), round(watch.megabytes, 1))


@contextlib.contextmanager
def opened(data: Path, seconds: float, megabytes: int) -> Generator[Engine]:
    """Open the program's core over an empty library that only keeps words: what embeds is no part of this."""
    folder = DataFolder(data)
    folder.create()
    available, embedded.available = embedded.available, lambda: False
    engine = Engine.open(folder)
    try:
        for name, value in (("ocr", "never"), ("file_seconds", seconds), ("reader_megabytes", megabytes)):
            engine.change_setting("imports", name, value)
        yield engine
    finally:
        engine.close()
        embedded.available = available


@contextlib.contextmanager
def connections() -> Generator[tuple[str, list[str]]]:
    """Lend a web address, and a list of the connections to anywhere that this process tries.

    At the end it also tells who has come to the address, from whatever process.
    """
    heard: list[str] = []

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event in {"socket.connect", "socket.getaddrinfo"}:
            heard.append(f"{event} {arguments[1:]!r}")

    listening = True
    sys.addaudithook(hear)
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.setblocking(False)
        try:
            yield f"http://127.0.0.1:{trap.getsockname()[1]}/", heard
        finally:
            listening = False
            with contextlib.suppress(BlockingIOError):  # nobody came
                visitor, place = trap.accept()
                visitor.close()
                heard.append(f"somebody came from {place}")


def table(outcomes: Iterable[Outcome]) -> list[Line]:
    """Sum up the outcomes by kind."""
    lines: dict[str, Line] = {}
    for each in outcomes:
        line = lines.setdefault(each.kind, Line(each.kind))
        line.files += 1
        line.documents += not each.error
        if each.error:
            line.failed[each.error] = line.failed.get(each.error, 0) + 1
        line.seconds_most = max(line.seconds_most, each.seconds)
        line.megabytes_most = max(line.megabytes_most, each.megabytes)
    return list(lines.values())


def prints(folder: Path) -> dict[str, str]:
    """Return what lies below ``folder``, with the SHA-256 of all files but the huge ones."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        plain = (
            path.is_file() and not path.is_symlink() and path.stat().st_size < _LONG_LINE and os.access(path, os.R_OK)
        )
        found[os.fsencode(path).hex()] = hashlib.sha256(path.read_bytes()).hexdigest() if plain else ""
    return found


def run(
    place: Path, made: Callable[[str], Iterable[Made]], seconds: float, megabytes: int, *, with_long: bool = True
) -> Iterator[Outcome]:
    """Import all that is ``made`` for a web address, one after the other.

    Raises AssertionError when the run did what it must not.
    """
    bad = place / "bad"
    bad.mkdir()
    with connections() as (away, heard), odd_files(bad / "odd", with_long=with_long) as odd:
        paths = [*written(bad, made(away)), *odd]
        before = prints(bad)
        beside = sorted(path.name for path in place.iterdir())
        with opened(place / "data", seconds, megabytes) as engine, Watch(engine) as watch:
            for kind, path in paths:
                yield outcome(engine, watch, kind, path)
            texts = (p.text for d in engine.library.documents() for p in engine.library.passages_of(d.id))
            assert not any(_SECRET in text for text in texts), "a file that others named was read"
        assert prints(bad) == before, "a file was changed"
        assert sorted(path.name for path in place.iterdir()) == sorted([*beside, "data"]), (
            "something was written beside"
        )
    assert heard == [], heard
    assert multiprocessing.active_children() == []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--megabytes", type=int, default=1024)
    chosen = parser.parse_args()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        for each in run(Path(place), partial(files, chosen.mutations), chosen.seconds, chosen.megabytes):
            outcomes.append(each)
            print(json.dumps(asdict(each), ensure_ascii=True), file=sys.stderr, flush=True)
    late = [each.name for each in outcomes if each.error == "nothing" or each.seconds > 2 * chosen.seconds]
    print(json.dumps({"files": len(outcomes), "losses": late, "table": [asdict(line) for line in table(outcomes)]}))
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
