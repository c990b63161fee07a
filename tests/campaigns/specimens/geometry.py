"""Specimens about loci, degrees, distance degrees, critical points and equations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from algattn import (
    GF,
    QQ,
    FunctionMap,
    Ideal,
    Lightning,
    PolynomialMap,
    Weights,
    critical_points,
    implicitize,
)
from algattn.errors import LimitError
from algattn.exact import NumberField, PolynomialRing
from algattn.groebner import stable_module
from algattn.groebner.elimination import Reported
from algattn.groebner.image_degree import ImageDegree
from algattn.groebner.invariant_comparison import compare_families
from algattn.groebner.invariants import PUBLISHED
from algattn.groebner.sliced_degree import Sliced, slice_count
from algattn.maps import VectorField
from algattn.results import Result
from algattn.singularities.map_singular import ZerosReported

Made = tuple[str, Callable[[], Result]]
DATA = [([[1, 2]], [[1, 1]])]


def singularities() -> Iterator[Made]:
    for shape in (((2, 2), 1, 2), ((2, 2), 2, 2), ((2, 1), 1, 1), ((3, 2), 2, 1)):
        net = Lightning(*shape)
        yield f"singular locus {shape}", net.singular_locus
        yield f"boundary {shape}", net.boundary
    for shape in (((2, 2), 2, 2), ((3, 1), 1, 2), ((4, 2), 2, 2), ((5, 3), 3, 1)):
        yield f"degree {shape}", Lightning(*shape).degree
    yield "ED degree, Segre", Lightning((2, 1), 1).ed_degree
    yield "ED degree, linear", Lightning((1, 2), 1, 1).ed_degree
    yield (
        "ED degree, counted",
        lambda: Lightning((2, 1), 1).ed_degree(metric="generic", engine="singular", primes=1),
    )
    single = Lightning((1, 1), 1)
    weights = Weights(A=[[[2]]], V=[[[3]]])
    yield (
        "ED degree of a decision boundary",
        lambda: single.ed_degree(weights, engine="singular", primes=1),
    )
    yield "critical points", lambda: critical_points(single, DATA, engine="builtin")
    yield (
        "critical points, two data",
        lambda: critical_points(
            single, [([[1, 2]], [[1, 1]]), ([[0, 1]], [[2, 3]])], engine="builtin"
        ),
    )
    yield (
        "critical points, out of time",
        lambda: _partial(lambda: critical_points(single, DATA, engine="builtin", time_limit=1e-9)),
    )


def _partial(make: Callable[[], object]) -> Result:
    try:
        make()
    except LimitError as error:
        found: Result = error.partial
        return found
    raise AssertionError("the limit was not reached")


def equations() -> Iterator[Made]:
    small = Lightning((2, 1), 2)
    yield "ideal", lambda: small.ideal(4)
    yield "ideal, rank one", lambda: Lightning((2, 2), 1).ideal(3)
    yield "ideal, one token", lambda: Lightning((2, 2), 1, 1).ideal(4)
    yield "ideal, empty", lambda: small.ideal(2)
    yield "ideal modulo 101", lambda: small.ideal(4, field=GF(101))
    yield "stable", lambda: stable_module(3)
    yield "stable, rank one", lambda: stable_module(3, 1)
    yield "stable, one token", lambda: stable_module(3, tokens=1)
    yield "complete", lambda: small.ideal(4).completeness()
    yield "complete, one token", lambda: Lightning((2, 1), 2, 1).ideal(3).completeness()
    yield "incomplete", lambda: small.ideal(3).completeness()
    yield "incomplete, one token", lambda: Lightning((2, 2), 1, 1).ideal(2).completeness()
    inside = small.function(small.random_weights(1))
    full = small.function(Weights(A=[[[1, 2], [3, 5]]], V=[[[1, -1]]]))
    outside = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_2": 2, "c_1_1_1_2": 5, "c_1_2_2_1": 7})
    yield "satisfies", lambda: small.ideal(4).contains(inside)
    rank = Lightning((2, 1), 1)
    definite = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_1": 2})
    yield "satisfies, closure only", lambda: rank.ideal(3).contains(definite)
    yield "violates", lambda: rank.ideal(3).contains(full)
    yield "violates, no layer", lambda: small.ideal(4).contains(outside)
    yield "families suffice", lambda: compare_families(2, 1, 3)
    yield "families suffice for rank two", lambda: compare_families(2, 2, 4)
    yield "one family", lambda: compare_families(2, 1, 2, "low rank")
    rest = [n for n in PUBLISHED if n != "cross-column"]
    yield "a family is missing", lambda: compare_families(3, 3, 3, rest)
    net = Lightning((2, 2), 1)
    swap = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
    point = Lightning((1, 1), 1), Weights(A=[[[2]]], V=[[[3]]])
    yield "decomposition", lambda: point[0].fiber_ideal(point[1]).decompose()
    yield "decomposition, swap", lambda: net.fiber_ideal(swap).decompose()
    double = Weights(A=[[[1, 0], [0, 0]]], V=[[[1, 0], [2, 0]]])
    yield "decomposition, aligned", lambda: net.fiber_ideal(double).decompose()


def images() -> Iterator[Made]:
    s, t = PolynomialRing(QQ, ("s", "t")).gens()
    a, b = PolynomialRing(GF(101), ("a", "b")).gens()
    cubic = [s**3, s**2 * t, s * t**2, t**3]
    yield "twisted cubic", lambda: implicitize(cubic, max_degree=3)
    yield "ordinary degrees", lambda: implicitize([s**2, s**3], max_degree=4)
    yield "weighted degrees", lambda: implicitize([s**2, s**3], max_degree=6, degree="weighted")
    yield "modulo 101", lambda: implicitize([a * a, a * b, b * b], max_degree=2)
    yield "no equation", lambda: implicitize([s, t], max_degree=3)
    yield "redundant coordinate", lambda: implicitize([s, t, s + t, s * t], max_degree=2)
    yield "layer", lambda: implicitize(Lightning((1, 1), 1).parametrization("QKV"), max_degree=2)
    for name, polys in (
        ("twisted cubic", cubic),
        ("cusp", [s**2, s**3]),
        ("circle-like", [s + t, s * t, s * s + t * t]),
        ("cusp modulo 101", [a**2, a**3 + a]),
    ):
        yield (
            f"graph of the {name}",
            lambda p=polys, e="singular" if "101" in name else "builtin": implicitize(
                p, method="elimination", engine=e
            ),
        )
    yield (
        "elimination up to a degree",
        lambda: implicitize(cubic, method="elimination", engine="builtin", max_degree=2),
    )
    yield "engine alone", lambda: _reported(cubic)
    yield "engine alone, not homogeneous", lambda: _reported([s**2 + s, s**3])


def whole() -> Iterator[Made]:
    cubic = PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"])
    cusp, conic = PolynomialMap(["t^2", "t^3"]), PolynomialMap(["s^2+s*t", "s*t-t^2", "t^2"])
    tangents = PolynomialMap(["s^3*a", "3*s^2*t*a+s^3*b", "3*s*t^2*a+3*s^2*t*b", "t^3*a+3*s*t^2*b"])
    yield "whole ideal of a twisted cubic", cubic.ideal
    yield "whole ideal of a cusp", cusp.ideal
    yield "whole ideal, Cohen-Macaulay", _unmixed
    yield "degree of a twisted cubic", cubic.image_degree
    yield "degree of a surface", tangents.image_degree
    yield "Hilbert function", lambda: cubic.hilbert(3)
    yield "Hilbert function, not homogeneous", lambda: cusp.hilbert(3)
    yield "degree by slices", lambda: _sliced(conic)
    yield "Hilbert polynomial", lambda: Lightning((2, 1), 2).hilbert_polynomial()
    yield "Hilbert polynomial, one token", lambda: Lightning((2, 1), 1, 1).hilbert_polynomial()


def _unmixed() -> Result:
    polys = ["s^3+t^3", "s^2*t-t^3", "s*t^2+2*s^3-s^2*t", "t^3+3*s*t^2-s^3"]
    return PolynomialMap(polys).ideal()


def _sliced(phi: PolynomialMap) -> Result:
    """As the answer is when the whole ideal is not found."""
    slices = ((0, 32749), (1, 32719))
    dimension, degree = slice_count(phi, *slices[0])
    proof = {"degree": [Sliced(slices)]}
    return ImageDegree.assemble(phi, degree, proof, dimension=dimension, numerator=None)


def _reported(polys: Sequence[Any]) -> Result:
    """As the answer is when the graph is too large for a proof."""
    found = implicitize(polys, method="elimination", engine="builtin")
    name, version = str(found.engine).split(" ")
    reported = (Reported(name, version),)
    claims = tuple(
        replace(c, evidence=reported) if c.name == "complete" else c for c in found.claims
    )
    return replace(found, claims=claims)


def specimens() -> Iterator[Made]:
    yield from singularities()
    yield from equations()
    yield from images()
    yield from whole()
    yield from maps()


def ideals(field: NumberField) -> Iterator[Made]:
    bad = Ideal(["x^2", "x*y"])
    yield "primary decomposition", bad.primary_decomposition
    yield "minimal primes", lambda: bad.minimal_primes(absolute=True)
    yield "member of an ideal", lambda: bad.contains("x^2*y-x^2")
    yield "no member of an ideal", lambda: bad.contains("x+y")
    circle = PolynomialMap(["x^2"], ["y"], field=field)
    yield "fiber of a rational map", lambda: circle.fiber([1, field.theta], absolute=True)


def maps() -> Iterator[Made]:
    turn = VectorField("turn", {"a_1": "a_2", "a_2": "-a_1"})
    wheel = PolynomialMap(["a_1^2+a_2^2", "b"], parameters={"a": (2,), "b": ()}, symmetries=[turn])
    root = NumberField([-2, 0, 1], 1)
    product = PolynomialMap(["a*b", "b*c"])
    yield "dimension, counted", lambda: PolynomialMap(["t^2", "t^3"]).dimension()
    yield "dimension, torus", lambda: PolynomialMap(["a*b", "a*b*c", "a^2*b^2*c"]).dimension()
    yield "dimension, symmetry", wheel.dimension
    yield "dimension, rational", lambda: PolynomialMap(["1-t^2"], ["1+t^2"]).dimension()
    line = PolynomialMap(["x+y", "x^2+2*x*y+y^2"])
    other = PolynomialMap(["x+theta*y", "x^2+2*theta*x*y+2*y^2"], field=root)
    squares = PolynomialMap(["a^2+u^2", "a*b+u*v", "a*c+u*w", "b^2+v^2", "b*c+v*w", "c^2+w^2"])
    yield "dimension, guessed", lambda: line.dimension(method="symmetries")
    yield "dimension, guessed over a number field", lambda: other.dimension(method="symmetries")
    yield "dimension, declared", lambda: line.dimension(method="symmetries", declared="1: seen")
    yield "dimension, slice", lambda: line.dimension(method="slice")
    yield "dimension, slice over a number field", other.dimension
    yield "dimension, fields", lambda: PolynomialMap(["a^2+b^2", "a^4+2*a^2*b^2+b^4"]).dimension()
    yield "dimension, minors", squares.dimension
    yield (
        "dimension, equations",
        lambda: line.dimension(equations=["y_1^2-y_2"], method="symmetries"),
    )
    yield (
        "dimension, number field",
        lambda: PolynomialMap(["theta*s^2", "s"], field=root).dimension(),
    )
    yield "dimension, inseparable", lambda: PolynomialMap(["x^5", "y"], field=GF(5)).dimension()
    squares = PolynomialMap(["x^2", "y^2"])
    yield "components, monomials", lambda: PolynomialMap(["x^2*y^2"]).fiber_components()
    yield "components, tower", lambda: PolynomialMap(["a+b", "a*b"]).fiber_components()
    yield "components, etale points", lambda: PolynomialMap(["t^2+1"], ["t"]).fiber_components()
    yield "components, formulas", lambda: PolynomialMap(["t^2-1", "t^3-t"]).fiber_components()
    yield "components, counted", lambda: PolynomialMap(["x^4+x^2", "x^6"]).fiber_components()
    yield (
        "components, dimension at a point",
        lambda: PolynomialMap(["x+y", "x^2+2*x*y+y^2"], field=GF(101)).fiber_components(),
    )
    yield "components, GF(3)", lambda: PolynomialMap(["x^6"], field=GF(3)).fiber_components()
    yield (
        "components, GF(2)",
        lambda: PolynomialMap(["x^2+x", "y^2*x"], field=GF(2)).fiber_components(),
    )
    yield "generic fiber, many parameters", lambda: Lightning((12, 12), 3, 1).generic_fiber()
    yield "degree of a map", squares.degree
    yield "degree modulo the torus", lambda: PolynomialMap(["x^2*y^2"]).degree("torus")
    yield "degree, inseparable", lambda: PolynomialMap(["x^6"], field=GF(3)).degree()
    yield "fiber of a map", lambda: product.fiber_ideal([1, 2, 3]).decompose()
    yield "fiber of a map, two components", lambda: product.fiber_ideal([1, 0, 3]).decompose()
    yield (
        "fiber of a map, conjugates",
        lambda: PolynomialMap(["x^4", "x^2*y"]).fiber_ideal([1, 2]).decompose(),
    )
    yield "fiber of a map, proved", lambda: product.fiber([1, 0, 3])
    yield from ideals(root)
    cusp, disc = PolynomialMap(["t^2", "t^3"]), PolynomialMap(["1"], ["t^2+1"])
    yield "a point of an image", lambda: cusp.contains([4, 8], engine="builtin")
    yield "a complex point", lambda: disc.contains([2], engine="builtin")
    yield (
        "a point over a number field",
        lambda: PolynomialMap(["x^2"], parameters=["x"], field=root).contains([3]),
    )
    yield "no point of an image", lambda: product.contains([0, 0], engine="builtin")
    yield "no value", lambda: PolynomialMap(["x", "x*y"]).contains([0, 1], engine="builtin")
    yield (
        "a point of a closure",
        lambda: PolynomialMap(["x", "x*y"]).contains([0, 1], True, engine="builtin"),
    )
    yield "no point of a closure", lambda: cusp.contains([2, 3], True, engine="builtin")
    yield "dimension at a point", lambda: cusp.local_dimension(at=[0])
    yield "tangent cone", lambda: cusp.tangent_cone([0, 0], engine="builtin")
    yield "tangent cone, smooth", lambda: cusp.tangent_cone(at=[1], engine="builtin")
    yield "singular points", lambda: cusp.singular_locus(engine="builtin")
    yield "singular points, reported", lambda: _locus_reported(cusp)


def _locus_reported(phi: PolynomialMap) -> Result:
    """As the answer is when the Groebner basis is too large to be checked."""
    found = phi.singular_locus(engine="builtin")
    claims = tuple(
        replace(c, evidence=(ZerosReported(),)) if c.name == "dimension" else c
        for c in found.claims
    )
    return replace(found, claims=claims)
