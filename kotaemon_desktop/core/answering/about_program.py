"""The words of questions about the program itself, and what is answered to them."""

from __future__ import annotations

from kotaemon_desktop.core.answering.talk import Rule, Talk

# Parts of the lists. "this app" is Kotaemon, a manual would say "the app"; "this program" may also be a training.
_NAMED = "(kotaemon|kotaemon desktop|this app|this software|this assistant)"
_NAMED_ZH = "(这个软件|这软件|这款软件|本软件|这个程序|这程序|本程序|这个应用|这个工具)"
_SELF = f"(you|u|this program|this application|this tool|{_NAMED[1:]}"
_IT_ZH = "(你|您|kotaemon|这个软件|本软件|这个程序)"
_MINE = (
    "my (|own |uploaded |imported )(documents|document|docs|doc|files|file|data|pdfs|pdf|library|chats|chat|"
    "chat history|conversations|conversation)"
)
_MINE_ZH = "我的(文档|文件|资料|数据|聊天记录|聊天|对话|会话|文件夹|历史记录|隐私)"
_FILES = (
    "(document|documents|file|files|pdf|pdfs|folder|folders|a document|a file|a pdf|a folder|some documents|"
    "some files|my documents|my files|my pdfs|more documents|more files|new documents|new files|a new document|"
    "multiple files|a word document|an excel file|this file|these files|my pdf|my folder|a whole folder|"
    "an entire folder|whole folders|several documents|several files|many files|pdf files|a word file)"
)
_FILES_ZH = "(|一个|新|新的|多个|整个|我的|几个|更多|很多)(文档|文件|文件夹|资料|pdf|pdf文件|word文档)"
_CHATS = (
    "(chat|conversation|a chat|a conversation|the chat|the conversation|a new chat|a new conversation|new chat|"
    "my chats|an old chat|an old conversation|old conversations|my conversations|chats|conversations|chat history|"
    "this chat|this conversation|old chats)"
)

_RULES = (
    Rule(
        "privacy",
        "Everything stays on this computer and works without the internet. The only thing ever fetched is a model that "
        "you ask for. Your documents stay where they are; what the program knows of them is in its data folder "
        "(see the settings).",
        "一切都在本机完成，无需联网；只有您主动要求时才会下载模型。文档留在原处，"
        "程序的索引保存在数据文件夹中（位置见设置）。",
        "who has access to my data, "
        "who (can|could|may|will) (|also )(see|read|access) my (files|documents|data|"
        "chats|conversations), "
        "(see|look at|read|access|view) my (files|documents|data|chats|conversations), "
        "(leave|leaves|leaving) (my|this) (computer|machine|pc|laptop), "
        "(does|will) this (|app |program )work (offline|without (|the |an )internet)",
        "on (a|the) (plane|train), (|a |your )(server|servers), third parties, send, sends, sent, sending, "
        "share, shares, shared, sharing, leak, leaks, leaked, upload my, uploads, uploaded, (|the )cloud, online, "
        "offline, (|the )internet, wifi, wi fi, connection, the web, network, private, privacy, safe, secure, "
        "confidential, encrypt, encrypted, store, stores, stored, storing, save, saves, saved, keep, keeps, kept, "
        "located, spy, spying, track, tracking, telemetry, see my, look at my, others, other people, local, locally, "
        "collect, collects, collected, sell, phone home, leave, leaves, stay, stays, go, goes, going, train on, "
        "上传我的, 会上传, 上传到, 传到, 传给, 传上, 传, 网上, 云端, 云, 服务器, 联网, 网络, 上网, 网, 互联网, 断网, "
        "离线, 泄露, 泄漏, 外传, 外泄, 发送, 发给, 发到, 共享, 分享, 隐私, 安全, 安不安全, 没有网络, 没网络, 保密, "
        "加密, 存, 存储, 存在, 存到, 存放, 保存, 保存在, 放在, 放, 收集, 偷看, 偷, 别人, 有人, 没有人, 人能看, 监控, "
        "本地",
    ),
    Rule(
        "settings",
        "All of that is in the window: documents in the library on the left, conversations and their export above the "
        "chat, language, theme, models and backups in the menu. The settings explain each choice, F1 lists all keys.",
        "都可以在窗口中完成：文档在左侧的文档库；对话及其导出在聊天上方；语言、主题、模型和备份在菜单里。"
        "设置页说明每一项，按 F1 可查看所有快捷键。",
        f"(delete|remove|erase) {_FILES}(| from the library), "
        f"(start|open|create|begin|export|rename|delete|search|save|find|clear) {_CHATS}, "
        "how many (documents|files|pdfs) (are|are there|do i have|do you have|are in my library|have i|did i|"
        "have you), "
        "(which|what) (documents|files) (have i|did i|do i have|do you have|have you|are in my library|are loaded|"
        "are imported) (|added|add|imported|import|uploaded|upload|loaded), "
        "(dark|light|night) (mode|theme), "
        "(|the )(language of the interface|interface language|language of the menus), how do i remove documents, "
        "(install|download|add|change|switch|use|choose|switch to|change to|try|pick) (a|another|the|a different|"
        "a new|a language|other|a better|an onnx) (model|models|language model), "
        "(download|install) (|language )models, where (are|do i find|can i find|is) (the |)(settings|preferences), "
        "(open|change) (|the |my )settings, "
        "(delete|remove) (|the )(|uploaded |imported )(document|file|documents|files) i (uploaded|imported|added), "
        f"(删除|移除|删掉|删){_FILES_ZH}, 把(|上传的|导入的|已上传的|添加的)(文档|文件|资料)(删掉|删除|删了|移除), "
        "(新建|开始|开|打开|导出|删除|删掉|搜索|重命名|保存|清空|清除)(|一个|新|新的|一个新|一个新的|一段)(对话|"
        "会话|聊天|聊天记录|历史记录), "
        "(中文|英文|英语|简体|繁体)界面, 界面(语言|主题|颜色), "
        "(给|把)(对话|会话|聊天)(改名|重命名|改个名字|删掉|删了|导出), "
        "(深色|浅色|暗色|暗黑|夜间)(|的)(主题|模式|界面), "
        "(切换|更换|换|安装|下载|添加|换一个|用别的|换个)(|语言|大|别的|其他|一个)模型, "
        "设置(|页|页面|菜单)在(哪|哪里|哪儿|什么地方), 打开设置, 在哪(|里|儿)(|能|可以)(设置|改设置|找到设置)",
        "delete, remove, deleted, removed, clear, erase, erased, forget, wipe, change, switch, set, rename, export, "
        "exporting, exported, search, theme, font, (|the )font size, backup, back up, backups, restore, shortcuts, "
        "keyboard shortcuts, hotkeys, settings, preferences, menu, customize, configure, install, uninstall, "
        "download, downloaded, dark, how many, appearance, interface, list, show, 删除, 删掉, 删了, 删, 移除, 清空, "
        "清除, 切换, 更改, 修改, 换成, 换, 改成, 改, 设置, 主题, 深色, 浅色, 字体, 字号, 导出, 备份, 恢复, 还原, "
        "重命名, 快捷键, 新建, 安装, 下载, 卸载, 界面, 设成, 调成, 多少个, 多少份, 多少篇, 几个, 几份, 几篇, 列出, "
        "皮肤",
    ),
    Rule(
        "about",
        "The panel at the bottom right shows which model runs, on which processor, and how much memory each part holds "
        "until when. Without a language model I quote your documents. I understand English and Chinese. The program is "
        "free (Apache-2.0); its version is under Help.",
        "右下角的面板显示正在运行的模型、所用的处理器，以及各部分占用的内存和释放时间。没有语言模型时，我直接引用文档原文。"
        ""
        "我支持中文和英文。本程序免费（Apache-2.0），版本号见“帮助”菜单。",
        "(do|can) you (sleep|eat|dream|lie|learn|have feelings|feel anything), "
        "do you need (a|an|) (gpu|internet connection|network connection|graphics card), "
        "pay for (you|kotaemon|this app|this program|this software|this tool), "
        "your (version|model|language model|llm|developer|developers|features), "
        "(what did i|did i|have i) (ask|asked|say|said|already ask), 我(昨天|之前|刚才|上次)(|都)(问|说|聊)(了|过|), "
        "(what|which) version is this, is this (free|open source), "
        "why (is this|is it|are you|r u|so) (|so |this |very )slow, "
        "(现在|这|当前|目前)(|个)是(什么|哪个|哪一个|多少)版本, 为什么(这么|那么|如此)慢",
        "new in, bug, bugs, crash, crashed, crashes, crashing, freeze, freezes, frozen, developer, developers, "
        "feedback, mistake, mistakes, error, errors, cite, cites, your sources, source, sources, citation, "
        "citations, stupid, mobile, android, iphone, ipad, ios, phone, api, "
        "the (gpu|cpu|model|latest version|source code|version), "
        "our (chat|conversation|conversations|last conversation), last conversation, model, models, language model, "
        "llm, llms, gpu, cpu, graphics card, hardware, memory, ram, slow, fast, speed, faster, slower, version, "
        "free, cost, expensive, open source, speak, speaks, language, languages, english, chinese, german, french, "
        "spanish, italian, japanese, korean, russian, portuguese, arabic, hindi, dutch, mandarin, cantonese, "
        "remember, remembers, wrong, trust, accurate, reliable, hallucinate, make things up, update, updates, "
        "updated, upgrade, newer, latest, running, running on, run on, run, runs, mac, windows, linux, "
        "taking so long, take so long, 模型, 大模型, 语言模型, 显卡, 内存, 硬盘, 慢, 快, 卡, 速度, 版本, 新版本, "
        "最新版本, 最新版, 新功能, 崩溃, 闪退, 卡死, 报错, 卡顿, 出问题, 开发者, 官网, 反馈, 引用, 出处, 来源, 手机, "
        "安卓, 苹果, 鸿蒙, 新版, 免费, 收费, 要钱, 花钱, 付费, 多少钱, 开源, 许可证, 语言, 英语, 英文, 中文, 汉语, "
        "日语, 日文, 德语, 法语, 韩语, 西班牙语, 俄语, 粤语, 外语, 记得, 记住, 记得住, 记性, 忘, 学习, 思考, 睡觉, "
        "吃饭, 感情, 更新, 升级, 准确, 靠谱, 准吗, 出错, 可信, 运行, 反应, 几种语言",
    ),
    Rule(
        "how to use",
        "Drop files or folders on the window: PDF, Word, PowerPoint, Excel, HTML, e-mail, EPUB, Markdown or text. Then "
        "ask in English or Chinese; each answer carries numbers that open the page it rests on.",
        "把文件或文件夹拖到窗口上即可导入（PDF、Word、PowerPoint、Excel、HTML、邮件、EPUB、Markdown、纯文本）。"
        "然后用中文或英文提问；答案中的编号可以打开它所依据的页面。",
        f"help, get started, how (do|can|should) i (use|start with|start|get started with) (this|{_SELF[1:]}, "
        f"how (does|do) (this|{_SELF[1:]} work, "
        "what (can|does|could|will) (kotaemon|this app|this program|this software|this tool) do, "
        "(open|read) my (file|files|pdf|pdfs|document|documents), what should i ask, "
        "what (can|do|could) (you|u|i) (do|ask)(| here| for me| with this| with you| you), "
        "what are you (able to do|capable of|good at|for), how can (you|u) help, what is this for, "
        f"(import|add|upload|load|drop) {_FILES}(| at once| to the library| into the library), "
        f"(导入|添加|上传|加入|加|增加){_FILES_ZH}, "
        "(把|将)(文件|文档|资料|pdf)(加|导|放|拖|弄|传|上传|导入)(进来|进去|上去|到里面|), 怎么(用|使用|入门), "
        "如何(用|使用|入门), 帮助(|我), 帮帮我, 新手(入门|指南|教程), 使用教程, "
        "(我|)(可以|能|该|应该)问(|你|您)(|些)(什么|啥), 你有什么用, "
        "能(看|读|读取|打开|识别|导入)(word|excel|ppt|pdf|epub|图片|扫描件|网页|邮件|表格|扫描的pdf|markdown)(文件|"
        "文档|)",
        "import, imports, add, adds, read, reads, support, supports, supported, understand, understands, handle, "
        "handles, process, parse, formats, format, file types, file type, types, kinds, kind, word, excel, "
        "powerpoint, ppt, pptx, docx, xlsx, csv, html, epub, epubs, markdown, txt, text, scanned, scan, scans, "
        "images, image, pictures, picture, photos, handwriting, handwritten, email, emails, e mail, e mails, "
        "web pages, webpages, spreadsheets, slides, drop, drag, upload, help, ocr, translate, code, write code, "
        "draw, voice, summaries, limit, limits, maximum, max, size, large, big, tables, charts, capabilities, "
        "features, 导入, 添加, 加, 加入, 上传, 打开, 读, 读取, 读懂, 看懂, 看得懂, 能看, 识别, 支持, 格式, 类型, "
        "pdf, 扫描件, 扫描, 图片, 照片, 网页, 邮件, 电子书, 表格, 手写, 拖, 怎么用, 用法, 功能, 怎么工作, 如何工作, "
        "怎么使用, 如何使用, 能做, 会做, 能干, 会干, 做到, 能帮我, 会(|些|点)什么, 会啥, 手写的字, 打不开, 读不了, "
        "用不了, 导不进, 搜索, 查资料, 语音, 代码, 写代码, 画图, 多大, 上限, 限制, 最大, 最多, 翻译, 解析",
    ),
    Rule(
        "identity",
        "I am Kotaemon Desktop. I answer questions from your own documents, on this machine, and show the page that "
        "each answer rests on. Nothing leaves this computer.",
        "我是 Kotaemon Desktop。我在这台电脑上根据您自己的文档回答问题，并指明每个答案所依据的页面。"
        "任何内容都不会离开本机。",
        f"{_NAMED}, {_NAMED_ZH}, who (are|r) (you|u), (what|which) company (made|created|developed|built) (you|u), "
        "(are|were) you (made|created|built|developed) by, (what|whats) (are|r) (you|u), "
        "who (|exactly )(made|created|built|wrote|developed|designed|programmed|owns|makes|invented|trained|"
        f"is behind|develops) {_SELF}, "
        f"(what|whats|what is) {_SELF}, (introduce|describe) yourself, (tell me |)about yourself, "
        f"what do you call yourself, what are you called, your name, tell me (|more |a bit )about {_SELF}, "
        "where are you from, how old are you, when were you (born|made|created), "
        f"谁(开发|制作|创造|设计|做|发明|创建|写)(|了|的){_IT_ZH}, "
        f"{_IT_ZH}(到底|究竟|)是(谁|什么|啥|哪位|干什么的|干嘛的|做什么的)(|软件|程序|东西), "
        f"{_IT_ZH}是(谁|哪家公司|哪个公司|什么公司|哪家)(|开发|做|制作|设计|创造|写|研发)(|出来)的, "
        "这(|个)是(|个|一个)什么(软件|程序|应用|工具|东西), (|请)(介绍|说说|描述)(|一下|下)(你|您|)自己, 自我介绍, "
        "(你|您)(几岁|多大)(了|), (你|您)(从|来自|是从)(哪|哪里|哪儿)(|来的|来)",
        "a name, robot, human, ai, chatgpt, chat gpt, gpt, gpt 4, openai, claude, gemini, copilot, siri, alexa, "
        "llama, qwen, deepseek, a person, google, microsoft, meta, apple, mistral, a chatbot, chatbot, an assistant, "
        "a real person, real person, real, alive, a machine, a computer, conscious, sentient, male, female, a man, "
        "a woman, 名字, 叫什么, 叫啥, 怎么称呼, 称呼, 机器人, 人工智能, 真人, 人类, 人吗, 文心一言, 通义千问, 千问, "
        "豆包, kimi, 男的, 女的, 活的",
    ),
)

_ANCHORS = (
    f"you, u, ya, this (program|tool), yourself, youre, {_MINE}, "
    "(i|i have|ive|i just|i already|have i|did i|we) (imported|import|uploaded|upload|added|asked|ask|said|dropped|"
    "told you|talked about|discussed), "
    f"你, 您, {_MINE_ZH}, (我|我们)(|刚才|刚刚|昨天|之前|上次|已经|一共|总共)(导入|上传|添加|问|聊|说|放进来)(|了|过)"
)
# The last phrases of each language hold an anchor, but are said of anybody or ask what stands in the documents.
_FILLERS = (
    "a, an, i, me, my, we, us, that, this, our, based, built, make, see, say, said, cant, wont, doesnt, didnt, isnt, "
    "arent, dont, while, when, on what, exactly, is, are, am, be, been, was, were, do, does, did, has, have, can, "
    "could, will, would, may, should, to, of, on, at, from, for, by, with, without, into, in, and, or, any, some, "
    "all, more, one, what, whats, which, where, why, how, much, there, here, not, ever, really, please, need, "
    "want, wants, so, very, now, currently, today, yesterday, before, earlier, last, time, always, get, gets, got, "
    "also, only, even, anything, something, everything, anywhere, somewhere, anyone, anybody, somebody, someone, "
    "like, using, other, another, new, different, just, else, too, let, allow, hello, hi, hey, ok, thanks, "
    "this computer, my computer, this machine, my machine, my pc, my laptop, my disk, hard disk, hard drive, "
    "computer, disk, machine, "
    "the (library|interface|settings|language|theme|menu|files|documents|app|program|folder|past|answers|answer|"
    "files i), "
    "folder, folders, file, files, document, documents, pdf, pdfs, data, docs, books, book, chat, chats, "
    "conversation, conversations, history, library, question, questions, answer, answers, things, stuff, it all, "
    "at once, whole, entire, multiple, several, many, know, tell me, find, mode, color, desktop, open, use, used, "
    "work, works, working, start, pay, how (do|can|should|would|could|are) you, "
    "(do|must|should|can) you (need|have) to, do you need (a|an), (what|when) should you, 谁帮助, 谁的帮助, "
    "什么帮助, 来帮助, if (you|i), when you, "
    "(in|of|from|about|within) (your|my) (document|documents|files|file|data|papers|pdfs|library|notes), 的, 的话, "
    "话, 基于, 怎么办, 咋, 呗, 字, 最近, 每次, 总是, 老是, 了, 吗, 呢, 吧, 啊, 呀, 么, 嘛, 是, 在, 有, 把, 被, 会, "
    "能, 可以, 要, 需要, 想, 怎么, 如何, 怎样, 怎么样, 才能, 怎么才能, 什么, 啥, 哪, 哪个, 哪些, 哪里, 哪儿, "
    "多少, 几, 个, 一, 一个, 一次, 一次性, 整个, 我, 我们, 这, 那, 这个, 那个, 都, 也, 还, 到, 从, 给, 对, 和, 上, "
    "里, 里面, 中, 下, 不, 会不会, 能不能, 可不可以, 是不是, 要不要, 支不支持, 没, 没有, 用, 使用, 用的, 做, 干, "
    "为什么, 为啥, 怎么这么, 这么, 那么, 现在, 今天, 昨天, 之前, 刚才, 上次, 请, 请问, 问, 问题, 问过, 聊过, 聊, "
    "聊了, 说过, 说, 讲, 帮, 一下, 自己, 让, 种, 些, 就, 只, 去, 来, 得, 出来, 成, 过, 占用, 占, 吃, 电脑, 电脑上, "
    "本机, 位置, 地方, 目录, 文件夹, 文件, 文档, 资料, 数据, 对话, 会话, 聊天, 聊天记录, 历史, 回答, 答案, 多个, "
    "很多, 新, 新的, 别的, 其他, 什么时候, 真的, 到底, 究竟, 还是, 或者, 看, 听, 写, 懂, 目前, 后台, 偷偷, 必须, "
    "一定, 看看, 看到, 知道, 你好, 您好, 谢谢, 出去, 外面, 内容, 软件, 程序, "
    "我的(文档|文件|资料|数据|论文)(里|中|里面|当中|里的|中的), (你|您)们"
)

ABOUT_PROGRAM = Talk("program", 30, _RULES, _ANCHORS, _FILLERS)
