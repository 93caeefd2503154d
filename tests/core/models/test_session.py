"""Sessions: the provider that really computes, the options, and two runtimes installed on top of each other."""

import os
from pathlib import Path

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


def test_the_reason_tells_what_was_looked_for(fresh, monkeypatch):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(session, "_has_driver", lambda _: False)
    assert session.provider() == session.ProviderChoice("CPUExecutionProvider", session._CANDIDATES[0].no_driver)
    session.provider.cache_clear()
    monkeypatch.setattr(session, "_has_driver", lambda _: True)
    monkeypatch.setattr(session, "_computes", lambda _: False)
    assert session.provider() == session.ProviderChoice("CPUExecutionProvider", session._CANDIDATES[0].refused)
    session.provider.cache_clear()
    monkeypatch.setattr(session, "_computes", lambda _: True)
    assert session.provider() == session.ProviderChoice("CUDAExecutionProvider", session._CANDIDATES[0].works)
    session.provider.cache_clear()
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert "no GPU" in session.provider().why


def test_the_real_provider_here_computes(fresh):
    assert session._computes(session.provider().name)


def test_threads_are_cores_that_may_be_used():
    assert 1 <= session.threads() <= len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else True


def test_options_of_a_session(decoder_folders):
    opened = session.open_session(decoder_folders.onnx / "onnx/model.onnx", arena=False)
    options = opened.get_session_options()
    assert options.intra_op_num_threads == session.threads()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert not options.enable_cpu_mem_arena


def test_a_broken_graph_is_a_clear_error(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(UnsupportedModel):
        session.open_session(tmp_path / "model.onnx")


def test_two_runtimes_on_top_of_each_other(tmp_path, monkeypatch):
    assert session.conflict() is None
    for name in ("onnxruntime", "onnxruntime_gpu"):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        Path(info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    mend = session.conflict()
    assert "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu" in mend
