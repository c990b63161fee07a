"""One irreducible component of a fiber, in the words of its result."""

from __future__ import annotations

from dataclasses import dataclass

from algattn.attention import Weights
from algattn.results import CardRow


@dataclass(frozen=True)
class FiberComponent:
    """An irreducible component (over the complex numbers) of a fiber.

    ``real_dimension`` is None when it has no real points; ``reduced`` tells whether the fiber of
    the parametrization, as a scheme, is reduced at a general point (None: not decided);
    ``witness`` are weights on it, possibly over a quadratic number field (None: not constructed).
    Where only classes of a deep network are known, ``dimension`` may be None.
    """

    name: str
    family: str
    dimension: int | None
    real_dimension: int | None
    reduced: bool | None
    witness: Weights | None

    @property
    def is_real(self) -> bool:
        return self.real_dimension is not None

    def example(self) -> tuple[CardRow, ...]:
        """The witness as a row of a card, if there is one."""
        return () if self.witness is None else (CardRow("  e.g.", self.witness.content()),)
