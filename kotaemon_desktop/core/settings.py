"""Every setting, declared once: name, type, range, default, and the words that people read. Kept in ``kotaemon.yaml``.

A field's ``Meta`` holds its ``title`` and ``description`` (what it does and what it costs), and in ``extra``:

* ``unit``: ``s``, ``MB``, ``tokens``, …; ``%`` for a share that people read in percent;
* ``words``: {value: what people call it}, in the order in which a choice is offered;
* ``offers``: what the engine knows to propose (``components``, ``generators``, ``embedders``, ``rerankers``), see
  ``Engine.offered``;
* ``expects``: what a text with a pattern has to look like;
* ``applies``: from when on a change counts, where that is not at once.

The settings page, ``kotaemon-desktop settings``, the JSON Schema and the messages about a broken file are made from
these declarations alone (see ``setting_fields``).
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.tool_settings import Tools, misfits

_MONTH: Final = 30 * 24 * 3600  # longer than any timer needs, and a number that still can be counted down
_NEXT_FILES: Final = N_("For files that are imported from now on.")

Seconds = Annotated[float, Meta(ge=0, le=_MONTH, extra={"unit": "s"})]
Megabytes = Annotated[int, Meta(ge=0, le=1 << 24, extra={"unit": "MB"})]
TIME_OF_DAY: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
TimeOfDay = Annotated[str, Meta(pattern=TIME_OF_DAY)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")

STANDARD: Final = ("route", "rewrite", "retrieve", "rerank", "tool", "pack", "generate", "cite", "quote")
STEPS: Final = (*STANDARD, "divide")
"""The steps that a pipeline can be made of; see ``core.pipeline``. Plugins bring others."""


class Appearance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the window looks."""

    language: Annotated[
        Literal["system", "en", "zh_CN"],
        Meta(
            title=N_("Language"),
            description=N_("Language of the window."),
            extra={"words": {"system": N_("As the system"), "en": "English", "zh_CN": "简体中文"}},
        ),
    ] = "system"
    theme: Annotated[
        Literal["system", "light", "dark"],
        Meta(
            title=N_("Theme"),
            description=N_("Light, dark, or as the system."),
            extra={"words": {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}},
        ),
    ] = "system"


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the program behaves on the desktop."""

    tray: Annotated[
        bool,
        Meta(
            title=N_("Show an icon in the system tray"),
            description=N_("It tells what is in memory and can unload it. Not every desktop has a tray."),
        ),
    ] = True
    close: Annotated[
        Literal["quit", "tray"],
        Meta(
            title=N_("Closing the window"),
            description=N_("In the tray the program goes on with its imports and is back at once."),
            extra={"words": {"quit": N_("Quits the program"), "tray": N_("Leaves it in the tray")}},
        ),
    ] = "quit"
    notifications: Annotated[
        bool,
        Meta(
            title=N_("Notify while you are elsewhere"),
            description=N_(
                "When an import is done, an answer is ready or the disk is almost full. Needs the tray icon."
            ),
        ),
    ] = True


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


class Import(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How files are read and cut."""

    originals: Annotated[
        Literal["link", "copy"],
        Meta(
            title=N_("Original files"),
            description=N_("A copy stays readable when the file is moved or deleted, and takes its size on the disk."),
            extra={
                "words": {"link": N_("Leave them where they are"), "copy": N_("Keep a copy of each")},
                "applies": _NEXT_FILES,
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
            extra={"unit": "characters", "applies": _NEXT_FILES},
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
            extra={"unit": "MB", "applies": _NEXT_FILES},
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
                "applies": _NEXT_FILES,
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
            extra={"unit": "MB", "applies": _NEXT_FILES},
        ),
    ] = 2048


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


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where passages are found."""

    vectors: Annotated[
        str,
        Meta(
            pattern=r"^(chroma|mapped|https?://\S+)$",
            title=N_("Index of the vectors"),
            description=N_(
                "“chroma” comes along; “mapped” keeps a large library out of memory; the address of a Chroma server "
                "(http://host:port) keeps the vectors, not the texts, on another machine."
            ),
            extra={
                "expects": N_("“chroma”, “mapped” or an address like http://host:8000"),
                "applies": N_("Once the index is filled anew from the library, in the background."),
            },
        ),
    ] = "chroma"


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


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other programs of this computer may ask of this one."""

    enabled: Annotated[
        bool,
        Meta(
            title=N_("Serve other programs"),
            description=N_(
                "Programs of this computer that have the key can ask the models and the documents, over OpenAI's "
                "interface. Models wake when they are asked and leave when they are idle. Takes about 4 MB."
            ),
        ),
    ] = False
    port: Annotated[
        int,
        Meta(ge=1024, le=65535, title=N_("Port"), description=N_("Port of the local server on 127.0.0.1.")),
    ] = 8377
    at_once: Annotated[
        int,
        Meta(
            ge=1,
            le=16,
            title=N_("Requests at once"),
            description=N_("How many are answered side by side; others wait. A language model answers one at a time."),
        ),
    ] = 2


class Plugins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What installed packages add to the program."""

    off: Annotated[
        tuple[str, ...],
        Meta(
            title=N_("Packages that are off"),
            description=N_("Names of packages whose plugins are not used; “kotaemon-desktop plugins” lists them."),
        ),
    ] = ()


class Monitoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other programs on this computer may read of this one."""

    metrics: Annotated[
        bool,
        Meta(
            title=N_("Serve metrics"),
            description=N_("For Prometheus, with a health check, to this computer only. Takes about 2 MB."),
        ),
    ] = False
    metrics_port: Annotated[
        int,
        Meta(
            ge=1024,
            le=65535,
            title=N_("Port of the metrics"),
            description=N_("Port of the metrics on 127.0.0.1."),
        ),
    ] = 9464


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
