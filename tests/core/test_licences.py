"""Whose work is in the program, read from what is installed here."""

from kotaemon_desktop.core import licences
from kotaemon_desktop.core.licences import Work


def test_every_dependency_is_named_with_a_version_a_licence_and_a_home():
    works = {work.name: work for work in licences.works()}
    assert {"chromadb", "numpy", "msgspec", "tokenizers", "Python", "Qt", "SQLite", "all-MiniLM-L6-v2"} <= works.keys()
    assert "kotaemon-desktop" not in works
    assert "pytest" not in works, "what only tests need is in nobody's program"
    for work in works.values():
        assert work.licence, work
        assert len(work.licence) < 120, work
        assert work.version or not work.is_package, work
    assert sum(bool(work.home) for work in works.values()) > len(works) - 5


def test_the_names_are_sorted_whatever_their_case():
    names = [work.name.lower() for work in licences.works()]
    assert names == sorted(names)


def test_a_licence_is_what_the_authors_give():
    works = {work.name: work for work in licences.works()}
    assert "Permission is hereby granted" in licences.text(works["msgspec"]) or "Redistribution" in licences.text(
        works["msgspec"]
    )
    assert "Apache License" in licences.text(works["chromadb"])


def test_who_brings_no_text_has_the_common_one():
    qt = licences.text(Work("Qt", "", "LGPL-3.0-only", "", is_package=False))
    assert qt.index("GNU LESSER GENERAL PUBLIC LICENSE") < qt.index("GNU GENERAL PUBLIC LICENSE\n")
    assert licences.text(Work("SQLite", "3", "Public Domain", "", is_package=False)) == ""


def test_a_distribution_that_is_not_installed_asks_for_nothing():
    assert licences.required("no-such-distribution") == set()
