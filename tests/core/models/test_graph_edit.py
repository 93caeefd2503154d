"""Editing a graph without the onnx package: what onnx thinks of the result, and what the result computes."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from kotaemon_desktop.core.models.graph_edit import CHOICE, with_choice, with_steady_attention

HIDDEN = np.random.default_rng(1).normal(size=(1, 9, 4)).astype(np.float32)


def model(*tail, head="MatMul", extra=()):
    """A graph whose hidden states go through ``head`` and then through ``tail`` to the logits."""
    weight = numpy_helper.from_array(np.random.default_rng(2).normal(size=(4, 6)).astype(np.float32), "weight")
    scale = numpy_helper.from_array(np.array(2.0, np.float32), "scale")
    nodes = [helper.make_node("Abs", ["hidden"], ["state"]), helper.make_node(head, ["state", "weight"], ["out0"])]
    for number, operator in enumerate(tail):
        inputs = [f"out{number}", "scale"] if operator in ("Mul", "Div") else [f"out{number}"]
        to = {"to": TensorProto.FLOAT} if operator == "Cast" else {}
        nodes.append(helper.make_node(operator, inputs, [f"out{number + 1}"], **to))
    nodes[-1].output[0] = "logits"
    inputs = [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["batch", "tokens", 4]), *extra]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "tokens", 6])]
    graph = helper.make_graph(nodes, "a", inputs, outputs, [weight, scale])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(content, **inputs):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"hidden": HIDDEN, **inputs})[0]


@pytest.mark.parametrize("tail", [(), ("Cast",), ("Div", "Tanh", "Mul")])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_the_last_rows_are_the_same(tail, count):
    plain = model(*tail).SerializeToString()
    edited = with_choice(plain)
    onnx.checker.check_model(onnx.load_from_string(edited), full_check=True)
    np.testing.assert_array_equal(run(edited, **{CHOICE: np.array([count])}), run(plain)[:, -count:])


def test_everything_else_stays():
    before, after = model("Tanh"), onnx.load_from_string(with_choice(model("Tanh").SerializeToString()))
    assert [each.name for each in after.graph.input] == ["hidden", CHOICE]
    assert after.opset_import == before.opset_import
    assert after.graph.output == before.graph.output
    assert [n.op_type for n in after.graph.node] == ["Abs", "Neg", "Slice", "MatMul", "Tanh"]
    assert list(after.graph.initializer)[:2] == list(before.graph.initializer)


def test_graphs_that_have_the_choice_or_another_head_stay_as_they_are():
    mine = helper.make_tensor_value_info(CHOICE, TensorProto.INT64, [])
    assert with_choice(model(extra=[mine]).SerializeToString()) is None
    assert with_choice(model("Softmax").SerializeToString()) is None  # not known to keep tokens apart
    assert with_choice(b"") is None
    assert with_steady_attention(model().SerializeToString()) is None


def attention():
    """A graph of one GroupQueryAttention over a packed query, key and value, and a buffer of 16 tokens."""
    floats = {"qkv": [1, "tokens", 32], "past_key": [1, 1, 16, 8], "past_value": [1, 1, 16, 8]}
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in floats.items()]
    inputs += [helper.make_tensor_value_info("before", TensorProto.INT32, [1])]
    inputs += [helper.make_tensor_value_info("total", TensorProto.INT32, [])]
    outputs = [helper.make_tensor_value_info("seen", TensorProto.FLOAT, [1, "tokens", 16])]
    names = ["qkv", "", "", "past_key", "past_value", "before", "total"]
    options = {"num_heads": 2, "kv_num_heads": 1, "domain": "com.microsoft"}
    node = helper.make_node("GroupQueryAttention", names, ["seen", "key", "value"], **options)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(helper.make_graph([node], "a", inputs, outputs), opset_imports=opsets, ir_version=8)


def test_attention_with_one_token_more_sees_the_same():
    plain = attention().SerializeToString()
    steady = with_steady_attention(plain)
    operators = [node.op_type for node in onnx.load_from_string(steady).graph.node]
    assert operators == ["Pad", "GroupQueryAttention", "Slice"]
    random = np.random.default_rng(3)
    inputs = {name: random.normal(size=(1, 1, 16, 8)).astype(np.float32) for name in ("past_key", "past_value")}
    qkv = random.normal(size=(1, 4, 32)).astype(np.float32)

    def see(content, tokens, more):
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        lengths = {"before": np.array([tokens + more + 2], np.int32), "total": np.array(tokens + more + 3, np.int32)}
        return session.run(["seen"], {"qkv": qkv[:, :tokens], **inputs, **lengths})[0]

    np.testing.assert_allclose(see(steady, 4, 1), see(plain, 4, 0), atol=1e-6)
    np.testing.assert_array_equal(see(steady, 1, 1), see(steady, 4, 1)[:, :1])


def test_a_middle_that_others_read_too_is_left_alone():
    shared = model("Tanh")
    shared.graph.node.append(helper.make_node("Neg", ["out0"], ["other"]))
    assert with_choice(shared.SerializeToString()) is None
