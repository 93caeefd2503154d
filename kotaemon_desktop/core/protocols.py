"""The seams of the core: what a service asks of another without knowing it. Stand-ins for tests live behind these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.records import (
    Citation,
    ComponentStatus,
    Document,
    Generated,
    PageKind,
    PageText,
    Passage,
    PassageDraft,
    RecognisedPage,
    Scan,
    Turn,
)


class Clock(Protocol):
    """Time, so that tests can move it."""

    def monotonic(self) -> float:
        """Seconds that never go back; for deadlines."""
        ...

    def wall(self) -> float:
        """Seconds since the epoch; for records."""
        ...


class Lease(Protocol):
    """The right to use a component until the lease ends; the component cannot be unloaded meanwhile."""

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        """Run ``method`` of the component's service in its host and return the result.

        Raises ComponentCrashed, ComponentTimedOut, ComponentFailed, or the KotaemonError that the service raised.
        """
        ...

    def stream(self, method: str, *arguments: Any, timeout: float | None = None) -> Iterator[Any]:
        """Run a generator method in the host and yield what it yields; closing the iterator stops it there too.

        ``timeout`` limits the wait for each item, in seconds. Raises as :meth:`call`.
        """
        ...

    def worked(self) -> None:
        """Say that the component has done a piece of long work: failures before it no longer count."""
        ...


class Lender(Protocol):
    """Gives leases: the keeper, as the pipelines see it."""

    def lease(self, name: str, *, urgent: bool = True, queued: int = 0) -> AbstractContextManager[Lease]:
        """Wake component ``name`` if it sleeps and lend it. A host serves requests of urgent leases first.

        ``queued`` says how many more requests of this kind come after this one: whether another host is worth it.
        """
        ...

    def status(self, name: str) -> ComponentStatus:
        """Return where component ``name`` stands now."""
        ...


class WakeHistory(Protocol):
    """What this machine's own past says about waking components."""

    def expected(self, component: str) -> tuple[float, int] | None:
        """Return (median seconds, median bytes) of the last wakes of ``component``, or None before the first."""
        ...

    def record_wake(self, component: str, seconds: float, size: int) -> None:
        """Remember that a wake took ``seconds`` and ended with ``size`` bytes held."""
        ...

    def record_release(self, component: str, cause: str, resident_seconds: float, held: int, freed: int) -> None:
        """Remember that a component went: how long it was there and how much came back."""
        ...


class SearchableLibrary(Protocol):
    """What retrieval asks of the library. Only visible passages (not removed, not half imported) come back."""

    def keyword_search(
        self,
        query: str,
        limit: int,
        within: Sequence[int] | None = None,
        frequencies: Mapping[str, int] | None = None,
    ) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, score; larger is better), best first.

        ``within`` are the ids of the documents to search; None: all. ``frequencies`` spares looking up
        :meth:`document_frequencies` of the query's words a second time.
        """
        ...

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """Return how many passages hold each of ``words`` (index tokens); absent words may be left out."""
        ...

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages among ``ids``, in the order of ``ids``."""
        ...

    def documents_of(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the document of each of the passages ``ids`` and of those next to them, removed ones included."""
        ...

    def counts(self) -> tuple[int, int]:
        """Return (documents, passages)."""
        ...


class WritableLibrary(Protocol):
    """What importing asks of the library."""

    def enqueue(self, paths: Sequence[str]) -> None:
        """Remember files that an import has promised to read."""
        ...

    def dequeue(self, paths: Sequence[str]) -> None:
        """Forget files that were read, or that nobody wants any more."""
        ...

    def queue(self) -> list[str]:
        """Return the files still promised, in order."""
        ...

    def find_by_hash(self, sha256: str) -> Document | None:
        """Return the visible, readable document with this content, or None."""
        ...

    def add(
        self,
        *,
        path: str,
        name: str,
        kind: str,
        title: str,
        size: int,
        sha256: str,
        page_count: int | None,
        pages: Sequence[PageText],
        passages: Sequence[PassageDraft],
        modified_at: float | None = None,
        scans_wanted: bool = False,
    ) -> int:
        """Store a document in one transaction, in place of an older version of the same path; return its id.

        ``scans_wanted``: its scanned pages shall be read.
        """
        ...

    def document(self, document_id: int) -> Document | None:
        """Return a visible document, or None."""
        ...

    def move(self, document_id: int, path: str, name: str) -> None:
        """Note that the file of a document is at ``path`` now."""
        ...

    def add_failed(self, path: str, name: str, size: int, sha256: str, error: KotaemonError) -> int:
        """Remember that a file could not be read, and why."""
        ...

    def counts(self) -> tuple[int, int]:
        """Return (documents, passages)."""
        ...

    def pending(self, model: str, limit: int) -> list[tuple[int, int, str]]:
        """Return up to ``limit`` (passage id, document id, text to embed) without a vector of ``model``."""
        ...

    def pending_count(self, model: str) -> int:
        """Return how many passages lack a vector of ``model``."""
        ...

    def store_vectors(self, model: str, rows: Sequence[tuple[int, bytes]]) -> list[int]:
        """Store (passage id, float16 vector, or nothing where ``model`` does not know the language).

        Returns the ids of the documents that are complete with this.
        """
        ...

    def mark_complete(self, model: str) -> None:
        """Remember that the vectors and the index of ``model`` are complete now."""
        ...

    def progress(self, document_id: int, model: str) -> tuple[int, int]:
        """Return (vectors of ``model``, passages) of a document."""
        ...


class ScanStore(Protocol):
    """What text recognition asks of the library."""

    def want(self, document_ids: Sequence[int]) -> None:
        """Remember that the scanned pages of these documents shall be read."""
        ...

    def forget(self, document_ids: Sequence[int] | None = None) -> None:
        """Forget that; None means of all documents."""
        ...

    def wanted(self) -> list[Scan]:
        """Return the visible documents with pages still to be read, in the order in which they were stored."""
        ...

    def store(self, document_id: int, read: RecognisedPage) -> None:
        """Put what was read of a page in the place of what was there."""
        ...

    def kinds(self, document_id: int) -> list[tuple[int | None, PageKind]]:
        """Return (number, kind) of all pages of a document, in order."""
        ...

    def fail(self, document_id: int, error: KotaemonError) -> None:
        """Turn a document without any passage into one that failed; the version before it comes back."""
        ...


class ConversationHistory(Protocol):
    """Where answered questions are kept."""

    def turns(self, conversation_id: int, *, before: int | None = None) -> list[Turn]:
        """Return the turns of the shown branch in order, or those before the turn ``before``."""
        ...

    def add_turn(
        self,
        conversation_id: int,
        *,
        question: str,
        answer: str,
        route: str,
        model: str,
        answered: bool,
        citations: Sequence[Citation],
        unsupported: Sequence[str],
        trace: Sequence[dict[str, Any]],
        instead_of: int | None,
        generated: Generated | None,
    ) -> int:
        """Store a question with its answer and the lines of its trace, beside ``instead_of``; return the turn's id."""
        ...
