"""Where models are downloaded from, and as whom: the hub's address, the token for it, and whether it may be asked."""

from __future__ import annotations

import os
from dataclasses import dataclass

from kotaemon_desktop.core.keychain import Keychain

PUBLIC = "https://huggingface.co"


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
    """Keeps a token for each hub. A token belongs to the host that it was given for: no mirror ever sees another's."""

    def __init__(self, keychain: Keychain) -> None:
        self._keychain = keychain

    def get(self, endpoint: str) -> str | None:
        """Return the token for ``endpoint``, or None."""
        return self._keychain.get(_host(endpoint))

    def set(self, endpoint: str, token: str) -> bool:
        """Keep ``token`` for ``endpoint``, or forget it when it is empty. Returns whether the keyring has done it."""
        return self._keychain.set(_host(endpoint), token)


def _host(endpoint: str) -> str:
    from urllib.parse import urlsplit  # half a megabyte that a start need not hold

    return urlsplit(endpoint).netloc or endpoint
