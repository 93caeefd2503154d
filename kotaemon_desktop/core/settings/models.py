"""Settings of the models, here and elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which models search, and where new ones come from."""

    embedder: Annotated[
        str,
        Meta(
            title=N_("Embedder"),
            description=N_("Model that searches by meaning; empty stays with the one that made the index."),
            extra={"offers": "embedders", "applies": N_("Once all documents are embedded anew, in the background.")},
        ),
    ] = ""
    reranker: Annotated[
        str,
        Meta(
            title=N_("Reranker"),
            description=N_(
                "Model that puts what was found in order; “none” does without, empty takes what is installed."
            ),
            extra={"offers": "rerankers"},
        ),
    ] = ""
    offline: Annotated[
        bool,
        Meta(title=N_("Stay offline"), description=N_("Never reach the network, not even for a model asked for.")),
    ] = False
    endpoint: Annotated[
        str,
        Meta(
            pattern=r"^(https?://\S+)?$",
            title=N_("Model hub"),
            description=N_("Address of a mirror of the model hub; empty: the public one."),
            extra={"expects": N_("an address like https://host, or nothing")},
        ),
    ] = ""
    packages: Annotated[
        str,
        Meta(
            pattern=r"^(https?://\S+)?$",
            title=N_("Package index"),
            description=N_("Address of a mirror of the Python package index, for the GPU pack; empty: the public one."),
            extra={"expects": N_("an address like https://host, or nothing")},
        ),
    ] = ""


class RemoteEngine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that another program serves, as OpenAI's interface has it: vLLM, llama.cpp, Ollama, LM Studio."""

    task: Annotated[
        Literal["generation", "embedding"],
        Meta(
            title=N_("Task"),
            description=N_("What it does."),
            extra={"words": {"generation": N_("Answers"), "embedding": N_("Search")}},
        ),
    ] = "generation"
    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
            title=N_("Address"),
            description=N_("Where the interface begins, most often with /v1 at the end."),
            extra={"expects": N_("an address like http://host:8000/v1")},
        ),
    ] = "http://127.0.0.1:11434/v1"
    model: Annotated[
        str,
        Meta(title=N_("Model"), description=N_("The model's name there. Without one the entry does nothing yet.")),
    ] = ""
    name: Annotated[str, Meta(title=N_("Name"), description=N_("What you call it; empty: as the model is called."))] = (
        ""
    )
    key: Annotated[
        str,
        Meta(
            title=N_("Name of its key"),
            description=N_("Under which the keyring has its key, not the key itself; empty: its host and port."),
        ),
    ] = ""
    context: Annotated[
        int,
        Meta(
            ge=512,
            le=1 << 21,
            title=N_("Context"),
            description=N_("How much it reads and writes together."),
            extra={"unit": "tokens"},
        ),
    ] = 8192
    timeout: Annotated[
        float,
        Meta(
            ge=1,
            le=600,
            title=N_("Patience"),
            description=N_("How long it may be silent before it is given up."),
            extra={"unit": "s"},
        ),
    ] = 60.0


class Remote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Models that run elsewhere."""

    allowed: Annotated[
        bool,
        Meta(
            title=N_("Allow models elsewhere"),
            description=N_(
                "A question and the passages found for it are sent to the model that you choose to answer; the text of "
                "all passages to the one that you choose to search. Nothing is sent before you choose one."
            ),
        ),
    ] = False
    engines: Annotated[
        tuple[RemoteEngine, ...],
        Meta(
            title=N_("Models elsewhere"),
            description=N_("They stand among the installed ones on the models page, where you choose who answers."),
        ),
    ] = ()
