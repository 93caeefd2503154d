"""The encoder against a forward pass written in numpy, and the graph that ``bert.write`` writes."""

import json
import math

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from kotaemon_desktop.core.errors import ModelNotFound
from kotaemon_desktop.core.models import bert
from kotaemon_desktop.core.models.encoder import Encoder, _batches
from kotaemon_desktop.core.models.store import ModelStore

TEXTS = ["a b c", "hello world", "x", "the quick brown fox jumps over the lazy dog", "", "z y"]


@pytest.fixture
def install(tmp_path, encoder_folder):
    """Add the tiny encoder to a store, after ``change`` has changed its folder."""

    def add(change=lambda folder: None):
        change(encoder_folder)
        return Encoder(ModelStore(tmp_path / "models").add(encoder_folder).folder)

    return add


def forward(weights, config, ids):
    """Return the last hidden state [tokens, hidden] of a BERT (Devlin et al. 2019), one text at a time."""

    def dense(name, x):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(name, x):
        spread = np.sqrt(x.var(-1, keepdims=True) + config["layer_norm_eps"])
        return (x - x.mean(-1, keepdims=True)) / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(x):
        return x.reshape(len(ids), config["num_attention_heads"], -1).transpose(1, 0, 2)

    places = weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = (
        weights["embeddings.word_embeddings.weight"][ids]
        + places
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = norm("embeddings.LayerNorm", x)
    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}."
        query, key, value = (heads(dense(f"{name}attention.self.{part}", x)) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (shares / shares.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(f"{name}attention.output.LayerNorm", dense(f"{name}attention.output.dense", seen) + x)
        wide = dense(f"{name}intermediate.dense", x)
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = norm(f"{name}output.LayerNorm", dense(f"{name}output.dense", wide) + x)
    return x


def expected(encoder, weights, pool=lambda hidden: hidden.mean(axis=0), texts=TEXTS):
    pooled = [pool(forward(weights.tensors, weights.config, encoder._tokenizer.encode(t).ids)) for t in texts]
    return np.array([v / np.linalg.norm(v) for v in pooled])


def test_vectors_are_those_of_the_model(install, encoder_weights):
    encoder = install()
    vectors = encoder.embed(TEXTS, "passage")
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dimension) == (6, 32)
    np.testing.assert_allclose(vectors, expected(encoder, encoder_weights), atol=2e-5)
    assert encoder.languages == ("en",)


def test_batches_and_order_change_nothing(install):
    encoder = install()
    texts = [f"{text} {'abc ' * (i % 5)}" for i, text in enumerate(TEXTS * 5)]
    together = encoder.embed(texts, "passage")
    alone = np.concatenate([encoder.embed([text], "passage") for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-5)
    np.testing.assert_allclose(encoder.embed(texts[::-1], "passage")[::-1], together, atol=2e-5)


def test_nothing_gives_nothing(install):
    assert install().embed([], "query").shape == (0, 32)


@pytest.mark.parametrize(
    ("pooling", "pool"),
    [("cls_token", lambda hidden: hidden[0]), ("lasttoken", lambda hidden: hidden[-1])],
)
def test_other_poolings(install, encoder_weights, pooling, pool):
    def change(folder):
        (folder / "1_Pooling/config.json").write_text(json.dumps({f"pooling_mode_{pooling}": True}))

    encoder = install(change)
    np.testing.assert_allclose(encoder.embed(TEXTS, "query"), expected(encoder, encoder_weights, pool), atol=2e-5)


def test_graphs_as_others_export_them(install, encoder_weights):
    """With ``token_type_ids`` (here int32) as an input, and the pooled vector as an output of its own."""

    def change(folder):
        model = onnx.load(folder / "onnx/model.onnx")
        graph = model.graph
        graph.node[-1].output[0] = "hidden"
        kinds = helper.make_tensor_value_info("token_type_ids", onnx.TensorProto.INT32, ["batch", "tokens"])
        graph.input.append(kinds)
        graph.initializer.append(numpy_helper.from_array(np.array([2]), "axis"))
        graph.node.extend(
            [
                helper.make_node("Cast", ["token_type_ids"], ["kinds"], to=onnx.TensorProto.FLOAT),
                helper.make_node("Unsqueeze", ["kinds", "axis"], ["wide"]),
                helper.make_node("Add", ["hidden", "wide"], ["last_hidden_state"]),
                helper.make_node("ReduceMax", ["last_hidden_state"], ["sentence_embedding"], axes=[1], keepdims=0),
            ]
        )
        pooled = helper.make_tensor_value_info("sentence_embedding", onnx.TensorProto.FLOAT, ["batch", 32])
        graph.output.append(pooled)
        onnx.save_model(model, folder / "onnx/model.onnx")
        (folder / "onnx/model.onnx.data").unlink()

    encoder = install(change)
    found = np.concatenate([encoder.embed([text], "passage") for text in TEXTS])
    pooled = expected(encoder, encoder_weights, lambda hidden: hidden.max(axis=0))
    np.testing.assert_allclose(found, pooled, atol=2e-5)


def test_prefixes(install):
    prompts = {"prompts": {"query": "find: ", "passage": "text: "}}
    encoder = install(lambda folder: (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts)))
    plain = encoder.embed(["find: cat", "text: cat"], "passage")
    assert not np.allclose(plain[0], plain[1])
    query, passage = encoder.embed(["cat"], "query")[0], encoder.embed(["cat"], "passage")[0]
    assert not np.allclose(query, passage)
    ids = encoder._tokenizer.encode("find: cat").ids
    np.testing.assert_allclose(query, encoder._run([ids])[0], atol=2e-5)


def test_long_texts_are_cut_at_the_models_length(install):
    encoder = install()
    words = ["abc", "de"] * 40
    cut = encoder.embed([" ".join(words), " ".join(words[:40])], "passage")
    np.testing.assert_allclose(cut[0], cut[1], atol=2e-5)
    assert len(encoder._tokenizer.encode(" ".join(words)).ids) == 32


def test_a_folder_outside_a_store(encoder_folder):
    with pytest.raises(ModelNotFound):
        Encoder(str(encoder_folder))


def test_batches_are_of_like_length_and_within_bounds():
    lengths = [int(n) for n in np.random.default_rng(1).integers(1, 600, 100)]
    batches = list(_batches(lengths))
    assert sorted(i for batch in batches for i in batch) == list(range(100))
    for batch in batches:
        assert len(batch) <= 8
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 512
    flat = [lengths[i] for batch in batches for i in batch]
    assert flat == sorted(flat)


def test_int8_stays_close_and_is_smaller(install, encoder_weights):
    exact = install().embed(TEXTS, "passage")

    def change(folder):
        bert.write(encoder_weights.tensors, encoder_weights.config, "int8", folder / "onnx/model.onnx")

    small = install(change).embed(TEXTS, "passage")
    assert (exact * small).sum(axis=1).min() > 0.99
    assert not np.allclose(exact, small)


def test_weights_are_read_from_safetensors(tmp_path):
    values = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([7], np.int64)}
    header = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, value in values.items():
        kind = "F32" if value.dtype == np.float32 else "I64"
        header[name] = {
            "dtype": kind,
            "shape": list(value.shape),
            "data_offsets": [len(body), len(body) + value.nbytes],
        }
        body += value.tobytes()
    text = json.dumps(header).encode()
    (tmp_path / "m.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body)
    weights = bert.Weights(tmp_path / "m.safetensors")
    assert set(weights) == {"a", "b"}
    np.testing.assert_array_equal(weights["a"], values["a"])
    np.testing.assert_array_equal(weights["b"], values["b"])
