"""Symmetries of maps that are found: against declared ones, sympy, and the literature."""

from __future__ import annotations

import json
import random
from itertools import combinations, product
from math import prod
from typing import Any

import pytest
import sympy

from algattn import GF, QQ, Lightning, PolynomialMap
from algattn.errors import AlgattnError, DisagreementError, HypothesisError, InputError, LimitError
from algattn.exact import NumberField
from algattn.maps import VectorField
from algattn.maps.torus import TorusSymmetries
from algattn.maps.vector_fields import VectorFields
from algattn.results import Status


def gram(k: int, n: int) -> PolynomialMap:
    """``A^T A`` for k x n matrices."""
    pairs = [(i, j) for i in range(n) for j in range(i, n)]
    return PolynomialMap(
        ["+".join(f"a{r}_{i}*a{r}_{j}" for r in range(k)) for i, j in pairs],
    )


def keys(a: int, d: int) -> PolynomialMap:
    """``K^T Q`` for a x d matrices."""
    places = product(range(d), repeat=2)
    return PolynomialMap(["+".join(f"k{r}_{i}*q{r}_{j}" for r in range(a)) for i, j in places])


def minors(k: int, n: int) -> PolynomialMap:
    """The maximal minors of a k x n matrix."""
    a = sympy.Matrix(k, n, lambda i, j: sympy.Symbol(f"a{i}_{j}"))
    return PolynomialMap(
        [sympy.expand(a[:, list(c)].det()) for c in combinations(range(n), k)],
        parameters=[f"a{i}_{j}" for i in range(k) for j in range(n)],
    )


def tensors(sizes: tuple[int, ...], rank: int = 1) -> PolynomialMap:
    return PolynomialMap(
        [
            "+".join("*".join(f"x{h}_{f}_{i}" for f, i in enumerate(p)) for h in range(rank))
            for p in product(*map(range, sizes))
        ]
    )


def holds_by_sympy(found: VectorFields) -> bool:
    """Whether the fields do what they should, by another system."""
    phi = found.problem
    tops = [p.to_sympy() for p in phi.numerators]
    bottoms = [q.to_sympy() for q in phi.denominators]
    factors = [c.to_sympy() for c in found.factors] or [0] * len(found)
    for field, c in zip(found, factors, strict=True):
        parts = {sympy.Symbol(x): p.to_sympy() for x, p in field.components.items()}  # type: ignore[union-attr]
        for p, q in zip(tops, bottoms, strict=True):
            f = sympy.Rational(1) * p / q
            moved = sum(sympy.diff(f, x) * v for x, v in parts.items())
            if sympy.simplify(moved - c * f) != 0:
                return False
    return True


# --- gradings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "rows", "torus", "index"),
    [
        (["x^2", "y^2"], 2, 0, 4),
        (["x^2*y", "x*y^2"], 2, 0, 3),
        (["x^2*y^2"], 2, 1, 2),
        (["t^2", "t^3"], 1, 0, 1),
        (["x+1", "y"], 1, 0, 1),
        (["x^2+1", "y"], 1, 0, 2),
        (["0", "x"], 2, 0, 1),
        (["x*y+z^4"], 2, 1, 4),  # (x, y, i z)
        (["x^100000*y", "x*y^99999"], 2, 0, 9_999_899_999),
    ],
)
def test_gradings(texts: list[str], rows: int, torus: int, index: int) -> None:
    phi = PolynomialMap(texts)
    found = phi.gradings()
    assert (len(found.rows), len(found.fiber_rows), found.index) == (rows, torus, index)
    found.check(phi.numerators)
    wrong = [
        TorusSymmetries(found.rows[1:], found.fiber_rows, found.torsion),
        TorusSymmetries(
            (tuple(2 * x for x in found.rows[0]), *found.rows[1:]), found.fiber_rows, found.torsion
        ),
        TorusSymmetries(found.rows, found.fiber_rows, (*found.torsion, 7)),
    ]
    for other in wrong:
        with pytest.raises(DisagreementError):
            other.check(phi.numerators)


def test_gradings_of_what_has_none_or_all() -> None:
    assert PolynomialMap(["3"], parameters=["x"]).gradings().rows == ((1, 0),)
    assert PolynomialMap(["0"], parameters=["x"]).gradings().fiber_rows == ((1,),)
    circle = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"])
    assert circle.gradings() == TorusSymmetries((), ())
    assert PolynomialMap(["x", "y"], ["y", "x"]).gradings().fiber_rows == ((1, 1),)
    root = NumberField([-2, 0, 1])
    assert PolynomialMap(["theta*x^2"], parameters=["x"], field=root).gradings().index == 2


@pytest.mark.parametrize("seed", range(12))
def test_the_index_counts_the_fibers_of_monomial_maps(seed: int) -> None:
    """Brute force over a prime field that has all roots of unity, or by elementary divisors."""
    rng = random.Random(seed)
    matrix = [[rng.randrange(4) for _ in range(2)] for _ in range(2)]
    det = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]
    phi = PolynomialMap(
        [f"x^{a}*y^{b}" for a, b in matrix], parameters=["x", "y"], coordinates=["u", "v"]
    )
    found = phi.gradings()
    p = 61  # has all roots of unity of the orders 1 to 6
    if det and all(p % d == 1 for d in found.torsion):
        ones = [
            (x, y)
            for x in range(1, p)
            for y in range(1, p)
            if all(pow(x, a, p) * pow(y, b, p) % p == 1 for a, b in matrix)
        ]
        assert len(ones) == found.index == abs(det)


# --- fields ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phi", "count"),
    [
        (gram(2, 2), 1),
        (gram(3, 3), 3),
        (gram(3, 4), 3),
        (gram(4, 4), 6),
        (keys(1, 2), 1),
        (keys(2, 3), 4),
        (keys(3, 3), 9),
        (minors(2, 4), 3),
        (minors(2, 5), 3),
        (minors(3, 4), 8),
        (tensors((2, 2, 2)), 2),
        (tensors((3, 2)), 1),
        (tensors((2, 2, 2), 2), 4),
        (tensors((2, 2), 2), 4),
        (PolynomialMap(["x^2+y^2+z^2"]), 3),
    ],
)
def test_groups_are_found(phi: PolynomialMap, count: int) -> None:
    """so(k), gl(a), sl(k), tori: as many linear fields as their dimension."""
    found = phi.symmetries()
    assert (len(found), found.status, found.kind, found.degree) == (
        count,
        Status.PROVED,
        "fiber",
        1,
    )
    assert found.check() is Status.PROVED
    if len(phi.parameters) < 10:
        assert holds_by_sympy(found)


def test_the_fields_are_those_of_the_group() -> None:
    """Minors are fixed by left multiplication with matrices of trace zero."""
    phi = minors(2, 4)
    moves = []
    for i, j in product(range(2), repeat=2):
        if i != j:
            moves.append({f"a{i}_{c}": f"a{j}_{c}" for c in range(4)})
    moves.append({f"a{i}_{c}": f"{'-' * i}a{i}_{c}" for i in range(2) for c in range(4)})
    declared = PolynomialMap(
        list(phi.numerators),
        parameters=phi.parameters,
        symmetries=[VectorField(f"move {n}", m) for n, m in enumerate(moves)],
    )
    assert declared.check() is Status.PROVED
    both = VectorFields(declared, "fiber", 1, (*declared.declared, *phi.symmetries().fields))
    point = [3, 1, 4, 1, 5, 9, 2, 6]
    assert both.rank(point) == phi.symmetries().rank(point) == phi.symmetries().rank() == 3


@pytest.mark.parametrize(
    "net",
    [
        Lightning((2, 2), 1),
        Lightning((3, 2), 2),
        Lightning((3, 3), 2),
        Lightning((3, 1), 1, tokens=1),
        Lightning((2, 1), 2, tokens=3),
        Lightning((4, 4), 2),
    ],
)
def test_networks_have_what_is_declared(net: Any) -> None:
    """What is found has at least the rank of the declared generators, and never too much."""
    phi = net.map()
    found = phi.symmetries()
    declared = VectorFields(phi, "fiber", 1, phi.declared)
    assert found.status is Status.PROVED
    k, r = len(phi.parameters), net.dimension().value
    assert declared.rank() <= found.rank() <= k - r
    if declared.rank() == k - r:
        assert found.rank() == k - r


def test_fields_that_nobody_declared() -> None:
    """Two layers without their symmetries: the torus and the tokens between them are found."""
    phi = Lightning((2, 2, 2), 2).map()
    assert len(phi.parameters) - phi.symmetries().rank() == 10
    assert PolynomialMap(["x^2+y^2", "x*z+y*w", "z^2+w^2"]).symmetries().rank() == 1


def test_degrees() -> None:
    plane = PolynomialMap(["x+y"])
    assert [len(plane.symmetries(degree=e)) for e in (0, 1, 2)] == [1, 2, 3]
    curve = PolynomialMap(["x+y^2"])
    assert [len(curve.symmetries("affine", e)) for e in (0, 1, 2)] == [0, 1, 3]
    assert len(curve.symmetries()) == 0
    # Jacobian syzygies: the Hamiltonian field of a cubic has degree 2
    cubic = PolynomialMap(["x^3+y^3+x^2*y"])
    assert [len(cubic.symmetries(degree=e)) for e in (1, 2)] == [0, 1]
    assert holds_by_sympy(cubic.symmetries(degree=2))
    # all fields of the fibers of x^2+y^2, xy have components divisible by the Jacobian determinant
    assert not any(len(PolynomialMap(["x^2+y^2", "x*y"]).symmetries(degree=e)) for e in range(4))


def test_projective() -> None:
    """Along it the value moves on a line; the factor is part of what is checked."""
    found = PolynomialMap(["x^2+1"]).symmetries("projective", 2)
    assert repr(found[0].components) == "{'x': 1/2*x^2 + 1/2}"
    assert [str(c) for c in found.factors] == ["x"]
    assert holds_by_sympy(found)
    euler = PolynomialMap(["x^2", "x*y", "y^2"]).symmetries("projective")
    assert len(euler) == 1
    assert holds_by_sympy(euler)
    # the whole of gl(2) acts on the determinant, 3 x 3 over sl(3) x sl(3)
    assert len(minors(2, 2).symmetries("projective")) == 7
    assert not PolynomialMap(["t^2", "t^3"]).symmetries("projective")
    assert len(PolynomialMap(["3"], parameters=["x"]).symmetries("projective")) == 2
    assert len(PolynomialMap(["0"], parameters=["x"]).symmetries("projective")) == 2


def test_rational_maps() -> None:
    found = PolynomialMap(["x", "y"], ["x+y", "x+y"]).symmetries()
    assert str(found).endswith("[PROVED]: x ∂x + y ∂y>")
    cross = PolynomialMap(["a*d-a*c-b*d+b*c"], ["a*d-a*b-c*d+c*b"])  # a cross-ratio: PGL(2)
    assert [len(cross.symmetries("fiber", e)) for e in (0, 1)] == [1, len(cross.symmetries())]
    moebius = cross.symmetries("affine", 2)
    assert moebius.rank() == 3
    assert holds_by_sympy(cross.symmetries())
    assert len(PolynomialMap(["x*y"], ["x+1"]).symmetries("projective", 2)) == 4


def test_number_fields() -> None:
    for modulus in ([-2, 0, 1], [-2, 0, 0, 1], [1, 1, 1]):
        field = NumberField(modulus)
        phi = PolynomialMap(["x^2+theta*y^2", "z"], parameters=["x", "y", "z"], field=field)
        (found,) = phi.symmetries()
        x, y = (found.components[v] for v in "xy")  # type: ignore[index]
        ratio = [c for _, c in y.terms()]
        assert str(x) == "y"
        assert len(ratio) >= 1
        assert phi.symmetries().rank() == 1
        assert phi.symmetries().rank([1, 2, 3]) == 1
    mixed = PolynomialMap(["x+theta*y"], parameters=["x", "y"], field=NumberField([-2, 0, 1]))
    assert len(mixed.symmetries("affine")) == 3


@pytest.mark.parametrize("p", [2, 3, 5, 10_007, 2**31 - 1])
def test_prime_fields(p: int) -> None:
    """Fields there are exact and prove nothing about the dimension."""
    square = PolynomialMap(["x^2+y^2"], field=GF(p))
    assert len(square.symmetries()) == (4 if p == 2 else 1)
    assert square.symmetries().status is Status.PROVED
    if p < 6:
        power = PolynomialMap([f"x^{p}"], field=GF(p))
        assert len(power.symmetries(degree=0)) == 1
        assert power.symmetries().rank([1]) == 1
        assert power.dimension().upper == 1
        # x^p - x vanishes at all points, and is no zero
        assert not PolynomialMap([f"x^{p}-x"], field=GF(p)).symmetries(degree=0)


def test_special_maps() -> None:
    constant = PolynomialMap(["1", "2"], parameters=["x", "y"])
    assert len(constant.symmetries()) == 4
    assert len(constant.symmetries(degree=0)) == 2
    assert len(PolynomialMap(["x"]).symmetries()) == 0
    assert PolynomialMap(["x"]).symmetries().rank() == 0
    twice = PolynomialMap(["x*y", "x*y", "0"])
    assert len(twice.symmetries()) == 1


def test_lists_data_and_print() -> None:
    phi = gram(2, 2)
    found = phi.symmetries()
    data = json.loads(json.dumps(found.to_data()))
    again = VectorFields.from_data(data)
    assert again == found
    assert hash(again) == hash(found)
    assert again.status is Status.PROVED
    assert found[0].name == "X_1"
    assert len(found[0:1]) == 1
    assert found.latex().count(r"\partial") == 4
    data["fields"][0][1][0][1] = "2*a1_0"
    with pytest.raises(DisagreementError):
        VectorFields.from_data(data).check()
    with pytest.raises(InputError, match="parts"):
        VectorFields.from_data({"map": 1})
    data["kind"] = "projective"
    with pytest.raises(InputError, match="factor"):
        VectorFields.from_data(data)
    lines = PolynomialMap(["x^2", "x*y"]).symmetries("projective")
    assert VectorFields.from_data(lines.to_data()) == lines
    with pytest.raises(InputError, match="kind"):
        phi.symmetries("magic")
    with pytest.raises(InputError, match="degree"):
        phi.symmetries(degree=-1)
    with pytest.raises(LimitError, match=r"\d+ unknown coefficients"):
        phi.symmetries(degree=200)
    with pytest.raises(LimitError, match="time"):
        phi.symmetries(time_limit=0)


def test_another_seed_finds_the_same() -> None:
    assert keys(2, 3).symmetries(seed=5) == keys(2, 3).symmetries()
    assert prod(len(gram(2, n).symmetries(seed=n)) for n in (2, 3)) == 1


def test_equivariances() -> None:
    """gl(n) acts on Veronese maps, gl(2) x gl(3) on matrices of rank one; the action is checked."""
    conic = PolynomialMap(["x^2", "x*y", "y^2"]).symmetries("equivariant")
    assert (len(conic), conic.rank(), conic.status) == (4, 2, Status.PROVED)
    again = VectorFields.from_data(json.loads(json.dumps(conic.to_data())))
    assert again == conic
    assert again.status is Status.PROVED
    assert len(tensors((2, 3)).symmetries("equivariant")) == 4 + 9
    data = conic.to_data()
    data["fields"][0][1][0][1] = "x^2"
    with pytest.raises(AlgattnError):
        VectorFields.from_data(data).check()
    with pytest.raises(HypothesisError):
        PolynomialMap(["x^2"], field=GF(5)).symmetries("equivariant")
    with pytest.raises(HypothesisError, match="degree"):
        PolynomialMap(["x^2"]).symmetries("equivariant", 2)


@pytest.mark.parametrize("seed", range(8))
def test_as_many_fields_as_sympy_finds(seed: int) -> None:
    """The same linear equations for the coefficients, written down and solved by another system."""
    rng = random.Random(seed)
    x = sympy.symbols("x y z")
    degree = rng.randrange(3)
    monomials = list(sympy.itermonomials(x, degree, degree))
    forms = [a * b for a in x for b in x] + list(x)
    coordinates = [
        sympy.expand(sum(rng.randrange(-1, 2) * m for m in rng.sample(forms, 4)))
        for _ in range(rng.randrange(1, 3))
    ]
    unknowns = sympy.symbols(f"c:{3 * len(monomials)}")
    fields = [
        sum(c * m for c, m in zip(unknowns[j * len(monomials) :], monomials, strict=False))
        for j in range(3)
    ]
    rows = []
    for f in coordinates:
        moved = sympy.expand(sum(sympy.diff(f, v) * w for v, w in zip(x, fields, strict=True)))
        for c in sympy.Poly(moved, *x).coeffs():
            rows.append([sympy.diff(c, u) for u in unknowns])
    wanted = len(unknowns) - sympy.Matrix(rows).rank()
    phi = PolynomialMap([str(f) for f in coordinates], parameters=["x", "y", "z"])
    assert len(phi.symmetries(degree=degree)) == wanted


# --- what a file, or a list made by hand, does not prove ---------------------------------------


def test_that_there_are_no_more_is_not_read_from_a_file() -> None:
    """Fields are checked one by one; that they are all is only known after a search."""
    phi = PolynomialMap(["a*b", "b*c"])
    found = phi.symmetries()
    assert found.complete
    data = found.to_data()
    assert repr(VectorFields.from_data(data)).startswith("<at least 1 field of")
    none = VectorFields.from_data(data | {"fields": []})
    assert not none.complete
    assert repr(none).startswith("<at least 0 fields")
    with pytest.raises(DisagreementError, match="dependent"):
        VectorFields.from_data(data | {"fields": data["fields"] * 2}).check()
    with pytest.raises(DisagreementError, match="degree"):
        VectorFields.from_data(data | {"degree": 3}).check()


def test_fields_over_a_number_field_are_independent_over_it() -> None:
    field = NumberField([-2, 0, 1], 1)
    found = PolynomialMap(["x*y"], field=field).symmetries()
    assert (len(found), found.complete) == (1, True)
    data = found.to_data()
    (name, row) = data["fields"][0]
    twice = ["X_2", [[x, f"{text}*theta"] for x, text in row]]
    with pytest.raises(DisagreementError, match="dependent"):
        VectorFields.from_data(data | {"fields": [[name, row], twice]}).check()


@pytest.mark.parametrize(
    ("text", "field", "most"),
    [
        ("(x+1000000000000037*y)*(x+y^2)", QQ, 1),  # the number is too large to be lifted
        ("x^2+theta*y^2", NumberField([-2, 0, 1], 1), 3),  # x d/dy - theta y d/dx is not rational
    ],
)
def test_equivariances_that_are_not_found_are_not_denied(text: str, field: Any, most: int) -> None:
    second = ["x+y^2"] if field == QQ else []
    moves = PolynomialMap([text, *second], field=field).symmetries("equivariant")
    assert len(moves) < most
    assert not moves.complete
    assert repr(moves).startswith("<at least")
    small = PolynomialMap(["(x+3*y)*(x+y^2)", "x+y^2"]).symmetries("equivariant")
    assert (len(small), small.complete) == (1, True)


def test_blocks_that_are_stretched_are_said() -> None:
    """x d/dx takes x^2 + y^3 to 2 x^2, which is not affine in the map."""
    assert "multiples of its blocks" in repr(PolynomialMap(["x^2+y^3"]).symmetries("equivariant"))


@pytest.mark.parametrize(
    ("texts", "asked", "count"),
    [
        (["x+y+z+w", "x*y*z*w"], ("fiber", 1), 0),  # x+y+z+w gives few conditions at any points
        (["x+y+z+w", "x*y*z*w+1"], ("fiber", 2), 3),
        (["(x+y+z+w)^2", "x+y+z+w+1", "(x*y*z*w)^2"], ("projective", 2), 3),
    ],
)
@pytest.mark.parametrize("field", [QQ, GF(2147483647)])
def test_coordinates_that_give_few_conditions(
    texts: list[str], asked: tuple[str, int], count: int, field: Any
) -> None:
    found = PolynomialMap(texts, field=field).symmetries(*asked)
    assert (len(found), found.complete, found.status) == (count, True, Status.PROVED)


def test_products_over_a_number_field() -> None:
    """Where a coordinate is evaluated as it is written, nothing moves the generator."""
    s, t = "(x+y+z+w)", "x*y*z*w"
    texts = [f"theta*{s}*{t}", f"{t}+2*{s}^2+2*{s}", f"(1+theta)*{s}^2+(1+theta)*{s}", f"{s}*{t}"]
    phi = PolynomialMap(texts, field=NumberField([1, 0, 1]))
    assert [len(phi.symmetries("fiber", e)) for e in range(3)] == [0, 0, 3]
