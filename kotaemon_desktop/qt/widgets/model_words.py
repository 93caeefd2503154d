"""What people read about models: sizes, languages, speeds, downloads."""

from __future__ import annotations

from kotaemon_desktop.core.i18n import N_, _, count, listed, sentences
from kotaemon_desktop.core.models.fit import Fit, Fitting
from kotaemon_desktop.core.models.remote import leaves
from kotaemon_desktop.core.records import ModelSpeed
from kotaemon_desktop.core.registry import Card
from kotaemon_desktop.qt.numbers import clock, duration, share_of, size
from kotaemon_desktop.qt.viewmodels.transfer import Transfer

TONES = {Fit.WELL: "positive", Fit.TIGHT: "warning", Fit.TOO_BIG: "danger"}
_LANGUAGES = {"en": N_("English"), "zh": N_("Chinese"), "multilingual": N_("many languages")}
_FEW = 2  # languages that are named
_LICENCES = {"apache-2.0": "Apache 2.0", "mit": "MIT", "gemma": "Gemma", "llama3.2": "Llama 3.2"}


def facts(card: Card, count: int) -> str:
    """Return what there is to say of a model with ``count`` bytes, beside how it runs."""
    licence = _("{name} licence").format(name=_LICENCES.get(card.licence, card.licence)) if card.licence else ""
    return " · ".join(filter(None, (size(count), languages(card.languages), licence)))


def place(address: str) -> str:
    """Return where a model elsewhere is, and what that means."""
    words = N_("leaves this machine") if leaves(address) else N_("another program here")
    return _(words)


def sending(card: Card) -> str:
    """Return what the embedder of ``card`` is sent; empty for one of this program."""
    if not card.address:
        return ""
    return _("The text of all passages, and of every question, is sent to {address}.").format(address=card.address)


def languages(codes: tuple[str, ...]) -> str:
    """Return the languages of a model as people name them."""
    if len(codes) > _FEW or not codes:
        return _("{n} languages").format(n=len(codes)) if codes else ""
    return listed(_(_LANGUAGES[code]) if code in _LANGUAGES else code for code in codes)


def speed(measured: ModelSpeed) -> str:
    """Return the result of a self-test."""
    if measured.task == "generation" and not measured.reads:  # elsewhere nobody tells
        return _("writes {rate} tokens a second").format(rate=f"{measured.writes:.1f}")
    if measured.task == "generation":
        return _("reads {reads} and writes {writes} tokens a second").format(
            reads=f"{measured.reads:.0f}", writes=f"{measured.writes:.1f}"
        )
    return _("{rate} passages a second").format(rate=f"{measured.passages:.1f}")


def estimate(fitting: Fitting) -> str:
    """Return what a language model would write here, by what others did; empty where nobody knows."""
    return _("about {writes} tokens a second").format(writes=f"{fitting.writes:.0f}") if fitting.writes else ""


def transfer(under_way: Transfer) -> str:
    """Return how far a download is."""
    progress = under_way.progress
    if under_way.stopping:
        return _("Stopping…")
    if progress is None:
        return _("Asking the hub…")
    rate = _("{rate} a second").format(rate=size(int(progress.rate))) if progress.rate else ""
    left = _("{time} left").format(time=clock(progress.seconds_left)) if progress.seconds_left else ""
    return " · ".join(filter(None, (share_of(progress.done, progress.total), rate, left)))


def cost(passages: int, seconds: float | None) -> str:
    """Return what another embedder takes."""
    one = N_("{n} passage is embedded anew in the background.")
    many = N_("{n} passages are embedded anew in the background.")
    time = "" if seconds is None else _("That takes about {time}.").format(time=duration(max(1.0, seconds)))
    return sentences(count(passages, one, many), time)
