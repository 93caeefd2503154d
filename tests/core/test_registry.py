"""What the registry says of models and does with them, on a real engine with real tiny models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1]))

from loopback_hub import keyring_of_the_test, serve  # noqa: F401
from tiny_models import decoder_folders, encoder_folder, encoder_weights, tokenizer  # noqa: F401

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import ModelNotFound
from kotaemon_desktop.core.models import catalogue
from kotaemon_desktop.core.models.fit import Fit, Memory
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ModelSpeed
from kotaemon_desktop.core.registry import NONE, Card, ModelRegistry

GB = 1 << 30


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    opened = Engine.open(DataFolder(tmp_path / "data"))
    monkeypatch.setattr(opened, "memory", lambda: Memory(int(4.7 * GB), 12 * GB))
    yield opened
    opened.close()


@pytest.fixture
def registry(engine: Engine, decoder_folders, encoder_folder: Path) -> ModelRegistry:  # noqa: F811
    for folder in (decoder_folders.genai, decoder_folders.onnx, encoder_folder):
        engine.models.add(folder)
    return ModelRegistry(engine)


def card(registry: ModelRegistry, name: str) -> Card:
    return next(each for each in registry.cards() if each.id == name)


def recommended(registry: ModelRegistry) -> list[str]:
    return [each.id for each in registry.cards() if each.recommended]


def test_before_any_model_a_small_one_is_recommended(engine: Engine) -> None:
    registry = ModelRegistry(engine)
    assert not any(each.installed for each in registry.cards())
    assert len(registry.cards()) == len(catalogue.load())
    assert recommended(registry) == ["Qwen2.5-0.5B-Instruct"]
    assert registry.default("generation") == NONE
    assert card(registry, "Phi-3.5-mini-instruct").offers[0].fitting.fit is Fit.TIGHT
    assert card(registry, "Qwen3-0.6B").offers[0].fitting.writes == 0  # nobody has measured anything


def test_installed_models_come_first_with_their_defaults(registry: ModelRegistry) -> None:
    here = [each for each in registry.cards() if each.installed]
    assert {each.id: each.is_default for each in here} == {
        "tiny-encoder": True,
        "tiny-genai": False,
        "tiny-onnx": True,  # it came last
    }
    assert all(each.fitting and each.fitting.fit is Fit.WELL and each.speed is None for each in here)


def test_the_default_is_chosen_and_survives_the_model(registry: ModelRegistry, engine: Engine) -> None:
    assert registry.choose("tiny-genai") == "generation"
    assert registry.default("generation") == "tiny-genai"
    registry.remove("tiny-genai")
    assert registry.default("generation") == "tiny-onnx"
    registry.restore("tiny-genai")
    assert registry.default("generation") == "tiny-genai"
    assert registry.choose(NONE) == "generation"
    assert registry.default("generation") == NONE
    assert engine.settings.answering.model == NONE
    with pytest.raises(ModelNotFound):
        registry.choose("gone")


def test_a_test_is_kept_and_judges_what_is_offered(registry: ModelRegistry, engine: Engine) -> None:
    speed = registry.test("tiny-genai")
    kept = card(registry, "tiny-genai").speed
    assert kept is not None
    assert (kept.writes, kept.bytes) == (speed.writes, speed.bytes)
    assert kept.measured_at > 0
    assert card(registry, "tiny-genai").fitting.needed == speed.bytes
    size = card(registry, "tiny-genai").bytes
    engine.speeds.keep(ModelSpeed("tiny-genai", "generation", 1.0, GB, reads=100.0, writes=16e9 / size))
    assert card(registry, "Qwen2.5-1.5B-Instruct").offers[0].fitting.writes == pytest.approx(10.0)
    assert recommended(registry) == ["Qwen2.5-1.5B-Instruct"]  # the largest that writes 8 tokens a second
    engine.speeds.keep(ModelSpeed("tiny-genai", "generation", 1.0, GB, reads=100.0, writes=1e9 / size))
    assert recommended(registry) == []
    assert card(registry, "Qwen3-1.7B").offers[0].fitting.fit is Fit.TIGHT


def test_another_embedder_has_a_price(registry: ModelRegistry, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The canteen opens at noon.", "utf-8")
    engine.change_setting("models", "embedder", "tiny-encoder")
    list(engine.imports.run([tmp_path / "note.txt"]))
    assert registry.change("tiny-encoder").passages == 0
    assert registry.change("other").passages == 1
    assert registry.change("other").seconds is None
    engine.speeds.keep(ModelSpeed("other", "embedding", 1.0, GB, passages=4.0))
    assert registry.change("other").seconds == pytest.approx(0.25)


def test_chinese_in_an_english_library_makes_a_multilingual_embedder_welcome(
    registry: ModelRegistry, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "年假.txt").write_text("职工累计工作满一年的，年休假为五天。", "utf-8")
    list(engine.imports.run([tmp_path / "年假.txt"]))
    assert engine.unknown_passages() == 1
    assert recommended(registry) == ["multilingual-e5-small"]


def test_what_is_removed_for_good_leaves_no_vectors(registry: ModelRegistry, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The canteen opens at noon.", "utf-8")
    list(engine.imports.run([tmp_path / "note.txt"]))
    assert engine.library.complete_embedders() == ["tiny-encoder"]
    assert engine.folder.index("tiny-encoder").is_dir()
    registry.remove("tiny-encoder")
    registry.purge()
    assert engine.library.complete_embedders() == []
    assert not engine.folder.index("tiny-encoder").exists()


def test_a_download_goes_through_the_settings(
    registry: ModelRegistry,
    engine: Engine,
    serve,  # noqa: F811
    decoder_folders,  # noqa: F811
    keyring_of_the_test,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = serve(decoder_folders.onnx)
    hub.token = "hf_secret"
    monkeypatch.delenv("HF_ENDPOINT")
    engine.change_setting("models", "endpoint", hub.address)
    assert registry.set_token(" hf_secret ")
    assert list(registry.download("someone/tiny"))[-1].seconds_left == 0
    assert card(registry, "tiny").installed
    engine.change_setting("models", "offline", True)
    assert registry.hub().offline
    assert registry.hub().token is None
