"""How results of tools are quoted: text, tables, and text before a table."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.answering import results
from kotaemon_desktop.core.storage.tool_results import passage

TABLE = "| id | status |\n| 1 | shipped |\n| 2 | packed |"
AS_TABLE = "| id | status |  |\n| --- | --- | --- |\n| 1 | shipped | [3] |\n| 2 | packed | [3] |"


@pytest.mark.parametrize(
    ("text", "quoted", "answer"),
    [
        ("All parcels\nare late.", "All parcels\nare late.", "> All parcels are late. [3]"),
        (TABLE, TABLE, AS_TABLE),
        (f"{TABLE}\n\nThere are more.", TABLE, AS_TABLE),
        (f"Two orders:\n\n{TABLE}\nThat is all.", f"Two orders:\n\n{TABLE}", f"> Two orders: [3]\n\n{AS_TABLE}"),
        (f"{TABLE}\nOthers:\n{TABLE}", TABLE, AS_TABLE),
        (f"{'x' * 700}\n{TABLE}", "x" * 600, f"> {'x' * 600} [3]"),
    ],
)
def test_a_result_is_quoted_from_its_beginning(text: str, quoted: str, answer: str) -> None:
    citation = results.quote(3, passage(7, "Orders", "shop", "", text))
    assert citation.quote == quoted == text[citation.start : citation.end]
    assert results.as_markdown(citation, str) == answer


def test_of_a_long_table_the_first_rows_are_quoted() -> None:
    rows = "\n".join(f"| {number} | packed |" for number in range(50))
    citation = results.quote(1, passage(7, "Orders", "shop", "", f"Orders:\n| id | status |\n{rows}"))
    assert citation.quote.endswith("| 10 | packed |\n| 11 | packed |")
