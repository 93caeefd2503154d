"""Excel workbooks: what the cells show, each row under the names of its columns."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, NoText, TooLarge

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def rows(*lines: str) -> str:
    """Return a sheet of ``lines``, each the cells of a row."""
    body = "".join(f'<row r="{n}">{cells}</row>' for n, cells in enumerate(lines, 1))
    return f'<worksheet xmlns="{SHEET}"><sheetData>\n{body}</sheetData></worksheet>'


def texts(*words: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{word}</t></is></c>' for word in words)


@pytest.fixture
def book(pack_office) -> Callable[..., Path]:
    """Return a function that packs a workbook of ``sheets`` (by name); ``extra`` parts are (kind, content) by name."""

    def pack(sheets: dict[str, str], properties: str = "", parts: dict | None = None, relations: dict | None = None,
             **extra: str) -> Path:  # fmt: skip
        listing = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
        main = f'<workbook xmlns="{SHEET}" NAMES>{properties}<sheets>{listing}</sheets></workbook>'
        own = {f"xl/worksheets/sheet{n}.xml": content for n, content in enumerate(sheets.values(), 1)}
        links = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
        links += [(kind, f"{kind}.xml") for kind in extra]
        return pack_office(
            "book.xlsx", "xl/workbook.xml",
            {"xl/workbook.xml": main} | own | {f"xl/{kind}.xml": text for kind, text in extra.items()} | (parts or {}),
            {"xl/workbook.xml": links} | (relations or {}),
        )  # fmt: skip

    return pack


def test_sheets_are_pages_under_their_names(book, read) -> None:
    table = rows(texts("Country", "Rate"), texts("China", "30"), texts("Peru", "25"))
    reading = read(book({"Rates": table, "Empty": rows(), "Notes": rows(texts("Paid by the day."))}))
    assert (reading.head.kind, reading.head.page_count, reading.head.title) == ("xlsx", 3, "book")
    assert [(page.number, page.text) for page in reading.pages] == [
        (1, "Rates\n\n| Country | Rate |\n| China | 30 |\n| Peru | 25 |"),
        (3, "Notes\n\nPaid by the day."),
    ]


def test_rows_of_a_long_table_keep_the_names_of_their_columns(book, read) -> None:
    lines = [texts("Country", "Daily rate"), *(texts(f"Country number {n}", f"{n} euros") for n in range(200))]
    reading = read(book({"Rates": rows(*lines)}))
    assert len(reading.passages) > 5
    assert all(passage.heading.startswith("Rates") for passage in reading.passages)
    assert all("Daily rate" in passage.heading + passage.text for passage in reading.passages)
    assert all({"daili", "rate"} <= set(passage.tokens.split()) for passage in reading.passages)


def test_values_read_as_they_are_shown(book, read) -> None:
    styles = (
        f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/>'
        '<numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="[Red]0.0 &quot;days&quot;"/>'
        '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="164"/>'
        '<xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="22"/></cellXfs></styleSheet>'
    )
    values = ["45413", "45413", "0.155", "45413", "1.75", "2.5", "0.5", "45413.75"]
    cells = "".join(f'<c s="{style}"><v>{value}</v></c>' for style, value in enumerate(values))
    more = '<c><v>0.30000000000000004</v></c><c t="b"><v>1</v></c><c t="str"><f>A1</f><v>sum</v></c>'
    more += '<c t="e"><v>#N/A</v></c>'
    reading = read(book({"S": rows(cells, more)}, styles=styles))
    assert reading.text.split("\n")[-2:] == [
        "| 45413 | 2024-05-01 | 15.5% | 2024-05-01 | 42:00 | 2.5 | 12:00:00 | 2024-05-01 18:00:00 |",
        "| 0.3 | TRUE | sum | #N/A |  |  |  |  |",
    ]


def test_days_are_counted_from_1904_where_the_workbook_says_so(book, read) -> None:
    styles = f'<styleSheet xmlns="{SHEET}"><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    path = book({"S": rows('<c s="0"><v>0</v></c>')}, properties='<workbookPr date1904="1"/>', styles=styles)
    assert read(path).text.endswith("1904-01-01")


def test_shared_texts_without_how_they_are_spoken(book, read) -> None:
    shared = (
        f'<sst xmlns="{SHEET}"><si><t>年休假</t><rPh><t>ねん</t></rPh></si>'
        "<si><r><t>rich </t></r><r><t>text</t></r></si></sst>"
    )
    path = book(
        {"S": rows('<c t="s"><v>1</v></c>', '<c t="s"><v>0</v></c>', '<c t="s"><v>9</v></c>')}, sharedStrings=shared
    )
    assert read(path).text == "S\n\nrich text\n年休假"


def test_titles_stand_above_their_table(book, read) -> None:
    table = rows(texts("Travel rates"), texts("", "Country", "Rate"), texts("", "China", "30"), "", texts("Source: HR"))
    assert read(book({"S": table})).text == "S\n\nTravel rates\n\n| Country | Rate |\n| China | 30 |\n\nSource: HR"


def test_comments_and_drawings_follow_the_sheet(book, read) -> None:
    path = book(
        {"S": rows(texts("Cell"))},
        parts={
            "xl/comments1.xml": f'<comments xmlns="{SHEET}"><commentList><comment ref="A1"><text><r><t>Check </t></r>'
            "<r><t>this</t></r></text></comment></commentList></comments>",
            "xl/drawings/drawing1.xml": "<x NAMES><a:p><a:r><a:t>In a box</a:t></a:r></a:p></x>",
        },
        relations={
            "xl/worksheets/sheet1.xml": [("comments", "../comments1.xml"), ("drawing", "../drawings/drawing1.xml")]
        },
    )
    assert read(path).text == "S\n\nCell\n\nA1: Check this\n\nIn a box"


def test_a_cell_at_the_far_end_costs_nothing(book, read) -> None:
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
    sheet += '<c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'
    assert read(book({"S": sheet})).text == "S\n\n1\n\n2"


def test_rows_that_end_far_to_the_right_cost_what_is_in_them(book, read) -> None:
    cells = '<c r="XFD{n}"><v>{n}</v></c><c r="A{n}" t="inlineStr"><is><t>Item {n}</t></is></c>'  # in any order
    lines = [texts("Name") + '<c r="XFD1" t="inlineStr"><is><t>Rate</t></is></c>']
    lines += [cells.format(n=n) for n in range(2, 1000)]
    path = book({"S": rows(*lines)})
    began = time.process_time()
    text = read(path).text
    assert time.process_time() - began < 2  # 6 ms a row went into cells that are not there
    assert text.startswith("S\n\n| Name | Rate |\n| Item 2 | 2 |\n| Item 3 | 3 |\n")


def test_empty_workbooks_and_damage_are_named(book, read) -> None:
    with pytest.raises(NoText, match=r"book\.xlsx"):
        read(book({"S": rows()}))
    with pytest.raises(Damaged, match=r"book\.xlsx"):
        read(book({}))
    with pytest.raises(Damaged, match=r"book\.xlsx"):
        read(book({"S": rows("<c")}))


def test_bombs_are_refused_before_they_are_unpacked(book, read) -> None:
    with pytest.raises(TooLarge, match=r"book\.xlsx"):
        read(book({"S": rows(texts("x" * 257_000_000))}))
