"""Partitions, Schur functions and the modules of general linear groups, by exact counting.

A partition is a tuple of positive integers in falling order.  A symmetric function is a dictionary
``{partition: coefficient}`` in the basis of Schur functions, cut off at a number of rows (that of
the variables).  The one tool is multiplication by a power sum, which adds ribbons (the rule of
Murnaghan and Nakayama); everything else is written in power sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import factorial, prod

Partition = tuple[int, ...]
Schur = dict[Partition, Fraction]


@lru_cache(maxsize=256)
def partitions(n: int, rows: int | None = None) -> tuple[Partition, ...]:
    """The partitions of `n` with at most `rows` parts, largest first.

    >>> partitions(4, 2)
    ((4,), (3, 1), (2, 2))
    """

    def walk(left: int, largest: int, room: int) -> Iterator[Partition]:
        if left == 0:
            yield ()
        elif room:
            for first in range(min(left, largest), 0, -1):
                for rest in walk(left - first, first, room - 1):
                    yield (first, *rest)

    return tuple(walk(n, n, n if rows is None else rows))


def conjugate(shape: Partition) -> Partition:
    """The lengths of the columns.

    >>> conjugate((3, 1))
    (2, 1, 1)
    """
    return tuple(sum(1 for part in shape if part > i) for i in range(shape[0] if shape else 0))


def centralizer(rho: Partition) -> int:
    """The number of permutations that commute with one of cycle type `rho`.

    >>> centralizer((2, 1, 1))
    4
    """
    return prod(k ** rho.count(k) * factorial(rho.count(k)) for k in set(rho))


def times_power_sum(f: Schur, k: int, rows: int) -> Schur:
    """The product of `f` with the power sum ``p_k``, in Schur functions of `rows` variables."""
    out: Schur = {}
    for shape, c in f.items():
        beta = [part + rows - 1 - i for i, part in enumerate(shape)]
        beta += [rows - 1 - i for i in range(len(shape), rows)]
        for i in range(rows):
            new = beta[i] + k
            j = i
            while j and beta[j - 1] < new:
                j -= 1
            if j and beta[j - 1] == new:
                continue
            moved = [*beta[:j], new, *beta[j:i], *beta[i + 1 :]]
            grown = tuple(b - rows + 1 + n for n, b in enumerate(moved))
            grown = tuple(part for part in grown if part)
            out[grown] = out.get(grown, Fraction(0)) + (-c if (i - j) % 2 else c)
    return {shape: c for shape, c in out.items() if c}


@lru_cache(maxsize=512)
def _power_sums(rho: Partition, rows: int) -> Schur:
    f: Schur = {(): Fraction(1)}
    for k in rho:
        f = times_power_sum(f, k, rows)
    return f


def character(shape: Partition, rho: Partition) -> int:
    """The character of the symmetric group that belongs to `shape`, at the cycle type `rho`.

    >>> character((2, 1), (1, 1, 1)), character((2, 1), (3,))
    (2, -1)
    """
    return int(_power_sums(rho, sum(shape)).get(shape, Fraction(0)))


@lru_cache(maxsize=4096)
def schur_product(mu: Partition, nu: Partition, rows: int) -> dict[Partition, int]:
    """``s_mu s_nu`` in `rows` variables: the coefficients of Littlewood and Richardson.

    >>> schur_product((1,), (1, 1), 2)
    {(2, 1): 1}
    """
    small, large = (mu, nu) if sum(mu) <= sum(nu) else (nu, mu)
    total: Schur = {}
    if max(len(mu), len(nu)) > rows:
        return {}
    n = sum(small)
    for rho in partitions(n):
        value = Fraction(character(small, rho), centralizer(rho))
        if value:
            f: Schur = {large: value}
            for k in rho:
                f = times_power_sum(f, k, rows)
            for shape, c in f.items():
                total[shape] = total.get(shape, Fraction(0)) + c
    return {shape: int(c) for shape, c in sorted(total.items(), reverse=True) if c}


def littlewood_richardson(lam: Partition, mu: Partition, nu: Partition) -> int:
    """The multiplicity of ``S_lam`` in the product of ``S_mu`` and ``S_nu``.

    >>> littlewood_richardson((3, 2, 1), (2, 1), (2, 1))
    2
    """
    if sum(lam) != sum(mu) + sum(nu):
        return 0
    return schur_product(mu, nu, max(len(lam), len(mu), len(nu), 1)).get(lam, 0)


def dimension(shape: Partition, n: int) -> int:
    """The dimension of the irreducible module ``S_shape`` of GL(n), by hooks and contents.

    >>> dimension((2, 1), 3), dimension((1, 1, 1), 2)
    (8, 0)
    """
    columns = conjugate(shape)
    top = bottom = 1
    for i, part in enumerate(shape):
        for j in range(part):
            top *= n + j - i
            bottom *= part - j + columns[j] - i - 1
    return top // bottom


def _times_symmetric(f: Schur, k: int, q: int, rows: int) -> Schur:
    """The product of `f` with the plethysm ``p_k[h_q]``."""
    out: Schur = {}
    for rho in partitions(q):
        term = {shape: c / centralizer(rho) for shape, c in f.items()}
        for part in rho:
            term = times_power_sum(term, k * part, rows)
        for shape, c in term.items():
            out[shape] = out.get(shape, Fraction(0)) + c
    return {shape: c for shape, c in out.items() if c}


@lru_cache(maxsize=512)
def _plethysm(rho: Partition, q: int, rows: int) -> Schur:
    if not rho:
        return {(): Fraction(1)}
    return _times_symmetric(_plethysm(rho[1:], q, rows), rho[0], q, rows)


@lru_cache(maxsize=4096)
def ambient(mu: Partition, nu: Partition, q: int, rows: int) -> dict[Partition, int]:
    """Multiplicities of ``S_mu R x S_lam U x S_nu W`` in ``Sym(R x S^q U x W)``, U of dim `rows`.

    >>> ambient((2,), (1, 1), 2, 2)
    {(3, 1): 1}
    """
    total: Schur = {}
    for rho in partitions(sum(mu)):
        weight = Fraction(character(mu, rho) * character(nu, rho), centralizer(rho))
        if weight:
            for shape, c in _plethysm(rho, q, rows).items():
                total[shape] = total.get(shape, Fraction(0)) + weight * c
    return {shape: int(c) for shape, c in sorted(total.items(), reverse=True) if c}


def layer_bound(mu: Partition, lam: Partition, nu: Partition, tokens: int, rank: int | None) -> int:
    """An upper bound for the multiplicity of ``(mu|lam|nu)`` in the coordinate ring of one layer.

    Several tokens: the coefficient of Littlewood and Richardson, or 0 when `nu` has more rows than
    `rank`.  One token: the multiplicity in ``S_mu`` times the coordinate ring of symmetric
    matrices of rank at most ``2 rank``, the sum of ``S_tau`` with even parts.

    >>> layer_bound((2,), (3, 1), (1, 1), 2, None), layer_bound((2,), (3, 1), (1, 1), 2, 1)
    (1, 0)
    """
    if tokens > 1:
        return 0 if rank is not None and len(nu) > rank else littlewood_richardson(lam, mu, nu)
    rows = None if rank is None else 2 * rank
    forms = partitions(sum(mu), rows)
    return sum(littlewood_richardson(lam, mu, tuple(2 * x for x in t)) for t in forms)


def spelled(shape: Partition) -> str:
    """A partition as people write it: ``(3, 1)`` as ``31``.

    >>> spelled((3, 1)), spelled((10, 2)), spelled(())
    ('31', '10.2', '0')
    """
    if not shape:
        return "0"
    return ("." if max(shape) > 9 else "").join(str(part) for part in shape)
