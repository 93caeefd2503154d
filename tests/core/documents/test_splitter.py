"""Passages: exact pieces of their page, of the right length, broken where it hurts least."""

from itertools import pairwise

from kotaemon_desktop.core.documents.flow import Flow, FlowPage
from kotaemon_desktop.core.documents.splitter import Splitter
from kotaemon_desktop.core.records import PageText, PassageDraft

ENGLISH = [f"Sentence number {n} says something about travel expenses and how they are paid back." for n in range(60)]
CHINESE = [f"第{n}句说明职工享受带薪年休假的条件和工资的计算办法。" for n in range(60)]


def cut(page: FlowPage, aim: int = 900) -> list[PassageDraft]:
    drafts = list(Splitter(aim).cut(page))
    for draft in drafts:
        assert draft.text == page.page.text[draft.start : draft.end]
        assert draft.text.strip() == draft.text
    held = set().union(*(range(d.start, d.end) for d in drafts))
    assert all(c.isspace() for at, c in enumerate(page.page.text) if at not in held)
    return drafts


def page(text: str) -> FlowPage:
    return FlowPage(PageText(3, text))


def test_a_short_page_is_one_passage() -> None:
    (draft,) = cut(page("One paragraph.\n\nAnother one."))
    assert (draft.page, draft.heading) == (3, "")
    assert draft.tokens == "one paragraph anoth one"


def test_nothing_gives_nothing() -> None:
    assert cut(page("")) == []
    assert cut(page(" \n ")) == []


def test_english_passages_end_at_sentences_and_overlap_by_one() -> None:
    drafts = cut(page(" ".join(ENGLISH)))
    assert all(500 <= len(draft.text) <= 900 for draft in drafts)
    assert all(draft.text.startswith("Sentence") and draft.text.endswith("back.") for draft in drafts)
    for before, after in pairwise(drafts):
        shared = before.end - after.start
        assert 0 < shared <= 150


def test_chinese_passages_are_a_third_as_long() -> None:
    drafts = cut(page("".join(CHINESE)))
    assert all(180 <= len(draft.text) <= 330 for draft in drafts)
    assert all(draft.text.endswith("。") for draft in drafts)


def test_paragraphs_are_kept_together_when_they_fit() -> None:
    paragraphs = [" ".join(ENGLISH[n : n + 6]) for n in range(0, 24, 6)]
    assert [draft.text for draft in cut(page("\n\n".join(paragraphs)), aim=600)] == paragraphs


def test_endless_text_is_cut_all_the_same() -> None:
    assert all(len(draft.text) <= 900 for draft in cut(page("x" * 100_000)))
    assert all(len(draft.text) <= 300 for draft in cut(page("年" * 10_000)))
    words = cut(page("word " * 5_000))
    assert all(draft.text.startswith("word") and draft.text.endswith("word") for draft in words)


def test_headings_open_passages_and_make_the_path() -> None:
    flow = Flow()
    flow.block("Handbook", 1)
    flow.block("Travel", 2)
    flow.block(" ".join(ENGLISH[:8]))
    flow.block("Leave", 2)
    flow.block(" ".join(ENGLISH[8:16]))
    first, second = cut(flow.page())
    assert first.text.startswith("Handbook\n\nTravel\n\nSentence")
    assert first.heading == "Handbook › Travel"
    assert second.text.startswith("Leave\n\nSentence")
    assert second.heading == "Handbook › Leave"
    assert second.tokens.startswith("handbook leav sentenc")  # its own heading once, the one above it too


def test_small_sections_share_a_passage_under_their_common_heading() -> None:
    flow = Flow()
    flow.block("Rates", 1)
    for country in ("Austria", "Belgium", "China"):
        flow.block(country, 2)
        flow.block("30 euros a day.")
    (draft,) = cut(flow.page())
    assert draft.heading == "Rates"


def test_the_path_goes_on_to_the_next_page() -> None:
    flow = Flow()
    flow.block("Leave", 1)
    flow.block("Starts here.")
    splitter = Splitter(900)
    list(splitter.cut(flow.page(1)))
    (draft,) = splitter.cut(page("It goes on over the page."))
    assert draft.heading == "Leave"
    assert draft.tokens.split()[0] == "leav"


def test_table_rows_are_never_cut() -> None:
    flow = Flow()
    rows = [[f"Name {n}. More", "Dr. No! Yes", "1.5"] for n in range(60)]
    flow.rows(rows)
    for draft in cut(flow.page()):
        assert all(line.startswith("| Name") and line.endswith("1.5 |") for line in draft.text.split("\n"))


def test_a_table_that_fits_stays_whole() -> None:
    flow = Flow()
    flow.block(" ".join(ENGLISH[:8]))
    flow.rows([["Country", "Rate"], *([f"Country {n}", f"{n} euros"] for n in range(20))])
    flow.block(" ".join(ENGLISH[8:16]))
    (whole,) = [draft for draft in cut(flow.page()) if "| Country | Rate |" in draft.text]
    assert "| Country 19 | 19 euros |" in whole.text


def test_pieces_of_a_long_table_carry_its_heading_row_once() -> None:
    flow = Flow()
    flow.block("Rates", 1)
    flow.rows([["Country", "Daily allowance"], *([f"Land {n}", f"{n} euros"] for n in range(120))])
    flow.block("The end. " * 200)
    drafts = cut(flow.page())
    inside = [draft for draft in drafts if draft.text.startswith("| Land")]
    assert len(inside) > 2
    for draft in inside:
        assert draft.heading == "Rates › Country | Daily allowance"
        assert draft.tokens.split()[:4] == ["rate", "countri", "daili", "allow"]
    assert drafts[0].heading == "Rates"
    assert drafts[-1].heading == "Rates"
    rows = [row for draft in drafts for row in draft.text.split("\n") if row.startswith("| Land")]
    assert rows == [f"| Land {n} | {n} euros |" for n in range(120)]


def test_list_items_are_not_cut_inside() -> None:
    items = [
        f"{n}. The {n}th rule is short. It has a second sentence. And a third one that ends it." for n in range(60)
    ]
    drafts = cut(page("\n".join(items)))
    assert len(drafts) > 3
    assert all(draft.text.split("\n")[-1] in items for draft in drafts)
    assert all(draft.text.split("\n")[0] in items for draft in drafts)


def test_an_endless_item_is_cut_at_sentences() -> None:
    drafts = cut(page("1. " + " ".join(ENGLISH)))
    assert all(len(draft.text) <= 900 for draft in drafts)
    assert all(draft.text.endswith("back.") for draft in drafts)
