"""Sessions: the provider that really computes, and the options."""

import os
import sys
from dataclasses import replace

import onnx
import pytest
from onnx import helper

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.models import session


@pytest.fixture
def fresh():
    session.provider.cache_clear()
    yield
    session.provider.cache_clear()


def test_the_probe_is_the_graph_that_it_says():
    info = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "probe", info[:1], info[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    assert model.SerializeToString() == session.PROBE


def test_a_provider_has_to_compute(fresh):
    assert session._computes("CPUExecutionProvider")
    assert not session._computes("NoSuchExecutionProvider")


@pytest.mark.parametrize(
    ("driver", "built", "computes", "name", "reason"),
    [
        (False, True, True, "CPUExecutionProvider", "no_driver"),
        (True, False, True, "CPUExecutionProvider", "not_built"),
        (True, True, False, "CPUExecutionProvider", "refused"),
        (True, True, True, "CUDAExecutionProvider", "works"),
    ],
)
def test_the_reason_tells_what_was_found(fresh, monkeypatch, driver, built, computes, name, reason):
    import onnxruntime

    offered = ["CUDAExecutionProvider"] if built else []
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [*offered, "CPUExecutionProvider"])
    monkeypatch.setattr(session, "_has_driver", lambda _: driver)
    monkeypatch.setattr(session, "_computes", lambda _: computes)
    expected = session.ProviderChoice(name, getattr(session._CANDIDATES[0], reason))
    assert session.ProbeService().provider() == expected
    assert session.provider_without_probing() == (None if driver else expected)


def test_a_driver_is_a_library_that_loads(monkeypatch):
    candidate = session._CANDIDATES[0]
    monkeypatch.setattr(sys, "platform", "linux")
    missing = replace(candidate, drivers={"linux": "libno-such-driver.so.1"})
    assert not session._has_driver(missing)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not session._has_driver(candidate)


def test_the_real_provider_here_computes(fresh):
    assert session._computes(session.provider().name)


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
