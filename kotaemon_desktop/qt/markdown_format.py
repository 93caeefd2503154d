"""Gives Qt's Markdown the look of the window: chips for citations, framed code, tables and margins on the grid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme

CITATION = "cite:"  # a link to this and a number is a citation
CODE = "code:"  # a link to this and a number copies that block

_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_RULER = QTextFormat.Property.BlockTrailingHorizontalRulerWidth
_ANCHOR = "."  # a paragraph before the text; see laid_out
_HEADING_SIZES = {1: 2, 2: 1}  # steps over the text's own size; deeper headings are bold only


def is_spare(block: QTextBlock) -> bool:
    """Tell whether ``block`` is the empty line that Qt keeps after a frame or table."""
    return block.length() == 1 and block.textList() is None and not block.blockFormat().hasProperty(_RULER)


def shrink(cursor: QTextCursor) -> None:
    """Make an empty line that cannot be removed one pixel high."""
    line = QTextBlockFormat()  # a fresh one: also takes the line out of a list that was cut away
    line.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    cursor.setBlockFormat(line)


def insert_code(cursor: QTextCursor, text: str, language: str, number: int) -> None:
    """Put ``text`` in a frame of its own, below its language and a link to copy it; the cursor goes after it."""
    colours = theme.current()
    frame = QTextFrameFormat()
    frame.setBackground(colours.colour("surface"))
    frame.setBorder(1)
    frame.setBorderBrush(colours.colour("border"))
    frame.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    frame.setPadding(theme.GAP)
    frame.setTopMargin(theme.TIGHT)
    frame.setBottomMargin(theme.GAP)
    cursor.insertFrame(frame)
    _insert_code_heading(cursor, language, number)
    cursor.insertText(text, _code_format())
    cursor.movePosition(QTextCursor.MoveOperation.End)


def _insert_code_heading(cursor: QTextCursor, language: str, number: int) -> None:
    colours = theme.current()
    muted = QTextCharFormat()
    muted.setForeground(colours.colour("text_muted"))
    link = QTextCharFormat()
    link.setAnchor(True)
    link.setAnchorHref(f"{CODE}{number}")
    link.setForeground(colours.colour("accent"))
    below = QTextBlockFormat()
    below.setBottomMargin(theme.TIGHT)
    cursor.setBlockFormat(below)
    if language:
        cursor.insertText(f"{language} · ", muted)
    cursor.insertText(_("Copy"), link)
    cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())


def mark_unsupported(document: QTextDocument, statements: Sequence[str]) -> None:
    """Underline each of ``statements``, as Markdown, where the document says it; a tip tells why."""
    if not statements:
        return
    look = QTextCharFormat()
    look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    look.setUnderlineColor(theme.current().colour("warning"))
    look.setToolTip(_("No passage that was found supports this statement."))
    text = document.toPlainText().replace("\N{NO-BREAK SPACE}", " ")
    cursor = QTextCursor(document)
    for statement in statements:
        words = re.findall(r"[^\s*_`#>\[\]\\|~]+", statement)
        found = re.search(r"[\s\W]*?".join(map(re.escape, words)), text) if words else None
        if found is not None:
            cursor.setPosition(_units(text, found.start()))
            cursor.setPosition(_units(text, found.end()), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(look)


def _units(text: str, position: int) -> int:
    """Return ``position`` in UTF-16 units, as Qt counts."""
    return position if text.isascii() else len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


def _code_format() -> QTextCharFormat:
    code = QTextCharFormat()
    code.setFontFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
    code.setFontFixedPitch(True)
    return code


def laid_out(markdown: str, font: QFont) -> QTextDocumentFragment:
    """Return ``markdown`` as Qt reads it, with our margins, chips, tables and colours, from a new line on.

    A fragment's first block merges into the line it is inserted at and loses its format, its list and its quote. So the
    fragment begins at the end of a line of our own.
    """
    scratch = QTextDocument()
    scratch.setUndoRedoEnabled(False)
    scratch.setDefaultFont(font)
    scratch.setMarkdown(f"{_ANCHOR}\n\n{markdown}", _FEATURES)
    cursor = QTextCursor(scratch)
    for table in _tables(scratch):
        _dress_table(table)
    block = scratch.begin().next()
    while block.isValid():
        spans = [(piece.position(), piece.length(), piece.charFormat()) for piece in _pieces(block)]
        cursor.setPosition(block.position())
        cursor.mergeBlockFormat(_block_format(block, in_table=cursor.currentTable() is not None))
        level = block.blockFormat().headingLevel()
        for position, length, before in spans:
            if after := _span_format(before, level):
                cursor.setPosition(position)
                cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(after)
        block = block.next()
    cursor.setPosition(len(_ANCHOR))
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    return QTextDocumentFragment(cursor)


def _pieces(block: QTextBlock) -> Iterator[QTextFragment]:
    entry = block.begin()
    while not entry.atEnd():
        yield entry.fragment()
        entry += 1


def _tables(document: QTextDocument) -> Iterator[QTextTable]:
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            yield frame


def _dress_table(table: QTextTable) -> None:
    colours = theme.current()
    look = QTextTableFormat()
    look.setBorderCollapse(True)
    look.setBorder(1)
    look.setBorderBrush(colours.colour("border"))
    look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    look.setCellPadding(theme.TIGHT)
    look.setCellSpacing(0)
    look.setTopMargin(theme.TIGHT)
    look.setBottomMargin(theme.GAP)
    look.setHeaderRowCount(1)
    look.setWidth(QTextLength())  # as wide as its content
    table.setFormat(look)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        head = cell.format().toTableCellFormat()
        head.setBackground(colours.colour("surface"))
        head.setFontWeight(QFont.Weight.Bold)
        cell.setFormat(head)


def _block_format(block: QTextBlock, *, in_table: bool) -> QTextBlockFormat:
    """Return what changes of the block's format: margins on our grid, code that wraps, quotes less far to the right."""
    before = block.blockFormat()
    after = QTextBlockFormat()
    after.setTopMargin(0)
    after.setBottomMargin(0 if in_table else theme.GAP)
    after.setLineHeight(120, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if before.headingLevel():
        after.setTopMargin(theme.GAP if block.blockNumber() else 0)
        after.setBottomMargin(theme.TIGHT)
    elif block.textList() is not None:
        after.setBottomMargin(theme.TIGHT)
    elif before.hasProperty(QTextFormat.Property.BlockQuoteLevel):
        after.setLeftMargin(theme.WIDE * before.intProperty(QTextFormat.Property.BlockQuoteLevel))
    elif before.nonBreakableLines():  # code by indentation
        after.setNonBreakableLines(False)
        after.setBottomMargin(0)
        after.setBackground(theme.current().colour("surface"))
    return after


def _span_format(before: QTextCharFormat, heading: int) -> QTextCharFormat | None:
    """Return what changes of a span's format, or None: citations become chips, code and links get their colours."""
    colours = theme.current()
    after = QTextCharFormat()
    if before.anchorHref().startswith(CITATION):
        after.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        after.setForeground(colours.colour("accent"))
        after.setBackground(colours.colour("selected"))
        after.setFontUnderline(False)
        after.setFontWeight(QFont.Weight.DemiBold)
    elif before.isAnchor():
        after.setForeground(colours.colour("accent"))
        after.setFontUnderline(True)
    elif before.fontFixedPitch():
        after.merge(_code_format())
        after.setBackground(colours.colour("surface"))
    elif heading:
        after.setProperty(QTextFormat.Property.FontSizeAdjustment, _HEADING_SIZES.get(heading, 0))
        after.setFontWeight(QFont.Weight.Bold)
    else:
        return None
    return after
