"""Answers without a language model: the sentences of the documents that answer best, quoted and cited."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kotaemon_desktop.core.answering import table
from kotaemon_desktop.core.records import Citation, Hit, Passage, Strength
from kotaemon_desktop.core.text.sentences import sentences
from kotaemon_desktop.core.text.words import index_tokens

Weights = Mapping[str, float]
"""The question's telling words (index tokens) and how much each tells."""

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
    r"|多少|多[长長]|多久|多大|多高|[几幾]|何[时時年]|[什甚][么麼][时時]候|哪一?[年天]",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion|half|twice|once)\b|[零〇一二三四五六七八九十百千万萬亿億两兩半]",
    re.IGNORECASE,
)
_ASKS_FOR_A_TIME = re.compile(
    r"\bwhen\b|\bwhat (?:year|date|day|month|time)\b"
    r"|何[时時年]|[什甚][么麼][时時]候|哪一?[年天]|哪[个個]?月|[时時][间間]|年代|日期",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d{3,4}|\d+[月日]|世[纪紀]|年|\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|century)\b",
    re.IGNORECASE,
)
_HAN_PAIR = re.compile(r"[㐀-鿿]{2}")
_KIND_WEIGHT = 0.2
_CANDIDATES = 24  # sentences whose meaning is compared: short ones cost 3 ms each
_SIMILARITY_WEIGHT = 0.6
_PASSAGE_WEIGHT = 0.4
_CONTEXT_WEIGHT = 0.25  # what the heading and the neighbouring sentences say counts for a sentence, but less
_CHARACTER_WEIGHT = 0.5  # single Chinese characters, beside the words: 食 answers 以什么为食 also in 进食
# A further sentence must be nearly as good as the first and say something of the question that is not said yet.
_NEARLY_AS_GOOD = 0.6
_REPEATED = 0.7


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    start: int  # in the passage's text
    end: int
    text: str
    words: frozenset[str]
    near: frozenset[str]  # of the heading and the neighbouring sentences as well
    asked: frozenset[str]  # of the question that it follows, where questions and answers stand in the document
    score: float


def extract(
    question: str, hits: Sequence[Hit], weights: Weights, similarity: Similarity | None = None
) -> tuple[Citation, ...]:
    """Return the quotes that answer ``question`` best, best first, or nothing when the passages do not seem to hold it.

    ``similarity`` is only given where an embedder knows the question's language.
    """
    if all(hit.strength is Strength.WEAK for hit in hits):
        return ()
    found = [sentence for rank, hit in enumerate(hits[:_PASSAGES]) for sentence in _sentences(hit, rank)]
    candidates = sorted(_scored(question, found, weights), key=lambda s: -s.score)[:_CANDIDATES]
    if similarity is not None and candidates:
        candidates = _with_meaning(candidates, similarity([s.text for s in candidates]))
    return tuple(_cite(number, sentence) for number, sentence in enumerate(_choose(candidates), start=1))


def _sentences(hit: Hit, rank: int) -> list[_Sentence]:
    """Return the sentences of a hit that can be quoted, scored by how good the hit is."""
    text = hit.passage.text
    spans = [_shortened(text, start, end) for start, end in _statements(text)]
    words = [frozenset(index_tokens(text[start:end])) for start, end in spans]
    heading = frozenset(index_tokens(hit.passage.heading))
    found: list[_Sentence] = []
    for position, (start, end) in enumerate(spans):
        quote = text[start:end]
        if sum(map(str.isalnum, quote)) < _SHORTEST or quote.endswith(_ASKS) or table.is_heading(hit.passage, start):
            continue
        if quote.strip("# \t") in hit.passage.heading:  # it says what follows is about, and nothing of it
            continue
        near = heading.union(*words[max(0, position - 1) : position + 2])
        follows_question = position > 0 and text[: spans[position - 1][1]].endswith(_ASKS)
        asked = words[position - 1] if follows_question else frozenset[str]()
        score = _PASSAGE_WEIGHT * hit.score / (1 + rank)
        found.append(_Sentence(hit.passage, start, end, quote, words[position], near, asked, score))
    return found


def _scored(question: str, sentences: Sequence[_Sentence], weights: Weights) -> list[_Sentence]:
    """Return ``sentences`` scored by what they say of the question.

    A word counts less the more of the sentences hold it: what they are all about does not tell one from another.
    """
    words = _told_apart(weights, [sentence.words for sentence in sentences])
    characters = dict.fromkeys((each for word in weights if _HAN_PAIR.fullmatch(word) for each in word), 1.0)
    characters = _told_apart(characters, [frozenset(sentence.text) for sentence in sentences])
    for_number, for_time = _ASKS_FOR_A_NUMBER.search(question), _ASKS_FOR_A_TIME.search(question)
    return [
        replace(
            each,
            score=each.score
            + _share(words, each.words)
            + _CONTEXT_WEIGHT * _share(words, each.near)
            + _ANSWER_WEIGHT * _share(words, each.asked)
            + _CHARACTER_WEIGHT * _share(characters, frozenset(each.text))
            + _KIND_WEIGHT * bool(for_number and _NUMBER.search(each.text))
            + _KIND_WEIGHT * bool(for_time and _TIME.search(each.text)),
        )
        for each in sentences
    ]


def _told_apart(weights: Weights, texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return ``weights`` by how few of ``texts`` hold each."""
    holding = Counter(each for text in texts for each in weights if each in text)
    return {each: weight * math.log(1 + len(texts) / (holding[each] + 0.5)) for each, weight in weights.items()}


def _share(weights: Weights, held: Iterable[str]) -> float:
    """Return how much of ``weights`` is ``held``, in 0..1."""
    return sum(weights[each] for each in weights.keys() & set(held)) / (sum(weights.values()) or 1.0)


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


def as_markdown(citations: Sequence[Citation], hits: Sequence[Hit] = ()) -> str:
    """Return the quotes as an answer: a block quote each with its number; rows of one table as a table.

    ``hits`` are where the quotes come from. What they hold is text, never Markdown.
    """
    passages = {hit.passage.id: hit.passage for hit in hits}
    blocks: list[str] = []
    headed: dict[tuple[str, ...], list[tuple[int, list[str]]]] = {}  # table rows by their heading row
    for citation in citations:
        passage = passages.get(citation.passage_id)
        row = table.row_of(citation, passage) if passage else None
        if row is None:
            blocks.append(f"> {as_text(_one_line(citation.quote))} [{citation.number}]")
        else:
            headed.setdefault(tuple(row[0]), []).append((citation.number, row[1]))
    blocks += (table.as_markdown(heading, rows, as_text) for heading, rows in headed.items())
    return "\n\n".join(blocks)


def as_text(quote: str) -> str:
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
