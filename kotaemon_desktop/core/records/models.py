"""Models: what is installed, what it runs on, and what it is asked for."""

from __future__ import annotations

import msgspec


class ModelInfo(msgspec.Struct, frozen=True):
    """An installed model, or one that another program serves. ``task`` is embedding, reranking or generation.

    One that is served has an ``address`` (host, with port if it has one), and neither folder nor bytes.
    """

    id: str
    task: str
    folder: str
    bytes: int
    languages: tuple[str, ...]
    licence: str = ""
    layout: str = ""  # "genai" or "onnx": which program wrote the folder
    address: str = ""

    def speaks(self, language: str) -> bool:
        """Whether the model declares ``language`` (an ISO 639 code); a "multilingual" one speaks every language."""
        return "multilingual" in self.languages or language in self.languages


class RemoteModel(msgspec.Struct, frozen=True):
    """A model that another program serves: what a host has to know to ask it. ``key`` is the secret itself."""

    id: str
    task: str
    address: str
    url: str  # without a slash at the end
    model: str  # what its server calls it
    key: str
    key_name: str  # under which the keyring has it
    context: int  # tokens
    timeout: float  # seconds of silence


class ModelSpeed(msgspec.Struct, frozen=True):
    """What a model did in its self-test on this machine. Of the rates those are set that its task has."""

    model: str
    task: str
    load_seconds: float
    bytes: int  # what its host held at the end
    reads: float = 0.0  # tokens a second of a prompt
    writes: float = 0.0  # tokens a second of an answer
    passages: float = 0.0  # passages a second
    measured_at: float = 0.0  # wall clock, seconds


class DownloadProgress(msgspec.Struct, frozen=True):
    """A model on its way: bytes ``done`` of ``total``, bytes a second, seconds left once a rate is known."""

    model: str
    done: int
    total: int
    rate: float
    seconds_left: float | None


class BuildProgress(msgspec.Struct, frozen=True):
    """A model being built on this machine: ``done`` in 0..1; ``model`` is its id once it is installed, else empty."""

    done: float
    model: str = ""


class GenerationStats(msgspec.Struct, frozen=True):
    """What a generation took. ``stop_reason``: ``stop`` (the model ended), ``length`` (max_tokens) or ``context``."""

    prompt_tokens: int
    reused_tokens: int  # of the prompt, those whose cache was still there
    generated_tokens: int
    prefill_seconds: float
    decode_seconds: float
    stop_reason: str
    drafted_tokens: int = 0  # guessed from the prompt and checked several at a time
    accepted_tokens: int = 0  # of these, those that the model would have written itself
    restored_tokens: int = 0  # of the reused ones, those that came from the conversation's file
    restore_seconds: float = 0.0


class Hardware(msgspec.Struct, frozen=True):
    """Where a person lets language models run. ``lost`` are providers that have failed, each with the reason."""

    provider: str = "auto"  # or a key of models.providers.TABLE, or "cpu"
    device: int = 0
    gpu_megabytes: int = 0  # 0: as much as there is
    threads: int = 0  # of the processor; 0: one for each core
    lost: tuple[tuple[str, str], ...] = ()
    pack: str = ""  # the folder with ONNX Runtime for the GPU, see gpu_pack; empty: the program's own


class ProviderChoice(msgspec.Struct, frozen=True):
    """The execution provider that runs the models, and why; ``passed``: those that were not taken, each with why.

    All reasons are English and translated where they are shown.
    """

    name: str
    why: str
    passed: tuple[tuple[str, str], ...] = ()


class GeneratorFacts(msgspec.Struct, frozen=True):
    """What a prompt has to know of the model: tokens of context, and whether it thinks before it answers, unasked.

    ``provider`` is what it really runs on.
    """

    context: int
    provider: ProviderChoice
    thinks: bool = False
    address: str = ""  # where the prompt goes, if another program answers
    model: str = ""  # its id
    takes_tools: bool = False  # its template knows how to offer them


class GenerationWish(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer is to be written. ``conversation`` names whose cache it uses and leaves behind, if anybody's.

    ``begun`` is what the model has said of this answer already, before its host died.
    """

    max_tokens: int
    temperature: float = 0.0
    conversation: int | None = None
    begun: str = ""
    thinking: bool = False  # where the model can be asked
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()  # the answer ends before the first of these
