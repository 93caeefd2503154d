"""Which pipelines there are, and which one a question takes: the one asked for, the first whose rule fits, or the
standard one.
"""

from __future__ import annotations

import re

from kotaemon_desktop.core.errors import PipelineNotFound
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.core.settings import STANDARD, Pipeline, Pipelines
from kotaemon_desktop.core.text.language import language

STANDARD_NAME = "standard"
BUILT_IN = (
    Pipeline(STANDARD_NAME, STANDARD),
    Pipeline("quick", ("route", "rewrite", "retrieve", "tool", "pack", "generate", "cite", "quote"), passages=4),
    Pipeline(
        "thorough",
        ("route", "rewrite", "divide", "retrieve", "rerank", "tool", "pack", "generate", "cite", "quote"),
        passages=16,
    ),
    Pipeline("extractive", ("route", "rewrite", "retrieve", "rerank", "tool", "quote")),
)

_NAMES = {
    STANDARD_NAME: N_("Standard"),
    "quick": N_("Quick"),
    "thorough": N_("Thorough"),
    "extractive": N_("Quotes only"),
}

_ASKED_FOR = N_("asked for with this question")
_SET = N_("chosen in the settings")
_BY_WORDS = N_("the question fits “{when}”")
_BY_LANGUAGE = N_("the question is in its language")
_BY_COLLECTION = N_("the collection “{collection}” is asked")
_BY_DEFAULT = N_("no other is meant")
_USED_IS_GONE = N_("{why}; “{name}” of the settings is gone")


def pipelines(settings: Pipelines) -> dict[str, Pipeline]:
    """Return every pipeline by its name; own ones replace those that come along."""
    return {each.name: each for each in (*BUILT_IN, *settings.own)}


def name_of(name: str) -> str:
    """Return what people call the pipeline ``name``."""
    return _(_NAMES.get(name, name))


def choose(settings: Pipelines, question: str, scope: Scope, wish: str | None = None) -> tuple[Pipeline, str]:
    """Return the pipeline for ``question`` and why it is this one, in the language of now.

    ``wish`` is the one that was asked for. Raises PipelineNotFound when nobody has declared it; one in the settings
    that is gone is done without, which the reason tells.
    """
    known = pipelines(settings)
    if wish is not None:
        if wish not in known:
            raise PipelineNotFound(name=wish, known=", ".join(known))
        return known[wish], _(_ASKED_FOR)
    if settings.use in known:
        return known[settings.use], _(_SET)
    by_rule = next((each for each in settings.own if each.has_rule and _fits(each, question, scope)), None)
    why = _why(by_rule) if by_rule else _(_BY_DEFAULT)
    if settings.use:
        why = _(_USED_IS_GONE).format(why=why, name=settings.use)
    return by_rule or known[STANDARD_NAME], why


def _fits(pipeline: Pipeline, question: str, scope: Scope) -> bool:
    """Tell whether everything that its rule names holds."""
    asked = {name.casefold() for name in scope.collections}
    return (
        (not pipeline.when or re.search(pipeline.when, question, re.IGNORECASE) is not None)
        and pipeline.language in {"", language(question)}
        and (not pipeline.collection or pipeline.collection.casefold() in asked)
    )


def _why(pipeline: Pipeline) -> str:
    if pipeline.when:
        return _(_BY_WORDS).format(when=pipeline.when)
    if pipeline.collection:
        return _(_BY_COLLECTION).format(collection=pipeline.collection)
    return _(_BY_LANGUAGE)
