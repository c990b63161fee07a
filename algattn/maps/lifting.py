"""Kernels modulo primes, and the vectors over QQ or a number field that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import nmod_mat

from algattn.exact import Field, NumberField, crt, rational_reconstruction
from algattn.exact.fields import PrimeField
from algattn.maps.kernels import Array, kernel_of
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.residues import roots, usable_primes

__all__ = ["KernelLift", "split_primes"]

Vector = dict[int, Any]


def split_primes(
    phi: PolynomialMap, *, expanded: bool = True
) -> Iterator[tuple[int, list[list[int]]]]:
    """Primes modulo which a map is read, each with what stands for the generator of its field.

    That are the roots of the minimal polynomial, one by one; nothing without a number field.

    >>> from itertools import islice
    >>> phi = PolynomialMap(["theta*t"], parameters=["t"], field=NumberField([-2, 0, 1]))
    >>> [len(roots) for _, roots in islice(split_primes(phi), 2)]
    [2, 2]
    """
    extended = isinstance(phi.field, NumberField)
    for p in usable_primes(phi) if expanded else phi.primes():
        yield p, [[r] for r in roots(phi, p)] if extended else [[]]


@dataclass
class KernelLift:
    """One kernel, known modulo more and more primes.

    Where primes disagree about the pivots, those with the larger rank, then with the first pivots,
    are right; the others are left out.
    """

    over: Field
    pivots: list[int] | None = None
    moduli: list[int] = field(default_factory=list)
    residues: list[list[Vector]] = field(default_factory=list)

    def add(self, prime: int, at: Sequence[Sequence[int]], matrices: Sequence[Array]) -> None:
        """The kernels modulo one prime, for each root of the minimal polynomial."""
        kernels = [kernel_of(m, prime) for m in matrices]
        pivots = kernels[0].pivots
        if any(k.pivots != pivots for k in kernels):
            return
        if self.pivots is not None and pivots != self.pivots:
            if (-len(pivots), pivots) > (-len(self.pivots), self.pivots):
                return
            self.moduli, self.residues = [], []
        self.pivots = pivots
        self.moduli.append(prime)
        found = [[k.vector(n) for n in range(len(k))] for k in kernels]
        self.residues.append(_joined(found, at, prime))

    def vectors(self) -> list[Vector] | None:
        """The kernel over the field, a likely one; None where more primes are needed."""
        if not self.moduli:
            return None
        if isinstance(self.over, PrimeField):
            kept = self.residues[0]
            return [{j: self.over(x[0]) for j, x in v.items()} for v in kept]
        found = []
        for history in zip(*self.residues, strict=True):
            vector: Vector = {}
            for j in sorted({j for v in history for j in v}):
                size = next(len(v[j]) for v in history if j in v)
                numbers = []
                for t in range(size):
                    residue, modulus = crt([v[j][t] if j in v else 0 for v in history], self.moduli)
                    numbers.append(rational_reconstruction(residue, modulus))
                if None in numbers:
                    return None
                value = self.over(numbers if isinstance(self.over, NumberField) else numbers[0])
                if value != 0:
                    vector[j] = value
            found.append(vector)
        return found


def _joined(
    kernels: Sequence[list[Vector]], at: Sequence[Sequence[int]], prime: int
) -> list[Vector]:
    """The coefficients of powers of the generator, from the values at its conjugates."""
    if len(kernels) == 1:
        return [{j: [x] for j, x in v.items()} for v in kernels[0]]
    d = len(at)
    powers = nmod_mat([[pow(r, t, prime) for t in range(d)] for (r,) in at], prime).inv()
    out = []
    for conjugates in zip(*kernels, strict=True):
        columns = sorted({j for v in conjugates for j in v})
        values = nmod_mat([[v.get(j, 0) for j in columns] for v in conjugates], prime)
        found = (powers * values).tolist()
        out.append({j: [int(row[n]) for row in found] for n, j in enumerate(columns)})
    return out
