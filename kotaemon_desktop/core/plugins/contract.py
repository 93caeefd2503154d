"""What a plugin has to be: one small protocol for each kind.

A package declares what it brings in its ``pyproject.toml``, one line each, under the name of the kind::

    [project.entry-points."kotaemon_desktop.readers"]
    recipe = "my_package.recipes:RecipeReader"

The class is built without arguments, in a host of its kind, never in the window's process: it may import what it
likes, and its host leaves memory when nobody needs it. What it raises while it runs counts as its fault, and switches
it off until the program starts anew or the package changes; only a ReadError of a reader blames the file. A package is
tried against all this with ``python -m kotaemon_desktop.plugin_tests NAME``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from kotaemon_desktop.core.events import AnswerEvent
from kotaemon_desktop.core.records import DocumentHead, Hit, PageText, Passage, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Asked(msgspec.Struct, frozen=True):
    """A question as a plugin sees it. ``asked`` is what is searched for: a conversation may have completed it."""

    text: str
    asked: str
    language: str  # an ISO 639 code
    turns: tuple[Turn, ...] = ()
    hits: tuple[Hit, ...] = ()
    answer: str = ""


class Reader(Protocol):
    """Reads a format. The name of its entry point is the ending of the files, without the dot: ``recipe``."""

    def read(self, file: Path) -> Iterator[DocumentHead | PageText]:
        """Yield the document's head, then its pages in order; a format without pages has one, with ``number`` None.

        Raises a ReadError (``Damaged``, ``Encrypted``, …) when it is the file that is wrong. Lives in a reader host,
        with the limits of time and memory that the settings give a file.
        """
        ...


class Embedder(Protocol):
    """Turns texts into vectors. Chosen as ``plugin.NAME`` in ``models.embedder``. Lives in the retrieval host."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Return float32 [len(texts), dimension], each row of length 1, in the order of ``texts``; no texts, no rows.

        The same text gives the same vector, whatever stands beside it.
        """
        ...


class VectorStore(Protocol):
    """Holds ids with their vectors and finds the nearest. Chosen as ``plugin.NAME`` in ``search.vectors``.

    Lives in the retrieval host. It is derived: the library has all vectors and adds again what :meth:`ids` does not
    name, so a store may lose any, but never holds two vectors of an id.
    """

    def open(self, folder: Path, dimension: int) -> None:
        """Open what is kept in ``folder``, which is there and its own, or begin empty; called again after a close.

        What it raises over a folder that is not empty is taken for damage: that is emptied, and opened once more.
        """
        ...

    def ids(self) -> Collection[int]:
        """Return the ids that have a vector, in any order."""
        ...

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Add a row of ``vectors`` [len(ids), dimension] for each of ``ids``, none of which is there."""
        ...

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Take ``ids`` out, all of which are there."""
        ...

    def nearest(self, vector: NDArray[np.float32], limit: int) -> Sequence[tuple[int, float]]:
        """Return up to ``limit`` (id, cosine similarity), best first. ``vector`` is [dimension]."""
        ...

    def keep(self) -> None:
        """Make what was added and removed outlive the process."""
        ...

    def close(self) -> None:
        """Close all files and connections, those of an open that failed as well."""
        ...


class Library(Protocol):
    """The documents as a retriever sees them: those that are there, not those that were removed."""

    def version(self) -> str:
        """Return another text when passages have come or gone. Costs a millisecond."""
        ...

    def passages(self) -> Iterator[Passage]:
        """Yield every passage, in the order of the documents."""
        ...


class Retriever(Protocol):
    """Finds passages in a way of its own. Chosen as ``plugin.NAME`` in ``search.retriever``; in the plugins' host."""

    def find(
        self, question: str, library: Library, limit: int, within: Collection[int] | None
    ) -> Sequence[tuple[int, float]]:
        """Return up to ``limit`` (id of a passage, score above 0), best first, within seconds.

        ``within`` are the ids of the documents that are asked; None: all.
        """
        ...


class Reranker(Protocol):
    """Tells how well passages answer. Chosen as ``plugin.NAME`` in ``models.reranker``; in the retrieval host."""

    def scores(self, question: str, texts: Sequence[str], seconds: float) -> Sequence[float]:
        """Return how likely each of ``texts`` answers ``question``, in 0..1, as many as can be read in ``seconds``."""
        ...


class Generator(Protocol):
    """Writes answers. Chosen as ``plugin.NAME`` in ``answering.model``. Lives in the generator host."""

    @property
    def context(self) -> int:
        """How many tokens a prompt and its answer may have together."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Return how many tokens each of ``texts`` has."""
        ...

    def answer(self, messages: Sequence[Mapping[str, str]], max_tokens: int, temperature: float) -> Iterator[str]:
        """Yield the answer to ``messages`` (``role`` and ``content``) in pieces; closed when a person stops it."""
        ...


class Route(Protocol):
    """Answers what needs no documents. Asked, in the order of their names, once the program's own rules have passed."""

    def answer(self, question: Asked) -> str | None:
        """Return the answer in Markdown, or None for a question that is none of its business. Within a second."""
        ...


class Step(Protocol):
    """A step of pipelines, named ``plugin.NAME`` in the settings file. Lives in the plugins' host."""

    def run(self, question: Asked) -> Iterator[AnswerEvent]:
        """Yield what it does, as events: ``Found`` replaces the hits, ``Piece`` adds to the answer, ``Cited`` ends it.

        Nothing to do yields nothing.
        """
        ...


class Memory(Protocol):
    """Says what of a conversation a language model is told. The first one by name is asked, in the plugins' host."""

    def recall(self, question: Asked) -> Sequence[Turn]:
        """Return those of ``question.turns`` that matter for it, in their order."""
        ...


class Tool(Protocol):
    """Looks something up that no document holds. Called, in the plugins' host, when its pattern is in a question."""

    @property
    def pattern(self) -> str:
        r"""A regular expression with named groups, looked for in any case: ``order #(?P<number>\d+)``."""
        ...

    @property
    def leaves(self) -> bool:
        """Whether what the groups catch is sent to another machine: then a person has to allow tools the network."""
        ...

    def call(self, **fields: str) -> str | None:
        """Return what there is for those groups that have caught something, as plain text, or None, within 10 s."""
        ...


KINDS: dict[str, type[Any]] = {
    "readers": Reader,
    "embedders": Embedder,
    "vector_stores": VectorStore,
    "retrievers": Retriever,
    "rerankers": Reranker,
    "generators": Generator,
    "routes": Route,
    "steps": Step,
    "memory": Memory,
    "tools": Tool,
}
"""Each kind by the last part of its entry points' group."""


def missing(kind: str, built: object) -> list[str]:
    """Return what ``built`` lacks to be of ``kind``."""
    return [name for name in vars(KINDS[kind]) if not name.startswith("_") and not hasattr(built, name)]
