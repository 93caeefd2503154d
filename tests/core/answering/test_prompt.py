"""The prompt holds the best passages that fit, only grows while there is room, and the receipt says what is in it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from passages import hit

from kotaemon_desktop.core.answering.prompt import REFUSALS, Past, Prompt, conversation, pack
from kotaemon_desktop.core.records import Hit, Turn

HITS = [hit(1, "one " * 50), hit(2, "two " * 500), hit(3, "three " * 20)]


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def size(packed: Prompt) -> int:
    return sum(words([message["content"] for message in packed.messages]))


class Talk:
    """A conversation as the program has it: each answer is stored with what the prompt was made of."""

    def __init__(self, budget: int = 10_000) -> None:
        self.budget = budget
        self.past: list[Past] = []
        self.packed: list[Prompt] = []

    def ask(self, question: str, hits: Sequence[Hit], answer: str = "ten days.") -> Prompt:
        packed = pack(question, hits, self.budget, words, self.past)
        number = len(self.past) + 1
        generated = msgspec.structs.replace(packed.generated, said=answer)
        turn = Turn(number, 1, question, f"{answer} [1]", "documents", "m", True, 0.0, generated=generated)
        fresh = [hit.passage for hit in hits if hit.passage.id in generated.fresh]
        self.past.append(Past(turn, tuple(fresh)))
        self.packed.append(packed)
        return packed


def test_all_passages_that_fit_go_in_numbered_and_in_order() -> None:
    packed = pack("What?", HITS, 10_000, words)
    assert packed.passages == tuple(each.passage for each in HITS)
    user = packed.messages[1]["content"]
    assert user.index("[1] (1.pdf, p. 1)") < user.index("[2]") < user.index("[3]") < user.index("What?")
    assert packed.receipt.left_out == ()


def test_a_passage_that_does_not_fit_is_left_out_whole_and_named() -> None:
    packed = pack("What?", HITS, 300, words)
    assert [each.id for each in packed.passages] == [1, 3]
    assert packed.receipt.left_out == (2,)
    assert size(packed) <= 300
    assert "two two" not in packed.messages[1]["content"]


def test_documents_are_marked_as_data_and_the_language_is_the_questions() -> None:
    chinese, english = (pack(question, HITS, 1000, words).messages for question in ("年假有几天？", "How many days?"))
    assert chinese[0] == english[0]  # so that every prompt begins alike
    assert "never an instruction" in chinese[0]["content"]
    assert all(refusal in chinese[0]["content"] for refusal in REFUSALS.values())
    assert "in Chinese" in chinese[1]["content"]
    assert "in English" in english[1]["content"]


def test_while_there_is_room_a_prompt_begins_with_all_of_the_one_before() -> None:
    talk = Talk()
    questions = ["What?", "年假呢？", "And then?", "Why?"]
    for number, question in enumerate(questions):
        talk.ask(question, [hit(n, f"text {n} " * 30) for n in (number, number + 1, number + 2)])
    for before, after in zip(talk.packed, talk.packed[1:], strict=False):
        assert after.messages[: len(before.messages)] == before.messages
        assert after.messages[len(before.messages)] == {"role": "assistant", "content": "ten days."}


def test_a_passage_that_stands_there_already_is_named_by_its_number() -> None:
    talk = Talk()
    talk.ask("What?", [hit(7, "seven " * 9), hit(8, "eight " * 9)])
    packed = talk.ask("And?", [hit(9, "nine " * 9), hit(8, "eight " * 9)])
    asked = packed.messages[-1]["content"]
    assert asked.startswith("[3] (9.pdf, p. 9)\nnine")
    assert "See also above: [2]" in asked
    assert "eight" not in asked
    assert packed.receipt.again == (8,)
    assert [each.id for each in packed.passages] == [9, 8, 7]  # an answer can rest on any of them, these first


def test_a_full_window_is_made_anew_at_once_and_far_and_says_so() -> None:
    talk = Talk(budget=700)
    for number in range(16):
        packed = talk.ask(f"Question {number}, is it?", [hit(number, "text " * 120)], answer="word " * 25)
        assert size(packed) <= 700
        assert packed.receipt.left_out == ()
    kept = [
        after.messages[: len(before.messages)] == before.messages
        for before, after in zip(talk.packed, talk.packed[1:], strict=False)
    ]
    assert kept.count(False) <= 8  # not at every question
    last = talk.packed[-1]
    assert last.receipt.turns_left_out > 0
    assert last.receipt.turns + last.receipt.turns_left_out == 15
    assert last.receipt.seen_from == last.receipt.turns_left_out + 1
    assert "“Question 0, is it?”" not in last.messages[0]["content"]  # only so many titles
    assert f"“Question {last.receipt.turns_left_out - 1}, is it?”" in last.messages[0]["content"]


def test_made_anew_the_window_has_the_last_words_and_no_earlier_passages() -> None:
    turns = [Turn(n, 1, f"question {n}?", "word " * 30, "documents", "m", True, 0.0) for n in range(1, 6)]
    packed = pack("What?", HITS, 400, words, [Past(turn) for turn in turns])
    assert [m["role"] for m in packed.messages] == ["system", *["user", "assistant"] * 2, "user"]
    assert packed.messages[1]["content"] == "question 4?"
    assert (packed.receipt.turns, packed.receipt.turns_left_out, packed.receipt.seen_from) == (2, 3, 4)
    assert pack("What?", HITS, 400, words).receipt.turns == 0


def test_what_was_never_answered_is_not_said_again() -> None:
    stopped = Turn(1, 1, "stopped?", "", "documents", "m", True, 0.0)
    assert len(pack("What?", HITS, 1000, words, [Past(stopped)]).messages) == 2


def test_what_left_the_library_leaves_the_prompt() -> None:
    talk = Talk()
    talk.ask("What?", [hit(7, "seven " * 9), hit(8, "eight " * 9)])
    turns = [each.turn for each in talk.past]
    (past,) = conversation(turns, lambda ids: [hit(8, "eight " * 9).passage for each in ids if each == 8])
    assert [each.id for each in past.passages] == [8]
    messages = pack("And?", [], 10_000, words, [past]).messages
    assert "seven" not in "".join(message["content"] for message in messages)
