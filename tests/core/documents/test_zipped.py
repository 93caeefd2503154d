"""ZIP archives: a member after the other, and nothing on the disk."""

import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from kotaemon_desktop.core.documents import zipped
from kotaemon_desktop.core.errors import Damaged, Encrypted, NoText, TooLarge
from kotaemon_desktop.core.records import PageKind


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that packs an archive of members."""

    def pack(members: dict[str, str | bytes], name: str = "papers.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as package:
            for member, content in members.items():
                package.writestr(member, content)
        return tmp_path / name

    return pack


def nested(depth: int) -> bytes:
    data = b"The innermost text."
    for level in range(depth, 0, -1):
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as package:
            package.writestr(f"{level}.zip" if level < depth else "text.txt", data)
        data = packed.getvalue()
    return data


def test_members_are_pages_under_their_names(archive, make_pdf, read) -> None:
    def page(words: str):
        return lambda canvas: canvas.drawString(72, 700, words)

    pdf = make_pdf(page("The first page of the report."), page("The second page of the report.")).read_bytes()
    reading = read(archive({"travel/report.pdf": pdf, "notes.md": "# Notes\n\nPaid by the day.", "folder/": ""}))
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("zip", "papers", None)
    assert [(page.number, page.text) for page in reading.pages] == [
        (1, "travel/report.pdf\n\nThe first page of the report."),
        (2, "The second page of the report."),
        (3, "notes.md\n\n# Notes\n\nPaid by the day."),
    ]
    headings = [passage.heading for passage in reading.passages]
    assert headings == ["travel/report.pdf", "travel/report.pdf", "notes.md › Notes"]


def test_what_cannot_be_read_is_reported_and_the_rest_is_read(archive, make_pdf, locked, read) -> None:
    secret = make_pdf(lambda canvas: canvas.drawString(72, 700, "secret"), encrypt=locked("secret")).read_bytes()
    Image.new("RGB", (9, 9)).save(picture := BytesIO(), "JPEG")
    members = {"a.pdf": secret, "b.txt": "Text", "c.jpg": picture.getvalue(), "d.docx": b"PK\x03\x04", "e.txt": ""}
    reading = read(archive({**members, "__MACOSX/._b.txt": "x", ".DS_Store": "x"}))
    kinds = [page.kind.value for page in reading.pages]
    assert kinds == ["encrypted", "text", "image", "unreadable", "empty"]
    del members["b.txt"]
    with pytest.raises(NoText) as caught:
        read(archive(members))
    assert "pictures: 1; empty pages: 1; parts protected by a password: 1; parts that cannot be read: 1" in str(
        caught.value
    )


def test_a_damaged_member_leaves_the_others(archive, read) -> None:
    path = archive({"a.txt": "The first text.", "b.txt": "The other text."})
    data = bytearray(path.read_bytes())
    data[data.index(b"b.txt") + 7] ^= 0xFF
    path.write_bytes(bytes(data))
    reading = read(path)
    assert [page.kind for page in reading.pages] == [PageKind.TEXT, PageKind.UNREADABLE]


def test_names_never_become_paths(archive, read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = archive({"../../evil.txt": "Evil", "/etc/other.txt": "Other", "C:\\windows\\third.txt": "Third"})
    monkeypatch.chdir(inside)
    before = sorted(tmp_path.rglob("*"))
    assert [page.text.split("\n")[0] for page in read(path).pages] == [
        "evil.txt",
        "etc/other.txt",
        "C:/windows/third.txt",
    ]
    assert sorted(tmp_path.rglob("*")) == before


def test_chinese_names_as_windows_packs_them(tmp_path: Path, read) -> None:
    path = tmp_path / "a.zip"
    coded = "规定.txt".encode("gb18030")
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("x" * len(coded), "Text")
    path.write_bytes(path.read_bytes().replace(b"x" * len(coded), coded))
    assert read(path).pages[0].text == "规定.txt\n\nText"


def test_archives_in_archives_are_read_three_deep(archive, read) -> None:
    assert read(archive({"1.zip": nested(2)})).text.endswith("text.txt\n\nThe innermost text.")
    with pytest.raises(NoText, match="parts that cannot be read: 1"):
        read(archive({"1.zip": nested(3)}))


def test_passwords(archive, read) -> None:
    path = archive({"a.txt": "Text", "b.txt": "More"})
    data = bytearray(path.read_bytes())

    def lock(member: bytes) -> None:
        for signature, flags, name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
            at = data.index(member) if signature == b"PK\x03\x04" else data.rindex(member)
            assert data[at - name : at - name + 4] == signature
            data[at - name + flags] |= 1

    lock(b"a.txt")
    path.write_bytes(bytes(data))
    assert [page.kind for page in read(path).pages] == [PageKind.ENCRYPTED, PageKind.TEXT]
    lock(b"b.txt")
    path.write_bytes(bytes(data))
    with pytest.raises(Encrypted, match=r"papers\.zip"):
        read(path)


def test_bombs_are_refused_before_they_are_unpacked(archive, read, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = {f"{n}.txt": b"\0" * 10_000_000 for n in range(3)}
    monkeypatch.setattr(zipped, "_LARGEST_ARCHIVE", 25_000_000)
    with pytest.raises(TooLarge, match=r"papers\.zip"):
        read(archive(zeros))
    monkeypatch.setattr(zipped, "_LARGEST_ARCHIVE", 50_000_000)
    monkeypatch.setattr(zipped, "_LARGEST_MEMBER", 5_000_000)
    assert [page.kind for page in read(archive({**zeros, "a.txt": "Text"})).pages][:3] == [PageKind.UNREADABLE] * 3
    monkeypatch.setattr(zipped, "_MOST_MEMBERS", 3)
    with pytest.raises(TooLarge, match="3 files"):
        read(archive({**zeros, "a.txt": "Text"}))


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_says(archive, read) -> None:
    path = archive({"a.txt": b"word " * 1_000_000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))
    with pytest.raises((NoText, Damaged)):
        read(path)


def test_links_devices_and_members_without_a_name_are_left_out(tmp_path: Path, read) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, mode in enumerate((0o120777, 0o020666, 0o010666, 0o100644)):
            entry = zipfile.ZipInfo(f"{number}.txt")
            entry.create_system, entry.external_attr = 3, mode << 16
            archive.writestr(entry, "/etc/passwd" if number < 3 else "The text of a file.")
        with archive.open(zipfile.ZipInfo(""), "w") as nameless:
            nameless.write(b"Nobody knows what this is.")
    assert [page.text for page in read(path).pages] == ["3.txt\n\nThe text of a file."]


def test_a_fault_of_a_reader_leaves_the_other_members(archive, read, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(_: object) -> object:
        raise LookupError("not thought of")

    monkeypatch.setattr("kotaemon_desktop.core.documents.rtf.read", faulty)
    reading = read(archive({"a.rtf": "{\\rtf1 Text}", "b.txt": "Text"}))
    assert [page.kind for page in reading.pages] == [PageKind.UNREADABLE, PageKind.TEXT]


def test_a_member_packed_with_bzip2_that_is_broken_leaves_the_others(tmp_path: Path, read) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.txt", "The first text.")
        archive.writestr("b.txt", "The other text.")
    data = bytearray(path.read_bytes())
    data[data.index(b"BZh") + 6] ^= 0xFF
    path.write_bytes(bytes(data))
    assert [page.kind for page in read(path).pages] == [PageKind.UNREADABLE, PageKind.TEXT]
