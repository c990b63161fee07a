"""Partitions, Littlewood-Richardson coefficients and modules against counting by hand."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations, product

import pytest

from algattn.groebner.modules import (
    ambient,
    centralizer,
    character,
    conjugate,
    dimension,
    layer_bound,
    littlewood_richardson,
    partitions,
    schur_product,
)


def tableaux(shape: tuple[int, ...], n: int) -> list[dict[tuple[int, int], int]]:
    """All semistandard tableaux with entries 1..n, box by box."""
    boxes = [(i, j) for i, row in enumerate(shape) for j in range(row)]
    found: list[dict[tuple[int, int], int]] = [{}]
    for i, j in boxes:
        found = [
            t | {(i, j): x}
            for t in found
            for x in range(1, n + 1)
            if (j == 0 or t[i, j - 1] <= x) and (i == 0 or t[i - 1, j] < x)
        ]
    return found


def lattice_words(lam: tuple[int, ...], mu: tuple[int, ...], nu: tuple[int, ...]) -> int:
    """The Littlewood-Richardson rule: skew tableaux whose reading word is a lattice word."""
    inner = (*mu, *(0,) * (len(lam) - len(mu)))
    if len(mu) > len(lam) or any(a > b for a, b in zip(inner, lam, strict=True)):
        return 0
    boxes = [(i, j) for i, row in enumerate(lam) for j in range(inner[i], row)]
    found: list[dict[tuple[int, int], int]] = [{}]
    for i, j in boxes:
        found = [
            t | {(i, j): x}
            for t in found
            for x in range(1, len(nu) + 1)
            if ((i, j - 1) not in t or t[i, j - 1] <= x)
            and ((i - 1, j) not in t or t[i - 1, j] < x)
        ]
    total = 0
    for t in found:
        word = [t[i, j] for i in range(len(lam)) for j in range(lam[i] - 1, inner[i] - 1, -1)]
        counts = [0] * (len(nu) + 2)
        for x in word:
            counts[x] += 1
            if x > 1 and counts[x] > counts[x - 1]:
                break
        else:
            total += tuple(counts[1 : len(nu) + 1]) == nu
    return total


@pytest.mark.parametrize("n", range(1, 7))
def test_partitions_and_characters(n: int) -> None:
    shapes = partitions(n)
    assert len(shapes) == [1, 2, 3, 5, 7, 11][n - 1]
    assert all(conjugate(conjugate(s)) == s for s in shapes)
    for a in shapes:
        for b in shapes:
            total = sum(
                character(a, rho) * character(b, rho) * (720 // centralizer(rho)) for rho in shapes
            )
            assert total == (720 if a == b else 0)


@pytest.mark.parametrize("shape", [*partitions(3), *partitions(4), (3, 2, 1)])
def test_dimension_counts_tableaux(shape: tuple[int, ...]) -> None:
    for n in (1, 2, 3):
        assert dimension(shape, n) == len(tableaux(shape, n))


def test_littlewood_richardson_rule() -> None:
    checked = 0
    for mu, nu in product([*partitions(2), *partitions(3)], repeat=2):
        n = sum(mu) + sum(nu)
        found = schur_product(mu, nu, n)
        for lam in partitions(n):
            assert found.get(lam, 0) == lattice_words(lam, mu, nu)
            assert found.get(lam, 0) == littlewood_richardson(lam, mu, nu)
            checked += found.get(lam, 0)
    assert checked > 80
    assert schur_product((2, 1), (2, 1), 2) == {(4, 2): 1, (3, 3): 1}


def highest_weights(
    degree: int, sizes: tuple[int, int, int], q: int
) -> dict[tuple[tuple[int, ...], ...], int]:
    """Multiplicities from weights alone: alternating sums over the Weyl group."""
    rows, size, width = sizes
    left = list(combinations_with_replacement(range(size), q))
    labels = list(product(range(rows), left, range(width)))
    weights: dict[tuple[int, ...], int] = {}
    for monomial in combinations_with_replacement(labels, degree):
        w = [0] * sum(sizes)
        for r, u, k in monomial:
            w[r] += 1
            for i in u:
                w[rows + i] += 1
            w[rows + size + k] += 1
        weights[tuple(w)] = weights.get(tuple(w), 0) + 1

    def signed(n: int) -> list[tuple[int, list[int]]]:
        out = []
        for p in permutations(range(n)):
            sign = 1
            for a in range(n):
                for b in range(a + 1, n):
                    sign *= -1 if p[a] > p[b] else 1
            out.append((sign, [p[i] - i for i in range(n)]))
        return out

    found = {}
    for weight in weights:
        parts = (weight[:rows], weight[rows : rows + size], weight[rows + size :])
        if any(list(p) != sorted(p, reverse=True) for p in parts):
            continue
        total = 0
        for a, b, c in product(*(signed(n) for n in sizes)):
            moved = tuple(x + y for x, y in zip(weight, a[1] + b[1] + c[1], strict=True))
            total += a[0] * b[0] * c[0] * weights.get(moved, 0)
        if total:
            found[tuple(tuple(x for x in p if x) for p in parts)] = total
    return found


@pytest.mark.parametrize(
    ("degree", "sizes", "q"),
    [(2, (2, 2, 2), 2), (3, (2, 2, 2), 2), (3, (1, 3, 2), 2), (4, (1, 2, 2), 2), (3, (2, 2, 1), 3)],
)
def test_ambient_multiplicities(degree: int, sizes: tuple[int, int, int], q: int) -> None:
    rows, size, width = sizes
    found = {}
    for mu in partitions(degree, rows):
        for nu in partitions(degree, width):
            for lam, m in ambient(mu, nu, q, size).items():
                found[mu, lam, nu] = m
    assert found == highest_weights(degree, sizes, q)


def test_layer_bound() -> None:
    assert layer_bound((2, 1), (3, 2, 1), (2, 1), 2, None) == 2
    assert layer_bound((2, 1), (3, 2, 1), (2, 1), 2, 1) == 0
    assert layer_bound((2,), (2, 2, 2), (2,), 1, 2) == 1
    assert layer_bound((2,), (4, 1, 1), (2,), 1, 2) == 0
    assert layer_bound((3,), (5, 2, 2), (3,), 1, None) == 2
    assert layer_bound((3,), (5, 2, 2), (3,), 1, 1) == 1
