"""A component in a child process did not do its work."""

from __future__ import annotations

from kotaemon_desktop.core.component_names import component_name, plugin_kind_name
from kotaemon_desktop.core.errors.base import KotaemonError
from kotaemon_desktop.core.i18n import N_


class ComponentError(KotaemonError):
    """A component in a child process did not do its work. Fact: ``component``."""

    template = N_("The component “{component}” did not answer.")

    def shown_facts(self) -> dict[str, object]:
        return self.facts | {"component": component_name(str(self.facts.get("component", "")))}


class AnswerResumed(ComponentError):
    """The host died in mid-answer and another one goes on. Facts: ``component``, ``exitcode``."""

    template = N_("The component “{component}” stopped in mid-answer (exit code {exitcode}); a fresh one goes on.")


class ProviderLost(ComponentError):
    """The GPU failed in mid-answer. Facts: ``component``, ``before``, ``after``: execution providers, ``reason``."""

    template = N_("{before} failed in mid-answer ({reason}); the answer goes on with {after}.")


class ThoughtTooLong(ComponentError):
    """A reasoning model came to no answer. Fact: ``component``."""

    template = N_("The language model thought until its limit and came to no answer.")
    advice = N_("Ask a narrower question, or choose another model.")


class PluginBroken(ComponentError):
    """Facts: ``kind``, ``name`` and ``package`` of the plugin, ``detail``."""

    template = N_("The plugin “{name}” ({kind}, of the package {package}) is switched off: {detail}.")
    advice = N_("Update or remove that package; everything else goes on without it.")

    def shown_facts(self) -> dict[str, object]:
        return self.facts | {"kind": plugin_kind_name(str(self.facts["kind"]))}


class PluginMissing(ComponentError):
    """Facts: ``kind``, ``name`` of the plugin."""

    template = N_("There is no working plugin “{name}” ({kind}).")
    advice = N_("Install its package, or take it out of the settings.")

    def shown_facts(self) -> dict[str, object]:
        return self.facts | {"kind": plugin_kind_name(str(self.facts["kind"]))}


class WakeFailed(ComponentError):
    """Facts: ``component``, ``detail``."""

    template = N_("The component “{component}” could not start ({detail}).")
    advice = N_("Your documents are safe. Try again; if it stays, restart the program.")


class ComponentCrashed(ComponentError):
    """The host process ended in the middle of a request. Facts: ``component``, ``exitcode``."""

    template = N_("The component “{component}” stopped unexpectedly (exit code {exitcode}); your documents are safe.")
    advice = N_("Ask again: a fresh one starts by itself.")


class ComponentTimedOut(ComponentError):
    """Facts: ``component``, ``seconds``."""

    template = N_(
        "The component “{component}” gave no answer for {seconds} s and was stopped; your documents are safe."
    )
    advice = N_("Try again: a fresh one starts by itself.")


class ComponentFailed(ComponentError):
    """An unexpected exception inside a host, which lives on. Facts: ``component``, ``detail``."""

    template = N_("The component “{component}” reported an error: {detail}")


class VectorServerFailed(ComponentError):
    """Facts: ``address``, ``detail``."""

    template = N_("The vector index at {address} does not answer ({detail}).")
    advice = N_("Search goes on by keywords. See whether the server runs, or choose another index in the settings.")


class DoesNotFit(ComponentError):
    """Facts: ``component``, ``needed``, ``limit``, ``held`` (texts with units)."""

    template = N_(
        "The component “{component}” needs about {needed}; components may take {limit} here and busy ones hold {held}."
    )
    advice = N_("Wait for them to finish, or raise the limit in the settings (residency: memory_share).")


class BreakerOpen(ComponentError):
    """Facts: ``component``, ``failures``, ``seconds`` until it is tried again, ``reason``."""

    template = N_("The component “{component}” has failed {failures} times in a row ({reason}).")
    advice = N_("It is tried again in {seconds} s. Your documents are safe.")
