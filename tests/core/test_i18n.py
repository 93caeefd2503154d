"""What people read: looked up when it is shown, in the language of then."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from kotaemon_desktop.core import i18n
from kotaemon_desktop.core.component_names import component_name, state_name
from kotaemon_desktop.core.errors import ComponentCrashed, Damaged, KotaemonError
from kotaemon_desktop.core.i18n import (
    N_,
    Phrase,
    _,
    count,
    language,
    listed,
    percent,
    sentences,
    system_language,
    use_language,
)
from kotaemon_desktop.core.records import ComponentState


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.004, "< 1 %"), (0.01, "1 %"), (0.375, "38 %"), (0.9999, "100 %"), (1, "100 %")]
)
def test_percent(share: float, words: str) -> None:
    assert percent(share) == words.replace(" ", "\u00a0")


def test_a_text_is_said_in_the_language_of_now() -> None:
    assert _("Cancel") == "Cancel"
    use_language("zh_CN")
    assert (_("Cancel"), language()) == ("取消", "zh_CN")
    assert _("not in any catalogue") == "not in any catalogue"
    use_language("en")
    assert (_("Cancel"), language()) == ("Cancel", "en")


def test_an_unknown_language_is_english() -> None:
    use_language("zh_CN")
    use_language("xx")
    assert (_("Cancel"), language()) == ("Cancel", "en")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_SG", "LANG": "en_US.UTF-8"}, "zh_CN"),
        ({"LC_ALL": "", "LANG": "en_GB.UTF-8"}, "en"),
    ],
)
def test_the_system_says_its_language_in_the_environment(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert system_language() == expected
    use_language("system")
    assert language() == expected


def test_the_system_may_say_its_language_in_windows_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(i18n.locale, "getlocale", lambda: ("Chinese (Simplified)_China", "936"))
    assert system_language() == "zh_CN"
    monkeypatch.setattr(i18n.locale, "getlocale", lambda: (None, None))
    assert system_language() == "en"


def test_an_error_raised_before_the_switch_is_translated_with_its_details() -> None:
    raised = Damaged(name="年报.pdf", detail=Phrase(N_("there is no page {number}"), number=7))
    assert "“年报.pdf” is damaged or cut short (there is no page 7)." in str(raised)
    crossed: KotaemonError = pickle.loads(pickle.dumps(raised))
    use_language("zh_CN")
    assert str(crossed).startswith("“年报.pdf”已损坏或不完整（没有第 7 页）。")
    assert str(crossed) == str(raised)


def test_sentences_stand_together_as_the_language_writes_them() -> None:
    raised = ComponentCrashed(component="retrieval", exitcode=9)
    assert "component “Index and embedder” stopped unexpectedly (exit code 9); your documents are safe. Ask" in str(
        raised
    )
    use_language("zh_CN")
    assert "组件“索引与嵌入模型”意外停止（退出代码 9）；文档不受影响。请重新提问" in str(raised)
    assert sentences("一。", "", "二。") == "一。二。"
    assert listed(["中文", "英语"]) == "中文、英语"
    assert component_name("unknown") == "unknown"
    assert [state_name(state) for state in ComponentState if state_name(state) == state] == []


def test_count_knows_one_from_many() -> None:
    assert count(1, "{n} page", "{n} pages") == "1 page"
    assert count(12_345, "{n} page", "{n} pages") == "12,345 pages"
