"""Files are known by their content."""

import codecs
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document

from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.documents.ole import SIGNATURE
from kotaemon_desktop.core.errors import Damaged, EmptyFile, Encrypted, OldFormat, ReadError, UnknownFormat

MAIL = b"From: ann@example.org\r\nTo: bob@example.org\r\nSubject: Leave\r\nMIME-Version: 1.0\r\n\r\nHello"
SAVED = b"From: <Saved by Blink>\r\nSubject: Page\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"
MEMO = b"From: Ann\nTo: Bob\nSubject: Leave\n\nText"


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
        ("a.txt", rb"{\rtf1 hello}", "rtf"),
        ("a.txt", b"\x89PNG\r\n\x1a\n....", "image"),
        ("a.txt", b"\xff\xd8\xff\xe0....", "image"),
        ("a.txt", b"BM\x36\x00\x00\x00\x00\x00\x00\x00", "image"),
        ("a.txt", b"BMW and Audi", "text"),
        ("a.csv", b"a,b\n1,2\n", "csv"),
        ("a.txt", b"a,b\n1,2\n", "text"),
        ("a.txt", MAIL, "mail"),
        ("a.eml", MEMO, "mail"),
        ("a.txt", MEMO, "text"),
        ("a.txt", SAVED, "mhtml"),
        ("a.mht", MAIL, "mhtml"),
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
        ("a.txt", bytes(range(256)) * 4, UnknownFormat),
        ("a.txt", b"\x01\x02\x03\x04\x05text", UnknownFormat),
        ("a.doc", SIGNATURE + b"\0" * 600, UnknownFormat),
        ("a.doc", SIGNATURE, UnknownFormat),
        ("a.docx", b"PK\x03\x04 cut short", Damaged),
    ],
)
def test_refusals_name_the_file(tmp_path: Path, name: str, content: bytes, error: type[ReadError]) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        detect(path)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (["[Content_Types].xml", "word/document.xml"], "docx"),
        (["[Content_Types].xml", "xl/workbook.xml", "docProps/word/a.xml"], "xlsx"),
        (["[Content_Types].xml", "xl/workbook.bin", "xl/a.xml"], "xls"),
        (["[Content_Types].xml", "ppt/presentation.xml"], "pptx"),
        (["META-INF/container.xml", "book.opf"], "epub"),
        (["report.pdf", "mimetypes/word/a.txt"], "zip"),
    ],
)
def test_zip_files_are_known_by_their_parts(tmp_path: Path, parts: list[str], kind: str) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as package:
        for name in parts:
            package.writestr(name, "<x/>")
    assert detect(path) == kind


@pytest.mark.parametrize(
    ("mimetype", "kind"),
    [
        ("application/epub+zip", "epub"),
        ("application/vnd.oasis.opendocument.text", "opendocument"),
        ("application/vnd.oasis.opendocument.spreadsheet", "opendocument"),
    ],
)
def test_zip_files_that_say_what_they_are(tmp_path: Path, mimetype: str, kind: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", mimetype)
        package.writestr("content.xml", "<x/>")
    assert detect(path) == kind


@pytest.mark.parametrize(
    "parts", [["[Content_Types].xml", "visio/a.xml"], ["META-INF/MANIFEST.MF", "a.class"], ["mimetype", "a.xml"]]
)
def test_programs_and_other_packages_are_no_archives(tmp_path: Path, parts: list[str]) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        for name in parts:
            package.writestr(name, "application/vnd.oasis.opendocument.graphics")
    with pytest.raises(UnknownFormat):
        detect(path)


def test_a_real_word_file_of_any_name(tmp_path: Path) -> None:
    Document().save(str(tmp_path / "word.zip"))
    assert detect(tmp_path / "word.zip") == "docx"


def test_compound_files_are_known_by_their_root(tmp_path: Path, compound: Callable[..., bytes]) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(compound("SummaryInformation", "CompObj", "1Table", "Data", "Workbook"))
    assert detect(path) == "xls"
    for names, error in [
        (("EncryptionInfo", "EncryptedPackage"), Encrypted),
        (("WordDocument",), OldFormat),
        (("Current User", "PowerPoint Document"), OldFormat),
        (("__nameid_version1.0",), UnknownFormat),
        ((), UnknownFormat),
    ]:
        path.write_bytes(compound(*names))
        with pytest.raises(error, match=r"a\.doc") as caught:
            detect(path)
        assert type(caught.value) is error


def test_a_compound_file_in_a_circle_ends(tmp_path: Path, compound: Callable[..., bytes]) -> None:
    path = tmp_path / "a.doc"
    data = bytearray(compound("WordDocument"))
    data[516:520] = (1).to_bytes(4, "little")  # the directory's next sector is itself
    data[1024 + 128 + 68 : 1024 + 128 + 72] = (1).to_bytes(4, "little")  # so is the entry's left neighbour
    path.write_bytes(bytes(data))
    with pytest.raises(OldFormat):
        detect(path)


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
    assert outcomes == {"docx", "zip", "Damaged", "UnknownFormat"}
