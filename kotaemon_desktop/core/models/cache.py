"""Keeps a decoder's keys and values between runs, on the device, in one of two ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Block = NDArray[Any]  # [1, heads, tokens, head size]: the keys or the values of one layer

_STEP = 512  # tokens by which shared buffers grow


@dataclass(frozen=True, slots=True)
class Shape:
    """One token of the cache, and where it lives. ``names`` maps inputs to outputs; ``limit`` is in tokens."""

    names: Mapping[str, str]
    heads: int
    head_size: int
    dtype: type[np.float32 | np.float16]
    device: str  # "cpu" or "cuda"
    limit: int
    device_id: int = 0

    @property
    def token_bytes(self) -> int:
        """How much one token takes."""
        return len(self.names) * self.heads * self.head_size * np.dtype(self.dtype).itemsize

    def value(self, tokens: int, kept: Block | None = None, keep: int = 0) -> Any:
        """Return an OrtValue for ``tokens`` tokens, the first ``keep`` of them as in ``kept``."""
        block = np.zeros((1, self.heads, tokens, self.head_size), self.dtype)
        if kept is not None:
            block[:, :, :keep] = kept[:, :, :keep]
        return onnxruntime.OrtValue.ortvalue_from_numpy(block, self.device, self.device_id)


class Cache(Protocol):
    """The keys and values of all tokens so far. Lives with its session and its binding, in one thread."""

    def bind(self, binding: Any, length: int, new: int) -> None:
        """Bind the cache of ``length`` tokens to a run over ``new`` more, after the outputs bound before."""
        ...

    def keep(self, binding: Any) -> None:
        """Take what the run gave for the outputs that :meth:`bind` bound."""
        ...

    def cut(self, length: int) -> None:
        """Forget all tokens but the first ``length``."""
        ...

    def blocks(self, length: int) -> Iterator[Block]:
        """Yield the keys or values of the first ``length`` tokens for each name, in the order of the names."""
        ...

    def restore(self, blocks: Iterable[Block], length: int) -> None:
        """Take the place of :meth:`blocks`: hold ``length`` tokens that were given out before."""
        ...


class SharedCache:
    """Past and present in one buffer for each name: nothing is copied from token to token."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._capacity = 0
        self._buffers: dict[str, Any] = {}
        self._bound = False  # the buffers stay bound from run to run

    def bind(self, binding: Any, length: int, new: int) -> None:
        if length + new > self._capacity:
            held = list(self.blocks(length)) if self._buffers else [None] * len(self._shape.names)
            self._fill(held, length, length + new)
        if not self._bound:
            for past, present in self._shape.names.items():
                binding.bind_ortvalue_input(past, self._buffers[past])
                binding.bind_ortvalue_output(present, self._buffers[past])
            self._bound = True

    def keep(self, binding: Any) -> None:
        """Nothing to do: the run wrote into the buffers."""

    def cut(self, length: int) -> None:
        """Nothing to do: what lies beyond the length is not read, and written over."""

    def blocks(self, length: int) -> Iterator[Block]:
        for name in self._shape.names:
            yield self._buffers[name].numpy()[:, :, :length]

    def restore(self, blocks: Iterable[Block], length: int) -> None:
        self._fill(blocks, length, length)

    def _fill(self, blocks: Iterable[Block | None], length: int, needed: int) -> None:
        """Make buffers for ``needed`` tokens and put ``length`` of them into them."""
        self._capacity = min(self._shape.limit, -(-needed // _STEP) * _STEP)
        for name, block in zip(self._shape.names, blocks, strict=True):
            self._buffers[name] = self._shape.value(self._capacity, block, length)
        self._bound = False


class GrowingCache:
    """The outputs of one run are the inputs of the next; ONNX Runtime allocates them."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._values: list[Any] = [shape.value(0) for _ in shape.names]

    def bind(self, binding: Any, length: int, new: int) -> None:  # noqa: ARG002 - the values know their length
        for (past, present), value in zip(self._shape.names.items(), self._values, strict=True):
            binding.bind_ortvalue_input(past, value)
            binding.bind_output(present, self._shape.device, self._shape.device_id)

    def keep(self, binding: Any) -> None:
        self._values = binding.get_outputs()[1:]
        # A binding that stays would hold the keys and values of the run before as well.
        binding.clear_binding_inputs()
        binding.clear_binding_outputs()

    def cut(self, length: int) -> None:
        self.restore(list(self.blocks(length)), length)

    def blocks(self, length: int) -> Iterator[Block]:
        for value in self._values:
            yield value.numpy()[:, :, :length]

    def restore(self, blocks: Iterable[Block], length: int) -> None:
        self._values = [self._shape.value(length, block, length) for block in blocks]
