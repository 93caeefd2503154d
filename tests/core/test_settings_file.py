"""The settings file: changed with its comments kept, followed while questions run, never believed when broken."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from kotaemon_desktop.core import settings_file, settings_text
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import SettingRefused, SettingsError
from kotaemon_desktop.core.events import AnswerFailed, Done
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.core.settings import KeepWarm, Settings
from kotaemon_desktop.core.settings_file import SettingsFile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kotaemon.yaml"


_ages = iter(range(10**6, 2 * 10**6))


def edit(file: Path, text: str) -> None:
    """Write ``text`` as somebody did a while ago: an editor that may still be writing is waited for."""
    other = file.with_name("other")
    other.write_text(text, "utf-8")
    stamp = time.time_ns() - 10**9 * 3600 + next(_ages) * 1000
    os.utime(other, ns=(stamp, stamp))
    other.replace(file)


def complaint(file: Path, text: str) -> str:
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        settings_text.load(file)
    return str(raised.value.facts["detail"])


def test_numbers_and_comments_survive_a_change(file: Path) -> None:
    file.write_text(
        "residency:\n  reader_idle: 0.5  # short\n  generator_idle: 1e2\n  low_memory_megabytes: 0x10\n", "utf-8"
    )
    changed = settings_file.change(file, "residency", "retrieval_idle", 0.25)
    residency = changed.residency
    assert (residency.reader_idle, residency.generator_idle, residency.retrieval_idle) == (0.5, 100.0, 0.25)
    assert residency.low_memory_megabytes == 16
    assert settings_text.load(file) == changed
    assert "reader_idle: 0.5  # short" in file.read_text("utf-8")


def test_a_float_can_be_changed_twice(file: Path) -> None:
    settings_file.change(file, "residency", "retrieval_idle", 0.25)
    assert settings_file.change(file, "residency", "retrieval_idle", 1.5).residency.retrieval_idle == 1.5


def test_records_are_written_and_read_again(file: Path) -> None:
    hours = (KeepWarm(days=("sat",), begin="22:00", end="06:30"), KeepWarm(components=("retrieval",)))
    assert settings_file.change(file, "residency", "keep_warm", hours).residency.keep_warm == hours
    assert settings_text.load(file).residency.keep_warm == hours


def test_a_reset_takes_the_line_out(file: Path) -> None:
    file.write_text("# mine\nappearance:\n  theme: dark\n  language: en\nanswering:\n  top: 3\n", "utf-8")
    opened = SettingsFile(file)
    opened.reset("appearance", "theme")
    opened.reset("answering", "top")
    opened.reset("imports", "originals")  # has its default already
    assert opened.settings == settings_text.load(file)
    assert file.read_text("utf-8") == "# mine\nappearance:\n  language: en\n"


def test_a_value_that_does_not_fit_changes_nothing(file: Path) -> None:
    opened = SettingsFile(file)
    opened.change("residency", "reader_idle", 3)
    before = file.read_bytes()
    with pytest.raises(SettingRefused, match=r"“residency.reader_idle” takes a number from 0 to"):
        opened.change("residency", "reader_idle", -1)
    with pytest.raises(SettingRefused, match=r"there is no setting “residency.reader_idel”; “reader_idle” is meant"):
        opened.change("residency", "reader_idel", 1)
    assert file.read_bytes() == before
    assert opened.settings.residency.reader_idle == 3


def test_an_empty_file_or_section_has_the_defaults(file: Path) -> None:
    for text in ("", "# nothing yet\n", "residency:\n  # memory_share: 0.3\nappearance:\n"):
        file.write_text(text, "utf-8")
        assert settings_text.load(file) == Settings()
    assert settings_file.change(file, "residency", "prewarm", False).residency.prewarm is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("answering:\n  top: many\n", "line 2, column 8: “answering.top” takes a whole number from 1 to 50 passages"),
        ("residency:\n  memory_share: 2\n", "line 2, column 17: “residency.memory_share” takes a number above 0, at"),
        ("appearance:\n  theme: pink\n", "line 2, column 10: “appearance.theme” takes one of system, light, dark"),
        ("appearance:\n  them: dark\n", "line 2, column 3: there is no setting “appearance.them”; “theme” is meant"),
        ("apearance:\n  theme: dark\n", "line 1, column 1: there is no setting “apearance”; “appearance” is meant"),
        ("answering: 3\n", "line 1, column 12: “answering” takes settings below it"),
        ("residency:\n  prewarm: 3\n", "line 2, column 12: “residency.prewarm” takes yes or no"),
        ("residency:\n  pinned: [1]\n", "line 2, column 12: “residency.pinned” takes a list"),
        (
            "residency:\n  keep_warm:\n    - begin: 9 o'clock\n",
            "line 3, column 14: “residency.keep_warm.begin” takes a time of the day like 09:00",
        ),
        ("- a\n- b\n", "line 1, column 1: a settings file holds sections like “appearance:”"),
        ("appearance: {theme: dark\n", "line 2, column 1: this is not YAML: "),
        ("appearance:\n\ttheme: dark\n", "line 2, column 1: this is not YAML: "),
        ("a: 1\na: 2\n", "line 2, column 1: this is not YAML: found duplicate key"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(file: Path, text: str, said: str) -> None:
    assert complaint(file, text).startswith(said)


def test_the_complaint_is_in_the_language_of_the_moment_it_is_read(file: Path) -> None:
    file.write_text("answering:\n  top: many\n", "utf-8")
    opened = SettingsFile(file)
    use_language("zh_CN")
    try:
        assert "第 2 行第 8 列" in str(opened.problem)
    finally:
        use_language("en")


def test_a_file_that_is_not_text_is_no_settings_file(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="UTF-8"):
        settings_text.load(file)


def test_an_edit_is_followed_and_a_broken_one_is_not(file: Path) -> None:
    before: list[Settings] = []
    opened = SettingsFile(file, before.append)
    edit(file, "answering:\n  top: 3\n")
    opened.look()
    assert opened.settings.answering.top == 3
    edit(file, "answering:\n  top: three\n")
    opened.look()
    assert opened.settings.answering.top == 3
    assert "line 2, column 8" in str(opened.problem)
    edit(file, "answering:\n  top: 4\n")
    opened.look()
    assert (opened.settings.answering.top, opened.problem) == (4, None)
    file.unlink()
    opened.look()  # an editor may be about to put another one in its place
    assert opened.settings.answering.top == 4
    time.sleep(0.6)
    opened.look()
    assert opened.settings == Settings()
    assert [each.answering.top for each in before] == [8, 3, 4]


def test_an_editor_that_is_still_writing_is_waited_for(file: Path) -> None:
    edit(file, "answering:\n  top: 3\n")
    opened = SettingsFile(file)
    file.write_text("", "utf-8")  # as many editors do before they write
    opened.look()
    assert opened.settings.answering.top == 3


def test_a_start_on_a_broken_file_has_the_last_good_settings_and_leaves_the_file_alone(file: Path) -> None:
    SettingsFile(file).change("answering", "top", 3)
    broken = "answering:\n  top: [3\n"
    edit(file, broken)
    opened = SettingsFile(file)
    assert opened.settings.answering.top == 3
    with pytest.raises(SettingsError, match="last good settings stay in force"):
        opened.change("answering", "top", 4)
    assert file.read_text("utf-8") == broken
    aside = opened.begin_anew()
    assert aside.read_text("utf-8") == broken
    assert opened.problem is None
    opened.change("answering", "top", 4)
    assert settings_text.load(file).answering.top == 4


def test_a_broken_file_that_never_was_good_gives_the_defaults(file: Path) -> None:
    file.write_text("nothing of ours\n", "utf-8")
    opened = SettingsFile(file)
    assert opened.settings == Settings()
    assert opened.problem is not None


def test_an_edit_pins_components_and_changes_the_language(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    engine = Engine.open(folder)
    try:
        edit(folder.settings, "residency:\n  pinned: [retrieval, nonsense]\nappearance:\n  language: zh_CN\n")
        engine.tick()
        assert engine.keeper.status(RETRIEVAL).pinned
        assert engine.settings.appearance.language == "zh_CN"
        edit(folder.settings, "residency:\n  pinned: []\n")
        engine.tick()
        assert not engine.keeper.status(RETRIEVAL).pinned
    finally:
        use_language("en")
        engine.close()


def _some_text(random_: random.Random, top: int) -> tuple[str, bool]:
    """Return the text of a settings file that asks for ``top`` sources, and whether it is whole."""
    good = f"# an edit\nanswering:\n  top: {top}  # sources\n  temperature: {random_.random():.2f}\n"
    match random_.randrange(4):
        case 0 | 1:
            return good, True
        case 2:  # characters that a slip of the hand leaves
            place = random_.randrange(len(good))
            slip = "".join(random_.choice("\t{}[]:&*!|>'\"%@`#-?,\x07é中\n 0") for _ in range(random_.randrange(1, 6)))
            return good[:place] + slip + good[place + random_.randrange(8) :], False
        case _:
            wrong = (
                "  top: lots\n",
                "  temperature: .nan\n",
                "  top: 9999\n",
                "nope:\n  x: 1\n",
                "  top: *x\n",
                "  model: [a]\n",
            )
            return good + random_.choice(wrong), False


def test_a_thousand_edits_while_questions_run(tmp_path: Path) -> None:
    """No crash, no lost question, the last good settings always in force."""
    folder = DataFolder(tmp_path / "data")
    engine = Engine.open(folder)
    random_ = random.Random(20260)
    ended = threading.Event()
    answers: list[bool] = []

    def ask() -> None:
        while not ended.wait(0.002):
            events = list(engine.questions.answer("How many days of leave are there?"))
            answers.append(any(isinstance(each, Done) for each in events) and not isinstance(events[-1], AnswerFailed))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        last_good, broken = engine.settings, 0
        for number in range(1000):
            text, whole = _some_text(random_, 1 + number % 50)
            edit(folder.settings, text)
            engine.tick()
            if whole:
                assert engine.settings.answering.top == 1 + number % 50
                assert engine.settings_file.problem is None
            if engine.settings_file.problem is not None:
                broken += 1
                assert engine.settings == last_good
                assert str(engine.settings_file.problem)
            last_good = engine.settings
    finally:
        ended.set()
        asking.join(30)
        engine.close()
    assert broken > 200
    assert answers
    assert all(answers)
