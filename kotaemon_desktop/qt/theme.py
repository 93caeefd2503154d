"""How the window looks: light and dark palettes, spacing, fonts, and icons that take the colour of the palette."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QIcon, QPalette

from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.qt.icon_engine import IconEngine

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

# The 8-pixel grid: TIGHT between a label and what it labels, GAP between widgets, WIDE around a panel or a group.
TIGHT, GAP, WIDE = 4, 8, 16
ICON = 20


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours, ``#rrggbb``. Every text colour keeps 4.5:1 against both surfaces (a test measures it)."""

    name: str
    surface: str  # behind the panels
    surface_raised: str  # lists, cards, fields
    surface_hover: str  # a row or button under the pointer
    border: str
    text: str
    text_muted: str
    accent: str  # the one accent: links, focus, primary buttons
    on_accent: str  # text on the accent
    selected: str  # behind a selected row; ``text`` stays readable on it
    positive: str
    warning: str
    danger: str
    highlight: str  # behind cited words; ``text`` stays readable on it
    # Areas of plots. Each keeps 3:1 against the raised surface, and they differ in lightness for those who see no hues.
    plot_window: str
    plot_reader: str
    plot_embedder: str
    plot_retrieval: str
    plot_generator: str
    plot_other: str

    def colour(self, name: str) -> QColor:
        """Return the colour called ``name``."""
        return QColor(getattr(self, name))


LIGHT = Theme(
    name="light",
    surface="#f4f5f7",
    surface_raised="#ffffff",
    surface_hover="#e9ecf1",
    border="#d3d8e0",
    text="#1b2027",
    text_muted="#576170",
    accent="#2457c5",
    on_accent="#ffffff",
    selected="#dbe6fb",
    positive="#1a7042",
    warning="#855300",
    danger="#b3261e",
    highlight="#ffe8a3",
    plot_window="#8791a0",
    plot_reader="#c46a12",
    plot_embedder="#8f63d2",
    plot_retrieval="#128a7c",
    plot_generator="#2457c5",
    plot_other="#8c2a5e",
)
DARK = Theme(
    name="dark",
    surface="#1a1d22",
    surface_raised="#22262d",
    surface_hover="#2d323b",
    border="#3a404b",
    text="#e5e8ed",
    text_muted="#a0a9b6",
    accent="#85acff",
    on_accent="#0f141c",
    selected="#2c3d5f",
    positive="#6fce98",
    warning="#e8b96a",
    danger="#f5938a",
    highlight="#5d4d17",
    plot_window="#78828f",
    plot_reader="#f0b26b",
    plot_embedder="#a982e6",
    plot_retrieval="#45b8a8",
    plot_generator="#85acff",
    plot_other="#d66a9c",
)

_ROLES = QPalette.ColorRole
_PALETTE = {
    _ROLES.Window: "surface",
    _ROLES.WindowText: "text",
    _ROLES.Base: "surface_raised",
    _ROLES.AlternateBase: "surface",
    _ROLES.Text: "text",
    _ROLES.PlaceholderText: "text_muted",
    _ROLES.Button: "surface_raised",
    _ROLES.ButtonText: "text",
    _ROLES.BrightText: "danger",
    _ROLES.ToolTipBase: "surface_raised",
    _ROLES.ToolTipText: "text",
    _ROLES.Highlight: "selected",
    _ROLES.HighlightedText: "text",
    _ROLES.Accent: "accent",
    _ROLES.Link: "accent",
    _ROLES.LinkVisited: "accent",
    _ROLES.Light: "surface_hover",
    _ROLES.Midlight: "surface_hover",
    _ROLES.Mid: "border",
    _ROLES.Dark: "border",
    _ROLES.Shadow: "border",
}

# Object names and properties that the sheet knows: `primary` (a filled button), `flat` (a button without a frame),
# `muted` (secondary text), `heading` (a panel's title), `panel` (a raised area with a border).
_SHEET = """
QToolTip { background: $surface_raised; color: $text; border: 1px solid $border; padding: 4px 6px; }
QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }
QPushButton, QComboBox {
  background: $surface_raised; color: $text; border: 1px solid $border; border-radius: 4px; padding: 4px 12px;
  min-height: 18px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/sheet/arrow.svg"); width: 14px; height: 14px; }
QCheckBox { spacing: 6px; }
QCheckBox::indicator {
  width: 14px; height: 14px; border: 1px solid $text_muted; border-radius: 3px; background: $surface_raised; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked {
  background: $accent; border-color: $accent; image: url("$icons/sheet/tick-$name.svg"); }
QCheckBox::indicator:disabled { background: $surface; border-color: $border; }
QCheckBox:focus { color: $accent; }
QRadioButton::indicator {
  width: 12px; height: 12px; border: 1px solid $text_muted; border-radius: 7px; background: $surface_raised; }
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: $accent; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 4px solid $accent; }
QPushButton:hover, QComboBox:hover, QToolButton:hover { background: $surface_hover; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked { background: $selected; }
QPushButton:focus, QComboBox:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $text_muted; background: $surface; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[primary="true"]:hover { border-color: $text; }
QPushButton[primary="true"]:focus { border: 2px solid $text; padding: 3px 11px; }
QPushButton[primary="true"]:disabled { background: $surface; color: $text_muted; border-color: $border; }
QPushButton[flat="true"], QToolButton {
  background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px; }
QPushButton[flat="true"] { color: $accent; padding: 3px 8px; }
QPushButton[flat="true"]:disabled { color: $text_muted; }
QPushButton[flat="true"]:hover { background: $surface_hover; }
QPushButton[flat="true"]:focus { border: 1px solid $accent; }
QLineEdit, QPlainTextEdit, QTextEdit {
  background: $surface_raised; border: 1px solid $border; border-radius: 4px; padding: 3px 6px;
  selection-background-color: $selected; selection-color: $text; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 1px solid $accent; }
QListView, QTableView, QTreeView, QScrollArea, QTextBrowser { border: none; background: $surface_raised; }
QListView:focus, QTreeView:focus { border: none; outline: none; }
QHeaderView { background: transparent; }
QHeaderView::section {
  background: transparent; color: $text_muted; border: none; border-bottom: 1px solid $border; padding: 4px 8px; }
QLabel[muted="true"] { color: $text_muted; }
QLabel[tone="text_muted"] { color: $text_muted; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="positive"] { color: $positive; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="danger"] { color: $danger; }
/* From 700 on, not from 600, Qt makes a face bold that has no bold of its own, as the bundled Chinese one. */
QLabel[heading="true"] { font-weight: 700; }
QFrame[panel="true"] { background: $surface_raised; border: 1px solid $border; border-radius: 6px; }
QProgressBar { background: $border; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QTabBar::tab { padding: 6px 12px; border: none; border-bottom: 2px solid transparent; color: $text_muted; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar:focus { outline: none; }
QTabBar::tab:selected:focus { background: $surface_hover; }
QMenuBar { background: $surface; border-bottom: 1px solid $border; }
QMenuBar::item { padding: 4px 10px; background: transparent; }
QMenuBar::item:selected { background: $surface_hover; }
QMenu { background: $surface_raised; border: 1px solid $border; padding: 4px 0; }
QMenu::item { padding: 5px 24px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $text_muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 0; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $text_muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""


def apply(app: QApplication, name: str) -> Theme:
    """Dress ``app`` in the theme ``name`` (``light``, ``dark`` or ``system``) and return it.

    Widgets that paint themselves hear of it through ``changeEvent`` (PaletteChange) and ask :func:`current` again.
    """
    if name == "system":
        name = "dark" if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
    theme = DARK if name == "dark" else LIGHT
    sheet = _sheet(theme)
    if sheet == app.styleSheet():
        return theme  # to dress every widget again in the same takes as long as in another
    if not app.styleSheet():  # under a sheet the style has another name
        app.setStyle("fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(sheet)
    return theme


def current() -> Theme:
    """Return the theme that the application wears now, as its palette tells."""
    return DARK if QGuiApplication.palette().color(_ROLES.Window).lightness() < 128 else LIGHT


def load_fonts(app: QApplication) -> None:
    """Add the bundled Chinese fonts when the system has none; they come last, so nothing else changes its face."""
    if QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese):
        return
    added: list[str] = []
    for file in sorted(resource("fonts").glob("*.ttf")):
        added += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(file)))
    font = app.font()
    font.setFamilies([*font.families(), *added])
    app.setFont(font)


def icon(name: str, colour: str = "text") -> QIcon:
    """Return the icon ``resources/icons/<name>.svg``, drawn in the theme's ``colour`` at the moment it is painted."""

    def now(mode: QIcon.Mode) -> str:
        theme = current()
        return theme.text_muted if mode == QIcon.Mode.Disabled else getattr(theme, colour)

    return QIcon(IconEngine(name, now))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    for role, colour in _PALETTE.items():
        palette.setColor(role, theme.colour(colour))
    for role in (_ROLES.WindowText, _ROLES.Text, _ROLES.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.colour("text_muted"))
    return palette


def _sheet(theme: Theme) -> str:
    sheet = _SHEET.replace("$icons", resource("icons").as_posix())
    for field in sorted(fields(theme), key=lambda field: -len(field.name)):  # $surface_raised before $surface
        sheet = sheet.replace(f"${field.name}", getattr(theme, field.name))
    return sheet
