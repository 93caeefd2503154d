"""What pytest has to know: which plugins are tried, and on what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.plugins import found
from kotaemon_desktop.core.plugins.contract import Asked
from kotaemon_desktop.core.plugins.found import Plugin
from kotaemon_desktop.core.records import Hit, Passage, Strength, Turn
from kotaemon_desktop.core.text.language import language


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("kotaemon-desktop plugins")
    group.addoption("--plugin", metavar="NAME", help="the package, or one of its plugins")
    group.addoption("--sample", metavar="FILE", type=Path, help="a file for a reader")
    group.addoption("--question", metavar="TEXT", help="a question for a route, a step or a tool")


_KINDS = {
    "reader": "readers",
    "embedder": "embedders",
    "vector_store": "vector_stores",
    "retriever": "retrievers",
    "reranker": "rerankers",
    "generator": "generators",
    "route": "routes",
    "step": "steps",
    "memory": "memory",
    "tool": "tools",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the plugins of the kind that it is about; ``plugin`` stands for those of all kinds."""
    chosen = _chosen(metafunc.config)
    for argument in metafunc.fixturenames:
        if argument in {"plugin", *_KINDS}:
            tried = [each for each in chosen if each.kind == _KINDS.get(argument, each.kind)]
            metafunc.parametrize(argument, tried, ids=[f"{each.kind}.{each.name}" for each in tried])


def pytest_configure(config: pytest.Config) -> None:
    """Say at once when there is nothing to try."""
    if not _chosen(config):
        raise pytest.UsageError(f"no package on the path brings a plugin {config.getoption('--plugin')!r}")


def _chosen(config: pytest.Config) -> list[Plugin]:
    wanted: str = config.getoption("--plugin") or ""
    package = found.package_name(wanted)
    return [each for each in found.plugins(sys.path) if wanted == each.name or package == each.package]


@pytest.fixture
def sample(request: pytest.FixtureRequest) -> Path:
    """The file that a reader is to read."""
    file: Path | None = request.config.getoption("--sample")
    if file is None:
        pytest.skip("--sample FILE gives it a file to read")
    return file


@pytest.fixture
def question(request: pytest.FixtureRequest) -> str:
    """The question that is the business of a route, a step or a tool."""
    text: str | None = request.config.getoption("--question")
    if text is None:
        pytest.skip("--question TEXT gives it a question of its own")
    return text


class Shelf:
    """A library of one passage a document, for a retriever."""

    def __init__(self, *texts: str) -> None:
        self._passages = [_passage(number, number, text) for number, text in enumerate(texts, start=1)]

    def version(self) -> str:
        """Return another text for other passages."""
        return repr(self._passages)

    def passages(self) -> Iterator[Passage]:
        """Yield them all."""
        yield from self._passages


def _passage(number: int, document: int, text: str) -> Passage:
    name = f"{document}.txt"
    return Passage(number, document, f"/tmp/{name}", name, "text", number, 0, len(text), "", text)  # noqa: S108


def asked(text: str, *passages: str) -> Asked:
    """Return a question in a conversation of two turns, with what was found for it."""
    hits = tuple(
        Hit(_passage(number, 1, each), 1 / number, Strength.FAIR) for number, each in enumerate(passages, start=1)
    )
    turns = tuple(Turn(number, 1, f"Question {number}?", "Answer.", "documents", "", True, 0.0) for number in (1, 2))
    return Asked(text, text, language(text), turns, hits)
