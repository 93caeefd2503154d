"""On PYTHONPATH, this folder makes Qt impossible to import: in that process and in those that it starts.

Its distributions stay: who asks ``importlib.metadata`` still finds them.
"""

import sys


class WithoutQt:
    """Finds first that there is no such package, as where it was never installed."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "pytestqt"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, WithoutQt())
