"""How large the numbers of a task are, and how large an engine can hold them."""

from __future__ import annotations

from dataclasses import dataclass

from algattn.engines.tasks import Elimination, GroebnerBasis, Task

#: What a 32-bit signed integer holds.
INT32 = 2**31 - 1


@dataclass(frozen=True)
class Capacity:
    """What an engine holds without overflow.

    Parameters
    ----------
    degree : int or None
        The largest (weighted) degree of a term of a generator.  Far below the width of the
        engine's exponents, because S-pairs go higher than the generators.
    characteristic : int or None
        The largest prime of a prime field.
    variables : int or None

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> Capacity(degree=2**14).exceeded(GroebnerBasis((x**65536 - y,)))
    'it holds degrees up to 16384, and a term has degree 65536'
    """

    degree: int | None = None
    characteristic: int | None = None
    variables: int | None = None

    def exceeded(self, task: Task) -> str | None:
        """The reason why the task does not fit, with numbers, or None."""
        p, n = task.ring.field.characteristic, len(task.ring.names)
        if self.characteristic is not None and p > self.characteristic:
            return f"its prime fields end at {self.characteristic}, and the field is GF({p})"
        if self.variables is not None and n > self.variables:
            return f"it holds {self.variables} variables, and the ring has {n}"
        if self.degree is None:
            return None
        weights: tuple[int, ...] = (1,) * n
        if isinstance(task, (GroebnerBasis, Elimination)):
            weights = task.weights
        high = max(largest_degree(task, weights), *weights, 0)
        if high > self.degree:
            return f"it holds degrees up to {self.degree}, and a term has degree {high}"
        return None


def largest_degree(task: Task, weights: tuple[int, ...]) -> int:
    """The largest weighted degree of a term of a generator; 0 if there is none."""
    return max(
        (
            sum(w * x for w, x in zip(weights, e, strict=True))
            for g in task.generators
            for e in g.flint.monoms()
        ),
        default=0,
    )
