"""Ranks at given weights, against Jacobians of polynomials, and the account of parameters."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import product

import pytest
from resealing import holds

from algattn import QQ, Lightning, Softmax, Weights, load
from algattn.attention.problem import Problem
from algattn.dimension.local_evidence import EXPAND_LIMIT, LocalBallRank, SoftmaxRank
from algattn.dimension.redundancy import KINDS
from algattn.dimension.virtual import expanded_rank, expansion_size, virtual_bound
from algattn.errors import HypothesisError, LimitError, ShapeError
from algattn.results import seal
from algattn.symbolic.parametrization import parametrize


def special(network, rng):
    """Small integer weights with many zeros and low ranks."""

    def draw(m, n):
        style = rng.random()
        if style < 0.15:
            return [[0] * n for _ in range(m)]
        if style < 0.5:
            u, v = ([rng.randint(-2, 2) for _ in range(s)] for s in (m, n))
            return [[x * y for y in v] for x in u]
        return [[rng.randint(-2, 2) for _ in range(n)] for _ in range(m)]

    shapes = list(zip(network.widths, network.widths[1:], network.ranks, strict=False))
    return Weights(
        K=[draw(a, d) for d, _, a in shapes],
        Q=[draw(a, d) for d, _, a in shapes],
        V=[draw(e, d) for d, e, _ in shapes],
    )


NETWORKS = [
    Lightning((2, 2), 1),
    Lightning((2, 1), 2),
    Lightning((3, 2), 2),
    Lightning((2, 2), 2, 1),
    Lightning((2, 2, 1), (1, 2)),
    Lightning((2, 2, 2), 2, 1),
    Lightning((1, 2, 2), 1),
    Lightning((2, 2), 1, 3),
]


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_local_rank_is_that_of_the_polynomials(network):
    rng = random.Random(f"local {network!r}")
    derived = parametrize(network, "QKV")
    for _ in range(12):
        weights = special(network, rng)
        exact = derived.jacobian(weights).rank()
        found = network.local_dimension(weights)
        assert found.value == found.rank == exact
        assert found.status.name == "PROVED"
        assert found.fiber == network.parameters - exact
        assert virtual_bound(network, weights) >= exact
        assert expanded_rank(network, weights) == exact
        assert load(found.to_json()).verify()


def test_three_layers_by_expansion():
    network = Lightning((2, 2, 2, 1), 1)
    rng = random.Random(5)
    for _ in range(4):
        found = network.local_dimension(special(network, rng))
        assert found.status.name == "PROVED"
        assert found.value <= network.dimension().value


IDENTITY, NOTHING = [[1, 0], [0, 1]], [[0, 0], [0, 0]]
SKEW, FORM = [[0, 1], [-1, 0]], [[1, 2], [0, 1]]


@pytest.mark.parametrize(
    ("forms", "last", "rank"),
    [
        ((NOTHING, FORM, FORM), IDENTITY, 0),
        ((FORM, NOTHING, FORM), IDENTITY, 0),
        ((FORM, FORM, NOTHING), IDENTITY, 4),  # only the last form moves
        ((FORM, FORM, NOTHING), NOTHING, 0),
        (([[1, 0], [0, 0]], SKEW, FORM), IDENTITY, 0),  # skew behind a form of rank one
    ],
)
def test_silent_layers_are_proved_where_expansion_is_out_of_reach(forms, last, rank):
    network = Lightning((2, 2, 2, 2), 2, 3)
    assert expansion_size(network) > EXPAND_LIMIT
    weights = Weights(K=[IDENTITY] * 3, Q=forms, V=[IDENTITY, IDENTITY, last])
    found = network.local_dimension(weights)
    assert (found.value, found.status.name) == (rank, "PROVED")
    assert load(found.to_json()).verify()


def test_a_skew_last_layer_still_sees_the_layers_before_it():
    # The input of layer 2 has rank one at these weights only, so dB_1 moves the zero function.
    network = Lightning((2, 2, 2), 2)
    weights = Weights(K=[IDENTITY] * 2, Q=[[[1, 0], [0, 0]], SKEW], V=[IDENTITY] * 2)
    exact = parametrize(network, "QKV").jacobian(weights).rank()
    assert virtual_bound(network, weights) >= exact == network.local_dimension(weights).value > 3


def test_softmax_behind_uniform_attention():
    network = Softmax((2, 2, 2), 2, 3)
    weights = Weights(K=[IDENTITY] * 2, Q=[NOTHING, FORM], V=[IDENTITY] * 2)
    found = network.local_dimension(weights)
    assert (found.value, found.status.name) == (8, "PROVED")  # B_1 and V, nothing of B_2
    tokens = [[1, 2, 5], [3, 1, 0]]
    other = Weights(K=[IDENTITY] * 2, Q=[NOTHING, SKEW], V=[IDENTITY] * 2)
    assert abs(network(tokens, weights) - network(tokens, other)).max() < 1e-12


@pytest.mark.parametrize("tokens", [2, 3])
@pytest.mark.parametrize(
    "forms", list(product([NOTHING, SKEW, [[2, 1], [0, 0]], FORM], repeat=2)), ids=str
)
def test_softmax_ranks_in_every_stratum(forms, tokens):
    """Balls find every dimension that the lemma leaves, and none more."""
    network = Softmax((2, 2, 1), 2, tokens)
    weights = Weights(K=[IDENTITY] * 2, Q=list(forms), V=[IDENTITY, [[1, 2]]])
    found = network.local_dimension(weights)
    assert (found.upper, found.status.name) == (virtual_bound(network, weights), "PROVED")
    assert LocalBallRank(5).rank(network, weights, found.value + 3) == found.value
    flat = forms[0] == NOTHING or (forms[0] == SKEW and tokens == 2)
    assert found.value == (6 if flat else 10)


def test_softmax_above_the_reach_of_balls():
    network = Softmax((12, 12), 12)
    weights = network.random_weights(1)
    found = network.local_dimension(weights)
    assert (found.value, found.status.name) == (network.dimension().value, "PROVED")
    forged = type(found).assemble(
        Problem(Lightning((12, 12), 12), weights),
        288,
        {"rank": [SoftmaxRank()]},
        lower=288,
        upper=288,
    )
    assert not load(forged.to_json()).verify()


def test_size_of_an_expansion_is_bounded_before_it_is_computed():
    assert expansion_size(Lightning((2,) * 13, 1, 10**6)) > EXPAND_LIMIT
    assert expansion_size(Lightning((2, 2), 1)) == 20 * 2 * 8


def test_general_weights_have_the_dimension():
    for network in (*NETWORKS, Lightning((5, 4, 1), 1), Lightning((4, 4, 4), (1, 3))):
        found = network.local_dimension(network.random_weights(3))
        assert (found.value, found.status.name) == (network.dimension().value, "PROVED")
    for network in (Softmax((2, 2, 2), 1), Softmax((3, 3), 2, 3), Softmax((3, 2), 1, 1)):
        found = network.local_dimension(network.random_weights(3, size=2))
        assert (found.value, found.status.name) == (network.dimension().value, "PROVED")
        assert load(found.to_json()).verify()


def test_softmax_at_special_weights():
    network = Softmax((2, 2), 1)
    zero, one = [[[0, 0]]], [[[1, 0], [0, 1]]]
    assert network.local_dimension({"K": zero, "Q": zero, "V": one}).value == 4
    nothing = network.local_dimension({"K": zero, "Q": zero, "V": [[[0, 0], [0, 0]]]})
    assert (nothing.value, nothing.status.name) == (4, "PROVED")
    idle = network.local_dimension({"K": [[[1, 0]]], "Q": [[[0, 1]]], "V": [[[0, 0], [0, 0]]]})
    assert (idle.value, idle.upper, idle.status.name) == (4, 4, "PROVED")


def test_bounds_are_reported_where_they_differ():
    network = Softmax((2, 2, 2), 1)
    zero = [[0, 0]]
    weights = {
        "K": [zero, [[1, 0]]],
        "Q": [zero, [[1, 1]]],
        "V": [[[0, 0], [0, 0]], [[1, 2], [3, 4]]],
    }
    found = network.local_dimension(weights)
    assert found.lower <= found.value <= found.upper
    assert (found.status.name == "PROVED") == (found.lower == found.upper)
    assert load(found.to_json()).verify()


def test_weights_A_and_V():
    network = Lightning((3, 2), 2)
    weights = network.random_weights(1, form="AV")
    assert network.local_dimension(weights).value == network.dimension().value
    full = Lightning((2, 2), 3)
    found = full.local_dimension({"A": [[["1/2", 0], [0, 3]]], "V": [[[1, 2], [3, 4]]]})
    assert found.value == 7
    thin = {"A": [[[1, 0, 0], [0, 0, 0], [0, 0, 0]]], "V": [[[1, 2, 0], [3, 4, 0]]]}
    with pytest.raises(HypothesisError, match="rank 1 below 2"):
        network.local_dimension(thin)


def test_denominators_avoid_the_prime():
    network = Lightning((2, 2), 1)
    weights = network.random_weights(1)
    shrunk = Weights(
        K=[[[Fraction(int(x.p), 8388593) for x in row] for row in weights.K[0].rows]],
        Q=weights.Q,
        V=weights.V,
        field=QQ,
    )
    found = network.local_dimension(shrunk)
    assert found.value == network.dimension().value
    assert all(getattr(e, "prime", 0) != 8388593 for c in found.claims for e in c.evidence)


def test_a_changed_local_rank_fails():
    network = Lightning((2, 2), 1)
    data = json.loads(network.local_dimension(network.random_weights(1)).to_json())
    for change in (-1, 1):
        other = json.loads(json.dumps(data))
        rank = other["value"] + change
        other["value"] = rank
        other["detail"].update(lower=rank, upper=rank)
        claim = other["claims"][0]
        claim["statement"] = claim["statement"].replace(f"is {claim['value']}", f"is {rank}")
        claim["value"] = rank
        other["digest"] = seal(other)["digest"]
        assert not load(json.dumps(other)).verify()


def test_bad_weights_and_sizes():
    network = Lightning((2, 2), 1)
    with pytest.raises(ShapeError):
        network.local_dimension({"A": [[[1]]], "V": [[[1]]]})
    large = Softmax((30, 30), 30)
    with pytest.raises(LimitError, match="parameters"):
        large.local_dimension(large.random_weights(1))


@pytest.mark.parametrize(
    "network",
    [
        Lightning((5, 4, 1), 1),
        Lightning((4, 4, 4), (1, 3)),
        Lightning((6, 6, 6), 2, 1),
        Softmax((9, 3, 7), (2, 5)),
        Softmax((4, 5), 3, 1),
    ],
)
def test_the_report_accounts_for_every_parameter(network):
    report = network.dimension_report()
    assert report.status.name == "PROVED"
    assert report.value == network.dimension().value
    assert network.parameters - sum(map(sum, report.table.values())) == report.value
    assert set(report.table) == set(KINDS)
    assert report.redundancy == network.parameters - report.value
    assert load(report.to_json()).verify()
    assert str(network.parameters) in report.text()
    assert "<table" in report.html()


def test_the_report_by_kinds():
    table = Lightning((4, 4, 4), (1, 3)).dimension_report().table
    assert table == {
        "idle": (0,),
        "hidden": (16,),
        "heads": (1, 9),
        "scalings": (1, 1),
        "collapsed": (0, 5),
    }
    assert Softmax((4, 4), 1).dimension_report().table["scalings"] == (0,)


def test_a_changed_account_fails():
    data = json.loads(Lightning((4, 4, 4), (1, 3)).dimension_report().to_json())
    data["detail"]["table"]["heads"] = [2, 8]
    data["claims"][1]["value"]["table"]["heads"] = [2, 8]
    data["digest"] = seal(data)["digest"]
    assert not load(json.dumps(data)).verify()


@pytest.mark.parametrize("other", [Lightning((2, 2), 2), Softmax((2, 2), 2, 1)], ids=repr)
def test_a_rank_is_not_passed_on_to_another_network(other):
    network = Softmax((2, 2), 2)
    data = json.loads(network.local_dimension(network.random_weights(2)).to_json())
    assert data["value"] == 8 > other.dimension().value
    data["problem"]["network"] = other.to_data()
    data["claims"][0]["statement"] = data["claims"][0]["statement"].replace(
        repr(network), repr(other)
    )
    data["digest"] = seal(data)["digest"]
    assert not load(json.dumps(data)).verify()


def test_other_spellings_of_a_rank_are_refused():
    network = Lightning((2, 2), 2)
    text = network.local_dimension(network.random_weights(2)).to_json()
    for change in (float, lambda n: n == 7):  # 7.0 and true
        data = json.loads(text)
        data["value"] = data["detail"]["lower"] = data["detail"]["upper"] = change(data["value"])
        data["claims"][0]["value"] = data["value"]
        data["claims"][0]["statement"] = data["claims"][0]["statement"].replace(
            "is 7", f"is {data['value']}"
        )
        assert not holds(data)
