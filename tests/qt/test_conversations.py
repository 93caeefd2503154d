"""Conversations in the window: versions of a question, the list, search, export and import, on scripted answers."""

import json
import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton

from kotaemon_desktop.core.events import Cited, Done, Found, Piece, as_dict
from kotaemon_desktop.core.records import Citation, Hit, Passage, Strength
from kotaemon_desktop.core.storage.traces import Traces
from kotaemon_desktop.qt.panels.chat import ChatPanel
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.widgets.answer_body import AnswerBody
from kotaemon_desktop.qt.widgets.conversation_list import ENTRY
from kotaemon_desktop.qt.widgets.conversations_page import choose_export
from kotaemon_desktop.qt.widgets.exchange_view import ExchangeView
from kotaemon_desktop.qt.widgets.question_editor import QuestionEditor

PASSAGE = Passage(
    7, 3, "/docs/Handbook.pdf", "Handbook.pdf", "pdf", 12, 0, 31, "Handbook › 3. Leave", "25 days of leave."
)
OTHER = Passage(
    8, 3, "/docs/Handbook.pdf", "Handbook.pdf", "pdf", 13, 0, 31, "Handbook › 4. Illness", "Call us when ill."
)
HITS = (Hit(PASSAGE, 0.9, Strength.STRONG), Hit(OTHER, 0.3, Strength.WEAK))
CITATION = Citation(1, 7, 3, "/docs/Handbook.pdf", "Handbook.pdf", 12, 0, 17, "25 days of leave.")


class Answers:
    """Answers each question at once in the way the pipeline does; history and library are the real ones."""

    def __init__(self, engine):
        self.history = engine.history
        self.library = engine.library
        self.traces = Traces(engine._database, lambda ids: [hit.passage for hit in HITS if hit.passage.id in ids])
        self.asked = []
        self.questions = self

    def prewarm(self, _conversation=None) -> None:
        pass

    def answer(self, question, *, conversation_id=None, instead_of=None, model=None, scope=None, **_wishes):
        self.asked.append(question)
        answer = f"Answer to **{question}** [1]."
        found = Found(HITS)
        yield found
        yield Piece(answer)
        yield Cited(answer, (CITATION,))
        turn = self.history.add_turn(
            conversation_id, question=question, answer=answer, route="documents", model="tiny", answered=True,
            citations=(CITATION,), trace=[{"at": 0.1, **as_dict(found)}], instead_of=instead_of,
        )  # fmt: skip
        yield Done("tiny", True, {"total": 0.1}, turn)


@pytest.fixture
def answers(engine):
    return Answers(engine)


@pytest.fixture
def model(answers, lanes, qtbot):
    made = ChatModel(answers, lanes)
    qtbot.waitUntil(lambda: lanes.idle("browsing"))
    yield made
    lanes.close()
    made.deleteLater()


@pytest.fixture
def conversations(answers, lanes, model):
    return ConversationsModel(answers, lanes, model)


@pytest.fixture
def panel(model, conversations, qtbot):
    made = ChatPanel(model, conversations)
    qtbot.addWidget(made)
    made.resize(560, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def settle(lanes, qtbot, panel):
    """Wait until nothing is read and nothing is still to be shown."""

    def wait():
        qtbot.waitUntil(lambda: lanes.idle("browsing") and lanes.idle("answering"))
        qtbot.waitUntil(lambda: not panel._conversation._turn.isActive())
        QApplication.processEvents()

    return wait


def ask(model, settle, *questions):
    for question in questions:
        assert model.ask(question)
        settle()


def shown(panel) -> list[str]:
    views = sorted(panel.findChildren(ExchangeView), key=lambda view: view.exchange.number)
    return [view.exchange.question for view in views]


def views(panel) -> list[ExchangeView]:
    return [panel._conversation.view(n) for n in sorted(panel._conversation._views)]


def rows(panel) -> list:
    model = panel._page._rows
    return [model.index(row).data(ENTRY) for row in range(model.rowCount())]


# --- versions ------------------------------------------------------------------------------------------------------


def test_a_changed_question_begins_another_branch_and_both_can_be_paged(panel, model, settle, qtbot, answers):
    ask(model, settle, "one", "two", "three")
    views(panel)[1].edit()
    editor = panel.findChild(QuestionEditor)
    assert editor.edit.toPlainText() == "two"
    editor.edit.setPlainText("two, but other")
    qtbot.keyClick(editor.edit, Qt.Key.Key_Return)
    settle()
    assert shown(panel) == ["one", "two, but other"]
    line = views(panel)[1]._line
    assert line._pager is not None
    back, number, on = line._pager
    assert (number.text(), back.isEnabled(), on.isEnabled()) == ("2/2", True, False)
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    settle()
    assert shown(panel) == ["one", "two", "three"]
    assert (model.exchange(views(panel)[1].exchange.number).version) == 1
    ask(model, settle, "four")
    assert [turn.question for turn in answers.history.turns(model.conversation)] == ["one", "two", "three", "four"]


def test_escape_leaves_a_question_as_it_was(panel, model, settle, qtbot, answers):
    ask(model, settle, "one")
    panel.doing.edit_last()
    editor = panel.findChild(QuestionEditor)
    qtbot.keyClick(editor.edit, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert answers.asked == ["one"]
    assert views(panel)[0]._bubble.isVisible()


def test_asking_again_keeps_the_first_answer(panel, model, settle):
    ask(model, settle, "one", "two")
    panel.doing.ask_again()
    settle()
    assert shown(panel) == ["one", "two"]
    last = model.last()
    assert (last.version, len(last.versions)) == (2, 2)


def test_the_menu_of_an_answer_offers_what_fits(panel, model, settle):
    ask(model, settle, "one")
    views(panel)[0].show_menu(QPoint(0, 0))
    menu = panel.findChild(QMenu)
    assert all(action.isEnabled() and action.text() for action in menu.actions())
    menu.close()


# --- the open conversation -----------------------------------------------------------------------------------------


def test_the_title_is_shown_and_can_be_changed(panel, model, settle, qtbot, answers):
    ask(model, settle, "How much leave?")
    assert panel._heading._title.text() == "How much leave?"
    panel.rename()
    edit = panel._heading._edit
    assert edit.selectedText() == "How much leave?"
    qtbot.keyClicks(edit, "Leave")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    settle()
    assert panel._heading._title.text() == "Leave"
    assert answers.history.conversations()[0].title == "Leave"
    panel.rename()
    qtbot.keyClicks(edit, "other")
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    settle()
    assert panel._heading._title.text() == "Leave"


def test_topics_beside_the_answer_can_be_asked_about(panel, model, settle, qtbot, answers):
    ask(model, settle, "How much leave?")
    [button] = panel._follow_ups.findChildren(QPushButton)
    assert button.text() == "Illness"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()
    assert answers.asked[-1] == "What is said about “Illness”?"


def test_the_sources_of_a_stored_answer_come_back_with_their_strength(panel, model, settle, answers):
    ask(model, settle, "one")
    first = model.conversation
    ask(model, settle, "two")
    model.new_conversation()
    found, cited = [], []
    model.found.connect(lambda hits, question: found.append((hits, question)))
    model.cited.connect(cited.append)
    model.open_conversation(first)
    settle()
    assert found[-1] == (HITS, "two")
    assert cited == [(CITATION,)]
    before = model.exchange(min(model._exchanges))
    assert before.hits == ()
    model.sources.activate_citation(before.number, 1)
    settle()
    assert found[-1] == (HITS, "one")
    assert model.exchange(before.number).strength(CITATION) is Strength.STRONG


def test_statements_without_a_source_are_underlined(panel, model):
    answer = "You have 25 days. It *may* be\nmore 天 in `2026`. 年假多。"
    cited = Cited(answer, (), ("It *may* be\nmore 天 in `2026`.", "年假多。"))
    model.changed.emit(Exchange(1, "q").after(cited).after(Done("t", True)))
    document = panel.findChild(AnswerBody).document()
    cursor = QTextCursor(document)
    marked = ""
    for position in range(document.characterCount() - 1):
        cursor.setPosition(position + 1)
        if cursor.charFormat().toolTip():
            marked += document.characterAt(position)
    assert marked == "It may be more 天 in 2026.年假多。"


def test_code_can_be_copied(panel, model):
    answer = "Run this:\n\n```sh\nls -l\npwd\n```\nand that."
    model.changed.emit(Exchange(1, "q").after(Piece(answer)).after(Done("t", True)))
    body = panel.findChild(AnswerBody)
    assert "sh · Copy" in body.toPlainText()
    body.anchorClicked.emit("code:1")
    assert QGuiApplication.clipboard().text() == "ls -l\npwd"


# --- the list ------------------------------------------------------------------------------------------------------


def listed(panel, settle):
    panel.show_conversations()
    settle()
    return rows(panel)


def test_conversations_are_listed_opened_and_left_by_keyboard(panel, model, settle, qtbot):
    ask(model, settle, "about R&D")
    first = model.conversation
    panel.begin_anew()
    ask(model, settle, "about leave")
    assert [entry.title for entry in listed(panel, settle)] == ["about leave", "about R&D"]
    search = panel._page._search
    qtbot.keyClick(search, Qt.Key.Key_Down)
    assert panel._page._list.currentIndex().row() == 1
    qtbot.keyClick(panel._page._list, Qt.Key.Key_Return)
    settle()
    assert model.conversation == first
    assert shown(panel) == ["about R&D"]
    listed(panel, settle)
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert panel._stack.currentWidget() is panel._conversation


def test_what_was_said_is_found_and_opened_where_it_was_said(panel, model, settle, qtbot):
    ask(model, settle, *(f"question {n}" for n in range(20)), "年假有多少天", *(f"more {n}" for n in range(20)))
    panel.begin_anew()
    listed(panel, settle)
    panel._page._search.setText("年假")
    settle()
    [entry] = [entry for entry in rows(panel) if entry.turn_id is not None]
    assert "年假" in entry.snippet.text
    assert entry.snippet.marked
    qtbot.keyClick(panel._page._search, Qt.Key.Key_Return)
    settle()
    view = next(view for view in views(panel) if view.exchange.question == "年假有多少天")
    top = view.mapTo(panel._conversation.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < 40
    assert len(shown(panel)) < 30
    assert panel._conversation._rest.isVisible()
    ask(model, settle, "the next one")
    assert shown(panel)[-2:] == ["more 19", "the next one"]


def test_nothing_found_is_said(panel, model, settle, qtbot):
    ask(model, settle, "one")
    listed(panel, settle)
    qtbot.keyClicks(panel._page._search, "elephant")
    settle()
    assert panel._page._nothing.isVisible()
    qtbot.keyClick(panel._page._search, Qt.Key.Key_Escape)
    settle()
    assert [entry.title for entry in rows(panel)] == ["one"]


def test_renamed_and_pinned_in_the_list(panel, model, conversations, settle, qtbot, answers):
    ask(model, settle, "first")
    first = model.conversation
    panel.begin_anew()
    ask(model, settle, "second")
    conversations.pin(first, True)
    assert [(entry.title, entry.pinned) for entry in listed(panel, settle)] == [("first", True), ("second", False)]
    panel._page._list.setCurrentIndex(panel._page._rows.index(0))
    panel.rename()
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Leave")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle()
    assert [entry.title for entry in rows(panel)] == ["Leave", "second"]


def test_deleting_can_be_undone(panel, model, settle, qtbot, answers):
    ask(model, settle, "one")
    kept = model.conversation
    listed(panel, settle)
    panel._page._list.setFocus()
    qtbot.keyClick(panel._page._list, Qt.Key.Key_Delete)
    settle()
    assert rows(panel) == []
    assert model.conversation is None
    panel._notices._action.click()
    settle()
    assert model.conversation == kept
    assert shown(panel) == ["one"]
    assert panel._heading._title.text() == "one"


def test_exported_and_imported_again(panel, model, conversations, settle, tmp_path, qtbot):
    ask(model, settle, "one", "two")
    first = model.conversation
    file = tmp_path / "talk.json"
    dialog = choose_export(panel, conversations, conversations.conversation(first))
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    settle()
    assert "talk.json" in panel._notices.notice.text()
    assert len(json.loads(file.read_text("utf-8"))["turns"]) == 2
    conversations.import_(file)
    settle()
    assert model.conversation not in {None, first}
    assert shown(panel) == ["one", "two"]
    failed = []
    conversations.failed.connect(failed.append)
    file.write_text("{}")
    conversations.import_(file)
    settle()
    assert "talk.json" in str(failed[0])


def test_the_keyboard_opens_the_menu_of_the_current_row(panel, model, conversations, settle, answers):
    ask(model, settle, "first")
    panel.begin_anew()
    ask(model, settle, "second")
    listed(panel, settle)
    rows_view = panel._page._list
    rows_view.setCurrentIndex(panel._page._rows.index(1))
    middle = rows_view.rect().center()
    QApplication.sendEvent(rows_view, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, QPoint(0, 0)))
    menu = panel._page.findChild(QMenu)
    next(action for action in menu.actions() if action.text() == "Pin to the top").trigger()
    menu.close()
    settle()
    assert [(entry.title, entry.pinned) for entry in rows(panel)] == [("first", True), ("second", False)]


def test_every_control_of_the_list_has_a_name(panel, model, settle):
    ask(model, settle, "one")
    listed(panel, settle)
    for widget in (panel._page, panel._page._search, panel._page._list, panel._heading._list, panel._heading._new):
        assert widget.accessibleName()
    assert panel._page._rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("one")
    panel.retranslate()


def test_a_thousand_messages_open_in_a_moment(panel, model, settle, answers, qtbot):
    conversation = answers.history.new_conversation("long")
    for n in range(500):
        answers.history.add_turn(
            conversation, question=f"question {n}", answer="An **answer** [1].\n\n- with\n- a list\n" * 3,
            route="documents", model="tiny", answered=True, citations=(CITATION,),
        )  # fmt: skip
    took: list[float] = []  # of three openings: one may be held up
    for _opening in range(3):
        model.new_conversation()
        settle()
        assert not views(panel)
        began = time.process_time()
        model.open_conversation(conversation)
        qtbot.waitUntil(lambda: len(views(panel)) > 3 and panel._conversation.verticalScrollBar().value() > 0)
        panel.grab()  # what is in view stands at the end, laid out and painted; earlier ones come above it
        took.append(time.process_time() - began)
        settle()
        assert shown(panel)[-1] == "question 499"
    assert min(took) < 0.3, took  # 0.1 s on a quiet machine
