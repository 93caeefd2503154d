"""Files are known by their content."""

import codecs
import zipfile
from pathlib import Path

import pytest
from docx import Document

from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.errors import Damaged, EmptyFile, Encrypted, ReadError, UnknownFormat

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"%PDF-1.7 rest", "pdf"),
        ("a.pdf", b"junk\n%PDF-1.4 rest", "pdf"),
        ("a.pdf", b"1 0 obj\n<< /Type /Catalog >>", "pdf"),
        ("a.pdf", b"<!DOCTYPE html><html>saved error page</html>", "html"),
        ("a.txt", b"\xef\xbb\xbf <?xml version='1.0'?>\n<html>x</html>", "html"),
        ("a.html", b"<p>fragment</p>", "html"),
        ("a.html", b"no tags at all", "text"),
        ("a.md", b"# Title", "markdown"),
        ("a.MARKDOWN", b"Title", "markdown"),
        ("a.txt", b"# Title", "text"),
        ("noname", "年休假".encode("gb18030"), "text"),
        ("a.txt", codecs.BOM_UTF16_LE + "年休假".encode("utf-16-le"), "text"),
        ("a.txt", "plain western text".encode("utf-16-be"), "text"),
    ],
)
def test_kinds(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert detect(path) == kind


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.pdf", b"", EmptyFile),
        ("a.txt", b"\x89PNG\r\n\x1a\n....", UnknownFormat),
        ("a.txt", bytes(range(256)) * 4, UnknownFormat),
        ("a.txt", b"\x01\x02\x03\x04\x05text", UnknownFormat),
        ("a.doc", OLE, UnknownFormat),
        ("a.rtf", rb"{\rtf1 hello}", UnknownFormat),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), Encrypted),
        ("a.docx", b"PK\x03\x04 cut short", Damaged),
    ],
)
def test_refusals_name_the_file(tmp_path: Path, name: str, content: bytes, error: type[ReadError]) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        detect(path)
    assert name in str(caught.value)


def test_zip_files(tmp_path: Path) -> None:
    Document().save(str(tmp_path / "word.zip"))
    assert detect(tmp_path / "word.zip") == "docx"
    with zipfile.ZipFile(tmp_path / "sheet.docx", "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnknownFormat):
        detect(tmp_path / "sheet.docx")


def test_every_flip_of_a_byte_is_read_or_named(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<x/>")
    data = path.read_bytes()
    outcomes: set[str] = set()
    for at in range(4, len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            outcomes.add(detect(path))
        except ReadError as error:
            outcomes.add(type(error).__name__)
    assert outcomes == {"docx", "Damaged", "UnknownFormat"}


def test_a_mark_across_the_block_border_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(OLE.ljust((1 << 20) - 7, b"\0") + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(Encrypted):
        detect(path)
