"""How an answer is known."""

from __future__ import annotations

import enum

__all__ = ["BOTH_SIDES", "Status"]


class Status(enum.IntEnum):
    """How an answer is known, from weakest to strongest."""

    NUMERIC = 1
    PROBABLE = 2
    THEOREM = 3
    PROVED = 4

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return {
            Status.NUMERIC: "floating point; no guarantee",
            Status.PROBABLE: "random choices; one side is certain, the other very likely",
            Status.THEOREM: "follows from a cited theorem whose hypotheses were checked",
            Status.PROVED: "finite exact checks that verify() repeats, and written lemmas",
        }[self]


BOTH_SIDES = frozenset({"lower", "upper"})
