"""The settings as the window and their page show them: followed, changed, searched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.errors import SettingsError
from kotaemon_desktop.core.i18n import _, catalogue, language
from kotaemon_desktop.core.offers import offered
from kotaemon_desktop.core.settings import Settings
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.core.server.local import Serving
    from kotaemon_desktop.core.setting_fields import Field

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class SettingsModel(QObject):
    """Owns what was last seen of the settings; lives in the GUI thread, changes them on the browsing lane.

    Signals: ``changed()``: there are new settings. ``appearance_changed()``: with another theme or language.
    ``embedder_changed()``: with another embedder, which the library has to be embedded with, or another index to fill.
    ``problem_changed()``: ``problem`` is new. ``failed(str, Exception)``: the setting with that key was not changed.
    ``key_known(str)``: the key of the local server, after :meth:`look_up_key` or :meth:`renew_key`.
    ``searchable()``: a search finds more than before. ``put_aside(Path)``: the broken file is there now.
    """

    changed = Signal()
    appearance_changed = Signal()
    embedder_changed = Signal()
    problem_changed = Signal()
    failed = Signal(str, object)
    key_known = Signal(str)
    searchable = Signal()
    put_aside = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings: Settings = engine.settings
        self.problem: SettingsError | None = None
        self._engine = engine
        self._lanes = lanes
        self._chinese: dict[str, str] | None = None
        self._wished: dict[str, object] = {}  # by the key, until all its changes under way have ended
        self._under_way: Counter[str] = Counter()

    @property
    def file(self) -> Path:
        """Where the settings are kept."""
        return self._engine.settings_file.file

    def follow(self) -> None:
        """Tell what is new since the last time, whoever changed it: the file is edited by hand as well."""
        before, self.settings = self.settings, self._engine.settings
        problem = self._engine.settings_file.problem
        if problem is not self.problem:
            self.problem = problem
            self.problem_changed.emit()
        if self.settings is before:
            return
        if self.settings.appearance != before.appearance:
            self.appearance_changed.emit()
        if _index_of(self.settings) != _index_of(before):
            self.embedder_changed.emit()
        self.changed.emit()

    # --- what a person asks for ------------------------------------------------------------------------------------

    def change(self, section: str, name: str, value: object) -> None:
        """Set ``section.name``; ``changed`` or ``failed`` follows."""
        key = f"{section}.{name}"
        self._wished[key] = value
        self._do(key, partial(self._engine.change_setting, section, name, value))

    def reset(self, section: str, name: str) -> None:
        """Give ``section.name`` its default again; ``changed`` or ``failed`` follows."""
        self._wished.pop(f"{section}.{name}", None)
        self._do(f"{section}.{name}", partial(self._engine.settings_file.reset, section, name))

    def begin_anew(self) -> None:
        """Put a broken file aside and write the last good settings in its place; ``put_aside`` follows."""
        self._lanes.call(
            "browsing",
            self._engine.settings_file.begin_anew,
            on_result=self._tell_aside,
            on_error=partial(self.failed.emit, ""),
        )

    # --- the local server ------------------------------------------------------------------------------------------

    def serving(self) -> Serving:
        """Return how the local server stands; a moment's work."""
        return self._engine.server.serving()

    def look_up_key(self) -> None:
        """Find out the key of the local server; ``key_known`` follows."""
        self._tell_key(self._engine.server.key.get)

    def renew_key(self) -> None:
        """Make another key for the local server; ``key_known`` follows."""
        self._tell_key(self._engine.server.key.renew)

    def _tell_key(self, work: Callable[[], str]) -> None:
        failed = partial(self.failed.emit, "server.enabled")
        self._lanes.call("browsing", work, on_result=self.key_known.emit, on_error=failed)

    # --- what the page shows ---------------------------------------------------------------------------------------

    def value(self, field: Field) -> Any:
        """Return what ``field`` is set to, or is just being set to: who is quick does not get an older value back."""
        if field.key in self._wished:
            return self._wished[field.key]
        return getattr(getattr(self.settings, field.section), field.name)

    def offered(self, field: Field) -> dict[str, str]:
        """Return what is proposed for ``field``, and what people call it; what is set already is always there."""
        if not field.offers:
            return {}
        known = offered(self._engine, field.offers)
        held = self.value(field)
        extra = (held,) if isinstance(held, str) else held
        return known | {each: each for each in extra if each not in known}

    def matches(self, field: Field, query: str) -> bool:
        """Tell whether all words of ``query`` stand in the label, help, values or key of ``field``, in any language."""
        marked = (field.title, field.help, *(field.words or {}).values())
        chinese = self._chinese or {}
        texts = (field.key, *marked, *map(_, marked), *(chinese.get(each, "") for each in marked))
        text = " ".join(texts).casefold()
        return all(word in text for word in query.casefold().split())

    def prepare_search(self, query: str) -> None:
        """Read the Chinese words when somebody looks for some in English surroundings; ``searchable`` follows."""
        if self._chinese is None and language() != "zh_CN" and _CHINESE.search(query):
            self._chinese = {}
            self._lanes.call("browsing", partial(catalogue, "zh_CN"), on_result=self._take_chinese)

    def _take_chinese(self, texts: dict[str, str]) -> None:
        self._chinese = texts
        self.searchable.emit()

    def _do(self, key: str, work: Callable[[], None]) -> None:
        self._under_way[key] += 1
        self._lanes.call(
            "browsing", work, on_result=lambda _: self._done(key), on_error=lambda error: self._done(key, error)
        )

    def _done(self, key: str, error: Exception | None = None) -> None:
        self._under_way[key] -= 1
        if not self._under_way[key]:
            self._wished.pop(key, None)
        self.follow()
        if error is not None:
            self.failed.emit(key, error)

    def _tell_aside(self, aside: Path) -> None:
        self.follow()
        self.put_aside.emit(aside)


def _index_of(settings: Settings) -> tuple[str, str]:
    """Return what says which vectors are made, and where they are kept."""
    return settings.models.embedder, settings.search.vectors
