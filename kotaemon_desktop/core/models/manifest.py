"""What the store knows about a model: ``kotaemon.json``, the file that makes a folder a model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from kotaemon_desktop.core.records import ModelInfo

FILE = "kotaemon.json"
MULTILINGUAL = "multilingual"

Task = Literal["embedding", "reranking", "generation"]
Pooling = Literal["mean", "cls", "last"]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one model. Written last and complete, so a folder that has one is a whole model.

    ``max_tokens`` is the longest input: where an embedder cuts its texts, or a generator's context.
    ``files`` are the sizes of the model's files in bytes, by their path inside the folder.
    """

    id: str
    task: Task
    layout: Literal["genai", "onnx"]
    graph: str
    max_tokens: int
    languages: tuple[str, ...] = (MULTILINGUAL,)
    licence: str = ""
    source: str = ""
    pooling: Pooling = "mean"
    query_prefix: str = ""
    passage_prefix: str = ""
    files: dict[str, int] = {}


def read(folder: Path) -> Manifest | None:
    """Return the manifest of ``folder``, or None where there is no whole model: no manifest, or a file cut or gone."""
    try:
        manifest = msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
        whole = all((folder / name).stat().st_size == size for name, size in manifest.files.items())
    except (OSError, msgspec.DecodeError):
        return None
    return manifest if whole else None


def write(folder: Path, manifest: Manifest) -> Manifest:
    """Take stock of the files in ``folder``, write ``manifest`` with them, and return it."""
    sizes = {
        file.relative_to(folder).as_posix(): file.stat().st_size
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != FILE
    }
    complete = msgspec.structs.replace(manifest, files=sizes)
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(complete), indent=2))
    return complete


def info(folder: Path, manifest: Manifest) -> ModelInfo:
    """Return ``manifest`` as the record that lists and protocols carry."""
    return ModelInfo(
        id=manifest.id,
        task=manifest.task,
        folder=str(folder),
        bytes=sum(manifest.files.values()),
        languages=manifest.languages,
        licence=manifest.licence,
        layout=manifest.layout,
    )
