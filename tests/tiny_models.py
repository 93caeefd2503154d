"""Tiny real models, written here: a two-layer decoder in both layouts, and a two-layer encoder."""

import json
import string
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HIDDEN, HEADS, SIZE, LAYERS, CONTEXT = 32, 2, 16, 2, 256
CORPUS = ["the cat sat on the mat", "a dog and a cat", "how many days of leave", "我们在公园里散步", "年假有多少天"]
SHARED = Path(__file__).parents[1] / ".." / "shared"


@pytest.fixture(scope="session")
def shared():
    """The folder with models of other people, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared here")
    return SHARED


@pytest.fixture(scope="session")
def tokenizer():
    return byte_tokenizer()


def byte_tokenizer():
    """Return a byte-level tokenizer as most language models have: a Chinese character can take three tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator(CORPUS, trainer)
    return made


@pytest.fixture(scope="session")
def decoder_folders(tmp_path_factory, tokenizer):
    """The same tiny language model: ``genai``; ``onnx``, with a ``half`` (float16) cache, with ``last`` logits only."""
    root = tmp_path_factory.mktemp("decoders")
    return SimpleNamespace(
        genai=genai_folder(root / "tiny-genai", tokenizer),
        onnx=_onnx_folder(root / "tiny-onnx", tokenizer, TensorProto.FLOAT),
        half=_onnx_folder(root / "tiny-half", tokenizer, TensorProto.FLOAT16),
        last=_onnx_folder(root / "tiny-last", tokenizer, TensorProto.FLOAT, last=True),
    )


@pytest.fixture(scope="session")
def encoder_weights():
    """Random weights of a BertModel, by their Hugging Face names, and its config."""
    random = np.random.default_rng(7)
    config = {
        "architectures": ["BertModel"],
        "hidden_size": 32,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "intermediate_size": 64,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 64,
        "vocab_size": len(_words()),
        "pad_token_id": 0,
    }

    def draw(*shape):
        return random.normal(0, 0.3, shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": draw(config["vocab_size"], 32),
        "embeddings.position_embeddings.weight": draw(64, 32),
        "embeddings.token_type_embeddings.weight": draw(2, 32),
        "embeddings.LayerNorm.weight": 1 + draw(32),
        "embeddings.LayerNorm.bias": draw(32),
    }
    for layer in range(2):
        name = f"encoder.layer.{layer}."
        shapes = {"attention.self.query": (32, 32), "attention.self.key": (32, 32), "attention.self.value": (32, 32)}
        shapes |= {"attention.output.dense": (32, 32), "intermediate.dense": (64, 32), "output.dense": (32, 64)}
        for part, shape in shapes.items():
            weights[f"{name}{part}.weight"], weights[f"{name}{part}.bias"] = draw(*shape), draw(shape[0])
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"{name}{part}.weight"], weights[f"{name}{part}.bias"] = 1 + draw(32), draw(32)
    return SimpleNamespace(tensors=weights, config=config)


@pytest.fixture
def encoder_folder(tmp_path, encoder_weights):
    """A sentence-transformers folder with that encoder, as it would be downloaded (no ``kotaemon.json``)."""
    return written_encoder(tmp_path / "tiny-encoder", encoder_weights)


def written_encoder(folder, encoder_weights):
    """Write that encoder into ``folder`` and return it."""
    from kotaemon_desktop.core.models import bert

    (folder / "onnx").mkdir(parents=True)
    (folder / "1_Pooling").mkdir()
    bert.write(encoder_weights.tensors, encoder_weights.config, "float32", folder / "onnx" / "model.onnx")
    made = Tokenizer(models.WordPiece({word: index for index, word in enumerate(_words())}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_padding(length=16)  # as all-MiniLM's file does: the encoder has to switch it off
    made.save(str(folder / "tokenizer.json"))
    _write(folder / "config.json", encoder_weights.config)
    _write(folder / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    _write(folder / "sentence_bert_config.json", {"max_seq_length": 32})
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: mit\n---\n# Tiny\n", encoding="utf-8")
    return folder


def _words():
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *string.ascii_lowercase, *(f"##{c}" for c in string.ascii_lowercase)]


def genai_folder(folder, tokenizer, context=CONTEXT):
    """Write the tiny language model that reads up to ``context`` tokens to ``folder`` and return it."""
    graph = _Decoder(tokenizer.get_vocab_size(), context)
    graph.genai()
    _save(folder, tokenizer)
    onnx.save_model(graph.model(), folder / "model.onnx", save_as_external_data=True, location="model.onnx.data")
    inputs = {"past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value"}
    outputs = {"present_key_names": "present.%d.key", "present_value_names": "present.%d.value"}
    decoder = {"filename": "model.onnx", "head_size": SIZE, "num_key_value_heads": 1, "num_hidden_layers": LAYERS}
    model = {"context_length": context, "eos_token_id": [1, 3], "decoder": decoder | {"inputs": inputs}}
    model["decoder"]["outputs"] = outputs
    _write(folder / "genai_config.json", {"model": model, "search": {"past_present_share_buffer": True}})
    return folder


def _onnx_folder(folder, tokenizer, cache, last=False):
    graph = _Decoder(tokenizer.get_vocab_size())
    graph.last = last
    graph.plain(cache)
    _save(folder, tokenizer)
    (folder / "onnx").mkdir()
    onnx.save_model(graph.model(), folder / "onnx" / "model.onnx")
    config = {"architectures": ["LlamaForCausalLM"], "num_attention_heads": HEADS, "num_key_value_heads": 1}
    config |= {"hidden_size": HIDDEN, "max_position_embeddings": CONTEXT, "eos_token_id": 1}
    _write(folder / "config.json", config)
    _write(folder / "generation_config.json", {"eos_token_id": [3]})
    return folder


def _save(folder, tokenizer):
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))


def _write(file, content):
    file.write_text(json.dumps(content), encoding="utf-8")


class _Decoder:
    """Writes the tiny decoder; the attention either as one GroupQueryAttention or in plain operators."""

    def __init__(self, vocabulary, context=CONTEXT):
        self.vocabulary = vocabulary
        self.last = False
        self.random = np.random.default_rng(11)
        self.nodes, self.tensors, self.inputs, self.outputs = [], [], [], []
        angles = np.outer(np.arange(context), 10000.0 ** (-np.arange(SIZE // 2) / (SIZE // 2)))
        self.tensor("cos", np.cos(angles).astype(np.float32))
        self.tensor("sin", np.sin(angles).astype(np.float32))

    def genai(self):
        self.take("input_ids", TensorProto.INT64, ["batch", "tokens"])
        self.take("attention_mask", TensorProto.INT64, ["batch", "total"])
        total = self.node("Cast", self.node("Gather", self.node("Shape", "attention_mask"), self.number(1)), to=6)
        lengths = self.node("ReduceSum", "attention_mask", self.tensor("axis", np.array([1])), keepdims=0)
        before = self.node("Cast", self.node("Sub", lengths, self.number(1)), to=6)

        def attend(layer, query, key, value):
            past, present = self.cache(layer, TensorProto.FLOAT)
            inputs = [query, key, value, *past, before, total, "cos", "sin"]
            options = {"num_heads": HEADS, "kv_num_heads": 1, "do_rotary": 1, "domain": "com.microsoft"}
            self.nodes.append(helper.make_node("GroupQueryAttention", inputs, [f"seen{layer}", *present], **options))
            return f"seen{layer}"

        self.body(attend)

    def plain(self, cache):
        for name, axis in (("input_ids", "tokens"), ("attention_mask", "total"), ("position_ids", "tokens")):
            self.take(name, TensorProto.INT64, ["batch", axis])
        total = self.node("Gather", self.node("Shape", "attention_mask"), self.number(1))
        places = self.node("Range", self.number(0), total, self.number(1))
        visible = self.node(
            "LessOrEqual", places, self.node("Unsqueeze", "position_ids", self.tensor("a", np.array([1, 3])))
        )

        def attend(layer, query, key, value):
            past, present = self.cache(layer, cache)
            query, key = self.heads(self.rotated(query, HEADS), HEADS), self.heads(self.rotated(key, 1), 1)
            joined = []
            for new, old, out in zip((key, self.heads(value, 1)), past, present, strict=True):
                joined.append(self.node("Concat", self.node("Cast", old, to=1), new, axis=2))
                self.nodes.append(helper.make_node("Cast", [joined[-1]], [out], to=cache))
            scores = self.node("MatMul", query, self.node("Transpose", joined[0], perm=[0, 1, 3, 2]))
            scores = self.node("Mul", scores, self.number(SIZE**-0.5, np.float32))
            scores = self.node("Where", visible, scores, self.number(-1e9, np.float32))
            seen = self.node("MatMul", self.node("Softmax", scores, axis=-1), joined[1])
            flat = self.tensor(f"flat{layer}", np.array([0, 0, HIDDEN]))
            return self.node("Reshape", self.node("Transpose", seen, perm=[0, 2, 1, 3]), flat)

        self.body(attend)

    def body(self, attend):
        hidden = self.node("Gather", self.weight(self.vocabulary, HIDDEN, scale=1.0), "input_ids")
        for layer in range(LAYERS):
            inside = self.normed(hidden)
            query = self.node("MatMul", inside, self.weight(HIDDEN, HEADS * SIZE))
            key, value = (self.node("MatMul", inside, self.weight(HIDDEN, SIZE)) for _ in range(2))
            seen = self.node("MatMul", attend(layer, query, key, value), self.weight(HEADS * SIZE, HIDDEN))
            hidden = self.node("Add", hidden, seen)
            wide = self.node("Relu", self.node("MatMul", self.normed(hidden), self.weight(HIDDEN, 64)))
            hidden = self.node("Add", hidden, self.node("MatMul", wide, self.weight(64, HIDDEN)))
        if self.last:
            self.take("num_logits_to_keep", TensorProto.INT64, [])
            first = self.node("Unsqueeze", self.node("Neg", "num_logits_to_keep"), self.tensor("zero", np.array([0])))
            end, axis = self.tensor("end", np.array([2**31])), self.tensor("second", np.array([1]))
            hidden = self.node("Slice", hidden, first, end, axis)
        head = self.weight(HIDDEN, self.vocabulary)
        self.nodes.append(helper.make_node("MatMul", [self.normed(hidden), head], ["logits"]))
        axes = ["batch", "tokens", self.vocabulary]
        self.outputs.insert(0, helper.make_tensor_value_info("logits", TensorProto.FLOAT, axes))

    def cache(self, layer, type_):
        past = [f"past_key_values.{layer}.{kind}" for kind in ("key", "value")]
        present = [f"present.{layer}.{kind}" for kind in ("key", "value")]
        for name in past:
            self.take(name, type_, ["batch", 1, "past", "size"])
        for name in present:
            self.outputs.append(helper.make_tensor_value_info(name, type_, ["batch", 1, "total", "size"]))
        return past, present

    def rotated(self, value, heads):
        inputs = [value, "position_ids", "cos", "sin"]
        return self.node("RotaryEmbedding", *inputs, num_heads=heads, rotary_embedding_dim=0, domain="com.microsoft")

    def heads(self, value, count):
        shape = self.tensor(f"heads{len(self.tensors)}", np.array([0, 0, count, SIZE]))
        return self.node("Transpose", self.node("Reshape", value, shape), perm=[0, 2, 1, 3])

    def normed(self, value):
        return self.node(
            "LayerNormalization", value, self.tensor(f"ones{len(self.tensors)}", np.ones(HIDDEN, np.float32))
        )

    def weight(self, *shape, scale=0.3):
        drawn = self.random.normal(0, scale, shape).astype(np.float32)
        return self.tensor(f"weight{len(self.tensors)}", drawn)

    def number(self, value, type_=np.int64):
        return self.tensor(f"number{len(self.tensors)}", np.array(value, type_))

    def tensor(self, name, value):
        self.tensors.append(numpy_helper.from_array(value, name))
        return name

    def take(self, name, type_, shape):
        self.inputs.append(helper.make_tensor_value_info(name, type_, shape))

    def node(self, operator, *inputs, domain="", **attributes):
        output = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], domain=domain, **attributes))
        return output

    def model(self):
        graph = helper.make_graph(self.nodes, "tiny", self.inputs, self.outputs, self.tensors)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)
