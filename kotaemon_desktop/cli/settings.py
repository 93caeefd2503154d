"""The command that shows and changes settings. A running program follows the file, so no lock is needed."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, Result, fail
from kotaemon_desktop.core import setting_fields
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.setting_fields import Field, Kind
from kotaemon_desktop.core.settings import Settings
from kotaemon_desktop.core.settings_file import SettingsFile

_NEEDS = {"list": 0, "schema": 0, "get": 1, "reset": 1, "set": 2}


def settings(folder: DataFolder, chosen: Any, output: Output) -> int:
    """List, get, set or reset settings, or write the JSON Schema of their file."""
    if sum(each is not None for each in (chosen.key, chosen.value)) != _NEEDS[chosen.action]:
        fail(_("settings: list | get KEY | set KEY VALUE | reset KEY | schema"))
        return WRONG_USAGE
    if chosen.action == "schema":
        print(json.dumps(setting_fields.schema(), ensure_ascii=False, indent=None if output.as_json else 2))
        return DONE
    fields = tuple(setting_fields.fields())
    if chosen.key is not None:
        fields = tuple(each for each in fields if each.key == chosen.key)
        if not fields:
            fail(setting_fields.explain(tuple(chosen.key.split("."))))
            return WRONG_USAGE
    file = _changed(folder, chosen, fields)
    lines = [_line(each, file.settings, verbose=chosen.key is None) for each in fields]
    held = [_result(each, file.settings) for each in fields]
    output.result({"settings": held} if chosen.key is None else held[0], "\n".join(lines))
    if file.problem is not None:
        fail(file.problem)
    return DONE


def _changed(folder: DataFolder, chosen: Any, fields: tuple[Field, ...]) -> SettingsFile:
    """Return the settings after what was asked for. Raises SettingsError."""
    folder.settle()
    if chosen.action in {"set", "reset"}:
        folder.create()
    file = SettingsFile(folder.settings)
    if chosen.action == "set":
        file.change(fields[0].section, fields[0].name, _meant(chosen.value, fields[0].kind))
    elif chosen.action == "reset":
        file.reset(fields[0].section, fields[0].name)
    return file


def _meant(text: str, kind: Kind) -> object:
    """Return ``text`` as the settings file would read it: ``true``, ``0.5``, ``[a, b]``; for a text, as it is."""
    if kind is Kind.TEXT:  # YAML would make something else of an empty one, or of ``7``
        return text
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    except YAMLError:
        return text


def _value(field: Field, held: Settings) -> Any:
    return msgspec.json.decode(msgspec.json.encode(getattr(getattr(held, field.section), field.name)))


def _line(field: Field, held: Settings, *, verbose: bool) -> str:
    value = _value(field, held)
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return f"{field.key} = {text}  ({_(field.title)})" if verbose else text


def _result(field: Field, held: Settings) -> Result:
    return {
        "key": field.key,
        "value": _value(field, held),
        "default": msgspec.json.decode(msgspec.json.encode(field.default)),
        "title": _(field.title),
        "help": _(field.help),
        "takes": field.expected(),
    }
