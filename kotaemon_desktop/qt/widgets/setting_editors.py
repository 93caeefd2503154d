"""An editor for each kind of setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTime, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QTimeEdit, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.setting_fields import Field, Kind, unit_name
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import label, row

_TIMES = {"s": (1, N_("seconds")), "min": (60, N_("minutes")), "h": (3600, N_("hours"))}
_NUMBER_WIDTH, _WORDS_WIDTH, _LIST_WIDTH = 88, 200, 320


class Editor(QWidget):
    """Changes one value. GUI thread.

    Signals: ``edited(object)``: a value that fits, when it is complete. ``refused(str)``: why what stands there does
    not fit; empty as soon as it is being mended.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._line: QHBoxLayout = row(theme.GAP)
        self.setLayout(self._line)

    def show_value(self, value: Any) -> None:
        """Show ``value``; no signal is sent."""
        raise NotImplementedError

    def set_name(self, name: str) -> None:
        """Tell screen readers what is edited, and write all words again."""
        raise NotImplementedError

    def _add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self._line.addWidget(widget)
            widget.installEventFilter(self)
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the wheel scroll the page instead of changing what the pointer happens to be on."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class SwitchEditor(Editor):
    """Yes or no."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._box = QCheckBox()
        self._box.clicked.connect(self._click)
        self._add(self._box)

    def show_value(self, value: bool) -> None:
        self._box.setChecked(value)
        self._box.setText(_("On") if value else _("Off"))

    def set_name(self, name: str) -> None:
        self._box.setAccessibleName(name)
        self.show_value(self._box.isChecked())

    def _click(self, checked: bool) -> None:
        self.show_value(checked)
        self.edited.emit(checked)


class ChoiceEditor(Editor):
    """One of some words."""

    def __init__(self, field: Field, words: Mapping[str, str]) -> None:
        super().__init__(field)
        self._words = words
        self._box = QComboBox()
        self._box.setMinimumWidth(_WORDS_WIDTH)
        for value in words:
            self._box.addItem("", value)
        self._box.activated.connect(lambda place: self.edited.emit(self._box.itemData(place)))
        self._add(self._box)

    def show_value(self, value: str) -> None:
        self._box.setCurrentIndex(self._box.findData(value))

    def set_name(self, name: str) -> None:
        self._box.setAccessibleName(name)
        for place, words in enumerate(self._words.values()):
            self._box.setItemText(place, _(words))


class NumberEditor(Editor):
    """A number with its unit; a time with a unit of choice. Explains what does not fit."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._text = QLineEdit()
        self._text.setFixedWidth(_NUMBER_WIDTH)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._text.editingFinished.connect(self._commit)
        self._text.textEdited.connect(lambda _text: self.refused.emit(""))
        self._shown: Any = None
        self._add(self._text)
        self._unit: QComboBox | None = None
        self._unit_label = label("muted")
        if field.unit == "s":
            self._unit = QComboBox()
            for name in _TIMES:
                self._unit.addItem("", name)
            self._unit.activated.connect(self._commit)
            self._add(self._unit)
        elif field.unit:
            self._line.addWidget(self._unit_label)

    def show_value(self, value: float) -> None:
        self._shown = value
        if self._unit is not None:
            unit = next((name for name in ("h", "min") if value and not value % _TIMES[name][0]), "s")
            self._unit.setCurrentIndex(self._unit.findData(unit))
        self._text.setText(f"{value / self._scale:.12g}")
        self.refused.emit("")

    def set_name(self, name: str) -> None:
        self._text.setAccessibleName(name)
        self._unit_label.setText(unit_name(self.field.unit))
        if self._unit is not None:
            self._unit.setAccessibleName(_("Unit of: {setting}").format(setting=name))
            for place, (_factor, words) in enumerate(_TIMES.values()):
                self._unit.setItemText(place, _(words))

    @property
    def _scale(self) -> float:
        """What the shown number is multiplied with: a percent is a hundredth, a minute 60 seconds."""
        if self._unit is not None:
            return _TIMES[self._unit.currentData()][0]
        return 0.01 if self.field.unit == "%" else 1

    def _commit(self, _place: object = None) -> None:
        value = self._meant()
        if value is None or not self.field.accepts(value):
            self.refused.emit(_("This takes {expected}.").format(expected=self.field.expected(percent=True)))
        elif value != self._shown:
            self._shown = value
            self.edited.emit(value)

    def _meant(self) -> float | None:
        try:
            value = round(float(self._text.text().strip().replace(",", ".")) * self._scale, 9)
        except ValueError:
            return None
        return int(value) if value == int(value) else value


class TextEditor(Editor):
    """Any text, with proposals where there are some: then nothing else, unless the setting says what it expects."""

    def __init__(self, field: Field, proposals: Mapping[str, str]) -> None:
        super().__init__(field)
        self._text = QLineEdit()
        self._text.editingFinished.connect(self._commit)
        self._text.textEdited.connect(lambda _text: self.refused.emit(""))
        self._shown = ""
        self._proposals = QComboBox()
        for value, words in proposals.items():
            self._proposals.addItem(words, value)
        if proposals and field.expects:
            self._proposals.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self._proposals.setEditable(True)
            self._proposals.setLineEdit(self._text)
        self._proposals.activated.connect(lambda place: self.edited.emit(self._proposals.itemData(place)))
        shown = self._proposals if proposals else self._text
        shown.setMinimumWidth(_WORDS_WIDTH)
        self._add(shown)

    def show_value(self, value: str) -> None:
        self._shown = value
        place = self._proposals.findData(value)
        self._proposals.setCurrentIndex(place)
        self._text.setText(value if place < 0 else self._proposals.itemText(place))
        self.refused.emit("")

    def set_name(self, name: str) -> None:
        self._text.setAccessibleName(name)
        self._proposals.setAccessibleName(name)

    def _commit(self) -> None:
        text = self._text.text().strip()
        place = self._proposals.findText(text, Qt.MatchFlag.MatchExactly)
        value = text if place < 0 else self._proposals.itemData(place)
        if not self.field.accepts(value):
            self.refused.emit(_("This takes {expected}.").format(expected=self.field.expected()))
        elif value != self._shown:
            self._shown = value
            self.edited.emit(value)


class TextsEditor(Editor):
    """Some texts, with commas between them."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._text = QLineEdit()
        self._text.setMinimumWidth(_LIST_WIDTH)
        self._text.editingFinished.connect(self._commit)
        self._shown: tuple[str, ...] = ()
        self._add(self._text)

    def show_value(self, value: Iterable[str]) -> None:
        self._shown = tuple(value)
        self._text.setText(", ".join(self._shown))

    def set_name(self, name: str) -> None:
        self._text.setAccessibleName(name)
        self._text.setPlaceholderText(_("Separated by commas"))

    def _commit(self) -> None:
        value = tuple(filter(None, (each.strip() for each in self._text.text().replace("，", ",").split(","))))
        if value != self._shown:
            self._shown = value
            self.edited.emit(value)


class ChoicesEditor(Editor):
    """Some of several words, each with a box of its own."""

    def __init__(self, field: Field, words: Mapping[str, str]) -> None:
        super().__init__(field)
        self._words = words
        self._boxes = {value: QCheckBox() for value in words}
        for box in self._boxes.values():
            box.clicked.connect(self._click)
            self._add(box)

    def show_value(self, value: Iterable[str]) -> None:
        held = set(value)
        for name, box in self._boxes.items():
            box.setChecked(name in held)

    def set_name(self, name: str) -> None:
        for value, box in self._boxes.items():
            box.setText(_(self._words[value]))
            box.setAccessibleName(f"{name}: {_(self._words[value])}")

    def _click(self, _checked: bool) -> None:
        self.edited.emit(tuple(name for name, box in self._boxes.items() if box.isChecked()))


class TimeEditor(Editor):
    """A time of the day."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._time = QTimeEdit()
        self._time.setDisplayFormat("HH:mm")
        self._time.setKeyboardTracking(False)
        self._time.timeChanged.connect(self._commit)
        self._add(self._time)

    def show_value(self, value: str) -> None:
        blocked = self._time.blockSignals(True)
        self._time.setTime(QTime.fromString(value, "HH:mm"))
        self._time.blockSignals(blocked)

    def set_name(self, name: str) -> None:
        self._time.setAccessibleName(name)

    def _commit(self, time: QTime) -> None:
        self.edited.emit(time.toString("HH:mm"))


def editor(field: Field, proposals: Mapping[str, str]) -> Editor:
    """Return the editor for ``field``; ``proposals`` are values for it and what people call them."""
    match field.kind:
        case Kind.SWITCH:
            return SwitchEditor(field)
        case Kind.CHOICE:
            return ChoiceEditor(field, field.words or {})
        case Kind.CHOICES:
            return ChoicesEditor(field, field.words or {})
        case Kind.WHOLE | Kind.NUMBER:
            return NumberEditor(field)
        case Kind.TIME:
            return TimeEditor(field)
        case Kind.TEXT:
            return TextEditor(field, proposals)
        case Kind.TEXTS:
            return ChoicesEditor(field, proposals) if proposals else TextsEditor(field)
        case Kind.RECORDS:
            from kotaemon_desktop.qt.widgets.records_editor import RecordsEditor

            return RecordsEditor(field)
