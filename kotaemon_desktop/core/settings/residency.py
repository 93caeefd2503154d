"""Settings of what stays in memory, and for how long."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.settings.kinds import WORKING_DAYS, Day, Megabytes, Seconds, TimeOfDay


class KeepWarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours in which components stay in memory; a window that ends before it begins goes on past midnight."""

    components: Annotated[
        tuple[Literal["retrieval", "generator"], ...],
        Meta(
            title=N_("Components"),
            description=N_("What stays in memory in these hours."),
            extra={"words": {"retrieval": N_("Index and embedder"), "generator": N_("Language model")}},
        ),
    ] = ("retrieval", "generator")
    days: Annotated[
        tuple[Day, ...],
        Meta(
            title=N_("Days"),
            description=N_("The days on which these hours begin."),
            extra={
                "words": {
                    "mon": N_("Mon"),
                    "tue": N_("Tue"),
                    "wed": N_("Wed"),
                    "thu": N_("Thu"),
                    "fri": N_("Fri"),
                    "sat": N_("Sat"),
                    "sun": N_("Sun"),
                }
            },
        ),
    ] = WORKING_DAYS
    begin: Annotated[TimeOfDay, Meta(title=N_("From"), description=N_("When these hours begin."))] = "09:00"
    end: Annotated[
        TimeOfDay,
        Meta(title=N_("To"), description=N_("When these hours end; before their begin means on the next day.")),
    ] = "18:00"


class Residency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what is heavy stays in memory after its last use. 0 unloads at once."""

    generator_idle: Annotated[
        Seconds,
        Meta(
            title=N_("Language model unloads after"),
            description=N_("Time without a question. Longer means quicker answers and more memory in use."),
        ),
    ] = 300
    retrieval_idle: Annotated[
        Seconds,
        Meta(
            title=N_("Index unloads after"),
            description=N_("Time without a search. The next one then waits for it to wake."),
        ),
    ] = 600
    reader_idle: Annotated[
        Seconds,
        Meta(
            title=N_("File reader unloads after"),
            description=N_("Time without a file to read or a page to show; the import's embedder goes by it too."),
        ),
    ] = 30
    ocr_idle: Annotated[
        Seconds,
        Meta(
            title=N_("Text recognition unloads after"),
            description=N_("Time without a scanned page to read. It holds half a gigabyte and more."),
        ),
    ] = 5
    tools_idle: Annotated[
        Seconds,
        Meta(
            title=N_("Tools unload after"),
            description=N_("Time without a question that calls one."),
        ),
    ] = 60
    conversation_idle: Annotated[
        Seconds,
        Meta(
            title=N_("Conversation sleeps after"),
            description=N_("Time without a question in it; then the model forgets what it has read of it."),
        ),
    ] = 600
    # 1,000 tokens of a half-billion model are 25 MB, of a three-billion one 72 MB: this holds the last few long
    # conversations of a large model or dozens of a small one, and is less than either model takes on the disk.
    conversation_cache_megabytes: Annotated[
        Megabytes,
        Meta(
            title=N_("Disk space for sleeping conversations"),
            description=N_("Disk space for what the model has read of sleeping conversations, in megabytes; 0: none."),
        ),
    ] = 1000
    pinned: Annotated[
        tuple[str, ...],
        Meta(
            title=N_("Always in memory"),
            description=N_("Components that never unload by themselves. They take their memory all day."),
            extra={"offers": "components"},
        ),
    ] = ()
    keep_warm: Annotated[
        tuple[KeepWarm, ...],
        Meta(
            title=N_("Keep-warm hours"),
            description=N_("Hours in which components stay in memory, so that the first question need not wait."),
        ),
    ] = ()
    memory_share: Annotated[
        float,
        Meta(
            gt=0,
            le=0.9,
            title=N_("Memory for components"),
            description=N_("Share of this machine's memory that components may take together."),
            extra={"unit": "%"},
        ),
    ] = 0.5
    memory_megabytes: Annotated[
        Megabytes,
        Meta(
            title=N_("Memory for components, fixed"),
            description=N_("The same as a fixed number of megabytes; 0 goes by the share."),
        ),
    ] = 0
    low_memory_megabytes: Annotated[
        Megabytes,
        Meta(
            title=N_("Memory counts as low below"),
            description=N_("Idle components go at once while less than this is available, in megabytes."),
        ),
    ] = 700
    prewarm: Annotated[
        bool,
        Meta(
            title=N_("Wake while a question is typed"),
            description=N_("Typing a question already wakes what will answer it."),
        ),
    ] = True
