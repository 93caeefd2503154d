"""What every error is: a template and named facts, translated when it is shown."""

from __future__ import annotations

from typing import ClassVar

from kotaemon_desktop.core.i18n import N_, _, sentences


class KotaemonError(Exception):
    """Base of all errors with a message for people.

    ``template`` says what happened and what was kept, ``advice`` what to do next; both may name ``facts``.
    """

    template: ClassVar[str] = N_("Something went wrong.")
    advice: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        super().__init__(self.template)
        self.facts = facts

    def __str__(self) -> str:
        advice = _(self.advice) if self.advice else ""
        return sentences(_(self.template), advice).format(**self.shown_facts())

    def shown_facts(self) -> dict[str, object]:
        """Return the facts as people read them."""
        return self.facts

    def __reduce__(self) -> tuple[type[KotaemonError], tuple[()], dict[str, object]]:
        return type(self), (), self.facts

    def __setstate__(self, facts: dict[str, object]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.facts = facts
