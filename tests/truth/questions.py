"""The public questions, each with a check by independent code; ``WrongError`` says what was found.

Every question takes a network, its case and a random source; it returns "right", or what was not
decided.  Errors of algattn other than refusals that the documentation announces count as wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from typing import Any

import independent as own
import numpy as np
from strata import Case, matrix, product

from algattn import GF, QQ, Lightning, Softmax, Weights, verify
from algattn.errors import HypothesisError, LimitError, ShapeError, UndecidedError


class WrongError(AssertionError):
    """An answer that independent code contradicts."""


def expect(condition: bool, *what: Any) -> None:
    if not condition:
        raise WrongError(*what)


def network(case: Case) -> Any:
    kind = Lightning if case.kind == "lightning" else Softmax
    return kind(case.widths, case.ranks, case.tokens)


def weights(data: dict[str, Any]) -> Weights:
    p = own.characteristic(data)
    return Weights(**{n: m for n, m in data.items() if n in "AKQV"}, field=GF(p) if p else QQ)


def same(case: Case, first: dict[str, Any], second: dict[str, Any]) -> bool:
    compare = own.same_lightning if case.kind == "lightning" else own.same_softmax
    return compare(first, second, case.widths[0], case.tokens)


def sealed(result: Any, rng: random.Random) -> None:
    """One result in four goes through its file."""
    if rng.random() < 0.25:
        expect(verify(result.to_json()), "does not verify", result)
        result.text()


def twisted(case: Case, rng: random.Random) -> dict[str, Any]:
    """Other weights of the network, which may or may not have the same function."""
    while True:
        data = _twisted(case, rng)
        try:
            weights(data).matches(network(case))
        except ShapeError:  # a rank above the bound
            continue
        return data


def _twisted(case: Case, rng: random.Random) -> dict[str, Any]:
    data = deepcopy(case.data)
    p = own.characteristic(data)
    divide = (lambda x, c: x * pow(c, -1, p) % p) if p else (lambda x, c: str(Fraction(x) / c))
    at = rng.randrange(len(data["V"]))
    V = data["V"][at]
    left = "A" if "A" in data else "K"
    c = rng.choice((-1, 2, 3, -2))
    move = rng.randrange(9)
    if move == 0:  # a scaling that the layer undoes
        data[left][at] = [[c * x for x in row] for row in data[left][at]]
        data["V"][at] = [[divide(x, c) for x in row] for row in V]
    elif move == 1:  # transposed attention
        if "A" in data:
            data["A"][at] = [list(col) for col in zip(*data["A"][at], strict=True)]
        else:
            data["K"][at], data["Q"][at] = data["Q"][at], data["K"][at]
    elif move == 2:  # one entry changed
        row = rng.choice(data[rng.choice([n for n in data if n in "AKQV"])][at])
        row[rng.randrange(len(row))] += rng.choice((1, -1))
    elif move == 3 and not p:  # value and key exchanged, where both have rank one
        A = data["A"][at] if "A" in data else product(data["K"][at], data["Q"][at])
        if (factors := outer(A)) and (value := outer(V)):
            (k, q), (h, v) = factors, value
            data = {n: deepcopy(m) for n, m in weights(case.data).to_AV().to_data().items()}
            data["A"][at] = [[str(x * y) for y in q] for x in v]
            data["V"][at] = [[str(x * y) for y in k] for x in h]
    elif move == 4:  # a later or earlier layer forgets its attention
        data[left][at] = [[0] * len(row) for row in data[left][at]]
    elif move == 5:  # both signs
        data[left][at] = [[-x for x in row] for row in data[left][at]]
        data["V"][at] = [[-x for x in row] for row in V]
    elif move == 6 and at + 1 < len(data["V"]):  # a change of basis of the hidden features
        data = hidden(data, at, rng)
    elif move == 7:  # unrelated attention in one layer
        data[left][at] = matrix(rng, len(data[left][at]), len(data[left][at][0]))
    elif move == 8 and "K" in data and len(data["K"][at]) > 1:  # a change of basis of the head
        K, Q = data["K"][at], data["Q"][at]
        K[0] = [x + c * y for x, y in zip(K[0], K[1], strict=True)]
        Q[1] = [y - c * x for x, y in zip(Q[0], Q[1], strict=True)]
    return data


def outer(M: list[list[Any]]) -> tuple[list[Fraction], list[Fraction]] | None:
    """Column and row of a matrix of rank one."""
    rows = [[Fraction(x) for x in row] for row in M]
    pivot = next(((i, j) for i, row in enumerate(rows) for j, x in enumerate(row) if x), None)
    if pivot is None:
        return None
    i, j = pivot
    column, row = [r[j] / rows[i][j] for r in rows], rows[i]
    exact = all(
        x == c * y for c, r in zip(column, rows, strict=True) for x, y in zip(r, row, strict=True)
    )
    return (column, row) if exact else None


def hidden(data: dict[str, Any], at: int, rng: random.Random) -> dict[str, Any]:
    """V -> gV, and g^-1 on the right of what reads it, with g elementary."""
    data, d = deepcopy(data), len(data["V"][at])
    if d == 1:
        return data
    i, j = rng.sample(range(d), 2)
    c = rng.choice((1, -1, 2))
    value = data["V"][at]
    value[i] = [x + c * y for x, y in zip(value[i], value[j], strict=True)]

    def right(M: list[list[Any]]) -> None:
        for row in M:
            row[j] -= c * row[i]

    if "K" in data:
        right(data["K"][at + 1])
        right(data["Q"][at + 1])
    else:
        A = data["A"][at + 1]
        right(A)
        A[j] = [x - c * y for x, y in zip(A[j], A[i], strict=True)]
    right(data["V"][at + 1])
    return data


# the questions


def function(net: Any, case: Case, rng: random.Random) -> str:
    f = net.function(weights(case.data))
    for p, root in own.places(case.data):
        layers = own.reduced(case.data, p, root)
        X = np.array(matrix(rng, case.widths[0], case.tokens, 9))
        value = [[own.residue(x, p) for x in row] for row in f(X.tolist())]
        expect((np.array(value) == own.lightning(layers, X, p)).all(), "values differ")
    return "right"


def virtual(net: Any, case: Case, rng: random.Random) -> str:
    """One layer after the other with B_i and identity values, then V."""
    data = net.virtual(weights(case.data)).to_data()
    d = case.widths[0]
    one = [[int(i == j) for j in range(d)] for i in range(d)]
    depth = len(data["B"])
    flat = {"A": data["B"], "V": [one] * (depth - 1) + [data["V"]], "field": data["field"]}
    expect(same(case, case.data, flat), "virtual weights have another function")
    return "right"


def parametrization(net: Any, case: Case, rng: random.Random) -> str:
    params = rng.choice(("AV", "QKV")) if "K" in case.data else "AV"
    W = weights(case.data)
    try:
        map_ = net.parametrization(params)
    except LimitError:
        return "refused"
    f = map_.evaluate(W)
    for p, root in own.places(case.data):
        X = np.array(matrix(rng, case.widths[0], case.tokens, 9))
        value = [[own.residue(x, p) for x in row] for row in f(X.tolist())]
        layers = own.reduced(case.data, p, root)
        expect((np.array(value) == own.lightning(layers, X, p)).all(), "values differ", params)
    return "right"


def gauge(net: Any, case: Case, rng: random.Random) -> str:
    moved = net.random_gauge(rng.randrange(100)).act(weights(case.data))
    expect(same(case, case.data, moved.to_data()), "the gauge moves the function")
    return "right"


def general(case: Case, rng: random.Random) -> dict[str, Any]:
    """Random weights of the architecture, by a source of our own."""
    shapes = list(zip(case.widths, case.widths[1:], case.ranks, strict=False))
    big = 10**6
    return {
        "K": [matrix(rng, a, d, big) for d, e, a in shapes],
        "Q": [matrix(rng, a, d, big) for d, e, a in shapes],
        "V": [matrix(rng, e, d, big) for d, e, a in shapes],
    }


def dimension(net: Any, case: Case, rng: random.Random) -> str:
    answer = net.dimension(seed=rng.randrange(100))
    if case.kind == "lightning":
        right = own.jacobian_rank(general(case, rng), case.widths[0], case.tokens)
    else:
        small = {
            n: [[[Fraction(x, 10**6) for x in r] for r in m] for m in ms]
            for n, ms in general(case, rng).items()
        }
        right = own.softmax_rank(small, case.widths[0], case.tokens)
        if right is None:
            return "no check"
    expect(answer.value == right, "dimension", answer.value, "rank", right)
    sealed(answer, rng)
    return "right"


def generic_fiber(net: Any, case: Case, rng: random.Random) -> str:
    answer = net.generic_fiber(seed=rng.randrange(100))
    right = own.jacobian_rank(general(case, rng), case.widths[0], case.tokens)
    expect(answer.dimension == case.parameters - right, answer.dimension, case.parameters - right)
    sealed(answer, rng)
    return "right"


def tangent(case: Case) -> dict[str, Any]:
    """Coordinates of the weights: where a < d, matrices A of full rank a are moved by K and Q."""
    if "K" in case.data:
        return case.data
    K, Q, V = (case.native[n] for n in "KQV")
    free = [a >= d for a, d in zip(case.ranks, case.widths, strict=False)]
    return {
        "layers": [
            (case.data["A"][n], V[n]) if free[n] else (K[n], Q[n], V[n]) for n in range(len(V))
        ]
    }


def local_dimension(net: Any, case: Case, rng: random.Random) -> str:
    try:
        answer = net.local_dimension(weights(case.data), seed=rng.randrange(100))
    except HypothesisError:
        expect("A" in case.data, "refused")  # matrices A below the bound of their rank
        return "refused"
    rank = own.jacobian_rank if case.kind == "lightning" else own.softmax_rank
    right = rank(tangent(case), case.widths[0], case.tokens)
    if right is None:
        return "no check"
    if answer.status.name == "PROVED":
        expect(answer.value == right, "local dimension", answer.value, "rank", right)
    else:
        expect(answer.lower <= right <= answer.upper, answer.lower, right, answer.upper)
    sealed(answer, rng)
    return "right" if answer.status.name == "PROVED" else answer.status.name


def fiber(net: Any, case: Case, rng: random.Random) -> str:
    """Witnesses have the function; where reduced, the nullity at the witness is the dimension."""
    params = rng.choice(("AV", "QKV")) if "K" in case.data and small_rank(case) else None
    answer = net.fiber(weights(case.data), params=params)
    expect(answer.value is not None or answer.status.name != "PROVED", "PROVED without a value")
    form = params or ("QKV" if "K" in case.data else "AV")
    for part in answer.components or ():
        if part.witness is None:
            continue
        data = part.witness.to_data()
        expect(("K" in data) == (form == "QKV"), "a witness of another form")
        expect(same(case, case.data, data), "a witness with another function", part.name)
        nullity = in_fiber(case, data)
        if nullity is None:
            continue
        expect(part.dimension <= nullity, "a component larger than its tangent space", part)
        if part.reduced:
            expect(part.dimension == nullity, "reduced, but nullity", nullity, part)
    sealed(answer, rng)
    return "right" if answer.components else "undecided"


def in_fiber(case: Case, data: dict[str, Any]) -> int | None:
    """The dimension of the tangent space of the fiber."""
    if "A" in data:
        return own.bounded_nullity(data, case.ranks, case.widths[0], case.tokens)
    return case.parameters - own.jacobian_rank(data, case.widths[0], case.tokens)


def small_rank(case: Case) -> bool:
    """Whether A = K^T Q is any matrix: then both forms are the network's own."""
    return all(a >= d for a, d in zip(case.ranks, case.widths, strict=False))


def equivalent(net: Any, case: Case, rng: random.Random) -> str:
    other = twisted(case, rng)
    truth = same(case, case.data, other)
    try:
        answer = net.equivalent(weights(case.data), weights(other), seed=rng.randrange(100))
    except UndecidedError:
        return "undecided"
    expect(answer.value == truth, "equivalent says", answer.value, other)
    sealed(answer, rng)
    return "right" if answer.status.name in {"PROVED", "THEOREM"} else answer.status.name


def canonical(net: Any, case: Case, rng: random.Random) -> str:
    """Equal fingerprints exactly for equal functions, and a second pass changes nothing."""
    other = twisted(case, rng)
    truth = same(case, case.data, other)
    try:
        one, two = net.canonical(weights(case.data)), net.canonical(weights(other))
    except UndecidedError:
        return "undecided"
    expect((one.fingerprint == two.fingerprint) == truth, "fingerprints", truth, other)
    if one.weights is None:
        return "no weights"
    data = one.weights.to_data()
    expect(same(case, case.data, data), "canonical weights have another function")
    expect(net.canonical(one.weights).fingerprint == one.fingerprint, "not idempotent")
    sealed(one, rng)
    return "right"


def recover(net: Any, case: Case, rng: random.Random) -> str:
    try:
        W = weights(case.data)
        found = net.recover(net.function(W), field=W.field)
    except UndecidedError:
        return "undecided"
    expect(len(found) > 0, "nothing recovered")
    for W in found:
        expect(same(case, case.data, W.to_data()), "other function", W)
    rational = any(isinstance(W.to_data()["field"], str) for W in found)
    return "right" if rational else "over another field"


def contains(net: Any, case: Case, rng: random.Random) -> str:
    """True for its own function; a function of a larger rank by least squares from many starts."""
    answer = net.contains(net.function(weights(case.data)))
    expect(answer.value is True and answer.in_closure is True, "denies its own function")
    sealed(answer, rng)
    for W in answer.weights or ():
        expect(same(case, case.data, W.to_data()), "other weights")
    return "right"


def not_contained(net: Any, case: Case, rng: random.Random) -> str:
    d, e, a = case.widths[0], case.widths[1], case.ranks[0] + rng.randint(0, 2)
    data = {"K": [matrix(rng, a, d)], "Q": [matrix(rng, a, d)], "V": [matrix(rng, e, d)]}
    large = Lightning((d, e), a, case.tokens)
    answer = net.contains(large.function(weights(data)))
    residual = fitted(case, data, rng)
    if answer.value:
        expect(residual < 1e-6, "contained, but the best fit leaves", residual)
    elif not answer.in_closure:
        expect(residual > 1e-9, "outside of the closure, but a fit leaves", residual)
    sealed(answer, rng)
    return "right"


def fitted(case: Case, data: dict[str, Any], rng: random.Random) -> float:
    """The smallest relative residual of fits of the network to a layer, from random starts."""
    from scipy.optimize import least_squares

    (d, e), a, t = case.widths, case.ranks[0], case.tokens
    source = np.random.default_rng(rng.randrange(2**31))
    X = source.normal(size=(4 * (2 * a * d + e * d) // (e * t) + 4, d, t))

    def value(K: Any, Q: Any, V: Any) -> Any:
        return (V @ X @ (np.swapaxes(X, 1, 2) @ K.T @ Q @ X)).ravel()

    target = value(*(np.array(data[n][0], dtype=float) for n in "KQV"))
    scale = np.linalg.norm(target) or 1.0

    def error(theta: Any) -> Any:
        K, Q = theta[: a * d].reshape(a, d), theta[a * d : 2 * a * d].reshape(a, d)
        return (value(K, Q, theta[2 * a * d :].reshape(e, d)) - target) / scale

    best = np.inf
    for _ in range(12):
        fit = least_squares(
            error,
            source.normal(size=2 * a * d + e * d),
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
            max_nfev=400,
        )
        best = min(best, float(np.linalg.norm(fit.fun)))
        if best < 1e-8:
            break
    return best


QUESTIONS: dict[str, Callable[[Any, Case, random.Random], str]] = {
    f.__name__: f
    for f in (
        *(function, virtual, parametrization, gauge, dimension, generic_fiber, local_dimension),
        *(fiber, equivalent, canonical, recover, contains, not_contained),
    )
}
SOFTMAX = ("dimension", "local_dimension", "equivalent")
ONE_LAYER = ("contains", "not_contained")
#: Also over finite fields.
FINITE = ("function", "virtual", "equivalent", "recover")
