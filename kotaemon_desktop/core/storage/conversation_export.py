"""Writes a conversation for people (Markdown, HTML) and for this program (JSON), and reads the latter back."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from kotaemon_desktop.core.errors import NotAConversation
from kotaemon_desktop.core.i18n import _, place
from kotaemon_desktop.core.records import Citation, Conversation, Turn
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library

FORMATS: Final = ("md", "html", "json")
_VERSION: Final = 1
_LARGEST: Final = 256 << 20  # bytes of a file to import

_PAGE: Final = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44em; margin: 2em auto; padding: 0 1em }}
h2 {{ font-size: 1.1em; margin-top: 2em; border-top: 1px solid #8886; padding-top: 1em }}
ol {{ font-size: .9em; opacity: .85 }}
pre, table {{ overflow-x: auto; display: block }}
pre, code {{ background: #8882; border-radius: 4px; padding: .1em .3em }}
td, th {{ border: 1px solid #8886; padding: .2em .6em }}
</style>
<h1>{title}</h1>
{turns}
</html>
"""


class _File(msgspec.Struct):
    """What the JSON holds. ``turns`` are those of all branches, in the order they were asked."""

    kotaemon_conversation: int  # the version of this format
    conversation: Conversation
    turns: list[Turn]


def write(history: History, conversation: Conversation, file: Path) -> None:
    """Write ``conversation`` to ``file`` in the format that its suffix names (of ``FORMATS``), whole or not at all."""
    if file.suffix == ".json":
        text = as_json(conversation, history.all_turns(conversation.id))
    else:
        turns = history.turns(conversation.id)
        text = as_html(conversation, turns) if file.suffix == ".html" else as_markdown(conversation, turns)
    partial = file.with_name(f"{file.name}.part")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(file)


def as_markdown(conversation: Conversation, turns: Iterable[Turn]) -> str:
    """Return the shown branch as Markdown: a heading for each question, the sources as a numbered list."""
    return "\n".join(_markdown(conversation, turns))


def as_html(conversation: Conversation, turns: Iterable[Turn]) -> str:
    """Return the shown branch as one HTML page that loads nothing; tags inside answers are shown, not obeyed."""
    from markdown_it import MarkdownIt  # 20 ms; only for an export

    render: Callable[[str], str] = MarkdownIt("js-default").disable("image").render
    return _PAGE.format(
        language="zh" if _("Conversation") != "Conversation" else "en",
        title=html.escape(conversation.title or _("Conversation")),
        turns="\n".join(line for turn in turns for line in _html(turn, render)),
    )


def as_json(conversation: Conversation, turns: Iterable[Turn]) -> str:
    """Return the conversation with all its branches as JSON that :func:`read` takes back."""
    encoded = msgspec.json.encode(_File(_VERSION, conversation, list(turns)))
    return msgspec.json.format(encoded).decode()


def read(history: History, library: Library, file: Path) -> int:
    """Store the conversation that ``file`` holds as a new one and return its id.

    Ids mean nothing in another library: citations are bound to the document here that has the same path and the same
    words at the same place; those of other documents keep their quote alone. Raises NotAConversation, nothing stored.
    """
    try:
        found = _checked(file)
    except (OSError, ValueError) as error:
        raise NotAConversation(name=file.name, detail=str(error)) from error
    documents = {document.path: document.id for document in library.documents()}
    turns = (msgspec.structs.replace(turn, citations=_bound(turn, library, documents)) for turn in found.turns)
    return history.add_conversation(found.conversation, sorted(turns, key=lambda turn: turn.id))


def _checked(file: Path) -> _File:
    """Return what ``file`` holds. Raises ValueError, of which msgspec's errors are a kind, and OSError."""
    if file.stat().st_size > _LARGEST:
        raise ValueError(file.stat().st_size)
    found = msgspec.json.decode(file.read_bytes(), type=_File)
    if found.kotaemon_conversation != _VERSION:
        raise ValueError(found.kotaemon_conversation)
    known = {turn.id for turn in found.turns}
    for turn in found.turns:
        if turn.parent_id is not None and (turn.parent_id not in known or turn.parent_id >= turn.id):
            raise ValueError(turn.parent_id)
    return found


def _bound(turn: Turn, library: Library, documents: dict[str, int]) -> tuple[Citation, ...]:
    bound: list[Citation] = []
    for number, citation in enumerate(turn.citations, 1):
        document_id = documents.get(citation.document, 0)
        page = library.page(document_id, citation.page) if document_id else None
        if page is None or page.text[citation.start : citation.end] != citation.quote:
            document_id = 0
        bound.append(msgspec.structs.replace(citation, document_id=document_id, passage_id=-number))
    return tuple(bound)


def _place(citation: Citation) -> str:
    return place(citation.name, citation.page, citation.recognised)


def _markdown(conversation: Conversation, turns: Iterable[Turn]) -> Iterator[str]:
    yield f"# {conversation.title or _('Conversation')}\n"
    for turn in turns:
        yield f"## {' '.join(turn.question.split())}\n"
        yield f"{turn.answer.strip()}\n"
        for citation in turn.citations:
            yield f"{citation.number}. **{_place(citation)}**: {' '.join(citation.quote.split())}"
        if turn.citations:
            yield ""


def _html(turn: Turn, render: Callable[[str], str]) -> Iterator[str]:
    yield f"<h2>{html.escape(turn.question)}</h2>"
    yield render(turn.answer)
    if turn.citations:
        yield "<ol>"
        for citation in turn.citations:
            where, quote = html.escape(_place(citation)), html.escape(" ".join(citation.quote.split()))
            yield f'<li value="{citation.number}"><b>{where}</b>: <q>{quote}</q></li>'
        yield "</ol>"
