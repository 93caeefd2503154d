"""Which provider computes, why the others do not, and what happens when it breaks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kotaemon_desktop.core.errors import ProviderLost
from kotaemon_desktop.core.models import providers, session
from kotaemon_desktop.core.models.providers import CPU, Provider, configured
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.records import GenerationStats, GenerationWish, Hardware, ProviderChoice
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host

CUDA, TENSORRT = "CUDAExecutionProvider", "TensorrtExecutionProvider"
QUESTION = [{"role": "user", "content": "the cat sat on the mat and a dog " * 3}]
WISH = GenerationWish(max_tokens=40)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    providers.provider.cache_clear()
    yield
    providers.provider.cache_clear()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a machine with some drivers, a build with some providers, and GPUs that compute or do not."""

    def make(platform: str, drivers: set[str], offered: set[str], computing: set[str]) -> None:
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(providers, "_has_driver", lambda each: each.key in drivers)
        monkeypatch.setattr(session, "offered", lambda: [*offered, CPU])
        monkeypatch.setattr(session, "computes", lambda chosen: chosen[0][0] in computing)

    return make


def text(key: str, name: str) -> str:
    return getattr(next(each for each in providers.TABLE if each.key == key), name)


@pytest.mark.parametrize(
    ("driver", "built", "computes", "name", "reason"),
    [
        (False, True, True, CPU, "no_driver"),
        (True, False, True, CPU, "not_built"),
        (True, True, False, CPU, "refused"),
        (True, True, True, CUDA, "works"),
    ],
)
def test_the_reason_tells_what_was_found(machine, driver, built, computes, name, reason) -> None:
    machine("linux", {"cuda"} if driver else set(), {CUDA} if built else set(), {CUDA} if computes else set())
    chosen = providers.ProbeService().provider()
    assert (chosen.name, chosen.why) == (name, text("cuda", reason))
    assert providers.without_probing() == (None if driver else chosen)
    passed = dict(chosen.passed)
    assert passed == ({CUDA: text("cuda", reason), TENSORRT: "The settings do not ask for it."} if name == CPU else {})


def test_each_platform_has_its_own_and_every_reason_is_kept(machine) -> None:
    machine("win32", {"cuda", "directml"}, {CUDA, "DmlExecutionProvider"}, {"DmlExecutionProvider"})
    chosen = providers.provider()
    assert chosen.name == "DmlExecutionProvider"
    assert dict(chosen.passed) == {CUDA: text("cuda", "refused"), TENSORRT: "The settings do not ask for it."}
    machine("darwin", set(), set(), set())
    providers.provider.cache_clear()
    assert [name for name, _ in providers.provider().passed] == ["CoreMLExecutionProvider"]


def test_what_is_asked_for_is_taken_if_it_works(machine) -> None:
    machine("linux", {"cuda", "tensorrt"}, {CUDA, TENSORRT}, {CUDA, TENSORRT})
    assert providers.provider(Hardware("tensorrt")).name == TENSORRT
    assert providers.provider(Hardware("cpu")) == providers.without_probing(Hardware("cpu"))
    assert providers.provider(Hardware("cpu")).why == "The settings ask for it."
    machine("linux", {"cuda", "tensorrt"}, {CUDA, TENSORRT}, {CUDA})
    providers.provider.cache_clear()
    asked = providers.provider(Hardware("tensorrt"))
    assert (asked.name, asked.why) == (CPU, text("tensorrt", "refused"))


def test_what_failed_is_not_tried_again(machine) -> None:
    machine("linux", {"cuda"}, {CUDA}, {CUDA})
    chosen = providers.provider(Hardware(lost=((CUDA, "It fell."),)))
    assert (chosen.name, chosen.why, dict(chosen.passed)[CUDA]) == (CPU, "It fell.", "It fell.")


def test_the_options_reach_the_runtime() -> None:
    hardware = Hardware(device=1, gpu_megabytes=2000)
    cuda = {"arena_extend_strategy": "kSameAsRequested", "device_id": "1", "gpu_mem_limit": str(2000 << 20)}
    assert list(configured(CUDA, hardware)) == [(CUDA, cuda), (CPU, {})]
    names = [name for name, _ in configured(TENSORRT, hardware)]
    assert names == [TENSORRT, CUDA, CPU]
    assert list(configured("CoreMLExecutionProvider", hardware)) == [("CoreMLExecutionProvider", {}), (CPU, {})]
    assert list(configured(CPU, hardware)) == [(CPU, {})]
    assert (providers.cache_device(CUDA), providers.cache_device("DmlExecutionProvider")) == ("cuda", "cpu")


def test_a_driver_is_a_library_that_loads() -> None:
    assert not providers._has_driver(Provider("x", "X", {sys.platform: "libno-such-driver.so.1"}))
    assert providers._has_driver(Provider("x", "X", {sys.platform: ""}))


def test_the_real_provider_here_computes() -> None:
    assert session.computes(configured(providers.provider().name, Hardware()))


# --- a GPU that breaks, in a real host ---


@pytest.fixture
def start(tmp_path, decoder_folders) -> Iterator[Any]:
    hosts: list[Host] = []
    folder = ModelStore(tmp_path).add(decoder_folders.genai).folder

    def make(service: str, **arguments: Any) -> Host:
        hosts.append(Host(ComponentSpec("generator", service, lambda: {"folder": folder, **arguments})))
        return hosts[-1]

    yield make
    for host in hosts:
        host.stop()


def said(parts: list[Any]) -> str:
    return "".join(part for part in parts if isinstance(part, str))


@pytest.mark.parametrize("runs", [0, 1, 2, 9])
def test_an_answer_goes_on_where_the_gpu_broke(start, runs) -> None:
    steady = start("kotaemon_desktop.core.models.conversing:ConversationService", hardware=Hardware("cpu"))
    expected = list(steady.stream("answer", QUESTION, WISH))
    host = start("standin:BreakingGpu", runs=runs)
    assert host.call("about").provider.name == "StandInExecutionProvider"
    parts = list(host.stream("answer", QUESTION, WISH))
    (lost,) = [part for part in parts if isinstance(part, ProviderLost)]
    assert (lost.facts["before"], lost.facts["after"]) == ("StandInExecutionProvider", CPU)
    assert "CUDA failure 700" in str(lost)
    assert said(parts) == said(expected)
    assert isinstance(parts[-1], GenerationStats)
    chosen = host.call("about").provider
    assert chosen.name == CPU
    assert dict(chosen.passed)["StandInExecutionProvider"] == "It failed in the middle of an answer."
    again = list(host.stream("answer", QUESTION, WISH))
    assert said(again) == said(expected)
    assert not [part for part in again if isinstance(part, ProviderLost)]


def test_a_model_that_the_gpu_cannot_hold_opens_on_the_processor(start) -> None:
    chosen: ProviderChoice = start("standin:BreakingGpu", runs=-1).call("about").provider
    assert (chosen.name, chosen.why) == (CPU, "The model could not be opened on it.")
