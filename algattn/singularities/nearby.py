"""Boundary points: real points of the closure without real weights that come arbitrarily near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.problem import Problem
from algattn.exact import QQ, Matrix
from algattn.fibers.factorisation import split_tensor
from algattn.fibers.layer_invariants import SymmetricClass, parallel, signature
from algattn.results import Claim, Evidence, Status, about, declare, freeze
from algattn.singularities.stored import (
    Rows,
    StoredField,
    Vector,
    given_field,
    rows_of,
    stored_field,
)
from algattn.singularities.theorem import BOUNDARY_POINT, Facts


@declare("point.near-square", about("point.one-layer", "boundary"), Status.PROVED)
@dataclass(frozen=True)
class NearSquare(Evidence):
    """F = h k(x)^2 (q.y) is the limit of h (k(x)^2 + e u(x)^2) (q.y), e > 0, which are not in M."""

    h: Vector
    k: Vector
    q: Vector
    u: Vector

    def check(self, problem: Problem, claim: Claim) -> None:
        problem.under(BOUNDARY_POINT)
        function = problem.function()
        field = function.field
        h, k, q, u = ([field(x) for x in v] for v in (self.h, self.k, self.q, self.u))
        zero = not any(h)
        d = function.d_in
        again = [[field.format(x) for x in v] for v in (h, k, q, u)]
        self.expect([self.h, self.k, self.q, self.u], again, "a number is spelled in another way")
        lengths = (len(h), len(k), len(q), len(u))
        if lengths != (function.d_out, d, d, d):
            raise self.fail("h, k, q and u do not have the shape of the function")
        if function.tokens == 1 or claim.value is not True or claim.name != "boundary":
            raise self.fail("it can only prove a boundary point, for at least two tokens")
        for r in range(function.d_out):
            for i in range(d):
                for j in range(i, d):
                    for m in range(d):
                        c = h[r] * k[i] * k[j] * q[m] * (1 if i == j else 2)
                        if function[(r, i, j, m)] != c:
                            raise self.fail("the function is not h k^2 q")
        if (
            not any(q)
            or not any(k)
            or not any(u)
            or parallel(k, u)
            or (zero and any(c != 0 for c in function.coefficients.values()))
        ):
            raise self.fail("k and u are not independent")


@declare("point.near-signature", about("point.one-layer", "boundary"), Status.PROVED)
@dataclass(frozen=True)
class NearSignature(Evidence):
    """A real factorisation next to which forms with too many equal signs lie."""

    field: StoredField
    S: Rows
    V: Rows
    sign: Literal[1, -1]
    squares: Rows
    push: Rows

    def check(self, problem: Problem, claim: Claim) -> None:
        network, function = problem.under(BOUNDARY_POINT), problem.function()
        field = given_field(self.field)
        S, V, push = Matrix(field, self.S), Matrix(field, self.V), Matrix(field, self.push)
        squares = Matrix(field, self.squares, (len(self.squares), network.d_in))
        if claim.name != "boundary" or claim.value is not True or network.tokens != 1:
            raise self.fail("it can only prove a boundary point, for one token")
        again = [m.to_data() for m in (S, V, push, squares)]
        said = [self.S, self.V, self.push, self.squares]
        self.expect(said, again, "a number is spelled in another way")
        if S != S.T:
            raise self.fail("S is not symmetric")
        found = FunctionMap.of(network_of_full_rank(network), Weights(A=[S], V=[V], field=field))
        if found.vector() != [field(x) for x in function.vector()]:
            raise self.fail("S and V do not give the function")
        rank, a = S.rank(), network.ranks[0]
        stacked = Matrix(field, S.rows + squares.rows)
        total = rank + squares.shape[0]
        if stacked.rank() != total or total > min(2 * a, network.d_in):
            raise self.fail("the squares are not independent of S")
        pos, neg = signature(S)
        near = (pos + squares.shape[0], neg) if self.sign > 0 else (pos, neg + squares.shape[0])
        if max(near) <= a:
            raise self.fail("the nearby forms have fitting signatures")
        # Nearby functions must have no other real factorisation.
        near_V = (V + push).rank()
        if near_V == 0 or (near_V == 1 and total < 3 and 0 not in near):
            raise self.fail("the nearby functions may have other factorisations")


def network_of_full_rank(network: Architecture) -> Architecture:
    """The same widths without a bound on the rank."""
    return type(network)(network.widths, max(network.d_in, network.ranks[0]), network.tokens)


def near_outside(facts: Facts, function: FunctionMap) -> list[Evidence]:
    """Evidence for a boundary point; none where it needs an extension of a number field."""
    d, d_out, field = facts.d, facts.d_out, function.field
    units = Matrix.identity(field, d).rows
    if not facts.single_token:

        def text(v: Any) -> Vector:
            return tuple(freeze(field.format(x)) for x in v)

        if facts.zero:
            one = text(units[0])
            return [NearSquare(text([field.zero] * d_out), one, one, text(units[1]))]
        parts = split_tensor(function)
        assert parts is not None
        h, s, q = parts
        i = next(i for i in range(d) if s[i, i] != 0)
        k = s.row(i)
        u = next(e for e in units if not parallel(k, e))
        scaled = [x / s[i, i] for x in h]  # h s = (h / s_ii) (s_i.x)^2
        return [NearSquare(text(scaled), text(k), text(q), text(u))]
    classes = (
        facts.classes
        if not facts.zero
        else (
            SymmetricClass(
                field, Matrix.zeros(field, d, d), Matrix.zeros(field, d_out, d), 0, (0, 0)
            ),
        )
    )
    walls = (c for c in classes if c.signature and min(c.signature) < facts.s - facts.a)
    c = next((c for c in walls if field == QQ or c.field in (QQ, field)), None)
    if c is None:
        return []
    assert c.signature is not None
    squares: list[list[Any]] = []
    for e in Matrix.identity(c.field, d).rows:
        if c.rank + len(squares) == facts.s:
            break
        trial = Matrix(c.field, [*c.S.rows, *squares, e])
        if trial.rank() == c.rank + len(squares) + 1:
            squares.append(e)
    pos, neg = c.signature
    push = _rank_two_push(c.V)
    evidence = NearSignature(
        stored_field(c.field),
        rows_of(c.S),
        rows_of(c.V),
        1 if pos + len(squares) > facts.a and pos >= neg else -1,
        rows_of(Matrix(c.field, squares, (len(squares), d))),
        rows_of(push),
    )
    return [evidence]


def _rank_two_push(V: Matrix) -> Matrix:
    """A matrix P such that V + P has rank at least two, if there is room for that."""
    m, n = V.shape
    if V.rank() >= 2 or min(m, n) < 2:
        return Matrix(
            V.field, [[int(j == 0 and i == 0 and not V) for j in range(n)] for i in range(m)]
        )
    for i in range(m):
        for j in range(n):
            P = Matrix(V.field, [[int((p, q) == (i, j)) for q in range(n)] for p in range(m)])
            if (V + P).rank() >= 2:
                return P
    return Matrix(V.field, [[int(p == q and p < 2) for q in range(n)] for p in range(m)])
