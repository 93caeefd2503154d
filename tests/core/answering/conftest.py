"""Lets the tests of answering import their passages by name."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
