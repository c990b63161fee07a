"""Tropical polynomials: arithmetic, Newton polytopes, dual subdivisions, hypersurfaces."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from tropical_instances import heads

from algattn.errors import HypothesisError, InputError, RingMismatchError, ShapeError
from algattn.tropical import NewtonPolytope, TropicalAttention, TropicalPolynomial, TropicalRational

small = st.integers(-4, 4)
terms = st.lists(st.tuples(st.tuples(small, small), small), min_size=1, max_size=5)
points = st.tuples(st.fractions(-5, 5, max_denominator=7), st.fractions(-5, 5, max_denominator=7))


@given(terms, terms, terms, points)
def test_it_is_a_semiring(a: Any, b: Any, c: Any, q: Any) -> None:
    f, g, h = (TropicalPolynomial(t) for t in (a, b, c))
    assert (f + g)(q) == max(f(q), g(q))
    assert (f * g)(q) == f(q) + g(q)
    assert f + g == g + f
    assert f * g == g * f
    assert f * (g + h) == f * g + f * h
    assert (f * g) * h == f * (g * h)
    assert f + f == f
    assert f * TropicalPolynomial.one(2) == f
    assert f**2 == f * f
    assert f.essential()(q) == f(q)
    assert f.same_function(f + f.essential())
    assert f.on_hypersurface(q) == (len(f.argmax(q)) > 1)


@given(terms, terms)
def test_newton_polytope_of_a_product_is_the_minkowski_sum(a: Any, b: Any) -> None:
    f, g = TropicalPolynomial(a), TropicalPolynomial(b)
    left = (f * g).newton_polytope()
    right = f.newton_polytope() + g.newton_polytope()
    assert set(left.vertices) == set(right.vertices)
    assert left.volume() == right.volume()


@given(terms)
def test_the_subdivision_fills_the_newton_polytope(a: Any) -> None:
    f = TropicalPolynomial(a)
    subdivision, exponents = f.subdivision(), list(f.terms)
    parts = [
        NewtonPolytope(2, tuple(exponents[i] for i in cell)).volume() for cell in subdivision.cells
    ]
    assert sum(parts) == f.newton_polytope().volume()
    for i, j in subdivision.edges:
        assert any({i, j} <= cell for cell in subdivision.cells)
    used = {i for cell in subdivision.cells for i in cell}
    assert set(range(len(exponents))) - set(subdivision.unused) <= used


def test_walls_are_perpendicular_to_edges() -> None:
    rng = random.Random(1)
    for _ in range(20):
        f = TropicalPolynomial(
            [((rng.randint(-5, 5), rng.randint(-5, 5)), rng.randint(-9, 9)) for _ in range(7)]
        )
        surface, exponents = f.hypersurface(), list(f.terms)
        assert [w[0] for w in surface.walls] == list(f.subdivision().edges)
        for (i, j), corners, rays in surface.walls:
            edge = [x - y for x, y in zip(exponents[i], exponents[j], strict=True)]
            ends = [[a - b for a, b in zip(corners[0], c, strict=True)] for c in corners[1:]]
            for direction in (*ends, *rays, *surface.lines):
                pairs = zip(edge, direction, strict=True)
                assert sum(Fraction(int(a.p), int(a.q)) * b for a, b in pairs) == 0
            for corner in corners:
                assert {exponents[i], exponents[j]} <= f.argmax(corner)
        assert all(f.on_hypersurface(v) for v in surface.vertices)


def test_a_head_is_a_polynomial() -> None:
    rng = random.Random(2)
    for head in heads(40, seed=3):
        f = head.polynomial()
        assert len(f.essential().terms) == len(head.cells())
        q = [Fraction(rng.randint(-20, 20), 3) for _ in range(head.dimension)]
        assert f(q) == max(head.scores(q))


def test_a_head_is_a_rational_map() -> None:
    rng = random.Random(4)
    for head in heads(25, seed=5):
        logs = [[rng.randint(-5, 5), rng.randint(-5, 5)] for _ in head.keys]
        maps = head.rational_map(logs)
        q = [Fraction(rng.randint(-20, 20), 3) for _ in range(head.dimension)]
        scores = head.scores(q)
        for c, f in enumerate(maps):
            lifted = max(s + a[c] for s, a in zip(scores, logs, strict=True))
            assert f(q) == lifted - max(scores)
    with pytest.raises(ShapeError, match="2 keys and 1 values"):
        TropicalAttention([[0], [1]]).rational_map([1])


def test_rational_functions() -> None:
    f = TropicalPolynomial([((0,), 0), ((1,), 0)])
    g = TropicalPolynomial([((0,), 1), ((2,), -1)])
    one = TropicalPolynomial.one(1)
    a, b = TropicalRational(f, g), TropicalRational(g, f)
    assert (a * b).same_function(TropicalRational(one, one))
    assert not a.same_function(b)
    for q in ([-2], [0], ["1/3"], [5]):
        assert (a + b)(q) == max(a(q), b(q))
        assert (a * a)(q) == 2 * a(q)


def test_a_known_subdivision() -> None:
    """The honeycomb curve of a conic: four triangles, four vertices, nine walls."""
    conic = TropicalPolynomial(
        [((i, j), -(i * i + j * j + i * j)) for i in range(3) for j in range(3 - i)]
    )
    assert sorted(len(c) for c in conic.subdivision().cells) == [3, 3, 3, 3]
    assert len(conic.hypersurface().vertices) == 4
    assert len(conic.hypersurface().walls) == 9
    flat = TropicalPolynomial([((i, j), 0) for i in range(3) for j in range(3 - i)])
    assert [sorted(c) for c in flat.subdivision().cells] == [[0, 1, 2, 3, 4, 5]]
    assert len(flat.subdivision().unused) == 3
    assert conic.lifted_polytope().dimension == 3
    assert flat.lifted_polytope().volume() == 0


def test_polytopes_contain_their_points() -> None:
    triangle = NewtonPolytope(2, tuple((fmpq(a), fmpq(b)) for a, b in ((0, 0), (4, 0), (0, 4))))
    assert triangle.contains([1, 1])
    assert triangle.contains([2, 2])
    assert not triangle.contains(["5/2", 2])
    segment = NewtonPolytope(2, ((fmpq(0), fmpq(0)), (fmpq(2), fmpq(2))))
    assert (segment.dimension, segment.volume()) == (1, 0)
    assert segment.contains([1, 1])
    assert not segment.contains([1, 0])


def test_bad_input() -> None:
    f = TropicalPolynomial([((0,), 0)])
    with pytest.raises(ShapeError, match="no terms"):
        TropicalPolynomial([], 2)
    with pytest.raises(RingMismatchError):
        f + TropicalPolynomial([((0, 1), 0)])
    with pytest.raises(InputError):
        f * 3
    with pytest.raises(InputError):
        f**-1
    with pytest.raises(RingMismatchError):
        TropicalRational(f, TropicalPolynomial.one(2))
    with pytest.raises(HypothesisError):
        f.newton_polytope() + TropicalPolynomial.one(2).newton_polytope()


def test_polynomials_and_polytopes_refuse_nonsense() -> None:
    one = TropicalPolynomial([((0,), 0)])
    cases: list[tuple[type[Exception], str, Any]] = [
        (InputError, "not a term", lambda: TropicalPolynomial([1, 2])),  # type: ignore[list-item]
        (InputError, "not a list", lambda: TropicalPolynomial(5)),  # type: ignore[arg-type]
        (InputError, "not a tropical", lambda: TropicalRational(one, 3)),  # type: ignore[arg-type]
        (ShapeError, "no points", lambda: NewtonPolytope(2, ())),
        (ShapeError, "1 entries where 2", lambda: NewtonPolytope(2, ((0,),))),  # type: ignore[arg-type]
    ]
    for kind, text, act in cases:
        with pytest.raises(kind, match=text):
            act()
    ints = NewtonPolytope(2, ((0, 0), (1, 0), (0, 1)))  # type: ignore[arg-type]
    assert ints.volume() == Fraction(1, 2)
