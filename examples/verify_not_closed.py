"""Deep networks are not closed: a limit of functions of a network that is no function of it.

Two lightning layers, d = 3, t = 2.  With K skew and ``B_1 = k q^T + eps m n^T``, the functions
``phi(V/eps, B_1, K)`` converge as eps -> 0, because at eps = 0 the first layer has rank one, so
the second sees only the symmetric part of K, which is zero.  The limit is expanded exactly and
compared with its closed form ``+-V u (J w)^T (k^m)(n^q) K``, u = X X^T k, w = X^T q.

Run it: python examples/verify_not_closed.py   (a few seconds; exit status 0 when all checks hold)
"""

from __future__ import annotations

import sys

from algattn import Weights
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing

k, q = [1, 0, 0], [0, 1, 0]
m, n = [0, 1, 1], [1, 0, 2]
K = [[0, 1, 2], [-1, 0, -1], [-2, 1, 0]]
V = [[1, 2, 0], [0, 1, -1]]
RING = PolynomialRing(QQ, ("x1", "x2", "x3", "y1", "y2", "y3", "eps"))
*TOKENS, EPS = RING.gens()
X = [[TOKENS[i], TOKENS[i + 3]] for i in range(3)]
Table = list[list[Polynomial]]


def table(rows: list[list[int]]) -> Table:
    return [[RING(c) for c in row] for row in rows]


def times(A: Table, B: Table) -> Table:
    columns = list(zip(*B, strict=True))
    return [[sum((x * y for x, y in zip(r, c, strict=True)), RING(0)) for c in columns] for r in A]


def layer(Z: Table, B: Table) -> Table:
    return times(times(Z, [list(c) for c in zip(*Z, strict=True)]), times(B, Z))


def dot(a: list[int], b: list[Polynomial]) -> Polynomial:
    return sum((y * x for x, y in zip(a, b, strict=True)), RING(0))


def wedge(a: list[int], b: list[int], x: list, y: list) -> Polynomial:
    return dot(a, x) * dot(b, y) - dot(a, y) * dot(b, x)


def eps_part(p: Polynomial, power: int) -> Polynomial:
    return RING.from_terms([((*e[:-1], 0), c) for e, c in p.terms() if e[-1] == power])


def closed_form() -> Table:
    """``V u (J w)^T (k^m)(n^q) K`` on x^y, for X = (x, y), u = X X^T k, w = X^T q."""
    x, y = [row[0] for row in X], [row[1] for row in X]
    u = [a * dot(k, x) + b * dot(k, y) for a, b in zip(x, y, strict=True)]
    Ky = [dot(row, y) for row in K]
    scale = (
        wedge(k, m, x, y)
        * wedge(n, q, x, y)
        * sum((a * b for a, b in zip(x, Ky, strict=True)), RING(0))
    )
    return [[dot(row, u) * c * scale for c in (-dot(q, y), dot(q, x))] for row in V]


def alternating(a: list[int], b: list[int]) -> list[int]:
    """The coordinates of a^b: (12, 13, 23)."""
    return [a[i] * b[j] - a[j] * b[i] for i, j in ((0, 1), (0, 2), (1, 2))]


def check(name: str, holds: bool) -> bool:
    print(f"  {'holds' if holds else 'FAILS'}  {name}")
    return holds


def main() -> int:
    print("Two lightning layers, d = 3, a = (2, 3), d' = 2, t = 2, over QQ[x1..y3, eps]")
    B = [[RING(k[i] * q[j]) + EPS * (m[i] * n[j]) for j in range(3)] for i in range(3)]
    family = times(table(V), layer(layer(X, B), table(K)))  # eps times the function of the network
    entries = [p for row in family for p in row]
    ok = check(
        "eps * phi has no constant term in eps: the limit exists",
        not any(eps_part(p, 0) for p in entries),
    )
    limit = [[eps_part(p, 1) for p in row] for row in family]
    said = closed_form()
    ok &= check(
        "the limit is +-V u (Jw)^T (k^m)(n^q) K, as polynomials",
        limit in (said, [[-p for p in r] for r in said]),
    )
    ok &= check("it is not zero", any(p for row in limit for p in row))
    forms = [alternating(k, m), alternating(n, q), [K[0][1], K[0][2], K[1][2]]]
    ok &= check("k^m, n^q and K are not zero", all(any(f) for f in forms))
    ok &= check("and not all proportional", Matrix(QQ, forms).rank() >= 2)
    ok &= check("rank V is 2", Matrix(QQ, V).rank() == 2)
    ok &= near(limit)
    print(WHY)
    return 0 if ok else 1


def near(limit: Table) -> bool:
    """Weights of the network whose value at one input is near that of the limit."""
    point, small = [[1, 2], [0, 1], [2, 1]], QQ("1/1000000")
    B = [[small * (m[i] * n[j]) + k[i] * q[j] for j in range(3)] for i in range(3)]
    W = Weights(A=[B, K], V=[Matrix.identity(QQ, 3), Matrix(QQ, V) * (1 / small)])
    Y = Matrix(QQ, point)
    for A, value in zip(W.A, W.V, strict=True):
        Y = (value @ Y) @ (Y.T @ (A @ Y))
    flat = [point[i][j] for j in (0, 1) for i in range(3)]
    goal = [sum((c * _power(flat, e) for e, c in p.terms()), QQ(0)) for row in limit for p in row]
    found = [x for row in Y.rows for x in row]
    apart = max(abs(a - b) for a, b in zip(found, goal, strict=True))
    return check(
        "weights with eps = 1/1000000 are within 1% of it", apart * 100 < max(map(abs, goal))
    )


def _power(point: list[int], exponents: tuple[int, ...]) -> int:
    total = 1
    for x, e in zip(point, exponents, strict=False):
        total *= x**e
    return total


WHY = """Why no weights have this function (the proof is in algattn/docs/singularities.md):
  A competitor phi(V', B', C') needs rank V' >= 2, so X^T B' X or X^T C' X is always singular,
  and B' or C' has rank one. If B' = k' q'^T, the rows are multiples of X^T q', but those of the
  limit are multiples of J X^T q. If C' has rank one, B' is skew, because the limit vanishes at
  (x, 0); then the function is divisible by the cube of B' on x^y. In the limit the three
  alternating forms are not all proportional."""


if __name__ == "__main__":
    sys.exit(main())
