"""Puts the numbers of a usage report into words."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale

from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.i18n import N_, _, count, language, percent, sentences
from kotaemon_desktop.core.storage.usage_report import GIGABYTE, HOUR, ComponentUsage, Period, PeriodUsage, TimerAdvice
from kotaemon_desktop.qt.numbers import duration

PERIODS = {
    Period.TODAY: N_("Today"),
    Period.WEEK: N_("7 days"),
    Period.MONTH: N_("30 days"),
    Period.YEAR: N_("12 months"),
}


def gigabyte_hours(byte_seconds: float) -> str:
    """Return ``byte_seconds`` in GB-hours, without the unit."""
    value = byte_seconds / GIGABYTE / HOUR
    if 0 < value < 0.01:
        return "< 0.01"
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def share(part: float, whole: float) -> float | None:
    """Return what share of ``whole`` the ``part`` is, None where there is no whole."""
    return part / whole if whole > 0 else None


def usage_name(usage: ComponentUsage) -> str:
    """Return what people call a component, with its model where it has one."""
    name = component_name(usage.name)
    return f"{name} · {usage.variant}" if usage.variant else name


def summary(total: PeriodUsage) -> str:
    """Return the period in one or two sentences."""
    if not total.components:
        return _("Nothing was loaded in this period. Ask a question or add a file, then see here what it took.")
    saved = 1 - (share(total.byte_seconds, total.always_on_byte_seconds) or 0.0)
    words = _("The program ran for {time}. What was loaded took {taken} GB‑hours of memory.").format(
        time=duration(total.ran_seconds), taken=gigabyte_hours(total.byte_seconds)
    )
    if saved <= 0 or total.always_on_byte_seconds == 0:
        return words
    comparison = _("Always loaded it would have been {always} GB‑hours: {percent} saved.").format(
        always=gigabyte_hours(total.always_on_byte_seconds), percent=percent(saved)
    )
    return sentences(words, comparison)


def part_words(part: PeriodUsage, period: Period) -> str:
    """Return one bar of the chart in words."""
    return _("{when}: {taken} GB‑hours, always loaded {always}").format(
        when=part_name(part, period),
        taken=gigabyte_hours(part.byte_seconds),
        always=gigabyte_hours(part.always_on_byte_seconds),
    )


def part_name(part: PeriodUsage, period: Period) -> str:
    """Return the day or month of ``part``, short, as the language writes it."""
    day = QDateTime.fromSecsSinceEpoch(round(part.since)).date()
    if period is Period.YEAR:
        return QLocale(language()).toString(day, "MMM yyyy" if language() == "en" else "yyyy年M月")
    return QLocale(language()).toString(day, "ddd d MMM" if language() == "en" else "M月d日 ddd")


def advice_words(advice: TimerAdvice) -> str:
    """Return a suggestion in one sentence or two."""
    facts = {
        "component": component_name(advice.component),
        "now": duration(advice.timer),
        "timer": duration(advice.suggested),
        "memory": gigabyte_hours(abs(advice.byte_seconds)),
        "waiting": duration(abs(advice.waiting_seconds)),
    }
    if advice.suggested == advice.timer:
        pauses = count(advice.rests, N_("{n} pause"), N_("{n} pauses"))
        return _("{component}: a timer of {now} suits the way you work ({pauses}).").format(pauses=pauses, **facts)
    loads = count(abs(advice.reloads), N_("{n} load"), N_("{n} loads"))
    if advice.suggested > advice.timer:
        words = _(
            "{component}: staying for {timer} instead of {now} would have avoided {loads}, saved {waiting} of waiting "
            "and cost {memory} GB‑hours."
        )
    elif advice.reloads == 0:
        words = _(
            "{component}: leaving after {timer} instead of {now} would have spared {memory} GB‑hours without a single "
            "load more."
        )
    else:
        words = _(
            "{component}: leaving after {timer} instead of {now} would have spared {memory} GB‑hours and cost {loads} "
            "more, {waiting} of waiting."
        )
    return words.format(loads=loads, **facts)
