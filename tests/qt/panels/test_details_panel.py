"""How an answer came about, on an answer that was really given and on one with a model's receipt."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from kotaemon_desktop.core.events import Cited, Degraded, Done, Found, Packed, Routed, Stored, Waking, as_dict
from kotaemon_desktop.core.records import Hit, Passage, Strength
from kotaemon_desktop.qt.panels.details import DetailsDialog
from kotaemon_desktop.qt.viewmodels.details import DetailsModel, Use

PATIENCE_MS = 60_000
TEXTS = ("Leave is 25 days.", "Call <us>\nwhen ill.", "Pay comes monthly.")
HITS = tuple(
    Hit(
        Passage(number, 3, "/x/Book.pdf", "Book.pdf", "pdf", number, 0, 9, f"Part {number}", text),
        0.5, Strength.FAIR, keyword_rank=number, similarity=0.41,
    )
    for number, text in enumerate(TEXTS, 1)
)  # fmt: skip
EVENTS = (
    Routed("documents", "a question"),
    Found(HITS),
    Waking("generator", 2.6),
    Packed(((1, 20), (2, 30)), (3,), 1000, 2, 1),
    Degraded(RuntimeError("too tired")),
    Cited("Leave is 25 days [1]. Or more.", (), ("Or more.",)),
    Done("tiny", True, {"total": 1.5, "prompt_tokens": 321.0}),
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


def stored(engine, *events) -> int:
    return engine.history.add_turn(
        engine.history.new_conversation(), question="How much leave?", answer="25", route="documents", model="tiny",
        answered=True, trace=[{"at": n / 10, **as_dict(event)} for n, event in enumerate(events)],
    )  # fmt: skip


def shown(dialog, model, qtbot, turn_id):
    with qtbot.waitSignal(model.changed, timeout=PATIENCE_MS):
        dialog.show_turn(turn_id)
    return model.details


def test_what_the_model_saw_and_what_did_not_fit(dialog, model, engine, qtbot):
    details = shown(dialog, model, qtbot, stored(engine, *EVENTS))
    assert [seen.use for seen in details.passages] == [Use.READ, Use.READ, Use.LEFT_OUT]
    assert dialog._budget_words.text() == "321 of 1,000 tokens · 2 earlier questions · 1 older one left out"
    assert (dialog._budget.value(), dialog._budget.maximum(), dialog._budget.isVisible()) == (321, 1000, True)
    text = dialog._context.toPlainText()
    assert "1. Book.pdf, page 1 · fair · read by the model · 20 tokens" in text
    assert "Call <us>\nwhen ill." in text
    assert "3. Book.pdf, page 3 · fair · left out: there was no room" in text


def test_every_step_with_its_time_and_every_hit_with_its_scores(dialog, model, engine, qtbot):
    shown(dialog, model, qtbot, stored(engine, *EVENTS))
    rows = [dialog._trace.topLevelItem(row) for row in range(dialog._trace.topLevelItemCount())]
    assert [[row.text(column) for column in range(3)] for row in rows] == [
        ["0.000 s", "Way", "documents: a question"],
        ["0.100 s", "Found", "3 passages"],
        ["0.200 s", "Waking", "Language model · about 3 s"],
        [
            "0.300 s",
            "Given to the model",
            "2 passages · 2 earlier questions · room for 1,000 tokens · 1 passage left out",
        ],
        ["0.400 s", "A lesser way", "too tired"],
        ["0.500 s", "Citations", "0 citations · 1 statement without a source"],
        ["0.600 s", "Done", "tiny · total 1.5 · prompt_tokens 321"],
    ]
    assert rows[1].child(1).text(2) == "Book.pdf, page 2 · score 0.500 · words: place 2 · likeness 0.41"


def test_the_trace_is_saved_as_json_lines(dialog, model, engine, qtbot, tmp_path):
    shown(dialog, model, qtbot, stored(engine, *EVENTS))
    dialog._save.click()
    chooser = dialog.findChild(QFileDialog)
    file = tmp_path / "trace.jsonl"
    with qtbot.waitSignal(model.saved):
        chooser.fileSelected.emit(str(file))
    chooser.reject()
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in EVENTS]
    assert "trace.jsonl" in dialog._told.text()


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
    assert all(line["event"] in {"Routed", "Waking", "Found", "Cited", "Done"} for line in details.trace)
    for widget in (dialog._tabs, dialog._context, dialog._trace, dialog._budget):
        assert widget.accessibleName()
    dialog.retranslate()
