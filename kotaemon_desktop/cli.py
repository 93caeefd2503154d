"""The headless commands, over the same core as the window."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kotaemon_desktop import __version__
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.events import (
    AnswerFailed,
    Cited,
    Degraded,
    Done,
    Embedding,
    Found,
    ImportFailed,
    ImportNote,
    Imported,
    Piece,
    Routed,
    Skipped,
    Stored,
    Waking,
    as_dict,
)
from kotaemon_desktop.core.i18n import _, use_language
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder
from kotaemon_desktop.core.records import Hit, ModelInfo
from kotaemon_desktop.core.storage import backup, export

DONE, FAILED, WRONG_USAGE = 0, 1, 2

Result = dict[str, Any]


class Output:
    """Writes what a command has to say: JSON lines for programs, plain text for people."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def event(self, event: object, text: str | None = None) -> None:
        """Tell progress: a line of JSON, or ``text`` on standard error so that results can be piped on."""
        if self.as_json:
            print(json.dumps(as_dict(event), ensure_ascii=False), flush=True)
        elif text is not None:
            print(text, file=sys.stderr, flush=True)

    def result(self, result: Mapping[str, Any], text: str) -> None:
        """Tell the result: the last line."""
        print(json.dumps(result, ensure_ascii=False) if self.as_json else text, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return its exit status."""
    use_language("system")
    parser = _parser()
    try:
        chosen = parser.parse_args(arguments)
    except SystemExit as exit_:  # argparse has said what is wrong
        return int(exit_.code or 0)
    folder = DataFolder.find(chosen.data_dir, getattr(chosen, "workspace", DEFAULT_WORKSPACE))
    try:
        return chosen.run(folder, chosen, Output(chosen.json))
    except KotaemonError as error:
        print(f"kotaemon-desktop: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"kotaemon-desktop: {error.strerror or error}: {error.filename or folder.root}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(_("kotaemon-desktop: stopped; what is done stays done"), file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: the option may stand before or behind the command, and the one behind must not undo the one before.
    shared.add_argument("--data-dir", metavar="DIR", default=argparse.SUPPRESS, help=_("where everything is kept"))
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_("one JSON object per line"))
    parser = argparse.ArgumentParser(
        "kotaemon-desktop", description=_("Ask your own documents. Without a command: the window."), parents=[shared]
    )
    parser.set_defaults(data_dir=None, json=False, run=_window)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, run: Callable[[DataFolder, Any, Output], int], help_: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_, description=help_, parents=[shared])
        added.set_defaults(run=run)
        if name not in {"models", "restore", "demo"}:
            added.add_argument("--workspace", default=DEFAULT_WORKSPACE, metavar="W", type=_workspace)
        return added

    importing = command("import", _import, _("import files and folders"))
    importing.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    search = command("search", _search, _("find passages"))
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--top", type=_positive, default=5)
    ask = command("ask", _ask, _("answer a question from the documents"))
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", metavar="ID", help=_("language model, or “none” to quote only"))
    command("status", _status, _("what is there and what is in memory"))
    models = command("models", _models, _("list, add, download or remove models"))
    models.add_argument("action", choices=["list", "add", "download", "remove"])
    models.add_argument("what", nargs="?", metavar="FOLDER|ID")
    exporting = command("export", _export, _("write documents and conversations as readable files"))
    exporting.add_argument("target", metavar="FOLDER", type=Path)
    command("backup", _backup, _("write everything to one file")).add_argument("target", metavar="FILE", type=Path)
    command("restore", _restore, _("bring a backup back")).add_argument("source", metavar="FILE", type=Path)
    command("verify", _verify, _("check that everything is whole"))
    batch = command("batch", _batch, _("answer a file of JSON lines in one process"))
    batch.add_argument("file", metavar="FILE.jsonl", type=Path)
    command("demo", _demo, _("try it with sample documents in a throw-away folder"))
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(_("must be 1 or more"))
    return number


def _workspace(text: str) -> str:
    if not text or text in {".", ".."} or any(mark in text for mark in "/\\:\0"):
        raise argparse.ArgumentTypeError(_("a workspace's name is a plain folder name"))
    return text


@contextmanager
def _opened(folder: DataFolder) -> Iterator[Engine]:
    engine = Engine.open(folder)
    try:
        yield engine
    finally:
        engine.close()


def _window(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - one signature for all commands
    from kotaemon_desktop import system_check

    trouble = system_check.problem()
    if trouble is not None:
        print(f"kotaemon-desktop: {trouble}", file=sys.stderr)
        return FAILED
    import importlib

    return importlib.import_module("kotaemon_desktop.app").run(folder)


def _demo(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001
    import importlib

    return importlib.import_module("kotaemon_desktop.demo").run(output.as_json)


# --- import, search, ask -----------------------------------------------------------------------------------------------


def _import(folder: DataFolder, chosen: Any, output: Output) -> int:
    with _opened(folder) as engine:
        ended: Imported | None = None
        for event in engine.import_(chosen.paths):
            output.event(event, _import_text(event))
            if isinstance(event, Imported):
                ended = event
    assert ended is not None, "an import ends with Imported"
    failed = [{"path": path, "reason": reason} for path, reason in ended.failed]
    output.result(
        {
            "documents": ended.documents,
            "passages": ended.passages,
            "failed": failed,
            "skipped": ended.skipped,
            "seconds": round(ended.seconds, 3),
        },
        _("{documents} documents, {passages} passages, {skipped} already there, {failed} failed, {seconds:.1f} s").format(
            documents=ended.documents,
            passages=ended.passages,
            skipped=ended.skipped,
            failed=len(failed),
            seconds=ended.seconds,
        ),
    )
    return FAILED if failed and not (ended.documents or ended.skipped) else DONE


def _import_text(event: object) -> str | None:
    if isinstance(event, Stored):
        return _("stored    {path} ({passages} passages)").format(path=event.path, passages=event.passages)
    if isinstance(event, Skipped):
        return _("unchanged {path}").format(path=event.path)
    if isinstance(event, ImportFailed):
        return _("failed    {path}: {error}").format(path=event.path, error=event.error)
    if isinstance(event, ImportNote):
        return _("note: {error}").format(error=event.error)
    if isinstance(event, Waking):
        return _("waking    {component}").format(component=event.component)
    if isinstance(event, Embedding):
        return _("embedding {done} of {total}, {rate:.0f} a second, {left:.0f} s left").format(
            done=event.done, total=event.total, rate=event.rate, left=event.seconds_left or 0
        )
    return None


def _search(folder: DataFolder, chosen: Any, output: Output) -> int:
    with _opened(folder) as engine:
        found = _found(engine, chosen.query, chosen.top)
        _finish(engine)
    if found.note:
        print(f"kotaemon-desktop: {found.note}", file=sys.stderr)
    text = "\n\n".join(
        f"{number}. {_where(hit.passage.name, hit.passage.page)}  [{hit.strength}]\n{hit.passage.text}"
        for number, hit in enumerate(found.hits, start=1)
    )
    output.result({"hits": [_hit(hit) for hit in found.hits]}, text or _("Nothing was found."))
    return DONE


def _found(engine: Engine, query: str, top: int) -> Found:
    return next(event for event in engine.search(query, top) if isinstance(event, Found))


def _hit(hit: Hit) -> Result:
    passage = hit.passage
    return {
        "document": passage.document,
        "page": passage.page,
        "text": passage.text,
        "score": round(hit.score, 6),
        "strength": hit.strength.value,
        "heading": passage.heading,
    }


def _where(name: str, page: int | None) -> str:
    return name if page is None else _("{name}, page {page}").format(name=name, page=page)


def _ask(folder: DataFolder, chosen: Any, output: Output) -> int:
    with _opened(folder) as engine:
        result, error = _answered(engine, chosen.question, chosen.model, lambda event: output.event(event, None))
        _finish(engine)
    if error is not None:
        raise error
    sources = "\n".join(f"[{each['number']}] {_where(each['name'], each['page'])}" for each in result["citations"])
    output.result(result, "\n\n".join(part for part in (result["answer"], sources) if part))
    return DONE


def _answered(
    engine: Engine, question: str, model: str | None, tell: Callable[[object], None]
) -> tuple[Result, Exception | None]:
    """Run one question to its end; return the result line and the error, if it failed."""
    result: Result = {"answer": "", "route": "", "model": "", "citations": [], "timings": {}, "answered": False}
    error: Exception | None = None
    for event in engine.answer(question, model=model):
        tell(event)
        if isinstance(event, Routed):
            result["route"] = event.route
        elif isinstance(event, Piece):
            result["answer"] += event.text
        elif isinstance(event, Cited):
            result["answer"] = event.answer
            result["citations"] = [
                {
                    "document": each.document,
                    "page": each.page,
                    "quote": each.quote,
                    "number": each.number,
                    "name": each.name,
                }
                for each in event.citations
            ]
        elif isinstance(event, Degraded):
            result["note"] = str(event.error)
        elif isinstance(event, Done):
            result |= {"model": event.model, "answered": event.answered, "timings": event.timings}
        elif isinstance(event, AnswerFailed):
            error = event.error
    return result, error


def _finish(engine: Engine) -> None:
    """Mend the vector index if the question found it behind, so that the next command is whole again."""
    if engine.work_left():
        for _event in engine.resume_import():
            pass


def _batch(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - its output is JSON lines anyway
    lines = chosen.file.read_text("utf-8").splitlines()
    with _opened(folder) as engine:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                print(json.dumps(_batch_line(engine, number, line), ensure_ascii=False), flush=True)
        _finish(engine)
    return DONE


def _batch_line(engine: Engine, number: int, line: str) -> Result:
    """Answer one line; a line that cannot be answered says why and the next one goes on."""
    try:
        asked = json.loads(line)
        operation, text = asked["op"], str(asked["text"])
    except (ValueError, KeyError, TypeError) as error:
        return {"id": None, "error": _("line {number} is not a request: {error}").format(number=number, error=error)}
    identity: Result = {"id": asked.get("id")}
    if operation == "search":
        return identity | {"hits": [_hit(hit) for hit in _found(engine, text, int(asked.get("top", 5))).hits]}
    if operation == "ask":
        result, failed = _answered(engine, text, asked.get("model"), lambda _event: None)
        return identity | (result if failed is None else {"error": str(failed)})
    return identity | {"error": _("“op” is “search” or “ask”, not {operation!r}").format(operation=operation)}


# --- what is there -------------------------------------------------------------------------------------------------------


def _status(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001
    with _opened(folder) as engine:
        sample = engine.sampler.sample()
        provider = engine.provider()
        components = [
            {
                "name": each.name,
                "state": each.state.value,
                "bytes": each.bytes,
                "idle_deadline": each.idle_deadline,
            }
            for each in engine.keeper.status()
        ]
        documents, passages = engine.library.counts()
    result = {
        "documents": documents,
        "passages": passages,
        "components": components,
        "memory": {
            "program": sample.program,
            "system_used": sample.system_used,
            "system_available": sample.system_available,
            "system_total": sample.system_total,
            "gpu_used": sample.gpu_used,
            "gpu_total": sample.gpu_total,
        },
        "provider": {"name": provider.name, "why": provider.why},
        "data_folder": str(folder.root),
    }
    lines = [
        _("{documents} documents, {passages} passages in {folder}").format(
            documents=documents, passages=passages, folder=folder.section
        ),
        *(f"{each['name']}: {each['state']}, {each['bytes'] / 2**20:.0f} MB" for each in components),
        f"{provider.name}: {_(provider.why)}",
    ]
    output.result(result, "\n".join(lines))
    return DONE


def _models(folder: DataFolder, chosen: Any, output: Output) -> int:
    if (chosen.what is None) != (chosen.action == "list"):
        print(_("kotaemon-desktop models: list | add FOLDER | download ID | remove ID"), file=sys.stderr)
        return WRONG_USAGE
    folder.create()
    lock = folder.lock()
    try:
        store = ModelStore(folder.models)
        if chosen.action == "add":
            store.add(Path(chosen.what))
        elif chosen.action == "remove":
            store.remove(chosen.what)
        elif chosen.action == "download":
            for progress in store.download(chosen.what):
                output.event(progress, None)
        models = store.models()
    finally:
        lock.release()
    text = "\n".join(f"{each.id}  ({each.task}, {each.bytes / 2**20:.0f} MB)" for each in models)
    output.result({"models": [_model(each) for each in models]}, text or _("No models are installed."))
    return DONE


def _model(model: ModelInfo) -> Result:
    return {
        "id": model.id,
        "task": model.task,
        "bytes": model.bytes,
        "languages": list(model.languages),
        "licence": model.licence,
        "folder": model.folder,
    }
