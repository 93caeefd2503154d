"""HTML: what a person would read on the page."""

from pathlib import Path

import pytest

PAGE = """<!DOCTYPE html><html><head><title> My
 page </title><style>p {color: red}</style></head><body>
<nav><a href="/">Menu</a></nav>
<h1>Top</h1><p>Hello <b>bold</b>&nbsp;world.<br>Next line</p>
<ul><li>One</li><li>Two<p>nested</p></li></ul>
<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>2 <p>euros</p></td></tr></table>
<pre>code
  indented</pre>
<div hidden>secret</div><div style="display: none">secret</div><script>secret()</script><noscript>secret</noscript>
<h2>Below</h2>loose text
<footer>Imprint</footer></body></html>"""


def test_reads_what_is_seen(read, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    reading = read(path)
    assert (reading.head.title, reading.head.kind) == ("My page", "html")
    assert reading.text == (
        "Top\n\nHello bold world.\nNext line\n\n- One\n\n- Two\n\nnested\n\n| Item | Price |\n| Tea | 2 euros |\n\n"
        "code\n  indented\n\nBelow\n\nloose text"
    )


def test_the_main_part_is_taken_alone(read, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<body><div>Cookie notice</div><main><h1>Leave</h1><p>Twenty days a year.</p></main></body>")
    assert read(path).text == "Leave\n\nTwenty days a year."


def test_a_page_of_furniture_only_is_still_read(read, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html><body><nav>Only a menu</nav></body></html>")
    assert read(path).text == "Only a menu"


def test_layout_tables_are_no_tables(read, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<table><tr><td>Side</td><td>{'Long text of the page. ' * 30}</td></tr></table>")
    assert "|" not in read(path).text


@pytest.mark.parametrize(
    "declared",
    [
        '<meta charset="gb2312">',
        '<meta http-equiv="x" content="text/html; charset=gbk">',
        '<meta charset="undefined">',
        "",
    ],
)
def test_encodings(read, tmp_path: Path, declared: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(
        f"<html><head>{declared}</head><body><p>职工享受带薪年休假，镕基。</p></body></html>".encode("gb18030")
    )
    assert read(path).text == "职工享受带薪年休假，镕基。"


def test_deep_and_broken_nesting(read, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html>" + "<div>" * 5000 + "<td>deep</tr></b><p>text</table>" + "</span>" * 100)
    assert "deep" in read(path).text
