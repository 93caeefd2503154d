"""Decides what a question needs before anything wakes: the documents, or only a word about the program.

Small talk and questions about the program are told by their words: each word must be known, one must say what the talk
is about, and where that word alone could mean anything, another must show who or what is meant. One word more than
that, and the question goes to the documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kotaemon_desktop.core.answering.about_program import ABOUT_PROGRAM
from kotaemon_desktop.core.answering.arithmetic import calculate
from kotaemon_desktop.core.answering.small_talk import CHATTER
from kotaemon_desktop.core.answering.talk import Rule, Talk
from kotaemon_desktop.core.answering.vocabulary import Vocabulary, atoms
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.text.language import language

__all__ = ["ARITHMETIC", "DOCUMENTS", "PROGRAM", "SMALL_TALK", "Route", "route"]

DOCUMENTS = "documents"
ARITHMETIC = "arithmetic"
SMALL_TALK = CHATTER.route
PROGRAM = ABOUT_PROGRAM.route

_BY_RULE = N_("matches the rule “{rule}”")
_BY_SUM = N_("is a sum and nothing else")
_BY_DEFAULT = N_("anything else is asked of the documents")

_LONGEST = 200  # characters; longer texts are not even taken apart
_LATIN_WEIGHT = 2  # a Latin word says about as much as two Han characters


@dataclass(frozen=True, slots=True)
class Route:
    """The way chosen, why, and the answer itself where no documents are needed (otherwise empty)."""

    name: str
    why: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a phrase adds to a talk: the index of its rule (None: of no rule), and whether it shows who is meant."""

    rule: int | None = None
    anchor: bool = False


def route(question: str) -> Route:
    """Return the way of ``question``: a greeting before a question about anything else still wakes retrieval."""
    total = calculate(question)
    if total is not None:
        return Route(ARITHMETIC, _(_BY_SUM), total)
    text = atoms(question) if len(question) <= _LONGEST else []
    for talk in (CHATTER, ABOUT_PROGRAM):
        if rule := _rule(text, talk):
            answer = rule.chinese if language(question) == "zh" else rule.english
            return Route(talk.route, _(_BY_RULE).format(rule=rule.name), answer)
    return Route(DOCUMENTS, _(_BY_DEFAULT))


def _rule(text: list[str], talk: Talk) -> Rule | None:
    """Return the first rule of ``talk`` that ``text`` (atoms) speaks of, None where it speaks of anything else."""
    if sum(_LATIN_WEIGHT if atom.isascii() else 1 for atom in text) > talk.longest:
        return None
    meanings = _vocabulary(talk).read(text)
    rules = [meaning.rule for meaning in meanings if meaning.rule is not None]
    return talk.rules[min(rules)] if rules and any(meaning.anchor for meaning in meanings) else None


@cache
def _vocabulary(talk: Talk) -> Vocabulary[_Meaning]:
    last_wins = list(reversed(list(enumerate(talk.rules))))
    return Vocabulary(
        [
            (talk.fillers, _Meaning()),
            (talk.anchors, _Meaning(anchor=True)),
            *((rule.topics, _Meaning(index)) for index, rule in last_wins),
            *((rule.alone, _Meaning(index, anchor=True)) for index, rule in last_wins),
        ]
    )
