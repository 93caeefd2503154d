"""Decides what a question needs before anything wakes: the documents, or only a word about the program."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.text.language import language

DOCUMENTS = "documents"
SMALL_TALK = "small_talk"
PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Rule:
    """A way that needs no documents: the whole question has to match ``pattern``."""

    name: str
    route: str
    pattern: re.Pattern[str]
    english: str
    chinese: str


def _whole(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})", re.IGNORECASE)


_ADDRESS = r"(?:\s+(?:there|kotaemon|everyone|all|again|friend))?"

_RULES = (
    Rule(
        "greeting",
        SMALL_TALK,
        _whole(
            rf"(?:hi|hello|hey|hiya|howdy|greetings){_ADDRESS}",
            rf"good (?:morning|afternoon|evening|day){_ADDRESS}",
            r"how are you(?: doing)?(?: today)?",
            r"(?:你|您|大家)好[啊呀吗]?",
            r"嗨|哈喽|早上好|下午好|晚上好|早安|在吗",
        ),
        "Hello! Ask me about your documents: I answer with the pages that the answer rests on.",
        "你好！请就您的文档提问：我会给出答案，并指明答案所依据的页面。",
    ),
    Rule(
        "thanks",
        SMALL_TALK,
        _whole(
            r"(?:(?:ok(?:ay)?|great|perfect)[ ,]*)?(?:thanks|thank you|thx|cheers)(?: (?:a lot|so much|very much))?",
            r"(?:ok(?:ay)?|great|perfect|nice|cool)",
            r"(?:好的?[，, ]*)?(?:多谢|谢谢|感谢)(?:你|您|啦|了)?|好的|明白了|知道了",
        ),
        "You are welcome.",
        "不客气。",
    ),
    Rule(
        "farewell",
        SMALL_TALK,
        _whole(r"(?:good)?bye(?: bye)?|see you(?: later)?|good night|再见|拜拜|晚安|回头见"),
        "Goodbye. Your documents stay here, on this machine.",
        "再见。您的文档都保存在这台电脑上。",
    ),
    Rule(
        "identity",
        PROGRAM,
        _whole(
            r"who (?:are|r) (?:you|u)",
            r"what(?: are|'s| is) (?:you|your name|kotaemon(?: desktop)?|this (?:program|app|application))",
            r"(?:你|您)是(?:谁|什么|哪位|什么(?:程序|软件|东西))|(?:你|您)叫什么(?:名字)?",
            r"介绍一下(?:你|您)自己|自我介绍(?:一下)?",
        ),
        "I am Kotaemon Desktop. I answer questions from your own documents, on this machine, and show the page that "
        "each answer rests on. Nothing leaves this computer.",
        "我是 Kotaemon Desktop。我在这台电脑上根据您自己的文档回答问题，并指明每个答案所依据的页面。"
        "任何内容都不会离开本机。",
    ),
    Rule(
        "how to use",
        PROGRAM,
        _whole(
            r"(?:help|help me|what can (?:you|i) do(?: here| with (?:you|this))?)",
            r"how (?:do|can) i (?:use (?:you|this|it)|(?:import|add) (?:a |some |my )?(?:documents?|files?|pdfs?))",
            r"how (?:does|do) (?:this|it|you) work",
            r"(?:你|您)(?:能|会|可以)(?:做|干|帮我做)?(?:些)?(?:什么|啥)|(?:怎么|如何)(?:使用|用)(?:你|这个(?:软件|程序))?",
            r"(?:怎么|如何|怎样)(?:导入|添加|上传)(?:文档|文件|资料)|帮助",
        ),
        "Drop files or folders on the window: PDF, Word, PowerPoint, Excel, HTML, e-mail, EPUB, Markdown or text. Then "
        "ask in English or Chinese; each answer carries numbers that open the page it rests on.",
        "把文件或文件夹拖到窗口上即可导入（PDF、Word、PowerPoint、Excel、HTML、邮件、EPUB、Markdown、纯文本）。"
        "然后用中文或英文提问；答案中的编号可以打开它所依据的页面。",
    ),
)
_AROUND = re.compile(r"^[\s,.!?;:~…，。！？；：～、“”\"']+|[\s,.!?;:~…，。！？；：～、“”\"']+$")
_POLITE = re.compile(r"^(?:please|请问|请)[\s,，]*|[\s,，]*(?:please)$", re.IGNORECASE)

_BY_RULE = N_("matches the rule “{rule}”")
_BY_DEFAULT = N_("anything else is asked of the documents")


@dataclass(frozen=True, slots=True)
class Route:
    """The way chosen, why, and the answer itself where no documents are needed (otherwise empty)."""

    name: str
    why: str
    answer: str = ""


def route(question: str) -> Route:
    """Return the way of ``question``. A rule must match all of it, so a greeting before a question wakes retrieval."""
    bare = _AROUND.sub("", question)
    bare = _AROUND.sub("", _POLITE.sub("", bare))
    for rule in _RULES:
        if rule.pattern.fullmatch(bare):
            answer = rule.chinese if language(question) == "zh" else rule.english
            return Route(rule.route, _(_BY_RULE).format(rule=rule.name), answer)
    return Route(DOCUMENTS, _(_BY_DEFAULT))
