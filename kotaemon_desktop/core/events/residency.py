"""What happens to components."""

from __future__ import annotations

import msgspec

from kotaemon_desktop.core.records import ComponentState


class ComponentChanged(msgspec.Struct, frozen=True):
    """A component went from one state to another. ``cause`` is a word: request, idle, user, crash, quit, ..."""

    component: str
    before: ComponentState
    after: ComponentState
    at: float  # wall clock, seconds
    cause: str
    bytes: int = 0  # held before it went, or after it came
    seconds: float = 0.0  # how long the change took
    detail: str = ""


class Loaded(msgspec.Struct, frozen=True):
    """A host more of a component is ready after ``seconds`` and holds ``bytes``. ``cause``: request, typing, hours."""

    component: str
    at: float  # wall clock, seconds
    seconds: float
    bytes: int
    cause: str = "request"


class Released(msgspec.Struct, frozen=True):
    """The proof of release: ``held`` bytes before, ``freed`` of them given back to the operating system."""

    component: str
    at: float
    cause: str
    held: int
    freed: int


ResidencyEvent = ComponentChanged | Loaded | Released
