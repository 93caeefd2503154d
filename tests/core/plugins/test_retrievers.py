"""Retrievers of plugins: passages found by what a package brings, and what happens when it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import PluginBroken
from kotaemon_desktop.core.events import Cited, Degraded, Found

from .searching import ask, broken, edit, found, notes

Package = Callable[[str, str, dict[str, str]], Path]
DISHES = {
    "soup": "Lentil soup\n\nTakes twenty minutes, and a stew takes three hours.",
    "stew": "Beef stew\n\nTakes three hours; soup takes less, soup is quick, soup is thin.",
}


@pytest.fixture
def cookbook(engine: Engine, tmp_path: Path) -> Engine:
    """Two dishes whose texts speak of each other; no embedder."""
    for name, text in DISHES.items():
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
    assert notes(engine, *(tmp_path / f"{name}.txt" for name in DISHES)) == []
    return engine


def test_a_line_of_the_settings_changes_the_retriever_for_the_next_question(cookbook: Engine) -> None:
    assert len(found(cookbook, "How long does the soup take?").hits) == 2
    edit(cookbook, "retriever: plugin.dishes")
    hits = found(cookbook, "How long does the soup take?").hits
    assert [hit.passage.name for hit in hits] == ["soup.txt"]
    assert (hits[0].keyword_rank, hits[0].vector_rank) == (None, None)
    (cited,) = [event for event in ask(cookbook, "How long does the soup take?") if isinstance(event, Cited)]
    assert "twenty minutes" in cited.answer
    edit(cookbook, "vectors: chroma")
    assert len(found(cookbook, "How long does the soup take?").hits) == 2


def test_a_retriever_sees_what_is_imported_and_removed_and_keeps_to_the_scope(cookbook: Engine, tmp_path: Path) -> None:
    cookbook.change_setting("search", "retriever", "plugin.dishes")
    assert [hit.passage.name for hit in found(cookbook, "Which stew?").hits] == ["stew.txt"]
    (tmp_path / "goulash.txt").write_text("Goulash stew\n\nTakes four hours.", "utf-8")
    assert notes(cookbook, tmp_path / "goulash.txt") == []
    assert {hit.passage.name for hit in found(cookbook, "Which stew?").hits} == {"stew.txt", "goulash.txt"}
    assert [hit.passage.name for hit in found(cookbook, "Which stew? file:goulash").hits] == ["goulash.txt"]
    cookbook.library.remove([each.id for each in cookbook.library.documents() if each.name == "stew.txt"])
    assert [hit.passage.name for hit in found(cookbook, "Which stew?").hits] == ["goulash.txt"]


def test_a_search_without_an_answer_asks_the_retriever_too(cookbook: Engine) -> None:
    cookbook.change_setting("search", "retriever", "plugin.dishes")
    (last,) = [event for event in cookbook.questions.search("stew", 5) if isinstance(event, Found)]
    assert [hit.passage.name for hit in last.hits] == ["stew.txt"]


@pytest.mark.parametrize(
    "line",
    [
        "raise RuntimeError('lost')",
        "return 'soup'",
        "return [(1, -1.0)]",
        "return [(1, float('nan'))]",
        "return [1, 2]",
        "import os; os._exit(3)",
    ],
)
def test_a_broken_retriever_is_named_and_words_and_meaning_find(cookbook: Engine, package: Package, line: str) -> None:
    code = f"class Finder:\n    def find(self, question, library, limit, within):\n        {line}"
    package("finder", code, {"retrievers": "finder = finder:Finder"})
    cookbook.change_setting("search", "retriever", "plugin.finder")
    events = ask(cookbook, "How long does the soup take?")
    (degraded,) = [event for event in events if isinstance(event, Degraded)]
    assert isinstance(degraded.error, PluginBroken)
    assert degraded.error.facts["package"] == "finder"
    assert len([event for event in events if isinstance(event, Found)][-1].hits) == 2
    assert broken(cookbook) == {"finder"}
    assert len(found(cookbook, "How long does the soup take?").hits) == 2


def test_a_retriever_that_nobody_brings_is_told_and_words_and_meaning_find(cookbook: Engine) -> None:
    cookbook.change_setting("search", "retriever", "plugin.nobody")
    told = found(cookbook, "How long does the soup take?")
    assert len(told.hits) == 2
    assert told.note.startswith("There is no working plugin “nobody” (retriever).")
    (notice,) = [each for each in cookbook.notices.look() if each.kind == "plugins"]
    assert notice.text == "There is no working plugin “nobody” (retriever)."
    cookbook.change_setting("search", "retriever", "")
    assert [each for each in cookbook.notices.look() if each.kind == "plugins"] == []
