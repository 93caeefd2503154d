"""Translates what people read. English is the source; other languages are gettext catalogues in ``resources/i18n``.

The current language is the one piece of process-wide state in the core: a message is translated when it is shown,
so that a language switched live also changes errors that were raised before.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Iterable
from pathlib import Path

_catalogue: dict[str, str] = {}
_language = "en"
# What acts on a window or terminal that shows it: line ends, control codes, marks that turn the direction of text.
_ACTING = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_AS_SIGNS = dict.fromkeys(_ACTING, "�")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark ``text`` as translatable without translating it (for class attributes and constants)."""
    return text


def _(text: str) -> str:
    """Return ``text`` in the current language, or unchanged when the catalogue does not hold it."""
    return _catalogue.get(text, text)


class Phrase:
    """A marked text with its facts, translated when it is shown: for details in errors, which cross processes.

    >>> raise Damaged(name=name, detail=Phrase(N_("there is no page {number}"), number=7))
    """

    def __init__(self, text: str, **facts: object) -> None:
        self.text = text
        self.facts = facts

    def __str__(self) -> str:
        return _(self.text).format(**self.facts)

    def __reduce__(self) -> tuple[type[Phrase], tuple[str], dict[str, object]]:
        return Phrase, (self.text,), self.facts

    def __setstate__(self, facts: dict[str, object]) -> None:
        self.facts = facts


def harmless(name: str) -> str:
    """Return a file's name with a sign in place of what would act on who shows it: line ends, codes, turned text."""
    return name.translate(_AS_SIGNS)


def count(number: int, one: str, many: str) -> str:
    """Return the translation of ``one`` or ``many`` with ``{n}`` filled in; both are marked with ``N_``."""
    return _(one if number == 1 else many).format(n=f"{number:,}")


def percent(share: float) -> str:
    """Return a share, 1 for the whole, as a percentage."""
    return "<\u00a01\u00a0%" if 0 < share < 0.01 else f"{share * 100:.0f}\u00a0%"


def place(name: str, page: int | None, recognised: bool = False) -> str:
    """Return where something stands: the document and, where it has pages, the page; and whether OCR read it there."""
    where = _("{name}, page {page}").format(name=name, page=page) if page is not None else name
    return _("{place} (read by OCR)").format(place=where) if recognised else where


def sentences(*texts: str) -> str:
    """Return whole sentences one after the other, empty ones left out: Chinese puts no space between them."""
    return ("" if _language == "zh_CN" else " ").join(filter(None, texts))


def listed(texts: Iterable[str]) -> str:
    """Return ``texts`` in one line: between its words Chinese has a comma of its own."""
    return ("、" if _language == "zh_CN" else ", ").join(texts)


def language() -> str:
    """Return the current language code, ``en`` or ``zh_CN``."""
    return _language


def system_language() -> str:
    """Return the language that the user's system is set to, as far as this program speaks it."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh_CN" if (chosen or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def use_language(code: str) -> None:
    """Show everything from now on in ``code``: ``en``, ``zh_CN`` or ``system``; unknown codes mean English."""
    global _catalogue, _language
    code = system_language() if code == "system" else code
    # A new one each time: another thread that shows something meanwhile finds every text in one language or the other.
    _catalogue = catalogue(code)
    _language = code if _catalogue else "en"


def catalogue(code: str) -> dict[str, str]:
    """Return all texts in the language ``code``; none for English and for unknown codes. Takes some 100 ms."""
    path = resource(f"i18n/{code}.po")
    if code == "en" or not path.is_file():
        return {}
    import polib  # only a translated program pays for it

    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(path)).translated_entries()}


def resource(name: str) -> Path:
    """Return the path of ``name`` below ``resources/``, in a checkout as in an installed package."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "resources"
    return (packaged if packaged.is_dir() else package.parent / "resources") / name
