"""Something was asked for, or written into the settings, that there is not or that does not fit."""

from __future__ import annotations

from kotaemon_desktop.core.errors.base import KotaemonError
from kotaemon_desktop.core.i18n import N_


class PipelineNotFound(KotaemonError):
    """Facts: ``name``, ``known``."""

    template = N_("There is no pipeline “{name}”; these are known: {known}.")
    advice = N_("Declare it in the settings file, or choose one of these.")


class NothingTried(KotaemonError):
    """A candidate is to be promoted, and none is being tried."""

    template = N_("No candidate is being tried, so none was promoted. Nothing was changed.")
    advice = N_("Start a trial first.")


class SettingsError(KotaemonError):
    """Facts: ``file``, ``detail`` (with line and column where they are known)."""

    template = N_("{file} holds something that does not fit: {detail}. The last good settings stay in force.")
    advice = N_("Mend that line and save the file.")


class SettingRefused(SettingsError):
    """A value was not taken. Fact: ``detail``, what the setting takes."""

    template = N_("{detail}. Nothing was changed.")
    advice = ""
