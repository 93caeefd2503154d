"""Conversations that sleep in files and wake where they were: the same words, and only what is new is read."""

import os

import pytest

from kotaemon_desktop.core.events import Thinking
from kotaemon_desktop.core.models.conversing import ConversationService
from kotaemon_desktop.core.models.shelf import Shelf
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.records import GenerationStats, GenerationWish
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host

FIRST = [{"role": "user", "content": "the cat sat on the mat and a dog and a cat " * 4}]
OTHER = [{"role": "user", "content": "how many days of leave for a dog on the mat " * 4}]
MEGABYTE = 1 << 20


@pytest.fixture(scope="session")
def model(tmp_path_factory, decoder_folders):
    return ModelStore(tmp_path_factory.mktemp("models")).add(decoder_folders.genai)


@pytest.fixture
def caches(tmp_path):
    return tmp_path / "caches"


@pytest.fixture
def wake(model, caches):
    return lambda limit=MEGABYTE: ConversationService(model.folder, str(caches), limit)


def ask(service, messages, conversation=None, tokens=12, **wish):
    *pieces, stats = service.answer(messages, GenerationWish(max_tokens=tokens, conversation=conversation, **wish))
    assert isinstance(stats, GenerationStats)
    return "".join(pieces), stats


def follow_up(messages, answer):
    more = {"role": "user", "content": "and a dog?"}
    return [*messages, {"role": "assistant", "content": answer}, more]


def test_a_conversation_that_slept_goes_on_as_if_it_had_not(wake, caches):
    awake = wake()
    answer, _ = ask(awake, FIRST, 1)
    question = follow_up(FIRST, answer)
    expected, kept = ask(awake, question, 1)
    asleep = wake()
    ask(asleep, FIRST, 1)
    asleep.close()
    assert [file.name.split("-")[0] for file in caches.iterdir()] == ["1"]
    woken = wake()
    text, stats = ask(woken, question, 1)
    assert text == expected
    assert stats.reused_tokens == stats.restored_tokens == kept.reused_tokens > 60
    assert stats.restore_seconds > 0
    assert ask(woken, question, 1)[1].restored_tokens == 0  # what is in memory is not read from the file again


def test_two_conversations_alternate(wake):
    service, alone = wake(), wake(0)
    first, other = ask(service, FIRST, 1)[0], ask(service, OTHER, 2)[0]
    assert (first, other) == (ask(alone, FIRST)[0], ask(alone, OTHER)[0])
    for messages, said, number in ((FIRST, first, 1), (OTHER, other, 2), (FIRST, first, 1)):
        question = follow_up(messages, said)
        text, stats = ask(service, question, number)
        assert text == ask(alone, question)[0]
        assert stats.restored_tokens == stats.reused_tokens > 60


def test_at_rest_nothing_is_held_and_nothing_is_lost(wake):
    service = wake()
    answer, _ = ask(service, FIRST, 1)
    service.rest()
    assert service._decoder.ids == []
    text, stats = ask(service, follow_up(FIRST, answer), 1)
    assert text == ask(wake(0), follow_up(FIRST, answer))[0]
    assert stats.restored_tokens > 60


def test_nobodys_conversation_and_an_empty_shelf_leave_no_file(wake, caches):
    for service, number in ((wake(), None), (wake(0), 1), (wake(1000), 1)):
        ask(service, FIRST, number)
        service.close()
    assert not list(caches.glob("*"))


def test_a_changed_prompt_is_read_from_where_it_changed(wake):
    service = wake()
    ask(service, FIRST, 1)
    service.close()
    changed = [{"role": "user", "content": FIRST[0]["content"][:60] + " in a park"}]
    text, stats = ask(wake(), changed, 1)
    assert text == ask(wake(0), changed)[0]
    assert stats.reused_tokens < stats.prompt_tokens - 4


def test_a_damaged_file_is_no_file(wake, caches):
    service = wake()
    expected, _ = ask(service, FIRST, 1)
    service.close()
    (file,) = caches.iterdir()
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    text, stats = ask(wake(), FIRST, 1)
    assert (text, stats.restored_tokens) == (expected, 0)


def test_those_used_longest_ago_go_first(wake, caches, model):
    service = wake()
    for number in (1, 2, 3):
        ask(service, FIRST, number)
        service.close()
        service._owner = None
    shelf = Shelf(caches)
    files = [shelf.file(number, model.id) for number in (1, 2, 3)]
    for age, file in zip((10, 30, 20), files, strict=True):
        os.utime(file, (1000 - age, 1000 - age))
    (caches / "9-dead.cache.part").touch()
    shelf.trim(2 * files[0].stat().st_size)
    assert [file.exists() for file in files] == [True, False, True]
    assert len(list(caches.iterdir())) == 2
    assert (shelf.seconds(1, model.id) or 0) > 0
    shelf.forget(1)
    assert shelf.seconds(1, model.id) is None


def test_an_answer_goes_on_from_what_was_said(wake):
    begun = " and the cat"
    longer = [{"role": "user", "content": FIRST[0]["content"] + begun}]
    assert ask(wake(0), FIRST, begun=begun)[0] == ask(wake(0), longer)[0]


def test_thinking_is_apart_and_does_not_use_the_answers_tokens(wake, monkeypatch):
    service = wake(0)
    texts = ["<th", "ink>wh", "y</t", "hink>", "because", " it", " is"]
    tokens = iter(range(100, 107))
    monkeypatch.setattr(service, "_tokens", lambda run, *_: _spoken(run, tokens))
    monkeypatch.setattr("kotaemon_desktop.core.models.conversing.TextStream", lambda *_, **__: _Said(iter(texts)))
    *parts, _ = service.answer(FIRST, GenerationWish(max_tokens=2))
    assert "".join(part.text for part in parts if isinstance(part, Thinking)) == "why"
    assert "".join(part for part in parts if isinstance(part, str)) == "because it"


def _spoken(run, tokens):
    while len(run.ids) < run.wanted:
        run.ids.append(next(tokens))
        yield run.ids[-1]


class _Said:
    stopped = False

    def __init__(self, texts):
        self.texts = texts

    def push(self, _token):
        return next(self.texts)

    def finish(self):
        return ""


def test_a_host_that_is_asked_to_end_keeps_its_conversation(model, caches):
    arguments = {"folder": model.folder, "caches": str(caches), "cache_bytes": MEGABYTE}
    spec = ComponentSpec("test", "kotaemon_desktop.core.models.conversing:ConversationService", lambda: arguments)
    wish = GenerationWish(max_tokens=12, conversation=7)
    host = Host(spec)
    *pieces, _ = host.stream("answer", FIRST, wish)
    host.stop()
    assert not host.alive
    woken = Host(spec)
    try:
        *again, stats = woken.stream("answer", FIRST, wish)
        assert again[-12:] == pieces[-12:]
        assert stats.restored_tokens == stats.prompt_tokens - 1
        assert woken.call("about").context == 256
    finally:
        woken.stop()
