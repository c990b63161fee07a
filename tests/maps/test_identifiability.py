"""Identifiability: published answers, elimination by sympy, values counted on fibers over GF(p)."""

from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sympy
from resealing import holds, resealed

from algattn import GF, Lightning, PolynomialMap, load
from algattn.errors import AlgattnError, InputError, LimitError
from algattn.exact import NumberField
from algattn.fibers.fiber_points import FiberPoints
from algattn.fibers.identifiability_evidence import (
    Exchanges,
    FieldMoves,
    FullRank,
    GenericRank,
    IrreducibleRelation,
    JointDimension,
    RankGrows,
    RelationHolds,
    Scalings,
)
from algattn.fibers.identify import _Work
from algattn.fibers.inverse import check_inverse, inverse_formulas
from algattn.maps import VectorField

P = PolynomialMap
ENNEPER = P(["u-1/3*u^3+u*v^2", "v-1/3*v^3+u^2*v", "u^2-v^2"])
MANY = math.inf

# --- published answers ---------------------------------------------------------------------------

#: Source: map, and the number of values of some functions.
PUBLISHED: dict[str, tuple[PolynomialMap, dict[str, float]]] = {
    "Enneper's surface is parametrized properly (Perez-Diaz, Sendra, Villarino 2015)": (
        ENNEPER,
        {"u": 1, "v": 1},
    ),
    # input-output equations; Meshkat, Sullivant, J. Symb. Comput. 63 (2014), introduction
    "two compartments with two leaks": (
        P(["k01+k21+k02+k12", "k01*k02+k01*k12+k21*k02", "k02+k12"]),
        {"k01": MANY, "k12": MANY, "k12*k21": 1, "k01+k21": 1, "k02+k12": 1},
    ),
    "two compartments with one leak": (
        P(["k01+k21+k12", "k01*k12", "k12"]),
        {"k01": 1, "k12": 1, "k21": 1},
    ),
    # Cobelli, Lepschy, Romanin Jacur, Math. Biosci. 44 (1979): mammillary (n-1)!, catenary 1
    "three compartments, mammillary, leak in the central one": (
        P(
            [
                "k12+k13",
                "k12*k13",
                "k01+k21+k31+k12+k13",
                "k01*k12+k01*k13+k31*k12+k21*k13+k12*k13",
                "k01*k12*k13",
            ]
        ),
        {"k01": 1, "k12": 2, "k21": 2, "k12*k21+k13*k31": 1},
    ),
    "three compartments, catenary, leak in the first one": (
        P(
            [
                "k12+k32+k23",
                "k12*k23",
                "k01+k21+k12+k32+k23",
                "k01*k12+k01*k32+k01*k23+k21*k32+k21*k23+k12*k23",
                "k01*k12*k23",
            ]
        ),
        {"k01": 1, "k21": 1, "k12": 1, "k32": 1, "k23": 1},
    ),
    # StructuralIdentifiability.jl, README: a, c, d globally, b not
    "Lotka and Volterra, prey observed": (
        P(["d", "c", "a*d", "a*c"], parameters=["a", "b", "c", "d"]),
        {"a": 1, "b": MANY, "c": 1, "d": 1},
    ),
    # Garcia-Puente, Spielvogel, Sullivant, UAI 2010; Wright 1928
    "instrumental variable": (
        P(["w1", "l*w1", "l*m*w1", "l^2*w1+w2", "l^2*m*w1+m*w2+c", "l^2*m^2*w1+m^2*w2+2*m*c+w3"]),
        {"m": 1, "l": 1, "c": 1, "w3": 1},
    ),
    "bow": (P(["w1", "l*w1+c", "l^2*w1+2*l*c+w2"]), {"l": MANY, "c": MANY, "w1": 1}),
    "front door (Pearl 1995)": (
        P(
            [
                "w1",
                "l*w1",
                "l^2*w1+w2",
                "l*m*w1+c",
                "l^2*m*w1+m*w2+l*c",
                "l^2*m^2*w1+m^2*w2+2*l*m*c+w3",
            ]
        ),
        {"l": 1, "m": 1, "c": 1},
    ),
    # Verma's graph 1->2->3->4, 1->3, 2<->4 has no bow: Brito, Pearl 2002
    "Verma": (
        P(
            [
                "1",
                "a",
                "a*b+e",
                "a^2+w2",
                "a^2*b+b*w2+a*e",
                "a*b*c+c*e",
                "a^2*b*c+b*c*w2+a*c*e+d",
                "a^2*b^2+b^2*w2+2*a*b*e+e^2+w3",
            ],
        ),
        {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1},
    ),
    "confirmatory factor analysis, one factor, three indicators (Anderson, Rubin 1956)": (
        P(["a*b", "a*c", "b*c", "a^2+u", "b^2+v", "c^2+w"]),
        {"a": 2, "u": 1, "a^2": 1, "a*b*c": 2},
    ),
    # of concentration matrices; Drton, Foygel, Sullivant, Ann. Statist. 39 (2011): two to one
    "directed cycle of three variables": (
        P(["u+a^2*v", "-a*v", "v+b^2*w", "-b*w", "w+c^2*u", "-c*u"]),
        {"a": 2, "u": 2, "a*v": 1},
    ),
    "one factor, two indicators": (P(["a*b", "a^2+u", "b^2+v"]), {"a": MANY, "u": MANY}),
    # Fourier coordinates; Sturmfels, Sullivant 2005
    "Jukes-Cantor claw tree": (
        P(["x*y", "x*z", "y*z", "x*y*z"]),
        {"x": 1, "y": 1, "z": 1},
    ),
    "Cavender-Farris-Neyman claw tree": (P(["x*y", "x*z", "y*z"]), {"x": 2, "x^2": 1}),
    "the root of a tree is not seen": (P(["x*y"]), {"x": MANY, "x*y": 1}),
    "quartet, inner edge": (
        P(["a*b", "c*d", "a*e*c", "a*e*d", "b*e*c", "b*e*d", "a*b*c*d"]),
        {"e^2": 1, "e": 2, "a^2": 1},
    ),
    # Sylvester 1851: a general binary form of odd degree 2 r - 1 is a sum of r powers in one way
    "binary cubic as a sum of two cubes": (
        P(["a^3*w+b^3*v", "a^2*w+b^2*v", "a*w+b*v", "w+v"]),
        {"a": 2, "a+b": 1, "a*b": 1, "w*a": 2},
    ),
    # Kruskal 1977, up to the order and scalings of the terms
    "2 x 2 x 2 tensor of rank two": (
        P(
            [
                "+".join(f"a{h}{i}*b{h}{j}*c{h}{k}" for h in (0, 1))
                for i, j, k in product((0, 1), repeat=3)
            ]
        ),
        {"a00": MANY, "(a00)/(a01)": 2, "a00*b00*c00": 2},
    ),
    "matrix of rank one": (P(["a*c", "a*d", "b*c", "b*d"]), {"a": MANY, "(a)/(b)": 1, "a*d": 1}),
    "matrix of rank two": (
        P([f"a{i}*c{j}+b{i}*d{j}" for i in range(2) for j in range(2)]),
        {"a0": MANY, "a0*d1": MANY, "a0*b1*c0*d1-a1*b0*c0*d1-a0*b1*c1*d0+a1*b0*c1*d0": 1},
    ),
    "Gram matrix: the sign of the determinant is lost": (
        P(["a^2+c^2", "a*b+c*d", "b^2+d^2"]),
        {"a": MANY, "a*d-b*c": 2, "a^2*d^2-2*a*b*c*d+b^2*c^2": 1},
    ),
    "elementary symmetric polynomials (Newton)": (
        P(["x+y+z", "x*y+x*z+y*z", "x*y*z"]),
        {"x": 3, "x*y": 3, "x-y": 6, "x^2+y^2+z^2": 1, "x*y^2+y*z^2+z*x^2": 2},
    ),
    "mixture of two exponentials, two moments more (Prony 1795)": (
        P(["a*x+b*y", "a*x^2+b*y^2", "a*x^3+b*y^3", "a*x^4+b*y^4", "a+b"]),
        {"x": 2, "a": 2, "x+y": 1},
    ),
    "Michaelis and Menten, quasi-steady: only V, K": (P(["v", "k"]), {"v": 1, "k": 1}),
    "SIR with unknown population size, prevalence seen times k": (
        P(["b*n", "g", "k*n"]),
        {"b": MANY, "g": 1, "b*n": 1, "(b)/(k)": 1},
    ),
    # amendments: the values of a function say nothing about components and degree
    "two squares": (P(["x^2", "y^2"]), {"x^2+y": 2, "x": 2, "x+y": 4, "x*y": 2}),
    "square of a product": (P(["x^2*y^2"]), {"x^2*y^2": 1, "x*y": 2, "x": MANY}),
    "cube": (P(["x^3"]), {"x": 3, "x^2": 3, "x^3": 1, "7": 1}),
    "node: two points over it, one value elsewhere": (P(["x^2-2", "x^3-2*x"]), {"x": 1}),
    "cusp": (P(["t^2", "t^3"]), {"t": 1}),
    "circle": (P(["1-t^2", "2*t"], ["1+t^2", "1+t^2"]), {"t": 1, "t^2": 1}),
    "half a circle": (P(["1-t^2"], ["1+t^2"]), {"t": 2, "t^2": 1}),
    "constant": (P(["5", "0"], parameters=["a"]), {"a": MANY, "3": 1}),
    "repeated coordinates": (P(["x^2", "x^2", "2*x^2"]), {"x": 2, "x^2": 1}),
    "many values": (P(["x^60"]), {"x": 60, "x^6": 10}),
    "zero": (P(["0*x", "x"], parameters=["x"]), {"0*x": 1, "x": 1}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_numbers_of_values(name: str) -> None:
    phi, known = PUBLISHED[name]
    functions = [tuple(h.strip("()").split(")/(")) if ")/(" in h else h for h in known]
    found = phi.identifiable(functions, kind="global", time_limit=60)
    assert [found[h].values for h in functions] == list(known.values()), name
    assert found.status.name == "PROVED"
    local = phi.identifiable(functions, time_limit=60)
    assert [local[h].values == MANY for h in functions] == [v == MANY for v in known.values()]
    assert local.status.name == "PROVED"
    assert load(found.to_json()).verify()
    assert load(local.to_json()).verify()


# --- elimination ---------------------------------------------------------------------------------


def by_elimination(phi: PolynomialMap, h: str) -> float:
    """Values of a function on the fiber through a random point, by an elimination in sympy."""
    names = sympy.symbols(phi.parameters)
    value = dict(zip(names, [3, 7, -5, 11, 13], strict=False))
    t = sympy.Symbol("t_")
    local = dict(zip(phi.parameters, names, strict=True))
    polys = [sympy.sympify(str(p).replace("^", "**"), local) for p in phi.polynomials]
    goal = sympy.sympify(h.replace("^", "**"), local)
    system = [p - p.subs(value) for p in polys] + [t - goal]
    basis = sympy.groebner(system, *names, t, order="lex")
    last = [g for g in basis.exprs if g.free_symbols <= {t}]
    if not last:
        return MANY
    return int(sympy.Poly(sympy.sqf_part(last[0]), t).degree())


SMALL = [
    (["x^2+y^2", "x*y"], ["x", "x+y", "x-y", "x^2"]),
    (["x^2+y", "x*y"], ["x", "y", "x+y"]),
    (["x^2", "x*y", "y^2"], ["x", "x+y", "x^2*y"]),
    (["x^3+y^3", "x*y"], ["x", "x+y"]),
    (["x+y*z", "y+x*z"], ["x", "z", "x*y"]),
    (["x*y+z", "x+y", "z*x"], ["x", "z"]),
    (["x^2*y", "x*y^2"], ["x", "x^3", "x*y"]),
    (["x^4", "x^6"], ["x", "x^2"]),
    (["x^2+2*x*y+y^2", "x^2*y^2", "x^3+y^3"], ["x", "x+y", "x*y"]),
    (["x^2+x*y", "x*y+y^2"], ["x", "y", "x+y"]),
    (["x*y", "y*z", "x*z"], ["x", "x*y*z"]),
    (["x^2-y^2", "2*x*y"], ["x", "x^2"]),
]


@pytest.mark.parametrize(("texts", "functions"), SMALL)
def test_values_against_an_elimination(texts: list[str], functions: list[str]) -> None:
    phi = P(texts)
    found = phi.identifiable(functions, kind="global")
    assert {h: found[h].values for h in functions} == {h: by_elimination(phi, h) for h in functions}
    assert found.status.name == "PROVED"


@pytest.mark.slow
def test_larger_maps() -> None:
    cells = list(product(range(3), repeat=3))
    tensor = P(["+".join(f"a{h}{i}*b{h}{j}*c{h}{k}" for h in range(3)) for i, j, k in cells])
    found = tensor.identifiable([("a00", "a01")], kind="global")  # Kruskal 1977: up to the order
    assert (found[("a00", "a01")].values, found.status.name) == (3, "PROVED")
    # the nonic of Pearson 1894: mixtures of two Gaussians with mean zero, the product of the means
    nonic = P(
        [
            "a*t-b*s-a^2*b+a*b^2",
            "3*a*b*t-3*a*b*s-a^3*b+a*b^3",
            "3*a*t^2-3*b*s^2+6*a*b^2*t-6*a^2*b*s-a^4*b+a*b^4",
            "15*a*b*t^2-15*a*b*s^2+10*a*b^3*t-10*a^3*b*s-a^5*b+a*b^5",
        ],
        ["a-b"] * 4,
    )
    counted = nonic.values_in_fiber("a*b")
    assert (counted.value, counted.status.name) == (9, "PROVED")
    layer = Lightning((3, 3), 2).map()
    rows = layer.identifiable([("v_1_1", "v_1_2"), "v_1_1"], kind="global")
    assert list(rows.value.values()) == ["globally", "nonidentifiable"]
    for result in (found, counted, rows):
        assert load(result.to_json()).verify()


def on_fibers(phi: PolynomialMap, h: PolynomialMap) -> int:
    """The most values on a fiber over GF(p) through points whose image has as many as possible."""
    p = phi.field.characteristic
    found: dict[tuple[int, ...], set[int]] = {}
    for point in product(range(p), repeat=len(phi.parameters)):
        if all(point):
            values = tuple(map(int, phi(list(point))))
            found.setdefault(values, set()).add(int(h(list(point))[0]))
    return max(map(len, found.values()))


@pytest.mark.parametrize(
    ("p", "texts", "h", "values"),
    [
        (13, ["x^3"], "x", 3),  # 3 divides 12
        (13, ["x^2", "y^2"], "x+y", 4),
        (13, ["x^2", "y^2"], "x^2+y", 2),
        (17, ["x^4", "x^2*y"], "x", 4),
        (17, ["x^4", "x^2*y"], "y", 2),
        (5, ["x^5"], "x", 1),
        (3, ["x^6"], "x", 2),
        (2, ["x^2+x"], "x", 2),
        (7, ["x^2+y^2", "x*y"], "x+y", 2),
        (2, ["x^2"], "x", 1),
        (3, ["x^3-x"], "x", 3),
    ],
)
def test_over_prime_fields(p: int, texts: list[str], h: str, values: int) -> None:
    phi = P(texts, field=GF(p))
    found = phi.values_in_fiber(h)
    assert (found.value, found.status.name) == (values, "PROVED")
    assert load(found.to_json()).verify()
    if p not in (2, 3):  # enough points to meet a general fiber
        assert on_fibers(phi, P([h], parameters=phi.parameters, field=GF(p))) == values


def test_derivatives_prove_nothing_in_characteristic_p() -> None:
    phi = P(["x^5", "y"], field=GF(5))
    assert phi.identifiable("x")["x"].finite
    assert phi.identifiable("x", kind="global")["x"].values == 1
    moved = P(["x^5", "y"], field=GF(5), symmetries=[VectorField("d", {"x": "1"})])
    assert moved.identifiable("x")["x"].finite
    with pytest.raises(AlgattnError):
        FieldMoves((("x", "1"),)).check(
            moved.identifiable("x").problem, _claim("x", "infinite", None)
        )


def _claim(function: str, says: str, values: int | None, **more: Any) -> Any:
    from algattn.results import Claim

    value = {
        "function": function,
        "says": says,
        "values": values,
        "relation": None,
        "formula": None,
    }
    return Claim("c", "", value | more, ())


# --- the reasons ---------------------------------------------------------------------------------


def reasons(found: Any) -> set[type]:
    return {type(e) for e in found.evidence}


def test_each_reason_is_used() -> None:
    gram = P(["a^2+c^2", "a*b+c*d", "b^2+d^2"])
    turn = VectorField("turn", {"a": "c", "b": "d", "c": "-a", "d": "-b"})
    assert reasons(P(["x*y"]).identifiable("x^2-6*x+9")) == {Scalings}
    assert reasons(P(["x+y", "x*y"]).identifiable("x")) == {FullRank}
    assert reasons(gram.identifiable("a*d-b*c")) == {JointDimension}
    assert reasons(gram.identifiable("a")) == {RankGrows}
    turned = P(list(gram.polynomials), symmetries=[turn])
    assert turned.identifiable("a^2")["a^2"].values == MANY
    assert reasons(P(["x^5"], field=GF(5)).identifiable("x")) == {RelationHolds}
    assert reasons(P(["x+y", "x*y"]).identifiable("x", kind="global")) == {
        RelationHolds,
        Exchanges,
    }
    assert reasons(P(["x^2+y", "x*y"]).identifiable("x", kind="global")) == {
        RelationHolds,
        IrreducibleRelation,
    }


def test_points_over_a_smooth_point_count_values() -> None:
    pytest.importorskip("sympy")
    phi = P(["a^2+4*a*b+4*b^2", "a^2*b^2", "a^3+8*b^3"])
    found = phi.identifiable("a", kind="global")
    assert found["a"].values == 2
    kinds = reasons(found) - {RelationHolds}
    assert kinds <= {FiberPoints, IrreducibleRelation}
    assert load(found.to_json()).verify()


def test_two_points_over_a_node_prove_nothing() -> None:
    phi = P(["x^2-2", "x^3-2*x"])
    problem = phi.identifiable("x", kind="global").problem
    prime = 2147483647  # 2 is a square modulo it
    root = next(r for r in (pow(2, (prime + 1) // 4, prime),) if r * r % prime == 2)
    for relation in ("h^2-y_1-2", "y_1*h-y_2"):
        proof = FiberPoints(
            (0,), ((1, "y_1^3+2*y_1^2-h^2"),), relation, ((root,), (prime - root,)), 0, prime
        )
        with pytest.raises(AlgattnError, match="good enough"):
            proof.check(problem, _claim("x", "at least", 2))


def test_guesses_are_probable() -> None:
    problem = P(["x+y", "x^2+2*x*y+y^2"]).identifiable("x").problem
    proof = GenericRank(0, 2147483647)
    proof.check(problem, _claim("x", "infinite", None))
    with pytest.raises(AlgattnError):
        proof.check(problem, _claim("x", "finite", None))
    assert proof.level.name == "PROBABLE"


def test_a_prime_that_was_chosen_badly_is_no_reason() -> None:
    """10007 x has rank 0 modulo 10007, so that x seems to move; 10007 x + y, not to."""
    problem = P(["10007*x"]).identifiable("x").problem
    with pytest.raises(AlgattnError, match="larger modulo"):
        GenericRank(0, 10007).check(problem, _claim("x", "infinite", None))
    problem = P(["y"], parameters=["x", "y"]).identifiable("10007*x+y").problem
    with pytest.raises(AlgattnError, match="larger modulo"):
        GenericRank(0, 10007).check(problem, _claim("10007*x+y", "finite", None))


def test_the_generator_of_a_field_is_no_parameter() -> None:
    """theta x stays as it is when both change places, and determines x."""
    phi = P(["theta*x", "y"], field=NumberField([-2, 0, 1], 1))
    found = phi.identifiable("x", kind="global")
    assert found["x"].values == 1
    for pair in (((0,), (2,)), ((0,), (-1,)), ((2,), (0,))):
        with pytest.raises(AlgattnError, match="parameter"):
            Exchanges((pair,)).check(found.problem, _claim("x", "at least", 2))


def test_number_fields() -> None:
    root = NumberField([-2, 0, 1], 1)
    phi = P(["theta*x^2+y", "y"], field=root)
    found = phi.identifiable(kind="global")
    assert [found[h].values for h in found] == [2, 1]
    linear = P(["theta*x+y", "x-theta*y"], field=root).identifiable(kind="global")
    assert linear["x"].formula == "1/3*y_1*theta+1/3*y_2"
    assert load(linear.to_json()).verify()
    # over QQ(sqrt 2) x^2 - 2 y^2 factors: still two values of x from x^4 + .., by the norm
    quartic = P(["x^2+theta*x", "x*y"], field=root).identifiable("x", kind="global")
    assert quartic["x"].values == 2
    assert quartic.status.name == "PROVED"


# --- attention -----------------------------------------------------------------------------------


def test_attention_layers() -> None:
    phi = Lightning((2, 2), 1).map()
    assert set(phi.identifiable().value.values()) == {"nonidentifiable"}
    functions = [
        "k_1_1*q_1_1",  # an entry of A: known up to the scaling with V
        ("k_1_1", "k_1_2"),
        ("v_1_1", "v_1_2"),
        ("k_1_1*q_1_2", "k_1_2*q_1_1"),
        "k_1_1*q_1_1*v_2_1",
    ]
    found = phi.identifiable(functions, kind="global")
    assert list(found.value.values()) == ["nonidentifiable", *["globally"] * 4]
    assert found.status.name == "PROVED"
    assert found[functions[4]].formula == "c_2_1_1_1"


def test_rank_one_layers_exchange_key_and_value() -> None:
    # A = k^T q and V of rank one: k and v can be exchanged, so that k has two directions
    phi = Lightning((2, 1), 1).map()
    found = phi.identifiable([("k_1_1", "k_1_2"), ("q_1_1", "q_1_2")], kind="global")
    assert found[("k_1_1", "k_1_2")].values == 2
    assert found[("q_1_1", "q_1_2")].values == 1


# --- formulas for all parameters -----------------------------------------------------------------


def test_inverse_formulas() -> None:
    texts = inverse_formulas(ENNEPER)
    assert texts is not None
    assert check_inverse(ENNEPER, (), texts)
    assert [t.count("+") + t.count("-") for t in texts] == [10, 10]  # 11 terms
    assert not check_inverse(ENNEPER, (), texts[::-1])
    assert not check_inverse(ENNEPER, (), texts[:1])
    assert inverse_formulas(P(["x^2", "y^2"])) is None
    squares = P(["x^2", "y^2"])
    more = inverse_formulas(squares, ["x+y"])
    assert more is not None
    assert check_inverse(squares, ["x+y"], more)
    assert not check_inverse(squares, ["x-y"], more)
    assert inverse_formulas(squares, ["x*y"]) is None
    assert inverse_formulas(P(["x*y"])) is None


# --- the object ----------------------------------------------------------------------------------


def test_it_is_a_mapping() -> None:
    found = P(["a*b", "b*c"]).identifiable(["a", ("a", "c")], kind="global")
    assert list(found) == ["a", "(a)/(c)"]
    assert len(found) == 2
    assert dict(found)["a"].verdict == "nonidentifiable"
    assert found[("a", "c")].formula == "y_1/y_2"
    assert found["a"].values == MANY
    assert not found["a"]
    assert found[("a", "c")].globally is True
    with pytest.raises(KeyError):
        found["b"]
    with pytest.raises(InputError):
        found["z"]
    assert "(a)/(c) is globally identifiable" in found.text()


def test_values_compare_like_numbers() -> None:
    assert P(["x^3"]).values_in_fiber("x") == 3
    infinite = P(["x*y"]).values_in_fiber("x")
    assert infinite > 10**9
    with pytest.raises(InputError, match="infinitely"):
        range(infinite)


@pytest.mark.parametrize("h", ["z", [], ("a", "b", "c"), ["a", "a"], 3.5, "a/0"])
def test_what_is_no_function(h: Any) -> None:
    with pytest.raises(AlgattnError):
        P(["a*b", "b"]).identifiable(h)


def test_time_limits_keep_what_is_decided() -> None:
    with pytest.raises(LimitError) as caught:
        ENNEPER.identifiable(kind="global", time_limit=0)
    assert caught.value.partial is None


def test_a_limit_keeps_the_functions_decided_before(monkeypatch: pytest.MonkeyPatch) -> None:
    count = _Work.count

    def limited(work: _Work, i: int) -> Any:
        if i == 1:
            raise LimitError("count", "the time is over", "more", work.partial())
        return count(work, i)

    monkeypatch.setattr(_Work, "count", limited)
    with pytest.raises(LimitError) as caught:
        ENNEPER.identifiable(kind="global")
    part = caught.value.partial
    assert list(part) == ["u"]
    assert part["u"].values == 1
    assert load(part.to_json()).verify()


def test_the_example_file() -> None:
    path = Path(__file__).parents[2] / "examples" / "map_jukes_cantor.json"
    data = json.loads(path.read_text())["polynomials"]
    phi = P(list(data.values()), coordinates=list(data))
    found = phi.identifiable(kind="global")
    assert set(found.value.values()) == {"globally"}
    assert found["c"].formula == "(2*p_123-2*p_12-2*p_13-2*p_23+1)/(4*p_123+4*p_12-1)"


def test_results_are_values() -> None:
    found = P(["x^2", "x*y"]).identifiable(["x", "y/x"], kind="global")
    again = load(found.to_json())
    assert again == found
    assert hash(again) == hash(found)


@pytest.mark.parametrize("kind", ["local", "global"])
def test_files_that_say_something_else(kind: str) -> None:
    result = P(["x^2", "x*y"]).identifiable(["x", "x^2", "y/x"], kind=kind)
    data = json.loads(result.to_json())
    for i, answer in enumerate(data["detail"]["answers"]):
        for name, other in (("at_least", 3), ("at_most", 1), ("finite", False), ("formula", "y_1")):
            if answer[name] != other:
                changed = json.loads(result.to_json())
                changed["detail"]["answers"][i][name] = other
                assert not holds(resealed(changed))
