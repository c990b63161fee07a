"""Supports as certificates: beside multipliers, on degenerate and infeasible data, and forged."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import random
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resealing import holds, resealed

from algattn import load
from algattn.bias import (
    AttentionSVM,
    SVMResult,
    TokenData,
    diagnose,
    instances,
    local_selections,
    train,
)
from algattn.bias.certificates import KKT, Farkas, Place
from algattn.bias.constraints import Constraints
from algattn.bias.minnorm import min_norm_point
from algattn.bias.supports import Support, TokenProblem, positive
from algattn.errors import CertificateError
from algattn.exact import QQ, Matrix
from algattn.results import Evidence, seal, thaw


def drawn(seed: int, n: int, T: int, d: int, *, bound: int = 2, denominator: int = 1) -> TokenData:
    """Small numbers make dependent and infeasible features, big denominators ordinary ones."""
    rng = random.Random(seed)

    def number() -> Fraction:
        top = bound if denominator == 1 else bound * denominator
        return Fraction(rng.randint(-top, top), rng.randint(1, denominator))

    tokens = [[[number() for _ in range(d)] for _ in range(T)] for _ in range(n)]
    return TokenData.of(tokens, [1] * n, [0] * d, selection=[rng.randrange(T) for _ in range(n)])


def agrees(data: TokenData) -> bool:
    """Whether support and multipliers, found separately, prove the same; True when feasible."""
    found = AttentionSVM(data).solve()
    assert found.verify()
    constraints = Constraints.of(data)
    other = min_norm_point(constraints.gram(), guess=None)
    assert found.feasible == (other.norm_squared != 0)
    if not found.feasible:
        Farkas(other.weights).contradiction(constraints)
        Farkas(tuple(map(QQ, found.multipliers))).contradiction(constraints)
        return False
    W = KKT(tuple(w / other.norm_squared for w in other.weights)).optimum(constraints)
    assert found.rows == W == KKT(tuple(map(QQ, found.multipliers))).optimum(constraints)
    assert found.norm_squared == sum(found.multipliers)
    assert found.norm_squared == sum(x * x for row in found.W for x in row)
    assert found.rank == Matrix(QQ, W).rank()
    assert list(map(QQ, found.margins)) == constraints.margins(W)
    return True


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 4), st.integers(1, 4))
def test_supports_and_multipliers_agree(seed: int, n: int, T: int, d: int) -> None:
    agrees(drawn(seed, n, T, d))


def test_big_denominators() -> None:
    seen = {agrees(drawn(seed, 3, 3, d, denominator=10**9)) for seed in range(8) for d in (1, 2, 4)}
    assert seen == {True, False}


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(2, 3), st.integers(1, 3))
def test_only_true_supports_are_believed(seed: int, n: int, T: int, d: int) -> None:
    """All subsets, against all bases: W is right exactly when the multipliers say so."""
    data = drawn(seed, n, T, d)
    found = AttentionSVM(data).solve()
    problem = TokenProblem(data)
    many = len(problem.constraints.index)
    for size in range(many + 1):
        for places in combinations(range(many), size):
            support = Support(problem.constraints, places)
            try:
                support.prove_shortest()
            except CertificateError:
                pass
            else:
                assert found.feasible
                assert found.rows == support.W
                KKT(support.multipliers).optimum(problem.constraints)
            try:
                support.prove_contradiction()
            except CertificateError:
                pass
            else:
                assert not found.feasible
                Farkas(support.convex_zero).contradiction(problem.constraints)
    forged = json.loads(found.to_json())
    for size in range(many + 1):
        for places in combinations(range(many), size):
            forged["detail"]["support"] = list(places)
            if places != found.support and holds(resealed(forged)):
                again = load(json.dumps(resealed(forged)))
                assert (again.W, again.value) == (found.W, found.value)  # another proof


@pytest.mark.parametrize("seed", range(3))
def test_forged_supports_fail(seed: int) -> None:
    """With independent features there is one support only."""
    data = json.loads(AttentionSVM(instances.random_data(3, 4, 5, seed=seed)).solve().to_json())
    assert holds(resealed(data))
    places = data["detail"]["support"]
    assert 2 < len(places) < 9
    for k in range(9):
        changed = sorted(set(places) ^ {k})
        assert not holds(resealed(data | {"detail": data["detail"] | {"support": changed}}))
    for bad in (places[::-1], places * 2, [*places, 9], [-1, *places], [places[0], *places]):
        assert not holds(resealed(data | {"detail": data["detail"] | {"support": bad}}))
    for bad in ([float(k) for k in places], [str(k) for k in places], None, {}):
        assert not holds(data | {"detail": data["detail"] | {"support": bad}})
    for value in ("1", 1, QQ.format(QQ(data["value"]) + 1), "0" + str(data["value"])):
        assert not holds(resealed(data | {"value": value}))
    claimed = json.loads(json.dumps(data))
    for claim in claimed["claims"]:
        claim["value"]["support"] = claim["value"]["support"][:-1]
    assert not holds(claimed)


def test_true_is_no_place() -> None:
    problem = TokenProblem(instances.two_sequences())
    problem.support((0, 1, 2, 3)).prove_shortest()
    for places in ((False, True, 2, 3), (0.0, 1.0, 2.0, 3.0), ("0",)):
        with pytest.raises(CertificateError, match="no places"):
            problem.support(places)


def test_dependent_features_keep_their_multipliers() -> None:
    """Twice the same token: weights on both copies prove W, but no support tells them."""
    X1, X2 = [[1, 0], [0, 1], [1, 1]], [[1, 1], [2, 0], [0, -1]]
    found = AttentionSVM([[*X1, X1[0]], X2], [1, -1], [1, 2]).solve()
    where = {pair: k for k, pair in enumerate(found.constraints)}
    weights = list(map(QQ, found.multipliers))
    one, other = where[0, 0], where[0, 3]
    half = (weights[one] + weights[other]) / 2
    weights[one] = weights[other] = half
    spread = SVMResult.assemble(
        found.problem,
        found.value,
        {"optimal": [KKT(tuple(weights))], "stratum": found.claim("stratum").evidence},
        support=positive(weights),
        stratum=found.stratum,
    )
    assert spread.verify()
    assert spread.W == found.W
    assert spread.multipliers[one] == spread.multipliers[other] == Fraction(7, 6)
    assert load(spread.to_json()) == spread
    short = dataclasses.replace(spread.claims[0], evidence=found.claim("optimal").evidence)
    assert not dataclasses.replace(spread, claims=(short, spread.claims[1])).verify()


# -- files of version 0.1 ------------------------------------------------------------------------


def of_old(found: SVMResult, **changes: Any) -> dict[str, Any]:
    """The answer as version 0.1 wrote it."""
    W = None if found.rows is None else [[QQ.format(x) for x in row] for row in found.rows]
    multipliers = [QQ.format(QQ(x)) for x in found.multipliers]
    place = thaw(found.stratum)
    parts = {"W": W, "value": found.value, "multipliers": multipliers, "place": place} | changes
    data = json.loads(found.to_json())
    data["schema"] = "algattn/result/1"
    data["value"] = parts["value"]
    data["detail"] = {
        "selection": list(found.selection),
        "W": parts["W"],
        "stratum": parts["place"],
    }
    kind = "bias.kkt" if found.feasible else "bias.farkas"
    data["claims"][0]["evidence"] = [{"kind": kind, "multipliers": parts["multipliers"]}]
    if found.feasible:
        data["claims"][0]["value"] = {"W": parts["W"], "norm_squared": parts["value"]}
        data["claims"][1]["value"] = {"W": parts["W"], **parts["place"]}
    else:
        data["claims"][0]["value"] = False
    return seal(data)


@pytest.mark.parametrize(
    "make",
    [
        instances.two_sequences,
        instances.middle_token,
        instances.counterexample,
        lambda: TokenData.of([[[1, 1]]], [1], [1, 0]),
        lambda: drawn(3, 3, 3, 3, denominator=10**6),
    ],
)
def test_files_of_version_one_become_short(make) -> None:
    found = AttentionSVM(make()).solve()
    again = load(json.dumps(of_old(found)))
    assert again == found
    assert again.notes == ()
    assert again.verify()
    assert load(again.to_json()) == again
    if found.multipliers:
        bent = [QQ.format(QQ(x) + (k == 0)) for k, x in enumerate(found.multipliers)]
        assert not load(json.dumps(of_old(found, multipliers=bent))).verify()
        assert not load(json.dumps(of_old(found, multipliers=bent[1:]))).verify()
        assert not load(json.dumps(of_old(found, multipliers=[*bent, 0]))).verify()
    if found.feasible and found.multipliers:
        wrong = [[7] * len(row) for row in found.W]
        assert not load(json.dumps(of_old(found, W=wrong))).verify()
        assert not load(json.dumps(of_old(found, value=99))).verify()
        place = thaw(Place.of(len(wrong), found.rank + 1))
        assert not load(json.dumps(of_old(found, place=place))).verify()


def test_old_multipliers_that_no_support_tells_stay() -> None:
    found = AttentionSVM([[[1, 0], [0, 1], [0, 1]]], [1], [1, 0], selection=[0]).solve()
    weight = sum(found.multipliers) / 2
    spread = [QQ.format(QQ(weight))] * 2
    again = load(json.dumps(of_old(found, multipliers=spread)))
    assert again.verify()
    assert again.multipliers == [weight, weight]
    assert again.W == found.W
    assert [e.kind for e in again.claims[0].evidence] == ["bias.kkt"]
    assert load(again.to_json()) == again


# -- size, and evidence in other places ----------------------------------------------------------


def test_a_file_is_its_problem_and_little_more() -> None:
    rng = random.Random(0)
    tokens = [[[rng.randint(-3, 3) for _ in range(64)] for _ in range(4)] for _ in range(20)]
    found = AttentionSVM(tokens, [1] * 20, [rng.randint(-99, 99) for _ in range(64)]).solve()
    text = found.to_json()
    problem = len(json.dumps(json.loads(text)["problem"]))
    assert len(str(found.value)) > 200
    assert len(text) < problem + 2 * len(str(found.value)) + 2500  # once as value, once as claim
    again = load(text)
    assert again.verify()
    assert again.W == found.W


def test_evidence_proves_nothing_elsewhere() -> None:
    """Every piece under every claim of every other result: only the same claim is proved."""
    results = [
        AttentionSVM(instances.two_sequences()).solve(),
        AttentionSVM(instances.middle_token()).solve(),
        AttentionSVM(instances.counterexample()).solve(),
        AttentionSVM(instances.counterexample(), selection=[1]).solve(),
        local_selections(instances.counterexample()),
        diagnose(instances.counterexample()),
        diagnose(instances.two_sequences()),
    ]
    pool: set[Evidence] = {e for result in results for e in result.evidence}
    accepted = 0
    for result in results:
        for place, claim in enumerate(result.claims):
            for item in pool:
                claims = list(result.claims)
                claims[place] = dataclasses.replace(claim, evidence=(item,))
                if dataclasses.replace(result, claims=tuple(claims)).verify():
                    accepted += 1
                    assert item in claim.evidence
    assert accepted == sum(len(result.claims) for result in results)


def test_results_can_be_pickled_and_copied() -> None:
    """As long as they have computed nothing, and afterwards; the copy proves itself."""
    odd = instances.counterexample()
    for result in (
        AttentionSVM(odd).solve(),
        AttentionSVM(instances.middle_token()).solve(),
        local_selections(odd),
        diagnose(odd),
        train(odd, steps=3),
    ):
        for _ in range(2):
            for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
                assert again == result
                assert again.verify()
            assert result.verify()
