"""Spoils good files of every format: bits turned over, pieces cut out, doubled or filled with noise. Seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.bad_files_made import FORMS, Made, office
from tests.reliability.bad_files_pdf import document

ROOT = Path(__file__).resolve().parents[2]
MESSY = ROOT / ".." / "shared" / "messy"
_LARGEST = 300_000  # bytes of a file worth spoiling: in a larger one a turned bit mostly hits a picture


def good() -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of files that can be read, or nearly."""
    for path in sorted((ROOT / "resources" / "samples").iterdir()):
        if path.suffix != ".json":
            yield path.name, path.read_bytes()
    for form in FORMS:
        yield f"made.{form}", office(form, "<a><p>The depot opens at nine.</p></a>")
    yield "made.pdf", document()
    yield "made.rtf", b"{\\rtf1\\ansi {\\fonttbl{\\f0 Arial;}}\\pard The depot {\\b opens} at nine.\\par \\u24180 ?}"
    yield (
        "made.eml",
        (
            b"MIME-Version: 1.0\nFrom: a@example.org\nSubject: =?utf-8?b?5bm05YGH?=\nContent-Type: multipart/mixed; "
            b"boundary=b\n\n--b\nContent-Type: text/html\n\n<p>The depot opens at nine.</p>\n--b\nContent-Disposition: "
            b"attachment; filename=a.txt\n\nhello\n--b--\n"
        ),
    )
    yield "made.csv", b'name,"hours, open"\ndepot,9\ncanteen,12\n' * 20
    for path in sorted(MESSY.rglob("*")) if MESSY.is_dir() else ():
        if path.is_file() and path.suffix.lower() not in {".txt", ".md"} and 0 < path.stat().st_size <= _LARGEST:
            yield path.name, path.read_bytes()


def made(count: int, seed: int = 20) -> Iterator[Made]:
    """Yield ``count`` spoiled files, the formats in turn."""
    chance = random.Random(seed)
    originals = list(good())
    for number in range(count):
        name, data = originals[number % len(originals)]
        yield "mutation", f"{number:04} {name}", _spoiled(data, chance)


def _spoiled(data: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(data)
    way = chance.randrange(5)
    place = chance.randrange(len(spoiled))
    length = chance.randrange(1, max(2, min(200, len(spoiled))))
    if way == 0:
        for _ in range(chance.choice((1, 8, 64))):
            spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
    elif way == 1:
        del spoiled[place:]
    elif way == 2:
        del spoiled[place : place + length]
    elif way == 3:
        spoiled[place:place] = spoiled[place : place + length] * chance.choice((1, 50))
    else:
        spoiled[place : place + length] = chance.randbytes(length)
    return bytes(spoiled)
