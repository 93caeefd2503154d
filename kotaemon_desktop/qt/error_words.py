"""What people read of an error."""

from __future__ import annotations

from kotaemon_desktop.core.errors import KotaemonError


def said(error: Exception) -> str:
    """Return the words of an error that is meant for people, and the kind with the words of any other."""
    known = isinstance(error, (KotaemonError, OSError))
    return str(error) if known else f"{type(error).__name__}: {error}"
