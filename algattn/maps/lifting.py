"""Kernels modulo primes, and the vectors over QQ or a number field that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import nmod_mat, nmod_poly

from algattn.exact import Field, NumberField, crt, rational_reconstruction
from algattn.exact.fields import PrimeField

__all__ = ["KernelLift", "roots_modulo", "split_primes"]

Vector = dict[int, Any]


def roots_modulo(over: Field, prime: int) -> list[int]:
    """The roots of the minimal polynomial of a number field, if it splits; [] if it does not.

    >>> from algattn.exact import QQ
    >>> roots_modulo(NumberField([-2, 0, 1]), 7), roots_modulo(NumberField([-2, 0, 1]), 5)
    ([3, 4], [])
    """
    assert isinstance(over, NumberField)
    residues = PrimeField(prime)
    if any(c.denominator % prime == 0 for c in over.modulus):
        return []
    roots = nmod_poly([int(residues(c)) for c in over.modulus], prime).roots()
    return sorted(int(r) for r, _ in roots) if len(roots) == over.degree else []


def split_primes(over: Field, primes: Iterator[int]) -> Iterator[tuple[int, list[list[int]]]]:
    """Primes, each with what stands for the generator: all its roots, or nothing at all."""
    for p in primes:
        if not isinstance(over, NumberField):
            yield p, [[]]
        elif roots := roots_modulo(over, p):
            yield p, [[r] for r in roots]


def reduced_kernel(matrix: nmod_mat) -> tuple[list[int], list[Vector]]:
    """The pivots, and for each other column the kernel vector with 1 there, 0 in its like.

    >>> reduced_kernel(nmod_mat([[1, 2, 3], [0, 0, 0]], 7))
    ([0], [{0: 5, 1: 1}, {0: 4, 2: 1}])
    """
    form, rank = matrix.rref()
    columns, p, pivots, start = form.ncols(), form.modulus(), [], 0
    for i in range(int(rank)):
        start = next(j for j in range(start, columns) if form[i, j])
        pivots.append(start)
    found = []
    for j in sorted(set(range(columns)) - set(pivots)):
        values = ((q, int(form[i, j])) for i, q in enumerate(pivots) if q < j)
        found.append({q: p - x for q, x in values if x} | {j: 1})
    return pivots, found


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

    def add(self, prime: int, roots: Sequence[Sequence[int]], matrices: Sequence[nmod_mat]) -> None:
        """The kernels modulo one prime, for each root of the minimal polynomial."""
        kernels = [reduced_kernel(m) for m in matrices]
        pivots = kernels[0][0]
        if any(other != pivots for other, _ in kernels):
            return
        if self.pivots is not None and pivots != self.pivots:
            if (-len(pivots), pivots) > (-len(self.pivots), self.pivots):
                return
            self.moduli, self.residues = [], []
        self.pivots = pivots
        self.moduli.append(prime)
        self.residues.append(_joined([found for _, found in kernels], roots, prime))

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
    kernels: Sequence[list[Vector]], roots: Sequence[Sequence[int]], prime: int
) -> list[Vector]:
    """The coefficients of powers of the generator, from the values at its conjugates."""
    if len(kernels) == 1:
        return [{j: [x] for j, x in v.items()} for v in kernels[0]]
    d = len(roots)
    powers = nmod_mat([[pow(r, t, prime) for t in range(d)] for (r,) in roots], prime).inv()
    out = []
    for conjugates in zip(*kernels, strict=True):
        columns = sorted({j for v in conjugates for j in v})
        values = nmod_mat([[v.get(j, 0) for j in columns] for v in conjugates], prime)
        found = (powers * values).tolist()
        out.append({j: [int(row[n]) for row in found] for n, j in enumerate(columns)})
    return out
