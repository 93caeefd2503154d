"""Settings of the window and of the desktop around it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_


class Appearance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the window looks."""

    language: Annotated[
        Literal["system", "en", "zh_CN"],
        Meta(
            title=N_("Language"),
            description=N_("Language of the window."),
            extra={"words": {"system": N_("As the system"), "en": "English", "zh_CN": "简体中文"}},
        ),
    ] = "system"
    theme: Annotated[
        Literal["system", "light", "dark"],
        Meta(
            title=N_("Theme"),
            description=N_("Light, dark, or as the system."),
            extra={"words": {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}},
        ),
    ] = "system"


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the program behaves on the desktop."""

    tray: Annotated[
        bool,
        Meta(
            title=N_("Show an icon in the system tray"),
            description=N_("It tells what is in memory and can unload it. Not every desktop has a tray."),
        ),
    ] = True
    close: Annotated[
        Literal["quit", "tray"],
        Meta(
            title=N_("Closing the window"),
            description=N_("In the tray the program goes on with its imports and is back at once."),
            extra={"words": {"quit": N_("Quits the program"), "tray": N_("Leaves it in the tray")}},
        ),
    ] = "quit"
    notifications: Annotated[
        bool,
        Meta(
            title=N_("Notify while you are elsewhere"),
            description=N_(
                "When an import is done, an answer is ready or the disk is almost full. Needs the tray icon."
            ),
        ),
    ] = True


class Updates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the program hears of newer versions."""

    check: Annotated[
        bool,
        Meta(
            title=N_("Look for newer versions"),
            description=N_(
                "Once a day at most, while the program runs. It tells what is there and installs nothing; the address "
                "below hears that somebody asked, and nothing else."
            ),
        ),
    ] = False
    address: Annotated[
        str,
        Meta(
            pattern=r"^(https://\S+|http://(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(/\S*)?)?$",
            title=N_("Address that is asked"),
            description=N_("Where the project puts its signed manifest; empty: nobody is asked."),
            extra={"expects": N_("an address like https://host/update.json, or nothing")},
        ),
    ] = ""
