"""Settings of answers: the model's words, the pipelines, a candidate, the traces."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.settings.kinds import Megabytes

STANDARD: Final = ("route", "rewrite", "retrieve", "rerank", "tool", "pack", "generate", "cite", "quote")
STEPS: Final = (*STANDARD, "divide")
"""The steps that a pipeline can be made of; see ``core.pipeline``. Plugins bring others."""


class Answering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How questions are answered."""

    model: Annotated[
        str,
        Meta(
            title=N_("Language model"),
            description=N_("Language model; “none” only quotes the documents; empty takes what is installed."),
            extra={"offers": "generators"},
        ),
    ] = ""
    top: Annotated[
        int,
        Meta(
            ge=1,
            le=50,
            title=N_("Sources"),
            description=N_("How many passages are shown as sources."),
            extra={"unit": "passages"},
        ),
    ] = 8
    max_tokens: Annotated[
        int,
        Meta(
            ge=16,
            le=8192,
            title=N_("Longest answer"),
            description=N_("Longest answer, in tokens. A token is about three quarters of an English word."),
            extra={"unit": "tokens"},
        ),
    ] = 512
    thinking: Annotated[
        bool,
        Meta(
            title=N_("Think before answering"),
            description=N_("Models that can be asked to think before they answer do so. It takes longer."),
        ),
    ] = False
    provider: Annotated[
        Literal["auto", "cpu", "cuda", "tensorrt", "directml", "coreml"],
        Meta(
            title=N_("Language models run on"),
            description=N_("A GPU is taken only when a small computation on it has succeeded."),
            extra={
                "words": {
                    "auto": N_("The best that works"),
                    "cpu": N_("The processor"),
                    "cuda": N_("NVIDIA GPU (CUDA)"),
                    "tensorrt": N_("NVIDIA GPU (TensorRT)"),
                    "directml": N_("GPU on Windows (DirectML)"),
                    "coreml": N_("Apple GPU (CoreML)"),
                }
            },
        ),
    ] = "auto"
    gpu: Annotated[
        int,
        Meta(ge=0, le=63, title=N_("Number of the GPU"), description=N_("Where there are several; the first is 0.")),
    ] = 0
    gpu_megabytes: Annotated[
        Megabytes,
        Meta(title=N_("GPU memory"), description=N_("The most that a language model may take; 0: what it needs.")),
    ] = 0
    threads: Annotated[
        int,
        Meta(
            ge=0,
            le=256,
            title=N_("Threads"),
            description=N_("How many compute on the processor; 0: one for each core, which is the fastest."),
        ),
    ] = 0
    temperature: Annotated[
        float,
        Meta(
            ge=0,
            le=2,
            title=N_("Temperature"),
            description=N_("0 always takes the likeliest word; higher is freer and less exact."),
        ),
    ] = 0.0


StepName = Annotated[str, Meta(pattern=rf"^({'|'.join(STEPS)}|plugin\.[\w.-]+)$")]


class Pipeline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to answer: its steps, and the questions that take it."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[\w-]+$",
            title=N_("Name"),
            description=N_("What it is called; the name of one that comes along replaces that one."),
            extra={"expects": N_("a name of letters, digits and hyphens")},
        ),
    ] = "mine"
    steps: Annotated[
        tuple[StepName, ...],
        Meta(
            min_length=1,
            title=N_("Steps"),
            description=N_("What is done, in this order, until there is an answer."),
            extra={"words": {each: each for each in (*STEPS, "plugin.NAME")}},
        ),
    ] = STANDARD
    passages: Annotated[
        int,
        Meta(
            ge=0,
            le=50,
            title=N_("Sources"),
            description=N_("How many passages are shown as sources; 0: as the answers' settings say."),
            extra={"unit": "passages"},
        ),
    ] = 0
    when: Annotated[
        str,
        Meta(
            title=N_("For questions like"),
            description=N_(
                "A regular expression that is looked for in the question, in any case; empty: any question."
            ),
        ),
    ] = ""
    language: Annotated[
        Literal["", "en", "zh"],
        Meta(
            title=N_("For questions in"),
            description=N_("The language of the question."),
            extra={"words": {"": N_("Any language"), "en": N_("English"), "zh": N_("Chinese")}},
        ),
    ] = ""
    collection: Annotated[
        str,
        Meta(
            title=N_("For the collection"),
            description=N_("Questions that are put to this collection of documents; empty: to any."),
        ),
    ] = ""

    @property
    def has_rule(self) -> bool:
        """Whether it says which questions take it."""
        return bool(self.when or self.language or self.collection)


class Pipelines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which steps lead to an answer."""

    use: Annotated[
        str,
        Meta(
            title=N_("Answer with"),
            description=N_("The pipeline of every question; empty: the first whose rule fits, else “standard”."),
            extra={"offers": "pipelines"},
        ),
    ] = ""
    own: Annotated[
        tuple[Pipeline, ...],
        Meta(
            title=N_("Own pipelines"),
            description=N_("Beside “standard”, “quick”, “thorough” and “extractive”, which come along."),
        ),
    ] = ()


class Canary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A candidate that answers a share of the conversations, to be compared with the proven way."""

    model: Annotated[
        str,
        Meta(
            title=N_("Candidate: language model"),
            description=N_("The model that is tried; empty: the same as otherwise."),
            extra={"offers": "candidate generators"},
        ),
    ] = ""
    pipeline: Annotated[
        str,
        Meta(
            title=N_("Candidate: pipeline"),
            description=N_("The pipeline that is tried; empty: the same as otherwise."),
            extra={"offers": "candidate pipelines"},
        ),
    ] = ""
    share: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title=N_("Share of the conversations"),
            description=N_("How many of them the candidate answers; 0: nothing is tried."),
            extra={"unit": "%"},
        ),
    ] = 0.0
    errors: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            title=N_("Errors that end it"),
            description=N_("After this many in a row everything goes back to the proven way."),
        ),
    ] = 3
    thumbs: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            title=N_("Thumbs down that end it"),
            description=N_("After this many in a row everything goes back to the proven way."),
        ),
    ] = 3


class Traces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long it is kept how answers came about."""

    days: Annotated[
        int,
        Meta(
            ge=0,
            le=3650,
            title=N_("Keep traces for"),
            description=N_("Older ones are deleted, their answers stay. 0: as long as the conversation."),
            extra={"unit": "days"},
        ),
    ] = 0
