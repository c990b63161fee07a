"""Quadratic forms over exact fields: squares, local invariants, and where they have no zero.

Over QQ the theorem of Hasse and Minkowski decides: a form has a nontrivial rational zero exactly
when it has one over the reals and over every field of p-adic numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod
from typing import Any

from flint import fmpq, fmpz

from algattn.errors import UndecidedError
from algattn.exact.fields import Field
from algattn.exact.matrices import Matrix
from algattn.exact.numerals import digits

#: Composite numbers without a small factor are factored up to this many digits.
MAX_DIGITS = 55
_SMALL_PRIMES = 10_000


def outer(left: Sequence[Any], right: Sequence[Any], field: Field) -> Matrix:
    """The matrix ``left right^T``."""
    return Matrix(field, [[field(x) * field(y) for y in right] for x in left])


def diagonalise(S: Matrix) -> tuple[list[Any], Matrix]:
    """``(d_1..d_r)`` and rows ``u_i`` with ``S = sum d_i u_i u_i^T``, by completing squares.

    Works over every field of characteristic not 2; r is the rank.
    """
    field, n = S.field, S.shape[0]
    rest, values, forms = S, [], []
    while rest:
        i = next((i for i in range(n) if rest[i, i] != 0), None)
        if i is not None:
            w = [field(int(j == i)) for j in range(n)]
        else:
            i, j = next((i, j) for i in range(n) for j in range(n) if rest[i, j] != 0)
            w = [field(int(m in (i, j))) for m in range(n)]
        form = [sum((x * y for x, y in zip(row, w, strict=True)), field.zero) for row in rest.rows]
        pivot = sum((x * y for x, y in zip(form, w, strict=True)), field.zero)
        values.append(field.one / pivot)
        forms.append(form)
        rest = rest - outer(form, form, field) * values[-1]
    return values, Matrix(field, forms, (len(forms), n))


def prime_divisors(n: int, max_digits: int = MAX_DIGITS) -> list[int]:
    """The primes that divide a nonzero integer, in increasing order.

    Raises
    ------
    UndecidedError
        When a composite number of more than `max_digits` digits is left after trial division.

    >>> prime_divisors(-360)
    [2, 3, 5]
    """
    found: set[int] = set()
    todo = [abs(n)]
    while todo:
        for factor, _ in fmpz(todo.pop()).factor(trial_limit=_SMALL_PRIMES):
            size = len(digits(int(factor)))
            root = isqrt(int(factor))
            if factor.is_prime():
                found.add(int(factor))
            elif root * root == factor:
                todo.append(root)
            elif size > max_digits:
                raise UndecidedError(
                    "factor a number",
                    f"could not factor the {size}-digit number {digits(int(factor))[:40]}..",
                    "smaller coefficients",
                )
            else:
                found |= {int(p) for p, _ in factor.factor()}
    return sorted(found)


def hilbert_symbol(a: Any, b: Any, p: int) -> int:
    """1 when ``a x^2 + b y^2 = z^2`` has a nontrivial zero over QQ_p, else -1; p = 0: the reals.

    Parameters
    ----------
    a, b : nonzero rationals
    p : int
        A prime, or 0.

    References
    ----------
    J.-P. Serre, A Course in Arithmetic, chapter III, theorem 1.

    >>> [hilbert_symbol(-1, -1, p) for p in (0, 2, 3)]
    [-1, -1, 1]
    """
    if p == 0:
        return -1 if a < 0 and b < 0 else 1
    (i, u), (j, v) = _split_power(a, p), _split_power(b, p)
    if p == 2:
        exponent = (u - 1) // 2 * ((v - 1) // 2) + i * (v * v - 1) // 8 + j * (u * u - 1) // 8
        return -1 if exponent % 2 else 1
    sign = -1 if i % 2 and j % 2 and p % 4 == 3 else 1
    sign *= int(fmpz(u % p).jacobi(p)) if j % 2 else 1
    return sign * (int(fmpz(v % p).jacobi(p)) if i % 2 else 1)


def _split_power(x: Any, p: int) -> tuple[int, int]:
    """``(k, u)`` with ``x = p^k u`` modulo squares and u an integer prime to p."""
    x = fmpq(x)
    n, k = int(x.p) * int(x.q), 0
    while n % p == 0:
        n, k = n // p, k + 1
    return k, n


def is_local_square(x: Any, p: int) -> bool:
    """Whether a nonzero rational is a square in QQ_p, or in the reals (p = 0)."""
    if p == 0:
        return bool(x > 0)
    k, u = _split_power(x, p)
    return k % 2 == 0 and (u % 8 == 1 if p == 2 else int(fmpz(u % p).jacobi(p)) == 1)


def is_isotropic_at(values: Sequence[Any], p: int) -> bool:
    """Whether ``sum values_i x_i^2`` (all nonzero) has a nontrivial zero over QQ_p or R (p = 0).

    References
    ----------
    J.-P. Serre, A Course in Arithmetic, chapter IV, theorem 6.

    >>> is_isotropic_at([1, 1, -3], 3), is_isotropic_at([1, 1, -2], 3)
    (False, True)
    """
    n = len(values)
    if p == 0:
        return any(x > 0 for x in values) and any(x < 0 for x in values)
    if n < 2 or n > 4:
        return n > 4
    d = prod(values, start=fmpq(1))
    if n == 2:
        return is_local_square(-d, p)
    hasse = 1
    for j in range(n):
        for i in range(j):
            hasse *= hilbert_symbol(values[i], values[j], p)
    if n == 3:
        return hasse == hilbert_symbol(-1, -d, p)
    return not is_local_square(d, p) or hasse == hilbert_symbol(-1, -1, p)
