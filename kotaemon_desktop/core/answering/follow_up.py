"""Offers what to read next: the headings beside the cited passages, by rule and without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kotaemon_desktop.core.records import Citation, Hit
from kotaemon_desktop.core.text.language import language
from kotaemon_desktop.core.text.words import query_tokens

_MOST = 3
_BELOW = "›"  # between a heading and the one below it, as the splitter writes them
_LONGEST = 60  # characters; a longer heading is a sentence, and no name of a topic
_NUMBERING = re.compile(r"^(?:第[\d一二三四五六七八九十百]+[章节条款]|[\d一二三四五六七八九十]+(?:[.．、)）]\d*)*)\s*")


def topics(question: str, hits: Sequence[Hit], citations: Sequence[Citation]) -> tuple[str, ...]:
    """Return up to three headings of found passages that the answer does not rest on, best first.

    Only headings of the documents that it cites, and not what was asked about: a heading all of whose words are in the
    question, which heads a cited passage, or which is the title of a document, leads nowhere new.
    """
    cited = {citation.passage_id for citation in citations}
    documents = {citation.document_id for citation in citations}
    asked = set(query_tokens(question))
    known = {_topic(hit) for hit in hits if hit.passage.id in cited}
    known |= {hit.passage.heading.partition(_BELOW)[0].strip() for hit in hits if _BELOW in hit.passage.heading}
    offered: list[str] = []
    for hit in hits:
        topic = _topic(hit)
        new = topic not in known and topic not in hit.passage.name and not asked.issuperset(query_tokens(topic))
        fits = new and 0 < len(topic) <= _LONGEST
        if fits and hit.passage.document_id in documents:
            known.add(topic)
            offered.append(topic)
    return tuple(offered[:_MOST])


def question_about(topic: str) -> str:
    """Return a question about ``topic`` in its own language; a heading that asks is the question itself."""
    if topic.endswith(("?", "？")):
        return topic
    return f"关于“{topic}”有哪些规定？" if language(topic) == "zh" else f"What is said about “{topic}”?"


def _topic(hit: Hit) -> str:
    """Return the last heading above a passage without its number."""
    return _NUMBERING.sub("", hit.passage.heading.rpartition(_BELOW)[2].strip()).strip()
