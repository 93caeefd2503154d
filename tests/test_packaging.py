"""The recipes agree with the program. What they build is tested by end_to_end/test_packaged.py."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import PySide6
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


ASKED_OF_QT = """
from PySide6.QtCore import QCollator, QDate, QDateTime, QLocale, QStringEncoder, QTimeZone
locale = QLocale("zh_CN")
collator = QCollator(locale)
print(locale.toUpper("straße"), locale.toLower("ÀB"), locale.toString(QDate(2026, 11, 21), "yyyy年M月d日 dddd"))
print(QDateTime.fromSecsSinceEpoch(0, QTimeZone(b"Asia/Shanghai")).toString("hh:mm"))
print(sorted(["b", "ab", "a"], key=collator.sortKey), collator.compare("a", "b"), collator.compare("ab", "a"))
print(QTimeZone(b"Europe/Berlin").displayName(QTimeZone.TimeType.StandardTime), QStringEncoder("utf-16").isValid())
QStringEncoder("GB18030").isValid(), QLocale("tr").toUpper("i")  # other answers than ICU's, and no crash
"""


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="replaced on Linux, with a compiler")
def test_qt_answers_without_icu_what_it_answers_with_it(tmp_path):
    for library in (Path(PySide6.__path__[0]) / "Qt/lib").glob("*.so.*"):
        (tmp_path / library.name).symlink_to(library)
    replaced = sorted(tmp_path.glob("libicu*"))
    for library in replaced:
        library.unlink()
        library.write_bytes(b"")
    subprocess.run([PACKAGING / "linux/replace_icu", tmp_path], check=True)
    assert len(replaced) == 3
    assert all(0 < library.stat().st_size < 20_000 for library in replaced)

    def answers(**extra: str) -> str:
        environment = {**os.environ, "LD_BIND_NOW": "1", **extra}
        command = [sys.executable, "-c", ASKED_OF_QT]
        return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment).stdout

    assert answers(LD_LIBRARY_PATH=str(tmp_path)) == answers()


@pytest.mark.parametrize("script", ["build", "deb", "appimage", "macos/dmg", "linux/install", "linux/replace_icu"])
def test_scripts_are_whole(script):
    subprocess.run(["bash", "-n", PACKAGING / script], check=True)
