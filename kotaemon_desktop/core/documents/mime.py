"""Takes MIME messages apart: mails and saved web pages share this form. Broken ones are read as far as they go."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import EmailPolicy
from typing import Any, TypeAlias, cast

from kotaemon_desktop.core.documents.flow import plain
from kotaemon_desktop.core.documents.html import decode_html
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.documents.text import decode, decode_as
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.i18n import N_, Phrase

AnyMessage: TypeAlias = "Message[Any, Any]"

_LARGEST_FILE = 100_000_000  # bytes; the message is in memory twice
_LONGEST_FIELD = 8_000  # characters: some two hundred addresses
_LONGEST_CONTENT_FIELD = 1_000  # of the fields that say what a part is, which are parsed again and again


class _Policy(EmailPolicy):
    """Reads fields as Python does by default, but at most so much of one that its parser, which is slow, is bounded."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return a field decoded, or as it stands where it is too broken for the parser."""
        about_content = name.lower().startswith("content-")
        value = value[: _LONGEST_CONTENT_FIELD if about_content else _LONGEST_FIELD]
        try:
            return super().header_fetch_parse(name, value)
        except Exception:  # noqa: BLE001 - it raises anything at all
            return "".join(value.splitlines())


def parse_message(source: Source) -> AnyMessage:
    """Return the message in ``source``. Raises TooLarge or Damaged."""
    data = read_bytes(source, _LARGEST_FILE)
    try:
        return message_from_bytes(data, policy=_Policy())
    except RecursionError as error:
        raise Damaged(name=source.name, detail=Phrase(N_("parts without end"))) from error


def leaves(message: AnyMessage) -> Iterator[AnyMessage]:
    """Yield the parts to read, in order: of alternatives the plainest, mails inside the mail as a whole."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = inner_messages(part) if part.get_content_maintype() == "multipart" else []
        if not inner:
            yield part
            continue
        if part.get_content_subtype() == "alternative":
            inner = sorted(inner, key=_plainness)[:1]
        waiting += reversed(inner)


def inner_messages(part: AnyMessage) -> list[AnyMessage]:
    """Return the parts of a part, or the mail that it carries; nothing for a leaf."""
    children = cast("list[object]", part.get_payload()) if part.is_multipart() else []
    return [cast("AnyMessage", child) for child in children if isinstance(child, Message)]


def header(message: AnyMessage, name: str) -> str:
    """Return a field of a message as one line, decoded; empty when it is missing."""
    value = str(message[name] or "")
    if not value or "\ufffd" in value:  # not encoded as it should be: take the bytes as they are
        stored = next((text for field, text in message.raw_items() if field.lower() == name.lower()), "")
        value = decode(stored.encode("ascii", "surrogateescape"))
    return " ".join(plain(value).split())


def file_name(part: AnyMessage) -> str:
    """Return what a part is called, empty when it has no name."""
    try:
        return " ".join(plain(part.get_filename() or "").replace("/", "_").split())
    except Exception:  # noqa: BLE001 - on broken fields Python's parser raises anything at all
        return ""


def content(part: AnyMessage) -> bytes:
    """Return the bytes of a part without the encoding that they travelled in."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def text_of(part: AnyMessage) -> str:
    """Return the text of a part in the encoding that it declares, or else in the one that fits best."""
    data = content(part)
    declared = part.get_content_charset() or ""
    if part.get_content_subtype() == "html":
        return decode_html(data, declared)
    return decode_as(data, declared)


def _plainness(part: AnyMessage) -> int:
    """Return 0 for plain text that says something, 1 for HTML and what holds it, 2 for the rest."""
    kind = part.get_content_type()
    if kind == "text/plain" and content(part).strip():
        return 0
    return 1 if kind == "text/html" or part.get_content_maintype() == "multipart" else 2
