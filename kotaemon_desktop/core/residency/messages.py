"""Reads what a host sent, and makes nothing of it but the program's own records, errors and plain values.

A host may have been taken over by a file that it read; a pickle that is read as it comes would then run what the file
says in the window's process. The rules of the format: https://docs.python.org/3/library/pickle.html#pickle-restrict
"""

from __future__ import annotations

import dataclasses
import importlib
import io
import pickle
from collections.abc import Callable
from enum import Enum
from typing import Any, cast

import msgspec

from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import Phrase
from kotaemon_desktop.core.residency.child import ERROR

LARGEST = 512 << 20  # bytes of one message: no honest one comes near
_OURS = "kotaemon_desktop.core."
_BUILT_FROM_ARGUMENTS = (msgspec.Struct, KotaemonError, Phrase, Enum)
_PLAIN = {
    ("builtins", "bytearray"),
    ("builtins", "frozenset"),
    ("builtins", "set"),
    ("collections", "Counter"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("msgspec", "rebuild"),  # of records that take their fields by name
    # Python 3.13 says _local.
    *((module, kind) for module in ("pathlib", "pathlib._local") for kind in ("PosixPath", "WindowsPath")),
}


class ForeignMessage(Exception):
    """A host sent what no host of this program sends."""


def read(content: bytes) -> tuple[int, int, Any]:
    """Return a host's message: the request's id, what kind of message, and its payload. Raises ForeignMessage."""
    try:
        request, kind, payload = _Reader(io.BytesIO(content)).load()
    except Exception as error:  # what was made up to do harm fails in any way
        raise ForeignMessage(f"{type(error).__name__}: {error}") from error
    if type(request) is not int or type(kind) is not int or (kind == ERROR and not isinstance(payload, KotaemonError)):
        raise ForeignMessage("it has another shape")
    return request, kind, payload


class _Reader(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Return what makes one value of the class that a message names. Raises UnpicklingError for all others.

        A class itself is given away only where its ``__setstate__`` stands in the way of a message that would set the
        class's own attributes; what is built from arguments gets a function instead.
        """
        if "." in global_name:
            raise pickle.UnpicklingError(f"{module_name}.{global_name}")
        if (module_name, global_name) in _PLAIN:
            return _maker(getattr(importlib.import_module(module_name), global_name))
        if module_name.startswith(_OURS):
            found = getattr(importlib.import_module(module_name), global_name, None)
            if isinstance(found, type) and found.__module__ == module_name:
                kind = cast("type[object]", found)
                if issubclass(kind, _BUILT_FROM_ARGUMENTS):
                    return _maker(kind)
                if dataclasses.is_dataclass(kind) and "__setstate__" in vars(kind):
                    return kind
        raise pickle.UnpicklingError(f"{module_name}.{global_name}")


def _maker(make: Callable[..., Any]) -> Callable[..., Any]:
    def made(*arguments: Any, **named: Any) -> Any:
        return make(*arguments, **named)

    return made
