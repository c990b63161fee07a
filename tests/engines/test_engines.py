"""All engines give the same answers, to known questions and to random ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from algattn.engines import (
    ENGINES,
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
    available,
    explain,
    golden,
    solve,
    task_from_data,
)
from algattn.engines.leading import degree_of, hilbert_numerator, monomial_dimension
from algattn.errors import (
    EngineError,
    HypothesisError,
    InputError,
    LimitError,
    RingMismatchError,
    ShapeError,
)
from algattn.exact import GF, QQ, PolynomialRing

R = PolynomialRing(QQ, ("a", "b", "c", "d"))
a, b, c, d = R.gens()
CUBIC = (a * c - b**2, a * d - b * c, b * d - c**2)
J = (a * b - c**2 * "1/2", a * c - b * d + c**2)
MOD = tuple(PolynomialRing(GF(101), R.names).from_terms(g.terms()) for g in CUBIC)
NAMES = [e.name for e in ENGINES]
SLOW = {"sympy", "macaulay2"}

KNOWN: list[tuple[Task, Any]] = [
    (Dimension(CUBIC), 2),
    (Dimension((a, 1 - a)), -1),
    (Dimension((a - a,)), 4),
    (Degree(CUBIC), 3),
    (Degree((a**2 - b, a * c - 1)), 3),
    (Degree((a, 1 - a)), 0),
    (HilbertSeries(CUBIC), (1, 0, -3, 2)),
    (HilbertSeries((a**2 - c, b**3 - d), weights=(1, 1, 2, 3)), (1, 0, -1, -1, 0, 1)),
    (Membership(CUBIC, a * (a * c - b**2)), True),
    (Membership(CUBIC, a * c), False),
    (Membership(MOD, MOD[0] * MOD[1]), True),
    (GroebnerBasis((a, 1 - a)), (R(1),)),
    (Saturation((a * b, a * c), a), (c, b)),
]


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in NAMES]
)
def test_known_answers(name: str, need: Callable[[str], str]) -> None:
    engine, met = need(name), 0
    slow = name in ("sympy", "macaulay2")
    for task, answer in KNOWN[:: 2 if slow else 1]:
        if explain(task).chosen and dict(explain(task).reasons)[engine].find("run") >= 0:
            assert solve(task, engine) == answer, task
            met += 1
    assert met >= (5 if slow else 6)


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, need: Callable[[str], str]) -> None:
    assert golden(need(name))


def random_ideal(seed: int) -> tuple[Any, ...]:
    rng = random.Random(seed)
    gens = PolynomialRing(QQ, ("x", "y", "z")).gens()

    def form() -> Any:
        total = gens[0] * 0
        for _ in range(3):
            m = gens[rng.randrange(3)] * gens[rng.randrange(3)] ** rng.randrange(2)
            total = total + m * rng.randint(-5, 5)
        return total

    return (form(), form(), gens[0] ** 2 - gens[1])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.slow
def test_engines_agree_on_random_ideals(seed: int) -> None:
    ideal = random_ideal(seed)
    for task in (
        GroebnerBasis(ideal),
        Elimination(ideal, ("z",)),
        Degree(ideal),
    ):
        found = {e: solve(task, e) for e in available() if e in explain_able(task)}
        assert len(found) >= 2
        assert len(set(found.values())) == 1, found


def explain_able(task: Task) -> set[str]:
    return {name for name, why in explain(task).reasons if "run" in why}


def test_weighted_orders_agree(need: Callable[[str], str]) -> None:
    for order in ("degrevlex", "deglex"):
        task = GroebnerBasis(J, order, (1, 1, 2, 3))
        assert solve(task, need("singular")) == solve(task, need("macaulay2"))


def test_degree_bound_keeps_low_degrees_only(need: Callable[[str], str]) -> None:
    S = PolynomialRing(QQ, ("s", "t", "x", "y", "z"))
    s, t, x, y, z = S.gens()
    graph = (x - s**2, y - s * t, z - t**2)
    weights = (1, 1, 2, 2, 2)
    for name in ("singular", "macaulay2"):
        low = solve(Elimination(graph, ("s", "t"), weights, 3), need(name))
        high = solve(Elimination(graph, ("s", "t"), weights, 4), need(name))
        assert (len(low), len(high)) == (0, 1)


def test_decompositions_agree(need: Callable[[str], str]) -> None:
    first, second = need("singular"), need("macaulay2")
    task = MinimalPrimes((a * (b**2 - c * d), a * b * (c - d)))
    shapes = [[(x.dimension, x.degree) for x in solve(task, e)] for e in (first, second)]
    assert shapes[0] == shapes[1]
    assert shapes[0] == [(3, 1)] + 4 * [(2, 1)]
    embedded = PrimaryDecomposition((a**2, a * b))
    for engine in (first, second):
        parts = solve(embedded, engine)
        assert [x.dimension for x in parts] == [3, 2]
        assert set(parts[0].primary or ()) == {a}
    (circle,) = solve(MinimalPrimes((a**2 + b**2, c), absolute=True), first)
    assert circle.conjugates == 2


def test_explain_and_available_give_reasons() -> None:
    task = MinimalPrimes(CUBIC)
    reasons = dict(explain(task).reasons)
    assert set(reasons) == set(NAMES)
    assert "decomposition" in reasons["builtin"]
    assert reasons["msolve"] == "it computes Groebner bases only" or "not" in reasons["msolve"]
    assert {"builtin", "sympy"} <= set(available())
    assert set(available()) | set(available().missing) == set(NAMES)
    assert "builtin" in repr(available())


def test_no_field_is_changed_in_silence() -> None:
    with pytest.raises(EngineError, match="QQ only"):
        solve(Dimension(MOD), "builtin")
    big = PolynomialRing(GF(2**31 + 11), ("x", "y")).gens()
    assert explain_able(GroebnerBasis(big)) <= {"sympy"}


def test_bad_tasks() -> None:
    other = PolynomialRing(QQ, ("a", "b")).gens()[0]
    with pytest.raises(RingMismatchError):
        GroebnerBasis((a, other))
    with pytest.raises(RingMismatchError):
        Membership((a,), other)
    with pytest.raises(InputError):
        GroebnerBasis(())
    with pytest.raises(InputError):
        GroebnerBasis((a,), "grevlex")
    with pytest.raises(InputError):
        Elimination((a,), ("q",))
    with pytest.raises(InputError):
        Elimination((a,), R.names)
    with pytest.raises(ShapeError):
        GroebnerBasis((a,), weights=(1, 2))
    with pytest.raises(InputError):
        GroebnerBasis((a,), weights=(1, 2, 0, 1))
    with pytest.raises(HypothesisError):
        HilbertSeries((a - b**2,))
    with pytest.raises(HypothesisError):
        Elimination((a - b**2,), ("a",), degree_bound=3)
    with pytest.raises(InputError):
        solve(Dimension((a,)), "maple")
    with pytest.raises(EngineError, match="decomposition"):
        solve(MinimalPrimes((a,)), "builtin")
    with pytest.raises(InputError, match="time"):
        solve(Dimension((a,)), "builtin", time_limit=-1)
    with pytest.raises(LimitError):  # nothing is left of a limit
        solve(Dimension((a,)), "builtin", time_limit=0)


@pytest.mark.parametrize("task", [t for t, _ in KNOWN], ids=lambda t: t.kind)
def test_tasks_survive_json(task: Task) -> None:
    import json

    assert task_from_data(json.loads(json.dumps(task.to_data()))) == task


def test_leading_monomials_of_complete_intersections() -> None:
    squares = [tuple(2 * int(i == j) for j in range(5)) for i in range(3)]
    numerator = hilbert_numerator(squares, (1,) * 5)
    assert numerator == (1, 0, -3, 0, 3, 0, -1)
    assert monomial_dimension(squares, 5) == 2
    assert degree_of(numerator, 5, 2) == 8
