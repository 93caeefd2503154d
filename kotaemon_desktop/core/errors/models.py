"""A model on disk, its graph, or one that another program serves."""

from __future__ import annotations

from kotaemon_desktop.core.errors.base import KotaemonError
from kotaemon_desktop.core.i18n import N_, _


class ModelError(KotaemonError):
    """A model on disk or its graph. Fact: ``model``."""

    template = N_("The model “{model}” cannot be used.")


class ModelNotFound(ModelError):
    template = N_("There is no model “{model}”.")
    advice = N_("See what is installed with: kotaemon-desktop models list")


class ModelIncomplete(ModelError):
    """Facts: ``model``, ``missing``."""

    template = N_("The folder of “{model}” is not a complete model: {missing} is missing.")
    advice = N_("Nothing was added. Choose the folder that holds the .onnx file and tokenizer.json.")


class UnsupportedModel(ModelError):
    """Facts: ``model``, ``detail``."""

    template = N_("The model “{model}” needs something that this program lacks: {detail}.")


class DownloadFailed(ModelError):
    """Facts: ``model``, ``detail``."""

    template = N_("The download of “{model}” stopped: {detail}. What has arrived is kept.")
    advice = N_("Start it again to go on from there.")


class Offline(ModelError):
    template = N_("“{model}” was not downloaded: the program is set to stay offline.")
    advice = N_("Allow downloads on the models page under Connection, or add the model from a folder.")


class ModelInUse(ModelError):
    template = N_("The model “{model}” is in use just now.")
    advice = N_("Unload it first, then try again.")


class NoSpace(ModelError):
    """Facts: ``model``, ``needed``, ``free`` (sizes for people)."""

    template = N_("The model “{model}” needs {needed} on the disk, and only {free} are free. Nothing was added.")
    advice = N_("Free some space, or choose a smaller model.")


class PromptTooLong(ModelError):
    """Facts: ``model``, ``tokens``, ``limit``."""

    template = N_("The question and its sources take {tokens} tokens; the model “{model}” reads {limit} at most.")
    advice = N_("Ask a shorter question, or use fewer sources.")


class RemoteError(ModelError):
    """A model that another program serves did not do its work. Facts: ``model``, ``address``."""

    template = N_("{address} did not answer for “{model}”.")


class RemoteUnreachable(RemoteError):
    """Facts: ``model``, ``address``, ``detail``."""

    template = N_("{address} cannot be reached ({detail}).")
    advice = N_("See whether the program there runs, and whether its address in the settings (remote) is right.")


class RemoteRefused(RemoteError):
    """Facts: ``model``, ``address``, ``key`` (its name), ``variable`` (of the environment that may hold it)."""

    template = N_("{address} refuses the key for “{model}”.")
    advice = N_("Give the key “{key}” on the models page, or in the environment as {variable}.")


class RemoteBusy(RemoteError):
    """Facts: ``model``, ``address``, ``seconds`` that it asks to wait."""

    template = N_("{address} has too much to do and asks to wait {seconds} s.")
    advice = N_("Ask again then.")


class RemoteSlow(RemoteError):
    """Facts: ``model``, ``address``, ``seconds``."""

    template = N_("{address} was silent for {seconds} s and was given up.")
    advice = N_("It may be loading the model: ask again, or allow more time in the settings (remote).")


class RemoteCut(RemoteError):
    template = N_("{address} broke off in mid-answer.")
    advice = N_("What had come by then is kept. Ask again.")


class RemoteUnknownModel(RemoteError):
    """Facts: ``model`` (as it was asked for), ``address``, ``offered`` (names with commas, or nothing)."""

    template = N_("{address} has no model “{model}”.")
    advice = N_("It offers: {offered}. Put one of these in the settings (remote).")

    def __str__(self) -> str:
        if self.facts.get("offered"):
            return super().__str__()
        return _(self.template).format(**self.facts)


class RemoteFailed(RemoteError):
    """Facts: ``model``, ``address``, ``detail``: in its own words."""

    template = N_("{address} could not answer for “{model}”: {detail}")
