"""Symmetric points: against dense ranks, on random shapes, and at scale."""

from __future__ import annotations

import numpy as np
import pytest

from algattn.dimension.dense import jacobian_rank
from algattn.dimension.gauge import gauge_matrix
from algattn.dimension.isotypic import Components
from algattn.dimension.modular import DEFAULT_PRIME, Residues, rank_mod
from algattn.dimension.reduction import Kind, reduce_shape
from algattn.dimension.symmetric import symmetric_certificate, symmetric_ranks
from algattn.dimension.symmetry import Space, Symmetry, random_equivariant
from algattn.dimension.symmetry_layouts import recipes


def random_shape(rng, widest, deepest):
    depth = int(rng.integers(1, deepest + 1))
    widths = [int(x) for x in rng.integers(1, widest + 1, depth + 1)]
    attention = [int(x) for x in rng.integers(1, max(2, widest // 2), depth)]
    if rng.random() < 0.3:
        attention[int(rng.integers(0, depth))] = 1
    if rng.random() < 0.5:
        widths.sort(reverse=True)
    kind = (Kind.LIGHTNING, Kind.SOFTMAX)[int(rng.integers(0, 2))]
    return reduce_shape(widths, attention, tokens=int(rng.integers(1, 4)), kind=kind)


def compare_with_dense(symmetry, shape, seed):
    residues = Residues(seed)
    point = random_equivariant(symmetry, residues)
    found = symmetric_ranks(point, shape, residues)
    weights = point.expand(symmetry.sizes)
    layers = shape.resized(*symmetry.shape(symmetry.sizes))
    assert found.parameters.total() == layers.parameters
    scalings = shape.kind is Kind.LIGHTNING
    gauge = rank_mod(
        gauge_matrix(weights, collapsed=shape.collapsed, scalings=scalings, prime=DEFAULT_PRIME)
    )
    assert found.gauge.total() == gauge
    dense = jacobian_rank(layers, weights, bound=layers.parameters - gauge, seed=seed)
    assert found.lower == dense
    return dense


def test_recipes_agree_with_dense_ranks_at_the_same_point():
    rng = np.random.default_rng(1)
    for seed in range(120):
        shape = random_shape(rng, 8, 3)
        choices = list(recipes(shape))
        _, symmetry = choices[int(rng.integers(0, len(choices)))]
        assert symmetry.shape(symmetry.sizes) == (shape.effective, shape.ranks)
        compare_with_dense(symmetry, shape, seed)


def test_any_symmetry_agrees_with_dense_ranks_at_the_same_point():
    rng = np.random.default_rng(2)
    checked = special = 0
    while checked < 80:
        depth, factors = int(rng.integers(1, 4)), int(rng.integers(1, 4))

        def space(top, factors=factors):
            counts = tuple(int(x) for x in rng.integers(0, top, factors))
            return Space(counts, int(rng.integers(0, 3)))

        symmetry = Symmetry(
            tuple(int(x) for x in rng.integers(1, 5, factors)),
            tuple(space(3) for _ in range(depth + 1)),
            tuple(space(2) for _ in range(depth)),
        )
        widths, attention = symmetry.shape(symmetry.sizes)
        if min(*widths, *attention) < 1 or max(widths) > 9:
            continue
        kind = (Kind.LIGHTNING, Kind.SOFTMAX)[checked % 2]
        shape = reduce_shape(widths, attention, tokens=int(rng.integers(1, 4)), kind=kind)
        special += compare_with_dense(symmetry, shape, checked) < shape.expected
        checked += 1
    assert special > 20  # many of these points are not generic, and the ranks agree there too


def test_random_shapes_are_decided():
    rng = np.random.default_rng(3)
    for seed in range(300):
        shape = random_shape(rng, 12, 5)
        found = symmetric_certificate(shape, seed=seed)
        assert found.lower == found.upper == shape.expected, shape


def test_wide_random_shapes_are_decided():
    rng = np.random.default_rng(4)
    for seed in range(30):
        shape = random_shape(rng, 3000, 5)
        found = symmetric_certificate(shape, seed=seed)
        assert found.lower == found.upper == shape.expected, shape


@pytest.mark.parametrize("kind", list(Kind))
def test_depth_96(kind):
    shape = reduce_shape((12288,) * 97, (128,) * 96, tokens=2048, kind=kind)
    found = symmetric_certificate(shape)
    assert found.exact
    assert found.lower == 451411968 - shape.scalings


@pytest.mark.parametrize("tokens", [1, 2])
def test_many_different_ranks_behind_a_collapse(tokens):
    shape = reduce_shape((700,) * 5, (1 if tokens == 2 else 333, 71, 190, 512), tokens=tokens)
    found = symmetric_certificate(shape)
    assert found.recipe == "pairs"
    assert found.lower == found.upper == shape.expected


def test_components_give_a_family():
    shape = reduce_shape((9, 9, 9), (4, 4))
    found = symmetric_certificate(shape)
    ranks = found.ranks
    for sizes in ((2, 2), (5, 3), (20, 7), (1000, 40)):
        widths, attention = found.symmetry.shape(sizes)
        larger = reduce_shape(widths, attention)
        assert ranks.jacobian.total(sizes) == larger.expected
        assert ranks.parameters.total(sizes) - ranks.gauge.total(sizes) == larger.expected


def test_components_by_name():
    found = Components(
        (3, 1),
        (
            (("trivial", 0, 0), 5),
            (("standard", 1, 0), 2),
            (("skew", 0, 0), 7),
            (("traceless", 0, 0), 6),
            (("mixed", 0, 1), 4),
        ),
    )
    assert found.trivial == 5
    assert found.standard == (0, 2)
    assert (found.skew, found.traceless) == ((7, 0), (6, 0))
    assert found.mixed == {(0, 1): 4}
    assert found.total() == 5 + 2 + 7 * 3 + 6 * 5 + 4 * 3
    with pytest.raises(ValueError, match="say nothing"):
        found.total((3, 2))
