"""Exact hard margins: fixtures, degenerate and infeasible data, certificates."""

from __future__ import annotations

import dataclasses
import json
import random
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from resealing import holds, resealed

from algattn import load
from algattn.bias import AttentionSVM, TokenData, instances
from algattn.bias.certificates import KKT, Farkas, Place
from algattn.bias.constraints import Constraints
from algattn.bias.guess import available_solvers, guess_weights
from algattn.bias.minnorm import min_norm_point
from algattn.errors import CertificateError, FieldError, InputError, LimitError
from algattn.exact import QQ
from algattn.results import Status, seal, thaw


def random_svm(n: int, T: int, d: int, bound: int, seed: int) -> AttentionSVM:
    rng = random.Random(seed)
    sequences = [
        [[rng.randint(-bound, bound) for _ in range(d)] for _ in range(T)] for _ in range(n)
    ]
    decoder = [rng.randint(-99, 99) for _ in range(d)]
    return AttentionSVM(sequences, [rng.choice([1, -1]) for _ in range(n)], decoder)


def test_fixture() -> None:
    data = instances.two_sequences()
    assert [[int(x) for x in row] for row in data.scores] == [[1, 2, 3], [-3, -2, 2]]
    found = AttentionSVM(data).solve()
    assert found.feasible
    assert found.norm_squared == Fraction(50, 9)
    assert found.multipliers == [Fraction(7, 3)] * 2 + [Fraction(4, 9)] * 2
    rows = found.W
    assert rows == [[1, Fraction(-4, 3)], [1, Fraction(-4, 3)]]
    assert all(type(x) is Fraction for row in found.W for x in row)
    assert found.constraints == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert found.margins == [1, 1, 1, 1]
    assert found.selection == (2, 2)
    assert found.rank == 1
    assert found.status is Status.PROVED
    assert found.verify()


@pytest.mark.parametrize(("n", "T"), [(1, 2), (2, 3), (3, 4), (4, 2)])
def test_orthonormal_closed_form(n: int, T: int) -> None:
    found = AttentionSVM(instances.orthonormal(n, T)).solve()
    assert found.norm_squared == Fraction(n * (T - 1), T)
    assert set(found.multipliers) == {Fraction(1, T)}
    assert found.rank == min(n, T - 1) if n == 1 else found.rank == 1
    assert found.verify()


def test_two_tokens_closed_form() -> None:
    # T = 2, n = 1: W = D/|D|^2
    found = AttentionSVM([[[1, 2], [3, -1]]], [1], [1, 0]).solve()
    difference, z = (2, -3), (1, 2)
    square = Fraction((4 + 9) * (1 + 4))
    rows = found.W
    assert rows == [[a * b / square for b in z] for a in difference]


def test_middle_token_is_infeasible() -> None:
    found = AttentionSVM(instances.middle_token()).solve()
    assert not found.feasible
    assert found.W is None
    assert found.norm_squared is None
    assert found.margins is None
    assert found.multipliers == [Fraction(1, 2), Fraction(1, 2)]
    assert found.status is Status.PROVED
    assert load(found.to_json()).verify()


def tampered(result, change) -> bool:
    """Change the JSON, sign it again, and verify."""
    data = json.loads(result.to_json())
    change(data)
    data["digest"] = seal(data)["digest"]
    return load(json.dumps(data)).verify()


def in_full(found):
    """The same answer with all multipliers for evidence, as where a support does not tell them."""
    weights = tuple(map(QQ, found.multipliers))
    evidence = KKT(weights) if found.feasible else Farkas(weights)
    claim = dataclasses.replace(found.claims[0], evidence=(evidence,))
    return dataclasses.replace(found, claims=(claim, *found.claims[1:]))


@pytest.mark.parametrize("delta", [Fraction(1, 10**9), Fraction(-1, 10**9), Fraction(1)])
@pytest.mark.parametrize("make", [instances.two_sequences, instances.middle_token])
def test_every_multiplier_counts(make, delta) -> None:
    found = in_full(AttentionSVM(make()).solve())
    assert tampered(found, lambda data: None)
    for k in range(len(found.multipliers)):

        def change(data, k=k) -> None:
            weights = data["claims"][0]["evidence"][0]["multipliers"]
            weights[k] = QQ.format(QQ(weights[k]) + QQ(delta))

        assert not tampered(found, change)
        evidence = found.claims[0].evidence[0]
        bent = list(evidence.multipliers)
        bent[k] += QQ(delta)
        claim = dataclasses.replace(
            found.claims[0], evidence=(dataclasses.replace(evidence, multipliers=tuple(bent)),)
        )
        assert not dataclasses.replace(found, claims=(claim, *found.claims[1:])).verify()


@pytest.mark.parametrize("k", range(6))
def test_zero_multipliers_count_too(k) -> None:
    found = random_svm(4, 4, 2, 3, 1).solve()
    if not found.feasible:
        found = random_svm(4, 4, 3, 3, 1).solve()
    assert found.feasible
    assert Fraction(0) in found.multipliers
    found = in_full(found)
    assert found.verify()

    def change(data) -> None:
        weights = data["claims"][0]["evidence"][0]["multipliers"]
        weights[k] = QQ.format(QQ(weights[k]) + 1)

    assert not tampered(found, change)


def test_other_fields_cannot_be_changed() -> None:
    found = AttentionSVM(instances.two_sequences()).solve()

    def support(data) -> None:
        data["detail"]["support"].pop()
        data["claims"][0]["value"]["support"].pop()
        data["claims"][1]["value"]["support"].pop()

    def norm(data) -> None:
        data["value"] = "51/9"
        data["claims"][0]["value"]["norm_squared"] = "51/9"

    def rank(data) -> None:
        data["detail"]["stratum"]["rank"] = 2
        data["claims"][1]["value"]["rank"] = 2

    def token(data) -> None:
        data["problem"]["data"]["sequences"][0][1][0] = 5

    def label(data) -> None:
        data["problem"]["data"]["labels"][0] = -1

    def selection(data) -> None:
        data["problem"]["data"]["selection"] = [2, 1]

    def lists(data) -> None:
        data["claims"][0]["evidence"][0]["multipliers"].append(0)

    for change in (support, norm, rank, token, label, selection):
        assert not tampered(found, change), change.__name__
    assert not tampered(in_full(found), lists)


def test_the_stratum_cannot_bring_its_own_matrix() -> None:
    """Neither another rank of the same W, nor the rank of the W of another support."""
    found = AttentionSVM(instances.two_sequences()).solve()
    data = json.loads(found.to_json())
    assert found.rank == 1
    assert holds(resealed(data))
    for support in ([], [0], [0, 1], [2], [0, 1, 2, 3]):
        for rank in range(3):
            forged = json.loads(found.to_json())
            forged["detail"]["support"] = support
            forged["detail"]["stratum"] = thaw(Place.of(2, rank))
            true = support == [0, 1, 2, 3] and rank == 1
            assert holds(resealed(forged)) == true

    def brings(data) -> None:
        data["detail"]["stratum"]["W"] = data["claims"][1]["value"]["W"] = [[0, 0], [0, 0]]

    with pytest.raises(InputError):
        tampered(found, brings)


def test_kkt_is_not_believed_below_margin_one() -> None:
    """Multipliers of a smaller support satisfy W = sum lambda D but not all margins."""
    constraints = Constraints.of(instances.two_sequences())

    def optimum(*weights) -> None:
        KKT(tuple(map(QQ, weights))).optimum(constraints)

    with pytest.raises(CertificateError, match="below 1"):
        optimum(1, 0, 0, 0)
    with pytest.raises(CertificateError, match="and margin"):
        optimum("14/3", "14/3", "8/9", "8/9")
    with pytest.raises(CertificateError, match="negative"):
        optimum(-1, 1, 1, 1)


def test_degenerate_dual() -> None:
    """A repeated token doubles a constraint: W stays, multipliers are no longer unique."""
    X1, X2 = [[1, 0], [0, 1], [1, 1]], [[1, 1], [2, 0], [0, -1]]
    plain = AttentionSVM([X1, X2], [1, -1], [1, 2]).solve()
    doubled = AttentionSVM([[*X1, X1[0], X1[1]], [*X2, X2[0]]], [1, -1], [1, 2]).solve()
    assert doubled.W == plain.W
    assert sum(doubled.multipliers) == plain.norm_squared
    assert doubled.verify()
    twice = AttentionSVM([X1, X2, X1], [1, -1, 1], [1, 2]).solve()
    assert twice.W == plain.W
    assert twice.verify()


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 4), st.integers(1, 4))
def test_random_small_data(seed: int, n: int, T: int, d: int) -> None:
    """With tiny numbers features are often dependent or infeasible; every answer verifies."""
    rng = random.Random(seed)
    tokens = [[[rng.randint(-2, 2) for _ in range(d)] for _ in range(T)] for _ in range(n)]
    selection = [rng.randrange(T) for _ in range(n)]
    svm = AttentionSVM(tokens, [1] * n, [0] * d, selection=selection)
    found = svm.solve()
    assert found.verify()
    cold = min_norm_point(svm.constraints.gram(), guess=None)
    assert found.feasible == (cold.norm_squared != 0)
    if found.feasible:
        assert (
            found.norm_squared * Fraction(int(cold.norm_squared.p), int(cold.norm_squared.q)) == 1
        )
        assert min(found.margins) == 1


@pytest.mark.parametrize("solver", available_solvers())
def test_float_guesses_agree_with_exact_solution(solver: str) -> None:
    svm = random_svm(8, 4, 6, 4, 2)
    gram = svm.constraints.gram()
    exact = min_norm_point(gram, guess=None)
    integers = [[int(x) for x in row] for row in gram]
    guess = guess_weights(integers, solver)
    assert np.allclose(guess, [float(x) for x in exact.weights], atol=1e-6)
    warm = min_norm_point(gram, guess=guess)
    assert warm.weights == exact.weights
    assert warm.exchanges < exact.exchanges


def test_a_wrong_guess_is_repaired() -> None:
    gram = random_svm(8, 4, 6, 4, 2).constraints.gram()
    exact = min_norm_point(gram, guess=None)
    rng = random.Random(0)
    for _ in range(5):
        nonsense = [rng.random() for _ in gram]
        assert min_norm_point(gram, guess=nonsense).norm_squared == exact.norm_squared


def test_cddlib_agrees_on_feasibility() -> None:
    """A second route to feasible or not: exact linear programming by cddlib."""
    cdd = pytest.importorskip("cdd.gmp")
    seen = set()
    for seed in range(12):
        svm = random_svm(4, 4, 2, 60, seed)
        rows = []
        for (i, _), d in zip(svm.constraints.index, svm.constraints.differences, strict=True):
            z = svm.data.queries[i]
            rows.append([-1] + [int(a * b) for a in d for b in z])
        matrix = cdd.matrix_from_array(
            rows, rep_type=cdd.RepType.INEQUALITY, obj_type=cdd.LPObjType.MIN, obj_func=[0] * 5
        )
        lp = cdd.linprog_from_matrix(matrix)
        cdd.linprog_solve(lp)
        feasible = lp.status == cdd.LPStatusType.OPTIMAL
        assert AttentionSVM(svm.data).solve().feasible == feasible
        seen.add(feasible)
    assert seen == {True, False}


def test_zero_query_is_infeasible() -> None:
    found = AttentionSVM([[[1, 0], [0, 1]]], [1], [1, 0], query=[0, 0]).solve()
    assert not found.feasible
    assert found.multipliers == [1]
    assert found.verify()


def test_optimal_token_as_query_and_one_token() -> None:
    assert AttentionSVM([[[1, 0], [0, 1]]], [1], [1, 0]).solve().norm_squared == Fraction(1, 2)
    lone = AttentionSVM([[[1, 2]], [[0, 1]]], [1, -1], [0, 0]).solve()
    assert (lone.feasible, lone.norm_squared, lone.rank) == (True, 0, 0)
    assert lone.W == [[0, 0], [0, 0]]
    assert lone.multipliers == []
    assert lone.verify()


def test_ragged_sequences_and_given_queries() -> None:
    data = [[[1, 0], [0, 1]], [[2, 1], [1, 1], [0, 3]], [[5, 5]]]
    found = AttentionSVM(data, [1, -1, 1], [3, 1], query=[[1, 1], [1, -1], [0, 1]]).solve()
    assert len(found.multipliers) == 3
    assert found.verify()
    same = AttentionSVM(data, [1, -1, 1], [3, 1], query=[1, 2]).solve()
    assert same.verify()
    assert same.multipliers != found.multipliers


def test_rank_and_stratum() -> None:
    found = random_svm(3, 3, 6, 5, 0).solve()
    assert found.rank == 3
    stratum = found.claim("stratum").value
    assert stratum["dimension"] == 3 * (12 - 3)
    assert stratum["codimension"] == 9
    numeric = np.linalg.matrix_rank(found.array())
    assert found.rank == numeric


def test_rounded_floats() -> None:
    rng = np.random.default_rng(0)
    X, u = rng.standard_normal((4, 3, 5)), rng.standard_normal(5)
    svm = AttentionSVM.rounded(X, [1, -1, 1, 1], u, denominator=16)
    assert all(16 % int(x.q) == 0 for s in svm.data.sequences for t in s for x in t)
    assert svm.solve().verify()


def test_time_limit() -> None:
    with pytest.raises(LimitError, match="time limit"):
        random_svm(20, 4, 10, 3, 0).solve(time_limit=0)


def test_rounding_is_checked() -> None:
    with pytest.raises(InputError, match="denominator is 0"):
        AttentionSVM.rounded([[[0.5], [1.0]]], [1], [1], denominator=0)
    with pytest.raises(FieldError, match="nan"):
        AttentionSVM.rounded([[[float("nan")], [1.0]]], [1], [1])


def test_large_dimension_costs_its_numbers_only() -> None:
    """16384 entries of 334 digits over 334: the float guess is right, so one solve is enough."""
    rng = random.Random(0)
    tokens = [[[rng.randint(-3, 3) for _ in range(128)] for _ in range(4)] for _ in range(20)]
    svm = AttentionSVM(tokens, [1] * 20, [rng.randint(-99, 99) for _ in range(128)])
    assert svm.min_norm().exchanges == 0
    found = svm.solve()
    assert found.margins is not None
    assert min(found.margins) == 1


def test_sixty_constraints_need_few_exact_steps() -> None:
    """The float guess finds nearly all supporting vectors."""
    for d in (10, 30):
        svm = random_svm(20, 4, d, 5, 20)
        assert svm.min_norm().exchanges < 3
        found = svm.solve()
        assert len(found.multipliers) == 60
        assert found.verify()


def test_gram_never_needs_features() -> None:
    """d = 3000 has nine million entries for each feature; the Gram matrix does not care."""
    d = 3000
    rng = random.Random(0)
    tokens = [[[rng.randint(-1, 1) for _ in range(d)] for _ in range(3)] for _ in range(3)]
    data = TokenData.of(tokens, [1, 1, 1], [rng.randint(-9, 9) for _ in range(d)])
    found = min_norm_point(AttentionSVM(data).constraints.gram())
    assert found.norm_squared > fmpq(0)
