"""The composition root of the window: named start steps, each with its stop step, run backwards at the end.

``KOTAEMON_DESKTOP_EXIT_WHEN_USABLE`` is for benchmarks: when it is set, the program prints ``usable`` as soon as a
question can be typed; with the value ``1`` it then ends, with ``0`` it goes on.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from kotaemon_desktop.core.errors import DamagedLibrary, KotaemonError
from kotaemon_desktop.core.footprint import keep_heap_tight
from kotaemon_desktop.core.i18n import resource, use_language
from kotaemon_desktop.core.paths import DataFolder, FolderLock
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.closing_signals import closing_signals
from kotaemon_desktop.qt.crash_notice import CrashNotice
from kotaemon_desktop.qt.language import follow_language
from kotaemon_desktop.qt.update_watch import UpdateWatch
from kotaemon_desktop.qt.widgets.notice import Notice
from kotaemon_desktop.qt.window import TITLE, MainWindow
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

USABLE = "KOTAEMON_DESKTOP_EXIT_WHEN_USABLE"
T = TypeVar("T")

_SESSION_MS = 2000  # the bus is nothing that anybody waits for while the window opens

_SURROUNDINGS_MS = 500  # a tray icon may wait for the bus as well

_log = logging.getLogger(__name__)


def run(
    folder: DataFolder,
    *,
    imports: Sequence[Path] = (),
    question: str = "",
    minimised: bool = False,
    arguments: Sequence[str] = (),
) -> int:
    """Show the window on ``folder`` until it is closed and return the exit status (1: it could not start).

    ``imports`` are imported and then ``question`` is asked, as the demonstration does. A ``minimised`` window starts in
    the task bar, or in the tray if that is where it lives. ``arguments`` are for Qt.
    """

    def started(window: MainWindow, _lanes: Lanes) -> None:
        window.library_model.import_(imports)
        if question:
            window.library_model.imported.connect(
                lambda _imported: window.chat_model.ask(question), Qt.ConnectionType.SingleShotConnection
            )

    return _run(folder, arguments, started, minimised=minimised)


def take_picture(
    folder: DataFolder, target: Path, size: tuple[int, int] = (1280, 800), pages: Sequence[str] = ()
) -> int:
    """Draw the window with the last conversation of ``folder`` and its first source into the PNG file ``target``.

    Each of ``pages`` beside it is drawn into a file of its own, ``target``'s name with the page's behind it.
    """
    from kotaemon_desktop.qt import pictures

    def started(window: MainWindow, lanes: Lanes) -> None:
        pictures.take(window, lanes, target, size, pages)

    return _run(folder, (), started)


def _run(
    folder: DataFolder,
    arguments: Sequence[str],
    started: Callable[[MainWindow, Lanes], None],
    *,
    minimised: bool = False,
) -> int:
    """Show the window, then do the slow start steps, call ``started``, and wait for the end of it all.

    The window comes first because a person begins to type in it: the engine and the panels arrive under their hands.
    """
    keep_heap_tight()
    app = QApplication([sys.argv[0], *arguments])
    app.setApplicationName("kotaemon-desktop")
    app.setApplicationDisplayName(TITLE)
    app.setDesktopFileName("kotaemon-desktop")
    app.setQuitOnLastWindowClosed(False)  # the window says when: after it has saved its state
    theme.load_fonts(app)
    status, workspace = _show(app, folder, started, minimised)
    while workspace:
        folder = DataFolder(folder.root, workspace)
        status, workspace = _show(app, folder, lambda _window, _lanes: None, minimised=False)
    return status


def _show(
    app: QApplication, folder: DataFolder, started: Callable[[MainWindow, Lanes], None], minimised: bool
) -> tuple[int, str]:
    """Show the window on one workspace until it is closed.

    Returns the exit status, and the workspace that is to be shown next, if any.
    """
    with ExitStack() as steps:

        def step(name: str, what: AbstractContextManager[T], onto: ExitStack = steps) -> T:
            began = perf_counter()
            result = onto.enter_context(what)
            _log.info("start: %s, %.0f ms", name, (perf_counter() - began) * 1000)
            onto.callback(_log.info, "stop: %s", name)
            return result

        def go_on() -> None:
            if _told_usable(window):
                window.close()
                return
            open_library()

        def open_library(said: str = "") -> None:
            try:
                engine = step("engine", _engine(folder, lock), engine_steps)
            except DamagedLibrary as error:
                sys.stderr.write(f"kotaemon-desktop: {error}\n")
                _offer_to_mend(window, folder, error, open_library)
                return
            except (KotaemonError, OSError) as error:
                _say_why_not(error)
                app.exit(1)
                return
            folder.note_opened()
            _dress(app, engine.settings.appearance.theme)
            window.start(engine)
            app.setWindowIcon(QIcon(str(resource("kotaemon-desktop.png"))))
            step("session", _session(engine))
            step("surroundings", _surroundings(window, minimised))
            CrashNotice(window)
            steps.callback(UpdateWatch(window).stop)
            if said:
                window.notices.show_notice(Notice(lambda: said))
            started(window, lanes)
            _leave_out_of_collections(steps)

        try:
            lock = step("folder", folder.lock())
        except KotaemonError as error:
            _say_why_not(error)
            return 1, ""
        step("crash reports", _crash_reports(folder))
        step("signals", closing_signals(app))
        engine_steps = steps.enter_context(ExitStack())  # the engine ends after the lanes that use it
        step("look", _look(app, folder))
        lanes = step("lanes", _lanes())
        window = step("window", _window(app, folder, lanes, minimised))
        QTimer.singleShot(0, window, go_on)
        return app.exec(), window.next_workspace


def _told_usable(window: MainWindow) -> bool:
    """Tell a benchmark that waits for it that a question can be typed; return whether that was all it wanted."""
    wish = os.environ.get(USABLE)
    if wish is None or not window.usable:
        return False
    sys.stdout.write("usable\n")
    sys.stdout.flush()
    return wish == "1"


def _leave_out_of_collections(steps: ExitStack) -> None:
    """Let Python's collector pass over what there is by now, and stays: each look at it held the window for 50 ms."""
    gc.freeze()
    steps.callback(gc.unfreeze)


@contextmanager
def _crash_reports(folder: DataFolder) -> Generator[None]:
    from kotaemon_desktop.core import crashes, log_file

    log = folder.logs / log_file.NAME
    crashes.collect(folder.crashes, log)
    watch = crashes.CrashWatch(folder.crashes, "window", log)
    os.environ[crashes.ENVIRONMENT] = str(folder.crashes)
    try:
        yield
    finally:
        del os.environ[crashes.ENVIRONMENT]
        watch.close()


@contextmanager
def _engine(folder: DataFolder, lock: FolderLock) -> Generator[Engine]:
    from kotaemon_desktop.core.engine import Engine

    engine = Engine.open(folder, lock)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def _look(app: QApplication, folder: DataFolder) -> Generator[None]:
    """Dress the first moment: as the settings say, where there are any."""
    chosen = language = "system"
    if folder.settings.is_file():
        from kotaemon_desktop.core.settings_file import SettingsFile

        appearance = SettingsFile(folder.settings).settings.appearance
        chosen, language = appearance.theme, appearance.language
    use_language(language)
    _dress(app, chosen)
    yield


def _dress(app: QApplication, chosen: str) -> None:
    theme.apply(app, chosen)
    follow_language(app)


@contextmanager
def _lanes() -> Generator[Lanes]:
    lanes = Lanes()
    try:
        yield lanes
    finally:
        lanes.close()


@contextmanager
def _window(app: QApplication, folder: DataFolder, lanes: Lanes, minimised: bool) -> Generator[MainWindow]:
    window = MainWindow(folder.window_state, lanes)
    window.closed.connect(app.quit)
    if minimised:
        window.showMinimized()
    else:
        window.show()
    try:
        yield window
    finally:
        window.hide()  # what still has to end does so out of sight
        window.deleteLater()


@contextmanager
def _session(engine: Engine) -> Generator[None]:
    from kotaemon_desktop.qt.session_watch import SessionWatch

    watch = SessionWatch(engine.screen_lock)
    QTimer.singleShot(_SESSION_MS, watch, watch.start)
    try:
        yield
    finally:
        watch.stop()


@contextmanager
def _surroundings(window: MainWindow, minimised: bool) -> Generator[None]:
    from kotaemon_desktop.qt.surroundings import Surroundings

    surroundings = Surroundings(window, minimised=minimised)
    QTimer.singleShot(_SURROUNDINGS_MS, surroundings, surroundings.start)
    try:
        yield
    finally:
        surroundings.close()


def _offer_to_mend(window: MainWindow, folder: DataFolder, error: DamagedLibrary, go_on: Callable[[str], None]) -> None:
    from kotaemon_desktop.qt.panels.damaged import DamagedDialog

    dialog = DamagedDialog(folder, error, window.lanes, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.mended.connect(go_on)
    dialog.rejected.connect(lambda: QApplication.exit(1))
    dialog.open()


def _say_why_not(error: Exception) -> None:
    """Tell a person why the window does not open: in a box where there is a screen, else on standard error."""
    sys.stderr.write(f"kotaemon-desktop: {error}\n")
    if QApplication.platformName() not in {"offscreen", "minimal"}:
        from PySide6.QtWidgets import QMessageBox

        QMessageBox.critical(None, TITLE, str(error))
