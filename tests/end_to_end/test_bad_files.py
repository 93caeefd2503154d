"""A few of every kind of bad file, through the real core: each ends with a reason or a document, and harms nothing.

All of them, and as many spoiled ones as wanted: ``uv run python -m tests.reliability.bad_files``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.reliability import bad_files, bad_files_made, bad_files_mutated, bad_files_pdf
from tests.reliability.bad_files_made import Made

_SECONDS, _MEGABYTES = 20.0, 512
# One of each way to do harm; what has to run into the limit of time is left to the long form.
_CHOSEN = frozenset(
    "one.zip overlapping.zip members.zip name0.zip special0.zip twice.zip entry28.zip laughs.docx net.epub "
    "file.odt dtd.pptx quadratic.xlsx deep.docx surrogates.txt "
    "field0.eml groups.rtf binary.rtf 2147483647x2147483647.png loop0.tiff "
    "kids.pdf forms3.pdf script-open.pdf embedded.pdf "
    "box0.pdf count0.pdf".split()
)


def _few(away: str) -> Iterator[Made]:
    for made in (*bad_files_made.made(away), *bad_files_pdf.made(away)):
        if made[1] in _CHOSEN:
            yield made
    yield from bad_files_mutated.made(24)


def test_a_connection_from_a_child_process_is_seen() -> None:
    reach = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()"
    with bad_files.connections() as (away, heard):
        subprocess.run([sys.executable, "-c", reach, str(urlsplit(away).port)], check=True, timeout=60)
        assert heard == []  # by this process itself
    assert [each.partition(" from ")[0] for each in heard] == ["somebody came"]


@pytest.mark.timeout(240)
@pytest.mark.skipif(sys.platform != "linux", reason="the limits and what is no file are Linux's")
def test_bad_files_end_with_a_reason_and_harm_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name has to be short
    outcomes = list(bad_files.run(tmp_path, _few, _SECONDS, _MEGABYTES, with_long=False))
    assert {each.name for each in outcomes} >= _CHOSEN
    assert [each.name for each in outcomes if each.error == "nothing"] == []
    # The limit of time holds; twice it when a first host died of the file, and the start of a fresh one.
    assert [(each.name, each.seconds) for each in outcomes if each.seconds > 2 * _SECONDS + 5] == []
    assert [(each.name, each.megabytes) for each in outcomes if each.megabytes > _MEGABYTES + 300] == []
    ended = {each.name: each.error for each in outcomes}
    assert ended["one.zip"] == "NoTextInside"
    assert ended["pipe.txt"] == ended["socket.txt"] == ended["zero.txt"] == "NoFile"
    assert ended["circle.txt"] == ended["nowhere.txt"] == "Unreadable"
    assert ended["sparse.txt"] == ended["sparse.pdf"] == "TooLarge"
    assert ended["script-open.pdf"] == ended["embedded.pdf"] == ""
    assert ended["laughs.docx"] == "Damaged"
    assert {each.error for each in outcomes if each.kind == "odd name"} == {""}
