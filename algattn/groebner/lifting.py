"""From kernels modulo primes to polynomials over QQ or a number field that are proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import numpy as np

from algattn.errors import UndecidedError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField
from algattn.groebner.buckets import Bucket, Monomial
from algattn.groebner.homogenization import GradedMap, variable_degrees
from algattn.groebner.implicit_evidence import ExactRank, KernelBound, Vanishes
from algattn.groebner.implicit_result import ImplicitIdeal, count_degrees
from algattn.groebner.interpolation import Interpolation, dimensions
from algattn.groebner.padic import exact_vectors
from algattn.groebner.substitution import Products, substituted
from algattn.maps.kernels import Array
from algattn.maps.lifting import Remainders, from_conjugates
from algattn.maps.texts import spell

MAX_PRIMES = 200
#: Where so many primes do not suffice, the whole coefficients are computed at once.
FEW_PRIMES = 8
ASKED = "find the equations of a parametrization"


class UnluckyPrimeError(UndecidedError):
    """Modulo another prime the rank is larger, or the pivots come earlier."""

    def __init__(self, prime: int) -> None:
        super().__init__(ASKED, f"the rank modulo {prime} is not that over QQ", "another prime")


def lift_kernel(
    work: Interpolation,
    bucket: Bucket,
    new: Sequence[int],
    ring: PolynomialRing,
    step: Callable[[], None] = lambda: None,
) -> list[Polynomial]:
    """The kernel vectors of these indices as polynomials that vanish, proved by substitution.

    `step` is called between long steps, and may raise.

    Raises
    ------
    UnluckyPrimeError
        When the kernel is that of the field for another prime only.
    """
    assert bucket.kernel is not None
    vectors = [bucket.kernel.vector(n) for n in new]
    if isinstance(ring.field, PrimeField):
        polys = [_polynomial(ring, bucket.monomials, vector, 1) for vector in vectors]
        if any(substituted(g, work.phi) for g in polys):
            raise UndecidedError(
                ASKED,
                f"too few points modulo {work.prime} tell the equations from other polynomials",
                "another seed, or a larger prime",
            )
        return polys
    # Modulo further primes only the columns that occur are needed.
    columns = sorted({j for vector in vectors for j in vector})
    monomials, free = [bucket.monomials[j] for j in columns], [max(v) for v in vectors]
    known = np.array([[v.get(j, 0) for j in columns] for v in vectors], dtype=np.int64)
    history = [Remainders() for _ in vectors]
    shared: Products | None = None
    if not work.phi.rational and not isinstance(work.phi.field, NumberField):
        if 2 * len(columns) <= sum(map(len, vectors)):
            shared = Products(work.phi, monomials)
    for prime in chain([work.prime], work.further()):
        found = _modulo(work, prime, monomials, [columns.index(j) for j in free], known)
        if found is None:
            continue
        polys = []
        for past, residues in zip(history, found, strict=True):
            past.add(residues, prime)
        for past in history:
            step()
            row = past.integers()
            if row is None or (shared is not None and not shared.vanish(row)):
                break
            poly = _polynomial(ring, monomials, row, len(work.roots))
            if shared is None and substituted(poly, work.phi):
                break
            polys.append(poly)
        if len(polys) == len(new):
            return polys
        if history[0].primes == FEW_PRIMES:
            step()
            rows = exact_vectors(work, monomials, [columns.index(j) for j in free]) or []
            polys = [_polynomial(ring, monomials, row, 1) for row in rows]
            if polys and not any(substituted(g, work.phi) for g in polys):
                return polys
        if history[0].primes >= MAX_PRIMES:
            break
    raise UndecidedError(
        ASKED,
        f"{MAX_PRIMES} primes do not give rational coefficients that vanish",
        "another seed",
    )


def _modulo(
    work: Interpolation,
    prime: int,
    monomials: Sequence[Monomial],
    free: Sequence[int],
    known: Array,
) -> Array | None:
    """The vectors with these free columns as rows, each entry followed by those for theta, ..

    `known` is what they are modulo the prime of `work` at its root.  None where the kernel is
    larger, or has its pivots later: then this prime is unlucky, not that of `work`.
    """
    values = []
    pivots = [j for j in range(len(monomials)) if j not in set(free)]
    for root in (first := work if prime == work.prime else work.at(prime)).roots:
        if prime == work.prime and root == work.root:
            values.append(known)
            continue
        kernel = (first if root == first.root else work.at(prime, root)).kernel(monomials)
        if kernel.free != list(free):
            if (-len(kernel.pivots), kernel.pivots) < (-len(pivots), pivots):
                raise UnluckyPrimeError(work.prime)
            return None
        values.append(kernel.dense())
    return from_conjugates(values, first.roots, prime)


def _polynomial(
    ring: PolynomialRing, monomials: Sequence[Monomial], vector: Mapping[int, int], parts: int
) -> Polynomial:
    """The polynomial with these coefficients: `parts` for each monomial, by powers of theta."""
    n = len(ring.names)
    terms = []
    for i, c in vector.items():
        if c:
            exponents = [0] * n
            for j in monomials[i // parts]:
                exponents[j] += 1
            if i % parts:
                exponents[-1] = i % parts
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
        count_degrees(found, variable_degrees(model.problem, model.given)),
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
