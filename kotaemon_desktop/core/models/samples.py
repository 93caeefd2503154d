"""Passages that are nobody's, for tests of models: two languages, as long as passages are."""

from __future__ import annotations

from typing import Final

SAMPLE: Final = (
    "Employees are entitled to twenty-five days of paid annual leave per calendar year; unused days expire in March.",
    "The committee reviews the budget, approves the plan and publishes the minutes within ten working days.",
    "职工累计工作已满一年不满十年的，年休假五天；已满十年不满二十年的，年休假十天。",
    "Train tickets are paid up to three hundred euros a trip; receipts are handed in before the end of the month.",
)
