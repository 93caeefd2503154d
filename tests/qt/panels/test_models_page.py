"""The models page on a real engine: a real hub on loopback, real models, and what a person does with both."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

sys.path.append(str(Path(__file__).parents[2]))

from loopback_hub import keyring_of_the_test, serve  # noqa: F401
from tiny_models import decoder_folders, encoder_folder, encoder_weights, tokenizer  # noqa: F401

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.models import catalogue
from kotaemon_desktop.core.records import ModelSpeed
from kotaemon_desktop.qt.panels.models import ModelsDialog
from kotaemon_desktop.qt.viewmodels.models import ModelsModel
from kotaemon_desktop.qt.widgets.model_row import ModelRow
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

PATIENCE = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def hub(serve, decoder_folders, keyring_of_the_test, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    """A hub with one repository, which is all that the catalogue offers."""
    running = serve(decoder_folders.onnx)
    variants = (
        catalogue.Variant("fp32", "onnx/model.onnx", 90_000),
        catalogue.Variant("int4", "onnx/model_q4.onnx", 9),
    )
    entry = catalogue.Entry(
        id="tiny", name="Tiny", task="generation", repository="someone/tiny", licence="mit", variants=variants
    )
    monkeypatch.setattr("kotaemon_desktop.core.models.catalogue.load", lambda: (entry,))
    return running


@pytest.fixture
def page(engine: Engine, lanes: Lanes, hub, qtbot: QtBot) -> Iterator[ModelsDialog]:
    made = ModelsDialog(ModelsModel(engine, lanes))
    qtbot.addWidget(made)
    with qtbot.waitSignal(made._model.changed, timeout=PATIENCE):
        made.show()
    yield made
    made.close()
    qtbot.waitUntil(lambda: lanes.idle("models") and lanes.idle("browsing"), timeout=PATIENCE)
    lanes.close()


def row(page: ModelsDialog, name: str) -> ModelRow:
    return next(models.rows[name] for models in page.lists.values() if name in models.rows)  # "none": of the answers


def words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def buttons(widget: QWidget, text: str) -> list[QPushButton]:
    return [each for each in widget.findChildren(QPushButton) if each.isVisible() and each.text() == text]


def click(qtbot: QtBot, widget: QWidget, text: str) -> None:
    qtbot.waitUntil(lambda: len(buttons(widget, text)) == 1, timeout=PATIENCE)  # rows that are new take a moment
    qtbot.mouseClick(buttons(widget, text)[0], LEFT)


def said(page: ModelsDialog) -> str:
    return page.notices.notice.text() if page.notices.notice else ""


def wait(qtbot: QtBot, page: ModelsDialog, text: str) -> None:
    qtbot.waitUntil(lambda: text in said(page), timeout=PATIENCE)


def graph_arrived(page: ModelsDialog) -> int:
    """Return how many bytes of the graph have come, which is the largest file."""
    parts = page._model._engine.models._folder.rglob("model.onnx.incomplete")
    return sum(each.stat().st_size for each in parts)


def install(page: ModelsDialog, qtbot: QtBot, folder: Path) -> None:
    with qtbot.waitSignal(page._model.added, timeout=PATIENCE):
        page._model.add(folder)


def test_a_model_is_downloaded_used_and_tested(page: ModelsDialog, engine: Engine, qtbot: QtBot) -> None:
    assert row(page, "none").radio.isChecked()
    assert "88 KB" in words(row(page, "tiny"))
    assert "runs well" in words(row(page, "tiny"))
    click(qtbot, row(page, "tiny"), "Download")
    wait(qtbot, page, "Tiny is installed.")
    assert row(page, "tiny").radio.isChecked()  # the first one answers at once
    qtbot.mouseClick(row(page, "none").radio, LEFT)
    qtbot.waitUntil(lambda: engine.settings.answering.model == "none", timeout=PATIENCE)
    qtbot.waitUntil(row(page, "none").radio.isChecked, timeout=PATIENCE)
    assert not row(page, "tiny").radio.isChecked()
    assert "not tested yet" in words(row(page, "tiny"))
    click(qtbot, row(page, "tiny"), "Test")
    assert "testing…" in words(row(page, "tiny"))
    qtbot.waitUntil(lambda: "tokens a second" in words(row(page, "tiny")), timeout=PATIENCE)


def test_a_download_is_stopped_and_goes_on_later(page: ModelsDialog, hub, qtbot: QtBot) -> None:
    hub.pause = 0.02
    click(qtbot, row(page, "tiny"), "Download")
    qtbot.waitUntil(lambda: graph_arrived(page) > 10_000, timeout=PATIENCE)
    assert " of " in words(row(page, "tiny").transfer)
    click(qtbot, row(page, "tiny"), "Cancel")
    assert "Stopping…" in words(row(page, "tiny"))
    qtbot.waitUntil(row(page, "tiny").transfer.isHidden, timeout=PATIENCE)
    qtbot.waitUntil(
        lambda: "Resume" in [b.text() for b in row(page, "tiny").findChildren(QPushButton)], timeout=PATIENCE
    )
    assert said(page) == ""
    hub.pause = 0.0
    click(qtbot, row(page, "tiny"), "Resume")
    wait(qtbot, page, "Tiny is installed.")
    [first, second] = [range_ for path, range_ in hub.requests if path.endswith("model.onnx")]
    assert first == "bytes=0-"
    assert second != first


def test_what_arrived_can_be_discarded(page: ModelsDialog, engine: Engine, hub, qtbot: QtBot) -> None:
    hub.cut_after = [2000, 0, 0, 0]
    click(qtbot, row(page, "tiny"), "Download")
    wait(qtbot, page, "What has arrived is kept")
    assert "the connection to 127.0.0.1" in said(page)
    qtbot.waitUntil(row(page, "tiny")._discard.isVisible, timeout=PATIENCE)
    click(qtbot, row(page, "tiny"), "Discard")
    qtbot.waitUntil(lambda: row(page, "tiny")._download.text() == "Download", timeout=PATIENCE)
    assert engine.models.unfinished() == {}


def test_a_wrong_checksum_and_a_full_disk_are_told(
    page: ModelsDialog, hub, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.corrupt = "onnx/model.onnx"
    click(qtbot, row(page, "tiny"), "Download")
    wait(qtbot, page, "the checksum of onnx/model.onnx is wrong")
    qtbot.waitUntil(row(page, "tiny").transfer.isHidden, timeout=PATIENCE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=64 << 20))
    page._model.download("tiny")
    wait(qtbot, page, "only 67 MB are free. Nothing was added. Free some space")


def test_another_repository_is_typed_in(page: ModelsDialog, hub, qtbot: QtBot) -> None:
    field = page._repository
    field.setText("no repository")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "owner/name" in said(page)
    field.setText("https://huggingface.co/nobody/nothing/tree/main")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.transfer.isVisible()
    wait(qtbot, page, "has no nobody/nothing (404)")
    qtbot.waitUntil(lambda: not page.transfer.isVisible(), timeout=PATIENCE)
    field.setText("someone/tiny")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    wait(qtbot, page, "Tiny is installed.")
    assert field.text() == ""


def test_offline_a_mirror_and_a_token(page: ModelsDialog, engine: Engine, hub, qtbot: QtBot) -> None:
    page.tabs.setCurrentIndex(3)
    form = page.connection
    qtbot.waitUntil(lambda: page._model.source is not None, timeout=PATIENCE)
    form._offline.click()
    qtbot.waitUntil(lambda: "Nothing is fetched" in words(form), timeout=PATIENCE)
    assert engine.settings.models.offline
    page._model.download("tiny")
    wait(qtbot, page, "stay offline")
    form._offline.click()
    qtbot.waitUntil(lambda: not engine.settings.models.offline, timeout=PATIENCE)
    form._endpoint.setText("not an address")
    form._endpoint.editingFinished.emit()
    qtbot.waitUntil(lambda: form._endpoint.text() == "", timeout=PATIENCE)  # what is in force
    form._endpoint.setText(hub.address)
    form._endpoint.editingFinished.emit()
    qtbot.waitUntil(lambda: engine.settings.models.endpoint == hub.address, timeout=PATIENCE)
    hub.token = "hf_secret"
    page._model.download("tiny")
    wait(qtbot, page, "wants a token with access to someone/tiny")
    form._token.setText("hf_secret")
    qtbot.keyClick(form._token, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Kept in the system's keyring." in words(form), timeout=PATIENCE)
    qtbot.waitUntil(form._forget.isVisible, timeout=PATIENCE)
    assert form._token.text() == ""
    page._model.download("tiny")
    wait(qtbot, page, "Tiny is installed.")
    page.tabs.setCurrentIndex(3)
    form._forget.click()
    qtbot.waitUntil(lambda: "Forgotten." in words(form), timeout=PATIENCE)


def test_a_folder_is_dropped_and_removed_with_undo(
    page: ModelsDialog,
    engine: Engine,
    decoder_folders,  # noqa: F811
    qtbot: QtBot,
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(decoder_folders.genai / "model.onnx"))])
    copy, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(10, 10), copy, mime, LEFT, keys)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(10, 10), copy, mime, LEFT, keys))
    wait(qtbot, page, "tiny-genai is installed.")
    click(qtbot, row(page, "tiny-genai"), "Remove")
    wait(qtbot, page, "tiny-genai was removed.")
    assert engine.models.models() == []
    click(qtbot, page.notices, "Undo")
    qtbot.waitUntil(lambda: "tiny-genai" in page.lists["generation"].rows, timeout=PATIENCE)
    click(qtbot, row(page, "tiny-genai"), "Remove")
    wait(qtbot, page, "tiny-genai was removed.")
    page._model.close_undo()
    qtbot.waitUntil(lambda: engine.models.removed() == [], timeout=PATIENCE)
    assert said(page) == ""


def test_a_folder_without_a_model_says_what_is_missing(page: ModelsDialog, tmp_path: Path, qtbot: QtBot) -> None:
    page._model.add(tmp_path)
    assert f"Copying {tmp_path.name}…" in words(page)
    wait(qtbot, page, "is not a complete model: config.json / genai_config.json is missing")
    assert "Copying" not in words(page)


def test_another_embedder_names_its_price_first(
    page: ModelsDialog,
    engine: Engine,
    encoder_folder: Path,  # noqa: F811
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    (tmp_path / "note.txt").write_text("The canteen opens at noon.", "utf-8")
    install(page, qtbot, encoder_folder)
    list(engine.imports.run([tmp_path / "note.txt"]))
    install(page, qtbot, shutil.copytree(encoder_folder, tmp_path / "second"))
    page.show_task("embedding")
    qtbot.waitUntil(row(page, "second").isVisible, timeout=PATIENCE)
    assert row(page, "tiny-encoder").radio.isChecked()
    qtbot.mouseClick(row(page, "second").radio, LEFT)
    assert "testing…" in words(row(page, "second"))
    wait(qtbot, page, "Search by second? 1 passage is embedded anew in the background. That takes about 1 s.")
    assert engine.speeds.all()["second"].passages > 0
    assert engine.settings.models.embedder == ""
    click(qtbot, page.notices, "Embed anew")
    qtbot.waitUntil(lambda: engine.settings.models.embedder == "second", timeout=PATIENCE)
    qtbot.waitUntil(row(page, "second").radio.isChecked, timeout=PATIENCE)
    assert engine.embedders.searching().id == "tiny-encoder"


def test_a_slow_machine_says_so(page: ModelsDialog, engine: Engine, decoder_folders, qtbot: QtBot) -> None:  # noqa: F811
    install(page, qtbot, decoder_folders.genai)
    size = engine.models.get("tiny-genai").bytes
    engine.speeds.keep(ModelSpeed("tiny-genai", "generation", 1.0, 1 << 28, 9.0, 90_000 * 2 / size))
    page._model.refresh()
    qtbot.waitUntil(lambda: "about 2 tokens a second" in words(row(page, "tiny")), timeout=PATIENCE)
    assert "tight" in words(row(page, "tiny"))
    assert "slower than people read" in words(row(page, "tiny"))


def test_every_control_has_a_name_in_both_languages(page: ModelsDialog, decoder_folders, qtbot: QtBot) -> None:  # noqa: F811
    from kotaemon_desktop.core.i18n import use_language

    install(page, qtbot, decoder_folders.genai)
    for language in ("en", "zh_CN"):
        use_language(language)
        page.retranslate()
        for control in page.findChildren(QAbstractButton):
            shown = control.isVisibleTo(page)
            assert not shown or control.accessibleName() or control.text(), control
    assert page.windowTitle() == "模型"


def test_the_window_names_who_answers_and_leads_to_the_page(
    window: MainWindow,
    engine: Engine,
    decoder_folders,  # noqa: F811
    lanes: Lanes,
    qtbot: QtBot,
) -> None:
    chip = window.chat._chip
    assert chip.text() == "Quotes only"
    qtbot.mouseClick(chip, LEFT)
    [page] = window.findChildren(ModelsDialog)
    assert page.isVisible()
    with qtbot.waitSignal(page._model.added, timeout=PATIENCE):
        page._model.add(decoder_folders.genai)
    qtbot.waitUntil(lambda: chip.text() == "tiny-genai", timeout=PATIENCE)
    assert "tiny-genai answers." in chip.toolTip()
    qtbot.mouseClick(row(page, "none").radio, LEFT)
    qtbot.waitUntil(lambda: chip.text() == "Quotes only", timeout=PATIENCE)
    page.close()
    qtbot.waitUntil(lambda: lanes.idle("models") and lanes.idle("browsing"), timeout=PATIENCE)


def test_a_language_that_the_embedder_does_not_know_is_told_once(
    window: MainWindow,
    engine: Engine,
    encoder_folder: Path,  # noqa: F811
    lanes: Lanes,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    engine.models.add(encoder_folder)  # knows English
    for name in ("年假", "餐厅"):
        (tmp_path / f"{name}.txt").write_text(f"{name}：职工累计工作满一年的，年休假为五天。", "utf-8")
        with qtbot.waitSignal(window.library_model.imported, timeout=PATIENCE):
            window.library_model.import_([tmp_path / f"{name}.txt"])
        qtbot.waitUntil(lambda: lanes.idle("browsing") and lanes.idle("importing"), timeout=PATIENCE)
        shown = window.notices.notice
        assert (shown is not None) == (name == "年假")
        if shown is not None:
            assert "1 passage is in a language that search by meaning does not know" in shown.text()
            click(qtbot, window.notices, "Choose an embedder…")
    [page] = window.findChildren(ModelsDialog)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Search"
    page.close()
    qtbot.waitUntil(lambda: lanes.idle("models") and lanes.idle("browsing"), timeout=PATIENCE)
    assert window._state().languages_told


def test_the_order_can_be_left_to_the_scores(page: ModelsDialog, engine: Engine, qtbot: QtBot) -> None:
    page.show_task("reranking")
    none = page.lists["reranking"].rows["none"]
    qtbot.waitUntil(none.isVisible, timeout=PATIENCE)
    assert none.radio.isChecked()
    assert "by its scores alone" in words(none)
    none.chosen.emit("none", "reranking")
    qtbot.waitUntil(lambda: engine.settings.models.reranker == "none", timeout=PATIENCE)
    assert engine.settings.answering.model == ""


def test_a_closed_page_holds_no_rows_and_comes_back_with_them(page: ModelsDialog, qtbot: QtBot) -> None:
    assert page.findChildren(ModelRow)
    page.close()
    page.retranslate()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not page.findChildren(ModelRow)
    page.show()
    qtbot.waitUntil(row(page, "tiny").isVisible, timeout=PATIENCE)
