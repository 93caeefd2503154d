"""Thinking is told from the answer wherever the text is cut, and only at the beginning of an answer."""

import random

import pytest

from kotaemon_desktop.core.models.text_stream import TextStream
from kotaemon_desktop.core.models.thinking import Thoughts


def split(text, size, prompt=""):
    thoughts = Thoughts(prompt)
    parts = [part for start in range(0, len(text), size) for part in thoughts.push(text[start : start + size])]
    parts += thoughts.finish()
    return "".join(t for thought, t in parts if thought), "".join(t for thought, t in parts if not thought)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("<think>\nA < B, so </thin is no end.\n</think>\n\nTen days.", "A < B, so </thin is no end.\n", "Ten days."),
        ("\n<think></think>Ten days.", "", "Ten days."),
        ("◁think▷年假◁/think▷五天。", "年假", "五天。"),
        ("  Ten <think>days</think> of leave", "", "  Ten <think>days</think> of leave"),
        ("<thin ice", "", "<thin ice"),
        ("<think>never ends", "never ends", ""),
        ("<", "", "<"),
    ],
)
def test_however_the_text_is_cut(text, thought, answer, size):
    assert split(text, size) == (thought, answer)


def test_a_template_may_have_begun_to_think():
    assert split("so ten.</think>\n\nTen days.", 3, "<|assistant|>\n<think>\n") == ("so ten.", "Ten days.")
    assert split("Ten days.", 3, "<|assistant|>\n<think>\n\n</think>\n\n") == ("", "Ten days.")


def test_nothing_is_held_back_that_is_certain():
    thoughts = Thoughts("<think>")
    assert list(thoughts.push("half a mark </th")) == [(True, "half a mark ")]
    assert list(thoughts.push("e world")) == [(True, "</the world")]


def test_no_text_is_lost_or_doubled():
    dice = random.Random(7)
    for _ in range(200):
        text = "".join(dice.choice(["<think>", "</think>", "<", "/", "a", "\n", "think>"]) for _ in range(12))
        thought, answer = split(text, dice.randrange(1, 9))
        for mark in ("<think>", "</think>", "\n"):
            text, thought, answer = text.replace(mark, ""), thought.replace(mark, ""), answer.replace(mark, "")
        assert thought + answer == text


def test_marks_that_are_special_tokens_are_read_all_the_same(tokenizer):
    ids = [2, *tokenizer.encode("a dog").ids, 3, *tokenizer.encode("the cat").ids, 1]
    stream = TextStream(tokenizer, spelled={2: "[THINK]", 3: "[/THINK]"})
    assert "".join([*map(stream.push, ids), stream.finish()]) == "[THINK]a dog[/THINK]the cat"
