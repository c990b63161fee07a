"""Points and membership over real number fields: against the same question over QQ, moved there."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from algattn import FunctionMap, Lightning, Weights, load
from algattn.attention.coordinates import natural_labels
from algattn.errors import FieldError
from algattn.exact import GF, QQ, Matrix, NumberField
from algattn.exact.extensions import roots

FIELDS = (NumberField([-2, 0, 1], 0), NumberField([-2, 0, 0, 1], 0), NumberField([1, -3, 0, 1], 2))


def draw(rng: random.Random, tokens: int) -> tuple[Lightning, Matrix, Matrix]:
    """A layer with matrices of small rank, often parallel rows, often symmetric A."""
    d, e, a = rng.randint(2, 3), rng.randint(1, 2), rng.randint(1, 3)

    def vector(n: int) -> list[int]:
        return [rng.randint(-1, 1) for _ in range(n)]

    v, r = vector(d), rng.randint(1, min(a, d))
    rows = [rng.choice([v, vector(d)]) for _ in range(r)]
    other = [rng.choice([v, row, [-x for x in row], vector(d)]) for row in rows]
    A = [
        [sum(k[i] * q[j] for k, q in zip(rows, other, strict=True)) for j in range(d)]
        for i in range(d)
    ]
    h = vector(e)
    V = [[x * y for y in v] for x in h] if rng.random() < 0.6 else [vector(d) for _ in range(e)]
    return Lightning((d, e), a, tokens), Matrix(QQ, A), Matrix(QQ, V)


def invertible(rng: random.Random, K: NumberField, n: int) -> Matrix:
    while True:
        rows = [[K([rng.randint(-1, 1) for _ in range(2)]) for _ in range(n)] for _ in range(n)]
        if (M := Matrix(K, rows)).rank() == n:
            return M


def lifted(M: Matrix, K: NumberField) -> Matrix:
    return Matrix(K, [[K(x) for x in row] for row in M.rows], M.shape)


def moved(f: FunctionMap, P: Matrix, R: Matrix) -> FunctionMap:
    """``R f(P X)``, coefficient by coefficient."""
    K, d, t = P.field, f.d_in, f.tokens
    total: dict[Any, Any] = {}
    for (r, i, j, k), c in f.coefficients.items():
        for n in range(f.d_out):
            for a in range(d):
                for b in range(d):
                    for m in range(d):
                        value = R[n, r] * P[i, a] * P[j, b] * P[k, m] * c
                        head = sorted((a, b, m)) if t == 1 else [*sorted((a, b)), m]
                        key = (n, *head)
                        total[key] = total.get(key, K.zero) + value
    return FunctionMap(d, f.d_out, t, total, field=K)


@pytest.mark.parametrize("tokens", [1, 2])
@pytest.mark.parametrize("K", FIELDS, ids=str)
def test_a_real_change_of_coordinates_changes_nothing(K: NumberField, tokens: int) -> None:
    rng = random.Random(f"{K} {tokens}")
    met: Counter[Any] = Counter()
    for n in range(16):
        net, A, V = draw(rng, tokens)
        P, R = invertible(rng, K, net.d_in), invertible(rng, K, net.d_out)
        W = Weights(A=[A], V=[V])
        U = Weights(A=[P.T @ lifted(A, K) @ P], V=[R @ lifted(V, K) @ P], field=K)
        old, new = net.classify(W), net.classify(U)
        assert new.answer == old.answer, (net, W, U)
        f = net.function(U)
        assert f == moved(net.function(W), P, R)
        assert net.classify_function(f).answer == old.answer
        member = net.contains(f)
        assert (member.value, member.in_closure) == (True, True)
        assert member.classes == net.contains(net.function(W)).classes
        if n % 8 == 0:
            for result in (new, member, net.classify_function(f)):
                assert load(result.to_json()).verify()
        met[new.stratum, new.value] += 1
    assert len(met) >= 5


@pytest.mark.parametrize("tokens", [1, 2])
def test_other_functions_are_decided_as_over_the_rationals(tokens: int) -> None:
    rng, K = random.Random(tokens), FIELDS[0]
    met: Counter[Any] = Counter()
    for _ in range(60):
        net, A, V = draw(rng, tokens)
        f = net.function(Weights(A=[A], V=[V]))
        label = rng.choice(list(natural_labels(net.d_in, net.d_out, tokens)))
        changed = f.coefficients | {label: f[label] + rng.choice([-1, 1, 2])}
        g = FunctionMap(net.d_in, net.d_out, tokens, changed)
        moving = invertible(rng, K, net.d_in), invertible(rng, K, net.d_out)
        old, new = net.contains(g), net.contains(moved(g, *moving))
        assert new.value == old.value
        assert new.in_closure == old.in_closure
        assert (new.classes, new.real_classes) == (old.classes, old.real_classes)
        met[old.value, old.in_closure] += 1
    assert len(met) == (3 if tokens == 1 else 2)


def test_signs_are_those_of_the_embedding() -> None:
    """x^2 + theta y^2 is definite for theta = sqrt 2 and a product of lines for -sqrt 2."""
    for root, reached, classes in ((0, True, "three real lines"), (1, False, None)):
        K = NumberField([-2, 0, 1], root)
        S = {(0, 0, 0, 0): 1, (0, 0, 1, 1): K.theta}
        net = Lightning((2, 1), 1, 1)
        f = FunctionMap(2, 1, 1, S, field=K)
        assert net.contains(f).value is reached
        assert net.classify_function(f).position == ("reached" if reached else "closure")
        if classes is not None:
            assert net.classify_function(f).stratum == classes
        two = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): K.theta}, field=K)
        assert Lightning((2, 1), 1).contains(two).value is reached
        W = Weights(A=[[[1, 0], [0, K.theta]]], V=[[[1, 0], [0, 1]]], field=K)
        wide = Lightning((2, 2), 2, 1).classify(W)
        assert wide.stratum == f"signature ({'1,1' if reached else '2,0'}), rank V = 2"


def test_cubes_and_squares_over_number_fields() -> None:
    K = FIELDS[0]
    net = Lightning((2, 1), 2, 1)
    cube = FunctionMap(2, 1, 1, {(0, 0, 0, 0): 1, (0, 1, 1, 1): -K.theta}, field=K)
    assert (net.contains(cube).classes, net.contains(cube).real_classes) == (3, 1)
    line = {(0, 0, 0, 0): 1, (0, 0, 0, 1): K.theta * 3, (0, 0, 1, 1): 6, (0, 1, 1, 1): K.theta * 2}
    (triple,) = [net.classify_function(FunctionMap(2, 1, 1, line, field=K))]  # (x + theta y)^3
    assert triple.stratum == "triple line"


def test_roots_of_roots() -> None:
    K = NumberField([-2, 0, 1], 1)
    for coefficients, degrees in (
        ([-3, 0, 1], [4, 4]),
        ([K.theta * 2 - 3, 0, 1], [2, 2]),
        ([-K.theta, 0, 0, 1], [6, 6, 6]),
        ([-2, 0, 0, 1], [6, 6, 6]),
    ):
        found = roots(K, coefficients)
        assert [r.field.degree for r in found] == degrees
        for r in found:
            total = r.field.zero
            for c in reversed(coefficients):
                total = total * r.value + r.image(c)
            assert total == 0
            image = r.image(K.theta)
            assert image * image == 2
            assert r.field.embed(image).real > 0


def test_fields_without_reality_are_refused() -> None:
    net = Lightning((2, 1), 1)
    for field, says in ((NumberField([1, 0, 1], 0), "real root"), (GF(7), "real root")):
        f = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1}, field=field)
        W = Weights(A=[[[1, 0], [0, 0]]], V=[[[1, 0]]], field=field)
        for ask in (
            lambda f=f: net.contains(f),
            lambda f=f: net.classify_function(f),
            lambda W=W: net.classify(W),
        ):
            with pytest.raises(FieldError, match=says):
                ask()
