"""The command that serves other programs of this computer without a window."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from kotaemon_desktop.cli.output import DONE, FAILED, Output, fail, opened
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder

_TICK = 1.0  # seconds; what is idle leaves with it


def serve(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Serve until Ctrl+C or the end of the session."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        with opened(folder) as engine:
            engine.server.serve_always(chosen.port)
            serving = engine.server.serving()
            if serving.problem:
                fail(_("The local server does not listen: {problem}").format(problem=serving.problem))
                return FAILED
            key = str(engine.server.key.file)
            words = _("Serving at {address}; the key is in {file}. Ctrl+C ends it.")
            output.result({"url": serving.url, "key_file": key}, words.format(address=serving.url, file=key))
            while not ended.wait(_TICK):
                engine.tick()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    return DONE
