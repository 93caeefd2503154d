"""Writes a BERT encoder as an ONNX graph from its weights, in float32 or with int8 weights.

The int8 form quantises each matrix per output channel and the word table per row, symmetrically; activations are
quantised at run time (operator ``DynamicQuantizeMatMul`` of ONNX Runtime). Lives in a host: needs ``onnx`` and numpy.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from io import BufferedWriter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import onnx
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_ORT = "com.microsoft"
# 7 bits of weight: on processors without VNNI two products of 8-bit weights overflow their 16-bit sum unnoticed.
_LARGEST = 63
_BLOCK = 256  # channels with a scale of their own, at most
_IN_INT8 = 4  # accuracy_level of MatMulNBits: activations become int8 as well
_PAGE = 4096  # offsets that can be mapped


class Weights(Mapping[str, "Array"]):
    """The tensors of a ``.safetensors`` file, mapped: read when looked at. Only float32 and int64 are known."""

    _TYPES = {"F32": "<f4", "I64": "<i8"}  # noqa: RUF012 - a constant

    def __init__(self, file: Path) -> None:
        self._bytes = np.memmap(file, np.uint8, "r")
        (length,) = struct.unpack("<Q", self._bytes[:8].tobytes())
        header = json.loads(self._bytes[8 : 8 + length].tobytes())
        self._start = 8 + length
        self._entries: dict[str, Any] = {name: entry for name, entry in header.items() if name != "__metadata__"}

    def __getitem__(self, name: str) -> Array:
        entry = self._entries[name]
        first, last = (self._start + offset for offset in entry["data_offsets"])
        # A copy: offsets in the file need not be aligned.
        return np.frombuffer(self._bytes[first:last].tobytes(), self._TYPES[entry["dtype"]]).reshape(entry["shape"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def write(
    weights: Mapping[str, Array], config: Mapping[str, Any], precision: Literal["float32", "int8"], graph: Path
) -> None:
    """Write the file ``graph``, and its weights beside it as ``<graph>.data``, where ONNX Runtime maps them.

    The graph takes ``input_ids`` and ``attention_mask`` (int64 [batch, tokens]) to ``last_hidden_state`` (float32
    [batch, tokens, hidden]). ``weights`` are named as in a Hugging Face BertModel and ``config`` is its config.json.
    """
    with graph.with_name(f"{graph.name}.data").open("wb") as data:
        model = _Writer(weights, config, data, int8=precision == "int8").model()
    graph.write_bytes(model.SerializeToString())


class _Writer:
    """Collects the nodes of one graph and writes its tensors out as they come."""

    def __init__(
        self, weights: Mapping[str, Array], config: Mapping[str, Any], data: BufferedWriter, *, int8: bool
    ) -> None:
        self._weights = weights
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._hidden = int(config["hidden_size"])
        self._epsilon = float(config["layer_norm_eps"])
        self._data = data
        self._int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        hidden = self._embeddings()
        mask = self._add("Cast", ["attention_mask"], to=onnx.TensorProto.INT32)
        for layer in range(self._layers):
            hidden = self._layer(layer, hidden, mask)
        self._nodes[-1].output[0] = "last_hidden_state"
        axes = ["batch", "tokens"]
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(n, onnx.TensorProto.INT64, axes) for n in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("last_hidden_state", onnx.TensorProto.FLOAT, [*axes, self._hidden])],
            self._tensors,
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_ORT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="kotaemon-desktop")

    def _embeddings(self) -> str:
        tables = {name: self._weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position")}
        # All text is of token type 0: its one row is part of every position.
        places = tables["position"] + self._weights["embeddings.token_type_embeddings.weight"][0]
        words = self._words(tables["word"])
        length = self._add("Shape", ["input_ids"], start=1, end=2)
        zero, place = self._constant("zero", np.zeros(1, np.int64)), self._tensor("places", places)
        together = self._add("Add", [words, self._add("Slice", [place, zero, length, zero])])
        scale, shift = self._pair("embeddings.LayerNorm")
        return self._add("LayerNormalization", [together, scale, shift], axis=-1, epsilon=self._epsilon)

    def _words(self, table: Array) -> str:
        if not self._int8:
            return self._add("Gather", [self._tensor("words", table), "input_ids"])
        scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
        rounded = np.rint(table / scale).astype(np.int8)
        small = self._add("Gather", [self._tensor("words", rounded), "input_ids"])
        scales = self._add("Gather", [self._tensor("word_scales", scale.astype(np.float32)), "input_ids"])
        return self._add("Mul", [self._add("Cast", [small], to=onnx.TensorProto.FLOAT), scales])

    def _layer(self, number: int, hidden: str, mask: str) -> str:
        name = f"encoder.layer.{number}."
        three = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        before = f"encoder.layer.{number - 1}.output" if number else "embeddings"
        joined = self._linear(f"{name}attention.self", hidden, three, self._normed(before), bias=True)
        query, key, value = self._split(joined, 3)
        seen = self._add("MultiHeadAttention", [query, key, value, "", mask], domain=_ORT, num_heads=self._heads)
        values = self._projected(three[2], before)
        dense = self._linear(f"{name}attention.output", seen, [f"{name}attention.output.dense"], values)
        hidden = self._residual(f"{name}attention.output", dense, hidden)
        inside = [f"{name}intermediate.dense"]
        wide = self._linear(f"{name}intermediate", hidden, inside, self._normed(f"{name}attention.output"))
        bias = self._tensor(f"{name}intermediate.bias", self._weights[f"{name}intermediate.dense.bias"])
        active = self._add("BiasGelu", [wide, bias], domain=_ORT)
        return self._residual(f"{name}output", self._blocked(f"{name}output", active), hidden)

    def _residual(self, name: str, dense: str, skip: str) -> str:
        """Return LayerNorm(``dense`` + bias + ``skip``)."""
        bias = self._tensor(f"{name}.bias", self._weights[f"{name}.dense.bias"])
        inputs = [dense, skip, *self._pair(f"{name}.LayerNorm"), bias]
        return self._add("SkipLayerNormalization", inputs, domain=_ORT, epsilon=self._epsilon)

    def _linear(self, name: str, inside: str, parts: list[str], reach: Array, *, bias: bool = False) -> str:
        """Return ``inside`` times the joined matrices of ``parts``, plus their biases if ``bias``.

        ``reach`` says how large each channel of ``inside`` becomes. All channels share one int8 scale: what the large
        ones have too much goes into the matrix first, half and half (SmoothQuant, arXiv 2211.10438).
        """
        matrix = np.concatenate([self._weights[f"{part}.weight"] for part in parts]).T
        shift = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        shifts = [self._tensor(f"{name}.shift", shift)] if bias else []
        if not self._int8:
            product = self._add("MatMul", [inside, self._tensor(f"{name}.matrix", matrix)])
            return self._add("Add", [product, *shifts]) if bias else product
        excess = np.sqrt(reach / np.maximum(np.abs(matrix).max(axis=1), 1e-6))
        excess /= np.exp(np.log(excess).mean())
        even = self._add("Mul", [inside, self._tensor(f"{name}.evened", (1 / excess).astype(np.float32))])
        matrix = matrix * excess[:, None]
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / _LARGEST
        rounded = self._tensor(f"{name}.matrix", np.rint(matrix / scale).astype(np.int8))
        scales = self._tensor(f"{name}.scales", scale.astype(np.float32))
        return self._add("DynamicQuantizeMatMul", [even, rounded, scales, "", *shifts], domain=_ORT)

    def _blocked(self, name: str, inside: str) -> str:
        """Return ``inside`` times the second matrix of a layer's feed-forward part.

        A few tokens reach far beyond all others there: int8 takes a scale for each block of channels.
        """
        matrix = self._weights[f"{name}.dense.weight"]
        if not self._int8:
            return self._add("MatMul", [inside, self._tensor(f"{name}.matrix", matrix.T)])
        rows, channels = matrix.shape
        block = min(_BLOCK, channels & -channels)  # a power of two that divides them
        blocks = matrix.reshape(rows, channels // block, block)
        scale = np.maximum(np.abs(blocks).max(axis=2), 1e-12) / 127
        rounded = (np.rint(blocks / scale[..., None]) + 128).astype(np.uint8)
        parts = [inside, self._tensor(f"{name}.matrix", rounded), self._tensor(f"{name}.scales", scale)]
        sizes = {"K": channels, "N": rows, "bits": 8, "block_size": block, "accuracy_level": _IN_INT8}
        return self._add("MatMulNBits", parts, domain=_ORT, **sizes)

    def _normed(self, name: str) -> Array:
        """Return how large the channels after a LayerNorm become: three deviations."""
        return np.abs(self._weights[f"{name}.LayerNorm.bias"]) + 3 * np.abs(self._weights[f"{name}.LayerNorm.weight"])

    def _projected(self, name: str, before: str) -> Array:
        """Return how large the channels of the linear layer ``name`` behind a LayerNorm become: two deviations."""
        scale, shift = (self._weights[f"{before}.LayerNorm.{part}"] for part in ("weight", "bias"))
        matrix = self._weights[f"{name}.weight"]
        mean = matrix @ shift + self._weights[f"{name}.bias"]
        return np.abs(mean) + 2 * np.sqrt((matrix * matrix) @ (scale * scale))

    def _pair(self, name: str) -> tuple[str, str]:
        return (
            self._tensor(f"{name}.weight", self._weights[f"{name}.weight"]),
            self._tensor(f"{name}.bias", self._weights[f"{name}.bias"]),
        )

    def _tensor(self, name: str, value: Array) -> str:
        self._data.write(bytes(-self._data.tell() % _PAGE))
        tensor = onnx.TensorProto(name=name, dims=value.shape, data_location=onnx.TensorProto.EXTERNAL)
        tensor.data_type = helper.np_dtype_to_tensor_dtype(value.dtype)
        place = {"location": Path(self._data.name).name, "offset": self._data.tell(), "length": value.nbytes}
        for key, fact in place.items():
            tensor.external_data.add(key=key, value=str(fact))
        self._data.write(value.tobytes())
        self._tensors.append(tensor)
        return name

    def _constant(self, name: str, value: Array) -> str:
        """Keep ``value`` in the graph itself: shape inference wants to see it."""
        self._tensors.append(numpy_helper.from_array(value, name))
        return name

    def _split(self, inside: str, count: int) -> list[str]:
        outputs = [f"split{len(self._nodes)}.{part}" for part in range(count)]
        self._nodes.append(helper.make_node("Split", [inside], outputs, axis=-1))
        return outputs

    def _add(self, operator: str, inputs: list[str], *, domain: str = "", **attributes: Any) -> str:
        output = f"{operator}{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output
