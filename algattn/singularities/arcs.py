"""Arcs through a point: a proof of singularity that anyone can check with a rank.

An arc is a polynomial family K(s,t), Q(s,t), V(s,t).  At t = 0 all arcs of a certificate pass
through one family of functions F(s), and F(0) is the given function.  If F(s) were a smooth point,
the leading coefficients in t would lie in one tangent space; so when they span more than the
dimension of the variety at one value of s, almost all F(s) are singular, and so is the limit F(0).
Certificates without s are the ordinary case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.errors import InputError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.exact.quadratic_forms import diagonalise, outer
from algattn.exact.roots import square_root
from algattn.fibers.layer_invariants import LayerFacts, Vector, parallel, rank_one_factors
from algattn.singularities.stored import Rows, rows_of

Family = dict[tuple[int, int], Matrix]
StoredFamily = tuple[tuple[tuple[int, int], Rows], ...]


@dataclass(frozen=True)
class StoredArc:
    """An arc as it is written into files: exponents of s and t with the entries of a matrix."""

    K: StoredFamily
    Q: StoredFamily
    V: StoredFamily

    def over(self, field: Field) -> Arc:
        """The arc over a field."""

        def read(items: StoredFamily) -> Family:
            family = {e: Matrix(field, m) for e, m in items}
            if len(family) != len(items) or any(n < 0 for e in family for n in e):
                raise InputError("read an arc", "its exponents are unfit", "use natural numbers")
            return family

        return Arc(read(self.K), read(self.Q), read(self.V))


@dataclass(frozen=True)
class Arc:
    """Matrix polynomials in (s, t): exponent pair to coefficient."""

    K: Family
    Q: Family
    V: Family

    def stored(self) -> StoredArc:
        """The arc as it is written into files."""

        def write(family: Family) -> StoredFamily:
            return tuple((e, rows_of(m)) for e, m in sorted(family.items()))

        return StoredArc(write(self.K), write(self.Q), write(self.V))

    def functions(self, d: int, d_out: int, tokens: int) -> dict[tuple[int, int], list[Any]]:
        """The coefficient vectors of the function, by the exponents of s and t."""
        field = next(iter(self.V.values())).field
        labels = list(natural_labels(d, d_out, tokens))
        attention: Family = {}
        for (i, j), k in self.K.items():
            for (m, n), q in self.Q.items():
                key, term = (i + m, j + n), k.T @ q
                attention[key] = attention[key] + term if key in attention else term
        out: dict[tuple[int, int], list[Any]] = {}
        for (i, j), A in attention.items():
            for (m, n), V in self.V.items():
                values = dict(natural_coefficients(A.rows, V.rows, tokens))
                vector = [values[label] for label in labels]
                key = (i + m, j + n)
                if key in out:
                    vector = [x + y for x, y in zip(out[key], vector, strict=True)]
                out[key] = vector
        return {k: v for k, v in out.items() if any(x != 0 for x in v)} or {
            (0, 0): [field.zero] * len(labels)
        }


def base_of(functions: Mapping[tuple[int, int], list[Any]]) -> dict[int, list[Any]]:
    """The family at t = 0, by powers of s."""
    return {i: v for (i, j), v in functions.items() if j == 0 and any(x != 0 for x in v)}


def leading(functions: Mapping[tuple[int, int], list[Any]], s0: int) -> list[Any] | None:
    """The first nonzero coefficient in t (t^0 left out), at s = s0; None for a constant arc."""
    orders = sorted({j for (_, j), v in functions.items() if j > 0 and any(x != 0 for x in v)})
    if not orders:
        return None
    parts = [(i, v) for (i, j), v in functions.items() if j == orders[0]]
    out = [x * 0 for x in parts[0][1]]
    for i, v in parts:
        out = [x + y * s0**i for x, y in zip(out, v, strict=True)]
    return out


# --- constructing arcs -----------------------------------------------------------------------


@dataclass(frozen=True)
class Preimage:
    """``A(s) = K(s)^T Q(s)`` and V(s) over a field; `symmetric` ties each row of K to that of Q."""

    field: Field
    K: Family
    Q: Family
    V: Family
    scales: tuple[Any, ...] | None = None  # symmetric: K row = scale * Q row


def _unit(field: Field, m: int, n: int, i: int, j: int) -> Matrix:
    return Matrix(field, [[int((p, q) == (i, j)) for q in range(n)] for p in range(m)], (m, n))


def _row(field: Field, m: int, i: int, row: Sequence[Any]) -> Matrix:
    zero = [field.zero] * len(row)
    return Matrix(field, [list(row) if p == i else zero for p in range(m)])


def first_order(p: Preimage, d: int, d_out: int) -> Iterator[Arc]:
    """Arcs that move one entry of K, Q or V, and those that fill a row that is zero in both."""
    rows = p.Q[0, 0].shape[0]
    free = [
        i for i in range(rows) if all(not any(m.row(i)) for m in (*p.K.values(), *p.Q.values()))
    ]
    for i in range(rows):
        if i in free:
            for x in _directions(p.field, d):
                for y in [x] if p.scales is not None else _units(p.field, d):
                    yield Arc(
                        p.K | {(0, 1): _row(p.field, rows, i, x)},
                        p.Q | {(0, 0): p.Q[0, 0] + _row(p.field, rows, i, y)},
                        p.V,
                    )
            continue
        for m in range(d):
            unit = {(0, 1): _unit(p.field, rows, d, i, m)}
            if p.scales is not None:
                scaled = {(0, 1): unit[0, 1] * p.scales[i]}
                yield Arc(p.K | scaled, p.Q | unit, p.V)
            else:
                yield Arc(p.K | unit, p.Q, p.V)
                yield Arc(p.K, p.Q | unit, p.V)
    for r in range(d_out):
        for m in range(d):
            yield Arc(p.K, p.Q, p.V | {(0, 1): _unit(p.field, d_out, d, r, m)})


def _units(field: Field, d: int) -> list[Vector]:
    return [[field(int(i == j)) for j in range(d)] for i in range(d)]


def _directions(field: Field, d: int) -> list[Vector]:
    """Unit vectors and sums of two: their squares span all quadratic forms."""
    return _units(field, d) + [
        [field(int(m in (i, j))) for m in range(d)] for i, j in combinations(range(d), 2)
    ]


def _constant(*rows: Sequence[Any], field: Field, count: int) -> Family:
    width = len(rows[0])
    table = [list(r) for r in rows] + [[field.zero] * width] * (count - len(rows))
    return {(0, 0): Matrix(field, table)}


def _many_tokens(facts: LayerFacts, moving: bool) -> Iterator[Arc]:
    d, d_out, alpha, field = facts.d, facts.d_out, facts.alpha, facts.A.field
    if not facts.rank_one_pair:
        reduced, pivots = facts.A.rref()
        left = Matrix(field, [[row[p] for p in pivots] for row in facts.A.rows]).T
        K = _constant(*left.rows, field=field, count=alpha)
        Q = _constant(*reduced.rows[: len(pivots)], field=field, count=alpha)
        yield from first_order(Preimage(field, K, Q, {(0, 0): facts.V}), d, d_out)
        return
    k, q, h, v = facts.factors
    Q = _constant(q, field=field, count=alpha)
    u = next(e for e in _units(field, d) if not parallel(k, e)) if d > 1 else None
    move = {} if not moving or u is None else {(1, 0): u}

    def pair(left: Vector, right: Vector, left_moves: bool) -> Preimage:
        K = _constant(left, field=field, count=alpha)
        V = {(0, 0): outer(h, right, field)}
        for key, w in move.items():
            if left_moves:
                K = K | {key: _row(field, alpha, 0, w)}
            else:
                V = V | {key: outer(h, w, field)}
        return Preimage(field, K, Q, V)

    yield from first_order(pair(k, v, False), d, d_out)
    if not facts.aligned or moving:
        yield from first_order(pair(v, k, True), d, d_out)
    if facts.aligned and not moving:
        i = next(i for i, x in enumerate(k) if x != 0)
        c = v[i] / k[i]
        for w in _directions(field, d):
            yield Arc(
                _constant(k, field=field, count=alpha) | {(0, 1): _row(field, alpha, 0, w)},
                Q,
                {(0, 0): outer(h, v, field), (0, 1): outer(h, [-c * x for x in w], field)},
            )


def _single_token(facts: LayerFacts) -> Iterator[Arc]:
    d, d_out, s = facts.d, facts.d_out, facts.s
    base, classes = facts.A.field, facts.classes
    if base == QQ:
        fields = [c.field for c in classes if isinstance(c.field, NumberField)]
        F: Field = NumberField(fields[0].modulus, 0) if fields else QQ
    else:  # classes over extensions are left out
        F, classes = base, tuple(c for c in classes if c.field == base)
    for c in classes:
        if isinstance(c.field, NumberField) and c.field != F:
            # The other root: -theta in the same field (the modulus is theta^2 - D).
            conjugate = c.field.degree == 2
            assert conjugate
            S, V = (_conjugate(m, F) for m in (c.S, c.V))
        else:
            S, V = (Matrix(F, [[_into(F, x) for x in r] for r in m.rows]) for m in (c.S, c.V))
        values, forms = diagonalise(S)
        scales = (*values, *([F.one] * (s - len(values))))
        Q = _constant(*forms.rows, field=F, count=s)
        K = {
            (0, 0): Matrix(
                F, [[a * x for x in row] for a, row in zip(scales, Q[0, 0].rows, strict=True)]
            )
        }
        yield from first_order(Preimage(F, K, Q, {(0, 0): V}, scales), d, d_out)
        if V.rank() == 1 and len(values) <= 2:
            yield from _second_order(F, S, V, s)


def _into(F: Field, x: Any) -> Any:
    return F(x.poly.coeffs()) if isinstance(F, NumberField) and hasattr(x, "poly") else F(x)


def _conjugate(m: Matrix, F: Field) -> Matrix:
    assert isinstance(F, NumberField)

    def flip(x: Any) -> Any:
        a, b = [*x.poly.coeffs(), QQ(0), QQ(0)][:2]
        return F([a, -b])

    return Matrix(F, [[flip(x) for x in row] for row in m.rows], m.shape)


def _second_order(F: Field, S: Matrix, V: Matrix, s: int) -> Iterator[Arc]:
    """Where S = v m for V = h v^T: the arcs S = m (v + tw), V = h (v - tw)^T."""
    h, v = rank_one_factors(V)
    values, forms = diagonalise(S)
    if len(values) == 1:
        if not parallel(forms.row(0), v):
            return
        i = next(i for i, x in enumerate(v) if x != 0)
        m = [values[0] * forms[0, i] / v[i] * x for x in forms.row(0)]
    else:
        root = square_root(F, -values[1] / values[0])
        if root is None:
            return
        pairs = list(zip(forms.row(0), forms.row(1), strict=True))
        x, y = ([a + e * root * b for a, b in pairs] for e in (-1, 1))
        if not parallel(x, v) and not parallel(y, v):
            return
        line, other = (x, y) if parallel(x, v) else (y, x)
        i = next(i for i, c in enumerate(v) if c != 0)
        m = [values[0] * line[i] / v[i] * c for c in other]
    half = F.one / 2
    for w in _directions(F, len(v)):
        half_w = [half * c for c in w]
        zero = [F.zero] * len(w)
        yield Arc(
            _constant([half * c for c in m], [half * c for c in v], field=F, count=s)
            | {(0, 1): Matrix(F, [zero, half_w] + [zero] * (s - 2))},
            _constant(v, m, field=F, count=s) | {(0, 1): Matrix(F, [list(w)] + [zero] * (s - 1))},
            {(0, 0): V, (0, 1): outer(h, [-c for c in w], F)},
        )


def _through_zero(facts: LayerFacts) -> Iterator[Arc]:
    """Lines t * (rank-one layers): their directions span the whole coordinate space."""
    d, d_out, field = facts.d, facts.d_out, facts.A.field
    lefts = _directions(field, d) if facts.single_token else _units(field, d)
    for r in range(d_out):
        for i in range(d):
            for x in lefts:
                for y in [x] if facts.single_token else _units(field, d):
                    yield Arc(
                        {(0, 0): Matrix(field, [x])},
                        {(0, 0): Matrix(field, [y])},
                        {
                            (0, 1): _unit(field, d_out, d, r, i),
                            (0, 0): Matrix.zeros(field, d_out, d),
                        },
                    )


def find_arcs(facts: LayerFacts, dimension: int) -> tuple[Field, int, list[Arc]] | None:
    """Field, value of s and ``dimension + 1`` arcs with independent leading coefficients."""
    attempts: list[tuple[int, Iterator[Arc]]]
    if facts.zero:
        attempts = [(0, _through_zero(facts))]
    elif facts.single_token:
        attempts = [(0, _single_token(facts))]
    else:
        attempts = [(0, _many_tokens(facts, False))]
        if facts.rank_one_pair and facts.aligned:
            attempts.append((1, _many_tokens(facts, True)))
    for s0, arcs in attempts:
        kept, vectors = [], []
        for arc in arcs:
            vector = leading(arc.functions(facts.d, facts.d_out, facts.network.tokens), s0)
            if vector is not None and any(x != 0 for x in vector):
                kept.append(arc)
                vectors.append(vector)
        if not vectors:
            continue
        field = next(iter(kept[0].V.values())).field
        _, pivots = Matrix(field, vectors).T.rref()
        if len(pivots) > dimension:
            return field, s0, [kept[i] for i in pivots[: dimension + 1]]
    return None
