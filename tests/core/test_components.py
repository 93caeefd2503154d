"""What a host is built from is decided when it wakes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kotaemon_desktop.core.components import Components
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models import providers
from kotaemon_desktop.core.models.fit import needed
from kotaemon_desktop.core.models.remote import RemoteModels
from kotaemon_desktop.core.outgoing import Outgoing
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ModelInfo
from kotaemon_desktop.core.settings import Answering, Settings

MODEL = ModelInfo(id="m", task="generation", folder="/models/m", bytes=1 << 30, languages=("en",))
NEEDED = needed(MODEL.task, MODEL.bytes)


def components(tmp_path: Path, free: int | None, gpu_megabytes: int = 0) -> Components:
    settings = msgspec.structs.replace(Settings(), answering=Answering(gpu_megabytes=gpu_megabytes))
    embedders = None  # nobody asks for one here
    remote = RemoteModels(lambda: settings, Keychain())
    return Components(
        DataFolder(tmp_path), lambda: settings, embedders, remote, lambda: None, Outgoing(), lambda: None, lambda: free
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("free", "allowed", "has_room"),
    [(NEEDED - 1, 0, False), (NEEDED, 0, True), (8 * NEEDED, NEEDED >> 21, False), (None, 0, True)],
)
def test_a_model_without_room_on_the_gpu_runs_elsewhere(
    tmp_path: Path, free: int | None, allowed: int, has_room: bool
) -> None:
    made = components(tmp_path, free, allowed)
    refused = dict(made.hardware(MODEL).lost)
    assert (not refused) is has_room
    assert set(refused.values()) <= {providers.NO_ROOM}
    assert made.hardware().lost == ()  # of no model in particular


def test_what_has_failed_keeps_its_own_reason(tmp_path: Path) -> None:
    made = components(tmp_path, free=0)
    made.lost["CUDAExecutionProvider"] = "It stopped."
    assert dict(made.hardware(MODEL).lost)["CUDAExecutionProvider"] == "It stopped."
