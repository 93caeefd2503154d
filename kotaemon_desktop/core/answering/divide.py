"""Finds the questions in a question, by rule: "the difference between X and Y" is best looked up as X and as Y.

Rules err on the side of leaving a question whole: what is searched for as a whole finds both sides too, only less.
"""

from __future__ import annotations

import re

from kotaemon_desktop.core.text.language import language
from kotaemon_desktop.core.text.words import function_words, telling_tokens

_MOST = 4
_LONGEST_SIDE = 12  # words; longer ones are clauses, and "and" joins them
_AROUND = ' \t\r\n.,!?;:…，。！？；：、"“”'

# --- English ---

_SIDES = r"(?P<one>[^?.;]+?)"
_OTHER = r"(?P<other>[^?.;]+?)(?P<rest>[?.]?\s*$)"
_COMPARED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:differences?|distinctions?|relationship|similarit(?:y|ies))\b(?P<about>[^?.;]*?)\bbetween\s+{_SIDES}\s+and\s+{_OTHER}",
        rf"\bcompare\s+{_SIDES}\s+(?:and|with|to|against)\s+{_OTHER}",
        rf"^(?:how (?:does|do|is|are)\s+){_SIDES}\s+(?:compare|differ|different)\w*\s+(?:to|with|from)\s+{_OTHER}",
        rf"^{_SIDES}\s+(?:vs\.?|versus)\s+{_OTHER}",
    )
)
# "and" or "or" between two questions: what follows begins as a question does.
_NEXT_QUESTION = re.compile(
    r"(?:[,;]?\s+(?:and|or|but)(?:\s+also)?|[,;?])\s+"
    r"(?=(?:what|who|whom|whose|which|where|when|why|how|is|are|was|were|do|does|did|can|could|should|will|would|may|must)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what|who|whom|whose|which|where|when|why|how|is|are|was|were|do|does|did|can|could|should|will|would|may|must)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:if|when|unless|whether|because|although|since)\b[^,;?]*$", re.IGNORECASE)

# --- Chinese ---

_HAN_SIDE = r"(?P<one>[^，。？！；,?!;]{1,24}?)"
_HAN_OTHER = r"(?P<other>[^，。？！；,?!;]{1,24}?)"
_AND = r"(?:和|与|跟|同|及|以及|还是)"
_BEFORE = r"^(?:请|请问|比较|对比|说明|试)*"
_WITHIN = r"(?:之间|两者)?(?:的|有|有什么|有何|有哪些|在.{1,12}上的?|是否)*"
_DIFFERENCE = r"(?:区别|不同|差别|差异|异同|关系|联系|对比|比较|相同|不一样|一样)"
_CHINESE_COMPARED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BEFORE}{_HAN_SIDE}{_AND}{_HAN_OTHER}{_WITHIN}(?:主要)?{_DIFFERENCE}",
        rf"^(?:请|请问)?(?:比较|对比)(?:一下)?{_HAN_SIDE}{_AND}{_HAN_OTHER}$",
        rf"^{_HAN_SIDE}{_AND}{_HAN_OTHER}(?:分别|各自|各)(?P<about>.+)$",
    )
)
_CHINESE_NEXT = re.compile(r"[？?；;，,]\s*(?:以及|另外|还有|并且|而且|那么?)?")
_CHINESE_ASKS = re.compile(
    r"什么|多少|多[长久大高远]|几|哪|谁|怎|如何|为何|是否|吗|呢|能否|可否|[是能会有可要]不|有没有"
)


def parts(question: str) -> tuple[str, ...]:
    """Return the questions in ``question``, two to four of them, or nothing when it is a single one."""
    chinese = language(question) == "zh"
    found = _chinese(question.strip(_AROUND)) if chinese else _english(question.strip())
    found = list(dict.fromkeys(each.strip(_AROUND) for each in found))
    return tuple(found[:_MOST]) if len(found) > 1 and all(map(_says_something, found)) else ()


def _says_something(part: str) -> bool:
    return bool(set(telling_tokens(part)) - function_words())


def _english(question: str) -> list[str]:
    for pattern in _COMPARED:
        found = pattern.search(question)
        if found and all(len(found[side].split()) <= _LONGEST_SIDE for side in ("one", "other")):
            about = (found.groupdict().get("about") or "").strip()
            return [f"{found[side]} {about}".strip() for side in ("one", "other")]
    cuts = [each for each in _NEXT_QUESTION.finditer(question) if not _CONDITION.search(question[: each.start()])]
    if not cuts or not _ASKS.match(question):
        return []
    ends = [0, *(each.end() for each in cuts)]
    starts = [*(each.start() for each in cuts), len(question)]
    return [question[begin:end] for begin, end in zip(ends, starts, strict=True)]


def _chinese(question: str) -> list[str]:
    for pattern in _CHINESE_COMPARED:
        if found := pattern.search(question):
            about = found.groupdict().get("about") or ""
            return [found["one"] + about, found["other"] + about]
    clauses = [each for each in _CHINESE_NEXT.split(question) if each]
    return clauses if len(clauses) > 1 and all(map(_CHINESE_ASKS.search, clauses)) else []
