"""Nontrivial zeros of quadratic forms, and why there are none.

Over GF(p) a random line meets a form of rank three in a zero half of the time.  Over QQ the form is
an integral lattice: overlattices and sublattices remove primes from its determinant, reduction of a
positive definite majorant makes it small, and a reduced indefinite form of three variables of
determinant 1 or -1 shows a zero.  With more variables a section by three of them is searched that
has zeros everywhere locally.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from math import gcd, lcm
from typing import Any

from flint import fmpz, fmpz_mat, fmpz_mod_ctx, fmpz_mod_mat

from algattn.errors import FieldError, UndecidedError
from algattn.exact.fields import QQ, PrimeField, RationalField
from algattn.exact.matrices import Matrix
from algattn.exact.number_fields import NumberField
from algattn.exact.quadratic_forms import (
    MAX_DIGITS,
    diagonalise,
    is_isotropic_at,
    prime_divisors,
)
from algattn.exact.roots import root_modulo, square_root

Vector = list[Any]
_SECTIONS = 4000
_EASY_DIGITS = 30


class Anisotropic(Exception):  # noqa: N818 - an answer, not an error
    """The form has no nontrivial zero; the text says why."""


def isotropic_vector(S: Matrix) -> Vector:
    """A nonzero x with ``x^T S x = 0``.

    Parameters
    ----------
    S : Matrix
        Symmetric, over a field of characteristic not two.

    Raises
    ------
    Anisotropic
        When there is none, with the reason in words.
    UndecidedError
        Over QQ when a number of more than 55 digits has to be factored, and over a number field
        when no two squares of a diagonal form cancel.

    Complexity
    ----------
    Over QQ, the factorisation of the determinant and, with n > 3 variables, about ``2^m`` sections,
    where m is the number of primes in the determinant of one.

    References
    ----------
    D. Simon, Solving quadratic equations using reduced unimodular quadratic forms, Math. Comp. 74
    (2005): minimisation and reduction in three variables.

    Examples
    --------
    >>> x = isotropic_vector(Matrix(QQ, [[1, 0, 0], [0, 3, 0], [0, 0, -7]]))
    >>> x[0] ** 2 + 3 * x[1] ** 2 - 7 * x[2] ** 2
    0
    """
    kernel = S.kernel()
    if kernel.shape[1]:
        return kernel.column(0)
    field = S.field
    if isinstance(field, RationalField):
        return _rational(S, MAX_DIGITS)
    if isinstance(field, PrimeField):
        if field.p == 2:
            raise FieldError("find a zero of a form", "the characteristic is 2", "an odd prime")
        found = zero_modulo([[int(x) for x in row] for row in S.rows], field.p)
        if found is None:
            raise Anisotropic(f"it has no zero over {field}: the discriminant is no square")
        return [field(x) for x in found]
    values, forms = diagonalise(S)
    if (
        isinstance(field, NumberField)
        and field.is_real
        and len({field.sign(v) for v in values}) == 1
    ):
        raise Anisotropic("it is definite")
    for i, j in combinations(range(len(values)), 2):
        w = square_root(field, -values[j] / values[i])
        if w is not None:
            wanted = [[w if n == i else field(int(n == j))] for n in range(len(values))]
            solution = forms.solve(Matrix(field, wanted))
            assert solution is not None
            return solution.column(0)
    if len(values) <= 2:
        raise Anisotropic(f"it has no zero over {field}: the discriminant is no square")
    raise UndecidedError(
        f"find a zero of a form over {field}", "no two of its squares cancel", "rational numbers"
    )


def zero_modulo(gram: Sequence[Sequence[int]], p: int) -> list[int] | None:
    """A nonzero zero of a form modulo an odd prime of any size; None for two variables only.

    In two variables the line through both units decides; in more a random line has a zero with
    probability near one half.
    """
    n = len(gram)
    rng = random.Random(f"algattn isotropy {p}")
    if n < 2:
        return None if gram[0][0] % p else [1]
    x, y = ([int(i == j) for j in range(n)] for i in range(2))
    while True:
        a, b, c = (_pair(gram, *v) % p for v in ((x, x), (x, y), (y, y)))
        if c == 0:
            return y
        root = root_modulo(b * b - a * c, p)
        if root is not None:  # a + 2 b s + c s^2 = 0
            s = (root - b) * pow(c, -1, p)
            found = [(u + s * v) % p for u, v in zip(x, y, strict=True)]
            if any(found):
                return found
        if n == 2:
            return None
        x = [rng.randrange(p) for _ in range(n)]
        y = [rng.randrange(p) for _ in range(n)]
        if not any(y):
            y[0] = 1


def _pair(gram: Sequence[Sequence[int]], x: Sequence[int], y: Sequence[int]) -> int:
    rows = zip(x, gram, strict=True)
    return sum(a * g * b for a, row in rows if a for g, b in zip(row, y, strict=True) if b)


# --- over the rationals --------------------------------------------------------------------------


def _rational(S: Matrix, max_digits: int) -> Vector:
    """A zero of a nondegenerate rational form."""
    n = S.shape[0]
    values, _ = diagonalise(S)
    if n == 1:
        raise Anisotropic("it has one variable")
    if not is_isotropic_at(values, 0):
        raise Anisotropic("it is definite")
    if n == 2:
        d = -S.det()
        if (root := square_root(QQ, d)) is None:
            raise Anisotropic("its discriminant is no square")
        return [root - S[0, 1], S[0, 0]] if S[0, 0] != 0 else [QQ(1), QQ(0)]
    basis = _reduced(Matrix.identity(QQ, n), S)
    if (short := _short(_gram(basis, S))) is not None:
        return _combined(basis, short)
    primes, failure = [2], None
    try:
        primes = sorted({2, *prime_divisors(_determinant(_gram(basis, S)), max_digits)})
    except UndecidedError as error:
        if n == 3:
            raise
        failure = error
    for p in primes:
        if not is_isotropic_at(values, p):
            raise Anisotropic(f"it has no zero over the {p}-adic numbers (Hasse-Minkowski)")
    basis = _minimised(basis, S, primes)
    gram = _gram(basis, S)
    if (short := _short(gram, 1 if n > 3 else 3)) is not None:
        return _combined(basis, short)
    assert n > 3, "a reduced ternary form of determinant 1 has a small zero"
    for rows in _sections(n):
        section = Matrix(QQ, rows)
        form = section @ Matrix(QQ, gram) @ section.T
        kernel = form.kernel()
        try:
            x = kernel.column(0) if kernel.shape[1] else _rational(form, _EASY_DIGITS)
        except (Anisotropic, UndecidedError):
            continue
        return _combined(basis, _combined(section, x))
    raise failure or UndecidedError(
        "find a zero of a rational form", f"{_SECTIONS} sections have none", "smaller numbers"
    )


def _sections(n: int) -> Iterator[list[list[int]]]:
    """Triples of independent small vectors, the units first."""
    units = [[int(i == j) for j in range(n)] for i in range(n)]
    yield from (list(rows) for rows in combinations(units, 3))
    rng = random.Random(f"algattn sections {n}")
    for tries in range(_SECTIONS):
        size = 1 + tries // 200
        rows = [[rng.randint(-size, size) for _ in range(n)] for _ in range(3)]
        if fmpz_mat(rows).rank() == 3:
            yield rows


def _combined(basis: Matrix, x: Sequence[Any]) -> Vector:
    """The primitive integral multiple of ``x basis``."""
    return [QQ(c) for c in _primitive((Matrix(QQ, [list(x)]) @ basis).row(0))]


def _gram(basis: Matrix, S: Matrix) -> list[list[int]]:
    """The primitive integral multiple of the form in this basis (rows)."""
    G = basis @ S @ basis.T
    scale = lcm(*(int(c.q) for row in G.rows for c in row))
    whole = [[int((c * scale).p) for c in row] for row in G.rows]
    common = gcd(*(c for row in whole for c in row))
    return [[c // common for c in row] for row in whole]


def _determinant(gram: list[list[int]]) -> int:
    return int(fmpz_mat(gram).det())


def _reduced(basis: Matrix, S: Matrix) -> Matrix:
    """A basis of the same lattice that is LLL-reduced for the sum of the absolute squares."""
    for _ in range(3):
        values, forms = diagonalise(basis @ S @ basis.T)
        n = len(values)
        sizes = Matrix(
            QQ, [[abs(v) if i == j else 0 for j in range(n)] for i, v in enumerate(values)]
        )
        majorant = forms.T @ sizes @ forms
        gram = fmpz_mat(_gram(Matrix.identity(QQ, n), majorant))
        _, change = gram.lll(True, 0.99, 0.51, "gram")
        moved = Matrix(QQ, [[int(c) for c in row] for row in change.tolist()]) @ basis
        if moved == basis:
            break
        basis = moved
    return basis


def _short(gram: list[list[int]], size: int = 1) -> list[int] | None:
    """A zero with entries up to `size` (up to five variables), or a unit vector."""
    n = len(gram)
    for i in range(n):
        if gram[i][i] == 0:
            return [int(i == j) for j in range(n)]
    if n > 5:
        return None
    for x in product(range(-size, size + 1), repeat=n):
        if any(x) and _pair(gram, x, x) == 0:
            return list(x)
    return None


def _minimised(basis: Matrix, S: Matrix, primes: Sequence[int]) -> Matrix:
    """A lattice in the same space whose form has a smaller determinant at these primes.

    With K the kernel of the primitive form G modulo p, of dimension c: a zero k of G/p on K with
    ``p^2 | G(k, k)`` gives the overlattice with k/p; else, when 2c > n, the sublattice ``K + pL``
    carries G/p; for three variables and c = 1 so does ``K + y + pL`` with a zero y modulo p.  Each
    step divides the determinant by a power of p; with three variables the last is 1 or -1 when the
    form has zeros over all QQ_p.
    """
    for p in primes:
        while (step := _step(_gram(basis, S), p)) is not None:
            generators, over = step
            n = basis.shape[0]
            scaled = [*generators, *([p * int(i == j) for j in range(n)] for i in range(n))]
            rows = fmpz_mat(scaled).hnf().tolist()[:n]
            moved = Matrix(QQ, [[int(c) for c in row] for row in rows]) @ basis
            basis = _reduced(moved * (QQ(1) / p) if over else moved, S)
    return _reduced(basis, S)


def _step(gram: list[list[int]], p: int) -> tuple[list[list[int]], bool] | None:
    """Generators over ``p L`` of the next lattice, which is divided by p for an overlattice."""
    n = len(gram)
    kernel, free = _kernel_modulo(gram, p)
    c = len(kernel)
    if c == 0:
        return None
    rest = [[_pair(gram, x, y) // p for y in kernel] for x in kernel]
    zero = _even_zero(rest) if p == 2 else zero_modulo(rest, p)
    if zero is not None:
        k = [sum(z * row[i] for z, row in zip(zero, kernel, strict=True)) for i in range(n)]
        if all(x % p == 0 for x in k) or _pair(gram, k, k) % p**2:
            raise AssertionError("the zero is none")
        return [k], True
    if 2 * c > n:
        return kernel, False
    if n == 3:
        i, j = free
        plane = [[gram[a][b] for b in (i, j)] for a in (i, j)]
        y = _even_zero(plane) if p == 2 else zero_modulo(plane, p)
        if y is not None:
            return [*kernel, [y[(i, j).index(m)] if m in (i, j) else 0 for m in range(n)]], False
    return None


def _even_zero(gram: list[list[int]]) -> list[int] | None:
    """A nonzero 0-1 vector at which the form is even: its values modulo 2 are linear."""
    odd = [i for i, row in enumerate(gram) if row[i] % 2]
    even = [i for i in range(len(gram)) if i not in odd]
    chosen = even[:1] or odd[:2]
    if chosen in ([], odd[:1]):
        return None
    return [int(i in chosen) for i in range(len(gram))]


def _kernel_modulo(gram: list[list[int]], p: int) -> tuple[list[list[int]], list[int]]:
    """A basis of the kernel modulo p, and the pivots: coordinates of a complement."""
    n = len(gram)
    reduced, rank = fmpz_mod_mat(
        n, n, [c for row in gram for c in row], fmpz_mod_ctx(fmpz(p))
    ).rref()
    rows = [[int(c) for c in row] for row in reduced.tolist()[:rank]]
    pivots = [next(j for j, c in enumerate(row) if c) for row in rows]
    kernel = []
    for j in (j for j in range(n) if j not in pivots):
        vector = [int(i == j) for i in range(n)]
        for row, pivot in zip(rows, pivots, strict=True):
            vector[pivot] = -row[j] % p
        kernel.append(vector)
    return kernel, pivots


# --- totally isotropic subspaces -----------------------------------------------------------------


def isotropic_subspace(S: Matrix, wanted: int) -> tuple[list[Vector], str | None]:
    """Independent vectors that span a totally isotropic subspace of a nondegenerate form.

    Parameters
    ----------
    S : Matrix
        Symmetric and invertible, over a field of characteristic not two.
    wanted : int
        The dimension asked for.

    Returns
    -------
    (list of vectors, str or None)
        `wanted` vectors and None; or as many as there are in any totally isotropic subspace (by
        Witt's theorem all maximal ones have one dimension), and why there is no further one.

    Raises
    ------
    UndecidedError
        As :func:`isotropic_vector`.

    Examples
    --------
    >>> isotropic_subspace(Matrix(QQ, [[1, 0], [0, -2]]), 1)
    ([], 'its discriminant is no square')
    """
    basis, found = Matrix.identity(S.field, S.shape[0]), list[Vector]()
    while len(found) < wanted:
        if not basis.shape[0]:
            return found, "it is hyperbolic"
        try:
            x = isotropic_vector(basis @ S @ basis.T)
        except Anisotropic as reason:
            return found, str(reason)
        found.append((Matrix(S.field, [x]) @ basis).row(0))
        basis = _orthogonal(basis, S, x)
    return found, None


def _orthogonal(basis: Matrix, S: Matrix, x: Vector) -> Matrix:
    """Representatives of a basis of ``u^perp / u`` for ``u = x basis``; of the lattices over QQ.

    The determinant of the lattice ``u^perp / u`` divides that of the lattice.
    """
    field, n = S.field, basis.shape[0]
    g = (Matrix(field, [x]) @ basis @ S @ basis.T).row(0)
    if field == QQ:
        inside = _completed(_primitive(g)).rows[:-1]
        coordinates = Matrix(QQ, inside, (n - 1, n)).T.solve(Matrix(QQ, [_primitive(x)]).T)
        assert coordinates is not None
        change = _completed([int(c.p) for c in coordinates.column(0)])
        moved: Matrix = change.inverse().T @ Matrix(QQ, inside, (n - 1, n)) @ basis
        return Matrix(QQ, moved.rows[:-1], (n - 2, S.shape[0]))
    inside = Matrix(field, [g]).kernel().T.rows
    _, pivots = Matrix(field, [x, *inside]).T.rref()
    rows = [inside[i - 1] for i in pivots[1:]]
    return Matrix(field, rows, (n - 2, n)) @ basis


def _primitive(x: Vector) -> list[int]:
    scale = lcm(*(int(c.q) for c in x))
    whole = [int((c * scale).p) for c in x]
    common = gcd(*whole)
    return [c // common for c in whole]


def _completed(x: list[int]) -> Matrix:
    """A unimodular T of small entries with ``T x = (0, .., 0, +-1)`` for a primitive x."""
    n = len(x)
    weight = 4**n * max(map(abs, x))
    rows = [[*(int(i == j) for j in range(n)), weight * c] for i, c in enumerate(x)]
    reduced = fmpz_mat(rows).lll().tolist()
    assert all(row[n] == 0 for row in reduced[:-1])
    return Matrix(QQ, [[int(c) for c in row[:n]] for row in reduced])
