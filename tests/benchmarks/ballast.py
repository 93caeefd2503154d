"""A component that holds memory and does nothing with it."""

from __future__ import annotations


class Ballast:
    """Owns ``size`` bytes, all of them touched; lives in a host."""

    def __init__(self, size: int) -> None:
        self._bytes = bytearray(b"\1") * size

    def ready(self) -> bool:
        return True
