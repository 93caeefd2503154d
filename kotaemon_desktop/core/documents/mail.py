"""Reads e-mails (.eml): who wrote what to whom, then the attachments, each through the reader of its own kind."""

from __future__ import annotations

from collections.abc import Iterator

from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.html import parse
from kotaemon_desktop.core.documents.mime import (
    AnyMessage,
    content,
    file_name,
    header,
    inner_messages,
    leaves,
    parse_message,
    text_of,
)
from kotaemon_desktop.core.documents.parts import check_depth, read_parts
from kotaemon_desktop.core.documents.source import Part, Source, depth_of
from kotaemon_desktop.core.records import DocumentHead

_SHOWN = ("From", "To", "Cc", "Date")


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the mail's head, its text as a page, then the pages of its attachments.

    Without attachments the one page has no number. Raises Damaged, TooLarge or Unreadable.
    """
    check_depth(source)
    message = parse_message(source)
    subject = header(message, "Subject")
    flow = Flow()
    flow.block(subject, 1)
    flow.block("\n".join(f"{name}: {line}" for name in _SHOWN if (line := header(message, name))))
    attachments: list[Part] = []
    for part in leaves(message):
        if _is_text(part):
            _add_text(flow, part)
        elif not _is_decoration(part):
            attachments.append(_attachment(part, len(attachments) + 1, depth_of(source) + 1))
    yield DocumentHead(subject or source.stem, "eml", None)
    yield flow.page(1 if attachments else None)
    yield from read_parts(attachments, first_page=2)


def _is_text(part: AnyMessage) -> bool:
    named = file_name(part) or part.get_content_disposition() == "attachment"
    return part.get_content_maintype() == "text" and not named and part.get_content_subtype() != "calendar"


def _add_text(flow: Flow, part: AnyMessage) -> None:
    if part.get_content_subtype() == "html":
        _, page = parse(text_of(part))
        flow.page_of(page, deeper=1)
    else:
        flow.block(plain(text_of(part)))


def _is_decoration(part: AnyMessage) -> bool:
    """Tell whether a part only makes the text look well, or proves who wrote it."""
    if part.get_content_maintype() == "image":
        return part.get_content_disposition() != "attachment"
    return part.get_content_type() in {"application/pgp-signature", "application/pkcs7-signature"}


def _attachment(part: AnyMessage, number: int, depth: int) -> Part:
    if part.get_content_maintype() != "message":
        return Part(file_name(part) or str(number), content(part), depth)
    inside = next(iter(inner_messages(part)), None)
    if inside is None:
        return Part(f"{file_name(part) or number}.txt", content(part), depth)
    try:
        data = inside.as_bytes()
    except Exception:  # noqa: BLE001 - Python's writer raises anything at all on what its parser let through
        data = b""
    return Part(file_name(part) or f"{header(inside, 'Subject') or number}.eml", data, depth)
