"""Factorisations of a cubic map over a number field, for t = 1, without factoring polynomials.

Rows that are not proportional have S as their common factor exactly when a linear relation
``v_2 F_1 = v_1 F_2`` exists.  Proportional ones come from one cubic; every linear factor passes
through a point of a general line where the cubic vanishes, and there it is the gradient, or what
the Hessian is the square of.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from itertools import count as integers
from typing import Any

from algattn.attention import FunctionMap
from algattn.exact import Field, Matrix, NumberField
from algattn.exact.extensions import Root, gcd, roots
from algattn.exact.quadratic_forms import outer
from algattn.fibers.layer_invariants import (
    SymmetricClass,
    Vector,
    cofactor,
    parallel,
    rank_one_factors,
    signature,
)

Cubic = dict[tuple[int, int, int], Any]  # i <= j <= k to the coefficient of x_i x_j x_k


def classes_over(function: FunctionMap) -> list[SymmetricClass]:
    """All ``(S, V)`` of a nonzero function up to scaling, over the complex numbers."""
    field, d = function.field, function.d_in
    labels = list(combinations_with_replacement(range(d), 3))
    zero = field.zero
    rows = [
        [function.coefficients.get((r, *m), zero) for m in labels] for r in range(function.d_out)
    ]
    table = Matrix(field, rows, (function.d_out, len(labels)))
    if table.rank() == 1:
        h, row = rank_one_factors(table)
        return _of_one(dict(zip(labels, row, strict=True)), h, field, d)
    first = next(i for i, row in enumerate(rows) if any(row))
    second = next(row for row in rows if any(row) and not parallel(rows[first], row))
    f, g = (dict(zip(labels, row, strict=True)) for row in (rows[first], second))
    relations: dict[tuple[int, ...], list[Any]] = {}
    for n in range(d):
        for place, cubic, sign in ((n, g, -1), (d + n, f, 1)):
            for m, c in cubic.items():
                relations.setdefault(tuple(sorted((*m, n))), [zero] * (2 * d))[place] += c * sign
    kernel = Matrix(field, list(relations.values())).kernel()
    if kernel.shape[1] != 1:
        return []
    S = divide(f, kernel.column(0)[:d], field)
    assert S is not None, "the relation is the only one"
    products = [[_product(S, n).get(m, zero) for n in range(d)] for m in labels]
    V = Matrix(field, products).solve(table.T)
    return [] if V is None else [_made(Root(field, None), S, V.T)]


def _made(at: Root, S: Matrix, V: Matrix) -> SymmetricClass:
    real = not isinstance(at.field, NumberField) or at.field.is_real
    return SymmetricClass(at.field, S, V, S.rank(), signature(S) if real else None)


def _product(S: Matrix, n: int) -> Cubic:
    """``S(x) x_n``."""
    out: Cubic = {}
    for i in range(S.shape[0]):
        for j in range(S.shape[0]):
            a, b, c = sorted((i, j, n))
            out[a, b, c] = out.get((a, b, c), S.field.zero) + S[i, j]
    return out


def divide(cubic: Mapping[tuple[int, int, int], Any], line: Vector, field: Field) -> Matrix | None:
    """The symmetric matrix of ``cubic / line``, or None."""
    d = len(line)
    pairs = list(combinations_with_replacement(range(d), 2))
    table: dict[tuple[int, ...], list[Any]] = {m: [field.zero] * len(pairs) for m in cubic}
    for place, pair in enumerate(pairs):
        for n, x in enumerate(line):
            table[tuple(sorted((*pair, n)))][place] += x
    right = Matrix(field, [[c] for c in cubic.values()])
    found = Matrix(field, list(table.values())).solve(right)
    if found is None:
        return None
    half = field.one / 2
    rows = [[field.zero] * d for _ in range(d)]
    for (i, j), c in zip(pairs, found.column(0), strict=True):
        rows[i][j] = rows[j][i] = c if i == j else c * half
    return Matrix(field, rows)


def _gradient(cubic: Cubic, point: Vector, field: Field) -> Vector:
    out = [field.zero] * len(point)
    for (i, j, k), c in cubic.items():
        for n, (a, b) in ((i, (j, k)), (j, (i, k)), (k, (i, j))):
            out[n] = out[n] + c * point[a] * point[b]
    return out


def _hessian(cubic: Cubic, point: Vector, field: Field) -> Matrix:
    rows = [[field.zero] * len(point) for _ in point]
    for m, c in cubic.items():
        for x in range(3):
            for y in range(3):
                if x != y:
                    rows[m[x]][m[y]] = rows[m[x]][m[y]] + c * point[m[3 - x - y]]
    return Matrix(field, rows)


def _on_line(cubic: Cubic, p: Sequence[int], w: Sequence[int], field: Field) -> list[Any]:
    """The coefficients of ``cubic(p + s w)``."""
    out = [field.zero] * 4
    for m, c in cubic.items():
        part = [c]
        for n in m:
            part = [
                (part[e] * p[n] if e < len(part) else field.zero)
                + (part[e - 1] * w[n] if e else field.zero)
                for e in range(len(part) + 1)
            ]
        out = [x + y for x, y in zip(out, part, strict=True)]
    return out


def _of_one(cubic: Cubic, h: Vector, field: Field, d: int) -> list[SymmetricClass]:
    """The classes of ``h cubic``."""
    rng = random.Random("algattn lines over number fields")
    for size in integers(2):
        p, w = ([rng.randint(-size, size) for _ in range(d)] for _ in range(2))
        g = _on_line(cubic, p, w, field)
        if g[3] == 0:
            continue
        double = gcd(g, [c * n for n, c in enumerate(g)][1:])
        lines: list[tuple[Root, Vector]] | None
        if len(double) == 1:
            lines = []
            for at in roots(field, g):
                point = [at.value * y + x for x, y in zip(p, w, strict=True)]
                moved = {m: at.image(c) for m, c in cubic.items()}
                lines.append((at, _gradient(moved, point, at.field)))
        else:
            s0 = -double[-2] / double[-1] / (len(double) - 1)
            lines = _repeated(cubic, [s0 * y + x for x, y in zip(p, w, strict=True)], field)
            if lines is None:
                continue  # the line meets a singular point
        out = []
        for at, line in lines:
            S = divide({m: at.image(c) for m, c in cubic.items()}, line, at.field)
            if S is not None:
                out.append(_made(at, S, outer(at.images(h), line, at.field)))
        return out
    raise AssertionError("unreachable")


def _repeated(cubic: Cubic, point: Vector, field: Field) -> list[tuple[Root, Vector]] | None:
    """The lines of ``l^2 m`` or ``l^3``, from a point on l; None when it is no such cubic."""
    here, hessian = Root(field, None), _hessian(cubic, point, field)
    if hessian:  # 2 m(point) l l^T
        line = next(row for row in hessian.rows if any(row))
        S = divide(cubic, line, field)
        other = None if S is None else cofactor(S, line)
        return None if other is None else [(here, line), (here, other)]
    rng = random.Random("algattn cubes")
    gradient = [field.zero] * len(point)
    while not any(gradient):
        gradient = _gradient(cubic, [field(rng.randint(-9, 9)) for _ in point], field)
    S = divide(cubic, gradient, field)
    if S is None or S.rank() != 1 or not parallel(next(r for r in S.rows if any(r)), gradient):
        return None
    return [(here, gradient)]
