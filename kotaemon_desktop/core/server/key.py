"""The key of the local server: made once, kept where only its owner can read it, compared without telling how far."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_PREFIX: Final = "sk-kotaemon-"
_BEARER: Final = "bearer "


class Key:
    """Owns the file with the key. A file and no keyring: ``kotaemon-desktop serve`` has no session to unlock one."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def get(self) -> str:
        """Return the key, made with the first call and where its file is damaged. Raises OSError."""
        try:
            held = self.file.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            held = ""
        return held or self.renew()

    def renew(self) -> str:
        """Make another key in place of the one before, which opens nothing any more, and return it. Raises OSError."""
        import secrets  # it brings OpenSSL, which only who serves needs

        made = f"{_PREFIX}{secrets.token_urlsafe(24)}"
        part = self.file.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"{made}\n")
        part.replace(self.file)
        return made

    def opens(self, authorization: str) -> bool:
        """Tell whether a request with this ``Authorization`` may come in."""
        import hmac

        given = authorization[len(_BEARER) :] if authorization.lower().startswith(_BEARER) else ""
        return hmac.compare_digest(given.strip().encode(), self.get().encode())
