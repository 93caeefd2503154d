"""Sends one HTTP request to the hosts that a tool may ask, and to no other.

Every connection is checked where it is made: the name is resolved once, the addresses are looked at, and the socket
goes to the address that was looked at. So neither a redirect nor a name that changes its mind leads elsewhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import string
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolRefused, ToolTimedOut

PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_KEPT = string.punctuation + " "  # what an address holds for itself, or what no address may hold
_CHUNK = 64 << 10


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: ``headers`` may hold secrets and go to the host of ``url`` only. ``body`` is JSON, or None."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one tool may do: ``hosts`` as host:port, ``private`` addresses, bytes of a reply, seconds in all."""

    tool: str
    hosts: frozenset[str]
    private: bool
    size: int
    seconds: float


def send(request: Request, limits: Limits) -> tuple[str, bytes]:
    """Return (content type, body) of the reply. Raises ToolRefused, ToolFailed or ToolTimedOut."""
    deadline = time.monotonic() + limits.seconds
    try:
        return _follow(request, limits, deadline)
    except TimeoutError as error:
        raise ToolTimedOut(tool=limits.tool, seconds=limits.seconds) from error
    except (OSError, http.client.HTTPException) as error:
        raise ToolFailed(tool=limits.tool, detail=f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # what the standard library says of an address that is none
        raise ToolRefused(tool=limits.tool, detail=str(error)) from error


def port_of(url: SplitResult) -> int:
    """Return the port that ``url`` means. Raises ValueError."""
    return url.port or PORTS[url.scheme]


def as_sent(url: str) -> str:
    """Return ``url``, which may hold letters of any script, in those that are sent. Raises ValueError."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    path, query = (quote(part, safe=_KEPT) for part in (parts.path, parts.query))
    return parts._replace(netloc=host, path=path, query=query).geturl()


def _follow(request: Request, limits: Limits, deadline: float) -> tuple[str, bytes]:
    url, method, body, headers = as_sent(request.url), request.method, request.body, dict(request.headers)
    for _ in range(_MOST_REDIRECTS):
        with closing(_connected(urlsplit(url), limits, deadline)) as connection:
            parts = urlsplit(url)
            connection.request(method, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
            with connection.getresponse() as reply:
                if reply.status not in _REDIRECTS or "Location" not in reply.headers:
                    return _read(reply, limits, deadline)
                location = reply.headers["Location"].encode("latin-1").decode("utf-8", "replace")
                status, further = reply.status, as_sent(urljoin(url, location))
        if method != "GET" and status != http.client.SEE_OTHER:
            raise ToolRefused(
                tool=limits.tool, detail=Phrase(N_("a redirect of what was posted, to {url}"), url=further)
            )
        if _origin(further) != _origin(url):
            headers = {}  # whatever is secret in them is for the first host
        url, method, body = further, "GET", None
    raise ToolRefused(
        tool=limits.tool, detail=Phrase(N_("it was sent on more than {count} times"), count=_MOST_REDIRECTS)
    )


def _read(reply: http.client.HTTPResponse, limits: Limits, deadline: float) -> tuple[str, bytes]:
    if reply.status >= http.client.BAD_REQUEST:
        detail = Phrase(N_("the server says {status} {reason}"), status=reply.status, reason=reply.reason)
        raise ToolFailed(tool=limits.tool, detail=detail)
    held = bytearray()
    while chunk := reply.read1(_CHUNK):
        held += chunk
        if len(held) > limits.size:
            size = f"{limits.size >> 10} KB"
            raise ToolRefused(tool=limits.tool, detail=Phrase(N_("the reply is longer than {size}"), size=size))
        if time.monotonic() > deadline:
            raise TimeoutError
    return reply.headers.get_content_type(), bytes(held)


def _connected(url: SplitResult, limits: Limits, deadline: float) -> http.client.HTTPConnection:
    """Return a connection to the host of ``url``, if that may be asked."""
    try:
        host, port = cast("str", url.hostname).lower(), port_of(url)
    except (KeyError, ValueError, AttributeError) as error:
        raise ToolRefused(tool=limits.tool, detail=Phrase(N_("{url} is no web address"), url=url.geturl())) from error
    if f"{host}:{port}" not in limits.hosts:
        detail = Phrase(N_("{host} is not one of its hosts"), host=url.netloc.rpartition("@")[2])
        raise ToolRefused(tool=limits.tool, detail=detail)
    plain = socket.create_connection((address(limits.tool, host, port, limits.private), port), timeout=_left(deadline))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = http.client.HTTPConnection(host, port)
    connection.default_port = PORTS[url.scheme]  # which the header Host leaves out
    connection.sock = plain if url.scheme == "http" else trusting().wrap_socket(plain, server_hostname=host)
    connection.sock.settimeout(_left(deadline))
    return connection


def address(tool: str, host: str, port: int, private: bool) -> str:
    """Return the address of ``host`` to connect to. Raises ToolRefused for a private one that was not meant.

    It is meant when the declaration names it as such: by its number, as localhost, or with ``private``.
    """
    named = host == "localhost"
    with suppress(ValueError):
        named = named or bool(ipaddress.ip_address(host))
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for each in found:
        if private or named or is_public(each):
            return each
    detail = Phrase(N_("{host} leads to the private address {address}"), host=host, address=found[0])
    raise ToolRefused(tool=tool, detail=detail)


def is_public(address: str) -> bool:
    """Tell whether ``address`` is one of the whole internet's; one in disguise (IPv4 in IPv6) counts as what it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def trusting() -> ssl.SSLContext:
    """Return a context that trusts who the system trusts, and who Mozilla trusts: a packaged Python has no system."""
    context = ssl.create_default_context()
    with suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
