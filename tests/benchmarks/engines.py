"""One engine in a process of its own, for the generation benchmark: a JSON request a line in, a JSON answer a line out.

Run by generation.py, which says the engine and the model's folder. The peer's process has only the peer installed, so
nothing of the product is imported before it is asked for.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any


class Writer:
    """What the engines have in common: they read a prompt, and write in turns."""

    _stream: Iterator[int]

    def write(self, prompt: list[int], tokens: int) -> Iterator[int]:
        """Read ``prompt``, of which nothing is known yet, and yield ``tokens`` tokens."""
        raise NotImplementedError

    def begin(self, prompt: list[int], tokens: int) -> dict[str, Any]:
        """Return the seconds to the first of ``tokens`` tokens after ``prompt``."""
        start = time.perf_counter()
        self._stream = self.write(prompt, tokens)
        token = next(self._stream)
        return {"seconds": time.perf_counter() - start, "ids": [token]}

    def go_on(self, tokens: int) -> dict[str, Any]:
        """Return the seconds for the next ``tokens`` tokens."""
        start = time.perf_counter()
        ids = list(itertools.islice(self._stream, tokens))
        return {"seconds": time.perf_counter() - start, "ids": ids}


class Own(Writer):
    """The product's engine. It finds out by itself how many threads are best."""

    def __init__(self, folder: str, threads: int | None) -> None:
        from kotaemon_desktop.core.models import layout, manifest
        from kotaemon_desktop.core.models.drafts import NoDrafts, PromptLookup
        from kotaemon_desktop.core.models.generator import GeneratorService

        path = Path(folder)
        if manifest.read(path) is None:
            manifest.write(path, layout.inspect(path, path.name))
        self._service = GeneratorService(folder)
        self._sources: dict[str, Callable[[list[int]], Any]] = {
            "none": lambda _: NoDrafts(),
            "lookup": PromptLookup,
        }

    def write(self, prompt: list[int], tokens: int) -> Iterator[int]:
        self._service._decoder.cut(0)
        return self._service.tokens(prompt, tokens, drafts=self._sources["none"])

    def drafted(self, prompt: list[int], answer: list[int], rate: float | None) -> dict[str, Any]:
        """Write ``answer`` once more with guesses of which the share ``rate`` is right; None: with no guesses."""
        next(iter(self._service.tokens(prompt, 1, drafts=self._sources["none"])))  # so that the prompt costs nothing
        oracle: list[Any] = []

        def source(ids: list[int]) -> Any:
            oracle.append(_oracle(ids, prompt + answer, rate))
            return oracle[0]

        drafts = self._sources["none"] if rate is None else source
        result = _timed(self._service.tokens(prompt, len(answer), drafts=drafts))
        result["same"] = result.pop("ids") == answer
        if oracle:
            result |= {"drafted": oracle[0].drafted, "accepted": oracle[0].accepted}
        return result

    def identical(self, prompts: list[list[int]], tokens: int) -> dict[str, Any]:
        """Return on how many of ``prompts`` the text with guesses is the text without them."""
        same = drafted = 0
        for prompt in prompts:
            plain = list(self._service.tokens(prompt, tokens, drafts=self._sources["none"]))
            seen: list[Any] = []

            def source(ids: list[int], seen: list[Any] = seen) -> Any:
                seen.append(_counting(ids))
                return seen[0]

            same += list(self._service.tokens(prompt, tokens, drafts=source)) == plain
            drafted += seen[0].accepted
        return {"same": same, "prompts": len(prompts), "accepted": drafted}

    def agree(self, ids: list[int], chunk: int) -> dict[str, Any]:
        """Return how far the logits after ``ids`` lie from those of one run without a cache, of the largest of these.

        ``ids`` are read in chunks, token by token, and after a text that had their first half in common.
        """
        decoder = self._service._decoder

        def logits(tokens: list[int], chunk: int) -> Any:
            *_, last = decoder.read(tokens, chunk)
            return last

        def fresh(tokens: list[int], chunk: int) -> Any:
            decoder.clear()
            return logits(tokens, chunk)

        whole = fresh(ids, len(ids))
        found = {"chunked": fresh(ids, chunk), "cached": fresh(ids, 1)}
        half = len(ids) // 2
        fresh(ids[:half] + ids[:half], chunk)
        found["reused"] = logits(ids, chunk)
        return {name: float(abs(each - whole).max() / abs(whole).max()) for name, each in found.items()}

    def prefix(self, shared: list[int], ends: list[list[int]], file: str) -> dict[str, Any]:
        """Return the seconds to the first token: cold, after a question with the same prefix, from a restored cache."""
        service = self._service
        service._decoder.cut(0)
        found = {"cold": _timed(service.tokens(shared + ends[0], 1))["first"]}
        found["follow_up"] = _timed(service.tokens(shared + ends[1], 1))["first"]
        start = time.perf_counter()
        service.save_cache(file)
        found["save"] = time.perf_counter() - start
        service._decoder.cut(0)
        start = time.perf_counter()
        service.load_cache(file)
        found["load"] = time.perf_counter() - start
        found["restored"] = found["load"] + _timed(service.tokens(shared + ends[2], 1))["first"]
        return found


class Genai(Writer):
    """onnxruntime-genai, greedy, with as many threads as said or as it likes."""

    def __init__(self, folder: str, threads: int | None) -> None:
        import onnxruntime_genai  # pyright: ignore[reportMissingImports]

        self._library = onnxruntime_genai
        config = onnxruntime_genai.Config(folder)
        if threads:
            options = {"intra_op_num_threads": threads}
            config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
        self._model = onnxruntime_genai.Model(config)
        self._tokenizer = onnxruntime_genai.Tokenizer(self._model)  # whoever writes text holds one, as the product does

    def write(self, prompt: list[int], tokens: int) -> Iterator[int]:
        """As the base class has it; the cache is given just the length that it will need."""
        parameters = self._library.GeneratorParams(self._model)
        parameters.set_search_options(max_length=len(prompt) + tokens, do_sample=False)
        generator = self._library.Generator(self._model, parameters)
        generator.append_tokens(prompt)
        for _ in range(tokens):
            generator.generate_next_token()
            yield int(generator.get_next_tokens()[0])


class Uncached(Writer):
    """The loop that a tutorial starts with: the whole text again for each token, no cache, no options."""

    def __init__(self, folder: str, threads: int | None) -> None:
        import numpy as np
        import onnxruntime

        self._numpy = np
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        graph = str(Path(folder) / "model.onnx")
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def write(self, prompt: list[int], tokens: int) -> Iterator[int]:
        ids = list(prompt)
        for _ in range(tokens):
            feeds: dict[str, Any] = {}
            for each in self._session.get_inputs():
                if each.name in ("input_ids", "attention_mask"):
                    value = [ids] if each.name == "input_ids" else [[1] * len(ids)]
                    feeds[each.name] = self._numpy.array(value, self._numpy.int64)
                else:
                    heads, size = each.shape[1], 64
                    feeds[each.name] = self._numpy.zeros((1, heads, 0, size), self._numpy.float32)
            (logits,) = self._session.run(["logits"], feeds)
            ids.append(int(logits[0, -1].argmax()))
            yield ids[-1]


def _timed(tokens: Iterator[int]) -> dict[str, Any]:
    """Return the seconds to the first of ``tokens``, the seconds for the others, and the tokens."""
    start = time.perf_counter()
    ids = [next(tokens)]
    first = time.perf_counter()
    ids.extend(tokens)
    return {"first": first - start, "rest": time.perf_counter() - first, "ids": ids}


def _counting(ids: list[int]) -> Any:
    """Return the product's own lookup, counting what it got right."""
    from kotaemon_desktop.core.models.drafts import PromptLookup

    class Counting(PromptLookup):
        drafted = accepted = 0

        def learn(self, proposed: int, accepted: int) -> None:
            super().learn(proposed, accepted)
            self.drafted, self.accepted = self.drafted + proposed, self.accepted + accepted

    return Counting(ids)


def _oracle(ids: list[int], text: Sequence[int], rate: float | None) -> Any:
    """Return a source that knows ``text`` and spoils its guesses, so that the share ``rate`` of them is right.

    When to guess and how much is decided as in the product.
    """
    counting = type(_counting(ids))

    class Oracle(counting):
        def follow(self, size: int) -> list[int]:
            guess = list(text[len(ids) : len(ids) + size])
            right = round((rate or 0) * (self.drafted + len(guess))) - self.accepted
            return [token if place < right else token ^ 1 for place, token in enumerate(guess)]

    return Oracle(ids)


def _peak() -> int:
    """Return the largest resident set of this process so far, in bytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(name: str, folder: str, threads: int | None) -> None:
    """Answer requests until standard input ends."""
    start = time.perf_counter()
    engine: Any = {"own": Own, "genai": Genai, "uncached": Uncached}[name](folder, threads)
    print(json.dumps({"load": time.perf_counter() - start}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        method = request.pop("do")
        print(json.dumps({"peak": _peak()} if method == "peak" else getattr(engine, method)(**request)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) or None)
