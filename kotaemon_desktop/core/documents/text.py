"""Reads plain text in whatever encoding it was written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from kotaemon_desktop.core.documents.flow import FlowPage, plain
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

LARGEST_FILE = 80_000_000  # bytes: what 20 million characters take at most
_MARKS = (  # longest first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000  # bytes that decide about the encoding of a file
_STRAY_SHARE = 0.002  # of the bytes: a UTF-8 file with a few broken characters is still UTF-8
_OFTEN_WRONG = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii"})  # declarations that say nothing
_COMMON = {"gb18030": "gb2312", "big5": "big5"}  # an encoding and the repertoire of its everyday characters
_CHINESE_SHARE = 0.9  # Chinese text is nearly all everyday characters; other text read as Chinese is not
# Japanese and Korean in EUC would pass as Chinese: (encoding, its own letters, their least share of all letters).
_NEIGHBOURS = (
    ("euc_jp", re.compile(r"[\u3041-\u30fa]"), 0.25),
    ("euc_kr", re.compile(r"[\uac00-\ud7af]"), 0.95),
)
_FEWEST_LETTERS = 12
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_OTHERS = ["cp1252", "shift_jis", "euc_jp", "euc_kr", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "iso8859_15"]


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page. Raises TooLarge."""
    text = plain(decode(read_bytes(source, LARGEST_FILE)))
    yield DocumentHead(source.stem, "text", None)
    yield FlowPage(PageText(None, text, PageKind.TEXT if text.strip() else PageKind.EMPTY))


def decode(data: bytes) -> str:
    """Return ``data`` as text: by its mark, as UTF-8, or in the encoding that fits it best. Never fails."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    sample = data[:_SAMPLE]
    if 0 in sample:
        big_endian = sample[::2].count(0) > sample[1::2].count(0)
        return data.decode("utf-16-be" if big_endian else "utf-16-le", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
        if text.count("\ufffd") <= len(data) * _STRAY_SHARE:
            return text
    return data.decode(_encoding(sample), errors="replace")


def decode_as(data: bytes, declared: str) -> str:
    """Return ``data`` as text in the encoding ``declared`` if it is in that, or else as :func:`decode`."""
    name = declared.lower()
    if name and name not in _OFTEN_WRONG:
        try:
            return data.decode("gb18030" if name in {"gb2312", "gbk"} else name, errors="strict")
        except (LookupError, ValueError):  # unknown, wrong, or Python's own that no text is in ("undefined")
            pass
    return decode(data)


def _encoding(sample: bytes) -> str:
    """Return the likeliest encoding of text that is not Unicode."""
    for encoding, letters, share in _NEIGHBOURS:
        text = sample.decode(encoding, errors="ignore")
        foreign = sum(map(str.isalpha, _NOT_ASCII.findall(text)))
        strict = len(text.encode(encoding)) >= len(sample) - 1  # the sample may end inside a character
        if strict and foreign >= _FEWEST_LETTERS and len(letters.findall(text)) >= foreign * share:
            return encoding
    shares = {encoding: _everyday_share(sample, encoding, common) for encoding, common in _COMMON.items()}
    best = max(shares, key=lambda encoding: shares[encoding])
    if shares[best] > _CHINESE_SHARE:
        return best
    from charset_normalizer import from_bytes

    match = from_bytes(sample, cp_isolation=[*_COMMON, *_OTHERS]).best()
    return match.encoding if match is not None else "cp1252"


def _everyday_share(sample: bytes, encoding: str, common: str) -> float:
    """Return the share of the non-ASCII characters of ``sample``, read as ``encoding``, that are in everyday use."""
    text = sample.decode(encoding, errors="replace").rstrip("\ufffd")  # the sample may end inside a character
    foreign = [c for c in text if c > "\x7f"]
    if not foreign:
        return 0.0
    encoded = "".join(foreign).encode(common, errors="ignore").decode(common)
    # Level 1 of both repertoires: GB 2312 rows 16-55, Big5 A440-C67E; with the punctuation rows.
    everyday = sum(_is_everyday(c.encode(common), common) for c in encoded)
    return everyday / len(foreign)


def _is_everyday(code: bytes, repertoire: str) -> bool:
    lead = code[0]
    if repertoire == "gb2312":
        return lead in {0xA1, 0xA3} or 0xB0 <= lead <= 0xD7
    return 0xA1 <= lead <= 0xC6
