"""Telling English, Chinese and the rest apart."""

import pytest

from kotaemon_desktop.core.text.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How many days of leave do I get?", "en"),
        ("gpu", "en"),
        ("A naïve café in the middle of the town is open for all of us.", "en"),
        ("年休假有多少天？", "zh"),
        ("VIP 会员的 refund 政策是什么", "zh"),
        ("これは日本語の文章です。", "other"),
        ("한국어 문장입니다", "other"),
        ("Wie ist das und was ist nicht gut", "other"),
        ("Où est la bibliothèque de la ville", "other"),
        ("Привет мир", "other"),
        ("12345 ...", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected
