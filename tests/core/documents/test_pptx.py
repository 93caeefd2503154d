"""PowerPoint files: everything on a slide, in the order of the show."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, NoText
from kotaemon_desktop.core.records import PageKind


def shape(text: str, placeholder: str = "") -> str:
    mark = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"


def slide(*shapes: str, kind: str = "sld") -> str:
    return f"<p:{kind} NAMES><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:{kind}>"


@pytest.fixture
def show(pack_office) -> Callable[..., Path]:
    """Return a function that packs a show of slides; ``parts`` and ``relations`` come on top."""

    def pack(*slides: str, parts: dict | None = None, relations: dict | None = None) -> Path:
        ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(len(slides), 0, -1))  # shown backwards
        main = f"<p:presentation NAMES><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
        own = {f"ppt/slides/slide{n}.xml": content for n, content in enumerate(slides, 1)}
        links = {"ppt/presentation.xml": [("slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1)]}
        return pack_office(
            "show.pptx", "ppt/presentation.xml", {"ppt/presentation.xml": main, **own, **(parts or {})},
            links | (relations or {}),
        )  # fmt: skip

    return pack


def test_slides_are_pages_in_the_order_of_the_show(show, read) -> None:
    reading = read(show(slide(shape("Last")), slide(shape("Points\nMore points"), shape("Opening", "ctrTitle"))))
    assert (reading.head.kind, reading.head.page_count, reading.head.title) == ("pptx", 2, "show")
    assert [page.number for page in reading.pages] == [1, 2]
    assert [page.text for page in reading.pages] == ["Opening\n\nPoints\nMore points", "Last"]
    assert [passage.heading for passage in reading.passages] == ["Opening", "Opening"]


def test_what_repeats_on_each_slide_is_left_out(show, read) -> None:
    path = show(slide(shape("Text"), shape("7", "sldNum"), shape("Company", "ftr"), shape("May", "dt")))
    assert read(path).text == "Text"


def test_notes_and_comments_follow_their_slide(show, read) -> None:
    path = show(
        slide(shape("Text")),
        parts={
            "ppt/notesSlides/notesSlide1.xml": slide(shape("Say this", "body"), shape("1", "sldNum"), kind="notes"),
            "ppt/comments/comment1.xml": '<p:cmLst NAMES><p:cm authorId="0"><p:text>Check it</p:text></p:cm></p:cmLst>',
        },
        relations={
            "ppt/slides/slide1.xml": [
                ("notesSlide", "../notesSlides/notesSlide1.xml"),
                ("comments", "../comments/comment1.xml"),
            ]
        },
    )
    assert read(path).text == "Text\n\nSay this\n\nCheck it"


def test_tables_charts_and_diagrams(show, read) -> None:
    cell = "<a:tc><a:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></a:txBody></a:tc>"
    rows = "".join(
        f"<a:tr>{cell.format(name)}{cell.format(rate)}</a:tr>" for name, rate in [("Land", "Rate"), ("A", "9")]
    )
    frame = (
        "<p:graphicFrame><p:nvGraphicFramePr/><a:graphic><a:graphicData>{}</a:graphicData></a:graphic></p:graphicFrame>"
    )
    points = "<c:strCache><c:pt idx='0'><c:v>{}</c:v></c:pt></c:strCache>"
    chart = (
        "<c:chartSpace NAMES><c:title><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:title><c:ser>"
        f"<c:tx>{points.format('Euros')}</c:tx><c:cat>{points.format('May')}</c:cat>"
        f"<c:val>{points.format('8.1999999999999993')}</c:val></c:ser></c:chartSpace>"
    )
    path = show(
        slide(
            frame.format(f"<a:tbl>{rows}</a:tbl>"),
            frame.format('<c:chart r:id="rId1"/>'),
            frame.format('<d:relIds xmlns:d="x" r:dm="rId2"/>'),
        ),
        parts={
            "ppt/charts/chart1.xml": chart,
            "ppt/diagrams/data1.xml": "<x NAMES><a:p><a:r><a:t>Plan, do, check</a:t></a:r></a:p></x>",
        },
        relations={
            "ppt/slides/slide1.xml": [("chart", "../charts/chart1.xml"), ("diagramData", "../diagrams/data1.xml")]
        },
    )
    assert read(path).text == "| Land | Rate |\n| A | 9 |\n\nSales\n\n|  | Euros |\n| May | 8.2 |\n\nPlan, do, check"


def test_the_second_version_of_a_shape_is_left_out(show, read) -> None:
    choice = f"<mc:AlternateContent><mc:Choice>{shape('New')}</mc:Choice><mc:Fallback>{shape('Old')}</mc:Fallback>"
    assert read(show(slide(choice + "</mc:AlternateContent>"))).text == "New"


def test_slides_of_pictures_are_told_from_empty_ones(show, read) -> None:
    picture = '<p:pic><p:blipFill><a:blip r:embed="rId9"/></p:blipFill></p:pic>'
    reading = read(show(slide(picture), slide(), slide(shape("Text"))))
    assert [page.kind for page in reading.pages] == [PageKind.TEXT, PageKind.EMPTY, PageKind.IMAGE]
    with pytest.raises(NoText, match="pages that are pictures: 1"):
        read(show(slide(picture)))


def test_damage_is_named(show, read, tmp_path: Path) -> None:
    with pytest.raises(Damaged, match=r"show\.pptx"):
        read(show())
    with pytest.raises(Damaged, match=r"show\.pptx"):
        read(show("<p:sld NAMES>cut"))
