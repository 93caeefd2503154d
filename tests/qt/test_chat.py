"""The chat on scripted answers: order, stop, stale pieces, and what the widgets make of them."""

import itertools
import queue
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QMessageBox, QPlainTextEdit, QPushButton, QToolButton

from kotaemon_desktop.core.errors import ComponentCrashed
from kotaemon_desktop.core.events import AnswerFailed, Cited, Degraded, Done, Found, Packed, Piece, Routed, Waking
from kotaemon_desktop.core.records import Citation, Hit, Passage, Strength
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.links import ask_and_open
from kotaemon_desktop.qt.panels.chat import ChatPanel
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase, as_markdown, footer, status_line
from kotaemon_desktop.qt.widgets.answer_body import AnswerBody
from kotaemon_desktop.qt.widgets.exchange_view import ExchangeView
from kotaemon_desktop.qt.widgets.question_box import QuestionBox
from kotaemon_desktop.qt.widgets.welcome import Welcome

TEXT = "Employees get 25 days of leave. Ask your manager."
PASSAGE = Passage(7, 3, "/docs/Handbook.pdf", "Handbook.pdf", "pdf", 12, 100, 100 + len(TEXT), "Leave", TEXT)
HIT = Hit(PASSAGE, 0.9, Strength.STRONG)
CITATION = Citation(1, 7, 3, "/docs/Handbook.pdf", "Handbook.pdf", 12, 100, 131, "Employees get 25 days of leave.")
ANSWER = "You have **25 days** of leave [1]."
FINISH = (Cited(ANSWER, (CITATION,)), Done("tiny", True, {"total": 1.25}, 1))


class ScriptedEngine:
    """Answers with the events that a test feeds; history is the real one."""

    def __init__(self, engine):
        self.history = engine.history
        self.traces = engine.traces
        self.questions = self
        self.asked = []
        self.instead_of = []
        self.closed = 0
        self.prewarmed = 0
        self._events = queue.Queue()

    def feed(self, *events):
        for event in events:
            self._events.put(event)

    def end(self):
        self._events.put(None)

    def prewarm(self, _conversation=None) -> None:
        self.prewarmed += 1

    def answer(self, question, *, conversation_id=None, instead_of=None, scope=None, approve=None) -> Iterator[object]:
        self.asked.append((question, conversation_id))
        self.instead_of.append(instead_of)
        try:
            while (event := self._events.get(timeout=20)) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.closed += 1


@pytest.fixture
def scripted(engine):
    return ScriptedEngine(engine)


@pytest.fixture
def model(scripted, lanes, qtbot):
    made = ChatModel(scripted, lanes)
    qtbot.waitUntil(lambda: lanes.idle("browsing"))
    yield made
    scripted.end()  # whoever still listens
    lanes.close()
    made.deleteLater()


@pytest.fixture
def panel(model, scripted, lanes, qtbot):
    made = ChatPanel(model, ConversationsModel(scripted, lanes, model))
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def recorded(signal) -> list:
    seen = []
    signal.connect(lambda *arguments: seen.append(arguments))
    return seen


def answered(model, scripted, qtbot, *events, question="How much leave?") -> Exchange:
    """Ask, feed ``events`` to the end, and return the exchange."""
    seen = recorded(model.changed)
    assert model.ask(question)
    scripted.feed(*events)
    scripted.end()
    qtbot.waitUntil(lambda: not model.busy)
    return seen[-1][0]


def settled(panel, qtbot):
    view = panel._conversation
    qtbot.waitUntil(lambda: not view._turn.isActive())
    QApplication.processEvents()
    return view


def view_of(panel) -> ExchangeView:
    return panel.findChildren(ExchangeView)[-1]


# --- the view-model ------------------------------------------------------------------------------------------------


def test_an_answer_goes_through_its_steps_in_order(model, scripted, qtbot):
    found, cited, busy = recorded(model.found), recorded(model.cited), recorded(model.busy_changed)
    exchange = answered(
        model, scripted, qtbot, Routed("documents", "x"), Found((HIT,)), Piece("You have "), Piece("25 days."), *FINISH
    )
    assert exchange.phase is Phase.DONE
    assert (exchange.answer, exchange.model, exchange.seconds) == (ANSWER, "tiny", 1.25)
    assert exchange.citation(1) == CITATION
    assert exchange.strength(CITATION) is Strength.STRONG
    assert found == [((HIT,), "How much leave?")]
    assert cited == [((CITATION,),)]
    assert busy == [(True,), (False,)]


def test_pieces_are_shown_in_bundles_and_in_order(model, scripted, qtbot):
    changes = recorded(model.changed)
    words = [f"word{n} " for n in range(300)]
    exchange = answered(model, scripted, qtbot, *map(Piece, words))
    assert exchange.answer == "".join(words)
    assert len(changes) < 30
    lengths = [len(change[0].answer) for change in changes]
    assert lengths == sorted(lengths)


def test_stopping_keeps_what_came_and_drops_what_is_late(model, scripted, qtbot):
    model.ask("first")
    scripted.feed(Routed("documents", "x"), Piece("as far as"))
    qtbot.waitUntil(lambda: model.exchange(1).answer == "as far as")
    model.stop()
    assert not model.busy
    assert model.exchange(1).phase is Phase.STOPPED
    scripted.feed(Piece(" too late"))
    qtbot.waitUntil(lambda: scripted.closed == 1)
    second = answered(model, scripted, qtbot, Piece("other"), *FINISH, question="second")
    assert second.number == 2
    assert model.exchange(1).answer == "as far as"
    assert second.answer == ANSWER


def test_a_question_can_be_asked_while_the_stopped_one_still_ends(model, scripted, qtbot):
    model.ask("first")
    scripted.feed(Piece("one"))
    qtbot.waitUntil(lambda: model.exchange(1).answer == "one")
    model.stop()
    assert model.ask("second")
    scripted.feed(Piece("late"), Piece("two"))
    scripted.end()
    qtbot.waitUntil(lambda: not model.busy)
    assert (model.exchange(1).answer, model.exchange(2).answer) == ("one", "two")


def test_only_one_question_at_a_time_and_no_blank_one(model, scripted, qtbot):
    assert not model.ask("  \n ")
    assert model.ask("first")
    assert not model.ask("second")
    scripted.end()
    qtbot.waitUntil(lambda: not model.busy)
    assert [question for question, _ in scripted.asked] == ["first"]


def test_an_unexpected_error_ends_the_answer_with_its_words(model, scripted, qtbot):
    exchange = answered(model, scripted, qtbot, Piece("half"), RuntimeError("disk on fire"))
    assert exchange.phase is Phase.FAILED
    assert exchange.answer == "half"
    assert "disk on fire" in str(exchange.error)


def test_an_answer_without_an_end_counts_as_stopped(model, scripted, qtbot):
    assert answered(model, scripted, qtbot, Piece("half")).phase is Phase.STOPPED


def test_questions_share_a_conversation_until_a_new_one_begins(model, scripted, qtbot):
    answered(model, scripted, qtbot, *FINISH, question="a")
    answered(model, scripted, qtbot, *FINISH, question="b")
    opened = recorded(model.opened)
    model.new_conversation()
    answered(model, scripted, qtbot, *FINISH, question="c")
    (_, first), (_, second), (_, third) = scripted.asked
    assert first == second != third
    assert opened == [([], None)]


def test_the_last_conversation_comes_back(engine, scripted, lanes, qtbot):
    older, newer = engine.history.new_conversation(), engine.history.new_conversation()
    for conversation, question in ((newer, "new"), (older, "old"), (older, "last")):
        engine.history.add_turn(
            conversation, question=question, answer=ANSWER, route="documents", model="tiny", answered=True,
            citations=(CITATION,),
        )  # fmt: skip
    engine.history.new_conversation()  # its only question was stopped before it was kept
    model = ChatModel(scripted, lanes)
    with qtbot.waitSignal(model.opened) as signal:
        pass
    assert [exchange.question for exchange in signal.args[0]] == ["old", "last"]
    assert signal.args[0][0].citation(1) == CITATION
    answered(model, scripted, qtbot, *FINISH, question="more")
    assert scripted.asked == [("more", older)]


def test_who_asks_before_the_last_conversation_is_there_begins_a_new_one(engine, scripted, lanes, qtbot):
    old = engine.history.new_conversation()
    engine.history.add_turn(old, question="q", answer="a", route="documents", model="tiny", answered=True)
    model = ChatModel(scripted, lanes)
    opened = recorded(model.opened)
    answered(model, scripted, qtbot, *FINISH)
    qtbot.waitUntil(lambda: lanes.idle("browsing"))
    assert opened == []
    assert scripted.asked[0][1] != old


def test_a_citation_of_an_earlier_answer_brings_its_sources_back(model, scripted, qtbot):
    answered(model, scripted, qtbot, Found((HIT,)), *FINISH, question="first")
    answered(model, scripted, qtbot, Found(()), Piece("no"), question="second")
    found, activated = recorded(model.found), recorded(model.citation_activated)
    model.sources.activate_citation(1, 1)
    model.sources.activate_citation(1, 9)
    assert found == [((HIT,), "first")]
    assert activated == [(CITATION,)]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (None, "Looking at the question"),
        (Routed("documents", "x"), "Searching your documents"),
        (Waking("retrieval", 2.4), "Waking the index · about 2 s"),
        (Waking("generator", None), "Waking the language model"),
        (Found((HIT,)), "Found 1 passage"),
        (Packed(((7, 20), (8, 20)), (), 100), "Reading 2 passages"),
    ],
)
def test_the_status_says_what_is_being_done(event, words):
    exchange = Exchange(1, "q")
    assert status_line(exchange.after(event) if event else exchange) == words


def test_the_footer_says_who_answered():
    done = Exchange(1, "q", phase=Phase.DONE, answer="a", seconds=0.01)
    quoted = done.after(Done("extractive", True, {"total": 2.0}))
    assert footer(quoted) == "Quoted from your documents (no language model) · 2.0 s"
    assert footer(done.after(Done("extractive", False, {}))) == "Not in your documents"
    assert footer(done.after(Cited("a", (), ("x",))).after(Done("tiny", True, {"total": 0.0}))) == (
        "tiny · 0.1 s · 1 statement without a source"
    )


def test_copied_markdown_lists_its_sources():
    exchange = Exchange(1, "q").after(Cited(ANSWER, (CITATION,)))
    assert as_markdown(exchange) == (
        f"{ANSWER}\n\nSources:\n\n1. Handbook.pdf, page 12: “Employees get 25 days of leave.”"
    )


def test_an_earlier_conversation_can_be_opened_again(model, scripted, qtbot):
    answered(model, scripted, qtbot, *FINISH, question="first")
    first = model.conversation
    scripted.history.add_turn(first, question="first", answer=ANSWER, route="documents", model="tiny", answered=True)
    model.new_conversation()
    with qtbot.waitSignal(model.opened) as signal:
        model.open_conversation(first)
    assert [exchange.question for exchange in signal.args[0]] == ["first"]
    answered(model, scripted, qtbot, *FINISH, question="more")
    assert scripted.asked[-1] == ("more", first)


# --- the panel -----------------------------------------------------------------------------------------------------


def test_enter_sends_and_shift_enter_begins_a_line(panel, model, scripted, qtbot):
    edit = panel.findChild(QuestionBox).edit
    height = edit.height()
    qtbot.keyClicks(edit, "one")
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(edit, "two")
    assert edit.height() > height
    assert not scripted.asked
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert model.exchange(1).question == "one\ntwo"
    assert edit.toPlainText() == ""
    assert edit.height() == height


def test_enter_that_ends_a_composed_word_sends_nothing(panel, model, qtbot):
    edit = panel.findChild(QuestionBox).edit
    qtbot.keyClicks(edit, "x")
    QApplication.sendEvent(edit, QInputMethodEvent("nianjia", []))
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert not model.busy
    commit = QInputMethodEvent()
    commit.setCommitString("年假")
    QApplication.sendEvent(edit, commit)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert model.exchange(1).question == "x年假"


def test_while_busy_enter_keeps_the_text_and_escape_stops(panel, model, scripted, qtbot):
    box = panel.findChild(QuestionBox)
    box.set_text("first")
    qtbot.keyClick(box.edit, Qt.Key.Key_Return)
    qtbot.keyClicks(box.edit, "second")
    qtbot.keyClick(box.edit, Qt.Key.Key_Return)
    assert box.text == "second"
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    qtbot.keyClick(box.edit, Qt.Key.Key_Escape)
    assert not model.busy
    assert model.exchange(1).phase is Phase.STOPPED
    assert "Stopped" in view_of(panel)._line.text


def test_files_dropped_on_the_box_are_left_to_the_window(panel):
    edit = panel.findChild(QuestionBox).edit
    files, text = QMimeData(), QMimeData()
    files.setUrls([QUrl.fromLocalFile("/docs/a.pdf")])
    text.setText("words")
    assert not edit.canInsertFromMimeData(files)
    assert edit.canInsertFromMimeData(text)


def test_an_answer_grows_calmly_and_the_list_follows_its_end(panel, model, scripted, qtbot):
    bar = panel._conversation.verticalScrollBar()
    heights, gaps = [], []
    model.changed.connect(lambda _e: heights.append(view_of(panel).findChild(AnswerBody).height()))
    bar.valueChanged.connect(lambda value: gaps.append(bar.maximum() - value))
    text = "\n\n".join(f"- **Point {n}** and `code` of it\n\n```\ncode {n}\n```\nEnd of {n}." for n in range(12))
    pieces = [Piece(text[at : at + 9]) for at in range(0, len(text), 9)]
    model.ask("long?")
    for at in range(0, len(pieces), 3):
        scripted.feed(*pieces[at : at + 3])
        qtbot.wait(30)
    scripted.end()
    qtbot.waitUntil(lambda: not model.busy)
    line = view_of(panel).fontMetrics().lineSpacing()
    assert len(heights) > 8
    assert all(after >= before - 2 * line for before, after in itertools.pairwise(heights))
    settled(panel, qtbot)
    assert bar.maximum() > 200
    assert bar.value() == bar.maximum()
    assert set(gaps) == {0}


def test_a_reader_who_scrolled_up_is_left_alone(panel, model, scripted, qtbot):
    answered(model, scripted, qtbot, Piece("\n\n".join(f"Paragraph {n}." for n in range(40))))
    bar = settled(panel, qtbot).verticalScrollBar()
    model.ask("more?")
    QApplication.processEvents()
    bar.setValue(50)
    scripted.feed(Piece("\n\n".join(f"Line {n}." for n in range(40))))
    scripted.end()
    qtbot.waitUntil(lambda: not model.busy)
    settled(panel, qtbot)
    assert bar.value() == 50


def test_a_click_on_a_mark_activates_its_citation(panel, model, scripted, qtbot):
    answered(model, scripted, qtbot, Found((HIT,)), *FINISH)
    settled(panel, qtbot)
    body = view_of(panel).findChild(AnswerBody)
    cursor = body.document().find("[1]")
    place = body.cursorRect(cursor).center() - QPoint(4, 0)
    assert body.anchorAt(place) == "cite:1"
    with qtbot.waitSignal(model.citation_activated) as signal:
        qtbot.mouseClick(body.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert signal.args == [CITATION]


def test_marks_can_be_reached_with_the_keyboard(panel, model, scripted, qtbot):
    answered(model, scripted, qtbot, Found((HIT,)), *FINISH)
    settled(panel, qtbot)
    body = view_of(panel).findChild(AnswerBody)
    body.setFocus()
    qtbot.keyClick(body, Qt.Key.Key_Tab)
    with qtbot.waitSignal(model.citation_activated):
        qtbot.keyClick(body, Qt.Key.Key_Return)


def test_the_model_s_own_marks_do_not_show_before_they_are_checked(panel, model, scripted, qtbot):
    model.ask("q")
    scripted.feed(Found((HIT,)), Piece("It is so [3]. And more"))
    qtbot.waitUntil(lambda: "more" in model.exchange(1).answer)
    assert "[3]" not in view_of(panel).findChild(AnswerBody).toPlainText()


def test_a_failure_says_what_happened_and_can_be_asked_again(panel, model, scripted, qtbot):
    error = ComponentCrashed(component="retrieval", exitcode=-9)
    answered(model, scripted, qtbot, Waking("retrieval", 1.0), AnswerFailed(error))
    view = view_of(panel)
    assert view._notice.text() == str(error)
    assert view._notice.isVisible()
    again = next(b for b in view.findChildren(QPushButton) if b.text() == "Ask again")
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert model.exchange(2).question == "How much leave?"


def test_a_lesser_way_says_why(panel, model, scripted, qtbot):
    error = ComponentCrashed(component="generator", exitcode=-9)
    answered(model, scripted, qtbot, Degraded(error), Piece("> quote [1]"), Cited("> quote [1]", (CITATION,)),
             Done("extractive", True, {"total": 1.0}))  # fmt: skip
    view = view_of(panel)
    assert view._notice.text() == str(error)
    assert view._line.text.startswith("Quoted from your documents")


def test_not_in_your_documents_is_said_clearly(panel, model, scripted, qtbot):
    answered(model, scripted, qtbot, Found(()), Piece("No."), Cited("No.", ()), Done("extractive", False, {}))
    line = view_of(panel)._line
    assert "Not in your documents" in line.text
    assert line._words.palette().windowText().color() == theme.current().colour("warning")


def test_copy_takes_the_answer_with_its_sources(panel, model, scripted, qtbot):
    answered(model, scripted, qtbot, Found((HIT,)), *FINISH)
    view = view_of(panel)
    qtbot.mouseClick(view._line._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == as_markdown(view.exchange)


def test_examples_fill_the_box_and_leave_with_the_first_question(panel, model, qtbot):
    welcome = panel.findChild(Welcome)
    assert welcome.isVisible()
    example = welcome.findChildren(QPushButton)[0]
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert panel.findChild(QuestionBox).text == example.text()
    assert not model.busy
    model.ask("q")
    assert not welcome.isVisible()
    model.new_conversation()
    assert welcome.isVisible()


def test_the_welcome_does_not_flash_by_before_the_last_conversation(scripted, lanes, qtbot):
    model = ChatModel(scripted, lanes)
    panel = ChatPanel(model, ConversationsModel(scripted, lanes, model))
    qtbot.addWidget(panel)
    panel.show()
    welcome = panel.findChild(Welcome)
    assert not welcome.isVisible()
    qtbot.waitUntil(welcome.isVisible)


def test_a_history_that_cannot_be_read_is_told_and_asking_still_works(scripted, lanes, qtbot, monkeypatch):
    def broken() -> None:
        raise OSError("disk gone")

    monkeypatch.setattr(scripted.history, "conversations", broken)
    told = recorded(lanes.failed)
    model = ChatModel(scripted, lanes)
    with qtbot.waitSignal(model.opened) as signal:
        pass
    assert signal.args == [[], None]
    assert "disk gone" in str(told[0][0])
    assert answered(model, scripted, qtbot, *FINISH).phase is Phase.DONE


def test_a_long_conversation_comes_back_from_its_end_and_earlier_ones_on_demand(panel, model, scripted, qtbot):
    conversation = scripted.history.new_conversation()
    for n in range(30):
        scripted.history.add_turn(
            conversation, question=f"question {n}", answer=ANSWER, route="documents", model="tiny", answered=True
        )
    with qtbot.waitSignal(model.opened):
        model.open_conversation(conversation)
    view = settled(panel, qtbot)

    def shown() -> list[int]:
        items = [view._layout.itemAt(at).widget() for at in range(view._layout.count())]
        return [item.exchange.number for item in items if isinstance(item, ExchangeView)]

    assert shown() == list(range(19, 31))
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    top = next(v for v in panel.findChildren(ExchangeView) if v.exchange.number == 19)
    bar.setValue(0)  # earlier ones come by themselves
    before = top.mapTo(panel, QPoint(0, 0)).y()
    settled(panel, qtbot)
    assert shown() == list(range(7, 31))
    qtbot.waitUntil(lambda: abs(top.mapTo(panel, QPoint(0, 0)).y() - before) <= 2)


def test_a_very_long_session_keeps_its_widgets_few(panel, model, qtbot):
    for number in range(1, 61):
        model.changed.emit(Exchange(number, "q", phase=Phase.DONE, answer=ANSWER))
    view = settled(panel, qtbot)
    assert len(view._views) == 30
    assert [exchange.number for exchange in view._earlier] == list(range(1, 31))


def test_a_new_theme_colours_the_answers_anew(panel, model, scripted, qtbot, qapp):
    answered(model, scripted, qtbot, Found((HIT,)), *FINISH)
    body = view_of(panel).findChild(AnswerBody)

    def colour() -> str:
        cursor = QTextCursor(body.document().find("[1]"))
        return cursor.charFormat().foreground().color().name()

    assert colour() == theme.LIGHT.accent
    theme.apply(qapp, "dark")
    settled(panel, qtbot)
    assert colour() == theme.DARK.accent


def test_web_links_are_shown_before_they_open_and_others_never_do(panel, qtbot):
    assert ask_and_open(panel, QUrl("file:///etc/passwd")) is None
    assert ask_and_open(panel, QUrl("javascript:alert(1)")) is None
    box = ask_and_open(panel, QUrl("https://good.example@аpple.com/path?q=1"))
    assert isinstance(box, QMessageBox)
    assert "xn--pple-43d.com" in box.text()
    assert "good.example" not in box.text()
    assert box.informativeText().startswith("https://good.example@xn--pple-43d.com/")
    assert box.defaultButton().text() == "Cancel"
    box.reject()


def test_links_that_an_answer_makes_up_do_nothing(panel, model, scripted, qtbot):
    text = "See [this](cite:x) and [that](cite:99)."
    answered(model, scripted, qtbot, Piece(text), Cited(text, (CITATION,)), Done("tiny", True, {}))
    activated = recorded(model.citation_activated)
    for target in ("cite:x", "cite:99", "cite:"):
        view_of(panel)._answer.anchorClicked.emit(QUrl(target))
    assert activated == []
    assert not panel.findChildren(QMessageBox)


def test_a_long_address_in_a_question_is_broken_into_lines(panel, model, qtbot):
    model.ask("https://example.org/" + "a" * 300)
    QApplication.processEvents()
    bubble = view_of(panel)._bubble
    assert bubble.width() <= panel.width()
    assert bubble.height() > 3 * bubble.fontMetrics().lineSpacing()


def test_every_control_has_a_name(panel, model, scripted, qtbot):
    answered(model, scripted, qtbot, Found((HIT,)), *FINISH)
    view = view_of(panel)
    for widget in (panel, panel._box.edit, panel._box._button, view, view._answer, *panel.findChildren(QToolButton)):
        assert widget.accessibleName()
    panel.retranslate()


def test_typing_wakes_what_will_answer_but_not_with_every_key(scripted, model, panel, qtbot):
    edit = panel.findChild(QPlainTextEdit)
    qtbot.keyClicks(edit, "How many days?")
    qtbot.waitUntil(lambda: scripted.prewarmed == 1)
    edit.clear()
    assert scripted.prewarmed == 1
