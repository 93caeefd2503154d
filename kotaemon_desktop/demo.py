"""The first minute: sample documents in a throw-away folder, a question asked, the answer with its page."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kotaemon_desktop import system_check
from kotaemon_desktop.cli import asking
from kotaemon_desktop.cli.output import DONE, Output, fail
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import _, language, resource
from kotaemon_desktop.core.paths import DataFolder

_QUESTIONS = {
    "en": ("How many days of paid holiday do I get after five years?", "工作满十年有几天年休假？"),
    "zh_CN": ("工作满十年有几天年休假？", "How many days of paid holiday do I get after five years?"),
}
_PICTURE = "kotaemon-demo.png"


def run(output: Output) -> int:
    """Show the program with sample documents: in its window, or without a screen in the terminal and as a picture."""
    question, another = _QUESTIONS.get(language(), _QUESTIONS["en"])
    with _throw_away_folder() as folder:
        trouble = system_check.problem()
        if trouble is None and system_check.has_screen():
            app = importlib.import_module("kotaemon_desktop.app")
            return app.run(folder, imports=[resource("samples")], question=question)
        _in_terminal(folder, (question, another), output)
        if system_check.missing_libraries():
            fail(trouble)
        else:
            _take_picture(folder, output)
    return DONE


@contextlib.contextmanager
def _throw_away_folder() -> Iterator[DataFolder]:
    root = Path(tempfile.mkdtemp(prefix="kotaemon-demo-"))
    try:
        yield DataFolder(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _in_terminal(folder: DataFolder, questions: tuple[str, ...], output: Output) -> None:
    engine = Engine.open(folder)
    try:
        for event in engine.imports.run([resource("samples")]):
            output.event(event, asking.import_text(event))
        conversation = engine.history.new_conversation()
        for question in questions:
            result, error = asking.answered(engine, question, None, conversation_id=conversation)
            if error is not None:
                raise error
            output.result(result, f"\n{_('Question')}: {question}\n{asking.answer_text(result)}")
    finally:
        engine.close()


def _take_picture(folder: DataFolder, output: Output) -> None:
    """Draw the window without a screen, with the last conversation in it, into the current folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    target = Path.cwd() / _PICTURE
    importlib.import_module("kotaemon_desktop.app").take_picture(folder, target)
    output.note(_("The window, drawn without a screen: {file}").format(file=target))
