"""The headless commands, run as a person or a script runs them."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
FILES = sorted(file for file in SAMPLES.iterdir() if file.suffix != ".json")
QUESTIONS = json.loads((SAMPLES / "questions.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.timeout(240)


def test_an_import_takes_every_file_and_a_second_one_none(first_import):
    program, imported = first_import
    first = imported.result
    second = program.run("import", SAMPLES).result

    assert (first["documents"], first["failed"]) == (len(FILES), [])
    assert first["passages"] >= len(FILES)
    assert (second["documents"], second["passages"], second["failed"]) == (0, 0, [])
    assert second["skipped"] == len(FILES)


def test_a_search_names_document_page_and_words_and_writes_nothing_outside_the_data_folder(filled):
    done = filled.run("search", "How long is the notice period after the trial period?", "--top", "3")

    best = done.result["hits"][0]
    assert done.status == 0
    assert len(done.result["hits"]) <= 3
    assert (Path(best["document"]).name, best["page"]) == ("Employee Handbook.pdf", 5)
    assert "six weeks" in best["text"]
    assert list(filled.home.iterdir()) == []


def test_most_questions_of_the_samples_are_found_first_and_all_among_five(filled, tmp_path: Path):
    answerable = [question for question in QUESTIONS if question["answerable"]]
    lines = [{"op": "search", "text": q["question"], "id": n} for n, q in enumerate(answerable)]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    answers = {line["id"]: line["hits"] for line in filled.run("batch", batch).lines}

    ranks = [
        next((rank for rank, hit in enumerate(answers[number], 1) if _holds(hit, question)), None)
        for number, question in enumerate(answerable)
    ]
    missed = [question["question"] for rank, question in zip(ranks, answerable, strict=True) if rank is None]
    assert missed == []
    assert sum(rank == 1 for rank in ranks) >= 0.8 * len(ranks)


def _holds(hit: dict, question: dict) -> bool:
    text = "".join(hit["text"].split()).lower()
    return (
        Path(hit["document"]).name == question["file"]
        and hit["page"] == question["page"]
        and all("".join(words.split()).lower() in text for words in question["gold"])
    )


CITED = [
    ("What is the daily meal allowance abroad?", "Employee Handbook.pdf", 3, "48 euros"),
    ("陪产假有多少天？", "员工手册.pdf", 2, "15天"),
    ("房东要求把仓库租金涨到多少？", "周会纪要.txt", None, "38元"),
]
UNKNOWN = [question["question"] for question in QUESTIONS if not question["answerable"]]


@pytest.fixture(scope="module")
def answers(filled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What the program answers to these questions, asked in one batch."""
    asked = [*(question for question, *_ in CITED), *UNKNOWN]
    batch = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    lines = [{"op": "ask", "text": question, "id": question, "model": "none"} for question in asked]
    batch.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return {line["id"]: line for line in filled.run("batch", batch).lines}


@pytest.mark.parametrize(("question", "file", "page", "words"), CITED)
def test_an_answer_cites_the_words_it_rests_on(answers, question, file, page, words):
    answer = answers[question]
    assert answer["answered"]
    assert words in answer["answer"].replace(" ", "") or words in answer["answer"]
    cited = [(Path(each["document"]).name, each["page"]) for each in answer["citations"] if words in each["quote"]]
    assert (file, page) in cited


@pytest.mark.parametrize("question", UNKNOWN)
def test_what_the_documents_do_not_hold_is_not_answered(answers, question):
    assert not answers[question]["answered"]
    assert answers[question]["citations"] == []


def test_a_question_by_itself_is_answered_as_in_a_batch(filled, answers):
    question = CITED[0][0]
    alone = filled.run("ask", question, "--model", "none").result

    assert alone["answer"] == answers[question]["answer"]
    assert alone["citations"] == answers[question]["citations"]


def test_status_counts_and_wakes_nothing(filled):
    status = filled.run("status").result

    assert status["documents"] == len(FILES)
    assert {component["state"] for component in status["components"]} == {"absent"}
    assert sum(component["bytes"] for component in status["components"]) == 0
    assert status["memory"]["program"] > 0
    assert status["provider"]["name"]
    assert status["provider"]["why"]


def test_the_data_folder_may_be_named_before_the_command(filled, tmp_path: Path):
    before = ("--data-dir", str(filled.folder), "--json", "status")
    done = subprocess.run(
        [sys.executable, "-m", "kotaemon_desktop", *before],
        capture_output=True, encoding="utf-8", env=filled.environment, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout)["data_folder"] == str(filled.folder)
    assert list(filled.home.iterdir()) == []


def test_a_batch_answers_line_by_line_and_survives_a_bad_one(filled, tmp_path: Path):
    batch = tmp_path / "batch.jsonl"
    batch.write_text(
        '{"op": "search", "text": "crank bolt", "id": "a"}\n'
        "this is no JSON\n"
        '{"op": "ask", "text": "公司在宁波的地址在哪里？", "id": "b", "model": "none"}\n',
        encoding="utf-8",
    )

    done = filled.run("batch", batch)

    assert done.status == 0
    assert [line["id"] for line in done.lines] == ["a", None, "b"]
    assert done.lines[0]["hits"]
    assert "error" in done.lines[1]
    assert "望海路88号" in done.lines[2]["answer"]


def test_a_backup_brings_everything_back(filled, tmp_path: Path):
    file = tmp_path / "library.backup"
    assert filled.run("backup", file).status == 0
    assert filled.run("verify").status == 0
    other = filled.beside("restored")

    restored = other.run("restore", file)

    assert restored.status == 0, restored.errors
    assert other.run("verify").status == 0
    assert other.run("status").result["documents"] == len(FILES)
    assert other.run("import", SAMPLES).result["skipped"] == len(FILES)
    query = ("search", "When does the workshop open?")
    other.run(*query)  # finds the vector index missing, which is no part of a backup, and makes it again
    assert other.run(*query).result == filled.run(*query).result


def test_bad_files_are_named_and_the_rest_is_imported(program, tmp_path: Path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "empty.pdf").touch()
    (folder / "cut.pdf").write_bytes((SAMPLES / "Employee Handbook.pdf").read_bytes()[:900])
    (folder / "good.txt").write_text("The kettle stands on the blue shelf.", encoding="utf-8")

    done = program.run("import", folder)

    assert done.status == 0
    assert done.result["documents"] == 1
    reasons = {Path(each["path"]).name: each["reason"] for each in done.result["failed"]}
    assert set(reasons) == {"empty.pdf", "cut.pdf"}
    assert "empty" in reasons["empty.pdf"]
    assert program.run("search", "kettle").result["hits"][0]["text"].startswith("The kettle")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["search"], 2),
        (["no-such-command"], 2),
        (["search", "x", "--top", "0"], 2),
        (["models", "add"], 2),
        (["import", "/no/such/file.pdf"], 1),
        (["restore", "/no/such/backup"], 1),
        (["batch", "/no/such/file.jsonl"], 1),
        (["models", "remove", "no-such-model"], 1),
    ],
)
def test_exit_status_and_no_traceback(program, arguments, status):
    done = program.run(*arguments)

    assert done.status == status
    assert "Traceback" not in done.errors


@pytest.mark.parametrize(
    "arguments", [["restore", "/no/such/backup"], ["batch", "/no/such/file"], ["models", "remove", "no-such-model"]]
)
def test_a_failure_is_one_clear_line(program, arguments):
    lines = program.run(*arguments).errors.splitlines()

    assert len(lines) == 1
    assert lines[0].startswith("kotaemon-desktop: ")
    assert arguments[-1] in lines[0]


def test_collections_group_documents_and_narrow_a_search(program):
    program.run("import", SAMPLES / "Employee Handbook.pdf", SAMPLES / "Workshop Guide.md")
    assert program.run("collections", "create", "Staff").result == {"collections": [{"name": "Staff", "documents": 0}]}
    added = program.run("collections", "add", "staff", "Employee Handbook.pdf")
    assert added.result == {"collections": [{"name": "Staff", "documents": 1}]}
    within = program.run("search", "holidays and workshop tools", "--collection", "Staff").result["hits"]
    typed = program.run("search", "holidays and workshop tools in:Staff").result["hits"]
    assert {Path(hit["document"]).name for hit in within} == {"Employee Handbook.pdf"}
    assert within == typed
    answer = program.run("ask", "How many days of holiday do I get?", "--collection", "Staff", "--model", "none")
    assert answer.result["answered"]
    assert program.run("collections", "rename", "Staff", "People").result["collections"][0]["name"] == "People"
    unknown = program.run("ask", "holidays?", "--collection", "Staff")
    assert (unknown.status, unknown.errors.strip()) == (1, "kotaemon-desktop: There is no collection “Staff”.")
    assert program.run("collections", "take", "People", "Employee Handbook.pdf").result["collections"][0][
        "documents"
    ] == 0  # fmt: skip
    assert program.run("collections", "remove", "People").result == {"collections": []}
    assert program.run("collections", "add", "People").status == 2
    assert program.run("status").result["documents"] == 2


def test_a_library_is_backed_up_mended_and_shrunk_with_its_collections(program, tmp_path: Path):
    program.run("import", SAMPLES / "Workshop Guide.md")
    program.run("collections", "create", "Workshop")
    program.run("collections", "add", "Workshop", "Workshop Guide.md")
    program.run("backup", tmp_path / "backup.zip")
    other = program.beside("other")
    other.run("restore", tmp_path / "backup.zip")
    assert other.run("collections", "list").result == {"collections": [{"name": "Workshop", "documents": 1}]}
    with contextlib.closing(sqlite3.connect(other.folder / "library.sqlite3")) as library:
        library.execute("UPDATE documents SET passages = 7")
        library.commit()
    assert other.run("verify").status == 1
    mended = other.run("verify", "--repair")
    assert (mended.status, mended.result["sound"]) == (0, True)
    assert "another number of passages" in mended.result["mended"][0]
    assert other.run("shrink").result["after"] > 0
    assert other.run("search", "workshop", "--collection", "Workshop").result["hits"]
