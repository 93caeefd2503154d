"""Uses the program as somebody does who has a keyboard and a screen reader, and says what was met on the way.

For the system's own Python, which has pyatspi, inside dbus-run-session and xvfb-run; started by test_accessibility.py:
python3 by_keyboard.py DATA_FOLDER DOCUMENT EXPORT_FILE COMMAND… (which names the data folder)
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyatspi  # pyright: ignore[reportMissingImports]

PATIENCE = 60.0


class Screen:
    """What a screen reader sees of the program, and the keys that its user presses."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._program = program

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as xdotool names them."""
        for key in keys:
            subprocess.run(["xdotool", "key", "--clearmodifiers", key], check=True)
            time.sleep(0.15)

    def write(self, text: str) -> None:
        """Type ``text``."""
        subprocess.run(["xdotool", "type", "--delay", "12", text], check=True)

    def things(self) -> Iterator[Any]:
        """Yield every accessible that shows."""
        desktop = pyatspi.Registry.getDesktop(0)
        for place in range(desktop.childCount):
            application = desktop.getChildAtIndex(place)
            if application is not None and application.get_process_id() == self._program.pid:
                yield from _below(application)

    def find(self, words: str, *roles: str) -> Any:
        """Return the first thing that shows and whose name or text holds the pattern ``words``, or None."""
        for thing in self.things():
            try:
                if (not roles or thing.getRoleName() in roles) and re.search(words, spoken(thing)):
                    return thing
            except Exception:  # noqa: BLE001 - it went while it was looked at
                continue
        return None

    def focused(self) -> Any:
        """Return the thing that has the keyboard."""
        for thing in self.things():
            # Qt calls the current line of a list focused as well, and the frame around what is.
            around = thing.getRoleName() in {"list item", "filler", "panel"}
            if not around and thing.getState().contains(pyatspi.STATE_FOCUSED):
                return thing
        return None

    def nameless(self) -> list[str]:
        """Return the roles of what can be used and has no name."""
        used = {"push button", "check box", "combo box", "list", "text", "menu item", "list item", "table cell"}
        things = (thing for thing in self.things() if thing.getRoleName() in used and not thing.name)
        return [f"{thing.getRoleName()} in {thing.parent.getRoleName()} {thing.parent.name}" for thing in things]

    def wait(self, what: str, found: Callable[[], Any]) -> Any:
        """Wait for what ``found`` returns to be true, and return it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self._program.poll() is not None:
                break
            try:
                if result := found():
                    print(f"{what}: {spoken(result) if hasattr(result, 'getRoleName') else result}"[:200], flush=True)
                    return result
            except Exception:  # noqa: BLE001 - it went while it was looked at
                pass
            time.sleep(0.2)
        for thing in self.things():
            print("    there was:", thing.getRoleName(), repr(spoken(thing)[:100]), file=sys.stderr)
        raise SystemExit(f"never seen: {what}")

    def see(self, words: str, *roles: str) -> Any:
        """Wait until something says ``words``."""
        return self.wait(f"seen {words!r}", lambda: self.find(words, *roles))

    def go_to(self, words: str, key: str = "Tab", most: int = 60) -> None:
        """Move the focus with ``key`` until it is on something that says ``words``."""
        met: list[str] = []
        for _step in range(most):
            thing = self.focused()
            if thing is not None:
                met.append(spoken(thing)[:60])
                if re.search(words, met[-1]):
                    print(f"focus on {met[-1]!r}", flush=True)
                    return
            self.press(key)
        raise SystemExit(f"the keyboard never came to {words!r}, only to {met}")


def _below(thing: Any) -> Iterator[Any]:
    for place in range(min(thing.childCount, 300)):
        child = thing.getChildAtIndex(place)
        if child is None:
            continue
        if child.getState().contains(pyatspi.STATE_SHOWING) or child.getRoleName() in {"frame", "dialog"}:
            yield child
        yield from _below(child)


def spoken(thing: Any) -> str:
    """Return what a screen reader says of ``thing``: its name, and its text if it has one."""
    try:
        text = thing.queryText()
        held = text.getText(0, text.characterCount)
    except NotImplementedError:
        held = ""
    return f"{thing.name} {held}".strip()


def main() -> None:
    """First run, open a file, ask, follow a citation, look, change language and theme, search, export, quit."""
    data, document, target, *command = sys.argv[1:]
    manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
    program = subprocess.Popen(command)
    screen = Screen(program)
    try:
        use(screen, Path(data), document, target)
        program.wait(30)
        print(f"ended with {program.returncode}")
    finally:
        program.kill()
        manager.terminate()


def use(screen: Screen, data: Path, document: str, target: str) -> None:
    """Do it all."""
    screen.see("Try the sample documents", "push button", "button")
    screen.press("ctrl+o")
    screen.see("Add files|Open", "dialog")
    screen.write(document)
    screen.press("Return")
    screen.see(Path(document).name + r".*ready", "list item", "table cell")
    screen.press("ctrl+l")
    screen.write("How many days of paid holiday do I get after five years?")
    screen.press("Return")
    screen.see("30 days")
    screen.go_to(r"^Answer\b(?!s)\s*Everybody")
    screen.press("Tab", "Return")
    screen.see(r"Page 2 of 5")
    screen.press("alt+v", "t", "Down", "Down", "Return")
    screen.wait("dark", lambda: "theme: dark" in settings(data))
    screen.press("ctrl+k")
    screen.write("holiday")
    screen.see("How many days of paid holiday", "list item")
    screen.press("Escape", "ctrl+shift+e")
    screen.see("Export", "dialog")
    screen.write(target)
    screen.press("Return")
    screen.wait("exported", lambda: Path(target).is_file() and "30 days" in Path(target).read_text("utf-8"))
    screen.press("alt+v", "a", "Down", "Down", "Return")
    screen.see("^文档库")
    screen.wait("Chinese", lambda: "language: zh_CN" in settings(data))
    print(f"nameless: {screen.nameless()}", flush=True)
    screen.press("ctrl+q")


def settings(data: Path) -> str:
    """Return what the program has written down of the choices."""
    return (data / "kotaemon.yaml").read_text("utf-8")


if __name__ == "__main__":
    main()
