"""Where software of this kind is wrong: random architectures and weights in each stratum."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Rows = list[list[int]]


#: Characteristics at which the finite strata are drawn.
FINITE = (7, 11, 101)


@dataclass(frozen=True)
class Case:
    """A network by its numbers and weights in the form of ``Weights.to_data()``."""

    kind: str
    widths: tuple[int, ...]
    ranks: tuple[int, ...]
    tokens: int
    data: dict[str, Any]
    native: dict[str, Any]  # the same in the form (K, Q, V)

    @property
    def parameters(self) -> int:
        pairs = zip(self.widths, self.widths[1:], self.ranks, strict=False)
        return sum(d * e + 2 * a * d for d, e, a in pairs)


def matrix(rng: random.Random, rows: int, columns: int, size: int = 3) -> Rows:
    return [[rng.randint(-size, size) for _ in range(columns)] for _ in range(rows)]


def nonzero(rng: random.Random, n: int) -> list[int]:
    while not any(v := [rng.randint(-3, 3) for _ in range(n)]):
        pass
    return v


# architectures: (widths, ranks, tokens)

Shape = tuple[tuple[int, ...], tuple[int, ...], int]


def width(rng: random.Random, most: int = 4) -> int:
    """At least 3 in half of the draws."""
    return rng.randint(3, max(3, most)) if rng.random() < 0.55 else rng.randint(2, 3)


def one_layer(rng: random.Random, tokens: int | None = None) -> Shape:
    d = width(rng)
    return (d, rng.randint(1, 3)), (rng.randint(1, d),), tokens or rng.choice((2, 2, 3))


def one_token(rng: random.Random) -> Shape:
    return one_layer(rng, 1)


def full_rank(rng: random.Random) -> Shape:
    d = width(rng, 3)
    return (d, rng.randint(1, 3)), (d + rng.randint(0, 2),), rng.randint(1, 3)


def width_one(rng: random.Random) -> Shape:
    return (1, rng.randint(1, 3)), (rng.randint(1, 3),), rng.randint(1, 3)


def two_layers(rng: random.Random) -> Shape:
    d = rng.choice((2, 3, 3))
    e = rng.randint(2, d)
    return (d, e, rng.randint(1, 3)), (rng.randint(1, d), rng.randint(1, e)), rng.choice((2, 2, 3))


def two_layers_one_token(rng: random.Random) -> Shape:
    return (*two_layers(rng)[:2], 1)


def narrow(rng: random.Random) -> Shape:
    d = rng.choice((2, 3, 3))
    return (d, 1, rng.randint(1, 3)), (rng.randint(1, d), rng.randint(1, 2)), rng.randint(1, 3)


def widening(rng: random.Random) -> Shape:
    d = rng.choice((2, 2, 3))
    return (d, d + 1, rng.randint(1, 3)), (rng.randint(1, d), rng.randint(1, d)), 2


def three_layers(rng: random.Random) -> Shape:
    widths = (rng.choice((2, 3, 3)), 2, 2, rng.randint(1, 2))
    return widths, tuple(rng.randint(1, 2) for _ in range(3)), rng.choice((1, 2))


# weights of one layer: (K, Q, V)

Layer = tuple[Rows, Rows, Rows]


def anything(rng: random.Random, d: int, e: int, a: int) -> Layer:
    return matrix(rng, a, d), matrix(rng, a, d), matrix(rng, e, d)


def zero_value(rng: random.Random, d: int, e: int, a: int) -> Layer:
    return matrix(rng, a, d), matrix(rng, a, d), [[0] * d for _ in range(e)]


def zero_attention(rng: random.Random, d: int, e: int, a: int) -> Layer:
    K, Q, V = anything(rng, d, e, a)
    empty = [[0] * d for _ in range(a)]
    return rng.choice([(K, empty, V), (empty, Q, V), (empty, empty, V)])


def rank_one_attention(rng: random.Random, d: int, e: int, a: int) -> Layer:
    row, left, right = rng.randrange(a), nonzero(rng, d), nonzero(rng, d)
    place = lambda v: [v if i == row else [0] * d for i in range(a)]  # noqa: E731
    return place(left), place(right), matrix(rng, e, d)


def rank_one_value(rng: random.Random, d: int, e: int, a: int) -> Layer:
    K, Q, _ = anything(rng, d, e, a)
    h, v = nonzero(rng, e), nonzero(rng, d)
    return K, Q, [[x * y for y in v] for x in h]


def rank_one_both(rng: random.Random, d: int, e: int, a: int) -> Layer:
    return (*rank_one_attention(rng, d, e, a)[:2], rank_one_value(rng, d, e, a)[2])


def parallel(rng: random.Random, d: int, e: int, a: int) -> Layer:
    """Rank one both, and the value reads what the key reads."""
    K, Q, _ = rank_one_attention(rng, d, e, a)
    k = next(row for row in K if any(row))
    return (
        K,
        Q,
        [[x * y * rng.choice((1, 2)) for y in k] for x in nonzero(rng, e)][:1]
        + [[0] * d for _ in range(e - 1)],
    )


def skew(rng: random.Random, d: int, e: int, a: int) -> Layer:
    """A skew matrix of rank 2 where the rank allows it, else zero."""
    K, Q, V = zero_attention(rng, d, e, a)
    if a >= 2 and d >= 2:
        u, w = nonzero(rng, d), nonzero(rng, d)
        rest = [[0] * d for _ in range(a - 2)]
        K, Q = [u, w, *rest], [w, [-x for x in u], *rest]
    return K, Q, V


def symmetric(rng: random.Random, d: int, e: int, a: int) -> Layer:
    K, _, V = anything(rng, d, e, a)
    return K, [list(row) for row in K], V


def sparse(rng: random.Random, d: int, e: int, a: int) -> Layer:
    thin = lambda m: [[x if rng.random() < 0.4 else 0 for x in row] for row in m]  # noqa: E731
    K, Q, V = anything(rng, d, e, a)
    return thin(K), thin(Q), thin(V)


ARCHITECTURES: dict[str, Callable[[random.Random], Shape]] = {
    "one layer": one_layer,
    "one token": one_token,
    "a >= d": full_rank,
    "d = 1": width_one,
    "two layers": two_layers,
    "two layers, one token": two_layers_one_token,
    "hidden width 1": narrow,
    "widening": widening,
    "three layers": three_layers,
}
WEIGHTS: dict[str, Callable[[random.Random, int, int, int], Layer]] = {
    "general": anything,
    "V = 0": zero_value,
    "A = 0": zero_attention,
    "rank A = 1": rank_one_attention,
    "rank V = 1": rank_one_value,
    "rank A = rank V = 1": rank_one_both,
    "v ~ k": parallel,
    "A skew": skew,
    "A symmetric": symmetric,
    "sparse": sparse,
}
#: Strata over finite fields.
OVER_GF = [
    (f"{shape}, GF(p)", weights)
    for shape in ("one layer", "one token", "two layers")
    for weights in WEIGHTS
]
#: All kinds of weights in one layer; in deep networks the special layer is at a random place.
STRATA = [
    (shape, weights)
    for shape in ARCHITECTURES
    for weights in WEIGHTS
    if not (shape == "d = 1" and weights in {"A skew", "v ~ k", "rank A = rank V = 1"})
]


def draw(stratum: tuple[str, str], seed: int, kind: str = "lightning") -> Case:
    """A random case; one in four has the form (A, V)."""
    rng = random.Random(f"{stratum} {seed}")
    shape, weights = stratum
    finite = shape.endswith(", GF(p)")
    shape = shape.removesuffix(", GF(p)")
    widths, ranks, tokens = ARCHITECTURES[shape](rng)
    special = rng.randrange(len(ranks))
    repeated = len(ranks) > 1 and len(set(widths)) == 1 and rng.random() < 0.3
    layers: list[Layer] = []
    for n, (d, e, a) in enumerate(zip(widths, widths[1:], ranks, strict=False)):
        kind_of = WEIGHTS[weights] if n == special else WEIGHTS["general"]
        layers.append(kind_of(rng, d, e, a))
        if repeated and n and ranks[n] == ranks[0]:
            layers[-1] = layers[0]
    K, Q, V = (list(m) for m in zip(*layers, strict=True))
    native = {"K": K, "Q": Q, "V": V}
    data: dict[str, Any] = dict(native)
    if rng.random() < 0.25:
        data = {"A": [product(k, q) for k, q in zip(K, Q, strict=True)], "V": V}
    if finite:
        p = rng.choice(FINITE[1:] if len(ranks) > 1 else FINITE)
        data |= {"field": f"GF({p})"}
        native |= {"field": f"GF({p})"}
    return Case(kind, widths, ranks, tokens, data, native)


def product(K: Rows, Q: Rows) -> Rows:
    """K^T Q."""
    d = range(len(K[0]))
    return [[sum(k[i] * q[j] for k, q in zip(K, Q, strict=True)) for j in d] for i in d]


def cases(stratum: tuple[str, str], count: int, kind: str = "lightning") -> Iterator[Case]:
    for seed in range(count):
        yield draw(stratum, seed, kind)
