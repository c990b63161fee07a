"""Dimensions of networks with heads, groups, value ranks, masks, residual layers and biases.

The ranks are those of a naive network in floating point, with derivatives by complex steps.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from float_rank import best_float_rank, float_rank

from algattn import Lightning, Softmax, Weights, load
from algattn.attention import Mask
from algattn.attention.masks import Window
from algattn.dimension import family
from algattn.dimension.evidence import (
    BallRank,
    LayerBound,
    OrbitBound,
    ScoresIndependent,
    network_scores,
)
from algattn.dimension.layers import Tie
from algattn.dimension.layerwise import layer_bound
from algattn.dimension.modular import DEFAULT_PRIME, next_prime
from algattn.dimension.scores import score_layers
from algattn.dimension.subject import layers_on, needs_scores, sampled, subject
from algattn.dimension.sweep import sweep
from algattn.errors import AlgattnError, HypothesisError, LimitError, UndecidedError


def random_variant(rng, most):
    """A small network with random options, None where they do not fit."""
    kind = (Lightning, Softmax)[int(rng.integers(2))]
    depth, t = int(rng.choice([1, 1, 2, 2, 3])), int(rng.choice([1, 2, 2, 3, 3, 4]))
    residual = bool(rng.random() < 0.35)
    one = int(rng.integers(1, 5))
    widths = [one] * (depth + 1) if residual else rng.integers(1, 5, depth + 1).tolist()
    heads = rng.choice([1, 1, 2, 2, 3, 4], depth).tolist()
    options = {"heads": heads, "residual": residual}
    if rng.random() < 0.5:
        options["value_ranks"] = rng.integers(1, 4, depth).tolist()
        options["kv_heads"] = [
            int(rng.choice([g for g in range(1, h + 1) if h % g == 0])) for h in heads
        ]
    if rng.random() < 0.6:
        options["mask"] = tuple(random_mask(rng, t) for _ in range(depth))
    if rng.random() < 0.5:
        options["biases"] = "".join(x for x in "qkvo" if rng.random() < 0.5)
    try:
        found = kind(widths, rng.integers(1, 4, depth).tolist(), t, **options)
    except AlgattnError:
        return None
    return found if found.parameters <= most else None


def random_mask(rng, t):
    choice = int(rng.integers(4))
    if choice < 3:
        return (None, "causal", Window(int(rng.integers(1, 3))))[choice]
    pairs = {(int(rng.integers(t)), i) for i in range(t)}  # every query sees a key
    return Mask(t, frozenset(pairs | {(int(a), int(b)) for a, b in rng.integers(0, t, (t, 2))}))


def random_variants(count, seed, most=45):
    rng = np.random.default_rng(seed)
    while count:
        network = random_variant(rng, most)
        if network is not None:
            count -= 1
            yield network


def test_random_networks_against_floating_point():
    met, clear = Counter(), 0
    for n, network in enumerate(random_variants(300, 1)):
        found = network.dimension()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rank, gap = float_rank(network, n)
            if gap > 1e-3 or rank != found.value:
                rank = best_float_rank(network, n)
        met[network.kind, found.status.name] += 1
        assert (found.lower == found.upper) >= (found.status.name == "PROVED")
        if rank is not None:  # else floating point says nothing
            clear += 1
            assert rank <= found.upper, network
            assert rank == found.value, network
        if n % 6 == 0:
            assert load(found.to_json()).verify()
            assert network.dimension(seed=9, prime=next_prime(DEFAULT_PRIME)).value == found.value
    assert clear > 290
    assert met["softmax", "PROVED"] > 140
    assert met["lightning", "PROVED"] > 110


def theorem(network):
    """The dimension of one softmax layer with a social query, written down."""
    (s,) = network.shapes
    d, e, a, g, b = s.d, s.e, s.rank, s.groups, s.biases
    v, r = s.value_rank or e, s.heads // s.groups
    q, dk = d + ("q" in b), d
    al = min(a, d, r * q)
    if "q" not in b:
        qk = al * (d + r * q - al)
    else:  # queries live in one dimension more, keys do not
        al = min(a, dk, r * q)
        qk = al * (dk + r * q - al)
    nu = min(v, d, r * e)
    vo = nu * (d + r * e - nu) if s.value_rank else e * d
    full = g * v if s.value_rank else e
    out = e if "o" in b else (min(full, e) if v <= d or not s.value_rank else e) * ("v" in b)
    return g * (qk + vo) + out


def test_one_softmax_layer_is_the_theorem():
    """Keys and values decouple: the rank is linear algebra of each group."""
    rng, done = np.random.default_rng(5), 0
    while done < 60:
        heads = int(rng.choice([1, 2, 3, 4]))
        groups = int(rng.choice([g for g in (1, 2, 3, 4) if heads % g == 0]))
        rank, d, e = (int(x) for x in rng.integers(2, 5, 3))
        full = rng.random() < 0.3
        network = Softmax(
            (d, e),
            rank,
            int(rng.integers(2, 4)),
            heads=heads,
            kv_heads=None if full else groups,
            value_ranks=None if full else int(rng.integers(1, 5)),
            mask=(None, "causal", Window(2))[int(rng.integers(3))],
            biases="".join(x for x in "qkvo" if rng.random() < 0.5),
        )
        if network.parameters > 150:
            continue
        done += 1
        found = network.dimension(method="dense")
        assert (found.value, found.status.name) == (theorem(network), "PROVED"), network


@pytest.mark.parametrize(
    ("network", "dimension"),
    [
        # 1: one group, more rows of keys than the width: the fiber is more than GL(a)
        (Softmax((2, 2), 3, heads=2, kv_heads=1, value_ranks=2), 16),
        # a bias of keys is invisible, but ties scores at width one (cycles of three tokens)
        (Softmax((1, 1), 1, 3, biases="k"), 2),
        (Softmax((1, 1), 1, 3, biases="q"), 3),
        (Softmax((1, 1), 1, 3, biases="qk"), 3),
        # 4: one token, window one: softmax is linear, lightning sees x^T sym(A) x
        (Softmax((3, 3), 2, 1, heads=2, value_ranks=1), 8),
        (Softmax((3, 3), 2, 4, heads=2, value_ranks=1, mask=Window(1)), 8),
        (Softmax((3, 2), 2, 1, heads=2, biases="v"), 8),
        (Lightning((1, 1), 1, 1, heads=3), 1),
        (Lightning((2, 1), 1, 1, heads=2, kv_heads=1, value_ranks=2), 4),
        # 5: the first query under a causal mask sees one key
        (Softmax((2, 2), 1, 2, mask="causal", heads=2), 14),
        # many heads fill the coefficients
        (Lightning((2, 4), 1, heads=3), 24),
        (Lightning((1, 1), 3, 3, heads=3, mask="causal", residual=True), 1),
        # residual layers keep a shift of the stream between two of them
        (Softmax((2, 2, 2), 1, 3, residual=True), 14),
        (Softmax((2, 2, 2), 1, 3, residual=True, biases="qo"), 18),
    ],
    ids=lambda x: repr(x) if not isinstance(x, int) else str(x),
)
def test_traps(network, dimension):
    found = network.dimension()
    assert (found.value, found.status.name) == (dimension, "PROVED")
    assert best_float_rank(network, 3) == dimension


def test_ties_of_scores():
    def ties(*args, **options):
        return subject(Softmax(*args, **options)).layers.ties

    assert ties((1, 2), 1, 3, heads=2) == (Tie.SYMMETRIC,)
    assert ties((1, 2), 1, 3, biases="q") == ties((1, 2), 1, 3, biases="k") == (Tie.LINE,)
    assert ties((1, 2), 1, 3, heads=2, mask="causal") == (Tie.FREE,)
    # a line off the origin below; two heads make a plane of a line
    low = {"value_ranks": 1, "kv_heads": 1}
    assert ties((3, 3, 3), 2, heads=1, **low) == (Tie.FREE, Tie.SYMMETRIC)
    assert ties((3, 3, 3), 2, heads=1, biases="o", **low) == (Tie.FREE, Tie.LINE)
    assert ties((3, 3, 3), 2, heads=2, **low) == (Tie.FREE, Tie.FREE)
    assert ties((3, 3, 3), 2, heads=1, residual=True, **low) == (Tie.FREE, Tie.FREE)


def test_a_wrong_tie_is_noticed():
    """Three scores on a line off the origin satisfy one relation more than none."""
    layers = sampled(Softmax((1, 2), 1, 3, biases="k"))
    assert score_layers(layers, 1, DEFAULT_PRIME) == (True,)
    for tie in (Tie.FREE, Tie.SYMMETRIC):
        wrong = replace(layers, ties=(tie,))
        assert score_layers(wrong, 1, DEFAULT_PRIME) == (False,)


EQUAL = Softmax(  # the second layer makes two tokens equal, so scores of the third coincide
    (3, 1, 1, 3),
    1,
    3,
    heads=(1, 1, 2),
    mask=("causal", Mask(3, frozenset({(1, 0), (1, 1), (1, 2), (0, 0)})), Window(2)),
)


def test_scores_that_coincide_are_not_certified():
    assert network_scores(EQUAL, 1, DEFAULT_PRIME) == (True, True, False)
    found = EQUAL.dimension(method="dense")
    assert found.status.name == "PROBABLE"
    assert any(isinstance(e, ScoresIndependent) for e in found.evidence)
    balls = EQUAL.dimension()  # true exponentials need no independence
    assert balls.status.name == "PROVED"
    assert any(isinstance(e, BallRank) for e in balls.evidence)
    assert balls.value == best_float_rank(EQUAL, 1)


def test_queries_that_see_one_key_need_no_scores():
    assert not needs_scores(Softmax((2, 2), 1, 3, mask=Window(1)))
    assert not needs_scores(Softmax((2, 2), 1, 2, mask=[(1, 0), (0, 1)]))
    assert needs_scores(Softmax((2, 2), 1, 2, mask=[(1, 0), (0, 1), (1, 1)]))


@pytest.mark.parametrize("mask", [None, "causal", Window(3)])
@pytest.mark.parametrize("kind", [Lightning, Softmax])
def test_many_tokens_cost_no_more(kind, mask):
    options = {"heads": 2, "mask": mask, "biases": "qko"}
    few, many = (kind((2, 2), 1, t, **options).dimension() for t in (5, 300))
    assert few.value == many.value
    assert many.status.name == few.status.name == "PROVED"
    assert sampled(many.network).tokens == 4


def test_copies_of_tokens_are_tokens():
    """Four tokens, the first of them twice: a row of the network on five tokens."""
    network = Lightning((2, 2), 1, 5, heads=2, biases="qkvo")
    layers = layers_on(network, 4, (2, 1, 1, 1))
    assert sampled(network) == layers
    assert network.dimension().value == best_float_rank(network, 2)


def test_layers_bound_what_heads_fill():
    network = Lightning((3, 1, 1), (3, 1), 3, heads=(1, 3), mask=("causal", None))
    found = network.dimension()
    assert found.status.name == "PROVED"
    assert any(isinstance(e, LayerBound) for e in found.evidence)
    assert layer_bound(network, 4, next_prime(DEFAULT_PRIME)) == found.value
    with pytest.raises(HypothesisError, match="layers"):
        layer_bound(Softmax((2, 2), 1, heads=2), 0, DEFAULT_PRIME)


@pytest.mark.parametrize("kind", [LayerBound, OrbitBound])
def test_a_smaller_bound_is_not_believed(kind):
    networks = {
        LayerBound: Lightning((3, 1, 1), (3, 1), 3, heads=(1, 3), mask=("causal", None)),
        OrbitBound: Lightning((2, 2), 1, heads=2),
    }
    found = networks[kind].dimension()
    above = next(e for e in found.evidence if isinstance(e, kind))
    (claim,) = found.claims
    above.check(found.problem, claim)
    less = replace(claim, value=found.value - 1)
    with pytest.raises(AlgattnError):
        above.check(found.problem, less)
    # nor for exponentials, nor for another network
    soft = Softmax((3, 1, 1), (3, 1), 3, heads=(1, 3)).dimension()
    with pytest.raises(AlgattnError):
        LayerBound(0, DEFAULT_PRIME).check(soft.problem, claim)


def test_theorems_refuse_other_networks():
    network = Lightning((2, 2), 1, heads=2)
    with pytest.raises(HypothesisError, match="symmetry"):
        network.dimension(method="symmetric")
    with pytest.raises(HypothesisError, match="reduction"):
        family(network)
    with pytest.raises(HypothesisError, match="reduction"):
        list(sweep([network]))
    found = network.dimension()
    assert found.expected is None
    assert not found.agrees
    assert "formula" not in found.sentence()
    assert found.effective_widths == network.widths


def test_balls_refuse_what_has_no_exponentials():
    for network in (Lightning((2, 2), 1, heads=2), Softmax((2, 2), 1, 3, mask=Window(1))):
        with pytest.raises(HypothesisError, match="none"):
            network.dimension(method="balls")


def test_time_and_size_end_with_bounds():
    network = Lightning((12, 12, 12), 6, heads=3, residual=True)
    with pytest.raises(LimitError) as late:
        network.dimension(time_limit=1e-9)
    assert late.value.partial.lower == 0
    assert late.value.partial.upper <= network.parameters
    large = Softmax((64, 64, 64), 16, 20, heads=4, mask="causal", residual=True)
    with pytest.raises(UndecidedError, match="too many for a dense rank") as wide:
        large.dimension()
    assert wide.value.evidence.upper == large.parameters


def test_local_dimensions_against_floating_point():
    proved = count = 0
    for n, network in enumerate(random_variants(40, 8, 36)):
        weights = network.random_weights(n, size=2)
        found = network.local_dimension(weights)
        floats = {
            (p.layer - 1, p.name, p.index): np.array(weights.block(p).tolist(), dtype=float)
            for shape in network.shapes
            for p in shape.parameters
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rank, gap = float_rank(network, n, floats)
        if gap < 1e-3:
            count += 1
            assert found.lower <= rank <= found.upper, network
            assert rank == found.value or found.status.name != "PROVED"
        proved += found.status.name == "PROVED"
        if n % 5 == 0:
            assert load(found.to_json()).verify()
    assert proved >= 35
    assert count >= 25


def test_local_dimension_at_special_weights():
    network = Lightning((2, 2), 1, 2, heads=2, biases="o")
    blocks = {
        p: network.random_weights(1).block(p) * int(p.name == "bo")
        for shape in network.shapes
        for p in shape.parameters
    }
    found = network.local_dimension(Weights.of(blocks))
    assert (found.value, found.status.name) == (2, "PROVED")  # only the bias moves the function
    given = Weights(
        A=[[[[1, 2], [2, 4]], [[0, 1], [0, 0]]]], V=[[[[1, 0], [0, 1]]] * 2], bo=[[1, 2]]
    )
    assert network.local_dimension(given).status.name == "PROVED"


@pytest.mark.parametrize(
    ("network", "dimension"),
    [
        # ranks of a naive network modulo 536870909 (lightning) and in ball arithmetic (softmax)
        (Lightning((1, 1, 1), 1, 6, heads=2, biases="qkvo"), 10),
        (Lightning((1, 1, 1, 1), 1, 7, mask="causal", residual=True, biases="vo"), 9),
        (Softmax((1, 1, 1), 1, 6, heads=2), 7),
        (Softmax((1, 2, 1), 1, 6, heads=3, value_ranks=1), 20),
    ],
)
def test_few_tokens_bound_many_from_the_right_side(network, dimension):
    found = network.dimension()
    assert found.lower <= dimension <= found.upper
    assert found.value == dimension
    if isinstance(network, Lightning):
        assert layer_bound(network, 0, DEFAULT_PRIME) >= dimension
    else:
        assert network.dimension(method="balls").lower == dimension


def test_a_wrong_symmetry_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rank is taken off the directions of symmetries, so these are checked by themselves."""
    from algattn.dimension import subject
    from algattn.errors import DisagreementError

    net = Lightning((2, 2), 1, heads=2)
    assert net.dimension().value == 12
    real = subject.directions

    def wrong(*args: Any) -> Any:
        found = real(*args)
        extra = np.zeros((1, found.shape[1]), dtype=np.int64)
        extra[0, 0] = 1
        return np.concatenate([found, extra])

    monkeypatch.setattr(subject, "directions", wrong)
    with pytest.raises(DisagreementError, match="does not keep the function"):
        net.dimension(seed=5)
    with pytest.raises(DisagreementError, match="at least 12, and its symmetries leave 11"):
        net.local_dimension(net.random_weights(1))
    with pytest.raises(DisagreementError, match="does not keep the function"):
        Softmax((2, 2), 1, heads=2).dimension(method="balls")
