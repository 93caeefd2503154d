"""``kotaemon.yaml``: read, changed with its comments kept, and followed; the last good settings are always in force."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from kotaemon_desktop.core import settings_text
from kotaemon_desktop.core.errors import SettingsError
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.settings import Settings

_log = logging.getLogger(__name__)

_SETTLED: Final = 500_000_000  # nanoseconds; many editors empty a file before they write it
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
                self.settings = settings_text.load(self._copy)

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
        self._write(section, name, plain)

    def reset(self, section: str, name: str) -> None:
        """Take ``section.name`` out of the file: its default is in force. Raises SettingsError."""
        self._write(section, name, msgspec.UNSET)

    def begin_anew(self) -> Path:
        """Put a broken file aside and write the settings in force in its place; return where the broken one is."""
        with self._lock:
            aside = self.file.with_name(f"{self.file.stem}.broken-{time.strftime('%Y%m%d-%H%M%S')}{self.file.suffix}")
            self.file.rename(aside)
            if self._copy.is_file():
                private_file(self.file).write_bytes(self._copy.read_bytes())
            before = self.settings
            self._read(_signature(self.file))
            self._tell(before)
            return aside

    def _write(self, section: str, name: str, value: object) -> None:
        with self._lock:
            settings_text.load(self.file)
            before, self.settings = self.settings, settings_text.change(self.file, section, name, value)
            self.problem = None
            self._seen = _signature(self.file)
            self._keep_copy()
            self._tell(before)
        _log.info("setting %s.%s changed", section, name)

    def _read(self, signature: _Signature) -> None:
        """Read what ``signature`` stands for; a file that somebody writes meanwhile is left for the next look."""
        read: Settings | None = None
        problem: SettingsError | None = None
        try:
            read = settings_text.load(self.file)
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
                private_file(self._copy).write_bytes(good)


def change(file: Path, section: str, name: str, value: object) -> Settings:
    """Set ``section.name`` in ``file``, see :meth:`SettingsFile.change`, and return the new settings."""
    opened = SettingsFile(file)
    opened.change(section, name, value)
    return opened.settings


def _signature(file: Path) -> _Signature:
    try:
        found = file.stat()
    except OSError:
        return _NO_FILE
    return found.st_mtime_ns, found.st_size, found.st_ino
