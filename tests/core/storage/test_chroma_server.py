"""The vector index on a real Chroma server, started as its own program."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kotaemon_desktop.core.errors import VectorServerFailed
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.vector_index import VectorIndex

from .conftest import add

DIMENSION = 8
_START_SECONDS = 60.0


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(tmp_path / "server")]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


# In a process of its own, as in the program: Chroma's client leaves connections open until then (chromadb 1.5.9).
CHILD = """
import json, sys
import numpy as np
from kotaemon_desktop.core.storage.vector_index import VectorIndex
library, folder, address, dimension = sys.argv[1:5]
index = VectorIndex(library, folder, "m", int(dimension), address)
before = index.count()
steps = list(index.sync())
asked = np.array(json.loads(sys.stdin.read()), np.float32).reshape(-1, int(dimension))
print(json.dumps([before, steps, [index.search(each, 1)[0][0] for each in asked], index.behind()]))
"""


def run(folder: Path, address: str, asked: object = (), index: str = "chroma") -> list[Any]:
    """Open the index, bring it in step, search; return (vectors before, steps, nearest to each asked, behind)."""
    arguments = [str(folder / "library.sqlite3"), str(folder / index), address, str(DIMENSION)]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_vectors_live_on_the_server_and_stay_there(library: Library, tmp_path: Path, address: str) -> None:
    document = add(library, "/a.txt", *(f"passage {n}" for n in range(700)))
    vectors = np.random.default_rng(0).standard_normal((700, DIMENSION)).astype("<f2")
    ids = [each.id for each in library.passages_of(document)]
    library.store_vectors("m", [(each, vector.tobytes()) for each, vector in zip(ids, vectors, strict=True)])

    asked = vectors[::100].tolist()
    assert run(tmp_path, address, asked) == [0, [[0, 700], [500, 700], [700, 700]], ids[::100], 0]
    assert run(tmp_path, address, asked) == [700, [[0, 0]], ids[::100], 0]
    assert run(tmp_path, address, index="another folder")[0] == 0  # ids count within one library only
    assert not (tmp_path / "chroma").exists()
    library.remove([document])
    library.purge(time.time() + 1)
    assert run(tmp_path, address)[1][-1] == [700, 700]
    assert run(tmp_path, address)[0] == 0


def test_a_server_that_is_not_there_is_named(library: Library, tmp_path: Path) -> None:
    add(library, "/a.txt", "passage")
    with pytest.raises(VectorServerFailed, match=r"127\.0\.0\.1:9") as caught:
        VectorIndex(str(tmp_path / "library.sqlite3"), str(tmp_path / "c"), "m", DIMENSION, "http://127.0.0.1:9")
    assert "keywords" in str(caught.value)
