"""Independence of exponentials: its proof, and what would make it false."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import arb, arb_mat, ctx, fmpq

from algattn import Lightning, Softmax
from algattn.dimension.balls import (
    as_balls,
    ball_rank,
    ball_rows,
    certified_rank,
    minor_is_nonzero,
)
from algattn.dimension.dense import jacobian_rank
from algattn.dimension.layers import Tie
from algattn.dimension.modular import DEFAULT_PRIME, Residues, rank_mod
from algattn.dimension.modular_autodiff import random_weights, softmax_residues
from algattn.dimension.reduction import Kind, reduce_shape
from algattn.dimension.scores import score_layers, scores_independent, scores_witness
from algattn.dimension.subject import layers_on, subject
from algattn.dimension.symmetry import random_equivariant
from algattn.dimension.symmetry_layouts import recipes

P = DEFAULT_PRIME


def test_every_exponential_is_fresh():
    (shape,), residues = Softmax((2, 2), 1, 3).shapes, Residues(1)
    found = [softmax_residues(6, shape, residues) for _ in range(2)]
    numbers = [x for layer in found for x in layer.ravel()]
    assert len(set(numbers)) == len(numbers) == 2 * 6 * 9  # layer, sample and both tokens
    raw = softmax_residues(6, shape, Residues(1), Tie.SYMMETRIC)[0] % P
    assert len(set(raw.ravel())) > 6


def test_a_width_of_one_ties_exponentials():
    """Without the tie the formal rank can exceed the true one's formal model; so it is imposed."""
    layers = subject(Softmax((3, 1, 3, 3), 2, 3)).layers
    assert layers.ties == (Tie.FREE, Tie.SYMMETRIC, Tie.SYMMETRIC)
    assert all(score_layers(layers, 1, P))
    # without it the rank of the scores of the second layer is too small for a proof:
    free = replace(layers, ties=(Tie.FREE,) * 3)
    assert score_layers(free, 1, P) == (True, False, False)


@pytest.mark.parametrize("sign", [1, -1])
def test_symmetric_and_skew_forms_are_inconclusive(sign):
    k, q = Residues(4).draw(2, 1, 3)
    point = {
        ("K", 0): np.concatenate([k, q]),
        ("Q", 0): np.concatenate([q, sign * k]) % P,
        ("V", 0): Residues(5).draw(3, 3),
    }
    layers = layers_on(Softmax((3, 3), 2), 2)
    assert scores_independent(layers, [(point,)], Residues(1)) == (False,)
    general = point | {("Q", 0): np.concatenate([q, 2 * k])}
    assert scores_independent(layers, [(general,)], Residues(1)) == (True,)


def test_fixed_inputs_have_dependent_scores():
    """With X fixed the scores of all samples are linear forms in the d^2 entries of A."""
    d, t, samples = 2, 2, 3
    rng = np.random.default_rng(0)
    forms = []
    for _ in range(samples):
        x = rng.integers(-9, 9, (d, t))
        forms += [np.outer(x[:, j], x[:, i]).ravel() for j in range(t) for i in range(t)]
    assert rank_mod(np.array(forms)) <= d * d < samples * t * t


def test_symmetric_points_are_no_witness():
    shape = reduce_shape((6, 6, 6), (2, 2), kind=Kind.SOFTMAX)
    _, symmetry = next(iter(recipes(shape)))
    point = random_equivariant(symmetry, Residues(1)).expand(symmetry.sizes)
    at_point = scores_independent(shape.layers, [point], Residues(1))
    assert not all(at_point)  # there A is a scalar on each factor, hence symmetric
    assert all(score_layers(scores_witness(shape), 1, P))  # the generic point decides


def test_the_witness_is_a_special_case():
    for widths in ((9, 4, 7), (3, 1, 5, 2), (1, 6, 6)):
        for a in (1, 3):
            shape = reduce_shape(widths, (a,) * (len(widths) - 1), tokens=4, kind=Kind.SOFTMAX)
            layers = scores_witness(shape).shapes
            small, ranks = [s.d for s in layers] + [layers[-1].e], [s.rank for s in layers]
            assert all(x <= y for x, y in zip(small, shape.effective, strict=True))
            assert all(x <= y for x, y in zip(ranks, shape.ranks, strict=True))
            one = [x == 1 for x in itertools.accumulate(small, min)]
            assert one == [x == 1 for x in itertools.accumulate(shape.effective, min)]


def test_lemma_scores_by_hand():
    """With attention the identity and B = k q^T, the scores are different monomials."""
    for t in (2, 3):
        u, w = sympy.symbols(f"u:{t}"), sympy.symbols(f"w:{t}")
        free = [u[j] * w[i] for j in range(t) for i in range(t)]
        tied = [u[j] * u[i] for j in range(t) for i in range(j, t)]
        for scores in (free, tied):
            assert len(set(scores)) == len(scores)
            assert all(len(sympy.Poly(s, *u, *w).terms()) == 1 for s in scores)


def test_scores_are_linear_in_their_own_layer():
    """Relations split by layer: s_i has degree (1, 1) in (K_i, Q_i), earlier scores degree 0."""
    c = sympy.Symbol("c")
    K, Q, V = (sympy.Matrix(2, 2, sympy.symbols(f"{n}:4")) for n in "kqv")
    K2, Q2 = (sympy.Matrix(2, 2, sympy.symbols(f"{n}:4")) for n in ("r", "s"))
    X = sympy.Matrix(2, 2, sympy.symbols("x:4"))
    E = sympy.Matrix(2, 2, sympy.symbols("e:4"))
    attention = sympy.Matrix(2, 2, lambda j, i: E[j, i] / (E[0, i] + E[1, i]))
    hidden = V * X * attention
    first = (K * X).T * (Q * X)
    second = (K2 * hidden).T * (Q2 * hidden)
    scaled = {x: c * x for x in K2}
    assert first.subs(scaled) == first
    difference = second.subs(scaled, simultaneous=True) - c * second
    assert difference.applyfunc(sympy.simplify) == sympy.zeros(2, 2)
    zero = dict.fromkeys(X, 0)
    assert first.subs(zero) == second.subs(zero) == sympy.zeros(2, 2)


def test_every_sample_counts():
    """Reusing one set of exponentials for all samples would still be a special point."""
    layers = layers_on(Softmax((3, 3), 2), 2)
    assert jacobian_rank(layers, random_weights(layers.shapes, Residues(6))) == 8 + 9


def enclosed(entries, radius):
    return [[arb(x, radius) for x in row] for row in entries]


def test_a_minor_that_may_vanish_is_not_certified():
    columns = np.arange(2)
    assert minor_is_nonzero(enclosed([[1, 2], [3, 4]], 0), columns)
    assert not minor_is_nonzero(enclosed([[1, 2], [2, 4]], 0), columns)
    assert not minor_is_nonzero(enclosed([[1, 2], [2, 4.001]], 0.01), columns)
    assert certified_rank(enclosed([[1, 2], [3, 4]], 0)) == 2
    assert certified_rank(enclosed([[1, 2], [2, 4]], 0)) == 1
    assert certified_rank(enclosed([[0, 0], [0, 0]], 0)) == 0
    assert certified_rank(enclosed([[1, 2], [2, 4.001]], 0.01)) == 1


def test_certified_rank_of_rational_matrices():
    rng = np.random.default_rng(1)
    for rank in range(6):
        m = rng.integers(-5, 6, (7, rank)) @ rng.integers(-5, 6, (rank, 8))
        exact = sympy.Matrix(m).rank()
        ctx.prec = 100
        found = certified_rank([[arb(int(x)) / 3 for x in row] for row in m])
        ctx.prec = 53
        assert found <= exact
        assert found == exact or rank > 0


@pytest.mark.parametrize("counts", [(1, 1), (4, 1), (3, 2)], ids=str)
def test_gradients_enclose_difference_quotients(counts):
    """The ball Jacobian is the derivative of the true network, entry by entry.

    The network is evaluated on all copies of the two tokens, and read off at one of each.
    """
    net = Softmax((2, 2, 2), 1, sum(counts))
    first = [0, counts[0]]
    rng = np.random.default_rng(2)
    shapes = [(1, 2), (1, 2), (2, 2)] * 2
    parts = [rng.integers(-4, 5, s) / 4 for s in shapes]
    ctx.prec = 60
    point = [
        {
            (name, 0): as_balls([[fmpq(int(4 * x), 4) for x in r] for r in parts[3 * i + n]])
            for n, name in enumerate("KQV")
        }
        for i in range(2)
    ]
    (row,) = ball_rows(layers_on(net, 2, counts), point, 1, Residues(3))
    residues = Residues(3)
    x, c = (2 * (residues.draw(2, 2) % 64) - 63 for _ in range(2))

    def value(flat):
        y, start = np.repeat(x.T / 64, counts, axis=1), 0
        for _ in range(net.layers):
            mats = []
            for shape in shapes[:3]:
                size = shape[0] * shape[1]
                mats.append(flat[start : start + size].reshape(shape))
                start += size
            k, q, v = mats
            p = np.exp((k @ y).T @ (q @ y))
            y = v @ y @ (p / p.sum(axis=0))
        return float((y[:, first] * c.T / 64).sum())

    flat = np.concatenate([m.ravel() for m in parts])
    for n, entry in enumerate(row):
        step = np.zeros_like(flat)
        step[n] = 1e-6
        quotient = (value(flat + step) - value(flat - step)) / 2e-6
        assert abs(float(entry.mid()) - quotient) < 1e-6
    ctx.prec = 53


def test_precision_is_restored_and_raised_where_needed():
    before = ctx.prec
    asked = subject(Softmax((2, 2, 2, 2, 2), 1))
    what = asked.layers, asked.directions, 0
    rank, bits = ball_rank(*what)
    assert rank == 16
    assert ball_rank(*what, bits)[0] == 16
    assert ball_rank(*what, 16)[0] == 0  # too coarse to certify anything
    assert ctx.prec == before


def test_balls_of_a_deficient_network_certify_nothing():
    zero = [[fmpq(0)] * 2]
    unit = [[fmpq(1), fmpq(0)], [fmpq(0), fmpq(1)]]
    point = {("K", 0): as_balls(zero), ("Q", 0): as_balls(zero), ("V", 0): as_balls(unit)}
    rows = ball_rows(layers_on(Softmax((2, 2), 1), 2), [point], 12, Residues(1))
    assert certified_rank(rows) == 4  # only V moves the function


def test_lightning_needs_no_scores():
    assert "scores" not in str(Lightning((3, 3), 1).dimension().claims[0].needs)


def test_matrices_stay_exact():
    assert arb_mat([[arb(fmpq(1, 64))]])[0, 0].is_exact()
