"""Equations of rational maps, over number fields and small fields: against other systems; traps."""

from __future__ import annotations

import json
from math import prod
from typing import Any

import pytest
from resealing import resealed

from algattn import GF, PolynomialMap, implicitize, load
from algattn.engines import Elimination, GroebnerBasis, available, solve
from algattn.errors import HypothesisError, InputError, LimitError, ShapeError, UndecidedError
from algattn.exact import QQ, NumberField, Polynomial, PolynomialRing
from algattn.groebner.graph import generate
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicitize import kernel_equations

ROOT2 = NumberField([-2, 0, 1], 1)
GAUSS = NumberField([1, 0, 1])
CUBIC = NumberField([-1, -1, 0, 1])  # not normal: most primes do not split
BIG = 2**31 - 1  # the first prime that is tried


def over(field: Any, tops: list[str], bottoms: list[str] | None = None) -> PolynomialMap:
    return PolynomialMap(tops, bottoms, field=field)


# map, bound, minimal generators by ordinary degree
RATIONAL: dict[str, tuple[PolynomialMap, int, dict[int, int]]] = {
    "circle": (over(QQ, ["1-t^2", "2*t"], ["1+t^2", "1+t^2"]), 3, {2: 1}),
    "folium": (over(QQ, ["3*t", "3*t^2"], ["1+t^3", "1+t^3"]), 3, {3: 1}),
    "cissoid": (over(QQ, ["2*t^2", "2*t^3"], ["1+t^2", "1+t^2"]), 3, {3: 1}),
    "lemniscate": (over(QQ, ["t+t^3", "t-t^3"], ["1+t^4", "1+t^4"]), 4, {4: 1}),
    "hyperbola": (over(QQ, ["t", "1"], ["1", "t"]), 3, {2: 1}),
    "witch": (over(QQ, ["2*t", "2"], ["1", "1+t^2"]), 3, {3: 1}),
    "sphere": (
        over(QQ, ["2*s", "2*t", "s^2+t^2-1"], ["1+s^2+t^2", "1+s^2+t^2", "1+s^2+t^2"]),
        3,
        {2: 1},
    ),
    "Cremona, homogeneous": (over(QQ, ["y*z", "x*z", "x*y"]), 3, {}),
    "Cremona, graph": (
        over(QQ, ["x", "y", "1", "1"], ["1", "1", "x", "y"]),
        3,
        {2: 2},
    ),
    "inverses": (over(QQ, ["1", "1", "1"], ["a", "b", "a+b"]), 3, {2: 1}),
    "poles with constant": (over(QQ, ["1", "1", "3"], ["t^2-1", "t", "1"]), 4, {1: 1, 3: 1}),
    "cubic in space": (over(QQ, ["t", "t^2", "t^3"], ["1+t", "1+t", "1+t"]), 3, {2: 3}),
    "homogeneous quotients": (over(QQ, ["s^2", "s", "t"], ["t", "1", "1"]), 3, {2: 1}),
}
FIELDS: dict[str, tuple[PolynomialMap, int, dict[int, int]]] = {
    "conic": (over(ROOT2, ["s^2", "theta*s*t", "t^2"]), 3, {2: 1}),
    "quartic": (over(ROOT2, ["s^4+theta*t^4", "s^3*t", "theta*s*t^3+s^2*t^2"]), 4, {4: 1}),
    "cusp": (over(ROOT2, ["t^2", "theta*t^3+t^2"]), 3, {3: 1}),
    "circle, twisted": (over(ROOT2, ["1-t^2", "theta*t"], ["1+t^2", "1+t^2"]), 3, {2: 1}),
    "isotropic": (over(GAUSS, ["s+theta*t", "s-theta*t", "s^2+t^2"]), 3, {2: 1}),
    "a line": (over(GAUSS, ["s", "theta*s+1"]), 2, {1: 1}),
    "poles": (over(GAUSS, ["1", "1"], ["t-theta", "t+theta"]), 3, {2: 1}),
    "cubic field": (over(CUBIC, ["t^2+theta*t", "t^3-theta^2"]), 3, {3: 1}),
    "cubic field, space": (over(CUBIC, ["s^3", "theta*s^2*t", "s*t^2", "t^3"]), 3, {2: 3}),
}
SMALL: dict[str, tuple[PolynomialMap, int, dict[int, int]]] = {
    "circle mod 2": (over(GF(2), ["1+t^2", "t"], ["1+t+t^2", "1+t+t^2"]), 2, {1: 1}),
    "curve mod 2": (over(GF(2), ["1", "t"], ["t^2+t+1", "t+1"]), 3, {3: 1}),
    "inseparable mod 2": (over(GF(2), ["t^2", "t^4"], ["t^2+1", "1"]), 3, {3: 1}),
    "circle mod 3": (over(GF(3), ["1-t^2", "2*t"], ["1+t^2", "1+t^2"]), 3, {2: 1}),
    "poles everywhere mod 3": (over(GF(3), ["1", "t"], ["t^3-t", "1"]), 4, {4: 1}),
    "circle mod 101": (over(GF(101), ["1-t^2", "2*t"], ["1+t^2", "1+t^2"]), 3, {2: 1}),
    "folium mod 101": (over(GF(101), ["3*t", "3*t^2"], ["1+t^3", "1+t^3"]), 3, {3: 1}),
    "circle mod a word": (over(GF(BIG), ["1-t^2", "2*t"], ["1+t^2", "1+t^2"]), 3, {2: 1}),
}
ALL = RATIONAL | FIELDS | SMALL


def minimal(ring: PolynomialRing, field: Any) -> list[Polynomial]:
    """The minimal polynomial of the last variable, if that is the generator of a number field."""
    if not isinstance(field, NumberField):
        return []
    theta = ring.gens()[-1]
    return [sum((theta**k * c for k, c in enumerate(field.modulus)), ring(0))]


def eliminated(phi: PolynomialMap) -> list[Polynomial]:
    """All equations, in the target ring, by elimination of parameters and an inverse."""
    target, k = phi.target, len(phi.parameters)
    n, m = len(phi.coordinates), len(target.names)
    names = (*(f"s_{i + 1}" for i in range(k)), "u", *(f"w_{j + 1}" for j in range(m)))
    ring = PolynomialRing(target.field, names)
    gens = ring.gens()
    inside = (*gens[:k], *gens[k + 1 + n :])
    tops = [p.compose(*inside) for p in phi.numerators]
    bottoms = [q.compose(*inside) for q in phi.denominators]
    graph = [y * q - p for y, p, q in zip(gens[k + 1 :], tops, bottoms, strict=False)]
    graph += [gens[k] * prod(bottoms, start=ring(1)) - 1, *minimal(ring, phi.field)]
    found = solve(Elimination(tuple(graph), names[: k + 1]), "singular", time_limit=30)
    return [target.from_terms(g.terms()) for g in found]


def basis(polys: list[Polynomial]) -> list[Polynomial]:
    ring = polys[0].ring
    found = solve(GroebnerBasis(tuple(polys)), "singular", time_limit=30)
    return [ring.from_terms(g.terms()) for g in found]


@pytest.mark.parametrize("name", ALL)
def test_counts_and_proofs(name: str) -> None:
    phi, bound, counts = ALL[name]
    ideal = phi.equations(bound)
    assert (ideal.counts, ideal.status.name, ideal.grading) == (counts, "PROVED", "ordinary")
    again = load(ideal.to_json())
    assert again.verify()
    assert again.generators == ideal.generators
    assert implicitize(phi, max_degree=bound).texts == ideal.texts
    assert ideal.generators == () or "theta" in str(ideal.ring) or name not in FIELDS


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_elimination_agrees(name: str) -> None:
    if "singular" not in available():
        pytest.skip("needs Singular")
    phi, bound, _ = ALL[name]
    target = phi.target
    ours = [target.from_terms(g.terms()) for g in phi.equations(bound).generators]
    ours += minimal(target, phi.field)
    theirs = eliminated(phi)
    if not ours:
        assert not [g for g in theirs if g]
        return
    ones = (1,) * len(target.names)
    assert generate(basis(ours), theirs, ones)
    assert generate(basis(theirs), ours, ones)


def test_gradings_by_name() -> None:
    cusp = PolynomialMap(["t^2", "t^3"])
    for degree, bound, said in (
        ("ordinary", 3, "ordinary degree at most 3"),
        ("weighted", 6, "weighted degree at most 6 (weights 2, 3)"),
        ((1, 2), 4, "weighted degree at most 4 (weights 1, 2)"),
    ):
        ideal = cusp.equations(bound, degree=degree)
        assert ideal.counts == {bound: 1}
        assert said in ideal.sentence()
    circle = RATIONAL["circle"][0]
    assert circle.equations(4, degree=(1, 2)).counts == {4: 1}
    with pytest.raises(HypothesisError):
        circle.equations(2, degree="weighted")
    node = PolynomialMap(["t^2-1", "t^3-t"])
    assert node.equations(3).counts == {3: 1}
    assert node.equations(2).counts == {}


def test_points_over_number_fields() -> None:
    phi, bound, _ = FIELDS["quartic"]
    ideal = phi.equations(bound)
    assert ideal.violated(phi([ROOT2.theta, 3])) is None
    assert ideal.violated([1, 2, 3]) == ideal.generators[0]
    with pytest.raises(ShapeError):
        ideal.violated([1, 2])
    assert "theta" in ideal.export("macaulay2")
    assert ideal.export("macaulay2").count("^2") > 1  # with the minimal polynomial
    assert str(ideal.generators[0].ring.names[-1]) == "theta"


def test_special_coordinates() -> None:
    for tops, bottoms, counts in (
        (["0", "t"], ["t", "1"], {1: 1}),  # zero
        (["1", "1", "t"], ["t", "t", "1"], {1: 1, 2: 1}),  # repeated
        (["2", "t"], ["3", "t+1"], {1: 1}),  # constant
        (["1", "2"], ["3", "5"], {1: 2}),  # a point
        (["a", "b"], ["b", "a+1"], {}),  # dominant
        (["t^2-1"], ["t-1"], {}),  # no pole after all
    ):
        ideal = PolynomialMap(tops, bottoms).equations(2)
        assert ideal.counts == counts, tops
        assert load(ideal.to_json()).verify()
    point = PolynomialMap(["3", "theta"], parameters=["t"], field=ROOT2)
    assert point.equations(2).counts == {1: 2}


def test_poles_at_all_small_points() -> None:
    ring = PolynomialRing(QQ, ("t",))
    (t,) = ring.gens()
    bottom = prod((t**2 - n * n for n in range(1, 5)), start=t)
    phi = PolynomialMap([ring(1), t], [bottom, ring(1)])
    assert phi.equations(10).counts == {10: 1}


def test_primes_that_divide_what_they_should_not() -> None:
    """The first primes divide denominators, coefficients, or whole polynomials."""
    for tops, bottoms in (
        ([f"1/{BIG}*t^2+1/3", "t^3"], None),
        ([f"{BIG}*t^2+1/2147483629", "t^3"], None),
        ([f"{BIG}*t^2", "t^3"], None),
        (["1", "t^2"], [f"{BIG}*t+1", "1"]),
        (["1", "t^2"], [f"t+1/{BIG}", "1"]),
        ([f"t+{BIG}", "t^2"], ["t", "1"]),
    ):
        phi = PolynomialMap(tops, bottoms)
        ideal = phi.equations(4)
        assert sum(ideal.counts.values()) == 1, tops
        assert load(ideal.to_json()).verify()
    phi = over(ROOT2, ["1", "t"], [f"{BIG}*t+theta", "1"])
    assert phi.equations(3).counts == {2: 1}


def test_long_coefficients_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    phi = PolynomialMap(["123456789*t^2+987654321/7", "99999989*t^3+123456*t"])
    (g,) = phi.equations(3).generators
    assert max(abs(int(c)).bit_length() for _, c in g.terms()) > 31 * 4
    monkeypatch.setattr("algattn.groebner.lifting.FEW_PRIMES", 0)
    assert phi.equations(3).generators == (g,)
    poles = PolynomialMap(["123456789", "t^2"], ["t^2-987654321", "1"])
    assert poles.equations(3).counts == {2: 1}


def test_a_field_that_rarely_splits() -> None:
    field = NumberField([-1, -1, 0, 0, 0, 1])  # group S5: one prime in 120
    ideal = over(field, ["t^2+theta*t", "t-theta^4"]).equations(2)
    assert ideal.counts == {2: 1}
    assert ideal.verify()


def test_limits_and_refusals() -> None:
    circle = RATIONAL["circle"][0]
    with pytest.raises(InputError):
        circle.equations(0)
    with pytest.raises(HypothesisError, match="max_degree"):
        circle.implicitize()
    with pytest.raises(LimitError):
        circle.equations(10**6)
    everywhere = over(GF(1048583), ["1", "1"], ["t^1000-1", "t"])
    assert everywhere.equations(2).counts == {}


def test_false_claims_over_number_fields() -> None:
    from dataclasses import replace

    from algattn.groebner.implicit_evidence import ExactRank, KernelBound, Vanishes
    from algattn.groebner.implicit_result import ImplicitIdeal

    phi, _, _ = FIELDS["conic"]
    honest = phi.equations(2)
    (bound,) = honest.claims[1].evidence
    assert isinstance(bound, KernelBound)

    def verifies(texts: tuple[str, ...], value: Any, numbers: Any, evidence: Any = bound) -> bool:
        proofs: dict[str, Any] = {"vanish": [Vanishes()], "all": [evidence]}
        return ImplicitIdeal.assemble(
            honest.problem,
            value,
            proofs | {"minimal": [ExactRank()]},
            texts=texts,
            max_degree=2,
            degrees=honest.degrees,
            numbers=numbers,
            engine=None,
        ).verify()

    one = honest.texts
    assert verifies(one, ((2, 1),), ((1, 0), (2, 1)))
    assert not verifies((), (), ((1, 0), (2, 0)))
    assert not verifies(("-y_1*y_3*theta+y_2^2",), ((2, 1),), ((1, 0), (2, 1)))
    twice = ("y_2^2*theta-2*y_1*y_3*theta", *one)  # theta times the same
    assert not verifies(twice, ((2, 2),), ((1, 0), (2, 1)))
    inert = replace(bound, prime=2147483629)
    assert verifies(one, ((2, 1),), ((1, 0), (2, 1)), inert) is splits(2147483629)
    assert not verifies(one, ((2, 1),), ((1, 0), (2, 1)), replace(bound, prime=2))


def splits(prime: int) -> bool:
    return pow(2, (prime - 1) // 2, prime) == 1


def test_the_first_equation() -> None:
    phi = RATIONAL["lemniscate"][0]
    found = kernel_equations(GradedMap(phi, (1, 1)), 30, first=True)
    assert (found.counts, found.max_degree) == ({4: 1}, 4)
    assert found.verify()


def test_a_field_whose_primes_are_too_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algattn.maps.residues.MAX_TRIED", 100)
    far = over(NumberField([-1, -1, *[0] * 9, 1]), ["t^2+theta*t", "t"])
    with pytest.raises(UndecidedError, match="splits"):
        far.equations(2)


def test_coefficients_that_are_zero_in_the_field_are_no_terms() -> None:
    """With them a coordinate would seem to be expressed by others, and degrees would be larger."""
    plane = over(ROOT2, ["s", "theta*t"]).hilbert(2).to_data()
    plane["detail"]["equations"] = ["y_1*theta^2-2*y_1"]
    plane["value"] = plane["detail"]["upper"] = [1, 1, 1]
    assert not load(json.dumps(resealed(plane))).verify()
    conic = over(ROOT2, ["s^2", "theta*s*t", "t^2"]).ideal()
    text = json.dumps(conic.to_data())
    text = text.replace("y_2^2-2*y_1*y_3", "y_1^5*theta^2-2*y_1^5+y_2^2-2*y_1*y_3")
    forged = json.loads(text)
    forged["value"] = [[5, 1]]
    assert conic.verify()
    assert not load(json.dumps(resealed(forged))).verify()


def test_all_points_over_a_small_field_may_be_poles() -> None:
    found = over(GF(2), ["1/(s^2+s)", "s"]).ideal(max_degree=3)
    assert found.texts == ("y_1*y_2^2+y_1*y_2+1",)
    assert found.verify()
