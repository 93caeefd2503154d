"""Components as people read of them: what one is doing, why one came or went, and the proof of what was freed."""

from __future__ import annotations

import time

from kotaemon_desktop.core.component_names import component_name, state_name
from kotaemon_desktop.core.events import Loaded, Released
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt.numbers import clock, share_of, size

_COLOURS = {name: f"plot_{name}" for name in ("window", "reader", "embedder", "retrieval", "generator")}
_CAUSES = {
    "request": N_("it was needed"),
    "typing": N_("a question was being typed"),
    "hours": N_("keep-warm hours"),
    "idle": N_("idle"),
    "user": N_("unloaded by hand"),
    "quit": N_("the program ends"),
    "crash": N_("it stopped by itself"),
    "memory": N_("memory was low"),
    "battery": N_("on battery"),
    "locked": N_("the screen was locked"),
    "resumed": N_("the machine had slept"),
    "evicted": N_("made room for another"),
}


def status_name(status: ComponentStatus) -> str:
    """Return the name of a component, with the number of its processes if they are several."""
    name = component_name(status.name)
    return f"{name} ×{status.hosts}" if status.hosts > 1 else name


def component_colour(name: str) -> str:
    """Return the theme's colour of component ``name`` in plots; the main process is ``window``."""
    return _COLOURS.get(name, "plot_other")


def cause_words(cause: str) -> str:
    """Return why a component came or went, in words."""
    return _(_CAUSES.get(cause, cause))


def status_words(status: ComponentStatus) -> str:
    """Return where a component stands, in one line."""
    parts = [_state_words(status)]
    if status.bytes:
        parts.insert(0, size(status.bytes))
    if status.waiting:
        parts.append(count(status.waiting, N_("{n} waits"), N_("{n} wait")))
    return " · ".join(parts)


def reload_words(status: ComponentStatus) -> str:
    """Return how soon a component is back once it has gone, as measured here; empty before its first wake."""
    if not status.expected_wake:
        return ""
    return _("back in {seconds} s").format(seconds=_seconds(status.expected_wake))


def mark_words(mark: Loaded | Released) -> str:
    """Return what came or went, why, how large it was and how long it took."""
    name, cause = component_name(mark.component), cause_words(mark.cause)
    if isinstance(mark, Loaded):
        words = _("{component} loaded ({cause}): {size} in {seconds} s")
        return words.format(component=name, cause=cause, size=size(mark.bytes), seconds=_seconds(mark.seconds))
    return f"{freed_words(mark)} ({cause})"


def freed_words(released: Released) -> str:
    """Return how much of what a component held the system has back."""
    freed = share_of(released.freed, released.held)
    return _("{component}: freed {freed}").format(component=component_name(released.component), freed=freed)


def freed_line(released: Released) -> str:
    """Return the same with its time and its cause, for a list."""
    at = time.strftime("%H:%M:%S", time.localtime(released.at))
    return f"{at}  {freed_words(released)} ({cause_words(released.cause)})"


def _state_words(status: ComponentStatus) -> str:
    if status.state is ComponentState.FAILED and status.reason:
        return _("stopped: {reason}").format(reason=status.reason)
    if status.state is ComponentState.WAKING and status.expected_wake:
        return _("loading, about {seconds} s").format(seconds=_seconds(status.expected_wake))
    if status.state is ComponentState.ABSENT:
        return " · ".join(filter(None, (state_name(status.state), reload_words(status))))
    if status.unload_asked and status.state is ComponentState.BUSY:
        return " · ".join((state_name(status.state), _("then unloads")))
    if status.pinned:
        return " · ".join((state_name(status.state), _("stays")))
    if status.idle_deadline is not None:
        return _("unloads in {time}").format(time=clock(status.idle_deadline))
    return state_name(status.state)


def _seconds(seconds: float) -> str:
    """Return seconds with the one digit that matters."""
    return f"{max(0.1, seconds):.1f}" if seconds < 10 else f"{seconds:.0f}"
