"""Keeps what nobody else may read, keys and tokens, where the system keeps passwords."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

_SERVICE: Final = "kotaemon-desktop"
_VARIABLE: Final = "KOTAEMON_DESKTOP_KEY_"

_log = logging.getLogger(__name__)


class Keychain:
    """Knows secrets by name: in the system's keyring where there is one, else until the program ends.

    Where no keyring answers, as on a server, the environment does: see :func:`variable`. Any thread; a keyring may take
    its time, or ask its owner for a password.
    """

    def __init__(self) -> None:
        self._session: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """Return the secret ``name``, or None."""
        if name not in self._session:
            found = ""
            with _keyring() as keyring:
                found = keyring.get_password(_SERVICE, name) or ""
            self._session[name] = found or os.environ.get(variable(name), "")
        return self._session[name] or None

    def set(self, name: str, secret: str) -> bool:
        """Keep ``secret`` as ``name``, or forget it when it is empty. Returns whether the keyring has done it."""
        self._session[name] = secret
        with _keyring() as keyring:
            if secret:
                keyring.set_password(_SERVICE, name, secret)
            else:
                keyring.delete_password(_SERVICE, name)
            return True
        return False


def variable(name: str) -> str:
    """Return the environment's variable for the secret ``name``: ``KOTAEMON_DESKTOP_KEY_API_EXAMPLE_COM``."""
    return _VARIABLE + re.sub(r"\W", "_", name).upper()


@contextmanager
def _keyring() -> Generator[Any]:
    """Lend the system's keyring; where there is none, or it refuses, the block is left early."""
    import keyring  # 30 ms, and only who has a secret needs it
    from keyring.errors import KeyringError

    try:
        yield keyring
    except (KeyringError, RuntimeError, OSError) as error:  # back ends raise what their system raises
        _log.info("keyring: %s", error)
