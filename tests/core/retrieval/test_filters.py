"""Filters typed in a question: what is one, what it means, and what stays text."""

from __future__ import annotations

from datetime import date

import pytest

from kotaemon_desktop.core.retrieval.filters import parse
from kotaemon_desktop.core.scope import ALL, Scope

TODAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("typed", "words", "scope"),
    [
        ("notice period file:handbook", "notice period", Scope(names=("handbook",))),
        ('file:"Employee Handbook" notice', "notice", Scope(names=("Employee Handbook",))),
        ("in:Contracts collection:Leases what rent?", "what rent?", Scope(collections=("Contracts", "Leases"))),
        ('what rent? IN:"Old contracts"', "what rent?", Scope(collections=("Old contracts",))),
        ("type:PDF rent type:.csv", "rent", Scope(kinds=("pdf", "csv"))),
        ("type:word rent", "rent", Scope(kinds=("docx",))),
        ("after:2024 rent", "rent", Scope(after="2024-01-01")),
        ("rent before:2024-02", "rent", Scope(before="2024-02-01")),
        ("rent date:2023-12", "rent", Scope(after="2023-12-01", before="2024-01-01")),
        ("rent date:2024/2/29", "rent", Scope(after="2024-02-29", before="2024-03-01")),
        ("rent date:yesterday", "rent", Scope(after="2026-03-14", before="2026-03-15")),
        ("文件：员工手册 年假有多少天？", "年假有多少天？", Scope(names=("员工手册",))),
        ("年假 文档集：“人事 制度” 日期：2024年3月", "年假", Scope(
            collections=("人事 制度",), after="2024-03-01", before="2024-04-01",
        )),
        ("年假 类型：表格 晚于:今天", "年假", Scope(kinds=("xlsx",), after="2026-03-15")),
        ("first line\nin:Leases second line", "first line\nsecond line", Scope(collections=("Leases",))),
    ],
)  # fmt: skip
def test_filters_are_taken_out(typed: str, words: str, scope: Scope) -> None:
    assert parse(typed, lambda: TODAY) == (words, scope)


@pytest.mark.parametrize(
    "text",
    [
        "What does the handbook say?",
        "size:large and colour:red",
        "What type: fixed or open?",  # no such type
        "date:soon after:2024-13 before:2023-02-30",
        "see https://example.org/file:x and main:type:pdf",
        "built-in:yes",
        "What is in the file: a lease or a deed?",
        "file:",
        "合同的日期：另行约定",
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    assert parse(text, lambda: TODAY) == (text, ALL)


def test_a_question_of_filters_alone_is_still_a_question() -> None:
    words, scope = parse("file:handbook")
    assert words == "file:handbook"
    assert scope == Scope(names=("handbook",))


def test_what_is_typed_goes_before_what_is_chosen() -> None:
    chosen = Scope(collections=("Contracts",), paths=("/a.pdf",), kinds=("pdf",))
    assert chosen.narrowed(Scope(collections=("Leases",))) == Scope(collections=("Leases",), kinds=("pdf",))
    assert chosen.narrowed(Scope(kinds=("xlsx",))) == Scope(("Contracts",), ("/a.pdf",), kinds=("xlsx",))
    assert chosen.narrowed(ALL) == chosen
