"""What is different in an installed program: it is its own interpreter, and it brings its own shared libraries.

PyInstaller's own start hooks would import inspect, zipfile and multiprocessing in the window: 30 ms of every start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping, Sequence

_LIBRARIES = "LD_LIBRARY_PATH"
_ANEW = "PYINSTALLER_RESET_ENVIRONMENT"
_TRACKER = "from multiprocessing.resource_tracker import main;main("


def prepare() -> None:
    """Make this process what it was started for: does not return in a host, or in what cleans up after hosts."""
    give_back_libraries(os.environ)
    serve(sys.argv)


def give_back_libraries(environment: MutableMapping[str, str]) -> None:
    """Let programs that this one opens (a browser, a file manager) find the system's libraries instead of ours.

    The dynamic linker has read the variable long since. A host needs it as well, and the starter sets it in a process
    that begins anew; it would trust what the environment of one of its own children says.
    """
    if sys.platform == "win32":
        return
    environment[_ANEW] = "1"
    before = environment.pop(f"{_LIBRARIES}_ORIG", None)
    environment.pop(_LIBRARIES, None)
    if before is not None:
        environment[_LIBRARIES] = before


def serve(arguments: Sequence[str]) -> None:
    """Run multiprocessing's child if ``arguments`` ask for one; it starts them with the program as interpreter."""
    if arguments[1:2] == ["--multiprocessing-fork"]:
        from multiprocessing import spawn

        spawn.freeze_support()  # ends the process
    elif arguments[-2:-1] == ["-c"] and arguments[-1].startswith(_TRACKER):
        from multiprocessing import resource_tracker

        resource_tracker.main(int(arguments[-1].removeprefix(_TRACKER).rstrip(")")))
        sys.exit()
