"""The window: everything that draws. With ``app.py`` the only home of PySide6."""

import builtins
import linecache

import PySide6.QtCore  # noqa: F401 - puts its hook before every import

# The hook reads the source of each imported module, to see whether it says "PySide6", and keeps all lines: 6 MB. It
# serves `from __feature__ import …` only, which nobody uses here, and PySide6 keeps what it replaced (PySide6 6.11,
# shibokensupport/feature.py). Done in this place because it has to be gone before the next import.
if hasattr(builtins, "__orig_import__"):
    builtins.__import__ = builtins.__orig_import__  # pyright: ignore[reportAttributeAccessIssue]
    linecache.clearcache()
