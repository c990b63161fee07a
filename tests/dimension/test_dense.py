"""Dense Jacobian and gauge ranks: two routes to derivatives, two bounds for dimensions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from algattn import Lightning, Softmax
from algattn.dimension.dense import jacobian_rank, jacobian_rows
from algattn.dimension.evidence import bounds
from algattn.dimension.layers import Layers, Tie
from algattn.dimension.modular import DEFAULT_PRIME, Residues, reduce_mod
from algattn.dimension.modular_autodiff import random_weights, softmax_residues
from algattn.dimension.reduction import Kind, reduce_shape
from algattn.dimension.scores import score_layers, scores_independent, scores_witness
from algattn.dimension.subject import layers_on, reduction_of, subject

CLASSES = {"lightning": Lightning, "softmax": Softmax}
P = DEFAULT_PRIME


def random_networks(count, seed, *, widest=6, deepest=4):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        depth = int(rng.integers(1, deepest + 1))
        widths = tuple(int(x) for x in rng.integers(1, widest + 1, depth + 1))
        attention = [int(x) for x in rng.integers(1, 5, depth)]
        if rng.random() < 0.3:
            attention[int(rng.integers(0, depth))] = 1
        kind = (Lightning, Softmax)[int(rng.integers(0, 2))]
        yield kind(widths, tuple(attention), int(rng.integers(1, 4)))


def test_rows_are_derivatives_of_the_lightning_formula():
    """Central differences of a polynomial of small degree are exact modulo the prime."""
    network = Lightning((3, 2, 2), (2, 1), 3, heads=2, biases="qkvo", mask=("causal", None))
    layers = layers_on(network, 3)
    point = random_weights(layers.shapes, Residues(1))
    (row,) = jacobian_rows(layers, point, 1, Residues(2))
    residues = Residues(2)
    x, c = ((residues.draw(1, 3, d)[0].T).astype(object) for d in (3, 2))

    def value(weights):
        state = x
        for shape, layer in zip(network.shapes, weights, strict=True):
            total = layer["bo", 0]
            for h in range(2):
                k, q, v = (
                    layer[n, h].dot(state) + layer[f"b{n.lower()}", h] for n in ("K", "Q", "V")
                )
                total = total + v.dot(k.T.dot(q) * np.array(shape.seen.rows(), dtype=object))
            state = total % P
        return int((state * c).sum() % P)

    n = 0
    for i, layer in enumerate(point):
        for key, w in layer.items():
            for at in np.ndindex(w.shape):
                found = []
                for step in range(10):  # the degree in one entry is at most 1 + 3 + 4
                    moved = [{k: m.astype(object) for k, m in part.items()} for part in point]
                    moved[i][key][at] += step
                    found.append(value(moved))
                # the derivative at 0 of the polynomial through the values
                total = sum(
                    (-1) ** (k + 1) * pow(k, -1, P) * math.comb(9, k) * (found[k] - found[0])
                    for k in range(1, 10)
                )
                assert total % P == row[n], (i, key, at)
                n += 1
    assert n == len(row)


@pytest.mark.parametrize("kind", list(Kind))
def test_rows_agree_with_jets(kind):
    """Reverse rows kill the directions that forward derivatives kill, and no others."""
    network = CLASSES[kind.value]((3, 5, 2, 4), (2, 1, 3), 3)
    asked = subject(network)
    point = random_weights(asked.layers.shapes, Residues(11))
    rows = jacobian_rows(asked.layers, point, 60, Residues(12)).astype(object)
    gauge = asked.directions(point, P)
    assert not (rows.dot(gauge.T) % P).any()
    other = Residues(13).draw(1, asked.layers.parameters)
    assert (rows.dot(other.T) % P).any()


def test_softmax_residues_are_columns_of_sum_one():
    for mask in (None, "causal"):
        (shape,) = Softmax((2, 2), 1, 3, mask=mask).shapes
        for tie in Tie:
            p = softmax_residues(20, shape, Residues(4), tie)
            assert (reduce_mod(p.sum(axis=1), P) == 1).all()
            assert bool(p[:, 2, 0].any()) == (mask is None)


def test_random_shapes_reach_the_expected_dimension():
    for n, network in enumerate(random_networks(150, 1)):
        found = bounds(network, "dense", n, P)
        assert found.lower == found.upper == reduction_of(network).expected, network


def test_the_shape_as_given_has_the_rank_of_its_effective_shape():
    for n, network in enumerate(random_networks(60, 2)):
        layers = layers_on(network, network.tokens)
        weights = random_weights(layers.shapes, Residues(n))
        assert jacobian_rank(layers, weights, seed=n) == reduction_of(network).expected


def test_gauge_directions_do_not_move_the_function():
    for n, network in enumerate(random_networks(60, 3, deepest=3)):
        layers = subject(network).layers
        weights = random_weights(layers.shapes, Residues(n))
        rows = jacobian_rows(layers, weights, 6, Residues(n))
        gauge = subject(network).directions(weights, P)
        assert not (rows.astype(object).dot(gauge.T) % P).any()


def test_two_tokens_are_enough():
    for kind in CLASSES.values():
        network = kind((3, 3, 2), (2, 1), 2)
        ranks = set()
        for tokens in (2, 3, 4):
            layers = layers_on(network, tokens)
            ranks.add(jacobian_rank(layers, random_weights(layers.shapes, Residues(6))))
        assert len(ranks) == 1


def test_scores():
    residues = Residues(8)

    def independent(network, change=lambda layer: layer):
        layers = layers_on(network, network.tokens)
        point = random_weights(layers.shapes, residues)
        return scores_independent(layers, [tuple(map(change, point))], Residues(9))

    assert independent(Softmax((3, 2, 3), (2, 1), 3)) == (True, True)
    assert independent(Softmax((1, 2, 2), (1, 2), 3)) == (True, True)

    def skewless(layer):
        return layer | {("K", 0): layer["Q", 0]}  # K = Q ties s_jk to s_kj

    assert independent(Softmax((3, 3), 2), skewless) == (False,)


def test_small_scores_speak_for_large_shapes():
    for widths in ((4096,) * 13, (50, 1, 30, 7), (1, 9, 9)):
        shape = reduce_shape(widths, (64,) * (len(widths) - 1), tokens=3, kind=Kind.SOFTMAX)
        assert all(score_layers(scores_witness(shape), 1, P))


def test_rows_are_residues():
    layers = Layers(Kind.SOFTMAX, Softmax((2, 2), 1).shapes, (Tie.FREE,), (1, 1))
    rows = jacobian_rows(layers, random_weights(layers.shapes, Residues(1)), 7, Residues(2))
    assert rows.shape == (7, layers.parameters)
    assert rows.min() >= 0
    assert rows.max() < P


def test_many_samples_come_in_batches(monkeypatch):
    layers = layers_on(Softmax((2, 2), 1, 6, heads=2), 6)
    point = random_weights(layers.shapes, Residues(1))
    whole = jacobian_rank(layers, point)
    monkeypatch.setattr("algattn.dimension.dense._BATCH", 500)
    assert jacobian_rank(layers, point) == whole
