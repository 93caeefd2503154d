"""Two builds of ONNX Runtime that plain pip has installed on top of each other."""

import sys

import pytest

from kotaemon_desktop.core.models import duplicate_runtime


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Makes an environment that holds some builds."""
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)  # another test may have imported it
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(*builds: str) -> None:
        for build in builds:
            (tmp_path / f"{build}.dist-info").mkdir()

    return install


@pytest.mark.parametrize("builds", [[], ["onnxruntime-1.31.1"], ["onnxruntime_gpu-1.31.1"]])
def test_one_build_is_as_it_should_be(install, builds):
    install(*builds)
    assert duplicate_runtime.advice() is None


def test_two_builds_are_named_with_the_command_that_leaves_one(install):
    install("onnxruntime-1.31.0", "onnxruntime_gpu-1.30.2")
    advice = duplicate_runtime.advice()
    assert advice is not None
    assert "\n" not in advice
    assert advice.startswith("onnxruntime + onnxruntime-gpu are both installed")
    pip = f'"{sys.executable}" -m pip'
    assert advice.endswith(f"{pip} uninstall -y onnxruntime onnxruntime-gpu && {pip} install onnxruntime-gpu==1.30.2")


def test_this_environment_has_one():
    assert duplicate_runtime.advice() is None
