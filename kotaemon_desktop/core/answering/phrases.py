"""What people say that is not about their documents, as whole-sentence patterns, and what is answered to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

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


def _rule(name: str, route: str, english: str, chinese: str, *patterns: str) -> Rule:
    return Rule(name, route, re.compile(rf"(?:{'|'.join(patterns)})", re.IGNORECASE), english, chinese)


# Parts of the patterns. "Documents" are the program's, so nothing a manual or a contract could speak of is here.
_END = r"(?:,? (?:there|kotaemon|everyone|all|again|friend|you))?"
_HOW = r"how (?:do|can|would|should) (?:i|you|we) "
_HOW_ZH = "(?:我)?(?:怎么|如何|怎样|怎么样)(?:才能|可以)?"
_FILES = r"(?:(?:a|an|my|some|more|new|the|word|pdf) )*(?:documents?|files?|pdfs?|folders?)"
_FILES_ZH = "(?:我的|新)?(?:文档|文件|文件夹|资料|PDF|pdf)"
_APP = "app|application|program|software|library|tool"
_ASKS_WHETHER = r"(?:can|could|may) (?:i|we|you|u) "
_YOU = "(?:你|您|Kotaemon(?: Desktop)?|(?:这|本)(?:个)?(?:软件|程序|应用|工具))"
_THANKS = r"(?:thanks|thank you|thx|cheers|much appreciated)(?: (?:a lot|so much|very much|again))?"
_PRAISE = r"(?:ok(?:ay)?|great|perfect|awesome|nice|cool|excellent|wonderful|alright|all right)"
_THANKS_ZH = "(?:非常|十分|太)?(?:多谢|谢谢|感谢|谢)(?:你|您)?(?:的(?:帮助|回答))?(?:啦|了)?"
_PRAISE_ZH = "(?:太好了|太棒了|真棒|你真棒|很好|很有用|回答得很好|真不错|厉害)"

RULES = (
    _rule(
        "greeting",
        SMALL_TALK,
        "Hello! Ask me about your documents: I answer with the pages that the answer rests on.",
        "你好！请就您的文档提问：我会给出答案，并指明答案所依据的页面。",
        rf"(?:(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)){_END}[ ,!.]*){{1,2}}"
        r"(?:how are you(?: doing)?(?: today)?|how's it going|nice to (?:meet|see) you|good to see you(?: again)?)?",
        r"how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what's up|nice to meet you",
        r"(?:are you|is anyone|anyone|anybody) (?:there|here)",
        "(?:嗨|哈喽|(?:你|您|大家)好|早上好|下午好|晚上好|早安|午安)[啊呀吗嘛]?"
        "(?:[，, ]*(?:(?:你|您|大家)好[啊呀吗]?|很高兴认识你|最近怎么样))?",
        r"good mornin|(?:what's|whats|how's|how is) (?:new|your day)(?: going)?|long time no see|i'm back",
        r"nice day(?: today)?",
        "在吗|在不在|有人吗|(?:你|您)?(?:最近|今天)(?:怎么样|好吗|心情(?:怎么样|好吗))|吃了吗|好久不见",
        "我(?:又)?(?:来|回来)了",
    ),
    _rule(
        "thanks",
        SMALL_TALK,
        "You are welcome.",
        "不客气。",
        rf"(?:{_PRAISE}[ ,!.]*)?{_THANKS}(?:[ ,.!]*(?:that|this) (?:helps|helped|was helpful|was useful))?",
        r"(?:that|this) (?:helps|helped|was (?:(?:very|really|so) )?(?:helpful|useful|great|perfect))",
        rf"(?:好的?|太好了|太棒了|不用了|没事了|就这些|行)?[，,。！! ]*{_THANKS_ZH}(?:[，, ]*{_PRAISE_ZH})?",
        r"辛苦(?:你|您)?了",
    ),
    _rule(
        "agreement",
        SMALL_TALK,
        "All right. Ask whenever you like.",
        "好的，随时可以继续提问。",
        rf"(?:{_PRAISE}[ ,!.]*)?(?:i see|got it|understood|makes sense|never ?mind|that's all|"
        rf"that is all)(?: for now)?",
        rf"{_PRAISE}(?: (?:answer|job|work|stuff))?|good (?:job|answer|work|bot)|well done|exactly|right|correct|true",
        r"you(?:'re| are) (?:(?:so|very|really) )?(?:great|awesome|the best|smart|funny|helpful|wrong|right|"
        r"welcome|kind)",
        r"(?:that's|that is|it's) (?:(?:so|very|really) )?(?:funny|great|nice|good|ok|okay|fine|cool|right|wrong|"
        r"it|all)",
        r"i(?:'m| am) (?:(?:so|very|really) )?(?:tired|bored|sad|happy|hungry|sick|stressed|confused|fine|good|"
        r"ok|okay|sorry)",
        r"my bad|my mistake|oops|wow|hm+|uh+|um+|ah+|oh+|yup|nah|k|kk|np|no (?:problem|worries)|please|wait",
        r"hold on|just (?:testing|kidding)",
        r"yes|yeah|yep|no|nope|sure|lol|lmao|(?:ha){2,}|i (?:love|like) (?:you|it|this)|sorry",
        r"test(?:ing)?(?: 1,? 2,? 3)?",
        "我(?:好|很|太|有点)?(?:累|困|无聊|难过|开心|高兴|饿|烦)(?:了|啊|呀)*|打错了|发错了|等一下|稍等|没问题",
        "没关系|不会吧|哇|哎(?:呀|哟)?",
        "(?:真|好|太)?(?:有意思|好笑|搞笑|厉害|聪明|不错)(?:了|啊|呀)?",
        "(?:帮(?:了)?大忙(?:了)?|有帮助|收到|对(?:的|吧)?|没错|原来如此|这样啊)",
        "(?:好的?|行|可以|嗯+|哦+)?[，, ]*(?:知道了|明白了?|了解了?|懂了)|好的?|行|可以|嗯+|哦+|是的?|不是|不",
        f"{_PRAISE_ZH}|没事了?|不用了|就这些(?:了)?|哈{{2,}}|我(?:爱|喜欢)你|对不起|抱歉|不好意思|测试(?:一下)?",
    ),
    _rule(
        "farewell",
        SMALL_TALK,
        "Goodbye. Your documents stay here, on this machine.",
        "再见。您的文档都保存在这台电脑上。",
        r"(?:good)?bye(?:[ -]?bye)?|see you(?: (?:later|soon|tomorrow|next time))?|good night|take care",
        r"have a (?:nice|good|great) (?:day|evening|weekend|one)",
        r"(?:talk|speak|catch) (?:to )?you (?:later|soon|tomorrow)|later|cya|gotta go|i have to go|for now",
        r"until next time",
        "我(?:先)?(?:走|下|撤)(?:班)?了|下班了|改天(?:再)?(?:聊|见)|再聊|回聊|再见|拜拜|晚安|(?:回头|明天|下次)见",
        "祝(?:你|您)?(?:今天)?(?:愉快|顺利|周末愉快)",
    ),
    _rule(
        "jokes",
        SMALL_TALK,
        "I know no jokes, only your documents. Ask me about them.",
        "我不会讲笑话，只了解您的文档。请就文档提问吧。",
        r"(?:please )?(?:tell|know)(?: me)? (?:a|another|any) (?:joke|story)s?|sing (?:me )?a song",
        "(?:给我)?(?:讲|说)(?:一)?个(?:笑话|故事)(?:吧)?|唱(?:一)?首歌(?:吧)?",
    ),
    _rule(
        "identity",
        PROGRAM,
        "I am Kotaemon Desktop. I answer questions from your own documents, on this machine, and show the page that "
        "each answer rests on. Nothing leaves this computer.",
        "我是 Kotaemon Desktop。我在这台电脑上根据您自己的文档回答问题，并指明每个答案所依据的页面。"
        "任何内容都不会离开本机。",
        r"who (?:are|r) (?:you|u)|who (?:made|created|built|wrote|developed) (?:you|this (?:program|app|application))",
        r"what(?: are|'s| is) (?:you|your name|kotaemon(?: desktop)?|this (?:program|app|application))",
        r"are you (?:a |an )?(?:robot|bot|ai|human|chatgpt|real(?: person)?)|introduce yourself|tell me about yourself",
        "(?:你|您)是(?:谁|什么|哪位|什么(?:程序|软件|东西))|(?:你|您)叫什么(?:名字)?|这是(?:个)?什么(?:软件|程序|应用)",
        "谁(?:开发|制作|创造|设计)了(?:你|您|这个(?:软件|程序))|(?:你|您)是谁(?:做|开发|制作)的",
        "(?:你|您)是(?:不是)?(?:一个)?(?:机器人|人工智能|AI|真人|ChatGPT)(?:吗)?",
        "介绍一下(?:你|您)自己|自我介绍(?:一下)?|Kotaemon(?: Desktop)?是(?:什么|啥)",
    ),
    _rule(
        "how to use",
        PROGRAM,
        "Drop files or folders on the window: PDF, Word, PowerPoint, Excel, HTML, e-mail, EPUB, Markdown or text. Then "
        "ask in English or Chinese; each answer carries numbers that open the page it rests on.",
        "把文件或文件夹拖到窗口上即可导入（PDF、Word、PowerPoint、Excel、HTML、邮件、EPUB、Markdown、纯文本）。"
        "然后用中文或英文提问；答案中的编号可以打开它所依据的页面。",
        r"help(?: me)?(?: (?:get started|please))?",
        r"what (?:can|do) (?:you|i) (?:do|ask)(?: (?:you|here|with (?:you|this)))?",
        rf"{_HOW}(?:use|start(?: with)?) (?:you|this|it|kotaemon(?: desktop)?|this (?:program|app))",
        r"how (?:does|do) (?:this|it|you) work",
        rf"{_HOW}(?:import|add|upload|load|open) {_FILES}(?: (?:in)?to (?:this|the) (?:{_APP}))?",
        rf"{_ASKS_WHETHER}(?:import|add|upload|drop) {_FILES}(?: at once)?",
        r"(?:what|which) (?:file )?(?:types|formats|kinds of files) (?:do|can) you (?:support|read|open|import)",
        r"(?:do|can) you (?:support|read|open|import|understand) (?:word|excel|powerpoint|pdf|scanned|html|epub|"
        r"markdown|text)"
        r"(?: (?:documents?|files?|pdfs?))?(?: files)?",
        f"{_YOU}?(?:能|会|可以)(?:帮我)?(?:做|干)?(?:些)?(?:什么|啥)|我(?:能|可以)(?:问|做)(?:你|您)?(?:些)?什么",
        f"{_HOW_ZH}(?:使用|用){_YOU}?|{_YOU}(?:该)?(?:怎么|如何)(?:使用|用|工作)|(?:你|您)是(?:怎么|如何)工作的",
        f"{_HOW_ZH}(?:导入|添加|上传|打开|加入){_FILES_ZH}|帮助|(?:请)?帮(?:帮|助)我|新手(?:入门|指南)",
        f"{_YOU}?(?:都)?支持(?:哪些|什么)(?:文件)?(?:格式|类型)(?:的文件)?|{_YOU}?(?:能|可以|会|支持)(?:不能)?"
        "(?:读取?|打开|导入|识别|看)?(?:Word|Excel|PPT|PDF|扫描件|网页|图片)(?:文档|文件)?(?:吗)?",
    ),
    _rule(
        "privacy",
        PROGRAM,
        "Everything stays on this computer and works without the internet. The only thing ever fetched is a model that "
        "you ask for. Your documents stay where they are; what the program knows of them is in its data folder "
        "(see the settings).",
        "一切都在本机完成，无需联网；只有您主动要求时才会下载模型。文档留在原处，"
        "程序的索引保存在数据文件夹中（位置见设置）。",
        r"(?:do|does|will) (?:you|anything|my data|my documents|this (?:program|app)) (?:ever )?(?:send|leave|"
        r"share|upload)"
        r"(?: my (?:data|documents|files))?(?: (?:anywhere|my (?:computer|machine)|to the cloud))?",
        r"(?:is|are) my (?:data|documents|files) (?:private|safe|secure)",
        r"(?:can|do) (?:you|others) see my (?:data|documents|files)",
        r"(?:do|does|will|is|are) my (?:data|documents|files) (?:ever )?(?:get |be )?(?:sent|uploaded|shared|"
        r"leave|stay)"
        r"(?: (?:anywhere|online|on (?:my|this) (?:computer|machine)|(?:my|this) (?:computer|machine)|"
        r"(?:in)?to the (?:cloud|internet)))?",
        r"(?:do|can|does|will) (?:you|this|it) (?:work|run)(?: (?:offline|without (?:the |"
        r"an )?internet(?: connection)?))",
        r"do (?:you|i) need (?:the internet|an internet connection)",
        r"where (?:are|is) my (?:documents|files|data) (?:stored|kept|saved)(?: on (?:this|my) (?:computer|machine))?",
        r"where do you (?:keep|store|save) my (?:data|documents|files)",
        "(?:会不会|会)?(?:泄露|上传)我的(?:数据|文档|文件|资料)(?:吗)?",
        "我的(?:数据|文档|文件|资料)(?:会(?:被)?(?:上传|泄露|发送)(?:到(?:网上|云端|服务器))?|安全)吗",
        f"{_YOU}?(?:可以|能)离线(?:使用|工作|运行)吗|{_YOU}?需要(?:联网|网络|上网)吗",
        "我的(?:数据|文档|文件|资料)(?:都)?(?:存|保存|放)在(?:电脑(?:的|上)?)?(?:哪里|哪儿|哪个(?:位置|地方|"
        "文件夹)|哪|什么地方)",
    ),
    _rule(
        "settings",
        PROGRAM,
        "All of that is in the window: documents in the library on the left, conversations and their export above the "
        "chat, language, theme, models and backups in the menu. The settings explain each choice, F1 lists all keys.",
        "都可以在窗口中完成：文档在左侧的文档库；对话及其导出在聊天上方；语言、主题、模型和备份在菜单里。"
        "设置页说明每一项，按 F1 可查看所有快捷键。",
        rf"{_HOW}(?:delete|remove) {_FILES}(?: (?:from (?:this|the) (?:{_APP})|(?:that )?i (?:added|uploaded|"
        rf"imported)))?",
        rf"{_HOW}(?:change|switch|set) (?:the )?(?:language|theme)",
        rf"{_HOW}(?:switch to|use|enable) (?:the )?(?:dark|light) (?:mode|theme)",
        rf"{_HOW}(?:install|download|add|change) (?:a |the |another )?(?:language )?models?",
        rf"{_HOW}(?:make|create) a backup",
        rf"(?:{_HOW}|how to )(?:export|start|open|delete|rename|search|save) (?:a |the |"
        rf"my )?(?:new )?(?:conversations?|chats?)",
        f"{_HOW_ZH}(?:删除|移除)(?:一个)?{_FILES_ZH}|{_HOW_ZH}(?:切换|更改|修改|设置)(?:界面)?(?:语言|主题)",
        f"{_HOW_ZH}(?:换成|切换到|使用)?(?:深色|浅色)(?:主题|模式)|{_HOW_ZH}(?:安装|下载|添加|更换)(?:语言)?模型",
        f"{_HOW_ZH}备份",
        f"{_HOW_ZH}(?:导出|新建|删除|搜索|重命名)(?:一个)?(?:对话|会话)",
    ),
    _rule(
        "about",
        PROGRAM,
        "The panel at the bottom right shows which model runs, on which processor, and how much memory each part holds "
        "until when. Without a language model I quote your documents. I understand English and Chinese. The program is "
        "free (Apache-2.0); its version is under Help.",
        "右下角的面板显示正在运行的模型、所用的处理器，以及各部分占用的内存和释放时间。没有语言模型时，我直接引用文档原文。"
        "我支持中文和英文。本程序免费（Apache-2.0），版本号见“帮助”菜单。",
        r"(?:what|which) (?:language )?model (?:do you use|are you(?: using)?)",
        r"(?:what|which) version (?:is this|are you)",
        r"(?:do|can|could) (?:you|u) (?:speak|understand|write|read|answer(?: in)?) (?:chinese|english)",
        r"(?:do|can) (?:you|u) (?:remember (?:me|this|that|everything|what (?:i|we) (?:asked|said|"
        r"talked about)(?: (?:before|earlier))?)|learn|think|sleep|feel|lie)",
        "(?:你|您)?(?:还)?记得(?:我们?)?(?:之前|刚才|上次)?(?:聊|说|问)过(?:什么|的)?(?:吗)?",
        r"(?:what|which) languages do you (?:speak|understand|support)",
        r"how much memory do you (?:use|need)|why are you (?:so )?slow",
        r"(?:is|are) (?:this|you|this program|kotaemon) free",
        "(?:你|您)(?:现在)?(?:用|使用)的是(?:什么|哪个)模型|(?:现在|这|你)是(?:哪个|什么)版本",
        f"(?:你|您)(?:会|能)(?:说|讲|懂)(?:英语|英文|中文)吗|{_YOU}支持(?:哪些|什么)语言",
        f"{_YOU}(?:占用|使用|需要)(?:了)?多少内存|(?:你)?为什么(?:你)?(?:这么|那么)慢|{_YOU}(?:是)?免费(?:的)?吗",
    ),
)
