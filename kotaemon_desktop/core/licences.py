"""Whose work is in this program: every dependency with its version and licence, from what is installed.

Reading takes a tenth of a second and brings Python's email package: for a lane, when somebody asks.
"""

from __future__ import annotations

import platform
import re
import sqlite3
from dataclasses import dataclass
from importlib import metadata

from kotaemon_desktop.core.i18n import resource

PROGRAM = "kotaemon-desktop"
_LONGEST_NAME = 60  # some put the whole text where the name belongs
_NAME = re.compile(r"[\w.-]+")
_COMMON = (("LGPL", ("LGPL-3.0", "GPL-3.0")), ("Apache", ("Apache-2.0",)))  # texts for those who bring none


@dataclass(frozen=True, slots=True)
class Work:
    """One part of the program that others wrote. ``version`` is empty where it says nothing."""

    name: str
    version: str
    licence: str
    home: str
    is_package: bool = True  # a Python distribution, whose own files hold the text


def works() -> tuple[Work, ...]:
    """Return all of them, by name."""
    packages = (_package(name) for name in required(PROGRAM) - {PROGRAM})
    return tuple(sorted((*packages, *_others()), key=lambda work: work.name.lower()))


def text(work: Work) -> str:
    """Return the licence of ``work`` as its authors give it, or the common text of that licence; empty without one."""
    own = _own_texts(work.name) if work.is_package else []
    return "\n\n\n".join(own or _common_texts(work.licence))


def required(root: str) -> set[str]:
    """Return the names of ``root`` and of all installed distributions that it asks for, directly or not."""
    found: set[str] = set()
    waiting = [root]
    while waiting:
        name = normal(waiting.pop())
        if name in found:
            continue
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # for another platform, or left out of an installed program
            continue
        found.add(name)
        names = (_NAME.match(each) for each in requirements if "extra ==" not in each)
        waiting += [match[0] for match in names if match]
    return found


def normal(name: str) -> str:
    """Return the one spelling of a distribution's ``name``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(name: str) -> Work:
    facts = metadata.metadata(name)
    return Work(facts["Name"], facts["Version"], _licence(facts), _home(facts))


def _licence(facts: metadata.PackageMetadata) -> str:
    stated = _first(facts, "License-Expression") or _first(facts, "License")
    if 0 < len(stated) <= _LONGEST_NAME and "\n" not in stated:
        return stated
    classified = [each.rpartition(" :: ")[2] for each in _all(facts, "Classifier") if each.startswith("License ")]
    return ", ".join(classified) or stated.partition("\n")[0]


def _home(facts: metadata.PackageMetadata) -> str:
    places = dict(each.split(", ", 1) for each in _all(facts, "Project-URL") if ", " in each)
    known = {name.lower(): place for name, place in places.items()}
    named = (known[name] for name in ("homepage", "home", "repository", "source", "source code") if name in known)
    return next(named, _first(facts, "Home-page") or next(iter(places.values()), ""))


def _first(facts: metadata.PackageMetadata, field: str) -> str:
    return next(iter(_all(facts, field)), "")


def _all(facts: metadata.PackageMetadata, field: str) -> list[str]:
    return facts.get_all(field) or []


def _own_texts(name: str) -> list[str]:
    package = metadata.distribution(name)
    files = _all(package.metadata, "License-File")
    texts = (package.read_text(f"licenses/{file}") or package.read_text(file) for file in files)
    return [each.strip() for each in texts if each]


def _common_texts(licence: str) -> list[str]:
    names = next((names for mark, names in _COMMON if mark in licence), ())
    return [resource(f"licences/{name}.txt").read_text("utf-8").strip() for name in names]


def _others() -> tuple[Work, ...]:
    """Return what is no Python distribution of its own, or comes inside one."""
    return (
        Work("Python", platform.python_version(), "PSF-2.0", "https://www.python.org", is_package=False),
        Work("Qt", "", "LGPL-3.0-only", "https://www.qt.io", is_package=False),
        Work("PDFium", "", "BSD-3-Clause, Apache-2.0", "https://pdfium.googlesource.com", is_package=False),
        Work("SQLite", sqlite3.sqlite_version, "Public Domain", "https://sqlite.org", is_package=False),
        Work("OpenSSL", "", "Apache-2.0", "https://www.openssl.org", is_package=False),
        Work("ICU", "", "Unicode-3.0", "https://icu.unicode.org", is_package=False),
        Work("all-MiniLM-L6-v2", "", "Apache-2.0", "https://sbert.net", is_package=False),
        Work("Droid Sans Fallback", "", "Apache-2.0", "https://android.googlesource.com", is_package=False),
    )
