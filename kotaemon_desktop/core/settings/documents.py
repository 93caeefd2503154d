"""Settings of imports and of the search."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.settings.kinds import NEXT_FILES, Seconds


class Import(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How files are read and cut."""

    originals: Annotated[
        Literal["link", "copy"],
        Meta(
            title=N_("Original files"),
            description=N_("A copy stays readable when the file is moved or deleted, and takes its size on the disk."),
            extra={
                "words": {"link": N_("Leave them where they are"), "copy": N_("Keep a copy of each")},
                "applies": NEXT_FILES,
            },
        ),
    ] = "link"
    passage_characters: Annotated[
        int,
        Meta(
            ge=200,
            le=4000,
            title=N_("Length of a passage"),
            description=N_(
                "Aimed length in characters of English text. Shorter quotes more exactly, longer sees more."
            ),
            extra={"unit": "characters", "applies": NEXT_FILES},
        ),
    ] = 900
    file_seconds: Annotated[
        Seconds,
        Meta(title=N_("Time for a file"), description=N_("A file that takes longer than this is given up.")),
    ] = 60
    reader_megabytes: Annotated[
        int,
        Meta(
            ge=256,
            le=1 << 24,
            title=N_("Memory for a file"),
            description=N_("A file that needs more memory than this is given up."),
            extra={"unit": "MB", "applies": NEXT_FILES},
        ),
    ] = 1024
    watch_seconds: Annotated[
        Seconds,
        Meta(
            title=N_("Look at watched folders every"),
            description=N_("New, changed and deleted files are noticed after this time. 0: never."),
        ),
    ] = 15
    watch_on_battery: Annotated[
        bool,
        Meta(
            title=N_("Watch folders on battery"),
            description=N_("Otherwise they wait until the machine has power again."),
        ),
    ] = False
    # Whoever has installed text recognition wants what it reads: a scan that is dropped can be asked about, with no
    # click between. It comes after everything else, at low priority, and can be stopped.
    ocr: Annotated[
        Literal["always", "offer", "never"],
        Meta(
            title=N_("Scanned pages"),
            description=N_("Text recognition reads them after everything else, a second or two a page."),
            extra={
                "words": {
                    "always": N_("Read them after the rest"),
                    "offer": N_("Offer to read them"),
                    "never": N_("Leave them unread"),
                },
                "applies": NEXT_FILES,
            },
        ),
    ] = "always"
    page_seconds: Annotated[
        Seconds,
        Meta(
            title=N_("Time for a scanned page"),
            description=N_("A scanned page that takes longer than this is left unread."),
        ),
    ] = 120
    ocr_megabytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=1 << 24,
            title=N_("Memory for a scanned page"),
            description=N_("A scanned page that needs more memory than this is left unread."),
            extra={"unit": "MB", "applies": NEXT_FILES},
        ),
    ] = 2048


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where passages are found."""

    vectors: Annotated[
        str,
        Meta(
            pattern=r"^(chroma|mapped|https?://\S+|plugin\.[\w.-]+)$",
            title=N_("Index of the vectors"),
            description=N_(
                "“chroma” comes along; “mapped” keeps a large library out of memory; the address of a Chroma server "
                "(http://host:port) keeps the vectors, not the texts, on another machine; “plugin.NAME” is what a "
                "package brings."
            ),
            extra={
                "offers": "vector_stores",
                "expects": N_("“chroma”, “mapped”, “plugin.NAME” or an address like http://host:8000"),
                "applies": N_("Once the index is filled anew from the library, in the background."),
            },
        ),
    ] = "chroma"
    retriever: Annotated[
        str,
        Meta(
            pattern=r"^(plugin\.[\w.-]+)?$",
            title=N_("Retriever"),
            description=N_(
                "What finds the passages for a question; empty: words and meaning together. “plugin.NAME” is what a "
                "package brings."
            ),
            extra={"offers": "retrievers", "expects": N_("“plugin.NAME”, or nothing")},
        ),
    ] = ""
