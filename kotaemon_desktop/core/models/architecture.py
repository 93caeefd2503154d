"""Reads what a language model's folder says about its graph: cache names and shapes, stop tokens, shared buffers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from kotaemon_desktop.core.models import layout
from kotaemon_desktop.core.models.manifest import Manifest

_PAST = re.compile(r"past_key_values\.(\d+)\.(key|value)")


@dataclass(frozen=True, slots=True)
class Architecture:
    """The facts of a decoder that its graph does not always tell.

    ``cache`` maps each input that takes keys or values to the output that gives them back; ``heads`` and
    ``head_size`` are the shape of one token in it, 0 where no file says.
    """

    cache: dict[str, str]
    heads: int
    head_size: int
    stop_ids: frozenset[int]


def shares_buffers(folder: Path, model: Manifest) -> bool:
    """Whether input and output of the cache of ``model`` in ``folder`` may be the same memory."""
    # Only this operator writes new keys in place, and only the genai builder says when the graph allows it.
    allowed = _object(folder / "genai_config.json").get("search", {}).get("past_present_share_buffer")
    return bool(allowed) and layout.mentions(folder / model.graph, "GroupQueryAttention")


def read(folder: Path, inputs: list[str]) -> Architecture:
    """Return the architecture of the model in ``folder``, whose graph has ``inputs``."""
    genai = _object(folder / "genai_config.json")
    config = _object(folder / "config.json")
    decoder: Mapping[str, Any] = genai.get("model", {}).get("decoder", {})
    heads = decoder.get("num_key_value_heads") or config.get("num_key_value_heads") or config.get("num_attention_heads")
    return Architecture(
        cache=_named_cache(decoder, inputs) or {name: f"present.{m[1]}.{m[2]}" for name, m in _matches(inputs)},
        heads=int(heads or 0),
        head_size=_head_size(decoder, config),
        stop_ids=_stop_ids(folder, genai.get("model", {}), config),
    )


def _named_cache(decoder: Mapping[str, Any], inputs: list[str]) -> dict[str, str]:
    """Return the cache as genai_config.json names it, or nothing where it does not."""
    taken, given = decoder.get("inputs", {}), decoder.get("outputs", {})
    pairs: dict[str, str] = {}
    for kind in ("key", "value"):
        past, present = taken.get(f"past_{kind}_names"), given.get(f"present_{kind}_names")
        if past and present:
            for number in range(int(decoder.get("num_hidden_layers", 0))):
                pairs[past.replace("%d", str(number))] = present.replace("%d", str(number))
    return {past: present for past, present in pairs.items() if past in inputs}


def _matches(inputs: list[str]) -> list[tuple[str, re.Match[str]]]:
    return [(name, match) for name in inputs if (match := _PAST.fullmatch(name))]


def _head_size(decoder: Mapping[str, Any], config: Mapping[str, Any]) -> int:
    size = decoder.get("head_size") or config.get("head_dim")
    if not size and config.get("hidden_size") and config.get("num_attention_heads"):
        size = config["hidden_size"] // config["num_attention_heads"]
    return int(size or 0)


def _stop_ids(folder: Path, genai: Mapping[str, Any], config: Mapping[str, Any]) -> frozenset[int]:
    """Return every token that one of the files calls the end: they do not always agree, and each is meant."""
    ends: set[int] = set()
    for source in (genai, config, _object(folder / "generation_config.json")):
        end = source.get("eos_token_id")
        ends.update(cast("list[int]", end) if isinstance(end, list) else [] if end is None else [end])
    return frozenset(ends)


def _object(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}
