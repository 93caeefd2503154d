"""Prints what the Debian package depends on: glibc, the compiler's run time, and what Qt takes from the system."""

from __future__ import annotations

from kotaemon_desktop.system_check import ALWAYS, X11

_GLIBC = "2.35"  # packaging/linux/check_libraries.py prints it
_RENAMED = {"libglib2.0-0": "libglib2.0-0t64 | libglib2.0-0"}  # in Debian 13 and Ubuntu 24.04
_BROUGHT = ("libxcb-", "libxkbcommon")  # inside the package


def main() -> None:
    """Print one line for the field Depends."""
    packages = [library.package for library in (*ALWAYS, *X11) if not library.package.startswith(_BROUGHT)]
    names = [_RENAMED.get(each, each) for each in packages]
    print(", ".join((f"libc6 (>= {_GLIBC})", "libgcc-s1", "libstdc++6", "libxcb1", *names)))


if __name__ == "__main__":
    main()
