"""Answers without a language model: the sentences of the documents that answer best, quoted and cited."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kotaemon_desktop.core.records import Citation, Hit, Passage, Strength
from kotaemon_desktop.core.text.sentences import sentences
from kotaemon_desktop.core.text.words import index_tokens

Coverage = Callable[[str], float]
"""How much of the question's telling words a text holds, in 0..1."""

Similarity = Callable[[Sequence[str]], Sequence[float]]
"""Cosine similarity of the question with each text; an empty result means that nobody can tell."""

_PASSAGES = 5
_MOST_SENTENCES = 3
_LONGEST_QUOTE = 600  # characters; a page without full stops is cut there, at white space
_SHORTEST = 8  # characters of letters; below are page numbers, bullets, headings like "FAQ"
_LONGEST_JOINED = 200  # characters of clauses quoted as one sentence
_CLAUSE_ENDS = "；;：:，,"
_ASKS = ("?", "？")
_MARKUP = re.compile(r"[\\`*_\[\]<>|~]|^[#+-](?=\s)")
_LIST_MARK = re.compile(r"^(\d+)([.)])(?=\s)")
_ANSWER_WEIGHT = 0.6
# A question for a number is rarely answered by a sentence without one.
_ASKS_FOR_A_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|old|far|fast|soon|large|big|high|tall)\b|\bwhen\b|\bcosts?\b"
    r"|\bwhat (?:time|date|day|year|percentage|price|is the (?:number|price|cost|amount|limit))\b"
    r"|多少|多长|多久|多大|多高|几|何时|什么时候|哪年|哪天",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion|half|twice|once)\b|[零〇一二三四五六七八九十百千万亿两半]",
    re.IGNORECASE,
)
_KIND_WEIGHT = 0.2
_CANDIDATES = 24  # sentences whose meaning is compared: short ones cost 3 ms each
_SIMILARITY_WEIGHT = 0.6
_PASSAGE_WEIGHT = 0.25
_CONTEXT_WEIGHT = 0.25  # what the heading and the neighbouring sentences say counts for a sentence, but less
# A further sentence must be nearly as good as the first and say something of the question that is not said yet.
_NEARLY_AS_GOOD = 0.65
_REPEATED = 0.7
# Below, the documents are taken not to hold the answer: the share of the question's words and the similarity of the
# best passage. Where nothing knows the meaning words have to do, and no Chinese question is worded like its answer.
# Measured on xquad, azure-contoso and zh-policy: at these 2 to 8 % of what is there is refused.
_ANSWERS_COVERAGE = 0.5
_ANSWERS_COVERAGE_ALONE = 0.22
_ANSWERS_SIMILARITY = 0.42


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    start: int  # in the passage's text
    end: int
    text: str
    coverage: float
    words: frozenset[str]
    score: float


def extract(
    question: str, hits: Sequence[Hit], coverage: Coverage, similarity: Similarity | None = None
) -> tuple[Citation, ...]:
    """Return the quotes that answer ``question`` best, best first, or nothing when the passages do not seem to hold it.

    ``similarity`` is only given where an embedder knows the question's language.
    """
    candidates = [s for rank, hit in enumerate(hits[:_PASSAGES]) for s in _sentences(hit, rank, coverage)]
    if _ASKS_FOR_A_NUMBER.search(question):
        candidates = [replace(s, score=s.score + _KIND_WEIGHT * bool(_NUMBER.search(s.text))) for s in candidates]
    candidates.sort(key=lambda s: -s.score)
    candidates = candidates[:_CANDIDATES]
    if similarity is not None and candidates:
        candidates = _with_meaning(candidates, similarity([s.text for s in candidates]))
    chosen = _choose(candidates)
    if not chosen or not _answers(hits, chosen, coverage):
        return ()
    return tuple(_cite(number, sentence) for number, sentence in enumerate(chosen, start=1))


def _sentences(hit: Hit, rank: int, coverage: Coverage) -> list[_Sentence]:
    """Return the sentences of a hit, scored by the question's words in them, near them and in their heading."""
    text = hit.passage.text
    spans = [_shortened(text, start, end) for start, end in _statements(text)]
    around = [text[start:end] for start, end in spans]
    found: list[_Sentence] = []
    for position, (start, end) in enumerate(spans):
        quote = text[start:end]
        if sum(map(str.isalnum, quote)) < _SHORTEST or quote.endswith(_ASKS):
            continue
        own = coverage(quote)
        context = coverage("\n".join([hit.passage.heading, *around[max(0, position - 1) : position + 2]]))
        score = own + _CONTEXT_WEIGHT * context + _PASSAGE_WEIGHT * hit.score / (1 + rank)
        if position and around[position - 1].endswith(_ASKS):  # questions and answers: the question speaks for both
            score += _ANSWER_WEIGHT * coverage(around[position - 1])
        found.append(_Sentence(hit.passage, start, end, quote, own, frozenset(index_tokens(quote)), score))
    return found


def _statements(text: str) -> list[tuple[int, int]]:
    """Return the sentences of ``text``, Chinese clauses joined up to their full stop: half a rule is no answer."""
    joined: list[tuple[int, int]] = []
    for start, end in sentences(text):
        goes_on = joined and text[joined[-1][1] - 1] in _CLAUSE_ENDS
        if goes_on and end - joined[-1][0] <= _LONGEST_JOINED:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _shortened(text: str, start: int, end: int) -> tuple[int, int]:
    if end - start <= _LONGEST_QUOTE:
        return start, end
    space = text.rfind(" ", start + _LONGEST_QUOTE // 2, start + _LONGEST_QUOTE)
    return start, space if space > start else start + _LONGEST_QUOTE


def _with_meaning(candidates: Sequence[_Sentence], similarities: Sequence[float]) -> list[_Sentence]:
    scored = [
        replace(candidate, score=candidate.score + _SIMILARITY_WEIGHT * similarity)
        for candidate, similarity in zip(candidates, similarities, strict=False)
    ]
    return sorted(scored or candidates, key=lambda s: -s.score)


def _choose(candidates: Sequence[_Sentence]) -> list[_Sentence]:
    chosen: list[_Sentence] = []
    for candidate in candidates:
        if len(chosen) == _MOST_SENTENCES or (chosen and candidate.score < chosen[0].score * _NEARLY_AS_GOOD):
            break
        if all(_overlap(candidate.words, other.words) < _REPEATED for other in chosen):
            chosen.append(candidate)
    return chosen


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _answers(hits: Sequence[Hit], chosen: Sequence[_Sentence], coverage: Coverage) -> bool:
    """Tell whether the documents seem to hold the answer at all."""
    if hits[0].strength is Strength.STRONG:
        return True
    similarities = [hit.similarity for hit in hits if hit.similarity is not None]
    passage = chosen[0].passage
    covered = coverage(f"{passage.heading}\n{passage.text}")
    if not similarities:
        return covered >= _ANSWERS_COVERAGE_ALONE
    return covered >= _ANSWERS_COVERAGE or max(similarities) >= _ANSWERS_SIMILARITY


def _cite(number: int, sentence: _Sentence) -> Citation:
    passage = sentence.passage
    return Citation(
        number=number,
        passage_id=passage.id,
        document_id=passage.document_id,
        document=passage.document,
        name=passage.name,
        page=passage.page,
        start=passage.start + sentence.start,
        end=passage.start + sentence.end,
        quote=sentence.text,
        recognised=passage.recognised,
    )


def as_markdown(citations: Sequence[Citation]) -> str:
    """Return the quotes as an answer: one block quote each with its number. What they hold is text, never Markdown."""
    return "\n\n".join(f"> {_as_text(_one_line(citation.quote))} [{citation.number}]" for citation in citations)


def _as_text(quote: str) -> str:
    """Escape what Markdown would take for a list, a heading, emphasis, a link or a citation mark."""
    quote = _MARKUP.sub(r"\\\g<0>", quote)
    return _LIST_MARK.sub(r"\1\\\2", quote)


def _one_line(quote: str) -> str:
    """Join the lines of a wrapped sentence: a line break between Chinese characters means nothing at all."""
    words = quote.split()
    joined = words[0] if words else ""
    for word in words[1:]:
        joined += word if _is_chinese(joined[-1]) and _is_chinese(word[0]) else f" {word}"
    return joined


def _is_chinese(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
