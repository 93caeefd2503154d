"""Lets a plugin find the passages for a question, in the place of words and meaning."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from kotaemon_desktop.core.errors import PluginMissing
from kotaemon_desktop.core.events import Waking
from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
from kotaemon_desktop.core.plugins.found import PREFIX, broken
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
        """Yield Waking if the plugins' host sleeps; return what was found, None where no plugin is set.

        Raises PluginMissing, PluginBroken, and what waking the host raises.
        """
        wish = self.wish()
        if not wish:
            return None
        asked = self.plugins()
        name = wish.removeprefix(PREFIX)
        plugin = asked.plugins.find("retrievers", name)
        if plugin is None:
            raise PluginMissing(kind="retrievers", name=name)
        yield from asked.waking()
        told = asked.call(plugin, list | tuple, "find", text, self.library, limit, within)
        try:
            found = [(int(each), float(score)) for each, score in told or ()]
        except (TypeError, ValueError) as error:
            raise broken(plugin, "find returns no pairs of an id and a score") from error
        if not all(0 < score < math.inf for _, score in found):
            raise broken(plugin, "a score is not above 0")
        return sorted(found, key=lambda pair: -pair[1])[:limit]
