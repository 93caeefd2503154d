"""The command line: which command was meant, and how it ends."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kotaemon_desktop import __version__
from kotaemon_desktop.cli.output import FAILED, Output, fail
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import _, use_language
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder, is_name

_LAST_PORT = 65535
_OF_THE_WHOLE_FOLDER = {"models", "restore", "demo", "workspaces"}  # no matter which workspace


def main(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return its exit status."""
    use_language("system")
    words = _with_command(arguments)
    try:  # the parser is large, and a window that stays open for days must not keep it
        chosen = _chosen(words)
    except SystemExit as exit_:  # argparse has said what is wrong
        return int(exit_.code or 0)
    folder = DataFolder.find(chosen.data_dir, chosen.workspace or DEFAULT_WORKSPACE)
    try:
        return _command(chosen.run)(folder, chosen, Output(chosen.json))
    except KotaemonError as error:
        fail(error)
        return FAILED
    except BrokenPipeError:  # whoever read the output has seen enough: "… | head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or folder.root}")
        return FAILED
    except KeyboardInterrupt:
        fail(_("stopped; what is done stays done"))
        return FAILED


def _chosen(words: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    start = argparse.Namespace(data_dir=None, json=False, workspace=None, whole=False, paths=())
    chosen = parser.parse_args(words, start)
    if chosen.whole and chosen.workspace is not None:
        parser.error(_("this command takes no --workspace"))
    return chosen


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: the option may stand before or behind the command, and the one behind must not undo the one before.
    shared.add_argument("--data-dir", metavar="DIR", default=argparse.SUPPRESS, help=_("where everything is kept"))
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_("one JSON object per line"))
    within = argparse.ArgumentParser(add_help=False, parents=[shared])
    within.add_argument("--workspace", metavar="W", type=_workspace, default=argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        "kotaemon-desktop", description=_("Ask your own documents. Without a command: the window."), parents=[within]
    )
    # No set_defaults for those: it would reach into the actions that all commands share.
    parser.set_defaults(run="opening:window")
    parser.add_argument("--minimised", action="store_true", help=_("start in the task bar, or in the tray"))
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, run: str, help_: str) -> argparse.ArgumentParser:
        whole = name in _OF_THE_WHOLE_FOLDER
        added = commands.add_parser(name, help=help_, description=help_, parents=[shared if whole else within])
        added.set_defaults(run=run, whole=whole)
        return added

    opening = command("open", "opening:window", _("open the window and import files; “open” may be left out"))
    opening.add_argument("paths", nargs="*", metavar="PATH", type=Path)
    importing = command("import", "asking:import_", _("import files and folders"))
    importing.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    search = command("search", "asking:search", _("find passages"))
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--top", type=_positive, default=5)
    ask = command("ask", "asking:ask", _("answer a question from the documents"))
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", metavar="ID", help=_("language model, or “none” to quote only"))
    ask.add_argument(
        "--pipeline", metavar="NAME", help=_("which steps answer: standard, quick, thorough, extractive …")
    )
    for added in (importing, search, ask):
        added.add_argument("--collection", metavar="NAME", help=_("a collection of documents"))
    ask.add_argument(
        "--allow-tool",
        metavar="NAME",
        action="append",
        default=[],
        help=_("a tool that this question may call"),
    )
    tools = command("tools", "tools:tools", _("list tools, allow or forbid them, or set a key that they send"))
    tools.add_argument("action", choices=["list", "allow", "forbid", "key"])
    tools.add_argument("name", nargs="?", metavar="NAME")
    collections = command("collections", "collecting:collections", _("group documents under names"))
    collections.add_argument("action", choices=["list", "create", "rename", "remove", "add", "take"])
    collections.add_argument("name", nargs="?", metavar="NAME")
    collections.add_argument("what", nargs="*", metavar="DOCUMENT|NEW NAME", help=_("a file's path or name"))
    command("status", "upkeep:status", _("what is there and what is in memory"))
    spaces = command("workspaces", "spaces:workspaces", _("keep documents apart: list, create, remove, export, import"))
    spaces.add_argument("action", choices=["list", "create", "remove", "export", "import"])
    spaces.add_argument("name", nargs="?", metavar="NAME", type=_workspace)
    spaces.add_argument("file", nargs="?", metavar="FILE", type=Path)
    models = command("models", "models:models", _("list, add, download, remove, test or choose models"))
    models.add_argument("action", choices=["list", "add", "download", "remove", "test", "default"])
    models.add_argument("what", nargs="?", metavar="FOLDER|ID")
    setting = command("settings", "settings:settings", _("show and change settings, or write their schema for editors"))
    setting.add_argument("action", choices=["list", "get", "set", "reset", "schema"])
    setting.add_argument("key", nargs="?", metavar="KEY")
    setting.add_argument("value", nargs="?", metavar="VALUE")
    command("plugins", "plugins:plugins", _("what installed packages add, and whether it works"))
    command("updates", "updates:updates", _("look once whether there is a newer version"))
    exporting = command("export", "upkeep:export", _("write documents and conversations as readable files"))
    exporting.add_argument("target", metavar="FOLDER", type=Path)
    command("backup", "upkeep:backup", _("write everything to one file")).add_argument(
        "target", metavar="FILE", type=Path
    )
    command("restore", "upkeep:restore", _("bring a backup back")).add_argument("source", metavar="FILE", type=Path)
    verify = command("verify", "upkeep:verify", _("check that everything is whole"))
    verify.add_argument("--repair", action="store_true", help=_("mend what can be mended"))
    serving = command("serve", "serving:serve", _("let other programs of this computer ask, without a window"))
    serving.add_argument("--port", type=_port, metavar="PORT", help=_("instead of the one in the settings"))
    command("shrink", "upkeep:shrink", _("give unused room back to the disk"))
    tracing = command("traces", "tracing:traces", _("show, compare and export how answers came about"))
    tracing.add_argument("action", choices=["list", "show", "diff", "export"])
    tracing.add_argument("what", nargs="*", metavar="ID|FILE")
    tracing.add_argument("--limit", type=_positive, default=20, help=_("how many are listed"))
    tracing.add_argument("--format", choices=["lines", "otlp"], help=_("JSON lines, or OpenTelemetry spans (*.json)"))
    tracing.add_argument("--text", action="store_true", help=_("export questions and answers too"))
    trying = command("canary", "canary:canary", _("try another model or pipeline on a share of the conversations"))
    trying.add_argument("action", choices=["show", "start", "stop", "promote"])
    trying.add_argument("--model", metavar="ID", help=_("language model, or “none” to quote only"))
    trying.add_argument("--pipeline", metavar="NAME", help=_("the way to answer"))
    trying.add_argument("--share", type=_share, default=0.2, help=_("of the conversations, from 0 to 1"))
    batch = command("batch", "batch:batch", _("answer a file of JSON lines in one process"))
    batch.add_argument("file", metavar="FILE.jsonl", type=Path)
    command("demo", "opening:demo", _("try it with sample documents in a throw-away folder"))
    return parser


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Return ``arguments`` with ``open`` before the first word where that is a file: a desktop hands files over so.

    A word that could be a command's name is one, whatever lies in the folder.
    """
    words = list(arguments)
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] in {"--data-dir", "--workspace"} else 1
    if place < len(words) and not words[place].isidentifier() and Path(words[place]).exists():
        words.insert(place, "open")
    return words


def _command(place: str) -> Callable[[DataFolder, Any, Output], int]:
    """Return the command that ``module:function`` names; only its own module is imported."""
    module, _colon, function = place.partition(":")
    return getattr(importlib.import_module(f"kotaemon_desktop.cli.{module}"), function)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(_("must be 1 or more"))
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LAST_PORT:
        raise argparse.ArgumentTypeError(_("must be from 0 (any free one) to {last}").format(last=_LAST_PORT))
    return number


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(_("must be from 0 to 1"))
    return share


def _workspace(text: str) -> str:
    if not is_name(text):
        raise argparse.ArgumentTypeError(_("a workspace's name is a plain folder name"))
    return text
