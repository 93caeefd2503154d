"""Cuts ICU's data down to what Qt asks of it here: 32 MB become 3 MB.

Qt has its own tables for upper case, line breaks, formats and encodings. What it asks ICU for is sorting (QCollator)
and the names of time zones: kept are the general tables and what belongs to English and Chinese. ICU itself falls back
to its root for every other language.

Run with: python packaging/linux/shrink_icu.py libicudata.so.NN   (in place; needs ``as`` and ``ld``)
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

_ALIGNMENT = 16
_MARK = b"\xda\x27"  # of ICU's data headers, at their third byte
_KEPT = re.compile(
    r"[^/]+\.(icu|nrm)|(coll/)?(root|res_index|pool|(en|zh)(_\w+)?)\.res|coll/ucadata\.icu"
    r"|(icuver|keyTypeData|likelySubtags|metaZones|metadata|numberingSystems|plurals|supplementalData|timezoneTypes"
    r"|windowsZones|zoneinfo64)\.res"
)
_DROPPED = ("unames.icu", "uemoji.icu", "ulayout.icu", "cnvalias.icu")

Items = dict[str, bytes]


def unpack(library: bytes) -> tuple[bytes, str, Items]:
    """Return the header of the data in ``library``, the prefix of its items' names, and the items.

    The format is ICU's common data: a header; the number of items; their (name, data) offsets; names; data.
    """
    start = library.index(b"CmnD") - 12  # dataFormat follows sizes and flags
    (size,) = struct.unpack_from("<H", library, start)
    if library[start + 2 : start + 4] != _MARK:
        raise SystemExit("this is not ICU's data")
    toc = start + size
    (count,) = struct.unpack_from("<I", library, toc)
    entries = [struct.unpack_from("<II", library, toc + 4 + 8 * number) for number in range(count)]
    ends = [*(data for _name, data in entries[1:]), None]
    names = [library[toc + name : library.index(b"\0", toc + name)].decode() for name, _data in entries]
    items = {
        name.partition("/")[2]: library[toc + data : toc + (end or _end(library, toc, data))]
        for name, (_name, data), end in zip(names, entries, ends, strict=True)
    }
    return library[start:toc], names[0].partition("/")[0], items


def pack(header: bytes, prefix: str, items: Items) -> bytes:
    """Return the data that holds just ``items``."""
    names = [f"{prefix}/{name}".encode() + b"\0" for name in items]
    place = 4 + 8 * len(items)
    data_place = place + sum(map(len, names))
    data_place += -data_place % _ALIGNMENT
    toc, body = [struct.pack("<I", len(items))], []
    for name, content in zip(names, items.values(), strict=True):
        padded = content + bytes(-len(content) % _ALIGNMENT)
        toc.append(struct.pack("<II", place, data_place))
        body.append(padded)
        place += len(name)
        data_place += len(padded)
    start = b"".join((*toc, *names))
    return b"".join((header, start, bytes(-len(start) % _ALIGNMENT), *body))


def is_kept(name: str) -> bool:
    """Return whether the item ``name`` (``coll/zh.res``) stays."""
    return _KEPT.fullmatch(name) is not None and name not in _DROPPED


def main() -> None:
    """Replace the library that is named by one with less in it."""
    library = Path(sys.argv[1])
    version = library.name.rpartition(".")[2]
    header, prefix, items = unpack(library.read_bytes())
    kept = {name: content for name, content in items.items() if is_kept(name)}
    symbol = f"icudt{version}_dat"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "data").write_bytes(pack(header, prefix, kept))
        (place / "data.s").write_text(
            f".section .rodata\n.balign {_ALIGNMENT}\n.globl {symbol}\n.type {symbol}, @object\n"
            f'{symbol}: .incbin "{place}/data"\n.size {symbol}, . - {symbol}\n.section .note.GNU-stack,"",@progbits\n'
        )
        subprocess.run(["as", "-o", place / "data.o", place / "data.s"], check=True)
        link = ["ld", "-shared", "-s", "-soname", library.name, "-o", library, place / "data.o"]
        subprocess.run(link, check=True)
    print(f"{library.name}: {len(kept)} of {len(items)} items, {library.stat().st_size / 1e6:.1f} MB")


def _end(library: bytes, toc: int, data: int) -> int:
    """Return where the last item ends: it is a table of its own size, so zeros behind it do no harm."""
    (size,) = struct.unpack_from("<H", library, toc + data)
    return min(len(library) - toc, data + size + (1 << 20))


if __name__ == "__main__":
    main()
