"""Specimens about one lightning layer: derivations, fibers, membership, kinds of points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from algattn import GF, FunctionMap, Lightning, Weights
from algattn.exact import NumberField, word_prime
from algattn.results import Result
from algattn.symbolic.results import SampledIdentity, derive

Made = tuple[str, Callable[[], Result]]


def one(d: int, e: int, a: int, t: int, **matrices: Any) -> tuple[Lightning, Weights]:
    return Lightning(widths=(d, e), ranks=a, tokens=t), Weights(**matrices)


POINTS: dict[str, tuple[Lightning, Weights]] = {
    "generic": one(2, 2, 1, 2, K=[[[1, 2]]], Q=[[["1/2", -1]]], V=[[[1, -1], [3, 5]]]),
    "full": one(2, 1, 2, 2, A=[[[1, 2], [3, 5]]], V=[[[1, -1]]]),
    "swap": one(2, 1, 1, 2, A=[[[1, 2], [2, 4]]], V=[[[1, -1]]]),
    "swap of two outputs": one(2, 2, 1, 2, A=[[[1, 2], [2, 4]]], V=[[[1, -1], [2, -2]]]),
    "aligned": one(2, 2, 1, 2, K=[[[1, 2]]], Q=[[[1, 0]]], V=[[[1, 2], [2, 4]]]),
    "aligned alone": one(3, 1, 1, 2, A=[[[1, 0, 0], [0, 0, 0], [0, 0, 0]]], V=[[[1, 0, 0]]]),
    "zero": one(2, 1, 1, 2, A=[[[0, 0], [0, 0]]], V=[[[1, 2]]]),
    "slack": one(2, 1, 2, 2, K=[[[1, 0], [0, 0]]], Q=[[[1, 1], [0, 0]]], V=[[[1, 3]]]),
    "token": one(2, 2, 1, 1, A=[[[1, 1], [0, 0]]], V=[[[1, 2], [3, 4]]]),
    "token, root": one(2, 1, 2, 1, A=[[[1, 0], [0, -2]]], V=[[[1, 1]]]),
    "token, root, two outputs": one(2, 2, 2, 1, A=[[[1, 0], [0, -2]]], V=[[[1, 1], [2, 2]]]),
    "token, zero": one(2, 2, 1, 1, A=[[[0, 0], [0, 0]]], V=[[[1, 0], [0, 1]]]),
    "token, signature": one(2, 1, 1, 1, A=[[[1, 0], [0, 0]]], V=[[[0, 1]]]),
    "token, signatures": one(2, 2, 1, 1, A=[[[1, 0], [0, 0]]], V=[[[1, 0], [0, 1]]]),
    "token, split": one(3, 1, 1, 1, A=[[[0, 1, 0], [0, 0, 0], [0, 0, 0]]], V=[[[0, 0, 1]]]),
    "one number": one(1, 1, 1, 2, A=[[["2/3"]]], V=[[[3]]]),
}
CUBES = FunctionMap(3, 1, 1, {"c_1_1_1_1": 1, "c_1_2_2_2": 1, "c_1_3_3_3": 1})
DEFINITE = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_1": 2})
PLUS = Lightning((2, 2), 2, 1).function(Weights(A=[[[1, 0], [0, 1]]], V=[[[1, 2], [0, 1]]]))


def at(name: str) -> tuple[Lightning, Weights, FunctionMap]:
    net, weights = POINTS[name]
    return net, weights, net.function(weights)


def perturbed(name: str, **changes: int) -> FunctionMap:
    net, _, f = at(name)
    found = dict(f.coefficients)
    found.update(FunctionMap(net.d_in, net.d_out, net.tokens, changes).coefficients)
    return FunctionMap(net.d_in, net.d_out, net.tokens, found)


def sampled() -> Result:
    """As :func:`derive` answers when the expansion is too long."""
    short = derive(Lightning((2, 1), 1, 2))
    claim = replace(short.claims[0], evidence=(SampledIdentity(word_prime(), 0, 2),))
    return replace(short, claims=(claim,))


def root_weights() -> tuple[Lightning, Weights]:
    """A layer over QQ(sqrt 2)."""
    field = NumberField([-2, 0, 1], 1)
    r = field.theta
    A, V = [[[field(1), r], [field(0), field(1)]]], [[[field(1), field(3)]]]
    return Lightning((2, 1), 2), Weights(A=A, V=V, field=field)


def modular_weights() -> tuple[Lightning, Weights]:
    return Lightning((2, 1), 2), Weights(A=[[[1, 2], [3, 4]]], V=[[[1, 5]]], field=GF(10007))


def specimens() -> Iterator[Made]:
    yield "derive AV", lambda: derive(Lightning((2, 1), 1, 2))
    yield "derive QKV, deep", lambda: derive(Lightning((1, 1, 1), 1, 2), "QKV")
    yield "derive virtual, one token", lambda: derive(Lightning((2, 1), 2, 1), "virtual")
    yield "derive sampled", sampled
    wanted = ("generic", "swap", "aligned", "zero", "slack", "token, root", "token, zero")
    for name in wanted:
        yield f"fiber {name}", lambda n=name: POINTS[n][0].fiber(POINTS[n][1])
    net, weights = POINTS["generic"]
    wide = Lightning((10, 4), 2)
    yield "fiber of a wide layer", lambda: wide.fiber(wide.random_weights(1))
    yield "fiber AV of QKV", lambda: net.fiber(weights, params="AV")
    yield "fiber QKV of zero", lambda: POINTS["zero"][0].fiber(POINTS["zero"][1], params="QKV")
    net2, over = root_weights()
    yield "canonical over QQ(sqrt 2)", lambda: net2.canonical(over)
    yield "equal over QQ(sqrt 2)", lambda: net2.equivalent(over, net2.random_gauge(1).act(over))
    net3, small = modular_weights()
    yield "equal modulo 10007", lambda: net3.equivalent(small, net3.random_gauge(1).act(small))
    yield "different modulo 10007", lambda: net3.equivalent(small, _other(small))
    for name in POINTS:
        if name != "token, root":
            yield f"classify {name}", lambda n=name: POINTS[n][0].classify(POINTS[n][1])
    larger = Lightning((4, 3), 2)
    low = Weights(
        A=[[[1, 0, 0, 0]] + [[0] * 4] * 3], V=[[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]]
    )
    yield "classify rank drop", lambda: larger.classify(low)
    wide = Lightning((5, 5), 3)
    zero = Weights(A=[[[0] * 5] * 5], V=[[[1] * 5] * 5])
    yield "classify zero by theorem", lambda: wide.classify(zero)
    yield (
        "classify function zero by theorem",
        lambda: wide.classify_function(FunctionMap(5, 5, 2, {})),
    )
    for name in ("generic", "swap", "aligned", "token", "token, signature"):
        yield (
            f"classify function {name}",
            lambda n=name: at(n)[0].classify_function(at(n)[2]),
        )
    yield "classify function, closure", lambda: POINTS["swap"][0].classify_function(DEFINITE)
    yield (
        "classify function, outside",
        lambda: net.classify_function(perturbed("generic", c_1_1_1_1=9)),
    )
    for name in ("generic", "swap", "token, root", "zero", "one number"):
        yield f"contains {name}", lambda n=name: at(n)[0].contains(at(n)[2])
    yield "outside", lambda: net.contains(perturbed("generic", c_1_1_1_1=9))
    yield "outside, rank", lambda: POINTS["swap"][0].contains(at("full")[2])
    yield (
        "outside, token",
        lambda: POINTS["token"][0].contains(perturbed("token", c_1_1_1_1=9)),
    )
    yield "outside, cubes", lambda: POINTS["token, split"][0].contains(CUBES)
    yield "closure only", lambda: POINTS["swap"][0].contains(DEFINITE)
    cone = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_1": 5, "c_1_1_2_1": 2})
    yield "closure only, other form", lambda: POINTS["swap"][0].contains(cone)
    yield "closure only, token", lambda: POINTS["token"][0].contains(PLUS)
    yield "recover from floats", lambda: _numeric(Lightning((2, 1), 1))


def _other(weights: Weights) -> Weights:
    return Weights(A=weights.A, V=[[[2, 5]]], field=weights.field)


def _numeric(net: Lightning) -> Result:
    """A fit to values in floating point."""
    weights = net.random_weights(1)

    def box(X: Any) -> Any:
        return [[float(y) for y in row] for row in net([[float(x) for x in r] for r in X], weights)]

    found = net.recover(box)
    assert isinstance(found, Result)
    return found
