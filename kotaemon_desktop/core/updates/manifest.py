"""What a project says of its newest version, and the signature that makes it believable.

A manifest travels in one file, ``{"manifest": TEXT, "signature": BASE64}``: an Ed25519 signature (RFC 8032) over the
very bytes of the text, which is JSON again. ``packaging/sign_update.py`` writes it.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_, Phrase, resource

MOST_BYTES: Final = 64 << 10
_KEY: Final = "updates/public-key.txt"
_KEY_BYTES: Final = 32

Number = Annotated[str, Meta(pattern=r"^\d{1,6}(\.\d{1,6}){1,3}$")]
Words = Annotated[str, Meta(max_length=4000)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Release(msgspec.Struct, frozen=True):
    """A version that can be downloaded from ``page``. ``notes`` by language, ``sha256`` by file name."""

    version: Number
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    page: Annotated[str, Meta(pattern=r"^https://[^\s/]+(/\S*)?$", max_length=500)]
    notes: dict[str, Words] = {}
    sha256: dict[Annotated[str, Meta(max_length=200)], Digest] = {}

    def is_newer_than(self, version: str) -> bool:
        """Return whether its number is greater than ``version``, part by part."""
        return _parts(self.version) > _parts(version)


class _Envelope(msgspec.Struct):
    manifest: str
    signature: str


class Unbelievable(ValueError):
    """The envelope or what is in it is not what the project has signed: ``words`` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = Phrase(words)


def public_key() -> bytes | None:
    """Return the key of the project's maintainers (32 bytes); None in a build that was made without one."""
    try:
        key = bytes.fromhex(resource(_KEY).read_text("ascii").strip())
    except (OSError, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None


def opened(envelope: bytes, key: bytes) -> Release:
    """Return the release that was signed with the private half of ``key``. Raises Unbelievable."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(envelope) > MOST_BYTES:
        raise Unbelievable(N_("it is too long"))
    try:
        read = msgspec.json.decode(envelope, type=_Envelope)
        signature = b64decode(read.signature, validate=True)
    except ValueError as error:
        raise Unbelievable(N_("it is no signed manifest")) from error
    signed = read.manifest.encode()
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature as error:
        raise Unbelievable(N_("its signature is wrong")) from error
    try:
        return msgspec.json.decode(signed, type=Release)
    except ValueError as error:
        raise Unbelievable(N_("its contents are not those of a manifest")) from error


def _parts(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:  # 1.0 is 1.0.0
        parts.pop()
    return tuple(parts)
