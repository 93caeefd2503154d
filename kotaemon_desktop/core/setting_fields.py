"""The settings' declarations as a form, a command or a message needs them: one :class:`Field` for each setting."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, cast

import msgspec
from msgspec import inspect

from kotaemon_desktop.core.i18n import N_, Phrase, _
from kotaemon_desktop.core.settings import TIME_OF_DAY, Settings


class Kind(StrEnum):
    """What a setting holds; an editor is chosen by it."""

    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"  # some of several, as a tuple
    WHOLE = "whole"
    NUMBER = "number"
    TIME = "time"  # of the day, "09:00"
    TEXT = "text"
    TEXTS = "texts"
    RECORDS = "records"  # a tuple of structs with fields of their own


_UNITS = {
    "characters": N_("characters"),
    "passages": N_("passages"),
    "tokens": N_("tokens"),
    "days": N_("days"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. Its words are in English and marked; who shows them translates them.

    ``least`` and ``most`` are its range where it is a number (``above`` excludes ``least`` itself). ``words`` are the
    values of a choice and what people call them. ``type`` is what msgspec checks a value against.
    """

    section: str
    name: str
    kind: Kind
    title: str
    help: str
    default: Any
    type: Any
    least: float | None = None
    most: float | None = None
    above: bool = False
    unit: str = ""
    words: Mapping[str, str] | None = None
    offers: str = ""
    expects: str = ""
    applies: str = ""
    fields: tuple[Field, ...] = ()
    record: type[msgspec.Struct] | None = None

    @property
    def key(self) -> str:
        """Its name in the file and for the commands: ``residency.generator_idle``."""
        return f"{self.section}.{self.name}"

    def expected(self, *, percent: bool = False) -> str:
        """Return what it takes, in the language of now; shares in ``percent`` or as the file has them."""
        match self.kind:
            case Kind.SWITCH:
                return _("yes or no (true or false)")
            case Kind.CHOICE:
                return _("one of {choices}").format(choices=", ".join(self.words or ()))
            case Kind.CHOICES:
                return _("a list out of {choices}").format(choices=", ".join(self.words or ()))
            case Kind.WHOLE | Kind.NUMBER:
                return self._expected_number(percent and self.unit == "%")
            case Kind.TIME:
                return _("a time of the day like 09:00")
            case Kind.TEXTS if self.words:
                return _("a list out of {choices}").format(choices=", ".join(self.words))
            case Kind.TEXTS | Kind.RECORDS:
                return _("a list")
            case Kind.TEXT:
                return _(self.expects) if self.expects else _("a text")

    def accepts(self, value: object) -> bool:
        """Tell whether ``value`` fits."""
        try:
            msgspec.convert(msgspec.to_builtins(value), self.type)
        except (msgspec.ValidationError, TypeError):
            return False
        return True

    def _expected_number(self, percent: bool) -> str:
        scale, unit = (100, "%") if percent else (1, "" if self.unit == "%" else self.unit)
        least, most = ("" if each is None else f"{each * scale:,.12g}" for each in (self.least, self.most))
        what = _("a whole number") if self.kind is Kind.WHOLE else _("a number")
        if most:
            words = _("{what} above {least}, at most {most}") if self.above else _("{what} from {least} to {most}")
            return words.format(what=what, least=least, most=f"{most}{unit_name(unit, space=True)}")
        return _("{what}, at least {least}").format(what=what, least=least) if least else what


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that belong together."""

    name: str
    title: str
    help: str
    fields: tuple[Field, ...]


def unit_name(unit: str, *, space: bool = False) -> str:
    """Return what people call ``unit``, with a space before it where one belongs there and is asked for."""
    name = _(_UNITS.get(unit, unit))
    return f" {name}" if space and name and unit != "%" else name


@cache
def sections() -> tuple[Section, ...]:
    """Return all settings, in the order of their declarations."""
    found: list[Section] = []
    for outer in cast("inspect.StructType", inspect.type_info(Settings)).fields:
        said, struct = _unwrapped(outer.type)
        fields = _fields(struct.cls, outer.name)
        found.append(Section(outer.name, said.get("title", outer.name), said.get("description", ""), fields))
    return tuple(found)


def fields() -> Iterator[Field]:
    """Yield every setting."""
    for section in sections():
        yield from section.fields


def field(key: str) -> Field:
    """Return the setting ``key``, ``section.name``. Raises KeyError with the nearest key that there is."""
    known = {each.key: each for each in fields()}
    if key not in known:
        raise KeyError(nearest(key, known) or key)
    return known[key]


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Return the one of ``known`` that somebody meant by ``name``, or nothing."""
    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``kotaemon.yaml``, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Settings)}


def explain(path: tuple[str | int, ...]) -> Phrase:
    """Return what was expected at ``path`` of the file, e.g. ("residency", "pinned", 0)."""
    where = ".".join(str(each) for each in path if isinstance(each, str))
    names = {section.name: section for section in sections()}
    if len(path) == 1 and path[0] in names:
        return Phrase(N_("“{where}” takes settings below it, indented, one a line"), where=where)
    found: Field | None = None
    known: tuple[str, ...] = tuple(names)
    if len(path) > 1 and path[0] in names:
        inner = names[str(path[0])].fields
        known = tuple(each.name for each in inner)
        for name in (each for each in path[1:] if isinstance(each, str)):
            known = tuple(each.name for each in inner)
            found = next((each for each in inner if each.name == name), None)
            inner = found.fields if found else ()
    if found is not None:
        return Phrase(N_("“{where}” takes {expected}"), where=where, expected=_Expected(found))
    if not path:
        return Phrase(N_("a settings file holds sections like “{example}:”"), example=next(iter(names)))
    meant = nearest(str(path[-1]), known)
    if meant:
        return Phrase(N_("there is no setting “{where}”; “{meant}” is meant perhaps"), where=where, meant=meant)
    return Phrase(N_("there is no setting “{where}”; {known} are known here"), where=where, known=", ".join(known))


class _Expected:
    """What a field takes, said when it is shown."""

    def __init__(self, said: Field) -> None:
        self._said = said

    def __str__(self) -> str:
        return self._said.expected()


def _fields(struct: type[msgspec.Struct], section: str) -> tuple[Field, ...]:
    made = cast("inspect.StructType", inspect.type_info(struct))
    types = {each.name: each.type for each in msgspec.structs.fields(struct)}
    return tuple(_field(each, types[each.name], section) for each in made.fields)


def _field(declared: inspect.Field, type_: Any, section: str) -> Field:
    said, held = _unwrapped(declared.type)
    kind, inner = _kind(held)
    choices = [str(each) for each in getattr(inner, "values", ())]
    return Field(
        section,
        declared.name,
        kind,
        said.get("title", declared.name),
        said.get("description", ""),
        declared.default,
        type_,
        least=held.ge if getattr(held, "ge", None) is not None else getattr(held, "gt", None),
        most=getattr(held, "le", None),
        above=getattr(held, "gt", None) is not None,
        unit=said.get("unit", ""),
        words=said.get("words") or ({each: each for each in choices} if choices else None),
        offers=said.get("offers", ""),
        expects=said.get("expects", ""),
        applies=said.get("applies", ""),
        fields=_fields(inner.cls, section) if kind is Kind.RECORDS else (),
        record=inner.cls if kind is Kind.RECORDS else None,
    )


def _unwrapped(type_: Any) -> tuple[dict[str, Any], Any]:
    """Return what a declaration says of itself, and its type without that."""
    said: dict[str, Any] = {}
    while isinstance(type_, inspect.Metadata):
        said |= cast("dict[str, Any]", type_.extra_json_schema or {}) | cast("dict[str, Any]", type_.extra or {})
        type_ = type_.type
    return said, type_


def _kind(held: Any) -> tuple[Kind, Any]:
    """Return what ``held`` holds, and the type of one item where it is a tuple."""
    match held:
        case inspect.BoolType():
            return Kind.SWITCH, held
        case inspect.LiteralType():
            return Kind.CHOICE, held
        case inspect.IntType():
            return Kind.WHOLE, held
        case inspect.FloatType():
            return Kind.NUMBER, held
        case inspect.StrType(pattern=pattern):
            return Kind.TIME if pattern == TIME_OF_DAY else Kind.TEXT, held
        case inspect.VarTupleType(item_type=item):
            item = _unwrapped(item)[1]
            if isinstance(item, inspect.LiteralType):
                return Kind.CHOICES, item
            return (Kind.RECORDS if isinstance(item, inspect.StructType) else Kind.TEXTS), item
        case _:
            raise TypeError(f"no editor for a setting of {held}")
