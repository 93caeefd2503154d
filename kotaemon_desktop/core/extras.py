"""How to get the parts that the program does without: extras of its Python package (pyproject.toml)."""

from __future__ import annotations

import sys
from typing import Literal

from kotaemon_desktop.core.i18n import _

Extra = Literal["ocr", "tools"]


def command(extra: Extra) -> str:
    """Return what installs ``extra``: into a checkout, or with a program of pip's where this one is in one piece."""
    return f'pip install "kotaemon-desktop[{extra}]"' if in_one_piece() else f"uv sync --extra {extra}"


def advice(extra: Extra) -> str:
    """Return a sentence that says how to install ``extra``."""
    words = (
        _("This program is in one piece and cannot take it in; the one that pip installs can: {command}")
        if in_one_piece()
        else _("Install it with: {command}")
    )
    return words.format(command=command(extra))


def adding(requirement: str) -> str:
    """Return what adds the package ``requirement`` to the Python that this program runs with."""
    from importlib.util import find_spec

    python = f'"{sys.executable}"'
    if find_spec("pip") is None:  # an environment that uv made
        return f'uv pip install --python {python} "{requirement}"'
    return f'{python} -m pip install "{requirement}"'


def in_one_piece() -> bool:
    """Return whether this program was built with its own Python inside."""
    return getattr(sys, "frozen", False)
