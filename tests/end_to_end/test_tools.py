"""“Where is my order #12345?” put to the real program: declared in the file, allowed on the command line, cited."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from .conftest import Program

pytest.importorskip("sqlalchemy", reason="the extra “tools” is not installed")

pytestmark = pytest.mark.timeout(240)
DECLARED = r"""
tools:
  sql:
    - name: order
      title: Order status
      match: ['order #(?P<id>\d+)', '订单号?\s*(?P<id>\d+)']
      database: sqlite:///{file}
      query: SELECT status, eta FROM orders WHERE id = :id
"""


@pytest.fixture
def shop(tmp_path: Path) -> Program:
    """The program with an empty library and one tool."""
    file = tmp_path / "shop.db"
    made = sqlite3.connect(file)
    made.execute("CREATE TABLE orders (id INTEGER, status TEXT, eta TEXT)")
    made.execute("INSERT INTO orders VALUES (12345, 'shipped', '2026-11-24')")
    made.commit()
    made.close()
    for folder in ("data", "home"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data" / "kotaemon.yaml").write_text(DECLARED.replace("{file}", str(file)), "utf-8")
    return Program(tmp_path / "data", tmp_path / "home")


def test_a_tool_is_refused_until_it_is_allowed_for_once_or_for_good(shop: Program, tmp_path: Path) -> None:
    refused = shop.run("ask", "Where is my order #12345?")
    assert refused.result["answered"] is False
    assert "nobody has allowed it" in refused.result["note"]
    once = shop.run("ask", "Where is my order #12345?", "--allow-tool", "order")
    assert "| shipped | 2026-11-24 | [1] |" in once.result["answer"]
    (citation,) = once.result["citations"]
    assert (citation["name"], citation["document"]) == ("Order status", f"sqlite:///{tmp_path}/shop.db")
    assert {"ToolAsked", "ToolCalled"} <= {line["event"] for line in once.lines if "event" in line}
    (listed,) = shop.run("tools", "allow", "order").result["tools"]
    assert (listed["name"], listed["allowed"], listed["leaves"]) == ("order", True, False)
    assert "shipped" in shop.run("ask", "订单号 12345 到哪了？").result["answer"]
    assert shop.run("tools", "forbid", "order").result["tools"][0]["allowed"] is False
    assert shop.run("tools", "allow", "nothing").status == 1
    assert shop.run("tools", "key").status == 2
