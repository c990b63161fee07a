"""Effective shapes and the expected dimension."""

from __future__ import annotations

import pytest

from algattn.dimension.reduction import Kind, form_dimension, reduce_shape


@pytest.mark.parametrize(
    ("widths", "attention", "dimension"),
    [
        ((5, 4, 1), (1, 1), 21),  # a slit: 22 without the correction
        ((4, 4, 4), (1, 3), 31),  # a rank-one layer first: 36 without the correction
        ((4, 4, 4), (3, 1), 36),  # ... and last, where it costs nothing
        ((2, 2, 2, 2, 2), (1, 1, 1, 1), 12),
        ((3, 3), (2,), 16),  # one layer: alpha (2 d - alpha) + d d' - 1
    ],
)
def test_lightning(widths, attention, dimension):
    assert reduce_shape(widths, attention).expected == dimension


def test_softmax_two_layers_of_rank_two():
    found = [
        reduce_shape((d, d, d), (2, 2), tokens=3, kind=Kind.SOFTMAX).expected for d in range(3, 11)
    ]
    assert reduce_shape((2,) * 5, (1,) * 4, kind=Kind.SOFTMAX).expected == 16
    # Henry, Marchetti, Kohn, arXiv 2408.17221, Figure 3
    assert found == [25, 40, 57, 76, 97, 120, 145, 172]


def test_softmax_on_one_token_is_a_matrix_product():
    for widths in [(5, 2, 4), (3, 7, 3), (2, 6, 1, 6), (4, 3)]:
        rank = min(widths)
        found = reduce_shape(widths, (3,) * (len(widths) - 1), tokens=1, kind=Kind.SOFTMAX)
        assert found.expected == rank * (widths[0] + widths[-1] - rank)


def test_effective_shape():
    found = reduce_shape((5, 9, 4, 6), (2, 1, 7), tokens=2)
    assert found.bottlenecks == (5, 5, 4, 4)
    assert found.effective == (5, 5, 4, 6)
    assert found.ranks == (2, 1, 4)
    assert found.collapsed == (False, False, True)
    assert not found.is_reduced
    assert reduce_shape(found.effective, found.ranks).is_reduced


def test_reducing_twice_changes_nothing():
    shapes = [((7, 5, 2, 9), (1, 1, 3)), ((1, 4, 4), (2, 2)), ((8, 6, 1), (1, 2))]
    for widths, attention in shapes:
        for tokens in (1, 2, 5):
            for kind in Kind:
                once = reduce_shape(widths, attention, tokens=tokens, kind=kind)
                if 0 in once.ranks:
                    continue
                twice = reduce_shape(once.effective, once.ranks, tokens=tokens, kind=kind)
                assert (twice.effective, twice.ranks) == (once.effective, once.ranks)
                assert (twice.expected, twice.collapsed) == (once.expected, once.collapsed)


def test_symmetric_forms():
    assert form_dimension(3, 2, symmetric=True) == form_dimension(3, 3, symmetric=True) == 6
    assert form_dimension(6, 2, symmetric=True) == 4 * 6 - 6


@pytest.mark.parametrize(
    ("widths", "attention", "tokens"),
    [((3,), (), 2), ((3, 3), (1, 1), 2), ((3, 0), (1,), 2), ((3, 3), (0,), 2), ((3, 3), (1,), 0)],
)
def test_bad_shapes(widths, attention, tokens):
    with pytest.raises(ValueError, match=r"widths"):
        reduce_shape(widths, attention, tokens=tokens)
