"""One way of embedding texts, in a process of its own: requests as JSON lines in, answers out; for encoders.py.

Run with: python encoder_engines.py own|plain|torch FOLDER THREADS
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_BATCH = 32  # what sentence-transformers takes by itself
_TOKENS = 256  # what the model reads of a text


def own(folder: Path, threads: int) -> Callable[[Sequence[str]], Any]:
    """Return the product's own encoder."""
    from kotaemon_desktop.core.models import session
    from kotaemon_desktop.core.models.encoder import Encoder

    session.threads = lambda: threads  # the same for all, whatever the machine has
    encoder = Encoder(str(folder))
    return lambda texts: encoder.embed(texts, "passage")


def plain(folder: Path, threads: int) -> Callable[[Sequence[str]], Any]:
    """Return what a first attempt does: the float32 graph, as the texts come, filled up to the longest of a batch."""
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session: Any = onnxruntime.InferenceSession(
        str(folder / "onnx" / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_TOKENS)
    tokenizer.enable_padding()
    names = {each.name for each in session.get_inputs()}

    def embed(texts: Sequence[str]) -> Any:
        parts: list[Any] = []
        for start in range(0, len(texts), _BATCH):
            encoded = tokenizer.encode_batch(list(texts[start : start + _BATCH]))
            ids = np.array([each.ids for each in encoded], np.int64)
            mask = np.array([each.attention_mask for each in encoded], np.int64)
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            output = session.run(None, {name: value for name, value in feed.items() if name in names})[0]
            if output.ndim == 3:
                weights = mask[..., None].astype(np.float32)
                output = (output * weights).sum(axis=1) / weights.sum(axis=1)
            parts.append(output / np.linalg.norm(output, axis=1, keepdims=True))
        return np.concatenate(parts)

    return embed


def torch(folder: Path, threads: int) -> Callable[[Sequence[str]], Any]:
    """Return sentence-transformers on torch, as it comes."""
    import torch as library  # pyright: ignore[reportMissingImports]
    from sentence_transformers import SentenceTransformer  # pyright: ignore[reportMissingImports]

    library.set_num_threads(threads)
    model: Any = SentenceTransformer(str(folder), device="cpu")
    return lambda texts: model.encode(list(texts), normalize_embeddings=True)


def _peak() -> int:
    """Return the most bytes that this process has held. (getrusage counts those of its parent before exec as well.)"""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) << 10


def main() -> None:
    """Answer requests until standard input ends."""
    name, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    embed = {"own": own, "plain": plain, "torch": torch}[name](folder, threads)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        vectors = embed(request["texts"])
        seconds = time.perf_counter() - started
        np.save(request["into"], np.asarray(vectors, np.float32))
        print(json.dumps({"seconds": seconds, "peak": _peak()}), file=answers, flush=True)


if __name__ == "__main__":
    main()
