"""Edits a list of records, such as keep-warm hours: a card for each, made from the fields of its declaration."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.setting_fields import Field
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row, tool_button
from kotaemon_desktop.qt.widgets.setting_editors import Editor, editor


class RecordsEditor(Editor):
    """A card for each record, and a button that adds one with its defaults."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._cards: list[_Card] = []
        self._name = ""
        self._rows: QVBoxLayout = column(theme.GAP)
        self._line.addLayout(self._rows)
        self._new = push_button()
        self._new.clicked.connect(self._add_one)
        below = row()
        below.addWidget(self._new)
        below.addStretch(1)
        self._rows.addLayout(below)

    def show_value(self, value: tuple[Any, ...]) -> None:
        if tuple(card.record for card in self._cards) == tuple(value):
            return
        for card in self._cards:
            card.hide()
            card.deleteLater()
        self._cards = [_Card(self.field, record) for record in value]
        for place, card in enumerate(self._cards):
            card.edited.connect(self._tell)
            card.removed.connect(partial(self._remove, card))
            self._rows.insertWidget(place, card)
        self.set_name(self._name)

    def set_name(self, name: str) -> None:
        self._name = name
        self._new.setText(_("Add"))
        self._new.setAccessibleName(_("Add: {setting}").format(setting=name))
        for number, card in enumerate(self._cards, start=1):
            card.set_name(f"{name} {number}")

    def _add_one(self) -> None:
        assert self.field.record is not None, "a list of records knows its records"
        self.edited.emit((*(card.record for card in self._cards), self.field.record()))

    def _remove(self, gone: _Card) -> None:
        self.edited.emit(tuple(card.record for card in self._cards if card is not gone))

    def _tell(self) -> None:
        self.edited.emit(tuple(card.record for card in self._cards))


class _Card(QFrame):
    """One record. Signals: ``edited()``: ``record`` is new. ``removed()``: it is to go."""

    edited = Signal()
    removed = Signal()

    def __init__(self, field: Field, record: Any) -> None:
        super().__init__()
        self.record = record
        self._editors = {each.name: editor(each, {}) for each in field.fields}
        self._titles = {each.name: label("muted") for each in field.fields}
        self._gone = tool_button("trash", "text_muted", 16)
        self._gone.clicked.connect(self.removed.emit)
        self.setProperty("panel", True)
        across = row(margins=(theme.GAP, theme.GAP, theme.TIGHT, theme.GAP))
        self.setLayout(across)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.WIDE)
        form.setVerticalSpacing(theme.GAP)
        across.addLayout(form, 1)
        corner = column(0)
        corner.addWidget(self._gone)
        corner.addStretch(1)
        across.addLayout(corner)
        for name, each in self._editors.items():
            each.show_value(getattr(record, name))
            each.edited.connect(partial(self._take, name))
            form.addRow(self._titles[name], _left(each))

    def set_name(self, name: str) -> None:
        """Write all words again; ``name`` tells this card from the others."""
        self._gone.setToolTip(_("Remove"))
        self._gone.setAccessibleName(_("Remove: {setting}").format(setting=name))
        for key, each in self._editors.items():
            title = _(each.field.title)
            self._titles[key].setText(title)
            each.set_name(f"{name}, {title}")

    def _take(self, name: str, value: object) -> None:
        self.record = msgspec.structs.replace(self.record, **{name: value})
        self.edited.emit()


def _left(widget: QWidget) -> QWidget:
    """Return ``widget`` with the free room to its right."""
    holder = QWidget()
    line = row(0)
    holder.setLayout(line)
    line.addWidget(widget)
    line.addStretch(1)
    return holder
