"""The text of ``kotaemon.yaml``: read with the place of every mistake, written with its owner's comments."""

from __future__ import annotations

import errno
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any, cast

import msgspec

from kotaemon_desktop.core.errors import DiskFull, SettingRefused, SettingsError
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.settings import Misfit, Settings, check
from kotaemon_desktop.core.settings_plain import NotPlain, PlainText

_PATH = re.compile(r"\.(\w+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_AT = re.compile(r" - at `(?:key` in `)?\$([^`]*)`$")

_Path = tuple[str | int, ...]


def load(file: Path) -> Settings:
    """Read ``file``; a missing or empty one gives the defaults. Raises SettingsError with line and column."""
    try:
        text = _text(file)
    except (OSError, UnicodeDecodeError) as error:
        detail = Phrase(N_("it cannot be read as UTF-8 text ({reason})"), reason=error)
        raise SettingsError(file=str(file), detail=detail) from error
    try:
        return _converted(PlainText(text).content)
    except (NotPlain, msgspec.ValidationError, Misfit):  # the library knows the place of what does not fit
        return _parsed_as_yaml(file, text)


def _parsed_as_yaml(file: Path, text: str) -> Settings:
    from ruamel.yaml import YAML
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


def change(file: Path, section: str, name: str, value: object) -> Settings:
    """Set ``section.name`` in the good file ``file``, to its default if ``value`` is UNSET; return all settings.

    ``value`` is as JSON has it. Raises SettingRefused with nothing written.
    """
    text = _text(file)
    try:
        plain = PlainText(text)
        text = plain.without(section, name) if value is msgspec.UNSET else plain.changed(section, name, value)
        content: object = PlainText(text).content
    except NotPlain:
        text = _changed_as_yaml(text, section, name, value)
        content = _yaml(typ="safe", pure=True).load(text)
    try:
        changed = _converted(content)
    except msgspec.ValidationError as error:
        from kotaemon_desktop.core import setting_fields

        raise SettingRefused(file=str(file), detail=setting_fields.explain((section, name))) from error
    except Misfit as error:
        raise SettingRefused(file=str(file), detail=error.words) from error
    _write(file, text)
    return changed


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""


def _changed_as_yaml(text: str, section: str, name: str, value: object) -> str:
    """Return ``text`` with a change, and with comments and the looks of its numbers kept."""
    yaml = _yaml()
    yaml.width = 4096  # the lines of a file stay as their owner broke them
    yaml.preserve_quotes = True
    document: dict[str, Any] = yaml.load(text) or {}
    held: dict[str, Any] = document.get(section) or {}
    if value is not msgspec.UNSET:
        held[name] = value
        if not document.get(section):
            document[section] = held
    elif name in held:
        del held[name]
        if not held:
            del document[section]
    written = StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def _yaml(**how: Any) -> Any:
    from ruamel.yaml import YAML

    return YAML(**how)


def _write(file: Path, text: str) -> None:
    partial = file.with_suffix(".part")
    try:
        with private_file(partial).open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(folder=str(file.parent)) from error
        raise
