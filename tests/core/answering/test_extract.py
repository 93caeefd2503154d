"""Extractive answers quote exactly, few, and only when the passages seem to hold the answer."""

from __future__ import annotations

from passages import hit, weights_of

from kotaemon_desktop.core.answering.extract import as_markdown, extract
from kotaemon_desktop.core.records import Strength

LEAVE = "Employees join in May. Annual leave is twenty days for full-time staff. The canteen opens at noon."
OTHER = "The office is in Leeds. Parking costs four pounds a day. Bicycles are free."


def test_the_sentence_that_answers_is_quoted_with_its_place() -> None:
    question = "How many days of annual leave do full-time staff have?"
    (citation,) = extract(question, [hit(1, LEAVE), hit(2, OTHER, score=0.5)], weights_of(question))
    assert citation.quote == "Annual leave is twenty days for full-time staff."
    assert (citation.number, citation.passage_id, citation.document_id, citation.page) == (1, 1, 10, 1)
    start = citation.start - 100
    assert LEAVE[start : citation.end - 100] == citation.quote


def test_chinese_sentences_are_cut_and_chosen() -> None:
    text = "职工累计工作满一年的享受年休假。年休假为五天。国家法定休假日不计入年休假的假期。"
    citations = extract("法定休假日计入年休假吗？", [hit(1, text)], weights_of("法定休假日计入年休假吗？"))
    assert citations[0].quote == "国家法定休假日不计入年休假的假期。"


def test_repeated_sentences_are_quoted_once() -> None:
    question = "annual leave full-time staff days"
    citations = extract(question, [hit(1, LEAVE), hit(2, LEAVE)], weights_of(question))
    assert len(citations) == 1


def test_a_heading_is_no_answer() -> None:
    question = "What are term and notice?"
    text = "## Term and notice\n\nThe term is two years. Notice of it is given three months before."
    citations = extract(question, [hit(1, text, heading="Contract › Term and notice")], weights_of(question))
    assert [each.quote for each in citations]
    assert not any("Term and notice" in each.quote for each in citations)


def test_weak_passages_are_no_answer() -> None:
    question = "What is the melting point of tungsten?"
    assert extract(question, [hit(1, OTHER, strength=Strength.WEAK)], weights_of(question)) == ()


def test_meaning_decides_between_sentences_that_words_cannot_tell_apart() -> None:
    text = "Parking costs four pounds a day. Parking is behind the building near the river."
    hits = [hit(1, text)]
    answers = extract(
        "parking fee", hits, weights_of("parking fee"), lambda texts: [0.9 if "cost" in t else 0.1 for t in texts]
    )
    assert answers[0].quote.startswith("Parking costs")


def test_a_similarity_that_cannot_tell_leaves_the_words_to_decide() -> None:
    question = "annual leave full-time staff"
    by_words = extract(question, [hit(1, LEAVE)], weights_of(question))
    assert by_words
    assert extract(question, [hit(1, LEAVE)], weights_of(question), lambda _: ()) == by_words


def test_a_page_without_full_stops_gives_a_quote_of_bearable_length() -> None:
    text = "annual leave " * 200
    (citation,) = extract("annual leave", [hit(1, text)], weights_of("annual leave"))
    assert len(citation.quote) <= 600
    assert text[citation.start - 100 :].startswith(citation.quote)


def test_markdown_joins_wrapped_lines_the_way_each_script_does() -> None:
    question = "年休假 天数"
    text = "职工的年休假\n天数按照工龄计算。"
    citations = extract(question, [hit(1, text)], weights_of(question))
    assert as_markdown(citations) == "> 职工的年休假天数按照工龄计算。 [1]"
    english = extract(question, [hit(1, "annual leave of all\nstaff")], weights_of("annual leave staff"))
    assert as_markdown(english) == "> annual leave of all staff [1]"


def test_a_question_for_a_number_prefers_a_sentence_with_one() -> None:
    text = "The trial period is agreed in writing. The trial period is six months long."
    answers = extract("How long is the trial period?", [hit(1, text)], weights_of("How long is the trial period?"))
    assert answers[0].quote == "The trial period is six months long."


def test_a_question_for_a_number_in_traditional_characters_does_so_too() -> None:
    text = "試用期限由雙方商定。試用期限定為六個月。"
    answers = extract("試用期限多長？", [hit(1, text)], weights_of("試用期限多長？"))
    assert answers[0].quote == "試用期限定為六個月。"


def test_in_questions_and_answers_the_answer_is_quoted_not_the_question() -> None:
    text = "How do I store the battery over winter? At about 60 percent, dry and above freezing."
    question = "How should I store the battery over winter?"
    (answer,) = extract(question, [hit(1, text)], weights_of(question))
    assert answer.quote == "At about 60 percent, dry and above freezing."


def test_chinese_clauses_are_quoted_up_to_their_full_stop() -> None:
    text = "员工满一年不满十年的，年休假为7天；满十年不满二十年的，年休假为12天；满二十年的为15天。"
    question = "工作满十年有几天年休假？"
    (answer,) = extract(question, [hit(1, text)], weights_of(question))
    assert answer.quote == text


def test_what_looks_like_markup_in_a_document_is_quoted_as_text() -> None:
    text = "3. Holidays of *all* staff [1] are paid_in_full. - see <b>below</b>"
    citations = extract("paid holidays of all staff", [hit(1, text)], weights_of("paid holidays of all staff"))
    answer = as_markdown(citations)
    assert answer.startswith("> 3\\. Holidays of \\*all\\* staff \\[1\\] are paid\\_in\\_full")
    assert answer.endswith("[1]")
