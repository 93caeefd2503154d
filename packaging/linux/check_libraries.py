"""Fails when a library in the built folder needs another one that is neither inside nor on every Linux desktop.

Run with: python packaging/linux/check_libraries.py FOLDER
Prints the newest glibc that is asked for: the oldest distribution on which the program runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from kotaemon_desktop.system_check import ALWAYS, WAYLAND, X11

# glibc, the compiler's run time, and what belongs to a library that has to be there.
_BASE = re.compile(
    r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|stdc\+\+|gcc_s|mvec|xcb|X11-xcb|gthread-2\.0))\.so.*"
)
# A plugin for Wayland's fast paths; Qt does without where it is missing.
_OPTIONAL = ("libdrm.so.2", "libwayland-egl.so.1", "libwayland-server.so.0")
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")


def main() -> int:
    """Return 1 when something is missing."""
    folder = Path(sys.argv[1])
    files = [file for file in folder.rglob("*") if file.is_file() and file.read_bytes()[:4] == b"\x7fELF"]
    inside = {file.name for file in files} | {file.name for file in folder.rglob("*.so*")}
    # What xcb brings beside libxcb itself goes along; the rest of these lists is the system's.
    system = {library.file for library in (*ALWAYS, *X11, *WAYLAND)} | set(_OPTIONAL)
    missing: dict[str, str] = {}
    newest = (0, 0)
    for file in files:
        read = subprocess.run(["readelf", "-dV", file], check=True, capture_output=True, text=True).stdout
        newest = max(newest, *((int(major), int(minor)) for major, minor in _GLIBC.findall(read)), (0, 0))
        for name in _NEEDED.findall(read):
            if name not in inside and name not in system and not _BASE.fullmatch(name):
                missing[name] = str(file.relative_to(folder))
    print(f"{len(files)} libraries; glibc {newest[0]}.{newest[1]} or newer")
    for name, file in missing.items():
        print(f"missing: {name}, for {file}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
