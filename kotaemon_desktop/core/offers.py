"""What is proposed for settings whose values depend on what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.i18n import _
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
    task = {"embedders": "embedding", "rerankers": "reranking", "retrievers": ""}.get(kind, "generation")
    known = (*engine.models.models(), *engine.remote.models())
    installed = {each.id: each.id for each in known if each.task == task}
    installed |= {f"plugin.{each.name}": each.label for each in engine.plugins.known(kind)}
    if kind == "embedders":
        return {"": _("The one that made the index"), **installed}
    if kind == "retrievers":
        return {"": _("Words and meaning"), **installed}
    none = _("None") if kind == "rerankers" else _("None, quotes only")
    return {"": _("What is installed"), "none": none, **installed}
