"""What a source's few lines show."""

from __future__ import annotations

from kotaemon_desktop.qt.viewmodels.snippet import snippet


def test_a_table_is_read_cell_by_cell() -> None:
    table = "Staff\n\n| Name | Role |\n|---|:--:|\n| Ada \\| Bob | engineer |\n| Eve |  |"
    shown = snippet(table, frozenset({"engin"}))
    assert shown.text == "Staff Name · Role Ada | Bob · engineer Eve"
    assert [shown.text[start:end] for start, end in shown.marked] == ["engineer"]


def test_a_line_with_bars_is_no_table() -> None:
    assert snippet("a | b\n|c| d", frozenset()).text == "a | b |c| d"
