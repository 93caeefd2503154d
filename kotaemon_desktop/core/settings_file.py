"""``kotaemon.yaml``: read, changed with its comments kept, and followed; the last good settings are always in force."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from kotaemon_desktop.core.errors import SettingRefused, SettingsError
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings import Settings

_log = logging.getLogger(__name__)

_SETTLED: Final = 500_000_000  # nanoseconds; many editors empty a file before they write it
_PATH = re.compile(r"\.(\w+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_AT = re.compile(r" - at `(?:key` in `)?\$([^`]*)`$")

_Path = tuple[str | int, ...]
_Signature = tuple[int, int, int]
_NO_FILE: Final[_Signature] = (0, 0, 0)


class SettingsFile:
    """Owns the settings that are in force. Made with the engine, used from any thread.

    ``settings`` are the last good ones: of the file, of its last good copy when the program starts on a broken one, or
    the defaults. ``problem`` says what is wrong with the file as it is now. A broken file is never written to.
    """

    def __init__(self, file: Path, taken: Callable[[Settings], None] = lambda _before: None) -> None:
        """``taken`` is told that there are new settings, with those before them, in the thread that brought them."""
        self.file = file
        self._taken = taken
        self.settings = Settings()
        self.problem: SettingsError | None = None
        self._copy = file.with_name(f".{file.stem}.last-good{file.suffix}")
        self._lock = threading.Lock()
        self._seen = _NO_FILE
        self._empty_since = 0
        self._read(_signature(file))
        if self.problem is not None:
            with suppress(SettingsError):
                self.settings = load(self._copy)

    def look(self) -> None:
        """Take what somebody edited in the file since the last look, which costs no more than asking for its date."""
        with self._lock:
            now = _signature(self.file)
            if now == self._seen or self._is_being_written(now):
                return
            before = self.settings
            self._read(now)
            self._tell(before)

    def change(self, section: str, name: str, value: object) -> None:
        """Set ``section.name`` to ``value``. Raises SettingsError with nothing changed, as SettingRefused if it is
        the value that does not fit.
        """
        plain = msgspec.json.decode(msgspec.json.encode(value))  # lists and mappings, as YAML has them

        def put(document: Any) -> None:
            document.setdefault(section, {})[name] = plain

        self._write(put, f"{section}.{name}")

    def reset(self, section: str, name: str) -> None:
        """Take ``section.name`` out of the file: its default is in force. Raises SettingsError."""

        def remove(document: Any) -> None:
            held: dict[str, Any] = document.get(section) or {}
            if name in held:
                del held[name]
                if not held:
                    del document[section]

        self._write(remove, f"{section}.{name}")

    def begin_anew(self) -> Path:
        """Put a broken file aside and write the settings in force in its place; return where the broken one is."""
        with self._lock:
            aside = self.file.with_name(f"{self.file.stem}.broken-{time.strftime('%Y%m%d-%H%M%S')}{self.file.suffix}")
            self.file.rename(aside)
            if self._copy.is_file():
                self.file.write_bytes(self._copy.read_bytes())
            before = self.settings
            self._read(_signature(self.file))
            self._tell(before)
            return aside

    def _write(self, edit: Callable[[Any], None], key: str) -> None:
        with self._lock:
            load(self.file)
            document = _commented(self.file)
            edit(document)
            before, self.settings = self.settings, _save(self.file, document, key)
            self.problem = None
            self._seen = _signature(self.file)
            self._keep_copy()
            self._tell(before)
        _log.info("setting %s changed", key)

    def _read(self, signature: _Signature) -> None:
        """Read what ``signature`` stands for; a file that somebody writes meanwhile is left for the next look."""
        read: Settings | None = None
        problem: SettingsError | None = None
        try:
            read = load(self.file)
        except SettingsError as error:
            problem = error
        if _signature(self.file) != signature:
            return
        self._seen, self.problem = signature, problem
        if read is None:
            _log.warning("settings: %s", problem)
        else:
            self.settings = read
            self._keep_copy()

    def _is_being_written(self, signature: _Signature) -> bool:
        """Tell whether an editor may be at work: the file is very young, or empty or gone since very lately.

        The date alone does not tell: a file can be seen emptied with the date that it had before.
        """
        changed_at, size, _number = signature
        if size:
            self._empty_since = 0
            return abs(time.time_ns() - changed_at) < _SETTLED
        self._empty_since = self._empty_since or time.monotonic_ns()
        return time.monotonic_ns() - self._empty_since < _SETTLED

    def _tell(self, before: Settings) -> None:
        if self.settings != before:
            self._taken(before)

    def _keep_copy(self) -> None:
        """Keep what is good, for a start on a broken file. A full disk is no reason to do without the settings."""
        with suppress(OSError):
            if not self.file.is_file():
                self._copy.unlink(missing_ok=True)
            elif (good := self.file.read_bytes()) != (self._copy.read_bytes() if self._copy.is_file() else None):
                self._copy.write_bytes(good)


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


def change(file: Path, section: str, name: str, value: object) -> Settings:
    """Set ``section.name`` in ``file``, see :meth:`SettingsFile.change`, and return the new settings."""
    opened = SettingsFile(file)
    opened.change(section, name, value)
    return opened.settings


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
    except (YAMLError, ValueError, TypeError, ArithmeticError, RecursionError, LookupError, AttributeError) as error:
        # ruamel.yaml has more ways than its own errors to say that it cannot make sense of something.
        detail = Phrase(N_("this is not YAML: {problem}"), problem=str(error).partition("\n")[0])
        raise SettingsError(file=str(file), detail=detail) from error


def _converted(content: object) -> Settings:
    """Return what was read as settings. A section that has nothing below it is no mistake."""
    if isinstance(content, dict):
        held = cast("dict[object, object]", content)
        content = {name: value for name, value in held.items() if value is not None}
    return Settings() if content is None else msgspec.convert(content, Settings)


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


def _commented(file: Path) -> Any:
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


def _save(file: Path, document: Any, key: str) -> Settings:
    try:
        changed = msgspec.convert(msgspec.to_builtins(document, enc_hook=_plain), Settings)
    except msgspec.ValidationError as error:
        raise _refused(file, key) from error
    partial = file.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as out:
        _yaml().dump(document, out)
    partial.replace(file)
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


def _signature(file: Path) -> _Signature:
    try:
        found = file.stat()
    except OSError:
        return _NO_FILE
    return found.st_mtime_ns, found.st_size, found.st_ino
