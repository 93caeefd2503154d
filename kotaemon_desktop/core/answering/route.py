"""Decides what a question needs before anything wakes: the documents, or only a word about the program."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kotaemon_desktop.core.answering.arithmetic import calculate
from kotaemon_desktop.core.answering.phrases import PROGRAM, RULES, SMALL_TALK
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
    for rule in RULES:
        if rule.pattern.fullmatch(bare):
            answer = rule.chinese if language(question) == "zh" else rule.english
            return Route(rule.route, _(_BY_RULE).format(rule=rule.name), answer)
    return Route(DOCUMENTS, _(_BY_DEFAULT))
