"""Whole ideals, degrees and Hilbert functions of maps, against the literature and Macaulay2."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from itertools import combinations, combinations_with_replacement, permutations, product
from math import comb
from shutil import which
from typing import Any

import pytest

from algattn import GF, Lightning, PolynomialMap, load
from algattn.engines import available
from algattn.exact import QQ, NumberField, PolynomialRing
from algattn.exact.irreducible import irreducible
from algattn.groebner.chart import Chart
from algattn.groebner.chart_search import find_chart
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.image_degree import series_of
from algattn.groebner.implicit_evidence import Vanishes
from algattn.groebner.implicit_result import ImplicitIdeal, count_degrees
from algattn.groebner.sliced_degree import slice_count
from algattn.groebner.unmixed import Unmixed, prove_unmixed
from algattn.maps.texts import spell
from algattn.results import Status

PRIME = 2**31 - 1


def need_singular() -> None:
    if "singular" not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing["singular"])
        pytest.skip(available().missing["singular"])


def power(x: str, n: int) -> list[str]:
    return [f"{x}^{n}"] * (n > 0)


def curve(*exponents: tuple[int, int]) -> list[str]:
    return ["*".join(power("s", a) + power("t", b)) for a, b in exponents]


def veronese(n: int, d: int) -> list[str]:
    return ["*".join(f"x{i}" for i in t) for t in combinations_with_replacement(range(n), d)]


def segre(*sizes: int) -> list[str]:
    return ["*".join(f"x{f}_{i}" for f, i in enumerate(p)) for p in product(*map(range, sizes))]


def grassmannian(k: int, n: int) -> list[str]:
    def sign(p: tuple[int, ...]) -> str:
        return "-" if sum(a > b for a, b in combinations(p, 2)) % 2 else "+"

    return [
        "".join(
            sign(p) + "*".join(f"x{i}_{columns[j]}" for i, j in enumerate(p))
            for p in permutations(range(k))
        )
        for columns in combinations(range(n), k)
    ]


def products(m: int, n: int, k: int) -> list[str]:
    return ["+".join(f"a{i}_{h}*b{h}_{j}" for h in range(k)) for i in range(m) for j in range(n)]


def gram(n: int, k: int) -> list[str]:
    pairs = combinations_with_replacement(range(n), 2)
    return ["+".join(f"a{h}_{i}*a{h}_{j}" for h in range(k)) for i, j in pairs]


def secant_of_rational_normal_curve(n: int) -> list[str]:
    return [
        "*".join(["c", *power("s", n - i), *power("t", i)])
        + "+"
        + "*".join(["d", *power("u", n - i), *power("v", i)])
        for i in range(n + 1)
    ]


def tangents(n: int) -> list[str]:
    out = []
    for i in range(n + 1):
        left = ["*".join([str(n - i), *power("s", n - i - 1), *power("t", i), "a"])] * (i < n)
        right = ["*".join([str(i), *power("s", n - i), *power("t", i - 1), "b"])] * (i > 0)
        out.append("+".join(left + right))
    return out


SCROLL = ["s*a^2", "s*a*b", "s*b^2", "t*a^3", "t*a^2*b", "t*a*b^2", "t*b^3"]
#: Jukes-Cantor on three leaves, in Fourier coordinates (Sturmfels and Sullivant, 2005).
JUKES_CANTOR = ["r*1", "r*a*b", "r*a*c", "r*b*c", "r*a*b*c"]
GAUSS = ["m", "m^2+v", "m^3+3*m*v", "m^4+6*m^2*v+3*v^2"]

#: (coordinates, dimension in the space of the coordinates, degree, generators by degree).
KNOWN: dict[str, tuple[list[str], int, int, dict[int, int]]] = {
    "twisted cubic": (curve((3, 0), (2, 1), (1, 2), (0, 3)), 2, 3, {2: 3}),
    "rational quartic, not Cohen-Macaulay": (
        curve((4, 0), (3, 1), (1, 3), (0, 4)),
        2,
        4,
        {2: 1, 3: 3},
    ),
    "Veronese surface": (veronese(3, 2), 3, 4, {2: 6}),
    "cubic Veronese": (veronese(3, 3), 3, 9, {2: 27}),
    "Segre 3 x 3": (segre(3, 3), 5, 6, {2: 9}),
    "Segre 2 x 2 x 2": (segre(2, 2, 2), 4, 6, {2: 9}),
    "G(2, 5)": (grassmannian(2, 5), 7, 5, {2: 5}),
    "G(3, 6)": (grassmannian(3, 6), 10, 42, {2: 35}),
    "scroll": (SCROLL, 3, 5, {2: 10}),
    "matrices of rank 2": (products(4, 4, 2), 12, 20, {3: 16}),
    "Gram matrices": (gram(4, 2), 7, 10, {3: 10}),
    "secants of a quintic": (secant_of_rational_normal_curve(5), 4, 6, {3: 4}),
    "secants of a sextic": (secant_of_rational_normal_curve(6), 4, 10, {3: 10}),
    "tangents of a cubic": (tangents(3), 3, 4, {4: 1}),
    "tangents of a quartic": (tangents(4), 3, 6, {2: 1, 3: 1}),
    "tangents of a quintic": (tangents(5), 3, 8, {2: 3}),
    "cusp": (["t^2", "t^3"], 1, 3, {3: 1}),
    "node": (["t^2-1", "t^3-t"], 1, 3, {3: 1}),
    "Jukes-Cantor": (JUKES_CANTOR, 4, 3, {3: 1}),
    "monomial curve": (["t^3", "t^4", "t^5"], 1, 5, {2: 1, 3: 2}),
    "moments": (GAUSS, 2, 6, {3: 4}),
    "Enneper": (["u-1/3*u^3+u*v^2", "v-1/3*v^3+v*u^2", "u^2-v^2"], 2, 9, {9: 1}),
    "graph": (["s", "s^2", "s^3"], 1, 3, {2: 3}),
    "dominant": (["a*c^2+b*d^2", "a*c*e+b*d*f", "a*e^2+b*f^2"], 3, 1, {}),
    "zero and repeated": (["0", "s", "s", "s^2"], 1, 2, {1: 2, 2: 1}),
    "constant": (["5", "0*x"], 0, 1, {1: 2}),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_varieties(name: str) -> None:
    need_singular()
    polys, dimension, degree, counts = KNOWN[name]
    phi = PolynomialMap(polys)
    whole = phi.ideal()
    assert whole.complete
    assert whole.counts == counts
    found = phi.image_degree()
    assert (found.value, found.dimension, found.status) == (degree, dimension, Status.PROVED)
    assert load(whole.to_json()).verify()
    values = phi.hilbert(3)
    assert values.exact
    assert values.verify()
    # the series and the ranks are two computations
    P, cone = found.numerator, found.cone
    assert P is not None
    series = [
        sum(h * comb(n - i + cone - 1, cone - 1) for i, h in enumerate(P) if i <= n)
        if cone
        else sum(h for i, h in enumerate(P) if i == n)
        for n in range(4)
    ]
    assert list(values.value) == series


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KNOWN)[:6] + list(KNOWN)[13:21] + ["secants of a quintic"])
def test_known_varieties_beside_macaulay2(name: str) -> None:
    if which("M2") is None:
        pytest.skip("Macaulay2 is not installed")
    whole = PolynomialMap(KNOWN[name][0]).ideal()
    names = ",".join(whole.ring.names)
    listed = ",".join(str(g) for g in whole.generators) or "0"
    zero = "_R" * (listed == "0")
    script = f"R=QQ[{names}]; I=ideal({listed}{zero}); print(dim I, degree I, isPrime I); exit 0"
    done = subprocess.run(
        ["M2", "--script", "/dev/stdin"],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    degree = (
        whole.degree()
        if all(len({sum(e) for e, _ in g.terms()}) == 1 for g in whole.generators)
        else None
    )
    dimension, found, prime = done.stdout.strip().strip("()").split(", ")
    assert (int(dimension), prime) == (whole.dimension(), "true")
    assert degree is None or int(found) == degree


def test_special_fields() -> None:
    conic = PolynomialMap(["s^2", "s*t", "t^2"], field=GF(2))  # inseparable
    assert conic.ideal().complete
    assert conic.image_degree().value == 2
    powers = PolynomialMap(["s^3", "t^3", "s*t"], field=GF(3))
    assert powers.ideal().complete
    assert powers.image_degree().value == 3
    assert PolynomialMap(["s^2", "t^2"], field=GF(2)).ideal().generators == ()
    root = NumberField([-2, 0, 1])
    whole = PolynomialMap(["t^2-1", "t^4+theta*t"], field=root).ideal()
    assert whole.complete
    assert whole.degree() == 4
    assert load(whole.to_json()).verify()
    circle = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"])
    assert circle.ideal().complete
    assert circle.image_degree().value == 2
    assert circle.image_degree().verify()


def test_factors_over_a_number_field_are_seen() -> None:
    x, y, theta = PolynomialRing(QQ, ("x", "y", "theta")).gens()
    root = NumberField([-2, 0, 1])
    assert not irreducible(x * x - y * y * 2, root)
    assert irreducible(x * x - y * y * 3, root)
    assert not irreducible((x - y * theta) * (x + y * theta + y), root)
    assert irreducible(x - y * theta, root)


def forged(phi: PolynomialMap, listed: Any, proof: Any) -> ImplicitIdeal:
    """A result that claims that some equations are all."""
    degrees = (1,) * len(phi.coordinates)
    return ImplicitIdeal.assemble(
        phi,
        count_degrees(listed, degrees),
        {"vanish": [Vanishes()], "complete": [proof]},
        texts=spell(listed),
        max_degree=None,
        degrees=degrees,
        numbers=None,
        engine=None,
    )


def test_twisted_cubic_with_an_embedded_point_is_not_whole() -> None:
    """The cubics of its ideal have its zeros, degree and large Hilbert function."""
    need_singular()
    phi = PolynomialMap(curve((3, 0), (2, 1), (1, 2), (0, 3)))
    quadrics = phi.ideal()._generators
    y = phi.target.gens()
    cubics = [g * x for g in quadrics for x in y]
    model = GradedMap(phi, (1,) * 4)
    assert find_chart(model, cubics, PRIME, 0, 10.0) is None
    assert prove_unmixed(model, cubics, PRIME, 0, 10.0) is None
    chart = phi.ideal().claim("complete").evidence[0]
    assert isinstance(chart, Chart)
    cubic_steps = replace(chart, steps=spell([g * y[0] for g in quadrics[:2]]))
    for proof in (chart, cubic_steps, replace(chart, basis=spell(cubics))):
        assert not forged(phi, cubics, proof).verify()


def test_components_that_are_too_many_are_not_whole() -> None:
    need_singular()
    phi = PolynomialMap(["s", "s"])
    x, y = phi.target.gens()
    union = [(x - y) * (x + y)]  # a reducible equation
    model = GradedMap(phi, (1, 1))
    assert find_chart(model, union, PRIME, 0, 10.0) is None
    assert prove_unmixed(model, union, PRIME, 0, 10.0) is None
    assert not forged(phi, union, Chart(PRIME, 0, ("y_1",), spell(union), ())).verify()
    # a complete intersection that has the curve and a line
    cubic = PolynomialMap(curve((3, 0), (2, 1), (1, 2), (0, 3)))
    two = cubic.ideal()._generators[:2]
    model = GradedMap(cubic, (1,) * 4)
    assert find_chart(model, two, PRIME, 0, 10.0) is None
    assert prove_unmixed(model, two, PRIME, 0, 10.0) is None


def test_unmixed_evidence_is_checked() -> None:
    need_singular()
    phi = PolynomialMap(tangents(4))
    whole = phi.ideal()
    proof = whole.claim("complete").evidence[0]
    assert isinstance(proof, Unmixed)
    assert whole.verify()
    for other in (replace(proof, cut=proof.cut[:-1]), replace(proof, basis=proof.basis[:1])):
        assert not forged(phi, whole._generators, other).verify()


def test_the_degree_needs_an_order_by_degree() -> None:
    """``x - y^2`` is a conic; its lexicographic leading monomial ``x`` would say a line."""
    assert series_of([(1, 0)], (1, 1)) == (1, (1,))
    found = PolynomialMap(["t^2", "t"]).image_degree()
    assert (found.value, found.status) == (2, Status.PROVED)
    data = json.loads(found.to_json())
    assert load(json.dumps(data)).verify()


def test_slices_count_points_of_the_image_once() -> None:
    need_singular()
    assert slice_count(PolynomialMap(["t^2", "t^4"]), 0, 32003) == (1, 2)
    assert slice_count(PolynomialMap(grassmannian(2, 5)), 1, 31991) == (7, 5)
    assert slice_count(PolynomialMap(gram(3, 2)), 0, 32003) == (5, 3)


@pytest.mark.parametrize(
    ("widths", "a", "tokens", "top"),
    [
        ((1, 2), 1, 2, 5),
        ((2, 1), 1, 2, 5),
        ((2, 1), 2, 2, 5),
        ((2, 2), 1, 2, 4),
        ((2, 2), 2, 2, 4),
        ((3, 1), 1, 2, 3),
        ((2, 1), 1, 1, 5),
        ((2, 1), 2, 1, 5),
        ((2, 2), 1, 1, 4),
        ((2, 2), 2, 1, 4),
        ((2, 3), 1, 1, 3),
    ],
)
def test_hilbert_polynomial_of_one_layer(
    widths: tuple[int, int], a: int, tokens: int, top: int
) -> None:
    net = Lightning(widths, a, tokens)
    P = net.hilbert_polynomial()
    assert P.status is Status.PROVED
    assert P.degree() == net.degree().value
    values = net.map().hilbert(top)
    assert values.exact
    assert all(P(n) == x for n, x in enumerate(values.value))
    assert load(P.to_json()).verify()


def test_hilbert_polynomials_of_larger_layers_have_their_degree() -> None:
    for d, d_out, a in product(range(1, 5), range(1, 4), range(1, 5)):
        net = Lightning((d, d_out), a)
        P = net.hilbert_polynomial()
        assert P.value[-1] == net.degree().value
        assert len(P.value) == net.dimension().value


def test_equations_of_networks_that_no_theorem_covers() -> None:
    two_heads = Lightning((2, 1), 1, heads=2)
    assert two_heads.ideal(4).counts == {}
    deep = Lightning((1, 2, 1), 1).ideal(3)
    assert deep.counts == {1: 4}
    assert deep.status is Status.PROVED
    assert deep.max_degree == 3
    causal = Lightning((2, 1), 1, mask="causal").ideal(3)
    assert causal.counts == {1: 8, 2: 3}
    assert causal.verify()
    assert Lightning((2, 1), 1, heads=2).ideal(3, field=GF(101)).counts == {}
