"""Writes the library and the conversations as files that other programs and people can read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from kotaemon_desktop.core.records import Conversation, DocumentState
from kotaemon_desktop.core.storage import conversation_export
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library

_UNSAFE_IN_NAMES: Final = re.compile(r"[^\w-]+")
_NAME_LENGTH: Final = 50


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written to ``path``."""

    path: str
    documents: int
    passages: int
    conversations: int


def export(library: Library, history: History, folder: Path) -> ExportReport:
    """Write to ``folder``, made if it is absent; files of an earlier export are replaced.

    ``documents.jsonl``      a document a line, as :class:`Document`
    ``passages.jsonl``       a passage a line, as :class:`Passage`; ``document_id`` names its document
    ``conversations.jsonl``  a conversation a line, with its turns and their citations
    ``conversations/``       the same as Markdown, a file each
    """
    readable = folder / "conversations"
    readable.mkdir(parents=True, exist_ok=True)
    documents = [each for each in library.documents() if each.state is not DocumentState.FAILED]
    _write_lines(folder / "documents.jsonl", map(msgspec.to_builtins, documents))
    passages = _write_lines(
        folder / "passages.jsonl",
        (msgspec.to_builtins(each) for document in documents for each in library.passages_of(document.id)),
    )
    conversations = history.conversations()
    _write_lines(folder / "conversations.jsonl", _conversations(history, conversations))
    for conversation in conversations:
        conversation_export.write(history, conversation, readable / file_name(conversation))
    return ExportReport(str(folder), len(documents), passages, len(conversations))


def _conversations(history: History, conversations: Iterable[Conversation]) -> Iterator[dict[str, Any]]:
    for conversation in conversations:
        yield {**msgspec.to_builtins(conversation), "turns": msgspec.to_builtins(history.all_turns(conversation.id))}


def _write_lines(file: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write a row a line as JSON; the file appears when it is complete. Returns how many there were."""
    partial = file.with_name(f"{file.name}.part")
    count = 0
    with partial.open("w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            # Two characters beyond JSON's own rules end a line for some readers.
            line = json.dumps(row, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
            out.write(f"{line}\n")
            count += 1
    partial.replace(file)
    return count


def file_name(conversation: Conversation) -> str:
    """Return a name for a Markdown file of ``conversation`` that every system takes."""
    title = _UNSAFE_IN_NAMES.sub("-", conversation.title)[:_NAME_LENGTH].strip("-")
    return f"{conversation.id:04d}-{title}.md" if title else f"{conversation.id:04d}.md"
