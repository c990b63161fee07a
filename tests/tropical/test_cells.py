"""Cells of one head: linear programs, two double descriptions, cddlib and a grid agree."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from typing import Any

import networkx
import numpy as np
import pytest
from tropical_instances import COUNTS, DEGENERATE, heads, random_head
from tropical_oracles import grid_winners, hull_by_cdd

from algattn.attention import Weights
from algattn.errors import FieldError, HypothesisError, InputError, ShapeError
from algattn.tropical import TropicalAttention
from algattn.tropical.envelope import Envelope


def certified(head: TropicalAttention, cells: Any) -> None:
    for cell in cells:
        assert head.argmax(cell.interior_point) == set(cell.ties)
        assert cell.index == min(cell.ties)


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_heads(name: str) -> None:
    head = DEGENERATE[name]
    cells = head.cells()
    assert len(cells) == COUNTS[name]
    certified(head, cells)
    embedded = head.diagram(backend="embedded")
    assert [c.index for c in embedded.cells] == [c.index for c in cells]
    certified(head, embedded.cells)


def test_programs_and_hulls_agree_on_hundreds_of_heads() -> None:
    seen = 0
    for head in heads(250, seed=5):
        cells = head.cells()
        certified(head, cells)
        indices = [c.index for c in cells]
        for backend in ("embedded", "auto"):
            hull = Envelope(head.dimension, head.functions.rows, backend)
            assert [head.functions.groups[i][0] for i in hull.essential] == indices
        seen += 1
    assert seen == 250 + len(DEGENERATE)


def test_cells_agree_with_cddlib() -> None:
    for head in heads(150, seed=6):
        assert {c.index for c in head.cells()} == hull_by_cdd(head)


def test_a_dense_grid_finds_only_cells() -> None:
    rng, found = random.Random(7), 0
    for _ in range(12):
        head = random_head(rng, 6, 2)
        winners = grid_winners(head)
        assert winners <= {c.index for c in head.cells()}
        found += len(winners)
    assert found > 30


def test_duplicates_merged_or_strict() -> None:
    twins = DEGENERATE["duplicates"]
    assert len(twins.cells(merge=False)) == 1
    assert len(twins.cells()) == 2
    head = TropicalAttention([[1, 2], [1, 2], [0, 1]], values=[2, 4, 9])
    assert head.limit([1, 1]).value == (3,)
    assert head.limit([0, 0]).keys == {0, 1, 2}
    assert head.limit([0, 0]).value == (5,)


def test_nearest_weighted_site_is_the_largest_score() -> None:
    rng = random.Random(8)
    ties = 0
    for head in heads(60, seed=9):
        diagram = head.diagram()
        points = [
            [Fraction(rng.randint(-40, 40), 8) for _ in range(head.dimension)] for _ in range(6)
        ]
        points += [list(v) for v in diagram.vertices[:3]]
        for q in points:
            assert diagram.nearest(q) == head.argmax(q)
            distances, scores = head.power_distances(q), head.scores(q)
            square = sum((x * x for x in q), Fraction(0))
            assert all(d == square - 2 * s for d, s in zip(distances, scores, strict=True))
            ties += len(head.argmax(q)) > 1
    assert ties > 30


def test_cells_by_inequalities_and_by_vertices() -> None:
    for head in heads(60, seed=10):
        diagram = head.diagram()
        for cell in diagram.cells:
            for a, c in cell.inequalities:
                at = [sum((x * y for x, y in zip(a, v, strict=True)), c) for v in cell.vertices]
                along = [sum(x * y for x, y in zip(a, r, strict=True)) for r in cell.rays]
                assert min(at) >= 0
                assert all(x >= 0 for x in along)
                inside = sum((x * y for x, y in zip(a, cell.interior_point, strict=True)), c)
                assert inside > 0
                assert 0 in at
            # No inequality can be left out: without it, the cell of the neighbour is met.
            assert len(set(cell.neighbours)) == len(cell.neighbours)
        for vertex, winners in zip(diagram.vertices, diagram.winners, strict=True):
            assert head.argmax(vertex) == winners


def test_adjacency_is_seen_by_walking() -> None:
    for head in heads(40, seed=11):
        graph = head.diagram().graph()
        assert set(graph) == {c.index for c in head.cells()}
        assert networkx.is_connected(graph)
        for i, j, data in graph.edges(data=True):
            corners, rays = data["vertices"], data["rays"]
            n = head.dimension
            middle = [sum(v[k] for v in corners) / len(corners) for k in range(n)]
            middle = [x + sum(r[k] for r in rays) for k, x in enumerate(middle)]
            assert {i, j} <= head.argmax(middle)
            first = head.functions.groups
            tiny = Fraction(1, 10**6)
            sides = [
                head.argmax([x + s * tiny * y for x, y in zip(middle, data["normal"], strict=True)])
                for s in (-1, 1)
            ]
            assert max(map(abs, data["normal"])) > 0
            assert len(first) > 1
            assert sides[0] != sides[1]


def test_grid_has_the_adjacency_of_a_grid() -> None:
    graph = DEGENERATE["grid"].diagram().graph()
    assert networkx.is_isomorphic(graph, networkx.grid_2d_graph(4, 4))
    assert len(DEGENERATE["grid"].diagram().vertices) == 9


def test_cells_that_touch_in_a_square_are_not_adjacent() -> None:
    """In dimension 4 two cells can share four vertices without sharing a wall."""
    keys = list(product(range(3), repeat=4))
    head = TropicalAttention(keys, biases=[Fraction(-sum(x * x for x in k), 2) for k in keys])
    graph = head.diagram().graph()
    assert len(graph) == 81
    assert set(map(frozenset, graph.edges)) == {
        frozenset((i, j))
        for i, a in enumerate(keys)
        for j, b in enumerate(keys)
        if sum(abs(x - y) for x, y in zip(a, b, strict=True)) == 1
    }


def test_without_biases_the_cells_are_those_of_the_hull() -> None:
    rng = random.Random(12)
    spatial = pytest.importorskip("scipy.spatial", reason="scipy is not installed")
    for _ in range(20):
        keys = [[rng.randint(-50, 50) for _ in range(2)] for _ in range(10)]
        head = TropicalAttention(keys)
        hull = spatial.ConvexHull(np.array(keys, dtype=float))
        assert {c.index for c in head.cells()} == set(map(int, hull.vertices))
        assert head.diagram().vertices == ((0, 0),)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_64_keys_need_little_work(d: int, work: Any) -> None:
    rng = random.Random(13)
    head = TropicalAttention(
        [[rng.randint(-99, 99) for _ in range(d)] for _ in range(64)],
        biases=[rng.randint(-2000, 2000) for _ in range(64)],
    )
    cells, calls = work(head.cells)
    assert calls < 50_000
    certified(head, cells)
    assert 10 < len(cells) <= 64


def test_bad_input_is_told_in_three_parts() -> None:
    cases: list[tuple[type[Exception], str, Any]] = [
        (FieldError, "stands for 1/10|stands for 36", lambda: TropicalAttention([[0.1]])),
        (ShapeError, "no keys", lambda: TropicalAttention([])),
        (ShapeError, "1 entries where 2", lambda: TropicalAttention([[1, 2], [1]])),
        (ShapeError, "2 keys and 1 values", lambda: TropicalAttention([[1], [2]], values=[1])),
        (
            ShapeError,
            "2 keys and 3 biases",
            lambda: TropicalAttention([[1], [2]], biases=[1, 2, 3]),
        ),
        (InputError, "not a list", lambda: TropicalAttention("12")),
        (FieldError, "not an integer", lambda: TropicalAttention([["x"]])),
        (FieldError, "not a number", lambda: TropicalAttention([[float("nan")]], floats=True)),
        (ShapeError, "where 1 are needed", lambda: TropicalAttention([[1]]).argmax([1, 2])),
        (InputError, "no values", lambda: TropicalAttention([[1]]).mean([0])),
    ]
    for kind, text, act in cases:
        with pytest.raises(kind, match=text) as caught:
            act()
        assert {"asked", "wrong", "hint"} <= set(vars(caught.value))


def test_what_is_not_polyhedral_is_refused() -> None:
    given: dict[str, Any] = {"K": [[1, 0]], "Q": [[1, 0]], "context": [[1, 2]]}
    with pytest.raises(HypothesisError, match="quadratic"):
        TropicalAttention.from_head(**given, attends_to_itself=True)
    with pytest.raises(HypothesisError, match="norm"):
        TropicalAttention.from_head(**given, layer_norm=True)
    weights = Weights(A=[[[1]]], V=[[[1]]])
    with pytest.raises(HypothesisError, match="quadratic"):
        TropicalAttention.from_weights(weights, [[1]], attends_to_itself=True)


def test_a_real_head_in_floats_is_exact() -> None:
    rng = np.random.default_rng(3)
    K, Q, V = rng.normal(size=(2, 4)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))
    context, shift, extra = rng.normal(size=(6, 4)), rng.normal(size=2), rng.normal(size=6)
    with pytest.raises(FieldError, match="stands for"):
        TropicalAttention.from_head(K=K, Q=Q, V=V, context=context)
    head = TropicalAttention.from_head(
        K=K, Q=Q, V=V, context=context, query_bias=shift, biases=extra, floats=True
    )
    x = rng.normal(size=4)
    near = (Q @ x + shift) @ (K @ context.T) + extra
    exact = head.scores([Fraction(float(t)) for t in x])
    assert np.allclose([float(s) for s in exact], near)
    assert min(head.argmax([Fraction(float(t)) for t in x])) == int(near.argmax())
    assert head.values is not None
    assert np.allclose(
        [[float(str(x.p)) / float(str(x.q)) for x in v] for v in head.values], context @ V.T
    )
    plane = head.restrict(x, np.eye(4)[:2], floats=True)
    moved = [Fraction(float(t)) for t in x]
    moved[0] += 2
    moved[1] -= 1
    assert plane.scores([2, -1]) == head.scores(moved)


def test_weights_of_a_network() -> None:
    W = Weights(K=[[[1, 0, 2]]], Q=[[[0, 1, "-1/2"]]], V=[[[1, 0, 2], [3, 0, 6]]])
    context = [[1, 2, 3], [0, 1, 1], [2, 0, -1]]
    head = TropicalAttention.from_weights(W, context)
    x = [1, -1, 4]
    A = W.A[0].rows
    expected = [sum(y[i] * A[i][j] * x[j] for i in range(3) for j in range(3)) for y in context]
    assert [str(s) for s in head.scores(x)] == [str(s) for s in expected]
    with pytest.raises(ShapeError, match="layer is 1"):
        TropicalAttention.from_weights(W, context, layer=1)


def test_a_line_meets_its_cells() -> None:
    rng = random.Random(14)
    for _ in range(20):
        head = random_head(rng, 8, 3)
        p, u = [[rng.randint(-5, 5) for _ in range(3)] for _ in range(2)]
        line = head.restrict(p, [u])
        found = {c.index for c in line.cells()}
        for t in range(-200, 201):
            q = [a + Fraction(t, 10) * b for a, b in zip(p, u, strict=True)]
            winners = head.argmax(q)
            assert winners == line.argmax([Fraction(t, 10)])
            if winners in map(frozenset, line.functions.groups):
                assert min(winners) in found


def test_vertices_beyond_floats() -> None:
    """Coordinates that are no floats, or whose sums are none."""
    for keys, biases in (
        ([[0], [3], [7]], [0, -(10**308) - 1, -3 * 10**308]),
        ([[0], [3], [7]], [0, 10**309 - 1, -3 * 10**309]),
        ([[0, 0], [3, 1], [1, 7]], [0, 2**1023 * 3 + 1, -(2**1023)]),
    ):
        head = TropicalAttention(keys, biases=biases)
        for backend in ("embedded", "auto"):
            diagram = head.diagram(backend=backend)
            assert [c.index for c in diagram.cells] == [c.index for c in head.cells()]
            certified(head, diagram.cells)
        certified(head, head.cells())
