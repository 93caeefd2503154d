"""Importing: real files through real hosts into a real library, and what a stop or a kill leaves."""

from __future__ import annotations

import errno
import os
import signal
import threading
from datetime import datetime
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import (
    Embedding,
    Found,
    Imported,
    ImportFailed,
    ImportNote,
    Moved,
    Queued,
    Reading,
    Ready,
    Skipped,
    Split,
    Stored,
)
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import DocumentState
from kotaemon_desktop.core.scope import Scope


def run(engine: Engine, *paths: Path) -> list[object]:
    return list(engine.imports.run(list(paths)))


def of(events: list[object], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_an_import_ends_with_the_kinds_that_it_left_out(words: Engine, tmp_path: Path) -> None:
    for name in ("a.txt", "b.py", "c.py", "d.tex", "e.rs", "Makefile"):
        (tmp_path / "mixed" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "mixed" / name).write_text(name, "utf-8")
    ended = run(words, tmp_path / "mixed")[-1]
    assert isinstance(ended, Imported)
    assert ended.left_out[0] == (".py", 2)
    assert dict(ended.left_out) == {".py": 2, ".tex": 1, ".rs": 1, "": 1}
    assert ended.kinds_left_out.startswith(".py, ")
    assert ended.kinds_left_out.endswith(", …")


def test_a_folder_is_imported_and_the_bad_files_are_named(engine: Engine, files: Path) -> None:
    events = run(engine, files)
    assert isinstance(events[0], Queued)
    ended = events[-1]
    assert isinstance(ended, Imported)
    assert (ended.documents, ended.skipped) == (2, 0)
    reasons = {Path(path).name: reason for path, reason in ended.failed}
    assert set(reasons) == {"empty.txt", "picture.pdf"}
    assert "empty" in reasons["empty.txt"]
    assert "pages that are pictures: 1" in reasons["picture.pdf"]
    order = [type(e) for e in events if getattr(e, "path", "").endswith("leave.md")]
    assert order == [Reading, Split, Stored]
    assert {d.name: d.state for d in engine.library.documents()} == {
        "leave.md": DocumentState.READY if of(events, Ready) else DocumentState.STORED,
        "年假.txt": DocumentState.READY if of(events, Ready) else DocumentState.STORED,
        "empty.txt": DocumentState.FAILED,
        "picture.pdf": DocumentState.FAILED,
    }
    assert engine.library.queue() == []


def test_every_passage_is_where_it_says(words: Engine, files: Path) -> None:
    run(words, files)
    for document in words.library.documents():
        for passage in words.library.passages_of(document.id):
            page = words.library.page(document.id, passage.page)
            assert page is not None
            assert page.text[passage.start : passage.end] == passage.text


def test_the_same_content_is_not_imported_twice(engine: Engine, files: Path, tmp_path: Path) -> None:
    run(engine, files / "leave.md")
    copy = tmp_path / "copy.md"
    copy.write_bytes((files / "leave.md").read_bytes())
    events = run(engine, files / "leave.md", copy)
    assert {Path(e.path).name for e in of(events, Skipped)} == {"leave.md", "copy.md"}
    assert engine.library.counts()[0] == 1
    assert of(events, Embedding) == []


def test_a_changed_file_replaces_its_old_passages(words: Engine, files: Path) -> None:
    run(words, files / "leave.md")
    (files / "leave.md").write_text(
        "# Leave\n\nAnnual leave is now thirty days for all staff of the company.\n", "utf-8"
    )
    run(words, files / "leave.md")
    texts = [p.text for d in words.library.documents() for p in words.library.passages_of(d.id)]
    assert any("thirty" in text for text in texts)
    assert not any("twenty" in text for text in texts)


def test_a_change_that_cannot_be_read_leaves_the_old_version(words: Engine, files: Path) -> None:
    run(words, files / "leave.md")
    (files / "leave.md").write_bytes(b"")
    events = run(words, files / "leave.md")
    assert len(of(events, ImportFailed)) == 1
    assert words.library.keyword_search("twenty days", 5)


def test_a_file_that_has_gone_is_a_failure_with_a_reason(words: Engine, tmp_path: Path) -> None:
    ended = run(words, tmp_path / "nowhere.pdf")[-1]
    assert isinstance(ended, Imported)
    assert "could not be opened" in ended.failed[0][1]


def test_a_reader_killed_from_outside_costs_nothing(words: Engine, files: Path) -> None:
    with words.keeper.lease("reader"):
        (pid,) = words.keeper.status("reader").pids
    os.kill(pid, signal.SIGSTOP)  # it takes the next file and never answers …
    events: list[object] = []
    for event in words.imports.run([files / "leave.md", files / "年假.txt"]):
        events.append(event)
        if isinstance(event, Queued):
            threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()  # … until it is killed
    ended = events[-1]
    assert isinstance(ended, Imported)
    assert (ended.documents, ended.failed) == (2, ())


def test_a_file_that_ends_every_reader_fails_and_the_rest_goes_on(words: Engine, files: Path) -> None:
    words.change_setting("imports", "reader_megabytes", 256)
    bomb = files / "bomb.html"
    bomb.write_text("<div>" * 3_000_000, "utf-8")
    words.change_setting("imports", "file_seconds", 4)
    ended = run(words, bomb, files / "leave.md")[-1]
    assert isinstance(ended, Imported)
    assert ended.documents == 1
    ((path, reason),) = ended.failed
    assert path == str(bomb)
    assert any(word in reason for word in ("stopped the file reader", "of memory", "given up"))


def test_what_a_stop_left_is_finished_by_resume(data: DataFolder, files: Path) -> None:
    engine = Engine.open(data)
    stream = engine.imports.run([files / "leave.md", files / "年假.txt"])
    for event in stream:
        if isinstance(event, Stored):
            break
    stream.close()
    assert len(engine.library.documents()) == 1
    engine.close()

    again = Engine.open(data)
    try:
        events = list(again.imports.resume())
        assert {d.name for d in again.library.documents()} == {"leave.md", "年假.txt"}
        assert isinstance(events[-1], Imported)
        assert list(again.imports.resume()) == []
    finally:
        again.close()


def test_a_cancelled_import_is_forgotten(words: Engine, files: Path) -> None:
    stream = words.imports.run([files])
    next(stream)
    words.imports.cancel()
    stream.close()
    assert words.library.queue() == []
    assert words.library.documents() == []


def test_copies_of_originals_are_kept_when_that_is_set(words: Engine, files: Path) -> None:
    words.change_setting("imports", "originals", "copy")
    run(words, files / "leave.md")
    (document,) = words.library.documents()
    (files / "leave.md").unlink()
    assert words.previews.original(document).read_text("utf-8").startswith("# Leave")


def test_an_embedding_host_that_dies_is_replaced(engine: Engine, tmp_path: Path) -> None:
    if engine.models.embedder() is None:
        return
    text = "\n\n".join(
        f"# Section {n}\n\nRule {n} of the house says that door {n} is closed at night." for n in range(90)
    )
    (tmp_path / "rules.md").write_text(text, "utf-8")
    killed = False
    events: list[object] = []
    for event in engine.imports.run([tmp_path / "rules.md"]):
        events.append(event)
        if isinstance(event, Embedding) and not killed:
            os.kill(engine.keeper.status("embedder").pids[0], signal.SIGKILL)
            killed = True
    assert killed
    assert engine.library.pending_count(engine.models.embedder().id) == 0
    assert of(events, Ready)


def test_an_embedder_that_cannot_be_loaded_leaves_keyword_search(engine: Engine, files: Path) -> None:
    embedder = engine.models.embedder()
    if embedder is None:
        return
    for graph in Path(embedder.folder).rglob("*.onnx"):
        graph.write_bytes(bytes(graph.stat().st_size))
    events = run(engine, files / "leave.md")
    assert len(of(events, ImportNote)) == 1
    assert events[-1].documents == 1
    found = list(engine.questions.search("annual leave", 3))[-1]
    assert isinstance(found, Found)
    assert found.hits
    assert found.note


def test_a_moved_file_is_not_read_again(engine: Engine, files: Path) -> None:
    before = files / "leave.md"
    [stored] = [event for event in engine.imports.run([before]) if isinstance(event, Stored)]
    changed = before.stat().st_mtime
    after = files / "elsewhere" / "annual leave.md"
    after.parent.mkdir()
    before.rename(after)
    events = list(engine.imports.run([after]))
    assert [event for event in events if isinstance(event, Moved)] == [
        Moved(str(after), stored.document_id, str(before))
    ]
    assert not [event for event in events if isinstance(event, Stored)]
    [document] = engine.library.documents()
    assert (document.path, document.name) == (str(after), "annual leave.md")
    [hit] = next(event for event in engine.questions.search("annual leave", 1) if isinstance(event, Found)).hits
    assert hit.passage.document == str(after)
    day = datetime.fromtimestamp(changed).date()  # noqa: DTZ006 - days are those of this machine
    assert engine.collections.documents(Scope(after=day.isoformat())) == [document.id]
    assert engine.collections.documents(Scope(before=day.isoformat())) == []


def test_a_file_that_changes_while_it_is_read_is_not_kept(words: Engine, files: Path) -> None:
    path = files / "growing.txt"
    path.write_text("The warehouse opens at six. " * 200_000, "utf-8")
    events: list[object] = []
    for event in words.imports.run([path]):
        events.append(event)
        if isinstance(event, Queued):
            threading.Timer(0.3, lambda: path.write_text("Something else by now.", "utf-8")).start()
    (failed,) = of(events, ImportFailed)
    assert "changed while it was being read" in str(failed.error)
    assert [document.state for document in words.library.documents()] == [DocumentState.FAILED]
    assert of(run(words, path), Stored)  # by then it is complete


def test_copies_are_kept_of_files_with_any_name_and_of_no_other_content(
    words: Engine, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words.change_setting("imports", "originals", "copy")
    long = files / ("a." + "x" * 250)
    long.write_text("The warehouse opens at six.", "utf-8")
    (stored,) = of(run(words, long), Stored)
    document = words.library.document(stored.document_id)
    assert document is not None
    long.unlink()
    assert words.previews.original(document).read_text("utf-8") == "The warehouse opens at six."

    def torn(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:10])
        source.write_text("Something else by now.", "utf-8")

    monkeypatch.setattr("shutil.copyfile", torn)
    (failed,) = of(run(words, files / "leave.md"), ImportFailed)
    assert "changed while it was being read" in str(failed.error)

    def refused(source: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("shutil.copyfile", refused)
    (failed,) = of(run(words, files / "年假.txt"), ImportFailed)
    assert "could not be opened (Permission denied)" in str(failed.error)
    assert len(list((words.folder.originals).iterdir())) == 1


def test_names_that_act_on_who_shows_them_are_shown_as_they_are(words: Engine, files: Path) -> None:
    good, bad = files / "invoice\u202efdp.txt", files / "line\nbreak\x1b[31m.txt"
    good.write_text("The warehouse opens at six.", "utf-8")
    bad.touch()
    (failed,) = of(run(words, good, bad), ImportFailed)
    assert str(failed.error) == "“line�break�[31m.txt” is empty (0 bytes)."
    documents = words.library.documents()
    assert {document.name for document in documents} == {"invoice�fdp.txt", "line�break�[31m.txt"}
    assert {document.path for document in documents} == {str(good), str(bad)}
