"""Database tools against a real SQLite file and a real PostgreSQL server: rows, limits, and every way to do more."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra “tools” is not installed")

from kotaemon_desktop.core.settings.tools import SqlTool
from kotaemon_desktop.core.tools import select, sql_tool
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolRefused, ToolTimedOut

ORDER = "SELECT id, status, eta FROM orders WHERE id = :id"


def stock(database: Path | str, query: str = ORDER, **changes: Any) -> SqlTool:
    address = f"sqlite:///{database}" if isinstance(database, Path) else database
    return SqlTool(**{"name": "orders", "database": address, "query": query, **changes})


def everything(file: Path) -> list[Any]:
    opened = sqlite3.connect(file)
    try:
        return opened.execute("SELECT * FROM orders ORDER BY id").fetchall()
    finally:
        opened.close()


# --- SQLite ----------------------------------------------------------------------------------------------------------


def test_a_row_is_found_by_what_was_sent(orders: Path) -> None:
    found = sql_tool.call(stock(orders), {"id": "12345"})
    assert found.text == "| id | status | eta |\n| 12345 | shipped | 2026-11-24 |"
    assert found.address == f"sqlite:///{orders}"
    assert sql_tool.call(stock(orders), {"id": "99"}).text == ""


def test_further_rows_are_left_out_and_told(orders: Path) -> None:
    found = sql_tool.call(stock(orders, "SELECT id FROM orders ORDER BY id -- all", rows=2), {})
    assert found.text == "| id |\n| 12345 |\n| 12346 |\n\nThere are more: only the first 2 are shown."


@pytest.mark.parametrize(
    "sent",
    [
        "12345 OR 1=1", "12345'; DROP TABLE orders; --", "' OR ''='", '"', "1; DELETE FROM orders", "12345\x00",
        "1 UNION SELECT customer, 1, 1 FROM orders", "\\'; --", "O'Hara",
    ],
)  # fmt: skip
def test_what_is_sent_is_bound_and_never_read_as_sql(orders: Path, sent: str) -> None:
    before = everything(orders)
    assert sql_tool.call(stock(orders), {"id": sent}).text == ""
    by_name = stock(orders, "SELECT id FROM orders WHERE customer = :who")
    assert sql_tool.call(by_name, {"who": sent}).text == ("| id |\n| 12347 |" if sent == "O'Hara" else "")
    assert everything(orders) == before


HOSTILE = [
    "DELETE FROM orders",
    "UPDATE orders SET status = 'x'",
    "SELECT 1; DROP TABLE orders",
    "DROP TABLE orders; SELECT 1",
    "SELECT 1; SELECT 2",
    "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
    "WITH new AS (INSERT INTO orders VALUES (1, 'a', 'b', NULL) RETURNING id) SELECT * FROM new",
    "WITH a AS (SELECT 1) INSERT INTO orders SELECT 1, 'a', 'b', NULL FROM a",
    "SELECT * INTO stolen FROM orders",
    "CREATE TABLE x (id int)",
    "ATTACH DATABASE '/tmp/x.db' AS x",
    "PRAGMA query_only = OFF",
    "VACUUM INTO '/tmp/x.db'",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "COPY orders TO '/tmp/x'",
    "SET default_transaction_read_only = off",
    "BEGIN; DELETE FROM orders; COMMIT",
    "SELECT * FROM orders FOR UPDATE",
    "GRANT ALL ON orders TO public",
    "TRUNCATE orders",
    "SELECT load_extension('/tmp/evil')",
    "SELECT pg_sleep(60)",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT set_config('default_transaction_read_only', 'off', false)",
    "SELECT dblink('host=evil', 'SELECT 1')",
    "SELECT pg_catalog.pg_sleep(60)",
    'SELECT "pg_sleep"(60)',
    "SELECT query_to_xml('DELETE FROM orders', true, true, '')",
    "SELECT 1 FROM orders WHERE (SELECT pg_advisory_lock(1)) IS NULL",
    "CALL gone()",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    "SELECT (",
    "",
    "/* nothing */",
    "SELECT 1) AS found; DELETE FROM orders; --",
]


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "duckdb"])
def test_whatever_does_more_than_read_is_refused_before_it_is_asked(query: str, dialect: str) -> None:
    with pytest.raises(ToolRefused):
        select.check("orders", query, dialect)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT a.id, b.id FROM orders a JOIN orders b ON a.id = b.id WHERE a.status IN ('x', 'y') ORDER BY 1 LIMIT 3;",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT max(i) FROM n",
        "SELECT customer, count(*) OVER (PARTITION BY status) FROM orders",
        "SELECT 'DROP TABLE orders; --' AS text, coalesce(eta, 'unknown') FROM orders -- delete",
        "(SELECT 1) UNION (SELECT 2)",
    ],
)
def test_what_reads_may_be_asked(query: str) -> None:
    assert select.check("orders", query, "sqlite") == query.rstrip(";")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders", "DROP TABLE orders", "CREATE TABLE x (y)", "PRAGMA query_only = OFF",
        "ATTACH DATABASE ':memory:' AS x", "PRAGMA writable_schema = ON", "BEGIN IMMEDIATE",
    ],
)  # fmt: skip
def test_the_connection_by_itself_can_only_read(orders: Path, statement: str) -> None:
    from sqlalchemy import make_url

    opened = sql_tool.sqlite(stock(orders), make_url(f"sqlite:///{orders}"), time.monotonic() + 10)
    try:
        with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited"):
            opened.execute(statement).fetchall()
        assert opened.execute("SELECT count(*) FROM orders").fetchone() == (3,)
    finally:
        opened.close()


def test_a_query_without_an_end_is_given_up(orders: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    began = time.monotonic()
    with pytest.raises(ToolTimedOut):
        sql_tool.call(stock(orders, endless, seconds=0.3), {})
    assert time.monotonic() - began < 30  # by itself it would never end


def test_what_is_missing_is_named(orders: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolRefused, match="“id” is missing"):
        sql_tool.call(stock(orders), {})
    with pytest.raises(ToolFailed, match="there is no database"):
        sql_tool.call(stock(tmp_path / "gone.db"), {"id": "1"})
    assert not (tmp_path / "gone.db").exists()
    with pytest.raises(ToolFailed, match="no such column: price"):
        sql_tool.call(stock(orders, "SELECT price FROM orders"), {})
    assert (
        sql_tool.parameters(stock(orders, "SELECT ':no' AS t, id::text FROM orders WHERE id = :id"))["required"][-1]
        == "id"
    )


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def test_postgresql_answers_with_what_was_sent_bound(postgresql: str) -> None:
    found = sql_tool.call(stock(postgresql), {"id": "12345"})
    assert found.text == "| id | status | eta |\n| 12345 | shipped | 2026-11-24 |"
    assert "shop@" not in found.address
    by_name = stock(postgresql, "SELECT id FROM orders WHERE customer = :who")
    assert sql_tool.call(by_name, {"who": "Grace"}).text == "| id |\n| 12346 |"
    assert sql_tool.call(by_name, {"who": "'; DROP TABLE orders; --"}).text == ""
    assert sql_tool.call(by_name, {"who": "Ada"}).text == "| id |\n| 12345 |"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders", "CREATE TABLE x (id int)", "SELECT nextval('s')",
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
        "SELECT set_config('transaction_read_only', 'off', true) UNION ALL SELECT status FROM orders FOR UPDATE",
    ],
)  # fmt: skip
def test_the_connection_to_postgresql_can_only_read(postgresql: str, statement: str) -> None:
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    engine = sql_tool.postgresql(stock(postgresql), sqlalchemy.make_url(postgresql))
    with engine.connect() as opened, pytest.raises(SQLAlchemyError):
        opened.execute(sqlalchemy.text(statement))
    with engine.connect() as opened:
        assert opened.execute(sqlalchemy.text("SELECT count(*) FROM orders")).scalar() == 2
    engine.dispose()


def test_postgresql_gives_up_in_time(postgresql: str) -> None:
    began = time.monotonic()
    with pytest.raises(ToolTimedOut):
        sql_tool.call(stock(postgresql, "SELECT count(*) FROM generate_series(1, 1000000000)", seconds=0.5), {})
    assert time.monotonic() - began < 30  # by itself it takes minutes


def test_postgresql_that_is_not_there_is_named() -> None:
    with pytest.raises(ToolFailed):
        sql_tool.call(stock("postgresql://shop@127.0.0.1:1/x", seconds=2), {"id": "1"})


def test_a_database_at_a_private_address_must_be_meant(postgresql: str) -> None:
    import socket

    named = postgresql.replace("127.0.0.1", socket.gethostname())
    with pytest.raises(ToolRefused, match="private address"):
        sql_tool.call(stock(named), {"id": "12345"})


# --- DuckDB ----------------------------------------------------------------------------------------------------------


def test_duckdb_answers_and_neither_writes_nor_looks_outside(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra “duckdb” is not installed")
    pytest.importorskip("duckdb_engine", reason="the extra “duckdb” is not installed")
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute("CREATE TABLE orders (id INTEGER, status VARCHAR)")
        made.execute("INSERT INTO orders VALUES (12345, 'shipped')")
    (tmp_path / "secret.csv").write_text("a\n1\n", "utf-8")
    address = f"duckdb:///{file}"
    found = sql_tool.call(stock(address, "SELECT * FROM orders WHERE id = :id"), {"id": "12345"})
    assert found.text == "| id | status |\n| 12345 | shipped |"
    with pytest.raises(ToolFailed):
        sql_tool.call(stock(address, f"SELECT * FROM '{tmp_path}/secret.csv'"), {})
