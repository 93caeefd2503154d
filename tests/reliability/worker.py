"""The program without its window, at work until it is killed: opens a data folder and does one kind of job again and
again, each step of which it tells the ledger.

``python -m tests.reliability.worker FOLDER FILES LEDGER SEED JOB``
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Found, ImportEvent, Queued, Stored
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.core.storage import backup as keeping
from kotaemon_desktop.core.storage.salvage import salvage
from kotaemon_desktop.core.workspaces import Workspaces
from tests.benchmarks.papers import write_markdown
from tests.reliability import checks
from tests.reliability.ledger import Ledger

_LATER = 31 * 86400.0  # seconds after which a removed workspace is deleted
_MOST = 12  # documents; more are removed


def seed_of(path: str | Path) -> int:
    """Return which version of a file this is: its first line says so."""
    with Path(path).open(encoding="utf-8") as file:
        return int(file.readline().split()[-1])


class Worker:
    """Owns an engine on the data folder."""

    def __init__(self, folder: Path, files: Path, ledger: Ledger, seed: int) -> None:
        self.folder = DataFolder(folder)
        self.files = files
        self.ledger = ledger
        self.chance = random.Random(seed)
        self.seed = seed * 1000
        self.engine = Engine.open(self.folder)
        ledger.write(opened=True)

    def run(self, job: str) -> None:
        """Finish what was begun, then do ``job`` until the end."""
        self._begin("resume", self.resume)
        if job == "finish":
            self._begin(job, self.finish)
        while job not in {"resume", "finish"}:
            self._begin(job, getattr(self, job))
            if len(self.engine.library.documents()) > _MOST:
                self._begin("remove", self.remove)

    def _begin(self, name: str, job: Callable[[], None]) -> None:
        self.ledger.write(begin=name)
        job()
        self.ledger.write(end=name)

    # --- jobs --------------------------------------------------------------------------------------------------------

    def resume(self) -> None:
        """What every start does with what is left to do."""
        self._note(self.engine.imports.resume())

    def finish(self) -> None:
        """Bring the index in step too, which else waits for the first question, and search."""
        for _ in self.engine.imports.sync_index():
            pass
        assert any(isinstance(event, Found) for event in self.engine.questions.search("the pump is checked", 3))

    def import_(self) -> None:
        """Import one to three files: new ones, or changed ones in the place of those that are known."""
        paths: list[Path] = []
        for _ in range(self.chance.randint(1, 3)):
            self.seed += 1
            path = self.files / f"notes {self.chance.randrange(1000)}.md"
            if path not in paths:
                self.ledger.may(str(path), self.seed)
                paths.append(write_markdown(path, self.seed, sections=self.chance.randint(1, 5)))
        self._note(self.engine.imports.run(paths))

    def remove(self) -> None:
        """Remove half of the documents, one by one."""
        for document in self.engine.library.documents()[::2]:
            self.ledger.may(document.path, None)
            self.engine.library.remove([document.id])
            self.ledger.is_(document.path, None)

    def undo(self) -> None:
        """Remove a document and bring it back, or one that was removed earlier."""
        for document in self.engine.library.documents()[:1]:
            self.ledger.may(document.path, None)
            self.engine.library.remove([document.id])
            self.ledger.is_(document.path, None)
        for document, _at in self.engine.library.removed()[:1]:
            version = self._version(document.id)
            self.ledger.may(document.path, version)
            self.engine.library.restore([document.id])
            self.ledger.is_(document.path, version)

    def purge(self) -> None:
        """Remove a document for good."""
        documents = self.engine.library.documents()
        for document in documents[-1:] if len(documents) > 2 else ():
            self.ledger.may(document.path, None)
            self.engine.library.remove([document.id])
            self.ledger.is_(document.path, None)
        self.engine.library.purge(time.time() + 1)

    def talk(self) -> None:
        """Write a conversation of some turns."""
        conversation = self.engine.history.new_conversation()
        for _ in range(5):
            self.seed += 1
            self.ledger.may(f"turn {self.seed}", 1)
            self.engine.history.add_turn(
                conversation, question=f"turn {self.seed}", answer="So it is. " * 200,
                route="documents", model="", answered=True,
            )  # fmt: skip
            self.ledger.is_(f"turn {self.seed}", 1)

    def setting(self) -> None:
        """Change a setting."""
        value = float(self.chance.randint(1, 1000))
        self.ledger.may("setting", value)
        self.engine.change_setting("residency", "ocr_idle", value)
        self.ledger.is_("setting", value)

    def reindex(self) -> None:
        """Forget all vectors and their index, and make them again."""
        embedder = self.engine.embedders.chosen()
        if embedder is not None:
            self.engine.forget_embedder(embedder.id)
        self._note(self.engine.imports.resume())

    def backup(self) -> None:
        """Keep all in a file."""
        name = f"backup {self.chance.randrange(3)}.zip"
        self.ledger.write(unsaved=name)
        keeping.backup(self.folder, self.files.parent / name)
        self.ledger.write(saved=name)

    def restore(self) -> None:
        """Bring a backup back, which the engine may not have open; make one first where there is none."""
        backups = sorted(self.files.parent.glob("backup *.zip"))
        if not backups:
            self.backup()
            self.import_()
            return
        chosen = self.chance.choice(backups)
        self.engine.close()
        lock = self.folder.lock()
        self.ledger.write(restoring=chosen.name)
        keeping.restore(chosen, self.folder)
        self.ledger.write(restored=chosen.name)
        lock.release()
        self.engine = Engine.open(self.folder)

    def spaces(self) -> None:
        """Make a workspace of what the default one holds, restore one so, or remove one."""
        spaces, file = Workspaces(self.folder.root), self.files.parent / "own.zip"
        name = f"w{self.chance.randrange(2)}"
        workspace, key = DataFolder(self.folder.root, name), checks.WORKSPACE + name
        spaces.export("default", file)
        value = checks.sum_of_versions(self.folder.database)
        there = name in self.folder.workspaces()
        if there and self.chance.random() < 0.5:
            self.ledger.may(key, None)
            spaces.remove(name, "default")
            self.ledger.is_(key, None)
            spaces.purge(time.time() + _LATER)
            return
        self.ledger.may(key, value)
        if there:
            keeping.restore(file, workspace)
            for aside in workspace.section.glob("before-restore-*"):
                shutil.rmtree(aside)
        else:
            spaces.bring(file, name)
        self.ledger.is_(key, value)

    def salvage(self) -> None:
        """Save what can be read of a library that is sound: all."""
        self.engine.close()
        lock = self.folder.lock()
        for _ in salvage(self.folder):
            pass
        for aside in self.folder.root.glob("library.damaged-*"):
            aside.unlink()
        lock.release()
        self.engine = Engine.open(self.folder)

    def refill(self) -> None:
        """Lose the vector index and fill it again."""
        self.engine.keeper.unload(RETRIEVAL)
        shutil.rmtree(self.folder.vectors, ignore_errors=True)
        for _ in self.engine.imports.sync_index():
            pass

    def shrink(self) -> None:
        """Write the library anew."""
        self.engine.shrink()

    # --- notes -------------------------------------------------------------------------------------------------------

    def _note(self, events: Iterable[ImportEvent]) -> None:
        for event in events:
            if isinstance(event, Queued):
                for path in event.paths:
                    self.ledger.write(promised=path, value=seed_of(path))
            elif isinstance(event, Stored):
                self.ledger.is_(event.path, seed_of(event.path))

    def _version(self, document_id: int) -> int:
        """Return which version of its file a removed document is."""
        row = self.engine._database.fetch("SELECT title FROM documents WHERE id = ?", (document_id,))[0]
        return int(row[0].split()[-1])


def main() -> None:
    folder, files, ledger, seed, job = sys.argv[1:]
    worker = Worker(Path(folder), Path(files), Ledger(Path(ledger)), int(seed))
    worker.run(job)
    worker.engine.close()


if __name__ == "__main__":
    main()
