"""The lemmas of the documentation as polynomial identities, for small networks.

Attention matrices of softmax are matrices of indeterminates here: the identities hold for any.
"""

from __future__ import annotations

import pytest
from flint import Ordering, fmpq_mpoly_ctx

from algattn.dimension.isotypic import component_dimension
from algattn.dimension.reduction import Kind, reduce_shape

RING = fmpq_mpoly_ctx.get([f"v{i}" for i in range(60)], Ordering.lex)
ONE, ZERO = RING.constant(1), RING.constant(0)


class Names:
    """Hands out indeterminates."""

    def __init__(self):
        self.left = iter(RING.gens())

    def matrix(self, m, n):
        return [[next(self.left) for _ in range(n)] for _ in range(m)]

    def weights(self, widths, ranks):
        return [
            [self.matrix(a, d), self.matrix(a, d), self.matrix(e, d)]
            for d, e, a in zip(widths, widths[1:], ranks, strict=False)
        ]

    def unipotent(self, n):
        """A generic upper unipotent matrix and its inverse (n at most 2)."""
        if n == 1:
            return [[ONE]], [[ONE]]
        g = next(self.left)
        return [[ONE, g], [ZERO, ONE]], [[ONE, -g], [ZERO, ONE]]


def mul(a, b, *more):
    columns = list(zip(*b, strict=True))
    found = [[sum((x * y for x, y in zip(r, c, strict=True)), ZERO) for c in columns] for r in a]
    return mul(found, *more) if more else found


def turn(a):
    return [list(c) for c in zip(*a, strict=True)]


def scale(c, a):
    return [[c * x for x in row] for row in a]


def add(a, b):
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def eye(n):
    return [[ONE if i == j else ZERO for j in range(n)] for i in range(n)]


def run(parts, X, attention=None):
    """Output and scores; attention matrices for softmax."""
    scores = []
    for i, (K, Q, V) in enumerate(parts):
        scores.append(mul(turn(mul(K, X)), mul(Q, X)))
        X = mul(V, X, scores[-1] if attention is None else attention[i])
    return X, scores


SHAPES = [((2, 2, 1), (1, 2), 2), ((2, 1, 2), (2, 1), 2), ((2, 2), (2,), 2), ((1, 2, 1), (1, 1), 1)]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("widths", "ranks", "tokens"), SHAPES)
def test_lemma_orbit(kind, widths, ranks, tokens):
    """phi(g.W) = phi(W) for unipotent g, upper and lower, and for permutations and scalings."""
    names = Names()
    parts, X = names.weights(widths, ranks), names.matrix(widths[0], tokens)
    soft = [names.matrix(tokens, tokens) for _ in ranks] if kind is Kind.SOFTMAX else None
    swap = [[ZERO, ONE], [ONE, ZERO]]
    for style in ("upper", "lower", "swap"):
        fresh = Names()
        for _ in range(45):
            next(fresh.left)

        def pair(n, style=style, fresh=fresh):
            if style == "swap" and n == 2:
                return swap, swap
            g, back = fresh.unipotent(n)
            return (turn(g), turn(back)) if style == "lower" else (g, back)

        inner = [pair(n) for n in widths[1:-1]]
        g = [(eye(widths[0]), eye(widths[0])), *inner, (eye(widths[-1]), eye(widths[-1]))]
        moved = []
        for i, (K, Q, V) in enumerate(parts):
            h, h_back = pair(ranks[i])
            back = g[i][1]
            moved.append([mul(turn(h_back), K, back), mul(h, Q, back), mul(g[i + 1][0], V, back)])
        assert run(moved, X, soft) == run(parts, X, soft)


def test_lemma_orbit_scaling():
    """A factor c of K is the same as a factor c of V, for lightning only."""
    names = Names()
    parts, X = names.weights((2, 2, 2), (1, 2)), names.matrix(2, 2)
    soft = [names.matrix(2, 2) for _ in range(2)]
    c = next(names.left)
    (K, Q, V), last = parts
    by_key, by_value = [[scale(c, K), Q, V], last], [[K, Q, scale(c, V)], last]
    assert run(by_key, X)[0] == run(by_value, X)[0]
    assert run(by_key, X, soft)[1] != run(by_value, X, soft)[1]


def test_lemma_orbit_collapsed():
    """Behind a layer of rank one only the symmetric part of a form is seen: O(a, a) acts."""
    names = Names()
    (first, second), X = names.weights((2, 2, 2), (1, 2)), names.matrix(2, 2)
    K, Q, V = second
    b = next(names.left)
    B = [[ZERO, b], [-b, ZERO]]
    assert run([first, [add(K, mul(B, Q)), Q, V]], X)[0] == run([first, second], X)[0]
    assert run([first, [K, add(Q, mul(B, K)), V]], X)[0] == run([first, second], X)[0]
    assert run([[add(K, mul(B, Q)), Q, V]], X)[0] != run([second], X)[0]


def padded(parts, widths, ranks):
    """The weights with zeros up to larger widths and ranks."""

    def grow(M, m, n):
        rows = [row + [ZERO] * (n - len(row)) for row in M]
        return rows + [[ZERO] * n for _ in range(m - len(M))]

    return [
        [grow(K, a, d), grow(Q, a, d), grow(V, e, d)]
        for (K, Q, V), d, e, a in zip(parts, widths, widths[1:], ranks, strict=False)
    ]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("widths", "ranks"), [((2, 3, 2), (1, 1)), ((1, 2, 2), (1, 1)), ((2, 3, 1), (3, 1))]
)
def test_lemma_reduction_small_in_large(kind, widths, ranks):
    """Zero padding: the functions of the effective shape are functions of the given shape."""
    shape = reduce_shape(widths, ranks, kind=kind)
    assert not shape.is_reduced
    names = Names()
    parts, X = names.weights(shape.effective, shape.ranks), names.matrix(widths[0], 2)
    soft = [names.matrix(2, 2) for _ in ranks] if kind is Kind.SOFTMAX else None
    assert run(padded(parts, widths, ranks), X, soft) == run(parts, X, soft)


@pytest.mark.parametrize("kind", list(Kind))
def test_lemma_reduction_large_in_small(kind):
    """Idle widths factor out: V_1 = U V' for a narrow input, (K; Q; V)_2 = N U for a slit."""
    # widths (1, 3, 1) -> (1, 1, 1)
    names = Names()
    X, parts = names.matrix(1, 2), names.weights((1, 3, 1), (1, 1))
    soft = [names.matrix(2, 2) for _ in range(2)] if kind is Kind.SOFTMAX else None
    (K, Q, U), second = parts
    small = [[K, Q, eye(1)], [mul(M, U) for M in second]]
    assert run(small, X, soft) == run(parts, X, soft)
    # widths (2, 4, 1), a_2 = 1: layer 2 reads through 3 rows only
    names = Names()
    X, parts = names.matrix(2, 2), names.weights((2, 4, 1), (1, 1))
    (K, Q, V), second = parts
    N = [row for M in second for row in M]
    small = [[K, Q, mul(N, V)], [[row] for row in eye(3)]]
    assert run(small, X, soft) == run(parts, X, soft)
    # a = 3 above d = 2: A = K^T Q is I^T A
    names = Names()
    X, ((K, Q, V),) = names.matrix(2, 2), names.weights((2, 2), (3,))
    assert run([[eye(2), mul(turn(K), Q), V]], X, soft) == run([[K, Q, V]], X, soft)


def test_two_tokens_decide():
    """A third token that is zero and attends to itself only leaves the network on two tokens."""
    names = Names()
    parts, X = names.weights((2, 2, 2), (1, 1)), names.matrix(2, 2)
    wide = [[*row, ZERO] for row in X]
    two = [names.matrix(2, 2) for _ in range(2)]
    three = [[[*row, ZERO] for row in P] + [[ZERO, ZERO, ONE]] for P in two]
    for soft, more in ((None, None), (two, three)):
        found, scores = run(parts, wide, more)
        again, fewer = run(parts, X, soft)
        assert found == [[*row, ZERO] for row in again]
        assert [[row[:2] for row in s[:2]] for s in scores] == fewer
        assert all(s[2] == [ZERO] * 3 for s in scores)


def test_a_rank_one_input_sees_symmetric_forms_only():
    names = Names()
    u, w = names.matrix(2, 1), names.matrix(1, 3)
    A, V = names.matrix(2, 2), names.matrix(2, 2)
    X = mul(u, w)
    for form, same in ((turn(A), True), (A, True), (mul(A, A), False)):
        assert (mul(V, X, turn(X), form, X) == mul(V, X, turn(X), A, X)) == same
    assert mul(V, X, turn(X), A, X) == mul(
        scale(mul(w, turn(w))[0][0] * mul(turn(u), A, u)[0][0], mul(V, u)), w
    )


def test_lemma_symmetry_dimensions():
    """V (x) V = trivial + skew + traceless for O(m); the dimensions add up for all m."""
    for m in range(2, 9):
        parts = [
            component_dimension((name, 0, 0), (m,)) for name in ("trivial", "skew", "traceless")
        ]
        assert sum(parts) == m * m
    assert component_dimension(("mixed", 0, 1), (3, 5)) == 15
