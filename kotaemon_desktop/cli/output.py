"""What every command shares: how it writes, how it ends, how it opens the data folder."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kotaemon_desktop.core.paths import DataFolder

if TYPE_CHECKING:
    import msgspec

    from kotaemon_desktop.core.engine import Engine

DONE, FAILED, WRONG_USAGE = 0, 1, 2

Result = dict[str, Any]

# A document or a file's name can hold codes that a terminal obeys: colours, titles, a cleared screen, text that runs
# backwards. People get a sign in their place, programs the escape of JSON.
_COMMANDS = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_AS_SIGNS = dict.fromkeys(_COMMANDS, "�") | {ord("\n"): "\n", ord("\t"): "\t"}
_AS_ESCAPES = {code: f"\\u{code:04x}" for code in _COMMANDS}


class Output:
    """Writes what a command has to say: JSON lines for programs, plain text for people."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def event(self, event: msgspec.Struct, text: str | None = None) -> None:
        """Tell progress: a line of JSON, or ``text`` on standard error so that results can be piped on."""
        if self.as_json:
            from kotaemon_desktop.core.events import as_dict

            print(json_line(as_dict(event)), flush=True)
        elif text is not None:
            self.note(text)

    def note(self, text: str) -> None:
        """Tell people, not programs, something beside the result."""
        print(text.translate(_AS_SIGNS), file=sys.stderr, flush=True)

    def result(self, result: Mapping[str, Any], text: str) -> None:
        """Tell the result: the last line."""
        print(json_line(result) if self.as_json else text.translate(_AS_SIGNS), flush=True)


def fail(text: object) -> None:
    """Say on standard error what is wrong, in one message that starts with the program's name."""
    print(f"kotaemon-desktop: {text}".translate(_AS_SIGNS), file=sys.stderr)


def json_line(value: Mapping[str, Any]) -> str:
    """Return ``value`` as one line of JSON that a terminal shows and does not obey."""
    return json.dumps(value, ensure_ascii=False).translate(_AS_ESCAPES)


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return ``lines``, all of the same length, in columns as a terminal shows them: a Chinese sign is two wide."""
    widths = [max(map(_width, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


@contextmanager
def opened(folder: DataFolder) -> Generator[Engine]:
    """Open the data folder for one command."""
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.core.models import duplicate_runtime

    engine = Engine.open(folder)
    if advice := duplicate_runtime.advice():
        fail(advice)
    if engine.settings_file.problem is not None:
        fail(engine.settings_file.problem)
    try:
        engine.delete_due()
        yield engine
    finally:
        engine.close()
