"""Settings of what other programs get to see: the local server, the metrics; and of plugins."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other programs of this computer may ask of this one."""

    enabled: Annotated[
        bool,
        Meta(
            title=N_("Serve other programs"),
            description=N_(
                "Programs of this computer that have the key can ask the models and the documents, over OpenAI's "
                "interface. Models wake when they are asked and leave when they are idle. Takes about 4 MB."
            ),
        ),
    ] = False
    port: Annotated[
        int,
        Meta(ge=1024, le=65535, title=N_("Port"), description=N_("Port of the local server on 127.0.0.1.")),
    ] = 8377
    at_once: Annotated[
        int,
        Meta(
            ge=1,
            le=16,
            title=N_("Requests at once"),
            description=N_("How many are answered side by side; others wait. A language model answers one at a time."),
        ),
    ] = 2


class Plugins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What installed packages add to the program."""

    off: Annotated[
        tuple[str, ...],
        Meta(
            title=N_("Packages that are off"),
            description=N_("Names of packages whose plugins are not used; “kotaemon-desktop plugins” lists them."),
        ),
    ] = ()


class Monitoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What other programs on this computer may read of this one."""

    metrics: Annotated[
        bool,
        Meta(
            title=N_("Serve metrics"),
            description=N_("For Prometheus, with a health check, to this computer only. Takes about 2 MB."),
        ),
    ] = False
    metrics_port: Annotated[
        int,
        Meta(
            ge=1024,
            le=65535,
            title=N_("Port of the metrics"),
            description=N_("Port of the metrics on 127.0.0.1."),
        ),
    ] = 9464
