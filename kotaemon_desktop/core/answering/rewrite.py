"""Completes a question that leans on the conversation, by rule: "and after ten years?" is no query by itself.

Rules err on the side of leaving a question as it is: what stands by itself must never be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kotaemon_desktop.core.text.language import language
from kotaemon_desktop.core.text.words import function_words, telling_tokens

_AROUND = " \t\r\n.,!?;:…，。！？；：、"

# --- English ---

_LEAD_IN = re.compile(
    r"^(?:(?:and|but|or|so|also|ok(?:ay)?|well|then|now|sorry|thanks|thank you|i see|got it)\b[\s,.]*)+", re.IGNORECASE
)
_WHAT_ABOUT = re.compile(r"^(?:what|how) about\b\s*|^(?:what|how) if it(?:'s| is)\b\s*", re.IGNORECASE)
# Words that stand for what was spoken of before. "it" and "that" have other uses too, which are taken out first.
_STANDS_FOR = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|these|those|this|that|such|"
    r"the (?:former|latter|others|(?:same|other|first|second|last) ones?)|"
    r"ones?(?=\s*$| (?:for|in|on|with|to|by|from)\b)|both|either|neither)\b",
    re.IGNORECASE,
)
_STANDS_FOR_NOTHING = re.compile(
    r"\b(?:is|was|will|would|does|might|may|can|could) it (?:be |take |make sense |cost )?"
    r"(?:possible|necessary|ok(?:ay)?|true|safe|legal|allowed|better|worth|important|required|to|for)\b"
    r"|\b(?:is|was) it called when\b|\bit (?:is|was|takes?|costs?|makes? sense) (?:\w+ ){0,2}(?:to|that|for)\b"
    r"|\b(?:this|these) (?:year|month|week|quarter|documents?|files?|reports?|morning|time)\b"
    r"|\b(?:no|every|any|some|each) ?one\b"
    r"|\w+-one\b|\bboth \w+ and\b|\beither \w+ or\b|\bneither \w+ nor\b|\bsuch as\b"
    r"|\bhis or her\b|\bhe or she\b",
    re.IGNORECASE,
)
# "that" stands for something at the end, after a preposition or before "mean"; elsewhere it joins clauses.
_JOINING_THAT = re.compile(
    r"(?<!about )(?<!after )(?<!before )(?<!for )(?<!of )(?<!with )(?<!like )(?<!does )(?<!is )(?<!do )\bthat\b"
    r"(?!\s*$)(?!'s\b)(?! (?:mean|work|apply|happen|include|cover|cost)\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\w (?:and|but|or|if|when|because|while|after|before) |, ")
_PREPOSITION = re.compile(
    r"^(?:after|before|for|in|on|at|with|without|during|from|under|over|within|until|by|to|of|about|if|when|since|"
    r"except|unless|outside|beyond|between|among|as)\b",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"^(?:why|how|when|where|who|whom|whose|which|what|how (?:much|many|long|often|far|old|soon)|since when|"
    r"until when|for how long|by when|why not|why so|how so|how come|such as|like what|which ones?|says who|"
    r"in what way|to what extent|on what basis|anything else|what else|who else|where else|is there more|"
    r"tell me more|more details?|(?:can you |please )?(?:explain|elaborate|give (?:me )?an example|for example))"
    r"(?: please)?$",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|am|be|been|do|does|did|can|could|shall|should|will|would|may|might|must|has|have|had|"
    r"get|gets|apply|applies|need|needs|happen|happens|work|works|mean|means)\b|n't\b",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"^(?:please |can you |could you |tell me |explain |describe |i want to know |do you know |i mean )*"
    r"(?:(?:what|who|which|where|when|why|how)(?: (?:much|many|long|often|far|old))?(?:'s| is| are| was| were| do| does"
    r"| did| can| could| should| will| would| may| must| has| have| had)? ?(?:i|we|you|one|there)?\b ?"
    r"|(?:is|are|was|were|do|does|did|can|could|should|will|would|may|must|has|have|had) "
    r"(?:(?:i|we|you|one|there)\b ?)?)?"
    r"(?:the |a |an )?",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\? \(|\)")  # where a question was itself completed
_MOST_TOPIC_WORDS = 14
_MOST_FRAGMENT_WORDS = 7

# --- Chinese ---

_CHINESE_LEAD_IN = re.compile(r"^(?:(?:那么|那|还有|另外|此外|再者|而且|而|但是|但|好的|嗯|谢谢|请问|对了)[，,、\s]*)+")
_CHINESE_ABOUT = re.compile(
    r"^(?:如果是|要是|如果|假如|换成|换了|对于|关于|对|至于)?(?P<about>.{1,16}?)(?:的话|的?情况|的时候)?(?:呢|又如何|又怎么样)$"
)
_CHINESE_ASKS = re.compile(r"什么|多少|多[长久大高远]|几|哪|谁|怎|如何|为何|是否|吗|能否|可否|[是能会有可要]不|有没有")
_CHINESE_STANDS_FOR = re.compile(
    r"它们?|(?<!其)他们?(?!人)|她们?|(?<![”」》』])这(?!年|一年|是不是)(?:个|些|种|项|类|条|样|份|家|次|里|期间|部分)?"
    r"|那(?:个|些|种|项|类|条|样|份|家|次|里|期间)|(?<!应)该(?:公司|法|规定|制度|办法|条例|计划|产品|项目|文件|合同|假期|员工|人员|政策|方案)"
    r"|上述|前者|后者|(?<![尤极与耳])其(?![他中实它余次])|此(?:时|外|规定|类|种|事|假)|同样的"
)
_CHINESE_ALONE = re.compile(
    r"(?:为什么|为何|怎么办|怎么算|怎么申请|怎么做|如何申请|如何计算|多久|多长时间|多少钱?|几天|几年|什么时候|何时|谁|在哪里?|哪里|哪些|"
    r"有哪些|例如|比如|举个例子|还有吗|还有呢|还有别的吗|详细说说|具体呢|具体一点|是谁|依据是什么|有例外吗|有什么例外|然后呢|真的吗)"
)
_CHINESE_FRAME = re.compile(
    r"^(?:请问|请|我想知道|告诉我|介绍一下|解释一下|什么是|谁是|为什么|怎么|怎样|如何|能不能|可以)+"
    r"|(?:是什么|是多少|是谁|有哪些|怎么样|怎么办|怎么算|吗|呢)$"
)
_MOST_CHINESE_TOPIC = 40

_NUMBER = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万半]+)"
_CHINESE_AMOUNT = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>个?月|年|天|日|周|小时|岁|元|人|次|倍|%|级)")
_NUMBER_WORDS = (
    r"\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred"
)
_AMOUNT = re.compile(
    rf"\b(?P<number>{_NUMBER_WORDS})[ -]?"
    r"(?P<unit>years?|months?|weeks?|days?|hours?|minutes?|percent|%|dollars?|people)",
    re.IGNORECASE,
)


def standalone(question: str, before: Iterable[str]) -> str:
    """Return ``question`` with what it leaves unsaid, or as it is when it stands by itself.

    ``before`` are the earlier questions of the conversation in order, as they were asked.
    """
    spoken_of = ""
    for earlier in before:
        spoken_of = _completed(earlier, spoken_of)
    return _completed(question, spoken_of)


def _completed(question: str, spoken_of: str) -> str:
    """Return ``question`` completed from ``spoken_of``, the complete question before it (empty: there is none)."""
    if not spoken_of:
        return question
    if language(question) == "zh":
        return _chinese(question, spoken_of)
    return _english(question, spoken_of)


def _english(question: str, spoken_of: str) -> str:
    bare = question.strip(_AROUND)
    said = _LEAD_IN.sub("", bare)
    about = _WHAT_ABOUT.sub("", said)
    led_in = said != bare or about != said
    if _is_fragment(about, led_in=led_in):
        return _with_amount(about, spoken_of, _AMOUNT) or f"{_topic(spoken_of)}: {about}?"
    if _leans(said) or _QUESTION_WORD.match(said):
        return f"{said}? ({_topic(spoken_of)})"
    return question


def _is_fragment(text: str, *, led_in: bool) -> bool:
    """Tell whether ``text`` says only what is different from the question before: "after ten years"."""
    if not text or len(text.split()) > _MOST_FRAGMENT_WORDS or _VERB.search(text):
        return False
    return led_in or _PREPOSITION.match(text) is not None


def _leans(question: str) -> bool:
    """Tell whether a word stands for something that the question has not named before it."""
    plain = _JOINING_THAT.sub("", _STANDS_FOR_NOTHING.sub("", question))
    first = _STANDS_FOR.search(plain)
    if first is None:
        return False
    named = plain[: first.start()]
    return not _names_something(named, enough=1 if _CLAUSE.search(named) else 2)


def _names_something(text: str, enough: int = 2) -> bool:
    """Tell whether ``text`` holds ``enough`` words that are not for asking: what a word after it may stand for.

    A single one may be the verb ("how can I download them"), unless a clause has ended since.
    """
    return len(set(telling_tokens(_CHINESE_ASKS.sub(" ", text))) - function_words()) >= enough


def _topic(question: str) -> str:
    """Return what an English or Chinese question is about: without the words that ask."""
    bare = question.strip(_AROUND)
    if language(bare) == "zh":
        return (_CHINESE_FRAME.sub("", bare) or bare)[-_MOST_CHINESE_TOPIC:]
    words = _ADDED.sub(" ", _FRAME.sub("", _LEAD_IN.sub("", bare)) or bare).split()
    return " ".join(words[:_MOST_TOPIC_WORDS])


def _chinese(question: str, spoken_of: str) -> str:
    bare = question.strip(_AROUND)
    said = _CHINESE_LEAD_IN.sub("", bare)
    about = _CHINESE_ABOUT.match(said)
    if about is not None and not _CHINESE_ASKS.search(about["about"]):
        words = about["about"].strip(_AROUND)
        return _with_amount(words, spoken_of, _CHINESE_AMOUNT) or f"{words}：{spoken_of.strip(_AROUND)}？"
    leans = _CHINESE_STANDS_FOR.search(said)
    if (leans and not _names_something(said[: leans.start()])) or _CHINESE_ALONE.fullmatch(said):
        return f"{said}？（{_topic(spoken_of)}）"
    return question


def _with_amount(fragment: str, spoken_of: str, amount: re.Pattern[str]) -> str:
    """Return ``spoken_of`` with its amount replaced by that of ``fragment``; empty when their units do not meet."""
    new = amount.search(fragment)
    if new is None:
        return ""
    for old in amount.finditer(spoken_of):
        if old["unit"].lower().rstrip("s") == new["unit"].lower().rstrip("s"):
            return spoken_of[: old.start()] + new.group() + spoken_of[old.end() :]
    return ""
