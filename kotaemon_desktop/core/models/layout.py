"""Tells what a folder with an ONNX model is: its task, its layout, the files it needs and those it lacks.

Two layouts are known. ``genai``: ``genai_config.json`` beside the graph, as onnxruntime-genai writes it. ``onnx``:
``config.json`` with ``onnx/model*.onnx``, as onnx-community, Xenova and sentence-transformers publish it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, cast

from kotaemon_desktop.core.errors import ModelIncomplete, UnsupportedModel
from kotaemon_desktop.core.models.manifest import MULTILINGUAL, Manifest, Pooling, Task

# int8 runs everywhere and prefills three times faster on a CPU than int4, which decodes somewhat faster.
_GRAPHS = ("model_quantized", "model_int8", "model_q4", "model", "model_fp16", "model_q4f16")
_COMPANIONS = re.compile(r"(?:1_Pooling/)?[^/]+\.json|[^/]+\.jinja|(?:README\.md|LICEN[CS]E[^/]*)", re.IGNORECASE)
_EXTERNAL = re.compile(rb"\n\x08location\x12([\x01-\x7f])", re.DOTALL)  # a StringStringEntryProto of onnx.proto
_BLOCK = 1 << 20
_OVERLAP = 256


def inspect(folder: Path, id: str) -> Manifest:  # noqa: A002 - it is what it is
    """Return what the model in ``folder`` is, under the name ``id``.

    Raises ModelIncomplete naming what is missing, UnsupportedModel when the folder holds something else.
    """
    if (folder / "genai_config.json").is_file():
        found = _inspect_genai(folder, id)
    elif (folder / "config.json").is_file():
        found = _inspect_onnx(folder, id)
    else:
        raise ModelIncomplete(model=id, missing="config.json / genai_config.json")
    for name in (found.graph, "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelIncomplete(model=id, missing=name)
    needed(folder, found)
    return found


def needed(folder: Path, model: Manifest) -> list[str]:
    """Return the paths inside ``folder`` that ``model`` needs. Raises ModelIncomplete when weights are missing."""
    weights = external_data(folder / model.graph)
    parent = PurePosixPath(model.graph).parent
    for name in sorted(weights):
        place = folder / parent / name
        if not place.is_file() or folder.resolve() not in place.resolve().parents:
            raise ModelIncomplete(model=model.id, missing=name)
    everything = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    data = [(parent / name).as_posix() for name in weights]
    return sorted({*choose(everything, model.graph), *data})


def choose(names: Iterable[str], graph: str = "") -> list[str]:
    """Return those of the file ``names`` that a model needs: ``graph`` with its data, and small companions."""
    all_names = list(names)
    graph = graph or best_graph(all_names)
    return sorted(n for n in all_names if (graph and _belongs(n, graph)) or _COMPANIONS.fullmatch(n))


def best_graph(names: Sequence[str]) -> str:
    """Return the ONNX file among ``names`` to take, or an empty string when there is none."""
    graphs = {
        PurePosixPath(n).stem: n for n in sorted(names, reverse=True) if re.fullmatch(r"(?:onnx/)?[^/]+\.onnx", n)
    }
    ranked = [graphs[stem] for stem in _GRAPHS if stem in graphs]
    return (ranked or sorted(graphs.values()) or [""])[0]


def external_data(graph: Path) -> set[str]:
    """Return the names of the files in which ``graph`` keeps weights, read without parsing the graph."""
    names: set[str] = set()
    for block in _blocks(graph):
        for match in _EXTERNAL.finditer(block):
            raw = block[match.end() : match.end() + match[1][0]]
            if len(raw) == match[1][0]:
                names.add(raw.decode("utf-8", "replace"))
    return names


def mentions(graph: Path, operator: str) -> bool:
    """Whether ``graph`` names ``operator``, read without parsing the graph."""
    wanted = operator.encode()
    return any(wanted in block for block in _blocks(graph))


def _blocks(file: Path) -> Iterable[bytes]:
    """Yield ``file`` in overlapping blocks; small ones, so that a thread which scans does not hold up the window."""
    with file.open("rb") as source:
        tail = b""
        while block := source.read(_BLOCK):
            yield tail + block
            tail = block[-_OVERLAP:]


def _belongs(name: str, graph: str) -> bool:
    return name == graph or (name.startswith(graph) and name[len(graph)] in "._")


def _inspect_genai(folder: Path, id: str) -> Manifest:  # noqa: A002
    model = _json(folder / "genai_config.json").get("model", {})
    graph = model.get("decoder", {}).get("filename")
    if not graph:
        raise UnsupportedModel(model=id, detail=f"genai_config.json: type {model.get('type', '?')}")
    languages, licence = _card(folder)
    return Manifest(
        id=id,
        task="generation",
        layout="genai",
        graph=graph,
        max_tokens=int(model.get("context_length", 2048)),
        languages=languages,
        licence=licence,
    )


def _inspect_onnx(folder: Path, id: str) -> Manifest:  # noqa: A002
    config = _json(folder / "config.json")
    names = [file.relative_to(folder).as_posix() for file in folder.rglob("*.onnx")]
    graph = best_graph(names)
    if not graph:
        raise ModelIncomplete(model=id, missing="onnx/model.onnx")
    languages, licence = _card(folder)
    query, passage = _prefixes(folder, id)
    return Manifest(
        id=id,
        task=_task(folder, config),
        layout="onnx",
        graph=graph,
        max_tokens=_longest(folder, config),
        languages=languages,
        licence=licence,
        pooling=_pooling(folder),
        query_prefix=query,
        passage_prefix=passage,
    )


def _task(folder: Path, config: dict[str, Any]) -> Task:
    architecture = str((config.get("architectures") or [""])[0])
    if (folder / "1_Pooling").is_dir() or (folder / "modules.json").is_file():
        return "embedding"
    if architecture.endswith("ForCausalLM"):
        return "generation"
    return "reranking" if architecture.endswith("ForSequenceClassification") else "embedding"


def _longest(folder: Path, config: dict[str, Any]) -> int:
    declared = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    return int(declared or config.get("max_position_embeddings") or 512)


def _pooling(folder: Path) -> Pooling:
    config = _json(folder / "1_Pooling" / "config.json")
    if config.get("pooling_mode_cls_token"):
        return "cls"
    return "last" if config.get("pooling_mode_lasttoken") else "mean"


def _prefixes(folder: Path, id: str) -> tuple[str, str]:  # noqa: A002
    """Return what to put before queries and before passages: the model's own prompts, or the E5 family's."""
    declared = _json(folder / "config_sentence_transformers.json").get("prompts")
    prompts: dict[str, str] = declared or {}
    passage = prompts.get("passage") or prompts.get("document") or ""
    if not any(prompts.values()) and "e5" in re.split(r"[-_.]", id.lower()):
        return "query: ", "passage: "
    return prompts.get("query") or "", passage


def _card(folder: Path) -> tuple[tuple[str, ...], str]:
    """Return the languages and the licence that the model card's front matter declares."""
    from ruamel.yaml import YAML  # only when a model is added; the window starts without it
    from ruamel.yaml.error import YAMLError

    card = folder / "README.md"
    text = card.read_text("utf-8", "replace") if card.is_file() else ""
    front = re.match(r"---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    try:
        facts: Any = YAML(typ="safe", pure=True).load(front[1]) if front else {}  # pyright: ignore[reportUnknownMemberType]
    except YAMLError:
        facts = {}
    if not isinstance(facts, dict):
        return (MULTILINGUAL,), ""
    declared: Any = cast("dict[str, Any]", facts)
    languages = declared.get("language") or MULTILINGUAL
    several = cast("list[Any]", languages) if isinstance(languages, list) else [languages]
    # YAML 1.2 keeps Norwegian's "no" a string; numbers and the like are not languages
    codes = tuple(code for code in several if isinstance(code, str))
    return codes or (MULTILINGUAL,), str(declared.get("license") or "")


def _json(file: Path) -> dict[str, Any]:
    """Return the object in ``file``; a missing or broken file is an empty one."""
    try:
        content: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}
