"""Strata against exact ranks of their own parametrizations, against degenerations, by classify."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import combinations_with_replacement, permutations

import pytest

from algattn import Lightning, Weights
from algattn.errors import HypothesisError, LimitError
from algattn.exact import QQ, Matrix
from algattn.fibers.layer_invariants import LayerFacts
from algattn.singularities.strata import in_closure, strata, stratum_name

SHAPES = [
    (d, e, a, t)
    for d in (1, 2, 3)
    for e in (1, 2, 3)
    for a in (1, 2, 3)
    for t in (1, 2)
    if a <= d and d + e <= 5
] + [(2, 1, 3, 2), (3, 1, 5, 1), (4, 2, 2, 2), (4, 2, 2, 1), (4, 1, 1, 1)]


def net(shape: tuple[int, int, int, int]) -> Lightning:
    d, e, a, t = shape
    return Lightning(widths=(d, e), ranks=a, tokens=t)


def coefficients(A: list[list[int]], V: list[list[int]], t: int) -> list[int]:
    """The function, written out independently of algattn."""
    d, out = len(A), []
    for v in V:
        if t == 1:
            for label in combinations_with_replacement(range(d), 3):
                out.append(sum(v[i] * A[j][k] for i, j, k in set(permutations(label))))
        else:
            for i in range(d):
                for j in range(i, d):
                    for k in range(d):
                        out.append(v[i] * A[j][k] + (v[j] * A[i][k] if i != j else 0))
    return out


def product(left: list[list[int]], right: list[list[int]]) -> list[list[int]]:
    columns = list(zip(*right, strict=True))
    return [[sum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in left]


def outer(x: list[int], y: list[int]) -> list[list[int]]:
    return [[a * b for b in y] for a in x]


def plus(M: list[list[int]], N: list[list[int]]) -> list[list[int]]:
    return [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(M, N, strict=True)]


def parametrization(stratum, shape) -> tuple[int, Callable[[list[int]], list[int]]]:
    """How many parameters the stratum has, and the function at given ones."""
    d, e, _, t = shape

    def cut(w: list[int], *sizes: int) -> list[list[int]]:
        it = iter(w)
        return [[next(it) for _ in range(n)] for n in sizes]

    def table(w: list[int], m: int, n: int) -> list[list[int]]:
        return [w[i * n : (i + 1) * n] for i in range(m)]

    if stratum.family == "zero":
        return 1, lambda w: coefficients(outer([0] * d, [0] * d), outer([0] * e, [0] * d), t)
    if stratum.family == "ranks" and t > 1:
        r, m = stratum.rank_A, stratum.rank_V

        def by_rank(w: list[int]) -> list[int]:
            L, R, P, U = cut(w, d * r, r * d, e * m, m * d)
            A = product(table(L, d, r), table(R, r, d))
            return coefficients(A, product(table(P, e, m), table(U, m, d)), t)

        return 2 * d * r + m * (d + e), by_rank
    if stratum.family == "ranks":
        p, n = stratum.signature
        m = stratum.rank_V

        def by_signature(w: list[int]) -> list[int]:
            *rows, P, U = cut(w, *[d] * (p + n), e * m, m * d)
            S = outer([0] * d, [0] * d)
            for i, x in enumerate(rows):
                S = plus(S, outer([(1 if i < p else -1) * c for c in x], x))
            return coefficients(S, product(table(P, e, m), table(U, m, d)), t)

        return d * (p + n) + m * (d + e), by_signature

    def lines(w: list[int]) -> list[int]:
        x, y, z, h = cut(w, d, d, d, e)
        name = stratum.name
        if name in {"k, v independent", "three real lines"}:
            return coefficients(outer(x, y), outer(h, z), t)
        if (
            name == "definite form"
        ):  # h (x^2 + y^2) z, written with the complex lines multiplied out
            parts = [coefficients(outer(u, z), outer(h, u), t) for u in (x, y)]
            return [a + b for a, b in zip(*parts, strict=True)]
        if name in {"k, v parallel", "nonzero"}:
            return coefficients(outer(x, y), outer(h, x), t)
        if name == "a line and a conjugate pair":
            return coefficients(plus(outer(x, x), outer(y, y)), outer(h, z), t)
        if name == "double line":
            return coefficients(outer(x, x), outer(h, z), t)
        assert name == "triple line"
        return coefficients(outer(x, x), outer(h, x), t)

    return 3 * d + e, lines


def exact_rank(count: int, f: Callable[[list[int]], list[int]], rng: random.Random) -> int:
    """The rank of the derivative at a random point; differences are exact up to degree four."""
    w, rows = [rng.choice((-1, 1)) * rng.randint(1, 9999) for _ in range(count)], []
    for i in range(count):

        def at(h: int, i: int = i) -> list[int]:
            return f([x + h * (n == i) for n, x in enumerate(w)])

        # 12 f'(0) = 8 (f(1) - f(-1)) - (f(2) - f(-2)) for polynomials of degree at most four
        values = zip(at(1), at(-1), at(2), at(-2), strict=True)
        rows.append([8 * (a - b) - (c - e) for a, b, c, e in values])
    return Matrix(QQ, rows).rank()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_dimensions_are_exact_ranks(shape) -> None:
    rng = random.Random(str(shape))
    found = strata(net(shape))
    for s in found:
        assert exact_rank(*parametrization(s, shape), rng) == s.dimension, s
    assert max(s.dimension for s in found) == net(shape).dimension().value
    assert len({s.name for s in found}) == len(found)


def random_in(stratum, shape, rng: random.Random) -> Weights | None:
    """Random weights in a stratum, or None when there are none over QQ of this shape."""
    d, e, _, _ = shape

    def draw(m: int, n: int) -> list[list[int]]:
        return [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)]

    W = stratum.representative
    if W is None or not stratum.reached:
        return None
    while True:
        g, h = draw(d, d), draw(e, e)
        if Matrix(QQ, g).rank() == d and Matrix(QQ, h).rank() == e:
            break
    G, H = Matrix(QQ, g), Matrix(QQ, h)
    return Weights(A=[G.T @ W.A[0] @ G], V=[H @ W.V[0] @ G])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_labels_are_those_of_classify(shape) -> None:
    """Representatives, and random points: for t = 1 all of GL(d) x GL(d') moves a stratum."""
    network, rng = net(shape), random.Random(str(shape))
    d, e, _, _ = shape
    for s in strata(network):
        for n in range(2 if d * e > 4 else 4):
            W = random_in(s, shape, rng) if n else (s.representative if s.reached else None)
            if W is None:
                continue
            result = network.classify(W)
            assert (result.stratum, result.singular, result.boundary) == (
                s.name,
                s.singular,
                s.boundary,
            )
            f = network.function(W)
            by_function = network.classify_function(f)
            assert by_function.answer == result.answer


def flattening_ranks(network: Lightning, W: Weights) -> tuple[int, int]:
    """t >= 2: ranks of two flattenings of the coefficients, that is of A and V, from F alone."""
    f, d, e = network.function(W), network.d_in, network.d_out
    pairs = [(i, j) for i in range(d) for j in range(i, d)]
    by_k = [[f[r, i, j, k] for k in range(d)] for r in range(e) for i, j in pairs]
    by_r = [[f[r, i, j, k] for i, j in pairs for k in range(d)] for r in range(e)]
    return Matrix(QQ, by_k).rank(), Matrix(QQ, by_r).rank()


def test_ranks_of_strata_are_ranks_of_flattenings() -> None:
    for shape in SHAPES:
        network = net(shape)
        for s in strata(network):
            if shape[3] > 1 and s.reached:
                expected = (s.rank_A, s.rank_V) if s.family != "zero" else (0, 0)
                assert flattening_ranks(network, s.representative) == expected


def name_at(network: Lightning, A: Matrix, V: Matrix) -> str:
    facts = LayerFacts(network, A, V)
    return stratum_name(facts)


DEGENERATING = [
    (2, 1, 1, 2),
    (2, 2, 2, 2),
    (3, 2, 2, 2),
    (2, 2, 1, 1),
    (2, 2, 2, 1),
    (3, 2, 2, 1),
    (3, 1, 1, 1),
]


@pytest.mark.parametrize("shape", DEGENERATING, ids=str)
def test_closure_order_against_random_degenerations(shape) -> None:
    """Families of weights (x + eps y): where they go is in the closure; most edges are met."""
    network, rng = net(shape), random.Random(f"degenerate {shape}")
    d, e, a, _ = shape
    known = {s.name: s for s in strata(network)}
    met = Counter()

    def sparse(m: int, n: int) -> Matrix:
        return Matrix(QQ, [[rng.choice((0, 0, 0, 1, -1)) for _ in range(n)] for _ in range(m)])

    for _ in range(700):
        K, Q, dK, dQ = (sparse(a, d) for _ in range(4))
        V, dV = sparse(e, d), sparse(e, d)
        if rng.random() < 0.5:  # special starting points: coinciding lines, squares
            V = sparse(e, 1) @ Matrix(QQ, [K.row(0)])
        if rng.random() < 0.4:
            Q = Matrix(QQ, [row if rng.random() < 0.6 else [0] * d for row in K.rows])
        if rng.random() < 0.5:  # and special directions
            dV = dV * 0 if rng.random() < 0.6 else sparse(e, 1) @ sparse(1, d)
        if rng.random() < 0.3:
            dK, dQ = dK * 0, dQ * rng.choice((0, 1))

        def at(c: str, K=K, Q=Q, V=V, dK=dK, dQ=dQ, dV=dV) -> str:
            return name_at(network, (K + dK * c).T @ (Q + dQ * c), V + dV * c)

        near, nearer = at("1/1009"), at("1/65537")
        if near == nearer:
            low, high = known[at("0")], known[near]
            assert in_closure(low, high), (low.name, high.name, K, Q, V, dK, dQ, dV)
            met[low.name, high.name] += 1
    wanted = {
        (low.name, high.name)
        for low in known.values()
        for high in known.values()
        if low.reached and high.reached and low.name != high.name and in_closure(low, high)
    }
    assert len(wanted & set(met)) >= 0.8 * len(wanted), sorted(wanted - set(met))


def test_graph_is_a_partial_order_with_the_zero_function_below() -> None:
    import networkx

    for shape in SHAPES:
        graph = net(shape).strata()
        assert networkx.is_directed_acyclic_graph(graph)
        assert networkx.descendants(graph, "zero") == set()
        for high, low in graph.edges:
            assert graph.nodes[high]["dimension"] > graph.nodes[low]["dimension"]
        for node in graph:
            assert node == "zero" or "zero" in networkx.descendants(graph, node)
        closed = {
            (h.name, low.name)
            for h in strata(net(shape))
            for low in strata(net(shape))
            if h.name != low.name and in_closure(low, h)
        }
        assert set(networkx.transitive_closure(graph).edges) == closed


def test_covers_are_the_reduction_of_the_order() -> None:
    import networkx

    for widths, ranks, tokens in (((3, 3), 3, 2), ((4, 3), 2, 1), ((3, 1), 2, 1)):
        net = Lightning(widths=widths, ranks=ranks, tokens=tokens)
        order = networkx.DiGraph()
        found = strata(net)
        order.add_nodes_from(s.name for s in found)
        order.add_edges_from(
            (high.name, low.name) for high in found for low in found if in_closure(low, high)
        )
        order.remove_edges_from(list(networkx.selfloop_edges(order)))
        assert set(net.strata().edges) == set(networkx.transitive_reduction(order).edges)


def test_wide_layers_at_a_boundary_point() -> None:
    """135 million coordinates: nothing may write them down."""
    d = 128
    k = [(3 * i) % 7 - 3 for i in range(d)]
    W = Weights(
        A=[[[x * y for y in k] for x in k]],
        V=[[[x if i == 0 else 0 for x in k] for i in range(d)]],
    )
    result = Lightning(widths=(d, d), ranks=d).classify(W)
    assert (result.singular, result.boundary, result.status.name) == (True, True, "PROVED")
    with pytest.raises(LimitError, match="digits") as caught:
        Lightning(widths=(d, d), ranks=d).degree()
    assert caught.value.partial > 10**4000


def test_deep_networks_have_no_strata_yet() -> None:
    with pytest.raises(HypothesisError, match="2 layers"):
        Lightning(widths=(2, 2, 2), ranks=1).strata()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_fiber_types_are_those_of_the_fibers(shape) -> None:
    """Numbers of pairs and ramification, against ``net.fiber`` of the representatives."""
    network, numbers = net(shape), ["no", "one", "two", "three"]
    for s in strata(network):
        if not s.reached or s.family == "zero":
            continue
        found = network.fiber(s.representative).components
        if shape[3] > 1:
            assert s.fiber.startswith(numbers[len(found)])
            assert s.fiber.endswith("ramified") == (not all(c.reduced for c in found))
        else:
            pairs = {c.name.split(",")[0].removesuffix(" (not real)") for c in found}
            real = {c.name.split(",")[0] for c in found if c.real_dimension is not None}
            assert s.fiber.startswith(numbers[len(pairs)])
            assert f", {numbers[len(real)]} real" in s.fiber or len(real) == len(pairs)
