"""Models of plugins: a whole library searched, put in order and answered by what a package brings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import PluginBroken
from kotaemon_desktop.core.events import Cited, Degraded, Done, Found, ImportNote, Packed, Piece
from kotaemon_desktop.core.plugins.registry import State

Package = Callable[[str, str, dict[str, str]], Path]

MODELS = '''
import numpy as np

_TOPICS = (("soup", "lentil", "broth"), ("stew", "beef", "meat"))


class Topics:
    """Vectors of two topics: texts that share no word can be near."""

    dimension = 3

    def embed(self, texts, kind):
        rows = [[sum(word in text.lower() for word in topic) for topic in _TOPICS] + [0.1] for text in texts]
        vectors = np.array(rows, np.float32).reshape(len(texts), 3)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class LongestFirst:
    def scores(self, question, texts, seconds):
        return [len(text) / (1 + max(map(len, texts))) for text in texts]


class Echo:
    """Says the first sentence of the last passage that it was given."""

    context = 4096

    def count_tokens(self, texts):
        return [len(text) // 4 + 1 for text in texts]

    def answer(self, messages, max_tokens, temperature):
        yield "Simmer the soup "
        yield "for twenty minutes."


class Mute(Echo):
    def answer(self, messages, max_tokens, temperature):
        raise RuntimeError("no voice")
        yield
'''


@pytest.fixture
def library(engine: Engine, package: Package, tmp_path: Path) -> Engine:
    """A library that the package's embedder has made vectors for."""
    package("brains", MODELS, {"embedders": "topics = brains:Topics"})
    place = engine.folder.plugins / "brains-0.1.dist-info" / "entry_points.txt"
    others = {"rerankers": "longest = brains:LongestFirst", "generators": "echo = brains:Echo\nmute = brains:Mute"}
    more = "".join(f"\n[kotaemon_desktop.{kind}]\n{lines}\n" for kind, lines in others.items())
    place.write_text(place.read_text("utf-8") + more, "utf-8")
    engine.change_setting("models", "embedder", "plugin.topics")
    (tmp_path / "soup.md").write_text("Simmer the soup for twenty minutes. It is lentil soup.", "utf-8")
    (tmp_path / "stew.md").write_text("The stew simmers for three hours.", "utf-8")
    events = list(engine.imports.run([tmp_path / "soup.md", tmp_path / "stew.md"]))
    assert not [event for event in events if isinstance(event, ImportNote)]
    return engine


def ask(engine: Engine, question: str, model: str = "none") -> list:
    return list(engine.questions.answer(question, model=model))


def of(events: list, kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_an_embedder_finds_what_shares_no_word(library: Engine) -> None:
    assert library.library.pending_count("plugin.topics") == 0
    found = of(ask(library, "meat"), Found)[0]
    assert found.note == ""
    assert found.hits[0].passage.name == "stew.md"
    assert found.hits[0].vector_rank == 1
    assert "brains" not in sys.modules


def test_a_reranker_puts_in_order(library: Engine) -> None:
    before = of(ask(library, "How long does the stew simmer?"), Found)[-1].hits[0].passage.name
    library.change_setting("models", "reranker", "plugin.longest")
    events = ask(library, "How long does the stew simmer?")
    assert before == "stew.md"
    assert of(events, Found)[-1].hits[0].passage.name == "soup.md"
    assert of(events, Degraded) == []


def test_a_generator_writes_and_is_cited(library: Engine) -> None:
    library.change_setting("answering", "model", "plugin.echo")
    events = list(library.questions.answer("How long does the soup simmer?"))
    assert of(events, Packed)[0].used
    assert "".join(event.text for event in of(events, Piece)) == "Simmer the soup for twenty minutes."
    (cited,) = of(events, Cited)
    assert cited.citations[0].quote == "Simmer the soup for twenty minutes."
    done = events[-1]
    assert isinstance(done, Done)
    assert (done.model, done.answered) == ("plugin.echo", True)
    assert done.timings["tokens"] > 0


def test_a_generator_that_fails_leaves_the_answer_to_quotes(library: Engine) -> None:
    events = ask(library, "How long does the soup simmer?", "plugin.mute")
    (degraded,) = of(events, Degraded)
    assert isinstance(degraded.error, PluginBroken)
    assert "no voice" in str(degraded.error)
    assert events[-1].model == "extractive"
    assert {each.plugin.name for each in library.plugins.all() if each.state is State.BROKEN} == {"mute"}


def test_an_embedder_that_breaks_is_named_and_words_still_find(library: Engine, package: Package) -> None:
    file = library.folder.plugins / "brains.py"
    file.write_text("raise ImportError('gone')", "utf-8")
    library.keeper.unload("retrieval")
    events = ask(library, "How long does the stew simmer?")
    assert isinstance(of(events, Degraded)[0].error, PluginBroken)
    assert of(events, Found)[0].hits[0].passage.name == "stew.md"
    assert events[-1].answered
