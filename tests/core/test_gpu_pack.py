"""The GPU pack: offered where there is a card, fetched from an index on loopback, taken by hosts. No card is needed."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from kotaemon_desktop.core import gpu_pack
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import DownloadFailed, NoSpace, Offline
from kotaemon_desktop.core.gpu_pack import GpuPack, Pack, Wheel
from kotaemon_desktop.core.monitoring.gpu import Card
from kotaemon_desktop.core.outgoing import Outgoing
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.settings import Models

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
H200 = Card("NVIDIA H200", "580.95.05")
OLD = Card("NVIDIA H200", "550.54.15")


def wheel(name: str, files: dict[str, bytes]) -> tuple[Wheel, bytes]:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for each, content in files.items():
            archive.writestr(each, content)
    content = made.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    size = sum(map(len, files.values()))
    return Wheel(name, "1.0", f"{name}-1.0.whl", digest, len(content), size, "MIT"), content


class Index(ThreadingHTTPServer):
    """A package index (PEP 691) that holds two packages."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        runtime = b"import sys\nPLACE = __file__\n"
        self.wheels = [
            wheel("onnxruntime-gpu", {"onnxruntime/__init__.py": runtime, "onnxruntime/capi/provider.so": b"x" * 9000}),
            wheel("nvidia-x", {"nvidia/cu13/lib/libx.so": b"y" * 5000, "nvidia/cu13/include/x.h": b"", "n/x.a": b""}),
        ]
        self.broken = False
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"

    @property
    def pack(self) -> Pack:
        return Pack("580.65", PYTHON, tuple(part for part, _content in self.wheels))


class _Handler(BaseHTTPRequestHandler):
    server: Index  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        *_before, last = self.path.rstrip("/").split("/")
        self.server.asked.append(last)
        files = {part.file: content for part, content in self.server.wheels}
        body = files.get(last)
        if body is None:
            names = [part.file for part, _content in self.server.wheels if part.name == last]
            body = json.dumps({"files": [{"filename": name, "url": f"../../files/{name}"} for name in names]}).encode()
        elif self.server.broken:
            body = body[:-1] + b"?"
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        pass


@pytest.fixture
def index() -> Iterator[Index]:
    server = Index()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


def made(tmp_path: Path, index: Index, card: Card | None = H200, *, offline: bool = False) -> GpuPack:
    models = Models(packages=index.address, offline=offline)
    return GpuPack(tmp_path / "gpu", lambda: models, Outgoing(), lambda: card, lambda: index.pack)


@pytest.mark.usefixtures("frozen")
def test_nothing_is_offered_without_a_card(tmp_path: Path, index: Index) -> None:
    assert made(tmp_path, index, None).offer() is None


@pytest.mark.usefixtures("frozen")
def test_a_driver_that_is_too_old_is_named_and_nothing_is_offered(tmp_path: Path, index: Index) -> None:
    offer = made(tmp_path, index, OLD).offer()
    assert offer is not None
    assert str(offer.obstacle) == "its driver is 550.54.15, and CUDA 13 needs 580.65 or newer"


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("other", ["system", "processor", "Python"])
def test_a_built_program_cannot_take_it_where_there_is_no_list(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    pack = made(tmp_path, index)
    offer = pack.offer()
    assert offer is not None
    assert offer.obstacle is None
    match other:
        case "system":
            monkeypatch.setattr(sys, "platform", "win32")
        case "processor":
            monkeypatch.setattr("platform.machine", lambda: "aarch64")
        case _:
            pack._pack = lambda: msgspec.structs.replace(index.pack, python="3.9")
    offer = pack.offer()
    assert offer is not None
    assert offer.obstacle is not None


def test_a_program_of_pips_is_told_the_command(tmp_path: Path, index: Index) -> None:
    offer = made(tmp_path, index).offer()
    assert offer is not None
    assert offer.command.endswith('"onnxruntime-gpu[cuda,cudnn]==1.0"')
    assert sys.executable in offer.command


@pytest.mark.usefixtures("frozen")
def test_it_is_fetched_unpacked_used_and_removed(tmp_path: Path, index: Index) -> None:
    pack = made(tmp_path, index)
    steps = list(pack.install())
    assert steps[-1].done == steps[-1].total == index.pack.bytes
    folder = tmp_path / "gpu"
    assert gpu_pack.installed(folder) == str(folder)
    assert [file.name for file in tmp_path.iterdir()] == ["gpu"]
    assert not (folder / "nvidia/cu13/include").exists()
    assert not (folder / "n").exists()
    offer = pack.offer()
    assert offer is not None
    assert offer.installed

    pack.remove()
    assert gpu_pack.installed(folder) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opener", ["conversation", "trial"])
def test_a_host_of_a_language_model_takes_its_runtime_from_there(tmp_path: Path, opener: str) -> None:
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime/__init__.py").write_text("raise SystemExit(f'taken from {__file__}')")
    code = (
        "import contextlib, sys; from kotaemon_desktop.core.models import opening, session\n"
        "from kotaemon_desktop.core.records import Hardware\n"
        "caches = {'caches': '', 'cache_bytes': 0} if sys.argv[1] == 'conversation' else {}\n"
        "with contextlib.suppress(Exception):\n"  # there is no such model
        "    getattr(opening, sys.argv[1])(None, folder='none', **caches, hardware=Hardware(pack=sys.argv[2]))\n"
        "session.offered()"
    )
    told = subprocess.run([sys.executable, "-c", code, opener, tmp_path], check=False, capture_output=True, text=True)
    assert told.stderr.strip() == f"taken from {tmp_path / 'onnxruntime/__init__.py'}"


def test_hosts_are_told_of_a_whole_pack_of_this_version_only(tmp_path: Path) -> None:
    engine = Engine.open(DataFolder(tmp_path / "data"))
    try:
        folder = engine.folder.gpu_pack
        assert engine._components.hardware().pack == ""
        folder.mkdir()
        (folder / "pack.json").write_bytes(b"{}")  # of another version
        assert engine._components.hardware().pack == ""
        (folder / "pack.json").write_bytes(gpu_pack.resource(gpu_pack._LIST).read_bytes())
        assert engine._components.hardware().pack == str(folder)
    finally:
        engine.close()


def test_a_download_that_is_stopped_goes_on_and_no_half_pack_is_seen(tmp_path: Path, index: Index) -> None:
    pack = made(tmp_path, index)
    job = pack.install()
    next(job)
    job.close()
    assert gpu_pack.installed(tmp_path / "gpu") == ""
    list(pack.install())
    assert gpu_pack.installed(tmp_path / "gpu")


def test_what_is_unpacked_is_neither_fetched_nor_unpacked_again(tmp_path: Path, index: Index) -> None:
    pack, steps = made(tmp_path, index), 0
    while gpu_pack.installed(tmp_path / "gpu") == "":
        job = pack.install()
        for _ in range(steps := steps + 1):  # one step further before each stop
            next(job, None)
        job.close()
    assert steps > 4, "it can be stopped between two files, too"
    assert [name for name in index.asked if name.endswith(".whl")] == [part.file for part in index.pack.parts]
    assert (tmp_path / "gpu/onnxruntime/capi/provider.so").read_bytes() == b"x" * 9000
    assert not list((tmp_path / "gpu").rglob("*.whl"))


def test_what_has_arrived_is_unpacked_while_the_index_is_away(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    del index.wheels[1:]
    pack, listed = made(tmp_path, index), index.pack
    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "extract", full)
        with pytest.raises(DownloadFailed, match="the disk is full"):
            list(pack.install())
    index.wheels = []
    index.asked = []
    pack._pack = lambda: listed
    list(pack.install())
    assert gpu_pack.installed(tmp_path / "gpu")
    assert index.asked == []


def test_a_package_that_is_none_is_named(tmp_path: Path, index: Index) -> None:
    part, _content = index.wheels[0]
    content = b"no archive"
    digest = hashlib.sha256(content).hexdigest()
    index.wheels[0] = (msgspec.structs.replace(part, sha256=digest, bytes=len(content)), content)
    with pytest.raises(DownloadFailed, match="not a zip file"):
        list(made(tmp_path, index).install())


def test_nothing_of_another_version_stays(tmp_path: Path, index: Index) -> None:
    left = tmp_path / "gpu/.arriving"
    left.mkdir(parents=True)
    (left / "pack.json").write_text("{}", "utf-8")
    (tmp_path / "gpu/old.so").touch()
    list(made(tmp_path, index).install())
    assert not (tmp_path / "gpu/old.so").exists()
    assert sorted(each.name for each in (tmp_path / "gpu").iterdir()) == ["nvidia", "onnxruntime", "pack.json"]


def test_what_is_not_what_was_listed_is_not_taken(tmp_path: Path, index: Index) -> None:
    index.broken = True
    with pytest.raises(DownloadFailed, match="checksum"):
        list(made(tmp_path, index).install())
    assert gpu_pack.installed(tmp_path / "gpu") == ""


def test_an_index_without_it_is_named(tmp_path: Path, index: Index) -> None:
    pack = made(tmp_path, index)
    known = index.pack
    index.wheels = []
    pack._pack = lambda: known
    with pytest.raises(DownloadFailed, match="does not tell where"):
        list(pack.install())


def test_offline_means_offline_and_a_full_disk_is_told_before(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Offline):
        list(made(tmp_path, index, offline=True).install())
    monkeypatch.setattr(gpu_pack, "_SPARE", 1 << 60)
    with pytest.raises(NoSpace):
        list(made(tmp_path, index).install())


def test_the_list_of_this_version_is_whole() -> None:
    pack = gpu_pack.this_pack()
    names = {part.name for part in pack.parts}
    assert {"onnxruntime-gpu", "nvidia-cudnn-cu13", "nvidia-cublas"} <= names
    assert all(len(part.sha256) == 64 and part.file.endswith(".whl") and part.licence for part in pack.parts)
    assert 1e9 < pack.bytes < pack.unpacked < 4e9
