"""The settings page: every setting, made from its declaration, searchable, with its default and the way back to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QListWidget, QScrollArea, QVBoxLayout, QWidget

from kotaemon_desktop.core import setting_fields
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.settings import SettingsModel
from kotaemon_desktop.qt.widgets.notice import Level, Notice, NoticeBar
from kotaemon_desktop.qt.widgets.parts import column, label, name_line, push_button, row
from kotaemon_desktop.qt.widgets.server_line import ServerLine
from kotaemon_desktop.qt.widgets.setting_line import SettingLine

_SIZE = (880, 680)
_SECTIONS_WIDTH, _SECTION_HEIGHT = 160, 32


class SettingsDialog(QDialog):
    """Shows a SettingsModel in a window of its own, beside the main one. GUI thread."""

    def __init__(self, view_model: SettingsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._lines: dict[str, SettingLine] = {}
        self._groups: dict[str, _Group] = {}
        self._search = QLineEdit(clearButtonEnabled=True)
        self._problem = NoticeBar()
        self._sections = QListWidget()
        self._sections.setFixedWidth(_SECTIONS_WIDTH)
        self._page = QScrollArea(widgetResizable=True)
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = label("muted", wrap=True)
        self._file = push_button("flat")
        self._close = push_button("primary")
        self._arrange()
        self._connect()
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Make all lines again, in the current language."""
        self.setWindowTitle(_("Settings"))
        self._search.setPlaceholderText(_("Search the settings"))
        name_line(self._search, _("Search the settings"))
        self._sections.setAccessibleName(_("Sections"))
        self._page.setAccessibleName(_("Settings"))
        self._nothing.setText(_("No setting is called that."))
        self._file.setText(_("Open the settings file"))
        self._file.setToolTip(str(self._model.file))
        self._close.setText(_("Close"))
        self._fill()
        self._show_problem()
        self._filter()

    # --- how it is put together ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        self.setLayout(body)
        middle = row(theme.GAP)
        middle.addWidget(self._sections)
        middle.addWidget(self._page, 1)
        buttons = row()
        buttons.addWidget(self._file)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        body.addWidget(self._search)
        body.addWidget(self._problem)
        body.addLayout(middle, 1)
        body.addLayout(buttons)
        for button in (self._file, self._close):
            button.setAutoDefault(False)  # Enter ends a number, not the page

    def _connect(self) -> None:
        self._search.textChanged.connect(self._filter)
        self._search.textChanged.connect(lambda _text: self._page.verticalScrollBar().setValue(0))
        self._sections.currentRowChanged.connect(self._go_to)
        self._sections.clicked.connect(self._go_to_clicked)
        self._file.clicked.connect(self._open_file)
        self._close.clicked.connect(self.close)
        self._model.changed.connect(self._show_values)
        self._model.problem_changed.connect(self._show_problem)
        self._model.failed.connect(self._show_failure)
        self._model.searchable.connect(self._filter)
        self._model.put_aside.connect(self._tell_aside)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._search.setFocus)

    def _fill(self) -> None:
        content = QWidget()
        rows = column(theme.WIDE, (0, 0, theme.GAP, theme.WIDE))
        content.setLayout(rows)
        self._lines.clear()
        self._groups.clear()
        self._sections.clear()
        for section in setting_fields.sections():
            group = self._groups[section.name] = _Group(section)
            for field in section.fields:
                line = self._lines[field.key] = SettingLine(field, self._model.offered(field))
                line.edited.connect(partial(self._model.change, field.section, field.name))
                line.reset.connect(partial(self._model.reset, field.section, field.name))
                group.add(line)
            if section.name == "server":
                group.add_below(ServerLine(self._model))
            rows.addWidget(group)
            self._sections.addItem(_(section.title))
            self._sections.item(self._sections.count() - 1).setSizeHint(QSize(0, _SECTION_HEIGHT))
        rows.addWidget(self._nothing)
        rows.addStretch(1)
        self._page.setWidget(content)
        self._show_values()

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _show_values(self) -> None:
        for line in self._lines.values():
            line.show_value(self._model.value(line.field))

    def _show_problem(self) -> None:
        self._problem.clear()
        problem = self._model.problem
        if problem is not None:
            notice = Notice(
                lambda: str(problem), Level.WARNING, lambda: _("Put it aside and go on"), self._model.begin_anew
            )
            self._problem.show_notice(notice)
        self._page.setEnabled(problem is None)

    def _show_failure(self, key: str, error: Exception) -> None:
        words = str(error) if isinstance(error, (KotaemonError, OSError)) else f"{type(error).__name__}: {error}"
        if key in self._lines:
            self._lines[key].show_value(self._model.value(self._lines[key].field))
            self._lines[key].show_problem(words)
        else:
            self._problem.show_notice(Notice(lambda: words, Level.ERROR))

    def _tell_aside(self, aside: Path) -> None:
        self._problem.show_notice(Notice(lambda: _("The broken file is kept: {file}").format(file=aside)))

    # --- what a person does ----------------------------------------------------------------------------------------

    def _filter(self) -> None:
        query = self._search.text()
        self._model.prepare_search(query)
        for line in self._lines.values():
            line.setVisible(self._model.matches(line.field, query))
        for place, group in enumerate(self._groups.values()):
            group.setHidden(group.is_empty)
            self._sections.setRowHidden(place, group.is_empty)
        self._nothing.setHidden(any(not group.is_empty for group in self._groups.values()))

    def _go_to(self, place: int) -> None:
        if 0 <= place < len(self._groups):
            top = list(self._groups.values())[place].y()
            self._page.verticalScrollBar().setValue(top)

    def _go_to_clicked(self, place: QModelIndex) -> None:
        self._go_to(place.row())

    def _open_file(self) -> None:
        file = self._model.file
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(file if file.is_file() else file.parent)))


class _Group(QFrame):
    """The settings of one section, below its title."""

    def __init__(self, section: setting_fields.Section) -> None:
        super().__init__()
        title, help_ = label("heading"), label("muted", wrap=True)
        title.setText(_(section.title))
        help_.setText(_(section.help))
        self._lines: list[SettingLine] = []
        self._frame = QFrame()
        self._frame.setProperty("panel", True)
        self._rows: QVBoxLayout = column(0, (theme.TIGHT, theme.TIGHT, theme.TIGHT, theme.TIGHT))
        self._frame.setLayout(self._rows)
        below = column(theme.TIGHT)
        self.setLayout(below)
        for widget in (title, help_, self._frame):
            below.addWidget(widget)

    @property
    def is_empty(self) -> bool:
        """Whether no line of it is to be seen."""
        return all(line.isHidden() for line in self._lines)

    def add_below(self, widget: QWidget) -> None:
        """Show ``widget`` below the settings, as long as one of them is to be seen."""
        self._rows.addWidget(widget)

    def add(self, line: SettingLine) -> None:
        self._lines.append(line)
        self._rows.addWidget(line)
