"""Colours that can be read, palettes that switch, icons that take the theme's colour."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.line_art import LineArt
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

ICONS = sorted(file.stem for file in resource("icons").glob("*.svg"))


def luminance(colour: QColor) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
@pytest.mark.parametrize("ink", ["text", "text_muted", "accent", "positive", "warning", "danger"])
@pytest.mark.parametrize("ground", ["surface", "surface_raised"])
def test_text_keeps_the_contrast_of_level_aa(look: theme.Theme, ink: str, ground: str) -> None:
    assert contrast(look.colour(ink), look.colour(ground)) >= 4.5


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [("on_accent", "accent"), ("text", "selected"), ("text_muted", "selected"), ("text", "highlight")],
)
def test_text_on_colour_keeps_it_too(look: theme.Theme, ink: str, ground: str) -> None:
    assert contrast(look.colour(ink), look.colour(ground)) >= 4.5


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_areas_of_plots_stand_out_and_differ(look: theme.Theme) -> None:
    colours = [getattr(look, field.name) for field in fields(look) if field.name.startswith("plot_")]
    assert len(set(colours)) == 6
    for colour in colours:
        assert contrast(QColor(colour), look.colour("surface_raised")) >= 3


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_apply_dresses_the_application(qapp: QApplication, look: theme.Theme) -> None:
    assert theme.apply(qapp, look.name) is look
    assert theme.current() is look
    assert qapp.palette().color(QPalette.ColorRole.Base) == look.colour("surface_raised")
    assert "$" not in qapp.styleSheet()


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_draws_something_in_the_colour_of_the_theme(qapp: QApplication, name: str) -> None:
    icon = theme.icon(name, "accent")
    for look in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, look.name)
        image = icon.pixmap(QSize(40, 40)).toImage()
        inked = [image.pixelColor(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() == 255]
        assert len(inked) > 20
        assert {colour.name() for colour in inked} == {look.accent}


def test_an_icon_is_drawn_once_for_all_buttons(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def draw(file: LineArt, painter: QPainter, side: int, colour: QColor) -> None:
        drawn.append(colour.name())
        real(file, painter, side, colour)

    real = LineArt.draw
    monkeypatch.setattr(LineArt, "draw", draw)
    for look in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, look.name)
        kept = [theme.icon("undo", "text").pixmap(QSize(37, 37)) for _ in range(50)]
        assert all(not each.isNull() for each in kept)
    assert drawn == [theme.LIGHT.text, theme.DARK.text]


def test_every_icon_that_the_code_names_is_there() -> None:
    import re

    package = Path(theme.__file__).parent
    named: set[str] = set()
    for file in package.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        named |= set(re.findall(r"""(?:theme\.icon|tool_button)\(\s*"([a-z-]+)\"""", text))
    assert named
    assert named <= set(ICONS)


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
def test_icons_are_drawn_in_the_pixels_of_the_screen(qapp: QApplication, scale: float) -> None:
    drawn = theme.icon("add").pixmap(QSize(20, 20), scale)
    assert drawn.size() == QSize(20, 20) * scale
    assert drawn.devicePixelRatio() == scale


def test_an_icon_leaves_room_before_the_words_of_a_button_that_asks_for_it(qapp: QApplication) -> None:
    drawn = theme.icon("processor").pixmap(QSize(18, 14)).toImage()
    assert (drawn.width(), drawn.height()) == (18, 14)
    columns = [any(drawn.pixelColor(x, y).alpha() for y in range(14)) for x in range(18)]
    assert any(columns[:14])
    assert not any(columns[14:])


def test_the_same_theme_dresses_nothing_again(qapp: QApplication, qtbot: QtBot) -> None:
    class Widget(QWidget):
        dressed = 0

        def changeEvent(self, event: QEvent) -> None:  # noqa: N802
            self.dressed += event.type() == QEvent.Type.StyleChange

    theme.apply(qapp, "light")
    widget = Widget()
    qtbot.addWidget(widget)
    widget.ensurePolished()
    before = widget.dressed
    theme.apply(qapp, "light")
    assert widget.dressed == before
    theme.apply(qapp, "dark")
    assert 0 < widget.dressed - before <= 1  # once: a new style below the sheet would dress all a second time


def test_a_label_of_a_tone_follows_the_theme_and_its_tone(qapp: QApplication, qtbot: QtBot) -> None:
    label = ToneLabel("warning")
    qtbot.addWidget(label)
    label.show()
    for look in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, look.name)
        for tone in ("warning", "danger", "positive", "accent", "text_muted"):
            label.set_tone(tone)
            assert label.palette().color(label.foregroundRole()) == look.colour(tone)
