"""The words of small talk, and what is answered to it."""

from __future__ import annotations

from kotaemon_desktop.core.answering.talk import Rule, Talk

_GOOD = "(good|great|nice|excellent|fantastic|amazing|awesome|wonderful|brilliant|perfect|lovely)"

_RULES = (
    Rule(
        "jokes",
        "I know no jokes, only your documents. Ask me about them.",
        "我不会讲笑话，只了解您的文档。请就文档提问吧。",
        "(tell|know) (|me )(|a|any|another|some) (|good |funny )(joke|jokes|story|stories), another joke, "
        "make me laugh, tell me something funny, "
        "sing (|me )(a song|something), write (|me )a poem, entertain me, (marry|kiss) me, "
        "are you single, do you (love|like) me, (|lets )play a game, "
        "(讲|说|来)(|一|几)个(|好笑的|冷|好|小)(笑话|故事|段子), 讲笑话, 唱(|一)(首|个)歌, 唱歌, 写(|一)首诗, "
        "逗我(笑|开心)",
    ),
    Rule(
        "farewell",
        "Goodbye. Your documents stay here, on this machine.",
        "再见。您的文档都保存在这台电脑上。",
        "bye, byebye, goodbye, good bye, cya, see (you|ya|u), later, laters, catch (you|ya|u), "
        "talk (to you |)(later|soon|tomorrow), gtg, g2g, im outta here, peace out, "
        "speak (later|soon|tomorrow), farewell, so long, take care, good night, goodnight, night night, nighty, gn, "
        "ttyl, off to (bed|work|sleep|lunch|home), (im|i am) (off|leaving|done|out), "
        "(gotta|got to|have to|must|need to) (go|run|leave), "
        f"have a {_GOOD} (day|evening|night|weekend|one|time|week|trip), have (fun|a safe trip), "
        "enjoy (your|the) (day|evening|weekend), until (next time|tomorrow|then|later), sleep (well|tight), "
        "sweet dreams, all the best, best wishes, good luck, signing off, going (home|to bed|to sleep), bye for now, "
        "for now, 再见, 再會, 再見, 拜拜, 拜, 88, 886, "
        "(回|回头|明天|明儿|下次|下周|周一|改天|待会|待会儿|一会|一会儿|晚点|后天)(见|聊), "
        "(改天|下次|回头|明天|晚点|以后)再(聊|见|说), 再聊, 晚安, (|先)(走|下|撤|闪|溜|睡)了, 下线了, "
        "(|去)(睡|睡觉|吃饭|忙|休息)(去|)了, 下班(了|啦), 忙去了, 先(忙|这样), 保重, 慢走, 做个好梦, 好梦, "
        "祝(你|您)(|今天|周末|一切|工作|学习|生活|新年|节日)(愉快|顺利|好运|开心|快乐), "
        "(今天|周末|工作|学习|生活|一切)(愉快|快乐|顺利), 一路(顺风|平安)",
        "night",
    ),
    Rule(
        "thanks",
        "You are welcome.",
        "不客气。",
        "thanks, thank (you|u|ya), thanku, thankyou, thankx, thx, thanx, thnx, tnx, thnaks, tks, ty, tysm, tyvm, ta, "
        "cheers, appreciated, much obliged, obliged, "
        "(i |)(|really |do )appreciate (it|that|this|your help|the help), many thanks, (made|saved) my day, "
        "(a |)life(| )saver, you rock, god bless, bless you, you (helped|have helped|saved|save) (me|a lot), "
        "(多|非常|万分|十分|)(感谢|谢谢|感激), 多谢, 谢(|了|啦|您|你), (謝謝|多謝|感謝), 3q, "
        "辛苦(|你|您|大家)(了|啦), 有劳, 劳驾, (麻烦|打扰)(你|您|)了, 帮(了|了我|我|)大忙(了|), 帮了我(很多|不少), "
        "有帮助, (很|太|真|非常)(有用|实用)(了|), 感激不尽",
        "grateful, helps, helped, helpful, useful, a (great|big|huge) help, a (star|legend|gem|genius|angel|hero), "
        "有用, 实用",
    ),
    Rule(
        "greeting",
        "Hello! Ask me about your documents: I answer with the pages that the answer rests on.",
        "你好！请就您的文档提问：我会给出答案，并指明答案所依据的页面。",
        "hi, hello, helo, hallo, hey, hiya, heya, hullo, howdy, yo, greetings, gm, "
        "good (morning|afternoon|evening|day), morning, top of the morning, mornin, evening, afternoon, gday, "
        "how (are|r) (you|u|ya|things|we), hru, how(| i)s (it|everything|life|your day) going, "
        "how(| i)s (life|things|your day|everything), hows you, how goes it, how do you do, how have you been, "
        "what(| i)s (up|new|good|going on), sup, wassup, wazzup, whatsup, how you (doing|going), "
        "(nice|good|great|glad|pleased|happy|lovely) to (meet|see) (you|u), long time no see, (im|i am) back, "
        "good to be back, "
        "(are you|you|is anyone|is anybody|is someone|anyone|anybody) (there|here|around|home|awake|listening|online), "
        "happy (new year|birthday|holidays|monday|friday|weekend), merry (christmas|xmas), nice day, "
        "how was your (day|weekend), can you hear me, anyone, anybody, what are you (doing|up to), wyd, "
        "(whats|what is|hows|how is) the weather (|like), (lovely|nice|great) weather, im new here, whos there, 嗨, "
        "(你|您|还)好(吗|么), 哈(喽|啰|罗|咯), 嘿, 喂, (你|您|大家|你们|各位|各位)好, 早, 早安, 午安, "
        "(早上|上午|中午|下午|晚上)好, 在(吗|么|嘛|不|不在), 有人(|在)(吗|么|没), 有没有人, "
        "(最近|今天|近来|过得|心情|一切|周末)(|过得|心情)(怎么样|怎样|如何|好吗|还好吗|好么|咋样), "
        "(见到|认识)(你|您), 幸会, 吃(|饭)了(吗|没|么), 好久不见, 我(|又)(来|回来)(了|啦), "
        "(|你)在(干|做)(嘛|什么|啥), 干(嘛|啥)呢, (|今天)天气(真好|真不错|不错|怎么样|很好|好), "
        "(陪我|)聊(聊|聊天|会儿天|天), (最近|今天)忙(吗|不忙|么), 打扰(一下|了), "
        "(新年|节日|生日|圣诞|中秋|春节|元旦)快乐",
    ),
    Rule(
        "agreement",
        "All right. Ask whenever you like.",
        "好的，随时可以继续提问。",
        "(just|exactly) what i (needed|wanted|meant|was looking for), alrighty, maybe, perhaps, "
        "i dont (know|think so|care|mind|understand), idk, dunno, (you |this |that )sucks, you suck, "
        "(ignore|scratch) that, wait what, (thats|that is) the (one|way|spirit), "
        "(hope|i hope) (youre|you are) (doing |)well, (i had|had|its been) a (long|bad|good|rough|hard|great) day, "
        "wrong (window|chat|tab|person|button|one), typo, bad (answer|bot|joke), as you wish, up to you, "
        "all (good|set), lets (go|start|begin), go ahead, done, finished, nothing, none, seriously, no kidding, "
        "why not, aye, bingo, hooray, ditto, who cares, "
        "(wtf|what the hell|what the heck|fuck|fuck you|fuck off|shit|damn|bullshit|shut up|go away|screw you|"
        "bollocks), "
        "dammit, darn, jeez, 123, (stupid|dumb|silly|useless) (bot|thing|machine), ok, okay, okey, okie, okies, k, "
        "kk, oki, alright, all right, aight, great, perfect, awesome, nice, cool, excellent, wonderful, brilliant, "
        "amazing, fantastic, superb, lovely, neat, splendid, good, yay, yippee, sounds (good|great|fine|right), "
        "looks (good|great), works for me, "
        f"{_GOOD} (job|answer|work|bot|one|stuff|point|idea|try|explanation|start|question|to know|to hear), "
        "well (done|said|then), oh well, bravo, kudos, congrats, congratulations, wow, whoa, omg, oops, whoops, hm, "
        "hmm, mhm, uh, um, uhm, ah, oh, aha, ooh, huh, meh, eh, erm, ugh, yup, yep, yes, yeah, yea, ya, yah, nah, "
        "nope, no, sure, sure thing, certainly, absolutely, definitely, exactly, precisely, indeed, of course, "
        "totally, agreed, i agree, got (it|that|you|ya), gotcha, understood, noted, roger, copy that, "
        "i (see|understand|know|get it|guess|guess so|think so|hope so|doubt it), "
        "(makes|that makes) (|total |perfect )sense, fair (enough|point), never mind, nevermind, nvm, "
        "no (problem|worries|way|idea|need|rush|prob|probs|biggie|more questions), np, "
        "not (really|yet|now|quite|bad|at all|sure|today), "
        "(thats|that is|that was|thatll be|this is) (all|it|everything|enough), nothing (else|more), "
        "forget (it|that|about it), hold on, wait, hang on, (one|just a|give me a) (moment|sec|second|minute), brb, "
        "be right back, let me (think|see), lets see, whatever, my (bad|mistake|fault|apologies), sorry, apologies, "
        "i apolog(ize|ise), excuse me, pardon (me|), "
        "(just|only|was|am|im|are you|youre) (kidding|joking|testing|checking|looking|browsing|trying|curious|saying), "
        "jk, test, testing, (test|testing) (123|1 2 3), (if|does) (this|it) (thing |)(works|is working), "
        "is this (thing on|working), (you |)there yet, lol, lolz, lmao, rofl, haha, (ha|he|hi) (ha|he|hi), hahaha, "
        "hahahaha, hehe, hehehe, hihi, xd, "
        "i (love|like|hate|miss) (you|u|it|this|that|this app|this program|this tool), love (it|you|this|that), "
        "you too, me too, me neither, same (here|to you), likewise, (youre|you are) welcome, am i right, come on, "
        "too bad, (what a|its a|such a) (|nice |lovely |bad |long )day, 好, "
        "好(的|滴|哒|吧|呀|啊|嘞|了|咧|吖|勒|耶|哦), 行, 行吧, 可以(|的|了), ok(了|的|啦|吧), "
        "没(问题|关系|事|事了|事儿|毛病), 不(用|必|需要)(了|), 不要了, 不(问|说|聊|玩)了, "
        "(饿|累|困|笑|烦|热|冷|气|无聊|忙)死(我|)(了|啦), (失恋|失眠|感冒|生病|头疼)了, "
        "(滚|去死|妈的|卧槽|我靠|我去|傻逼), 无语, 晕, 哼, 讨厌, 呜呜, (先|)(就|)这(些|样)(吧|了|啦|), "
        "就到这(里|儿)(吧|了|), 没(有|)(别的|其他|其它)(了|的了|问题了|问题), 没有了, 算了, 嗯, 恩, 哦, 噢, 喔, 额, "
        "呃, 唔, 啊, 是, 是(的|啊|呀|吧|吗), 不是, 不, 对, 对(的|吧|啊|呀|了), 没错, 不对, 错了, (我|)知道(了|啦), "
        "(|我)明白(|了|啦), (|我)(了解|懂|清楚|理解)(了|啦|), 收到, 原来(如此|是这样|这样), 这样(啊|子|呀), 有道理, "
        "说得(对|好|是|有道理), 同意, 确实, 当然, 必须的, 太(好|棒|强|赞|牛|厉害|可爱|逗|搞笑)了, "
        "(真|好|很)(棒|强|赞|牛|不错|厉害), 厉害, 棒, 赞, 点赞, 666, 6666, 牛, 不错, 完美, 优秀, 给力, 靠谱, 有意思, "
        "好笑, 搞笑, 好玩, 哈哈, 哈, 呵呵, 嘿嘿, 嘻嘻, 哇, 哇塞, 哎, 唉, 哎(呀|哟), 天(哪|啊|呐), 不会吧, "
        "真的(吗|假的|么|), 对不起, 抱歉, 不好意思, 请见谅, (打|发|说|点|按|输|弄|搞)错(字|人|)(了|啦), 手滑(了|), "
        "我的错, (|我)开(个|)玩笑, (等|稍等)(一下|下|会|会儿|等|我), 稍等, 测试(|一下|下|中), 试(试|一下|一试|试看), "
        "随便(看看|问问|聊聊|), (回答|答|说|干|做|讲)得(|很|真|非常)(好|棒|不错), 我(爱|喜欢|想)你, "
        "(你|)(爱|喜欢|想)我(吗|么), (爱|喜欢)(你|死你了), 么么哒, 加油, 没什么(|事|了), 无所谓, 不一定, 不知道, "
        "不清楚, 还(行|好|可以), 一般般, 马马虎虎, (不|也)(太|)(好|行|可以)",
        "tired, exhausted, sleepy, bored, sad, happy, hungry, thirsty, sick, ill, stressed, confused, lonely, "
        "stressed out, freaked out, angry, annoyed, upset, glad, excited, fine, busy, lost, awake, smart, clever, "
        "funny, lame, useless, annoying, terrible, awful, bad, stupid, dumb, silly, kind, sweet, cute, wrong, right, "
        "correct, true, false, interesting, weird, strange, crazy, the best, boring, hilarious, impressive, "
        "beautiful, ready, serious, a (typo|mistake), impressed, amazed, surprised, in a (hurry|good mood|bad mood), "
        "curious, rude, slow today, 累, 困, 饿, 烦, 渴, 无聊, 难过, 伤心, 开心, 高兴, 郁闷, 生气, 忙, 焦虑, 孤独, "
        "头疼, 睡不着, 失眠, 心情(不好|很好|好), 可爱, 聪明, 笨, 傻, 强, 幽默, 贴心, 压力大",
    ),
)

_ANCHORS = (
    "i, im, i am, ive, i have, i feel, feeling, you, u, youre, you are, ur, thats, that is, that was, this (is|was), "
    "its, it (is|was), it all, was, so, very, really, super, quite, pretty, such, how, (feel|feels), 我, 你, 您, "
    "今天, 有点, 有些, 真, 很, 非常, 太, 挺, 好, 超, 特别"
)
_FILLERS = (
    "a, an, the, too, me, my, your, we, us, it, that, this, is, are, be, am, all, here, there, today, tonight, "
    "tomorrow, soon, now, then, again, just, only, even, actually, still, yet, already, always, back, mate, friend, "
    "friends, my friend, buddy, pal, man, bro, dude, guys, folks, "
    "partner, next week, next time, about (that|this|it), long time, 老师, 同学, 兄弟, "
    "everyone, everybody, sir, madam, dear, "
    "kotaemon, desktop, bot, assistant, please, pls, plz, to, and, but, or, though, anyway, am i, can i be, if, do, "
    "can, could, not, dont, at all, by the way, btw, as well, lot, a lot, lots, a bunch, bunch, a ton, tons, "
    "a million, a bit, a little, much, so much, very much, "
    "for (now|today|that|this|it|you|everything|all|nothing|real|sure), "
    "(|for )(|all )(the|your|that) (help|answer|answers|time|info|information|explanation|support|patience|"
    "response|reply|effort|feedback), "
    "with (me|you|that|this), for helping (|me)(| out), of you, kind of, oh my, having a day, doing, going, well, "
    "了, 啊, 呀, 吗, 呢, 吧, 的, 啦, 哦, 噢, 喔, 哈, 嘛, 么, 哟, 呦, 诶, 欸, 嗷, 耶, 咯, 喽, 呐, 哎, 唉, 我们, 大家, "
    "各位, 朋友, 亲, 亲爱的, 小伙伴, 伙计, 又, 再, 就, 都, 也, 还, 那, 那就, 这, 这个, 个, 是, 先, 现在, 明天, 昨天, "
    "最近, 一下, 一点, 点, 给我, 跟我, 给, 帮我, 请, 请问, 可以吗, 行吗, 好吗, 对吗, 好不好, 对不对, 行不行, 小助手, "
    "助手, 听听, 说说, 这么, 那么, 我说, 下, 刚才, 刚刚, 十分, 实在, 感觉, 觉得, 你的(帮助|回答|帮忙|解答|支持), "
    "您的(帮助|回答|帮忙|解答|支持), 的(帮助|回答|解答|帮忙), 帮忙, 回答, 解答, 暂时, 目前, 已经, 可以, 你们, 自己, "
    "今晚, 一天, 一个, 和, 很, 真是, 真的是"
)

CHATTER = Talk("small_talk", 16, _RULES, _ANCHORS, _FILLERS)
