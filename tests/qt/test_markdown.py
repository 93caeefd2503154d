"""Markdown as the window shows it, and streams of it that end as if they had been written at once."""

import pytest
from PySide6.QtGui import QTextBlock, QTextDocument, QTextFormat, QTextTable

from kotaemon_desktop.qt import markdown
from kotaemon_desktop.qt.markdown import Block, MarkdownWriter, closed, linked, split
from kotaemon_desktop.qt.markdown_format import CITATION

ANSWER = """# The leave policy
Employees get **25 days** of leave each year [1], see `days[2]` and [2, 3]. 员工每年有二十五天年假[2]。In [2023] none.

1. Ask your manager
2. Fill in the form:
   ```python
   def form(days: int) -> str:
       return f"{days} days"

   form(25)
   ```
3. Wait
   - for the answer [1]

> Quoted words

```
plain fence
```
| Plan | Days |
|---|---:|
| 高级 | 25 [1] |

After the table.

---

- loose one

- loose two

The end.
"""


SPACE = "\N{NO-BREAK SPACE}"


def chip(number: int) -> str:
    return rf"[\[{number}\]]({CITATION}{number})"


def blocks(document: QTextDocument) -> list[QTextBlock]:
    found = []
    block = document.begin()
    while block.isValid():
        found.append(block)
        block = block.next()
    return found


def links(document: QTextDocument) -> list[tuple[str, str]]:
    found = []
    for block in blocks(document):
        entry = block.begin()
        while not entry.atEnd():
            if target := entry.fragment().charFormat().anchorHref():
                found.append((entry.fragment().text(), target))
            entry += 1
    return found


def written(*sources: str, numbers=frozenset({1, 2, 3}), unfinished=False) -> QTextDocument:
    document = QTextDocument()
    writer = MarkdownWriter(document)
    for source in sources:
        writer.write(source, numbers=numbers, unfinished=unfinished)
    document.writer = writer  # lives as long as what it writes
    return document


def test_split_cuts_at_blank_lines_but_not_inside_lists_or_code():
    assert split("one\ntwo\n\nthree") == [Block("one\ntwo"), Block("three")]
    assert split("- a\n\n- b\n\n  more of b\n\nend") == [Block("- a\n\n- b\n\n  more of b"), Block("end")]
    assert split("x\n```py\na\n\nb\n```\ny") == [Block("x"), Block("a\n\nb", "py"), Block("y")]
    assert split("\n\n") == []


def test_fences_in_lists_lose_their_indentation_and_an_open_one_reaches_the_end():
    assert split("1. do\n   ```sh\n   ls\n     -l\n   ```\n2. done")[1] == Block("ls\n  -l", "sh")
    assert split("~~~\n```\nstill code") == [Block("```\nstill code", "")]
    assert split("```\na\n````") == [Block("a", "")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a [1] b", f"a{SPACE}{chip(1)} b"),
        ("年假[2]。", f"年假{SPACE}{chip(2)}。"),
        ("1. [1]", f"1. {chip(1)}"),
        ("a\n- [1]", f"a\n- {chip(1)}"),
        ("a [1] [2]", f"a{SPACE}{chip(1)}{chip(2)}"),
        ("[1, 2]", chip(1) + chip(2)),
        ("[1][2]", chip(1) + chip(2)),
        ("[7] and [1,7]", r"\[7\] and \[1,7\]"),
        ("`x[1]` ``y`[1]``", "`x[1]` ``y`[1]``"),
        ("[1](http://a.b)", "[1](http://a.b)"),
        ("![tracker](http://a.b/c.png)", "[tracker](http://a.b/c.png)"),
    ],
)
def test_marks_become_links_only_where_they_are_citations(text, expected):
    assert linked(text, {1, 2}) == expected


def test_marks_are_left_out_while_the_citations_are_unknown():
    assert linked("so it is [1]. In [2023] [100]", None) == r"so it is. In [2023] \[100\]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is **bo", "is **bo**"),
        ("is **bo*", "is **bo**"),
        ("is **", "is"),
        ("call `f(", "call `f(`"),
        ("call `", "call "),
        ("so [1", "so"),
        ("text\n``", "text"),
        ("**a** and `b`", "**a** and `b`"),
        ("`**` stays", "`**` stays"),
    ],
)
def test_an_unfinished_end_is_closed(text, expected):
    assert closed(text) == expected


def test_citations_are_links_with_the_look_of_chips(qapp):
    document = written("Leave is 25 days [1]. See [x](https://a.b) and [9].")
    assert links(document) == [("[1]", "cite:1"), ("x", "https://a.b")]
    assert "[9]" in document.toPlainText()


def test_code_is_framed_and_keeps_its_text(qapp):
    document = written("Run:\n```sh\nls -l  \n\n**not bold**\n```\nend")
    assert len(document.rootFrame().childFrames()) == 1
    assert document.rootFrame().childFrames()[0].frameFormat().background().style().value
    assert "ls -l  \n\n**not bold**" in document.toPlainText()


def test_a_table_after_code_has_no_empty_row(qapp):
    document = written("```\na\n```\n| A | B |\n|---|---|\n| 1 | 2 |\n")
    (table,) = [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert (table.rows(), table.columns()) == (2, 2)
    assert table.cellAt(0, 0).firstCursorPosition().block().text() == "A"


def test_lists_keep_their_numbers_across_code(qapp):
    numbered = [block.textList() for block in blocks(written(ANSWER)) if block.text() == "Wait"]
    assert numbered[0].format().start() == 3


def test_html_is_text_and_pictures_are_never_loaded(qapp):
    document = written("<img src='http://a.b/c.png'> ![p](http://a.b/d.png)")
    formats = [piece for block in blocks(document) for piece in block.textFormats()]
    assert "<img" in document.toPlainText()
    assert not any(piece.format.isImageFormat() for piece in formats)


@pytest.mark.parametrize("step", [1, 3, 7, 50])
def test_a_stream_ends_as_if_it_had_been_written_at_once(qapp, step):
    prefixes = [ANSWER[:end] for end in range(0, len(ANSWER), step)]
    document = QTextDocument()
    writer = MarkdownWriter(document)
    for prefix in prefixes:
        writer.write(prefix, unfinished=True)
    writer.write(ANSWER, numbers={1, 2, 3})
    assert document.toHtml() == written(ANSWER).toHtml()


def test_only_the_end_of_a_stream_is_laid_out_again(qapp):
    document = QTextDocument()
    writer = MarkdownWriter(document)
    start = "\n\n".join(f"Paragraph {n} of the answer." for n in range(100))
    assert writer.write(start) == 100
    assert writer.write(start + " More") == 1
    assert writer.write(start + " More") == 0
    assert writer.write(start.replace("99", "ninety-nine")) == 1


@pytest.mark.parametrize(
    "source",
    [
        ANSWER,
        "1. one\n\n2. two\n\n   more\n\nText\n\n3. three\n\n10) ten\n\n- a\n\n* b\n\n\n    code\n\nend",
        "\n\nText\n```py\na\n\n``\n```b\n```\nText\n\n~~~\n```\n~~~\n\n```\n\n```\n  ```x\n  y\n  ```\n> a\n\n> b\n",
    ],
)
def test_wherever_a_stream_is_it_has_the_blocks_of_the_whole(qapp, source):
    writer = MarkdownWriter(QTextDocument())
    for end in range(len(source) + 1):
        wanted = [b if b.language is not None else Block(linked(b.text, None)) for b in split(source[:end])]
        assert writer._blocks(source[:end], None, unfinished=False) == wanted


def test_of_a_long_stream_only_the_end_is_read(qapp, monkeypatch):
    read = []
    monkeypatch.setattr(markdown, "_split", lambda source, real=markdown._split: read.append(source) or real(source))
    writer = MarkdownWriter(QTextDocument())
    source = "\n\n".join(f"Paragraph {n} of the answer." for n in range(200))
    for end in range(0, len(source), 20):
        writer.write(source[:end], unfinished=True)
    assert max(map(len, read)) < 100


def test_another_text_replaces_the_old_one_wholly(qapp):
    assert written(ANSWER, "Short.").toHtml() == written("Short.").toHtml()
    assert written(ANSWER, "").toPlainText().strip() == ""


def test_restyling_changes_nothing_but_the_look(qapp):
    document = written(ANSWER)
    before = document.toHtml()
    document.writer.restyle()
    assert document.toHtml() == before


def test_rulers_and_quotes_survive(qapp):
    formats = [block.blockFormat() for block in blocks(written(ANSWER))]
    assert any(f.hasProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth) for f in formats)
    assert any(f.intProperty(QTextFormat.Property.BlockQuoteLevel) == 1 and f.leftMargin() == 16 for f in formats)
