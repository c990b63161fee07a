"""Specimens about paths, implicit bias and tropical attention."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from algattn.bias import AttentionSVM, SVMResult, diagnose, instances, local_selections, train
from algattn.bias.certificates import KKT, Farkas
from algattn.exact import QQ
from algattn.paths import PathNetwork, one_head_points
from algattn.results import Result
from algattn.tropical import MultiHead, TropicalAttention, bounds, depth_stack, slab_heads

Made = tuple[str, Callable[[], Result]]
X = [[[1, 2], [0, 1]], [[2, -1], [1, 1]]]


def network(heads: int) -> PathNetwork:
    return PathNetwork((heads,), (5, 5), attention=[["uniform", [[1, 0], [0, 1]]][:heads]])


def paths() -> Iterator[Made]:
    yield "blocks", lambda: network(1).path_kernels(X, exact=True).result()
    yield "kernel", lambda: network(2).path_kernels(X, exact=True).result([[1, 0], [0, 1]])
    yield "kernel, hardmax", lambda: _hardmax_network().path_kernels(X, exact=True).result()
    yield "one head, cubic", lambda: one_head_points([[1]], [3], widths=(4, 4))
    yield (
        "one head, warm",
        lambda: one_head_points([[2, 1], [1, 2]], [1, -1], widths=(4, 4), temperature=1),
    )
    yield (
        "one head, three points",
        lambda: one_head_points([[1]], [30], widths=(1,) * 3, variances="1/5", temperature=9),
    )
    yield "one head, no point", lambda: one_head_points([[1, 0], [0, 1]], [0, 0], widths=(2, 2))
    yield "box of two heads", lambda: network(2).certify(X, [1, -1], temperature="1/10")
    yield "box of one head", lambda: network(1).certify(X, [1, -1], temperature="1/4")
    yield "box without lowest", _upper_valley
    yield "box of many inputs", _hardmax


def _upper_valley() -> Result:
    net = PathNetwork((1,), (1, 1), (1, "1/10", "1/10"), attention="uniform", task="regression")
    inputs = [[[int(i == j)] for j in range(8)] for i in range(8)]
    saddle = net.solve(inputs, [40] * 8, temperature=1.0)
    return net.certify(inputs, [40] * 8, temperature=1, solution=saddle)


def _hardmax_network() -> PathNetwork:
    return PathNetwork((2, 1), (3, 4, 2), (1, "1/2", 2, 1), attention="hardmax")


def _hardmax() -> Result:
    rng = random.Random(3)
    net = PathNetwork((2,), (5, 7), (1, 2, 1), attention="hardmax")
    inputs = [[[rng.randint(-3, 3) for _ in range(3)] for _ in range(4)] for _ in range(6)]
    return net.certify(inputs, [1, -1, 1, 1, -1, -1], temperature="1/10")


def in_full(result: SVMResult) -> SVMResult:
    """The same hard margin with all multipliers for evidence, as older files have it."""
    weights = tuple(map(QQ, result.multipliers))
    item = KKT(weights) if result.feasible else Farkas(weights)
    claim = replace(result.claims[0], evidence=(item,))
    return replace(result, claims=(claim, *result.claims[1:]))


def bias() -> Iterator[Made]:
    two, middle = instances.two_sequences(), instances.middle_token()
    odd = instances.counterexample()
    yield "margin", lambda: AttentionSVM(two).solve()
    yield "margin, infeasible", lambda: AttentionSVM(middle).solve()
    yield "margin, multipliers", lambda: in_full(AttentionSVM(two).solve())
    yield "margin, infeasible, multipliers", lambda: in_full(AttentionSVM(middle).solve())
    yield (
        "margin, infeasible on a line",
        lambda: AttentionSVM([[["3/2", 0], [1, 0], [2, 0]]], [1], [-1, 0], selection=[0]).solve(),
    )
    yield "margin, rank", lambda: AttentionSVM(instances.orthonormal(3, 3)).solve()
    yield "margin, other tokens", lambda: AttentionSVM(odd, selection=[1]).solve()
    yield "margin, nothing to separate", lambda: AttentionSVM([[[1, 1]]], [1], [1, 0]).solve()
    yield "selections", lambda: local_selections(odd)
    yield "selections, escaping", lambda: local_selections(instances.counterexample(escapes=True))
    yield (
        "selections, infeasible",
        lambda: local_selections([[[1, 0], ["3/2", 0], [2, 0]]], [1], [1, 0]),
    )
    yield (
        "selections, undecided",
        lambda: local_selections([[[0, 1], [0, 3]]], [1], [1, 0], query=[0, 1]),
    )
    yield "diagnosis", lambda: diagnose(odd)
    yield "diagnosis of good data", lambda: diagnose(instances.orthonormal(3, 3))
    yield (
        "diagnosis, not examined",
        lambda: diagnose(instances.random_data(3, 3, 4, seed=0), examine=5),
    )
    yield "diagnosis of ties", lambda: diagnose([[[1, 0], [1, 0]]], [1], [1, 1])
    yield (
        "diagnosis, infeasible",
        lambda: diagnose([[["3/2", 0], [1, 0], [2, 0]]], [1], [1, 0], query=[0, 0]),
    )
    plain: dict[str, Any] = {"steps": 60, "records": 12}
    yield (
        "training",
        lambda: train([[[1, 0], [0, 1]]], [1], [1, 0], method="ngd", rate=0.1, **plain),
    )
    yield "training, gd", lambda: train(two, method="gd", rate=0.1, **plain)
    yield "training, polyak", lambda: train(odd, method="polyak", **plain)


def tropical() -> Iterator[Made]:
    line = TropicalAttention(keys=[[0], [1], [2]], values=[5, 6, 7], biases=[0, 0, -1])
    twins = TropicalAttention(keys=[[1, 2], [1, 2], [0, 1]], values=[[1], [3], [0]])
    plain = TropicalAttention(keys=[[0, 0], [2, 0], [0, 2]], biases=[0, -1, "-1/2"])
    x = TropicalAttention(keys=[[0, 0], [1, 0]], values=[0, 1])
    y = TropicalAttention(keys=[[0, 0], [0, 1]], values=[0, 1])
    stack = depth_stack(keys=2, dimension=1, depth=2)
    yield "regions of a head", line.regions
    yield "regions with ties", twins.regions
    yield "regions without values", lambda: plain.regions(box=[(-1, 1), (-1, 1)])
    yield "regions of two heads", MultiHead([x, y]).regions
    yield "regions of slabs", lambda: slab_heads(heads=2, keys=2, dimension=1).regions()
    yield "regions of a stack", lambda: stack.regions(box=[(0, 1)])
    for sizes in ((1, 4, 2, 1), (2, 4, 2, 1), (3, 2, 1, 1), (1, 4, 2, 3)):
        names = dict(zip(("heads", "keys", "dimension", "depth"), sizes, strict=True))
        yield f"bounds {sizes}", lambda n=names: bounds(**n)
    yield "stability in a cell", lambda: line.stability(error="1/100", cell=1, gap="1/4")
    yield "stability in a box", lambda: line.stability(error="1/100", box=[(2, 3)])
    yield (
        "stability of two heads",
        lambda: MultiHead([x, y]).stability(error="1/10", box=[(1, 2), (1, 2)]),
    )
    yield "stability of a stack", lambda: stack.stability(error="1/100", box=[("1/16", "1/8")])


def specimens() -> Iterator[Made]:
    yield from paths()
    yield from bias()
    yield from tropical()
