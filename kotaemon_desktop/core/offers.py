"""What is proposed for settings whose values depend on what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.residency.names import EMBEDDER, GENERATOR, READER, RETRIEVAL

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine


def offered(engine: Engine, kind: str) -> dict[str, str]:
    """Return what is proposed for a setting that ``offers`` a ``kind``: values, and what people call them."""
    if kind == "components":
        resting = (RETRIEVAL, GENERATOR, EMBEDDER, READER)
        return {name: component_name(name) for name in resting}
    if kind.startswith("candidate "):
        return {**offered(engine, kind.removeprefix("candidate ")), "": _("The same as otherwise")}
    if kind == "pipelines":
        from kotaemon_desktop.core.pipeline import choice

        return {
            "": _("By rule"),
            **{name: choice.name_of(name) for name in choice.pipelines(engine.settings.pipelines)},
        }
    if kind == "vector_stores":
        return {"chroma": "Chroma", "mapped": _("A mapped file"), **_brought(engine, kind)}
    if kind == "retrievers":
        return {"": _("Words and meaning"), **_brought(engine, kind)}
    task = {"embedders": "embedding", "rerankers": "reranking"}.get(kind, "generation")
    known = (*engine.models.models(), *engine.remote.models())
    installed = {each.id: each.id for each in known if each.task == task}
    installed |= _brought(engine, kind)
    if kind == "embedders":
        return {"": _("The one that made the index"), **installed}
    none = _("None") if kind == "rerankers" else _("None, quotes only")
    return {"": _("What is installed"), "none": none, **installed}


def _brought(engine: Engine, kind: str) -> dict[str, str]:
    return {f"{PREFIX}{each.name}": each.label for each in engine.plugins.known(kind)}
