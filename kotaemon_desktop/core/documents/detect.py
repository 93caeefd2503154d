"""Tells what kind of document a file is by its content; the name only decides between kinds of plain text."""

from __future__ import annotations

import codecs
import re
import zipfile
from typing import Literal

from kotaemon_desktop.core.documents import ole
from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import EmptyFile, Encrypted, OldFormat, UnknownFormat

Kind = Literal[
    "pdf", "docx", "pptx", "xlsx", "xls", "opendocument", "csv", "rtf", "html", "mhtml", "markdown", "text", "mail",
    "epub", "image", "zip",
]  # fmt: skip

_SAMPLE = 65536
_PDF_HEADER_WITHIN = 1024  # readers accept junk before "%PDF-", but no more than this
_PDF_OBJECT = re.compile(rb"\b\d+ \d+ obj\b")  # a PDF that lost its header
_IMAGE = re.compile(rb"\x89PNG\r\n|GIF8[79]a|\xff\xd8\xff|II\*\0|MM\0\*|RIFF....WEBP|BM.{4}\0\0\0\0", re.DOTALL)
_RTF = b"{\\rtf"
_FOREIGN = (b"%!PS", b"\x7fELF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_OFFICE: dict[str, Kind] = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_OPENDOCUMENT = b"application/vnd.oasis.opendocument."
_OPENDOCUMENT_FAMILIES = (b"text", b"presentation", b"spreadsheet")
_PROGRAMS = ("META-INF/MANIFEST.MF", "AndroidManifest.xml", "Index/Document.iwa")  # ZIP files that are no archives
_UNICODE_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_HTML_TAG = re.compile(
    rb"</?(?:html|head|body|title|div|p|span|table|h[1-6]|ul|ol|li|a|br|meta|main|article)\b[^<>]*>", re.IGNORECASE
)
_ANY_CASE_LINES = re.IGNORECASE | re.MULTILINE
_MAIL_HEADER = re.compile(rb"\s*(?P<fields>(?:[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n){2,})")
_MAIL_FIELD = re.compile(rb"^(?:Received|Return-Path|Delivered-To|Message-ID|MIME-Version):", _ANY_CASE_LINES)
_SAVED_PAGE = re.compile(rb"^(?:Snapshot-Content-Location:|From: <Saved by)", _ANY_CASE_LINES)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_LARGEST_CONTROL_SHARE = 0.005
_BY_NAME: dict[str, Kind] = {".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".tsv": "csv", ".tab": "csv"}


def detect(source: Source) -> Kind:
    """Return the kind of document in ``source``.

    Raises EmptyFile, Encrypted, Damaged, UnknownFormat or OldFormat; OSError as the file system gives it.
    """
    with source.open("rb") as file:
        sample = file.read(_SAMPLE)
    if not sample:
        raise EmptyFile(name=source.name)
    if b"%PDF-" in sample[:_PDF_HEADER_WITHIN] or (source.suffix.lower() == ".pdf" and _PDF_OBJECT.search(sample)):
        return "pdf"
    if sample.startswith(b"PK"):
        return _detect_zip(source)
    if sample.startswith(ole.SIGNATURE):
        return _detect_ole(source)
    if sample.startswith(_RTF):
        return "rtf"
    if _IMAGE.match(sample):
        return "image"
    if sample.startswith(_FOREIGN) or not _reads_as_text(sample):
        raise UnknownFormat(name=source.name)
    return _detect_text(sample, source.suffix.lower())


def _detect_zip(source: Source) -> Kind:
    with damage_named(source), source.open("rb") as file, zipfile.ZipFile(file) as package:
        names = set(package.namelist())
        kind = package.open("mimetype").read(100) if "mimetype" in names else b""
    if "[Content_Types].xml" in names:
        return _detect_office(source, names)
    if kind.startswith(b"application/epub+zip") or "META-INF/container.xml" in names:
        return "epub"
    if kind.removeprefix(_OPENDOCUMENT).startswith(_OPENDOCUMENT_FAMILIES) and "content.xml" in names:
        return "opendocument"
    if kind or names.intersection(_PROGRAMS):
        raise UnknownFormat(name=source.name)
    return "zip"


def _detect_office(source: Source, names: set[str]) -> Kind:
    if "xl/workbook.bin" in names:
        return "xls"
    for folder, kind in _OFFICE.items():
        if any(name.startswith(folder) for name in names):
            return kind
    raise UnknownFormat(name=source.name)


def _detect_ole(source: Source) -> Kind:
    """Tell the documents among compound files: only Excel's are read, those of Word and PowerPoint are too old."""
    with source.open("rb") as file:
        names = ole.root_names(file)
    if "EncryptedPackage" in names:  # what a password makes of a new Office file
        raise Encrypted(name=source.name)
    if names & {"Workbook", "Book"}:
        return "xls"
    if names & {"WordDocument", "PowerPoint Document"}:
        raise OldFormat(name=source.name)
    raise UnknownFormat(name=source.name)


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
    header = _MAIL_HEADER.match(plain)
    if header and (_MAIL_FIELD.search(header["fields"]) or suffix == ".eml"):
        return "mhtml" if suffix in {".mht", ".mhtml"} or _SAVED_PAGE.search(header["fields"]) else "mail"
    return _BY_NAME.get(suffix, "text")
