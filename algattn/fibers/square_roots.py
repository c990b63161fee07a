"""A real number field that contains several square roots at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import isqrt, prod
from typing import Any

from algattn.exact import QQ, Field, Matrix, NumberField

MAX_ROOTS = 3


def real_square_roots(numbers: Sequence[int]) -> tuple[Field, dict[int, Any]] | None:
    """A field QQ(theta) with the positive square root of each number, and these roots.

    Parameters
    ----------
    numbers : sequence of int
        Positive.

    Returns
    -------
    (Field, dict) or None
        theta is the sum of the roots of independent numbers (no product of some of them is a
        square), so its conjugates are all the sums with signs, and it is the largest of them.
        None when more than three are independent (degree above 8).

    Examples
    --------
    >>> field, roots = real_square_roots([2, 3, 6])
    >>> field.degree, roots[2] * roots[3] == roots[6]
    (4, True)
    """
    basis: list[int] = []
    relations: dict[int, tuple[int, ...]] = {}
    for number in numbers:
        relation = _relation(number, basis)
        if relation is None:
            basis.append(number)
        else:
            relations[number] = relation
    if len(basis) > MAX_ROOTS:
        return None
    if not basis:
        return QQ, {n: QQ(isqrt(n)) for n in numbers}
    size = 2 ** len(basis)  # coordinates: the products of the roots of a subset of the basis

    def times_theta(vector: list[Any]) -> list[Any]:
        out = [QQ(0)] * size
        for subset, x in enumerate(vector):
            for j, n in enumerate(basis):
                out[subset ^ 1 << j] += x * (n if subset >> j & 1 else 1)
        return out

    powers = [[QQ(int(i == 0)) for i in range(size)]]
    for _ in range(size):
        powers.append(times_theta(powers[-1]))
    singles = [[QQ(int(i == 1 << j)) for i in range(size)] for j in range(len(basis))]
    right = Matrix(QQ, [powers[size], *singles]).T
    solution = Matrix(QQ, powers[:size]).T.solve(right)
    assert solution is not None
    field = NumberField([*(-c for c in solution.column(0)), 1], size - 1)
    roots = {n: field(solution.column(j + 1)) for j, n in enumerate(basis)}
    for number, subset in relations.items():
        whole = isqrt(number * prod(subset))
        product = field.one
        for n in subset:
            product = product * roots[n]
        roots[number] = product.inverse() * whole
    return field, roots


def _relation(number: int, basis: list[int]) -> tuple[int, ...] | None:
    """A subset of the basis whose product with the number is a square."""
    for k in range(len(basis) + 1):
        for subset in combinations(basis, k):
            square = number * prod(subset)
            if isqrt(square) ** 2 == square:
                return subset
    return None
