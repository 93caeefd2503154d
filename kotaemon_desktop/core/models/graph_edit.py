"""Edits a language model's graph in memory as it is loaded: fewer logits, and attention that rounds as it always does.

The few fields of onnx.proto that this takes are read and written directly: running a model needs no onnx package.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kotaemon_desktop.core.models.wire import Field, fields, integer, message, text

CHOICE = "num_logits_to_keep"  # the input's name in graphs that are exported with it
_LOGITS = "logits"
_HEADS = {"MatMul", "MatMulNBits"}  # operators that work on each token by itself, the hidden state as first input
_BETWEEN = {"Cast", "Div", "Tanh", "Mul"}  # what may stand between the head and the logits: float16, soft caps
_ATTENTION = "GroupQueryAttention"
_MODEL_GRAPH = 7  # field numbers of onnx.proto
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_INPUT = 1, 5, 11
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_OPERATOR = 1, 2, 3, 4
_INT64 = 7


@dataclass(frozen=True, slots=True)
class _Node:
    """One operator of the graph, and where it stands in the graph's message."""

    field: Field
    operator: str
    inputs: list[str]
    outputs: list[str]


def with_choice(model: bytes) -> bytes | None:
    """Return the ONNX file ``model`` with the input ``num_logits_to_keep`` (int64 [1]), its logits the last so many.

    The logits of every token of a prompt are a quarter of the work and hundreds of megabytes. None where the file has
    that input already, or where its head is none that is known here.
    """

    def edit(graph: bytes) -> bytes | None:
        inputs = {_name(graph[each.body : each.end]) for each in fields(graph) if each.number == _GRAPH_INPUT}
        head = _head(list(_nodes(graph)))
        if CHOICE in inputs or head is None:
            return None
        cut = _operator("Neg", [CHOICE], _mine("first")) + _operator(
            "Slice", [head.inputs[0], _mine("first"), _mine("end"), _mine("axis")], _mine("last")
        )
        body = _renamed(graph[head.field.body : head.field.end], {_NODE_INPUT: {0: _mine("last")}})
        edited = graph[: head.field.start] + cut + message(_GRAPH_NODE, body) + graph[head.field.end :]
        return edited + _numbers("end", 2**31) + _numbers("axis", 1) + _one_integer_input(CHOICE)

    return _with_graph(model, edit)


def with_steady_attention(model: bytes) -> bytes | None:
    """Return the ONNX file ``model``, each GroupQueryAttention of which reads one more token than the run has.

    On the CPU this operator rounds differently for one token than for several, and where activations are quantised the
    last bit grows into another text: guesses that are checked together would not be exact. What is added is zeros,
    comes last and is thrown away; its keys and values are written over by the next token. The mask has to count it.
    None where there is no such operator.
    """

    def edit(graph: bytes) -> bytes | None:
        parts: list[bytes] = []
        place = 0
        for number, node in enumerate(each for each in _nodes(graph) if each.operator == _ATTENTION):
            longer = {index: _mine(f"longer{number}.{index}") for index in range(3) if node.inputs[index]}
            body = graph[node.field.body : node.field.end]
            renamed = _renamed(body, {_NODE_INPUT: longer, _NODE_OUTPUT: {0: _mine(f"seen{number}")}})
            parts += (
                graph[place : node.field.start],
                *(_operator("Pad", [node.inputs[index], _mine("pads")], name) for index, name in longer.items()),
                message(_GRAPH_NODE, renamed),
                _operator("Slice", [_mine(f"seen{number}"), *map(_mine, ("from", "until", "along"))], node.outputs[0]),
            )
            place = node.field.end
        if not parts:
            return None
        numbers = _numbers("from", 0) + _numbers("until", -1) + _numbers("along", 1)
        return b"".join((*parts, graph[place:], _numbers("pads", 0, 0, 0, 0, 1, 0), numbers))

    return _with_graph(model, edit)


def _with_graph(model: bytes, edit: Callable[[bytes], bytes | None]) -> bytes | None:
    """Return ``model`` with its graph as ``edit`` returns it, or None where it returns none."""
    found = next((each for each in fields(model) if each.number == _MODEL_GRAPH), None)
    edited = edit(model[found.body : found.end]) if found else None
    if found is None or edited is None:
        return None
    return model[: found.start] + message(_MODEL_GRAPH, edited) + model[found.end :]


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


def _nodes(graph: bytes) -> Iterator[_Node]:
    for place in fields(graph):
        if place.number != _GRAPH_NODE:
            continue
        node = graph[place.body : place.end]
        parts = [(each.number, node[each.body : each.end]) for each in fields(node)]
        operator = next((body.decode() for number, body in parts if number == _NODE_OPERATOR), "")
        inputs = [body.decode() for number, body in parts if number == _NODE_INPUT]
        outputs = [body.decode() for number, body in parts if number == _NODE_OUTPUT]
        yield _Node(place, operator, inputs, outputs)


def _renamed(node: bytes, names: dict[int, dict[int, str]]) -> bytes:
    """Return the NodeProto ``node`` with other ``names``, by field number and then by place."""
    parts: list[bytes] = []
    counts = dict.fromkeys(names, 0)
    for each in fields(node):
        other = None
        if each.number in counts:
            other = names[each.number].get(counts[each.number])
            counts[each.number] += 1
        parts.append(node[each.start : each.end] if other is None else text(each.number, other))
    return b"".join(parts)


def _name(value_info: bytes) -> str:
    return next((value_info[each.body : each.end].decode() for each in fields(value_info) if each.number == 1), "")


def _mine(name: str) -> str:
    """Return a name that no graph has yet."""
    return f"kotaemon.{name}"


def _operator(operator: str, inputs: list[str], output: str) -> bytes:
    """Return a NodeProto of the graph."""
    named = b"".join(text(_NODE_INPUT, name) for name in inputs)
    body = named + text(_NODE_OUTPUT, output) + text(_NODE_NAME, _mine(output)) + text(_NODE_OPERATOR, operator)
    return message(_GRAPH_NODE, body)


def _numbers(name: str, *values: int) -> bytes:
    """Return a TensorProto of the graph: int64 [values], its dims, data_type, name and raw_data."""
    raw = struct.pack(f"<{len(values)}q", *values)
    body = integer(1, len(values)) + integer(2, _INT64) + text(8, _mine(name)) + message(9, raw)
    return message(_GRAPH_TENSOR, body)


def _one_integer_input(name: str) -> bytes:
    """Return a ValueInfoProto of the graph: name, and a TypeProto that says int64 [1]."""
    shape = message(1, integer(1, 1))
    tensor = integer(1, _INT64) + message(2, shape)
    return message(_GRAPH_INPUT, text(1, name) + message(2, message(1, tensor)))
