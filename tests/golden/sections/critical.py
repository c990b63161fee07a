"""Degrees, distance degrees and critical points of very small layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from algattn import Lightning, Softmax, Weights, critical_points

Problem = tuple[str, Callable[[], object]]
DATA: dict[str, list[tuple[Any, Any]]] = {
    "one pair": [([[1, 2]], [[1, 1]])],
    "two pairs": [([[1, 2]], [[1, 1]]), ([[0, 1]], [[2, 3]])],
    "zero output": [([[1, 2]], [[0, 0]])],
    "zero input": [([[0, 0]], [[1, 1]])],
    "fractions": [([["1/2", 2]], [["1/3", "-2/7"]])],
    "nothing": [],
}


def degrees() -> Iterator[Problem]:
    for d in range(1, 6):
        for e in range(1, 5):
            for a in range(1, d + 2):
                for t in (1, 2, 3):
                    yield (
                        f"critical: degree ({d},{e}) a={a} t={t}",
                        lambda s=((d, e), a, t): Lightning(*s).degree(),
                    )
    yield "critical: degree of wide", lambda: Lightning((64, 32), 8).degree()
    yield "critical: degree of deep", lambda: Lightning((2, 2, 2), 1).degree()


def distances() -> Iterator[Problem]:
    for shape in (((1, 1), 1, 1), ((1, 1), 1, 2), ((1, 2), 1, 1), ((1, 2), 1, 2), ((2, 1), 1, 2)):
        for metric in ("unit", "generic", "magic", None):
            yield (
                f"critical: ED degree {shape} {metric}",
                lambda s=shape, m=metric: Lightning(*s).ed_degree(metric=m),
            )
    net = Lightning((1, 1), 1)
    weights = Weights(A=[[[2]]], V=[[[3]]])
    yield "critical: ED degree of deep", lambda: Lightning((1, 1, 1), 1).ed_degree()
    for primes in (0, -1, True, 1.5, None):
        yield f"critical: ED degree, primes {primes}", lambda p=primes: net.ed_degree(primes=p)
    yield "critical: ED degree, W", lambda: net.ed_degree(weights, W=[[1]])
    yield "critical: ED degree, b", lambda: net.ed_degree(weights, b=0.5)
    yield "critical: ED degree, engine", lambda: net.ed_degree(weights, engine="builtin")
    yield "critical: ED degree, no engine", lambda: net.ed_degree(engine="magic")


def points() -> Iterator[Problem]:
    net = Lightning((1, 1), 1)
    for name, data in DATA.items():
        yield (
            f"critical: points, {name}",
            lambda d=data: critical_points(net, d, engine="builtin"),
        )
        yield f"critical: faces, {name}", lambda d=data: faces(net, d)
    yield (
        "critical: points over sympy",
        lambda: critical_points(net, DATA["one pair"], engine="sympy"),
    )
    single = [([[1]], [[2]])]
    yield (
        "critical: points, one token",
        lambda: critical_points(Lightning((1, 1), 1, 1), single, engine="builtin"),
    )
    yield (
        "critical: points, two outputs",
        lambda: critical_points(
            Lightning((1, 2), 1), [([[1, 2]], [[1, 1], [2, 0]])], engine="builtin"
        ),
    )
    good = DATA["one pair"]
    bad: dict[str, Callable[[], object]] = {
        "deep": lambda: critical_points(Lightning((1, 1, 1), 1), good),
        "softmax": lambda: critical_points(Softmax((1, 1), 1), good),  # type: ignore[arg-type]
        "wide": lambda: critical_points(Lightning((4, 4), 1), good),
        "shape": lambda: critical_points(net, [([[1]], [[1]])]),
        "floats": lambda: critical_points(net, [([[0.5, 1]], [[1, 1]])]),
        "NaN": lambda: critical_points(net, [([[float("nan"), 1]], [[1, 1]])]),
        "None": lambda: critical_points(net, None),  # type: ignore[arg-type]
        "no pair": lambda: critical_points(net, [1]),  # type: ignore[list-item]
        "engine": lambda: critical_points(net, good, engine="magic"),
        "out of time": lambda: critical_points(net, good, engine="builtin", time_limit=0),
    }
    yield from ((f"critical: rejected, {name}", thunk) for name, thunk in bad.items())


def faces(net: Lightning, data: list[tuple[Any, Any]]) -> Iterator[Any]:
    """What is printed about the points."""
    yield from critical_points(net, data, engine="builtin").lines()


def problems() -> Iterator[Problem]:
    yield from degrees()
    yield from distances()
    yield from points()
