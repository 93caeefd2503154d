"""Asks databases. Lives in the tools' host; a connection lasts for one query and can only read."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings.tools import SqlTool
from kotaemon_desktop.core.tools import connection, keys, result, select
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolPartMissing, ToolRefused, ToolTimedOut
from kotaemon_desktop.core.tools.result import ToolResult

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "duckdb": "duckdb"}
_LONGEST_VALUE = 1 << 20  # bytes of one text or blob in SQLite
_STEPS = 10_000  # of SQLite's machine between two looks at the clock
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)", re.IGNORECASE)
_POSTGRESQL_PORT = 5432
_GRACE = 1.0  # seconds that a server has to say itself that the time is up
_QUERY_CANCELED = "57014"
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def call(tool: SqlTool, arguments: Mapping[str, str]) -> ToolResult:
    """Ask the query with ``arguments`` bound to its parameters. Raises ToolError."""
    try:
        import sqlalchemy
        from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
    except ImportError as error:
        raise ToolPartMissing(tool=tool.name, part="sqlalchemy") from error
    url = sqlalchemy.make_url(tool.database)
    query = select.check(tool.name, tool.query, _DIALECTS[url.get_backend_name()])
    _check_given(tool, arguments)
    deadline = time.monotonic() + tool.seconds
    try:
        engine = _engine(tool, url, deadline)
        try:
            with engine.connect() as opened:
                # A line break first: the query may end with a comment.
                asked = sqlalchemy.text(f"SELECT * FROM ({query}\n) AS found LIMIT {tool.rows + 1}")  # noqa: S608
                rows = opened.execute(asked, dict(arguments))
                columns, found = list(rows.keys()), rows.fetchall()
        finally:
            engine.dispose()
    except (NoSuchModuleError, ImportError) as error:
        raise ToolPartMissing(tool=tool.name, part=url.get_backend_name()) from error
    except (SQLAlchemyError, OSError) as error:
        if time.monotonic() >= deadline or _QUERY_CANCELED in str(getattr(error, "orig", "")):
            raise ToolTimedOut(tool=tool.name, seconds=tool.seconds) from error
        raise ToolFailed(tool=tool.name, detail=_reason(error)) from error
    address = f"{url.get_backend_name()}://{tool.place}" if url.host else tool.database
    if not found:
        return ToolResult(address, "")
    return ToolResult(address, result.table(columns, found[: tool.rows], len(found)))


def _check_given(tool: SqlTool, arguments: Mapping[str, str]) -> None:
    wanted = set(_PARAMETER.findall(tool.query))
    for name in sorted(wanted ^ set(arguments)):
        words = N_("“{name}” is missing") if name in wanted else N_("it takes no “{name}”")
        raise ToolRefused(tool=tool.name, detail=Phrase(words, name=name))


def _engine(tool: SqlTool, url: URL, deadline: float) -> Engine:
    """Return an engine whose connections can only read, and end with the deadline."""
    import sqlalchemy
    from sqlalchemy.pool import NullPool

    kind = url.get_backend_name()
    if kind == "sqlite":
        return sqlalchemy.create_engine("sqlite://", creator=lambda: sqlite(tool, url, deadline), poolclass=NullPool)
    if kind == "duckdb":
        kept = {"read_only": True, "config": {"enable_external_access": "false", "lock_configuration": "true"}}
        return sqlalchemy.create_engine(url, connect_args=kept, poolclass=NullPool)
    return postgresql(tool, url)


def sqlite(tool: SqlTool, url: URL, deadline: float) -> sqlite3.Connection:
    """Open a file that nothing can be written to: not by its mode, not by a pragma, not by any statement."""
    file = Path(url.database or "")
    if not file.is_absolute() or not file.is_file():
        raise ToolFailed(tool=tool.name, detail=Phrase(N_("there is no database {file}"), file=file))
    opened = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, check_same_thread=False)
    opened.execute("PRAGMA query_only = ON")
    opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    opened.set_authorizer(_only_reading)
    opened.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    return opened


def _only_reading(action: int, *about: object) -> int:
    asks = action == sqlite3.SQLITE_PRAGMA and about[:2] == ("read_uncommitted", None)  # SQLAlchemy, of each connection
    return sqlite3.SQLITE_OK if action in _READING or asks else sqlite3.SQLITE_DENY


def postgresql(tool: SqlTool, url: URL) -> Engine:
    """Return an engine whose connections can only read and keep to the time limit; encrypted to public addresses."""
    import sqlalchemy
    from sqlalchemy import event
    from sqlalchemy.pool import NullPool

    host, port = url.host or "localhost", url.port or _POSTGRESQL_PORT
    address = connection.address(tool.name, host, port, tool.private)
    password = keys.secret(tool.name, tool.key) or url.password
    encrypted = connection.trusting() if connection.is_public(address) else None
    engine = sqlalchemy.create_engine(
        url.set(drivername="postgresql+pg8000", host=host, port=port, password=password, query={}),
        connect_args={"timeout": tool.seconds + _GRACE, "ssl_context": encrypted},
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )

    @event.listens_for(engine, "connect")
    def read_only(opened: Any, _record: object) -> None:
        cursor = opened.cursor()
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute(f"SET statement_timeout = {int(tool.seconds * 1000)}")
        cursor.close()

    return engine


def _reason(error: Exception) -> str:
    """Return what the database says, without the query and what was bound to it."""
    original: Any = getattr(error, "orig", None)
    told: Any = original.args[0] if original is not None and original.args else error
    message: Any = cast("dict[str, Any]", told).get("M") if isinstance(told, dict) else told  # as pg8000 gives it
    return str(message).partition("\n")[0]


def parameters(tool: SqlTool) -> dict[str, Any]:
    """Return the JSON Schema of what the query of ``tool`` takes."""
    names = list(dict.fromkeys(_PARAMETER.findall(tool.query)))
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
