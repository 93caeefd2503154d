"""What is several questions, and what is one that only looks so."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.answering.divide import parts


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the difference between annual leave and sick leave?", ("annual leave", "sick leave")),
        ("What is the difference in pay between interns and staff?", ("interns in pay", "staff in pay")),
        ("Compare the Basic plan with the Premium plan.", ("the Basic plan", "the Premium plan")),
        ("Basic vs. Premium?", ("Basic", "Premium")),
        ("How does the revenue of 2023 compare to that of 2024?", ("the revenue of 2023", "that of 2024")),
        (
            "How many days of leave do I get and what is the notice period?",
            ("How many days of leave do I get", "what is the notice period"),
        ),
        ("Who signs the contract? When does it end?", ("Who signs the contract", "When does it end")),
        ("年假和病假有什么区别？", ("年假", "病假")),
        ("请比较基本计划和高级计划", ("基本计划", "高级计划")),
        ("年假与病假分别有几天？", ("年假有几天", "病假有几天")),
        ("年假有几天？病假怎么申请？", ("年假有几天", "病假怎么申请")),
    ],
)
def test_several(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What are the terms and conditions?",
        "Can I bring my dog and my cat?",
        "How is pay calculated and paid?",
        "What happens if I resign and when I do, who decides?",
        "What should I do when the alarm rings and who is there?",
        "Is the canteen open?",
        "",
        "和平与发展",
        "职工累计工作满一年的，年休假为几天？",
        "北京和上海的办公室在哪里？",
    ],
)
def test_a_single_one_stays_whole(question: str) -> None:
    assert parts(question) == ()
