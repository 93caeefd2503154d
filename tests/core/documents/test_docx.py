"""Word files: everything that stands in them, in order."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from kotaemon_desktop.core.documents.docx_numbering import Numbering
from kotaemon_desktop.core.errors import Damaged, Encrypted, TooLarge, UnknownFormat

W = nsdecls("w")
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>'
)


@pytest.fixture
def by_hand(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs a Word file from the XML of its body."""

    def make(body: str, name: str = "hand.docx", **parts: str) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            overrides = "".join(
                f'<Override PartName="/word/{part}.xml" ContentType="{MAIN.replace("document.main", part)}"/>'
                for part in parts
            )
            package.writestr("[Content_Types].xml", TYPES.replace("</Types>", overrides + "</Types>"))
            package.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
            for part, content in parts.items():
                package.writestr(f"word/{part}.xml", content)
        return path

    return make


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_headings_tables_and_properties(read, tmp_path: Path) -> None:
    document = Document()
    document.core_properties.title = "Travel guide"
    document.add_heading("Travel", 1)
    document.add_heading("Rates", 2)
    document.add_paragraph("Rates are paid by the day.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Country", "Rate", "China", "30\neuros"], strict=True):
        cell.text = text
    document.add_paragraph("After the table.")
    document.sections[0].header.paragraphs[0].text = "Company confidential"
    path = tmp_path / "guide.docx"
    document.save(str(path))
    reading = read(path)
    assert (reading.head.title, reading.head.kind, reading.head.page_count) == ("Travel guide", "docx", None)
    assert reading.text == (
        "Travel\n\nRates\n\nRates are paid by the day.\n\n| Country | Rate |\n| China | 30 euros |\n\n"
        "After the table.\n\nCompany confidential"
    )
    assert reading.passages[0].heading == "Travel › Rates"


def test_heading_styles_based_on_others_and_outline_levels(read, tmp_path: Path) -> None:
    document = Document()
    style = document.styles.add_style("House heading", 1)
    style.base_style = document.styles["Heading 1"]
    document.add_paragraph("Leave", style="House heading")
    document.add_paragraph("Twenty days a year. " * 20)
    outlined = document.add_paragraph("Sick leave")
    outlined.paragraph_format.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="1"/>'))
    document.add_paragraph("Call in the morning. " * 20)
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert [passage.heading for passage in read(path).passages] == ["Leave", "Leave › Sick leave"]


def test_what_python_docx_skips(read, by_hand) -> None:
    body = (
        "<w:p><w:r><w:t>Kept </w:t></w:r><w:ins><w:r><w:t>inserted </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>deleted </w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>moved away </w:t></w:r></w:moveFrom>"
        "<w:r><w:t>end</w:t><w:tab/><w:t>tab</w:t><w:br/><w:t>line</w:t></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>"
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>PAGEREF x</w:instrText></w:r>"
        "<w:r><w:t>field result</w:t></w:r></w:p>"
        f"<w:p><w:r><w:t>Around</w:t></w:r><w:r><w:txbxContent>{paragraph('In a box')}</w:txbxContent></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>Mark deleted, text kept</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc>{paragraph('Only column')}</w:tc></w:tr></w:tbl>"
    )
    path = by_hand(
        body,
        footnotes=f"<w:footnotes {W}><w:footnote>{paragraph('A note')}</w:footnote></w:footnotes>",
        comments=f"<w:comments {W}><w:comment>{paragraph('A comment')}</w:comment></w:comments>",
        header=f"<w:hdr {W}>{paragraph('Running head')}</w:hdr>",
        footer=f"<w:ftr {W}>{paragraph('Running head')}</w:ftr>",
    )
    assert read(path).text.split("\n\n") == [
        "Kept inserted end\ttab\nline", "In a control", "field result", "In a box", "Around", "Mark deleted, text kept",
        "Only column", "A note", "A comment", "Running head",
    ]  # fmt: skip


def test_the_second_version_of_a_drawing_is_left_out(read, by_hand) -> None:
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = f"<w:txbxContent>{paragraph('In a box')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert read(by_hand(body)).text == "In a box"


def numbered(text: str, level: int, list_id: int = 1) -> str:
    marks = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr></w:pPr>'
    return paragraph(text, marks)


NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val=""/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="9"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1.%2"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="1"/>
<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>"""


def test_automatic_numbers_are_counted(read, by_hand) -> None:
    body = (
        numbered("目的", 0) + numbered("one", 1) + numbered("two", 1) + numbered("dot", 2) + numbered("范围", 0)
        + numbered("again", 1) + numbered("nine", 0, 2) + numbered("sub", 1, 2) + numbered("fresh", 0, 3)
        + numbered("off", 0, 0)
    )  # fmt: skip
    assert read(by_hand(body, numbering=NUMBERING)).text.split("\n\n") == [
        "第一条 目的", "(a) one", "(b) two", "dot", "第二条 范围", "(a) again", "9. nine", "9.I sub", "1. fresh", "off",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "number", "written"),
    [
        ("chineseCounting", 10, "十"), ("chineseCounting", 12, "十二"), ("chineseCounting", 20, "二十"),
        ("chineseCounting", 103, "一百零三"), ("chineseCounting", 1001, "一千零一"),
        ("chineseCounting", 110, "一百一十"),
        ("lowerLetter", 27, "aa"), ("upperLetter", 26, "Z"), ("lowerRoman", 1994, "mcmxciv"), ("decimalZero", 7, "07"),
        ("decimalEnclosedCircle", 3, "③"), ("somethingNew", 5, "5"),
    ],
)  # fmt: skip
def test_number_forms(form: str, number: int, written: str) -> None:
    level = f'<w:lvl w:ilvl="0"><w:start w:val="{number}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="%1"/></w:lvl>'
    xml = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    assert Numbering.read(xml.encode()).next("1", 0, "") == written


def test_a_bomb_is_refused_before_it_is_unpacked(read, tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", TYPES)
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)
    with pytest.raises(TooLarge, match=r"bomb\.docx"):
        read(path)


def test_entities_are_not_expanded(read, by_hand) -> None:
    path = by_hand("")
    bomb = "<!DOCTYPE d [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {new} '{f'&{old};' * 50}'>" for old, new in zip("abcde", "bcdef", strict=True)
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", TYPES)
        package.writestr(
            "word/document.xml", f"{bomb}]><w:document {W}><w:p><w:r><w:t>x&f;</w:t></w:r></w:p></w:document>"
        )
    with pytest.raises(Damaged, match=r"hand\.docx.*amplification"):
        read(path)


def test_damage_is_named(read, by_hand, tmp_path: Path) -> None:
    path = by_hand(paragraph("Some text. " * 500))
    data = path.read_bytes()
    for length in (10, len(data) // 2, len(data) - 5):
        path.write_bytes(data[:length])
        with pytest.raises(Damaged, match=r"hand\.docx"):
            read(path)
    middle = len(data) // 3
    path.write_bytes(data[:middle] + bytes(byte ^ 0x5A for byte in data[middle : middle + 40]) + data[middle + 40 :])
    with pytest.raises(Damaged, match=r"hand\.docx"):
        read(path)
    with pytest.raises(Damaged, match=r"open\.docx"):
        read(by_hand("<w:p><w:r>", name="open.docx"))


def test_locked_and_foreign_packages(read, by_hand, tmp_path: Path) -> None:
    path = by_hand(paragraph("x"))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 1)
    path.write_bytes(bytes(data))
    with pytest.raises(Encrypted):
        read(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/nothing.xml", "<x/>")
    with pytest.raises(UnknownFormat):
        read(path)
