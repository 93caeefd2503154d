"""Writes an answer's Markdown into a QTextDocument; only blocks that changed are laid out again."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from PySide6.QtGui import QTextCursor, QTextDocument

from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.markdown_format import CITATION, insert_code, is_spare, laid_out, shrink

_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*([^`\s]*)[^`]*$")
_LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_CODE_SPAN = re.compile(r"(`+)(?:(?!`).+?)(?<!`)\1(?!`)", re.DOTALL)
_MARK = re.compile(r"([^\S\n]*)(?<!\\)!?\[(\d{1,3}(?:\s*[,，]\s*\d{1,3})*)\](?!\()")
_LINE_OPENING = re.compile(r"[\s>#*+-]*(?:\d{1,9}[.)])?")  # what may stand before a line's own words
_IMAGE = re.compile(r"(?<!\\)!(?=\[)")
_OPEN = 2  # blocks at the end that more text can change: half a number begins one, and with its dot goes on a list
_HALF_MARK = re.compile(r"\s*\[[\d,， ]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of Markdown that can be laid out alone; ``language`` is None for text, a name or "" for fenced code."""

    text: str
    language: str | None = None


def split(source: str) -> list[Block]:
    """Cut ``source`` where a new block surely begins: around fenced code, and at blank lines outside of lists.

    A fence that is not closed yet ends with the source. Fenced code loses its fences and their indentation.
    """
    return [block for _place, block in _split(source)]


def _split(source: str) -> list[tuple[int, Block]]:
    """Return the blocks of ``source``, each with the place from where on it, and what follows, can be split alone."""
    blocks: list[tuple[int, Block]] = []
    lines: list[str] = []
    fence: re.Match[str] | None = None
    begun = place = 0  # where the block that grows begins, and the line

    def end(language: str | None = None) -> None:
        text = "\n".join(lines)
        if text.strip() or language is not None:
            blocks.append((begun, Block(text if language is not None else text.strip("\n"), language)))
        lines.clear()

    for line in source.split("\n"):
        if fence is not None:
            if _closes(line, fence[2]):
                end(fence[3])
                fence = None
                begun = place + len(line) + 1
            else:
                lines.append(line.removeprefix(fence[1]))
        elif fence := _FENCE.match(line):
            end()
            begun = place
        else:
            if lines and not lines[-1].strip() and _begins(line, lines):
                end()
                begun = place
            lines.append(line)
        place += len(line) + 1
    end(fence[3] if fence is not None else None)
    return blocks


def _closes(line: str, fence: str) -> bool:
    line = line.strip()
    return line.startswith(fence) and not line.strip(fence[0])


def _begins(line: str, before: list[str]) -> bool:
    """Tell whether ``line``, after a blank one, stands alone: neither indented nor the next item of a list."""
    if not line.strip() or line[0].isspace():
        return False
    return not (_LIST_ITEM.match(line) and any(_LIST_ITEM.match(earlier) for earlier in before))


def linked(text: str, numbers: Container[int] | None) -> str:
    """Turn the marks [n] of ``numbers`` into links, other [n] into plain text, and pictures into mere links.

    Without ``numbers`` the citations are not known yet: marks of one or two digits are left out until they are.
    """

    def mark(match: re.Match[str]) -> str:
        found = [int(n) for n in re.split(r"\s*[,，]\s*", match[2])]
        if numbers is None and max(found) < 100:
            return ""
        if numbers is None or not all(n in numbers for n in found):
            return rf"{match[1]}\[{match[2]}\]"
        return _joint(match) + "".join(rf"[\[{n}\]]({CITATION}{n})" for n in found)

    def prose(piece: str) -> str:
        return _IMAGE.sub("", _MARK.sub(mark, piece))

    parts: list[str] = []
    position = 0
    for code in _CODE_SPAN.finditer(text):
        parts += prose(text[position : code.start()]), code[0]
        position = code.end()
    return "".join(parts) + prose(text[position:])


def _linked(block: Block, numbers: Container[int] | None) -> Block:
    return block if block.language is not None else Block(linked(block.text, numbers))


def _joint(match: re.Match[str]) -> str:
    """Return what joins a mark to the words before it: a space at which no line breaks."""
    line = match.string[: match.start()].rpartition("\n")[2]
    if line.endswith("]"):
        return ""
    if _LINE_OPENING.fullmatch(line):
        return match[1]
    return "\N{NO-BREAK SPACE}"


def closed(text: str) -> str:
    """Close what the end of an unfinished text leaves open (bold, code, half a mark), so that nothing flashes by."""
    text = _HALF_MARK.sub("", text)
    head, _, line = text.rpartition("\n")
    if line.strip() and not line.strip().strip("`~"):
        return head  # the beginning of a fence
    prose = _CODE_SPAN.sub("", text)
    if prose.count("`") % 2:
        return text.rstrip("`") if text.endswith("`") else text + "`"
    if prose.count("**") % 2:
        text = text.rstrip("*").rstrip()
        return text + "**" if _CODE_SPAN.sub("", text).count("**") % 2 else text
    return text


class MarkdownWriter:
    """Keeps one document equal to a Markdown source that grows. Owns its content; lives in the GUI thread."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._written: list[Block] = []
        self._ends: list[_End] = []  # one for each block
        self._source = ""  # up to where its last blocks begin
        self._numbers: Container[int] | None = None
        self._settled: list[Block] = []  # the blocks of that
        document.setUndoRedoEnabled(False)
        document.setIndentWidth(theme.WIDE + theme.GAP)

    def write(self, source: str, *, numbers: Container[int] | None = None, unfinished: bool = False) -> int:
        """Show ``source`` with links for its marks ``numbers`` and return how many blocks had to be laid out.

        ``unfinished`` closes what the end leaves open.
        """
        blocks = self._blocks(source, numbers, unfinished)
        same = 0
        while same < min(len(blocks), len(self._written)) and blocks[same] == self._written[same]:
            same += 1
        if same == len(blocks) == len(self._written):
            return 0
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        self._cut(cursor, same)
        for block in blocks[same:]:
            self._append(cursor, block)
        self._finish(cursor)
        return len(blocks) - same

    def _blocks(self, source: str, numbers: Container[int] | None, unfinished: bool) -> list[Block]:
        """Return the blocks of ``source`` with their links; of one that has grown only the end is read."""
        if numbers != self._numbers or not source.startswith(self._source):
            self._source, self._numbers, self._settled = "", numbers, []
        read = _split(source[len(self._source) :])
        if settled := read[:-_OPEN]:
            self._source = source[: len(self._source) + read[-_OPEN][0]]
            self._settled += (_linked(block, numbers) for _place, block in settled)
        blocks = [block for _place, block in read[-_OPEN:]]
        if unfinished and blocks and blocks[-1].language is None:
            blocks[-1] = Block(closed(blocks[-1].text))
        return [*self._settled, *(_linked(block, numbers) for block in blocks)]

    def code(self, number: int) -> str:
        """Return the text of a block of code, as the link to copy it names it; empty for anything else."""
        block = self._written[number] if number < len(self._written) else Block("")
        return block.text if block.language is not None else ""

    def restyle(self) -> None:
        """Lay everything out again, in the theme and font of now."""
        blocks = list(self._written)
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        self._cut(cursor, 0)
        for block in blocks:
            self._append(cursor, block)
        self._finish(cursor)

    def _cut(self, cursor: QTextCursor, keep: int) -> None:
        cursor.setPosition(self._ends[keep - 1].position if keep else 0)
        kept = cursor.blockFormat()
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(kept)  # an empty line would take the format of the line that went
        del self._written[keep:], self._ends[keep:]

    def _append(self, cursor: QTextCursor, block: Block) -> None:
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self._ends or self._ends[-1].spare_line:
            shrink(cursor)
        if block.language is None:
            cursor.insertFragment(laid_out(block.text, self._document.defaultFont()))
        else:
            insert_code(cursor, block.text, block.language, len(self._written))
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._written.append(block)
        self._ends.append(_End(cursor.position(), is_spare(cursor.block())))

    def _finish(self, cursor: QTextCursor) -> None:
        if self._ends and self._ends[-1].spare_line:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            shrink(cursor)
        cursor.endEditBlock()


@dataclass(frozen=True, slots=True)
class _End:
    """Where a block ends in the document, and whether that is the empty line which Qt keeps after a frame or table."""

    position: int
    spare_line: bool
