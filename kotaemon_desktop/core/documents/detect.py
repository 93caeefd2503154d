"""Tells what kind of document a file is by its content; the name only decides between kinds of plain text."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Literal

from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.errors import EmptyFile, Encrypted, UnknownFormat

Kind = Literal["pdf", "docx", "html", "markdown", "text"]

_SAMPLE = 65536
_PDF_HEADER_WITHIN = 1024  # readers accept junk before "%PDF-", but no more than this
_PDF_OBJECT = re.compile(rb"\b\d+ \d+ obj\b")  # a PDF that lost its header
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (b"{\\rtf", b"%!PS", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_UNICODE_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_HTML_TAG = re.compile(
    rb"</?(?:html|head|body|title|div|p|span|table|h[1-6]|ul|ol|li|a|br|meta|main|article)\b[^>]*>", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_LARGEST_CONTROL_SHARE = 0.005


def detect(path: Path) -> Kind:
    """Return the kind of document in ``path``.

    Raises EmptyFile, Encrypted, Damaged or UnknownFormat; OSError as the file system gives it.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if not sample:
        raise EmptyFile(name=path.name)
    if b"%PDF-" in sample[:_PDF_HEADER_WITHIN] or (path.suffix.lower() == ".pdf" and _PDF_OBJECT.search(sample)):
        return "pdf"
    if sample.startswith(b"PK"):
        return _detect_zip(path)
    if sample.startswith(_OLE):
        raise Encrypted(name=path.name) if _holds_encrypted_package(path) else UnknownFormat(name=path.name)
    if sample.startswith(_FOREIGN) or not _reads_as_text(sample):
        raise UnknownFormat(name=path.name)
    return _detect_text(sample, path.suffix.lower())


def _detect_zip(path: Path) -> Kind:
    with damage_named(path), zipfile.ZipFile(path) as package:
        names = set(package.namelist())
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"
    raise UnknownFormat(name=path.name)


def _holds_encrypted_package(path: Path) -> bool:
    """Tell whether this OLE container wraps a password-protected document (rather than being an old .doc or .xls)."""
    with path.open("rb") as file:
        carried = b""
        while block := file.read(1 << 20):
            if _ENCRYPTED_STREAM in carried + block:
                return True
            carried = block[-len(_ENCRYPTED_STREAM) :]
    return False


def _reads_as_text(sample: bytes) -> bool:
    if sample.startswith(_UNICODE_MARKS):
        return True
    nulls = sample.count(0)
    if nulls:
        # UTF-16 without a mark: every other byte of western text is null, and only that one.
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        return min(even, odd) * 20 < max(even, odd) and max(even, odd) * 10 > len(sample) // 2
    return len(_CONTROL.findall(sample)) <= len(sample) * _LARGEST_CONTROL_SHARE


def _detect_text(sample: bytes, suffix: str) -> Kind:
    plain = sample.replace(b"\0", b"").removeprefix(codecs.BOM_UTF8)
    if _HTML_START.match(plain) or (suffix in {".html", ".htm", ".xhtml"} and _HTML_TAG.search(plain)):
        return "html"
    return "markdown" if suffix in {".md", ".markdown"} else "text"
