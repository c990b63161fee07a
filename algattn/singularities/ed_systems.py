"""The polynomial systems whose solutions an ED degree counts, over a prime field."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from algattn.attention import Architecture, Weights
from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, lightning, one_layer, plain
from algattn.errors import HypothesisError, InputError, ShapeError
from algattn.exact import QQ, Polynomial, PolynomialRing
from algattn.exact.fields import GF
from algattn.results import canonical_json, thaw
from algattn.singularities.stored import Number, Rows
from algattn.singularities.theorem import SINGULARITIES
from algattn.words import QUOTED, quoted

VARIETY = Theorem(
    "Euclidean distance degrees",
    SINGULARITIES,
    lightning,
    *plain,
    one_layer,
    instead="weights, for the ED degree of their decision boundary",
)
DECISION_BOUNDARY = Theorem("Decision boundary", SINGULARITIES, lightning, *plain)

Of = Literal["variety", "boundary"]
Metric = Literal["unit", "generic"]
METRICS: tuple[Metric, ...] = ("unit", "generic")


@dataclass(frozen=True)
class Question:
    """Whose critical points are counted; W and b as they are stored, for a decision boundary.

    ``drawn`` is the seed of a readout W that was not given but drawn at random.
    """

    network: Architecture
    of: Of
    metric: Metric
    weights: Weights | None = None
    W: Rows | None = None
    b: Number | None = None
    drawn: int | None = None

    @property
    def fits(self) -> bool:
        """Whether there are weights, W and b just for a decision boundary, spelled as stored."""
        if self.of == "variety":
            return all(x is None for x in (self.weights, self.W, self.b, self.drawn))
        if self.weights is None or self.W is None or self.b is None:
            return False
        W = self.W if self.drawn is None else random_readout(self.network, self.drawn)
        again = read_boundary(self.network, W, self.b)
        return canonical_json(again) == canonical_json((self.W, self.b))

    def said(self) -> dict[str, Any]:
        """The question as it stands in the claim."""
        data: dict[str, Any] = {"of": self.of, "metric": self.metric}
        if self.of == "variety":
            return data
        data |= {"W": self.W, "b": self.b}
        return data if self.drawn is None else data | {"drawn": self.drawn}

    @property
    def readout(self) -> str:
        """Which decision boundary, in words; empty for the variety."""
        if self.W is None:
            return ""
        rows = "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in self.W) + "]"
        which = "the readout" if self.drawn is None else f"a random readout (seed {self.drawn}),"
        return f" for {which} W = {rows if len(rows) <= QUOTED else '[..]'} and b = {self.b}"

    @classmethod
    def read(cls, problem: Problem, said: Mapping[str, Any]) -> Question:
        """The question of a claim; InputError when there is none."""
        of = said.get("of")
        weights = problem.weights if of == "boundary" else None
        question = cls(
            problem.under(DECISION_BOUNDARY if of == "boundary" else VARIETY),
            said["of"],
            said["metric"],
            weights,
            said.get("W"),
            said.get("b"),
            said.get("drawn"),
        )
        words = of in get_args(Of) and question.metric in METRICS
        if not words or not question.fits or thaw(question.said()) != thaw(said):
            raise InputError("read an ED degree", f"the detail is {dict(said)}", "check the file")
        return question


def random_readout(network: Architecture, seed: int) -> Rows:
    """A general readout: the one of ones is special, and its boundary has fewer critical points.

    >>> from algattn import Lightning
    >>> random_readout(Lightning(widths=(2, 1), ranks=1), 0)
    ((22, -7),)
    """
    rng = random.Random(f"algattn readout {seed}")
    numbers = [n for n in range(-99, 100) if n]
    return tuple(
        tuple(rng.choice(numbers) for _ in range(network.tokens)) for _ in range(network.d_out)
    )


def read_boundary(network: Architecture, W: Any, b: Any) -> tuple[Rows, Number]:
    """W and b of the decision boundary ``tr(W^T f(X)) + b = 0``, as stored; W is d' x t."""
    asked, wide = "find the ED degree of a decision boundary", network.tokens
    try:
        rows = [[QQ(x) for x in row] for row in W]
    except TypeError:
        raise InputError(asked, f"W = {quoted(W)} is no matrix", "give a list of rows") from None
    sizes = [len(row) for row in rows]
    if sizes != [wide] * network.d_out:
        raise ShapeError(
            asked,
            f"W has rows of lengths {sizes}",
            f"give {network.d_out} rows of length {wide}, the shape of the output",
        )
    return tuple(tuple(QQ.format(x) for x in row) for row in rows), QQ.format(QQ(b))


def _linear(rng: random.Random, p: int, gens: Sequence[Polynomial]) -> Polynomial:
    total = gens[0] * 0
    for g in gens:
        total = total + g * rng.randrange(1, p)
    return total


def _random_change(rng: random.Random, p: int, rows: list[list[Any]]) -> list[list[Any]]:
    """The matrix of a form in random coordinates: G^T rows G."""
    n = len(rows)
    G = [[rng.randrange(p) for _ in range(n)] for _ in range(n)]
    half = [
        [sum((rows[i][m] * G[m][j] for m in range(n)), rows[0][0] * 0) for j in range(n)]
        for i in range(n)
    ]
    return [
        [sum((half[m][j] * G[m][i] for m in range(n)), rows[0][0] * 0) for j in range(n)]
        for i in range(n)
    ]


def _chart(
    network: Architecture, p: int, rng: random.Random
) -> tuple[PolynomialRing, list[Polynomial], list[Polynomial], int]:
    """Ring (last variable: 1/saturation), coordinates, polynomials not to vanish, delta."""
    d, e, a, t = network.d_in, network.d_out, network.ranks[0], network.tokens
    products = t > 1 and min(a, d) == e == 1 and d >= 2
    symmetric = t == 1 or products
    rank = min(2 * a, d) if t == 1 else 2 if products else min(a, d)
    lower = (d - rank) * rank
    inner = rank * (rank + 1) // 2 if symmetric else rank * d
    free = (d if products else d * e) - 1
    names = [f"x{i}" for i in range(lower + inner + free)]
    ring = PolynomialRing(GF(p), (*names, "z"))
    x = ring.gens()[:-1]
    one, zero = ring(1), ring(0)
    left = [[one if i == j else zero for j in range(rank)] for i in range(rank)]
    it = iter(x)
    left += [[next(it) for _ in range(rank)] for _ in range(d - rank)]
    forms: list[Polynomial] = []
    if symmetric:
        T = [[zero] * rank for _ in range(rank)]
        for i in range(rank):
            for j in range(i, rank):
                T[i][j] = T[j][i] = next(it)
                forms.append(T[i][j])
        right = [
            [sum((T[i][m] * left[j][m] for m in range(rank)), zero) for j in range(d)]
            for i in range(rank)
        ]
    else:
        right = [[next(it) for _ in range(d)] for _ in range(rank)]
        forms = [f for row in right for f in row]
    A = [
        [sum((left[i][m] * right[m][j] for m in range(rank)), zero) for j in range(d)]
        for i in range(d)
    ]
    A = _random_change(rng, p, A)
    flat = [*it]
    flat.append(one + _linear(rng, p, flat) if flat else one)
    avoid = [_linear(rng, p, forms)]
    if products:  # s(x) (q.y): one row, s in place of (v.x)(k.x)
        phi = [A[i][j] * flat[k] * (1 if i == j else 2) for _, i, j, k in natural_labels(d, 1, 2)]
        return ring, phi, avoid, 1
    V = [flat[r * d : (r + 1) * d] for r in range(e)]
    values = dict(natural_coefficients(A, V, t))
    phi = [values.get(label, zero) for label in natural_labels(d, e, t)]
    delta = 1
    if t == 1 and e == 1 and rank == 2 and d >= 3:
        delta = 3
        avoid.append(_ramification(A, V[0], rng, p))
    return ring, phi, avoid, delta


def _ramification(A: list[list[Any]], v: list[Any], rng: random.Random, p: int) -> Any:
    """A bordered determinant that vanishes where the line v divides the form A (and elsewhere)."""
    d = len(v)
    W = [[rng.randrange(p) for _ in range(3)] for _ in range(d)]
    zero = v[0] * 0
    S = [
        [
            sum((A[i][j] * (W[i][m] * W[j][n]) for i in range(d) for j in range(d)), zero)
            for n in range(3)
        ]
        for m in range(3)
    ]
    w = [sum((v[i] * W[i][m] for i in range(d)), zero) for m in range(3)]

    # -det [[S, w], [w^T, 0]] = w^T adj(S) w
    def cofactor(i: int, j: int) -> Any:
        r = [m for m in range(3) if m != i]
        c = [m for m in range(3) if m != j]
        return (S[r[0]][c[0]] * S[r[1]][c[1]] - S[r[0]][c[1]] * S[r[1]][c[0]]) * (-1) ** (i + j)

    return sum((w[i] * w[j] * cofactor(i, j) for i in range(3) for j in range(3)), zero)


def variety_system(question: Question, p: int, rng: random.Random) -> tuple[list[Polynomial], int]:
    ring, phi, avoid, delta = _chart(question.network, p, rng)
    metric = [1 if question.metric == "unit" else rng.randrange(1, p) for _ in phi]
    rest = [f - rng.randrange(p) for f in phi]
    equations = []
    for name in ring.names[:-1]:
        total = ring(0)
        for f, g, m in zip(phi, rest, metric, strict=True):
            total = total + f.derivative(name) * g * m
        equations.append(total)
    product = ring.gens()[-1]
    for f in avoid:
        product = product * f
    return [*equations, product - 1], delta


def boundary_system(question: Question, p: int, rng: random.Random) -> tuple[list[Polynomial], int]:
    network, weights = question.network, question.weights
    assert weights is not None
    d, t = network.d_in, network.tokens
    names = [f"x{i}" for i in range(d * t)]
    ring = PolynomialRing(GF(p), (*names, "m", "z"))
    *x, m, z = ring.gens()
    X = [x[i * t : (i + 1) * t] for i in range(d)]
    field = GF(p)
    zero = ring(0)

    def times(left: list[list[Any]], right: list[list[Any]]) -> list[list[Any]]:
        return [
            [
                sum((a * b for a, b in zip(row, col, strict=True)), zero)
                for col in zip(*right, strict=True)
            ]
            for row in left
        ]

    def entries(matrix: Any) -> list[list[Any]]:
        return [[ring(field(c)) for c in row] for row in matrix]

    Y = X
    for A, V in zip(weights.A, weights.V, strict=True):
        scores = times([list(c) for c in zip(*Y, strict=True)], times(entries(A.rows), Y))
        Y = times(times(entries(V.rows), Y), scores)
    f = ring(field(question.b))
    for row, line in zip(entries(question.W), Y, strict=True):
        for c, y in zip(row, line, strict=True):
            f = f + c * y
    if f.degree() < 1:
        raise HypothesisError(
            "find the ED degree of a decision boundary",
            f"tr(W^T f(X)) + b is the constant {f}",
            "take other weights or another W",
        )
    gradient = [f.derivative(name) for name in names]
    # m and -m never both: the multiplier is an unknown, and the gradient must not vanish
    equations = [
        (v - rng.randrange(p)) * (1 if question.metric == "unit" else rng.randrange(1, p)) - m * g
        for v, g in zip(x, gradient, strict=True)
    ]
    steep = _linear(rng, p, gradient)
    return [f, *equations, z * steep - 1], 1
