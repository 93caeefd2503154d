"""Models that other programs serve, as the settings declare them: who they are, where they are, who may be asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models.manifest import MULTILINGUAL
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.records import ModelInfo, RemoteModel
from kotaemon_desktop.core.settings import RemoteEngine, Settings

_HOST: Final = re.compile(r"https?://([^/]+)")
_LOOPBACK: Final = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")
_AT: Final = "@"


class RemoteModels:
    """The models elsewhere; keeps no state of its own: any thread may ask.

    One is known by what its server calls it and where that is (``qwen3-8b@gpu.lan-8000``), so vectors of two models
    never mix. None is there while the settings do not allow it, or the program is to stay offline.
    """

    def __init__(self, settings: Callable[[], Settings], keychain: Keychain, outgoing: Outgoing | None = None) -> None:
        self._outgoing = outgoing or Outgoing()
        self._settings = settings
        self._keychain = keychain

    def models(self) -> list[ModelInfo]:
        """Return the models that may be asked, in the order of their declarations."""
        return [_info(each) for each in self._declared()]

    def find(self, id: str) -> ModelInfo | None:  # noqa: A002 - it is what it is
        """Return the model ``id``, or None where it is none of these."""
        return next((each for each in self.models() if each.id == id), None)

    def name(self, id: str) -> str:  # noqa: A002
        """Return what people call the model ``id``."""
        return next((each.name or each.model for each in self._declared() if _id(each) == id), id)

    def set_key(self, id: str, key: str) -> bool:  # noqa: A002
        """Keep the key for the model ``id`` (empty: forget it); return whether the system's keyring has done it."""
        return self._keychain.set(self.key_name(id), key)

    def key_name(self, id: str) -> str:  # noqa: A002
        """Return under which name the key for the model ``id`` is kept."""
        return next((each.key or _address(each) for each in self._declared() if _id(each) == id), "")

    def connection(self, model: ModelInfo | None) -> RemoteModel | None:
        """Return what a host has to know to ask ``model``, None for one of this machine. The keyring may take a while.

        It is asked for when a host wakes, so that it holds for what the settings say then.
        """
        declared = next((each for each in self._declared() if model is not None and _id(each) == model.id), None)
        if declared is None:
            return None
        address = _address(declared)
        if leaves(address):
            self._outgoing.note(Errand.MODEL, address)
        return RemoteModel(
            id=_id(declared),
            task=declared.task,
            address=address,
            url=declared.url.rstrip("/"),
            model=declared.model,
            key=self._keychain.get(declared.key or address) or "",
            key_name=declared.key or address,
            context=declared.context,
            timeout=declared.timeout,
        )

    def _declared(self) -> Iterator[RemoteEngine]:
        settings = self._settings()
        if settings.remote.allowed and not settings.models.offline:
            yield from {_id(each): each for each in settings.remote.engines if each.model}.values()


def leaves(address: str) -> bool:
    """Return whether what is sent to ``address`` leaves this machine."""
    return bool(address) and _LOOPBACK.fullmatch(address) is None


def leaves_with(model: str) -> bool:
    """Return whether what the model with the id ``model`` is asked leaves this machine."""
    _name, _at, place = model.rpartition(_AT)
    return _AT in model and leaves(re.sub(r"-(\d+)$", r":\1", place))


def _info(engine: RemoteEngine) -> ModelInfo:
    address = _address(engine)
    return ModelInfo(_id(engine), engine.task, "", 0, (MULTILINGUAL,), layout="remote", address=address)


def _id(engine: RemoteEngine) -> str:
    """Return a name that a folder can have."""
    return f"{_plain(engine.model)}{_AT}{_plain(_address(engine))}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", text).strip("-.")


def _address(engine: RemoteEngine) -> str:
    return host_of(engine.url)


def host_of(url: str) -> str:
    """Return the host and port in ``url``; empty where it is none."""
    found = _HOST.match(url)
    return found[1].lower() if found else ""
