"""When a newer version is looked for, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from kotaemon_desktop import __version__
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.models.remote import host_of, leaves
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import UPDATES
from kotaemon_desktop.core.settings import Settings
from kotaemon_desktop.core.updates import manifest
from kotaemon_desktop.core.updates.errors import UpdatesUnset
from kotaemon_desktop.core.updates.manifest import Release

DAY: Final = 24 * 3600.0


class _Kept(msgspec.Struct, frozen=True):
    """What outlives the program: when it was last looked and answered, in seconds since 1970, and what was found."""

    looked_at: float = float("-inf")
    answered_at: float | None = None
    found: Release | None = None


class Updates:
    """Owns when it was last looked, and what was found; :meth:`look` blocks and is for a lane, the rest for any thread.

    Without a wish in the settings or the press of a button it does nothing.
    """

    def __init__(
        self,
        keeper: Keeper,
        settings: Callable[[], Settings],
        outgoing: Outgoing,
        file: Path,
        clock: Clock,
        key: Callable[[], bytes | None] = manifest.public_key,
    ) -> None:
        """``file`` keeps over restarts what is known; ``key`` gives what signatures are checked with."""
        self._keeper = keeper
        self._settings = settings
        self._outgoing = outgoing
        self._file = file
        self._clock = clock
        self._key = key
        self._kept = _read(file)

    @property
    def found(self) -> Release | None:
        """The newer version that the last look has found; it may have been installed since."""
        found = self._kept.found
        return found if found and found.is_newer_than(__version__) else None

    @property
    def answered_at(self) -> float | None:
        """When a look was last answered, in seconds since 1970; None before the first time."""
        return self._kept.answered_at

    @property
    def obstacle(self) -> Phrase | None:
        """Why it cannot be looked at all; None where it can."""
        if self._settings().models.offline:
            return Phrase(N_("the settings say to stay offline"))
        if not self._settings().updates.address:
            return Phrase(N_("the settings name no address to ask"))
        if self._key() is None:
            return Phrase(N_("this build has no key to check a signature with"))
        return None

    @property
    def due(self) -> bool:
        """Whether the settings wish for a look now: once a day at most. A clock that was wrong does not stop it."""
        if not self._settings().updates.check or self.obstacle is not None:
            return False
        return not 0 <= self._clock.wall() - self._kept.looked_at < DAY

    def look(self) -> Release | None:
        """Ask once; return the newer version, or None where this is the newest. Raises UpdateError, ComponentError."""
        key, why = self._key(), self.obstacle
        if why is not None or key is None:
            raise UpdatesUnset(why=why)
        address = self._settings().updates.address
        self._keep(msgspec.structs.replace(self._kept, looked_at=self._clock.wall()))  # one that fails counts, too
        if leaves(host := host_of(address)):
            self._outgoing.note(Errand.UPDATE, host.rpartition("@")[2])
        with self._keeper.lease(UPDATES) as lease:
            newest: Release = lease.call("newest", address, key)
        now = self._clock.wall()
        self._keep(_Kept(now, now, newest))
        return self.found

    def _keep(self, kept: _Kept) -> None:
        self._kept = kept
        private_file(self._file).write_bytes(msgspec.json.encode(kept))


def _read(file: Path) -> _Kept:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return _Kept()
