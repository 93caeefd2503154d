"""Which language model answers, and on which processor: what the settings wish, and what really works here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kotaemon_desktop.core.components import Components
from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.models import providers
from kotaemon_desktop.core.models.remote import RemoteModels
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.records import ModelInfo, ProviderChoice
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import GENERATOR, PROBE

if TYPE_CHECKING:
    from kotaemon_desktop.core.plugins.registry import Plugins


class Generators:
    """Owns the choice of the language model and of its provider; lives in the main process, in any thread."""

    def __init__(
        self,
        components: Components,
        keeper: Keeper,
        models: ModelStore,
        remote: RemoteModels,
        plugins: Callable[[], Plugins],
        wish: Callable[[], str],
    ) -> None:
        """``wish`` is the model of the settings: an id, ``none``, or empty for what is installed.

        One of ``remote`` answers only where it is wished for by its name.
        """
        self._components = components
        self._keeper = keeper
        self._models = models
        self._remote = remote
        self._plugins = plugins
        self._wish = wish
        self._provider: ProviderChoice | None = None

    # --- the model -------------------------------------------------------------------------------------------------

    @property
    def current(self) -> ModelInfo | None:
        """The model that a host holds or the next one will; before the first question the one of the settings."""
        return self._components.generator or self._find(self._wish())

    def default(self) -> ModelInfo | None:
        """Return the language model that answers, or None to quote only. One that is gone is not waited for."""
        wish = self._wish()
        known = {model.id for model in (*self._models.models(), *self._remote.models())}
        brought = wish.startswith(PREFIX) and self._plugins().model("generators", wish) is not None
        return self._find(wish if wish == "none" or wish in known or brought else "")

    def default_id(self) -> str:
        """Return the id of the model that answers, or ``none``."""
        model = self.default()
        return model.id if model is not None else "none"

    def choose(self, wish: str | None = None) -> ModelInfo | None:
        """Return the generator for ``wish``; a host that holds another one goes, so that the next has this one."""
        chosen = self.default() if wish is None else self._find(wish)
        return self._use(chosen) if chosen else None

    def choose_before_keeping_warm(self) -> None:
        """Before the first question nobody has said which one is to be kept warm."""
        if self._components.generator is None:
            self.choose()

    def smaller(self, model: ModelInfo) -> ModelInfo | None:
        """Return the largest installed generator that is smaller than ``model``, and use it.

        For one elsewhere that is what is installed here.
        """
        if model.address:
            local = self._models.generator()
            return self._use(local) if local else None
        smaller = [each for each in self._models.models() if each.task == model.task and each.bytes < model.bytes]
        return self._use(max(smaller, key=lambda each: each.bytes)) if smaller else None

    def _find(self, wish: str) -> ModelInfo | None:
        if brought := wish.startswith(PREFIX) and self._plugins().model("generators", wish):
            return brought
        remote = self._remote.find(wish)
        if remote is not None and remote.task == "generation":
            return remote
        return self._models.generator(wish)

    def _use(self, chosen: ModelInfo) -> ModelInfo:
        if self._components.generator not in {None, chosen}:
            self._keeper.unload(GENERATOR)
        self._components.generator = chosen
        self._keeper.look_up_again(GENERATOR)
        return chosen

    # --- the provider ----------------------------------------------------------------------------------------------

    def provider(self) -> ProviderChoice:
        """Return which processor runs the models, and why. Blocks some seconds where there is a GPU driver to try."""
        chosen = self.known_provider()
        if chosen is None:
            with self._keeper.lease(PROBE) as lease:
                chosen = lease.call("provider", self._components.hardware())
        self._provider = chosen
        return chosen

    def known_provider(self) -> ProviderChoice | None:
        """Return the same as far as it can be told without waking anything, else None."""
        if self._provider is None:
            self._provider = providers.without_probing(self._components.hardware())
        return self._provider

    def why_no_gpu(self) -> str:
        """Return why models run on the processor; empty where they do not, or nobody has tried the GPU yet."""
        chosen = self.known_provider()
        return chosen.why if chosen is not None and chosen.name == providers.CPU else ""

    def forget_provider(self) -> None:
        """After the machine has slept, or other settings, a GPU is tried again before it is believed."""
        self._provider = None
        self._components.lost.clear()

    def note_provider(self, chosen: ProviderChoice) -> None:
        """Take what the generator host has told that it runs on."""
        if not self._answers_elsewhere():
            self._provider = chosen

    def note_crash(self) -> None:
        """A host that died with a GPU may have died of it: the next one goes without."""
        if self._answers_elsewhere():
            return
        if self._provider is not None and self._provider.name != providers.CPU:
            self._components.lost[self._provider.name] = N_("Its host stopped in the middle of an answer.")
            self._provider = None

    def _answers_elsewhere(self) -> bool:
        return bool(self._components.generator and self._components.generator.address)
