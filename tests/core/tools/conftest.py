"""Real counterparts: an HTTP server in a child process, a SQLite file, a PostgreSQL server, an MCP server program."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.keychain import variable

HERE = Path(__file__).parent
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
TABLE = (
    "CREATE TABLE orders (id integer PRIMARY KEY, customer text, status text, eta date);"
    "INSERT INTO orders VALUES (12345, 'Ada', 'shipped', '2026-11-24'), (12346, 'Grace', 'packed', NULL);"
)


@pytest.fixture(scope="session")
def shop() -> Iterator[str]:
    """The address of a shop's API; see ``shop_server``."""
    server = subprocess.Popen(
        [sys.executable, str(HERE / "shop_server.py")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    server.kill()
    server.wait()
    server.stdout.close()


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A SQLite file with a table of orders."""
    file = tmp_path / "shop.db"
    made = sqlite3.connect(file)
    made.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, status TEXT, eta TEXT)")
    made.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?)",
        [
            (12345, "Ada", "shipped", "2026-11-24"),
            (12346, "Grace", "packed", "2026-11-26"),
            (12347, "O'Hara", "returned", ""),
        ],
    )
    made.commit()
    made.close()
    return file


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server with the same table, run by an ordinary user in a temporary folder."""
    if not POSTGRESQL:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    programs, as_user = POSTGRESQL[-1], list[str]()
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own: it deletes the folders of earlier runs
        if os.geteuid() == 0:  # it refuses to be run by root
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres", "postgres")
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = str(found.getsockname()[1])
        data = ["-D", f"{folder}/data"]
        made = [
            *as_user,
            str(programs / "initdb"),
            *data,
            "-U",
            "shop",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        subprocess.run(made, check=True, cwd=folder, capture_output=True, timeout=60)
        options = ["-h", "127.0.0.1", "-p", port, "-F", "-c", "unix_socket_directories="]
        server = subprocess.Popen(
            [*as_user, str(programs / "postgres"), *data, *options], cwd=folder, stderr=subprocess.DEVNULL
        )
        asks = ["-h", "127.0.0.1", "-p", port, "-U", "shop", "-d", "postgres"]
        try:
            while subprocess.run([programs / "pg_isready", *asks[:4]], check=False, capture_output=True).returncode:
                assert server.poll() is None
                time.sleep(0.05)
            subprocess.run([programs / "psql", *asks, "-c", TABLE], check=True, capture_output=True, timeout=60)
            yield f"postgresql://shop@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keychain's secret ``tool:shop``, for this process and the hosts that it starts."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv(variable("tool:shop"), "k3y-of-the-shop")
