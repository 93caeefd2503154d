"""Makes the sample documents in ``resources/samples`` from ``packaging/samples``.

Run with: uv run --group dev python packaging/make_samples.py

The sources are a small Markdown: headings, paragraphs, lists, tables and the line ``newpage`` with a backslash. Each
becomes one kind of file that the program reads, the same bytes each time.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "packaging" / "samples"
TARGET = ROOT / "resources" / "samples"
CJK_FACE = ROOT / "resources" / "fonts" / "DroidSansFallback-GB2312.ttf"
WRITTEN = dt.datetime(2025, 3, 3, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a source. ``kind`` is h1, h2, text, bullet, number, table or newpage; a table's rows are cells."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(source: str) -> Iterator[Block]:
    """Cut a source into blocks at its empty lines; each line of a list is a block of its own."""
    for part in re.split(r"\n\s*\n", source.strip()):
        lines = part.splitlines()
        if lines[0].startswith("|"):
            rows = [tuple(c.strip() for c in line.strip().strip("|").split("|")) for line in lines]
            yield Block("table", rows=(rows[0], *rows[2:]))
        elif part == "\\newpage":
            yield Block("newpage")
        else:
            for line in lines:
                mark, _, rest = line.partition(" ")
                kind = {"#": "h1", "##": "h2", "-": "bullet"}.get(mark)
                kind = kind or ("number" if re.fullmatch(r"\d+\.", mark) else "text")
                yield Block(kind, line if kind == "text" else rest)


def write_pdf(source: str, target: Path) -> None:
    """Write A4 pages; Chinese characters in the bundled face, embedded as a subset with a map back to Unicode."""
    pdfmetrics.registerFont(TTFont("cjk", CJK_FACE))
    chinese = bool(re.search(r"[一-鿿]", source))
    title = next(b.text for b in blocks(source) if b.kind == "h1")
    pdf = SimpleDocTemplate(
        str(target),
        pagesize=A4,
        title=title,
        author="Heron Cycles",
        invariant=1,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=22 * mm,
        bottomMargin=22 * mm,
    )
    pdf.build([_flowable(block, chinese) for block in blocks(source)])


def _flowable(block: Block, chinese: bool) -> Flowable:
    if block.kind == "newpage":
        return PageBreak()
    if block.kind == "table":
        style = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")])
        return Table([[_paragraph(Block("text", cell), chinese) for cell in row] for row in block.rows], style=style)
    return _paragraph(block, chinese)


def _paragraph(block: Block, chinese: bool) -> Paragraph:
    size = {"h1": 20, "h2": 14}.get(block.kind, 10.5)
    font = "Helvetica-Bold" if block.kind in ("h1", "h2") else "Helvetica"
    style = ParagraphStyle(
        block.kind,
        fontName=font,
        fontSize=size,
        leading=size * 1.5,
        alignment=TA_LEFT,
        spaceBefore=size * 0.6,
        spaceAfter=size * 0.5,
        wordWrap="CJK" if chinese else None,
    )
    marked = re.sub(r"[⺀-鿿　-〿＀-￯]+", r'<font name="cjk">\g<0></font>', html.escape(block.text))
    return Paragraph(marked, style, bulletText="•" if block.kind == "bullet" else None)


def write_docx(source: str, target: Path) -> None:
    """Write real Word headings, lists and tables."""
    document = docx.Document()
    document.core_properties.author = "Heron Cycles"
    document.core_properties.created = document.core_properties.modified = WRITTEN
    styles = {"h1": "Title", "h2": "Heading 1", "bullet": "List Bullet", "number": "List Number", "text": None}
    for block in blocks(source):
        if block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(block.text, style=styles[block.kind])
    packed = io.BytesIO()
    document.save(packed)
    _zip_without_clock(packed, target)


def _zip_without_clock(packed: io.BytesIO, target: Path) -> None:
    """Copy a ZIP with fixed dates on its members, so that the same source gives the same bytes."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(zipfile.ZipInfo(name, WRITTEN.timetuple()[:6]), source.read(name), zipfile.ZIP_DEFLATED)


def write_html(source: str, target: Path) -> None:
    """Write a page with a style, a script and a menu, which are not its text."""
    body: list[str] = []
    for block in blocks(source):
        if block.kind == "table":
            tags = ["th", *["td"] * len(block.rows)]
            rows = ["".join(f"<{t}>{html.escape(c)}</{t}>" for c in r) for t, r in zip(tags, block.rows, strict=False)]
            body.append("<table>\n" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "\n</table>")
        else:
            tag = {"text": "p", "bullet": "p", "number": "p"}.get(block.kind, block.kind)
            body.append(f"<{tag}>{html.escape(block.text)}</{tag}>")
    title = next(b.text for b in blocks(source) if b.kind == "h1")
    target.write_text(
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        "<style>body { font-family: sans-serif; max-width: 40em }</style>\n"
        "<script>document.title += ' · Heron Cycles'</script>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n",
        encoding="utf-8",
    )


def write_gb18030(source: str, target: Path) -> None:
    """Write plain text as many older Chinese programs do."""
    target.write_bytes(source.removeprefix("# ").encode("gb18030"))


WRITERS: dict[str, Callable[[str, Path], None]] = {
    "Employee Handbook.pdf": write_pdf,
    "员工手册.pdf": write_pdf,
    "Service Plans.docx": write_docx,
    "采购与报销制度.docx": write_docx,
    "Battery Questions.html": write_html,
    "周会纪要.txt": write_gb18030,
}


def main() -> None:
    """Write every sample."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, write in WRITERS.items():
        source = (SOURCES / name).with_suffix(".md")
        write(source.read_text(encoding="utf-8"), TARGET / name)
    shutil.copyfile(SOURCES / "Workshop Guide.md", TARGET / "Workshop Guide.md")
    for file in sorted(TARGET.iterdir()):
        print(f"{file.stat().st_size:>8,} {file.name}")


if __name__ == "__main__":
    main()
