"""Converts measures of the kitchen, which no document needs to be asked for."""

from __future__ import annotations

import re

from kotaemon_desktop.core.plugins.contract import Asked

_MILLILITRES = {"cup": 240, "tablespoon": 15, "teaspoon": 5, "杯": 240, "汤匙": 15, "茶匙": 5}
_ASKED = re.compile(
    r"how many (?:ml|millilitres) (?:are|is) (?:in )?an? (\w+)|一(杯|汤匙|茶匙)是多少毫升", re.IGNORECASE
)


class Measures:
    """Answers "how many ml are in a cup?"."""

    def answer(self, question: Asked) -> str | None:
        found = _ASKED.search(question.text)
        unit = (found[1] or found[2]).lower() if found else ""
        if unit not in _MILLILITRES:
            return None
        words = "{unit}：{number} 毫升。" if question.language == "zh" else "A {unit} is {number} ml."
        return words.format(unit=unit, number=_MILLILITRES[unit])
