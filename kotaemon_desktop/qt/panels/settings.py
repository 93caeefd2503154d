"""The settings page: every setting, made from its declaration, searchable, with its default and the way back to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QListWidget, QScrollArea, QVBoxLayout, QWidget

from kotaemon_desktop.core import setting_fields
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.settings import SettingsModel
from kotaemon_desktop.qt.widgets.notice import Level, Notice, NoticeBar
from kotaemon_desktop.qt.widgets.parts import column, label, name_line, push_button, row
from kotaemon_desktop.qt.widgets.server_line import ServerLine
from kotaemon_desktop.qt.widgets.setting_line import SettingLine

_SIZE = (880, 680)
_SECTIONS_WIDTH, _SECTION_HEIGHT = 160, 32
_IN_SIGHT = 12  # lines that fill the page as it opens
_TURN_SECONDS = 0.002  # of making lines in one turn of the event loop; laying them out comes on top


class SettingsDialog(QDialog):
    """Shows a SettingsModel in a window of its own, beside the main one. GUI thread.

    Its lines come a few in each turn of the event loop: all of them at once would hold the window for a quarter of a
    second. A search knows them all from the beginning. They go when the page is closed: a thousand widgets that nobody
    sees would take their part of every change of the theme.
    """

    def __init__(self, view_model: SettingsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._lines: dict[str, SettingLine] = {}
        self._groups: list[_Group] = []
        self._waiting: deque[Callable[[], None]] = deque()  # makes the parts that are still to come
        self._sought = -1  # the section that was gone to before all lines above it were there
        self._content, self._rows = QWidget(), column()
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._work)
        self._search = QLineEdit(clearButtonEnabled=True)
        self._problem = NoticeBar()
        self._sections = QListWidget()
        self._sections.setFixedWidth(_SECTIONS_WIDTH)
        self._sections.setStyleSheet("QListWidget::item { padding: 0 5px }")
        self._page = QScrollArea(widgetResizable=True)
        self._page.setStyleSheet("QScrollArea { background: transparent }")
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = label("muted", wrap=True)
        self._file = push_button("flat")
        self._close = push_button("primary")
        self._arrange()
        self._connect()
        self.resize(*_SIZE)
        self.retranslate()

    @property
    def is_complete(self) -> bool:
        """Whether all lines are there; the last layout may be one turn away."""
        return not self._turn.isActive()

    def retranslate(self) -> None:
        """Make all lines again, in the current language."""
        self.setWindowTitle(_("Settings"))
        self._search.setPlaceholderText(_("Search the settings"))
        name_line(self._search, _("Search the settings"))
        self._sections.setAccessibleName(_("Sections"))
        self._page.setAccessibleName(_("Settings"))
        self._file.setText(_("Open the settings file"))
        self._file.setToolTip(plain(str(self._model.file)))
        self._close.setText(_("Close"))
        if self.isVisible():
            self._fill()
        self._show_problem()
        self._filter()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Make the lines."""
        super().showEvent(event)
        if not event.spontaneous():
            self._fill()
            self._filter()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Let go of the lines."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._forget()
            if (content := self._page.takeWidget()) is not None:
                content.deleteLater()  # not at once: the key that closes the page may be pressed in one of its lines

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
        self._page.verticalScrollBar().rangeChanged.connect(self._go_on)
        self._model.changed.connect(self._show_values)
        self._model.problem_changed.connect(self._show_problem)
        self._model.failed.connect(self._show_failure)
        self._model.searchable.connect(self._filter)
        self._model.put_aside.connect(self._tell_aside)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._search.setFocus)

    def _fill(self) -> None:
        self._forget()
        content = self._content = QWidget()
        rows = self._rows = column(theme.WIDE, (0, 0, theme.GAP, theme.WIDE))
        content.setLayout(rows)
        for section in setting_fields.sections():
            group = _Group(section)
            self._groups.append(group)
            self._waiting.extend(partial(self._add_line, group, field) for field in section.fields)
            if section.name == "server":
                self._waiting.append(partial(self._add_server, group))
            rows.addWidget(group)
            self._sections.addItem(_(section.title))
            self._sections.item(self._sections.count() - 1).setSizeHint(QSize(0, _SECTION_HEIGHT))
        self._nothing = label("muted", wrap=True)
        self._nothing.setText(_("No setting is called that."))
        rows.addWidget(self._nothing)
        rows.addStretch(1)
        self._page.setWidget(content)
        self._turn.start()

    def _forget(self) -> None:
        self._turn.stop()
        self._lines.clear()
        self._groups.clear()
        self._waiting.clear()
        self._sections.clear()

    def _work(self) -> None:
        if not self._waiting:
            self._turn.stop()
            return
        until = perf_counter() + _TURN_SECONDS
        while self._waiting and perf_counter() < until:
            self._waiting.popleft()()
        # Each new line would lay all of them out again; below what is in sight once is enough.
        self._rows.setEnabled(len(self._lines) < _IN_SIGHT or not self._waiting)
        if not self._waiting:
            # Not update(): the layout counts as stale since it was disabled, and would ask for nothing.
            QCoreApplication.postEvent(self._content, QEvent(QEvent.Type.LayoutRequest))

    def _add_line(self, group: _Group, field: setting_fields.Field) -> None:
        line = self._lines[field.key] = SettingLine(field, self._model.offered(field))
        line.edited.connect(partial(self._model.change, field.section, field.name))
        line.reset.connect(partial(self._model.reset, field.section, field.name))
        line.show_value(self._model.value(field))
        line.setVisible(self._model.matches(field, self._search.text()))
        group.add(line)

    def _add_server(self, group: _Group) -> None:
        group.add(ServerLine(self._model))

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
        if key in self._lines:
            self._lines[key].show_value(self._model.value(self._lines[key].field))
            self._lines[key].show_problem(said(error))
        else:
            self._problem.show_notice(Notice(partial(said, error), Level.ERROR))

    def _tell_aside(self, aside: Path) -> None:
        self._problem.show_notice(Notice(lambda: _("The broken file is kept: {file}").format(file=aside)))

    # --- what a person does ----------------------------------------------------------------------------------------

    def _filter(self) -> None:
        if not self._groups:
            return
        query = self._search.text()
        self._model.prepare_search(query)
        for line in self._lines.values():
            line.setVisible(self._model.matches(line.field, query))
        found = [any(self._model.matches(field, query) for field in group.section.fields) for group in self._groups]
        for place, group in enumerate(self._groups):
            group.setVisible(found[place])
            self._sections.setRowHidden(place, not found[place])
        self._nothing.setHidden(any(found))

    def _go_to(self, place: int) -> None:
        if 0 <= place < len(self._groups):
            self._page.verticalScrollBar().setValue(self._groups[place].y())
            self._sought = -1 if self.is_complete else place

    def _go_on(self) -> None:
        """Go to the section again that was chosen before all lines above it were laid out."""
        if self._sought >= 0:
            self._go_to(self._sought)

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
        self.section = section
        self._frame = QFrame()
        self._frame.setProperty("panel", True)
        self._rows: QVBoxLayout = column(0, (theme.TIGHT, theme.TIGHT, theme.TIGHT, theme.TIGHT))
        self._frame.setLayout(self._rows)
        self._frame.hide()  # until there is something in it
        below = column(theme.TIGHT)
        self.setLayout(below)
        for widget in (title, help_, self._frame):
            below.addWidget(widget)

    def add(self, widget: QWidget) -> None:
        """Show ``widget`` below those that are there."""
        self._rows.addWidget(widget)
        self._frame.show()
