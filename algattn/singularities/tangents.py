"""What a function space looks like at the function of given weights, over any real field.

The function may have other weights, and the differential may have a kernel, so the image of the
differential is in general smaller than the linear span of the tangent cone.  The missing
directions are products again: functions of pairs (A', V'), written down without any division.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from algattn.attention import Architecture
from algattn.exact import Matrix
from algattn.exact.quadratic_forms import outer
from algattn.fibers.layer_invariants import cofactor, parallel, sign, symmetric_part
from algattn.singularities.balls import ball_signature

Pair = tuple[Matrix, Matrix]


def rank(table: Matrix) -> int:
    """The rank, by 2-minors where they settle it: no division of long numbers."""
    rows = [r for r in table.rows if any(x != 0 for x in r)]
    if not rows:
        return 0
    if all(parallel(rows[0], r) for r in rows):
        return 1
    return 2 if min(table.shape) == 2 else table.rank()


def _nonzero(rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
    return next(r for r in rows if any(x != 0 for x in r))


def factors(table: Matrix) -> tuple[Sequence[Any], Sequence[Any]]:
    """(x, y) such that a matrix of rank one is a multiple of ``x y^T``."""
    return _nonzero(table.T.rows), _nonzero(table.rows)


def definite(S: Matrix) -> bool:
    """Whether a form of rank two has two equal signs."""
    d = S.shape[0]
    minors = (S[i, i] * S[j, j] - S[i, j] * S[i, j] for i in range(d) for j in range(i))
    return sign(S.field, sum(minors, S.field.zero)) > 0


def stratum_of(network: Architecture, A: Matrix, V: Matrix) -> str:
    """The name of the stratum of real weights; agrees with ``net.classify(W).stratum``."""
    single = network.tokens == 1
    form = symmetric_part(A) if single else A
    if not form or not V:
        return "zero"
    r, m = rank(form), rank(V)
    if not single:
        if r > 1 or m > 1:
            return f"rank A = {r}, rank V = {m}"
        if network.d_in == 1:
            return "nonzero"
        k, v = factors(A)[0], factors(V)[1]
        return "k, v parallel" if parallel(k, v) else "k, v independent"
    if m > 1 or r > 2:
        p, n = ball_signature(form)
        return f"signature ({max(p, n)},{min(p, n)}), rank V = {m}"
    v = factors(V)[1]
    if r == 1:
        return "triple line" if parallel(factors(form)[1], v) else "double line"
    if definite(form):
        return "a line and a conjugate pair"
    return "three real lines" if cofactor(form, v) is None else "double line"


def other_pairs(network: Architecture, A: Matrix, V: Matrix) -> Iterator[Pair]:
    """The other real weights of the function of A = k q^T, V = h v^T, in another order.

    For t >= 2 k and v are exchanged, for t = 1 (a = 1) all three of k, q, v.
    """
    if rank(A) != 1 or rank(V) != 1:
        return
    (k, q), (h, v) = factors(A), factors(V)

    def scaled(x: Sequence[Any], y: Sequence[Any], table: Matrix) -> Any:
        i, j = (next(n for n, c in enumerate(z) if c != 0) for z in (x, y))
        return table[i, j] / (x[i] * y[j])

    size = scaled(k, q, A) * scaled(h, v, V)
    orders = [(v, q, k)] if network.tokens > 1 else [(v, q, k), (k, v, q)]
    for first, second, third in orders:
        if network.tokens == 1 or not parallel(k, v):
            yield outer(first, second, A.field), outer(h, third, A.field) * size


def further_directions(network: Architecture, A: Matrix, V: Matrix) -> Iterator[Pair]:
    """Pairs whose functions span, with the derivatives along weights, all real tangent cones.

    At the function of real weights (A, V), not zero, of one layer: the branches of the other real
    weights with the same function, the squares (cubes) of the directions that the differential
    loses, and all forms where the rank of the form is below its bound.
    """
    field, d = A.field, network.d_in
    units = Matrix.identity(field, d).rows
    if network.tokens == 1:
        yield from _cubics(network, symmetric_part(A), V)
        return
    if rank(A) > 1 or rank(V) > 1:
        return
    (k, q), (h, v) = factors(A), factors(V)
    if parallel(k, v):
        for i, u in enumerate(units):
            for w in units[i:]:
                yield outer(w, q, field), outer(h, u, field)  # h u(x) w(x) q(y)
        return
    other = outer(v, q, field), outer(h, k, field)
    for u, w in product(units, units):
        if min(network.ranks[0], d) > 1:
            yield outer(u, w, field), other[1]
    for u in units:
        yield outer(u, q, field), other[1]
        yield outer(v, u, field), other[1]
    yield from ((other[0], part) for part in _values(network, field))


def _values(network: Architecture, field: Any) -> Iterator[Matrix]:
    rows = Matrix.identity(field, network.d_out).rows
    columns = Matrix.identity(field, network.d_in).rows
    for e, u in product(rows, columns):
        yield outer(e, u, field)


def _cubics(network: Architecture, S: Matrix, V: Matrix) -> Iterator[Pair]:
    field, d = S.field, network.d_in
    bound, r = min(2 * network.ranks[0], d), rank(S)
    units = Matrix.identity(field, d).rows
    forms = [outer(u, w, field) for i, u in enumerate(units) for w in units[i:]]
    if r < bound or bound == d:
        yield from ((form, V) for form in forms)
    if r > 2 or rank(V) > 1 or (r == 2 and definite(S)):
        return  # one real factorisation
    h, v = factors(V)
    lines = [row for row in S.rows if any(x != 0 for x in row)]  # they span the factors of S
    for w in lines:
        yield from ((outer(v, w, field), part) for part in _values(network, field))
    thirds: list[Sequence[Any]] = list(lines) if bound > 2 or bound == d else []
    m = cofactor(S, v)
    if m is not None:
        thirds.append(m)  # the pair (v^2, h m), its form below the bound
    for third in thirds:
        yield from ((form, outer(h, third, field)) for form in forms)
    if m is not None and parallel(m, v):
        yield from ((form, outer(h, u, field)) for form, u in product(forms, units))
