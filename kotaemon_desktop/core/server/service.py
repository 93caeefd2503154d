"""What the local server does: writes with a model, answers from the documents, embeds. It borrows hosts like all do."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kotaemon_desktop.core.answering import rewrite
from kotaemon_desktop.core.errors import ModelInUse, ModelNotFound, ProviderLost
from kotaemon_desktop.core.events import (
    AnswerEvent,
    AnswerFailed,
    Cited,
    Degraded,
    Done,
    Piece,
    Thinking,
)
from kotaemon_desktop.core.generators import Generators
from kotaemon_desktop.core.i18n import place
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.protocols import Lease, Lender
from kotaemon_desktop.core.records import Citation, GenerationStats, GenerationWish, GeneratorFacts
from kotaemon_desktop.core.residency.names import EMBEDDER, GENERATOR
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.server.protocol import BadRequest, ChatRequest
from kotaemon_desktop.core.settings import Answering
from kotaemon_desktop.core.storage.collections import Collections

DOCUMENTS: Final = "documents"
_BATCH: Final = 8  # texts a request to the embedder's host: somebody else may come between
_ATTEMPTS: Final = 5  # to get the host with the model that was asked for


@dataclass(frozen=True, slots=True)
class Sources:
    """What an answer from the documents rests on. ``answer`` is its final text, with [n] where ``citations`` hold."""

    answer: str
    citations: tuple[Citation, ...]
    answered: bool
    notes: tuple[str, ...] = ()


Said = str | Thinking | GenerationStats | Sources


class Ask(Protocol):
    """Answers from the documents: :meth:`Questions.answer`."""

    def __call__(self, question: str, *, scope: Scope = ALL) -> Iterator[AnswerEvent]: ...


class Service:
    """Serves one request after another, each in a thread of its own; owns nothing."""

    def __init__(
        self,
        keeper: Lender,
        generators: Generators,
        embedders: Embedders,
        store: ModelStore,
        collections: Collections,
        settings: Callable[[], Answering],
        ask: Ask,
    ) -> None:
        self._keeper = keeper
        self._generators = generators
        self._embedders = embedders
        self._store = store
        self._collections = collections
        self._settings = settings
        self._ask = ask

    def models(self) -> list[str]:
        """Return what can be asked: the documents, each collection, the language models here, the embedder."""
        collections = [f"{DOCUMENTS}/{each.name}" for each in self._collections.all()]
        writers = [each.id for each in self._store.models() if each.task == "generation"]
        embedder = self._embedders.chosen()
        here = embedder is not None and not embedder.address
        return [DOCUMENTS, *collections, *writers, *([embedder.id] if embedder and here else [])]

    def chat(self, request: ChatRequest) -> Iterator[Said]:
        """Yield the answer in pieces (empty ones are places to stop), then Sources or GenerationStats.

        Raises BadRequest, or the KotaemonError that the answer failed with.
        """
        request.check()
        name, _slash, collection = request.model.partition("/")
        if name == DOCUMENTS:
            scope = Scope(collections=(self._collections.find(collection).name,)) if collection else ALL
            return self._from_documents(request, scope)
        return self._written(request)

    def embed(self, model: str, texts: Sequence[str]) -> Iterator[bytes]:
        """Yield a float16 little-endian vector for each text. Raises ModelNotFound for all but the embedder in use."""
        embedder = self._embedders.chosen()
        if embedder is None or embedder.id != model or embedder.address:
            raise ModelNotFound(model=model)
        with self._keeper.lease(EMBEDDER) as lease:
            if lease.call("embedder") != model:
                raise ModelInUse(model=model)
            for first in range(0, len(texts), _BATCH):
                yield from lease.call("embed", list(texts[first : first + _BATCH]))

    # --- from the documents ----------------------------------------------------------------------------------------

    def _from_documents(self, request: ChatRequest, scope: Scope) -> Iterator[Said]:
        asked = [each.text() for each in request.messages if each.role == "user"]
        if not asked or request.messages[-1].role != "user":
            raise BadRequest("the last message is the question")
        question = rewrite.standalone(asked[-1], asked[:-1])
        return self._told(self._ask(question, scope=scope))

    def _told(self, events: Iterator[AnswerEvent]) -> Iterator[Said]:
        cited, notes = Cited("", ()), list[str]()
        with closing(_generator(events)) as stream:
            for event in stream:
                match event:
                    case Piece(text):
                        yield text
                    case Thinking():
                        yield event
                    case Cited():
                        cited = event
                    case Degraded(error):
                        notes.append(str(error))
                    case AnswerFailed(error):
                        raise error
                    case Done():
                        yield _stats(event)
                        yield Sources(cited.answer, cited.citations, event.answered, tuple(notes))
                    case _:
                        yield ""

    # --- by a model alone ------------------------------------------------------------------------------------------

    def _written(self, request: ChatRequest) -> Iterator[Said]:
        if request.model not in {each.id for each in self._store.models() if each.task == "generation"}:
            raise ModelNotFound(model=request.model)
        return self._streamed(request.model, request.said(), self._wish(request))

    def _wish(self, request: ChatRequest) -> GenerationWish:
        settings = self._settings()
        return GenerationWish(
            max_tokens=request.max_completion_tokens or request.max_tokens or settings.max_tokens,
            temperature=settings.temperature if request.temperature is None else request.temperature,
            top_p=1.0 if request.top_p is None else request.top_p,
            seed=request.seed,
            stop=request.stops(),
            thinking=settings.thinking,
        )

    def _streamed(self, model: str, messages: Sequence[dict[str, str]], wish: GenerationWish) -> Iterator[Said]:
        with (
            self._lent(model) as lease,
            closing(_generator(lease.stream("answer", list(messages), wish))) as parts,
        ):
            for part in parts:
                yield "" if isinstance(part, ProviderLost) else part

    @contextmanager
    def _lent(self, model: str) -> Generator[Lease]:
        """Lend the host with ``model``. Between the choice and the lease the window may have chosen another one."""
        for _attempt in range(_ATTEMPTS):
            self._generators.choose(model)
            with self._keeper.lease(GENERATOR) as lease:
                facts: GeneratorFacts = lease.call("about")
                if facts.model == model:
                    yield lease
                    return
        raise ModelInUse(model=model)


def listed(sources: Sources) -> str:
    """Return the sources as they stand below an answer."""
    return "\n".join(
        f"[{each.number}] {place(each.name, each.page, each.recognised)}: “{' '.join(each.quote.split())}”"
        for each in sources.citations
    )


def _stats(done: Done) -> GenerationStats:
    timings = done.timings
    return GenerationStats(
        prompt_tokens=int(timings.get("prompt_tokens", 0)),
        reused_tokens=int(timings.get("reused_tokens", 0)),
        generated_tokens=int(timings.get("tokens", 0)),
        prefill_seconds=timings.get("prefill", 0.0),
        decode_seconds=timings.get("decode", 0.0),
        stop_reason="stop",
    )


def _generator(items: Iterator[Any]) -> Generator[Any]:
    yield from items
