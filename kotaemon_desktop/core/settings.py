"""Every setting, declared once: name, type, range, default and one line of help. Kept in ``kotaemon.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.errors import SettingsError
from kotaemon_desktop.core.i18n import N_

Seconds = Annotated[float, Meta(ge=0)]
Bytes = Annotated[int, Meta(ge=0)]


class Appearance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the window looks."""

    language: Annotated[Literal["system", "en", "zh_CN"], Meta(description=N_("Language of the window."))] = "system"
    theme: Annotated[Literal["system", "light", "dark"], Meta(description=N_("Light, dark, or as the system."))] = (
        "system"
    )


TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")


class KeepWarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours in which components stay in memory; a window that ends before it begins goes on past midnight."""

    components: tuple[Literal["retrieval", "generator"], ...] = ("retrieval", "generator")
    days: tuple[Day, ...] = WORKING_DAYS
    begin: TimeOfDay = "09:00"
    end: TimeOfDay = "18:00"


class Residency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what is heavy stays in memory after its last use. 0 unloads at once."""

    generator_idle: Annotated[Seconds, Meta(description=N_("Seconds until an idle language model unloads."))] = 300
    retrieval_idle: Annotated[Seconds, Meta(description=N_("Seconds until the idle index unloads."))] = 600
    reader_idle: Annotated[Seconds, Meta(description=N_("Seconds until the idle file reader unloads."))] = 30
    conversation_idle: Annotated[
        Seconds, Meta(description=N_("Seconds until an idle conversation sleeps: the model forgets what it has read."))
    ] = 600
    # 1,000 tokens of a half-billion model are 25 MB, of a three-billion one 72 MB: this holds the last few long
    # conversations of a large model or dozens of a small one, and is less than either model takes on the disk.
    conversation_cache_megabytes: Annotated[
        Bytes,
        Meta(
            description=N_("Disk space for what the model has read of sleeping conversations, in megabytes; 0: none.")
        ),
    ] = 1000
    pinned: Annotated[tuple[str, ...], Meta(description=N_("Components that never unload by themselves."))] = ()
    keep_warm: Annotated[tuple[KeepWarm, ...], Meta(description=N_("Hours in which components stay in memory."))] = ()
    memory_share: Annotated[
        float, Meta(gt=0, le=0.9, description=N_("Share of this machine's memory that components may take together."))
    ] = 0.5
    memory_megabytes: Annotated[
        Bytes, Meta(description=N_("The same as a fixed number of megabytes; 0 goes by the share."))
    ] = 0
    low_memory_megabytes: Annotated[
        Bytes, Meta(description=N_("Idle components go at once while less than this is available, in megabytes."))
    ] = 700
    prewarm: Annotated[bool, Meta(description=N_("Typing a question already wakes what will answer it."))] = True


class Import(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How files are read and cut."""

    originals: Annotated[
        Literal["link", "copy"], Meta(description=N_("Leave files where they are, or keep a copy of each."))
    ] = "link"
    passage_characters: Annotated[
        int, Meta(ge=200, le=4000, description=N_("Aimed length of a passage, in characters of English text."))
    ] = 900
    file_seconds: Annotated[Seconds, Meta(description=N_("A file that takes longer than this is given up."))] = 120
    reader_megabytes: Annotated[
        int, Meta(ge=256, description=N_("A file that needs more memory than this is given up."))
    ] = 1024


class Answering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How questions are answered."""

    model: Annotated[
        str,
        Meta(description=N_("Language model; “none” only quotes the documents; empty takes what is installed.")),
    ] = ""
    top: Annotated[int, Meta(ge=1, le=50, description=N_("How many passages are shown as sources."))] = 8
    max_tokens: Annotated[int, Meta(ge=16, le=8192, description=N_("Longest answer, in tokens."))] = 512
    thinking: Annotated[
        bool, Meta(description=N_("Models that can be asked to think before they answer do so. It takes longer."))
    ] = False
    temperature: Annotated[float, Meta(ge=0, le=2, description=N_("0 always takes the likeliest word."))] = 0.0


class Monitoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other programs on this computer may read of this one."""

    metrics: Annotated[
        bool, Meta(description=N_("Serve metrics for Prometheus and a health check, to this computer only."))
    ] = False
    metrics_port: Annotated[int, Meta(ge=1024, le=65535, description=N_("Port of the metrics on 127.0.0.1."))] = 9464


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings. A field missing in the file has its default."""

    appearance: Appearance = Appearance()
    residency: Residency = Residency()
    imports: Import = Import()
    answering: Answering = Answering()
    monitoring: Monitoring = Monitoring()


def load(file: Path) -> Settings:
    """Read ``file``; a missing or empty one gives the defaults. Raises SettingsError naming what does not fit."""
    if not file.is_file():
        return Settings()
    from ruamel.yaml import YAML  # 3 MB that a program without a settings file need not hold
    from ruamel.yaml.error import MarkedYAMLError

    try:
        content: Any = YAML(typ="safe", pure=True).load(file)  # pyright: ignore[reportUnknownMemberType]
        return msgspec.convert(content or {}, Settings)
    except MarkedYAMLError as error:
        problem: Any = error
        mark = problem.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SettingsError(file=str(file), detail=f"{where}{problem.problem}") from error
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise SettingsError(file=str(file), detail=str(error)) from error


def change(file: Path, section: str, name: str, value: object) -> Settings:
    """Set ``section.name`` to ``value`` in ``file``, keep its comments, and return the new settings.

    Raises SettingsError, with nothing written, when the value does not fit.
    """
    from ruamel.yaml import YAML

    load(file)
    yaml = YAML()
    document: Any = (yaml.load(file) if file.is_file() else None) or {}  # pyright: ignore[reportUnknownMemberType]
    document.setdefault(section, {})[name] = value
    try:
        changed = msgspec.convert(msgspec.to_builtins(document, enc_hook=_plain), Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(file=str(file), detail=str(error)) from error
    partial = file.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as out:
        yaml.dump(document, out)  # pyright: ignore[reportUnknownMemberType]
    partial.replace(file)
    return changed


def _plain(value: Any) -> float | int | str:
    """Return a number or word that was read from the file without what ruamel.yaml remembers of its looks."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"{value!r} in a YAML file")
