"""Brings the translation catalogues up to date with the code: uv run python packaging/extract_strings.py.

Collects every text that the code marks with ``_("…")`` or ``N_("…")`` and writes ``resources/i18n/*.po`` in the order
of the files: new texts arrive untranslated, texts that are gone leave, translations and the head of a catalogue stay.
References name the file without a line, so that moving code changes no catalogue.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "kotaemon_desktop"
CATALOGUES = ROOT / "resources" / "i18n"
MARKS = {"_", "N_"}
WIDTH = 120


def marked(package: Path = PACKAGE) -> dict[str, list[str]]:
    """Return each marked text with the files that hold it, in the order of the files and the lines in them."""
    found: dict[str, list[str]] = {}
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package.parent).as_posix()
        for text in texts(ast.parse(file.read_text(encoding="utf-8"), name)):
            files = found.setdefault(text, [])
            if name not in files:
                files.append(name)
    return found


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the marked texts of a module. ``_(variable)`` is skipped: what it may hold is marked where it is written.

    Raises ValueError for an f-string: it would have its values before it is looked up.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args and is_mark(node.func)]
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        yield from _literals(call.args[0])


def _literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=yes, orelse=no):
            yield from _literals(yes)
            yield from _literals(no)
        case ast.JoinedStr():
            raise ValueError(f"line {node.lineno}: an f-string cannot be translated, use .format")


def is_mark(function: ast.expr) -> bool:
    """Tell whether ``function`` is ``_`` or ``N_``."""
    return isinstance(function, ast.Name) and function.id in MARKS


def updated(catalogue: polib.POFile, found: dict[str, list[str]]) -> polib.POFile:
    """Return a catalogue of the texts ``found``, with the head and the translations of ``catalogue``.

    A text that was only reworded gets its old translation, marked as fuzzy: not shown until somebody has read it.
    """
    known = {entry.msgid: entry for entry in catalogue}
    gone = {text: entry.msgstr for text, entry in known.items() if text not in found and entry.msgstr}
    fresh = polib.POFile(wrapwidth=WIDTH, encoding="utf-8")
    fresh.header, fresh.metadata = catalogue.header, catalogue.metadata
    for text, files in found.items():
        entry = known.get(text) or _reworded(text, gone)
        entry.flags = ["fuzzy"] * entry.fuzzy + ["python-brace-format"] * ("{" in text)
        entry.occurrences = [(file, "") for file in files]
        fresh.append(entry)
    return fresh


def _reworded(text: str, gone: dict[str, str]) -> polib.POEntry:
    like = difflib.get_close_matches(text, gone, n=1, cutoff=0.8)
    return polib.POEntry(msgid=text, msgstr=gone[like[0]], flags=["fuzzy"]) if like else polib.POEntry(msgid=text)


def main() -> None:
    """Bring every catalogue up to date and say what is left to translate."""
    found = marked()
    for file in sorted(CATALOGUES.glob("*.po")):
        before = polib.pofile(str(file), wrapwidth=WIDTH)
        after = updated(before, found)
        after.save(str(file))
        gone = sum(entry.msgid not in found for entry in before)
        missing = [entry.msgid for entry in after if not entry.translated()]
        print(f"{file.name}: {len(after)} texts, {gone} gone, {len(missing)} to translate", *missing, sep="\n  ")


if __name__ == "__main__":
    main()
