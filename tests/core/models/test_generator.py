"""The generator service: text, stops, budgets, interleaving; and a real model's known answer."""

import json

import pytest

from kotaemon_desktop.core.errors import ModelNotFound, PromptTooLong
from kotaemon_desktop.core.models.generator import GeneratorService
from kotaemon_desktop.core.models.sampling import Sampling
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.records import GenerationStats

QUESTION = [{"role": "user", "content": "the cat sat on the mat and how many days"}]


@pytest.fixture(scope="session")
def folders(tmp_path_factory, decoder_folders):
    store = ModelStore(tmp_path_factory.mktemp("models"))
    return {name: store.add(getattr(decoder_folders, name)).folder for name in ("genai", "onnx", "half")}


@pytest.fixture(params=["genai", "onnx", "half"])
def service(request, folders):
    return GeneratorService(folders[request.param])


def answer(service, *arguments, **options):
    *pieces, stats = service.generate(*arguments, **options)
    assert isinstance(stats, GenerationStats)
    return "".join(pieces), stats


def test_a_folder_outside_the_store_is_no_model(decoder_folders):
    with pytest.raises(ModelNotFound):
        GeneratorService(str(decoder_folders.onnx))


def test_pieces_are_the_decoded_tokens(service, tokenizer):
    prompt = service._prompt(QUESTION)
    tokens = list(service.tokens(prompt, 60))
    text, stats = answer(service, QUESTION, 60)
    assert text == tokenizer.decode(tokens)
    assert stats.prompt_tokens == service.fits(QUESTION) == len(prompt)
    assert stats.generated_tokens == len(tokens)
    assert stats.stop_reason == ("length" if len(tokens) == 60 else "stop")


def test_both_layouts_write_the_same(folders):
    one, other = (answer(GeneratorService(folders[name]), QUESTION, 40)[0] for name in ("genai", "onnx"))
    assert one == other


def test_a_seed_repeats_itself_and_another_differs(service):
    drawn = [answer(service, QUESTION, 30, 1.5, seed)[0] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_reading_the_prompt_gives_places_to_stop(service):
    long = [{"role": "user", "content": "a dog and a cat " * 30}]
    stream = service.generate(long, 5)
    assert next(stream) == ""
    stream.close()
    assert len(service._decoder.ids) == 128  # one step was read, and is not lost:
    assert answer(service, long, 5)[1].reused_tokens == 128


def test_stopped_in_mid_stream_the_next_answer_is_unharmed(service):
    expected = answer(service, QUESTION, 20)[0]
    stream = service.generate([{"role": "user", "content": "年假有多少天"}], 50)
    for _ in range(10):
        next(stream)
    stream.close()
    assert answer(service, QUESTION, 20)[0] == expected


@pytest.mark.parametrize("repeat", [1, 11])  # short prompts, and prompts of two steps
def test_two_answers_at_once_do_not_mix(service, repeat):
    questions = [
        [{"role": "user", "content": "the cat sat on the mat and how many days " * repeat}],
        [{"role": "user", "content": "a dog and a cat of leave in " * repeat}],
    ]
    assert (service.fits(questions[1]) > 128) == (repeat > 1)
    alone = [answer(service, question, 25)[0] for question in questions]
    streams = [service.generate(question, 25) for question in questions]
    together = ["", ""]
    for _ in range(80):
        for index, stream in enumerate(streams):
            piece = next(stream, None)
            together[index] += piece if isinstance(piece, str) else ""
    assert together == alone


def test_a_later_turn_reuses_what_was_read(service):
    first = answer(service, QUESTION, 10)[1]
    assert first.reused_tokens == 0
    longer = [{"role": "user", "content": QUESTION[0]["content"] + " of leave"}]
    assert answer(service, longer, 10)[1].reused_tokens >= first.prompt_tokens - 1


def test_a_stop_string_ends_the_answer_before_it(service):
    whole = answer(service, QUESTION, 40)[0]
    stop = whole[10:13]
    text, stats = answer(service, QUESTION, 40, stop=[stop])
    assert text == whole[: whole.index(stop)]
    assert stats.stop_reason == "stop"


def test_the_context_is_a_budget(folders):
    service = GeneratorService(folders["genai"], context_limit=40)
    assert service.context_length() == 40
    prompt = service.fits(QUESTION)
    _, stats = answer(service, QUESTION, 500)
    assert stats.prompt_tokens + stats.generated_tokens <= 40
    assert stats.stop_reason in ("context", "stop")
    with pytest.raises(PromptTooLong) as caught:
        answer(service, [{"role": "user", "content": QUESTION[0]["content"] * 4}], 10)
    assert caught.value.facts["limit"] == 40
    assert caught.value.facts["tokens"] > 4 * prompt - 10


def test_counts_tokens_without_special_ones(service, tokenizer):
    texts = ["the cat", "", "我们在公园里散步"]
    assert service.count_tokens(texts) == [len(tokenizer.encode(text).ids) for text in texts]


def test_an_empty_prompt_still_gives_the_model_something_to_read(service):
    assert answer(service, [{"role": "user", "content": ""}], 3)[1].prompt_tokens == 1


def test_the_real_story_token_for_token(shared, tmp_path):
    known = json.loads((shared / "models/stories260K/expected_greedy_ids.json").read_text("utf-8"))
    model = ModelStore(tmp_path).add(shared / "models/stories260K/onnx-genai")
    assert model.id == "stories260K"
    service = GeneratorService(model.folder)
    ids = [1, *service.tokens([1], 256, Sampling())]
    assert ids == known["ids"]
    text, stats = answer(service, [{"role": "user", "content": ""}], 256)
    assert text.strip() == known["text"].strip()
    assert stats.generated_tokens == 256
