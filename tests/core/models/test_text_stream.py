"""Text from tokens: complete characters only, the same text in the end, stop strings never shown."""

import pytest
from tokenizers import Tokenizer

from kotaemon_desktop.core.models.text_stream import TextStream

TEXTS = ["the cat sat", "我们在公园里散步，看见一只🐈‍⬛！", "naïve  café\n\n\tend", "", " leading", "ends with space "]


def stream(tokenizer, ids, stop=()):
    text = TextStream(tokenizer, stop)
    return [text.push(token) for token in ids] + [text.finish()]


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_join_to_the_text_and_hold_no_half_character(tokenizer, text):
    pieces = stream(tokenizer, tokenizer.encode(text).ids)
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)


@pytest.mark.parametrize("name", ["phi3", "qwen2.5"])
@pytest.mark.parametrize("text", TEXTS)
def test_real_tokenizers(shared, name, text):
    tokenizer = Tokenizer.from_file(str(shared / "models/tokenizers" / name / "tokenizer.json"))
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    pieces = stream(tokenizer, ids)
    assert "".join(pieces) == tokenizer.decode(ids)
    assert not any("\ufffd" in piece for piece in pieces)


def test_an_end_in_half_a_character_is_still_told(tokenizer):
    ids = tokenizer.encode("ab龘").ids[:-1]
    assert "".join(stream(tokenizer, ids)) == tokenizer.decode(ids)


@pytest.mark.parametrize("stop", ["sat", "t s", "the", "散步"])
def test_stop_strings_are_cut_wherever_the_tokens_split_them(tokenizer, stop):
    text = "see the cat sat 散步 on"
    pieces = stream(tokenizer, tokenizer.encode(text).ids, [stop])
    assert "".join(pieces) == text[: text.index(stop)]


def test_what_only_looks_like_a_stop_is_shown(tokenizer):
    assert "".join(stream(tokenizer, tokenizer.encode("the sad cat").ids, ["sat", "catch"])) == "the sad cat"


def test_the_first_of_two_stops_counts(tokenizer):
    assert "".join(stream(tokenizer, tokenizer.encode("a b c d").ids, ["d", "c"])) == "a b "
