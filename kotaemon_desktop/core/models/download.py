"""Fetches a model's files from a hub that speaks Hugging Face's protocol: resumed, and verified by their checksums.

huggingface_hub lists the repository, builds the addresses and brings proxies. The bytes are moved here, because a
generator can be stopped between two blocks and says how far it is.
"""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kotaemon_desktop.core.errors import DownloadFailed, ModelIncomplete, Offline
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.models import layout
from kotaemon_desktop.core.models.catalogue import Entry, Variant
from kotaemon_desktop.core.models.hub import Hub
from kotaemon_desktop.core.records import DownloadProgress

_BLOCK = 1 << 20
_TIMEOUT = 10.0  # seconds without a byte; somebody who cancels waits as long
_ATTEMPTS = 3  # in a row that bring nothing
_PAUSE = 1.0  # seconds after the first of them, and longer after the next
_INTERVAL = 0.1  # seconds between two progress records
_INCOMPLETE = ".incomplete"
# Errors of httpx, by name: it is imported with huggingface_hub only.
_UNREACHABLE = {"ConnectError", "ConnectTimeout", "ReadTimeout"}
_BROKEN = {"RemoteProtocolError", "ReadError", "EOFError"}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository. ``checksum`` is its SHA-256, or for small files in git the SHA-1 of the git blob."""

    name: str  # where it goes in the model's folder
    url: str
    size: int
    checksum: str


def listing(entry: Entry, variant: Variant, hub: Hub) -> list[RemoteFile]:
    """Return the files that ``variant`` of ``entry`` needs.

    Raises Offline, DownloadFailed, and ModelIncomplete for a hub without the graph.
    """
    if hub.offline:
        raise Offline(model=entry.id)
    from huggingface_hub import HfApi, hf_hub_url

    api = HfApi(endpoint=hub.endpoint, token=hub.credentials)
    try:
        repository = api.model_info(entry.repository, files_metadata=True, timeout=_TIMEOUT)
    except Exception as error:  # what the network stack raises has no common base
        raise failed(entry, error, hub) from error
    root = f"{entry.folder}/" if entry.folder else ""
    remote: dict[str, Any] = {
        each.rfilename.removeprefix(root): each
        for each in repository.siblings or ()
        if each.rfilename.startswith(root) and ".." not in each.rfilename.split("/")
    }
    graph = variant.graph if variant.graph in remote else layout.best_graph(list(remote))
    if not graph:
        raise ModelIncomplete(model=entry.id, missing=variant.graph or "onnx/model.onnx")
    return [
        RemoteFile(
            name=name,
            url=hf_hub_url(entry.repository, root + name, revision=repository.sha, endpoint=hub.endpoint),
            size=remote[name].size or 0,
            checksum=remote[name].lfs.sha256 if remote[name].lfs else remote[name].blob_id or "",
        )
        for name in layout.choose(remote, graph)
    ]


def remaining(files: list[RemoteFile], part: Path) -> int:
    """Return how many bytes of ``files`` are not yet in the folder ``part``."""
    return sum(file.size - min(file.size, _present(part / file.name)) for file in files)


def fetch(entry: Entry, files: list[RemoteFile], part: Path, hub: Hub) -> Iterator[DownloadProgress]:
    """Bring ``files`` into the folder ``part``, going on from what is there. Raises DownloadFailed; keeps what came."""
    total = sum(file.size for file in files)
    present = total - remaining(files, part)
    meter = _Meter(entry.id, total, present)
    yield meter.progress(present)
    done = 0
    told = time.monotonic()
    for file in files:
        for size in _file(entry, file, part / file.name, hub):
            if time.monotonic() - told >= _INTERVAL:
                told = time.monotonic()
                yield meter.progress(done + size)
        done += file.size
    yield meter.progress(total)


def _file(entry: Entry, file: RemoteFile, target: Path, hub: Hub) -> Iterator[int]:
    """Bring one file, yielding how many of its bytes are there; verified before it gets its name."""
    if target.is_file():
        if _checksum(target, file) == file.checksum:
            yield file.size
            return
        target.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(target.name + _INCOMPLETE)
    arriving.touch()
    fruitless = 0
    while (before := arriving.stat().st_size) < file.size:
        error: Exception = EOFError(f"{file.name}: {before} / {file.size}")
        try:
            yield from _transfer(file, arriving, hub)
        except Exception as raised:  # noqa: BLE001 - what the network stack raises has no common base
            error = raised
        fruitless = 0 if arriving.stat().st_size > before else fruitless + 1
        if fruitless == _ATTEMPTS or _final(error):
            raise failed(entry, error, hub) from error
        if fruitless:
            time.sleep(_PAUSE * fruitless)
    if _checksum(arriving, file) != file.checksum:
        arriving.unlink()
        raise DownloadFailed(model=entry.id, detail=Phrase(N_("the checksum of {file} is wrong"), file=file.name))
    arriving.replace(target)


def _transfer(file: RemoteFile, arriving: Path, hub: Hub) -> Iterator[int]:
    """Append to ``arriving`` what is missing, in one request, yielding its size after each block."""
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status  # pyright: ignore[reportUnknownVariableType]

    have = arriving.stat().st_size if arriving.is_file() else 0
    headers = {**build_hf_headers(token=hub.credentials), "Accept-Encoding": "identity", "Range": f"bytes={have}-"}
    with get_session().stream("GET", file.url, headers=headers, timeout=_TIMEOUT) as response:
        hf_raise_for_status(response)
        resumed = response.status_code == 206  # a server may ignore the range and send all of it
        with arriving.open("ab" if resumed else "wb") as out:
            for block in response.iter_bytes():  # as they come: a block of fixed size is lost when it breaks off
                out.write(block)
                yield out.tell()


class _Meter:
    """Makes progress records from sizes: the rate counts what came in this run, not what was there before."""

    def __init__(self, model: str, total: int, present: int) -> None:
        self._model = model
        self._total = total
        self._present = present
        self._start = time.monotonic()

    def progress(self, done: int) -> DownloadProgress:
        rate = max(0, done - self._present) / max(time.monotonic() - self._start, 1e-3)
        left = (self._total - done) / rate if rate > 0 else None
        return DownloadProgress(self._model, done, self._total, rate, left)


def _present(target: Path) -> int:
    """Return how many bytes of ``target`` are there, under its own name or while it arrives."""
    for file in (target, target.with_name(target.name + _INCOMPLETE)):
        if file.is_file():
            return file.stat().st_size
    return 0


def _checksum(path: Path, file: RemoteFile) -> str:
    sha256 = len(file.checksum) == 64
    digest = hashlib.sha256() if sha256 else hashlib.sha1(usedforsecurity=False)
    if not sha256:
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _final(error: Exception) -> bool:
    """Whether trying again cannot help: the server answered, and it is not busy."""
    response = getattr(error, "response", None)
    if response is not None:
        return response.status_code < 500 and response.status_code != 429
    return isinstance(error, OSError)  # of this machine: the disk


def failed(entry: Entry, error: Exception, hub: Hub) -> DownloadFailed:
    """Return what tells people why ``error`` stopped the download of ``entry``."""
    return DownloadFailed(model=entry.id, detail=_detail(entry, error, hub))


def _detail(entry: Entry, error: Exception, hub: Hub) -> Phrase | str:
    """Return what went wrong in words that a person can do something with."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in {401, 403}:
        return Phrase(N_("{hub} wants a token with access to {repository}"), hub=hub.host, repository=entry.repository)
    if status == 404:
        return Phrase(N_("{hub} has no {repository} (404)"), hub=hub.host, repository=entry.repository)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Phrase(N_("the disk is full"))
    if status is None and type(error).__name__ in _UNREACHABLE:
        return Phrase(N_("{hub} cannot be reached"), hub=hub.host)
    if status is None and type(error).__name__ in _BROKEN:
        return Phrase(N_("the connection to {hub} broke off"), hub=hub.host)
    return str(error).strip().partition("\n")[0] or type(error).__name__
