"""Lets a plugin find the passages for a question, in the place of words and meaning."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from kotaemon_desktop.core.events import Waking
from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.storage.passage_view import PassageView


@dataclass(frozen=True, slots=True)
class PluginRetriever:
    """Asks the retriever that ``wish`` names; lives in the answering lane. See ``search.Retriever``."""

    plugins: Callable[[], PluginSteps]
    library: PassageView
    wish: Callable[[], str]

    def __call__(
        self, text: str, limit: int, within: Sequence[int] | None
    ) -> Generator[Waking, None, list[tuple[int, float]] | None]:
        """Yield Waking if the plugins' host sleeps; return what was found, None where no plugin is to be asked.

        Raises PluginBroken, and what waking the host raises.
        """
        wish = self.wish()
        if not wish:
            return None
        asked = self.plugins()
        plugin = asked.plugins.find("retrievers", wish.removeprefix(PREFIX))
        if plugin is None:
            return None
        yield from asked.waking()
        return asked.found(plugin, text, self.library, limit, within)
