"""The text of ``kotaemon.yaml``: read with the place of every mistake, written with its owner's comments."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any, cast

import msgspec

from kotaemon_desktop.core.errors import DiskFull, SettingRefused, SettingsError
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.settings import Misfit, Settings, check

_PATH = re.compile(r"\.(\w+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_AT = re.compile(r" - at `(?:key` in `)?\$([^`]*)`$")

_Path = tuple[str | int, ...]


def load(file: Path) -> Settings:
    """Read ``file``; a missing or empty one gives the defaults. Raises SettingsError with line and column."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        detail = Phrase(N_("it cannot be read as UTF-8 text ({reason})"), reason=error)
        raise SettingsError(file=str(file), detail=detail) from error
    if not text.strip():
        return Settings()
    return _parsed(file, text)


def _parsed(file: Path, text: str) -> Settings:
    from ruamel.yaml import YAML  # 3 MB that a program without a settings file need not hold
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        content: object = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
        return _converted(content)
    except MarkedYAMLError as error:
        problem: Any = error
        detail: object = Phrase(N_("this is not YAML: {problem}"), problem=problem.problem or problem.context)
        mark = problem.problem_mark or problem.context_mark
        if mark:
            detail = _at(mark.line, mark.column, detail)
        raise SettingsError(file=str(file), detail=detail) from error
    except msgspec.ValidationError as error:
        raise SettingsError(file=str(file), detail=_misfit(text, str(error))) from error
    except Misfit as error:
        detail = _at(*_place(text, error.path, of_key=False), error.words)
        raise SettingsError(file=str(file), detail=detail) from error
    except (YAMLError, ValueError, TypeError, ArithmeticError, RecursionError, LookupError, AttributeError) as error:
        # ruamel.yaml has more ways than its own errors to say that it cannot make sense of something.
        detail = Phrase(N_("this is not YAML: {problem}"), problem=str(error).partition("\n")[0])
        raise SettingsError(file=str(file), detail=detail) from error


def _converted(content: object) -> Settings:
    """Return what was read as settings. A section that has nothing below it is no mistake."""
    if isinstance(content, dict):
        held = cast("dict[object, object]", content)
        content = {name: value for name, value in held.items() if value is not None}
    settings = Settings() if content is None else msgspec.convert(content, Settings)
    check(settings)
    return settings


def _misfit(text: str, problem: str) -> object:
    """Return what does not fit, in words, with the line and column where it stands."""
    from kotaemon_desktop.core import setting_fields

    found = _AT.search(problem)
    steps = _PATH.findall(found[1]) if found else []
    path: _Path = tuple(name or int(number) for name, number in steps)
    unknown = _UNKNOWN.search(problem)
    if unknown:
        path = (*path, unknown[1])
    detail = setting_fields.explain(path)
    return _at(*_place(text, path, of_key=unknown is not None), detail)


def _at(line: int, column: int, detail: object) -> Phrase:
    return Phrase(N_("line {line}, column {column}: {detail}"), line=line + 1, column=column + 1, detail=detail)


def _place(text: str, path: _Path, *, of_key: bool) -> tuple[int, int]:
    """Return line and column, from 0, of the value at ``path``, or of its key."""
    from ruamel.yaml import YAML

    node: Any = YAML(pure=True).compose(text)  # pyright: ignore[reportUnknownMemberType]
    place = _mark(node)
    for step in path:
        found = _below(node, step)
        if found is None:
            break
        key, node = found
        place = _mark(key if of_key else node)
    return place


def _below(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Return (key, value) of a mapping's entry, or a list's item twice."""
    if node.id == "mapping":
        pairs: list[tuple[Any, Any]] = node.value
        return next((pair for pair in pairs if pair[0].value == step), None)
    if node.id == "sequence" and isinstance(step, int):
        return node.value[step], node.value[step]
    return None


def _mark(node: Any) -> tuple[int, int]:
    return node.start_mark.line, node.start_mark.column


def commented(file: Path) -> Any:
    """Return the file as ruamel.yaml keeps it, with comments and the looks of its numbers."""
    document: dict[str, Any] = (_yaml().load(file) if file.is_file() else None) or {}
    for name, value in document.items():
        if value is None:
            document[name] = {}
    return document


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml: Any = YAML()
    yaml.width = 4096  # the lines of a file stay as their owner broke them
    yaml.preserve_quotes = True
    return yaml


def save(file: Path, document: Any, key: str) -> Settings:
    """Write ``document`` and return what it says. Raises SettingRefused, for ``key``, with nothing written."""
    try:
        changed = _converted(msgspec.to_builtins(document, enc_hook=_plain))
    except msgspec.ValidationError as error:
        raise _refused(file, key) from error
    except Misfit as error:
        raise SettingRefused(file=str(file), detail=error.words) from error
    partial = file.with_suffix(".part")
    try:
        with private_file(partial).open("w", encoding="utf-8") as out:
            _yaml().dump(document, out)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(folder=str(file.parent)) from error
        raise
    return changed


def _refused(file: Path, key: str) -> SettingsError:
    from kotaemon_desktop.core import setting_fields

    return SettingRefused(file=str(file), detail=setting_fields.explain(tuple(key.split("."))))


def _plain(value: Any) -> float | int | str:
    """Return a number or word that was read from the file without what ruamel.yaml remembers of its looks."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"{value!r} in a YAML file")
