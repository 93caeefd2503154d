"""Runs pytest on the tests beside it."""

from __future__ import annotations

import sys

import pytest

from kotaemon_desktop.plugin_tests import __doc__ as words
from kotaemon_desktop.plugin_tests import trying

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(words)
    sys.exit(pytest.main(["--pyargs", str(trying.__package__), "--plugin", *sys.argv[1:]], plugins=[trying]))
