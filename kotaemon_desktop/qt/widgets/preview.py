"""The page that a source stands on, with its words marked, and the ways through it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QProcess, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.preview import (
    PictureComing,
    PictureShown,
    PreviewEvent,
    PreviewFailed,
    Target,
    TextShown,
)
from kotaemon_desktop.qt.viewmodels.sources import SourcesModel
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.find_bar import FindBar
from kotaemon_desktop.qt.widgets.page_strip import PageStrip
from kotaemon_desktop.qt.widgets.page_view import PageView
from kotaemon_desktop.qt.widgets.parts import column, label, row, tool_button
from kotaemon_desktop.qt.widgets.text_preview import TextPreview
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

_PATIENCE_MILLISECONDS = 120  # until an empty page stands in for one that is being made: a shorter wait would flash


class Preview(QWidget):
    """Shows the page of a SourcesModel. GUI thread."""

    def __init__(self, view_model: SourcesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._fresh = False  # another page was opened and has not come yet
        self._patience = QTimer(self, interval=_PATIENCE_MILLISECONDS, singleShot=True)
        self._patience.timeout.connect(self._show_waiting)
        self._build_views()
        self._find_bar = FindBar()
        self._find_bar.searched.connect(view_model.trail.find)
        self._find_bar.stepped.connect(view_model.step)
        self._strip = PageStrip()
        self._strip.chosen.connect(view_model.show_page)
        self._tools = QWidget()
        tools = column(theme.TIGHT)
        self._tools.setLayout(tools)
        tools.addLayout(self._build_name_line())
        tools.addLayout(self._build_bar())
        layout = column(theme.TIGHT, (0, theme.TIGHT, 0, 0))
        self.setLayout(layout)
        layout.addWidget(self._tools)
        layout.addWidget(self._find_bar)
        layout.addWidget(self._notice)
        layout.addWidget(self._views, 1)
        layout.addWidget(self._strip)
        view_model.opened.connect(self.show_place)
        view_model.previewed.connect(self._show_preview)
        view_model.trail.changed.connect(self._show_trail)
        view_model.trail.thumbnail.connect(self._strip.show_picture)
        view_model.file_ready.connect(self._open_file)
        self.retranslate()

    def _build_views(self) -> None:
        self._notice = ToneLabel("warning")
        self._notice.setWordWrap(True)
        self._notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._notice.hide()
        self._page = PageView()
        self._page.width_wanted.connect(self._model.set_width)
        self._page.turned.connect(self._model.turn)
        self._text = TextPreview()
        for view in (self._page, self._text):
            view.stepped.connect(self._model.step)
        self._nothing = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._nothing.setProperty("muted", True)
        self._nothing.setAutoFillBackground(True)
        self._nothing.setBackgroundRole(QPalette.ColorRole.Base)
        self._nothing.setMargin(theme.WIDE)
        self._views = QStackedWidget()
        for view in (self._nothing, self._page, self._text):
            self._views.addWidget(view)

    def _build_name_line(self) -> QHBoxLayout:
        self._name = ElidedLabel()
        self._place = label("muted")
        line = row(2)
        line.addWidget(self._name, 1)
        line.addWidget(self._place)
        self._steps = {"chevron-up": -1, "chevron-down": 1}
        self._step_buttons = {icon: tool_button(icon) for icon in self._steps}
        for icon, button in self._step_buttons.items():
            button.clicked.connect(partial(self._model.step, self._steps[icon]))
            line.addWidget(button)
        return line

    def _build_bar(self) -> QHBoxLayout:
        self._page_number = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._page_number.setProperty("muted", True)
        presses: dict[str, Callable[[], None]] = {
            "chevron-left": partial(self._model.turn, -1),
            "chevron-right": partial(self._model.turn, 1),
            "zoom-out": self._page.zoom_out,
            "fit-width": self._page.fit_width,
            "zoom-in": self._page.zoom_in,
            "search": self.search,
            "open": self._model.find_file,
        }
        self._buttons = {icon: tool_button(icon, side=theme.ICON) for icon in presses}
        bar = row(2)
        bar.addWidget(self._page_number, 1)
        for icon, button in self._buttons.items():
            button.clicked.connect(presses[icon])
            bar.addWidget(button)
        return bar

    def search(self) -> None:
        """Let words be looked for in the shown document."""
        if self._model.target is not None:
            self._find_bar.open()

    def step(self, places: int) -> None:
        """Go ``places`` on through the marked places, back when negative."""
        self._model.step(places)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Preview"))
        self._nothing.setText(_("Choose a source, or a number in an answer, to see its page."))
        self._page.setAccessibleName(_("Page of the document"))
        self._text.setAccessibleName(_("Text of the document"))
        words = {
            "chevron-left": _("Previous page (Left)"),
            "chevron-right": _("Next page (Right)"),
            "zoom-out": _("Smaller (-)"),
            "fit-width": _("Fit the width (0)"),
            "zoom-in": _("Larger (+)"),
            "search": _("Search in the document (Ctrl+Shift+F)"),
            "open": _("Open in its own program"),
            "chevron-up": _("Previous mark (Shift+F3)"),
            "chevron-down": _("Next mark (F3)"),
        }
        for name, button in (self._buttons | self._step_buttons).items():
            button.setToolTip(words[name])
            button.setAccessibleName(words[name])
        self._find_bar.retranslate()
        self._strip.retranslate()
        self._show_heading()
        self._show_trail()

    def _show_heading(self) -> None:
        target, pages = self._model.target, self._model.pages
        self._name.setText(target.name if target else "")
        number = ""
        if target is not None and target.page is not None:
            words = _("Page {n} of {count}") if pages else _("Page {n}")
            number = words.format(n=f"{target.page:,}", count=f"{pages or 0:,}")
        self._page_number.setText(number)
        page = target.page if target else None
        self._buttons["chevron-left"].setEnabled(page is not None and page > 1)
        self._buttons["chevron-right"].setEnabled(page is not None and pages is not None and page < pages)
        for name in ("zoom-out", "fit-width", "zoom-in"):
            self._buttons[name].setEnabled(self._views.currentWidget() is self._page)
        self._buttons["open"].setEnabled(target is not None and target.document_id > 0)
        self._tools.setVisible(target is not None)

    def _show_trail(self) -> None:
        """Say which of the marked places is shown, and offer their pages."""
        trail, target = self._model.trail, self._model.target
        position, number = trail.position, len(trail.places)
        shown = f"{position or '–'} / {number:,}" if number and target is not None else ""
        self._place.setText(shown)
        self._place.setAccessibleName(_("Mark {n} of {count}").format(n=position, count=number) if shown else "")
        for button in self._step_buttons.values():
            button.setVisible(bool(shown))
        self._find_bar.show_count(number)
        self._strip.show_pages(trail.pages, target.page if target is not None else None)

    def show_place(self, _target: Target) -> None:
        """Get ready for another page."""
        self._fresh = True
        self._notice.hide()
        self._show_heading()

    def _show_preview(self, event: PreviewEvent) -> None:
        match event:
            case PictureComing():
                if self._fresh:
                    self._patience.start()
            case PictureShown():
                self._patience.stop()
                self._views.setCurrentWidget(self._page)
                self._page.show_picture(event.picture, event.boxes, event.others, reveal=self._fresh)
                self._fresh = False
                self._tell_doubts(event)
            case TextShown():
                self._views.setCurrentWidget(self._text)
                self._text.show_text(event.text, event.start, event.end, event.others, event.headings)
                if event.note:
                    self._say(event.note, "text_muted")
            case PreviewFailed():
                self._patience.stop()
                self._views.setCurrentWidget(self._nothing)
                self._say(str(event.error))
        self._show_heading()

    def _show_waiting(self) -> None:
        """Take the old page away when the new one lets itself be waited for."""
        self._views.setCurrentWidget(self._page)
        self._page.show_place(_("Preparing the page…"))
        self._show_heading()

    def _tell_doubts(self, shown: PictureShown) -> None:
        """Say why the marks on a page may be missing or not where they belong."""
        target = self._model.target
        if shown.changed:
            self._say(_("This file was changed after it was imported: the marks may be off. Import it again."))
        elif target is not None and target.end > target.start and not shown.boxes:
            self._say(_("Where exactly on this page is not known."))

    def _say(self, words: str, tone: str = "warning") -> None:
        self._notice.set_tone(tone)
        self._notice.setText(words)
        self._notice.show()

    def _open_file(self, path: Path, command: tuple[str, ...]) -> None:
        if not (command and QProcess.startDetached(command[0], list(command[1:]))[0]):
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
