"""Tells text from what a font without a usable character map leaves behind."""

from __future__ import annotations

import re

_UNKNOWN = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")
_UNKNOWN_SHARE = 0.3
_SIGNS = re.compile(r"[!-,/:-@\[-^`{}~]")  # without those that fill lines in tables of contents
_SIGNS_SHARE = 0.7  # words of any script are mostly letters and digits, a shifted font is mostly signs
_TELLING_LENGTH = 40  # characters; shorter texts may well be all signs
_SAMPLE = 5000


def is_garbled(text: str) -> bool:
    """Tell whether most of ``text`` stands for other characters than those that are on the page."""
    sample = "".join(text[:_SAMPLE].split())
    if len(_UNKNOWN.findall(sample)) > len(sample) * _UNKNOWN_SHARE:
        return True
    return len(sample) >= _TELLING_LENGTH and len(_SIGNS.findall(sample)) > len(sample) * _SIGNS_SHARE
