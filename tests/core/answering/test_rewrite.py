"""Follow-up questions: a labelled set, English and Chinese. What stands by itself is never changed."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.answering.rewrite import standalone

LEAVE = "How many days of annual leave do employees get after one year?"
VPC = "What is a virtual private cloud?"
SHIFT = "What is Red Hat OpenShift?"
BILLING = "What is balance billing under the Northwind Standard plan?"
REFUND = "Can I return a laptop within 14 days?"
TRIAL = "试用期最长多久？"
HOLIDAY = "员工工作满一年有几天年休假？"
MATERNITY = "产假一共多少天？"
INVOICE = "不符合规定的发票能报销吗？"
COMPANY = "华夏娱乐有限公司是什么时候成立的？"

# What was asked before, the question, and words that the completed question must hold.
LEANING = [
    ([LEAVE], "and after ten years?", ["annual leave", "ten years"]),
    ([LEAVE], "And after 10 years?", ["annual leave", "10 years"]),
    ([LEAVE], "What about part-time staff?", ["annual leave", "part-time staff"]),
    ([LEAVE], "how about managers", ["annual leave", "managers"]),
    ([LEAVE], "For interns?", ["annual leave", "interns"]),
    ([LEAVE], "Why?", ["annual leave"]),
    ([LEAVE], "Does it expire?", ["annual leave", "expire"]),
    ([LEAVE], "When do they have to be taken?", ["annual leave", "taken"]),
    ([LEAVE], "Can they be carried over to the next year?", ["annual leave", "carried over"]),
    ([VPC], "How do I create one?", ["virtual private cloud", "create"]),
    ([VPC], "How does it work?", ["virtual private cloud", "work"]),
    ([VPC], "What are its limits?", ["virtual private cloud", "limits"]),
    ([VPC], "and the price?", ["virtual private cloud", "price"]),
    ([VPC], "Is it available in Germany?", ["virtual private cloud", "Germany"]),
    ([VPC], "What does that mean?", ["virtual private cloud"]),
    ([SHIFT], "What benefits does it offer?", ["Red Hat OpenShift", "benefits"]),
    ([SHIFT], "Who uses this?", ["Red Hat OpenShift", "uses"]),
    ([SHIFT], "And in the public sector?", ["Red Hat OpenShift", "public sector"]),
    ([SHIFT], "Tell me more", ["Red Hat OpenShift"]),
    ([BILLING], "How can I avoid it?", ["balance billing", "avoid"]),
    ([BILLING], "Under the Plus plan?", ["balance billing", "Plus"]),
    ([BILLING], "Who is affected by this?", ["balance billing", "affected"]),
    ([BILLING], "But what about out-of-network providers?", ["balance billing", "out-of-network"]),
    ([REFUND], "After 30 days?", ["return a laptop", "30 days"]),
    ([REFUND], "Without a receipt?", ["return a laptop", "receipt"]),
    ([REFUND], "Who pays for that?", ["laptop", "pays"]),
    ([VPC, "How does it work?"], "And why is it needed?", ["virtual private cloud", "needed"]),
    ([LEAVE, "and after ten years?"], "And after twenty years?", ["annual leave", "twenty years"]),
    ([TRIAL], "那经理呢？", ["试用期", "经理"]),
    ([TRIAL], "三年的合同呢？", ["试用期", "三年", "合同"]),
    ([TRIAL], "它的工资怎么算？", ["试用期", "工资"]),
    ([TRIAL], "为什么？", ["试用期"]),
    ([HOLIDAY], "那十年呢？", ["十年", "年休假"]),
    ([HOLIDAY], "满二十年呢？", ["二十年", "年休假"]),
    ([HOLIDAY], "那实习生呢", ["实习生", "年休假"]),
    ([HOLIDAY], "这些假期可以跨年吗？", ["年休假", "跨年"]),
    ([HOLIDAY], "如果是兼职员工呢？", ["兼职员工", "年休假"]),
    ([MATERNITY], "难产呢？", ["产假", "难产"]),
    ([MATERNITY], "如果流产的话呢？", ["产假", "流产"]),
    ([MATERNITY], "这期间工资照发吗？", ["产假", "工资"]),
    ([MATERNITY], "怎么申请？", ["产假", "申请"]),
    ([INVOICE], "为什么？", ["发票", "报销"]),
    ([INVOICE], "那电子发票呢？", ["电子发票", "报销"]),
    ([INVOICE], "这种情况怎么办？", ["发票"]),
    ([COMPANY], "它在哪里注册？", ["华夏娱乐有限公司", "注册"]),
    ([COMPANY], "该公司的主要业务是什么？", ["华夏娱乐有限公司", "主要业务"]),
    ([COMPANY], "总部呢？", ["华夏娱乐有限公司", "总部"]),
]

# These stand by themselves, whatever was asked before.
WHOLE = [
    *((LEAVE, question) for question in [VPC, SHIFT, BILLING, REFUND]),
    (LEAVE, "What is balance billing and how does the plan protect against it?"),
    (LEAVE, "Is it possible to dispute IRS underpayment penalties?"),
    (LEAVE, "What are the steps that employees have to take before parental leave?"),
    (LEAVE, "Does the insurance that Contoso offers cover dental care?"),
    (LEAVE, "Who wrote the novel Pride and Prejudice?"),
    (LEAVE, "Pride and Prejudice author"),
    (LEAVE, "data isolation"),
    (LEAVE, "What was the revenue this year?"),
    (LEAVE, "What does this document say about overtime?"),
    (LEAVE, "How long does it take to process a refund?"),
    (LEAVE, "Can one person hold two policies?"),
    (LEAVE, "In which year was the company founded?"),
    (LEAVE, "After how many days does a password expire?"),
    (LEAVE, "And what is the notice period for managers?"),
    (LEAVE, "When employees leave, do they have to return their laptops?"),
    (LEAVE, "What is the policy for working from home?"),
    (LEAVE, "Which of the two plans covers vision and dental?"),
    (LEAVE, "What happens to unused vacation days when an employee retires and how are they paid?"),
    (HOLIDAY, TRIAL),
    (HOLIDAY, INVOICE),
    (HOLIDAY, COMPANY),
    (HOLIDAY, "其他公司的年假有多少天？"),
    (HOLIDAY, "应该怎么申请加班费？"),
    (HOLIDAY, "离职时公司已安排的年假多于折算天数，能扣回来吗？"),
    (HOLIDAY, "尤其是夜班的津贴标准是多少？"),
    (HOLIDAY, "会计年度从哪天到哪天？"),
    (HOLIDAY, "这一年公司的营业收入是多少？"),
    (HOLIDAY, "竞业限制期限最长多久？"),
    (HOLIDAY, "《战国无双3》是由哪两个公司合作开发的？"),
    (HOLIDAY, "妇女节放几天假？遇到周末补假吗？"),
    (HOLIDAY, "春节法定放假几天？"),
    (HOLIDAY, "法定节假日全年一共多少天？不同文件说法一致吗？"),
    (HOLIDAY, "报销时电子发票和纸质发票效力一样吗？"),
]


@pytest.mark.parametrize(("before", "question", "words"), LEANING, ids=lambda value: str(value)[:40])
def test_a_leaning_question_is_completed(before: list[str], question: str, words: list[str]) -> None:
    completed = standalone(question, before)
    assert [word for word in words if word not in completed] == [], completed


@pytest.mark.parametrize(("before", "question"), WHOLE)
def test_a_whole_question_stays_as_it_is(before: str, question: str) -> None:
    assert standalone(question, [before]) == question


@pytest.mark.parametrize(("_before", "question", "_words"), LEANING, ids=lambda value: str(value)[:40])
def test_the_first_question_stays_as_it_is(_before: list[str], question: str, _words: list[str]) -> None:
    assert standalone(question, []) == question


def test_an_amount_takes_the_place_of_the_one_before() -> None:
    assert standalone("and after ten years?", [LEAVE]) == LEAVE.replace("one year", "ten years")
    assert standalone("那十年呢？", [HOLIDAY]) == HOLIDAY.replace("一年", "十年")
