"""Changing the embedder: the library is embedded anew while the old index goes on answering."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from tiny_models import encoder_folder, encoder_weights  # noqa: F401

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Embedding, Found
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.offers import offered

pytestmark = pytest.mark.skipif(not embedded.available(), reason="the group “embedded” is not installed")
QUESTION = "How many days of annual leave?"


@pytest.fixture
def library(library: Engine, encoder_folder: Path) -> Engine:  # noqa: F811
    """An English and a Chinese document, embedded by MiniLM; beside it a tiny embedder that knows every language."""
    (encoder_folder / "README.md").write_text("---\nlanguage: multilingual\n---\n", encoding="utf-8")
    library.models.add(encoder_folder)
    return library


def by_meaning(engine: Engine, question: str = QUESTION) -> list[float]:
    [found] = [event for event in engine.questions.search(question, 5) if isinstance(event, Found)]
    assert found.note == ""
    return [hit.similarity for hit in found.hits if hit.similarity is not None]


def searching(engine: Engine) -> str | None:
    embedder = engine.embedders.searching()
    return embedder and embedder.id


def choose(engine: Engine, name: str) -> None:
    assert name in offered(engine, "embedders")
    engine.change_setting("models", "embedder", name)


def test_a_model_that_came_in_changes_nothing_by_itself(library: Engine) -> None:
    assert searching(library) == embedded.ID
    assert list(library.imports.resume()) == []
    assert library.library.unknown_count(embedded.ID) == 1


def test_the_old_index_answers_until_the_new_one_is_complete(library: Engine) -> None:
    before = by_meaning(library)
    assert before
    choose(library, "tiny-encoder")
    assert library.library.pending_count("tiny-encoder") == 2
    steps = library.imports.resume()
    assert any(isinstance(event, Embedding) for event in steps)  # the first window of vectors is stored
    assert searching(library) == embedded.ID
    assert by_meaning(library) == before
    list(steps)
    assert searching(library) == "tiny-encoder"
    after = by_meaning(library)
    assert after
    assert after != before
    assert by_meaning(library, "年休假有几天？")  # MiniLM has no vector for it
    assert library.library.unknown_count("tiny-encoder") == 0
    assert list(library.imports.resume()) == []


def test_a_change_that_was_broken_off_goes_on_at_the_next_start(library: Engine) -> None:
    choose(library, "tiny-encoder")
    steps = library.imports.resume()
    assert any(isinstance(event, Embedding) for event in steps)
    steps.close()  # all vectors are there, the index is not
    assert searching(library) == embedded.ID
    assert library.library.pending_count("tiny-encoder") == 0
    list(library.imports.resume())
    assert searching(library) == "tiny-encoder"


def test_going_back_takes_effect_at_once_and_a_removed_embedder_leaves_nothing(library: Engine) -> None:
    before = by_meaning(library)
    choose(library, "tiny-encoder")
    list(library.imports.resume())
    choose(library, embedded.ID)
    assert by_meaning(library) == before
    library.library.forget_embedder("tiny-encoder")
    assert library.library.complete_embedders() == [embedded.ID]
    assert library.library.pending_count("tiny-encoder") == 2
    assert all(document.embedded == document.passages for document in library.library.documents())
    library.library.forget_embedder(embedded.ID)
    assert {str(document.state) for document in library.library.documents()} == {"stored"}
