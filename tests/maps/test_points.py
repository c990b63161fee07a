"""Points of images: against Singular, Macaulay2, brute force over small fields, the literature."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import product
from typing import Any

import pytest
from resealing import resealed

from algattn import GF, QQ, Lightning, PolynomialMap, load
from algattn.dimension.map_evidence import RankGeneric
from algattn.dimension.maps import MapDimension
from algattn.engines import available
from algattn.errors import AlgattnError, HypothesisError, InputError, ShapeError
from algattn.exact import NumberField, PolynomialRing
from algattn.groebner.ideals import Ideal
from algattn.maps import PolynomialMap as Plain
from algattn.singularities.map_points import ImagePoint
from algattn.singularities.map_singular import JacobianCriterion, MapSingularLocus

CUSP = PolynomialMap(["t^2", "t^3"], coordinates=("x", "y"))
NODE = PolynomialMap(["t^2-1", "t^3-t"], coordinates=("x", "y"))
UMBRELLA = PolynomialMap(["u*v", "u", "v^2"], coordinates=("x", "y", "z"))
CIRCLE = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"], coordinates=("x", "y"))
CHART = PolynomialMap(["x", "x*y"])
RANK_ONE = PolynomialMap(["a*c", "a*d", "b*c", "b*d"])
ENNEPER = PolynomialMap(["3*u-u^3+3*u*v^2", "3*v-v^3+3*u^2*v", "3*u^2-3*v^2"])
SPACE = PolynomialMap(["t^3", "t^4", "t^5"], coordinates=("x", "y", "z"))
TWISTED = PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"])


def need_singular() -> None:
    if "singular" not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing["singular"])
        pytest.skip(available().missing["singular"])


def sound(result: Any) -> bool:
    """PROVED, here and from the file."""
    again = load(result.to_json())
    return result.status.name == "PROVED" and bool(result.verify() and again.verify())


# --- membership --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phi", "point", "inside"),
    [
        (CUSP, [4, 8], True),
        (CUSP, [4, -8], True),
        (CUSP, [2, 2], False),
        (CUSP, [0, 0], True),
        (NODE, [0, 0], True),
        (CHART, [0, 1], False),
        (CHART, [0, 0], True),
        (CIRCLE, ["3/5", "4/5"], True),
        (CIRCLE, [-1, 0], False),
        (CIRCLE, [2, 0], False),
        (RANK_ONE, [1, 2, 3, 6], True),
        (RANK_ONE, [1, 2, 3, 7], False),
        (RANK_ONE, [0, 0, 0, 0], True),
        (UMBRELLA, [0, 0, -1], True),
        (PolynomialMap(["3"], parameters=["t"]), [3], True),
        (PolynomialMap(["3"], parameters=["t"]), [4], False),
        (PolynomialMap(["1"], ["t"]), [0], False),
        (PolynomialMap(["t^2-2", "t^3-2*t"]), [0, 0], True),
        (PolynomialMap(["x^2", "x*y", "y^2"]), [0, 0, 0], True),
        (PolynomialMap(["x^2+x+1"], field=GF(2)), [0], True),
    ],
)
def test_images(phi: PolynomialMap, point: list[Any], inside: bool) -> None:
    if phi.field != QQ:
        need_singular()
    found = phi.contains(point)
    assert bool(found) is inside
    assert sound(found)
    if found.preimage is not None:
        assert phi(found.preimage) == list(found.problem.point)


@pytest.mark.parametrize(
    ("phi", "point", "inside"),
    [
        (CUSP, [4, -8], True),
        (CUSP, [2, 3], False),
        (CHART, [0, 1], True),
        (RANK_ONE, [1, 2, 3, 7], False),
        (UMBRELLA, [0, 0, -1], True),
        (CIRCLE, [1, 1], False),
        (PolynomialMap(["x", "y"]), [1, 2], True),
        (PolynomialMap(["3"], parameters=["t"]), [4], False),
        (PolynomialMap(["t^2", "t^3"], field=GF(7)), [1, 0], False),
    ],
)
def test_closures(phi: PolynomialMap, point: list[Any], inside: bool) -> None:
    if phi.field != QQ:
        need_singular()
    found = phi.contains(point, closure=True)
    assert bool(found) is inside
    assert sound(found)
    assert found.preimage is not None or found.closure
    if not inside:
        assert found.violated is not None
        assert found.problem.value(found.violated) != 0


@pytest.mark.parametrize("p", [2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "texts", [["x^2+y", "x*y"], ["x^2", "y^2"], ["x*y", "x+1"], ["x^3-x", "y"]]
)
def test_small_fields_by_counting(p: int, texts: list[str]) -> None:
    """Every value over GF(p) lies in the image; of the others, those with points over GF(p^k)."""
    need_singular()
    phi = PolynomialMap(texts, parameters=["x", "y"], field=GF(p))
    values = {tuple(map(int, phi([GF(p)(x), GF(p)(y)]))) for x, y in product(range(p), repeat=2)}
    for point in product(range(p), repeat=2):
        found = phi.contains(list(point))
        assert bool(found) or point not in values
        assert found.status.name == "PROVED"
        if found.preimage is not None:
            assert tuple(map(int, phi(found.preimage))) == point


def test_number_fields() -> None:
    root = NumberField([-2, 0, 1], 1)
    square = PolynomialMap(["x^2"], parameters=["x"], field=root)
    assert square.contains([2]).preimage is not None
    found = square.contains([3])  # the square root of 3 lies in a larger field
    assert bool(found)
    assert found.preimage is None
    assert sound(found)
    line = PolynomialMap(["theta*x", "x"], parameters=["x"], field=root)
    assert sound(line.contains([root.theta, 1]))
    assert not line.contains([1, 1])


def test_what_a_point_is() -> None:
    assert bool(CUSP.contains({"x": 4, "y": 8}))
    with pytest.raises(ShapeError, match="2 coordinates and 1 number"):
        CUSP.contains([1])
    with pytest.raises(InputError, match="labels"):
        CUSP.contains({"x": 4})
    with pytest.raises(InputError, match="point"):
        CUSP.contains("4")
    with pytest.raises(InputError, match="one point"):
        CUSP.local_dimension()
    problem = ImagePoint.of(Plain(CUSP), [1, "1/2"])
    assert ImagePoint.from_data(json.loads(json.dumps(problem.to_data()))) == problem


def test_forged_reasons_are_refused() -> None:
    for found, forged in [
        (CUSP.contains([4, 8]), ("coordinates", ["3"])),
        (CHART.contains([0, 1]), ("cofactors", ["0", "0"])),
        (CUSP.contains([2, 3], True), ("equation", "x-y")),
        (CIRCLE.contains(["3/5", "4/5"]), ("modulus", "1")),
    ]:
        data = json.loads(found.to_json())
        data["claims"][0]["evidence"][0][forged[0]] = forged[1]
        assert not load(json.dumps(resealed(data))).verify()
        data = json.loads(found.to_json())
        data["value"] = data["claims"][0]["value"]["contains"] = not found.value
        assert not load(json.dumps(resealed(data))).verify()


def test_a_basis_of_another_ideal_is_no_reason() -> None:
    """The fiber over (0, 1) is empty: no list without constants is a basis to which it reduces."""
    outside = CHART.contains([0, 1])
    root = NumberField([-2, 0, 1], 1)
    inside = PolynomialMap(["x^2"], parameters=["x"], field=root).contains([3])
    reason = json.loads(inside.to_json())["claims"][0]["evidence"]
    data = json.loads(outside.to_json())
    data["claims"][0]["evidence"] = reason
    data["claims"][0]["value"]["contains"] = data["value"] = True
    data["claims"][0]["evidence"][0]["basis"] = ["x", "y"]
    assert not load(json.dumps(resealed(data))).verify()


# --- near a point ------------------------------------------------------------------------------


def test_local_dimensions() -> None:
    assert CUSP.local_dimension(at=[0]) == 1
    assert UMBRELLA.local_dimension([0, 0, -1]) == 2
    assert sound(UMBRELLA.local_dimension([0, 0, -1]))
    assert PolynomialMap(["x", "x"]).local_dimension(at=[3]) == 1
    with pytest.raises(HypothesisError, match="does not lie"):
        CUSP.local_dimension([1, 2])


@pytest.mark.parametrize(
    ("phi", "point", "forms", "multiplicity"),
    [
        (CUSP, [0, 0], ["y^2"], 2),
        (CUSP, [1, 1], ["x-2/3*y"], 1),
        (NODE, [0, 0], ["x^2-y^2"], 2),
        (UMBRELLA, [0, 0, 0], ["x^2"], 2),
        (UMBRELLA, [0, 0, 1], ["x^2-y^2"], 2),
        (UMBRELLA, [1, 1, 1], ["x-y-1/2*z"], 1),
        (SPACE, [0, 0, 0], None, 3),
        (TWISTED, [0, 0, 0, 0], None, 3),
        (TWISTED, [1, 0, 0, 0], ["y_4", "y_3"], 1),
        (RANK_ONE, [0, 0, 0, 0], ["-y_2*y_3+y_1*y_4"], 2),
        (PolynomialMap(["x", "y"]), [1, 2], [], 1),
        (PolynomialMap(["3"], parameters=["t"]), [3], ["y_1"], 1),
        (PolynomialMap(["t^2", "t^3"], field=GF(7)), [0, 0], ["y_2^2"], 2),
        (PolynomialMap(["t^2", "t^5"]), [0, 0], ["y_2^2"], 2),
        (PolynomialMap(["t^4", "t^6+t^7"]), [0, 0], None, 4),
    ],
)
def test_tangent_cones(
    phi: PolynomialMap, point: list[Any], forms: list[str] | None, multiplicity: int
) -> None:
    if phi.field != QQ:
        need_singular()
    found = phi.tangent_cone(point)
    assert found.value == multiplicity
    assert found.is_smooth == (multiplicity == 1)
    assert sound(found)
    assert found.dimension == phi.dimension().value
    if forms is not None:
        assert list(found.texts) == forms


SINGULAR = """
ring r = {p},({names}),ds; ideal i = {ideal}; i = std(i); ideal t = lead(i);
print("dim "+string(dim(i))); print("mult "+string(mult(i)));
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phi", "point"),
    [
        *((CUSP, [0, 0]), (NODE, [0, 0]), (UMBRELLA, [0, 0, 0]), (SPACE, [0, 0, 0])),
        *((TWISTED, [0, 0, 0, 0]), (ENNEPER, [0, 0, 0]), (ENNEPER, [2, 0, 3])),
        (PolynomialMap(["t^4", "t^6+t^7"]), [0, 0]),
        (PolynomialMap(["s^2", "s*t", "t^2", "s^3", "t^3"]), [0, 0, 0, 0, 0]),
    ],
)
def test_multiplicities_against_singular(phi: PolynomialMap, point: list[int]) -> None:
    """Local standard bases by Mora's algorithm."""
    need_singular()
    found = phi.tangent_cone(point)
    assert sound(found)
    ideal = phi.ideal()
    names = phi.target.names
    moved = [x + y for x, y in zip(phi.target.gens(), point, strict=True)]
    text = ",".join(str(g.compose(*moved)).replace(" ", "") for g in ideal.generators)
    order = SINGULAR.format(p=0, names=",".join(names), ideal=text)
    done = subprocess.run(
        ["Singular", "-q"], input=order + "quit;\n", capture_output=True, text=True, check=True
    )
    assert f"dim {found.dimension}" in done.stdout
    assert f"mult {found.value}" in done.stdout


# --- singular points ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phi", "dimension", "primes"),
    [
        (CUSP, 0, [("y", "x")]),
        (NODE, 0, [("y", "x")]),
        (UMBRELLA, 1, [("y", "x")]),
        (TWISTED, 0, [("y_4", "y_3", "y_2", "y_1")]),
        (RANK_ONE, 0, [("y_4", "y_3", "y_2", "y_1")]),
        (CHART, -1, []),
        (PolynomialMap(["t", "t^2"]), -1, []),
        (PolynomialMap(["3"], parameters=["t"]), -1, []),
        (PolynomialMap(["t^2", "t^3"], field=GF(7)), 0, [("y_2", "y_1")]),
    ],
)
def test_singular_points(phi: PolynomialMap, dimension: int, primes: list[tuple[str, ...]]) -> None:
    if phi.field != QQ:
        need_singular()
    found = phi.singular_locus()
    assert (found.value, found.complete, found.smooth) == (dimension, True, dimension < 0)
    assert sound(found)
    if "singular" in available():
        assert [tuple(c.prime) for c in found.ideal.minimal_primes()] == primes


@pytest.mark.slow
def test_enneper() -> None:
    """The curves in which the surface meets itself, and two more over the complex numbers."""
    need_singular()
    found = ENNEPER.singular_locus()
    assert (found.value, found.complete) == (1, True)
    assert sound(found)
    assert len(found.ideal.minimal_primes()) >= 2


@pytest.mark.slow
def test_two_by_three_matrices_against_macaulay2() -> None:
    """Rank one matrices are singular at zero only, 3 x 3 matrices of rank two at rank one."""
    need_singular()
    lines = ["a*c", "a*d", "a*e", "b*c", "b*d", "b*e"]
    found = PolynomialMap(lines).singular_locus()
    assert (found.value, found.complete) == (0, True)
    two = PolynomialMap([f"a{i}*c{j}+b{i}*d{j}" for i in range(3) for j in range(3)])
    found = two.singular_locus()
    assert (found.value, found.complete, found.smooth) == (5, True, False)
    assert sound(found)
    if "macaulay2" in available():
        order = (
            "R=QQ[x_1..x_9]; I=ideal det genericMatrix(R,3,3);"
            'print("dim " | toString dim singularLocus I)'
        )
        done = subprocess.run(
            ["M2", "--silent", "--no-readline"],
            input=order,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "dim 5" in done.stdout


def test_equations_that_are_not_all() -> None:
    """Where they are not known to be all, points are not called singular."""
    found = CUSP.singular_ideal([])
    assert not found.complete
    curve = PolynomialMap(["x^2", "x^3"], parameters=["x"], field=NumberField([-2, 0, 1]))
    with pytest.raises(HypothesisError, match="over"):
        curve.tangent_cone(at=[0])
    with pytest.raises(HypothesisError, match="over"):
        curve.singular_locus()


def test_constants_poles_and_two_elements() -> None:
    point = PolynomialMap(["0", "1"], parameters=["t"])
    found = point.tangent_cone([0, 1], engine="builtin")
    assert (found.value, found.dimension, found.is_smooth, sound(found)) == (1, 0, True, True)
    assert point.local_dimension(at=[5]) == 0
    assert point.singular_locus(engine="builtin").smooth
    line = PolynomialMap(["1/t"])
    missed = line.tangent_cone([0], engine="builtin")  # in the closure only
    assert (missed.texts, missed.dimension, sound(missed)) == ((), 1, True)
    with pytest.raises(AlgattnError, match="denominator is zero"):
        line.tangent_cone(at=[0])
    need_singular()
    for texts, size in ((["t^2", "t^3"], 0), (["t^2"], -1), (["t^2", "t^4+t^2"], -1)):
        locus = PolynomialMap(texts, field=GF(2)).singular_locus()
        assert (locus.value, locus.complete, sound(locus)) == (size, True, True), texts


def test_an_ideal_with_a_constant_has_no_components() -> None:
    ring = CUSP.target
    assert len(Ideal([ring(1)]).minimal_primes()) == 0


@pytest.mark.slow
def test_networks() -> None:
    """A function of two layers, and one whose coefficients are no such function."""
    need_singular()
    phi = Lightning((2, 2, 1), 1).map()
    value = phi([1, 2, -1, 1, 2, 1, -1, 3, 1, 1, 2, -1, 1, 2])
    found = phi.contains(value)
    assert bool(found)
    assert sound(found)
    assert len(found.sentence()) < 500
    value[0] += 1
    assert not phi.contains(value)


def test_what_is_assumed_not_to_vanish_has_no_image() -> None:
    phi = PolynomialMap(["x", "x*y"], assume_nonzero=["x*y-1"])
    outside, inside = phi.contains([1, 1], engine="builtin"), phi.contains([1, 2], engine="builtin")
    assert not outside
    assert inside.preimage == (1, 2)
    assert sound(outside)
    assert sound(inside)
    assert sound(phi.local_dimension(at=[1, 1]))  # it lies in the closure
    forged = PolynomialMap(["x", "x*y"]).contains([1, 1], engine="builtin").to_data()
    forged["problem"]["map"] = phi.to_data()
    assert not load(json.dumps(resealed(forged))).verify()


def test_a_probable_dimension_proves_nothing_about_singular_points() -> None:
    phi = PolynomialMap(["2*s", "t"])
    honest = phi.singular_locus(engine="builtin")
    rank = RankGeneric(seed=0, prime=10007)
    size = MapDimension.assemble(phi, 2, {"dimension": [rank]}, lower=2, upper=2)
    assert size.verify()
    assert size.status.name == "PROBABLE"
    forged = MapSingularLocus.assemble(
        phi,
        honest.value,
        {
            "criterion": [JacobianCriterion(phi.ideal(), size)],
            "dimension": list(honest.claim("dimension").evidence),
        },
        texts=honest.texts,
        codimension=honest.codimension,
        complete=True,
    )
    assert sound(honest)
    assert not forged.verify()


@pytest.mark.parametrize("weights", [(0, 0, 0), (1, -1, 1)])
def test_poles_have_positive_degrees(weights: tuple[int, ...]) -> None:
    """With weights 0 no denominator had a degree, and x = y = 0 was part of a fiber of x/y, zx."""
    ring = PolynomialRing(QQ, ("x", "y", "z"), "degrevlex", weights)
    x, y, z = ring.gens()
    with pytest.raises(InputError, match="weights"):
        PolynomialMap([x, z * x], [y, ring(1)])
