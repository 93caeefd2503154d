"""An exchange tells what was searched for when the question by itself says too little."""

from __future__ import annotations

from kotaemon_desktop.core.events import Done, Found, Rewritten, Routed
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, footer, status_line


def test_what_was_searched_for_is_said_while_searching_and_below_the_answer() -> None:
    exchange = Exchange(1, "And for managers?").after(Routed("documents", "")).after(Rewritten("leave: for managers?"))
    assert "“leave: for managers?”" in status_line(exchange)
    done = exchange.after(Found(())).after(Done("extractive", True))
    assert "“leave: for managers?”" in footer(done)
    assert "“" not in footer(Exchange(1, "Leave?").after(Found(())).after(Done("extractive", True)))
