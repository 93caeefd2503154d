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


@pytest.mark.parametrize(
    ("with_pip", "remove", "install_one"),
    [
        (True, '"{python}" -m pip uninstall -y', '"{python}" -m pip install'),
        (False, 'uv pip uninstall --python "{python}"', 'uv pip install --python "{python}"'),
    ],
)
def test_two_builds_are_named_with_the_command_that_leaves_one(install, monkeypatch, with_pip, remove, install_one):
    find = duplicate_runtime.find_spec
    monkeypatch.setattr(duplicate_runtime, "find_spec", lambda name: with_pip or None if name == "pip" else find(name))
    install("onnxruntime-1.31.0", "onnxruntime_gpu-1.30.2")

    advice = duplicate_runtime.advice()

    assert advice is not None
    assert "\n" not in advice
    remove, install_one = (each.format(python=sys.executable) for each in (remove, install_one))
    assert advice == (
        "onnxruntime + onnxruntime-gpu are both installed and overwrite each other. "
        f"Run: {remove} onnxruntime onnxruntime-gpu && {install_one} onnxruntime-gpu==1.30.2"
    )


def test_this_environment_has_one():
    assert duplicate_runtime.advice() is None
