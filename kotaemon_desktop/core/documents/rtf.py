"""Reads Rich Text files: one pass over their control words, with headings, tables and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead

_LARGEST_FILE = 256_000_000  # bytes; most of a large one is pictures
_DEEPEST = 1000  # groups inside groups
_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\'(?P<code>[0-9a-fA-F]{2})"
    rb"|\\(?P<sign>[^a-zA-Z'])"
    rb"|(?P<brace>[{}])"
    rb"|(?P<text>[^\\{}\r\n]+)"
)
# Groups that are no text of the page.
_SILENT = frozenset(
    "colortbl info pict object header headerl headerr headerf footer footerl footerr footerf fldinst themedata "
    "datastore nonshppict sp".split()
)
_ASIDE = frozenset("footnote annotation shptxt".split())  # a text of its own in the middle of a paragraph
_SHOWN = _ASIDE | {"shpinst"}  # part of the page although a star marks them as optional
_WORDS = {
    "tab": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "endash": "–", "emdash": "—", "enspace": " ", "emspace": " ",
}  # fmt: skip
_SIGNS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_CODE_PAGES = {936: "gb18030", 10000: "mac_roman", 65001: "utf-8"}
_OUTLINE_LEVELS = 9


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group and is undone at its end."""

    encoding: str
    silent: bool = False
    place: str = ""  # "fonttbl", "stylesheet", "title" or "aside" inside one of these
    stand_ins: int = 1  # signs after a Unicode character that old programs show in its place


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page. Raises TooLarge or Damaged."""
    reading = _Reading(source.name)
    reading.run(read_bytes(source, _LARGEST_FILE))
    yield DocumentHead(" ".join(plain("".join(reading.title)).split()) or source.stem, "docx", None)
    yield reading.flow.page()


class _Reading:
    """One pass over a file. Owns the text that it makes of it, and the tables of fonts and styles on the way."""

    def __init__(self, name: str) -> None:
        self.flow = Flow()
        self.title: list[str] = []
        self._name = name
        self._code_page = "cp1252"
        self._state = _State(self._code_page)
        self._outer: list[_State] = []
        self._optional = False  # a star has just been read
        self._bytes = bytearray()  # text not decoded yet: a character may come in two tokens
        self._skip = 0
        self._words: list[str] = []  # of the paragraph under way
        self._asides: list[list[str]] = []  # texts inside it, which follow it
        self._cells: list[str] = []
        self._rows: list[list[str]] = []
        self._in_table = False
        self._level: int | None = None
        self._fonts: dict[int, str] = {}
        self._styles: dict[int, int] = {}
        self._defined = 0  # the font or style that a table is just telling about

    def run(self, data: bytes) -> None:
        """Read a whole file. Raises Damaged."""
        at = 0
        while token := _TOKEN.search(data, at):
            at = token.end()
            word = token["word"]
            if word is None and not token["sign"] and not token["brace"]:
                self._text(token["text"] or bytes.fromhex(token["code"].decode()))
                continue
            self._decode()
            if word == b"bin":
                at += max(0, int(token["number"] or 0))
            elif word:
                self._word(word.decode(), None if token["number"] is None else int(token["number"]))
            elif token["brace"]:
                self._brace(opens=token["brace"] == b"{")
            elif token["sign"] == b"*":
                self._optional = True
            else:
                self._write("\n" if token["sign"] in b"\r\n" else _SIGNS.get(token["sign"], ""))
        self._decode()
        self._end_paragraph()
        self._end_table()

    def _text(self, text: bytes) -> None:
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        self._bytes += text[skipped:]

    def _decode(self) -> None:
        if self._bytes:
            self._write(self._bytes.decode(self._state.encoding, errors="replace"))
            self._bytes.clear()

    def _write(self, text: str) -> None:
        if self._state.silent:
            return
        if self._state.place == "aside":
            self._asides[-1].append(text)
        elif self._state.place == "title":
            self.title.append(text)
        elif not self._state.place:
            self._words.append(text)

    def _brace(self, *, opens: bool) -> None:
        self._skip = 0
        if opens:
            if len(self._outer) > _DEEPEST:
                raise Damaged(name=self._name, detail=Phrase(N_("groups without end")))
            self._outer.append(self._state)
        elif self._outer:
            self._state = self._outer.pop()

    def _word(self, word: str, number: int | None) -> None:
        optional, self._optional = self._optional, False
        if word in _ASIDE and not self._state.silent:
            self._asides.append([])
            self._state = replace(self._state, place="aside")
        elif word in {"fonttbl", "stylesheet"} or (word == "title" and self._outer and self._outer[-1].silent):
            self._state = replace(self._state, place=word, silent=False)
        elif word in _SILENT or (optional and word not in _SHOWN):
            self._state = replace(self._state, silent=True)
        elif word in {"v", "deleted"}:
            self._state = replace(self._state, silent=number != 0)
        elif word == "u" and number is not None:
            self._write(chr(number % 0x10000))
            self._skip = self._state.stand_ins
        elif word in _WORDS:
            self._write(_WORDS[word])
        elif self._state.place in {"fonttbl", "stylesheet"}:
            self._define(word, number or 0)
        elif not self._set(word, number or 0):
            self._layout(word, number or 0)

    def _define(self, word: str, number: int) -> None:
        """Take in a font's character set or a style's outline level."""
        if word == ("f" if self._state.place == "fonttbl" else "s"):
            self._defined = number
        elif word == "fcharset" and number in _CHARSETS:
            self._fonts[self._defined] = _CHARSETS[number]
        elif word == "outlinelevel" and number < _OUTLINE_LEVELS:
            self._styles[self._defined] = number + 1

    def _set(self, word: str, number: int) -> bool:
        """Take in how text is to be decoded; tell whether ``word`` was about that."""
        if word == "f":
            self._state = replace(self._state, encoding=self._fonts.get(number, self._code_page))
        elif word == "plain":
            self._state = replace(self._state, encoding=self._code_page, silent=self._state.silent)
        elif word == "uc":
            self._state = replace(self._state, stand_ins=max(0, number))
        elif word == "ansicpg":
            self._code_page = _CODE_PAGES.get(number, f"cp{number}" if _is_known(f"cp{number}") else "cp1252")
            self._state = replace(self._state, encoding=self._code_page)
        else:
            return False
        return True

    def _layout(self, word: str, number: int) -> None:
        if self._state.silent or self._state.place:
            self._write("\n" if word == "par" else "")
        elif word == "pard":
            self._in_table, self._level = False, None
        elif word == "intbl":
            self._in_table = True
        elif word == "s":
            self._level = self._styles.get(number)
        elif word == "outlinelevel":
            self._level = number + 1 if number < _OUTLINE_LEVELS else None
        elif word in {"par", "sect", "page"}:
            self._end_paragraph()
        elif word in {"cell", "nestcell"}:
            self._cells.append(self._paragraph())
        elif word in {"row", "nestrow"}:
            self._rows.append(self._cells)
            self._cells = []

    def _paragraph(self) -> str:
        """Return the paragraph under way and begin another one."""
        words = "".join(self._words).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self._words = []
        return plain(words).strip()

    def _end_paragraph(self) -> None:
        if self._in_table:
            self._words.append("\n")
            return
        self._end_table()
        self.flow.block(self._paragraph(), self._level)
        for aside in self._asides:
            self.flow.block(plain("".join(aside)))
        self._asides = []

    def _end_table(self) -> None:
        if max(map(len, self._rows), default=0) < 2:  # one column: a frame around text
            for row in self._rows:
                for cell in row:
                    self.flow.block(cell)
        else:
            self.flow.rows(self._rows)
        self._rows = []


def _is_known(encoding: str) -> bool:
    try:
        "".encode(encoding)
    except LookupError:
        return False
    return True
