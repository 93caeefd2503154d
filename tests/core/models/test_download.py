"""Downloads against a small real hub on this machine: whole, broken off, resumed, wrong, and refused."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from kotaemon_desktop.core.errors import DownloadFailed, ModelIncomplete, ModelNotFound, NoSpace, Offline
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models import catalogue
from kotaemon_desktop.core.models.hub import Hub, Tokens, address
from kotaemon_desktop.core.models.store import ModelStore


@pytest.fixture
def hub(serve, decoder_folders):
    return serve(decoder_folders.onnx)


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


def graph_ranges(hub):
    return [range_ for path, range_ in hub.requests if path.endswith("model.onnx")]


def test_a_model_arrives_whole(hub, store, decoder_folders):
    steps = list(store.download("someone/tiny"))
    total = sum(map(len, hub.files.values()))
    assert [steps[0].done, steps[-1].done] == [0, total]
    assert all(step.total == total and step.model == "tiny" for step in steps)
    assert [s.done for s in steps] == sorted(s.done for s in steps)
    assert steps[-1].seconds_left == 0.0
    model = store.get("tiny")
    assert (model.task, model.layout) == ("generation", "onnx")
    for name, content in hub.files.items():
        assert (Path(model.folder) / name).read_bytes() == content
    assert [each.name for each in store._folder.iterdir()] == ["tiny"]


def test_a_model_in_a_part_of_a_repository(serve, store, decoder_folders, monkeypatch):
    hub = serve(decoder_folders.genai, "cpu/int4/")
    hub.files["cuda/model.onnx"] = b"not this one"
    entry = catalogue.Entry(id="tiny", name="Tiny", repository="someone/tiny", folder="cpu/int4", licence="mit")
    monkeypatch.setattr("kotaemon_desktop.core.models.catalogue.load", lambda: (entry,))
    list(store.download("tiny"))
    assert (store.get("tiny").layout, store.get("tiny").licence) == ("genai", "mit")
    assert not any("cuda" in path for path, _ in hub.requests)


def test_a_broken_connection_goes_on_where_it_broke(hub, store):
    hub.cut_after = [1000, 500]
    list(store.download("someone/tiny"))
    assert graph_ranges(hub) == ["bytes=0-", "bytes=1000-", "bytes=1500-"]
    assert store.get("tiny")


def test_what_arrived_before_a_failure_is_used_the_next_time(hub, store):
    hub.cut_after = [2000, 0, 0, 0]
    with pytest.raises(DownloadFailed, match="kept"):
        list(store.download("someone/tiny"))
    assert store.models() == []
    first = next(again := store.download("someone/tiny"))
    assert first.done >= 2000
    list(again)
    assert graph_ranges(hub)[-1] == "bytes=2000-"
    assert store.get("tiny")


def test_stopped_by_the_user_it_goes_on_later(hub, store):
    stream = store.download("someone/tiny")
    graph = len(hub.files["onnx/model.onnx"])
    while next(stream).done < graph // 2:
        pass
    stream.close()
    assert store.models() == []
    assert next(store.download("someone/tiny")).done >= graph // 2
    list(store.download("someone/tiny"))
    assert store.get("tiny")


def test_a_server_that_knows_no_ranges_sends_all_again(hub, store):
    hub.cut_after = [1000, 0, 0, 0]
    with pytest.raises(DownloadFailed):
        list(store.download("someone/tiny"))
    hub.ignore_range = True
    list(store.download("someone/tiny"))
    assert store.get("tiny")


@pytest.mark.parametrize("name", ["onnx/model.onnx", "tokenizer.json"])
def test_a_wrong_checksum_is_refused_and_fetched_anew(hub, store, name):
    hub.corrupt = name
    with pytest.raises(DownloadFailed, match=f"checksum of {name}"):
        list(store.download("someone/tiny"))
    assert store.models() == []
    hub.corrupt = ""
    list(store.download("someone/tiny"))
    assert store.get("tiny")


def test_a_hub_that_refuses_is_not_asked_again(hub, store):
    hub.status = 404
    with pytest.raises(DownloadFailed, match="404"):
        list(store.download("someone/tiny"))
    assert len(hub.requests) == 1


def test_no_hub_is_a_clear_error(store, monkeypatch, hub):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(DownloadFailed):
        list(store.download("someone/tiny"))


def test_a_repository_without_a_graph(hub, store):
    del hub.files["onnx/model.onnx"]
    with pytest.raises(ModelIncomplete, match=r"model\.onnx"):
        list(store.download("someone/tiny"))


def test_a_catalogue_behind_its_repository_takes_the_graph_that_is_there(hub, store, monkeypatch):
    variant = catalogue.Variant("int8", "onnx/model_quantized.onnx", 1)
    entry = catalogue.Entry(id="tiny", name="Tiny", repository="someone/tiny", variants=(variant,))
    monkeypatch.setattr("kotaemon_desktop.core.models.catalogue.load", lambda: (entry,))
    list(store.download("tiny"))
    assert store.get("tiny").task == "generation"


def test_an_unknown_name_asks_nobody(hub, store):
    with pytest.raises(ModelNotFound):
        list(store.download("nobody-knows-this"))
    assert hub.requests == []


def test_a_full_disk_is_told_first(hub, store, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=64 << 20))
    with pytest.raises(NoSpace):
        list(store.download("someone/tiny"))
    assert not any("resolve" in path for path, _ in hub.requests)


def test_a_chosen_variant_comes_from_a_chosen_hub(serve, store, decoder_folders, monkeypatch):
    hub = serve(decoder_folders.onnx)
    hub.files["onnx/model_q4.onnx"] = hub.files["onnx/model.onnx"]
    variants = (catalogue.Variant("fp32", "onnx/model.onnx", 1), catalogue.Variant("int4", "onnx/model_q4.onnx", 1))
    entry = catalogue.Entry(id="tiny", name="Tiny", repository="someone/tiny", variants=variants)
    monkeypatch.setattr("kotaemon_desktop.core.models.catalogue.load", lambda: (entry,))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    list(store.download("tiny", Hub(hub.address), "int4"))
    folder = Path(store.get("tiny").folder)
    assert (folder / "onnx/model_q4.onnx").is_file()
    assert not (folder / "onnx/model.onnx").exists()


def test_offline_asks_nobody(hub, store):
    with pytest.raises(Offline, match="stay offline"):
        list(store.download("someone/tiny", Hub(hub.address, offline=True)))
    assert hub.requests == []
    assert store.unfinished() == {}


def test_what_has_arrived_is_known_and_can_be_discarded(hub, store):
    stream = store.download("someone/tiny")
    while next(stream).done < 3000:
        pass
    stream.close()
    [(what, size)] = store.unfinished().items()
    assert what == ("someone/tiny", "")
    assert size >= 3000
    store.discard(*what)
    assert store.unfinished() == {}
    assert next(store.download("someone/tiny")).done == 0


def test_a_disk_that_fills_on_the_way_is_named_and_keeps_what_came(hub, store, monkeypatch):
    stream = store.download("someone/tiny")
    next(stream)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("kotaemon_desktop.core.models.download._transfer", full)
        with pytest.raises(DownloadFailed, match=r"the disk is full\. What has arrived is kept"):
            list(stream)
    list(store.download("someone/tiny"))
    assert store.get("tiny")


def test_a_closed_repository_asks_for_a_token_which_goes_to_this_hub_alone(hub, store, monkeypatch):
    hub.token = "hf_secret"
    with pytest.raises(DownloadFailed, match="wants a token with access to someone/tiny"):
        list(store.download("someone/tiny", Hub(hub.address)))
    list(store.download("someone/tiny", Hub(hub.address, "hf_secret")))
    assert store.get("tiny")
    monkeypatch.setenv("HF_TOKEN", "hf_of_another_hub")
    hub.authorizations.clear()
    with pytest.raises(DownloadFailed):
        list(store.download("someone/tiny", Hub(hub.address)))
    assert hub.authorizations == [None]


def test_tokens_live_in_the_keyring_each_for_its_host(keyring_of_the_test):
    tokens = Tokens(Keychain())
    assert tokens.set("https://hub.example", "one")
    assert Tokens(Keychain()).get("https://hub.example/") == "one"
    assert Tokens(Keychain()).get("https://other.example") is None
    assert tokens.set("https://hub.example", "")
    assert Tokens(Keychain()).get("https://hub.example") is None


def test_without_a_keyring_a_token_lasts_as_long_as_the_program(monkeypatch):
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        tokens = Tokens(Keychain())
        assert not tokens.set("https://hub.example", "one")
        assert tokens.get("https://hub.example") == "one"
        assert Tokens(Keychain()).get("https://hub.example") is None
    finally:
        keyring.set_keyring(before)


def test_the_address_is_the_setting_then_the_environment(monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert address("") == "https://huggingface.co"
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    assert address("") == "https://mirror.example"
    assert address("https://own.example") == "https://own.example"
