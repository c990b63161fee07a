"""The object: reading, evaluation over many rings, derivatives, structure, data."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from flint import acb, arb, fmpq, nmod_mat

from algattn import GF, QQ, Lightning, PolynomialMap
from algattn.errors import (
    AlgattnError,
    DisagreementError,
    FieldError,
    HypothesisError,
    InputError,
    LimitError,
    RingMismatchError,
    ShapeError,
)
from algattn.exact import Matrix, NumberField, PolynomialRing
from algattn.maps import Evaluator, VectorField
from algattn.maps import PolynomialMap as Plain
from algattn.maps.compiled import Compiled
from algattn.maps.evaluators import Expanded

ROOT2 = NumberField([-2, 0, 1], 1)
CUSP = PolynomialMap(["t^2", "t^3"])
CIRCLE = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"], coordinates=("x", "y"))
QUARTIC = PolynomialMap(["theta*s^2", "s*t", "t^2+theta^3"], field=ROOT2)
SWAP = Evaluator(lambda v: [v[0] * v[1] - 2, (v[0] + 1) ** 3, v[1] * v[1]])
LAZY = PolynomialMap(SWAP, parameters=("a", "b"), coordinates=("p", "q", "r"))
MAPS = {
    "cusp": CUSP,
    "circle": CIRCLE,
    "QQ(sqrt 2)": QUARTIC,
    "GF(7)": PolynomialMap(["x^7+x*y", "3*y"], field=GF(7)),
    "evaluator": LAZY,
    "layer": Lightning((2, 1), 1).map(),
    "two heads": Lightning((2, 2), 1, heads=2).map("QKV"),
    "biases": Lightning((1, 1), 1, biases="qkvo").map(),
    "deep": Lightning((1, 2, 1), 1).map("AV"),
}


def test_values_over_many_rings() -> None:
    phi = PolynomialMap(["2/3*x^2*y-1", "x+y", "5"], parameters=("x", "y"))
    x, y = PolynomialRing(QQ, ("x", "y")).gens()
    u, v = PolynomialRing(GF(101), ("u", "v")).gens()
    assert phi([3, "1/2"]) == [2, fmpq(7, 2), 5]
    assert phi([Fraction(3), Fraction(1, 2)]) == [2, fmpq(7, 2), 5]
    assert phi([3, GF(101)(2)]) == [GF(101)(11), GF(101)(5), GF(101)(5)]
    assert phi([1.5, 2]) == pytest.approx([2.0, 3.5, 5.0])
    assert phi([1j, 2]) == pytest.approx([-7 / 3, 2 + 1j, 5])
    assert phi(np.array([1.5, 2.0])) == pytest.approx([2.0, 3.5, 5.0])
    assert phi([np.int64(3), np.int64(2)]) == [11, 5, 5]
    assert phi([sympy.Rational(3, 2), sympy.Integer(2)]) == [2, fmpq(7, 2), 5]
    assert phi([ROOT2.theta, 1])[0] == fmpq(1, 3)
    assert phi([x, y])[:2] == [x**2 * y * "2/3" - 1, x + y]
    assert phi([u, v])[0] == u**2 * v * GF(101)("2/3") - 1
    for ball in (arb, acb):
        assert all(b.overlaps(ball(e)) for b, e in zip(phi([ball(3), 2]), (11, 5, 5), strict=True))
    assert QUARTIC([1.0, 2.0])[0] == pytest.approx(2**0.5)
    assert QUARTIC([arb(1), 2])[0].overlaps(arb(2).sqrt())
    assert QUARTIC([1, 2]) == [ROOT2.theta, 2, 4 + 2 * ROOT2.theta]


def test_quotients() -> None:
    assert CIRCLE(["1/2"]) == [fmpq(3, 5), fmpq(4, 5)]
    assert CIRCLE.base_locus() == (CIRCLE.denominators[0],)
    assert (
        PolynomialMap(["x^2-1"], ["2*x-2"]).numerators[0] * 2
        == PolynomialMap(["x+1"]).numerators[0]
    )
    assert not PolynomialMap(["x^2-1"], ["x-1"]).rational
    with pytest.raises(HypothesisError, match="zero there"):
        PolynomialMap(["1"], ["x"], parameters=("x",))([0])
    with pytest.raises(HypothesisError, match="rational"):
        _ = CIRCLE.polynomials
    square = PolynomialMap(["u^2+v^2"]).compose(CIRCLE)
    assert square.numerators == (square.ring(1),)
    assert not square.rational
    assert CIRCLE.compose(PolynomialMap(["1"], ["s"], parameters=("s",)))([2]) == CIRCLE(["1/2"])


@pytest.mark.parametrize("name", MAPS)
def test_jets_are_the_exact_jacobian_modulo_primes(name: str) -> None:
    phi, rng = MAPS[name], random.Random(3)
    point = [rng.randrange(1, 7) for _ in phi.parameters]
    prime = next(phi.primes())
    exact, values = phi.jacobian(point), phi(point)
    assert isinstance(exact, Matrix)
    found, rows = phi.jet(point, prime)
    again = PolynomialMap(phi).jet([GF(prime)(x) for x in point], prime)
    assert (found, rows) == again
    if phi.field == QQ:
        assert found == [int(GF(prime)(x)) for x in values]
        assert rows == [[int(GF(prime)(x)) for x in row] for row in exact.rows]
    assert nmod_mat(rows, prime).rank() == exact.rank()


@pytest.mark.parametrize("name", MAPS)
def test_evaluation_is_that_of_the_polynomials(name: str) -> None:
    phi = MAPS[name]
    other = PolynomialMap(
        list(phi.numerators),
        list(phi.denominators) if phi.rational else None,
        field=phi.field,
        coordinates=phi.coordinates,
    )
    point = [n * n + 2 for n in range(len(phi.parameters))]
    assert phi(point) == other(point)
    assert phi.jacobian(point) == other.jacobian(point)
    assert phi.grading == other.grading
    assert phi.fiber_torus == other.fiber_torus


@pytest.mark.parametrize("name", MAPS)
def test_data(name: str) -> None:
    phi = MAPS[name]
    again = Plain.from_data(phi.to_data())
    assert again == phi
    assert hash(again) == hash(phi)
    assert again.shapes == phi.shapes
    assert again.check() is phi.check()
    assert repr(phi).startswith("<")


@pytest.mark.parametrize("name", MAPS)
def test_arrays_give_the_jets_of_flint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    phi = MAPS[name]
    primes = [7] if phi.field.characteristic else [7, 10007, 2**31 - 1]
    for prime in primes:
        found = {}
        for fewest in (0, 10**9):
            monkeypatch.setattr("algattn.maps.evaluators.FEWEST", fewest)
            fresh = Plain.from_data(phi.to_data())
            points = [fresh.random_point(seed, prime) for seed in range(3)]
            points.append([GF(prime)(0)] * len(phi.parameters))
            found[fewest] = [fresh.rows(point) for point in points]
        assert found[0] == found[10**9]


def test_arrays_of_random_polynomials() -> None:
    rng = random.Random(5)
    for field in (QQ, GF(2), GF(3), GF(10007)):
        ring = PolynomialRing(field, ("x", "y", "z"))
        rows = [
            [([rng.choice((0, 0, 1, 2, 3, 900)) for _ in "xyz"], rng.randrange(-9, 9))] * n
            for n in (0, 1, 2, 1, 3)
        ]
        polys = [ring.from_terms(row) for row in rows] + [ring(5), ring(0)]
        prime = field if field.characteristic else GF(101)
        point = [rng.randrange(prime.characteristic) for _ in "xyz"]
        values, entries = Compiled(polys).jet(point, prime)
        over = Expanded(polys, field).modulo(prime).given
        assert values == [int(p(*point)) for p in over]
        slopes = {
            (i, j): int(p.derivative("xyz"[j])(*point))
            for i, p in enumerate(over)
            for j in range(3)
        }
        assert {(i, j): x for i, j, x in entries} == {k: x for k, x in slopes.items() if x}
    (x,) = PolynomialRing(QQ, ("x",)).gens()
    with pytest.raises(FieldError):
        Compiled([x * "1/7"]).jet([1], GF(7))


def test_data_of_plain_polynomials_stay() -> None:
    assert CUSP.to_data() == {
        "parametrization": {
            "ring": {"field": "QQ", "names": ["t"], "order": "degrevlex", "weights": [1]},
            "coordinates": ["y_1", "y_2"],
            "polynomials": ["t^2", "t^3"],
        }
    }


def test_derivatives_against_sympy() -> None:
    a, b = sympy.symbols("a b")
    given = [a**3 * b - 2 * a, (a + b) ** 4, sympy.Rational(1, 3) * b**5]
    phi = PolynomialMap(given)
    wanted = sympy.Matrix(given).jacobian([a, b]).subs({a: 2, b: 5})
    assert phi.jacobian([2, 5]) == Matrix(QQ, wanted.tolist())
    assert phi.jacobian([2.0, 5.0]) == np.array(wanted.tolist(), dtype=float).tolist()
    assert str(phi.jacobian()[1][0]) == "4*a^3 + 12*a^2*b + 12*a*b^2 + 4*b^3"


def test_blocks_and_slices() -> None:
    phi = PolynomialMap(["v_1_1*s", "v_1_2+s^2"], parameters={"v": (1, 2), "s": ()})
    assert phi.parameters == ("v_1_1", "v_1_2", "s")
    assert phi({"v": [[1, 2]], "s": 3}) == phi([1, 2, 3]) == phi({"v_1_1": 1, "v_1_2": 2, "s": 3})
    part = phi.restrict({"s": "1/2"})
    assert part.shapes == {"v": (1, 2)}
    assert part([1, 2]) == phi([1, 2, "1/2"])
    assert phi.restrict({"v_1_1": "s^2"}).shapes == {"v_1_2": (), "s": ()}
    assert phi.restrict({"v_1_1": "s^2"})([2, 3]) == phi([9, 2, 3])
    lazy = LAZY.restrict({"b": 4})
    assert (lazy([2]), lazy.jacobian([2]).rows) == (LAZY([2, 4]), [[4], [27], [0]])
    layer = Lightning((2, 2), 1).map("QKV").restrict({"k_1_1": 1, "q_1_1": 1})
    assert layer.shapes == {"k_1_2": (), "q_1_2": (), "v": (2, 2)}
    assert PolynomialMap(["a*b+c", "d", "c*d"]).blocks() == (("a", "b"), ("c", "d"))


def test_symmetries_are_checked() -> None:
    turn = VectorField("turn", {"x": "y", "y": "-x"})
    assert PolynomialMap(["x^2+y^2"], symmetries=[turn]).check().name == "PROVED"
    with pytest.raises(DisagreementError, match="turn"):
        PolynomialMap(["x^2+2*y^2"], symmetries=[turn]).check()
    ratio = PolynomialMap(["x^2+y^2"], ["x^4+2*x^2*y^2+y^4+1"], symmetries=[turn])
    assert ratio.check().name == "PROVED"
    free = VectorField("free", lambda v: {0: v[1], 1: v[0] * -1})
    assert PolynomialMap(["x^2+y^2"], symmetries=[free]).to_data()["parametrization"][
        "symmetries"
    ] == [["free", [["x", "y"], ["y", "-x"]]]]
    scaled = VectorField("turn over a field", {"x": "theta*y", "y": "-2*x"})
    conic = PolynomialMap(["theta*x^2+y^2"], field=ROOT2, symmetries=[scaled])
    assert conic.check().name == "PROVED"


def test_symmetries_at_points_where_nothing_is_expanded() -> None:
    class Large(Evaluator):
        def polynomials(self, variables: Any) -> Any:
            raise LimitError("expand", "it is large", "do not")

    large = Large(lambda v: [v[0] * v[1]])
    for minus, good in (("-1", True), ("1", False)):
        field = VectorField("scaling", lambda v, m=int(minus): {0: v[0], 1: v[1] * m})
        phi = PolynomialMap(large, parameters=["a", "b"], coordinates=["p"], symmetries=[field])
        if good:
            assert phi.check().name == "PROBABLE"
        else:
            with pytest.raises(DisagreementError):
                phi.check()
        assert phi([2, 3]) == [6]


@pytest.mark.parametrize("params", ["QKV", "AV"])
@pytest.mark.parametrize("options", [{}, {"heads": 2}, {"mask": "causal"}, {"residual": True}])
def test_networks_are_maps(params: str, options: dict[str, Any]) -> None:
    net = Lightning((2, 2), 1, **options)
    phi, wanted = net.map(params), net.parametrization(params)
    assert phi.numerators == tuple(p for _, p in wanted.polynomials())
    assert phi.parameters == wanted.parameters
    assert phi.check().name == "PROVED"
    assert bool(phi.declared) == (params == "QKV")


BAD: dict[str, Callable[[], Any]] = {
    "no polynomials": lambda: PolynomialMap([]),
    "a text": lambda: PolynomialMap("t^2"),
    "code": lambda: PolynomialMap(["__import__('os')"]),
    "half a term": lambda: PolynomialMap(["t^"]),
    "two rings": lambda: PolynomialMap([*CUSP.polynomials, *PolynomialMap(["s"]).polynomials]),
    "other parameters": lambda: PolynomialMap(["t"], parameters=("s",)),
    "no parameters": lambda: PolynomialMap(["1"], parameters=()),
    "a parameter twice": lambda: PolynomialMap(["t"], parameters=("t", "t")),
    "a block without size": lambda: PolynomialMap(["t"], parameters={"t": (0,)}),
    "a shape that is none": lambda: PolynomialMap(["t"], parameters={"t": "3"}),
    "one name": lambda: PolynomialMap(["t", "t^2"], coordinates=("x",)),
    "a name twice": lambda: PolynomialMap(["t", "t^2"], coordinates=("x", "x")),
    "a name that is none": lambda: PolynomialMap(["t"], coordinates=(3,)),
    "denominators missing": lambda: PolynomialMap(["t", "t"], ["t"]),
    "a zero denominator": lambda: PolynomialMap(["t"], ["0"]),
    "another field": lambda: PolynomialMap(CUSP.polynomials, field=GF(7)),
    "no field": lambda: PolynomialMap(["t"], field="QQ"),
    "a bare evaluator": lambda: PolynomialMap(SWAP),
    "a large exponent": lambda: PolynomialMap(["t^100001"]),
    "parts of a map": lambda: PolynomialMap(CUSP, coordinates=("x", "y")),
    "no symmetry": lambda: PolynomialMap(["t"], symmetries=["turn"]),
    "symmetry of another": lambda: PolynomialMap(["t"], symmetries=[VectorField("x", {"u": "t"})]),
    "short point": lambda: CUSP([]),
    "long point": lambda: CUSP([1, 2]),
    "no point": lambda: CUSP(3),
    "a word": lambda: CUSP("7"),
    "None": lambda: CUSP([None]),
    "a list": lambda: CUSP([[1]]),
    "a truth value": lambda: CUSP([True]),
    "a mapping": lambda: CUSP({"s": 1}),
    "overflow": lambda: CUSP([1e200]),
    "floats modulo 7": lambda: MAPS["GF(7)"]([1.5, 2]),
    "two primes": lambda: LAZY([GF(7)(1), GF(11)(1)]),
    "two fields": lambda: QUARTIC([NumberField([-3, 0, 1]).theta, 1]),
    "no prime": lambda: CUSP.jet([1], 6),
    "a bad prime": lambda: PolynomialMap(["1/7*t"]).jet([1], 7),
    "another prime": lambda: MAPS["GF(7)"].jet([1, 1], 11),
    "no root": lambda: QUARTIC.jet([1, 1], 5),
    "no map": lambda: CUSP.compose(3),
    "maps that do not fit": lambda: CUSP.compose(LAZY),
    "maps over two fields": lambda: CUSP.compose(PolynomialMap(["x"], field=GF(7))),
    "nothing left": lambda: CUSP.restrict({"t": 1}),
    "no such parameter": lambda: CUSP.restrict({"s": 1}),
    "no slice": lambda: LAZY.restrict({"a": "a^2"}),
    "other data": lambda: Plain.from_data({"parametrization": {}}),
    "data that are none": lambda: Plain.from_data([1]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str) -> None:
    with pytest.raises(AlgattnError) as caught:
        BAD[name]()
    assert len(str(caught.value)) < 400


def test_kinds_of_errors() -> None:
    for name, kind in {
        "two rings": RingMismatchError,
        "another field": FieldError,
        "long point": ShapeError,
        "code": InputError,
        "a large exponent": LimitError,
    }.items():
        with pytest.raises(kind):
            BAD[name]()
