"""A page of a document as a picture, with the cited words marked on it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from kotaemon_desktop.core.records import Box, PagePicture
from kotaemon_desktop.qt import theme

_A4 = 2**0.5  # height to width, for the place of a page that has not come yet
_STEP = 1.25
_SMALLEST, _LARGEST = 0.5, 5.0
_FAINT = 120  # percent of the marker's lightness, for marks beside the chosen one
_MARK_ABOVE = 1 / 3  # of the view's height stays above the marked words


class PageView(QScrollArea):
    """Shows one page; zoom 1 fits the width. Holds one picture. GUI thread.

    Signals: ``width_wanted(int)``: device pixels that the page takes now; ``turned(int)``: pages to go on or back;
    ``stepped(int)``: marked places to go on or back.
    """

    width_wanted = Signal(int)
    turned = Signal(int)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._page = _Page()
        self.setWidget(self._page)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        # A bar that comes and goes would change the width that the page is fitted to.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def zoom(self) -> float:
        return self._zoom

    @property
    def boxes(self) -> tuple[Box, ...]:
        return self._page.boxes

    def show_place(self, text: str) -> None:
        """Show an empty page with ``text`` until its picture comes."""
        self._page.clear(text)
        self._fit()
        self.verticalScrollBar().setValue(0)

    def show_picture(
        self, picture: PagePicture, boxes: Sequence[Box], others: Sequence[Box] = (), *, reveal: bool
    ) -> None:
        """Show ``picture`` with ``boxes`` marked, and ``others`` more faintly.

        ``reveal`` scrolls to the first box, or to the top without one.
        """
        self._page.show_picture(picture, boxes, others)
        self._fit()
        if reveal:
            self._reveal(boxes[0] if boxes else Box(0, 0, 1, 0))

    def set_zoom(self, zoom: float) -> None:
        """Show the page ``zoom`` times as wide as the view; what is in the middle stays there."""
        zoom = min(max(zoom, _SMALLEST), _LARGEST)
        bars = (self.horizontalScrollBar(), self.verticalScrollBar())
        middles = [(bar.value() + bar.pageStep() / 2) / max(1, bar.maximum() + bar.pageStep()) for bar in bars]
        self._zoom = zoom
        self._fit()
        for bar, middle in zip(bars, middles, strict=True):
            bar.setValue(round(middle * (bar.maximum() + bar.pageStep()) - bar.pageStep() / 2))

    def zoom_in(self) -> None:
        """Show the page a step larger."""
        self.set_zoom(self._zoom * _STEP)

    def zoom_out(self) -> None:
        """Show the page a step smaller."""
        self.set_zoom(self._zoom / _STEP)

    def fit_width(self) -> None:
        """Show the page as wide as the view."""
        self.set_zoom(1.0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the page to the new width."""
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * _STEP ** (event.angleDelta().y() / 120))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Zoom with + - 0, turn pages with Left and Right, step through the marks with N; else scroll."""
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0:
                self.fit_width()
            case Qt.Key.Key_N:
                self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            case Qt.Key.Key_Left:
                self.turned.emit(-1)
            case Qt.Key.Key_Right:
                self.turned.emit(1)
            case _:
                super().keyPressEvent(event)

    def _fit(self) -> None:
        width = max(64, round((self.maximumViewportSize().width() - 2) * self._zoom))
        self._page.resize(width, round(width * self._page.ratio))
        self.width_wanted.emit(round(width * self.devicePixelRatioF()))

    def _reveal(self, box: Box) -> None:
        page = self._page.size()
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        down.setValue(round(box.top * page.height() - down.pageStep() * _MARK_ABOVE))
        across.setValue(round((box.left + box.right) / 2 * page.width() - across.pageStep() / 2))


class _Page(QWidget):
    """The page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes: tuple[Box, ...] = ()
        self.others: tuple[Box, ...] = ()
        self.ratio = _A4
        self._image: QImage | None = None
        self._picture: PagePicture | None = None  # owns the bytes that the image looks at
        self._text = ""

    def clear(self, text: str) -> None:
        """Keep the form of the page and show ``text`` on it."""
        self._image = self._picture = None
        self.boxes = self.others = ()
        self._text = text
        self.update()

    def show_picture(self, picture: PagePicture, boxes: Sequence[Box], others: Sequence[Box]) -> None:
        self._picture = picture
        self._image = QImage(picture.pixels, picture.width, picture.height, picture.stride, QImage.Format.Format_RGB32)
        self.ratio = picture.height / max(1, picture.width)
        self.boxes, self.others = tuple(boxes), tuple(others)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the page and lay the marks on it like a text marker: paper takes their colour, ink stays black."""
        painter = QPainter(self)
        colours = theme.current()
        page = self.rect()
        if self._image is None:
            painter.fillRect(page, colours.colour("surface"))
            painter.setPen(colours.colour("text_muted"))
            painter.drawText(page.adjusted(0, theme.WIDE * 3, 0, 0), Qt.AlignmentFlag.AlignHCenter, self._text)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(page, self._image)
            self._mark(painter)
        painter.setPen(colours.colour("border"))
        painter.drawRect(page.adjusted(0, 0, -1, -1))

    def _mark(self, painter: QPainter) -> None:
        marker = theme.LIGHT.colour("highlight")  # paper is white in every theme
        faint = marker.lighter(_FAINT)
        for box in (*self.others, *self.boxes):
            place = QRectF(
                box.left * self.width(),
                box.top * self.height(),
                (box.right - box.left) * self.width(),
                (box.bottom - box.top) * self.height(),
            ).adjusted(-1, -1, 1, 1)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            chosen = box in self.boxes
            painter.fillRect(place, marker if chosen else faint)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            painter.setPen(QPen(theme.LIGHT.colour("warning" if chosen else "highlight"), 0))
            painter.drawLine(place.bottomLeft(), place.bottomRight())
