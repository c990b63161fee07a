"""The families of equations of one lightning layer that are in print, as polynomials.

All are for one output entry (d' = 1).  For t >= 2 they are written in the natural coordinates
``c_{ij,k}``, with ``F(x, y) = (v.x)(x^T A y) = sum_k F_k(x) y_k`` and F_k quadratic forms in x.
Each constructor says why its polynomials vanish; :func:`vanishing` proves it by substitution.

References
----------
Alexandr, Duan, Montufar, "Algebraic Invariants of Lightning Self-Attention" (ADM).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, combinations_with_replacement, permutations
from math import comb

from algattn.attention.coordinates import label_name, natural_labels
from algattn.attention.forward import multiply
from algattn.attention.functions import natural_coefficients
from algattn.errors import HypothesisError, InputError
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing
from algattn.groebner.minors import minors
from algattn.words import quoted

Pair = tuple[int, int]


def coordinate_ring(d: int, tokens: int = 2) -> PolynomialRing:
    """The ring of the natural coordinates for d' = 1.

    >>> coordinate_ring(1).names
    ('c_1_1_1_1',)
    """
    return PolynomialRing(QQ, tuple(label_name(x) for x in natural_labels(d, 1, tokens)))


def _pairs(indices: Iterable[int]) -> list[Pair]:
    return list(combinations_with_replacement(indices, 2))


def _entry(ring: PolynomialRing, pair: Pair, k: int) -> Polynomial:
    i, j = sorted(pair)
    return ring.gen(label_name((0, i, j, k)))


def flattening(d: int) -> list[list[Polynomial]]:
    """The C(d+1, 2) x d matrix ``(c_{ij,k})``, which is Phi(v) A.

    >>> len(flattening(3)), len(flattening(3)[0])
    (6, 3)
    """
    ring = coordinate_ring(d)
    return [[_entry(ring, pair, k) for k in range(d)] for pair in _pairs(range(d))]


def low_rank(d: int, a: int) -> list[Polynomial]:
    """(a+1)-minors of the flattening, which has the rank of A.

    >>> len(low_rank(2, 1)), low_rank(2, 2)
    (3, [])
    """
    return minors(flattening(d), a + 1) if a < d else []


def cross_column(d: int) -> list[Polynomial]:
    """Coefficients of the 3-minors of the pencil ``sum_k t_k F_k``.

    ``F(., y)`` is a product of two linear forms for every y, so its symmetric matrix has rank at
    most 2.

    >>> len(cross_column(2)), len(cross_column(3))
    (0, 10)
    """
    if d < 3:
        return []
    ring = coordinate_ring(d)
    big = PolynomialRing(QQ, (*ring.names, *(f"t_{k + 1}" for k in range(d))))
    t = big.gens()[len(ring.names) :]

    def form(i: int, j: int) -> Polynomial:
        total = big(0)
        for k in range(d):
            c = big.gen(label_name((0, min(i, j), max(i, j), k)))
            total = total + c * t[k] * (2 if i == j else 1)
        return total

    matrix = [[form(i, j) for j in range(d)] for i in range(d)]
    return distinct(p for m in minors(matrix, 3) for p in split(m, ring))


def split(poly: Polynomial, ring: PolynomialRing) -> list[Polynomial]:
    """The coefficients by the variables that come after those of `ring`."""
    n = len(ring.names)
    parts: dict[tuple[int, ...], list[tuple[tuple[int, ...], object]]] = {}
    for e, c in poly.terms():
        parts.setdefault(e[n:], []).append((e[:n], c))
    return [ring.from_terms(terms) for _, terms in sorted(parts.items())]


def distinct(polys: Iterable[Polynomial]) -> list[Polynomial]:
    """Without zeros and without multiples of others, leading coefficients 1."""
    seen: dict[str, Polynomial] = {}
    for p in polys:
        if p:
            lead = next(c for _, c in p.terms())
            monic = p * (1 / lead)
            seen.setdefault(str(monic), monic)
    return list(seen.values())


def _context(d: int, inside: Sequence[int]) -> list[list[Polynomial]]:
    """Phi(v) restricted to the left indices `inside`: F_{ij,.} = sum_m Phi_{ij,m} A_{m,.}."""
    v = PolynomialRing(QQ, tuple(f"v_{i + 1}" for i in range(d))).gens()
    zero = v[0] * 0
    rows = []
    for i, j in _pairs(inside):
        row = [zero] * len(inside)
        row[list(inside).index(j)] = v[i]
        row[list(inside).index(i)] = v[j] if i != j else v[i]
        rows.append(row)
    return rows


def _determinants(
    d: int, inside: Sequence[int], columns: Sequence[int]
) -> list[tuple[Polynomial, Polynomial]]:
    """Pairs (minor of F, minor of Phi(v)); the first is the second times one minor of A."""
    ring = coordinate_ring(d)
    F = [[_entry(ring, pair, k) for k in columns] for pair in _pairs(inside)]
    Phi = _context(d, inside)
    out = []
    r = len(inside)
    for rows in combinations(range(len(F)), r):
        left = minors([F[i] for i in rows], r)
        right = minors([Phi[i] for i in rows], r)
        out.append((left[0], right[0] if right else Phi[0][0] * 0))
    return out


def context_syzygies(d: int) -> list[Polynomial]:
    """Linear relations among the maximal minors of Phi(v), for those of the flattening (degree d).

    The maximal minors of F = Phi(v) A are those of Phi(v) times det A.

    >>> len(context_syzygies(3))
    10
    """
    pairs = _determinants(d, range(d), range(d))
    monomials = sorted({e for _, right in pairs for e, _ in right.terms()})
    tables = [dict(right.terms()) for _, right in pairs]
    matrix = Matrix(QQ, [[table.get(e, QQ.zero) for table in tables] for e in monomials])
    out = []
    for vector in matrix.kernel().T.rows:
        total = pairs[0][0] * 0
        for c, (left, _) in zip(vector, pairs, strict=True):
            if c != 0:
                total = total + left * c
        out.append(total)
    return distinct(out)


def veronese(d: int, r: int) -> list[Polynomial]:
    """Quadrics of the Veronese embedding in r-minors of the flattening (degree 2r).

    For r left indices S and r columns T the r-minors of F are those of Phi(v_S), which span all
    forms of degree r in v_S, times one minor of A.  So they give ``v^alpha det A`` for every
    alpha, and ``v^alpha v^beta = v^gamma v^delta`` when alpha + beta = gamma + delta.

    >>> len(veronese(2, 2))
    1
    """
    if not 2 <= r <= d:
        raise HypothesisError("make Veronese equations", f"r = {r}, d = {d}", "2 <= r <= d")
    out: list[Polynomial] = []
    for inside in combinations(range(d), r):
        for columns in combinations(range(d), r):
            power = _powers(_determinants(d, inside, columns))
            sums: dict[tuple[int, ...], list[Polynomial]] = {}
            for e, f in combinations_with_replacement(sorted(power), 2):
                key = tuple(x + y for x, y in zip(e, f, strict=True))
                sums.setdefault(key, []).append(power[e] * power[f])
            for products in sums.values():
                out += [p - products[0] for p in products[1:]]
    return distinct(out)


def _powers(
    pairs: Sequence[tuple[Polynomial, Polynomial]],
) -> dict[tuple[int, ...], Polynomial]:
    """For every monomial in v a combination of the left sides whose right side is that monomial."""
    tables = [dict(right.terms()) for _, right in pairs]
    monomials = sorted({e for table in tables for e in table})
    matrix = Matrix(QQ, [[table.get(e, QQ.zero) for table in tables] for e in monomials])
    out = {}
    for n, e in enumerate(monomials):
        unit = Matrix(QQ, [[int(i == n)] for i in range(len(monomials))])
        solution = matrix.solve(unit)
        if solution is None:
            continue
        total = pairs[0][0] * 0
        for (left, _), c in zip(pairs, solution.column(0), strict=True):
            if c != 0:
                total = total + left * c
        out[e] = total
    return out


def sylvester(d: int) -> list[Polynomial]:
    """Resultants of ``F(., y)`` and ``F(., y')`` on the lines of two left indices (degree 4).

    On any line these binary quadrics share the root of v.x; the coefficients by y and y' vanish.

    >>> len(sylvester(2))
    1
    """
    ring = coordinate_ring(d)
    names = [f"{letter}_{k + 1}" for letter in "st" for k in range(d)]
    big = PolynomialRing(QQ, (*ring.names, *names))
    gens = big.gens()[len(ring.names) :]
    out: list[Polynomial] = []
    for i, j in combinations(range(d), 2):
        (a, b, c), (p, q, r) = (
            [
                sum(
                    (big.gen(label_name((0, *pair, k))) * gens[k + shift] for k in range(d)),
                    big(0),
                )
                for pair in ((i, i), (i, j), (j, j))
            ]
            for shift in (0, d)
        )
        resultant = (a * r - c * p) ** 2 - (a * q - b * p) * (b * r - c * q)
        out += split(resultant, ring)
    return distinct(out)


def line_determinants(d: int) -> list[Polynomial]:
    """3-minors of the three rows of F on a line of two left indices (degree 3).

    On a line F(., y) is v.x times a linear form, so these three rows have rank at most 2.  This
    family is not in ADM; it is the first thing that their families lack (for d >= 4).

    >>> len(line_determinants(3))
    3
    """
    ring = coordinate_ring(d)
    out: list[Polynomial] = []
    for i, j in combinations(range(d), 2):
        rows = [[_entry(ring, pair, k) for k in range(d)] for pair in ((i, i), (i, j), (j, j))]
        out += minors(rows, 3) if d >= 3 else []
    return distinct(out)


def linear(d: int, tokens: int) -> list[Polynomial]:
    """Linear relations among the raw coefficients of output column 1.

    Coordinates: ``o_i_j_k`` for ``x_i x_j x_k`` of token 1 alone, ``m_s_i_j_k`` for ``x_i x_j`` of
    token s >= 2 times ``x_k`` of token 1.  All tokens s give the same, and own coefficients are
    sums over which index is the query; C(d+2, 3) + (t-2) d C(d+1, 2) relations.

    >>> len(linear(2, 3))
    10
    """
    if tokens < 2:
        raise InputError("make linear relations", "there is one token", "give tokens >= 2")
    own = list(combinations_with_replacement(range(d), 3))
    mixed = [(i, j, k) for i, j in _pairs(range(d)) for k in range(d)]

    def name(head: str, indices: Sequence[int]) -> str:
        return head + "_" + "_".join(str(i + 1) for i in indices)

    names = [name("o", x) for x in own]
    names += [name("m", (s - 1, *x)) for s in range(2, tokens + 1) for x in mixed]
    ring = PolynomialRing(QQ, tuple(names))
    out = []
    for i, j, k in own:
        total = ring.gen(name("o", (i, j, k)))
        for x, y, z in {(*sorted(p[:2]), p[2]) for p in permutations((i, j, k))}:
            total = total - ring.gen(name("m", (1, x, y, z)))
        out.append(total)
    for s in range(3, tokens + 1):
        out += [ring.gen(name("m", (s - 1, *x))) - ring.gen(name("m", (1, *x))) for x in mixed]
    return out


# --- one token ---------------------------------------------------------------------------------


def low_rank_one_token(d: int, a: int) -> list[Polynomial]:
    """(2a+2)-minors of the matrix of ``x_k^2 x_l``, a third of each coefficient for l != k.

    The matrix is ``diag(S) v^T / 3 + 2/3 diag(v) S`` with rank S <= 2a: rank at most 2a + 1.

    >>> len(low_rank_one_token(4, 1)), low_rank_one_token(3, 1)
    (1, [])
    """
    if 2 * a + 2 > d:
        return []
    ring = coordinate_ring(d, 1)
    matrix = [
        [ring.gen(label_name((0, *sorted((k, k, m))))) * ("1/3" if k != m else 1) for m in range(d)]
        for k in range(d)
    ]
    return minors(matrix, 2 * a + 2)


def lie_flattening(d: int) -> list[list[Polynomial]]:
    """The d^2 x C(d+2, 3) matrix of gl_d acting on a cubic: row (i, j) holds x_i df/dx_j.

    The function space (t = 1, d' = 1) is stable under GL(d), so at each of its points this matrix
    maps into the tangent space of the cone: its rank is at most the dimension of the space.

    >>> matrix = lie_flattening(2)
    >>> len(matrix), len(matrix[0]), matrix[0][0]
    (4, 4, 3*c_1_1_1_1)
    """
    ring = coordinate_ring(d, 1)
    cubics = list(combinations_with_replacement(range(d), 3))
    place: dict[tuple[int, ...], int] = {m: n for n, m in enumerate(cubics)}
    matrix = []
    for i in range(d):
        for j in range(d):
            row = [ring(0)] * len(cubics)
            for m in cubics:
                if times := m.count(j):
                    rest = list(m)
                    rest.remove(j)
                    n = place[tuple(sorted([*rest, i]))]
                    row[n] = row[n] + ring.gen(label_name((0, *m))) * times
            matrix.append(row)
    return matrix


def lie_minor_size(d: int, a: int) -> int:
    """The size of the minors of :func:`lie_flattening` that vanish: the dimension plus 1.

    >>> lie_minor_size(3, 1)
    8
    """
    s = min(2 * a, d)
    return s * d - s * (s - 1) // 2 + d - 1 + 1


# --- all of them -------------------------------------------------------------------------------

PUBLISHED: dict[str, Callable[[int, int], list[Polynomial]]] = {
    "low rank": low_rank,
    "cross-column": lambda d, a: cross_column(d),
    "context syzygies": lambda d, a: context_syzygies(d),
    "Veronese": lambda d, a: [p for r in range(2, min(d, a) + 1) for p in veronese(d, r)],
    "Sylvester": lambda d, a: sylvester(d),
}

OURS: dict[str, Callable[[int, int], list[Polynomial]]] = {
    "line determinants": lambda d, a: line_determinants(d),
}

#: The degree of the polynomials of a family, so that families beyond a bound are never made.
DEGREES: dict[str, Callable[[int, int], int]] = {
    "low rank": lambda d, a: a + 1,
    "cross-column": lambda d, a: 3,
    "context syzygies": lambda d, a: d,
    "Veronese": lambda d, a: 4,
    "Sylvester": lambda d, a: 4,
    "line determinants": lambda d, a: 3,
}


def family(name: str, d: int, a: int, max_degree: int) -> list[Polynomial]:
    """The polynomials of a family up to a degree."""
    makers = PUBLISHED | OURS
    if name not in makers:
        raise InputError(
            "make invariants", f"{quoted(name)} is no family", f"one of {sorted(makers)}"
        )
    if DEGREES[name](d, a) > max_degree:
        return []
    if name == "Veronese":
        return [p for r in range(2, min(d, a, max_degree // 2) + 1) for p in veronese(d, r)]
    return makers[name](d, a)


def parametrization(d: int, a: int, tokens: int = 2) -> list[Polynomial]:
    """The natural coordinates of the layer with d' = 1, in the order of :func:`coordinate_ring`."""
    full = a >= d if tokens > 1 else 2 * a >= d
    if full:
        ring = PolynomialRing(QQ, (*_grid("a", d, d), *_grid("v", 1, d)))
        gens = ring.context.gens()
        A = [list(gens[i * d : (i + 1) * d]) for i in range(d)]
    else:
        ring = PolynomialRing(QQ, (*_grid("k", a, d), *_grid("q", a, d), *_grid("v", 1, d)))
        gens = ring.context.gens()
        K, Q = ([gens[s + i * d : s + (i + 1) * d] for i in range(a)] for s in (0, a * d))
        A = multiply([[row[i] for row in K] for i in range(d)], [list(row) for row in Q])
    pairs = natural_coefficients(A, [list(gens[-d:])], tokens)
    return [Polynomial(ring, p) for _, p in pairs]


def _grid(letter: str, rows: int, columns: int) -> list[str]:
    return [f"{letter}_{i + 1}_{j + 1}" for i in range(rows) for j in range(columns)]


def vanishing(polys: Sequence[Polynomial], d: int, a: int, tokens: int = 2) -> bool:
    """Whether all of them vanish on the function space, by exact substitution.

    >>> vanishing(sylvester(2), 2, 2), vanishing(low_rank(2, 1), 2, 2)
    (True, False)
    """
    images = parametrization(d, a, tokens)
    return all(not p.compose(*images) for p in polys)


def expected_linear(d: int, tokens: int) -> int:
    """How many linear relations there are.

    >>> expected_linear(2, 3) == len(linear(2, 3))
    True
    """
    return (tokens - 2) * d * comb(d + 1, 2) + comb(d + 2, 3)
