"""Maps that need not be functions of the network: outside, only in the closure, irrational."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from golden_inputs import STRATA, Shape, parts, shapes, thin, vector
from golden_questions import AT_FUNCTION

from algattn import FunctionMap, Lightning, Weights
from algattn.exact import NumberField

Problem = tuple[str, Callable[[], object]]

ROOT = NumberField([-2, 0, 1], root=1)
#: Binary quadratic forms by their coefficients at xx, xy, yy.
FORMS: dict[str, tuple[int, int, int]] = {
    **{"xx-2yy": (1, 0, -2), "xx-yy": (1, 0, -1), "xx+yy": (1, 0, 1), "xx+xy+yy": (1, 1, 1)},
    **{"xy": (0, 1, 0), "xx": (1, 0, 0), "xx-3yy": (1, 0, -3), "xx-xy-yy": (1, -1, -1)},
    **{"-xx-yy": (-1, 0, -1), "xx+2xy+yy": (1, 2, 1), "3xx-2yy": (3, 0, -2), "xx+4yy": (1, 0, 4)},
}
QUESTIONS: dict[str, Callable[..., object]] = {
    **AT_FUNCTION,
    "recover-field": lambda net, f: net.recover(f, field=ROOT),
    "report-function": lambda net, f: net.report(function=f),
}
KEPT = {
    **{"contains": 50, "contains-attributes": 25, "recover": 60, "classify-function": 25},
    **{"recover-field": 15, "report-function": 10},
}


def _larger(shape: Shape, rank: int, stratum: str) -> FunctionMap:
    """The function of a network with more attention."""
    K, Q, V = parts(Shape(shape.d, shape.e, rank, shape.t), stratum, 1)
    W = Weights(K=[K], Q=[Q], V=[V])
    return Lightning((shape.d, shape.e), rank, shape.t).function(W)


def _product(shape: Shape, form: str, seed: int) -> FunctionMap:
    """``h p(x) (q.y)``: two layers exchanged, over the field where p splits."""
    rng = random.Random(f"{shape} {form} {seed}")
    h, q = vector(rng, shape.e), vector(rng, shape.d)
    p = dict(zip(((1, 1), (1, 2), (2, 2)), FORMS[form], strict=True))
    names = {
        f"c_{r + 1}_{i}_{j}_{k + 1}": h[r] * x * q[k]
        for r in range(shape.e)
        for (i, j), x in p.items()
        for k in range(shape.d)
    }
    return _map(shape, names)


def _random(shape: Shape, seed: int) -> FunctionMap:
    """Any coefficients, most often outside of the closure."""
    rng = random.Random(f"random {shape} {seed}")
    d = range(1, shape.d + 1)
    names = {
        f"c_{r}_{i}_{j}_{k}": rng.choice((0, 0, 1, -1, 2))
        for r in range(1, shape.e + 1)
        for i in d
        for j in range(i, shape.d + 1)
        for k in d
    }
    return _map(shape, names)


def _map(shape: Shape, names: dict[str, int]) -> FunctionMap:
    if shape.t == 1:  # one token: only monomials, in order
        merged: dict[str, int] = {}
        for name, x in names.items():
            r, *rest = name.split("_")[1:]
            key = "_".join(["c", r, *sorted(rest)])
            merged[key] = merged.get(key, 0) + x
        names = merged
    data: dict[str, Any] = {"d_in": shape.d, "d_out": shape.e, "tokens": shape.t}
    return FunctionMap.from_data(data | {"coefficients": names})


def _ask(shape: Shape, make: Callable[[], FunctionMap], question: Callable[..., object]) -> object:
    return question(Lightning((shape.d, shape.e), shape.a, shape.t), make())


def _maps(shape: Shape) -> Iterator[tuple[str, Callable[[], FunctionMap]]]:
    for rank in range(shape.a + 1, shape.d + 1):
        for stratum in STRATA:
            yield f"larger,a={rank},{stratum}", partial(_larger, shape, rank, stratum)
    if shape.d > 1:
        for form in FORMS:
            for seed in (1, 2):
                yield f"{form},seed={seed}", partial(_product, shape, form, seed)
    for seed in (1, 2, 3):
        yield f"random,seed={seed}", partial(_random, shape, seed)


def _everything() -> Iterator[Problem]:
    for shape in shapes(3):
        if shape.a > shape.d:
            continue
        for name, make in _maps(shape):
            for question, ask in QUESTIONS.items():
                yield f"functions/{question}/{shape}/{name}", partial(_ask, shape, make, ask)


def _deep(seed: int, widths: tuple[int, ...], ranks: Any, larger: Any) -> object:
    big = Lightning(widths, larger)
    return Lightning(widths, ranks).recover(big.function(big.random_weights(seed)))


def problems() -> Iterator[Problem]:
    yield from thin(_everything(), KEPT)
    for seed in (1, 2, 3):
        for widths, ranks, larger in (
            *(((2, 2, 1), (1, 1), (2, 1)), ((2, 2, 2), (1, 1), (1, 2)), ((1, 1, 1), 1, 2)),
            *(((2, 1, 2), (1, 1), (2, 1)), ((2, 2, 2), (2, 1), (2, 2))),
        ):
            yield (
                f"functions/deep/d={widths}/a={ranks}/larger={larger}/seed={seed}",
                partial(_deep, seed, widths, ranks, larger),
            )
