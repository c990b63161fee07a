"""Time limits of the tropical, bias and paths rooms hold, whatever loop is under way."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from algattn.bias import AttentionSVM, diagnose, local_selections, regress, train
from algattn.errors import HypothesisError, LimitError, UndecidedError
from algattn.paths import HMMTask, PathNetwork
from algattn.paths import results as path_results
from algattn.paths.experiment import hmm_experiment
from algattn.progress import Monitor, tick
from algattn.tropical import MultiHead, NewtonPolytope, Stack, TropicalAttention, TropicalPolynomial
from algattn.tropical.stack import Layer

rng = random.Random(0)


def table(rows: int, columns: int) -> list[list[int]]:
    return [[rng.randint(-9, 9) for _ in range(columns)] for _ in range(rows)]


HEAD = TropicalAttention(keys=table(12, 3), biases=table(1, 12)[0], values=table(12, 1))
HEADS = MultiHead([HEAD, TropicalAttention(keys=table(9, 3), values=table(9, 1))])
STACK = Stack([Layer(HEADS, skip=None)])
POLYNOMIAL = TropicalPolynomial(
    [(k, b) for k, b in zip(table(14, 3), table(1, 14)[0], strict=True)]
)
TOKENS: Any = ([table(4, 3) for _ in range(3)], [1, -1, 1], [1, 2, 3])
NETWORK = PathNetwork((2, 2), (6, 6, 6), attention="uniform", task="regression")
ONE = PathNetwork((1,), (6, 6), attention="uniform", task="regression")
X = [[[1, 2], [3, 5]], [[2, 2], [1, 0]], [[0, 1], [1, 1]]]
FLOATS = np.random.default_rng(0).normal(size=(12, 3, 4))
Y = [1, -2, 3]

CALLS: dict[str, Callable[..., Any]] = {
    "cells of a head": HEAD.cells,
    "diagram of a head": HEAD.diagram,
    "diagram, embedded": lambda **o: HEAD.diagram(backend="embedded", **o),
    "regions of a head": HEAD.regions,
    "joint cells": HEADS.cells,
    "joint cells, sum": lambda **o: HEADS.cells(method="minkowski", **o),
    "joint diagram": HEADS.diagram,
    "regions of heads": HEADS.regions,
    "cells of a stack": STACK.cells,
    "essential": lambda **o: TropicalPolynomial(POLYNOMIAL.terms.items()).essential(**o),
    "subdivision": lambda **o: TropicalPolynomial(POLYNOMIAL.terms.items()).subdivision(**o),
    "hypersurface": lambda **o: TropicalPolynomial(POLYNOMIAL.terms.items()).hypersurface(**o),
    "volume": lambda **o: NewtonPolytope(3, tuple(map(tuple, table(12, 3)))).volume(**o),
    "hard margin": AttentionSVM(*TOKENS).solve,
    "least norm": AttentionSVM(*TOKENS).min_norm,
    "selections": lambda **o: local_selections(*TOKENS, **o),
    "diagnosis": lambda **o: diagnose(*TOKENS, **o),
    "training": lambda **o: train(*TOKENS, steps=500, **o),
    "regression": lambda **o: regress(*TOKENS, steps=500, **o),
    "kernels": lambda **o: NETWORK.path_kernels(X).result(**o),  # type: ignore[union-attr]
    "saddle": lambda **o: NETWORK.solve(X, Y, temperature=1, **o),
    "posterior": lambda **o: NETWORK.posterior(X, Y, temperature=1, warmup=40, draws=8, **o),
    "stationary points": lambda **o: ONE.stationary_points(X, Y, temperature=1, **o),
    "experiment": lambda **o: hmm_experiment(
        HMMTask(tokens=6, features=6), widths=(6,), examples=12, tests=12, starts=1, **o
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("limit", [0, 2])
def test_a_limit_stops_at_the_next_look(
    call: Callable[..., Any], limit: int, ticking: SimpleNamespace
) -> None:
    before = ticking.seconds()
    with pytest.raises(LimitError, match="the time limit of"):
        call(time_limit=limit, progress=False)
    assert ticking.seconds() - before < limit + 15


def test_cells_found_so_far_are_kept(ticking: SimpleNamespace) -> None:
    every = len(HEAD.cells())
    with pytest.raises(LimitError) as over:
        HEAD.cells(time_limit=25)
    assert 0 < len(over.value.partial) < every


def test_a_limit_holds_inside_of_its_with_only(ticking: SimpleNamespace) -> None:
    def work() -> None:
        with Monitor("outer", time_limit=3), Monitor("inner", time_limit=1000) as inner:
            for _ in range(50):
                inner.step()

    with pytest.raises(LimitError, match="outer"):
        work()
    for _ in range(10):
        tick()
    square = NewtonPolytope(2, ((0, 0), (1, 0), (0, 1), (1, 1)), "embedded")
    with pytest.raises(LimitError, match="hull"), Monitor("hull", time_limit=1):
        assert square.vertices
    assert len(square.vertices) == 4


def test_sizes_are_refused_in_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitError, match="1000000"):
        POLYNOMIAL**10**9
    line = TropicalPolynomial([((1, 2), Fraction(1, 2))])
    assert (line**10**9).terms == {(10**9, 2 * 10**9): 5 * 10**8}
    monkeypatch.setattr(path_results, "MAX_BLOCKS", 100)
    kernels = NETWORK.path_kernels(X)
    with pytest.raises(LimitError, match="hold 144 numbers, over 100"):
        kernels.result()  # type: ignore[union-attr]


def test_equations_of_flat_polytopes_have_one_spelling() -> None:
    """The plane x + y + z = 1 twice in QQ^4, in reduced echelon form for every backend."""
    points = ((1, 0, 0, 2), (0, 1, 0, 2), (0, 0, 1, 2))
    found = NewtonPolytope(4, points, "embedded")
    assert found.equations == ((1, 1, 1, 0, -1), (0, 0, 0, 1, -2))
    assert set(found.inequalities) == {(0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, -1, -1, 0, 1)}
    pytest.importorskip("ppl")
    other = NewtonPolytope(4, points, "ppl")
    assert (other.equations, set(other.inequalities)) == (
        found.equations,
        set(found.inequalities),
    )


@pytest.mark.parametrize("exponent", range(1, 13))
def test_small_temperatures_give_an_answer_or_our_error(exponent: int) -> None:
    """Two equal inputs with opposite labels: u = 0.64 in the limit, by the exact polynomial."""
    network = PathNetwork((1,), (5, 5), attention="uniform")
    try:
        found = network.solve([[[1.0]], [[1.0]]], [1, -1], temperature=10.0**-exponent)
    except (UndecidedError, HypothesisError):
        return
    assert found.U[0, 0] == pytest.approx(0.64, abs=0.03)
