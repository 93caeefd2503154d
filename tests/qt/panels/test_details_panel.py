"""How an answer came about, on an answer that was really given and on ones with a model's receipt."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from kotaemon_desktop.core.events import Chosen, Cited, Degraded, Done, Found, Packed, Routed, Stored, Waking, as_dict
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.records import Citation, Hit, PageText, PassageDraft, Strength
from kotaemon_desktop.qt.panels.details import DetailsDialog
from kotaemon_desktop.qt.viewmodels.details import DetailsModel, Use

PATIENCE_MS = 60_000
TEXTS = ("Leave is 25 days.", "Call <us>\nwhen ill.", "Pay comes monthly.")


@pytest.fixture
def passages(engine):
    """Three passages of a book in the library, one a page."""
    document = engine.library.add(
        path="/x/Book.pdf", name="Book.pdf", kind="pdf", title="Book", size=9, sha256="x", page_count=3,
        pages=[PageText(number, text) for number, text in enumerate(TEXTS, 1)],
        passages=[
            PassageDraft(number, 0, len(text), text, f"Part {number}", text.lower())
            for number, text in enumerate(TEXTS, 1)
        ],
    )  # fmt: skip
    return engine.library.passages_of(document)


def events(passages, model="tiny"):
    hits = tuple(
        Hit(passage, 0.5, Strength.FAIR, keyword_rank=rank, similarity=0.41) for rank, passage in enumerate(passages, 1)
    )
    first = passages[0]
    citation = Citation(1, first.id, first.document_id, first.document, first.name, 1, 0, 9, first.text)
    return (
        Routed("documents", "a question"),
        Found(hits),
        Waking("generator", 2.6),
        Packed(tuple((passage.id, 20) for passage in passages[:2]), (passages[-1].id,), 1000, 2, 1),
        Degraded(RuntimeError("too tired")),
        Cited("Leave is 25 days [1]. Or more.", (citation,), ("Or more.",)),
        Done(model, True, {"total": 1.5, "prompt_tokens": 321.0, "wake": 0.05, "prefill": 0.1, "reused_tokens": 0.0}),
    )


@pytest.fixture
def model(engine, lanes):
    made = DetailsModel(engine, lanes)
    yield made
    made.deleteLater()


@pytest.fixture
def dialog(model, qtbot):
    made = DetailsDialog(model)
    qtbot.addWidget(made)
    made.show()
    return made


def stored(engine, events, answer="25 days.", conversation=None, instead_of=None) -> int:
    return engine.history.add_turn(
        conversation or engine.history.new_conversation(), question="How much leave?", answer=answer,
        route="documents", model=events[-1].model, answered=True, instead_of=instead_of,
        trace=[{"at": n / 10, **as_dict(event)} for n, event in enumerate(events)],
    )  # fmt: skip


def shown(dialog, model, qtbot, turn_id):
    with qtbot.waitSignal(model.changed, timeout=PATIENCE_MS):
        dialog.show_turn(turn_id)
    return model.details


def rows(tree):
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return [[item.text(0), item.toolTip(1), item.text(2), item.text(3)] for item in items]


def test_what_the_model_saw_and_what_did_not_fit(dialog, model, engine, passages, qtbot):
    details = shown(dialog, model, qtbot, stored(engine, events(passages)))
    assert [seen.use for seen in details.passages] == [Use.READ, Use.READ, Use.LEFT_OUT]
    assert dialog._question.text() == "How much leave?"
    assert dialog._summary.text().startswith("tiny · ")
    assert dialog._summary.text().endswith(" · 1.5 s")
    assert dialog._budget_words.text() == "321 of 1,000 tokens · 2 earlier questions · 1 older one left out"
    assert (dialog._budget.value(), dialog._budget.maximum(), dialog._budget.isVisible()) == (321, 1000, True)
    text = dialog._context.toPlainText()
    assert "1. Book.pdf, page 1 · fair · read by the model · 20 tokens" in text
    assert "Call <us>\nwhen ill." in text
    assert "3. Book.pdf, page 3 · fair · left out: there was no room" in text


def test_every_step_with_its_time_and_every_hit_with_its_scores(dialog, model, engine, passages, qtbot):
    shown(dialog, model, qtbot, stored(engine, events(passages)))
    assert rows(dialog._trace) == [
        ["Way", "0.000 s", "", "Documents: a question"],
        ["Found", "0.000 to 0.100 s", "0.100 s", "3 passages"],
        ["Waking", "0.200 to 0.250 s", "0.050 s", "Language model · about 3 s"],
        [
            "Given to the model", "0.250 to 0.300 s", "0.050 s",
            "2 passages · 2 earlier questions · room for 1,000 tokens · 1 passage left out",
        ],
        ["The model reads", "0.300 to 0.400 s", "0.100 s", ""],
        ["A lesser way", "0.400 s", "", "too tired"],
        ["The model writes", "0.400 to 0.500 s", "0.100 s", ""],
        ["Citations", "0.500 s", "", "1 citation · 1 statement without a source"],
        ["Done", "0.600 s", "", "tiny · woke in 0.1 s · read 321 tokens in 0.1 s"],
    ]  # fmt: skip
    found = dialog._trace.topLevelItem(1)
    assert found.child(1).text(3) == "Book.pdf, page 2 · score 0.500 · words: place 2 · likeness 0.41"
    assert found.data(1, Qt.ItemDataRole.UserRole + 1) == (0.0, pytest.approx(1 / 6))
    dialog._tabs.setCurrentWidget(dialog._trace)
    picture = dialog._trace.grab().toImage()
    assert len({picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}) > 2


def test_no_code_is_shown_to_people(dialog, model, engine, qtbot):
    def told(pipeline, route, answered_by, timings):
        return (Chosen(pipeline, "why"), Routed(route, "why"), Done(answered_by, True, timings))

    before = stored(engine, told("quick", "small_talk", "rules", {"total": 0.1}))
    after = stored(engine, told("standard", "documents", "extractive", {"retrieve": 0.25, "consent": 2, "total": 3}))
    use_language("zh_CN")
    dialog.retranslate()
    with qtbot.waitSignal(model.compared, timeout=PATIENCE_MS):
        shown(dialog, model, qtbot, after)
    assert [row[3] for row in rows(dialog._trace)] == [
        "标准：why",
        "文档：why",
        "摘录原文，不用语言模型 · 到找到来源：0.25 秒 · 等待许可：2.00 秒 · 整个回答：3.00 秒",
    ]
    assert model.details is not None
    assert model.details.trace.turn_id != before
    text = dialog._comparison._text.toPlainText()
    for words in ("快速", "标准", "文档", "规则"):
        assert words in text
    for code in ("quick", "standard", "small_talk", "extractive", "retrieve"):
        assert code not in text


def test_what_was_removed_from_the_library_is_gone_here(dialog, model, engine, passages, qtbot):
    turn_id = stored(engine, events(passages))
    engine.library.remove([passages[0].document_id])
    shown(dialog, model, qtbot, turn_id)
    assert "Leave is 25 days" not in dialog._context.toPlainText()
    assert "1. The document was removed or has changed." in dialog._context.toPlainText()
    assert dialog._trace.topLevelItem(1).child(0).text(3).startswith("removed from the library · score 0.500")


def test_a_trace_that_was_not_kept_says_so(dialog, model, engine, passages, qtbot):
    turn_id = stored(engine, events(passages))
    engine.traces.purge(float("inf"))
    assert shown(dialog, model, qtbot, turn_id) is None
    assert dialog._summary.text() == "Nothing is kept of how this answer came about."
    assert not dialog._tabs.isVisible()
    assert not dialog._save.isEnabled()
    shown(dialog, model, qtbot, stored(engine, events(passages)))
    assert dialog._tabs.isVisible()


def test_two_answers_are_compared(dialog, model, engine, passages, qtbot):
    conversation = engine.history.new_conversation()
    first = stored(engine, events(passages), "Leave is 25 days.", conversation)
    turned = stored(engine, events(passages[:0:-1], "large"), "Leave is 30 days.", conversation, first)
    with qtbot.waitSignal(model.compared, timeout=PATIENCE_MS):
        shown(dialog, model, qtbot, turned)
    dialog._tabs.setCurrentIndex(2)
    text = dialog._comparison._text.toPlainText()
    lines = [line for line in text.splitlines() if line]
    answered = lines.index("Answered by")
    assert lines[answered + 1 : answered + 3] == ["tiny", "large"]
    third = lines.index("Book.pdf, page 3")
    assert lines[third + 1 : third + 4] == ["3. score 0.500", "1. score 0.500 · cited", "moved"]
    lost = lines.index("Book.pdf, page 1")
    assert lines[lost + 1 : lost + 4] == ["1. score 0.500 · cited", "–", "only in the left one"]
    assert lines[lines.index("Answer") + 1] == "Leave is 2530 days."
    assert "Question" not in lines
    html = dialog._comparison._text.toHtml()
    assert "line-through" in html
    assert "underline" in html
    shown(dialog, model, qtbot, stored(engine, (*events(passages)[:1], Done("tiny", True))))
    assert dialog._comparison._choice.count() == 2
    dialog.retranslate()


def test_without_another_answer_the_comparison_says_how_to_get_one(dialog, model, engine, passages, qtbot):
    shown(dialog, model, qtbot, stored(engine, events(passages)))
    dialog._tabs.setCurrentIndex(2)
    assert dialog._comparison._none.isVisible()
    assert not dialog._comparison._choice.isVisible()


@pytest.mark.parametrize("suffix", ["jsonl", "json"])
def test_the_trace_is_saved_as_json_lines_or_as_spans(dialog, model, engine, passages, qtbot, tmp_path, suffix):
    shown(dialog, model, qtbot, stored(engine, events(passages)))
    dialog._save.click()
    chooser = dialog.findChild(QFileDialog)
    file = tmp_path / f"trace.{suffix}"
    with qtbot.waitSignal(model.saved):
        chooser.fileSelected.emit(str(file))
    chooser.reject()
    if suffix == "jsonl":
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert [line["event"] for line in lines] == [type(event).__name__ for event in events(passages)]
    else:
        [resource] = json.loads(file.read_text("utf-8"))["resourceSpans"]
        assert resource["scopeSpans"][0]["spans"][0]["name"] == "invoke_agent kotaemon"
    assert file.name in dialog._told.text()
    assert "too tired" not in file.read_text("utf-8")


def test_a_quoted_answer_says_that_no_model_was_asked(dialog, model, engine, files: Path, qtbot):
    steps = engine.imports.run([files / "leave.md"])
    while not isinstance(next(steps), Stored):
        pass
    steps.close()
    conversation = engine.history.new_conversation()
    for _event in engine.questions.answer("How many days of paid leave are there?", conversation_id=conversation):
        pass
    details = shown(dialog, model, qtbot, engine.history.head(conversation))
    assert [seen.use for seen in details.passages] == [Use.FOUND]
    assert dialog._budget_words.text() == "No language model was asked. 1 passage was found."
    assert not dialog._budget.isVisible()
    assert "27 days" in dialog._context.toPlainText()
    assert all(
        line["event"] in {"Chosen", "Routed", "Waking", "Found", "Cited", "Done"} for line in details.trace.lines
    )
    for widget in (dialog._tabs, dialog._context, dialog._trace, dialog._budget):
        assert widget.accessibleName()
    dialog.retranslate()
