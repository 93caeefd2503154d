"""How many there are of what every command counts."""

from __future__ import annotations

from kotaemon_desktop.core.i18n import N_, count


def documents(number: int) -> str:
    """Return so many documents in words."""
    return count(number, N_("{n} document"), N_("{n} documents"))


def passages(number: int) -> str:
    """Return so many passages in words."""
    return count(number, N_("{n} passage"), N_("{n} passages"))
