"""How tools are declared: what is taken, what is refused and where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import SettingsError
from kotaemon_desktop.core.settings.tools import HttpTool
from kotaemon_desktop.core.settings_text import load

DECLARED = r"""
tools:
  http:
    - name: order
      title: Order status
      match: ['order\s*#?(?P<id>\d+)', '订单号?\s*(?P<id>\d+)']
      url: https://shop.example/orders/{id}
      headers: ['X-Shop: main']
    - name: unfinished
  sql:
    - {name: stock, match: [stock], database: 'postgresql://me:word@db.example:5433/shop', query: SELECT 1}
    - {name: order, match: [x], database: 'sqlite:////tmp/shop.db', query: SELECT 1}
  mcp:
    - {name: notes, command: notes-server --all, tool: find}
"""


def test_what_is_complete_can_be_called_and_says_where(tmp_path: Path) -> None:
    file = tmp_path / "kotaemon.yaml"
    file.write_text(DECLARED, "utf-8")
    tools = load(file).tools.declared()
    assert [(tool.name, tool.label, tool.place) for tool in tools] == [
        ("order", "Order status", "shop.example"),
        ("stock", "stock", "db.example:5433/shop"),  # neither user nor password
        ("notes", "notes", "notes-server --all"),
    ]


@pytest.mark.parametrize(
    ("hosts", "place", "leaves"),
    [
        ((), "localhost:8080", False),
        (("127.0.0.1:9",), "localhost:8080, 127.0.0.1:9", False),
        ((" Shop.example ", "localhost:8080"), "localhost:8080, shop.example", True),
    ],
)
def test_where_it_may_be_sent_on_to_is_a_place_that_it_asks(hosts: tuple[str, ...], place: str, leaves: bool) -> None:
    tool = HttpTool(name="order", url="http://localhost:8080/{id}", hosts=hosts)
    assert (tool.place, tool.leaves) == (place, leaves)
    assert HttpTool(name="order", hosts=("shop.example",)).place == ""  # it calls nothing yet


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "      match: ['order #(']",
            "line 6, column 15: “order #(” is no regular expression (missing ), unterminated subpattern)",
        ),
        ("      headers: [no colon]", "line 6, column 17: “no colon” is no Name: value"),
        ("      url: ftp://host/x", "line 6, column 12: “tools.http.url” takes an address like"),
        ("      url: 'https://{host}/x'", "line 6, column 12: “tools.http.url” takes an address like"),
        ("      url: https://user:word@host/", "line 6, column 12: “tools.http.url” takes an address like"),
        ("      seconds: 0", "line 6, column 16: “tools.http.seconds” takes a number above 0, at most 120 s"),
        ("      method: DELETE", "line 6, column 15: “tools.http.method” takes one of GET, POST"),
        ("      adress: x", "there is no setting “tools.http.adress”"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "kotaemon.yaml"
    file.write_text(f"# mine\ntools:\n  network: true\n  http:\n    - name: order\n{line}\n", "utf-8")
    with pytest.raises(SettingsError) as refused:
        load(file)
    assert told in str(refused.value)
