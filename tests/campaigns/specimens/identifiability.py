"""Specimens about functions of the parameters that a map determines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from algattn import GF, PolynomialMap
from algattn.exact import NumberField
from algattn.fibers.fiber_points import FiberPoints
from algattn.fibers.identifiability import Identifiability, IdentifiabilityResult
from algattn.fibers.identifiability_evidence import GenericRank, RelationHolds
from algattn.fibers.map_functions import MapFunctions
from algattn.maps import VectorField
from algattn.results import Result

Made = tuple[str, Callable[[], Result]]
PRIME = 2147483647


def specimens() -> Iterator[Made]:
    turn = VectorField("turn", {"a": "b", "b": "-a"})
    gram = PolynomialMap(["a^2+c^2", "a*b+c*d", "b^2+d^2"])
    root = NumberField([-2, 0, 1], 1)
    yield "full rank, local", lambda: PolynomialMap(["x+y", "x*y"]).identifiable()
    yield (
        "field and dimension, local",
        lambda: PolynomialMap(["a^2+b^2", "c"], symmetries=[turn]).identifiable(["a", "c"]),
    )
    yield "rank, local", lambda: gram.identifiable(["a", "a*d-b*c"])
    yield "scalings", lambda: PolynomialMap(["x^2*y^2"]).identifiable(["x", "x*y"], "global")
    yield "formula", lambda: PolynomialMap(["a*b", "b*c"]).identifiable([("a", "c")], "global")
    yield "exchange", lambda: PolynomialMap(["x+y", "x*y"]).identifiable(["x"], "global")
    yield "irreducible", lambda: PolynomialMap(["x^2+y", "x*y"]).identifiable(["x"], "global")
    yield (
        "irreducible over a tower",
        lambda: PolynomialMap(["x+2*y", "x*y", "x^2+4*y^2"]).identifiable(["x"], "global"),
    )
    yield "inseparable", lambda: PolynomialMap(["x^6"], field=GF(3)).identifiable(["x"], "global")
    yield (
        "number field",
        lambda: PolynomialMap(["x^2+theta*x"], field=root).identifiable(["x"], "global"),
    )
    yield "guessed", guessed
    yield "points", points
    yield "values", lambda: PolynomialMap(["x^3"]).values_in_fiber("x")
    yield "values, infinitely many", lambda: PolynomialMap(["x*y"]).values_in_fiber("x")


def guessed() -> Result:
    problem = MapFunctions.of(PolynomialMap(["x+y"]), ["x", "x^2+2*x*y+y^2"])
    answers = tuple(Identifiability(name, bool(i)) for i, name in enumerate(problem.names))
    return IdentifiabilityResult.assemble(
        problem,
        {a.function: a.verdict for a in answers},
        {o.name: [GenericRank(0, PRIME)] for a in answers for o in a.outlines()},
        answers=answers,
    )


def points() -> Result:
    """Two points over (1, 1) modulo a prime: x = 1 and x = -1."""
    problem = MapFunctions.of(PolynomialMap(["x^2", "x^4"]), ["x"])
    tower = ((1, "y_1^2-h"),)
    proof = FiberPoints((0,), tower, "h^2-y_1", ((1,), (PRIME - 1,)), 0, PRIME)
    answer = Identifiability("x", True, 2, 2, None, "h^2-y_1")
    return IdentifiabilityResult.assemble(
        problem,
        {"x": "locally"},
        {"x: exactly": [RelationHolds("h^2-y_1"), proof]},
        answers=(answer,),
    )
