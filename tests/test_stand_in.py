"""What takes the place of the package ``cryptography`` in the built program does what that package does."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey  # noqa: F401 - asked for by name below
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as some

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")

FOLDER = Path(__file__).resolve().parents[1] / "packaging/linux/stand_ins"


def load_beside_the_real_one():
    spec = importlib.util.spec_from_file_location("stand_in", FOLDER / "cryptography.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


stand_in = load_beside_the_real_one()

keys = some.sampled_from((16, 24, 32)).flatmap(lambda size: some.binary(min_size=size, max_size=size))


def through(stream, *parts):
    return b"".join(map(stream.update, parts)) + stream.finalize()


@given(keys, some.binary(min_size=16, max_size=16), some.lists(some.binary(max_size=50)))
def test_aes_in_chains_is_the_same(key, start, parts):
    parts.append(bytes(-sum(map(len, parts)) % 16))
    secret = through(Cipher(AES(key), CBC(start)).encryptor(), *parts)
    assert through(stand_in.Cipher(stand_in.AES(key), stand_in.CBC(start)).encryptor(), *parts) == secret
    mine = stand_in.Cipher(stand_in.AES(key), stand_in.CBC(start)).decryptor()
    assert through(mine, secret) == b"".join(parts)


@given(keys, some.integers(0, 5))
def test_aes_by_blocks_is_the_same(key, blocks):
    data = random.Random(blocks).randbytes(16 * blocks)
    secret = through(Cipher(AES(key), ECB()).encryptor(), data)
    assert through(stand_in.Cipher(stand_in.AES(key), stand_in.ECB()).encryptor(), data) == secret
    assert through(stand_in.Cipher(stand_in.AES(key), stand_in.ECB()).decryptor(), secret) == data


@given(some.sampled_from((5, 16)), some.lists(some.binary(max_size=300)))
def test_rc4_is_the_same(size, parts):
    key = random.Random(size).randbytes(size)
    expected = through(Cipher(ARC4(key), None).encryptor(), *parts)
    assert through(stand_in.Cipher(stand_in.ARC4(key), None).decryptor(), *parts) == expected


@given(some.binary(max_size=70))
def test_padding_is_the_same(data):
    assert through(stand_in.PKCS7(128).padder(), data) == through(PKCS7(128).padder(), data)
    results = []
    for unpadder in (stand_in.PKCS7(128).unpadder(), PKCS7(128).unpadder()):
        try:
            results.append(through(unpadder, data))
        except ValueError as error:
            results.append(str(error))
    assert results[0] == results[1]


@given(some.binary(min_size=32, max_size=32), some.binary(max_size=300), some.integers(0, 511), some.integers(0))
def test_signatures_are_believed_and_refused_alike(seed, data, bit, place):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(data)
    changed = (int.from_bytes(signature) ^ 1 << bit).to_bytes(64)
    other = bytes(each ^ (number == place % (len(data) or 1)) for number, each in enumerate(data)) or b"more"
    for of, refused in ((stand_in, stand_in.InvalidSignature), (sys.modules[__name__], InvalidSignature)):
        key = of.Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, data)
        for wrong in ((changed, data), (signature, other), (signature[:-1], data), (b"", data)):
            with pytest.raises(refused):
                key.verify(*wrong)


def test_what_cannot_be_is_refused_with_the_same_words():
    for make in (
        lambda of: of.AES(b"short"),
        lambda of: of.Ed25519PublicKey.from_public_bytes(b"short"),
        lambda of: of.Cipher(of.AES(bytes(16)), of.CBC(b"short")),
        lambda of: through(of.Cipher(of.AES(bytes(16)), of.ECB()).decryptor(), b"half"),
    ):
        words = []
        for of in (stand_in, sys.modules[__name__]):
            with pytest.raises(ValueError, match=r".") as raised:
                make(of)
            words.append(str(raised.value))
        assert words[0] == words[1]


def test_the_packages_that_ask_for_it_find_it():
    code = (
        f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n"
        "import pypdf, secretstorage.util, secretstorage.item, cryptography\n"
        "from pypdf._crypt_providers import CryptAES, crypt_provider\n"
        "assert cryptography.__file__.startswith(sys.path[0]) and crypt_provider[0] == 'cryptography'\n"
        "cipher = CryptAES(bytes(32))\n"
        "assert cipher.decrypt(cipher.encrypt(b'told')) == b'told'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
