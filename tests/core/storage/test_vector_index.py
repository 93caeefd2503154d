import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kotaemon_desktop.core.storage.chroma_check import Doubt, check
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.vector_index import VectorIndex

from .conftest import Now, add

DIMENSION = 16
COUNT = 2300  # more than twice what Chroma keeps in memory before it writes its graph


def vectors(count: int, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype("<f2")


def fill(library: Library, count: int, model: str = "m", path: str = "/a.txt") -> tuple[int, dict[int, np.ndarray]]:
    """Add a document with ``count`` passages and vectors; return its id and the vectors by passage id."""
    document_id = add(library, path, *(f"passage {n}" for n in range(count)))
    embed = dict(zip((p.id for p in library.passages_of(document_id)), vectors(count, document_id), strict=True))
    library.store_vectors(model, [(each, vector.tobytes()) for each, vector in embed.items()])
    return document_id, embed


Opener = Callable[..., VectorIndex]


only_chroma = pytest.mark.parametrize("engine", ["chroma"])


@pytest.fixture(params=["chroma", "mapped"])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def open_index(tmp_path: Path, engine: str) -> Iterator[Opener]:
    opened: list[VectorIndex] = []

    def open_one(model: str = "m", dimension: int = DIMENSION) -> VectorIndex:
        for index in opened:
            index.close()
        files = (str(tmp_path / "library.sqlite3"), str(tmp_path / "chroma"))
        opened[:] = [VectorIndex(*files, model, dimension, engine)]
        return opened[0]

    yield open_one
    for index in opened:
        index.close()


def assert_finds_all(index: VectorIndex, embed: dict[int, np.ndarray], every: int = 1) -> None:
    assert index.count() == len(embed)
    for each, vector in list(embed.items())[::every]:
        found, similarity = index.search(vector.tobytes(), 1)[0]
        assert found == each
        assert similarity == pytest.approx(1, abs=0.01)


def test_sync_then_search(library: Library, open_index: Opener) -> None:
    _, embed = fill(library, 700)
    index = open_index()
    assert index.behind() == 700
    some, vector = next(iter(embed.items()))
    assert index.search(vector.tobytes(), 5)[0] == (some, pytest.approx(1, abs=0.01))  # from the library as yet
    assert list(index.sync()) == [(0, 700), (500, 700), (700, 700)]
    assert index.behind() == 0
    assert list(index.sync()) == [(0, 0)]
    assert_finds_all(index, embed, every=20)
    query = vectors(1, seed=99)[0].astype(np.float32)
    similarity = {each: float(vector.astype(np.float32) @ query) for each, vector in embed.items()}
    best = sorted(similarity, key=lambda each: -similarity[each])[:10]
    hits = index.search(query, 10)
    assert len(set(best) & {each for each, _ in hits}) >= 9  # the graph is an approximation
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert all(score == pytest.approx(similarity[each], abs=0.01) for each, score in hits)


def test_a_part_of_the_library_is_compared_wholly(
    library: Library, open_index: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, some), (second, more) = fill(library, 700), fill(library, 300, path="/b.txt")
    third = add(library, "/c.txt", "no vector")
    index = open_index()
    query = vectors(1, seed=99)[0].astype(np.float32)
    similarity = {each: float(vector.astype(np.float32) @ query) for each, vector in (some | more).items()}

    def best(among: dict[int, np.ndarray]) -> list[int]:
        return sorted(among, key=lambda each: -similarity[each])[:10]

    within = index.search_within(query, 10, [second, third])  # before the index has any of them
    assert [each for each, _ in within] == best(more)
    assert [score for _, score in within] == pytest.approx([similarity[each] for each in best(more)], abs=0.001)
    assert [each for each, _ in index.search_within(query, 10, [first, second])] == best(some | more)
    assert index.search_within(query, 10, [third]) == index.search_within(query, 10, []) == []
    for _ in index.sync():
        pass
    monkeypatch.setattr("kotaemon_desktop.core.storage.vector_index._COMPARED", 200)  # now both parts are large ones
    assert [each for each, _ in index.search_within(query, 10, [second])] == best(more)


def test_everything_is_there_after_reopening(library: Library, open_index: Opener) -> None:
    _, embed = fill(library, COUNT)
    list(open_index().sync())
    again = open_index()
    assert again.rebuilt is None
    assert again.behind() == 0
    assert_finds_all(again, embed, every=50)


def test_index_follows_the_library(library: Library, open_index: Opener, now: Now) -> None:
    first, kept = fill(library, 30, path="/kept.txt")
    second, _ = fill(library, 20, path="/gone.txt")
    index = open_index()
    list(index.sync())
    library.remove([first, second])
    assert index.behind() == 0  # removed documents may come back
    library.restore([first])
    library.purge(now() + 1)
    assert index.behind() == 20
    list(index.sync())
    assert_finds_all(index, kept)
    _, more = fill(library, 10, path="/more.txt")
    assert index.behind() == 10
    list(index.sync())
    assert_finds_all(index, kept | more)
    assert_finds_all(open_index(), kept | more)


def test_passages_without_a_vector_are_left_out(library: Library, open_index: Opener) -> None:
    _, embed = fill(library, 3)
    chinese = library.passages_of(add(library, "/zh.txt", "年假"))[0].id
    library.store_vectors("m", [(chinese, b"")])
    index = open_index()
    list(index.sync())
    assert index.behind() == 0
    assert_finds_all(index, embed)


def test_sync_that_is_given_up_goes_on_later(library: Library, open_index: Opener) -> None:
    _, embed = fill(library, 1200)
    index = open_index()
    steps = index.sync()
    assert next(steps) == (0, 1200)
    assert index.behind() == 1200
    assert next(steps) == (500, 1200)
    steps.close()
    assert index.behind() == 700
    assert list(index.sync())[-1] == (700, 700)
    assert_finds_all(index, embed, every=40)


@only_chroma
def test_another_model_starts_afresh(library: Library, open_index: Opener) -> None:
    document_id, _ = fill(library, 20)
    list(open_index().sync())
    other = open_index(model="n")
    assert other.rebuilt is not None
    assert "vectors of m" in other.rebuilt
    assert (other.count(), other.behind()) == (0, 0)
    library.store_vectors(
        "n", [(p.id, v.tobytes()) for p, v in zip(library.passages_of(document_id), vectors(20), strict=True)]
    )
    assert other.behind() == 20


def test_another_dimension_starts_afresh(library: Library, open_index: Opener) -> None:
    fill(library, 20)
    list(open_index().sync())
    other = open_index(dimension=DIMENSION * 2)
    assert other.rebuilt is not None
    assert (other.count(), other.behind()) == (0, 0)


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size * 2 // 3)


def zero_the_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = bytes(third)
    file.write_bytes(content)


def scramble_the_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = np.random.default_rng(1).bytes(third)
    file.write_bytes(content)


@only_chroma
@pytest.mark.parametrize(
    "name",
    ["chroma.sqlite3", "header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"],
)
def test_damage_is_found_before_opening(library: Library, open_index: Opener, tmp_path: Path, name: str) -> None:
    _, embed = fill(library, 1100)
    index = open_index()
    list(index.sync())
    index.close()
    [file] = (tmp_path / "chroma").rglob(name)
    sound = file.read_bytes()
    # Chroma multiplies by the norms in length.bin only when it gives vectors back, which the index never asks for.
    damages = [Path.unlink, cut] if name == "length.bin" else [Path.unlink, zero_the_middle, scramble_the_middle, cut]
    for damage in damages:
        file.write_bytes(sound)
        check(tmp_path / "chroma", "passages", "m", DIMENSION)
        damage(file)
        with pytest.raises(Doubt):
            check(tmp_path / "chroma", "passages", "m", DIMENSION)
    mended = open_index()
    assert mended.rebuilt is not None
    list(mended.sync())
    assert_finds_all(mended, embed, every=50)


@only_chroma
def test_wrong_norms_change_no_search(library: Library, open_index: Opener, tmp_path: Path) -> None:
    _, embed = fill(library, 1100)
    index = open_index()
    list(index.sync())
    index.close()
    [file] = (tmp_path / "chroma").rglob("length.bin")
    scramble_the_middle(file)
    again = open_index()
    assert again.rebuilt is None
    assert_finds_all(again, embed, every=10)


@only_chroma
def test_files_of_different_ages_are_found(library: Library, open_index: Opener, tmp_path: Path) -> None:
    fill(library, 1100)
    list(open_index().sync())
    graph = next((tmp_path / "chroma").rglob("header.bin")).parent
    shutil.copytree(graph, tmp_path / "older")
    fill(library, 1100, path="/b.txt")
    index = open_index()
    list(index.sync())
    index.close()
    check(tmp_path / "chroma", "passages", "m", DIMENSION)
    for older in (tmp_path / "older").iterdir():
        newer = (graph / older.name).read_bytes()
        shutil.copy(older, graph)
        with pytest.raises(Doubt):
            check(tmp_path / "chroma", "passages", "m", DIMENSION)
        (graph / older.name).write_bytes(newer)
    for older in (tmp_path / "older").iterdir():  # all of one age, but not that of chroma.sqlite3
        shutil.copy(older, graph)
    with pytest.raises(Doubt, match="lacks vectors"):
        check(tmp_path / "chroma", "passages", "m", DIMENSION)


@only_chroma
def test_pickle_that_runs_code_is_refused(library: Library, open_index: Opener, tmp_path: Path) -> None:
    fill(library, 1100)
    index = open_index()
    list(index.sync())
    index.close()
    [file] = (tmp_path / "chroma").rglob("index_metadata.pickle")
    file.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(Doubt, match="no business here"):
        check(tmp_path / "chroma", "passages", "m", DIMENSION)


CHILD = """
import sys
from kotaemon_desktop.core.storage.vector_index import VectorIndex
index = VectorIndex(*sys.argv[1:4], int(sys.argv[4]), sys.argv[5])
for step in index.sync():
    print(*step, flush=True)
"""


@pytest.mark.parametrize(("steps", "delay"), [(1, 0.0), (2, 0.03), (3, 0.05), (4, 0.01)])
def test_kill_in_the_middle_of_a_sync(
    library: Library, open_index: Opener, tmp_path: Path, engine: str, steps: int, delay: float
) -> None:
    _, embed = fill(library, COUNT)
    arguments = [str(tmp_path / "library.sqlite3"), str(tmp_path / "chroma"), "m", str(DIMENSION), engine]
    with subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(steps):
            assert child.stdout.readline()
        time.sleep(delay)
        child.kill()
    assert child.returncode == -signal.SIGKILL
    index = open_index()
    list(index.sync())
    assert index.behind() == 0
    assert_finds_all(index, embed, every=25)


def test_settings_lying_about_do_not_reach_chroma(library: Library, tmp_path: Path) -> None:
    fill(library, 3)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".env").write_text("IS_PERSISTENT=perhaps\n")
    arguments = [str(tmp_path / "library.sqlite3"), str(tmp_path / "chroma"), "m", str(DIMENSION), "chroma"]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert child.stdout.splitlines() == ["0 3", "3 3"], child.stderr


@pytest.mark.parametrize("damage", [cut, zero_the_middle, scramble_the_middle])
@pytest.mark.parametrize("engine", ["mapped"])
def test_a_damaged_mapped_file_is_made_again(
    library: Library, open_index: Opener, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    _, embed = fill(library, 1100)
    index = open_index()
    list(index.sync())
    index.close()
    [file] = (tmp_path / "chroma").rglob("*.usearch")
    damage(file)
    mended = open_index()
    assert mended.rebuilt is not None
    list(mended.sync())
    assert_finds_all(mended, embed, every=50)
    assert open_index().rebuilt is None


@only_chroma
def test_the_library_is_only_read(library: Library, database: Database, open_index: Opener) -> None:
    fill(library, 5)
    index = open_index()
    with database.transaction():  # a writer does not keep the index waiting
        assert index.behind() == 5
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        index._library.execute("DELETE FROM vectors")
