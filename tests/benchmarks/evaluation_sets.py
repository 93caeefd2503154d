"""The public evaluation sets of ``../shared/eval``, read into one shape: documents, questions, where the answers stand.

Each set has two halves by a hash of the question's id: numbers are chosen on ``tune`` only, ``check`` judges them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

EVALUATION = Path(__file__).resolve().parents[2].parent / "shared" / "eval"
SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"

Half = Literal["tune", "check"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer stands: a document, narrowed to a page, or to the place of ``evidence`` in an article."""

    name: str
    page: int | None = None
    article: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a person puts it; any of ``targets`` and of ``gold`` (the words that answer it) counts."""

    id: str
    text: str
    targets: tuple[Target, ...] = ()
    gold: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    """What was asked before it in the same conversation."""
    answerable: bool = True

    @property
    def half(self) -> Half:
        """The half that the question belongs to."""
        return "tune" if hashlib.sha1(self.id.encode(), usedforsecurity=False).digest()[0] & 1 else "check"


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Documents and questions. Documents that the set keeps in one file are written out, a text file each."""

    name: str
    documents: Path | dict[str, str]
    questions: tuple[Question, ...]
    texts_hold_gold: bool = False
    """Whether an extractive answer can be checked against the ``gold`` words."""

    @property
    def whole_documents(self) -> bool:
        """Whether what is looked for is a document, not a place in one."""
        return not isinstance(self.documents, Path)

    def folder(self, scratch: Path) -> Path:
        """Return the folder with the documents, written below ``scratch`` where they are not files already."""
        if isinstance(self.documents, Path):
            return self.documents
        scratch.mkdir(parents=True, exist_ok=True)
        for name, text in self.documents.items():
            (scratch / name).write_text(text, encoding="utf-8")
        return scratch


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _samples() -> EvaluationSet:
    items = json.loads((SAMPLES / "questions.json").read_text(encoding="utf-8"))
    questions = [
        Question(q["question"], q["question"], (Target(q["file"], q["page"], "", q["gold"][0]),), tuple(q["gold"]))
        if q["answerable"]
        else Question(q["question"], q["question"], answerable=False)
        for q in items
    ]
    return EvaluationSet("samples", SAMPLES, tuple(questions))


def _azure_contoso() -> EvaluationSet:
    """The page stands in the reference answer as [file.pdf#page=7]; a second file has questions without an answer."""
    folder = EVALUATION / "azure-contoso"
    questions: list[Question] = []
    for item in _lines(folder / "qa.jsonl"):
        places = re.findall(r"\[([^\]]+?)#page=(\d+)\]", item["truth"])
        targets = tuple(Target(name, int(page)) for name, page in places)
        questions.append(Question(item["question"], item["question"], targets))
    unanswered = _lines(folder / "qa_dontknows.jsonl")
    questions += (Question(item["question"], item["question"], answerable=False) for item in unanswered)
    return EvaluationSet("azure-contoso", folder / "docs", tuple(questions))


def _financebench() -> EvaluationSet:
    """``evidence_page_num`` counts from 0."""
    folder = EVALUATION / "financebench"
    questions = [
        Question(
            item["financebench_id"],
            item["question"],
            tuple(Target(f"{item['doc_name']}.pdf", each["evidence_page_num"] + 1) for each in item["evidence"]),
        )
        for item in _lines(folder / "questions.jsonl")
    ]
    return EvaluationSet("financebench", folder / "pdfs", tuple(questions))


def _zh_policy(kind: Literal["pdf", "docx"]) -> EvaluationSet:
    """The Chinese set, over its ``pdf`` files (page) or its ``docx`` files (article)."""
    folder = EVALUATION / "zh-policy"
    questions: list[Question] = []
    for item in json.loads((folder / "qa.json").read_text(encoding="utf-8")):
        targets = tuple(
            Target(gold["pdf"], gold["page"])
            if kind == "pdf"
            else Target(gold["doc"].removesuffix(".md") + ".docx", None, gold["article"] or "", gold["evidence"])
            for gold in item["gold"]
        )
        questions.append(Question(item["id"], item["question"], targets, answerable=item["answerable"]))
    return EvaluationSet(f"zh-policy-{kind}", folder / kind, tuple(questions))


def _reading_comprehension(name: str, file: str) -> EvaluationSet:
    """A set in SQuAD's layout; each paragraph is a document of its own."""
    documents: dict[str, str] = {}
    questions: list[Question] = []
    for article in json.loads((EVALUATION / file).read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            document = f"{len(documents):04}.txt"
            documents[document] = paragraph["context"]
            for item in paragraph["qas"]:
                gold = tuple(dict.fromkeys(answer["text"] for answer in item["answers"]))
                questions.append(Question(f"{item['id']}", item["question"], (Target(document),), gold))
    return EvaluationSet(name, documents, tuple(questions), texts_hold_gold=True)


def _dragonball() -> EvaluationSet:
    """English and Chinese reports on companies, trials and patients, many of a kind."""
    folder = EVALUATION / "dragonball"
    documents = {f"{item['doc_id']:04}.txt": item["content"] for item in _lines(folder / "docs.jsonl")}
    questions = [
        Question(
            f"{number}",
            item["question"],
            tuple(Target(f"{gold['doc_id']:04}.txt") for gold in item["gold"]),
            answerable=item["answerable"],
        )
        for number, item in enumerate(_lines(folder / "queries.jsonl"))
    ]
    return EvaluationSet("dragonball", documents, tuple(questions))


def _mtrag() -> EvaluationSet:
    """Conversations. Questions that the set calls partly answerable are neither, and left out."""
    documents: dict[str, str] = {}
    questions: list[Question] = []
    for item in _lines(EVALUATION / "mtrag-un" / "reference.jsonl"):
        names = {each["document_id"]: f"{each['document_id']}.txt" for each in item["contexts"]}
        documents |= {names[each["document_id"]]: each["text"] for each in item["contexts"]}
        *before, last = [said["text"].strip() for said in item["input"] if said["speaker"] == "user"]
        if item["answerability"] != ["PARTIAL"]:
            questions.append(
                Question(
                    item["task_id"],
                    last,
                    tuple(map(Target, names.values())),
                    before=tuple(before),
                    answerable=item["answerability"] == ["ANSWERABLE"],
                )
            )
    return EvaluationSet("mtrag-un", documents, tuple(questions))


SETS: dict[str, Callable[[], EvaluationSet]] = {
    "samples": _samples,
    "azure-contoso": _azure_contoso,
    "financebench": _financebench,
    "zh-policy-pdf": lambda: _zh_policy("pdf"),
    "zh-policy-docx": lambda: _zh_policy("docx"),
    "xquad-en": lambda: _reading_comprehension("xquad-en", "xquad/xquad.en.json"),
    "xquad-zh": lambda: _reading_comprehension("xquad-zh", "xquad/xquad.zh.json"),
    "cmrc2018": lambda: _reading_comprehension("cmrc2018", "cmrc2018/cmrc2018_dev.json"),
    "drcd": lambda: _reading_comprehension("drcd", "drcd/DRCD_dev.json"),
    "dragonball": _dragonball,
    "mtrag-un": _mtrag,
}


def sample(questions: Sequence[Question], size: int | None) -> list[Question]:
    """Return ``size`` of ``questions`` (all without one), always the same ones, spread over the whole set."""
    if size is None or size >= len(questions):
        return list(questions)
    by_hash = sorted(questions, key=lambda q: hashlib.sha1(q.id.encode(), usedforsecurity=False).digest())
    return by_hash[:size]
