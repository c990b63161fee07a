"""Implicit bias: hard margins, local selections, diagnoses, training, regression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from algattn.bias import (
    AttentionSVM,
    TokenData,
    diagnose,
    instances,
    local_selections,
    nuclear_margin,
    regress,
    train,
)

Problem = tuple[str, Callable[[], object]]
NAN = float("nan")
LINE: Any = [[[1, 0], ["3/2", 0], [2, 0]]]


@lru_cache(maxsize=1)
def data() -> dict[str, TokenData]:
    found = {
        "two sequences": instances.two_sequences(),
        "middle token": instances.middle_token(),
        "counterexample": instances.counterexample(),
        "escaping": instances.counterexample(escapes=True),
        "one token": TokenData.of([[[1, 1]]], [1], [1, 0]),
        "line": TokenData.of(LINE, [1], [1, 0]),
        "ties": TokenData.of([[[1, 0], [1, 0]]], [1], [1, 1]),
        "chosen ties": TokenData.of([[[1, 0], [1, 0]]], [1], [1, 1], selection=[1]),
        "zero query": TokenData.of(LINE, [1], [1, 0], [0, 0]),
        "zero decoder": TokenData.of([[[1, 0], [0, 1]]], [1], [0, 0]),
        "orthogonal query": TokenData.of([[[0, 1], [0, 3]]], [1], [1, 0], [0, 1], selection=[0]),
        "lengths": TokenData.of([[[1, 2]], [[0, 1], [1, 1], [2, 0]]], [1, -1], [1, 1]),
    }
    for n, T in ((1, 2), (2, 2), (2, 3), (3, 3)):
        found[f"orthonormal {n} {T}"] = instances.orthonormal(n, T)
    for n, T, d in ((1, 3, 2), (2, 2, 3), (2, 3, 4), (3, 3, 3), (4, 2, 2)):
        for seed in range(4):
            for equal in (True, False):
                found[f"random {n} {T} {d} {seed}{' equal' * equal}"] = instances.random_data(
                    n, T, d, seed=seed, equal=equal, denominator=8
                )
    found["task"] = instances.gaussian_task(2, 3, 3, denominator=8)
    return found


def of(name: str) -> TokenData:
    return data()[name]


def calm(value: Any) -> Any:
    """Floats with five digits, noise as zero."""
    if isinstance(value, float):
        return 0.0 if abs(value) < 1e-7 else float(f"{value:.5g}")
    if hasattr(value, "tolist"):
        return calm(value.tolist())
    if isinstance(value, list | tuple):
        return [calm(x) for x in value]
    return value


def exact() -> Iterator[Problem]:
    for name in data():
        yield f"bias: margin of {name}", lambda n=name: AttentionSVM(of(n)).solve()
        yield f"bias: facts of {name}", lambda n=name: facts(of(n))
        yield f"bias: margin of {name}, faces", lambda n=name: faces(of(n))
        yield f"bias: data of {name}", lambda n=name: again(of(n))
        yield f"bias: selections of {name}", lambda n=name: local_selections(of(n))
        yield f"bias: selections of {name}, names", lambda n=name: selections(of(n))
        yield f"bias: diagnosis of {name}", lambda n=name: diagnose(of(n))
        yield f"bias: diagnosis of {name}, few", lambda n=name: diagnose(of(n), examine=2)
        if name != "one token":  # scipy's nnls aborts the interpreter when there is no constraint
            yield f"bias: least norm of {name}", lambda n=name: str(AttentionSVM(of(n)).min_norm())


def facts(found: TokenData) -> Iterator[Any]:
    yield [found.n, found.d, found.lengths, found.shape, found.ties]
    yield found.scores
    yield found.best()


def faces(found: TokenData) -> Iterator[Any]:
    svm = AttentionSVM(found).solve()
    yield [svm.feasible, svm.norm_squared, svm.rank, svm.selection]
    yield [svm.W, svm.multipliers, svm.margins]
    yield [len(svm.rows or ()), len(svm.constraints or ())]


def again(found: TokenData) -> Iterator[Any]:
    yield found.to_data()
    yield TokenData.from_data(found.to_data()) == found


def selections(found: TokenData) -> Iterator[Any]:
    for c in local_selections(found).candidates:
        yield [c.name, c.selection, c.feasible, c.stable, c.norm_squared]


def runs() -> Iterator[Problem]:
    short: dict[str, Any] = {"steps": 40, "records": 10}
    for name in ("two sequences", "counterexample", "orthonormal 2 3", "random 2 3 4 1", "task"):
        for method in ("gd", "ngd", "polyak"):
            for loss in ("exponential", "logistic"):
                options = short | {"method": method, "loss": loss}
                yield (
                    f"bias: training on {name}, {method}, {loss}",
                    lambda n=name, o=options: run(train(of(n), **o)),
                )
                if n_regression(name):
                    yield (
                        f"bias: regression on {name}, {method}, {loss}",
                        lambda n=name, o=options: curves(regress(of(n), **o)),
                    )
        for more in ({"batch": 1}, {"joint": True}, {"rank": 1, "seed": 3}, {"start": 2}):
            yield (
                f"bias: training on {name}, {more}",
                lambda n=name, o=more: run(train(of(n), **short, **started(of(n), o))),
            )
        yield f"bias: nuclear margin of {name}", lambda n=name: nuclear(of(n))
    good = of("two sequences")
    bad: tuple[dict[str, Any], ...] = (
        {"method": "magic"}, {"method": None}, {"loss": "magic"}, {"loss": None}, {"steps": -1},
        {"steps": 0}, {"steps": 1.5}, {"steps": None}, {"rate": 0}, {"rate": -1}, {"rate": NAN},
        {"rate": "a"}, {"batch": 0}, {"batch": 99}, {"rank": 0}, {"rank": -1}, {"rank": 99},
        {"start": [[1]]}, {"start": "a"}, {"start": [[NAN, 0], [0, 0]]}, {"seed": -1},
        {"records": 0}, {"records": -3}, {"snapshots": -1}, {"polyak_factor": 0}, {"magic": 1},
        {"target": "magic"}, {"target": None}, {"decoder_rate": -1}, {"joint": "yes"},
    )  # fmt: skip
    for options in bad:
        yield (
            f"bias: training with {options}",
            lambda o=options: run(train(good, **({"steps": 20} | o))),
        )
    for options in bad[:13]:
        yield (
            f"bias: regression with {options}",
            lambda o=options: curves(regress(good, **({"steps": 20} | o))),
        )
    yield "bias: training, out of time", lambda: train(good, steps=10**6, time_limit=0)


def n_regression(name: str) -> bool:
    return name != "task"


def started(found: TokenData, options: dict[str, Any]) -> dict[str, Any]:
    """With a first W of the right size where one is asked for."""
    if "start" not in options:
        return options
    return {
        "start": [[options["start"] * (i == j) for j in range(found.d)] for i in range(found.d)]
    }


def run(found: Any) -> Iterator[Any]:
    yield [found.kind, found.status.name, found.stopped, sorted(found.curves)]
    yield calm(found.value)
    yield calm(found.W)
    yield {name: calm(values[-1]) for name, values in found.curves.items() if len(values)}
    yield [c.name for c in found.comparisons]


def curves(found: Any) -> Iterator[Any]:
    yield [found.loss, found.method, found.status.name]
    yield calm(found.W)
    yield {name: calm(values[-1]) for name, values in found.curves.items()}


def nuclear(found: TokenData) -> Iterator[Any]:
    """Five digits are more than an optimiser promises."""
    margin = nuclear_margin(found)
    yield [margin.status.name, float(f"{margin.nuclear_norm:.3g}")]


def rejected() -> Iterator[Problem]:
    good: Any = [[[1, 0], [0, 1]]]
    bad: dict[str, tuple[Any, ...]] = {
        "None": (None,), "nothing": ([], [], []), "no labels": (good,), "no decoder": (good, [1]),
        "an empty sequence": ([[]], [1], [1, 0]), "empty tokens": ([[[]]], [1], []),
        "a word": ("abc", [1], [1]), "a number": (3, [1], [1]),
        "ragged": ([[[1], [1, 2]]], [1], [1]),
        "floats": ([[[0.5, 0], [0, 1]]], [1], [1, 0]), "NaN": ([[[NAN, 0], [0, 1]]], [1], [1, 0]),
        "None inside": ([[[None, 0], [0, 1]]], [1], [1, 0]), "label 0": (good, [0], [1, 0]),
        "label 2": (good, [2], [1, 0]), "label true": (good, [True], [1, 0]),
        "label word": (good, ["a"], [1, 0]), "two labels": (good, [1, 1], [1, 0]),
        "decoder short": (good, [1], [1]), "decoder floats": (good, [1], [0.5, 0]),
        "query short": (good, [1], [1, 0], [1]), "two queries": (good, [1], [1, 0], [[1, 0]] * 2),
        "query word": (good, [1], [1, 0], "a"), "good": (good, [1], [1, 0]),
        "queries": (good, [1], [1, 0], [[2, 1]]),
        "strings": ([[["1/2", 0], [0, "-1"]]], [1], [1, 0]),
    }  # fmt: skip
    asks: dict[str, Callable[..., object]] = {
        "margin": lambda *a: AttentionSVM(*a).solve(),
        "selections": local_selections,
        "diagnosis": diagnose,
        "training": lambda *a: run(train(*a[:3], query=a[3] if len(a) > 3 else None, steps=10)),
        "regression": lambda *a: curves(regress(*a[:3], steps=10)),
        "nuclear": lambda *a: nuclear(TokenData.of(*a)),
        "rounded": lambda *a: AttentionSVM.rounded(*a).solve(),
    }
    for name, given in bad.items():
        for word, ask in asks.items():
            yield f"bias: input {name}, {word}", lambda f=ask, g=given: f(*g)
    for chosen in ([0], [1], [2], [-1], [0, 0], [0.5], "a", [None], [True], None):
        yield (
            f"bias: selection {chosen}",
            lambda c=chosen: AttentionSVM(good, [1], [1, 0], selection=c).solve(),
        )
    for denominator in (1, 2, 1024, 0, -1, None, 0.5):
        yield (
            f"bias: rounded to {denominator}",
            lambda d=denominator: AttentionSVM.rounded(
                [[[0.3, 0], [0, 0.7]]], [1], [1, 0], denominator=d
            ).solve(),
        )
    yield "bias: floats taken", lambda: TokenData.of([[[0.5, 0]]], [1], [1, 0], floats=True)
    yield "bias: floats taken, NaN", lambda: TokenData.of([[[NAN, 0]]], [1], [1, 0], floats=True)
    yield "bias: array", lambda: TokenData.of(np.array(good), np.array([1]), np.array([1, 0]))
    for limit in (0, 1, -1, None):
        yield (
            f"bias: selections limit {limit}",
            lambda k=limit: local_selections(of("random 2 3 4 1"), limit=k),
        )
        yield (
            f"bias: diagnosis examines {limit}",
            lambda k=limit: diagnose(of("random 2 3 4 1"), examine=k),
        )
    for text in (
        {},
        {"sequences": good},
        {"sequences": good, "labels": [1], "decoder": [1, 0], "x": 1},
    ):
        yield f"bias: data {sorted(text)}", lambda t=text: TokenData.from_data(t)


def problems() -> Iterator[Problem]:
    yield from exact()
    yield from runs()
    yield from rejected()
