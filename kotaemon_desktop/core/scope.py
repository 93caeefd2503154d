"""Which documents a question is put to."""

from __future__ import annotations

import msgspec


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """The documents for which everything that is given here holds; nothing given: all documents.

    A field with several values holds where one of them does. Days are ISO dates, in this machine's time zone.
    """

    collections: tuple[str, ...] = ()  # names, in any case
    paths: tuple[str, ...] = ()  # documents chosen one by one
    names: tuple[str, ...] = ()  # a part of the file's name, or a pattern with * and ?
    kinds: tuple[str, ...] = ()  # a family of formats (see DocumentHead) or a file's ending
    after: str = ""  # last changed on this day or later
    before: str = ""  # last changed before this day

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return self != ALL

    def narrowed(self, typed: Scope) -> Scope:
        """Return this scope with what ``typed`` gives in place of what it gives itself."""
        given = {name: value for name in self.__struct_fields__ if (value := getattr(typed, name))}
        if typed.collections:  # whoever types a collection leaves the chosen files
            given.setdefault("paths", ())
        return msgspec.structs.replace(self, **given)


ALL = Scope()


def to_json(scope: Scope) -> str:
    """Return ``scope`` as it is stored: empty for all documents."""
    return msgspec.json.encode(scope).decode() if scope else ""


def from_json(text: str) -> Scope:
    """Return what :func:`to_json` has written."""
    return msgspec.json.decode(text, type=Scope) if text else ALL
