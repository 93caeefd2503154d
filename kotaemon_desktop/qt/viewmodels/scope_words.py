"""A scope in the words of the chosen language, short enough for a button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.scope import Scope


def scope_words(scope: Scope) -> str:
    """Return what ``scope`` means: “Contracts · pdf · from 2024-01-01”."""
    return " · ".join(_parts(scope)) if scope else _("All documents")


def _parts(scope: Scope) -> Iterator[str]:
    yield from scope.collections
    if len(scope.paths) == 1:
        yield PurePath(scope.paths[0]).name
    elif scope.paths:
        yield count(len(scope.paths), N_("{n} document"), N_("{n} documents"))
    yield from scope.names
    yield from scope.kinds
    if scope.after:
        yield _("from {day}").format(day=scope.after)
    if scope.before:
        yield _("before {day}").format(day=scope.before)
