"""Equations of random polynomial maps: counted by evaluation, in plain integers modulo a prime."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from independent import PRIMES, rank

from algattn import Lightning, implicitize, verify

P = PRIMES[0]
Term = tuple[int, tuple[int, ...]]
Map = list[list[Term]]  # coefficients and exponents of each coordinate


def monomial(rng: random.Random, k: int, degree: int) -> tuple[int, ...]:
    picks = [rng.randrange(k) for _ in range(degree)]
    return tuple(picks.count(i) for i in range(k))


def homogeneous(rng: random.Random) -> Map:
    """Forms of one degree with few terms."""
    k, degree = rng.randint(2, 3), rng.randint(2, 3)
    form = lambda: [(rng.randint(1, 3), monomial(rng, k, degree)) for _ in range(rng.randint(1, 3))]  # noqa: E731
    return [form() for _ in range(rng.randint(3, 4))]


def monomials(rng: random.Random) -> Map:
    """Monomials of different degrees: cusps, Whitney umbrellas."""
    k = rng.randint(1, 3)
    return [[(1, monomial(rng, k, rng.randint(1, 4)))] for _ in range(rng.randint(2, 4))]


def inhomogeneous(rng: random.Random) -> Map:
    """Polynomials with terms of all degrees, constants among them."""
    k = rng.randint(1, 2)
    form = lambda: [  # noqa: E731
        (rng.choice((-2, -1, 1, 3)), monomial(rng, k, rng.randint(0, 3)))
        for _ in range(rng.randint(1, 3))
    ]
    return [form() for _ in range(rng.randint(2, 3))]


def degenerate(rng: random.Random) -> Map:
    """A repeated, a constant or a zero coordinate beside others."""
    base = rng.choice((homogeneous, monomials, inhomogeneous))(rng)[:2]
    k = len(base[0][0][1])
    constant = [(rng.choice((0, 1, 2)), (0,) * k)]
    return [*base, rng.choice((base[0], constant)), *([constant] if rng.random() < 0.3 else [])]


def dense(rng: random.Random) -> Map:
    """Random forms of degree 2 with all terms."""
    k = rng.randint(2, 3)
    every = [
        tuple(m.count(i) for i in range(k)) for m in combinations_with_replacement(range(k), 2)
    ]
    return [[(rng.randint(-4, 4), m) for m in every] for _ in range(rng.randint(3, 5))]


MAPS: dict[str, Callable[[random.Random], Map]] = {
    f.__name__: f for f in (homogeneous, monomials, inhomogeneous, degenerate, dense)
}


def text(form: list[Term]) -> str:
    parts = ["*".join([str(c), *(f"t{i}^{e}" for i, e in enumerate(m) if e)]) for c, m in form]
    return " + ".join(parts).replace("+ -", "- ")


def image(map_: Map, points: Any) -> Any:
    """Values (points x coordinates) modulo P."""
    out = np.zeros((len(points), len(map_)), dtype=np.int64)
    for j, form in enumerate(map_):
        for c, m in form:
            value = np.full(len(points), c % P)
            for i, e in enumerate(m):
                for _ in range(e):
                    value = value * points[:, i] % P
            out[:, j] = (out[:, j] + value) % P
    return out


def powers(values: Any, degree: int) -> Any:
    """All monomials of degree at most `degree` of the columns (points x monomials)."""
    ones = np.ones((len(values), 1), dtype=np.int64)
    columns = [ones[:, 0]]
    for d in range(1, degree + 1):
        for pick in combinations_with_replacement(range(values.shape[1]), d):
            value = ones[:, 0]
            for i in pick:
                value = value * values[:, i] % P
            columns.append(value)
    return np.stack(columns, axis=1)


def read(generator: Any, names: list[str]) -> list[tuple[int, tuple[int, ...]]]:
    """The printed polynomial by a reader of our own."""
    terms = []
    for sign, body in re.findall(r"([+-]?)\s*([^+\s-][^+-]*)", str(generator)):
        c, exponents = 1, [0] * len(names)
        for factor in body.strip().split("*"):
            base, _, e = factor.partition("^")
            if base in names:
                exponents[names.index(base)] += int(e or 1)
            else:
                top, _, bottom = factor.partition("/")
                c = c * int(top) * pow(int(bottom or 1), -1, P) % P
        terms.append((-c if sign == "-" else c, tuple(exponents)))
    return terms


def count(map_: Map, degree: int, generators: list[Any], names: list[str]) -> tuple[int, int]:
    """(equations of degree <= `degree`, those that the generators give within that degree)."""
    source = np.random.default_rng(1)
    k, n = len(map_[0][0][1]), len(map_)
    size = powers(np.zeros((1, n), dtype=np.int64), degree).shape[1]
    on = image(map_, source.integers(0, P, (size + 5, k)))
    everywhere = source.integers(0, P, (size + 5, n))
    rows = []
    for g in generators:
        form = read(g, names)
        top = max(sum(m) for _, m in form)
        if top > degree:
            continue
        assert not image([form], on).any(), f"{g} does not vanish on the image"
        value = image([form], everywhere)
        rows += list((powers(everywhere, degree - top) * value % P).T)
    spanned = rank(np.array(rows), P) if rows else 0
    return size - rank(powers(on, degree), P), spanned


def ask_map(stratum: str, seed: int) -> str:
    rng = random.Random(f"{stratum} {seed}")
    map_ = MAPS[stratum](rng)
    degree = rng.randint(2, 4)
    result = implicitize([text(f) for f in map_], max_degree=degree)
    names = [f"y_{i + 1}" for i in range(len(map_))]
    for d in range(1, degree + 1):
        there, found = count(map_, d, list(result.generators), names)
        assert there == found, f"degree {d}: {there} equations, generators give {found}"
    if rng.random() < 0.25:
        assert verify(result.to_json())
    return "right"


def ask_ideal(seed: int) -> str:
    """``net.ideal`` against the number of forms that vanish at random functions."""
    rng = random.Random(f"ideal {seed}")
    d, e, a, t = rng.choice((1, 2, 2, 3)), rng.randint(1, 2), rng.randint(1, 3), rng.randint(1, 2)
    e = 1 if d == 3 else e
    net = Lightning((d, e), a, t)
    degree = rng.randint(2, 3 if d == 3 else 4)
    result = net.ideal(degree)
    map_ = net.parametrization("QKV")
    forms = [[(int(c), tuple(m)) for m, c in map_[x].terms()] for x in map_.labels()]
    there = [0, *(hypersurfaces(forms, D) for D in range(1, degree + 1))]
    own: dict[int, int] = result.counts
    lowest = min(own, default=degree + 1)
    assert not any(there[1:lowest]), f"{there} but {own}"
    if lowest <= degree:
        assert there[lowest] == own[lowest], f"{there} but {own}"
    return "right"


def hypersurfaces(forms: Map, degree: int) -> int:
    """Forms of exactly this degree that vanish on the image."""
    source = np.random.default_rng(2)
    lower = powers(np.zeros((1, len(forms)), dtype=np.int64), degree - 1).shape[1]
    every = powers(np.zeros((1, len(forms)), dtype=np.int64), degree).shape[1]
    on = image(forms, source.integers(0, P, (every - lower + 5, len(forms[0][0][1]))))
    return every - lower - rank(powers(on, degree)[:, lower:], P)
