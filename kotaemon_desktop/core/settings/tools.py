"""How tools are declared in ``kotaemon.yaml``: what each calls, when, and what of the reply is shown.

A record without a name, or without what it calls, is being written: it is kept and offers nothing yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.i18n import N_, Phrase

_ADDRESS = r"^(https?://[^/{}\s@?#]+(/\S*)?)?$"  # the host is never a field, and there are no passwords in it
FIELD = re.compile(r"\{([^{}/\s]+)\}")
_HEADER = re.compile(r"[\w-]+:[^\x00-\x1f\x7f]*")

_Name = Annotated[
    str,
    Meta(
        pattern=r"^([a-z][a-z0-9_-]{0,39})?$",
        title=N_("Name"),
        description=N_("One word: what traces, permissions and the command line call it."),
        extra={"expects": N_("a word of small letters, digits, - and _")},
    ),
]
_Title = Annotated[str, Meta(title=N_("Title"), description=N_("What people read: “Order status”."))]
_About = Annotated[
    str,
    Meta(
        title=N_("What it knows"),
        description=N_("A sentence for language models that choose tools; not needed where patterns call it."),
    ),
]
_Patterns = Annotated[
    tuple[str, ...],
    Meta(
        title=N_("Called by"),
        description=N_(
            "Patterns of questions, with what is sent as named groups: order #(?P<id>\\d+). Without any, a language "
            "model may choose the tool."
        ),
    ),
]
_Limit = Annotated[
    float,
    Meta(
        gt=0,
        le=120,
        title=N_("Time limit"),
        description=N_("A reply that takes longer is given up, and the answer goes on from the documents."),
        extra={"unit": "s"},
    ),
]
_Key = Annotated[
    str,
    Meta(
        pattern=r"^[\w.-]*$",
        title=N_("Key"),
        description=N_("Under which name the system's keyring has the key or password; empty: none is needed."),
        extra={"expects": N_("a name, not the key itself")},
    ),
]
_Private = Annotated[
    bool,
    Meta(
        title=N_("In the own network"),
        description=N_("Its name may lead to an address that is not public, as those of a company's own servers do."),
    ),
]


class _Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: _Name = ""
    title: _Title = ""
    about: _About = ""
    match: _Patterns = ()
    seconds: _Limit = 10.0

    @property
    def place(self) -> str:
        """Where it asks, without user and password."""
        raise NotImplementedError

    @property
    def leaves(self) -> bool:
        """Whether what it sends leaves this machine."""
        return False

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.name


class HttpTool(_Tool, frozen=True, kw_only=True):
    """Asks an HTTP API: ``url`` with {fields}, or an operation of an OpenAPI file below the address ``url``."""

    url: Annotated[
        str,
        Meta(
            pattern=_ADDRESS,
            title=N_("Address"),
            description=N_(
                "With {fields} where what is sent belongs: https://shop.example/orders/{id}. With an OpenAPI file: the "
                "address that its paths begin at."
            ),
            extra={"expects": N_("an address like https://host/path/{id}")},
        ),
    ] = ""
    method: Annotated[
        Literal["GET", "POST"],
        Meta(
            title=N_("Method"),
            description=N_("POST sends the fields that are not in the address as JSON."),
            extra={"words": {"GET": "GET", "POST": "POST"}},
        ),
    ] = "GET"
    openapi: Annotated[
        str, Meta(title=N_("OpenAPI file"), description=N_("Path of an OpenAPI 3 file, JSON or YAML; empty: none."))
    ] = ""
    operation: Annotated[
        str, Meta(title=N_("Operation"), description=N_("The operationId in that file; only GET and POST are called."))
    ] = ""
    headers: Annotated[
        tuple[str, ...],
        Meta(title=N_("Headers"), description=N_("Sent along, each as Name: value; {key} stands for the key.")),
    ] = ()
    key: _Key = ""
    hosts: Annotated[
        tuple[str, ...],
        Meta(
            title=N_("Further hosts"),
            description=N_("Where it may be sent on to (host or host:port), beside the address's own."),
        ),
    ] = ()
    private: _Private = False
    kilobytes: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            title=N_("Size limit"),
            description=N_("A longer reply is refused."),
            extra={"unit": "KB"},
        ),
    ] = 256
    show: Annotated[
        tuple[str, ...],
        Meta(
            title=N_("Shown fields"),
            description=N_("Which parts of the JSON are shown, as paths: order.status. Empty shows all of it."),
        ),
    ] = ()

    @property
    def place(self) -> str:
        own = _host(self.url)
        return ", ".join(dict.fromkeys((own, *map(_as_host, self.hosts)))) if own else ""

    @property
    def leaves(self) -> bool:
        return not all(map(_is_here, self.place.split(", ")))


class SqlTool(_Tool, frozen=True, kw_only=True):
    """Asks a database: one SELECT, with what is sent as :parameters."""

    database: Annotated[
        str,
        Meta(
            pattern=r"^((sqlite|duckdb):///\S.*|postgresql://\S+)?$",
            title=N_("Database"),
            description=N_(
                "sqlite:///C:/shop.db, sqlite:////home/me/shop.db, postgresql://user@host/name, duckdb:///…"
            ),
            extra={"expects": N_("an address like sqlite:///path or postgresql://user@host/name")},
        ),
    ] = ""
    query: Annotated[
        str,
        Meta(title=N_("Query"), description=N_("One SELECT: SELECT status FROM orders WHERE id = :id")),
    ] = ""
    rows: Annotated[
        int,
        Meta(
            ge=1, le=1000, title=N_("Row limit"), description=N_("Further rows are left out, and the source says so.")
        ),
    ] = 50
    key: _Key = ""
    private: _Private = False

    @property
    def place(self) -> str:
        rest = self.database.partition("://")[2]
        return rest.rpartition("@")[2].partition("?")[0] if self._has_server else rest.removeprefix("/")

    @property
    def leaves(self) -> bool:
        return self._has_server and not _is_here(self.place.partition("/")[0])

    @property
    def _has_server(self) -> bool:
        return self.database.startswith("postgresql:")


class McpTool(_Tool, frozen=True, kw_only=True):
    """Calls a tool of an MCP server: a program that is started here, or an address."""

    command: Annotated[
        str,
        Meta(title=N_("Program"), description=N_("A command line that starts the server on this computer.")),
    ] = ""
    url: Annotated[
        str,
        Meta(
            pattern=_ADDRESS.replace("/\\S*", "/[^{}\\s]*"),
            title=N_("Address"),
            description=N_("Of a server that speaks streamable HTTP, instead of a program."),
            extra={"expects": N_("an address like https://host/mcp")},
        ),
    ] = ""
    tool: Annotated[str, Meta(title=N_("Its tool"), description=N_("What the server calls it."))] = ""
    key: _Key = ""
    private: _Private = False

    @property
    def place(self) -> str:
        return self.command or _host(self.url)

    @property
    def leaves(self) -> bool:
        return not self.command and not _is_here(self.place)


def _as_host(name: str) -> str:
    return name.strip().lower()


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _is_here(host: str) -> bool:
    """Tell whether ``host``, perhaps with a port, is this machine by its own word: a name may lead anywhere."""
    name = host.removeprefix("[").partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", name) is not None


Declaration = HttpTool | SqlTool | McpTool


class Tools(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What questions may look up elsewhere."""

    network: Annotated[
        bool,
        Meta(
            title=N_("Tools may use the network"),
            description=N_(
                "Off: only those that stay on this computer are called. Each still asks before its first use."
            ),
        ),
    ] = False
    allowed: Annotated[
        tuple[str, ...],
        Meta(
            title=N_("Allowed without asking"),
            description=N_(
                "Tools that you have allowed for good, with the place that each calls. Remove one: it asks."
            ),
        ),
    ] = ()
    http: Annotated[
        tuple[HttpTool, ...],
        Meta(title=N_("HTTP tools"), description=N_("Look something up in an HTTP API.")),
    ] = ()
    sql: Annotated[
        tuple[SqlTool, ...],
        Meta(title=N_("Database tools"), description=N_("Look something up in a database, read-only.")),
    ] = ()
    mcp: Annotated[
        tuple[McpTool, ...],
        Meta(title=N_("MCP tools"), description=N_("Tools of servers that speak the Model Context Protocol.")),
    ] = ()

    def declared(self) -> tuple[Declaration, ...]:
        """Return the tools that are complete enough to be called; of several of one name the first."""
        complete: dict[str, Declaration] = {}
        for tool in (*self.http, *self.sql, *self.mcp):
            if tool.name and tool.place and not (isinstance(tool, McpTool) and not tool.tool):
                complete.setdefault(tool.name, tool)
        return tuple(complete.values())


def misfits(tools: Tools) -> Iterator[tuple[tuple[str | int, ...], Phrase]]:
    """Yield what no type can tell: where it stands below ``tools``, and what is wrong with it."""
    for kind in ("http", "sql", "mcp"):
        declared: tuple[Declaration, ...] = getattr(tools, kind)
        for number, tool in enumerate(declared):
            for place, pattern in enumerate(tool.match):
                try:
                    re.compile(pattern)
                except re.error as error:
                    words = Phrase(N_("“{when}” is no regular expression ({problem})"), when=pattern, problem=error.msg)
                    yield (kind, number, "match", place), words
            for place, header in enumerate(tool.headers if isinstance(tool, HttpTool) else ()):
                if not _HEADER.fullmatch(header):
                    yield (kind, number, "headers", place), Phrase(N_("“{header}” is no Name: value"), header=header)
