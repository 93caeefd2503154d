"""What is said about a missing part fits the program that is without it."""

from __future__ import annotations

import sys

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.errors import NoText
from kotaemon_desktop.core.tools.errors import ToolPartMissing


def test_a_checkout_takes_it_in():
    assert str(ToolPartMissing(tool="stock", part="sqlalchemy")).endswith("Install it with: uv sync --extra tools")
    assert "uv sync --extra ocr" in str(NoText(name="scan.pdf", pages=1, image=1))
    assert "uv sync" not in str(NoText(name="empty.pdf", pages=1, empty=1))


def test_a_built_program_names_the_one_that_can(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert extras.command("ocr") == 'pip install "kotaemon-desktop[ocr]"'
    for error in (ToolPartMissing(tool="stock", part="sqlalchemy"), NoText(name="scan.pdf", pages=1, image=1)):
        assert "uv sync" not in str(error)
        assert "the one that pip installs can: pip install" in str(error)
