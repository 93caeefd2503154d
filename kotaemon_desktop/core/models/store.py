"""The models folder: what is installed, and how a model comes in and goes out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from kotaemon_desktop.core.errors import ModelInUse, ModelNotFound, NoSpace
from kotaemon_desktop.core.models import catalogue, layout, manifest
from kotaemon_desktop.core.models.catalogue import Entry, Variant
from kotaemon_desktop.core.models.hub import Hub, address
from kotaemon_desktop.core.models.manifest import MULTILINGUAL, Manifest
from kotaemon_desktop.core.models.remote import leaves
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.records import DownloadProgress, ModelInfo

_EXPORT = re.compile(r"(onnx|genai|model|cpu|gpu|cuda|directml)([-_].*)?", re.IGNORECASE)
_PART, _GONE = ".part-", ".gone-"  # models that take shape, and those that were removed
_SPARE = 64 << 20  # bytes left free after a model came in: SQLite has to go on writing


class ModelStore:
    """Owns the models folder: one subfolder per model, visible only when it is whole.

    A model is copied, built or downloaded under a name that starts with a dot and renamed when it is complete. Light:
    lives in the window process (any thread; one writer at a time) and in the host that builds the embedded model.
    """

    def __init__(self, folder: Path, outgoing: Outgoing | None = None) -> None:
        self._folder = folder
        self._outgoing = outgoing or Outgoing()

    def models(self) -> list[ModelInfo]:
        """Return the installed models, by task and name."""
        found = [manifest.info(folder, each) for folder, each in self._installed()]
        return sorted(found, key=lambda model: (model.task, model.id.lower()))

    def get(self, id: str) -> ModelInfo:  # noqa: A002 - it is what it is
        """Return the model ``id``. Raises ModelNotFound."""
        for model in self.models():
            if model.id == id:
                return model
        raise ModelNotFound(model=id)

    def embedder(self) -> ModelInfo | None:
        """Return the embedder for a library without vectors: one for all languages first, then the largest."""
        models = [model for model in self.models() if model.task == "embedding"]
        return max(models, key=lambda model: (MULTILINGUAL in model.languages, model.bytes), default=None)

    def reranker(self) -> ModelInfo | None:
        """Return the reranker: one for all languages first, then the smallest, for a question waits for it."""
        models = [model for model in self.models() if model.task == "reranking"]
        return min(models, key=lambda model: (MULTILINGUAL not in model.languages, model.bytes), default=None)

    def generator(self, preferred: str = "") -> ModelInfo | None:
        """Return the generator ``preferred``, or the one that came last if that is empty; None for ``none`` or none.

        Raises ModelNotFound when ``preferred`` names a model that is not an installed generator.
        """
        models = [model for model in self.models() if model.task == "generation" and preferred != "none"]
        if preferred not in ("", "none"):
            models = [model for model in models if model.id == preferred]
            if not models:
                raise ModelNotFound(model=preferred)
        return max(models, key=_arrival, default=None)

    def add(self, folder: Path) -> ModelInfo:
        """Copy the model in ``folder`` into the store, in place of one with the same name, and return it.

        Raises ModelIncomplete naming what is missing, UnsupportedModel, NoSpace; nothing is added then.
        """
        folder = folder.resolve()
        found = layout.inspect(folder, _name(folder))
        known = catalogue.find(found.id)
        if known is not None and known.task == found.task:
            found = known.complete(found)
        names = layout.needed(folder, found)
        self.reserve(found.id, sum((folder / name).stat().st_size for name in names))
        part = self.partial(found.id, "add")
        try:
            for name in names:
                (part / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(folder / name, part / name)
            return self.publish(part, found)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def remove(self, id: str) -> None:  # noqa: A002 - it is what it is
        """Take the model ``id`` away; :meth:`restore` brings it back until :meth:`purge`.

        Raises ModelNotFound, and ModelInUse where the system refuses (Windows).
        """
        self._hide(Path(self.get(id).folder), id)

    def restore(self, id: str) -> None:  # noqa: A002 - it is what it is
        """Bring back what :meth:`remove` took away. Raises ModelNotFound when it is gone, or another took its place."""
        gone, target = self._folder / f"{_GONE}{id}", self._folder / id
        if target.exists() or not gone.is_dir():
            raise ModelNotFound(model=id)
        gone.rename(target)

    def removed(self) -> list[str]:
        """Return the ids of the models that can still be brought back."""
        return [folder.name.removeprefix(_GONE) for folder in self._folder.glob(f"{_GONE}*")]

    def purge(self) -> None:
        """Delete for good what was removed."""
        for id in self.removed():  # noqa: A001
            self._delete_hidden(id)

    def download(self, id: str, hub: Hub | None = None, variant: str = "") -> Iterator[DownloadProgress]:  # noqa: A002
        """Fetch the model ``id`` of the catalogue, or ``owner/repository``, from ``hub``, yielding how far it is.

        What has arrived is kept when the iterator is closed or fails, and used the next time. Raises ModelNotFound,
        Offline, DownloadFailed, NoSpace, ModelIncomplete, UnsupportedModel.
        """
        from kotaemon_desktop.core.models import download

        entry = catalogue.find(id)
        if entry is None:
            raise ModelNotFound(model=id)
        chosen, hub = entry.variant(variant), hub or Hub(address(""))
        if leaves(hub.host) and not hub.offline:
            self._outgoing.note(Errand.DOWNLOAD, hub.host)
        files = download.listing(entry, chosen, hub)
        part = self.partial(_arriving(entry, chosen), "download", fresh=False)
        self.reserve(entry.id, download.remaining(files, part))
        yield from download.fetch(entry, files, part, hub)
        found = layout.inspect(part, entry.id)
        self.publish(part, entry.complete(found))

    def unfinished(self) -> dict[tuple[str, str], int]:
        """Return how many bytes have arrived of each (repository, variant) whose download did not come to its end."""
        found: dict[tuple[str, str], int] = {}
        for folder in self._folder.glob(f"{_PART}download-*@*"):
            repository, _at, variant = folder.name.removeprefix(f"{_PART}download-").rpartition("@")
            sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
            if any(sizes):
                found[repository.replace("--", "/", 1), variant] = sum(sizes)
        return found

    def discard(self, repository: str, variant: str) -> None:
        """Delete what has arrived of a download that nobody wants any more."""
        name = f"{_PART}download-{repository.replace('/', '--', 1)}@{variant}"
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def partial(self, id: str, purpose: str, *, fresh: bool = True) -> Path:  # noqa: A002 - it is what it is
        """Return the hidden folder in which the model ``id`` takes shape; ``fresh``: without what is left there."""
        part = self._folder / f"{_PART}{purpose}-{id}"
        if fresh:
            shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, exist_ok=True)
        return part

    def publish(self, part: Path, found: Manifest) -> ModelInfo:
        """Make the complete folder ``part`` the model that ``found`` describes, replacing one with the same name.

        Others that were removed can still be brought back.
        """
        complete = manifest.write(part, found)
        target = self._folder / found.id
        if target.exists():
            self._hide(target, found.id)
        part.rename(target)
        self._delete_hidden(found.id)
        return manifest.info(target, complete)

    def reserve(self, id: str, size: int) -> None:  # noqa: A002 - it is what it is
        """Check that ``size`` more bytes fit on the disk. Raises NoSpace."""
        self._folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        if free < size + _SPARE:
            raise NoSpace(model=id, needed=_size(size), free=_size(free))

    def _installed(self) -> Iterator[tuple[Path, Manifest]]:
        with suppress(FileNotFoundError):
            for folder in self._folder.iterdir():
                found = None if folder.name.startswith(".") else manifest.read(folder)
                if found is not None:
                    yield folder, msgspec.structs.replace(found, id=folder.name)

    def _hide(self, folder: Path, id: str) -> None:  # noqa: A002
        # Renamed before it is deleted: a delete that is broken off must not leave half a model in sight.
        gone = self._folder / f"{_GONE}{folder.name}"
        shutil.rmtree(gone, ignore_errors=True)
        try:
            folder.rename(gone)
        except PermissionError:
            raise ModelInUse(model=id) from None

    def _delete_hidden(self, id: str) -> None:  # noqa: A002
        shutil.rmtree(self._folder / f"{_GONE}{id}", ignore_errors=True)


def _arrival(model: ModelInfo) -> tuple[int, str]:
    return (Path(model.folder) / manifest.FILE).stat().st_mtime_ns, model.id


def _arriving(entry: Entry, variant: Variant) -> str:
    """Return the name under which a download takes shape; :meth:`ModelStore.unfinished` reads it."""
    return f"{entry.repository.replace('/', '--', 1)}@{variant.name}"


def _name(folder: Path) -> str:
    """Return the name of the model in ``folder``: the last part of its path that says more than how it was exported."""
    telling = (part for part in reversed(folder.parts) if not _EXPORT.fullmatch(part))
    return re.sub(r"[^\w.+-]+", "-", next(telling, "")).strip("-.") or "model"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
