"""Plain settings are read as ruamel.yaml reads them, and changed without it; all other YAML is left to it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kotaemon_desktop.core.settings_plain import NotPlain, PlainText

VALUES = (
    *"1 0 -0 -7 012 0x1f 0o17 1_000 12:30 1.5 -0.25 1. .5 1e3 1.5e3 true false True yes no on null ~ .nan".split(),
    *".inf inf dark zh_CN a/b c:d e#f 'it' 'it''s' \"x\" \"x\\n\" [] {} [a] - -x & * ! | > % @ ` ? , 深色".split(),
    *("'a b'", "'# no'", '"y # z"', "'深 色'", "a b", "'", "'a' b", "2026-11-21", "=", "É"),
)
PIECES = ("a:", "b:", "true:", "C:", "# note", "  # note", "", " ", "\t", "---", "...", "- a", "a: 1", "  - x", "a b:")
ENDS = ("", " ", "  # so", "#so", " x", "\r", "\x07", "\u2028", "\ufeff")


def as_yaml(text: str) -> object:
    content: object = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    return {name: held or {} for name, held in content.items()} if isinstance(content, dict) else content


def random_text(dice: random.Random) -> str:
    lines: list[str] = []
    for _ in range(dice.randint(0, 5)):
        entry = f"{dice.choice(('  ',) * 9 + ('    ',))}{dice.choice('kmp')}: {dice.choice(VALUES)}"
        line = entry if dice.random() < 0.6 else dice.choice(PIECES)
        lines.append(line + (dice.choice(ENDS) if dice.random() < 0.2 else ""))
    return "\n".join([*(["a:"] if dice.random() < 0.7 else []), *lines, ""])


def test_what_is_read_is_what_the_library_reads() -> None:
    dice, read = random.Random(1), 0
    for _ in range(2000):
        text = random_text(dice)
        try:
            content = PlainText(text).content
        except NotPlain:
            continue
        try:
            library = as_yaml(text)
        except YAMLError as error:
            pytest.fail(f"{text!r} is no YAML: {error}")
        assert repr(content) == repr(library or {}), text
        read += 1
    assert read > 300


@pytest.mark.parametrize("value", [True, 3, 0.25, "dark", "yes", "", "3", "a b", "深色", "x # y", "-"])
def test_a_change_is_read_again_and_leaves_the_rest(value: object) -> None:
    text = "# mine\na:\n  k: 1  # one\n\nb:\n  m: 'x y' # two\n"
    plain = PlainText(text)
    assert repr(PlainText(plain.changed("a", "k", value)).content["a"]["k"]) == repr(value)
    assert as_yaml(plain.changed("b", "p", value)) == {"a": {"k": 1}, "b": {"m": "x y", "p": value}}
    assert as_yaml(plain.changed("c", "p", value)) == {"a": {"k": 1}, "b": {"m": "x y"}, "c": {"p": value}}
    assert plain.changed("a", "k", 2) == text.replace("k: 1 ", "k: 2 ")
    assert plain.without("b", "m") == "# mine\na:\n  k: 1  # one\n\n"
    assert plain.without("b", "p") == text


@pytest.mark.parametrize("value", [None, [1], {"x": 1}, "it's", "two\nlines", float("inf"), 1e-9])
def test_what_takes_more_than_a_line_of_plain_text_is_left_to_the_library(value: object) -> None:
    with pytest.raises(NotPlain):
        PlainText("").changed("a", "k", value)


def test_reading_and_changing_plain_settings_loads_no_library(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom kotaemon_desktop.core.settings_file import SettingsFile\n"
        "file = SettingsFile(Path(sys.argv[1]))\nfile.change('answering', 'top', 3)\nfile.reset('answering', 'top')\n"
        "file.change('appearance', 'theme', 'dark')\n"
        "print(SettingsFile(Path(sys.argv[1])).settings.appearance.theme, 'ruamel.yaml' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "kotaemon.yaml")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() == ["dark", "False"]
