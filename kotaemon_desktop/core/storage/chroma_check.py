"""Checks the files of a Chroma folder before Chroma opens them, because opening torn ones can end the process.

Chroma 1.5.9 writes its graph over the old one, file by file and without a sync: after a kill the five files may be of
different ages. The layout is that of hnswlib (``saveIndex`` in hnswalg.h) with the levels kept apart:

    header.bin             100 bytes: version, element count, element size, ...
    data_level0.bin        for each element: link count (low 16 bits) and deleted mark (bit 16), links, vector, label
    length.bin             for each element: its norm, float32
    link_lists.bin         for each element: size in bytes, then the links of its upper levels
    index_metadata.pickle  which id has which label
"""

from __future__ import annotations

import pickle
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

# version, offset of level 0, capacity, count, element size, label offset, vector offset, top level, entry point,
# M of upper levels, M of level 0, M, 1/ln(M), ef_construction
_HEADER: Final = struct.Struct("<iQQQQQQiIQQQdQ")
_DELETED: Final = 1 << 16
_COUNT: Final = 0xFFFF
_LABEL_BYTES: Final = 8
_CHUNK: Final = 8192  # elements looked at together: 14 MB of a 384-number embedder
_DELETE: Final = 3  # in the queue: 0 add, 1 update, 2 upsert, 3 delete


class Doubt(Exception):
    """The folder is not what Chroma leaves behind when all goes well; the message says what was found."""


def check(folder: Path, collection: str, model: str, dimension: int) -> None:
    """Raise Doubt unless ``folder`` holds a sound ``collection`` of vectors of ``model`` with ``dimension`` numbers.

    Reads everything once: 0.2 s for 100,000 vectors that are in the file cache.
    """
    file = folder / "chroma.sqlite3"
    if not file.is_file():
        raise Doubt("there is no index")
    try:
        # Not read-only: after a kill SQLite has to take an unfinished transaction back before anybody can read.
        with closing(sqlite3.connect(file)) as connection:
            segment = _check_rows(connection, collection, model, dimension)
            persisted = _read_labels(folder / segment / "index_metadata.pickle")
            _check_ids(connection, segment, set(persisted.values()))
    except sqlite3.Error as error:
        raise Doubt(f"chroma.sqlite3: {error}") from error
    if persisted:
        _check_graph(folder / segment, dimension, np.fromiter(persisted, np.uint64, len(persisted)))


def _check_rows(connection: sqlite3.Connection, collection: str, model: str, dimension: int) -> str:
    """Return the id of the graph's segment, after looking at everything but the ids in the SQLite part."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise Doubt(f"chroma.sqlite3: {found}")
    row = connection.execute(
        "SELECT collections.dimension, segments.id, (SELECT str_value FROM collection_metadata"
        " WHERE collection_id = collections.id AND key = 'model') FROM collections"
        " JOIN segments ON segments.collection = collections.id AND segments.scope = 'VECTOR' WHERE name = ?",
        (collection,),
    ).fetchone()
    if row is None:
        raise Doubt("the collection is missing")
    if row[2] != model or row[0] not in {dimension, None}:
        raise Doubt(f"it holds vectors of {row[2]} with {row[0]} numbers")
    return row[1]


def _check_ids(connection: sqlite3.Connection, segment: str, persisted: set[str]) -> None:
    """Compare the ids of the graph with those Chroma lists, each as it will be after the queue was worked off."""
    applied: dict[str, int] = dict(connection.execute("SELECT segment_id, seq_id FROM max_seq_id").fetchall())
    if (segment in applied) != bool(persisted):
        raise Doubt("the graph was not written to its end")
    listed = {row[0] for row in connection.execute("SELECT embedding_id FROM embeddings")}
    graph_from = applied.get(segment, 0)
    list_from = max((number for each, number in applied.items() if each != segment), default=0)
    for number, operation, each in connection.execute("SELECT seq_id, operation, id FROM embeddings_queue ORDER BY 1"):
        for ids, start in ((persisted, graph_from), (listed, list_from)):
            if number <= start:
                continue
            if operation == _DELETE:
                ids.discard(each)
            else:
                ids.add(each)
    if persisted != listed:
        raise Doubt("the graph lacks vectors that the list of ids names")


class _PlainUnpickler(pickle.Unpickler):
    """Reads dicts, strings and numbers; refuses everything that would run code."""

    def find_class(self, module_name: str, global_name: str, /) -> NoReturn:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} has no business here")


def _read_labels(file: Path) -> dict[int, str]:
    """Return which label has which id; empty before Chroma has persisted its graph for the first time."""
    if not file.is_file():
        return {}
    try:
        with file.open("rb") as content:
            metadata: dict[str, Any] = _PlainUnpickler(content).load()
        labels: dict[int, str] = metadata["label_to_id"]
        agree = metadata["id_to_label"] == {each: label for label, each in labels.items()}
    except Exception as error:  # a torn pickle raises nearly anything
        raise Doubt(f"index_metadata.pickle: {error}") from error
    if not agree:
        raise Doubt("index_metadata.pickle contradicts itself")
    return labels


def _check_graph(folder: Path, dimension: int, labels: npt.NDArray[np.uint64]) -> None:
    """Compare header, sizes, links, norms and labels of the graph with each other. Raises Doubt."""
    try:
        header = (folder / "header.bin").read_bytes()
        if len(header) != _HEADER.size:
            raise Doubt("header.bin is cut short")
        _, _, capacity, count, size, _, vector_at, top_level, entry, upper_m, base_m, *_ = _HEADER.unpack(header)
        if (
            vector_at != 4 * (base_m + 1)
            or size != vector_at + 4 * dimension + _LABEL_BYTES
            or not entry < count <= capacity
            or (folder / "data_level0.bin").stat().st_size != count * size
            or (folder / "length.bin").stat().st_size != count * 4
        ):
            raise Doubt("header.bin does not fit the other files")
        _check_upper_levels((folder / "link_lists.bin").read_bytes(), count, 4 * (upper_m + 1), top_level)
        live = _check_elements(folder / "data_level0.bin", count, size, vector_at, dimension)
    except OSError as error:
        raise Doubt(f"{error.strerror}: {error.filename}") from error
    if not np.array_equal(np.sort(live), np.sort(labels)):
        raise Doubt("data_level0.bin and index_metadata.pickle name different vectors")


def _check_upper_levels(lists: bytes, count: int, level_bytes: int, top_level: int) -> None:
    """Walk the link lists: one for each element, whole levels, no links beyond the elements, ending with the file."""
    position = 0
    highest = 0
    for _ in range(count):
        if position + 4 > len(lists):
            break
        (size,) = struct.unpack_from("<I", lists, position)
        position += 4
        if not size:
            continue
        if size % level_bytes or position + size > len(lists):
            raise Doubt("link_lists.bin is torn")
        levels: npt.NDArray[np.uint32] = np.frombuffer(lists, "<u4", size // 4, position).reshape(-1, level_bytes // 4)
        held = levels[:, 0] & _COUNT
        if not _lead_inside(levels[:, 1:], held, count):
            raise Doubt("link_lists.bin leads nowhere")
        highest = max(highest, len(levels))
        position += size
    else:
        if position == len(lists) and highest == top_level:
            return
    raise Doubt("link_lists.bin does not fit header.bin")


def _check_elements(file: Path, count: int, size: int, vector_at: int, dimension: int) -> npt.NDArray[np.uint64]:
    """Look at every element: links within the graph, vectors of length one. Return the labels not marked deleted."""
    live: list[npt.NDArray[np.uint64]] = []
    with file.open("rb") as content:
        for start in range(0, count, _CHUNK):
            read = content.read(min(_CHUNK, count - start) * size)
            words = np.frombuffer(read, "<u4").reshape(-1, size // 4)
            head, links = words[:, 0], words[:, 1 : vector_at // 4]
            held = head & _COUNT
            if not _lead_inside(links, held, count):
                raise Doubt("data_level0.bin leads nowhere")
            vectors = words[:, vector_at // 4 : vector_at // 4 + dimension].view("<f4")
            norms = np.einsum("ij,ij->i", vectors, vectors)
            if not ((np.abs(norms - 1) < 0.01) | (norms == 0)).all():  # NaN fails too
                raise Doubt("data_level0.bin holds something else than vectors")
            labels = words[:, -2:].copy().view("<u8")[:, 0]
            live.append(labels[(head & _DELETED) == 0])
    return np.concatenate(live).astype(np.uint64)


def _lead_inside(links: npt.NDArray[np.uint32], held: npt.NDArray[np.integer[Any]], count: int) -> bool:
    """Return whether the first ``held`` links of each row are there and name one of ``count`` elements."""
    width = links.shape[1]
    used = np.less(np.arange(width, dtype=np.uint32), held.reshape(-1, 1))
    return bool(held.max(initial=0) <= width and not np.any(used & (links >= count)))
