"""The command that looks after models: what there is, what suits this machine, and which one is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, Result, fail, opened
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.models.remote import leaves
from kotaemon_desktop.core.paths import DataFolder

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.fit import Fitting
    from kotaemon_desktop.core.registry import Card, ModelRegistry

_TASKS = {"embedding": N_("embedder"), "reranking": N_("reranker"), "generation": N_("language model")}


def models(folder: DataFolder, chosen: Any, output: Output) -> int:
    """List, add, download, remove, test or choose models; ends with the list."""
    if (chosen.what is None) != (chosen.action == "list"):
        fail(_("models: list | add FOLDER | download ID | remove ID | test ID | default ID"))
        return WRONG_USAGE
    from kotaemon_desktop.core.registry import ModelRegistry

    with opened(folder) as engine:
        registry = ModelRegistry(engine)
        _do(registry, chosen.action, chosen.what, output)
        cards = registry.cards()
    here = [card for card in cards if card.installed]
    result: Result = {"models": [_model(card) for card in here]}
    if chosen.action == "list":
        result["available"] = [_model(card) for card in cards if not card.installed]
    output.result(result, _as_text(cards, with_offers=chosen.action == "list"))
    return DONE


def _do(registry: ModelRegistry, action: str, what: str, output: Output) -> None:
    if action == "add":
        registry.add(Path(what))
    elif action == "remove":
        registry.remove(what)
        registry.purge()
    elif action == "download":
        for progress in registry.download(what):
            output.event(progress, None)
    elif action == "test":
        speed = registry.test(what)
        output.event(speed, _("{model}: loaded in {seconds} s").format(model=what, seconds=f"{speed.load_seconds:.1f}"))
    elif action == "default":
        _choose(registry, what, output)


def _choose(registry: ModelRegistry, what: str, output: Output) -> None:
    """Make ``what`` the default of its task, and say what follows from another embedder."""
    task = registry.choose(what)
    change = registry.change(what) if task == "embedding" else None
    if change is not None and change.passages:
        one = N_("{n} passage is embedded anew with the next import, or while the window is open.")
        many = N_("{n} passages are embedded anew with the next import, or while the window is open.")
        output.note(count(change.passages, one, many))


def _as_text(cards: list[Card], *, with_offers: bool) -> str:
    lines = [_line(card) for card in cards if card.installed] or [_("No models are installed.")]
    offered = [_line(card) for card in cards if not card.installed]
    if with_offers and offered:
        lines += ["", _("To download:"), *offered]
    return "\n".join(lines)


def _line(card: Card) -> str:
    judged = _judged(card)
    said = [_(_TASKS[card.task])]
    said += [f"{card.bytes / 1e6:.0f} MB", judged.name] if judged else [_where(card)]
    if card.speed is not None:
        said.append(_speed(card))
    if card.is_default:
        said.append(_("default"))
    if card.recommended:
        said.append(_("recommended"))
    return f"{card.id}  ({', '.join(said)})"


def _judged(card: Card) -> Fitting | None:
    """Return how a model would run here; None for one elsewhere."""
    return card.offers[0].fitting if card.offers else card.fitting


def _where(card: Card) -> str:
    words = N_("leaves this machine: {address}") if leaves(card.address) else N_("another program here: {address}")
    return _(words).format(address=card.address)


def _speed(card: Card) -> str:
    speed = card.speed
    if speed is None:
        return ""
    if card.task == "generation" and not speed.reads:
        return _("writes {rate} tokens a second").format(rate=f"{speed.writes:.1f}")
    if card.task == "generation":
        return _("reads {reads} and writes {writes} tokens a second").format(
            reads=f"{speed.reads:.0f}", writes=f"{speed.writes:.1f}"
        )
    return _("{rate} passages a second").format(rate=f"{speed.passages:.1f}")


def _model(card: Card) -> Result:
    judged = _judged(card)
    speed = card.speed
    return {
        "id": card.id,
        "name": card.name,
        "task": card.task,
        "bytes": card.bytes,
        "languages": list(card.languages),
        "licence": card.licence,
        "folder": card.folder,
        "default": card.is_default,
        "recommended": card.recommended,
        "address": card.address,
        "fit": judged.fit.value if judged else "",
        "why": judged.why if judged else _where(card),
        "needed": judged.needed if judged else 0,
        "speed": speed
        and {
            "load_seconds": round(speed.load_seconds, 3),
            "bytes": speed.bytes,
            "reads": round(speed.reads, 2),
            "writes": round(speed.writes, 2),
            "passages": round(speed.passages, 2),
        },
    }
