"""What the tests of stores and retrievers share."""

from __future__ import annotations

import os
from pathlib import Path

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import AnswerEvent, Degraded, Found, ImportNote
from kotaemon_desktop.core.plugins.registry import State


def notes(engine: Engine, *files: Path) -> list[ImportNote]:
    return [event for event in engine.imports.run(files) if isinstance(event, ImportNote)]


def ask(engine: Engine, question: str) -> list[AnswerEvent]:
    return list(engine.questions.answer(question, model="none"))


def found(engine: Engine, question: str) -> Found:
    events = ask(engine, question)
    assert [event for event in events if isinstance(event, Degraded)] == []
    return [event for event in events if isinstance(event, Found)][-1]


def edit(engine: Engine, line: str) -> None:
    """Edit ``kotaemon.yaml`` by hand: the section ``search`` has one line."""
    file = engine.settings_file.file
    kept = file.read_text("utf-8").partition("search:")[0] if file.exists() else ""
    file.write_text(f"{kept}\nsearch:\n  {line}\n", "utf-8")
    os.utime(file, (1, len(line)))  # not as if an editor were still at it


def broken(engine: Engine) -> set[str]:
    return {each.plugin.name for each in engine.plugins.all() if each.state is State.BROKEN}
