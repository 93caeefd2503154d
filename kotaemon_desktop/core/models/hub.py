"""Where models are downloaded from, and as whom: the hub's address, the token for it, and whether it may be asked."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PUBLIC = "https://huggingface.co"
_SERVICE = "kotaemon-desktop"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub that speaks Hugging Face's protocol. ``endpoint`` is its address without a slash at the end."""

    endpoint: str = PUBLIC
    token: str | None = None
    offline: bool = False

    @property
    def host(self) -> str:
        """Its name for people."""
        return _host(self.endpoint)

    @property
    def credentials(self) -> str | bool | None:
        """What huggingface_hub sends: our token, else the one that its own tools keep, but that to its own hub only."""
        return self.token or (None if self.endpoint == PUBLIC else False)


def address(setting: str) -> str:
    """Return the address of the hub: ``setting``, else what ``HF_ENDPOINT`` says, else the public one."""
    return (setting or os.environ.get("HF_ENDPOINT") or PUBLIC).rstrip("/")


class Tokens:
    """Keeps a token for each hub, in the system's keyring where there is one, else until the program ends.

    A token belongs to the host that it was given for: no mirror ever sees another's. Any thread; a keyring may take
    its time, or ask its owner for a password.
    """

    def __init__(self) -> None:
        self._session: dict[str, str] = {}

    def get(self, endpoint: str) -> str | None:
        """Return the token for ``endpoint``, or None."""
        host = _host(endpoint)
        if host not in self._session:
            with _keyring() as keyring:
                self._session[host] = keyring.get_password(_SERVICE, host) or ""
        return self._session.get(host) or None

    def set(self, endpoint: str, token: str) -> bool:
        """Keep ``token`` for ``endpoint``, or forget it when it is empty. Returns whether the keyring has done it."""
        host = _host(endpoint)
        self._session[host] = token
        with _keyring() as keyring:
            if token:
                keyring.set_password(_SERVICE, host, token)
            else:
                keyring.delete_password(_SERVICE, host)
            return True
        return False


def _host(endpoint: str) -> str:
    from urllib.parse import urlsplit  # half a megabyte that a start need not hold

    return urlsplit(endpoint).netloc or endpoint


@contextmanager
def _keyring() -> Generator[Any]:
    """Lend the system's keyring; where there is none, or it refuses, the block is left early."""
    import keyring  # 30 ms, and only who downloads needs it
    from keyring.errors import KeyringError

    try:
        yield keyring
    except (KeyringError, RuntimeError, OSError) as error:  # back ends raise what their system raises
        _log.info("keyring: %s", error)
