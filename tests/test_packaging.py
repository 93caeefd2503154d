"""The recipes agree with the program. What they build is tested by end_to_end/test_packaged.py."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from kotaemon_desktop import __version__
from kotaemon_desktop.core.models import embedded, manifest

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, PACKAGING / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contents = load("contents.py")
finish_embedder = load("finish_embedder.py")
shrink_icu = load("linux/shrink_icu.py")


def test_the_wheel_holds_all_resources_but_the_pictures_of_readme():
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert set(included) == {f"resources/{entry.name}" for entry in (ROOT / "resources").iterdir()} - {
        "resources/pictures"
    }
    assert all(target == f"kotaemon_desktop/{source}" for source, target in included.items())


def test_every_place_that_names_a_version_names_this_one():
    metainfo = ET.parse(PACKAGING / "linux/share/metainfo/kotaemon-desktop.metainfo.xml")
    newest = metainfo.find("releases/release")
    assert newest is not None
    assert newest.get("version") == __version__
    sections = re.findall(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sections[0] == __version__


def test_desktop_entries_start_the_program_that_the_wheel_installs():
    for entry in (PACKAGING / "linux/share/applications").iterdir():
        lines = dict(line.split("=", 1) for line in entry.read_text(encoding="utf-8").splitlines() if "=" in line)
        assert lines["Exec"].split()[0] in PROJECT["project"]["scripts"]
        assert lines["Name[zh_CN]"] if "NoDisplay" in lines else lines["Comment[zh_CN]"]


def test_the_bundle_for_macos_has_windows_and_a_place_in_the_dock():
    recipe = ast.parse((PACKAGING / "kotaemon-desktop.spec").read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(recipe) if isinstance(node, ast.Call))
    (bundle,) = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "BUNDLE")
    (told,) = (ast.literal_eval(each.value) for each in bundle.keywords if each.arg == "info_plist")
    assert told["LSBackgroundOnly"] is False, "PyInstaller says True of each program with console=True"
    assert told["NSHighResolutionCapable"] is True


@pytest.mark.parametrize(
    ("name", "source", "goes_in"),
    [
        ("onnxruntime/capi/libonnxruntime_providers_cuda.so", "/env/a.so", False),
        ("onnxruntime/capi/libonnxruntime_providers_shared.so", "/env/a.so", True),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", "/env/a.qm", True),
        ("PySide6/Qt/translations/qt_de.qm", "/env/a.qm", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/env/a.so", True),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", "/env/a.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", "/env/a.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", "/env/a.so", False),
        ("libxcb-cursor.so.0", "/usr/lib/x86_64-linux-gnu/libxcb-cursor.so.0", True),
        ("libGL.so.1", "/usr/lib/x86_64-linux-gnu/libGL.so.1", False),
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6", False),
        ("kotaemon_desktop/resources/i18n/zh_CN.po", "/env/zh_CN.po", True),
    ],
)
def test_what_goes_in(name, source, goes_in):
    assert contents.file_goes_in(name, source) is goes_in


def test_nothing_is_left_out_that_this_process_has_loaded_of_the_program():
    code = (
        "import sys, kotaemon_desktop.app, kotaemon_desktop.core.engine, kotaemon_desktop.qt.panels.about\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert [module for module in loaded if contents.is_never_loaded(module)] == []


@pytest.mark.skipif(not embedded.available(), reason="the group “embedded” is not installed")
def test_a_second_build_brings_the_embedder_of_today(tmp_path, monkeypatch):
    old = tmp_path / embedded.ID
    old.mkdir()
    (old / "model_of_yesterday.onnx").touch()
    monkeypatch.setattr(sys, "argv", ["finish_embedder.py", str(tmp_path)])
    finish_embedder.main()
    assert not (old / "model_of_yesterday.onnx").exists()
    assert manifest.read(old) is not None


def test_icu_keeps_what_is_asked_for_byte_by_byte():
    header = bytes([32, 0]) + b"\xda\x27" + bytes(8) + b"CmnD" + bytes(16)
    items = {"coll/root.res": b"r" * 37, "coll/zh.res": b"z" * 16, "de.res": b"d" * 5, "gb18030.cnv": b"c" * 64}
    library = b"\x7fELF before" + shrink_icu.pack(header, "icudt73l", items) + bytes(100)

    found_header, prefix, found = shrink_icu.unpack(library)

    assert (found_header, prefix, list(found)) == (header, "icudt73l", list(items))
    assert all(found[name].rstrip(b"\0").startswith(content) for name, content in items.items())
    assert [name for name in items if shrink_icu.is_kept(name)] == ["coll/root.res", "coll/zh.res"]


@pytest.mark.parametrize("script", ["build", "deb", "appimage", "macos/dmg", "linux/install"])
def test_scripts_are_whole(script):
    subprocess.run(["bash", "-n", PACKAGING / script], check=True)
