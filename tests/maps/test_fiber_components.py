"""Components of almost all fibers, and degrees of maps: against known answers and other ways."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement, permutations, product
from typing import Any

import pytest
from test_questions import ENNEPER, gram, need_singular, segre, veronese

from algattn import GF, Lightning, PolynomialMap
from algattn.exact import NumberField

LARGE = 2147483629
SQRT2 = NumberField([-2, 0, 1])


def minors(k: int, n: int) -> PolynomialMap:
    """The Plucker coordinates of k x n matrices."""
    texts = []
    for columns in combinations(range(n), k):
        terms = []
        for s in permutations(range(k)):
            sign = sum(s[i] > s[j] for i, j in combinations(range(k), 2)) % 2
            terms.append("-+"[1 - sign] + "*".join(f"a{i}{columns[s[i]]}" for i in range(k)))
        texts.append("".join(terms).lstrip("+"))
    return PolynomialMap(texts)


def product_of_matrices(m: int, r: int, n: int) -> PolynomialMap:
    return PolynomialMap(
        ["+".join(f"a{i}{k}*b{k}{j}" for k in range(r)) for i in range(m) for j in range(n)]
    )


def product_of_forms(n: int, count: int) -> PolynomialMap:
    """The coefficients of products of linear forms in n variables."""
    found: dict[tuple[int, ...], list[str]] = {}
    for choice in product(range(n), repeat=count):
        term = "*".join(f"l{f}_{i}" for f, i in enumerate(choice))
        found.setdefault(tuple(sorted(choice)), []).append(term)
    return PolynomialMap(["+".join(terms) for terms in found.values()])


def elementary(n: int) -> PolynomialMap:
    names = [f"x{i}" for i in range(n)]
    return PolynomialMap(
        ["+".join("*".join(c) for c in combinations(names, k)) for k in range(1, n + 1)]
    )


def neurons(d: int, h: int, e: int) -> PolynomialMap:
    """``V (W x)^2``, the square entry by entry: d inputs, h neurons, e outputs."""
    pairs = list(combinations_with_replacement(range(d), 2))
    return PolynomialMap(
        [
            "+".join(f"{1 + (i < j)}*v{r}_{s}*w{s}_{i}*w{s}_{j}" for s in range(h))
            for r in range(e)
            for i, j in pairs
        ]
    )


def poly(*texts: str, **rest: Any) -> PolynomialMap:
    return PolynomialMap(list(texts), **rest)


#: Map, components, dimension of almost all fibers; the answer is elementary, or of the reference.
KNOWN: dict[str, tuple[PolynomialMap, int, int]] = {
    # powers and monomials: index of the lattice of exponents
    "conic": (poly("x^2", "x*y", "y^2"), 2, 0),
    "rational quartic": (veronese(2, 4), 4, 0),
    "Veronese surface": (veronese(3, 2), 2, 0),
    "third Veronese": (veronese(3, 3), 3, 0),
    "cube": (poly("x^3"), 3, 0),
    "two squares": (poly("x^2", "y^2"), 4, 0),
    "x^2 y^2": (poly("x^2*y^2"), 2, 1),
    "x^2 y^3": (poly("x^2*y^3"), 1, 1),
    "x^4 y^6": (poly("x^4*y^6"), 2, 1),
    "x^2 y^2 z^2": (poly("x^2*y^2*z^2"), 2, 2),
    "a row of products": (poly("a*b", "b*c", "c*d", "d*a"), 1, 1),
    "a triangle of products": (poly("a*b", "b*c", "a*c"), 2, 0),
    "Segre": (segre((2, 3)), 1, 1),
    "Segre of three": (segre((2, 2, 2)), 1, 2),
    "Cremona": (poly("y*z", "x*z", "x*y"), 2, 0),
    # roots and symmetric functions
    "two roots": (elementary(2), 2, 0),
    "three roots": (elementary(3), 6, 0),
    "power sums": (poly("a+b+c", "a^2+b^2+c^2", "a^3+b^3+c^3"), 6, 0),
    "two power sums of three": (poly("a+b+c", "a^2+b^2+c^2"), 1, 1),
    "squares of a complex number": (poly("x^2-y^2", "2*x*y"), 4, 0),
    "cubes of a complex number": (poly("x^3-3*x*y^2", "3*x^2*y-y^3"), 9, 0),
    "x^2 + y^2, x y": (poly("x^2+y^2", "x*y"), 4, 0),
    "Chebyshev": (poly("8*x^4-8*x^2+1"), 4, 0),
    # curves: birational onto nodes and cusps, or not
    "node": (poly("t^2-1", "t^3-t"), 1, 0),
    "cusp": (poly("t^2", "t^3"), 1, 0),
    "even curve": (poly("t^4", "t^6+t^2"), 2, 0),
    "Enneper": (poly(*ENNEPER), 1, 0),
    "Whitney umbrella": (poly("u", "u*v", "v^2"), 1, 0),
    "the same twice": (poly("x^2", "x^2"), 2, 0),
    # composite polynomials have reducible fibers (Stein)
    "quadric": (poly("x^2-2*y^2"), 1, 1),
    "conic, three variables": (poly("x^2+y*z"), 1, 2),
    "square of a quadric": (poly("x^2*y^2+2*x*y*z+z^2"), 2, 2),
    "cube of a curve": (poly("x^6+3*x^4*y+3*x^2*y^2+y^3"), 3, 1),
    "quadratic in a quadric": (poly("x^4+2*x^2*y^2+y^4+x^2+y^2"), 2, 1),
    "determinant": (poly("a*d-b*c"), 1, 3),
    # rational maps
    "circle": (PolynomialMap(["1-t^2", "2*t"], ["1+t^2"] * 2), 1, 0),
    "rational square": (PolynomialMap(["t^2"], ["1+t^2"]), 2, 0),
    "t + 1/t": (PolynomialMap(["t^2+1"], ["t"]), 2, 0),
    "quotient": (PolynomialMap(["x"], ["y"]), 1, 1),
    "quotient of squares": (PolynomialMap(["x^2"], ["y^2"]), 2, 1),
    "s + 1/s in x/y": (PolynomialMap(["x^2+y^2"], ["x*y"]), 2, 1),
    # matrices and tensors
    "O(2)": (gram(2, 2), 2, 1),
    "O(2), three vectors": (gram(3, 2), 2, 1),
    "rows of a 2 x 2 product": (product_of_matrices(2, 1, 3), 1, 1),
    "GL(2)": (product_of_matrices(2, 2, 3), 1, 4),
    "Grassmannian": (minors(2, 4), 1, 3),
    "rank two tensors": (segre((2, 2, 2), 2), 2, 4),
    "two linear forms": (product_of_forms(2, 2), 2, 1),
    "two ternary forms": (product_of_forms(3, 2), 2, 1),
    "three linear forms": (product_of_forms(2, 3), 6, 2),
    "linear times quadratic": (poly("a*c", "a*d+b*c", "a*e+b*d", "b*e"), 3, 1),
    "Sylvester: two cubes": (veronese(2, 3, 2), 18, 0),
    "one factor": (poly("a*b", "a*c", "b*c", "a^2+d", "b^2+e", "c^2+f"), 2, 0),
    # trivial ones
    "constant": (poly("2", "0*x", parameters=["x", "y"]), 1, 2),
    "zero": (poly("0*x", parameters=["x"]), 1, 1),
    "linear": (poly("x+y", "x-y+z"), 1, 1),
    "graph": (poly("x", "y", "x^2+y^3"), 1, 0),
    # other fields; in characteristic p the separable degree
    "over QQ(sqrt 2)": (poly("theta*x^3+x", parameters=["x"], field=SQRT2), 3, 0),
    "torus over QQ(sqrt 2)": (poly("theta*x*y", parameters=["x", "y"], field=SQRT2), 1, 1),
    "Frobenius": (poly("x^5", field=GF(5)), 1, 0),
    "Frobenius and a square": (poly("x^6", field=GF(3)), 2, 0),
    "Artin-Schreier": (poly("x^5-x", field=GF(5)), 5, 0),
    "x^2 y^2 over GF(2)": (poly("x^2*y^2", field=GF(2)), 1, 1),
    "two values over GF(2)": (poly("x^2+x", "y^2*x", field=GF(2)), 2, 0),
    "a large prime": (poly("x^2+x*y^2", field=GF(LARGE)), 1, 1),
}
#: Over the first three seconds together.
SLOW = {"GL(2)", "O(2), three vectors", "two power sums of three", "conic, three variables"}
#: Answers that two bounds prove.
PROVED = {
    "conic", "third Veronese", "two squares", "x^2 y^2", "x^2 y^3", "x^4 y^6", "Segre of three",
    "three roots", "power sums", "x^2 + y^2, x y", "rational square", "t + 1/t", "one factor",
    "constant", "zero", "linear", "graph", "quotient of squares", "Cremona", "rows of a 2 x 2 product",
}  # fmt: skip
NEED_NONE = {n for n in PROVED if n not in ()}


@pytest.mark.parametrize("name", sorted(set(KNOWN) - SLOW))
def test_known_numbers(name: str) -> None:
    phi, components, dimension = KNOWN[name]
    if name not in NEED_NONE:
        need_singular()
    found = phi.fiber_components()
    assert (found.value, found.dimension) == (components, dimension)
    assert found.lower <= components
    assert found.upper is None or components <= found.upper
    assert (found.status.name == "PROVED") == (name in PROVED or found.lower == found.upper)
    if phi.field.characteristic == 0 and dimension == 0:
        assert phi.degree().value == components


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SLOW))
def test_known_numbers_slowly(name: str) -> None:
    test_known_numbers(name)


@pytest.mark.slow
def test_known_numbers_of_the_specification() -> None:
    need_singular()
    for phi, want in ((gram(4, 3), 2), (neurons(2, 2, 3), 2), (Lightning((2, 1, 1), 1).map(), 2)):
        assert PolynomialMap(phi).fiber_components(time_limit=120).value == want
