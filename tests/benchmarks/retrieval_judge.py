"""Tells which passages of an imported evaluation set answer which question, and how often the right ones were found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from evaluation_sets import Target

from kotaemon_desktop.core.records import Passage
from kotaemon_desktop.core.storage.library import Library


class Judge:
    """Knows which passages of a library answer which question."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ids = {document.name: document.id for document in library.documents()}
        self.passages = {p.id: p for number in self._ids.values() for p in library.passages_of(number)}
        self._by_text = {(p.document, p.page, p.text): p.id for p in self.passages.values()}

    def passage_of(self, hit: dict[str, Any]) -> int:
        """Return the id of the passage that a line of ``search`` shows."""
        return self._by_text[hit["document"], hit["page"], hit["text"]]

    def right(self, targets: Sequence[Target]) -> set[int]:
        """Return the ids of the passages that count."""
        return {p.id for target in targets for p in self._matching(target)}

    def _matching(self, target: Target) -> Iterator[Passage]:
        inside = [p for p in self.passages.values() if p.name == target.name]
        if target.page is not None:
            yield from (p for p in inside if p.page == target.page)
            return
        if not target.evidence:
            yield from inside
            return
        page = self._library.page(self._ids[target.name], None)
        start, end = place_of(target, page.text if page else "")
        yield from (p for p in inside if p.start < end and p.end > start)


def place_of(target: Target, text: str) -> tuple[int, int]:
    """Return where the evidence stands within its article in ``text`` (in all of it without one), spaces aside."""
    next_article = r"^\s*第[一二三四五六七八九十百零]+条"
    part = rf"^\s*{target.article}.*?(?={next_article}|\Z)" if target.article else r"\A.*\Z"
    inside = re.search(part, text, re.MULTILINE | re.DOTALL)
    evidence = r"\s*".join(map(re.escape, re.sub(r"\s", "", target.evidence)))
    found = re.search(evidence, inside.group()) if inside else None
    if inside is None or found is None:
        raise SystemExit(f"{target.name}: {target.article} “{target.evidence}” is not in the imported text")
    return inside.start() + found.start(), inside.start() + found.end()


def each_place_once(ids: Iterable[int], passages: Mapping[int, Passage], whole: bool) -> list[int]:
    """Leave out passages of a place that has had its turn: a page, or (``whole``) a document."""
    seen: set[object] = set()
    kept: list[int] = []
    for each in ids:
        passage = passages[each]
        if whole:
            place: object = passage.document_id
        else:
            place = each if passage.page is None else (passage.document_id, passage.page)
        if place not in seen:
            kept.append(each)
            seen.add(place)
    return kept


def share(ones: Iterable[bool]) -> float | None:
    """Return how many of ``ones`` are true, in 0..1; None when there are none."""
    each = list(ones)
    return round(sum(each) / len(each), 3) if each else None


def rates(found: Sequence[Sequence[int]], right: Sequence[set[int]]) -> dict[str, float]:
    """Return hit@1, hit@5 and the mean reciprocal rank within five, each in 0..1."""
    ranks = [
        next((i + 1 for i, each in enumerate(ids) if each in r), None) for ids, r in zip(found, right, strict=True)
    ]
    if not ranks:
        return {}
    return {
        "hit@1": round(sum(rank == 1 for rank in ranks) / len(ranks), 3),
        "hit@5": round(sum(rank is not None for rank in ranks) / len(ranks), 3),
        "mrr@5": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
    }
