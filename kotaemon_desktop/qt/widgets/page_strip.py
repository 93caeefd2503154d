"""Small pictures of the pages that hold a marked place, to go there by a click."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import PagePicture
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import row

_SIZE = QSize(44, 56)
_HEIGHT = 88


class PageStrip(QScrollArea):
    """A line of page buttons; hidden while there are fewer than two. GUI thread. Signals: ``chosen(int)``: a page."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[int, QToolButton] = {}
        inside = QWidget()
        self._row = row(theme.TIGHT)
        inside.setLayout(self._row)
        self._row.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its buttons take the focus
        self.hide()
        self.retranslate()

    def show_pages(self, pages: tuple[int, ...], current: int | None) -> None:
        """Offer ``pages``; their pictures follow. ``current`` is the one that is shown."""
        pages = pages if len(pages) > 1 else ()
        if tuple(self._buttons) != pages:
            for button in self._buttons.values():
                self._row.removeWidget(button)
                button.hide()
                button.deleteLater()
            self._buttons = {page: self._button(place, page) for place, page in enumerate(pages)}
        for page, button in self._buttons.items():
            button.setChecked(page == current)
        self.setVisible(bool(pages))

    def show_picture(self, page: int, picture: PagePicture) -> None:
        """Show the small picture of a page."""
        if (button := self._buttons.get(page)) is not None:
            image = QImage(
                picture.pixels, picture.width, picture.height, picture.stride, QImage.Format.Format_RGB32
            ).copy()  # the bytes go, the button stays
            button.setIcon(QIcon(QPixmap.fromImage(image)))

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Pages with marks"))
        for page, button in self._buttons.items():
            _name(button, page)

    def _button(self, place: int, page: int) -> QToolButton:
        button = QToolButton()
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(_SIZE)
        button.setCheckable(True)
        button.setText(f"{page:,}")
        button.clicked.connect(partial(self.chosen.emit, page))
        _name(button, page)
        self._row.insertWidget(place, button)
        return button


def _name(button: QToolButton, page: int) -> None:
    words = _("Page {n}").format(n=f"{page:,}")
    button.setToolTip(words)
    button.setAccessibleName(words)
