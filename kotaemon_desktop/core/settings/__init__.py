"""Every setting, declared once: name, type, range, default, and the words that people read. Kept in ``kotaemon.yaml``.

A field's ``Meta`` holds its ``title`` and ``description`` (what it does and what it costs), and in ``extra``:

* ``unit``: ``s``, ``MB``, ``tokens``, …; ``%`` for a share that people read in percent;
* ``words``: {value: what people call it}, in the order in which a choice is offered;
* ``offers``: what the engine knows to propose (``components``, ``generators``, ``embedders``, ``rerankers``,
  ``vector_stores``, ``retrievers``), see :func:`offers.offered`;
* ``expects``: what a text with a pattern has to look like;
* ``applies``: from when on a change counts, where that is not at once.

The settings page, ``kotaemon-desktop settings``, the JSON Schema and the messages about a broken file are made from
these declarations alone (see ``setting_fields``).
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings.answering import (
    STANDARD,
    STEPS,
    Answering,
    Canary,
    Pipeline,
    Pipelines,
    StepName,
    Traces,
)
from kotaemon_desktop.core.settings.desktop import Appearance, Updates, Window
from kotaemon_desktop.core.settings.documents import Import, Search
from kotaemon_desktop.core.settings.kinds import TIME_OF_DAY, WORKING_DAYS, Day, Megabytes, Seconds, TimeOfDay
from kotaemon_desktop.core.settings.models import Models, Remote, RemoteEngine
from kotaemon_desktop.core.settings.residency import KeepWarm, Residency
from kotaemon_desktop.core.settings.services import Monitoring, Plugins, Server
from kotaemon_desktop.core.settings.tools import Tools, misfits

__all__ = [
    "STANDARD",
    "STEPS",
    "TIME_OF_DAY",
    "WORKING_DAYS",
    "Answering",
    "Appearance",
    "Canary",
    "Day",
    "Import",
    "KeepWarm",
    "Megabytes",
    "Misfit",
    "Models",
    "Monitoring",
    "Pipeline",
    "Pipelines",
    "Plugins",
    "Remote",
    "RemoteEngine",
    "Residency",
    "Search",
    "Seconds",
    "Server",
    "Settings",
    "StepName",
    "TimeOfDay",
    "Tools",
    "Traces",
    "Updates",
    "Window",
    "check",
]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings. A field missing in the file has its default."""

    appearance: Annotated[Appearance, Meta(title=N_("Appearance"), description=N_("How the window looks."))] = (
        Appearance()
    )
    window: Annotated[Window, Meta(title=N_("Desktop"), description=N_("How the program behaves on the desktop."))] = (
        Window()
    )
    residency: Annotated[
        Residency,
        Meta(title=N_("Memory"), description=N_("How long what is heavy stays in memory after its last use.")),
    ] = Residency()
    imports: Annotated[Import, Meta(title=N_("Files"), description=N_("How files are read and cut."))] = Import()
    answering: Annotated[Answering, Meta(title=N_("Answers"), description=N_("How questions are answered."))] = (
        Answering()
    )
    pipelines: Annotated[Pipelines, Meta(title=N_("Pipelines"), description=N_("Which steps lead to an answer."))] = (
        Pipelines()
    )
    search: Annotated[Search, Meta(title=N_("Search"), description=N_("Where passages are found."))] = Search()
    models: Annotated[
        Models, Meta(title=N_("Models"), description=N_("Which models search, and where new ones come from."))
    ] = Models()
    remote: Annotated[
        Remote,
        Meta(
            title=N_("Models elsewhere"), description=N_("Models that other programs serve, here or on other machines.")
        ),
    ] = Remote()
    server: Annotated[
        Server,
        Meta(title=N_("Local server"), description=N_("What other programs of this computer may ask of this one.")),
    ] = Server()
    plugins: Annotated[
        Plugins, Meta(title=N_("Plugins"), description=N_("What installed packages add to the program."))
    ] = Plugins()
    monitoring: Annotated[
        Monitoring,
        Meta(title=N_("Monitoring"), description=N_("What other programs on this computer may read of this one.")),
    ] = Monitoring()
    tools: Annotated[
        Tools, Meta(title=N_("Tools"), description=N_("What questions may look up elsewhere, and who allowed it."))
    ] = Tools()
    canary: Annotated[
        Canary,
        Meta(title=N_("Candidate"), description=N_("Another model or pipeline, tried on some conversations.")),
    ] = Canary()
    traces: Annotated[
        Traces,
        Meta(title=N_("Traces"), description=N_("How answers came about: what was found, every step and its time.")),
    ] = Traces()
    updates: Annotated[
        Updates, Meta(title=N_("Newer versions"), description=N_("How the program hears of newer versions."))
    ] = Updates()


class Misfit(ValueError):
    """A value that has the right type and still does not fit: where it stands, and why, in words."""

    def __init__(self, path: tuple[str | int, ...], words: Phrase) -> None:
        super().__init__(words.text)
        self.path = path
        self.words = words


def check(settings: Settings) -> None:
    """Raise Misfit where what the types cannot tell does not hold."""
    names: list[str] = []
    for number, each in enumerate(settings.pipelines.own):
        where = ("pipelines", "own", number)
        try:
            re.compile(each.when)
        except re.error as error:
            words = Phrase(N_("“{when}” is no regular expression ({problem})"), when=each.when, problem=error.msg)
            raise Misfit((*where, "when"), words) from error
        if each.name in names:
            raise Misfit((*where, "name"), Phrase(N_("two pipelines are called “{name}”"), name=each.name))
        if twice := next((step for step in each.steps if each.steps.count(step) > 1), ""):
            raise Misfit((*where, "steps"), Phrase(N_("the step “{step}” stands there twice"), step=twice))
        names.append(each.name)
    for path, words in misfits(settings.tools):
        raise Misfit(("tools", *path), words)
