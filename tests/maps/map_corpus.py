"""Maps whose dimensions, degrees and fibers are in the literature, or known from a second engine.

Every expected number is that of the source named beside it, or a number that Macaulay2 gave
(``map_corpus_engines.py`` asks it, ``map_corpus.json`` is what it said); none comes from algattn.
Dimensions are those of affine closures: one more than that of the projective variety for cones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import comb, factorial, inf, prod
from typing import Any

from algattn import GF, Lightning, PolynomialMap
from algattn.exact import NumberField

ENGINE = "Macaulay2, tests/maps/map_corpus.json"


@dataclass(frozen=True)
class Entry:
    """A map with what is known about it.

    Attributes
    ----------
    dimension : int, optional
        Of the closure of the image; None: Macaulay2 says it.
    expected : int
        The dimension that counting parameters leads to expect.
    degree : int, optional
        Of the closure of the image.
    generators : mapping
        How many minimal generators the ideal has in each of these degrees.
    components, points : int, optional
        Components of a general fiber, and how many points it has where it is finite.
    special : str
        In which way the map is not a usual one.
    """

    family: str
    name: str
    build: Callable[[], PolynomialMap]
    source: str
    dimension: int | None = None
    expected: int | None = None
    degree: int | None = None
    generators: Mapping[int, int] = field(default_factory=dict)
    components: int | None = None
    points: int | None = None
    identifiable: Mapping[str, float] = field(default_factory=dict)
    special: str = ""

    @property
    def defective(self) -> bool:
        found = (self.dimension, self.expected)
        return None not in found and self.dimension < self.expected  # type: ignore[operator]


# --- constructions -----------------------------------------------------------------------------


def text(terms: Sequence[tuple[int, Sequence[str]]]) -> str:
    """A sum of products, with signs in front."""
    return "".join(f"{c:+d}*" + "*".join(factors or ("1",)) for c, factors in terms) or "0"


def maps(texts: Sequence[str], **options: Any) -> PolynomialMap:
    return PolynomialMap(list(texts), **options)


def veronese(n: int, d: int, count: int = 1) -> PolynomialMap:
    """Sums of d-th powers of linear forms in n variables; coefficients without multinomials."""
    terms = combinations_with_replacement(range(n), d)
    return maps(["+".join("*".join(f"x{h}_{i}" for i in t) for h in range(count)) for t in terms])


def segre(sizes: Sequence[int], count: int = 1) -> PolynomialMap:
    """Tensors of rank at most `count`."""
    places = product(*map(range, sizes))
    return maps(
        [
            "+".join("*".join(f"x{h}_{f}_{i}" for f, i in enumerate(p)) for h in range(count))
            for p in places
        ]
    )


def minors(k: int, n: int, count: int = 1) -> PolynomialMap:
    """The Pluecker coordinates of k x n matrices, or sums of several of them."""

    def minor(h: int, columns: Sequence[int]) -> str:
        return text([(s, [f"x{h}_{i}_{j}" for i, j in enumerate(p)]) for s, p in signed(columns)])

    return maps(["".join(minor(h, c) for h in range(count)) for c in combinations(range(n), k)])


def signed(columns: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """All permutations with their signs."""
    if not columns:
        yield 1, []
    for i, first in enumerate(columns):
        for sign, rest in signed([*columns[:i], *columns[i + 1 :]]):
            yield (-1) ** i * sign, [first, *rest]


def scroll(degrees: Sequence[int]) -> PolynomialMap:
    """The cone over the rational normal scroll."""
    return maps(
        [
            f"u{h}*s^{d - i}*t^{i}".replace("*s^0", "").replace("*t^0", "")
            for h, d in enumerate(degrees)
            for i in range(d + 1)
        ]
    )


def gram(k: int, n: int, weights: Sequence[str] = (), **options: Any) -> PolynomialMap:
    """``A^T D A`` for k x n matrices A."""
    weights = weights or ("1",) * k
    pairs = combinations_with_replacement(range(1, n + 1), 2)
    return maps(
        [
            "+".join(f"{w}*a_{r + 1}_{i}*a_{r + 1}_{j}" for r, w in enumerate(weights))
            for i, j in pairs
        ],
        parameters={"a": (k, n)},
        **options,
    )


def skew(k: int, n: int) -> PolynomialMap:
    """``A^T J A`` for 2k x n matrices A."""
    return maps(
        [
            "+".join(f"x{h}_{i}*y{h}_{j}-x{h}_{j}*y{h}_{i}" for h in range(k))
            for i, j in combinations(range(n), 2)
        ]
    )


def network(widths: Sequence[int], power: int) -> PolynomialMap:
    """A polynomial network with monomial activation, as the coefficients of its outputs."""
    import sympy

    xs = sympy.symbols(f"x1:{widths[0] + 1}")
    values: list[Any] = list(xs)
    for layer, width in enumerate(widths[1:]):
        if layer:
            values = [v**power for v in values]
        values = [
            sum(sympy.Symbol(f"w{layer}_{i}_{j}") * v for j, v in enumerate(values))
            for i in range(width)
        ]
    coefficients = [c for v in values for c in sympy.Poly(sympy.expand(v), *xs).coeffs()]
    numbers = (c.as_coeff_Mul() for c in (sympy.factor_terms(c) for c in coefficients))
    return PolynomialMap.from_sympy([sympy.expand(c) for _, c in numbers])


def tree(leaves: int, splits: Sequence[Sequence[int]], states: int = 4) -> PolynomialMap:
    """Jukes-Cantor (4 states) or Cavender-Farris-Neyman (2) in Fourier coordinates, up to equality.

    Labels of the leaves lie in (Z/2)^2 or Z/2 and have sum zero; an edge whose far side has sum
    g gives its parameter when g is not zero, and 1 otherwise (Evans, Speed 1993).
    """
    edges = [[i] for i in range(leaves)] + [list(s) for s in splits]
    found = dict.fromkeys(
        tuple(int(_xor(g[i] for i in e) != 0) for e in edges)
        for g in product(range(states), repeat=leaves)
        if not _xor(g)
    )
    return maps(
        ["z*" + ("*".join(f"e{i}" for i, on in enumerate(row) if on) or "1") for row in found]
    )


def _xor(labels: Any) -> int:
    total = 0
    for x in labels:
        total ^= x
    return total


def covariances(n: int, directed: Sequence[str], bidirected: Sequence[str] = ()) -> PolynomialMap:
    """Covariances of a linear structural equation model with an acyclic mixed graph.

    Edges are texts such as "12"; vertices are in topological order.
    """
    omega = {(i, i): f"w{i}{i}" for i in range(1, n + 1)}
    for edge in bidirected:
        i, j = sorted(map(int, edge))
        omega[i, j] = omega[j, i] = f"w{i}{j}"
    paths: dict[tuple[int, int], list[list[str]]] = {}
    for j in range(1, n + 1):  # all directed paths from i to j, as products of coefficients
        for i in range(j, 0, -1):
            paths[i, j] = (
                [[]]
                if i == j
                else [
                    [*before, f"l{m}{j}"]
                    for m in range(i, j)
                    if f"{m}{j}" in directed
                    for before in paths[i, m]
                ]
            )
    return maps(
        [
            text(
                [
                    (1, [*p, w, *q])
                    for (a, b), w in omega.items()
                    if a <= i and b <= j
                    for p in paths.get((a, i), [])
                    for q in paths.get((b, j), [])
                ]
            )
            for i, j in combinations_with_replacement(range(1, n + 1), 2)
        ]
    )


def factors(n: int, count: int) -> PolynomialMap:
    """Covariances of n observed variables with `count` hidden factors."""
    return maps(
        [
            "+".join([f"d{i}"] * (i == j) + [f"f{i}_{h}*f{j}_{h}" for h in range(count)])
            for i, j in combinations_with_replacement(range(n), 2)
        ]
    )


def inverses(n: int, edges: Sequence[str]) -> PolynomialMap:
    """Adjugates of concentration matrices with zeros off a graph."""
    import sympy

    k = sympy.Matrix(
        n,
        n,
        lambda i, j: (
            sympy.Symbol(f"k{min(i, j) + 1}{max(i, j) + 1}")
            if i == j or f"{min(i, j) + 1}{max(i, j) + 1}" in edges
            else 0
        ),
    )
    adjugate = k.adjugate()
    return PolynomialMap.from_sympy(
        [sympy.expand(adjugate[i, j]) for i in range(n) for j in range(i, n)]
    )


# --- formulas of the literature ----------------------------------------------------------------


def grassmann_degree(k: int, n: int) -> int:
    """Schubert 1886; Harris, Algebraic Geometry, Lecture 19 (after 19.14)."""
    found = Fraction(factorial(k * (n - k)))
    for i in range(k):
        found *= Fraction(factorial(i), factorial(n - k + i))
    return int(found)


def schur(shape: Sequence[int], n: int) -> int:
    """The dimension of a Schur module of GL(n), by the hook content formula."""
    found = Fraction(1)
    for i, row in enumerate(shape):
        for j in range(row):
            below = sum(1 for r in shape if r > j)
            found *= Fraction(n + j - i, row - j + below - i - 1)
    return int(found)


def symmetric_degree(n: int, r: int) -> int:
    """Symmetric n x n matrices of rank at most r: Harris, Tu 1984, Proposition 12."""
    found = Fraction(1)
    for a in range(n - r):
        found *= Fraction(comb(n + a, n - r - a), comb(2 * a + 1, a))
    return int(found)


def matrix_degree(m: int, n: int, r: int) -> int:
    """m x n matrices of rank at most r: Harris, Example 19.10; Giambelli."""
    found = Fraction(1)
    for i in range(n - r):
        found *= Fraction(comb(m + i, r), comb(r + i, r))
    return int(found)


def pfaffian_degree(n: int, r: int) -> int:
    """Skew n x n matrices of rank at most r (even): Harris, Tu 1984, Proposition 12."""
    found = Fraction(1, 2 ** (n - r - 1))
    for a in range(n - r - 1):
        found *= Fraction(comb(n + a, n - r - 1 - a), comb(2 * a + 1, a))
    return int(found)


# --- the families ------------------------------------------------------------------------------


def segres() -> Iterator[Entry]:
    for sizes in (
        *((2, 2), (2, 3), (2, 4), (2, 5), (3, 3), (3, 4), (4, 4), (3, 5)),
        *((2, 2, 2), (2, 2, 3), (2, 3, 3), (3, 3, 3), (2, 2, 2, 2), (2, 2, 4)),
    ):
        dimension = sum(n - 1 for n in sizes) + 1
        degree = factorial(dimension - 1) // prod(factorial(n - 1) for n in sizes)
        quadrics = comb(prod(sizes) + 1, 2) - prod(comb(n + 1, 2) for n in sizes)
        yield Entry(
            "Segre",
            "x".join(map(str, sizes)),
            lambda s=sizes: segre(s),
            "Harris, Algebraic Geometry, Examples 2.11 and 18.15 (degree); quadrics: Grone 1977",
            dimension,
            dimension,
            degree,
            {2: quadrics},
            components=1,
        )


def veroneses() -> Iterator[Entry]:
    for n, d in (
        *((2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7), (2, 10), (3, 2), (3, 3)),
        *((3, 4), (4, 2), (4, 3), (5, 2), (6, 2)),
    ):
        count = comb(n + d - 1, d)
        quadrics = comb(count + 1, 2) - comb(n + 2 * d - 1, n - 1)
        yield Entry(
            "Veronese",
            f"{n} variables, degree {d}",
            lambda n=n, d=d: veronese(n, d),
            "Harris, Algebraic Geometry, Example 2.4, Exercise 2.9; degree: Example 18.13",
            n,
            n,
            d ** (n - 1),
            {2: quadrics},
            points=d,
        )


def grassmannians() -> Iterator[Entry]:
    for k, n in (
        *((2, 4), (2, 5), (2, 6), (2, 7), (2, 8), (3, 5), (3, 6), (3, 7), (4, 6)),
        *((4, 7), (3, 8)),
    ):
        small = comb(n, k) <= 35
        shape = [2] * k
        quadrics = comb(comb(n, k) + 1, 2) - schur(shape, n)
        yield Entry(
            "Grassmannian",
            f"G({k}, {n})",
            lambda k=k, n=n: minors(k, n),
            "Harris, Algebraic Geometry, Lectures 6 and 19; quadrics: Fulton, Young Tableaux, 9.1",
            k * (n - k) + 1,
            k * (n - k) + 1,
            grassmann_degree(k, n),
            {2: quadrics} if small else {},
            components=1,
        )


AH = "Alexander, Hirschowitz 1995; Brambilla, Ottaviani 2008, Theorem 1.1"


def secants() -> Iterator[Entry]:
    for n, h in ((3, 2), (4, 2), (4, 3), (5, 2), (5, 3), (5, 4)):
        dimension = n * h - comb(h, 2)
        yield Entry(
            "Secants of Veronese varieties",
            f"{h} squares in {n} variables",
            lambda n=n, h=h: veronese(n, 2, h),
            f"{AH}; degree: Harris, Tu 1984, Proposition 12; minors: Weyman 2003, 6.3",
            dimension,
            min(n * h, comb(n + 1, 2)),
            symmetric_degree(n, h),
            {h + 1: schur([2] * (h + 1), n)},
            special="defective",
        )
    for n, d, h, dimension in (
        *((3, 4, 5, 14), (4, 4, 9, 34), (5, 4, 14, 69), (5, 3, 7, 34)),
        *((2, 3, 2, 4), (2, 4, 2, 4), (3, 3, 2, 6), (3, 3, 3, 9), (2, 6, 3, 6)),
    ):
        expected = min(n * h, comb(n + d - 1, d))
        yield Entry(
            "Secants of Veronese varieties",
            f"{h} powers of degree {d} in {n} variables",
            lambda n=n, d=d, h=h: veronese(n, d, h),
            AH + "; (5, 4, 14) etc. are hypersurfaces",
            dimension,
            expected,
            {(3, 4, 5): 6, (2, 4, 2): 3, (3, 3, 3): 4, (2, 6, 3): 4}.get((n, d, h)),
            {(3, 4, 5): {6: 1}, (2, 4, 2): {3: 1}, (3, 3, 3): {4: 1}, (2, 6, 3): {4: 1}}.get(
                (n, d, h), {}
            ),
            special="defective" if dimension < expected else "",
        )


def scrolls() -> Iterator[Entry]:
    for degrees in (
        *((1, 1), (1, 2), (2, 2), (1, 3), (2, 3), (3, 3), (1, 4), (1, 1, 1), (1, 1, 2)),
        *((1, 2, 2), (2, 2, 2), (0, 2), (0, 3), (0, 0, 2), (1, 1, 1, 1)),
    ):
        total = sum(degrees)
        yield Entry(
            "Scroll",
            f"S{degrees}",
            lambda d=degrees: scroll(d),
            "Eisenbud, Harris 1987, On varieties of minimal degree, sections 1 and 2",
            len(degrees) + 1,
            len(degrees) + 1,
            total,
            {2: comb(total, 2)},
            components=1,
            special="a cone over a scroll" if 0 in degrees else "",
        )


AOP = "Abo, Ottaviani, Peterson 2009 (with the known defects)"


def tensors() -> Iterator[Entry]:
    for m, n, r in ((3, 3, 2), (3, 4, 2), (4, 4, 2), (4, 4, 3), (3, 5, 2)):
        yield Entry(
            "Tensors of small rank",
            f"{m}x{n}, rank {r}",
            lambda m=m, n=n, r=r: segre((m, n), r),
            "Harris, Algebraic Geometry, Proposition 12.2, Example 19.10; Bruns, Vetter 1988",
            r * (m + n - r),
            min(r * (m + n - 1), m * n),
            matrix_degree(m, n, r),
            {r + 1: comb(m, r + 1) * comb(n, r + 1)},
            components=1,
            special="defective",
        )
    for sizes, r, dimension, degree in (
        ((2, 2, 2), 2, 8, 1),
        ((2, 2, 3), 2, 10, None),
        ((2, 2, 4), 3, 15, 4),
        ((2, 3, 5), 4, 28, None),
        ((2, 3, 3), 2, 12, None),
        ((3, 3, 3), 2, 14, None),
        ((3, 3, 3), 3, 21, None),
        ((3, 3, 3), 4, 26, 9),
        ((2, 2, 2, 2), 2, 10, None),
        ((2, 2, 2, 2), 3, 14, None),
    ):
        expected = min(r * (sum(n - 1 for n in sizes) + 1), prod(sizes))
        yield Entry(
            "Tensors of small rank",
            f"{'x'.join(map(str, sizes))}, rank {r}",
            lambda s=sizes, r=r: segre(s, r),
            AOP + "; 3x3x3, rank 4: Strassen 1983",
            dimension,
            expected,
            degree,
            special="defective" if dimension < expected else "",
        )


def grams() -> Iterator[Entry]:
    source = "Harris, Tu 1984, Proposition 12; fibers are orbits of O(k): Weyl 1946, II.9 and II.17"
    for k, n in ((1, 2), (1, 3), (2, 2), (2, 3), (2, 4), (3, 3), (3, 4), (2, 1), (3, 2), (1, 4)):
        rank = min(k, n)
        dimension = n * rank - comb(rank, 2)
        yield Entry(
            "Gram matrices",
            f"A^T A, A {k}x{n}",
            lambda k=k, n=n: gram(k, n),
            source,
            dimension,
            min(k * n, comb(n + 1, 2)),
            symmetric_degree(n, k) if k < n else 1,
            {k + 1: schur([2] * (k + 1), n)} if k < n else {},
            components=2 if 1 < k <= n else None if k == 1 else 1,
            points=2 if k == 1 else None,
            special="defective" if dimension < min(k * n, comb(n + 1, 2)) else "",
        )
    for k, n in ((1, 4), (1, 5), (2, 5), (2, 6)):
        rank = min(2 * k, n - n % 2)
        dimension = comb(n, 2) - comb(n - rank, 2)
        yield Entry(
            "Gram matrices",
            f"A^T J A, A {2 * k}x{n}",
            lambda k=k, n=n: skew(k, n),
            "Harris, Tu 1984, Proposition 12; Pfaffians: Weyman 2003, 6.4; Sp(2k) is connected",
            dimension,
            min(2 * k * n, comb(n, 2)),
            pfaffian_degree(n, rank) if rank < n - 1 else 1,
            {k + 1: comb(n, rank + 2)} if rank < n - 1 else {},
            components=1,
            special="defective" if dimension < min(2 * k * n, comb(n, 2)) else "",
        )


KTB = "Kileel, Trager, Bruna 2019"
KLW = "Kubjas, Li, Wiesmann 2024"


def networks() -> Iterator[Entry]:
    for widths, power, dimension in (
        ((2, 1, 1), 2, 2),
        ((2, 2, 1), 2, 3),
        ((3, 2, 1), 2, 5),
        ((3, 5, 1), 4, 14),
        ((3, 3, 1), 3, 9),
        ((4, 3, 1), 2, 9),
    ):
        yield Entry(
            "Polynomial networks",
            f"{widths}, activation of degree {power}",
            lambda w=widths, p=power: network(w, p),
            f"{KTB} (one output: sums of powers), so {AH}",
            dimension,
            min(widths[0] * widths[1], comb(widths[0] + power - 1, power)),
            special="defective"
            if dimension < min(widths[0] * widths[1], comb(widths[0] + power - 1, power))
            else "",
        )
    for widths, power in (
        *(((2, 2, 2), 2), ((2, 2, 3), 2), ((2, 3, 2), 2), ((3, 2, 2), 2), ((3, 3, 2), 2)),
        *(((2, 2, 2), 3), ((2, 2, 2, 1), 2), ((2, 2, 1, 1), 2), ((2, 1, 2), 3)),
    ):
        yield Entry(
            "Polynomial networks",
            f"{widths}, activation of degree {power}",
            lambda w=widths, p=power: network(w, p),
            f"{KTB} and {KLW} for the models; {ENGINE}",
        )


def trees() -> Iterator[Entry]:
    small = "Casanellas, Garcia, Sullivant 2005; Sturmfels, Sullivant 2005"
    binary = f"{small}; one parameter for each edge and one for the cone"
    for name, leaves, splits, states, degree, generators in (
        ("claw, Jukes-Cantor", 3, [], 4, 3, {3: 1}),
        ("claw, two states", 3, [], 2, 1, {}),
        ("quartet, two states", 4, [[0, 1]], 2, 4, {2: 2}),
        ("four-leaf star, two states", 4, [], 2, None, {}),
        ("quartet, Jukes-Cantor", 4, [[0, 1]], 4, None, {}),
        ("four-leaf star, Jukes-Cantor", 4, [], 4, None, {}),
        ("five leaves, two states", 5, [[0, 1], [3, 4]], 2, None, {}),
        ("five-leaf star, two states", 5, [], 2, None, {}),
        ("five leaves, one inner edge, two states", 5, [[0, 1]], 2, None, {}),
        ("six-leaf caterpillar, two states", 6, [[0, 1], [0, 1, 2], [4, 5]], 2, None, {}),
        ("snowflake, two states", 6, [[0, 1], [2, 3], [4, 5]], 2, None, {}),
    ):
        edges = leaves + len(splits)
        yield Entry(
            "Jukes-Cantor trees",
            name,
            lambda n=leaves, s=splits, q=states: tree(n, s, q),
            binary if degree else f"{binary}; {ENGINE}",
            edges + 1,
            edges + 1,
            degree,
            generators,
        )


def gaussians() -> Iterator[Entry]:
    acyclic = "Drton, Foygel, Sullivant 2011 (simple acyclic graphs are globally identifiable)"
    for n, directed in (
        (3, ("12", "23")),
        (3, ("13", "23")),
        (3, ("12", "13", "23")),
        (4, ("12", "23", "34")),
        (4, ("12", "13", "24", "34")),
    ):
        yield Entry(
            "Gaussian models",
            f"directed graph {' '.join(directed)}",
            lambda n=n, d=directed: covariances(n, d),
            acyclic,
            n + len(directed),
            n + len(directed),
            points=1,
            identifiable={f"l{e}": 1 for e in directed},
        )
    yield Entry(
        "Gaussian models",
        "bow",
        lambda: covariances(2, ("12",), ("12",)),
        "Brito, Pearl 2002; Drton, Foygel, Sullivant 2011 (the bow is not identifiable)",
        3,
        3,
        1,
        identifiable={"l12": inf, "w11": 1},
        special="not identifiable",
    )
    yield Entry(
        "Gaussian models",
        "instrumental variable",
        lambda: covariances(3, ("12", "23"), ("23",)),
        "Foygel, Draisma, Drton 2012 (the instrumental variable is generically identifiable)",
        6,
        6,
        1,
        points=1,
        identifiable={"l12": 1, "l23": 1},
    )
    hidden = "Drton, Sturmfels, Sullivant 2007 (dimensions, tetrads, the pentad)"
    for n, m, dimension, degree, generators in (
        (3, 1, 6, 1, {}),
        (4, 1, 8, 4, {2: 2}),
        (5, 1, 10, None, {2: 10}),
        (5, 2, 14, 5, {5: 1}),
        (4, 2, 10, 1, {}),
    ):
        yield Entry(
            "Gaussian models",
            f"{m} factors, {n} variables",
            lambda n=n, m=m: factors(n, m),
            hidden,
            dimension,
            min(n * (m + 1), comb(n + 1, 2)),
            degree,
            generators,
            special="defective" if dimension < min(n * (m + 1), comb(n + 1, 2)) else "",
        )
    cycle = "Sturmfels, Uhler 2010; Dinu, Michalek, Vodicka 2021 (cycles: 1, 9, 57)"
    for n, edges, degree in (
        (3, ("12", "23", "13"), 1),
        (3, ("12", "23"), 2),
        (4, ("12", "23", "34", "14"), 9),
    ):
        yield Entry(
            "Gaussian models",
            f"inverse covariances, graph {' '.join(edges)}",
            lambda n=n, e=edges: inverses(n, e),
            cycle
            if degree != 2
            else "Sturmfels, Uhler 2010 (one conditional independence: s13 s22 = s12 s23)",
            n + len(edges),
            n + len(edges),
            degree,
        )


def heads() -> Iterator[Entry]:
    for widths, rank, options, form in (
        ((1, 1), 1, {"heads": 2}, "QKV"),
        ((2, 1), 1, {"heads": 2}, "QKV"),
        ((1, 2), 1, {"heads": 2}, "AV"),
        ((2, 2), 1, {"heads": 2}, "QKV"),
        ((2, 2), 1, {"heads": 2}, "AV"),
        ((3, 1), 1, {"heads": 2}, "QKV"),
        ((3, 1), 2, {"heads": 2}, "QKV"),
        ((3, 2), 1, {"heads": 2}, "QKV"),
        ((3, 1), 1, {"heads": 3}, "QKV"),
        ((2, 2), 1, {"heads": 3}, "QKV"),
        ((2, 1), 2, {"heads": 2}, "AV"),
        ((2, 2), 1, {"heads": 2, "kv_heads": 1, "value_ranks": 1}, "QKV"),
        ((2, 2), 1, {"heads": 2, "value_ranks": 1}, "QKV"),
        ((3, 2), 2, {"heads": 2}, "AV"),
    ):
        yield Entry(
            "Multi-head attention",
            f"{widths}, rank {rank}, {options}, {form}",
            lambda w=widths, r=rank, o=options, f=form: Lightning(w, r, **o).map(f),
            f"own polynomials, {ENGINE}",
        )


BDG = "Catalisano, Geramita, Gimigliano 2005; Baur, Draisma, de Graaf 2007, Table 1"


def secants_of_grassmannians() -> Iterator[Entry]:
    for n, h in ((5, 2), (6, 2), (7, 2), (8, 2), (8, 3), (7, 3)):
        rank = min(2 * h, n - n % 2)
        dimension = comb(n, 2) - comb(n - rank, 2)
        expected = min(h * (2 * (n - 2) + 1), comb(n, 2))
        yield Entry(
            "Secants of Grassmannians",
            f"G(2, {n}), {h} planes",
            lambda n=n, h=h: minors(2, n, h),
            f"{BDG}: skew matrices of rank {rank}; degree: Harris, Tu 1984, Proposition 12",
            dimension,
            expected,
            pfaffian_degree(n, rank) if rank < n - 1 else 1,
            special="defective" if dimension < expected else "",
        )
    for k, n, h, dimension in (
        *((3, 6, 2, 20), (3, 7, 2, 26), (3, 7, 3, 34), (4, 8, 2, 34), (4, 8, 3, 50)),
        *((4, 8, 4, 64), (3, 9, 4, 74), (3, 8, 2, 32)),
    ):
        expected = min(h * (k * (n - k) + 1), comb(n, k))
        yield Entry(
            "Secants of Grassmannians",
            f"G({k}, {n}), {h} spaces",
            lambda k=k, n=n, h=h: minors(k, n, h),
            BDG,
            dimension,
            expected,
            special="defective" if dimension < expected else "",
        )


def classical() -> Iterator[Entry]:
    root = NumberField([-2, 0, 1], 1)
    hand = "by hand"
    for name, build, dimension, degree, generators, more in (
        ("cusp", lambda: maps(["t^2", "t^3"]), 1, 3, {3: 1}, {"points": 1, "special": "cusp"}),
        (
            "node",
            lambda: maps(["t^2-1", "t^3-t"]),
            1,
            3,
            {3: 1},
            {"points": 1, "special": "two etale points over a node"},
        ),
        (
            "Whitney umbrella",
            lambda: maps(["u*v", "v", "u^2"]),
            2,
            3,
            {3: 1},
            {"points": 1, "special": "non-normal"},
        ),
        (
            "Enneper",
            lambda: maps(["3*u-u^3+3*u*v^2", "3*v-v^3+3*u^2*v", "3*u^2-3*v^2"]),
            2,
            9,
            {9: 1},
            {"points": 1, "special": "low-degree first integrals"},
        ),
        (
            "Roman surface of Steiner",
            lambda: maps(["x*y", "y*z", "z*x", "x^2+y^2+z^2"]),
            3,
            4,
            {4: 1},
            {"points": 2},
        ),
        ("circle", lambda: maps(["(1-t^2)/(1+t^2)", "2*t/(1+t^2)"]), 1, 2, {2: 1}, {"points": 1}),
        (
            "sphere",
            lambda: maps(["2*s/(1+s^2+t^2)", "2*t/(1+s^2+t^2)", "(1-s^2-t^2)/(1+s^2+t^2)"]),
            2,
            2,
            {2: 1},
            {"points": 1},
        ),
        ("Cremona", lambda: maps(["1/x", "1/y", "1/(x*y)"]), 2, 2, {2: 1}, {"points": 1}),
        (
            "space curve (3, 4, 5)",
            lambda: maps(["t^3", "t^4", "t^5"]),
            1,
            5,
            {},
            {"points": 1, "special": "no complete intersection (Herzog 1970)"},
        ),
        (
            "squares",
            lambda: maps(["x^2", "y^2"]),
            2,
            1,
            {},
            {"points": 4, "special": "a function x^2+y has two values, the map four points"},
        ),
        (
            "a square of a monomial",
            lambda: maps(["x^2*y^2"]),
            1,
            1,
            {},
            {"components": 2, "special": "two components, one value"},
        ),
        (
            "Frobenius",
            lambda: maps(["x^5", "y"], field=GF(5)),
            2,
            1,
            {},
            {"special": "inseparable"},
        ),
        (
            "quartic over QQ(sqrt 2)",
            lambda: maps(["s^4+theta*s^2*t^2", "s^3*t", "t^4-theta*s*t^3"], field=root),
            2,
            4,
            {4: 1},
            {"special": "over a number field"},
        ),
        (
            "constant",
            lambda: maps(["2", "3"], parameters=["t"]),
            0,
            1,
            {1: 2},
            {"special": "constant"},
        ),
        (
            "three times a number",
            lambda: maps(["x+y", "3*x+3*y", "x^2+2*x*y+y^2"]),
            1,
            2,
            {1: 1, 2: 1},
            {"special": "repeated coordinates"},
        ),
    ):
        points = "Harris, Algebraic Geometry; do Carmo 1976 (Enneper)"
        yield Entry(
            "Classical",
            name,
            build,
            f"{hand}; {points}",
            dimension,
            None,
            degree,
            generators,
            **more,
        )


FAMILIES = (
    *(segres, veroneses, grassmannians, secants, scrolls, tensors, grams, networks, trees),
    *(gaussians, heads, secants_of_grassmannians, classical),
)
CORPUS: dict[str, Entry] = {f"{e.family}: {e.name}": e for f in FAMILIES for e in f()}
