"""The generator service: text, stops, budgets, interleaving; and a real model's known answer."""

import json

import numpy as np
import pytest

from kotaemon_desktop.core.errors import ModelNotFound, PromptTooLong
from kotaemon_desktop.core.models.drafts import NoDrafts
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


def prompts(count, vocabulary=290):
    """Prompts of many lengths that repeat parts of themselves, as passages and questions do."""
    random = np.random.default_rng(8)
    for _ in range(count):
        part = random.integers(4, vocabulary, int(random.integers(2, 30))).tolist()
        yield [*part, *random.integers(4, vocabulary, int(random.integers(0, 9))).tolist(), *part[: len(part) // 2 + 1]]


@pytest.mark.parametrize("layout", ["genai", "onnx"])
def test_guesses_change_no_token_on_200_prompts(folders, layout):
    service = GeneratorService(folders[layout])
    for prompt in prompts(200):
        plain = list(service.tokens(prompt, 24, drafts=lambda ids: NoDrafts()))
        assert list(service.tokens(prompt, 24)) == plain


def test_guesses_change_no_token_of_a_sampled_text(folders):
    service = GeneratorService(folders["genai"])
    for seed, prompt in enumerate(prompts(30)):
        sampling = Sampling(0.7, top_k=20, repetition_penalty=1.1, seed=seed)
        plain = list(service.tokens(prompt, 24, sampling, lambda ids: NoDrafts()))
        assert list(service.tokens(prompt, 24, sampling)) == plain


def test_guesses_are_counted_and_save_runs(service, monkeypatch):
    runs = []
    run = service._decoder._run
    monkeypatch.setattr(service._decoder, "_run", lambda step, wanted=1: runs.append(len(step)) or run(step, wanted))
    _, stats = answer(service, [{"role": "user", "content": "the cat sat on the mat " * 5}], 150)
    assert 0 < stats.accepted_tokens <= stats.drafted_tokens
    # Each token that was not guessed right took one run; the last one is not read any more.
    assert len(runs) - 2 <= stats.generated_tokens - stats.accepted_tokens <= len(runs) + 1
    assert sum(runs) < stats.prompt_tokens + stats.generated_tokens + stats.drafted_tokens


def test_a_conversation_wakes_from_its_file(folders, tmp_path):
    service = GeneratorService(folders["genai"])
    expected, before = answer(service, QUESTION, 30)
    file = str(tmp_path / "cache")
    assert service.save_cache(file) >= before.prompt_tokens
    woken = GeneratorService(folders["genai"])
    assert woken.load_cache(file) == service.save_cache(file)
    text, stats = answer(woken, QUESTION, 30)
    assert text == expected
    assert stats.reused_tokens == stats.prompt_tokens - 1
    assert GeneratorService(folders["onnx"]).load_cache(file) == 0  # another graph, other weights
    assert woken.load_cache(str(tmp_path / "nowhere")) == 0


def test_a_cache_loaded_in_mid_answer_does_not_mix_with_it(folders, tmp_path):
    service = GeneratorService(folders["genai"])
    expected = answer(service, QUESTION, 30)[0]
    answer(service, [{"role": "user", "content": "年假有多少天"}], 20)
    service.save_cache(str(tmp_path / "cache"))
    stream = service.generate(QUESTION, 30)
    pieces = [next(stream) for _ in range(6)]
    assert service.load_cache(str(tmp_path / "cache")) > 0
    *rest, _ = stream
    assert "".join(pieces + rest) == expected


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


def test_guesses_change_no_token_of_real_stories(shared, tmp_path):
    service = GeneratorService(ModelStore(tmp_path).add(shared / "models/stories260K/onnx-genai").folder)
    for prompt in prompts(200, vocabulary=500):
        plain = list(service.tokens(prompt, 32, drafts=lambda ids: NoDrafts()))
        assert list(service.tokens(prompt, 32)) == plain
