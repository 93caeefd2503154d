"""Downloads against a small real hub on this machine: whole, broken off, resumed, wrong, and refused."""

import hashlib
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest

from kotaemon_desktop.core.errors import DownloadFailed, ModelIncomplete, ModelNotFound, NoSpace
from kotaemon_desktop.core.models import download
from kotaemon_desktop.core.models.store import ModelStore

COMMIT = "c0ffee" * 6 + "beef"


class Hub(ThreadingHTTPServer):
    """Serves one folder as the repository ``someone/tiny``, as the hub's protocol has it."""

    daemon_threads = True

    def __init__(self, folder, prefix=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {
            prefix + f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()
        }
        self.requests = []  # (path, range)
        self.cut_after = []  # for each download to come: bytes after which the connection breaks
        self.corrupt = ""  # a file that arrives changed
        self.ignore_range = False
        self.status = 200

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def listing(self):
        siblings = []
        for name, content in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            entry = {"rfilename": name, "size": len(content), "blobId": blob}
            if name.endswith((".onnx", ".data")):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 130}
            siblings.append(entry)
        return {"id": "someone/tiny", "sha": COMMIT, "siblings": siblings}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append((path, self.headers.get("Range")))
        if self.server.status != 200:
            self.reply(self.server.status, b"{}")
        elif path == "/api/models/someone/tiny":
            self.reply(200, json.dumps(self.server.listing()).encode())
        else:
            self.send_file(path.removeprefix(f"/someone/tiny/resolve/{COMMIT}/"))

    def send_file(self, name):
        content = self.server.files[name]
        if name == self.server.corrupt:
            content = bytes(len(content))
        start = 0 if self.server.ignore_range else int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        body = content[start:]
        if name.endswith(".onnx") and self.server.cut_after:
            self.reply(206, body[: self.server.cut_after.pop(0)], len(body))
            self.close_connection = True
        else:
            self.reply(200 if self.server.ignore_range else 206, body)

    def reply(self, status, body, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve(monkeypatch):
    """Start hubs; the program is pointed to the latest."""
    from huggingface_hub.utils import close_session

    close_session()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(download, "_PAUSE", 0)
    monkeypatch.setattr(download, "_INTERVAL", 0)
    running = []

    def start(folder, prefix=""):
        hub = Hub(folder, prefix)
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((hub, thread))
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        return hub

    yield start
    close_session()
    for hub, thread in running:
        hub.shutdown()
        hub.server_close()
        thread.join()


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
    entry = download.Entry(id="tiny", name="Tiny", repository="someone/tiny", folder="cpu/int4", licence="mit")
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
    entry = download.Entry(id="tiny", name="Tiny", repository="someone/tiny", graph="onnx/model_quantized.onnx")
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
