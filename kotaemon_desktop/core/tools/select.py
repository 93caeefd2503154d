"""Tells whether a query only reads: one SELECT, nothing in it that writes, waits, or looks outside the database.

The second of two fences: the connection is read-only as well (see ``sql_tool``). This one names what it refuses.
"""

from __future__ import annotations

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.tools.errors import ToolPartMissing, ToolRefused

# Functions that do more than compute, by the beginnings of their names: of PostgreSQL (files, other servers, locks,
# sleep, settings, large objects), SQLite (extensions, files) and DuckDB (files, the network, the environment).
_OUTSIDE = (
    "pg_", "lo_", "dblink", "set_config", "setval", "nextval", "query_to_", "table_to_", "schema_to_", "database_to_",
    "cursor_to_", "load_", "readfile", "writefile", "edit", "fts3_tokenizer", "read_", "parquet_", "sniff_", "glob",
    "getenv", "postgres_", "mysql_", "sqlite_scan", "sqlite_attach", "iceberg_", "delta_", "st_read", "http_",
)  # fmt: skip
_HARMLESS = ("pg_typeof", "load_factor")


def check(tool: str, query: str, dialect: str) -> str:
    """Return ``query`` without a semicolon at its end. Raises ToolRefused or ToolPartMissing."""
    try:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError
    except ImportError as error:
        raise ToolPartMissing(tool=tool, part="sqlglot") from error
    try:
        statements = [each for each in sqlglot.parse(query, dialect=dialect) if each is not None]
    except (SqlglotError, RecursionError) as error:
        detail = Phrase(N_("the query cannot be read: {problem}"), problem=str(error).partition("\n")[0])
        raise ToolRefused(tool=tool, detail=detail) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ToolRefused(tool=tool, detail=Phrase(N_("only one SELECT may be asked")))
    writes = (
        exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.TruncateTable, exp.Command,
        exp.Into, exp.Lock, exp.Set, exp.Pragma, exp.Copy, exp.Attach, exp.Detach, exp.Use, exp.Transaction,
        exp.Commit, exp.Rollback, exp.Grant, exp.Kill, exp.LoadData,
    )  # fmt: skip
    for node in statements[0].walk():
        if isinstance(node, writes):
            detail = Phrase(N_("the query does more than read ({what})"), what=type(node).__name__.upper())
            raise ToolRefused(tool=tool, detail=detail)
        if isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name.startswith(_OUTSIDE) and name not in _HARMLESS:
                raise ToolRefused(tool=tool, detail=Phrase(N_("the query calls {function}"), function=f"{name}()"))
    return query.strip().rstrip(";").rstrip()
