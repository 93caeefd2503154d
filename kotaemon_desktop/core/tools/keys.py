"""Keys and passwords of tools: read from the keychain in the host that sends them, and in no other process."""

from __future__ import annotations

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.tools.errors import ToolFailed

_HIDDEN = "•••"


def entry(name: str) -> str:
    """Return what the keychain calls the key ``name`` of a tool."""
    return f"tool:{name}"


def secret(tool: str, name: str) -> str:
    """Return the key ``name``; empty where none is needed. Raises ToolFailed where there is none."""
    if not name:
        return ""
    found = Keychain().get(entry(name))  # a new one each time: the key may have been changed
    if not found:
        detail = Phrase(N_("there is no key “{name}”; set it with: kotaemon-desktop tools key {name}"), name=name)
        raise ToolFailed(tool=tool, detail=detail)
    return found


def without(text: str, key: str) -> str:
    """Return ``text`` without ``key``, in case that somebody has sent it back."""
    return text.replace(key, _HIDDEN) if key else text
