"""What the settings' types have in common: times, sizes, days."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

from kotaemon_desktop.core.i18n import N_

MONTH: Final = 30 * 24 * 3600  # longer than any timer needs, and a number that still can be counted down
NEXT_FILES: Final = N_("For files that are imported from now on.")
Seconds = Annotated[float, Meta(ge=0, le=MONTH, extra={"unit": "s"})]
Megabytes = Annotated[int, Meta(ge=0, le=1 << 24, extra={"unit": "MB"})]
TIME_OF_DAY: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
TimeOfDay = Annotated[str, Meta(pattern=TIME_OF_DAY)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
