"""Chips: the gravest in words, each unfolds to its text and its action, by mouse and by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kotaemon_desktop.qt.widgets.chips import Chip, ChipRow

LOW = Chip("memory", "Memory low", "memory", "warning", "312 MB are left.", "Dismiss", urgent=True)
CPU = Chip("processor", "On the processor", "processor", "text_muted", "There is no GPU.")


@pytest.fixture
def chips(qtbot: QtBot) -> ChipRow:
    holder = QWidget()
    qtbot.addWidget(holder)
    row = ChipRow()
    layout = QVBoxLayout()
    holder.setLayout(layout)
    layout.addWidget(row)
    layout.addWidget(row.detail)
    holder.show()
    row.holder = holder  # type: ignore[attr-defined]
    return row


def buttons(chips: ChipRow) -> list[QToolButton]:
    shown = [chips.layout().itemAt(place).widget() for place in range(chips.layout().count())]
    return [widget for widget in shown if isinstance(widget, QToolButton)]


def test_only_a_warning_that_comes_first_is_in_words(chips: ChipRow) -> None:
    chips.show_chips([LOW, CPU])
    styles = [button.toolButtonStyle() for button in buttons(chips)]
    assert styles == [Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly]
    assert [button.accessibleName() for button in buttons(chips)] == ["Memory low", "On the processor"]
    assert [button.accessibleDescription() for button in buttons(chips)] == ["312 MB are left.", "There is no GPU."]
    chips.show_chips([CPU])
    assert [button.toolButtonStyle() for button in buttons(chips)] == [Qt.ToolButtonStyle.ToolButtonIconOnly]


def test_a_chip_unfolds_by_keys_to_its_text_and_its_action(chips: ChipRow, qtbot: QtBot) -> None:
    chips.show_chips([LOW, CPU])
    assert not chips.detail.isVisible()
    qtbot.keyClick(buttons(chips)[0], Qt.Key.Key_Space)
    action = chips.detail.findChild(QPushButton)
    assert chips.detail.isVisible()
    assert action.accessibleName() == "Dismiss: Memory low"
    with qtbot.waitSignal(chips.acted) as acted:
        qtbot.keyClick(action, Qt.Key.Key_Space)
    assert acted.args == ["memory"]
    qtbot.keyClick(buttons(chips)[1], Qt.Key.Key_Space)
    assert not action.isVisible()
    assert [button.isChecked() for button in buttons(chips)] == [False, True]
    qtbot.keyClick(buttons(chips)[1], Qt.Key.Key_Space)
    assert not chips.detail.isVisible()


def test_what_has_ended_folds_its_text_away(chips: ChipRow, qtbot: QtBot) -> None:
    chips.show_chips([LOW])
    qtbot.mouseClick(buttons(chips)[0], Qt.MouseButton.LeftButton)
    assert chips.detail.isVisible()
    chips.show_chips([CPU])
    assert not chips.detail.isVisible()
