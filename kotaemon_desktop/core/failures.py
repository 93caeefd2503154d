"""Keeps an error in the library as its kind and its facts, to be said in the language of whoever reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from kotaemon_desktop.core import errors
from kotaemon_desktop.core.errors import KotaemonError, ReadError
from kotaemon_desktop.core.i18n import Phrase


class Told(ReadError):
    """A failure that an early library kept as a sentence, in the language of that day. Fact: ``text``."""

    def __str__(self) -> str:
        return str(self.facts["text"])


class _Kept(msgspec.Struct):
    error: str  # the name of its class in core.errors
    facts: dict[str, Any]


class _KeptPhrase(msgspec.Struct):
    phrase: str
    facts: dict[str, Any]


def keep(error: KotaemonError) -> str:
    """Return ``error`` as a line of JSON."""
    return msgspec.json.encode(_Kept(type(error).__name__, error.facts), enc_hook=_plain).decode()


def told(kept: str) -> KotaemonError:
    """Return the error that :func:`keep` made ``kept`` of; one that this version does not know is a ReadError."""
    found = msgspec.json.decode(kept, type=_Kept)
    kind = Told if found.error == Told.__name__ else getattr(errors, found.error, ReadError)
    return kind(**{name: _fact(value) for name, value in found.facts.items()})


def _plain(value: object) -> object:
    return _KeptPhrase(value.text, value.facts) if isinstance(value, Phrase) else str(value)


def _fact(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    phrase = msgspec.convert(value, _KeptPhrase)
    return Phrase(phrase.phrase, **phrase.facts)
