"""The services of this package in the real child processes that they are written for."""

import pytest

from kotaemon_desktop.core.errors import ModelNotFound, PromptTooLong
from kotaemon_desktop.core.models import embedded, providers
from kotaemon_desktop.core.models.generator import GeneratorService
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.records import BuildProgress, GenerationStats, ProviderChoice
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host

PACKAGE = "kotaemon_desktop.core.models"
QUESTION = [{"role": "user", "content": "the cat sat on the mat"}]


@pytest.fixture
def start():
    hosts = []

    def start(service, **arguments):
        hosts.append(Host(ComponentSpec("test", f"{PACKAGE}.{service}", lambda: arguments)))
        return hosts[-1]

    yield start
    for host in hosts:
        host.stop()


def test_answers_stop_and_errors_cross_the_pipe(start, tmp_path, decoder_folders):
    folder = ModelStore(tmp_path).add(decoder_folders.genai).folder
    host = start("generator:GeneratorService", folder=folder)
    *pieces, stats = host.stream("generate", QUESTION, 30, 0.0, None, ["never there"])
    assert isinstance(stats, GenerationStats)
    *expected, _ = GeneratorService(folder).generate(QUESTION, 30)
    assert "".join(pieces) == "".join(expected)
    stream = host.stream("generate", QUESTION, 200)
    for _ in range(5):
        next(stream)
    stream.close()
    assert host.call("fits", QUESTION) == stats.prompt_tokens
    with pytest.raises(PromptTooLong):
        next(host.stream("generate", [{"role": "user", "content": "a dog and " * 300}], 10))
    assert host.call("count_tokens", ["the cat", ""])[1] == 0


def test_a_missing_model_is_told_at_the_wake(start, tmp_path):
    with pytest.raises(ModelNotFound):
        start("generator:GeneratorService", folder=str(tmp_path))


def test_the_provider_is_told(start):
    chosen = start("providers:ProbeService").call("provider")
    assert isinstance(chosen, ProviderChoice)
    assert providers.without_probing() in (None, chosen)


@pytest.mark.skipif(not embedded.available(), reason="the group “embedded” is not installed")
def test_the_embedder_is_built_there(start, tmp_path):
    *_, last = start("embedded:BuilderService", models_folder=str(tmp_path)).stream("build")
    assert last == BuildProgress(1.0, embedded.ID)
    assert ModelStore(tmp_path).embedder().id == embedded.ID
