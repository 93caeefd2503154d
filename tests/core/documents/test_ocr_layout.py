"""Reading order: from places on a page to a text."""

from kotaemon_desktop.core.documents.ocr_layout import Word, lay_out
from kotaemon_desktop.core.records import Box, PageKind

HEIGHT = 20


def word(text: str, left: float, line: float, width: float = 0) -> Word:
    """Place ``text`` on a line (24 pixels each); without a width it is as wide as its letters."""
    return Word(text, Box(left, 24 * line, left + (width or 10 * len(text)), 24 * line + HEIGHT))


def text_of(*words: Word) -> str:
    page = lay_out(7, words, 1000, 1000)
    for line in page.lines:
        assert page.page.text[line.start : line.end] in {word.text for word in words}
    assert len(page.lines) == len(words)
    assert page.page.number == 7
    return page.page.text


def test_lines_and_blocks() -> None:
    assert text_of(word("wrapped line", 0, 1), word("A paragraph with a", 0, 0), word("Another one", 0, 4)) == (
        "A paragraph with a\nwrapped line\n\nAnother one"
    )


def test_two_columns_are_read_one_after_the_other_under_their_title() -> None:
    left = [word(f"left column line {n}", 0, n, 400) for n in range(3, 9)]
    right = [word(f"right column line {n}", 450, n + 0.1, 400) for n in range(3, 9)]
    title = word("A title over both columns", 200, 0, 500)
    assert text_of(*right, *left, title).split("\n") == [
        "A title over both columns", "", *(w.text for w in left), "", *(w.text for w in right)
    ]  # fmt: skip


def test_rows_of_a_table_stay_together() -> None:
    cells = [
        word(cell, 300 * at, line) for line in range(4) for at, cell in enumerate([f"Country {line}", "30", "days"])
    ]
    assert text_of(*reversed(cells)).split("\n") == [f"Country {line} 30 days" for line in range(4)]


def test_full_lines_of_chinese_go_on_in_the_next_one() -> None:
    lines = [word("职工连续工作一年以上的，享受带薪年", 0, 0, 340), word("休假。", 0, 1, 60), word("第二条", 0, 2, 60)]
    assert text_of(*lines) == "职工连续工作一年以上的，享受带薪年休假。\n第二条"
    items = [word("第一条年休假的条件和工资计算办法。", 0, 0, 340), word("第二条单位应当保证职工享受年休假", 0, 1, 340)]
    assert text_of(*items) == "第一条年休假的条件和工资计算办法。\n第二条单位应当保证职工享受年休假"


def test_places_are_fractions_of_the_page() -> None:
    page = lay_out(1, [Word("Text", Box(100, 50, 300, 100))], 1000, 500)
    assert page.lines[0].box == Box(0.1, 0.1, 0.3, 0.2)
    assert page.page.kind is PageKind.RECOGNISED


def test_nothing_found_is_an_empty_page() -> None:
    page = lay_out(1, [Word(" ", Box(0, 0, 9, 9)), Word("flat", Box(0, 5, 9, 5))], 100, 100)
    assert (page.page.text, page.page.kind, page.lines) == ("", PageKind.EMPTY, ())
