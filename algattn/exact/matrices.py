"""Exact matrices over any field of :mod:`algattn.exact`, immutable, with rank, kernel and solve."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import gcd
from typing import Any

from flint import fmpq, fmpq_mat, fmpz_mat, nmod_mat

from algattn.errors import FieldError, RingMismatchError, ShapeError
from algattn.exact.field_data import field_from_data
from algattn.exact.fields import Field, PrimeField, RationalField


class Matrix:
    """An immutable matrix over a field.

    Parameters
    ----------
    field : Field
        Where the entries live.
    rows : nested sequence
        The entries, row by row; anything that the field can read.
    shape : (int, int), optional
        Needed only when there are no rows or no columns.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> M = Matrix(QQ, [[1, "1/2"], [2, 1]])
    >>> M.rank(), M.kernel().tolist()
    (1, [[Fraction(-1, 2)], [1]])
    """

    __slots__ = ("_flint", "_rows", "field", "shape")

    def __init__(
        self, field: Field, rows: Sequence[Sequence[Any]], shape: tuple[int, int] | None = None
    ) -> None:
        entries = [[field(x) for x in row] for row in rows]
        m = len(entries)
        n = len(entries[0]) if entries else (shape[1] if shape else 0)
        for i, row in enumerate(entries):
            if len(row) != n:
                raise ShapeError(
                    "make a matrix",
                    f"row 1 has {n} entries and row {i + 1} has {len(row)}",
                    "give every row the same length",
                )
        if shape is not None and shape != (m, n):
            raise ShapeError("make a matrix", f"{m}x{n} entries for {shape}", "mend the shape")
        self.field = field
        self.shape = (m, n)
        self._rows: list[list[Any]] | None = entries
        self._flint: Any = None

    @classmethod
    def _wrap(cls, field: Field, flint: Any) -> Matrix:
        self = object.__new__(cls)
        self.field = field
        self.shape = (flint.nrows(), flint.ncols())
        self._flint = flint
        self._rows = None
        return self

    @classmethod
    def zeros(cls, field: Field, m: int, n: int) -> Matrix:
        """The m x n matrix of zeros."""
        return cls(field, [[0] * n for _ in range(m)], (m, n))

    @classmethod
    def identity(cls, field: Field, n: int) -> Matrix:
        """The n x n identity matrix."""
        return cls(field, [[int(i == j) for j in range(n)] for i in range(n)], (n, n))

    @property
    def flint(self) -> Any:
        """The FLINT matrix, where FLINT has one for this field, else None."""
        if self._flint is None and self._rows is not None:
            flat = [x for row in self._rows for x in row]
            if isinstance(self.field, RationalField):
                self._flint = fmpq_mat(*self.shape, flat)
            elif isinstance(self.field, PrimeField):
                self._flint = nmod_mat(*self.shape, [int(x) for x in flat], self.field.p)
        return self._flint

    @property
    def rows(self) -> list[list[Any]]:
        """The entries as elements of the field, row by row."""
        if self._rows is None:
            self._rows = self._flint.tolist()
        return self._rows

    def __getitem__(self, index: tuple[int, int]) -> Any:
        return self.rows[index[0]][index[1]]

    def row(self, i: int) -> list[Any]:
        """Row i as a new list."""
        return list(self.rows[i])

    def column(self, j: int) -> list[Any]:
        """Column j as a new list."""
        return [row[j] for row in self.rows]

    def tolist(self) -> list[list[Any]]:
        """Entries as Python numbers."""
        return [[self.field.to_python(x) for x in row] for row in self.rows]

    def to_data(self) -> list[list[Any]]:
        """Entries as JSON data."""
        return [[self.field.format(x) for x in row] for row in self.rows]

    @property
    def T(self) -> Matrix:
        """The transpose."""
        m, n = self.shape
        rows = [[self.rows[i][j] for i in range(m)] for j in range(n)]
        return Matrix(self.field, rows, (n, m))

    def _same(self, other: Matrix, what: str) -> None:
        if self.field != other.field:
            raise RingMismatchError(what, f"{self.field} is not {other.field}", "convert one")

    def __matmul__(self, other: Matrix) -> Matrix:
        self._same(other, "multiply matrices")
        (m, n), (n2, k) = self.shape, other.shape
        if n != n2:
            raise ShapeError("multiply matrices", f"{m}x{n} times {n2}x{k}", "transpose one")
        if self.flint is not None and m and n and k:
            return Matrix._wrap(self.field, self.flint * other.flint)
        zero = self.field.zero
        rows = [
            [sum((a * b for a, b in zip(row, col, strict=True)), zero) for col in other.T.rows]
            for row in self.rows
        ]
        return Matrix(self.field, rows, (m, k))

    def __add__(self, other: Matrix) -> Matrix:
        self._same(other, "add matrices")
        if self.shape != other.shape:
            raise ShapeError("add matrices", f"{self.shape} and {other.shape}", "use equal shapes")
        rows = [
            [a + b for a, b in zip(r, s, strict=True)]
            for r, s in zip(self.rows, other.rows, strict=True)
        ]
        return Matrix(self.field, rows, self.shape)

    def __mul__(self, scalar: Any) -> Matrix:
        c = self.field(scalar)
        return Matrix(self.field, [[c * x for x in row] for row in self.rows], self.shape)

    __rmul__ = __mul__

    def __neg__(self) -> Matrix:
        return self * -1

    def __sub__(self, other: Matrix) -> Matrix:
        return self + (-other)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Matrix)
            and self.field == other.field
            and self.shape == other.shape
            and self.rows == other.rows
        )

    def __hash__(self) -> int:
        return hash((self.shape, tuple(str(x) for row in self.rows for x in row)))

    def __bool__(self) -> bool:
        return any(x != 0 for row in self.rows for x in row)

    def __repr__(self) -> str:
        body = ", ".join("[" + ", ".join(str(x) for x in row) + "]" for row in self.rows)
        return f"Matrix({self.field}, [{body}])"

    def __reduce__(self) -> Any:
        return _rebuild, (self.field.to_data(), self.to_data(), self.shape)

    def rref(self) -> tuple[Matrix, list[int]]:
        """The reduced row echelon form and its pivot columns."""
        m, n = self.shape
        if self.flint is not None:
            reduced = Matrix._wrap(self.field, self.flint.rref()[0]) if m and n else self
            pivots = []
            for row in reduced.rows:
                j = next((j for j, x in enumerate(row) if x != 0), None)
                if j is None:
                    break
                pivots.append(j)
            return reduced, pivots
        rows, pivots = [list(r) for r in self.rows], []
        for j in range(n):
            top = len(pivots)
            i = next((i for i in range(top, m) if rows[i][j] != 0), None)
            if i is None:
                continue
            rows[top], rows[i] = rows[i], rows[top]
            inverse = self.field.one / rows[top][j]
            rows[top] = [x * inverse for x in rows[top]]
            for i in range(m):
                if i != top and rows[i][j] != 0:
                    c = rows[i][j]
                    rows[i] = [x - c * y for x, y in zip(rows[i], rows[top], strict=True)]
            pivots.append(j)
        return Matrix(self.field, rows, self.shape), pivots

    def rank(self) -> int:
        """The exact rank.

        >>> from algattn.exact import GF
        >>> Matrix(GF(2), [[1, 1], [1, 1]]).rank()
        1
        """
        if 0 in self.shape:
            return 0
        if isinstance(self.field, RationalField):
            # Clearing each row's denominators keeps the integers far smaller than a common one.
            return int(_integral_rows(self.rows).rank())
        if self.flint is not None:
            return int(self.flint.rank())
        return len(self.rref()[1])

    def kernel(self) -> Matrix:
        """A basis of the right kernel, as columns."""
        n = self.shape[1]
        reduced, pivots = self.rref()
        free = [j for j in range(n) if j not in set(pivots)]
        zero, one = self.field.zero, self.field.one
        basis = []
        for j in free:
            vector = [zero] * n
            vector[j] = one
            for i, p in enumerate(pivots):
                vector[p] = -reduced.rows[i][j]
            basis.append(vector)
        if not basis:
            return Matrix(self.field, [[] for _ in range(n)], (n, 0))
        return Matrix(self.field, basis, (len(basis), n)).T

    def solve(self, right: Matrix) -> Matrix | None:
        """Some `x` with ``self @ x == right`` (free unknowns are 0), or None when there is none."""
        self._same(right, "solve a linear system")
        m, n = self.shape
        if right.shape[0] != m:
            raise ShapeError(
                "solve a linear system", f"{m} equations and {right.shape[0]} rows", "mend one"
            )
        k = right.shape[1]
        if m == n and n and k and self.flint is not None:
            # FLINT says at once when the matrix is singular; elimination tells the rest.
            with suppress(ZeroDivisionError):
                return Matrix._wrap(self.field, self.flint.solve(right.flint))
        joined = Matrix(
            self.field,
            [a + b for a, b in zip(self.rows, right.rows, strict=True)],
            (m, n + k),
        )
        reduced, pivots = joined.rref()
        if any(p >= n for p in pivots):
            return None
        rows = [[self.field.zero] * k for _ in range(n)]
        for i, p in enumerate(pivots):
            rows[p] = reduced.rows[i][n:]
        return Matrix(self.field, rows, (n, k))

    def det(self) -> Any:
        """The determinant."""
        m, n = self.shape
        if m != n:
            raise ShapeError("take a determinant", f"the matrix is {m}x{n}", "use a square one")
        if m == 0:
            return self.field.one
        if self.flint is not None:
            return self.field(
                self.flint.det() if isinstance(self.field, RationalField) else int(self.flint.det())
            )
        rows, value = [list(r) for r in self.rows], self.field.one
        for j in range(n):
            i = next((i for i in range(j, n) if rows[i][j] != 0), None)
            if i is None:
                return self.field.zero
            if i != j:
                rows[i], rows[j] = rows[j], rows[i]
                value = -value
            value = value * rows[j][j]
            for i in range(j + 1, n):
                c = rows[i][j] / rows[j][j]
                rows[i] = [x - c * y for x, y in zip(rows[i], rows[j], strict=True)]
        return value

    def inverse(self) -> Matrix:
        """The inverse; a :class:`~algattn.errors.FieldError` when there is none."""
        m, n = self.shape
        solution = self.solve(Matrix.identity(self.field, n)) if m == n else None
        if solution is None:
            raise FieldError("invert a matrix", f"the {m}x{n} matrix is singular", "use another")
        return solution


def _integral_rows(rows: list[list[fmpq]]) -> fmpz_mat:
    out = []
    for row in rows:
        lcm = 1
        for x in row:
            q = int(x.q)
            if lcm % q:
                lcm = lcm * q // gcd(lcm, q)
        out.append([int(x.p) * (lcm // int(x.q)) for x in row])
    return fmpz_mat(out)


def _rebuild(field: Any, rows: Any, shape: tuple[int, int]) -> Matrix:
    return Matrix(field_from_data(field), rows, shape)
