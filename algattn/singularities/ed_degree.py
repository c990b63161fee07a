"""Euclidean distance degrees: how many critical points the distance to the variety has.

The nearest function of the network to given data is a critical point of the squared distance on
the variety; their number over C for general data is the ED degree.  It is counted by a Groebner
basis over several prime fields: a general chart of the pairs (A, V) without gauge, the equations
``J^T M (phi - u) = 0`` for random u, and saturation by the zero function and the ramification.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import HypothesisError, InputError, UndecidedError
from algattn.exact import Polynomial, PolynomialRing, word_prime
from algattn.exact.fields import GF
from algattn.networks import Architecture, Weights
from algattn.networks.coordinates import natural_labels
from algattn.networks.functions import natural_coefficients
from algattn.networks.problem import Problem
from algattn.networks.weights import as_weights
from algattn.results import Claim, Evidence, Outline, Result, Status, thaw
from algattn.singularities.theorem import is_linear

METRICS = ("unit", "generic")
#: Singular is fastest with primes below 2^15; a random coincidence is then still rare.
BITS = 15


@dataclass(frozen=True, repr=False)
class EDDegreeResult(Result):
    """The number of complex critical points of the distance from a general point.

    ``detail["metric"]`` tells the quadratic form: ``unit`` is the sum of squares of the natural
    coordinates, ``generic`` a random one.  ``detail["of"]`` is ``variety`` or ``boundary``, the
    decision boundary ``tr(W^T V X X^T A X) + b = 0`` of given weights in the space of inputs.
    """

    kind: ClassVar[str] = "point.ed-degree"
    title: ClassVar[str] = "Euclidean distance degree"

    @classmethod
    def outline(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        what = {"variety": "function space", "boundary": "decision boundary"}[detail["of"]]
        return (
            Outline(
                "count",
                f"the {detail['metric']} ED degree of the {what} is {value}",
                {"value": value, "detail": detail},
            ),
        )

    def sentence(self) -> str:
        d = self.detail
        what = {"variety": "function space", "boundary": "decision boundary"}[d["of"]]
        found = next((e for c in self.claims for e in c.evidence if isinstance(e, Counted)), None)
        how = (
            ""
            if found is None
            else f" (seed {found.seed}, primes {', '.join(map(str, found.primes))})"
        )
        return f"The {what} has {d['metric']} ED degree {self.value}{how}"


@dataclass(frozen=True)
class LinearDistance(Evidence):
    """A linear space has one nearest point."""

    kind: ClassVar[str] = "point.ed-linear"
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        n, said = Problem.of(problem).network, thaw(claim.value)
        fits = n.layers == 1 and is_linear(n.d_in, n.d_out, n.tokens)
        if not fits or said["detail"]["of"] != "variety":
            raise self.fail("the function space is not a linear space")
        self.expect(said["value"], 1, "a linear space has ED degree 1")


@dataclass(frozen=True)
class SegreDistance(Evidence):
    """For d = 2, alpha = d' = 1 the closure is the cone of 3 x 2 matrices of rank one.

    Unit distance: Eckart and Young, 2 singular vector pairs.  Generic distance: the sum of the
    polar classes of P^2 x P^1, 10.
    """

    kind: ClassVar[str] = "point.ed-segre"
    strength: ClassVar[Status] = Status.THEOREM

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        n, said = Problem.of(problem).network, thaw(claim.value)
        if said["detail"]["of"] != "variety" or not is_segre(n):
            raise self.fail("the function space is not a Segre variety")
        self.expect(said["value"], SEGRE[said["detail"]["metric"]], "the closed value differs")


#: Chern classes of P^2 x P^1 have degrees 3, 8, 9, 6; generic: 15*3 - 7*8 + 3*9 - 6.
SEGRE = {"unit": 2, "generic": 10}


def is_segre(network: Architecture) -> bool:
    """Whether the closure is the cone over P^2 x P^1 (s(x) times q.y with s a binary form)."""
    a = min(network.ranks[0], network.d_in)
    return (
        network.layers == 1 and network.tokens > 1 and (network.d_in, network.d_out, a) == (2, 1, 1)
    )


@dataclass(frozen=True)
class Counted(Evidence):
    """Groebner bases over several prime fields, from random data; the counts agree."""

    kind: ClassVar[str] = "point.ed-counted"
    strength: ClassVar[Status] = Status.PROBABLE

    seed: int
    primes: Any
    engine: str
    seconds: float

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p, said = Problem.of(problem), thaw(claim.value)
        if not self.primes or len(set(self.primes)) != len(self.primes):
            raise self.fail("the primes are not different")
        question = Question.read(p, said["detail"])
        for prime in self.primes:
            found = count(question, prime, self.seed, self.engine or None, self.seconds)
            self.expect(said["value"], found, f"over GF({prime}) there are {found}")


@dataclass(frozen=True)
class Question:
    """Whose critical points are counted."""

    network: Architecture
    of: str
    metric: str
    weights: Weights | None = None
    direction: Any = None
    offset: int = 0

    @staticmethod
    def of_data(
        network: Architecture, detail: Mapping[str, Any], weights: Weights | None
    ) -> Question:
        known = {"of", "metric"} | ({"W", "b"} if detail.get("of") == "boundary" else set())
        if set(detail) != known or detail["metric"] not in METRICS:
            raise InputError("read an ED degree", f"the detail is {dict(detail)}", "check the file")
        return Question(
            network, detail["of"], detail["metric"], weights, detail.get("W"), detail.get("b", 0)
        )

    @classmethod
    def read(cls, p: Problem, detail: Mapping[str, Any]) -> Question:
        weights = p.weights if detail["of"] == "boundary" else None
        return cls.of_data(p.network, detail, weights)


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


def _variety(question: Question, p: int, rng: random.Random) -> tuple[list[Polynomial], int]:
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


def _boundary(question: Question, p: int, rng: random.Random) -> tuple[list[Polynomial], int]:
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
    f = ring(int(question.offset))
    for row, line in zip(entries(question.direction), Y, strict=True):
        for c, y in zip(row, line, strict=True):
            f = f + c * y
    gradient = [f.derivative(name) for name in names]
    # m and -m never both: the multiplier is an unknown, and the gradient must not vanish
    equations = [
        (v - rng.randrange(p)) * (1 if question.metric == "unit" else rng.randrange(1, p)) - m * g
        for v, g in zip(x, gradient, strict=True)
    ]
    steep = _linear(rng, p, gradient)
    return [f, *equations, z * steep - 1], 1


def count(
    question: Question, prime: int, seed: int, engine: str | None, seconds: float | None
) -> int:
    """The number of critical points over the algebraic closure of GF(prime)."""
    from algattn.engines import Degree, Dimension, GroebnerBasis, solve

    rng = random.Random(f"algattn ed {seed} {prime}")
    build = _variety if question.of == "variety" else _boundary
    equations, delta = build(question, prime, rng)
    basis = solve(GroebnerBasis(tuple(equations)), engine, time_limit=seconds)
    if any(g.degree() == 0 for g in basis):
        return 0
    dimension = solve(Dimension(tuple(basis)), engine, time_limit=seconds)
    if dimension != 0:
        raise UndecidedError(
            "count critical points",
            f"over GF({prime}) they form a set of dimension {dimension}",
            "try another seed",
        )
    found = int(solve(Degree(tuple(basis)), engine, time_limit=seconds))
    if found % delta:
        raise UndecidedError(
            "count critical points", f"{found} is no multiple of {delta}", "try another seed"
        )
    return found // delta


def ed_degree(
    network: Architecture,
    weights: Weights | None = None,
    *,
    metric: str = "unit",
    W: Any = None,
    b: int = 1,
    seed: int = 0,
    primes: int = 2,
    engine: str | None = None,
    time_limit: float = 60.0,
) -> EDDegreeResult:
    """The ED degree of the variety, or of a decision boundary; see ``Lightning.ed_degree``."""
    if metric not in METRICS:
        raise InputError("find an ED degree", f"the metric is {metric!r}", f"one of {METRICS}")
    if weights is None and network.layers != 1:
        raise HypothesisError(
            f"find the ED degree of {network!r}",
            f"the charts are for one layer, and it has {network.layers} layers",
            "use one layer, or give weights for the ED degree of a decision boundary",
        )
    detail: dict[str, Any] = {"of": "variety", "metric": metric}
    if weights is not None:
        weights = as_weights(network, weights)
        W = W or [[1] * network.tokens for _ in range(network.d_out)]
        detail = {
            "of": "boundary",
            "metric": metric,
            "W": [list(map(int, r)) for r in W],
            "b": int(b),
        }
    question = Question.of_data(network, detail, weights)
    evidence: list[Evidence] = []
    value: int | None = None
    if weights is None and is_linear(network.d_in, network.d_out, network.tokens):
        value, evidence, engine = 1, [LinearDistance()], None
    elif weights is None and is_segre(network):
        value, evidence = SEGRE[metric], [SegreDistance()]
    if value is None or engine is not None:
        used = [word_prime(BITS, n) for n in range(primes)]
        counts = [count(question, p, seed, engine, time_limit) for p in used]
        if len(set(counts)) > 1 or (value is not None and counts[0] != value):
            raise UndecidedError(
                f"find the ED degree of {network!r}",
                f"the primes {used} give {counts}, the closed value is {value}",
                "use more primes or another seed",
                counts,
            )
        value = counts[0]
        evidence.append(Counted(seed, used, engine or "", time_limit))
    return EDDegreeResult.assemble(
        Problem.data(network, weights),
        value,
        {"count": evidence},
        detail,
    )
