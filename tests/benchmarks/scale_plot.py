"""Draws how numbers grow with the library, as a plain SVG file with logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

_WIDTH, _HEIGHT, _MARGIN = 320, 240, 48
_COLOURS = ("#2456b8", "#c96a12")


def draw(file: Path, results: Mapping[str, Mapping[int, Mapping[str, float]]], what: Sequence[str]) -> None:
    """Write a panel for each of ``what``: a line for each engine over the number of passages."""
    panels = [_panel(number, name, results) for number, name in enumerate(what)]
    width = len(what) * _WIDTH
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" font-family="sans-serif"'
    file.write_text(f'{head} font-size="11">\n{"".join(panels)}</svg>\n', "utf-8")


def _panel(number: int, name: str, results: Mapping[str, Mapping[int, Mapping[str, float]]]) -> str:
    sizes = sorted(next(iter(results.values())))
    top = max(each[size][name] for each in results.values() for size in sizes) * 1.2
    least = min(each[size][name] for each in results.values() for size in sizes) / 1.2

    def x(size: int) -> float:
        share = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 0.5
        return number * _WIDTH + _MARGIN + share * (_WIDTH - 2 * _MARGIN)

    def y(value: float) -> float:
        share = math.log(max(value, least) / least) / math.log(top / least)
        return _HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN)

    parts = [f'<text x="{number * _WIDTH + _MARGIN}" y="24" font-weight="bold">{name}</text>']
    for colour, (engine, found) in zip(_COLOURS, results.items(), strict=True):
        points = " ".join(f"{x(size):.1f},{y(found[size][name]):.1f}" for size in sizes)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        last = found[sizes[-1]][name]
        parts.append(
            f'<text x="{x(sizes[-1]) - 30:.1f}" y="{y(last) - 6:.1f}" fill="{colour}">{engine} {last:g}</text>'
        )
    parts += [f'<text x="{x(size) - 12:.1f}" y="{_HEIGHT - 24}">{size:,}</text>' for size in sizes]
    return "\n".join(parts) + "\n"
