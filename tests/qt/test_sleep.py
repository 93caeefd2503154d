"""What the window says of a conversation's sleep, of thoughts, and of where the model's view begins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Done, Packed, Piece, Thinking, Thought
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.records import ComponentState, ComponentStatus, Generated, Sleep, Turn
from kotaemon_desktop.core.tracing.timeline import Step
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase, first_seen, footer, status_line, time_split
from kotaemon_desktop.qt.viewmodels.sleep import SleepModel, sleep_words
from kotaemon_desktop.qt.widgets import trace_words
from kotaemon_desktop.qt.widgets.chat_heading import ChatHeading
from kotaemon_desktop.qt.widgets.exchange_view import ExchangeView
from kotaemon_desktop.qt.widgets.text_body import TextBody
from kotaemon_desktop.qt.widgets.thought_fold import ThoughtFold
from kotaemon_desktop.qt.widgets.window_border import WindowBorder
from kotaemon_desktop.qt.workers import Lanes

TIMINGS = {
    "total": 6.2,
    "wake": 1.94,
    "restore": 0.05,
    "restored_tokens": 1500.0,
    "prefill": 2.5,
    "prompt_tokens": 1900.0,
    "reused_tokens": 1500.0,
    "first_piece": 4.6,
    "decode": 2.0,
    "tokens": 28.0,
    "drafted_tokens": 10.0,
    "accepted_tokens": 7.0,
}


def test_the_first_answer_after_a_wake_says_where_its_time_went() -> None:
    exchange = Exchange(1, "?").after(Piece("Ten.")).after(Done("qwen", True, TIMINGS))
    assert footer(exchange) == "qwen · 6.2 s · woke 1.9 s · read 2.5 s · first word 4.6 s · 14 tokens/s"
    assert time_split(TIMINGS) == [
        "woke in 1.9 s",
        "remembered 1,500 tokens in 0.1 s",
        "read 400 tokens in 2.5 s",
        "first word after 4.6 s",
        "14 tokens/s",
        "7 of 10 guessed tokens were right",
    ]
    awake = {name: seconds for name, seconds in TIMINGS.items() if name != "wake"}
    exchange = Exchange(1, "?").after(Piece("Ten.")).after(Done("qwen", True, awake))
    assert footer(exchange) == "qwen · 6.2 s"
    assert "14 tokens/s" in time_split(awake)
    assert time_split({"total": 1.0, "retrieve": 0.5, "first_piece": 0.9}) == []


def test_the_trace_says_it_in_words() -> None:
    done = Step("Done", 0.0, 0.0, {"event": "Done", "model": "qwen", "timings": TIMINGS})
    assert trace_words.words(done) == " · ".join(["qwen", *time_split(TIMINGS)])
    assert trace_words.words(Step("Thought", 0.0, 3.24, {"event": "Thought", "seconds": 3.24})) == "3.2 s"


def test_thoughts_are_folded_and_no_part_of_the_answer(qtbot: QtBot) -> None:
    exchange = Exchange(1, "How long?").after(Thinking("The handbook ")).after(Thinking("says <b>ten</b>."))
    assert status_line(exchange) == "Thinking"
    view = ExchangeView(exchange)
    qtbot.addWidget(view)
    view.show()
    fold = view.findChild(ThoughtFold)
    assert fold is not None
    head = fold.findChild(QToolButton)
    assert head is not None
    assert head.text() == "Thinking…"
    assert fold.findChild(TextBody) is None
    exchange = exchange.after(Thought(3.2)).after(Piece("Ten days.")).after(Done("qwen", True, {"total": 5.0}))
    view.show_exchange(exchange)
    assert head.text() == "Thought for 3 seconds"
    head.click()
    body = fold.findChild(TextBody)
    assert body is not None
    assert body.isVisible()
    assert body.toPlainText() == "The handbook says <b>ten</b>."
    assert exchange.answer == "Ten days."
    head.click()
    assert not body.isVisible()


def test_a_stored_thought_comes_back() -> None:
    generated = Generated((), (), 0, 0, said="Ten.", thought="Hm.", thought_seconds=2.0)
    turn = Turn(1, 1, "?", "Ten. [1]", "documents", "m", True, 0.0, generated=generated)
    exchange = Exchange.of_turn(1, turn)
    assert (exchange.thought, exchange.thought_seconds) == ("Hm.", 2.0)


def test_the_border_of_the_models_view(qtbot: QtBot) -> None:
    view = ExchangeView(Exchange(1, "How long?", phase=Phase.DONE, answer="Ten."))
    qtbot.addWidget(view)
    assert view.findChild(WindowBorder) is None
    view.show_exchange(replace(view.exchange, first_seen=True))
    border = view.findChild(WindowBorder)
    assert border is not None
    assert border.accessibleName() == "The model sees the conversation from here on"
    view.show_exchange(replace(view.exchange, first_seen=False))
    assert border.isHidden()


def test_a_stored_conversation_knows_its_border() -> None:
    turns = [Turn(n, 1, "?", "!", "documents", "m", True, 0.0) for n in (3, 5, 8)]
    assert first_seen(turns) is None
    last = msgspec.structs.replace(turns[-1], generated=Generated((), (), 3, 5, said="!"))
    assert first_seen([*turns[:2], last]) == 5


@pytest.mark.parametrize(
    ("sleep", "words", "chinese"),
    [
        (Sleep(True, 0.43), "Asleep · wakes in about 0.4 s", "休眠中 · 唤醒约需 0.4 秒"),
        (Sleep(True, None), "Asleep", "休眠中"),
        (Sleep(False, None), "Asleep · will be read again", "休眠中 · 将重新读取"),
    ],
)
def test_the_heading_says_how_a_conversation_sleeps(qtbot: QtBot, sleep: Sleep, words: str, chinese: str) -> None:
    heading = ChatHeading()
    qtbot.addWidget(heading)
    heading.show()
    heading.show_sleep(sleep)
    assert heading._sleep.text() == words == sleep_words(sleep)
    assert heading._sleep.isVisible()
    use_language("zh_CN")
    heading.retranslate()
    assert heading._sleep.text() == chinese
    heading.show_sleep(None)
    assert not heading._sleep.isVisible()


def test_it_is_looked_up_only_when_something_has_changed(qtbot: QtBot, engine: Engine, lanes: Lanes) -> None:
    asked: list[int] = []
    engine.questions.sleep_of = lambda conversation: asked.append(conversation) or Sleep(True, 0.5)  # type: ignore[method-assign]
    told: list[Sleep | None] = []
    opened = [7]
    model = SleepModel(engine, lanes, lambda: opened[0])
    model.changed.connect(told.append)

    def generator(state: ComponentState) -> list[ComponentStatus]:
        return [ComponentStatus("generator", state, expected_wake=0.4)]

    model.look(generator(ComponentState.BUSY))
    assert told == [None]
    for _ in range(3):
        model.look(generator(ComponentState.ABSENT))
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[-1] == Sleep(True, 0.5)
    opened[0] = 8
    model.look(generator(ComponentState.ABSENT))
    qtbot.waitUntil(lambda: len(told) == 3)
    assert asked == [7, 8]


def test_the_window_shows_what_the_prompt_left_out(window, qtbot: QtBot, files: Path) -> None:
    model = window.chat_model
    exchanges = [Turn(n, 1, f"Question {n}?", "Ten.", "documents", "m", True, 0.0) for n in (1, 2, 3)]
    model._restore(exchanges)
    number = model.last().number
    model._running = number + 1
    model._exchanges[number + 1] = Exchange(number + 1, "And?")
    model._take(number + 1, Packed((), (), 100, turns=2, turns_left_out=1, seen_from=2))
    marked = [each.turn_id for each in model._exchanges.values() if each.first_seen]
    assert marked == [2]
    model._take(number + 1, Packed((), (), 100, turns=0, turns_left_out=3))
    assert [each.question for each in model._exchanges.values() if each.first_seen] == ["And?"]
    model.stop()
