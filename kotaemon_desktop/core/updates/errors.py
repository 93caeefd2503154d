"""Why nobody knows whether there is a newer version. The program goes on as it is."""

from __future__ import annotations

from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import N_


class UpdateError(KotaemonError):
    """There was no looking for a newer version, or no believable answer."""

    template = N_("Nobody knows whether there is a newer version.")


class UpdatesUnset(UpdateError):
    """Fact: ``why``, a Phrase."""

    template = N_("New versions cannot be looked for: {why}.")


class UpdateUnreachable(UpdateError):
    """Facts: ``place``, ``detail``."""

    template = N_("{place} did not tell whether there is a newer version ({detail}).")


class UpdateUntrusted(UpdateError):
    """Facts: ``place``, ``detail``, a Phrase."""

    template = N_("What {place} says about new versions is not believed: {detail}.")
    advice = N_("Nothing was downloaded or changed.")
