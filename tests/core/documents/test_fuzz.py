"""Random input for the readers' own code: it ends as text or as a named error, in a bounded time, and adds up.

Short here; ``KOTAEMON_FUZZ=5000 pytest tests/core/documents/test_fuzz.py`` tries that many inputs each.
"""

from __future__ import annotations

import contextlib
import os
import warnings
import zipfile
from io import BytesIO
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.documents.flow import FlowPage, Heading, Table
from kotaemon_desktop.core.documents.formats import reader
from kotaemon_desktop.core.documents.source import Part
from kotaemon_desktop.core.documents.splitter import Splitter
from kotaemon_desktop.core.errors import ReadError
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText
from kotaemon_desktop.core.text.sentences import sentences
from kotaemon_desktop.core.text.words import index_tokens, query_tokens

fuzzed = settings(
    max_examples=int(os.environ.get("KOTAEMON_FUZZ", "60")),
    deadline=4000,
    derandomize="KOTAEMON_FUZZ" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def pieces(*known: str, most: int = 60) -> st.SearchStrategy[bytes]:
    """Bytes made of what the format is made of, and of anything else."""
    words = st.sampled_from([word.encode() for word in known])
    return st.lists(st.one_of(words, words, words, st.binary(max_size=12)), max_size=most).map(b"".join)


def read(name: str, data: bytes) -> None:
    """Read ``data`` as the file ``name`` and cut what it holds; every passage has to be a piece of its page."""
    part = Part(name, data, 0)
    splitter = Splitter(900, "name")
    with contextlib.suppress(ReadError):
        for item in reader(detect(part))(part):
            if isinstance(item, DocumentHead):
                continue
            text = item.page.text
            for heading in item.headings:
                assert 0 <= heading.start <= heading.end <= len(text)
            for table in item.tables:
                assert 0 <= table.start <= table.heading_end <= table.end <= len(text)
            for draft in splitter.cut(item):
                assert draft.text == text[draft.start : draft.end]


@fuzzed
@given(
    st.binary(max_size=400),
    st.sampled_from([".txt", ".md", ".csv", ".html", ".eml", ".mht", ".rtf", ".pdf", ".zip", ""]),
)
def test_anything(data: bytes, ending: str) -> None:
    read(f"a{ending}", data)


@fuzzed
@given(
    pieces("{", "}", "\\par ", "\\f1", "\\fonttbl", "\\fcharset134 ", "\\stylesheet", "\\s1 ",
    "\\outlinelevel0 ", "\\footnote ",
           "\\u24180 ?", "\\uc2 ", "\\'b9", "\\bin3 ", "\\intbl ", "\\cell ", "\\row ", "\\*", "\\info",
           "\\title ", "\\ansicpg936 ",
           "\\plain ", "\\pard ", "\\v ", "\\v0 ", "\\\\", "words")
)  # fmt: skip
def test_rtf(body: bytes) -> None:
    read("a.rtf", b"{\\rtf1 " + body)


@fuzzed
@given(
    pieces("# ", "## ", "\n", "\n\n", "---", "===", "|", "|-|", "| a | b |", "```", "~~~", "title: ", "- ",
    "1. ", "words ", "    ",
           "> ", "。", "年", "<div>", "<!-- ", " -->")
)  # fmt: skip
def test_markdown(body: bytes) -> None:
    read("a.md", b"# Words\n" + body)


@fuzzed
@given(pieces(",", ";", "\t", '"', "\n", "\r", "1", "name", "2024-01-01", " ", "年"))
def test_delimited(body: bytes) -> None:
    read("a.csv", b"a,b\n" + body)


@fuzzed
@given(
    pieces("Content-Type: ", "multipart/mixed", "multipart/alternative", "message/rfc822", "text/html",
    "text/plain", "; boundary=b",
           "; charset=", "utf-8", "gb2312", "no-such", "\n", "\n\n", "--b", "--b--",
           "Content-Transfer-Encoding: ", "base64",
           "quoted-printable", "Content-Disposition: attachment; filename=", "filename*=utf-8''%ff",
           "Subject: ", "=?utf-8?b?",
           "?=", "To: ", "<a@b.c>", ",", "(", '"', "\\", "words", "Date: ")
)  # fmt: skip
def test_mail(body: bytes) -> None:
    read("a.eml", b"MIME-Version: 1.0\nMessage-ID: <1>\n" + body)
    read("a.mht", b"MIME-Version: 1.0\nFrom: <Saved by a browser>\n" + body)


@fuzzed
@given(
    pieces("<p>", "</p>", "<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "<h1>", "</h1>", "<pre>",
    "</pre>", "<main>",
           "<title>", "<li>", "<br>", "<nav>", "<script>", "<!--", "-->", "<meta charset=", "'gb2312'>",
           " hidden>", "&amp;", "&#0;",
           "&#xd800;", "words")
)  # fmt: skip
def test_html(body: bytes) -> None:
    read("a.html", b"<html>" + body)


_XML = ("<p>", "</p>", "<t>", "</t>", "<r>", "<tbl>", "<tr>", "<tc>", "</tc>", "</tr>", "</tbl>", "<table>",
"<table-row>",
        "<table-cell>", "<sheetData>", "<row r='1'>", "<c r='B2' t='s'>", "<v>", "1", "</v>", "</c>", "</row>",
        "<pStyle val='a'/>",
        "<numId val='1'/>", "<ilvl val='9'/>", "<txbxContent>", "<del>", "<s c='9'/>", "<!ENTITY a 'b'>",
        "&a;", "words")  # fmt: skip
_TYPES = (
    '<Types><Override PartName="/main.xml" ContentType="application/vnd.openxmlformats-officedocument.{}.main+xml"/>'
    "</Types>"
)


@fuzzed
@given(pieces(*_XML), st.sampled_from(["word", "ppt", "xl", "odt", "epub"]), st.binary(max_size=60), st.booleans())
def test_packages(body: bytes, form: str, noise: bytes, closed: bool) -> None:
    main = b"<document>" + body + (b"</document>" if closed else b"")
    kinds = {"word": "wordprocessingml.document", "ppt": "presentationml.presentation", "xl": "spreadsheetml.sheet"}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        if form in kinds:
            package.writestr("[Content_Types].xml", _TYPES.format(kinds[form]))
            package.writestr(f"{form}/a.xml", b"")
        elif form == "odt":
            package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            package.writestr("content.xml", b"<a><body><text>" + body + (b"</text></body></a>" if closed else b""))
        else:
            package.writestr("META-INF/container.xml", "<a><rootfile full-path='main.xml'/></a>")
        package.writestr("main.xml", main)
    data = bytearray(buffer.getvalue())
    data[len(data) // 2 : len(data) // 2 + len(noise)] = noise
    read("a.zip", buffer.getvalue())
    read("a.zip", bytes(data))


@fuzzed
@given(
    st.dictionaries(st.text(max_size=20), st.one_of(st.binary(max_size=80), st.just(b"Words.")), max_size=6),
    st.data(),
)
def test_archives(members: dict[str, bytes], data: st.DataObject) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # names that are one and the same once they are encoded
        for name, content in members.items():
            with archive.open(zipfile.ZipInfo(name.encode("utf-8", "replace").decode()), "w") as member:
                member.write(content)
    packed = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    read("a.zip", bytes(packed))


_TEXT = st.text(st.one_of(st.sampled_from(" \n.,。！？!…“”()|-_1a年月第条\u3000\u0301"), st.characters()), max_size=400)


@fuzzed
@given(_TEXT, st.lists(st.integers(0, 400), max_size=8), st.integers(2, 60))
def test_passages_hold_every_word_and_are_pieces_of_their_page(text: str, places: list[int], aim: int) -> None:
    ends = sorted({min(place, len(text)) for place in places})
    headings = tuple(Heading(start, end, 1 + start % 3) for start, end in list(pairwise(ends))[::2])
    tables = tuple(Table(start, end, start) for start, end in list(pairwise(ends))[1::4])
    flow = FlowPage(PageText(1, text, PageKind.TEXT), headings, tables)
    covered = set[int]()
    for draft in Splitter(aim, "name").cut(flow):
        assert draft.text == text[draft.start : draft.end]
        covered.update(range(draft.start, draft.end))
    assert all(text[at].isspace() for at in range(len(text)) if at not in covered)


@fuzzed
@given(_TEXT)
def test_sentences_hold_every_word_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    held = "".join(text[start:end] for start, end in spans)
    assert "".join(held.split()) == "".join(text.split())


@fuzzed
@given(_TEXT)
def test_search_words_hold_no_white_space(text: str) -> None:
    for token in (*index_tokens(text), *query_tokens(text)):
        assert token
        assert not any(map(str.isspace, token))
