"""What people call components, their states and the kinds of plugins: in errors, commands and the window alike."""

from __future__ import annotations

from kotaemon_desktop.core.i18n import N_, _

_NAMES = {
    "reader": N_("File reader"),
    "ocr": N_("Text recognition (OCR)"),
    "embedder": N_("Embedder (import)"),
    "retrieval": N_("Index and embedder"),
    "generator": N_("Language model"),
    "builder": N_("Model builder"),
    "tools": N_("Tools"),
    "probe": N_("Provider check"),
    "trial": N_("Model test"),
    "plugins": N_("Plugins"),
    "updates": N_("Update check"),
}
_STATES = {
    "absent": N_("not loaded"),
    "waking": N_("loading…"),
    "ready": N_("ready"),
    "busy": N_("working"),
    "idle": N_("idle"),
    "failed": N_("stopped"),
}

_PLUGINS = {
    "readers": N_("file reader"),
    "embedders": N_("embedder"),
    "vector_stores": N_("vector store"),
    "retrievers": N_("retriever"),
    "rerankers": N_("reranker"),
    "generators": N_("language model"),
    "routes": N_("way to answer"),
    "steps": N_("pipeline step"),
    "memory": N_("memory of conversations"),
    "tools": N_("tool"),
}


def component_name(name: str) -> str:
    """Return what people call component ``name``."""
    return _(_NAMES.get(name, name))


def state_name(state: str) -> str:
    """Return what people call ``state``, one of records.ComponentState."""
    return _(_STATES.get(state, state))


def plugin_kind_name(kind: str) -> str:
    """Return what people call a plugin of ``kind``, one of plugins.contract.KINDS."""
    return _(_PLUGINS.get(kind, kind))
