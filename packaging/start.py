"""Where an installed program begins: PyInstaller wants a script outside the package."""

import sys

from kotaemon_desktop.__main__ import main

sys.exit(main())
