"""Hands files to the program that already runs on a data folder: one window, whoever starts it again.

A running window listens on loopback, on every platform alike, and writes where into the data folder, which is the
user's alone, with a secret of two halves: with the first the window proves to be the one meant, before anything is
told; with the second the caller proves to have read the file.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kotaemon_desktop.core.paths import DataFolder

MOST_BYTES: Final = 1 << 20  # of one request: a few thousand paths
_ADDRESS: Final = ".window.json"
_HALF: Final = 16  # bytes of each half of the secret
_CONNECT, _ANSWER = 1.0, 5.0  # seconds: a window that is just starting an import answers late
_TAKEN: Final = b"taken\n"


@dataclass(frozen=True, slots=True)
class Request:
    """What a second start asks of the first: files to import, and to come to the front."""

    paths: tuple[Path, ...] = ()
    raises: bool = True


def hand_over(folder: DataFolder, request: Request) -> bool:
    """Give ``request`` to the window that runs on ``folder``; return whether there was one that took it."""
    try:
        port, greeting, answer = _address(folder)
        # Not create_connection(), which loads the tables of international names to look the address up: 0.2 MB.
        with socket.socket() as there, there.makefile("rb") as heard:
            there.settimeout(_CONNECT)
            there.connect(("127.0.0.1", port))
            there.settimeout(_ANSWER)
            if heard.readline(_HALF * 4).decode().strip() != greeting:
                return False
            there.sendall(_said(request, answer))
            return heard.readline(len(_TAKEN)) == _TAKEN
    except (OSError, ValueError, KeyError, TypeError):  # nobody is there, or somebody else by now
        return False


def _said(request: Request, answer: str) -> bytes:
    told = {"secret": answer, "paths": [str(path.absolute()) for path in request.paths], "raise": request.raises}
    return json.dumps(told).encode() + b"\n"


def _address(folder: DataFolder) -> tuple[int, str, str]:
    held: dict[str, Any] = json.loads((folder.root / _ADDRESS).read_bytes())
    return int(held["port"]), str(held["greeting"]), str(held["answer"])


class Door:
    """Owns the listening socket of a window and the file that says where it is; :meth:`close` takes both away.

    Neither waits nor has a thread: who owns an event loop asks when ``socket`` can be read.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._file = folder.root / _ADDRESS
        self._greeting, self._answer = os.urandom(_HALF).hex(), os.urandom(_HALF).hex()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self._write({"port": self.socket.getsockname()[1], "greeting": self._greeting, "answer": self._answer})

    def accept(self) -> socket.socket:
        """Let in who knocked, and greet. Raises OSError when nobody is there any more."""
        visitor, _address = self.socket.accept()
        visitor.setblocking(False)
        visitor.send(self._greeting.encode() + b"\n")
        return visitor

    def understand(self, line: bytes) -> Request | None:
        """Return what a visitor asked for in one line, None when it does not know the secret."""
        try:
            told: dict[str, Any] = json.loads(line)
            if told["secret"] != self._answer:
                return None
            paths: Iterable[object] = told["paths"]
            return Request(tuple(Path(str(path)) for path in paths), bool(told["raise"]))
        except (ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def confirm(visitor: socket.socket) -> None:
        """Tell ``visitor`` that its request was taken."""
        visitor.send(_TAKEN)

    def close(self) -> None:
        """Listen no more."""
        self._file.unlink(missing_ok=True)
        self.socket.close()

    def _write(self, held: dict[str, Any]) -> None:
        partial = self._file.with_suffix(".part")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123
            json.dump(held, out)
        partial.replace(self._file)
