"""The entry: the window when nothing is asked for, else a command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the program and return its exit status: 0 done, 1 failed, 2 wrong usage."""
    if getattr(sys, "frozen", False):  # a host of the installed program starts here too
        from kotaemon_desktop import frozen

        frozen.prepare()
    from kotaemon_desktop.cli import parser

    return parser.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
