"""The ladder of proofs of a dimension: each rung against exact ranks, published defects, traps."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations, combinations_with_replacement, pairwise, permutations, product
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpz
from resealing import holds, resealed

from algattn import GF, QQ, Lightning, PolynomialMap, load
from algattn.dimension.fiber_below import FiberBelow, fiber_bound
from algattn.dimension.map_bounds import draw_prime, error_bits, jacobian_rank
from algattn.dimension.map_evidence import Counted, Declared, RankGeneric
from algattn.dimension.map_ladder import read_declared
from algattn.dimension.maps import MapDimension, RankBelow
from algattn.dimension.minor_grid import Grid, LowerSet
from algattn.dimension.rank_equations import RankEquations, flattenings, rank_of_polynomials
from algattn.dimension.slice_grid import Gauge, Slice, SliceGrid
from algattn.errors import (
    CertificateError,
    DisagreementError,
    HypothesisError,
    InputError,
    LimitError,
)
from algattn.exact import Matrix, NumberField, PolynomialRing
from algattn.maps import VectorField
from algattn.maps.equivariance import Equivariance, Equivariances, equivariances
from algattn.results import Status


def powers(n: int, d: int, count: int) -> PolynomialMap:
    """Sums of d-th powers of `count` linear forms in n variables, up to binomials."""
    terms = combinations_with_replacement(range(n), d)
    return PolynomialMap(
        ["+".join("*".join(f"a{h}_{i}" for i in t) for h in range(count)) for t in terms]
    )


def segre_veronese(sizes: Any, degrees: Any, count: int) -> PolynomialMap:
    """Partially symmetric tensors of rank at most `count`."""
    parts = [
        list(combinations_with_replacement(range(n), d))
        for n, d in zip(sizes, degrees, strict=True)
    ]
    return PolynomialMap(
        [
            "+".join(
                "*".join(f"x{h}_{f}_{i}" for f, t in enumerate(p) for i in t) for h in range(count)
            )
            for p in product(*parts)
        ]
    )


def grassmann(k: int, n: int, count: int) -> PolynomialMap:
    """Sums of decomposable k-vectors in n-space."""

    def minor(h: int, columns: Any) -> str:
        out = ""
        for p in permutations(range(k)):
            odd = sum(p[a] > p[b] for a, b in combinations(range(k), 2)) % 2
            out += "+-"[odd] + "*".join(f"m{h}_{r}_{columns[p[r]]}" for r in range(k))
        return out

    return PolynomialMap(
        ["".join(minor(h, c) for h in range(count)) for c in combinations(range(n), k)]
    )


def neurons(widths: tuple[int, ...], degree: int) -> PolynomialMap:
    """A polynomial network; the coefficients of its outputs."""
    weights = {f"w{n}": (b, a) for n, (a, b) in enumerate(pairwise(widths), 1)}
    names = [
        f"{w}_{i}_{j}"
        for w, s in weights.items()
        for i in range(1, s[0] + 1)
        for j in range(1, s[1] + 1)
    ]
    xs = [f"x{i}" for i in range(widths[0])]
    ring = PolynomialRing(QQ, (*names, *xs))
    values = [ring.gen(x) for x in xs]
    for n, (w, (b, a)) in enumerate(weights.items()):
        if n:
            values = [x**degree for x in values]
        values = [
            sum((ring.gen(f"{w}_{i}_{j}") * values[j - 1] for j in range(1, a + 1)), ring(0))
            for i in range(1, b + 1)
        ]
    inner, out = PolynomialRing(QQ, tuple(names)), []
    for value in values:
        found: dict[Any, list[Any]] = {}
        for e, c in value.terms():
            found.setdefault(e[len(names) :], []).append((e[: len(names)], c))
        out += [inner.from_terms(found[e]) for e in sorted(found)]
    return PolynomialMap(out, parameters=weights)


#: Dimension of the cone, and what proves it.  Alexander, Hirschowitz 1995; Abo, Ottaviani, Peterson
#: 2009 (tensors) and 2012 (Grassmannians); Catalisano, Geramita, Gimigliano 2005; Laface,
#: Postinghel 2013 (Segre-Veronese); Kileel, Trager, Bruna 2019, lemma 13 and table 1 (networks).
DEFECTIVE: dict[str, tuple[PolynomialMap, int, str]] = {
    "quartics 3, 5": (powers(3, 4, 5), 14, "map.rank-equations"),
    "quartics 4, 9": (powers(4, 4, 9), 34, "map.rank-equations"),
    "cubics 5, 7": (powers(5, 3, 7), 34, "map.slice-grid"),
    "Segre 3, 3, 3 rank 4": (segre_veronese((3, 3, 3), (1, 1, 1), 4), 26, "map.slice-grid"),
    "Segre 2^4 rank 3": (segre_veronese((2,) * 4, (1,) * 4, 3), 14, "map.rank-equations"),
    "Segre 2, 2, 4 rank 3": (segre_veronese((2, 2, 4), (1, 1, 1), 3), 15, "map.rank-equations"),
    "O(2, 2) on P1 x P1": (segre_veronese((2, 2), (2, 2), 3), 8, "map.rank-equations"),
    "O(2, 4) on P1 x P1": (segre_veronese((2, 2), (2, 4), 5), 14, "map.rank-equations"),
    "O(2, 2, 2)": (segre_veronese((2, 2, 2), (2, 2, 2), 7), 26, "map.rank-equations"),
    "G(2, 6)": (grassmann(2, 6, 2), 14, "map.slice-grid"),
    "G(3, 7)": (grassmann(3, 7, 3), 34, "map.slice-grid"),
    "network 3, 2, 1": (neurons((3, 2, 1), 2), 5, "map.rank-equations"),
    "network 2, 2, 2, 2": (neurons((2, 2, 2, 2), 2), 8, "map.symmetries"),
}
DEFECTIVE |= {
    f"quadrics {n}, {c}": (powers(n, 2, c), n * c - c * (c - 1) // 2, "map.rank-equations")
    for n in (3, 4, 5)
    for c in range(2, n)
}


def proof(found: MapDimension) -> str:
    return found.claim("dimension").evidence[-1].kind


def float_rank(phi: PolynomialMap, seed: int) -> int:
    """The rank of the Jacobian at a point of floats."""
    point = np.random.default_rng(seed).normal(size=len(phi.parameters))
    return int(np.linalg.matrix_rank(np.array(phi.jacobian(list(point)), float), tol=1e-8))


@pytest.mark.parametrize("name", DEFECTIVE)
def test_published_defects(name: str) -> None:
    phi, wanted, kind = DEFECTIVE[name]
    found = phi.dimension()
    assert (found.value, found.status.name, proof(found)) == (wanted, "PROVED", kind)
    assert float_rank(phi, 1) == wanted
    assert "proved from above by" in found.text()
    if len(phi.parameters) < 30:
        assert load(found.to_json()).verify()
    assert found.defect == min(len(phi.parameters), len(phi.coordinates)) - wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phi", "wanted"),
    [(powers(5, 4, 14), 69), (grassmann(4, 8, 3), 50), (grassmann(3, 9, 4), 74)],
    ids=["quartics 5, 14", "G(4, 8)", "G(3, 9)"],
)
def test_large_published_defects(phi: PolynomialMap, wanted: int) -> None:
    found = phi.dimension(time_limit=120)
    assert (found.value, found.status.name) == (wanted, "PROVED")


HEADS = [
    ((widths, ranks, heads, tokens), form)
    for widths, ranks, heads, tokens in (
        ((2, 1), 1, 2, 2), ((2, 2), 1, 2, 2), ((2, 2), 2, 2, 2), ((2, 3), 1, 2, 2),
        ((3, 1), 1, 2, 2), ((3, 1), 2, 2, 2), ((3, 2), 1, 2, 2), ((2, 1), 1, 3, 2),
        ((2, 2), 1, 2, 1), ((3, 1), 2, 2, 1), ((3, 2), 1, 2, 1), ((2, 1), 2, 3, 1),
        ((2, 2), 2, 3, 1),
    )
    for form in ("AV", "QKV")
]  # fmt: skip


@pytest.mark.parametrize(("shape", "form"), HEADS)
def test_layers_with_several_heads(shape: Any, form: str) -> None:
    widths, ranks, heads, tokens = shape
    net = Lightning(widths, ranks, heads=heads, tokens=tokens)
    phi = net.map(form)
    found = phi.dimension()
    assert found.status.name == "PROVED"
    assert found.value == float_rank(phi, 3)
    if form == "QKV":  # A is free in the other form
        assert found.value == net.dimension().value


def test_a_layer_with_a_defect() -> None:
    found = Lightning((3, 1), 2, heads=2, tokens=2).map("AV").dimension()
    assert (found.value, found.expected, found.defect) == (17, 18, 1)
    assert proof(found) == "map.slice-grid"
    assert load(found.to_json()).verify()


def test_square_keys_are_fixed_first() -> None:
    phi = Lightning((3, 1), 3, heads=2, tokens=2).map("QKV")
    found = phi.dimension()
    (evidence,) = (e for e in found.evidence if isinstance(e, SliceGrid))
    assert found.value == 17
    assert len(evidence.gauge.fixed) == 18
    assert load(found.to_json()).verify()


# --- equivariances -----------------------------------------------------------------------------


def test_equivariances_are_groups_that_are_known() -> None:
    counted = {
        4: PolynomialMap(["s^2", "s*t", "t^2"]),  # gl(2)
        8: PolynomialMap([f"{a}*{b}" for a in "abc" for b in "xyz"]),  # gl(3)^2 with 2 scalars less
        1: PolynomialMap(["x^2+1"]),
        2: PolynomialMap(["x"], ["x+1"]),
        0: PolynomialMap(["u-1/3*u^3+u*v^2", "v-1/3*v^3+u^2*v", "u^2-v^2"]),
    }
    found = {n: len(equivariances(phi)) for n, phi in counted.items()}
    assert found[4] == 4
    assert found[8] == 18
    assert found[1] == 1
    assert found[0] == 0
    assert found[2] >= 1
    for phi in counted.values():
        assert all(map(Equivariances(phi).holds, equivariances(phi)))


def test_equivariances_at_other_points() -> None:
    """``J X = N phi + b`` by floats, with b from the origin."""
    phi = powers(3, 3, 2)
    rng = np.random.default_rng(0)
    for field in Equivariances(phi).find():
        if any(field.scalars):
            continue
        x = list(rng.normal(size=6))
        moved = np.zeros(6)
        for i, j, a in field.velocities:
            moved[i] += float(int(a.p)) / int(a.q) * (1 if j < 0 else x[j])
        N = np.zeros((10, 10))
        for i, j, a in field.action:
            N[i, j] = float(int(a.p)) / int(a.q)
        assert np.allclose(np.array(phi.jacobian(x)) @ moved, N @ np.array(phi(x)))


def test_equivariances_as_fields() -> None:
    phi = PolynomialMap(["a^2+c^2", "a*b+c*d", "b^2+d^2"])
    found = phi.symmetries("equivariant")
    assert (found.rank(), found.status.name) == (4, "PROVED")
    assert type(found).from_data(found.to_data()) == found
    assert "moves by affine maps" in repr(found)
    three = powers(2, 3, 3).symmetries("equivariant")  # 4 of gl(2), and 2 scalars besides
    assert (three.rank(), three.status.name) == (6, "PROVED")
    wrong = type(found)(
        phi, "equivariant", 1, (VectorField("w", {"a": "d"}).bound(phi.ring, phi.parameters),)
    )
    with pytest.raises(DisagreementError):
        wrong.check()
    with pytest.raises(HypothesisError):
        phi.symmetries("equivariant", 2)
    empty = PolynomialMap(["x", "y"]).symmetries()
    assert type(empty).from_data(empty.to_data()) == empty


def test_false_equivariances() -> None:
    rules = Equivariances(powers(2, 2, 2))
    good = rules.find()[0]
    assert rules.holds(good)
    i, j, a = good.velocities[0]
    assert not rules.holds(
        Equivariance(((i, j, a + 1), *good.velocities[1:]), good.scalars, good.action)
    )
    assert not rules.holds(Equivariance(good.velocities, (fmpq(1), fmpq(2)), good.action))
    assert not rules.holds(Equivariance(((7, 0, a),), (), ()))
    assert not rules.holds(Equivariance((), (), ((0, 9, a),)))
    # blocks that are moved with each other must not be stretched apart
    mixed = Equivariance(((0, 2, fmpq(1)), (1, 3, fmpq(1))), (fmpq(0), fmpq(1)), ())
    assert not rules.holds(mixed)
    with pytest.raises(HypothesisError):
        equivariances(PolynomialMap(["x^2"], field=GF(5)))
    # a translation adds a constant to x, and is no field of the fibers
    line = Equivariances(PolynomialMap(["x", "y^2"]))
    shift = Equivariance(((0, -1, fmpq(1)),), (), ())
    assert line.holds(shift)
    assert not line.kills(shift)


def test_projective_fields_are_refused() -> None:
    """``(x^2+1) d/dx`` multiplies x^2+1 by 2x and leaves 0, where the rank is smaller."""
    phi = PolynomialMap(["x^2+1"])
    assert [f.velocities for f in equivariances(phi)] == [((0, 0, 1),)]
    claim = phi.dimension().claim("dimension")
    wrong = SliceGrid(
        Gauge((), (), ()), Slice((0,), (), (Equivariance(((0, -1, fmpq(1)),), (), ()),))
    )
    with pytest.raises(Exception, match="does not move the image linearly"):
        wrong.check(phi, claim)
    at_zero = SliceGrid(Gauge((), (), ()), Slice((0,), (), equivariances(phi)))
    with pytest.raises(Exception, match="do not span"):
        at_zero.check(phi, claim)


def test_a_gauge_without_fields_fixes_nothing() -> None:
    """On y = 1 the map (x, y) has rank 1, and no field moves y."""
    phi = PolynomialMap(["x", "y"])
    claim = replace(phi.dimension().claim("dimension"), value=1)
    forged = SliceGrid(Gauge((1,), (1,), ()), Slice((1,), (0,), ()))
    with pytest.raises(CertificateError, match="do not move the parameters"):
        forged.check(phi, claim)


@pytest.mark.parametrize("prime", [0, -7, 1, 4])
def test_no_prime_fails_at_once(prime: int) -> None:
    """Zero is the characteristic of QQ, and no prime."""
    phi = PolynomialMap(["a*b", "b*c"])
    with pytest.raises(CertificateError, match="not a prime"):
        RankBelow(0, prime).check(phi, phi.dimension().claim("dimension"))


@pytest.mark.parametrize("degree", [-50, -1])
def test_a_fiber_needs_a_degree(degree: int) -> None:
    phi = PolynomialMap(["x^5", "x^5*y+y^5"], field=GF(5))
    claim = phi.dimension().claim("dimension")
    FiberBelow(0, 6).check(phi, claim)
    with pytest.raises(CertificateError):
        FiberBelow(0, degree).check(phi, claim)


@pytest.mark.parametrize("texts", [["a", "theta*a"], ["a/(a+1)", "theta*a/(a+1)"]])
def test_equations_over_a_number_field_are_refused(texts: list[str]) -> None:
    phi = PolynomialMap(texts, field=NumberField([-2, 0, 1]))
    with pytest.raises(HypothesisError, match="the map is over"):
        phi.dimension(equations=["theta*y_1-y_2"])


def test_a_row_of_equations_is_no_text() -> None:
    with pytest.raises(InputError, match="is a text"):
        PolynomialMap(["a", "a"]).dimension(equations=[["y_1", "y_2"]])


@pytest.mark.parametrize("texts", [["0"], ["1"]])
def test_parameters_that_do_not_occur_move_in_more_ways(texts: list[str]) -> None:
    """``x d/dx`` is not among those that are found."""
    found = PolynomialMap(texts, parameters=["x"]).symmetries("equivariant")
    assert len(found) == 1
    assert not found.complete
    assert "at least 1 field" in repr(found)


def test_blocks_of_a_rational_map_are_not_stretched() -> None:
    found = PolynomialMap(["1/x", "y/x"]).symmetries("equivariant")
    assert found.complete
    assert "blocks" not in repr(found)


def test_numerators_alone_are_not_enough() -> None:
    """x and x + 1: d/dx moves both numerators, and x/(x+1) by no linear map."""
    phi = PolynomialMap(["x", "x^2"], ["x+1", "1"])
    rules = Equivariances(phi)
    assert not rules.holds(Equivariance(((0, -1, fmpq(1)),), (), ()))
    assert not any(rules.holds(f) for f in Equivariances(PolynomialMap(["x", "x+1"])).find())
    half = Equivariances(PolynomialMap(["1"], ["x"]))  # -1/x is N times 1/x, with N, not scalars
    assert half.holds(Equivariance(((0, 0, fmpq(1)),), (), ((0, 0, fmpq(-1)),)))
    assert not half.holds(Equivariance(((0, 0, fmpq(1)),), (fmpq(-1),), ()))
    claim = PolynomialMap(["x"], ["x+1"]).dimension().claim("dimension")
    pole = SliceGrid(Gauge((), (), ()), Slice((-1,), (0,), ()))
    with pytest.raises(Exception, match="pole"):
        pole.check(PolynomialMap(["x"], ["x+1"]), claim)


def test_a_point_where_the_rank_is_special() -> None:
    """phi = xy with its torus, and h = (x-3)^2 at (3, 5): the torus does not move the joint map."""
    joint = PolynomialMap(["x*y", "x^2-6*x+9"])
    assert joint.dimension().value == 2
    torus = Equivariance(((0, 0, fmpq(1)), (1, 1, fmpq(-1))), (), ())
    assert Equivariances(PolynomialMap(["x*y"])).kills(torus)
    assert not Equivariances(joint).holds(torus)
    fake = SliceGrid(Gauge((), (), ()), Slice((3, 5), (1,), (torus,)))
    data = MapDimension.assemble(
        joint, 1, {"dimension": [RankBelow(0, 10007), fake]}, lower=1, upper=1
    )
    assert not data.verify()


# --- the grid ----------------------------------------------------------------------------------


def test_lower_sets_interpolate() -> None:
    bounds = LowerSet(3, (((0, 1, 2), 4), ((0, 1), 2), ((2,), 3)))
    points = list(bounds)
    assert len(points) == len(set(points)) <= bounds.at_most()
    assert all(sum(x) <= 4 and x[0] + x[1] <= 2 and x[2] <= 3 for x in points)
    whole = [
        x for x in product(range(5), repeat=3) if sum(x) <= 4 and x[0] + x[1] <= 2 and x[2] <= 3
    ]
    assert sorted(points) == whole
    values = [
        [int(np.prod([a**b for a, b in zip(x, e, strict=True)])) for e in points] for x in points
    ]
    assert Matrix(QQ, values).rank() == len(points)


def test_hadamard_bounds_every_minor() -> None:
    phi = PolynomialMap(["x^2*y-3*z", "x*y*z+1/2*y^3", "7*z^2-x"])
    grid = Grid(phi, (2, -1, 3), (0, 1, 2))
    for at in ((0, 0, 0), (3, 1, 2)):
        bits = grid.bits(3, np.array([at], np.int64))
        point = [a + b for a, b in zip(at, (2, -1, 3), strict=True)]
        exact = phi.jacobian(point).rows
        rows = [[x * 2 for x in row] if n == 1 else row for n, row in enumerate(exact)]
        assert abs(int(Matrix(QQ, rows).det())) < 2**bits


def test_the_grid_sees_a_larger_rank() -> None:
    """The rank is 1 at the base point, and 2 elsewhere on the slice."""
    phi = PolynomialMap(["x", "y^3-3*y"])
    grid, rank = Grid(phi, (1, 1), (0, 1)), 1
    assert not grid.rank_at_most(rank, LowerSet(2, (((0, 1), 2),)))
    assert grid.rank_at_most(2, LowerSet(2, (((0, 1), 2),)))


@pytest.mark.parametrize("seed", range(12))
def test_slices_of_random_maps_against_sympy(seed: int) -> None:
    """Compositions with few inner forms: the dimension is known, nothing else is linear."""
    import sympy

    rng = np.random.default_rng(seed)
    x, y, z = sympy.symbols("x y z")
    inner = [x + int(rng.integers(1, 4)) * y * z, y**2 - int(rng.integers(1, 3)) * z]
    inner = inner[: 1 + seed % 2]
    outer = [sum(int(c) * f ** (n + 1) for f, c in zip(inner, row, strict=False))
             for n, row in enumerate(rng.integers(-3, 4, size=(4, 2)))]  # fmt: skip
    jacobian = sympy.Matrix(outer).jacobian([x, y, z])
    wanted = jacobian.subs({x: 2, y: -3, z: 5}).rank()
    phi = PolynomialMap([str(sympy.expand(f)) for f in outer], parameters=["x", "y", "z"])
    found = phi.dimension()
    assert (found.value, found.status.name) == (wanted, "PROVED")
    assert load(found.to_json()).verify()


def test_slices_over_number_fields() -> None:
    root = NumberField([-2, 0, 1], 1)
    cubic = NumberField(["1/3", -1, 0, 1], 0)
    line = PolynomialMap(["x+theta*y", "x^2+2*theta*x*y+2*y^2"], field=root)
    other = PolynomialMap(["x+theta*y", "(x+theta*y)^2", "(x+theta*y)^3+theta"], field=cubic)
    for phi in (line, other):
        found = phi.dimension()
        assert (found.value, found.status.name, proof(found)) == (1, "PROVED", "map.slice-grid")
        assert load(found.to_json()).verify()
    bent = PolynomialMap(["x+theta*y", "x^2+2*y^2"], field=root)
    assert bent.dimension().value == 2


# --- equations ---------------------------------------------------------------------------------


def test_ranks_of_polynomial_matrices() -> None:
    ring = PolynomialRing(QQ, ("x", "y", "z"))
    x, y, z = ring.gens()
    generic = [[x, y, z], [y, z, x], [z, x, y]]
    assert rank_of_polynomials(generic) == 3
    low = [
        [a * b + c * d for b, d in ((x, y), (y, z), (z, x))] for a, c in ((x, z), (y, x), (z, y))
    ]
    assert rank_of_polynomials(low) == 2
    assert rank_of_polynomials([[ring(0)] * 2] * 2) == 0


def test_equations_that_are_given() -> None:
    phi = PolynomialMap(["t^2", "t^3"], coordinates=("x", "y")).compose(
        PolynomialMap(["a+b^2+a*b"])
    )
    found = phi.dimension(equations=["x^3-y^2"])
    assert (found.value, proof(found)) == (1, "map.rank-equations")
    assert load(found.to_json()).verify()
    with pytest.raises(DisagreementError, match="does not vanish"):
        phi.dimension(equations=["x^3-2*y^2"])
    rational = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"]).compose(PolynomialMap(["a+b^2"]))
    circle = rational.dimension(equations=["y_1^2+y_2^2-1"], method="equations")
    assert (circle.value, proof(circle)) == (1, "map.rank-equations")
    with pytest.raises(InputError):
        phi.dimension(equations=3)  # type: ignore[arg-type]
    rows = [["y_1", "y_2"], ["y_2", "y_3"]]
    conic = PolynomialMap(["(a+b*c)^2", "(a+b*c)*(b-c^2)", "(b-c^2)^2"]).dimension(equations=[rows])
    assert conic.value == 2


def test_flattenings_of_tensors() -> None:
    assert [(len(t), len(t[0])) for t in flattenings(powers(4, 4, 9))] == [(10, 10)]
    square = segre_veronese((3, 4), (1, 1), 2)
    assert {(len(t), len(t[0])) for t in flattenings(square)} == {(4, 3)}
    assert not list(flattenings(PolynomialMap(["a+b^2", "c"])))


def test_a_matrix_of_another_rank_is_no_proof() -> None:
    phi = powers(3, 2, 2)
    found = phi.dimension()
    (evidence,) = (e for e in found.evidence if isinstance(e, RankEquations))
    with pytest.raises(Exception, match="leave 6 dimensions"):
        evidence.check(powers(3, 2, 3), found.claim("dimension"))


# --- characteristic p --------------------------------------------------------------------------


def test_inseparable_maps() -> None:
    for texts, p, dimension, rank in (
        (["x^5"], 5, 1, 0),
        (["x^5", "y"], 5, 2, 1),
        (["x^2", "x^2*y+y^2"], 2, 2, 1),
        (["x^3+y^3"], 3, 1, 0),
        (["x^2+x"], 2, 1, 1),
        (["x*y", "x^2", "y^2"], 2, 2, 1),
    ):
        phi = PolynomialMap(texts, field=GF(p))
        found = phi.dimension()
        assert (found.value, found.jacobian_rank) == (dimension, rank), texts
        assert found.separable is (dimension == rank)
        assert load(found.to_json()).verify()


def test_fields_prove_nothing_in_characteristic_p() -> None:
    turn = VectorField("d/dx", {"x": "1"})
    phi = PolynomialMap(["x^5", "x^5+y^5"], field=GF(5), symmetries=[turn])
    found = phi.dimension()
    assert (found.value, found.jacobian_rank) == (2, 0)
    same = PolynomialMap(["x^3+y^3", "x^6+2*x^3*y^3+y^6"], field=GF(3)).dimension()
    assert (same.value, same.lower, same.upper, same.jacobian_rank) == (None, 1, 2, 0)
    by_equation = PolynomialMap(["x^3+y^3", "x^6+2*x^3*y^3+y^6"], field=GF(3)).dimension(
        equations=["y_1^2-y_2"]
    )
    assert (by_equation.value, by_equation.separable) == (1, False)


def test_catalecticants_in_characteristic_p() -> None:
    phi = PolynomialMap(
        ["+".join(f"a{h}*b{h}" for h in range(2))] +
        [f"a0*{x}0+a1*{x}1" for x in "cd"] + [f"e0*{x}0+e1*{x}1" for x in "bcd"] +
        [f"f0*{x}0+f1*{x}1" for x in "bcd"], field=GF(101))  # fmt: skip
    found = phi.dimension()
    assert (found.value, proof(found)) == (8, "map.rank-equations")


def test_fibers_bound_from_below() -> None:
    phi = PolynomialMap(["x^2", "y^2", "x^2+y^2"], field=GF(2))
    assert fiber_bound(phi, 0, 2) == 2
    assert jacobian_rank(phi, 0, 2) == 0
    constant = PolynomialMap(["1"], parameters=["x"], field=GF(3))
    assert (constant.dimension().value, fiber_bound(constant, 0, 1)) == (0, 0)
    with pytest.raises(LimitError):
        fiber_bound(phi, 0, 1000)


def test_ranks_over_small_fields_are_generic() -> None:
    """At all points of GF(2) the differential of x^2 y + x y^2 is special."""
    phi = PolynomialMap(["x^2*y+x*y^2", "x^3+y"], field=GF(2))
    assert max(
        Matrix(GF(2), phi.jacobian([a, b]).rows).rank() for a, b in product((0, 1), repeat=2)
    ) <= (rank := jacobian_rank(phi, 0, 2))
    assert rank == 2


# --- what is not proved ------------------------------------------------------------------------


def test_errors_of_random_ranks() -> None:
    prime = draw_prime(PolynomialMap(["x"]), 5)
    assert 2**30 < prime < 2**31
    assert fmpz(prime).is_prime()
    assert draw_prime(PolynomialMap(["x"]), 5) == prime
    times = PolynomialMap([f"{2**31 - 1}*x"])  # zero modulo the prime that is tried first
    found = times.dimension()
    assert found.lower == found.upper == 1 or found.status is Status.PROBABLE
    small, large = PolynomialMap(["x^2"]), PolynomialMap([f"{10**400}*x^90"])
    assert error_bits(small) > error_bits(large) > 10
    guess = PolynomialMap(["x+y", "x^2+2*x*y+y^2"]).dimension(method="symmetries")
    assert guess.error == f"2^-{error_bits(guess.problem)}"
    assert guess.error in guess.sentence()
    assert guess.status is Status.PROBABLE
    data = json.loads(guess.to_json())
    for claim in data["claims"]:
        for item in claim["evidence"]:
            if "bits" in item:
                item["bits"] += 1
    assert not holds(resealed(data))


def test_primes_that_kill_a_map() -> None:
    p = 2**31 - 1
    phi = PolynomialMap([f"{p}*x", f"{p}*x^2+{p}*y"])
    found = phi.dimension()
    assert (found.value, found.status.name) == (2, "PROVED")


def test_declared_dimensions() -> None:
    line = PolynomialMap(["x+y", "x^2+2*x*y+y^2"])
    found = line.dimension(method="symmetries", declared=(1, "seen at once"))
    assert (found.value, found.status.name) == (1, "THEOREM")
    assert "as declared" in found.sentence()
    assert load(found.to_json()).verify()
    assert line.dimension(declared="1: seen").status.name == "PROVED"
    for wrong in (0, 2):
        with pytest.raises(DisagreementError):
            line.dimension(declared=(wrong, "a guess"))
    for nonsense in (1, (1,), ("1", "x"), (True, "x"), (1, " "), "seen"):
        with pytest.raises(InputError):
            line.dimension(declared=nonsense)  # type: ignore[arg-type]
    assert read_declared("17 : by hand") == (17, "by hand")


def test_time_runs_out_with_bounds() -> None:
    with pytest.raises(LimitError) as caught:
        powers(5, 3, 7).dimension(time_limit=0)
    partial = caught.value.partial
    assert partial is None or partial.lower == 34


def test_what_a_proof_would_need() -> None:
    phi = Lightning((3, 3), 2, heads=3, tokens=1).map("AV")
    found = phi.dimension(method="symmetries")
    assert found.lower <= found.upper
    for method in ("symmetries", "fields", "equations", "slice"):
        one = PolynomialMap(["a*b", "b*c"]).dimension(method=method)
        assert one.value == 2


def test_forged_slices() -> None:
    found = Lightning((3, 1), 2, heads=2, tokens=2).map("AV").dimension()
    data = json.loads(found.to_json())
    lower = json.loads(json.dumps(data))
    lower["value"] = lower["detail"]["lower"] = lower["detail"]["upper"] = 16
    assert not holds(resealed(lower))
    torn = json.loads(json.dumps(data))
    for claim in torn["claims"]:
        for item in claim["evidence"]:
            if item["kind"] == "map.slice-grid":
                item["slice"]["fields"] = item["slice"]["fields"][1:]
    assert not holds(resealed(torn))


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["0"], 0),
        (["3", "0"], 0),
        (["x", "x", "2*x"], 1),
        (["x*y", "x*y", "x*y+1"], 1),
        (["x^2+1"], 1),
    ],
)
def test_special_maps(texts: list[str], wanted: int) -> None:
    for field in (QQ, GF(2), GF(3), GF(10007)):
        found = PolynomialMap(texts, parameters=["x", "y"], field=field).dimension()
        assert found.value == wanted
        assert load(found.to_json()).verify()


def test_a_prime_that_was_chosen_badly_is_no_reason() -> None:
    """10007 x has rank 0 modulo 10007, whatever is declared."""
    phi, low = PolynomialMap(["10007*x"]), RankBelow(0, 10007)
    for guess in (RankGeneric(0, 10007), Declared(0, 10007, "nobody")):
        evidence = {"rank": [low], "lower": [low], "upper": [Counted()], "dimension": [guess]}
        forged = MapDimension.assemble(phi, 0, evidence, lower=0, upper=1)
        assert not holds(forged.to_data())
    cubic = PolynomialMap(["x^3+y^3+x*y^2", "x^2*y"])
    low = RankBelow(0, 2147483629)
    evidence = {"lower": [low], "upper": [Counted()], "dimension": [Declared(0, 2147483629, "z")]}
    honest = MapDimension.assemble(cubic, 2, evidence, lower=1, upper=2)
    assert holds(honest.to_data())
