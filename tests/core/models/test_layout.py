"""What a folder's or a repository's files say about the model in it."""

import json

import pytest

from kotaemon_desktop.core.models import layout

XENOVA = [".gitattributes", "README.md", "config.json", "special_tokens_map.json", "tokenizer.json", "vocab.txt"]
XENOVA += ["onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx", "onnx/model_q4.onnx"]
XENOVA += ["onnx/model.onnx_data", "onnx/model_q4.onnx_data", "onnx/model_q4.onnx_data_1"]


def test_chooses_one_graph_with_all_its_data():
    assert layout.choose(XENOVA) == [
        "README.md", "config.json", "onnx/model_quantized.onnx", "special_tokens_map.json", "tokenizer.json",
    ]  # fmt: skip
    assert [name for name in layout.choose(XENOVA, "onnx/model_q4.onnx") if name.startswith("onnx/")] == [
        "onnx/model_q4.onnx", "onnx/model_q4.onnx_data", "onnx/model_q4.onnx_data_1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["onnx/model.onnx", "onnx/model_q4.onnx"], "onnx/model_q4.onnx"),
        (["onnx/model_q4f16.onnx", "onnx/model_fp16.onnx"], "onnx/model_fp16.onnx"),
        (["phi-3.5.onnx"], "phi-3.5.onnx"),
        (["onnx/decoder/model.onnx", "model.txt"], ""),
    ],
)
def test_the_best_graph(names, best):
    assert layout.best_graph(names) == best


@pytest.mark.parametrize(
    ("card", "languages", "licence"),
    [
        ("---\nlanguage: en\nlicense: apache-2.0\n---\n", ("en",), "apache-2.0"),
        ("---\r\nlanguage:\r\n- zh\r\n- no\r\n---\r\nText", ("zh", "no"), ""),
        ("no front matter", ("multilingual",), ""),
        ("---\n: [broken\n---\n", ("multilingual",), ""),
        ("---\njust text\n---\n", ("multilingual",), ""),
    ],
)
def test_the_model_card(encoder_folder, card, languages, licence):
    (encoder_folder / "README.md").write_bytes(card.encode())
    found = layout.inspect(encoder_folder, "m")
    assert (found.languages, found.licence) == (languages, licence)


def test_pooling_prompts_and_length(encoder_folder):
    found = layout.inspect(encoder_folder, "some-model")
    assert (found.pooling, found.query_prefix, found.passage_prefix, found.max_tokens) == ("mean", "", "", 32)
    found = layout.inspect(encoder_folder, "multilingual-e5-base")
    assert (found.query_prefix, found.passage_prefix) == ("query: ", "passage: ")
    prompts = {"prompts": {"query": "Q: ", "document": "D: "}}
    (encoder_folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    (encoder_folder / "1_Pooling/config.json").write_text('{"pooling_mode_cls_token": true}')
    (encoder_folder / "sentence_bert_config.json").unlink()
    found = layout.inspect(encoder_folder, "multilingual-e5-base")
    assert (found.pooling, found.query_prefix, found.passage_prefix, found.max_tokens) == ("cls", "Q: ", "D: ", 64)


def test_a_cross_encoder_reranks(encoder_folder):
    config = json.loads((encoder_folder / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    (encoder_folder / "config.json").write_text(json.dumps(config))
    (encoder_folder / "1_Pooling/config.json").unlink()
    (encoder_folder / "1_Pooling").rmdir()
    assert layout.inspect(encoder_folder, "m").task == "reranking"


def test_external_data_is_found_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "_BLOCK", 64)
    entry = b"\n\x08location\x12\x0fmodel.onnx.data"
    for offset in range(0, 140, 7):
        (tmp_path / "g").write_bytes(b"x" * offset + entry + b"y" * 90)
        assert layout.external_data(tmp_path / "g") == {"model.onnx.data"}
