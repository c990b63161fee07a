"""Ideals as objects: components, guards and members, against other engines and known answers."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from ideals_to_compare import IDEALS, ROOT2
from resealing import holds, resealed

from algattn import GF, Ideal, Lightning, PolynomialMap, load
from algattn.engines import (
    Check,
    Cofactors,
    FreeResolution,
    Intersection,
    NormalForm,
    PrimaryDecomposition,
    Quotient,
    Radical,
    answer,
    available,
    clear_cache,
    solve,
)
from algattn.engines.span import generates
from algattn.engines.tasks import task_from_data
from algattn.errors import (
    AlgattnError,
    CertificateError,
    EngineNotFoundError,
    EngineOutputError,
    HypothesisError,
    InputError,
    RingMismatchError,
    ShapeError,
)
from algattn.exact import QQ, NumberField, PolynomialRing
from algattn.groebner.certificates import Basis, Refuted
from algattn.groebner.decomposition import Decomposition
from algattn.groebner.finder import Finder
from algattn.groebner.hilbert import HilbertBounds
from algattn.groebner.ideal_base import verified
from algattn.groebner.ideal_guards import saturation_guard
from algattn.groebner.sliced_degree import Sliced
from algattn.results import Status

QUICK = (
    *("twisted cubic", "line with an embedded point", "monomials", "doubled line with a plane"),
    *("conjugate points", "saturation trap", "over GF(2)", "over QQ(sqrt 2), not reduced"),
    *("over QQ(cbrt 2)", "no zeros", "all zeros"),
)
W, X, Y, Z = PolynomialRing(QQ, ("w", "x", "y", "z")).gens()
CUBIC = (X**2 - W * Y, X * Y - W * Z, Y**2 - X * Z)


def need(*names: str) -> None:
    for name in names:
        if name not in available():
            if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
                pytest.fail(available().missing[name])
            pytest.skip(available().missing[name])


def sizes(found: Any) -> list[tuple[Any, ...]]:
    return sorted((c.dimension, c.degree, c.multiplicity, c.embedded) for c in found.components)


# --- components ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n not in QUICK)) for n in IDEALS]
)
def test_components_are_proved(name: str) -> None:
    need("singular")
    ideal, wanted = IDEALS[name]
    found = ideal.primary_decomposition()
    assert sizes(found) == sorted(wanted)
    assert found.status is Status.PROVED
    assert found.reduced == all(m == 1 and not embedded for _, _, m, embedded in wanted)
    assert load(found.to_json()).verify()
    assert Ideal(found.primes()[0] if len(found) else [1], ring=ideal.ring).dimension() == (
        found.value
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", IDEALS)
def test_the_other_engine_finds_the_same_components(name: str) -> None:
    need("singular", "macaulay2")
    ideal, _ = IDEALS[name]
    ring = ideal._problem.ring
    found = ideal.primary_decomposition()
    task = PrimaryDecomposition(ideal._equations, ring=ring)
    others = solve(task, "macaulay2")
    assert len(others) == len(found)
    for c in found:
        prime, primary = c.bases(found.system)
        (other,) = (o for o in others if _same(prime, o.prime))
        assert (other.dimension, other.degree) == prime.size
        if not c.embedded:
            assert _same(primary, other.primary)


def _same(basis: Basis, polys: Any) -> bool:
    ring = basis.ring
    other = Basis(ring, tuple(ring.from_terms(g.terms()) for g in polys))
    return basis.reduces(other.polys) and other.reduces(basis.polys)


@pytest.mark.slow
def test_components_without_an_engine_that_decomposes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SINGULAR", "MACAULAY2", "MSOLVE"):
        monkeypatch.setenv(f"ALGATTN_{name}", "/nowhere")
    clear_cache()
    try:
        assert sizes(Ideal(["x^2", "x*y"]).primary_decomposition()) == [
            (0, 1, 2, True),
            (1, 1, 1, False),
        ]
        found = Ideal(["x-y^2", "x*y-1"]).minimal_primes(absolute=True)
        assert found.status is Status.PROVED
        assert [(c.degree, c.conjugates) for c in found] == [(1, 1), (2, 2)]
        assert Ideal(["(x+y)^3"]).radical().generators == Ideal(["x+y"]).generators
        with pytest.raises(EngineNotFoundError, match="singular"):
            Ideal(["x^2-y*z", "x*y-w^2"]).minimal_primes()
        assert Ideal(["x^2-y*z", "x*y-w^2"]).contains("x^3-w^2*z")
    finally:
        clear_cache()


def test_conjugates_are_proved_by_points_or_degrees() -> None:
    need("singular")
    for texts, counts, status in (
        (["x^2-w*y", "x*y-w*z", "y^2-x*z"], [1], Status.PROVED),  # a smooth rational point
        (["x^2+1", "y^2-2"], [4], Status.PROVED),  # points
        (["x^2-2*y^2"], [2], Status.PROBABLE),  # Singular's word
    ):
        found = Ideal(texts).minimal_primes(absolute=True)
        assert [c.conjugates for c in found] == counts
        assert found.status is status


def test_changed_decompositions_do_not_verify() -> None:
    need("singular")
    found = Ideal(["x^2", "x*y"]).primary_decomposition()
    data = json.loads(found.to_json())
    assert holds(json.dumps(resealed(data)))
    parts = data["detail"]["components"]
    for change in (
        parts[:1],
        [parts[0], parts[1] | {"embedded": False}],
        [parts[0] | {"degree": 2}, parts[1]],
        [parts[0], parts[1] | {"multiplicity": 3}],
    ):
        rest = tuple(
            replace(c, **{k: v for k, v in new.items() if v != old[k]})
            for c, old, new in zip(found.components, parts, change, strict=False)
        )
        evidence = {c.name: c.evidence for c in found.claims}
        forged = Decomposition.assemble(
            found.problem,
            found.value,
            evidence,
            components=rest,
            primes_only=False,
            engine=found.engine,
        )
        assert not forged.verify()


# --- guards --------------------------------------------------------------------------------------


def test_the_guard_of_a_primary_ideal_looks_at_more_than_the_radical() -> None:
    """(x^2, xy) has the radical (x), and is not primary."""
    need("singular")
    ring = W.ring
    prime, false, true = (Basis(ring, p) for p in ((X,), (X**2, X * Y), (X**2,)))
    assert Finder().primary(prime, true).powers == (2,)
    with pytest.raises(Refuted):
        Finder().primary(prime, false)


def test_reducible_ideals_get_no_proof_that_they_are_prime() -> None:
    need("singular")
    for polys in ((X**2 - Y**2,), (X * Y, Z), (X**2,), (X**2 - 1, Y**2 - 1), (X * Y - X, Z * X)):
        basis = Basis(W.ring, Ideal(polys).groebner().value)
        with pytest.raises(Refuted):
            Finder().prime(basis)
    both = Ideal(CUBIC).intersection([W**3, X**3, Y**3, Z**3]).groebner()
    with pytest.raises(Refuted):  # the top-dimensional part alone is prime
        Finder().prime(Basis(W.ring, both.value))


def test_the_guard_of_a_saturation_without_homogeneity() -> None:
    """J = I contains I, f^0 takes it there, and the affine K-polynomials agree."""
    ideal = Ideal(["x*z", "y*z", "z^2-z", "x^3-x*y^2+y^2+x+1-z"])
    found = ideal.saturation("x")
    assert found == Ideal(["z", "x^3-x*y^2+y^2+x+1"])
    assert found.check.complete
    own = Basis(ideal.ring, ideal.groebner().value)
    with pytest.raises(Refuted, match="no zero-divisor"):
        saturation_guard(own, ideal.ring.gens()[0], own, Finder())
    homogeneous = Ideal(["x*y", "x*z"])
    found = homogeneous.saturation("x")
    assert found.check.complete
    own = Basis(homogeneous.ring, homogeneous.groebner().value)
    with pytest.raises(Refuted, match="no zero-divisor"):
        saturation_guard(own, homogeneous.ring.gens()[0], own, Finder())
    whole = Basis(own.ring, (own.ring(1),))
    assert (
        "a power of the polynomial takes it into the ideal"
        in saturation_guard(own, homogeneous.ring.gens()[0], whole, Finder()).word
    )


def test_a_basis_modulo_a_prime_proves_nothing_without_homogeneity() -> None:
    """(x - y, x - 8y - 1) is the whole ring modulo 7."""
    found = Ideal(["x-y", "x-8*y-1"]).groebner()
    assert found.check.complete
    assert [str(g) for g in found.value] == ["y + 1/7", "x + 1/7"]
    assert Ideal(["x-y", "x-8*y-1"], field=GF(7)).dimension() == -1


def test_a_basis_that_ranks_do_not_show_gets_cofactors() -> None:
    found = Ideal(["x^9-y", "y^9-z", "z^2-x"]).groebner()
    assert found.check.complete


# --- members and what is made of ideals ----------------------------------------------------------


def test_members_with_cofactors_and_others_with_normal_forms() -> None:
    ideal = Ideal(CUBIC)
    yes = ideal.contains(X**3 - W**2 * Z)
    assert yes
    assert yes.status is Status.PROVED
    assert sum((c * g for c, g in zip(yes.cofactors or (), CUBIC, strict=True)), W.ring(0)) == (
        X**3 - W**2 * Z
    )
    no = ideal.contains("x^2*y^2")
    assert not no
    assert (no.cofactors, str(no.normal_form), no.status) == (None, "w*x*y*z", Status.PROVED) or (
        no.normal_form == solve(NormalForm(CUBIC, X**2 * Y**2))
    )
    for found in (yes, no):
        data = json.loads(found.to_json())
        assert holds(json.dumps(resealed(data)))
        text = json.dumps(data).replace("x^3-w^2*z", "x^3-w^2*y").replace("x^2*y^2", "x^2*y")
        assert not holds(json.dumps(resealed(json.loads(text))))


def test_members_over_other_fields() -> None:
    ideal = Ideal(["x^2-theta*y", "y-theta"], field=ROOT2)
    found = ideal.contains("x^2-2")
    assert found
    assert len(found.cofactors or ()) == 3  # with one for theta^2 - 2
    assert not ideal.contains("x-theta")
    small = Ideal(["x^2-x", "y"], field=GF(2))
    assert small.contains("x^5-x+y")
    assert not small.contains("x")


def test_intersections_quotients_and_sums() -> None:
    ring = W.ring
    first, second = Ideal(["x", "y"], ring=ring), Ideal(["z"], ring=ring)
    met = first.intersection(second)
    assert met == Ideal(["x*z", "y*z"], ring=ring)
    assert met.check.complete
    assert met.quotient("z") == first
    assert met.quotient(first) == second
    assert met.quotient(second) == first
    assert (first + second).dimension() == 1
    assert first + second != first
    nothing, everything = Ideal([], ring=ring), Ideal([1], ring=ring)
    assert nothing.quotient("x") == nothing
    assert first.quotient("0") == everything
    assert everything.intersection(first) == first
    assert nothing.intersection(first) == nothing
    with pytest.raises(RingMismatchError):
        first.intersection(Ideal(["x"]))


def test_radicals() -> None:
    need("singular")
    for texts, wanted in (
        (["x^2", "x*y"], ["x"]),
        (["(x^2-2)^2*y", "y^3*x"], ["x*y", "x^2*y-2*y", "x^4*0+y"]),
        (["x^2-2*x+1", "y^2"], ["x-1", "y"]),
    ):
        found = Ideal(texts).radical()
        assert found.check.complete
        assert found == Ideal(wanted, ring=Ideal(texts).ring)


def test_series_and_resolutions() -> None:
    need("singular")
    ideal = Ideal(CUBIC)
    assert ideal.hilbert_series().value == (1, 0, -3, 2)
    found = ideal.betti()
    assert found.value == {(0, 0): 1, (1, 2): 3, (2, 3): 2}
    assert found.check.word == ("it is exact",)
    assert (ideal.dimension(), ideal.degree()) == (2, 3)
    assert Ideal(["x^2-theta*y^2"], field=ROOT2).hilbert_series().value == (1, 0, -1)
    assert Ideal(["x^2-y"], ring=PolynomialRing(QQ, ("x", "y"), weights=(1, 2))).betti().value == {
        (0, 0): 1,
        (1, 2): 1,
    }
    with pytest.raises(HypothesisError, match="degrees"):
        Ideal(["x^2-y"]).betti()


@pytest.mark.slow
def test_betti_numbers_by_the_other_engine() -> None:
    need("singular", "macaulay2")
    minors = ["a*e-b*d", "a*f-c*d", "b*f-c*e"]
    for texts in (minors, ["x^2", "x*y", "y^3"], ["a*b", "b*c", "c*d"], ["x^2-w*y", "x*z"]):
        assert Ideal(texts).betti().value == Ideal(texts).betti(engine="macaulay2").value


SLOW = [pytest.param(e, marks=pytest.mark.slow) for e in ("macaulay2", "builtin")]


@pytest.mark.parametrize("engine", ["singular", *SLOW])
def test_the_new_tasks(engine: str) -> None:
    if engine != "builtin":
        need(engine)
    ring = W.ring
    found = answer(Cofactors((ring(0), *CUBIC), (CUBIC[0] * Z, X)), engine)
    assert found.value[1] is None
    assert found.value[0][0] == 0
    assert found.check == Check(
        ("cofactors times generators give the members",), ("the others lie not in the ideal",)
    )
    assert set(map(str, solve(Intersection((X,), (Y, Z)), engine))) == {"x*y", "x*z"}
    assert set(map(str, solve(Quotient((X * Y, X * Z), X), engine))) == {"y", "z"}
    assert solve(NormalForm(CUBIC, X**2), engine) == W * Y
    if engine != "builtin":
        assert list(map(str, solve(Radical((X**2, X * Y)), engine))) == ["x"]
        assert solve(FreeResolution(CUBIC), engine).degrees == ((0,), (2, 2, 2), (3, 3))


def test_tasks_survive_json() -> None:
    for task in (
        Cofactors(CUBIC, (X, Y)),
        Intersection(CUBIC, (X,)),
        Quotient(CUBIC, X),
        NormalForm(CUBIC, X),
        Radical(CUBIC),
        FreeResolution(CUBIC),
    ):
        assert task_from_data(json.loads(json.dumps(task.to_data()))) == task


def test_a_wrong_resolution_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from algattn.groebner import ideal_questions

    found = answer(FreeResolution(CUBIC[:2]), "singular" if "singular" in available() else None)

    def lies(task: Any, *args: Any, **options: Any) -> Any:
        return found if isinstance(task, FreeResolution) else answer(task, *args, **options)

    monkeypatch.setattr(ideal_questions, "answer", lies)
    with pytest.raises(EngineOutputError, match="generates the ideal"):
        Ideal(CUBIC).resolution()


# --- fibers over given weights -------------------------------------------------------------------

GRAM = PolynomialMap(["a^2+b^2", "a*c+b*d", "c^2+d^2"])


def test_gram_matrices_over_special_points() -> None:
    need("singular")
    zero = GRAM.fiber([0, 0, 0, 0])
    assert sizes(zero) == [(0, 1, zero.components[1].multiplicity, True), (2, 2, 1, False)]
    assert zero.reduced is False
    assert [c.reduced for c in zero.isolated] == [True]
    rank1 = GRAM.fiber([1, 0, 1, 0], absolute=True)
    assert sizes(rank1) == [(1, 2, 2, False)]
    assert [c.conjugates for c in rank1] == [1]
    general = GRAM.fiber([1, 0, 0, 1])
    assert (sizes(general), general.reduced) == ([(1, 2, 1, False)] * 2, True)
    for found in (zero, rank1, general):
        assert found.status is Status.PROVED
        assert load(found.to_json()).verify()


@pytest.mark.slow
def test_gram_matrices_by_macaulay2() -> None:
    need("macaulay2")
    for point, wanted in (
        ([0, 0, 0, 0], [(0, 1, True), (2, 2, False)]),
        ([1, 0, 1, 0], [(1, 2, False)]),
    ):
        found = GRAM.fiber(point, engine="macaulay2")
        assert sorted((c.dimension, c.degree, c.embedded) for c in found) == wanted
        assert found.status is Status.PROVED


def test_fibers_of_rational_maps_leave_out_the_poles() -> None:
    need("singular")
    phi = PolynomialMap(["x^2", "x*y"], ["y", "y^2"])
    assert [c.prime for c in phi.fiber([1, 2])] == [("y-2", "x-1")]
    assert [c.prime for c in phi.fiber([0, 2])] == [("x",)]  # not (x, y)
    assert [str(g) for g in phi.fiber_ideal([0, 2]).generators] == ["x"]
    with pytest.raises(HypothesisError, match="denominator"):
        phi.fiber([1, 0])
    assumed = PolynomialMap(["x*y"], parameters=["x", "y"], assume_nonzero=["x"])
    assert [c.prime for c in assumed.fiber([1, 0])] == [("y",)]


def test_fibers_over_number_fields_and_prime_fields() -> None:
    need("singular")
    phi = PolynomialMap(["x^4"], field=ROOT2)
    found = phi.fiber([ROOT2.theta], absolute=True)
    assert [(c.degree, c.conjugates) for c in found] == [(1, 1), (1, 1), (2, 2)]
    assert found.status is Status.PROVED
    assert load(found.to_json()).verify()
    cubes = PolynomialMap(["x^3+y^3"], field=GF(3)).fiber([1, 2])
    assert sizes(cubes) == [(1, 1, 3, False)]  # inseparable: nowhere reduced
    assert sizes(PolynomialMap(["x^3"], field=GF(2)).fiber([1])) == [
        (0, 1, 1, False),
        (0, 2, 1, False),
    ]
    assert sizes(PolynomialMap(["5"], parameters=["x"]).fiber([1])) == [(1, 1, 1, False)]
    cubic = NumberField([-2, 0, 0, 1], 0)
    assert len(PolynomialMap(["x^3"], field=cubic).fiber([cubic.theta])) == 2


def test_weights_are_points_of_the_map_of_a_network() -> None:
    need("singular")
    net = Lightning((2, 1), 1)
    weights = net.random_weights(1)
    found = net.map().fiber(weights)
    assert found.status is Status.PROVED
    structural = [c.dimension for c in net.fiber(weights).components]
    assert found.component_dimensions == sorted(structural)
    assert net.fiber_ideal(weights, "QKV").minimal_primes().value == found.value


def test_other_ideals_have_the_same_methods() -> None:
    phi = PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"])
    ideal = phi.implicitize(2)
    assert ideal.contains("y_1^2*y_4-y_1*y_2*y_3")
    assert not ideal.contains("y_1")
    assert (ideal + Ideal(["y_1"], ring=ideal.ring)).dimension() == 1
    cusp = PolynomialMap(["t^2", "t^3"]).singular_ideal(["y_1^3-y_2^2"])
    assert cusp.contains("y_1^2")
    assert PolynomialMap(["a*b"]).fiber_ideal([1, 2]).contains("a^2*b-2*a")


def test_a_larger_ideal_is_no_basis_in_a_ring_of_another_order() -> None:
    """(y^2 - x, z^2 - x) contains y^2 - z^2; lexicographically its members start with x."""
    ring = PolynomialRing(QQ, ("x", "y", "z"))
    data = Ideal(["y^2-x", "z^2-x"], ring=ring).primary_decomposition().to_data()
    data["problem"]["ideal"]["ring"]["order"] = "lex"
    data["problem"]["ideal"]["generators"] = ["y^2-z^2"]
    text = json.dumps(data).replace("z^2-x", "-x+z^2").replace("y^2-x", "-x+y^2")
    assert not holds(resealed(json.loads(text)))
    x, y, z = ring.gens()
    larger, heads = [z**2 - x, y**2 - x], [(0, 0, 2), (0, 2, 0)]
    assert generates([y**2 - z**2], larger, heads, (1, 1, 1), True) is None


def test_an_ideal_over_a_number_field_has_rational_numbers() -> None:
    """Modulo 7 there is a square root of 2, and x^2 - theta has three components."""
    ring = PolynomialRing(GF(7), ("x", "theta"))
    data = Ideal(["x^2-theta", "theta^2-2"], ring=ring).primary_decomposition().to_data()
    over = Ideal(["x"], ring=PolynomialRing(QQ, ("x", "theta")), field=ROOT2).minimal_primes()
    data["problem"]["ideal"]["field"] = over.to_data()["problem"]["ideal"]["field"]
    data["problem"]["ideal"]["generators"].pop()
    for part in data["detail"]["components"]:
        part["degree"] = part["degree"] // 2 or 1
    with pytest.raises(AlgattnError):
        resealed(data)


def test_weights_over_a_number_field_are_positive() -> None:
    ideal = Ideal(["x*y"], ring=PolynomialRing(QQ, ("x", "y", "theta")), field=ROOT2)
    for weights in ((1, -1), (0, 0), (1,), (1, 1, 1)):
        with pytest.raises((InputError, ShapeError)):
            ideal.hilbert_series(weights, engine="builtin")
    assert ideal.hilbert_series((1, 2), engine="builtin").value == (1, 0, 0, -1)


def test_a_basis_without_all_its_checks_is_asked_for_again_with_more_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[float | None] = []

    def stopped(system: Any, engine: str | None, time_limit: float | None) -> Any:
        limits.append(time_limit)
        basis, found, rows = verified(system, engine, 60.0)
        poor = replace(found, check=Check((), ("it is a basis",)))
        return basis, poor if time_limit == 1.0 else found, rows

    monkeypatch.setattr("algattn.groebner.ideal_base.verified", stopped)
    ideal = Ideal(["x^2 - y", "x*y - 1"])
    for limit in (1.0, 0.5, 60.0, 1.0, None):
        found = ideal.groebner(engine="builtin", time_limit=limit)
        assert found.check.complete == (len(limits) == 2)
    assert limits == [1.0, 60.0]


def test_a_hilbert_function_is_not_checked_modulo_a_prime_below_its_map() -> None:
    found = PolynomialMap(["1/2*s^2", "s*t", "t^2"]).hilbert(2)
    claim = found.claim("values")
    with pytest.raises(CertificateError, match="divides by 2"):
        HilbertBounds(2, 0).check(found.problem, claim)


def test_slices_modulo_one_prime_or_a_small_one_are_refused() -> None:
    found = PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"]).image_degree()
    claim = found.claim("degree")
    Sliced(((0, 32003), (1, 32009))).check(found.problem, claim)
    for slices in (((0, 32003), (1, 32003)), ((0, 32003), (0, 1021))):
        with pytest.raises(CertificateError, match=r"one prime|below"):
            Sliced(slices).check(found.problem, claim)
