"""Families of maps that several tests ask about."""

from __future__ import annotations

import os
from itertools import combinations, combinations_with_replacement, permutations, product

import pytest

from algattn import PolynomialMap
from algattn.engines import available
from algattn.maps import VectorField


def need_singular() -> None:
    if "singular" not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing["singular"])
        pytest.skip(available().missing["singular"])


def letters(first: str, n: int) -> list[str]:
    return [f"{first}{i}" for i in range(n)]


def veronese(n: int, d: int, count: int = 1) -> PolynomialMap:
    """The d-th powers of `count` linear forms in n variables, added."""
    terms = list(combinations_with_replacement(range(n), d))
    groups = [letters("abcdefgh"[h], n) for h in range(count)]
    return PolynomialMap(["+".join("*".join(g[i] for i in t) for g in groups) for t in terms])


def segre(sizes: tuple[int, ...], count: int = 1) -> PolynomialMap:
    """Tensors of rank at most `count`."""
    places = list(product(*map(range, sizes)))
    return PolynomialMap(
        [
            "+".join("*".join(f"x{h}_{f}_{i}" for f, i in enumerate(p)) for h in range(count))
            for p in places
        ]
    )


def gram(n: int, k: int) -> PolynomialMap:
    """``A^T A`` for matrices A with k rows and n columns."""
    pairs = combinations_with_replacement(range(n), 2)
    turns = [
        VectorField(
            f"turn {i} {j}",
            {f"a_{i + 1}_{c + 1}": f"a_{j + 1}_{c + 1}" for c in range(n)}
            | {f"a_{j + 1}_{c + 1}": f"-a_{i + 1}_{c + 1}" for c in range(n)},
        )
        for i in range(k)
        for j in range(i)
    ]
    texts = ["+".join(f"a_{r + 1}_{i + 1}*a_{r + 1}_{j + 1}" for r in range(k)) for i, j in pairs]
    return PolynomialMap(texts, parameters={"a": (k, n)}, symmetries=turns)


ENNEPER = ["u-1/3*u^3+u*v^2", "v-1/3*v^3+u^2*v", "u^2-v^2"]


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
