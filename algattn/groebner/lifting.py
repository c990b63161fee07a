"""From kernels modulo a prime to polynomials over QQ that are proved, and to the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import lcm
from typing import Any

from algattn.errors import UndecidedError
from algattn.exact import Polynomial, PolynomialRing, crt, rational_reconstruction
from algattn.exact.fields import PrimeField
from algattn.exact.modular import primes_below
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_evidence import ExactRank, KernelBound, Vanishes
from algattn.groebner.implicit_result import ImplicitIdeal, count_degrees
from algattn.groebner.interpolation import Bucket, Interpolation, Monomial, dimensions
from algattn.maps.texts import spell

MAX_PRIMES = 200


def usable_primes(polys: Sequence[Polynomial]) -> Iterator[int]:
    """Word primes that divide no denominator."""
    bad = lcm(*(c.denominator for p in polys for c in numbers(p)))
    return (p for p in primes_below(2**31) if bad % p)


def numbers(poly: Polynomial) -> list[Any]:
    return [poly.ring.field.to_python(c) for _, c in poly.terms()]


def lift_kernel(
    work: Interpolation,
    bucket: Bucket,
    new: Sequence[int],
    ring: PolynomialRing,
    step: Callable[[], None] = lambda: None,
) -> list[Polynomial]:
    """The kernel vectors of these indices as polynomials that vanish, proved by substitution.

    `step` is called between long steps, and may raise.
    """
    assert bucket.kernel is not None
    vectors = [bucket.kernel.vector(n) for n in new]
    if isinstance(ring.field, PrimeField):
        polys = [_polynomial(ring, bucket.monomials, vector) for vector in vectors]
        if any(g.compose(*work.polynomials) for g in polys):
            raise UndecidedError(
                "find the equations of a parametrization",
                f"too few points modulo {work.prime} tell the equations from other polynomials",
                "another seed, or a larger prime",
            )
        return polys
    # Modulo further primes only the columns that occur are needed.
    columns = sorted({j for vector in vectors for j in vector})
    monomials, free = [bucket.monomials[j] for j in columns], [max(v) for v in vectors]
    residues = [[[v.get(j, 0) for j in columns]] for v in vectors]
    moduli = [work.prime]
    primes = usable_primes(work.polynomials)
    while True:
        polys = []
        for history in residues:
            step()
            row = _reconstruct(history, moduli)
            poly = None if row is None else _polynomial(ring, monomials, dict(enumerate(row)))
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
            monomials
        )
        if [columns[j] for j in other.free] != free:
            continue
        moduli.append(prime)
        for n, history in enumerate(residues):
            vector = other.vector(n)
            history.append([vector.get(i, 0) for i in range(len(columns))])


def _reconstruct(history: Sequence[Sequence[int]], moduli: Sequence[int]) -> list[int] | None:
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
    ring: PolynomialRing, monomials: Sequence[Monomial], vector: Mapping[int, int]
) -> Polynomial:
    n = len(ring.names)
    terms = []
    for i, c in vector.items():
        if c:
            exponents = [0] * n
            for j in monomials[i]:
                exponents[j] += 1
            terms.append((tuple(exponents), c))
    return positive(ring.from_terms(terms))


def positive(poly: Polynomial) -> Polynomial:
    """The polynomial or its negative: the first coefficient is positive over QQ."""
    lead = next(c for _, c in poly.terms())
    return -poly if poly.ring.field.to_python(lead) < 0 else poly


def assemble(
    model: GradedMap,
    generators: Sequence[Polynomial],
    max_degree: int,
    lower: Mapping[int, Mapping[int, Bucket]],
    work: Interpolation,
) -> ImplicitIdeal:
    """The result for generators (homogenized) that give all equations up to a degree."""
    found = [g if model.homogeneous else positive(model.lower(g)) for g in generators]
    return ImplicitIdeal.assemble(
        model.problem,
        count_degrees(found, model.given),
        {
            "vanish": [Vanishes()],
            "all": [KernelBound(work.prime, work.seed)],
            "minimal": [ExactRank()],
        },
        texts=spell(found),
        max_degree=max_degree,
        degrees=model.given,
        numbers=dimensions(work, lower, max_degree),
        engine=None,
    )
