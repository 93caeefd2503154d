"""Secrets are in the keyring, else in the environment, else nowhere but in memory."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.keychain import Keychain, variable

sys.path.append(str(Path(__file__).parents[1]))

from loopback_hub import keyring_of_the_test  # noqa: F401


@pytest.fixture
def no_keyring() -> Iterator[None]:
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


def test_the_keyring_goes_before_the_environment(
    keyring_of_the_test: None,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KOTAEMON_DESKTOP_KEY_GPU_EXAMPLE", "of the environment")
    assert Keychain().get("gpu.example") == "of the environment"
    assert Keychain().set("gpu.example", "of the keyring")
    assert Keychain().get("gpu.example") == "of the keyring"
    assert Keychain().get("other.example") is None


def test_without_a_keyring_the_environment_has_it(no_keyring: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("api.example:8000"), "key")
    assert variable("api.example:8000") == "KOTAEMON_DESKTOP_KEY_API_EXAMPLE_8000"
    keychain = Keychain()
    assert keychain.get("api.example:8000") == "key"
    assert not keychain.set("api.example:8000", "until the end of the program")
    assert keychain.get("api.example:8000") == "until the end of the program"
    assert Keychain().get("api.example:8000") == "key"
