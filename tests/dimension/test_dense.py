"""Dense Jacobian and gauge ranks: two routes to derivatives, two bounds for dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from algattn.dimension.dense import (
    dense_certificate,
    jacobian_rank,
    jacobian_rows,
    kills,
    scores_independent,
    scores_witness,
)
from algattn.dimension.gauge import gauge_matrix
from algattn.dimension.modular import DEFAULT_PRIME, Residues, matmul_mod, reduce_mod
from algattn.dimension.modular_autodiff import (
    attention_residues,
    forward,
    random_weights,
    reverse,
    tangent,
)
from algattn.dimension.reduction import Kind, reduce_shape

P = DEFAULT_PRIME


def random_shapes(count, seed, *, widest=6, deepest=4):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        depth = int(rng.integers(1, deepest + 1))
        widths = tuple(int(x) for x in rng.integers(1, widest + 1, depth + 1))
        attention = [int(x) for x in rng.integers(1, 5, depth)]
        if rng.random() < 0.3:
            attention[int(rng.integers(0, depth))] = 1
        kind = (Kind.LIGHTNING, Kind.SOFTMAX)[int(rng.integers(0, 2))]
        yield widths, tuple(attention), int(rng.integers(1, 4)), kind


def test_forward_pass_is_the_lightning_formula():
    weights = random_weights((3, 4, 2), (2, 3), Residues(1))
    x = Residues(2).floats(1, 3, 3)
    _, y = forward(weights, x, None, P)
    column = x[0].T.astype(np.int64).astype(object)
    for k, q, v in zip(weights.key, weights.query, weights.value, strict=True):
        k, q, v = (w.astype(object) for w in (k, q, v))
        column = v.dot(column).dot(column.T).dot(k.T.dot(q)).dot(column) % P
    assert (y[0].T.astype(np.int64) % P == column).all()


@pytest.mark.parametrize("kind", list(Kind))
def test_reverse_and_tangent_passes_agree(kind):
    widths, attention, tokens, samples = (3, 5, 2, 4), (2, 1, 3), 3, 4
    residues = Residues(11)
    weights = random_weights(widths, attention, residues)
    x = residues.floats(samples, tokens, widths[0])
    soft = None
    if kind is Kind.SOFTMAX:
        soft = attention_residues(samples, tokens, (False,) * 3, residues)
    records, _ = forward(weights, x, soft, P)
    functional = residues.floats(samples, tokens, widths[-1])
    gradient = []
    for g in reverse(weights, records, functional, kind, P):
        pairs = ((g.u, g.x), (g.w, g.x), (g.y, g.z))
        blocks = [matmul_mod(np.swapaxes(a, 1, 2), b, P).reshape(samples, -1) for a, b in pairs]
        gradient.insert(0, np.concatenate(blocks, axis=1))
    directions = residues.draw(5, weights.parameters)
    expected = matmul_mod(
        np.concatenate(gradient, axis=1),
        reduce_mod(directions.T.astype(np.float64), P),
        P,
    )
    moved = reduce_mod(tangent(weights, directions, records, kind, P) * functional, P)
    assert (reduce_mod(moved.sum(axis=(2, 3)).T, P) == expected).all()


def test_softmax_residues_are_columns_of_sum_one():
    for tie in (False, True):
        (p,) = attention_residues(20, 3, (tie,), Residues(4))
        assert (reduce_mod(p.sum(axis=1), P) == 1).all()


def test_random_shapes_reach_the_expected_dimension():
    for n, (widths, attention, tokens, kind) in enumerate(random_shapes(150, 1)):
        shape = reduce_shape(widths, attention, tokens=tokens, kind=kind)
        found = dense_certificate(shape, seed=n)
        assert found.lower == found.upper == shape.expected, (widths, attention, tokens, kind)


def test_the_shape_as_given_has_the_rank_of_its_effective_shape():
    for n, (widths, attention, tokens, kind) in enumerate(random_shapes(60, 2)):
        weights = random_weights(widths, attention, Residues(n))
        expected = reduce_shape(widths, attention, tokens=tokens, kind=kind).expected
        assert jacobian_rank(weights, kind, tokens, seed=n).rank == expected


def test_gauge_directions_do_not_move_the_function():
    for n, (widths, attention, tokens, kind) in enumerate(random_shapes(60, 3, deepest=3)):
        shape = reduce_shape(widths, attention, tokens=tokens, kind=kind)
        weights = random_weights(shape.effective, shape.ranks, Residues(n))
        gauge = gauge_matrix(
            weights, collapsed=shape.collapsed, scalings=kind is Kind.LIGHTNING, prime=P
        )
        assert kills(weights, gauge, kind, tokens, seed=n)


def test_a_random_direction_does_move_the_function():
    weights = random_weights((3, 3), (2,), Residues(1))
    assert not kills(weights, Residues(2).draw(1, weights.parameters), Kind.LIGHTNING, 2)


def test_two_tokens_are_enough():
    for kind in Kind:
        weights = random_weights((3, 3, 2), (2, 1), Residues(6))
        ranks = {jacobian_rank(weights, kind, tokens).rank for tokens in (2, 3, 4)}
        assert len(ranks) == 1


def test_scores():
    residues = Residues(8)
    assert scores_independent(random_weights((3, 2, 3), (2, 1), residues), 3) == (True, True)
    assert scores_independent(random_weights((1, 2, 2), (1, 2), residues), 3) == (True, True)
    equal = random_weights((3, 3), (2,), residues)
    skewless = type(equal)(equal.key, equal.key, equal.value)  # K = Q ties s_jk to s_kj
    assert scores_independent(skewless, 2) == (False,)


def test_small_scores_speak_for_large_shapes():
    for widths in ((4096,) * 13, (50, 1, 30, 7), (1, 9, 9)):
        shape = reduce_shape(widths, (64,) * (len(widths) - 1), tokens=3, kind=Kind.SOFTMAX)
        weights = random_weights(*scores_witness(shape), Residues(1))
        assert all(scores_independent(weights, 3))


def test_rows_are_residues():
    weights = random_weights((2, 2), (1,), Residues(1))
    rows = jacobian_rows(weights, Kind.SOFTMAX, 2, 7, Residues(2))
    assert rows.shape == (7, weights.parameters)
    assert rows.min() >= 0
    assert rows.max() < P
