"""How an answer is known."""

from __future__ import annotations

import enum

__all__ = ["BOTH_SIDES", "Status"]


class Status(enum.IntEnum):
    """How an answer is known, from weakest to strongest; it prints as its name.

    Examples
    --------
    >>> print(Status.PROVED, f"{Status.NUMERIC:>8}", Status.PROVED > Status.THEOREM)
    PROVED  NUMERIC True
    """

    NUMERIC = 1
    PROBABLE = 2
    THEOREM = 3
    PROVED = 4

    def __str__(self) -> str:
        return self.name

    def __format__(self, spec: str) -> str:
        return format(self.name, spec)

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
