"""What is asked of the package ``cryptography``: AES by pypdf and SecretStorage, Ed25519 by the update check.

All of it comes from the OpenSSL that is inside already.

The package's own wheel brings a second OpenSSL, 11.6 MB. Its API: https://cryptography.io/en/stable/hazmat/
"""

from __future__ import annotations

import ctypes
import sys
from types import ModuleType
from typing import Any, Final

__version__: Final = "0"

_BLOCK: Final = 16  # bytes, of AES
_SIZES: Final = (16, 24, 32)
_ED25519: Final = 1087  # NID_ED25519, in OpenSSL's obj_mac.h


class UnsupportedAlgorithm(Exception):
    """OpenSSL is without it."""


class InvalidSignature(Exception):
    """The data was not signed with the key, or it is other data."""


class AES:
    """A ``key`` of 16, 24 or 32 bytes. Raises ValueError for others."""

    def __init__(self, key: bytes) -> None:
        if len(key) not in _SIZES:
            raise ValueError(f"Invalid key size ({8 * len(key)}) for AES.")
        self.key = bytes(key)


class ARC4:
    """A ``key`` of old PDFs. OpenSSL 3 keeps RC4 in a library of its own, so it is computed here."""

    def __init__(self, key: bytes) -> None:
        self.key = bytes(key)


class CBC:
    """Each block depends on the one before, the first on ``initialization_vector``."""

    name = "cbc"

    def __init__(self, initialization_vector: bytes) -> None:
        if len(initialization_vector) != _BLOCK:
            raise ValueError(f"Invalid IV size ({len(initialization_vector)}) for CBC.")
        self.start = bytes(initialization_vector)


class ECB:
    """Each block by itself."""

    name = "ecb"
    start = None


class Cipher:
    """One algorithm in one mode."""

    def __init__(self, algorithm: AES | ARC4, mode: CBC | ECB | None, _backend: object = None) -> None:
        self._algorithm, self._mode = algorithm, mode

    def encryptor(self) -> _Aes | _Rc4:
        """Return what encrypts."""
        return self._stream(encrypts=True)

    def decryptor(self) -> _Aes | _Rc4:
        """Return what decrypts."""
        return self._stream(encrypts=False)

    def _stream(self, *, encrypts: bool) -> _Aes | _Rc4:
        if self._mode is None:
            return _Rc4(self._algorithm.key)
        return _Aes(self._algorithm.key, self._mode, encrypts=encrypts)


class _Rc4:
    def __init__(self, key: bytes) -> None:
        self._state = list(range(256))
        self._i = self._j = place = 0
        for each in range(256):
            place = (place + self._state[each] + key[each % len(key)]) % 256
            self._state[each], self._state[place] = self._state[place], self._state[each]

    def update(self, data: bytes) -> bytes:
        """Return ``data`` under the key's stream: both ways are the same."""
        state, i, j = self._state, self._i, self._j
        out = bytearray()
        for byte in data:
            i = (i + 1) % 256
            j = (j + state[i]) % 256
            state[i], state[j] = state[j], state[i]
            out.append(byte ^ state[(state[i] + state[j]) % 256])
        self._i, self._j = i, j
        return bytes(out)

    def finalize(self) -> bytes:
        """Return nothing: all is out."""
        return b""


class _Aes:
    """OpenSSL's own context: https://docs.openssl.org/3.0/man3/EVP_EncryptInit/."""

    def __init__(self, key: bytes, mode: CBC | ECB, *, encrypts: bool) -> None:
        self._openssl = _openssl()
        self._context = ctypes.c_void_p(self._openssl.EVP_CIPHER_CTX_new())
        kind = self._openssl.EVP_get_cipherbyname(f"aes-{8 * len(key)}-{mode.name}".encode())
        done = self._openssl.EVP_CipherInit_ex(
            self._context, ctypes.c_void_p(kind), None, key, mode.start, ctypes.c_int(encrypts)
        )
        if not done:
            raise UnsupportedAlgorithm(f"AES-{8 * len(key)}-{mode.name}")
        self._openssl.EVP_CIPHER_CTX_set_padding(self._context, 0)
        self._length = 0

    def update(self, data: bytes) -> bytes:
        """Return the blocks that are whole with ``data``."""
        out, written = ctypes.create_string_buffer(len(data) + _BLOCK), ctypes.c_int()
        if not self._openssl.EVP_CipherUpdate(self._context, out, ctypes.byref(written), bytes(data), len(data)):
            raise ValueError("OpenSSL refused the data")
        self._length += len(data)
        return out.raw[: written.value]

    def finalize(self) -> bytes:
        """Return nothing: every block is out. Raises ValueError where the last one is not whole."""
        if self._length % _BLOCK:
            raise ValueError("The length of the provided data is not a multiple of the block length.")
        return b""

    def __del__(self) -> None:
        self._openssl.EVP_CIPHER_CTX_free(self._context)


class PKCS7:
    """Padding to whole blocks of ``block_size`` bits."""

    def __init__(self, block_size: int) -> None:
        self._bytes = block_size // 8

    def padder(self) -> _Padding:
        """Return what adds the padding."""
        return _Padding(self._bytes, adds=True)

    def unpadder(self) -> _Padding:
        """Return what takes it away."""
        return _Padding(self._bytes, adds=False)


class _Padding:
    def __init__(self, block: int, *, adds: bool) -> None:
        self._block, self._adds, self._data = block, adds, bytearray()

    def update(self, data: bytes) -> bytes:
        """Keep ``data``: all of it comes at the end."""
        self._data += data
        return b""

    def finalize(self) -> bytes:
        """Return all. Raises ValueError where there is no padding to be taken away."""
        if self._adds:
            missing = self._block - len(self._data) % self._block
            return bytes(self._data) + bytes([missing]) * missing
        added = self._data[-1] if self._data and not len(self._data) % self._block else 0
        if not 1 <= added <= self._block or self._data[-added:] != bytes([added]) * added:
            raise ValueError("Invalid padding bytes.")
        return bytes(self._data[:-added])


class Ed25519PublicKey:
    """Checks signatures (RFC 8032): https://docs.openssl.org/3.0/man7/EVP_SIGNATURE-ED25519/."""

    def __init__(self, data: bytes) -> None:
        self._openssl = _openssl()
        key = self._openssl.EVP_PKEY_new_raw_public_key(_ED25519, None, bytes(data), ctypes.c_size_t(len(data)))
        if not key:
            raise ValueError("An Ed25519 public key is 32 bytes long")
        self._key = ctypes.c_void_p(key)

    @classmethod
    def from_public_bytes(cls, data: bytes) -> Ed25519PublicKey:
        """Return the key that these 32 bytes are. Raises ValueError for others."""
        return cls(data)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise InvalidSignature unless ``signature`` was made of ``data`` with this key's private half."""
        context = ctypes.c_void_p(self._openssl.EVP_MD_CTX_new())
        try:
            begun = self._openssl.EVP_DigestVerifyInit(context, None, None, None, self._key)
            sizes = ctypes.c_size_t(len(signature)), ctypes.c_size_t(len(data))
            good = self._openssl.EVP_DigestVerify(context, bytes(signature), sizes[0], bytes(data), sizes[1])
        finally:
            self._openssl.EVP_MD_CTX_free(context)
        if begun != 1 or good != 1:
            raise InvalidSignature

    def __del__(self) -> None:
        if hasattr(self, "_key"):
            self._openssl.EVP_PKEY_free(self._key)


def default_backend() -> None:
    """Return nothing: there is one OpenSSL."""


def _openssl() -> Any:
    import _hashlib  # brings the library into the process

    assert _hashlib.openssl_md_meth_names
    library = ctypes.CDLL("libcrypto.so.3")
    for name in ("EVP_CIPHER_CTX_new", "EVP_get_cipherbyname", "EVP_MD_CTX_new", "EVP_PKEY_new_raw_public_key"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


def _register(package: str) -> None:
    """Let the parts be found by the names that they have in the real package."""
    parts = {
        "exceptions": {"InvalidSignature": InvalidSignature, "UnsupportedAlgorithm": UnsupportedAlgorithm},
        "hazmat": {},
        "hazmat.backends": {"default_backend": default_backend},
        "hazmat.decrepit": {},
        "hazmat.decrepit.ciphers": {},
        "hazmat.decrepit.ciphers.algorithms": {"ARC4": ARC4},
        "hazmat.primitives": {},
        "hazmat.primitives.asymmetric": {},
        "hazmat.primitives.asymmetric.ed25519": {"Ed25519PublicKey": Ed25519PublicKey},
        "hazmat.primitives.ciphers": {"Cipher": Cipher},
        "hazmat.primitives.ciphers.algorithms": {"AES": AES},
        "hazmat.primitives.ciphers.base": {"Cipher": Cipher},
        "hazmat.primitives.ciphers.modes": {"CBC": CBC, "ECB": ECB},
        "hazmat.primitives.padding": {"PKCS7": PKCS7},
    }
    for name, content in parts.items():
        module = ModuleType(f"{package}.{name}")
        module.__path__ = []
        vars(module).update(content)
        parent, _dot, last = f"{package}.{name}".rpartition(".")
        setattr(sys.modules[parent], last, module)
        sys.modules[module.__name__] = module


if __name__ == "cryptography":
    _register(__name__)
