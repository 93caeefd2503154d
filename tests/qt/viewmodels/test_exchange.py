"""An exchange tells what was searched for when a question says too little, and what has left this machine."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.events import Done, Found, Rewritten, Routed, Sent
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.qt.viewmodels.exchange import EXTRACTIVE, Exchange, Phase, footer, status_line


def test_what_was_searched_for_is_said_while_searching_and_below_the_answer() -> None:
    exchange = Exchange(1, "And for managers?").after(Routed("documents", "")).after(Rewritten("leave: for managers?"))
    assert "“leave: for managers?”" in status_line(exchange)
    done = exchange.after(Found(())).after(Done("extractive", True))
    assert "“leave: for managers?”" in footer(done)
    assert "“" not in footer(Exchange(1, "Leave?").after(Found(())).after(Done("extractive", True)))


def _given(address: str) -> Citation:
    return Citation(1, -1, -1, address, "Order status", None, 0, 1, "x")


@pytest.mark.parametrize(
    ("address", "left"),
    [
        ("https://shop.example/orders/1", True),
        ("postgresql://db.example:5432/shop", True),
        ("http://127.0.0.1:8000/orders/1", False),
        ("sqlite:////home/me/shop.db", False),
        ("notes-server --all", False),
    ],
)
def test_an_answer_says_that_a_tool_has_left_this_machine_also_after_a_restart(address: str, left: bool) -> None:
    stored = Exchange(1, "?", Phase.DONE, model=EXTRACTIVE, citations=(_given(address),))
    assert ("left this machine" in footer(stored)) is left


def test_what_has_left_stays_marked_when_a_program_here_is_asked_after_it() -> None:
    exchange = Exchange(1, "?").after(Sent("shop.example")).after(Sent("127.0.0.1:11434"))
    assert "left this machine" in footer(exchange.after(Done("m", answered=True)))
