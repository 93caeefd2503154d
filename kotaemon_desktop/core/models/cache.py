"""Keeps a decoder's keys and values between runs, on the device, in one of two ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

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

    def value(self, tokens: int, kept: Any = None, keep: int = 0) -> Any:
        """Return an OrtValue for ``tokens`` tokens, the first ``keep`` of them as in the OrtValue ``kept``."""
        array = np.zeros((1, self.heads, tokens, self.head_size), self.dtype)
        if keep:
            array[:, :, :keep] = kept.numpy()[:, :, :keep]
        return onnxruntime.OrtValue.ortvalue_from_numpy(array, self.device, 0)


class Cache(Protocol):
    """The keys and values of all tokens so far. Lives with its session, in one thread."""

    def bind(self, binding: Any, length: int, new: int) -> None:
        """Bind the cache of ``length`` tokens to a run over ``new`` more, after the outputs bound before."""
        ...

    def keep(self, outputs: list[Any]) -> None:
        """Take the OrtValues that the run gave for the outputs that :meth:`bind` bound."""
        ...

    def cut(self, length: int) -> None:
        """Forget all tokens but the first ``length``."""
        ...


class SharedCache:
    """Past and present in one buffer for each name: nothing is copied from token to token."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._capacity = 0
        self._buffers: dict[str, Any] = {}

    def bind(self, binding: Any, length: int, new: int) -> None:
        if length + new > self._capacity:
            self._grow(length, length + new)
        for past, present in self._shape.names.items():
            binding.bind_ortvalue_input(past, self._buffers[past])
            binding.bind_ortvalue_output(present, self._buffers[past])

    def keep(self, outputs: list[Any]) -> None:
        """Nothing to do: the run wrote into the buffers."""

    def cut(self, length: int) -> None:
        """Nothing to do: what lies beyond the length is not read, and written over."""

    def _grow(self, length: int, needed: int) -> None:
        self._capacity = min(self._shape.limit, -(-needed // _STEP) * _STEP)
        for name in self._shape.names:
            self._buffers[name] = self._shape.value(self._capacity, self._buffers.get(name), length)


class GrowingCache:
    """The outputs of one run are the inputs of the next; ONNX Runtime allocates them."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._values: list[Any] = [shape.value(0) for _ in shape.names]

    def bind(self, binding: Any, length: int, new: int) -> None:  # noqa: ARG002 - the values know their length
        for (past, present), value in zip(self._shape.names.items(), self._values, strict=True):
            binding.bind_ortvalue_input(past, value)
            binding.bind_output(present, self._shape.device)

    def keep(self, outputs: list[Any]) -> None:
        self._values = outputs

    def cut(self, length: int) -> None:
        self._values = [self._shape.value(length, value, length) for value in self._values]
