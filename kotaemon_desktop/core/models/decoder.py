"""Runs a language model's graph: tokens in, logits out, with what it has read kept for the next run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.models import architecture, graph_edit, providers
from kotaemon_desktop.core.models.cache import GrowingCache, Shape, SharedCache
from kotaemon_desktop.core.models.manifest import Manifest
from kotaemon_desktop.core.models.session import CPU, open_session
from kotaemon_desktop.core.records import Hardware

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kotaemon_desktop.core.models.cache import Block

    Logits = NDArray[np.float32]

CHUNK = 128  # tokens of a prompt at a time: the logits of a long one would be hundreds of megabytes
_EDITABLE = 64 << 20  # bytes: a graph with its weights inside would be in memory twice
_NEAR = 1e-4  # of the largest logit: what rounding alone may change
_TYPES: dict[str, Any] = {
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}


class Decoder:
    """Owns one model's session and cache; lives in the generator host, in one thread.

    ``ids`` are the tokens whose keys and values the cache holds. ``drafts`` says whether several tokens read at once
    give the same logits as one after the other: taken for granted until the first time that several are read.
    """

    def __init__(
        self, folder: Path, model: Manifest, limit: int, provider: str = CPU, hardware: Hardware = providers.ANY
    ) -> None:
        """Load ``model`` from ``folder`` on ``provider``, to read up to ``limit`` tokens. Raises UnsupportedModel."""
        self._name = model.id
        graph = folder / model.graph
        self._device, self._device_id = providers.cache_device(provider), hardware.device
        shared = architecture.shares_buffers(folder, model)
        content, self._spare = _edited(graph, steady=shared and provider == CPU)
        self._session: Any = open_session(
            graph, providers.configured(provider, hardware), content=content, most_threads=hardware.threads
        )
        self._inputs: dict[str, Any] = {each.name: each for each in self._session.get_inputs()}
        found = architecture.read(folder, list(self._inputs))
        self.stop_ids = found.stop_ids
        self._plain = [name for name in self._inputs if name not in found.cache]
        self._check(found)
        self.shape = self._shape(found, limit + self._spare)
        self._cache: SharedCache | GrowingCache = (SharedCache if shared else GrowingCache)(self.shape)
        self._binding: Any = self._session.io_binding()
        ones = self._type("attention_mask") if "attention_mask" in self._inputs else np.int64
        self._ones = np.ones((1, limit + self._spare), ones)
        self._last: Any = None  # the logits of the last run over one token
        self.ids: list[int] = []
        self.drafts = True
        self._proven = False

    def read(self, ids: Sequence[int], chunk: int = CHUNK) -> Iterator[Logits | None]:
        """Bring the cache to ``ids``, ``chunk`` tokens a step, reusing the prefix that it holds already.

        Yields None after each step but the last, and the logits (float32 [vocabulary]) after the last one.
        """
        # The last token is always read again: its logits are what the caller is after.
        same = min(common_prefix(self.ids, ids), len(ids) - 1)
        self.cut(same)
        while len(self.ids) < len(ids):
            step = ids[len(self.ids) : len(self.ids) + chunk]
            last = len(self.ids) + len(step) == len(ids)
            logits = self._run(step)
            yield _rows(logits, 1)[0] if last else None

    def append(self, token: int) -> Logits:
        """Read one more token and return the logits after it."""
        return self.extend([token])[0]

    def extend(self, tokens: Sequence[int]) -> Logits:
        """Read ``tokens`` in one run and return the logits after each: float32 [tokens, vocabulary].

        The first time it reads several it is put to the proof, and reads but the first: then the rows are one.
        """
        if len(tokens) > 1 and not self._proven:
            return self._prove(tokens)
        return _rows(self._run(tokens, len(tokens)), len(tokens))

    def _prove(self, tokens: Sequence[int]) -> Logits:
        """Read the first of ``tokens`` alone and among the others, and see whether that is the same; return its logits.

        Quantised activations can share one scale, kernels can round by the number of tokens, and some graphs give the
        last logits only: no guess could be trusted then.
        """
        rows = _rows(self._run(tokens, len(tokens)), len(tokens))
        self.cut(len(self.ids) - len(tokens))
        alone = _rows(self._run(tokens[:1]), 1)
        near = float(np.abs(rows[0] - alone[0]).max()) <= _NEAR * float(np.abs(alone).max())
        self.drafts = len(rows) == len(tokens) and near
        self._proven = True
        return alone

    def cut(self, length: int) -> None:
        """Forget all tokens but the first ``length``."""
        if length < len(self.ids):
            self._cache.cut(length)
            del self.ids[length:]

    def clear(self) -> None:
        """Forget all tokens and give the memory of their keys and values back."""
        self.ids = []
        self._cache = type(self._cache)(self.shape)
        self._binding = self._session.io_binding()

    def blocks(self) -> Iterator[Block]:
        """Yield what the cache holds, layer by layer, to be given back to :meth:`restore`."""
        return self._cache.blocks(len(self.ids))

    def restore(self, ids: Sequence[int], blocks: Iterable[Block]) -> None:
        """Hold ``ids`` and their keys and values, which :meth:`blocks` gave before."""
        self._cache.restore(blocks, len(ids))
        self.ids = list(ids)

    def _run(self, step: Sequence[int], wanted: int = 1) -> Any:
        """Run the graph over ``step`` and return the OrtValue of its logits [1, tokens, vocabulary].

        Of the tokens at least the last ``wanted`` are there, where the graph gives them at all. The next run overwrites
        the logits of a single token: asking the binding for them would wrap each output, the cache's too.
        """
        length = len(self.ids)
        binding = self._binding
        for name in self._plain:
            binding.bind_cpu_input(name, self._feed(name, length, step, wanted))
        rows = wanted if graph_edit.CHOICE in self._inputs else len(step)
        logits = self._last if rows == 1 else None
        if logits is None:
            binding.bind_output("logits", "cpu")
        else:
            binding.bind_ortvalue_output("logits", logits)
        self._cache.bind(binding, length, len(step) + self._spare)
        try:
            self._session.run_with_iobinding(binding)
        except Exception:
            self.cut(0)  # a cache that was half written is worth nothing
            raise
        if logits is None:
            logits = binding.get_outputs()[0]
            self._last = logits if rows == 1 else self._last
        self._cache.keep(binding)
        self.ids.extend(step)
        return logits

    def _feed(self, name: str, length: int, step: Sequence[int], wanted: int) -> Any:
        if name == "attention_mask":
            return np.ascontiguousarray(self._ones[:, : length + len(step) + self._spare])
        if name == "position_ids":
            return np.arange(length, length + len(step), dtype=self._type(name))[None]
        if name == graph_edit.CHOICE:
            return np.full([1] * len(self._inputs[name].shape), wanted, self._type(name))
        return np.array([step], self._type(name))

    def _type(self, name: str) -> Any:
        return _TYPES.get(self._inputs[name].type)

    def _check(self, found: architecture.Architecture) -> None:
        """Raise UnsupportedModel for a graph with inputs or types that this loop does not know."""
        known = {"input_ids", "attention_mask", "position_ids", graph_edit.CHOICE}
        unknown = sorted(set(self._plain) - known)
        outputs = {each.name for each in self._session.get_outputs()}
        lacking = [] if found.cache else ["past_key_values"]
        lacking += sorted({"logits", *found.cache.values()} - outputs)
        strange = sorted(name for name in self._inputs if self._type(name) is None)
        for names in (unknown, lacking, strange):
            if names:
                raise UnsupportedModel(model=self._name, detail=", ".join(names[:3]))

    def _shape(self, found: architecture.Architecture, limit: int) -> Shape:
        first = next(iter(found.cache))
        _, heads, _, size = self._inputs[first].shape
        heads = heads if isinstance(heads, int) else found.heads
        size = size if isinstance(size, int) else found.head_size
        if not heads or not size:
            raise UnsupportedModel(model=self._name, detail=f"{first}: shape")
        return Shape(found.cache, heads, size, self._type(first), self._device, limit, self._device_id)


def _edited(graph: Path, *, steady: bool) -> tuple[bytes | None, int]:
    """Return ``graph`` with what :mod:`graph_edit` can better, or None where the file has to serve as it is.

    With it comes how many tokens its attention reads beyond those of a run: 1 if ``steady`` was wanted and can be.
    """
    if graph.stat().st_size > _EDITABLE:
        return None, 0
    content = graph.read_bytes()
    chosen = graph_edit.with_choice(content)
    held = graph_edit.with_steady_attention(chosen or content) if steady else None
    return held or chosen, int(held is not None)


def _rows(logits: Any, wanted: int) -> Logits:
    """Return a copy of the last ``wanted`` rows of the OrtValue ``logits``: float32 [up to wanted, vocabulary]."""
    return logits.numpy()[0, -wanted:].astype(np.float32)


def common_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens ``one`` and ``other`` begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
