"""Text made to send a reader round in circles is read in a time that grows with its length, not with its square."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import ReadError

_MAIL = b"MIME-Version: 1.0\nMessage-ID: <1>\n"
_LONG = 200_000
# Before they were mended, each of these took from twelve seconds to longer than anybody would wait.
_CASES: dict[str, tuple[str, bytes]] = {
    "comments before a page": ("a.html", b"<!-- x -->\n" * 5000 + b"<div>Text</div>"),
    "full stops": ("a.txt", b"." * _LONG + b"x"),
    "exclamation marks": ("a.txt", b"!" * _LONG + b"x"),
    "numbers in groups": ("a.txt", b"111," * 300_000 + b"x"),
    "a rule under a heading row": ("a.md", b"|a|b|\n|" + b"-" * _LONG + b"x\n"),
    "a heading with spaces": ("a.md", b"# a" + b" " * _LONG + b"x\n"),
    "a title with spaces": ("a.md", b"---\ntitle: a" + b" " * _LONG + b"x\n---\nText\n"),
    "headings and tables": ("a.md", b"# a\n\n|a|b|\n|-|-|\n|1|2|\n\n" * 25_000),
    "a wide row above narrow ones": ("a.csv", b",".join(b"%d" % n for n in range(_LONG)) + b"\n" + b"1\n" * 20_000),
    "a column with two cells in the end": ("a.csv", b"word,\n" * 30_000 + b"a,b\n"),
    "many addresses": ("a.eml", _MAIL + b"To: " + b"a@b.c, " * _LONG + b"\n\nText"),
    "many parameters": ("a.eml", _MAIL + b"Content-Type: text/plain; " + b"a=b; " * _LONG + b"\n\nText"),
}


@pytest.mark.parametrize("case", _CASES)
def test_reading_takes_a_bounded_time(case: str, tmp_path: Path, read: Callable[[Path], object]) -> None:
    name, content = _CASES[case]
    path = tmp_path / name
    path.write_bytes(content)
    began = time.process_time()
    with contextlib.suppress(ReadError):
        read(path)
    assert time.process_time() - began < 8
