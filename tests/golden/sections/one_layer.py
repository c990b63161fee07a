"""Every question about one lightning layer, at weights in every stratum."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from golden_inputs import STRATA, Shape, halves, parts, product, shapes, thin
from golden_questions import AT_FUNCTION, AT_PAIR, AT_WEIGHTS, OF_NETWORK

from algattn import GF, QQ, Lightning, Weights
from algattn.exact import NumberField

Problem = tuple[str, Callable[[], object]]

SEEDS = (1, 2)
ROOT = NumberField([-2, 0, 1], root=1)
FIELDS: dict[str, Any] = {"GF(7)": GF(7), "GF(101)": GF(101), "QQ(sqrt2)": ROOT}
ROOM_SHAPES = (
    *(Shape(2, 1, 1, 2), Shape(2, 2, 1, 2), Shape(2, 2, 2, 1), Shape(3, 2, 2, 1)),
    *(Shape(3, 2, 1, 2), Shape(3, 3, 2, 3), Shape(2, 3, 3, 2), Shape(1, 2, 1, 2)),
)


def network(shape: Shape) -> Lightning:
    return Lightning((shape.d, shape.e), shape.a, shape.t)


def weights(shape: Shape, stratum: str, seed: int, form: str = "QKV", field: Any = QQ) -> Weights:
    """Weights in a stratum; over number fields some entries get a square root."""
    K, Q, V = parts(shape, stratum, seed)
    if field is ROOT:
        # A row and its scale together, so that ranks and parallel vectors stay as they are.
        K = [[ROOT.theta * x for x in row] for row in K]
        V = [[(ROOT.theta + 1) * x for x in row] for row in V]
    if form == "AV":
        return Weights(A=[product(K, Q)], V=[V], field=field)
    return Weights(K=[K], Q=[Q], V=[V], field=field)


def _at(shape: Shape, make: Callable[[], Weights], question: Callable[..., object]) -> object:
    return question(network(shape), make())


def _function(shape: Shape, make: Callable[[], Weights], question: Callable[..., object]) -> object:
    net = network(shape)
    return question(net, net.function(make()))


def _networks() -> Iterator[Problem]:
    for shape in [*shapes(), Shape(6, 2, 3, 2), Shape(5, 7, 2, 1), Shape(64, 32, 8, 4)]:
        for name, question in OF_NETWORK.items():
            costly = ("parametrization", "strata", "singular", "boundary", "dimension-dense")
            if shape.d > 6 and name.startswith(costly):
                continue
            yield f"one_layer/{name}/{shape}", partial(_of, shape, question)


def _of(shape: Shape, question: Callable[..., object]) -> object:
    return question(network(shape))


def _strata() -> Iterator[Problem]:
    """Questions at (K, Q, V) with integers, once for each shape and stratum."""
    for shape in shapes():
        for stratum in STRATA:
            for seed in SEEDS if shape.d < 4 else SEEDS[:1]:
                make = partial(weights, shape, stratum, seed)
                end = f"{shape}/{stratum}/seed={seed}"
                for name, question in AT_WEIGHTS.items():
                    # the second seed only where the answers can depend on the numbers
                    if seed == 1 or name in {"classify", "fiber"}:
                        yield f"one_layer/{name}/{end}", partial(_at, shape, make, question)
                if seed == 1:
                    for name, question in AT_FUNCTION.items():
                        yield f"one_layer/{name}/{end}", partial(_function, shape, make, question)


def _pair(
    shape: Shape, make: Callable[[], Weights], stratum: str, name: str, field: Any = QQ
) -> object:
    net, W = network(shape), make()
    return net.equivalent(
        W, AT_PAIR[name](net, W, lambda s: weights(shape, stratum, s, W.form, field))
    )


def _pairs() -> Iterator[Problem]:
    for shape in shapes(3):
        for stratum in STRATA:
            make = partial(weights, shape, stratum, 1)
            for name in AT_PAIR:
                yield (
                    f"one_layer/equivalent/{shape}/{stratum}/{name}",
                    partial(_pair, shape, make, stratum, name),
                )


def _small(shape: Shape, stratum: str) -> Weights:
    K, Q, V = parts(shape, stratum, 3)
    return Weights(K=[halves(K)], Q=[Q], V=[halves(V)])


def _forms_and_fields() -> Iterator[Problem]:
    """Other forms of the weights and other fields, for fewer shapes."""
    for shape in ROOM_SHAPES:
        for stratum in STRATA:
            makers: dict[str, Callable[[], Weights]] = {
                "AV": partial(weights, shape, stratum, 1, "AV"),
                "fractions": partial(_small, shape, stratum),
            }
            for name, field in FIELDS.items():
                makers[name] = partial(weights, shape, stratum, 1, "QKV", field)
            for kind, make in makers.items():
                end = f"{shape}/{stratum}/{kind}"
                for name, question in AT_WEIGHTS.items():
                    yield f"one_layer/{name}/{end}", partial(_at, shape, make, question)
                for name, question in AT_FUNCTION.items():
                    yield f"one_layer/{name}/{end}", partial(_function, shape, make, question)
                for name in ("gauge", "perturbed-V", "other"):
                    yield (
                        f"one_layer/equivalent/{end}/{name}",
                        partial(_pair, shape, make, stratum, name, FIELDS.get(kind, QQ)),
                    )


def _params() -> Iterator[Problem]:
    """Words for the form of the unknowns, right and wrong."""
    for shape in ROOM_SHAPES:
        for word in ("AV", "QKV", "KQV", "av", "", "virtual"):
            make = partial(weights, shape, "generic", 1)
            yield (
                f"one_layer/fiber-params/{shape}/params={word}",
                partial(_at, shape, make, partial(_fiber_in, word)),
            )


def _fiber_in(word: str, net: Lightning, W: Weights) -> object:
    return net.fiber(W, params=word)


def _representatives() -> Iterator[Problem]:
    """The representatives of all strata that the library itself names."""
    for shape in shapes(3, (1, 2)):
        yield f"one_layer/representatives/{shape}", partial(_represented, shape)


def _represented(shape: Shape) -> Iterator[object]:
    net = network(shape)
    for name, data in sorted(net.strata().nodes(data=True)):
        W = data["stratum"].representative
        if W is None or not data["reached"]:
            yield [name, data["reached"], W is None]
            continue
        point, found = net.classify(W), net.fiber(W)
        yield [name, point.stratum, point.singular, point.boundary, point.value, found.value]
        yield [c.value for c in (*point.claims, *found.claims)]


#: How many of a hundred problems are kept, by question: what is left covers all strata.
KEPT = {
    "fiber": 25,
    "classify": 13,
    "fiber-other": 20,
    "fiber-attributes": 20,
    "classify-attributes": 8,
    "local-dimension": 20,
    "canonical": 15,
    "canonical-claims": 15,
    "contains": 20,
    "contains-attributes": 15,
    "recover": 15,
    "classify-function": 7,
    "equivalent": 12,
    "function": 6,
    "virtual": 6,
}


def problems() -> Iterator[Problem]:
    yield from thin(chain(_strata(), _pairs(), _forms_and_fields()), KEPT)
    yield from _networks()
    yield from _params()
    yield from _representatives()
