"""OpenDocument files: texts, presentations and spreadsheets."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, Encrypted, NoText

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "presentation": "presentation",
        "svg": "svg-compatible",
    }.items()
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip


@pytest.fixture
def opendocument(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs the body of an OpenDocument file."""

    def make(kind: str, body: str, **parts: str) -> Path:
        path = tmp_path / "a.odt"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
            content = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
            package.writestr("content.xml", f"<office:document-content {SPACES}>{content}</office:document-content>")
            for name, part in parts.items():
                package.writestr({"meta": "meta.xml", "manifest": "META-INF/manifest.xml"}[name], part)
        return path

    return make


def cells(*texts: str) -> str:
    return "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in texts)


def test_text_in_order(opendocument, read) -> None:
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">Travel</text:h><text:h text:outline-level="2">Rates</text:h>'
        '<text:p>Paid<text:s text:c="2"/>by\n the <text:span>day</text:span><text:tab/>or<text:line-break/>hour'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>See below.</text:p>"
        "</text:note-body></text:note>.</text:p>"
        "<text:list><text:list-item><text:p>Train</text:p></text:list-item></text:list>"
        "<text:p>Box<draw:frame><draw:text-box><text:p>Inside</text:p></draw:text-box><svg:desc>A box</svg:desc>"
        "</draw:frame></text:p>"
        f"<table:table><table:table-row>{cells('Country', 'Rate')}</table:table-row>"
        f"<table:table-row>{cells('China', '30')}</table:table-row></table:table>"
        "<text:p>Why<office:annotation><dc:creator>Ann</dc:creator><dc:date>2024</dc:date><text:p>Check</text:p>"
        "</office:annotation></text:p>"
    )
    meta = (
        f"<office:document-meta {SPACES}><office:meta><dc:title>Guide</dc:title></office:meta></office:document-meta>"
    )
    reading = read(opendocument("text", body, meta=meta))
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("docx", "Guide", None)
    assert reading.text == (
        "Travel\n\nRates\n\nPaid  by  the day\tor\nhour.\n\nSee below.\n\n- Train\n\nBox\n\nInside\n\n"
        "| Country | Rate |\n| China | 30 |\n\nWhy\n\nCheck"
    )
    assert reading.passages[0].heading == "Travel › Rates"


def test_slides_are_pages(opendocument, read) -> None:
    body = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Opening</text:p></draw:text-box>'
        "</draw:frame><draw:frame><draw:text-box><text:p>Points</text:p></draw:text-box></draw:frame></draw:page>"
        "<draw:page><presentation:notes><draw:text-box><text:p>Say this</text:p></draw:text-box></presentation:notes>"
        "</draw:page>"
    )
    reading = read(opendocument("presentation", body))
    assert (reading.head.kind, reading.head.page_count) == ("pptx", 2)
    assert [(page.number, page.text) for page in reading.pages] == [(1, "Opening\n\nPoints"), (2, "Say this")]
    assert reading.passages[0].heading == "Opening"


def test_sheets_are_pages_and_endless_rests_cost_nothing(opendocument, read) -> None:
    rest = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row>'
    body = (
        f'<table:table table:name="Rates"><table:table-row>{cells("Country", "Rate")}'
        '<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
        f'<table:table-row table:number-rows-repeated="2">{cells("China", "30")}</table:table-row>{rest}</table:table>'
        f'<table:table table:name="Empty">{rest}</table:table>'
    )
    reading = read(opendocument("spreadsheet", body))
    assert (reading.head.kind, reading.head.page_count) == ("xlsx", 2)
    assert reading.text.strip() == "Rates\n\n| Country | Rate |\n| China | 30 |\n| China | 30 |"


def test_passwords_damage_and_nothing(opendocument, read) -> None:
    manifest = '<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(Encrypted, match=r"a\.odt"):
        read(opendocument("text", "", manifest=manifest))
    with pytest.raises(Damaged, match=r"a\.odt"):
        read(opendocument("text", "<text:p>"))
    with pytest.raises(NoText, match=r"a\.odt"):
        read(opendocument("text", ""))
