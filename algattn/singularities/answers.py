"""What is said about a point of the function space, in coded words, and the words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from algattn.singularities.theorem import (
    BOUNDARY,
    REASONS,
    BoundaryReason,
    SingularReason,
    Verdict,
)

Kind = Literal["smooth", "singular", "outside"]
Position = Literal["reached", "closure", "outside"]


@dataclass(frozen=True)
class Answer:
    """Everything that :class:`PointResult` stores; None outside of the closure."""

    value: Kind
    boundary: bool
    position: Position
    stratum: str | None
    singular_reason: SingularReason
    boundary_reason: BoundaryReason
    branch_count: int | None
    multiplicity: int | None

    @staticmethod
    def of(found: Verdict, position: Position, stratum: str, germ: tuple[int, int]) -> Answer:
        """The answer for a function in the closure."""
        return Answer(
            "singular" if found.singular else "smooth",
            found.boundary,
            position,
            stratum,
            found.singular_reason,
            found.boundary_reason,
            *germ,
        )

    @staticmethod
    def outside() -> Answer:
        """The answer for a function that is not in the closure."""
        return Answer("outside", False, "outside", None, "outside", "outside", None, None)

    @property
    def fits(self) -> bool:
        """Whether just the functions outside of the closure have no stratum and no germ."""
        outside = self.value == "outside"
        gone = {x is None for x in (self.stratum, self.branch_count, self.multiplicity)}
        return gone == {outside} and (self.position == "outside") == outside

    @property
    def reason(self) -> str:
        """Why, in words."""
        return f"{REASONS[self.singular_reason]}; {BOUNDARY[self.boundary_reason]}"

    def claims(self) -> dict[str, Any]:
        """The values of the claims, by name."""
        germ = {"branches": self.branch_count, "multiplicity": self.multiplicity}
        said = {
            "singular": self.value,
            "boundary": self.boundary,
            "reason": {
                "boundary": self.boundary,
                "position": self.position,
                "stratum": self.stratum,
                "singular_reason": self.singular_reason,
                "boundary_reason": self.boundary_reason,
                **germ,
            },
        }
        return said if self.value == "outside" else said | {"germ": germ}
