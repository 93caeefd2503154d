"""Markdown: text as written, headings as outline."""

from pathlib import Path

from kotaemon_desktop.core.documents.markdown import read as read_markdown
from kotaemon_desktop.core.records import DocumentHead

TEXT = """---
title: "Travel rules"
author: Ann
---

# Top

Intro text.

Underlined
----------

```
# not a heading
```

### Deep ##

| a | b |
|---|---|
| 1 | 2 |

- item
---
"""


def outline(path: Path) -> tuple[str, list[tuple[int, str]], str]:
    head, page = read_markdown(path)
    assert isinstance(head, DocumentHead)
    assert not isinstance(page, DocumentHead)
    text = page.page.text
    return head.title, [(h.level, text[h.start : h.end]) for h in page.headings], text


def test_outline_and_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    path.write_text(TEXT)
    title, headings, text = outline(path)
    assert title == "Travel rules"
    assert headings == [(1, "Top"), (2, "Underlined"), (3, "Deep")]
    assert "author: Ann" in text
    assert "# not a heading" in text


def test_title_falls_back_to_the_first_heading_then_the_name(tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    path.write_text("## Part\n\n# 年休假\n")
    assert outline(path)[0] == "年休假"
    path.write_text("no heading")
    assert outline(path)[0] == "rules"


def test_passages_keep_the_marks_of_their_heading(read, tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    path.write_text("# One\n\n" + "First part. " * 30 + "\n\n## Two\n\n" + "Second part. " * 30)
    first, second = read(path).passages
    assert first.text.startswith("# One\n\nFirst")
    assert (second.text[:13], second.heading) == ("## Two\n\nSecon", "One › Two")


def test_pieces_of_a_long_table_carry_its_heading_row(tmp_path: Path, read) -> None:
    path = tmp_path / "rates.md"
    rows = "\n".join(f"| Land {n} | {n} euros |" for n in range(100))
    path.write_text(f"# Rates\n\n| Country | Allowance |\n|:---|---:|\n{rows}\n\nThe end.\n")
    first, *others = read(path).passages
    assert first.heading == "Rates"
    assert others
    for passage in others:
        assert passage.heading == "Rates › Country | Allowance"
