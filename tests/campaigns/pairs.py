"""Pairs of weights, equal or different on purpose, in every stratum, and independent judges.

``lightning_pairs`` and ``softmax_pairs`` draw networks of small sizes whose layers are general,
zero, of rank one, skew or symmetric, and change the weights by a move that keeps the function on
some strata only: gauge elements, exchanged factors, forms behind a collapse, and the same moves
where they are not allowed.  The judges evaluate the functions and share no code with algattn.

Run as a script for the figures: ``python tests/campaigns/pairs.py --cases 3000``.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from flint import arb, ctx, fmpq

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from algattn import Lightning, Softmax, Weights
from algattn.errors import UndecidedError

Rows = list[list[Any]]
Pair = tuple[Any, Weights, Weights, str]
FORMS = ("general", "zero", "rank one", "skew", "symmetric", "square", "singular")
MOVES = ("gauge", "behind", "skew behind", "exchange", "order", "entry", "fresh", "scale", "idle")


def softmax_pairs(seed: int) -> Iterator[Pair]:
    """(network, W, W', stratum) without end; the stratum names the layers and the move."""
    return _pairs(Softmax, seed)


def lightning_pairs(seed: int) -> Iterator[Pair]:
    """(network, W, W', stratum) without end; the stratum names the layers and the move."""
    return _pairs(Lightning, seed)


def _pairs(kind: Any, seed: int) -> Iterator[Pair]:
    rng = random.Random(f"pairs {kind.__name__} {seed}")
    while True:
        depth = rng.choice((1, 2, 2, 3))
        widths = [rng.choice((1, 2, 2, 3, 3)) for _ in range(depth + 1)]
        tokens = rng.choice((1, 2, 2, 3))
        nonzero = rng.random() < 0.8
        kinds = [rng.choice(tuple(f for f in FORMS if f != "zero" * nonzero)) for _ in range(depth)]
        A = [_form(rng, d, name) for d, name in zip(widths, kinds, strict=False)]
        V = [_value(rng, e, d) for d, e in pairwise(widths)]
        moves = [m for m in MOVES if kind is Lightning or m not in ("exchange", "order")]
        move = rng.choice(moves)
        net = kind(tuple(widths), tuple(widths[:-1]), tokens)
        B, U = _moved(rng, A, V, move, kind is Lightning)
        yield net, Weights(A=A, V=V), Weights(A=B, V=U), f"{', '.join(kinds)}: {move}"


# --- weights -------------------------------------------------------------------------------------


def _times(a: Rows, b: Rows) -> Rows:
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, col, strict=True)) for col in columns] for row in a]


def _turn(a: Rows) -> Rows:
    return [list(c) for c in zip(*a, strict=True)]


def _plus(a: Rows, b: Rows) -> Rows:
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def _by(c: Any, a: Rows) -> Rows:
    return [[c * x for x in row] for row in a]


def _draw(rng: random.Random, m: int, n: int) -> Rows:
    if m * n == 1:
        return [[Fraction(rng.choice((-3, -2, -1, 1, 2, 3)))]]
    return [[Fraction(rng.randint(-3, 3)) for _ in range(n)] for _ in range(m)]


def _skew(rng: random.Random, d: int) -> Rows:
    a = _draw(rng, d, d)
    return _plus(a, _by(-1, _turn(a)))


def _form(rng: random.Random, d: int, name: str) -> Rows:
    a, k, q = _draw(rng, d, d), _draw(rng, d, 1), _draw(rng, 1, d)
    if name == "zero":
        return _by(0, a)
    if name == "rank one":
        return _times(k, q)
    if name == "square":
        return _times(k, _turn(k))
    if name == "skew":
        return _skew(rng, d)
    if name == "symmetric":
        return _plus(a, _turn(a))
    if name == "singular":
        return _plus(_times(k, q), _times(_draw(rng, d, 1), _draw(rng, 1, d)))
    return a


def _value(rng: random.Random, e: int, d: int) -> Rows:
    name = rng.choice(("general",) * 12 + ("rank one",) * 3 + ("zero",))
    if name == "zero":
        return _by(0, _draw(rng, e, d))
    return _times(_draw(rng, e, 1), _draw(rng, 1, d)) if name == "rank one" else _draw(rng, e, d)


def _invertible(rng: random.Random, n: int) -> tuple[Rows, Rows]:
    """A product of elementary matrices, and its inverse."""
    g = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    h = [row[:] for row in g]
    for _ in range(n + 1):
        i, j, c = rng.randrange(n), rng.randrange(n), rng.choice((-1, 1, 2))
        c = Fraction(c) if i != j else Fraction(rng.choice((1, 2, -1)))
        for m in range(n):
            if i == j:
                g[i][m] = c * g[i][m]
                h[m][i] = h[m][i] / c
            else:
                g[i][m] = g[i][m] + c * g[j][m]
                h[m][j] = h[m][j] - c * h[m][i]
    return g, h


def _moved(
    rng: random.Random, A: list[Rows], V: list[Rows], move: str, scalings: bool
) -> tuple[list[Rows], list[Rows]]:
    A, V, depth = list(A), list(V), len(A)
    if move == "scale":  # a gauge with one scaling, or nearly
        i, c = rng.randrange(depth), Fraction(rng.choice((2, 3, -1)))
        A[i], V[i] = _by(c, A[i]), _by(1 / c if rng.random() < 0.7 else c, V[i])
    if move in ("behind", "skew behind") and depth > 1:
        i = rng.randrange(1, depth)
        more = _draw if move == "behind" else None
        d = len(A[i])
        A[i] = _plus(A[i], more(rng, d, d) if more else _skew(rng, d))
    if move == "idle":  # what is added to A vanishes on the image of the layers before, or nearly
        i = rng.randrange(depth)
        d = len(A[i])
        left = _kernel_row(V[i - 1]) if i else None
        row = left or [Fraction(0)] * d
        A[i] = _plus(A[i], _times(_draw(rng, d, 1), [row]))
        A[i] = _plus(A[i], _times(_turn([row]), _draw(rng, 1, d)))
    if move == "exchange":  # k and v of the last layer, where both have rank one
        A[-1], V[-1] = _exchanged(A[-1], V[-1])
    if move == "order" and depth > 1:
        i = rng.randrange(depth - 1)
        if len(A[i]) == len(A[i + 1]):
            A[i], A[i + 1] = A[i + 1], A[i]
    if move == "fresh":
        A[-1], V[-1] = _draw(rng, len(A[-1]), len(A[-1])), _draw(rng, len(V[-1]), len(A[-1]))
    if move == "entry":
        part = rng.choice((A, V))
        i = rng.randrange(depth)
        m, n = rng.randrange(len(part[i])), rng.randrange(len(part[i][0]))
        part[i] = [row[:] for row in part[i]]
        part[i][m][n] += rng.choice((-1, 1))
    if move != "entry":
        _gauge(rng, A, V, scalings)
    return A, V


def _gauge(rng: random.Random, A: list[Rows], V: list[Rows], scalings: bool) -> None:
    for i in range(len(A)):
        c = Fraction(rng.choice((1, 2, -1))) if scalings else Fraction(1)
        A[i], V[i] = _by(c, A[i]), _by(1 / c, V[i])
        if i + 1 < len(A):
            g, h = _invertible(rng, len(V[i]))
            V[i] = _times(g, V[i])
            A[i + 1] = _times(_turn(h), _times(A[i + 1], h))
            V[i + 1] = _times(V[i + 1], h)


def _kernel_row(V: Rows) -> list[Any] | None:
    """A row r != 0 with r V = 0, by elimination; None when the rows are independent."""
    n = len(V)
    rows = [row[:] + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(V)]
    width, done = len(V[0]), 0
    for c in range(width):
        p = next((i for i in range(done, n) if rows[i][c]), None)
        if p is None:
            continue
        rows[done], rows[p] = rows[p], rows[done]
        for i in range(done + 1, n):
            f = rows[i][c] / rows[done][c]
            rows[i] = [x - f * y for x, y in zip(rows[i], rows[done], strict=True)]
        done += 1
    return rows[done][width:] if done < n else None


def _exchanged(A: Rows, V: Rows) -> tuple[Rows, Rows]:
    def split(m: Rows) -> tuple[list[Any], list[Any]] | None:
        y = next((row for row in m if any(row)), None)
        if y is None:
            return None
        j = next(j for j, x in enumerate(y) if x)
        x = [row[j] / y[j] for row in m]
        return (x, y) if m == [[a * b for b in y] for a in x] else None

    one, two = split(A), split(V)
    if one is None or two is None:
        return A, V
    (k, q), (h, v) = one, two
    return [[a * b for b in q] for a in v], [[a * b for b in k] for a in h]


# --- judges --------------------------------------------------------------------------------------

_PRIME = 2**61 - 1
_BITS = 700


def lightning_agree(net: Lightning, first: Weights, second: Weights, seed: int = 0) -> bool:
    """Equality of residues at four random inputs: wrong with probability below 10^-60."""
    rng = random.Random(f"judge {seed}")
    for _ in range(4):
        X = [[rng.randrange(_PRIME) for _ in range(net.tokens)] for _ in range(net.widths[0])]
        if _residue(first, X) != _residue(second, X):
            return False
    return True


def _residue(weights: Weights, X: Rows) -> Rows:
    def reduce(matrix: Any) -> Rows:
        return [[int(x.p) * pow(int(x.q), -1, _PRIME) % _PRIME for x in row] for row in matrix.rows]

    def times(a: Rows, b: Rows) -> Rows:
        return [[x % _PRIME for x in row] for row in _times(a, b)]

    for A, V in zip(weights.A, weights.V, strict=True):
        X = times(times(reduce(V), X), times(_turn(X), times(reduce(A), X)))
    return X


def softmax_agree(net: Softmax, first: Weights, second: Weights, seed: int = 0) -> bool | None:
    """Whether balls at random inputs are disjoint, or agree to 100 digits (None: neither).

    The inputs are of three sizes: attention with large scores may be saturated to all digits.
    """
    rng = random.Random(f"judge {seed}")
    before = ctx.prec
    try:
        ctx.prec = _BITS
        for size in (70, 500, 2500):
            X = [
                [fmpq(rng.randint(-99, 99), size) for _ in range(net.tokens)]
                for _ in range(net.widths[0])
            ]
            ones, twos = (
                [x for row in _attention(w, [[arb(x) for x in r] for r in X]) for x in row]
                for w in (first, second)
            )
            gaps = [abs(x - y) for x, y in zip(ones, twos, strict=True)]
            if any(g.lower() > arb("1e-100") for g in gaps):
                return False
            if any(g.upper() > arb("1e-120") for g in gaps):
                return None
        return True
    finally:
        ctx.prec = before


def _attention(weights: Weights, X: Rows) -> Rows:
    for A, V in zip(weights.A, weights.V, strict=True):
        form, value = ([[arb(x) for x in row] for row in m.rows] for m in (A, V))
        tokens, new = _turn(X), []
        for query in tokens:
            keyed = [sum(a * b for a, b in zip(row, query, strict=True)) for row in form]
            e = [sum((a * b for a, b in zip(x, keyed, strict=True)), arb(0)).exp() for x in tokens]
            total = sum(e, arb(0))
            mean = [
                sum((w * x[i] for w, x in zip(e, tokens, strict=True)), arb(0)) / total
                for i in range(len(query))
            ]
            new.append(
                [sum((a * b for a, b in zip(row, mean, strict=True)), arb(0)) for row in value]
            )
        X = _turn(new)
    return X


def compared(pairs: Iterator[Pair], judge: Callable[..., bool | None], cases: int) -> Counter[str]:
    """Verdicts of `equivalent` beside those of a judge; a disagreement raises."""
    counts: Counter[str] = Counter()
    for net, W, other, stratum in islice(pairs, cases):
        truth = judge(net, W, other)
        try:
            found = net.equivalent(W, other)
        except UndecidedError:
            counts["undecided"] += 1
            continue
        assert truth is None or found.value is truth, (net, W.to_data(), other.to_data(), stratum)
        counts[f"{'equal' if found.value else 'different'}, {found.status.name}"] += 1
        counts["not judged"] += truth is None
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    for draw, judge in ((softmax_pairs, softmax_agree), (lightning_pairs, lightning_agree)):
        print(draw.__name__, dict(compared(draw(asked.seed), judge, asked.cases)))
