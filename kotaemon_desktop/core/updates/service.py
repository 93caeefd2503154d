"""Asks once for the manifest of the newest version: in a host of its own, so that the window loads no HTTP client."""

from __future__ import annotations

import time
from typing import Final

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.updates.errors import UpdateUnreachable, UpdateUntrusted
from kotaemon_desktop.core.updates.manifest import MOST_BYTES, Release, Unbelievable, opened

_SECONDS: Final = 20.0  # in all
_SILENCE: Final = 10.0  # of the other side
_FOUND: Final = 200


class UpdateService:
    """Lives in a host that leaves at once. What it sends names the program, not its version, user or machine."""

    def newest(self, address: str, key: bytes) -> Release:
        """Return what ``address`` says, if ``key`` fits. Raises UpdateUnreachable or UpdateUntrusted."""
        try:
            return opened(_read(address), key)
        except Unbelievable as error:
            raise UpdateUntrusted(place=address, detail=error.words) from error


def _read(address: str) -> bytes:
    import httpx

    deadline, read = time.monotonic() + _SECONDS, bytearray()
    headers = {"User-Agent": "kotaemon-desktop", "Accept": "application/json", "Accept-Encoding": "identity"}
    try:
        with httpx.Client(timeout=_SILENCE, headers=headers) as client, client.stream("GET", address) as reply:
            if reply.status_code != _FOUND:  # a redirect too: only the host in the settings is asked
                raise UpdateUnreachable(place=address, detail=Phrase(N_("status {status}"), status=reply.status_code))
            for piece in reply.iter_raw():
                read += piece
                if len(read) > MOST_BYTES:
                    raise UpdateUntrusted(place=address, detail=Phrase(N_("it is too long")))
                if time.monotonic() > deadline:
                    raise UpdateUnreachable(place=address, detail=Phrase(N_("it is too slow")))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UpdateUnreachable(place=address, detail=str(error) or type(error).__name__) from error
    return bytes(read)
