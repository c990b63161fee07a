"""Exact linear programs: an interior point of a polyhedron, or the reason why there is none.

The question is always the same: is there a point with ``a_i . q + c_i > 0`` for every row
``(a_i, c_i)``?  Either the answer is such a point, or it is a *Farkas certificate*: weights
``y_i >= 0``, not all zero, with ``sum y_i a_i = 0`` and ``sum y_i c_i <= 0``, because then
``sum y_i (a_i . q + c_i) <= 0`` for every `q`.

The method is the dual simplex method on the homogenised and bounded program

    maximise t  subject to  a_i . q + c_i z >= t,  z >= t,  |q_l| <= 1,  z <= 1,

with integer pivots (every intermediate number is a minor of the input, so all divisions are
exact).  Floats choose which constraint to look at next; what is concluded is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any

import numpy as np
from flint import fmpq

from algattn.errors import DisagreementError, LimitError
from algattn.progress import tick
from algattn.tropical.numbers import Row, Vector, clear, primitive

#: Below this many pivots the most violated constraint enters; after it Bland's rule, which ends.
_GREEDY = 60
MAX_PIVOTS = 20_000
_TINY = 1e-9
#: Floats from here on have no digits behind the point.
_LARGE = 1 << 52


@dataclass(frozen=True)
class Interior:
    """A point where every row is positive."""

    point: Vector


@dataclass(frozen=True)
class Empty:
    """No such point; ``weights`` maps row numbers to the positive integers of the certificate."""

    weights: dict[int, int]


class Program:
    """Rows ``(a, c)`` for ``a . q + c > 0`` in `n` unknowns, with a float copy for the hints.

    Examples
    --------
    >>> Program(1, [(1, 0), (-1, 2)]).interior().point        # q > 0 and q < 2
    (1,)
    >>> Program(1, [(1, 0), (-1, 0)]).interior().weights      # q > 0 and q < 0
    {0: 1, 1: 1}
    """

    __slots__ = ("floats", "n", "rows")

    def __init__(self, n: int, rows: Sequence[Row], floats: Any = None) -> None:
        self.n = n
        self.rows = list(rows)
        self.floats = float_rows(self.rows, n) if floats is None else floats

    def holds(self, point: Sequence[Any]) -> bool:
        """Whether every row is positive at a rational point, exactly."""
        (head,), scale = clear([tuple(fmpq(x) for x in point)])
        ints = (*head, scale)
        return all(sum(map(mul, row, ints)) > 0 for row in self.rows)

    def interior(self) -> Interior | Empty:
        """An interior point, or the certificate that there is none; both are checked exactly.

        Raises
        ------
        LimitError
            After too many pivots.
        DisagreementError
            If the certificate does not stand its check.

        Complexity
        ----------
        Usually a few more pivots than unknowns; a pivot costs O(n^2 + rows n) operations with
        integers that are minors of the rows.
        """
        answer = _solve(self)  # a point is returned only after all rows were positive there
        if isinstance(answer, Empty) and not farkas_holds(self.n, self.rows, answer.weights):
            raise DisagreementError(
                "solve a linear program", "its certificate fails the check", "report this", answer
            )
        return answer


def float_rows(rows: Sequence[Row], n: int) -> Any:
    """The rows as floats, each scaled to size one."""
    if not rows:
        return np.zeros((0, n + 1))
    try:
        table = np.array(rows, dtype=float)
    except OverflowError:
        table = np.array([[x / (max(map(abs, row)) or 1) for x in row] for row in rows])
    size = np.abs(table).max(axis=1, keepdims=True)
    size[size == 0] = 1
    return table / size


def _start(rows: Sequence[Row], n: int) -> tuple[list[int], list[list[int]]]:
    """A dual feasible basis: row 0, and the box sides towards which it grows.

    A basis holds constraint numbers: `i` for row i, ``m`` for z >= t, then the box sides
    ``q_l <= 1``, ``-q_l <= 1``, ``z <= 1``.  ``columns[k]`` is the k-th column of the inverse
    basis matrix (times the determinant, which is 1 here).
    """
    m = len(rows)
    first = rows[0] if rows else (0,) * n + (1,)
    basis, columns = [0], [[0] * (n + 1) + [1]]
    for axis in range(n + 1):
        down = axis < n and first[axis] < 0
        basis.append(m + 1 + 2 * axis + int(down))
        column = [0] * (n + 2)
        column[axis] = -1 if down else 1
        column[n + 1] = abs(first[axis])
        columns.append(column)
    return basis, columns


def _constraint(n: int, number: int) -> tuple[list[int], int]:
    """A constraint behind the rows as ``g . (q, z, t) <= h``: z >= t, then the box sides."""
    g = [0] * (n + 2)
    if number == 0:
        g[n], g[n + 1] = -1, 1
        return g, 0
    axis, down = divmod(number - 1, 2)
    g[axis] = -1 if down else 1
    return g, 1


def _solve(program: Program) -> Interior | Empty:
    n, rows = program.n, program.rows
    m = len(rows)
    if rows and rows[0][n] < 0:
        # z = 1 must be a side towards which the first row grows; z >= t can stand in for it.
        order = next((i for i, row in enumerate(rows) if row[n] >= 0), None)
        if order is not None:
            swap = list(range(m))
            swap[0], swap[order] = order, 0
            moved = Program(n, [rows[i] for i in swap], program.floats[swap])
            answer = _solve(moved)
            if isinstance(answer, Empty):
                return Empty({swap[i]: w for i, w in answer.weights.items()})
            return answer
        rows = [(0,) * n + (1,), *rows]
        zero = np.zeros((1, n + 1))
        zero[0, n] = 1
        answer = _solve(Program(n, rows, np.vstack([zero, program.floats])))
        if isinstance(answer, Empty):
            return Empty({i - 1: w for i, w in answer.weights.items() if i})
        return answer
    if not rows:
        return Interior((fmpq(0),) * n)
    basis, columns = _start(rows, n)
    det = 1
    levels = [int(number > m) for number in basis]
    floats = program.floats
    for pivot in range(MAX_PIVOTS):
        tick()
        x = [0] * (n + 2)
        for level, column in zip(levels, columns, strict=True):
            if level:
                x = [a + b for a, b in zip(x, column, strict=True)]
        if x[n + 1] <= 0:
            return _certificate(rows, basis, columns)
        entering = _entering(rows, floats, n, x, det, greedy=pivot < _GREEDY)
        if isinstance(entering, Interior):
            return entering
        if entering < m:
            row, h = rows[entering], 0
            u = [column[-1] - sum(map(mul, row, column)) for column in columns]
        else:
            g, h = _constraint(n, entering - m)
            u = [sum(map(mul, g, column)) for column in columns]
        # The largest step that keeps the weights y_k = columns[k][t] nonnegative.
        leaving = -1
        for k, step in enumerate(u):
            if step > 0:
                if leaving < 0:
                    leaving = k
                    continue
                left = columns[k][n + 1] * u[leaving]
                right = columns[leaving][n + 1] * step
                if left < right or (left == right and basis[k] < basis[leaving]):
                    leaving = k
        out, new_det = columns[leaving], u[leaving]
        for k, step in enumerate(u):
            if k == leaving:
                continue
            if step:
                columns[k] = [
                    (new_det * a - step * b) // det for a, b in zip(columns[k], out, strict=True)
                ]
            elif new_det != det:
                columns[k] = [new_det * a // det for a in columns[k]]
        basis[leaving], levels[leaving], det = entering, h, new_det
    raise LimitError(
        f"solve a linear program with {m} constraints in {n} unknowns",
        f"no end after {MAX_PIVOTS} pivots",
        "install the extra 'polyhedra' and use backend='ppl'",
    )


def _certificate(rows: Sequence[Row], basis: list[int], columns: list[list[int]]) -> Empty:
    weights = {
        number: column[-1]
        for number, column in zip(basis, columns, strict=True)
        if number < len(rows) and column[-1]
    }
    order = sorted(weights)
    return Empty(dict(zip(order, primitive([weights[i] for i in order]), strict=True)))


def _entering(
    rows: Sequence[Row], floats: Any, n: int, x: list[int], det: int, *, greedy: bool
) -> int | Interior:
    """A violated constraint, or the interior point when the current one will do."""
    m, z = len(rows), x[n]
    if greedy and m:
        try:
            values = floats @ np.array([a / det for a in x[: n + 1]])
        except OverflowError:
            values = np.zeros(m)  # no hint
        worst = int(values.argmin())
        if values[worst] < -_TINY:
            return worst
    head = x[: n + 1]
    exact = [sum(map(mul, row, head)) for row in rows]
    if z > 0 and all(value > 0 for value in exact):
        return Interior(tuple(fmpq(a, z) for a in x[:n]))
    t = x[n + 1]
    lowest, chosen = 0, -1
    for i, value in enumerate(exact):
        if value - t < lowest:
            if not greedy:
                return i
            lowest, chosen = value - t, i
    if chosen >= 0:
        return chosen
    if z < t:
        return m
    for axis in range(n + 1):
        if x[axis] > det:
            return m + 1 + 2 * axis
        if axis < n and x[axis] < -det:
            return m + 2 + 2 * axis
    raise ArithmeticError("the program has an optimum without an interior point")


def farkas_holds(n: int, rows: Sequence[Row], weights: dict[int, int]) -> bool:
    """Whether the weights prove that no point makes every row positive.

    >>> farkas_holds(1, [(1, 0), (-1, 0)], {0: 1, 1: 1})
    True
    """
    if not weights or any(w <= 0 or not 0 <= i < len(rows) for i, w in weights.items()):
        return False
    total = [sum(w * rows[i][k] for i, w in weights.items()) for k in range(n + 1)]
    return not any(total[:n]) and total[n] <= 0


def simplify(program: Program, point: Vector) -> Vector:
    """An interior point with small denominators near the given one (or the point itself)."""
    if all(int(x.q) == 1 for x in point):
        return point
    if any(abs(x) >= _LARGE for x in point):
        return point
    floats = [int(x.p) / int(x.q) for x in point]
    for bits in (0, 1, 2, 4, 7, 11, 16):
        step = 1 << bits
        near = tuple(fmpq(round(x * step), step) for x in floats)
        hint = program.floats @ np.array([*(float(int(y.p) / int(y.q)) for y in near), 1.0])
        if (not hint.size or hint.min() > -_TINY) and program.holds(near):
            return near
    return point
