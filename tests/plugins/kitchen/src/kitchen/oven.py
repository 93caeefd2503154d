"""Looks at the oven, which no document knows of."""

from __future__ import annotations

_OVENS = {"1": "180 °C, rising", "2": "off"}


class Oven:
    """Tells how hot oven 1 or 2 is; a real one would ask it over the network."""

    pattern = r"oven\s*(?P<number>\d)|(?P<zh>\d)\s*号烤箱"
    leaves = False

    def call(self, number: str | None = None, zh: str | None = None) -> str | None:
        return _OVENS.get(number or zh or "")
