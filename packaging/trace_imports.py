"""Tells which installed packages the program and its hosts really load: the ground for what installers leave out.

Runs the tests (or those that are named) with a listener in every Python process, hosts included, and prints a line for
each distribution: *loaded* by the program or a host, only by the *tests*' own process, or *never*; megabytes; name.
Ends with 1 if a test failed, or if the program or a host loaded something that ``contents.py`` leaves out.

Run with: uv run --group dev python packaging/trace_imports.py [tests/end_to_end …]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import contents

# Every Python process reads a module of this name at its start. An audit hook also hears a host that ends without
# running exit handlers.
_LISTENER = """
import os, sys
_file = os.open({file!r}, os.O_APPEND | os.O_WRONLY | os.O_CREAT)
_who = "tests" if "pytest" in sys.orig_argv else "program"
def _hear(event, arguments):
    if event == "import":
        os.write(_file, f"{{_who}} {{arguments[0]}}\\n".encode())
sys.addaudithook(_hear)
"""


def trace(tests: list[str]) -> tuple[int, dict[str, set[str]]]:
    """Run ``tests``; return their exit status and the modules that the ``program`` and the ``tests`` asked for."""
    with tempfile.TemporaryDirectory() as folder:
        heard = Path(folder) / "heard"
        (Path(folder) / "sitecustomize.py").write_text(_LISTENER.format(file=str(heard)))
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "PYTHONPATH": path}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(tests or ["tests"])]
        status = subprocess.run(command, check=False, stdout=sys.stderr, env=environment).returncode
        modules: dict[str, set[str]] = {"program": set(), "tests": set()}
        for line in set(heard.read_text().splitlines()):
            who, _space, module = line.partition(" ")
            modules[who].add(module)
        return status, modules


def main() -> int:
    """Print the table and what contradicts ``contents.py``."""
    status, modules = trace(sys.argv[1:])
    loaded = {who: {name.partition(".")[0] for name in names} for who, names in modules.items()}
    packages: dict[str, set[str]] = {}
    for package, distributions in metadata.packages_distributions().items():
        for each in distributions:
            packages.setdefault(each, set()).add(package)
    lines = [
        (next((who for who, names in loaded.items() if names & own), "never"), _megabytes(name), name)
        for name, own in packages.items()
    ]
    for who, size, name in sorted(lines, key=lambda line: (line[0], -line[1])):
        print(f"{'loaded' if who == 'program' else who:7} {size:7.1f} MB  {name}")
    wrong = sorted(each for each in modules["program"] if contents.is_never_loaded(each))
    for module in wrong:
        print(f"left out, and loaded: {module}", file=sys.stderr)
    return 1 if wrong or status else 0


def _megabytes(distribution: str) -> float:
    places = (Path(str(file.locate())) for file in metadata.files(distribution) or ())
    return sum(place.stat().st_size for place in places if place.is_file()) / 1e6


if __name__ == "__main__":
    sys.exit(main())
