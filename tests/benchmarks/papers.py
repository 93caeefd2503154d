"""Writes documents for benchmarks: English sentences from a few hundred words, different with every seed."""

from __future__ import annotations

import random
from pathlib import Path

_SUBJECTS = (
    "The pump|A valve|The gearbox|Each bearing|The operator|A spare filter|The control panel|Every sensor".split("|")
)
_VERBS = "is checked|is replaced|must be cleaned|is calibrated|has to be inspected|is lubricated|is tested".split("|")
_TIMES = "every {n} days|after {n} hours of use|before shift {n}|within {n} minutes|once in {n} weeks".split("|")
_PLACES = "in hall {n}|at station {n}|on line {n}|by team {n}|next to rack {n}|under permit {n}".split("|")
_SENTENCES = 6  # a paragraph


def paragraph(chance: random.Random) -> str:
    """Return some sentences about keeping machines."""
    sentences = (
        f"{chance.choice(_SUBJECTS)} {chance.choice(_VERBS)} {chance.choice(_TIMES).format(n=chance.randint(2, 900))} "
        f"{chance.choice(_PLACES).format(n=chance.randint(1, 500))}."
        for _ in range(_SENTENCES)
    )
    return " ".join(sentences)


def write_markdown(path: Path, seed: int, sections: int) -> Path:
    """Write a Markdown file; a section is about one passage."""
    chance = random.Random(seed)
    parts = (f"## Rule {seed}.{number}\n\n{paragraph(chance)}\n" for number in range(sections))
    path.write_text(f"# Handbook {seed}\n\n" + "\n".join(parts), encoding="utf-8")
    return path


def write_pdf(path: Path, seed: int, pages: int) -> Path:
    """Write a PDF with four paragraphs a page."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

    chance, style = random.Random(seed), getSampleStyleSheet()["BodyText"]
    story = []
    for number in range(pages):
        story.append(Paragraph(f"Report {seed}, part {number + 1}", style))
        for _ in range(4):
            story += [Paragraph(paragraph(chance), style), Spacer(1, 12)]
        story.append(PageBreak())
    SimpleDocTemplate(str(path)).build(story)
    return path


def five(folder: Path, seed: int) -> list[Path]:
    """Write five documents, about 90 passages: three Markdown files and two PDFs."""
    folder.mkdir(parents=True, exist_ok=True)
    first = seed * 10
    notes = [write_markdown(folder / f"notes {first + n}.md", first + n, sections=14) for n in range(3)]
    reports = [write_pdf(folder / f"report {first + n}.pdf", first + n, pages=6) for n in range(3, 5)]
    return notes + reports
