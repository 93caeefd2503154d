"""Writes text with a language model: the service that runs in the generator host."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from tokenizers import Tokenizer

from kotaemon_desktop.core.errors import ModelNotFound, PromptTooLong, UnsupportedModel
from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.models import manifest, marks, providers, snapshot, template
from kotaemon_desktop.core.models.decoder import Decoder, common_prefix
from kotaemon_desktop.core.models.drafts import DraftSource, PromptLookup
from kotaemon_desktop.core.models.sampling import Sampler, Sampling
from kotaemon_desktop.core.models.session import CPU
from kotaemon_desktop.core.models.template import ChatTemplate, Message
from kotaemon_desktop.core.models.text_stream import TextStream
from kotaemon_desktop.core.records import GenerationStats, Hardware

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.decoder import Logits

CONTEXT_LIMIT = 8192  # tokens; models that read 128,000 would need gigabytes for the cache alone


@dataclass(slots=True)
class Run:
    """One generation: its tokens so far, of which ``prompt`` are the prompt's, and what it took in seconds.

    It ends when there are ``wanted`` tokens in all, which may still change while it goes on.
    """

    ids: list[int]
    prompt: int
    wanted: int
    conversation: int | None = None
    number: int = 0  # the service's count when it last took the cache
    reused: int = 0
    prefill: float = 0.0
    decode: float = 0.0
    drafted: int = 0
    accepted: int = 0
    restored: int = 0
    restore: float = 0.0
    reason: str = "stop"

    def stats(self) -> GenerationStats:
        return GenerationStats(
            prompt_tokens=self.prompt,
            reused_tokens=self.reused,
            generated_tokens=len(self.ids) - self.prompt,
            prefill_seconds=self.prefill,
            decode_seconds=self.decode,
            stop_reason=self.reason,
            drafted_tokens=self.drafted,
            accepted_tokens=self.accepted,
            restored_tokens=self.restored,
            restore_seconds=self.restore,
        )


@dataclass(slots=True)
class _Guess:
    """Tokens that may come next and were read already: ``rows`` are the logits before them and after each."""

    tokens: list[int]
    rows: list[Logits]
    right: int = 0

    @property
    def logits(self) -> Logits:
        """The logits from which the next token is chosen."""
        return self.rows[self.right]

    def holds(self, token: int) -> bool:
        """Whether the next token was guessed to be ``token``."""
        if self.right == len(self.tokens) or self.tokens[self.right] != token:
            return False
        self.right += 1
        return True


class GeneratorService:
    """Owns one language model, its tokenizer and its cache; lives in the generator host, in one thread.

    Generations may overlap (their steps are served in turn): each finds its place in the cache again.
    """

    def __init__(self, folder: str, context_limit: int = CONTEXT_LIMIT, hardware: Hardware = providers.ANY) -> None:
        """Load the model in ``folder``, a folder of the model store. Raises ModelNotFound, UnsupportedModel."""
        path = Path(folder)
        found = manifest.read(path)
        if found is None:
            raise ModelNotFound(model=path.name)
        self._name = found.id
        self._limit = min(found.max_tokens, context_limit)
        self._tokenizer: Any = Tokenizer.from_file(str(path / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._disarmed = marks.disarming(self._tokenizer)
        self._template = ChatTemplate.load(path)
        self._hardware = hardware
        self._load = functools.partial(Decoder, path, found, self._limit)
        self.provider = providers.provider(hardware)
        self._decoder = self._opened()
        self._taken = 0  # how often a generation took the cache
        self._owner: int | None = None  # the conversation whose tokens the cache holds
        self._files = [path / name for name in sorted(found.files) if name.startswith(found.graph)]

    def context_length(self) -> int:
        """Return how many tokens prompt and answer may have together."""
        return self._limit

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text takes, by itself."""
        plain = [self._disarmed(text) for text in texts]
        return [len(each.ids) for each in self._tokenizer.encode_batch(plain, add_special_tokens=False)]

    def fits(self, messages: list[dict[str, str]]) -> int:
        """Return how many tokens of the context ``messages`` take as a prompt, template included."""
        return len(self._prompt(messages))

    def generate(
        self,
        messages: list[dict[str, str]],
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        stop: Sequence[str] = (),
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
    ) -> Iterator[str | GenerationStats]:
        """Yield the answer to ``messages`` in pieces, then one GenerationStats.

        While the prompt is read the pieces are empty: places to stop. Raises PromptTooLong, UnsupportedModel.
        """
        run = self._run(self._prompt(messages), max_tokens)
        sampler = Sampler(Sampling(temperature, top_k, top_p, min_p, repetition_penalty, seed), run.ids)
        text = TextStream(self._tokenizer, stop)
        for token in self._tokens(run, sampler, PromptLookup(run.ids)):
            yield "" if token is None else text.push(token)
            if text.stopped:
                run.reason = "stop"
                break
        yield text.finish()
        yield run.stats()

    def tokens(
        self,
        prompt: Sequence[int],
        max_tokens: int,
        sampling: Sampling | None = None,
        drafts: Callable[[list[int]], DraftSource] = PromptLookup,
    ) -> Iterator[int]:
        """Yield the tokens that follow ``prompt``, without template or text.

        ``drafts`` makes the source of guesses from the list that holds the prompt and takes up what follows.
        """
        run = Run(list(prompt), len(prompt), len(prompt) + max_tokens)
        found = self._tokens(run, Sampler(sampling or Sampling(), prompt), drafts(run.ids))
        return (token for token in found if token is not None)

    def save_cache(self, path: str) -> int:
        """Write the tokens read last, with their keys and values, to file ``path``; return how many. Raises OSError."""
        return snapshot.save(Path(path), self._decoder, self._fingerprint)

    def load_cache(self, path: str) -> int:
        """Take up what :meth:`save_cache` wrote; return the number of tokens, whose prefix the next prompt can reuse.

        0, and nothing changed, where the file is missing, damaged, of another model or longer than the context.
        """
        tokens = snapshot.load(Path(path), self._decoder, self._fingerprint, self._limit)
        if tokens:
            self._taken += 1  # generations that run find out that the cache is not theirs any more
        return tokens

    def _opened(self) -> Decoder:
        """Return the model on the best provider that takes it. Raises UnsupportedModel when even the CPU does not."""
        while True:
            try:
                return self._load(self.provider.name, self._hardware)
            except UnsupportedModel:
                if self.provider.name == CPU:
                    raise
                self._pass_over(N_("The model could not be opened on it."))

    def _pass_over(self, why: str) -> None:
        """Take the next provider, for this host's life."""
        lost = (*self._hardware.lost, (self.provider.name, why))
        self._hardware = msgspec.structs.replace(self._hardware, lost=lost)
        self.provider = providers.provider(self._hardware)

    def _run(self, prompt: list[int], max_tokens: int) -> Run:
        """Return what goes on from ``prompt``. Raises PromptTooLong."""
        if len(prompt) >= self._limit:
            raise PromptTooLong(model=self._name, tokens=len(prompt), limit=self._limit)
        return Run(prompt, len(prompt), len(prompt) + max_tokens)

    def _tokens(self, run: Run, sampler: Sampler, drafts: DraftSource) -> Iterator[int | None]:
        """Yield None for each step of the prompt and then the tokens; ``run`` is kept up to date."""
        run.reused = min(common_prefix(self._decoder.ids, run.ids), run.prompt - 1)
        logits = yield from self._read(run, pausing=True)
        guess = _Guess([], [logits])
        while self._left(run) > 0:
            token = sampler.pick(guess.logits)
            if token in self._decoder.stop_ids:
                run.reason = "stop"
                return
            run.ids.append(token)
            yield token
            if not self._left(run):
                break
            if guess.holds(token):
                run.accepted += 1
                continue
            if guess.tokens:
                drafts.learn(len(guess.tokens), guess.right)
            if run.number == self._taken:
                guess = self._advance(run, drafts)
            else:  # another generation used the cache meanwhile
                guess = _Guess([], [(yield from self._read(run, pausing=False))])
        run.reason = "length" if run.wanted <= self._limit else "context"

    def _left(self, run: Run) -> int:
        """Return how many more tokens are allowed."""
        return max(0, min(run.wanted, self._limit) - len(run.ids))

    def _advance(self, run: Run, drafts: DraftSource) -> _Guess:
        """Read the newest token, and with it those that may follow it."""
        start = time.perf_counter()
        self._decoder.cut(len(run.ids) - 1)  # a guess that was wrong
        proposed = drafts.propose(self._left(run) - 1) if self._decoder.drafts else []
        rows = self._decoder.extend([run.ids[-1], *proposed])
        run.decode += time.perf_counter() - start
        run.drafted += len(rows) - 1
        return _Guess(proposed[: len(rows) - 1], list(rows))

    def _read(self, run: Run, *, pausing: bool) -> Generator[None, None, Logits]:
        """Bring the cache to ``run``, step by step if ``pausing``, and return the logits after its last token."""
        while True:
            self._taken += 1
            run.number, self._owner = self._taken, run.conversation
            steps = self._decoder.read(run.ids)
            while run.number == self._taken:
                start = time.perf_counter()
                logits = next(steps)
                run.prefill += time.perf_counter() - start
                if logits is not None:
                    return logits
                if pausing:
                    yield
            pausing = False  # two that take the cache from each other at every pause would never get anywhere

    @functools.cached_property
    def _fingerprint(self) -> str:
        return snapshot.fingerprint(self._files)

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return ``messages`` as tokens, written by the model's template if it has one."""
        return self._encoded(self._written(messages))

    def _written(
        self, messages: Sequence[Message], *, thinking: bool = False, tools: Sequence[Mapping[str, Any]] = ()
    ) -> str:
        said: list[Message] = [{**each, "content": self._disarmed(each["content"])} for each in messages]
        if self._template is None:
            return template.plain(said)
        offered = [marks.in_all_texts(self._disarmed, each) for each in tools]
        return self._template.render(said, thinking=thinking, tools=offered or None)

    def _encoded(self, prompt: str) -> list[int]:
        # A template writes the special tokens itself; without one the tokenizer adds them.
        ids: list[int] = self._tokenizer.encode(prompt, add_special_tokens=self._template is None).ids
        return ids or [min(self._decoder.stop_ids, default=0)]  # a model has to read something before it can write
