"""The declarations of the settings hold everything that a form, a command and a message need."""

from __future__ import annotations

import msgspec
import pytest

from kotaemon_desktop.core import setting_fields
from kotaemon_desktop.core.setting_fields import Field, Kind
from kotaemon_desktop.core.settings import Settings

FIELDS = tuple(setting_fields.fields())


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_each_setting_says_what_it_is_and_takes_its_default(field: Field) -> None:
    assert field.title != field.name, f"{field.key} needs Meta(title=N_(…))"
    assert field.help, f"{field.key} needs Meta(description=N_(…))"
    assert field.accepts(field.default)
    assert field.expected()
    assert getattr(getattr(Settings(), field.section), field.name) == field.default
    assert all(each.title != each.name for each in field.fields)


def test_kinds_ranges_and_units_are_read_from_the_declarations() -> None:
    top, share = setting_fields.field("answering.top"), setting_fields.field("residency.memory_share")
    assert (top.kind, top.least, top.most, top.unit) == (Kind.WHOLE, 1, 50, "passages")
    assert (share.kind, share.least, share.most, share.above) == (Kind.NUMBER, 0, 0.9, True)
    assert share.expected() == "a number above 0, at most 0.9"
    assert share.expected(percent=True) == "a number above 0, at most 90%"
    hours = setting_fields.field("residency.keep_warm")
    assert [each.kind for each in hours.fields] == [Kind.CHOICES, Kind.CHOICES, Kind.TIME, Kind.TIME]
    assert list(setting_fields.field("appearance.theme").words or ()) == ["system", "light", "dark"]
    assert setting_fields.field("imports.originals").applies


def test_a_field_refuses_what_the_file_would_refuse() -> None:
    share = setting_fields.field("residency.memory_share")
    assert share.accepts(0.3)
    assert not any(share.accepts(value) for value in (0, 0.95, "0.5", None, float("nan")))


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"answering\.top"):
        setting_fields.field("answering.tops")


def test_the_schema_is_one_and_knows_ranges() -> None:
    schema = setting_fields.schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    top = schema["$defs"]["Answering"]["properties"]["top"]
    assert (top["minimum"], top["maximum"], top["default"]) == (1, 50, 8)
    assert msgspec.json.encode(schema)


def test_a_text_with_a_pattern_says_what_it_looks_like_and_is_no_time() -> None:
    vectors, hours = setting_fields.field("search.vectors"), setting_fields.field("residency.keep_warm")
    assert (vectors.kind, hours.fields[-1].kind) == (Kind.TEXT, Kind.TIME)
    assert "mapped" in vectors.expected()
    assert vectors.accepts("http://host:8000")
    assert not vectors.accepts("ftp://host")
