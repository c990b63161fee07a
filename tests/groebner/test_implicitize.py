"""Implicit equations of any parametrization: textbooks, engines, and proofs that can fail."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

import algattn
from algattn import Lightning, implicitize, load
from algattn.engines import Degree, Dimension, available, solve
from algattn.errors import (
    AlgattnError,
    CertificateError,
    HypothesisError,
    InputError,
    LimitError,
    RingMismatchError,
)
from algattn.exact import GF, QQ, PolynomialRing
from algattn.maps.gradings import finest_grading
from algattn.results import freeze

R = PolynomialRing(QQ, ("s", "t", "u", "v"))
s, t, u, v = R.gens()
CUBIC = [s**3, s**2 * t, s * t**2, t**3]

TEXTBOOK = {
    "twisted cubic": (CUBIC, 4, {2: 3}),
    "conic": ([s**2, s * t * "1/3", t**2], 4, {2: 1}),
    "Segre 2x3": ([s * u, s * v, s, t * u, t * v, t], 3, {2: 3}),
    "Veronese surface": ([s**2, t**2, u**2, s * t, s * u, t * u], 3, {2: 6}),
    "rational quartic": ([s**4, s**3 * t, s * t**3, t**4], 4, {2: 1, 3: 3}),
    "affine twisted cubic": ([s, s**2, s**3], 6, {2: 3}),
    "cuspidal curve": ([s**2, s**3], 6, {3: 1}),
    "cyclic: fundamental symmetric sums": ([s + t, s * t, s**2 + t**2], 4, {2: 1}),
    "a linear relation and a zero": ([s, t, s + t, s * 0], 2, {1: 2}),
    "independent": ([s, t, u], 3, {}),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_ideals(name: str) -> None:
    polys, bound, counts = TEXTBOOK[name]
    ideal = implicitize(polys, max_degree=bound)
    assert ideal.counts == counts
    assert ideal.status.name == "PROVED"
    assert load(ideal.to_json()).verify()
    assert all(not g.compose(*polys) for g in ideal.generators)


@pytest.mark.parametrize("name", ["twisted cubic", "conic", "Segre 2x3", "rational quartic"])
def test_elimination_agrees_with_kernels(name: str) -> None:
    polys, bound, counts = TEXTBOOK[name]
    first = implicitize(polys, max_degree=bound)
    for engine in available():
        if engine == "sympy":
            continue
        second = implicitize(polys, method="elimination", max_degree=bound, engine=engine)
        assert (second.counts, second.dimensions) == (counts, first.dimensions)
        assert second.status.name == "PROVED"
    whole = implicitize(polys)
    assert whole.status.name == "PROVED"
    assert load(whole.to_json()).verify()


# (d, d', a): generators by degree, up to 4; literature and Singular
LAYERS = {
    (2, 1, 1): {2: 3},
    (2, 1, 2): {4: 1},
    (2, 2, 1): {2: 15, 4: 5},
    (2, 2, 2): {2: 5, 4: 10},
    (3, 1, 1): {2: 45, 3: 10},
    (3, 1, 3): {3: 20, 4: 90},
}


@pytest.mark.parametrize("shape", LAYERS, ids=str)
def test_layers(shape: tuple[int, int, int]) -> None:
    d, d_out, a = shape
    phi = Lightning(widths=(d, d_out), ranks=a).parametrization("AV" if a >= d else "QKV")
    ideal = implicitize(phi, max_degree=4)
    assert ideal.counts == LAYERS[shape]
    assert ideal.status.name == "PROVED"
    if d == 2:
        assert ideal.verify()
        assert ideal.ring.names[0] == "c_1_1_1_1"


def test_dimension_and_degree_of_a_complete_ideal() -> None:
    net = Lightning(widths=(2, 1), ranks=2)
    ideal = implicitize(net.parametrization(), method="elimination")
    assert solve(Dimension(ideal.generators)) == net.dimension().value == 5
    assert solve(Degree(ideal.generators)) == 4


def test_points_of_the_image_violate_nothing_and_others_something() -> None:
    net = Lightning(widths=(2, 2), ranks=1)
    ideal = implicitize(net.parametrization("QKV"), max_degree=4)
    rng = random.Random(1)
    for seed in range(5):
        function = net.function(net.random_weights(seed))
        assert ideal.violated(function.vector()) is None
        off = [x + rng.randint(1, 9) for x in function.vector()]
        broken = ideal.violated(off)
        assert broken is not None
        assert broken(*off) != 0


def test_a_deep_network_and_a_slice() -> None:
    # width 1: the 2 outputs of two layers are v a^3.. times fixed forms, so all is linear
    deep = implicitize(
        Lightning(widths=(1, 1, 2), ranks=1).parametrization("virtual"), max_degree=2
    )
    assert deep.status.name == "PROVED"
    assert set(deep.counts) <= {1, 2}
    # The slice with symmetric A of rank one, d = 2: v (x) k (x) k (x) k symmetrised
    k = [s, t]
    w = [u, v]
    cubics = [
        w[i] * k[j] * k[m] + (w[j] * k[i] * k[m] if i != j else 0)
        for i, j in ((0, 0), (0, 1), (1, 1))
        for m in (0, 1)
    ]
    ideal = implicitize(cubics, max_degree=3)
    assert ideal.counts[2] >= 1
    assert ideal.verify()


def test_prime_fields_small_and_large() -> None:
    for p in (2, 5, 32003, 2**31 - 1, 2**31 + 11):
        gens = PolynomialRing(GF(p), ("s", "t")).gens()
        cubic = [gens[0] ** (3 - i) * gens[1] ** i for i in range(4)]
        ideal = implicitize(cubic, max_degree=3)
        assert ideal.counts == {2: 3}
        assert ideal.verify()
        assert ideal.ring.field == GF(p)


def test_large_coefficients_need_several_primes() -> None:
    big = 10**12 + 39
    ideal = implicitize([s**2, s * t * big, t**2 * "7/1000000007"], max_degree=2)
    assert ideal.counts == {2: 1}
    (g,) = ideal.generators
    assert not g.compose(s**2, s * t * big, t**2 * "7/1000000007")
    assert max(abs(int(c)) for _, c in g.terms()) > 2**63


def test_sympy_input() -> None:
    import sympy

    x, y = sympy.symbols("x y")
    ideal = implicitize([x**2, x * y, y**2], names=("a", "b", "c"), max_degree=2)
    assert str(ideal.generators[0]) == "b^2 - a*c"


def test_finest_grading() -> None:
    assert len(finest_grading(CUBIC).rows) == 2
    assert len(finest_grading([s + t, s * t]).rows) == 1
    assert finest_grading([s + 1, s]).rows == ()
    phi = Lightning(widths=(3, 2), ranks=1).parametrization("QKV")
    # d' + d + d weights, two relations between them (each degree is 2:1:1)
    assert len(finest_grading([p for _, p in phi.polynomials()]).rows) == 2 + 3 + 3 - 2
    assert algattn.implicitize is implicitize


def test_a_grading_that_is_not_there() -> None:
    with pytest.raises(HypothesisError, match="not homogeneous"):
        implicitize([s + 1, s**2], degree="weighted", max_degree=2)
    with pytest.raises(InputError, match="from 1"):
        implicitize([s, s**2], max_degree=2, degree=(0, 1))
    with pytest.raises(InputError, match="'ordinary'"):
        implicitize([s, s**2], max_degree=2, degree="ordnary")
    node = implicitize([s**2 - 1, s**3 - s])
    assert node.counts == {3: 1}
    assert node.max_degree is None


def test_bad_input() -> None:
    other = PolynomialRing(GF(7), ("s", "t")).gens()[0]
    with pytest.raises(RingMismatchError):
        implicitize([s, other], max_degree=2)
    with pytest.raises(InputError):
        implicitize([], max_degree=2)
    with pytest.raises(InputError):
        implicitize([s, t], names=("a",), max_degree=2)
    with pytest.raises(InputError):
        implicitize([s, t], names=("a", "a"), max_degree=2)
    with pytest.raises(InputError):
        implicitize([s, t], method="magic")
    with pytest.raises(InputError):
        implicitize([s, t], method="graded")
    with pytest.raises(InputError):
        implicitize([s, t], max_degree=0)
    with pytest.raises(InputError):
        implicitize([s, t, u], max_degree=2, degree=(1, 0, 1))
    for text in ("", "s+", "sin(s)", "exit()", "0.5*s", "1/0*s", "2s", "x" * 10**5):
        with pytest.raises(AlgattnError) as caught:
            implicitize([text], max_degree=2)
        assert len(str(caught.value)) < 300


def test_time_limit_keeps_what_is_proved(ticking: SimpleNamespace) -> None:
    phi = Lightning(widths=(3, 2), ranks=1).parametrization("QKV")
    with pytest.raises(LimitError) as caught:
        implicitize(phi, max_degree=5, time_limit=1500)
    partial = caught.value.partial
    assert partial is not None
    assert partial.max_degree >= 2
    assert partial.verify()


def change(data: dict, path: list, value: object) -> str:
    """The JSON with one entry changed and a digest that fits."""
    from algattn.results import seal

    copy = json.loads(json.dumps(data))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    copy["digest"] = seal(copy)["digest"]
    return json.dumps(copy)


def test_changed_files_do_not_verify() -> None:
    data = implicitize(CUBIC, max_degree=3).to_data()
    changes = [
        (["value"], [[2, 4]]),
        (["detail", "generators", 0], "y_1*y_2-y_3*y_4"),
        (["detail", "max_degree"], 4),
        (["detail", "dimensions", 1, 1], 4),
        (["detail", "degrees"], [1, 1, 1, 2]),
        (["problem", "parametrization", "polynomials", 0], "s^2*t"),
        (["claims", 1, "evidence", 0, "prime"], 2147483646),
        (["claims", 1, "evidence", 0, "kind"], "implicit.exact-rank"),
    ]
    for path, value in changes:
        with pytest.raises((CertificateError, InputError)):
            load(change(data, path, value)).check()


def rebuilt(polys: list, generators: list[str], dimensions: list, value: list) -> bool:
    """Whether a result with these contents, consistent in itself, verifies."""
    from algattn.groebner.implicit_evidence import ExactRank, KernelBound, Vanishes
    from algattn.groebner.implicit_result import ImplicitIdeal

    honest = implicitize(polys, max_degree=3)
    evidence = {
        "vanish": [Vanishes()],
        "all": [KernelBound(2147483647, 0)],
        "minimal": [ExactRank()],
    }
    return ImplicitIdeal.assemble(
        honest.problem,
        value,
        evidence,
        texts=tuple(generators),
        max_degree=3,
        degrees=honest.degrees,
        numbers=freeze(dimensions),
        engine=None,
    ).verify()


def test_false_claims_do_not_verify() -> None:
    a, b, c = "y_2^2-y_1*y_3", "y_3^2-y_2*y_4", "y_2*y_3-y_1*y_4"
    full = [[1, 0], [2, 3], [3, 10]]
    assert rebuilt(CUBIC, [a, b, c], full, [[2, 3]])
    assert not rebuilt(CUBIC, [a, b], [[1, 0], [2, 2], [3, 8]], [[2, 2]])  # one is missing
    assert not rebuilt(CUBIC, [a, b], full, [[2, 2]])
    extra = "y_1*y_2^2-y_1^2*y_3"
    assert not rebuilt(CUBIC, [a, b, c, extra], full, [[2, 3], [3, 1]])  # not minimal
    assert not rebuilt(CUBIC, [a, b, "y_2*y_3-2*y_1*y_4"], full, [[2, 3]])  # does not vanish
    assert not rebuilt(CUBIC, [a, b, a], full, [[2, 3]])


def test_superfluous_coordinates_do_not_change_the_numbers() -> None:
    """Linear relations, and equations y - q in a weighted grading, against plain ranks."""
    polys = [s, t, s + t, s * 0, s * t, s * s - t * t * 3, s**3]
    degrees = (1, 1, 1, 1, 2, 2, 3)
    ideal = implicitize(polys, max_degree=5, degree=degrees)
    assert ideal.counts == {1: 2, 2: 2, 3: 1}
    assert ideal.dimensions is not None
    for degree, found in ideal.dimensions.items():
        every = [1] + [0] * degree
        for w in degrees:
            for e in range(w, degree + 1):
                every[e] += every[e - w]
        assert found == every[degree] - (degree + 1)  # the image is the plane
    assert load(ideal.to_json()).verify()
    assert not rebuilt(CUBIC, ["y_1-y_2"], [[1, 1], [2, 4], [3, 10]], [[1, 1]])


@pytest.mark.slow
def test_many_linear_relations_need_little_work(work: Any) -> None:
    phi = Lightning(widths=(2, 1, 1), ranks=(1, 1)).parametrization("virtual")
    ideal, calls = work(lambda: implicitize(phi, max_degree=3))
    assert calls < 4_000_000
    assert ideal.counts[1] == 80
    assert ideal.status.name == "PROVED"


def test_proof_by_the_graph() -> None:
    """An elimination proved by S-pairs; the same ideal as by modules and regularity."""
    net = Lightning(widths=(2, 2), ranks=2)
    whole = implicitize(net.parametrization(), method="elimination")
    assert whole.status.name == "PROVED"
    assert net.ideal(4).complete() is True
    up_to = implicitize(net.parametrization(), max_degree=4)
    assert up_to.counts == net.ideal(4).counts
    kernel = implicitize([*up_to.generators[:2]], method="elimination")  # two independent quadrics
    assert (kernel.counts, kernel.status.name) == ({}, "PROVED")
    over_prime = [g**2 for g in PolynomialRing(GF(32003), ("s", "t")).gens()]
    assert implicitize([*over_prime, over_prime[0] + 1]).status.name == "PROVED"


def test_false_proofs_by_the_graph_fail() -> None:
    from algattn.groebner.graph import GraphBasis
    from algattn.groebner.implicit_evidence import Vanishes

    honest = implicitize(CUBIC, method="elimination")
    (proof,) = next(c.evidence for c in honest.claims if c.name == "complete")
    assert isinstance(proof, GraphBasis)

    def verifies(generators: list[str], basis: list[str], order: str = proof.order) -> bool:
        evidence = {
            "vanish": [Vanishes()],
            "complete": [replace(proof, order=order, basis=tuple(basis))],
        }
        fields = {name: getattr(honest, name) for name in honest.detail_types()}
        fields["texts"] = tuple(generators)
        value = ((2, len(generators)),)
        return type(honest).assemble(honest.problem, value, evidence, **fields).verify()

    texts, basis = list(honest.texts), list(proof.basis)
    assert verifies(texts, basis)
    assert not verifies(texts[:2], basis)
    for n in range(len(basis)):
        assert not verifies(texts[:2], basis[:n] + basis[n + 1 :])
    graph = [b for b in basis if "s_" in b]
    assert not verifies(texts[:2], graph)
    assert not verifies(texts, basis, "wrong")


def test_bad_lists_and_seeds() -> None:
    for bad in (None, s, "s", 5):
        with pytest.raises(InputError):
            implicitize(bad, max_degree=2)
    for seed in (-1, None, "x", True):
        with pytest.raises(InputError):
            implicitize(CUBIC, max_degree=2, seed=seed)
        with pytest.raises(InputError):
            Lightning(widths=(2, 1), ranks=2).ideal(2, seed=seed)
        with pytest.raises(InputError):
            algattn.groebner.stable_module(2, seed=seed)
    with pytest.raises(InputError):
        Lightning(widths=(2, 1), ranks=2).ideal(2).contains(None)
    with pytest.raises(InputError):
        Lightning(widths=(2, 1), ranks=2).ideal(2).hilbert_function(1.5)
