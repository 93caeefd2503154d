"""The cross-encoder, with a tiny one that likes passages with many a z: one logit, summed over the second text."""

from __future__ import annotations

import json
import math
import shutil
from itertools import count
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, processors

from kotaemon_desktop.core.errors import ModelNotFound
from kotaemon_desktop.core.models.reranker import Reranker
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.models.trial import TrialService
from kotaemon_desktop.core.records import ModelInfo
from kotaemon_desktop.core.retrieval.service import RetrievalService


@pytest.fixture
def reranker(tmp_path: Path, encoder_folder: Path) -> ModelInfo:
    """Install the tiny reranker, made from the tiny encoder's tokenizer."""
    folder = tmp_path / "tiny-reranker"
    shutil.copytree(encoder_folder, folder, ignore=shutil.ignore_patterns("1_Pooling", "sentence_bert_config.json"))
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"architectures": ["TinyForSequenceClassification"], "pad_token_id": 0, "max_position_embeddings": 24}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    weights = np.zeros(tokenizer.get_vocab_size(), np.float32)
    weights[tokenizer.token_to_id("z")] = 1.0
    onnx.save(_graph(weights), folder / "onnx" / "model.onnx")
    return ModelStore(tmp_path / "models").add(folder)


def _graph(weights: np.ndarray) -> onnx.ModelProto:
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in names]
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["each"]),
        helper.make_node("Mul", ["attention_mask", "token_type_ids"], ["seen"]),
        helper.make_node("Cast", ["seen"], ["seen_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["each", "seen_float"], ["counted"]),
        helper.make_node("ReduceSum", ["counted", "axis"], ["logits"], keepdims=1),
    ]
    constants = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array([1]), "axis")]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])
    graph = helper.make_graph(nodes, "tiny", inputs, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_each_passage_is_scored_with_the_question(reranker: ModelInfo) -> None:
    assert reranker.task == "reranking"
    texts = ["a b c", "z", "z z and z", "", "b z", "z z"]
    scores = Reranker(reranker.folder).scores("z z z z", texts, 10.0)
    assert scores == pytest.approx([1 / (1 + math.exp(-z)) for z in (0, 1, 3, 0, 1, 2)])


def test_a_long_passage_is_cut_and_the_question_kept(reranker: ModelInfo) -> None:
    (score,) = Reranker(reranker.folder).scores("a b", ["z " * 100], 10.0)
    assert score == pytest.approx(1 / (1 + math.exp(-(24 - 5))))


def test_it_stops_before_its_time_is_over(reranker: ModelInfo) -> None:
    ticks = count()
    slow = Reranker(reranker.folder, clock=lambda: next(ticks) * 0.5)  # half a second from one look to the next
    texts = ["z"] * 30
    first = slow.scores("a", texts, 1.4)
    assert 0 < len(first) < len(texts)
    assert slow.scores("a", texts, 0.4) == []  # by now it knows that it would take longer
    assert Reranker(reranker.folder).scores("a", texts, 10.0) == pytest.approx([1 / (1 + math.exp(-1))] * 30)


def test_the_retrieval_service_loads_it_when_asked(reranker: ModelInfo, encoder_folder: Path, tmp_path: Path) -> None:
    embedder = ModelStore(tmp_path / "models").add(encoder_folder)
    service = RetrievalService(embedder.folder, str(tmp_path / "none.sqlite3"), str(tmp_path / "index"), "chroma")
    assert service.rerank(reranker.folder, "q", ["a", "z z"], 10.0)[1] > 0.8
    with pytest.raises(ModelNotFound):
        service.rerank(str(tmp_path / "nowhere"), "q", ["a", "z z"], 10.0)
    assert service.rerank(reranker.folder, "q", ["a", "z z"], 10.0)[1] > 0.8  # the one before works as ever
    service.close()


def test_a_missing_reranker_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        Reranker(str(tmp_path / "nowhere"))


def test_its_self_test_counts_passages(reranker: ModelInfo) -> None:
    speed = TrialService(reranker.folder).measure(["a pizza", "a puzzle"])
    assert (speed.model, speed.task) == ("tiny-reranker", "reranking")
    assert speed.passages > 0
