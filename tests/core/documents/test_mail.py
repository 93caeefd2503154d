"""E-mails and saved web pages."""

from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from PIL import Image

from kotaemon_desktop.core.errors import Unreadable
from kotaemon_desktop.core.records import PageKind


def mail(subject: str = "Leave", body: str = "I am away in May.") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Date"] = "Ann <a@x.org>", "bob@x.org", "Mon, 06 May 2024 10:00:00 +0000"
    message["Subject"] = subject
    message["Message-ID"] = "<1@x.org>"
    message.set_content(body)
    return message


def save(folder: Path, message: EmailMessage, name: str = "a.eml") -> Path:
    path = folder / name
    path.write_bytes(message.as_bytes())
    return path


HEAD = "From: Ann <a@x.org>\nTo: bob@x.org\nDate: Mon, 06 May 2024 10:00:00 +0000"


def test_a_mail_of_plain_text(tmp_path: Path, read) -> None:
    reading = read(save(tmp_path, mail("年休假申请", "I am away.\n\nRegards")))
    assert (reading.head.kind, reading.head.title, reading.head.page_count) == ("eml", "年休假申请", None)
    assert reading.pages[0].number is None
    assert reading.text == f"年休假申请\n\n{HEAD}\n\nI am away.\n\nRegards"


def test_of_alternatives_the_plainest_that_says_something(tmp_path: Path, read) -> None:
    both = mail()
    both.add_alternative("<p>I am away in <b>May</b>.</p>", subtype="html")
    assert read(save(tmp_path, both)).text.endswith("+0000\n\nI am away in May.")
    blank = mail(body=" \n")
    blank.add_alternative("<h1>News</h1><p>I am away in <b>May</b>.</p>", subtype="html")
    assert read(save(tmp_path, blank)).text.endswith("+0000\n\nNews\n\nI am away in May.")


def test_attachments_are_read_by_their_own_readers(tmp_path: Path, read) -> None:
    word = Document()
    word.add_heading("Rates", 1)
    word.add_paragraph("Paid by the day.")
    word.save(str(tmp_path / "word.docx"))
    inner = mail("Forwarded", "The inner text.")
    inner.add_attachment(b"Country,Rate\nChina,30\n", maintype="text", subtype="csv", filename="rates.csv")
    message = mail()
    message.add_attachment(
        (tmp_path / "word.docx").read_bytes(), maintype="application", subtype="octet-stream", filename="规定.docx"
    )
    message.add_attachment(inner)
    Image.new("RGB", (9, 9)).save(picture := BytesIO(), "PNG")
    message.add_attachment(picture.getvalue(), maintype="image", subtype="png", filename="scan.png")
    message.add_attachment(b"\x7fELF", maintype="application", subtype="octet-stream", filename="program")
    message.add_attachment(b"", maintype="application", subtype="octet-stream", filename="nothing.pdf")
    reading = read(save(tmp_path, message))
    assert [page.number for page in reading.pages] == [1, 2, 3, 4, 5, 6, 7]
    assert reading.pages[1].text == "规定.docx\n\nRates\n\nPaid by the day."
    assert reading.passages[1].heading == "规定.docx › Rates"
    assert reading.pages[2].text == f"Forwarded.eml\n\nForwarded\n\n{HEAD}\n\nThe inner text."
    assert reading.pages[3].text == "rates.csv\n\n| Country | Rate |\n| China | 30 |"
    kinds = [page.kind for page in reading.pages[4:]]
    assert kinds == [PageKind.IMAGE, PageKind.UNREADABLE, PageKind.EMPTY]


def test_decoration_is_no_attachment(tmp_path: Path, read) -> None:
    message = mail()
    message.add_alternative('<p>Hello</p><img src="cid:logo">', subtype="html")
    message.get_payload(1).add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo>")
    message.make_mixed()
    message.add_attachment(b"x", maintype="application", subtype="pgp-signature", filename="signature.asc")
    assert len(read(save(tmp_path, message)).pages) == 1


@pytest.mark.parametrize(
    "charset",
    ["", '; charset="gb2312"', '; charset="us-ascii"', '; charset="no-such"', '; charset="undefined"'],
)
def test_chinese_that_is_not_encoded_as_it_should_be(tmp_path: Path, read, charset: str) -> None:
    text = "职工连续工作一年以上的，享受带薪年休假。单位应当保证职工享受年休假。"
    head = f"Message-ID: <1@x>\r\nSubject: 年休假规定的通知\r\nContent-Type: text/plain{charset}\r\n\r\n"
    path = tmp_path / "a.eml"
    path.write_bytes((head + text).encode("gb18030"))
    reading = read(path)
    assert reading.head.title == "年休假规定的通知"
    assert reading.text.endswith(text)


def test_a_mail_of_parts_without_parts_in_an_encoding_of_no_text(tmp_path: Path, read) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes('Subject: Leave\r\nContent-Type: multipart/mixed; charset="undefined"\r\n\r\n年假\r\n'.encode())
    assert read(path).head.title == "Leave"


def test_broken_mails_are_read_as_far_as_they_go(tmp_path: Path, read) -> None:
    message = mail()
    message.add_attachment(b"Country,Rate\nChina,30\n", maintype="text", subtype="csv", filename="rates.csv")
    whole = save(tmp_path, message).read_bytes()
    for end in range(200, len(whole), 37):
        path = tmp_path / "cut.eml"
        path.write_bytes(whole[:end])
        assert "Leave" in read(path).text


def test_mails_inside_mails_end_somewhere(tmp_path: Path, read, service) -> None:
    message = mail("Level 9")
    for level in range(8, 0, -1):
        outer = mail(f"Level {level}")
        outer.add_attachment(message)
        message = outer
    reading = read(save(tmp_path, message))
    assert [page.kind for page in reading.pages] == [PageKind.TEXT] * 3 + [PageKind.UNREADABLE]
    assert "Level 3" in reading.text
    assert "Level 4" not in reading.text


def test_parts_without_end_are_named(tmp_path: Path, read) -> None:
    path = tmp_path / "a.eml"
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000))
    path.write_bytes(b"MIME-Version: 1.0\r\nSubject: deep\r\n" + deep)
    with pytest.raises(Exception, match=r"a\.eml") as caught:
        read(path)
    assert not isinstance(caught.value, (RecursionError, Unreadable))


def test_saved_web_pages(tmp_path: Path, read) -> None:
    page = "<html><head><title>国务院令</title></head><body><h1>条例</h1><p>年休假</p></body></html>"
    message = EmailMessage()
    message["From"], message["Subject"] = "<Saved by Blink>", "Regulation"
    message["Snapshot-Content-Location"] = "https://example.org/"
    message.set_content(page, subtype="html", charset="gb18030", cte="quoted-printable")
    message.add_related(b"body {}", maintype="text", subtype="css")
    message.add_related("<p>In a frame</p>", subtype="html", cid="<frame>")
    reading = read(save(tmp_path, message, "page.mhtml"))
    assert (reading.head.kind, reading.head.title) == ("html", "Regulation")
    assert reading.text == "条例\n\n年休假\n\nIn a frame"
    assert reading.passages[0].heading == "条例"
