"""Decides what a question needs before anything wakes: the documents, or only a word about the program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kotaemon_desktop.core.answering.arithmetic import calculate
from kotaemon_desktop.core.answering.phrases import PROGRAM, RULES, SMALL_TALK, Rule
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.text.language import language

__all__ = ["ARITHMETIC", "DOCUMENTS", "PROGRAM", "SMALL_TALK", "Route", "route"]

DOCUMENTS = "documents"
ARITHMETIC = "arithmetic"

_AROUND = re.compile(r"^[\s,.!?;:~…，。！？；：～、“”\"']+|[\s,.!?;:~…，。！？；：～、“”\"']+$")
_POLITE = re.compile(r"^(?:please|请问|请)[\s,，]*|[\s,，]*(?:please)$", re.IGNORECASE)

_BY_RULE = N_("matches the rule “{rule}”")
_BY_SUM = N_("is a sum and nothing else")
_BY_DEFAULT = N_("anything else is asked of the documents")


_SMALL_TALK = tuple(rule for rule in RULES if rule.route == SMALL_TALK)
_JOINTS = re.compile(r"[\s,.!?;~…，。！？；～、]+|(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff])")
_MOST_PHRASES = 40  # characters; longer texts are no small talk
_DRAWLED = re.compile(r"([a-z])\1+\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Route:
    """The way chosen, why, and the answer itself where no documents are needed (otherwise empty)."""

    name: str
    why: str
    answer: str = ""


def route(question: str) -> Route:
    """Return the way of ``question``. A rule must match all of it, so a greeting before a question wakes retrieval."""
    total = calculate(question)
    if total is not None:
        return Route(ARITHMETIC, _(_BY_SUM), total)
    bare = _AROUND.sub("", question)
    bare = _AROUND.sub("", _POLITE.sub("", bare))
    rule = _matching(bare, RULES) or _phrases(bare) or _phrases(_DRAWLED.sub(r"\1", bare))
    if rule is None:
        return Route(DOCUMENTS, _(_BY_DEFAULT))
    answer = rule.chinese if language(question) == "zh" else rule.english
    return Route(rule.route, _(_BY_RULE).format(rule=rule.name), answer)


def _matching(text: str, rules: Sequence[Rule]) -> Rule | None:
    return next((rule for rule in rules if rule.pattern.fullmatch(text)), None)


def _phrases(text: str) -> Rule | None:
    """Return the rule of the last phrase where ``text`` is one phrase of small talk after the other, else None."""
    if not text or len(text) > _MOST_PHRASES:
        return None
    joints = [(0, 0), *((match.start(), match.end()) for match in _JOINTS.finditer(text)), (len(text), len(text))]
    reached: list[Rule | bool | None] = [True, *[None] * (len(joints) - 1)]  # up to each joint: by which rule
    for last in range(1, len(joints)):
        for first in range(last):
            if reached[first] and (rule := _matching(text[joints[first][1] : joints[last][0]], _SMALL_TALK)):
                reached[last] = rule
                break
    found = reached[-1]
    return found if isinstance(found, Rule) else None
