"""Thousands of small integer weights, so that every stratum is hit, checked without the theory."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from algattn import FunctionMap, Lightning, Weights, load
from algattn.attention.coordinates import natural_labels
from algattn.attention.problem import Problem
from algattn.errors import (
    CertificateError,
    FieldError,
    HypothesisError,
    InputError,
    ShapeError,
)
from algattn.exact import GF, QQ, Matrix
from algattn.fibers.layer_invariants import signature
from algattn.symbolic.differential import fiber_tangent_dimension, jacobian_QKV


def draw(rng: random.Random, tokens: int | None = None) -> tuple[Lightning, Weights]:
    d, e, a = rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 4)
    net = Lightning(widths=(d, e), ranks=a, tokens=tokens or rng.randint(1, 3))

    def matrix(m: int, n: int) -> list[list[int]]:
        return [[rng.randint(-1, 1) for _ in range(n)] for _ in range(m)]

    return net, Weights(K=[matrix(a, d)], Q=[matrix(a, d)], V=[matrix(e, d)])


@pytest.mark.parametrize("seed", range(4))
def test_every_function_is_contained_and_recovered(seed: int) -> None:
    rng = random.Random(seed)
    met = Counter()
    for _ in range(350):
        net, W = draw(rng)
        f = net.function(W)
        result = net.contains(f)
        assert result.value
        assert result.in_closure
        assert result.status.name == "PROVED"
        for solution in net.recover(f):
            g = net.function(solution)
            assert all(
                g[label] == solution.field(f[label])
                for label in natural_labels(net.d_in, net.d_out, net.tokens)
            )
        met[net.tokens == 1, result.classes] += 1
    assert {(True, 1), (True, 2), (True, 3), (False, 1), (False, 2)} <= set(met)


@pytest.mark.parametrize("seed", range(2))
def test_certificates_verify_from_json(seed: int) -> None:
    rng = random.Random(100 + seed)
    for _ in range(60):
        net, W = draw(rng)
        for result in (net.fiber(W), net.fiber(W, params="AV"), net.classify(W)):
            again = load(result.to_json())
            again.check()
            assert again == result
            assert again.status.name == "PROVED"


def test_perturbed_functions_are_decided_with_a_reason() -> None:
    """Adding 1 to one coefficient mostly leaves the function space; the reason is checked."""
    rng = random.Random(7)
    kinds = Counter()
    for _ in range(400):
        net, W = draw(rng)
        f = net.function(W)
        label = rng.choice(list(natural_labels(net.d_in, net.d_out, net.tokens)))
        g = FunctionMap(net.d_in, net.d_out, net.tokens, f.coefficients | {label: f[label] + 1})
        result = net.contains(g)
        load(result.to_json()).check()
        for claim in result.claims:
            kinds.update(e.kind for e in claim.evidence)
        if not result.value:
            with pytest.raises(FieldError, match="no real weights"):
                net.recover(g)
    assert {
        "membership.violated",
        "membership.no-linear-factor",
        "membership.semidefinite",
        "fiber.same-function",
    } <= set(kinds)


def test_membership_against_brute_force_over_a_finite_box() -> None:
    """d = 2, d' = 1, t = 2, a = 1: all functions of small integer weights, by enumeration."""
    net = Lightning(widths=(2, 1), ranks=1)
    box = list(product(range(-1, 2), repeat=2))
    image = set()
    for k, q, v in product(box, repeat=3):
        f = net.function(Weights(K=[[k]], Q=[[q]], V=[[v]]))
        image.add(tuple(int(c.p) for c in f.vector()))
    rng = random.Random(3)
    labels = list(natural_labels(2, 1, 2))
    for vector in rng.sample(sorted(image), 60):
        assert net.contains(FunctionMap(2, 1, 2, dict(zip(labels, vector, strict=True)))).value
    # s(x) (q.y) with s of negative determinant splits, with positive determinant it does not
    for a, b, c in product(range(-2, 3), repeat=3):
        coefficients = {(0, 0, 0, 0): a, (0, 0, 1, 0): b, (0, 1, 1, 0): c}
        result = net.contains(FunctionMap(2, 1, 2, coefficients))
        assert result.in_closure
        assert result.value == (b * b - 4 * a * c >= 0)


def test_signature_walls_for_one_token() -> None:
    """t = 1: diagonal forms; membership is a question of counting equal signs."""
    for a, signs in product((1, 2), product((-1, 0, 1), repeat=3)):
        net = Lightning(widths=(3, 2), ranks=a, tokens=1)
        full = Lightning(widths=(3, 2), ranks=3, tokens=1)
        A = [[signs[i] if i == j else 0 for j in range(3)] for i in range(3)]
        f = full.function(Weights(A=[A], V=[[[1, 2, 3], [0, 1, -1]]]))
        p, n = signs.count(1), signs.count(-1)
        result = net.contains(f)
        assert result.value == (max(p, n) <= a)
        assert result.in_closure == (p + n <= 2 * a)


def test_weights_that_need_several_square_roots() -> None:
    """t = 1, signature (n, n) with a = n: irrational only where an anisotropic part is left."""
    # degrees by the Witt index of the form over QQ (PARI: 1, 2, 0, 3, 3)
    cases = [
        ((1, 2, -3, -5), 2),
        ((1, 1, -2, -8), 1),
        ((1, 1, -3, -3), 2),
        ((1, 1, 1, -2, -3, -6), 1),
        ((1, 1, 1, 1, -2, -3, -5, -7), 2),
    ]
    for values, degree in cases:
        n = len(values)
        full = Lightning(widths=(n, 2), ranks=n, tokens=1)
        net = Lightning(widths=(n, 2), ranks=n // 2, tokens=1)
        A = [[values[i] if i == j else 0 for j in range(n)] for i in range(n)]
        f = full.function(Weights(A=[A], V=[[[1] * n, [*range(n)]]]))
        (found,) = net.recover(f)
        assert getattr(found.field, "degree", 1) == degree
        assert found.field == QQ or found.field.is_real
        g = net.function(found)
        assert set(g.coefficients) == set(f.coefficients)
        assert all(g[label] == found.field(c) for label, c in f.coefficients.items())
        assert load(net.contains(f).to_json()).verify()


def test_irrational_weights() -> None:
    """Rational functions whose weights need a square root or a cube root."""
    two = Lightning(widths=(2, 1), ranks=1)
    f = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): -2})  # (x^2 - 2y^2) x'
    weights = two.recover(f)
    assert len(weights) == 2
    assert all(w.field.degree == 2 for w in weights)
    one = Lightning(widths=(2, 1), ranks=2, tokens=1)
    g = FunctionMap(2, 1, 1, {(0, 0, 0, 0): 1, (0, 1, 1, 1): -2})  # x^3 - 2y^3
    (w,) = one.recover(g)
    assert w.field.degree == 3
    assert w.field.is_real
    assert signature(w.A[0] * "1/2" + w.A[0].T * "1/2") in {(2, 0), (0, 2)}
    narrow = Lightning(widths=(2, 1), ranks=1, tokens=1)
    result = narrow.contains(g)  # the only real factor leaves a definite form
    assert not result.value
    assert result.in_closure


def test_local_rank_bounds_the_tangent_space() -> None:
    """At a smooth point with one preimage the Jacobian of (K, Q, V) has the full rank."""
    rng = random.Random(11)
    for _ in range(200):
        net, W = draw(rng, tokens=2)
        result = net.classify(W)
        if result.singular_reason == "one preimage":
            rank = jacobian_QKV(net, W).rank()
            alpha = min(net.ranks[0], net.d_in)
            full = alpha * (2 * net.d_in - alpha) + net.d_in * net.d_out - 1
            if W.A[0].rank() == net.ranks[0]:
                assert rank == full
            assert rank <= full


def test_boundary_points_have_outside_points_nearby() -> None:
    """Walk from a boundary point along the certificate and ask contains()."""
    rng = random.Random(5)
    met = Counter()
    while min(met[1], met[2]) < 8:
        net, W = draw(rng)
        result = net.classify(W)
        if not result.boundary:
            continue
        evidence = result.claim("boundary").evidence[1]
        for small in ("1/10", "1/1000"):
            if net.tokens > 1:
                h, k, q, u = (
                    [QQ(x) for x in v] for v in (evidence.h, evidence.k, evidence.q, evidence.u)
                )
                h = h if any(h) else [QQ(small)] * len(h)
                form = [
                    [k[i] * k[j] + QQ(small) * u[i] * u[j] for j in range(net.d_in)]
                    for i in range(net.d_in)
                ]
                found = {
                    (r, i, j, m): h[r] * form[i][j] * q[m] * (1 if i == j else 2)
                    for r, i, j, m in natural_labels(net.d_in, net.d_out, net.tokens)
                }
                near = FunctionMap(net.d_in, net.d_out, net.tokens, found)
            else:
                if evidence.field != "QQ":
                    continue
                S = Matrix(QQ, evidence.S)
                for v in evidence.squares:
                    S = S + Matrix(QQ, [[x * y for y in v] for x in v]) * (
                        QQ(small) * evidence.sign
                    )
                V = Matrix(QQ, evidence.V) + Matrix(QQ, evidence.push) * small
                full = Lightning(widths=net.widths, ranks=net.d_in, tokens=1)
                near = full.function(Weights(A=[S], V=[V]))
            answer = net.contains(near)
            assert not answer.value
            assert answer.in_closure
        met[min(net.tokens, 2)] += 1


class TestBadInput:
    def test_function_of_another_shape(self) -> None:
        with pytest.raises(ShapeError, match="instead of"):
            Lightning(widths=(2, 2), ranks=1).contains(FunctionMap(2, 1, 2, {}))

    def test_positive_characteristic(self) -> None:
        f = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1}, field=GF(7))
        with pytest.raises(FieldError, match="reality is asked"):
            Lightning(widths=(2, 1), ranks=1).contains(f)

    def test_linear_relation_names_the_coefficient(self) -> None:
        import sympy

        X = sympy.Matrix(1, 2, sympy.symbols("x y"))
        x, y = X
        with pytest.raises(ShapeError, match=r"output \(1,1\).*x_1_1\^3"):
            FunctionMap.from_outputs([[2 * x**3 + x * y**2, y**3 + x**2 * y]], X)

    def test_deep_network(self) -> None:
        net = Lightning(widths=(2, 2, 1), ranks=1)
        with pytest.raises(HypothesisError, match="2 layers"):
            net.classify(net.random_weights(0))


def test_reduced_flags_against_exact_tangent_spaces() -> None:
    """The closed form of the tangent space of a fiber, against the rank of the differential."""
    rng = random.Random(13)
    met = Counter()
    for _ in range(400):
        net, W = draw(rng)
        for params in ("AV", "QKV"):
            fiber = net.fiber(W, params=params)
            for component in fiber.components:
                if component.witness is None:
                    continue
                tangent = fiber_tangent_dimension(net, component.witness)
                assert tangent >= component.dimension
                assert component.reduced == (tangent == component.dimension), (net, W, component)
                met[fiber.case, component.reduced] += 1
    assert len(met) >= 9


def test_witnesses_are_general_where_isotropic_vectors_need_a_root() -> None:
    """S = x^2 + 2 y^2 + 3 z^2 in four variables: the radical goes to a vector over QQ(sqrt D)."""
    net = Lightning(widths=(4, 2), ranks=3, tokens=1)
    A = [[[1, 2, 3, 0][i] if i == j else 0 for j in range(4)] for i in range(4)]
    (component,) = net.fiber(
        Weights(A=[A], V=[[[1, 0, 0, 0], [0, 1, 0, 1]]]), params="QKV"
    ).components
    assert component.witness is not None
    assert component.witness.field.degree == 2
    assert component.reduced
    assert fiber_tangent_dimension(net, component.witness) == component.dimension
    # x^2 + y^2 - 2 z^2 has the zero (1, 1, 1): no root is needed
    A = [[[1, 1, -2, 0][i] if i == j else 0 for j in range(4)] for i in range(4)]
    (component,) = net.fiber(
        Weights(A=[A], V=[[[1, 0, 0, 0], [0, 1, 0, 1]]]), params="QKV"
    ).components
    assert component.witness is not None
    assert component.witness.field == QQ
    assert fiber_tangent_dimension(net, component.witness) == component.dimension


@pytest.mark.parametrize("word", ["KQV", "", "av", "virtual"])
def test_unknown_words_for_the_unknowns_are_refused(word: str) -> None:
    for net in (Lightning(widths=(2, 2), ranks=1), Lightning(widths=(2, 2, 1), ranks=1)):
        with pytest.raises(InputError, match="known are 'AV' and 'QKV'"):
            net.fiber(net.random_weights(1), params=word)


def test_large_fibers_say_that_they_were_recomputed() -> None:
    net = Lightning(widths=(7, 7), ranks=7)
    small, large = (n.fiber(n.random_weights(1)) for n in (Lightning(widths=(2, 2), ranks=2), net))
    for fiber, flag in ((small, False), (large, True)):
        again = load(fiber.to_json())
        again.check()
        assert again == fiber
        data = json.loads(fiber.to_json())["claims"][1]["evidence"][0]
        assert data.get("recomputed", False) is flag
        assert ("recomputed" in fiber.claim("complete").evidence[0].summary()) is flag


def test_a_wrong_dimension_does_not_survive_the_tangent_spaces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The check at the witnesses does not use the formula of the lemma."""
    from algattn.fibers import one_layer, results

    value = one_layer.fiber_value

    def smaller(*given: Any, **options: Any) -> Any:
        case, connected, parts = value(*given, **options)
        return case, connected, tuple(replace(c, dimension=c.dimension - 1) for c in parts)

    monkeypatch.setattr(results, "fiber_value", smaller)
    for tokens in (1, 2):
        net = Lightning(widths=(3, 2), ranks=2, tokens=tokens)
        for params in ("AV", "QKV"):
            with pytest.raises(CertificateError, match="tangent space"):
                net.fiber(net.random_weights(1), params=params).check()


def test_membership_evidence_proves_only_its_own_claim() -> None:
    net = Lightning(widths=(2, 2), ranks=2)
    zero = net.function(Weights(K=[[[0, 0]] * 2], Q=[[[0, 0]] * 2], V=[[[0, 0]] * 2]))
    result = net.contains(zero)
    W = Weights(A=[[[0, 0], [0, 0]]], V=[[[0, 0], [0, 0]]])
    foreign = Lightning(widths=(2, 2), ranks=2).local_dimension(net.random_weights(1)).evidence
    fields = {name: getattr(result, name) for name in type(result).detail_types()}
    own = {c.name: c.evidence for c in result.claims}
    forged = type(result).assemble(
        result.problem,
        False,
        own | {"closure": foreign, "contains": foreign},
        **fields | {"in_closure": False, "real_classes": 0},
    )
    assert not load(forged.to_json()).verify()
    moved = type(result).assemble(Problem(net, W), True, own, **fields)
    assert not moved.verify()
