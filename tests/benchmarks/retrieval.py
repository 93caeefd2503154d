"""Does the program find the right page? Its search against plain BM25 over the same passages.

Run with: uv run python tests/benchmarks/retrieval.py [SET…] [--keep FOLDER]

Each set is imported by the program's own ``import`` and asked by its own ``batch``, as processes. A hit counts when it
lies on a page that the set names (PDF), or when it holds words of the article that the set names (Word has no pages).
Prints a JSON line for each set, then the summary.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bm25 import BM25
from report import Bar, at_least, finish, progress

from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Passage
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library

EVALUATION = Path(__file__).resolve().parents[2].parent / "shared" / "eval"
TOP = 5


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer stands: a page of a document, or (without pages) the place of ``evidence`` in an article."""

    name: str
    page: int | None
    article: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Documents and questions; any of a question's targets counts."""

    name: str
    documents: Path
    questions: tuple[tuple[str, tuple[Target, ...]], ...]


def azure_contoso() -> EvaluationSet:
    """Read the English set: the page stands in the reference answer as [file.pdf#page=7]."""
    folder = EVALUATION / "azure-contoso"
    questions: list[tuple[str, tuple[Target, ...]]] = []
    for line in (folder / "qa.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        places = re.findall(r"\[([^\]]+?)#page=(\d+)\]", item["truth"])
        questions.append((item["question"], tuple(Target(name, int(page)) for name, page in places)))
    return EvaluationSet("azure-contoso", folder / "docs", tuple(questions))


def zh_policy(kind: str) -> EvaluationSet:
    """Read the Chinese set, over its ``pdf`` files (page) or its ``docx`` files (article)."""
    folder = EVALUATION / "zh-policy"
    questions: list[tuple[str, tuple[Target, ...]]] = []
    for item in json.loads((folder / "qa.json").read_text(encoding="utf-8")):
        targets = tuple(
            Target(gold["pdf"], gold["page"])
            if kind == "pdf"
            else Target(gold["doc"].removesuffix(".md") + ".docx", None, gold["article"] or "", gold["evidence"])
            for gold in item["gold"]
        )
        if item["answerable"]:
            questions.append((item["question"], targets))
    return EvaluationSet(f"zh-policy-{kind}", folder / kind, tuple(questions))


def samples() -> EvaluationSet:
    """Read the questions of the program's own sample documents."""
    folder = Path(__file__).resolve().parents[2] / "resources" / "samples"
    items = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    return EvaluationSet(
        "samples",
        folder,
        tuple((q["question"], (Target(q["file"], q["page"], "", q["gold"][0]),)) for q in items if q["answerable"]),
    )


SETS = {
    "samples": samples,
    "azure-contoso": azure_contoso,
    "zh-policy-pdf": lambda: zh_policy("pdf"),
    "zh-policy-docx": lambda: zh_policy("docx"),
}


class Judge:
    """Knows which passages of a library answer which question."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ids = {document.name: document.id for document in library.documents()}
        self.passages = {p.id: p for number in self._ids.values() for p in library.passages_of(number)}
        self._by_text = {(p.document, p.page, p.text): p.id for p in self.passages.values()}

    def passage_of(self, hit: dict[str, Any]) -> int:
        """Return the id of the passage that a line of ``search`` shows."""
        return self._by_text[hit["document"], hit["page"], hit["text"]]

    def right(self, targets: Sequence[Target]) -> set[int]:
        """Return the ids of the passages that count."""
        return {p.id for target in targets for p in self._matching(target)}

    def _matching(self, target: Target) -> Iterator[Passage]:
        inside = [p for p in self.passages.values() if p.name == target.name]
        if target.page is not None:
            yield from (p for p in inside if p.page == target.page)
            return
        page = self._library.page(self._ids[target.name], None)
        start, end = place_of(target, page.text if page else "")
        yield from (p for p in inside if p.start < end and p.end > start)


def place_of(target: Target, text: str) -> tuple[int, int]:
    """Return where the evidence stands within its article in ``text`` (in all of it without one), spaces aside."""
    next_article = r"^\s*第[一二三四五六七八九十百零]+条"
    part = rf"^\s*{target.article}.*?(?={next_article}|\Z)" if target.article else r"\A.*\Z"
    inside = re.search(part, text, re.MULTILINE | re.DOTALL)
    evidence = r"\s*".join(map(re.escape, re.sub(r"\s", "", target.evidence)))
    found = re.search(evidence, inside.group()) if inside else None
    if inside is None or found is None:
        raise SystemExit(f"{target.name}: {target.article} “{target.evidence}” is not in the imported text")
    return inside.start() + found.start(), inside.start() + found.end()


def program(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run a command of the program on the data folder and return its JSON lines."""
    command = [sys.executable, "-m", "kotaemon_desktop", *arguments, "--data-dir", str(folder), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask_program(folder: Path, questions: Sequence[str], judge: Judge) -> tuple[list[list[int]], float]:
    """Return, for each question, the passages that the program shows, and the seconds that all took."""
    lines = [{"op": "search", "text": text, "id": number, "top": TOP} for number, text in enumerate(questions)]
    batch = folder / "questions.jsonl"
    batch.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    started = time.perf_counter()
    answers = {answer["id"]: answer for answer in program(folder, "batch", str(batch)) if "hits" in answer}
    seconds = time.perf_counter() - started
    return [[judge.passage_of(hit) for hit in answers[n]["hits"][:TOP]] for n in range(len(questions))], seconds


def each_page_once(ids: Iterable[int], passages: Mapping[int, Passage]) -> list[int]:
    """Leave out passages of a page that has had its turn, as the program does; documents without pages keep all."""
    seen: set[tuple[int, int]] = set()
    kept: list[int] = []
    for each in ids:
        page = passages[each].page
        place = (passages[each].document_id, page or 0)
        if page is None or place not in seen:
            kept.append(each)
            seen.add(place)
    return kept


def rates(found: Sequence[Sequence[int]], right: Sequence[set[int]]) -> dict[str, float]:
    """Return hit@1, hit@5 and the mean reciprocal rank within five, each in 0..1."""
    ranks = [
        next((i + 1 for i, each in enumerate(ids) if each in r), None) for ids, r in zip(found, right, strict=True)
    ]
    return {
        "hit@1": round(sum(rank == 1 for rank in ranks) / len(ranks), 3),
        "hit@5": round(sum(rank is not None for rank in ranks) / len(ranks), 3),
        "mrr@5": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
    }


def measure(evaluation: EvaluationSet, folder: Path) -> dict[str, Any]:
    """Import a set, ask all of its questions both ways, and return its line."""
    progress(f"{evaluation.name}: importing {evaluation.documents.name}")
    imported = program(folder, "import", str(evaluation.documents))[-1]
    with Database(DataFolder(folder).database) as database:
        judge = Judge(Library(database))
        right = [judge.right(targets) for _, targets in evaluation.questions]
    texts = [question for question, _ in evaluation.questions]
    progress(f"{evaluation.name}: asking {len(texts)} questions over {len(judge.passages)} passages")
    found, seconds = ask_program(folder, texts, judge)
    plain = BM25({number: passage.text for number, passage in judge.passages.items()})
    return {
        "set": evaluation.name,
        "documents": imported["documents"],
        "failed": imported["failed"],
        "passages": len(judge.passages),
        "questions": len(texts),
        "program": rates(found, right),
        "bm25": rates([each_page_once(plain.top(text, 20 * TOP), judge.passages)[:TOP] for text in texts], right),
        "import_seconds": imported["seconds"],
        "batch_seconds": round(seconds, 2),
    }


def bars_of(line: dict[str, Any]) -> list[Bar]:
    """Return what the issue asks for: nothing failed, and both rates at least those of plain BM25."""
    rates_at = [
        at_least(f"{line['set']} {rate}", line["program"][rate], line["bm25"][rate]) for rate in ("hit@1", "hit@5")
    ]
    return [Bar(f"{line['set']} files failed", len(line["failed"]), 0, not line["failed"]), *rates_at]


def main() -> None:
    """Measure the chosen sets (all by default)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", choices=[[], *SETS], metavar="SET", help=", ".join(SETS))
    parser.add_argument("--keep", type=Path, help="keep the libraries below this folder")
    chosen = parser.parse_args()
    if not EVALUATION.is_dir():
        raise SystemExit(f"The evaluation sets are not here: {EVALUATION}")
    lines: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen.sets or SETS:
            folder = (chosen.keep or Path(scratch)) / name
            folder.mkdir(parents=True, exist_ok=True)
            line = measure(SETS[name](), folder)
            print(json.dumps(line, ensure_ascii=False), flush=True)
            lines.append(line)
    finish("retrieval", {line["set"]: line for line in lines}, [bar for line in lines for bar in bars_of(line)])


if __name__ == "__main__":
    main()
