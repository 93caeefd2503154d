"""Chat templates: real models' own, the sandbox, and models that know no system role."""

import json
from datetime import UTC, datetime

import pytest

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.models.template import ChatTemplate, plain

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "年假 <b>?"},
]
EXPECTED = {
    "Qwen-Qwen2.5-7B-Instruct": (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n年假 <b>?<|im_end|>\n<|im_start|>assistant\n"
    ),
    "Qwen-Qwen3-0.6B": (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n年假 <b>?<|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    ),
    "google-gemma-2-2b-it": ("<bos><start_of_turn>user\nBe brief.\n\n年假 <b>?<end_of_turn>\n<start_of_turn>model\n"),
    "meta-llama-Llama-3.2-3B-Instruct": (
        "<bos><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
        "Today Date: 05 Mar 2026\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n年假 <b>?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    "microsoft-Phi-3.5-mini-instruct": ("<|system|>\nBe brief.<|end|>\n<|user|>\n年假 <b>?<|end|>\n<|assistant|>\n"),
}


def now():
    return datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("name", EXPECTED)
def test_real_templates(shared, name):
    source = (shared / "models/chat_templates" / f"{name}.jinja").read_text("utf-8")
    template = ChatTemplate(source, {"bos_token": "<bos>", "eos_token": "<eos>"}, now=now)
    assert template.render(MESSAGES) == EXPECTED[name]


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ raise_exception('no') }}",
        "{{ missing.attribute }}",
        "{{ messages + 1 }}",
    ],
)
def test_a_template_that_fails_or_breaks_out_is_a_clear_error(source):
    with pytest.raises(UnsupportedModel, match="chat template"):
        ChatTemplate(source, model="m").render(MESSAGES)


def test_a_template_that_does_not_compile_is_a_clear_error():
    with pytest.raises(UnsupportedModel, match="chat template"):
        ChatTemplate("{% if %}", model="m")


def test_tojson_keeps_characters():
    assert ChatTemplate("{{ messages[1].content | tojson }}").render(MESSAGES) == '"年假 <b>?"'


def test_found_in_each_place_where_models_keep_it(tmp_path):
    assert ChatTemplate.load(tmp_path) is None
    config = {"bos_token": {"content": "<s>"}, "chat_template": "{{ bos_token }}config"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    assert ChatTemplate.load(tmp_path).render(MESSAGES) == "<s>config"
    config["chat_template"] = [{"name": "tool", "template": "no"}, {"name": "default", "template": "one of several"}]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    assert ChatTemplate.load(tmp_path).render(MESSAGES) == "one of several"
    (tmp_path / "chat_template.jinja").write_text("own file", "utf-8")
    assert ChatTemplate.load(tmp_path).render(MESSAGES) == "own file"


def test_plain_text_for_models_without_a_template():
    assert plain(MESSAGES) == "Be brief.\n\n年假 <b>?"
