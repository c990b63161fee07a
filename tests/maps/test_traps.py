"""Conclusions that look right and are wrong: each map here refutes one, and gets its own answer.

The reasons themselves, forged, are refused in the tests of their parts; here are the answers.
"""

from __future__ import annotations

import os
from itertools import combinations_with_replacement, product
from math import inf
from typing import Any

import pytest

from algattn import GF, Ideal, PolynomialMap
from algattn.engines import Degree, GroebnerBasis, available, solve
from algattn.errors import HypothesisError
from algattn.exact import NumberField
from algattn.maps import VectorField

P = PolynomialMap
ROOT2 = NumberField([-2, 0, 1], 1)


def need_singular() -> None:
    if "singular" not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing["singular"])
        pytest.skip(available().missing["singular"])


def gram(k: int, n: int, **options: Any) -> PolynomialMap:
    """``A^T A`` for k x n matrices A with entries a00, a01, .."""
    pairs = combinations_with_replacement(range(n), 2)
    return P(["+".join(f"a{r}{i}*a{r}{j}" for r in range(k)) for i, j in pairs], **options)


def proved(result: Any, value: Any) -> None:
    assert (result.value, result.status.name) == (value, "PROVED")
    assert result.verify()


# --- fibers --------------------------------------------------------------------------------------


def test_first_integrals_of_low_degree_do_not_separate_components() -> None:
    """A^T A, 3 x 4: its entries are all invariants of degree 2, the 3 x 3 minors have two values.

    The invariants of SO(3) of degree 2 have full rank, and are the same on the two components.
    """
    phi = gram(3, 4)
    proved(phi.dimension(), 9)
    assert phi.symmetries().rank() == 3
    minor = "a00*a11*a22-a00*a12*a21-a01*a10*a22+a01*a12*a20+a02*a10*a21-a02*a11*a20"
    found = phi.identifiable([minor, "a00*a01+a10*a11+a20*a21"], kind="global")
    assert [found[h].values for h in found] == [2, 1]
    assert found.status.name == "PROVED"
    assert found.verify()


@pytest.mark.slow
def test_the_components_are_those_of_the_determinant() -> None:
    need_singular()
    assert gram(2, 2).fiber_components().value == 2
    assert gram(2, 3).fiber_components().value == 2
    assert gram(2, 1).fiber_components().value == 1  # O(2) moves all vectors as SO(2) does


def test_two_etale_points_over_a_node() -> None:
    """(t^2-1, t^3-t) takes 1 and -1 to one point, without a kernel there, and is birational."""
    need_singular()
    node = P(["t^2-1", "t^3-t"])
    assert node([1]) == node([-1])
    assert [node.jacobian([t]).rank() for t in (1, -1)] == [1, 1]
    found = node.fiber([1])
    assert found.status.name == "PROVED"
    assert [c.degree for c in found.components] == [1, 1]
    proved(node.degree(), 1)
    assert node.identifiable("t", kind="global")["t"].formula == "y_2/y_1"


def test_two_etale_points_without_a_rational_one() -> None:
    """(x^2-2, x(x^2-2)) over (0, 0): both square roots of 2, and degree 1."""
    need_singular()
    texts = ["x^2-2", "x^3-2*x"]
    proved(P(texts).degree(), 1)
    assert P(texts).values_in_fiber("x") == 1
    over = P(texts, field=ROOT2)
    found = over.identifiable("x", kind="global")["x"]
    assert (found.values, found.status.name) == (1, "PROVED")


def test_values_are_counted_over_the_complex_numbers() -> None:
    """x^3 has one real root, and three."""
    proved(P(["x^3"]).values_in_fiber("x"), 3)


def test_a_relation_of_degree_two_is_no_bound_for_the_points() -> None:
    """(x^2, y^2) and h = x^2+y: two values, four points."""
    squares = P(["x^2", "y^2"])
    proved(squares.values_in_fiber("x^2+y"), 2)
    proved(squares.degree(), 4)
    proved(squares.fiber_components(), 4)


def test_a_function_of_the_image_is_no_bound_for_the_components() -> None:
    """x^2 y^2 and h = phi: one value, two components."""
    phi = P(["x^2*y^2"])
    proved(phi.values_in_fiber("x^2*y^2"), 1)
    proved(phi.fiber_components(), 2)


def test_points_of_special_fibers_are_not_components_of_general_ones() -> None:
    """xy: two lines over 0, and one component over almost all points."""
    need_singular()
    phi = P(["x*y"])
    assert [(c.dimension, c.degree) for c in phi.fiber([0, 0]).components] == [(1, 1), (1, 1)]
    proved(phi.fiber_components(), 1)
    with pytest.raises(HypothesisError, match="dimension 1"):
        phi.degree()


def test_points_of_a_torus_gauge_are_more_than_components() -> None:
    """x^2 y^3 = c with x = 1 has three points, with y = 1 two, and one component."""
    proved(P(["x^2*y^3"]).fiber_components(), 1)
    proved(P(["x^4*y^6"]).fiber_components(), 2)


def test_non_reduced_fibers() -> None:
    """Gram matrices 2 x 2: a reduced surface with an embedded point over 0, a double curve else."""
    need_singular()
    phi = gram(2, 2)
    for point, parts in (
        ([0, 0, 0, 0], [(2, 2, 1, False), (0, 1, 6, True)]),  # 2 conjugate planes
        ([1, 0, 0, 0], [(1, 2, 2, False)]),
    ):
        found = phi.fiber(point)
        assert [(c.dimension, c.degree, c.multiplicity, c.embedded) for c in found.components] == (
            parts
        )
        assert found.status.name == "PROVED"


def test_functions_need_the_symmetries_of_the_joint_map() -> None:
    """xy is kept by its torus; (x-3)^2 has no differential at (3, 5), and is not identifiable."""
    h = "x^2-6*x+9"
    phi = P(["x*y"])
    found = phi.identifiable(h)[h]
    assert (found.values, found.status.name) == (inf, "PROVED")
    proved(P(["x*y", h]).dimension(), 2)
    jacobian = P(["x*y", h]).jacobian([3, 5])
    assert jacobian.rank() == 1


def test_specialised_relations_have_rational_roots() -> None:
    """h^2 = y at y = 9 has the roots 3 and -3: yet x takes two values, which no formula gives."""
    found = P(["x^2"]).identifiable("x", kind="global")["x"]
    assert (found.values, found.formula, found.status.name) == (2, None, "PROVED")


# --- dimensions ----------------------------------------------------------------------------------


def test_ranks_are_smaller_in_characteristic_p() -> None:
    """x^p has rank zero and an image of dimension one; d/dx moves nothing and proves nothing."""
    for p in (2, 3, 7):
        field = [VectorField("d/dx", {"x": "1"})]
        for phi in (P([f"x^{p}"], field=GF(p)), P([f"x^{p}"], field=GF(p), symmetries=field)):
            found = phi.dimension()
            proved(found, 1)
            assert (found.jacobian_rank, found.separable) == (0, False)
            assert phi.identifiable("x")["x"].values != inf
            assert phi.identifiable("x", kind="global")["x"].values == 1


def test_maps_that_vanish_modulo_a_prime() -> None:
    """p x for the prime that is tried first."""
    p = 2**31 - 1
    proved(P([f"{p}*x"]).dimension(), 1)
    found = P([f"{p}*x", f"{p}*x^2"])
    proved(found.dimension(), 1)
    assert found.equations(2).texts == (f"y_1^2-{p}*y_2",)
    for text, values in ((f"{p}*x^2", 2), (f"{p}*x^2+x", 2), (f"x^3+{p}*x", 3)):
        proved(P([text]).values_in_fiber("x"), values)
        proved(P([text]).degree(), values)


def test_projective_fields_do_not_move_a_slice() -> None:
    """(x^2+1) d/dx takes x^2+1 to its multiple, and the rank at 0 is smaller than elsewhere."""
    phi = P(["x^2+1"])
    assert phi.jacobian([0]).rank() == 0
    proved(phi.dimension(), 1)
    assert "x^2 + 1/2) ∂x" in repr(phi.symmetries("projective", 2))
    assert all(phi.symmetries(kind).rank() == 0 for kind in ("fiber", "projective"))


def test_cleared_rows_have_symmetries_that_the_map_has_not() -> None:
    """x/(x+1): d/dx moves x and x+1 linearly, and the quotient by no affine map."""
    phi = P(["x"], ["x+1"])
    proved(phi.dimension(), 1)
    moved = phi.symmetries("equivariant")
    assert moved.status.name == "PROVED"
    assert "(x + 1)" in repr(moved)
    assert "∂x>" in repr(moved)
    false = VectorField("d/dx", {"x": "1"})
    proved(P(["x"], ["x+1"], symmetries=[false]).dimension(), 1)
    assert phi.symmetries().rank() == 0


# --- equations -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_ideals_with_the_zeros_and_the_degree_of_the_image() -> None:
    """The twisted cubic meets m^3: an embedded point, which Hilbert polynomials do not see."""
    need_singular()
    cubic = ["x*z-y^2", "y*w-z^2", "x*w-y*z"]
    met = Ideal(cubic).intersection(Ideal(["x^3", "y^3", "z^3", "w^3"], ring=Ideal(cubic).ring))
    found = met.primary_decomposition()
    first = found.components[0]
    assert (first.dimension, first.degree, first.embedded) == (2, 3, False)
    assert [c.embedded for c in found.components] == [False, True]
    assert (met.degree(), met.dimension()) == (3, 2)
    whole = P(["s^3", "s^2*t", "s*t^2", "t^3"]).ideal()
    assert whole.complete
    assert {d: n for d, n in dict(whole.counts).items() if n} == {2: 3}


def test_multiples_of_inhomogeneous_equations() -> None:
    """(t^3, t^4, t^5): all equations of degree four, and no claim about those of degree five."""
    phi = P(["t^3", "t^4", "t^5"])
    found = phi.equations(4)
    assert found.status.name == "PROVED"
    assert found.verify()
    assert {d: n for d, n in dict(phi.equations(3).counts).items() if n} == {2: 1, 3: 2}


def test_enneper_has_one_equation_of_degree_nine() -> None:
    phi = P(["3*u-u^3+3*u*v^2", "3*v-v^3+3*u^2*v", "3*u^2-3*v^2"])
    assert not phi.equations(8).texts
    found = phi.equations(9)
    assert {d: n for d, n in dict(found.counts).items() if n} == {9: 1}
    assert found.status.name == "PROVED"


def test_poles_at_every_point_of_a_small_field() -> None:
    """1/(x^5-x) over GF(5) has a pole at each number, and a degree."""
    phi = P(["1", "x"], ["x^5-x", "1"], field=GF(5))
    proved(phi.dimension(), 1)
    assert phi.identifiable("x", kind="global")["x"].values == 1
    with pytest.raises(Exception, match=r"zero|pole|vanish"):
        phi([2])


# --- ideals --------------------------------------------------------------------------------------


def test_degrees_beyond_machine_integers() -> None:
    """Six hundredth powers: 10^12, where 32 bits say -727379968."""
    powers = Ideal([f"x{i}^100" for i in range(6)])
    assert solve(Degree(tuple(powers.generators))) == 10**12
    assert (powers.degree(), powers.dimension()) == (10**12, 0)


def test_leading_monomials_need_an_order_by_degree() -> None:
    """x - y^2 is a conic; its lexicographic leading monomial is that of a line."""
    ideal = Ideal(["x-y^2"])
    assert solve(GroebnerBasis(tuple(ideal.generators), "lex"))
    assert (ideal.degree(), ideal.dimension()) == (2, 1)
    assert P(["t^2", "t"]).image_degree() == 2


@pytest.mark.slow
def test_a_basis_that_is_one_of_a_smaller_exponent() -> None:
    """x^65537 - y and y^2 - x: with exponents below 2^16 they would be x - y and y^2 - y."""
    found = Ideal(["x^65537-y", "y^2-x"]).groebner()
    assert {str(g) for g in found.value} == {"y^2 - x", "x^65537 - y"}


def test_a_basis_modulo_seven() -> None:
    """(x-y, x-8y-1) is the whole ring modulo 7, and a point over QQ."""
    assert Ideal(["x-y", "x-8*y-1"]).dimension() == 0
    assert Ideal(["x-y", "x-8*y-1"], field=GF(7)).dimension() == -1


def test_the_radical_says_nothing_about_primary() -> None:
    """(x^2, xy) has the prime radical (x), and an embedded point."""
    need_singular()
    ideal = Ideal(["x^2", "x*y"])
    assert [str(g) for g in ideal.radical().generators] == ["x"]
    found = ideal.primary_decomposition()
    assert [c.embedded for c in found.components] == [False, True]


def test_a_zero_divisor_that_series_do_not_see() -> None:
    """Saturating (xz, yz, z^2-z, x^3-xy^2+y^2+x+1-z) by x gives more than the ideal."""
    need_singular()
    ideal = Ideal(["x*z", "y*z", "z^2-z", "x^3-x*y^2+y^2+x+1-z"])
    found = ideal.saturation("x")
    assert found == Ideal(["z", "x^3-x*y^2+y^2+x+1"], ring=ideal.ring)
    assert found != ideal


@pytest.mark.parametrize("point", list(product((0, 1), repeat=2)))
def test_points_of_the_closure_outside_the_image(point: tuple[int, int]) -> None:
    """(x, xy) misses (0, 1), which satisfies all equations."""
    need_singular()
    phi = P(["x", "x*y"])
    found = phi.contains(list(point))
    assert (bool(found), found.status.name) == (point != (0, 1), "PROVED")
    assert phi.contains(list(point), closure=True)
