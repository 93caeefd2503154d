"""Sessions: the provider that really computes, and the options."""

import os

import onnx
import pytest
from onnx import helper

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.models import session


def test_the_probe_is_the_graph_that_it_says():
    info = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "probe", info[:1], info[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    assert model.SerializeToString() == session.PROBE


def test_a_provider_has_to_compute():
    assert session.computes(session.ON_CPU)
    assert not session.computes([("NoSuchExecutionProvider", {}), *session.ON_CPU])


def test_a_session_never_falls_back_without_a_word(decoder_folders):
    with pytest.raises(UnsupportedModel):
        session.open_session(decoder_folders.onnx / "onnx/model.onnx", [("NoSuchExecutionProvider", {})])


def test_threads_are_cores_that_may_be_used():
    assert 1 <= session.threads() <= len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else True


def test_options_of_a_session(decoder_folders):
    opened = session.open_session(decoder_folders.onnx / "onnx/model.onnx", arena=False)
    options = opened.get_session_options()
    assert options.intra_op_num_threads == session.threads()
    assert int(options.get_session_config_entry("session.intra_op.spin_duration_us")) <= 50
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"
    assert not options.enable_cpu_mem_arena


def test_a_broken_graph_is_a_clear_error(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(UnsupportedModel):
        session.open_session(tmp_path / "model.onnx")
