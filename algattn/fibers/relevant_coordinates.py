"""Few coordinates of a map over which a function is algebraic, by ranks at a point.

A relation needs no more of them, and there are far fewer monomials.
"""

from __future__ import annotations

from collections.abc import Sequence

from algattn.exact import Polynomial
from algattn.exact.modular import echelon, matrix_of
from algattn.maps import PolynomialMap


def relevant(
    joint: PolynomialMap, seed: int, prime: int, among: Sequence[int] | None = None
) -> list[tuple[tuple[int, ...], bool]]:
    """Sets of coordinates whose differentials very likely span that of the last one, small first.

    A circuit, taken from coordinates with few other parameters than the function; all that are
    algebraic over it; and all coordinates (or those `among` which to choose).  With each set,
    whether it is known to be independent.

    Examples
    --------
    >>> joint = PolynomialMap(["a", "b*c", "c", "c^2", "d", "b"])
    >>> relevant(joint, 0, 10007)
    [((1, 2), True), ((1, 2, 3), False), ((0, 1, 2, 3, 4), False)]
    """
    n, k = len(joint.coordinates) - 1, len(joint.parameters)
    _, _, rows = joint.rows(joint.random_point(seed, prime))
    whole = tuple(range(n)) if among is None else tuple(among)
    order = _order(joint, whole)
    columns = [rows[j] for j in (*order, n)]
    reduced, pivots = echelon(matrix_of(columns, range(k), prime).transpose())
    rank = len(pivots)
    table = [[int(x) for x in row] for row in reduced.tolist()[:rank]]
    if len(order) in pivots:
        return [(whole, rank > len(whole))]
    used = [row[-1] != 0 for row in table]
    circuit = [order[c] for c, u in zip(pivots, used, strict=True) if u]
    closure = [
        order[c]
        for c in range(len(order))
        if all(u or not row[c] for u, row in zip(used, table, strict=True))
    ]
    found = {tuple(sorted(circuit)): True}
    for base in (tuple(sorted(closure)), whole):
        found.setdefault(base, rank == len(base) == len(whole))
    return list(found.items())


def _order(joint: PolynomialMap, among: Sequence[int]) -> list[int]:
    """The coordinates, those first that bring few parameters that did not occur before."""
    k, order = len(joint.parameters), []
    pairs = list(zip(joint.numerators, joint.denominators, strict=True))
    occur = {j: _parameters(p, k) | _parameters(q, k) for j, (p, q) in enumerate(pairs)}
    known = occur[len(pairs) - 1]
    left = {j: (pairs[j][0].degree(), len(pairs[j][0]), j) for j in among}
    while left:
        best = min(left, key=lambda j: (len(occur[j] - known), left[j]))
        known = known | occur[best]
        del left[best]
        order.append(best)
    return order


def _parameters(poly: Polynomial, k: int) -> set[int]:
    degrees = poly.flint.degrees()[:k]
    return {i for i, d in enumerate(degrees) if int(d) > 0}
