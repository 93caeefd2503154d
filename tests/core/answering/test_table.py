"""Quoted table rows are shown below their heading row."""

from __future__ import annotations

from passages import hit, weights_of

from kotaemon_desktop.core.answering.extract import as_markdown, extract
from kotaemon_desktop.core.records import Hit

ROWS = "| Country | Allowance |\n| Norway | 42 euros |\n| Portugal | 31 euros |\n| *Malta* | 28 euros |"
QUESTION = "allowance Portugal"


def answer(found: Hit, question: str = QUESTION) -> str:
    citations = extract(question, [found], weights_of(question))
    assert all(found.passage.text[c.start - 100 : c.end - 100] == c.quote for c in citations)
    return as_markdown(citations, [found])


def test_a_row_stands_below_the_heading_row_of_its_table() -> None:
    text = answer(hit(1, f"What we pay abroad.\n{ROWS}"))
    assert "| Country | Allowance |  |\n| --- | --- | --- |\n" in text
    assert "| Portugal | 31 euros | [1] |" in text


def test_rows_of_one_table_stand_in_one_table() -> None:
    text = answer(hit(1, ROWS), "Portugal 31 euros Norway 42 euros")
    assert text.count("| --- | --- |") == 1
    assert {"| Norway | 42 euros |", "| Portugal | 31 euros |"} <= {line.split(" [")[0] for line in text.split("\n")}


def test_the_heading_row_of_a_cut_table_is_taken_from_the_headings() -> None:
    found = hit(1, "| Portugal | 31 euros |\n| Norway | 42 euros |", heading="Travel › Country | Allowance")
    assert "| Country | Allowance |  |" in answer(found)


def test_a_row_whose_cells_nothing_names_is_quoted_as_text() -> None:
    assert answer(hit(1, "| Portugal | 31 euros |", heading="Travel")).startswith("> \\| Portugal")


def test_what_stands_in_cells_is_text() -> None:
    assert "| \\*Malta\\* | 28 euros |" in answer(hit(1, ROWS), "allowance malta")
