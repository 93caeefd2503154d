"""The nouns of the program: frozen records that cross every border (thread, process, layer).

They are msgspec structs because these are made in a tenth of the time that dataclasses take: 20 ms of every start.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from kotaemon_desktop.core.failures import told


class DocumentState(StrEnum):
    """Where a document stands. ``STORED`` already answers keyword search; ``READY`` has vectors as well."""

    STORED = "stored"
    READY = "ready"
    FAILED = "failed"


class PageKind(StrEnum):
    """What reading a page gave; the import report counts these."""

    TEXT = "text"
    IMAGE = "image"  # only pictures: a scan
    EMPTY = "empty"
    GARBLED = "garbled"
    ENCRYPTED = "encrypted"  # of a part of an archive or a mail: it is protected by a password
    UNREADABLE = "unreadable"  # likewise: it is damaged, or of no known kind; or text recognition gave it up
    RECOGNISED = "recognised"  # a picture whose text was read by text recognition

    @property
    def is_scan(self) -> bool:
        """Whether text recognition can make something of such a page."""
        return self in {PageKind.IMAGE, PageKind.GARBLED}


class Strength(StrEnum):
    """How much a hit can be trusted, as shown to people."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"


class Box(msgspec.Struct, frozen=True):
    """A rectangle on a page, in fractions of the page as it is shown (rotation applied): 0,0 is its top left."""

    left: float
    top: float
    right: float
    bottom: float


class PageText(msgspec.Struct, frozen=True):
    """The text of one page; ``number`` is 1-based, or None for formats without pages (then there is only one)."""

    number: int | None
    text: str
    kind: PageKind = PageKind.TEXT


class RecognisedLine(msgspec.Struct, frozen=True):
    """A line that text recognition has read: ``page_text[start:end]`` stands at ``box``.

    ``edges`` says where each of its characters begins, in thousandths of the box's width; empty where nobody knows.
    """

    start: int
    end: int
    box: Box
    edges: tuple[int, ...] = ()


class PassageDraft(msgspec.Struct, frozen=True):
    """A passage as the reader host cuts it: ``text == page_text[start:end]``.

    ``tokens`` is what keyword search stores: ``core.text.words.index_tokens``, space-joined, of the file's name, the
    headings above and the text.
    """

    page: int | None
    start: int
    end: int
    text: str
    heading: str
    tokens: str


class RecognisedPage(msgspec.Struct, frozen=True):
    """A page as text recognition read it, marked by its kind, and where its lines stand, in the order of the text."""

    page: PageText
    lines: tuple[RecognisedLine, ...] = ()
    passages: tuple[PassageDraft, ...] = ()


class Scan(msgspec.Struct, frozen=True):
    """A document of which text recognition shall read ``pages`` (1-based)."""

    document_id: int
    pages: tuple[int, ...]


class ReadPage(msgspec.Struct, frozen=True):
    """A page with its passages, as the reader host hands it over.

    A page with very many passages comes in several: the first has the text and no passages, then each has up to 64
    passages and ``page`` None, which means "of the page before".
    """

    page: PageText | None
    passages: tuple[PassageDraft, ...]


class DocumentHead(msgspec.Struct, frozen=True):
    """What a reader knows of a file before its pages.

    ``kind`` is the family: pdf, docx (Word, OpenDocument text, RTF), pptx, xlsx (all spreadsheets, CSV), html, epub,
    eml, markdown, text, image, zip. Slides and sheets are pages; in a mail or an archive each part's pages are counted
    on. ``page_count`` is None where there are no pages, or where nobody knows how many.
    """

    title: str
    kind: str
    page_count: int | None


TOOL = "tool"
"""The family of what is no document but a tool's result; its ids are negative."""

PICTURED = frozenset({"pdf", "image"})
"""The families of documents, see DocumentHead, whose pages are pictures to look at, also for text recognition."""


class Document(msgspec.Struct, frozen=True):
    """One document of the library, as the lists show it."""

    id: int
    path: str
    name: str
    title: str
    kind: str
    size: int
    sha256: str
    state: DocumentState
    page_count: int | None
    passages: int
    embedded: int
    imported_at: float
    failure: str = ""  # why it failed, as core.failures keeps it; empty otherwise
    unread_pages: int = 0  # pages that hold something which could not be read

    @property
    def reason(self) -> str:
        """Why it failed, in the language of now; empty when it did not."""
        return str(told(self.failure)) if self.failure else ""


class Collection(msgspec.Struct, frozen=True):
    """Documents that a person has put together under a name; one document may be in several."""

    id: int
    name: str
    documents: int  # how many of them are visible


class WatchedFolder(msgspec.Struct, frozen=True):
    """A folder whose new and changed files are imported. ``identity`` is empty until it was first looked at."""

    path: str
    ignored: tuple[str, ...] = ()
    identity: str = ""
    documents: int = 0  # how many visible ones are below it


class Passage(msgspec.Struct, frozen=True):
    """A stored passage with enough of its document to cite it. ``page`` is 1-based or None."""

    id: int
    document_id: int
    document: str  # the path as imported
    name: str  # its last part
    kind: str
    page: int | None
    start: int
    end: int
    heading: str
    text: str
    recognised: bool = False  # read by text recognition, which may err


class Hit(msgspec.Struct, frozen=True):
    """A passage found for a query. ``score`` is in 0..1 and only comparable within one result list."""

    passage: Passage
    score: float
    strength: Strength
    keyword_rank: int | None = None
    vector_rank: int | None = None
    similarity: float | None = None  # cosine, when an embedder covers the query's language


class TracedHit(msgspec.Struct, frozen=True):
    """A hit as a trace keeps it; ``passage`` is None once its document was removed or has changed."""

    passage_id: int
    document_id: int
    score: float
    strength: Strength
    keyword_rank: int | None = None
    vector_rank: int | None = None
    similarity: float | None = None
    passage: Passage | None = None

    @property
    def known(self) -> Hit | None:
        """The hit with its passage, if that is still there."""
        if self.passage is None:
            return None
        return Hit(self.passage, self.score, self.strength, self.keyword_rank, self.vector_rank, self.similarity)


class Citation(msgspec.Struct, frozen=True):
    """A statement of an answer bound to the words it rests on: ``page_text[start:end]`` holds ``quote``."""

    number: int  # as in the answer's [n]
    passage_id: int
    document_id: int
    document: str
    name: str
    page: int | None
    start: int
    end: int
    quote: str
    recognised: bool = False  # read by text recognition, which may err


class PagePicture(msgspec.Struct, frozen=True):
    """A rendered page: ``pixels`` is height x stride bytes of 32-bit BGRX (QImage.Format_RGB32)."""

    width: int
    height: int
    stride: int
    pixels: bytes


class Generated(msgspec.Struct, frozen=True):
    """How a model came to an answer, as far as later prompts and the window need to know.

    It saw the turns after the turn ``unseen`` (0: from the first on), those up to the turn ``bare`` without passages.
    """

    fresh: tuple[int, ...]  # passages that stood before this question
    again: tuple[int, ...]  # passages that were found for it and stood further up already
    unseen: int
    bare: int
    said: str = ""  # in its own words, before they were cited
    thought: str = ""
    thought_seconds: float = 0.0


class Turn(msgspec.Struct, frozen=True):
    """One question and its answer in a conversation.

    ``versions`` are the ids of the turns that answer the same place of the conversation, this one among them, in the
    order they were asked: a question that was changed or asked again stands beside its earlier versions.
    """

    id: int
    conversation_id: int
    question: str
    answer: str
    route: str
    model: str
    answered: bool
    asked_at: float
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()  # statements that no passage supports
    parent_id: int | None = None  # the turn before it
    versions: tuple[int, ...] = ()
    generated: Generated | None = None
    thumb: int = 0  # what a person thinks of it: 1, -1, or 0 for nothing


TraceLine = dict[str, Any]
"""A line of a trace: ``at`` in seconds since the question, ``event``, and its own fields without passages' text."""


class Trace(msgspec.Struct, frozen=True):
    """How the answer of a turn came about; ``hits`` are those that were found last, best first."""

    turn_id: int
    conversation_id: int
    question: str
    answer: str
    route: str
    model: str
    answered: bool
    asked_at: float
    lines: tuple[TraceLine, ...]
    hits: tuple[TracedHit, ...] = ()
    side: str = ""  # of a trial, where it took part in one: proven or candidate
    thumb: int = 0  # what a person thinks of it: 1, -1, or 0 for nothing


class ToolCall(msgspec.Struct, frozen=True):
    """A tool, what it would be sent and where: what a person is asked before its first use.

    ``place`` is a host, a database or a command line; ``leaves`` says that it is not on this machine. ``by_model``: a
    language model has chosen it, not a pattern of the tool.
    """

    tool: str  # its name in the settings
    title: str
    place: str
    arguments: dict[str, str]
    leaves: bool
    by_model: bool = False

    @property
    def permission(self) -> str:
        """What allows it for good: the tool and the place, so that another place is another permission."""
        return f"{self.tool}: {self.place}"

    @property
    def sent(self) -> str:
        """What is sent, in one line."""
        return ", ".join(f"{name} = {value}" for name, value in self.arguments.items())


class Consent(StrEnum):
    """What a person says to a tool call."""

    ONCE = "once"
    ALWAYS = "always"
    NO = "no"


class Conversation(msgspec.Struct, frozen=True):
    """A conversation as the list shows it."""

    id: int
    title: str
    created_at: float
    active_at: float
    pinned: bool = False


class Sleep(msgspec.Struct, frozen=True):
    """A conversation that its model does not hold in memory now.

    ``kept`` says that what was read is in a file; ``seconds`` is how long the next question waits for model and file,
    as this machine's own past has it, or None where that is not known.
    """

    kept: bool
    seconds: float | None


class Mention(msgspec.Struct, frozen=True):
    """Where something was said: a turn, or the title of a conversation (``turn_id`` is None)."""

    conversation_id: int
    title: str
    at: float  # wall clock, seconds
    turn_id: int | None = None
    question: str = ""
    answer: str = ""


class ComponentState(StrEnum):
    """The life of a component; see design.md, "Residency, exactly"."""

    ABSENT = "absent"
    WAKING = "waking"
    READY = "ready"
    BUSY = "busy"
    IDLE = "idle"
    FAILED = "failed"


class ComponentStatus(msgspec.Struct, frozen=True):
    """A component now. ``bytes`` is what its processes hold of their own (USS, or RSS where USS is not to be had)."""

    name: str
    state: ComponentState
    bytes: int = 0
    idle_deadline: float | None = None  # seconds from now until it unloads; None while busy, pinned or absent
    expected_wake: float | None = None  # seconds, from this machine's history
    reason: str = ""
    pids: tuple[int, ...] = ()
    waiting: int = 0  # requests that wait for a free host
    pinned: bool = False
    hosts: int = 0
    unload_asked: bool = False  # by hand: it leaves as soon as nobody uses it
    resting: bool = False  # in memory, but without what only the next use needs: a conversation's cache


class Sample(msgspec.Struct, frozen=True):
    """One reading of the monitor. Bytes, except ``cpu`` (percent of one core, the whole program)."""

    at: float  # wall clock, seconds
    program: int  # all processes of the program
    window: int  # the main process alone
    components: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    cpu: float = 0.0
    system_used: int = 0
    system_available: int = 0
    system_total: int = 0
    gpu_used: int | None = None  # None: no GPU that a driver answers for
    gpu_total: int | None = None
    gpu_load: float | None = None  # percent of the time that the GPU computed for anybody


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
