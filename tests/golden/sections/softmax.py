"""Softmax networks: dimensions, equality, reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product as choices

from golden_inputs import STRATA, Rows, Shape, parts, thin
from golden_questions import AT_PAIR

from algattn import Softmax, Weights

Problem = tuple[str, Callable[[], object]]
Net = tuple[tuple[int, ...], tuple[int, ...], int]

DEEP: tuple[Net, ...] = (
    *(((2, 2, 2), (1, 1), 2), ((2, 1, 2), (2, 1), 2), ((1, 1, 1), (1, 1), 2)),
    *(((2, 3, 1), (1, 2), 1), ((2, 2, 2), (2, 2), 3), ((1, 2, 1, 1), (1, 1, 1), 2)),
)
LARGE: tuple[Net, ...] = (
    *(((256, 256, 256), (128, 128), 2), ((64, 32), (16,), 8), ((100, 10, 100), (5, 50), 1)),
    *(((12,) * 7, (4,) * 6, 3), ((7, 5, 3, 2), (3, 2, 1), 2)),
)


def name_of(net: Net) -> str:
    widths, ranks, tokens = net
    return f"d={','.join(map(str, widths))};a={','.join(map(str, ranks))};t={tokens}"


def weights(net: Net, stratum: str, seed: int) -> Weights:
    widths, ranks, tokens = net
    K: list[Rows] = []
    Q: list[Rows] = []
    V: list[Rows] = []
    for i, rank in enumerate(ranks):
        found = parts(Shape(widths[i], widths[i + 1], rank, tokens), stratum, seed + 10 * i)
        for rows, new in zip((K, Q, V), found, strict=True):
            rows.append(new)
    return Weights(K=K, Q=Q, V=V)


def networks() -> Iterator[Net]:
    for d, e, a, t in choices((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, 3)):
        if a <= d + 1:
            yield (d, e), (a,), t
    yield from DEEP


def _of(net: Net, question: Callable[..., object]) -> object:
    return question(Softmax(*net))


def _local(net: Net, stratum: str, seed: int) -> object:
    return Softmax(*net).local_dimension(weights(net, stratum, seed))


def _pair(net: Net, stratum: str, name: str) -> object:
    W = weights(net, stratum, 1)
    model = Softmax(*net)
    if name == "gauge":  # the group of lightning networks holds scalings that softmax feels
        from algattn import Lightning

        return model.equivalent(W, Lightning(*net).random_gauge(5).act(W))
    return model.equivalent(W, AT_PAIR[name](model, W, partial(weights, net, stratum)))


def _report(net: Net, seed: int) -> object:
    return Softmax(*net).report(weights(net, "generic", seed) if seed else None)


OF_NETWORK: dict[str, Callable[..., object]] = {
    "dimension": lambda net: net.dimension(),
    "dimension-dense": lambda net: net.dimension(method="dense"),
    "dimension-symmetric": lambda net: net.dimension(method="symmetric"),
    "dimension-report": lambda net: net.dimension_report(),
}
PAIRS = ("same", "gauge", "AV", "swapped", "perturbed-V", "perturbed-Q", "other")


def _everything() -> Iterator[Problem]:
    for net in networks():
        name = name_of(net)
        for stratum in STRATA:
            yield f"softmax/local-dimension/{name}/{stratum}", partial(_local, net, stratum, 1)
            for pair in PAIRS:
                yield (
                    f"softmax/equivalent/{name}/{stratum}/{pair}",
                    partial(_pair, net, stratum, pair),
                )


def problems() -> Iterator[Problem]:
    yield from thin(_everything(), {"local-dimension": 15, "equivalent": 5})
    for net in [*networks(), *LARGE]:
        for question, ask in OF_NETWORK.items():
            if net not in LARGE or question != "dimension-dense":
                yield f"softmax/{question}/{name_of(net)}", partial(_of, net, ask)
    for net in DEEP:
        for seed in (0, 1):
            yield f"softmax/report/{name_of(net)}/seed={seed}", partial(_report, net, seed)
