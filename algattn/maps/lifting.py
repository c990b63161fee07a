"""Kernels modulo primes, and the vectors over QQ or a number field that they come from.

Over QQ(theta) a kernel is taken at every root of the minimal polynomial modulo primes where it
splits; a coefficient ``c_0 + c_1 theta + ..`` has the values there, and a Vandermonde matrix gives
the ``c_k``.  QQ is the case of one root, 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from flint import nmod_mat

from algattn.exact import Field, NumberField, rational_reconstruction
from algattn.exact.fields import PrimeField
from algattn.maps.kernels import Array, Kernel, kernel_of
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.residues import roots, usable_primes

__all__ = ["KernelLift", "Remainders", "from_conjugates", "split_primes"]

Vector = dict[int, Any]


def split_primes(phi: PolynomialMap, *, expanded: bool = True) -> Iterator[tuple[int, list[int]]]:
    """Primes modulo which a map is read, each with all roots of the minimal polynomial.

    Without a number field that is the one root 0.

    >>> phi = PolynomialMap(["theta*t"], parameters=["t"], field=NumberField([-2, 0, 1]))
    >>> [len(next(split_primes(x))[1]) for x in (phi, PolynomialMap(["t"]))]
    [2, 1]
    """
    for p in usable_primes(phi) if expanded else phi.primes():
        yield p, roots(phi, p)


def from_conjugates(values: Sequence[Array], at: Sequence[int], prime: int) -> Array:
    """Coefficients of 1, theta, .. from the values at the roots, for one entry after another.

    Along the last axis, which becomes as many times longer as there are roots.

    >>> from_conjugates([np.array([3, 5]), np.array([4, 5])], [3, 4], 7)
    array([0, 1, 5, 0])
    """
    if len(at) == 1:
        return values[0]
    inverse = nmod_mat([[pow(r, k, prime) for k in range(len(at))] for r in at], prime).inv()
    parts = []
    for k in range(len(at)):
        part = np.zeros_like(values[0])
        for i, x in enumerate(values):
            part = (part + int(inverse[k, i]) * x) % prime
        parts.append(part)
    *outer, size = values[0].shape
    return np.stack(parts, axis=-1).reshape(*outer, size * len(at))


class Remainders:
    """A vector modulo more and more primes."""

    def __init__(self) -> None:
        self.primes = 0
        self._product = 1
        self._residues: Any = 0

    def add(self, residues: Array, prime: int) -> None:
        """Chinese remainders, all entries at once."""
        inverse = pow(self._product, -1, prime)
        more = (residues - self._residues) % prime * inverse % prime
        self._residues = self._residues + more.astype(object) * self._product
        self._product *= prime
        self.primes += 1

    def integers(self) -> dict[int, int] | None:
        """Integers without common factor, proportional to the vector; without zeros.

        They are right where primes are many enough, and an entry of the vector is 1.
        """
        common = 1
        found: dict[int, int] = {}
        for i in np.flatnonzero(self._residues):
            # what the other denominators have in common with this one is known
            fraction = rational_reconstruction(
                int(self._residues[i]) * common % self._product, self._product
            )
            if fraction is None:
                return None
            if fraction.denominator > 1:
                common *= fraction.denominator
                found = {j: x * fraction.denominator for j, x in found.items()}
            found[int(i)] = fraction.numerator
        return found


@dataclass
class KernelLift:
    """One kernel, known modulo more and more primes.

    Where primes disagree about the pivots, those with the larger rank, then with the first pivots,
    are right; the others are left out.
    """

    over: Field
    kernel: Kernel | None = None
    history: list[Remainders] = field(default_factory=list)

    def add(self, prime: int, at: Sequence[int], matrices: Sequence[Array]) -> None:
        """The kernels modulo one prime, for each root of the minimal polynomial."""
        kernels = [kernel_of(m, prime) for m in matrices]
        new, old = kernels[0], self.kernel
        if any(k.pivots != new.pivots for k in kernels):
            return
        if old is None or old.pivots != new.pivots:
            if old is not None and (-len(new.pivots), new.pivots) > (-len(old.pivots), old.pivots):
                return
            self.kernel, self.history = new, [Remainders() for _ in new.free]
        rows = from_conjugates([k.dense() for k in kernels], at, prime)
        for past, row in zip(self.history, rows, strict=True):
            past.add(row, prime)

    def vectors(self) -> list[Vector] | None:
        """The kernel over the field, a likely one; None where more primes are needed."""
        if self.kernel is None:
            return None
        over, free, found = self.over, self.kernel.free, []
        if isinstance(over, PrimeField):
            rows = map(self.kernel.vector, range(len(free)))
            return [{j: over(x) for j, x in sorted(row.items())} for row in rows]
        size = over.degree if isinstance(over, NumberField) else 1
        for j, past in zip(free, self.history, strict=True):
            numbers = past.integers()
            if numbers is None:
                return None
            parts: dict[int, list[Any]] = {}
            for i, x in numbers.items():
                parts.setdefault(i // size, [0] * size)[i % size] = Fraction(x, numbers[j * size])
            extended = isinstance(over, NumberField)
            found.append({i: over(c if extended else c[0]) for i, c in parts.items()})
        return found
