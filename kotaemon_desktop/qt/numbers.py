"""Numbers as people read them: bytes and times."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale

from kotaemon_desktop.core.i18n import _, language

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """Return ``count`` bytes with a unit (powers of 1,024), three significant digits at most below 1,000."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = 0 if unit < 3 or value >= 100 else 1
    return f"{value:,.{digits}f} {_UNITS[unit]}"


def share_of(part: int, whole: int) -> str:
    """Return ``part`` of ``whole`` bytes, the unit once where both have the same: ``8.0 of 15.6 GB``."""
    left, right = size(part), size(whole)
    number, _space, unit = left.rpartition(" ")
    return _("{used} of {total}").format(used=number if right.endswith(f" {unit}") else left, total=right)


def clock(seconds: float) -> str:
    """Return ``seconds`` as minutes and seconds, ``4:12``, or with hours, ``1:04:12``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """Return ``seconds`` with the unit that suits them: ``52 s``, ``1.5 min``, ``14 min``, ``4.2 h``."""
    if seconds < 60:
        return _("{n} s").format(n=_short(seconds))
    if seconds < 90 * 60:
        return _("{n} min").format(n=_short(seconds / 60))
    return _("{n} h").format(n=_short(seconds / 3600))


def moment(at: float, now: float) -> str:
    """Return when ``at`` was (both wall-clock seconds): the time today, else the day, with the year of another one."""
    then, today = QDateTime.fromSecsSinceEpoch(int(at)), QDateTime.fromSecsSinceEpoch(int(now)).date()
    day = then.date()
    if day == today:
        return then.toString("HH:mm")
    if day == today.addDays(-1):
        return _("Yesterday")
    form = _("d MMM") if day.year() == today.year() else _("d MMM yyyy")
    return QLocale(language()).toString(day, form)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
