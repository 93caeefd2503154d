"""Pages put together from blocks."""

import pytest

from kotaemon_desktop.core.documents.flow import Flow, Heading, Table, has_heading_row


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["Country", "Rate"], ["China", "30"], True),
        (["国家", "标准"], ["中国", "30 元"], True),
        (["", "2023", "2022"], ["Revenue", "12.5", "11"], True),
        (["", "Rate", "Since"], ["China", "30", "2024-05-01"], True),
        (["China", "30"], ["Peru", "25"], False),
        (["China", "$30.00"], ["Peru", "$25.00"], False),
        (["Date", "2024-05-01"], ["Number", "7"], False),
        (["Travel rates", "", ""], ["Country", "Rate", "Since"], False),
        (
            ["Country", "A long text that says something about the country and its people, as no name would. " * 2],
            ["a", "b"],
            False,
        ),
    ],
)
def test_a_heading_row_names_what_stands_below(first: list[str], second: list[str], expected: bool) -> None:
    assert has_heading_row([first, second]) is expected
    assert not has_heading_row([first])


def test_pages_inside_pages_keep_their_places() -> None:
    inner = Flow()
    inner.block("Rates", 1)
    inner.rows([["Country", "Rate"], ["China", "30"]])
    outer = Flow()
    outer.block("report.docx", 1)
    outer.page_of(inner.page(), deeper=1)
    outer.page_of(Flow().page())
    page = outer.page(3)
    text = page.page.text
    assert text == "report.docx\n\nRates\n\n| Country | Rate |\n| China | 30 |"
    assert page.headings == (Heading(0, 11, 1), Heading(13, 18, 2))
    (table,) = page.tables
    assert table == Table(text.index("| Country"), len(text), text.index("\n| China"))
