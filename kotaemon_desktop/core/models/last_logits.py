"""Gives a language model's graph the choice how many logits it computes, by editing the file's bytes.

The logits of every token of a prompt are a quarter of the work and hundreds of megabytes; only the last are wanted.
A graph without the input ``num_logits_to_keep`` gets it here, in memory, as the file is loaded: the few fields of
onnx.proto that this takes are read and written directly, so that the onnx package is not needed to run a model.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

INPUT = "num_logits_to_keep"
_LOGITS = "logits"
_HEADS = {"MatMul", "MatMulNBits"}  # operators that work on each token by itself, the hidden state as first input
_BETWEEN = {"Cast", "Div", "Tanh", "Mul"}  # what may stand between the head and the logits: float16, soft caps
_MODEL_GRAPH = 7  # field numbers of onnx.proto
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_INPUT = 1, 5, 11
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR = 1, 2, 4
_INT64 = 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a message: ``data[start:end]`` is all of it, ``data[body:end]`` what it holds."""

    number: int
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class _Node:
    """One operator of the graph, and where it stands in the graph's message."""

    field: _Field
    operator: str
    inputs: list[str]
    outputs: list[str]


def with_choice(model: bytes) -> bytes | None:
    """Return the ONNX file ``model`` with the input ``num_logits_to_keep`` (int64 [1]), its logits the last so many.

    None where the file has that input already, or where its head is none that is known here.
    """
    found = next((field for field in _fields(model) if field.number == _MODEL_GRAPH), None)
    if found is None:
        return None
    graph = model[found.body : found.end]
    inputs = {_name(graph[field.body : field.end]) for field in _fields(graph) if field.number == _GRAPH_INPUT}
    head = _head(_nodes(graph))
    if INPUT in inputs or head is None:
        return None
    return model[: found.start] + _message(_MODEL_GRAPH, _edited(graph, head)) + model[found.end :]


def _edited(graph: bytes, head: _Node) -> bytes:
    """Return ``graph`` with the hidden states cut to the last tokens before ``head``."""
    mine = {name: f"kotaemon.{name}" for name in ("first", "end", "axis", "last")}
    node = graph[head.field.body : head.field.end]
    first_input = next(field for field in _fields(node) if field.number == _NODE_INPUT)
    changed = node[: first_input.start] + _text(_NODE_INPUT, mine["last"]) + node[first_input.end :]
    pieces = (
        _operator("Neg", [INPUT], mine["first"]),
        _operator("Slice", [head.inputs[0], mine["first"], mine["end"], mine["axis"]], mine["last"]),
        _message(_GRAPH_NODE, changed),
    )
    return b"".join(
        (
            graph[: head.field.start],
            *pieces,
            graph[head.field.end :],
            _number(mine["end"], 2**31),
            _number(mine["axis"], 1),
            _one_integer_input(INPUT),
        )
    )


def _head(nodes: list[_Node]) -> _Node | None:
    """Return the operator that makes logits from hidden states, if all that follows works on each token by itself."""
    makers = {name: node for node in nodes for name in node.outputs}
    readers = [name for node in nodes for name in node.inputs]
    name = _LOGITS
    while (node := makers.get(name)) is not None:
        if node.operator in _HEADS:
            return node
        sources = [each for each in node.inputs if each in makers and makers[each].operator != "Constant"]
        if node.operator not in _BETWEEN or len(sources) != 1 or readers.count(sources[0]) != 1:
            return None
        name = sources[0]
    return None


def _nodes(graph: bytes) -> list[_Node]:
    nodes: list[_Node] = []
    for place in _fields(graph):
        if place.number != _GRAPH_NODE:
            continue
        node = graph[place.body : place.end]
        parts = [(field.number, node[field.body : field.end]) for field in _fields(node)]
        operator = next((body.decode() for number, body in parts if number == _NODE_OPERATOR), "")
        inputs = [body.decode() for number, body in parts if number == _NODE_INPUT]
        outputs = [body.decode() for number, body in parts if number == _NODE_OUTPUT]
        nodes.append(_Node(place, operator, inputs, outputs))
    return nodes


def _name(value_info: bytes) -> str:
    return next((value_info[each.body : each.end].decode() for each in _fields(value_info) if each.number == 1), "")


def _fields(data: bytes) -> Iterator[_Field]:
    """Yield the fields of the message ``data``. Raises ValueError, IndexError where it is none."""
    place = 0
    while place < len(data):
        start = place
        key, place = _varint(data, place)
        kind, body = key & 7, place
        if kind == _VARINT:
            _, place = _varint(data, place)
        elif kind == _BYTES:
            size, body = _varint(data, place)
            place = body + size
        elif kind in (_FIXED64, _FIXED32):
            place += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind}")
        yield _Field(key >> 3, start, body, place)


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _encoded(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))


def _message(number: int, body: bytes) -> bytes:
    return _encoded(number << 3 | _BYTES) + _encoded(len(body)) + body


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _integer(number: int, value: int) -> bytes:
    return _encoded(number << 3 | _VARINT) + _encoded(value)


def _operator(operator: str, inputs: list[str], output: str) -> bytes:
    """Return a NodeProto of the graph."""
    named = b"".join(_text(_NODE_INPUT, name) for name in inputs)
    body = named + _text(_NODE_OUTPUT, output) + _text(3, output) + _text(_NODE_OPERATOR, operator)
    return _message(_GRAPH_NODE, body)


def _number(name: str, value: int) -> bytes:
    """Return a TensorProto of the graph: int64 [1], its dims, data_type, name and raw_data."""
    body = _integer(1, 1) + _integer(2, _INT64) + _text(8, name) + _message(9, struct.pack("<q", value))
    return _message(_GRAPH_TENSOR, body)


def _one_integer_input(name: str) -> bytes:
    """Return a ValueInfoProto of the graph: name, and a TypeProto that says int64 [1]."""
    shape = _message(1, _integer(1, 1))
    tensor = _integer(1, _INT64) + _message(2, shape)
    return _message(_GRAPH_INPUT, _text(1, name) + _message(2, _message(1, tensor)))
