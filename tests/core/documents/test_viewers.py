"""The command for the system's viewer, with programs of that name on a search path of our own."""

import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core.documents import viewers

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other desktops pass no page on")


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a way to say which programs there are, and which one opens PDF files."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))

    def make(default: str, *names: str) -> Path:
        for name, lines in (("xdg-mime", f"echo {default}"), *((name, "") for name in names)):
            file = programs / name
            file.write_text(f"#!/bin/sh\n{lines}\n")
            file.chmod(0o755)
        return programs

    return make


@pytest.mark.parametrize(
    ("default", "program", "arguments"),
    [
        ("org.gnome.Evince.desktop", "evince", ["--page-label=7", "/docs/a b.pdf"]),
        ("okularApplication_pdf.desktop", "okular", ["--page", "7", "/docs/a b.pdf"]),
        ("firefox_firefox.desktop", "firefox", ["file:///docs/a%20b.pdf#page=7"]),
    ],
)
def test_the_page_is_told_as_each_program_wants_it(desktop, default: str, program: str, arguments: list[str]) -> None:
    programs = desktop(default, program)
    assert viewers.command(Path("/docs/a b.pdf"), 7) == (str(programs / program), *arguments)


def test_where_no_page_can_be_told_the_system_opens_the_file(desktop) -> None:
    desktop("unknown.desktop", "evince")
    assert viewers.command(Path("/docs/a.pdf"), 7) == ()
    desktop("org.gnome.Evince.desktop", "evince")
    assert viewers.command(Path("/docs/a.docx"), 7) == ()
    assert viewers.command(Path("/docs/a.pdf"), None) == ()


def test_a_program_that_is_not_installed_is_not_started(desktop) -> None:
    desktop("okular.desktop")
    assert viewers.command(Path("/docs/a.pdf"), 7) == ()
