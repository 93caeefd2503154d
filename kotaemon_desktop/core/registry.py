"""The models of this machine and those that could be: what each needs, how fast it is, and which one is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kotaemon_desktop.core.keychain import variable
from kotaemon_desktop.core.models import catalogue
from kotaemon_desktop.core.models.catalogue import Entry, Variant
from kotaemon_desktop.core.models.fit import Fit, Fitting, Memory, fitting, needed
from kotaemon_desktop.core.models.hub import Hub, Tokens, address
from kotaemon_desktop.core.models.manifest import MULTILINGUAL, Task
from kotaemon_desktop.core.records import DownloadProgress, ModelInfo, ModelSpeed
from kotaemon_desktop.core.residency.names import EMBEDDER, GENERATOR, RETRIEVAL

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

NONE = "none"  # the language model's name when documents are quoted only
_SETTINGS = {
    "embedding": ("models", "embedder"),
    "reranking": ("models", "reranker"),
    "generation": ("answering", "model"),
}
_FLUENT = 8.0  # tokens a second that a recommended language model writes


@dataclass(frozen=True, slots=True)
class Offer:
    """A precision in which a model of the catalogue can be had, and how it would run. ``arrived``: bytes of it here."""

    variant: Variant
    fitting: Fitting
    arrived: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """A model: installed (then ``fitting`` says how it runs), or offered by the catalogue in one or more ways."""

    id: str
    name: str
    task: Task
    bytes: int
    languages: tuple[str, ...]
    licence: str
    repository: str = ""
    folder: str = ""
    installed: bool = False
    is_default: bool = False
    fitting: Fitting | None = None
    speed: ModelSpeed | None = None
    offers: tuple[Offer, ...] = ()
    recommended: bool = False
    address: str = ""  # where it is, if another program serves it


@dataclass(frozen=True, slots=True)
class Change:
    """What another embedder would cost: passages to embed, and the seconds at its measured speed (None: unknown)."""

    passages: int
    seconds: float | None


class ModelRegistry:
    """What the models page and the ``models`` command know and do. Any thread but the window's: it reads the disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = engine.models
        self._tokens = Tokens(engine.keychain)

    # --- what there is ---------------------------------------------------------------------------------------------

    def cards(self) -> list[Card]:
        """Return every model, the installed ones first; within the catalogue the small ones first."""
        installed, memory = self._store.models(), self._engine.memory()
        speeds = self._engine.speeds.all()
        names = {entry.id: entry.name for entry in catalogue.load()}
        defaults = {self.default(task) for task in ("embedding", "reranking", "generation")}
        here = [
            Card(
                model.id,
                names.get(model.id, model.id),
                _task(model),
                model.bytes,
                model.languages,
                model.licence,
                folder=model.folder,
                installed=True,
                is_default=model.id in defaults,
                speed=speeds.get(model.id),
                fitting=self._fitting(model, speeds.get(model.id), memory),
            )
            for model in installed
        ]
        pace = _pace(installed, speeds)
        offered = [
            self._offered(entry, memory, pace) for entry in catalogue.load() if entry.id not in {c.id for c in here}
        ]
        return here + self._elsewhere(speeds, defaults) + self._recommend(offered, here)

    def _elsewhere(self, speeds: dict[str, ModelSpeed], defaults: set[str]) -> list[Card]:
        remote = self._engine.remote
        return [
            Card(
                model.id,
                remote.name(model.id),
                _task(model),
                0,
                model.languages,
                "",
                installed=True,
                is_default=model.id in defaults,
                speed=speeds.get(model.id),
                address=model.address,
            )
            for model in remote.models()
        ]

    def _get(self, id: str) -> ModelInfo:  # noqa: A002 - it is what it is
        """Return the model ``id``, here or elsewhere. Raises ModelNotFound."""
        return self._engine.remote.find(id) or self._store.get(id)

    def default(self, task: Task) -> str:
        """Return the id of the model that does ``task``; ``none`` or empty where nothing does."""
        if task == "embedding":
            chosen = self._engine.embedders.chosen()
            return chosen.id if chosen else ""
        if task == "generation":
            model = self._engine.generators.default()
            return model.id if model else NONE
        model = self._engine.reranker()
        return model.id if model else NONE

    def _fitting(self, model: ModelInfo, speed: ModelSpeed | None, memory: Memory) -> Fitting:
        needs = speed.bytes if speed else needed(model.task, model.bytes)
        return fitting(needs, memory, speed.writes if speed else 0.0)

    def _offered(self, entry: Entry, memory: Memory, pace: float) -> Card:
        unfinished = self._store.unfinished()
        task = entry.task or "generation"
        offers = [
            Offer(
                each,
                fitting(needed(task, each.bytes), memory, pace / each.bytes if task == "generation" else 0.0),
                unfinished.get((entry.repository, each.name), 0),
            )
            for each in entry.variants
        ]
        offers.sort(key=lambda offer: offer.arrived == 0)  # what has begun to arrive is shown first
        size = offers[0].variant.bytes
        return Card(
            entry.id, entry.name, task, size, entry.languages, entry.licence, entry.repository, offers=tuple(offers)
        )

    def _recommend(self, offered: list[Card], here: list[Card]) -> list[Card]:
        """Mark what this machine should have and has not got, by what was measured on it."""
        wanted: set[str] = set()
        fits = [card for card in offered if card.offers[0].fitting.fit is Fit.WELL and MULTILINGUAL in card.languages]
        writers = [card for card in fits if card.task == "generation"]
        if not any(card.task == "generation" for card in here):
            wanted |= {card.id for card in writers[:1]}  # a small one: its test tells how large the next may be
        else:
            fluent = [card for card in writers if card.offers[0].fitting.writes >= _FLUENT]
            largest = max((card.bytes for card in here if card.task == "generation"), default=0)
            wanted |= {card.id for card in fluent[-1:] if card.bytes > largest}
        if self._engine.unknown_passages():
            wanted |= {card.id for card in [card for card in fits if card.task == "embedding"][:1]}
        return [_recommended(card) if card.id in wanted else card for card in offered]

    # --- what can be done ------------------------------------------------------------------------------------------

    def choose(self, id: str, task: Task = "generation") -> Task:  # noqa: A002 - it is what it is
        """Let the installed model ``id`` do its task from now on; ``none``: no model does ``task``. Returns the task.

        Raises ModelNotFound.
        """
        if id != NONE:
            task = _task(self._get(id))
        self._engine.change_setting(*_SETTINGS[task], id)
        return task

    def change(self, id: str) -> Change:  # noqa: A002
        """Return what it would cost to search by the embedder ``id``."""
        passages = self._engine.library.pending_count(id)
        speed = self._engine.speeds.all().get(id)
        return Change(passages, passages / speed.passages if speed and speed.passages else None)

    def test(self, id: str) -> ModelSpeed:  # noqa: A002
        """Let the model ``id`` show how fast it is here. Raises ModelNotFound, ComponentError, ModelError."""
        return self._engine.trial.run(self._get(id))

    def add(self, folder: Path) -> ModelInfo:
        """Copy the model in ``folder`` in; see :meth:`ModelStore.add`."""
        added = self._store.add(folder)
        self._engine.speeds.forget(added.id)
        return added

    def download(self, id: str, variant: str = "") -> Iterator[DownloadProgress]:  # noqa: A002
        """Fetch a model of the catalogue, or ``owner/repository``; see :meth:`ModelStore.download`."""
        yield from self._store.download(id, self.hub(), variant)

    def discard(self, id: str, variant: str) -> None:  # noqa: A002
        """Delete what has arrived of a download that was stopped."""
        entry = catalogue.find(id)
        if entry is not None:
            self._store.discard(entry.repository, variant)

    def remove(self, id: str) -> None:  # noqa: A002
        """Take the model ``id`` away; :meth:`restore` brings it back until :meth:`purge`. Raises ModelNotFound."""
        model = self._store.get(id)
        if model.task == "generation":
            self._engine.keeper.unload(GENERATOR)
        elif model.task == "embedding":
            self._engine.use_embedder()
        self._store.remove(id)

    def restore(self, id: str) -> None:  # noqa: A002
        """Bring back what was removed. Raises ModelNotFound when it is gone."""
        self._store.restore(id)

    def purge(self) -> None:
        """Delete for good what was removed, with the vectors that only it can read."""
        for id in self._store.removed():  # noqa: A001
            self._engine.speeds.forget(id)
            self._engine.forget_embedder(id)
        self._store.purge()

    # --- where models come from ------------------------------------------------------------------------------------

    def hub(self) -> Hub:
        """Return the hub as the settings say, with the token for it."""
        settings = self._engine.settings.models
        endpoint = address(settings.endpoint)
        token = None if settings.offline else self._tokens.get(endpoint)
        return Hub(endpoint, token, settings.offline)

    def set_key(self, id: str, key: str) -> str:  # noqa: A002
        """Keep the key for the model ``id`` elsewhere; empty: forget it.

        Returns nothing if the system's keyring has done it, else the variable of the environment that would keep it.
        """
        remote = self._engine.remote
        kept = remote.set_key(id, key.strip())
        for component in (GENERATOR, EMBEDDER, RETRIEVAL):
            self._engine.keeper.unload(component)  # the next host has it
        return "" if kept else variable(remote.key_name(id))

    def set_token(self, token: str) -> bool:
        """Keep ``token`` for the present hub (empty: forget it); return whether the system's keyring has done it."""
        return self._tokens.set(address(self._engine.settings.models.endpoint), token.strip())


def _task(model: ModelInfo) -> Task:
    if model.task == "embedding" or model.task == "reranking":
        return model.task
    return "generation"


def _pace(installed: list[ModelInfo], speeds: dict[str, ModelSpeed]) -> float:
    """Return bytes of weights a second, from the language model that was measured last; 0 before the first.

    To write a token every weight is read once from memory, so on one machine the speeds of two models are to each other
    as their sizes are: Qwen2.5 0.5B wrote 46 tokens a second from 320 MB (int4) and 29 from 500 MB (int8).
    """
    sizes = {model.id: model.bytes for model in installed}
    measured = [sizes[speed.model] * speed.writes for speed in speeds.values() if speed.writes and speed.model in sizes]
    return measured[0] if measured else 0.0


def _recommended(card: Card) -> Card:
    return replace(card, recommended=True)
