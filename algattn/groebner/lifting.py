"""From kernels modulo a prime to polynomials over QQ that are proved, and to the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import lcm
from typing import Any

from algattn.errors import UndecidedError
from algattn.exact import Polynomial, PolynomialRing, crt, rational_reconstruction
from algattn.exact.fields import PrimeField
from algattn.exact.modular import primes_below
from algattn.groebner.implicit_evidence import ExactRank, KernelBound, Vanishes
from algattn.groebner.implicit_result import ImplicitIdeal, count_degrees
from algattn.groebner.interpolation import Bucket, Interpolation, Monomial, Row
from algattn.groebner.polynomial_map import PolynomialMap, spell

MAX_PRIMES = 12


def usable_primes(polys: Sequence[Polynomial]) -> Iterator[int]:
    """Word primes that divide no denominator."""
    bad = lcm(*(c.denominator for p in polys for c in numbers(p)))
    return (p for p in primes_below(2**31) if bad % p)


def numbers(poly: Polynomial) -> list[Any]:
    return [poly.ring.field.to_python(c) for _, c in poly.terms()]


def lift_kernel(
    work: Interpolation, bucket: Bucket, new: list[int], target: PolynomialRing
) -> list[Polynomial]:
    """The kernel vectors of these indices as polynomials that vanish, proved by substitution."""
    if isinstance(target.field, PrimeField):
        rows = [list(bucket.kernel[i]) for i in new]
        polys = [_polynomial(target, bucket.monomials, row) for row in rows]
        if all(not g.compose(*work.polynomials) for g in polys):
            return polys
        raise UndecidedError(
            "find the equations of a parametrization",
            f"too few points modulo {work.prime} tell the equations from other polynomials",
            "another seed, or a larger prime",
        )
    residues = [[bucket.kernel[i]] for i in new]
    moduli = [work.prime]
    free = _free(bucket.kernel)
    primes = usable_primes(work.polynomials)
    while True:
        polys = []
        for history in residues:
            row = _reconstruct(history, moduli)
            poly = None if row is None else _polynomial(target, bucket.monomials, row)
            if poly is None or poly.compose(*work.polynomials):
                break
            polys.append(poly)
        if len(polys) == len(new):
            return polys
        if len(moduli) >= MAX_PRIMES:
            raise UndecidedError(
                "find the equations of a parametrization",
                f"{len(moduli)} primes do not give rational coefficients that vanish",
                "another seed",
            )
        prime = next(p for p in primes if p not in moduli)
        other = Interpolation(work.polynomials, work.degrees, work.rows, prime, work.seed).kernel(
            bucket.monomials
        )
        if _free(other) != free:
            continue
        moduli.append(prime)
        for history, i in zip(residues, new, strict=True):
            history.append(other[i])


def _free(kernel: list[Row]) -> list[list[int]]:
    """Which positions carry the ones that make the basis reduced."""
    return [[j for j, x in enumerate(row) if x == 1][-1:] for row in kernel]


def _reconstruct(history: list[Row], moduli: list[int]) -> list[int] | None:
    """Integers without common factor, proportional to the vector with these residues."""
    fractions = []
    for residues in zip(*history, strict=True):
        x, m = crt(residues, moduli)
        fraction = rational_reconstruction(x, m)
        if fraction is None:
            return None
        fractions.append(fraction)
    common = lcm(*(f.denominator for f in fractions))
    return [int(f * common) for f in fractions]


def _polynomial(
    ring: PolynomialRing, monomials: Sequence[Monomial], row: Sequence[int]
) -> Polynomial:
    n = len(ring.names)
    terms = []
    for m, c in zip(monomials, row, strict=True):
        if c:
            exponents = [0] * n
            for j in m:
                exponents[j] += 1
            terms.append((tuple(exponents), c))
    poly = ring.from_terms(terms)
    lead = next(c for _, c in poly.terms())
    return -poly if ring.field.to_python(lead) < 0 else poly


def assemble(
    polys: list[Polynomial],
    target: PolynomialRing,
    degrees: tuple[int, ...],
    generators: Sequence[Polynomial],
    max_degree: int,
    lower: Mapping[int, Mapping[int, Bucket]],
    work: Interpolation,
) -> ImplicitIdeal:
    """The result for generators that give all equations up to a degree."""
    numbers = []
    for e in range(1, max_degree + 1):
        superfluous = work.count(e, range(len(degrees))) - work.count(e, work.alive)
        numbers.append((e, superfluous + sum(len(b.kernel) for b in lower[e].values())))
    return ImplicitIdeal.assemble(
        PolynomialMap(target.names, tuple(polys)),
        count_degrees(generators, degrees),
        {
            "vanish": [Vanishes()],
            "all": [KernelBound(work.prime, work.seed)],
            "minimal": [ExactRank()],
        },
        texts=spell(generators),
        max_degree=max_degree,
        degrees=degrees,
        numbers=tuple(numbers),
        engine=None,
    )
