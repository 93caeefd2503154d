import pytest

from kotaemon_desktop.core.storage import keyword
from kotaemon_desktop.core.storage.library import Library

from .conftest import add


def found(library: Library, query: str) -> list[str]:
    hits = library.keyword_search(query, 10)
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    return [passage.text for passage in library.passages([each for each, _ in hits])]


@pytest.fixture
def filled(library: Library) -> Library:
    add(
        library,
        "/policy.txt",
        "员工每年享有十天年假,须提前两周申请。",
        "加班费按照劳动合同法计算。",
        "Employees are entitled to annual leave of ten days.",
        "Model KB-3.4.1_beta needs driver 535.104 and costs €5 per user@example.com.",
        "Overtime is paid as the labour contract says.",
    )
    return library


@pytest.mark.parametrize(
    ("query", "start"),
    [
        ("年假", "员工"),
        ("年假有几天?", "员工"),
        ("加班", "加班费"),
        ("How many days of leave does an employee have?", "Employees"),
        ("kb-3.4.1_beta", "Model"),
        ("535.104", "Model"),
        ("OVERTIME", "Overtime"),
    ],
)
def test_best_hit(filled: Library, query: str, start: str) -> None:
    assert found(filled, query)[0].startswith(start)


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", '"', '""', "'", "*", "(", ")", "AND", "OR NOT", "NEAR(a b)", "tokens:leave", "^leave", "a\0b", "--"),
        *("-leave", "leave*", '"leave', "col : x", "{a b}: c", "的", "\ud800", "%", "_", "a" * 10_000, "年 " * 500),
    ],
)
def test_no_query_is_a_syntax_error(filled: Library, query: str) -> None:
    assert isinstance(filled.keyword_search(query, 5), list)


def test_limit(filled: Library) -> None:
    assert len(filled.keyword_search("leave overtime 年假", 2)) == 2
    assert filled.keyword_search("leave", 0) == []


def test_rare_words_score_higher(library: Library) -> None:
    add(library, "/a.txt", "common rare", "common", "common", "common word")
    assert found(library, "common rare")[0] == "common rare"


def test_common_words_are_dropped_only_beside_rarer_ones(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword, "_COMMON_FLOOR", 3)
    add(library, "/a.txt", *["common here"] * 20, "rare here")
    assert found(library, "common rare") == ["rare here"]
    assert len(found(library, "common here")) == 10


def test_document_frequencies(filled: Library) -> None:
    assert filled.document_frequencies(["leav", "年假", "nowhere"]) == {"leav": 1, "年假": 1}
