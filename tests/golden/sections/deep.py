"""Lightning networks of two and three layers: fibers, dimensions, equality, recovery."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product as choices
from typing import Any

from golden_inputs import Rows, Shape, first, parts, thin
from golden_questions import AT_PAIR, AT_WEIGHTS, OF_NETWORK

from algattn import GF, QQ, Lightning, Weights

Problem = tuple[str, Callable[[], object]]
Net = tuple[tuple[int, ...], tuple[int, ...], int]

#: For each layer a stratum of one layer.
MIXTURES: dict[str, tuple[str, ...]] = {
    "generic": ("generic",) * 3,
    "rank-one-A-first": ("rank-one-A", "generic", "generic"),
    "rank-one-A-last": ("generic", "rank-one-A", "rank-one-A"),
    "rank-one-V-first": ("rank-one-V", "generic", "generic"),
    "rank-one-V-last": ("generic", "rank-one-V", "rank-one-V"),
    "lines-first": ("three-lines", "generic", "generic"),
    "lines-last": ("generic", "three-lines", "three-lines"),
    "v~k-first": ("v~k", "generic", "generic"),
    "v~k-last": ("generic", "v~k", "v~k"),
    "lines": ("three-lines",) * 3,
    "triple": ("v~k~q",) * 3,
    "zero-V-first": ("zero-V", "generic", "generic"),
    "zero-A-last": ("generic", "zero-A", "zero-A"),
    "skew-first": ("skew", "generic", "generic"),
    "skew-last": ("generic", "skew", "skew"),
    "skew": ("skew",) * 3,
    "skew-rank-one": ("skew,rank-one-V",) * 3,
    "symmetric": ("definite", "indefinite", "negative"),
    "definite-rank-one": ("definite,rank-one-V", "generic", "definite"),
    "rank-two": ("rank-two-both",) * 3,
    "unit": ("unit",) * 3,
    "units-first": ("unit", "generic", "generic"),
    "collapse": ("generic", "collapse", "generic"),
}


def networks() -> Iterator[Net]:
    """Two layers with widths up to 3, then chosen ones: narrow, widening, long."""
    for widths in choices((1, 2, 3), repeat=3):
        for tokens in (1, 2):
            yield widths, (2, 1) if sum(widths) % 2 else (1, 2), tokens
    yield from (
        *(((2, 2, 2), (2, 2), 2), ((2, 2, 1), (1, 1), 2), ((2, 3, 2), (2, 3), 3)),
        *(((3, 2, 3), (2, 2), 3), ((4, 2, 3), (2, 1), 2), ((2, 4, 2), (1, 3), 2)),
        *(((2, 2, 2, 2), (1, 1, 1), 2), ((2, 2, 2, 2), (2, 2, 2), 2), ((1, 1, 1, 1), (1, 1, 1), 2)),
        *(((3, 2, 1, 2), (2, 1, 1), 2), ((2, 1, 2, 1), (1, 1, 2), 2), ((2, 3, 3, 2), (2, 2, 1), 2)),
        *(((2, 2, 2, 2), (1, 2, 1), 1), ((3, 3, 3), (3, 3), 2), ((3, 3, 3), (1, 1), 1)),
        *(((1, 2, 1, 2), (1, 1, 1), 1), ((3, 1, 3), (1, 1), 3), ((1, 3, 1), (1, 2), 3)),
    )


def name_of(net: Net) -> str:
    widths, ranks, tokens = net
    return f"d={','.join(map(str, widths))};a={','.join(map(str, ranks))};t={tokens}"


def network(net: Net) -> Lightning:
    return Lightning(*net)


def _collapsed(shape: Shape, above: Rows, seed: int) -> tuple[Rows, Rows, Rows]:
    """A layer whose attention sees one direction that the layer below does not produce."""
    rng = random.Random(f"collapse {shape} {seed}")
    _, Q, V = parts(shape, "generic", seed)
    kernel = [0] * shape.d
    if shape.d > 1:
        kernel[:2] = [above[1][0], -above[0][0]]
    return first([kernel] * shape.a, 1), Q, V if rng.random() < 0.5 else first(V, 1)


def weights(net: Net, mixture: str, seed: int, form: str = "QKV", field: Any = QQ) -> Weights:
    """Weights whose layers lie in the strata of a mixture."""
    widths, ranks, tokens = net
    K: list[Rows] = []
    Q: list[Rows] = []
    V: list[Rows] = []
    for i, rank in enumerate(ranks):
        stratum = MIXTURES[mixture][i]
        shape = Shape(widths[i], widths[i + 1], rank, tokens)
        if stratum == "collapse":
            found = _collapsed(shape, V[-1], seed)
        else:
            found = parts(shape, stratum, seed + 10 * i)
        for rows, new in zip((K, Q, V), found, strict=True):
            rows.append(new)
    given = Weights(K=K, Q=Q, V=V, field=field)
    return given if form == "QKV" else given.to_AV()


def _of(net: Net, question: Callable[..., object]) -> object:
    return question(network(net))


def _at(net: Net, make: Callable[[], Weights], question: Callable[..., object]) -> object:
    return question(network(net), make())


def _pair(net: Net, make: Callable[[], Weights], mixture: str, name: str) -> object:
    W = make()
    other = partial(_other, net, mixture, W)
    return network(net).equivalent(W, AT_PAIR[name](network(net), W, other))


def _other(net: Net, mixture: str, W: Weights, seed: int) -> Weights:
    return weights(net, mixture, seed, W.form, W.field)


def _recover(net: Net, make: Callable[[], Weights]) -> object:
    model = network(net)
    return model.recover(model.function(make()))


def _black_box(net: Net, seed: int) -> object:
    """Recovery from a black box over a prime field, checked by equality alone."""
    model, field = network(net), GF(10007)
    W = weights(net, "generic", seed, field=field)
    found = model.recover(lambda X: model(X, W), field=field)
    return [model.equivalent(W, U).value for U in found]


QUESTIONS = ("fiber", "fiber-other", "local-dimension", "canonical", "canonical-claims", "virtual")
PAIRS = ("same", "gauge", "AV", "perturbed-V", "perturbed-Q", "other")


def _everything() -> Iterator[Problem]:
    for net in networks():
        kinds: Sequence[tuple[str, dict[str, Any]]] = (
            ("seed=1", {"seed": 1}),
            ("seed=2", {"seed": 2}),
            ("AV", {"seed": 1, "form": "AV"}),
            ("GF(101)", {"seed": 1, "field": GF(101)}),
        )
        for mixture, (kind, options) in choices(MIXTURES, kinds):
            make = partial(weights, net, mixture, **options)
            end = f"{name_of(net)}/{mixture}/{kind}"
            for name in QUESTIONS:
                # special points of larger networks need ranks of large matrices
                if name == "local-dimension" and (len(net[1]) > 2 or net[0][0] > 2 or net[2] > 2):
                    continue
                yield f"deep/{name}/{end}", partial(_at, net, make, AT_WEIGHTS[name])
            for name in PAIRS:
                yield f"deep/equivalent/{end}/{name}", partial(_pair, net, make, mixture, name)
            # from three features on the coefficients take minutes
            if len(net[1]) == 2 and net[0][0] <= 2 and net[2] <= 2 and kind[0] in "sG":
                yield f"deep/recover/{end}", partial(_recover, net, make)


def _networks() -> Iterator[Problem]:
    for net in [*networks(), ((5, 4, 1), (1, 1), 2), ((64, 32, 16, 64), (8, 8, 8), 4)]:
        for name, question in OF_NETWORK.items():
            if name == "dimension-dense" and net[0][0] > 8:
                continue
            if name.startswith("dimension") or name == "generic-fiber":
                yield f"deep/{name}/{name_of(net)}", partial(_of, net, question)


def _params() -> Iterator[Problem]:
    """Words for the form of the unknowns, right and wrong."""
    for net in (((2, 2, 1), (2, 1), 2), ((2, 2, 2), (1, 1), 2), ((3, 2, 1), (1, 2), 1)):
        for word in ("AV", "QKV", "KQV", "av", "", "virtual"):
            yield (
                f"deep/fiber-params/{name_of(net)}/params={word}",
                partial(_fiber_in, net, word),
            )


def _fiber_in(net: Net, word: str) -> object:
    model = network(net)
    return model.fiber(model.random_weights(1), params=word)


def _one_layer_questions() -> Iterator[Problem]:
    """What is only answered for one layer says so."""
    net = ((2, 2, 2), (1, 1), 2)
    make = partial(weights, net, "generic", 1)
    for name in ("degree", "singular-locus", "boundary", "strata"):
        yield f"deep/{name}/{name_of(net)}", partial(_of, net, OF_NETWORK[name])
    yield f"deep/classify/{name_of(net)}", partial(_at, net, make, AT_WEIGHTS["classify"])


KEPT = {
    "fiber": 40,
    "fiber-other": 15,
    "local-dimension": 15,
    "canonical": 15,
    "canonical-claims": 10,
    "virtual": 5,
    "equivalent": 10,
    "recover": 30,
}


def problems() -> Iterator[Problem]:
    yield from thin(_everything(), KEPT)
    yield from _networks()
    yield from _params()
    yield from _one_layer_questions()
    for net in (
        ((2, 2, 1), (1, 1), 2),
        ((2, 2), (2,), 2),
        ((3, 2), (1,), 1),
        ((2, 2, 2), (2, 2), 2),
    ):
        for seed in (1, 2):
            yield f"deep/black-box/{name_of(net)}/seed={seed}", partial(_black_box, net, seed)
