"""Check certificates of algattn from their JSON alone, with python-flint and nothing of algattn.

    python examples/check_certificate.py [--json] FILE.json ...

One line for each claim: ``checked`` (its value was established by a computation of this program),
``not checked here`` and why, or ``FALSE``.  The sentences are this program's own; prose in a file
is never read.  Exit code 0: every claim in scope was checked; 1: something is false; 2: a file
cannot be read; 3: nothing is in scope; 4: a claim in scope was not decided (too large, strange
data, or evidence that proves nothing).  Claims that rest on a lemma alone are out of scope.

Networks.  A lightning layer maps X (d x t) to ``V X (X^T A X)``, ``A = K^T Q`` where K and Q have a
rows; a softmax layer replaces ``X^T A X`` by the softmax of its columns.  One lightning layer is
``F(x, y) = (V x)(x^T A y)``: column c of its output is the sum of ``F(x_m, x_c)`` over the tokens
m.  For t >= 2 the function and F determine each other; for t = 1 only ``F(x, x)`` counts.

The standing lemma.  A rank modulo a prime never exceeds the rank, and a rank at a point never the
general rank.  Ranks are used as lower bounds below, so they may be taken at any point, modulo any
prime, also at a root of the modulus of a number field: success is luck, the proof is not.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import combinations, combinations_with_replacement, pairwise, product
from math import comb, prod
from pathlib import Path
from typing import Any

from flint import (
    arb,
    ctx,
    fmpq,
    fmpq_mat,
    fmpq_mpoly_ctx,
    fmpq_poly,
    fmpz,
    nmod,
    nmod_mat,
    nmod_mpoly_ctx,
    nmod_poly,
)

PRIME = 2**61 - 1
SCHEMAS = {"algattn/result/1", "algattn/result/2"}
MAX_FILE, MAX_ENTRIES = 20_000_000, 4_000_000
Rows = list[list[Any]]
Terms = dict[tuple[int, ...], Any]  # a polynomial: exponents to coefficient


class Malformed(Exception):  # noqa: N818
    """The data are not what the format says."""


class TooLarge(Exception):  # noqa: N818
    """The check would take too long."""


def need(condition: Any, why: str) -> None:
    if not condition:
        raise Malformed(why)


def small(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise TooLarge(f"{what}: {size}, limit {limit}")


# --- numbers and fields

_RATIONAL = re.compile(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?", re.ASCII)


def rational(value: Any) -> fmpq:
    """An integer or a text "p/q"; nothing else is a number."""
    if type(value) is int:
        return fmpq(value)
    need(isinstance(value, str) and _RATIONAL.fullmatch(value), f"{str(value)[:40]!r} is no number")
    top, _, bottom = value.partition("/")
    need(fmpz(bottom or "1") != 0, "a denominator is zero")
    return fmpq(fmpz(top), fmpz(bottom or "1"))


@dataclass(frozen=True)
class Field:
    """QQ, GF(p), or QQ[x]/(modulus), whose elements are polynomials reduced only when compared."""

    p: int = 0
    modulus: fmpq_poly | None = None

    @staticmethod
    def of(data: Any) -> Field:
        if data == "QQ":
            return QQ
        if isinstance(data, str) and (found := re.fullmatch(r"GF\(([0-9]{1,19})\)", data)):
            p = int(found[1])
            need(p < 2**63 and fmpz(p).is_prime(), f"{p} is no prime below 2^63")
            return Field(p)
        need(isinstance(data, Mapping) and isinstance(data.get("modulus"), list), "no field")
        need(2 <= len(data["modulus"]) <= 33, "the degree of the number field is unfit")
        m = fmpq_poly([rational(c) for c in data["modulus"]])
        need(m.degree() >= 1 and [e for _, e in m.factor()[1]] == [1], "the modulus is reducible")
        return Field(0, m)

    def read(self, data: Any) -> Any:
        """An element from JSON data: a number, or coefficients of a polynomial in the root."""
        if self.modulus is not None and isinstance(data, list):
            need(len(data) <= self.modulus.degree(), "too many coefficients of a number")
            return fmpq_poly([rational(c) for c in data])
        return self.embed(rational(data))

    def embed(self, x: fmpq) -> Any:
        """A rational number in this field."""
        return fmpq_poly([x]) if self.modulus else residue(x, self.p) if self.p else x

    def same(self, x: Any, y: Any) -> bool:
        return bool((x - y) % self.modulus == 0 if self.modulus else x == y)

    def vanish(self, rows: Rows) -> bool:
        return all(self.same(x, 0 * x) for row in rows for x in row)

    def has_real_place(self) -> bool:
        """Whether the modulus has a real root, by Sturm: signs of the chain at both infinities."""
        if self.modulus is None:
            return self.p == 0
        chain = [self.modulus, self.modulus.derivative()]
        while chain[-1].degree() > 0:
            chain.append(-(chain[-2] % chain[-1]))
        ends = [[f[f.degree()] * s ** f.degree() > 0 for f in chain] for s in (1, -1)]
        right, left = (sum(int(a != b) for a, b in pairwise(e)) for e in ends)
        return bool(left > right)

    def residues(self) -> tuple[int, Callable[[Any], int]]:
        """A prime and the reduction of (almost) all elements, a ring map where it is defined."""
        if self.modulus is None:
            p = self.p or PRIME
            return p, lambda x: int(x if self.p else residue(x, p))
        p, root = self.place()
        return p, lambda x: int(nmod_poly([int(residue(c, p)) for c in x.coeffs()], p)(root))

    def place(self) -> tuple[int, nmod]:
        """A prime and a root of the modulus there."""
        assert self.modulus is not None
        for p in range(PRIME - 2, PRIME - 100_000, -2):
            if self.modulus.denom() % p and fmpz(p).is_prime():
                m = nmod_poly([int(residue(c, p)) for c in self.modulus.coeffs()], p)
                if m.degree() == self.modulus.degree() and (roots := m.roots()):
                    return p, roots[0][0]
        raise TooLarge("no prime at which the number field has a root")


def residue(x: fmpq, p: int) -> nmod:
    return nmod(int(x.p % p), p) / nmod(int(x.q % p), p)


QQ = Field()


# --- matrices (lists of rows over anything with + and *) and ranks


def mul(left: Rows, right: Rows) -> Rows:
    columns = list(zip(*right, strict=True))
    return [[dot(row, column) for column in columns] for row in left]


def dot(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum((a * b for a, b in zip(x, y, strict=True)), 0)


def T(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def scale(c: Any, rows: Rows) -> Rows:
    return [[c * x for x in row] for row in rows]


def add(left: Rows, right: Rows, sign: int = 1) -> Rows:
    pairs = zip(left, right, strict=True)
    return [[x + sign * y for x, y in zip(r, s, strict=True)] for r, s in pairs]


def flat(rows: Rows) -> list[Any]:
    return [x for row in rows for x in row]


def ints(rows: Rows) -> list[list[int]]:
    return [[int(x) for x in row] for row in rows]


def unit(m: int, n: int, r: int, s: int) -> Rows:
    return [[int((i, j) == (r, s)) for j in range(n)] for i in range(m)]


def units(m: int, n: int) -> list[Rows]:
    return [unit(m, n, r, s) for r, s in product(range(m), range(n))]


def unit_matrix(n: int) -> Rows:
    return [[int(i == j) for j in range(n)] for i in range(n)]


def matrix(data: Any, over: Field, shape: tuple[int, int]) -> Rows:
    """A matrix of exactly this shape from nested lists."""
    ok = isinstance(data, list) and len(data) == shape[0]
    need(ok and all(isinstance(r, list) and len(r) == shape[1] for r in data), f"no {shape} matrix")
    small(shape[0] * shape[1], MAX_ENTRIES, "entries of a matrix")
    return [[over.read(x) for x in row] for row in data]


def rank_mod(rows: list[list[int]], p: int) -> int:
    """Rank modulo p: at most the true rank."""
    if not rows or not rows[0]:
        return 0
    small(len(rows) * len(rows[0]), MAX_ENTRIES, "entries of a matrix")
    return int(nmod_mat(len(rows), len(rows[0]), flat(rows), p).rank())


def low_rank(rows: Rows, over: Field) -> int:
    """A lower bound of the rank over a field."""
    p, image = over.residues()
    return rank_mod([[image(x) for x in row] for row in rows], p)


def det(rows: Rows) -> Any:
    """The determinant over any commutative ring, by the first row."""
    small(len(rows), 6, "rows of a determinant")
    if not rows:
        return 1
    minors = ([r[:j] + r[j + 1 :] for r in rows[1:]] for j in range(len(rows)))
    terms = zip(rows[0], minors, strict=True)
    return sum(((-1) ** j * x * det(m) for j, (x, m) in enumerate(terms) if x != 0), 0)


def rank_at_most(rows: Rows, a: int, over: Field) -> bool:
    """Whether the rank is at most a, exactly: for number fields by all minors of size a + 1."""
    m, n = len(rows), len(rows[0])
    if over.p:
        return int(nmod_mat(m, n, [int(x) for x in flat(rows)], over.p).rank()) <= a
    if over.modulus is None:
        return int(fmpq_mat(m, n, flat(rows)).rank()) <= a
    if a >= min(m, n):
        return True
    small(comb(m, a + 1) * comb(n, a + 1), 10_000, "minors")
    chosen = product(combinations(range(m), a + 1), combinations(range(n), a + 1))
    minors = [det([[rows[i][j] for j in right] for i in left]) for left, right in chosen]
    return over.vanish([[x + fmpq_poly([0]) for x in minors]])


def kernel(rows: Rows, n: int) -> Rows:
    """A basis of {x : rows x = 0} over QQ, from the reduced echelon form."""
    small(len(rows) * n, 250_000, "entries of a linear system")
    reduced, rank = fmpq_mat(len(rows), n, flat(rows)).rref()
    table = [[reduced[i, j] for j in range(n)] for i in range(rank)]
    pivots = [next(j for j, x in enumerate(row) if x != 0) for row in table]
    basis = []
    for free in sorted(set(range(n)) - set(pivots)):
        vector = [fmpq(int(j == free)) for j in range(n)]
        for j, row in zip(pivots, table, strict=True):
            vector[j] = -row[free]
        basis.append(vector)
    return basis


# --- polynomials

_TERM = re.compile(r"[+-]?[A-Za-z0-9_/^*]+", re.ASCII)
_POWER = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\^([0-9]{1,2}))?", re.ASCII)


def polynomial(text: Any, names: Sequence[str], over: Field = QQ) -> Terms:
    """Read a sum of terms such as ``-2/3*s^2*t``; nothing is evaluated."""
    need(isinstance(text, str) and len(text) <= 1_000_000, "a polynomial is no text of fit length")
    place, compact = {name: i for i, name in enumerate(names)}, text.replace(" ", "")
    out: Terms = {}
    found = _TERM.findall(compact)
    small(len(found), 20_000, "terms of a polynomial")
    need(found and "".join(found) == compact, f"{compact[:40]!r} is no sum of terms")
    for n, term in enumerate(found):
        need(n == 0 or term[0] in "+-", f"{term[:40]!r} has no sign")
        coefficient, exponents = over.read(-1 if term[0] == "-" else 1), [0] * len(names)
        for factor in term.lstrip("+-").split("*"):
            if power := _POWER.fullmatch(factor):
                need(power[1] in place, f"{power[1][:40]!r} is no variable")
                exponents[place[power[1]]] += int(power[2] or 1)
            else:
                coefficient = coefficient * over.read(factor)
        key = tuple(exponents)
        out[key] = out[key] + coefficient if key in out else coefficient
    return {e: c for e, c in out.items() if c != 0}


def value_at(poly: Terms, point: Sequence[Any]) -> Any:
    """The value at numbers, residues or polynomials: substitution."""
    total: Any = 0
    powers: dict[tuple[int, int], Any] = {}
    for exponents, c in poly.items():
        for i, e in enumerate(exponents):
            if e:
                if (i, e) not in powers:
                    powers[i, e] = point[i] ** e
                c = c * powers[i, e]
        total = total + c
    return total


def derivative(poly: Terms, i: int) -> Terms:
    return {(*e[:i], e[i] - 1, *e[i + 1 :]): c * e[i] for e, c in poly.items() if e[i]}


# --- networks, weights, functions


@dataclass(frozen=True)
class Network:
    kind: str
    widths: tuple[int, ...]
    ranks: tuple[int, ...]
    tokens: int

    @staticmethod
    def of(data: Any) -> Network:
        need(isinstance(data, Mapping), "the network is no object")
        kind, d, a, t = (data.get(k) for k in ("kind", "widths", "ranks", "tokens"))
        need(kind in ("lightning", "softmax") and isinstance(d, list), "the network is unknown")
        need(isinstance(a, list) and 1 <= len(a) == len(d) - 1 <= 1000, "widths and ranks differ")
        need(all(type(n) is int and 1 <= n <= 10**6 for n in (*d, *a, t)), "a size is unfit")
        return Network(kind, tuple(d), tuple(a), t)

    @property
    def layers(self) -> int:
        return len(self.ranks)

    @property
    def parameters(self) -> int:
        d = self.widths
        return sum(d[i] * (2 * a + d[i + 1]) for i, a in enumerate(self.ranks))

    def single_layer(self) -> tuple[int, int, int, int]:
        """d, d', a, t of one lightning layer: the only network of most statements."""
        need(self.kind == "lightning" and self.layers == 1, "it is not one lightning layer")
        small(self.widths[0] ** 3 * self.widths[1], 50_000, "terms of a layer")
        small(self.parameters, 2000, "parameters")
        return self.widths[0], self.widths[1], self.ranks[0], self.tokens


@dataclass(frozen=True)
class Weights:
    over: Field
    A: list[Rows]
    V: list[Rows]
    K: list[Rows] | None
    Q: list[Rows] | None

    @staticmethod
    def of(data: Any, net: Network) -> Weights:
        need(isinstance(data, Mapping), "the weights are no object")
        small(net.parameters, MAX_ENTRIES, "parameters")
        over, d, a = Field.of(data.get("field", "QQ")), net.widths, net.ranks

        def read(name: str, shapes: Sequence[tuple[int, int]]) -> list[Rows]:
            given = data.get(name)
            need(isinstance(given, list) and len(given) == net.layers, f"{name} has other layers")
            return [matrix(m, over, s) for m, s in zip(given, shapes, strict=True)]

        n = range(net.layers)
        V = read("V", [(d[i + 1], d[i]) for i in n])
        if "A" in data:
            need("K" not in data and "Q" not in data, "the weights hold A and K, Q")
            A = read("A", [(d[i], d[i]) for i in n])
            ok = all(a[i] >= d[i] or rank_at_most(A[i], a[i], over) for i in n)
            need(ok, "A has a larger rank than the network allows")
            return Weights(over, A, V, None, None)
        K, Q = (read(name, [(a[i], d[i]) for i in n]) for name in "KQ")
        return Weights(over, [mul(T(k), q) for k, q in zip(K, Q, strict=True)], V, K, Q)


def label(r: int, i: int, j: int, k: int, t: int) -> tuple[int, ...]:
    """The monomial x_i x_j y_k in row r; x_i x_j x_k for one token."""
    return (r, *sorted((i, j)), k) if t > 1 else (r, *sorted((i, j, k)))


def labels(d: int, e: int, t: int) -> list[tuple[int, ...]]:
    places = product(range(e), range(d), range(d), range(d))
    return sorted({label(r, i, j, k, t) for r, i, j, k in places})


def coefficients(A: Rows, V: Rows, t: int) -> Terms:
    """The coefficients of F(x, y) = (V x)(x^T A y), zeros included, by multiplying out."""
    out: Terms = {}
    for r, v in enumerate(V):
        for i, j, k in product(range(len(A)), repeat=3):
            key = label(r, i, j, k, t)
            out[key] = out.get(key, 0) + v[i] * A[j][k]
    return out


def names_of(d: int, e: int, t: int) -> list[str]:
    return ["c_" + "_".join(str(n + 1) for n in key) for key in labels(d, e, t)]


def asked_function(problem: Mapping[str, Any], net: Network) -> Terms:
    """The function of a problem: its coefficients, or those of its rational weights."""
    d, e, _, t = net.single_layer()
    if "function" not in problem:
        w = Weights.of(problem.get("weights"), net)
        need(w.over == QQ, "the weights are not rational")
        return coefficients(w.A[0], w.V[0], t)
    need("weights" not in problem, "weights and a function are given")
    f = problem["function"]
    need(isinstance(f, Mapping) and isinstance(f.get("coefficients"), Mapping), "no function")
    given = [f.get("d_in"), f.get("d_out"), f.get("tokens", 2), f.get("degree", 3)]
    need([d, e, t, 3] == given and f.get("field", "QQ") == "QQ", "the function has another shape")
    known = dict(zip(names_of(d, e, t), labels(d, e, t), strict=True))
    out: Terms = dict.fromkeys(known.values(), fmpq(0))
    for name, c in f["coefficients"].items():
        need(name in known, f"{name[:40]!r} is no coefficient")
        out[known[name]] = rational(c)
    return out


def has_function(w: Weights, function: Terms, t: int) -> bool:
    """Whether one layer, in characteristic zero, has these rational coefficients."""
    need(w.over.p == 0, "weights modulo a prime")
    found = coefficients(w.A[0], w.V[0], t)
    return all(w.over.same(found[key], w.over.embed(c)) for key, c in function.items())


def generic_layer(net: Network, degree: int) -> Terms:
    """The coefficients as polynomials in V and in K, Q, or A where every A (or, for one token,
    every symmetric A) occurs: a dense part of the closure.

    `degree` is that of the equation they are put into: it has that degree in V and in A.
    """
    d, e, a, t = net.single_layer()
    every = a >= d if t > 1 else 2 * a >= d
    blocks = [d * (d + 1) // 2 if t == 1 else d * d] if every else [a * d, a * d]
    sizes = [comb(n + degree - 1, degree) for n in (d * e, *blocks)]
    small(prod(sizes), 20_000_000, "terms of a substitution")
    small(sum(blocks) + d * e, 100, "variables of a substitution")
    names = [f"w{i}" for i in range(sum(blocks) + d * e)]
    gens = fmpq_mpoly_ctx.get(names, "degrevlex").gens()
    V = [list(gens[r * d : r * d + d]) for r in range(e)]
    rest = list(gens[d * e :])
    if not every:
        rows = [rest[i * d : i * d + d] for i in range(2 * a)]
        return coefficients(mul(T(rows[:a]), rows[a:]), V, t)
    if t > 1:
        return coefficients([rest[i * d : i * d + d] for i in range(d)], V, t)
    place = {ij: n for n, ij in enumerate(combinations_with_replacement(range(d), 2))}
    A = [[rest[place[min(i, j), max(i, j)]] for j in range(d)] for i in range(d)]
    return coefficients(A, V, t)


# --- the dimension of a function space


@dataclass(frozen=True)
class Shape:
    """A smaller network with the same functions; `collapsed` layers see only K^T Q + Q^T K."""

    widths: tuple[int, ...]
    ranks: tuple[int, ...]
    collapsed: tuple[bool, ...]
    softmax: bool
    attends: bool

    @property
    def parameters(self) -> int:
        return Network("", self.widths, self.ranks, 1).parameters


def effective(net: Network) -> Shape:
    """The lemma of reduction, by bases.

    Hidden states of layer i lie in the image of V_i .. V_1, of dimension at most the smallest width
    so far.  A layer reads its input through the 2a + e rows of K, Q, V, so more input width is not
    used.  If a exceeds the width, (I, K^T Q) replaces (K, Q).  Conversely zeros around small
    weights embed the smaller network.  On one token every softmax weight is 1: no attention.
    A lightning layer with input of rank one, X = u w^T, gives (w.w)(u^T A u)(V u) w^T: it sees the
    symmetric part of A only, and its output has rank one again; the rank of an output is at most
    that of the input, a, and the width.
    """
    attends = net.kind == "lightning" or net.tokens > 1
    reach = net.ranks if attends else (0,) * net.layers
    e = [min(net.widths[: i + 1]) for i in range(net.layers)] + [net.widths[-1]]
    for i in range(net.layers - 1, 0, -1):
        e[i] = min(e[i], 2 * reach[i] + e[i + 1])
    ranks = [min(a, width) for a, width in zip(reach, e, strict=False)]
    collapsed, rho = [], min(net.tokens, e[0])
    for a, width in zip(ranks, e[1:], strict=True):
        collapsed.append(net.kind == "lightning" and rho == 1)
        rho = min(rho, a, width)
    return Shape(tuple(e), tuple(ranks), tuple(collapsed), net.kind == "softmax", attends)


Layer = tuple[Rows, Rows, Rows]  # K, Q, V


def draw(shape: Shape, number: Callable[[], Any]) -> list[Layer]:
    def some(m: int, n: int) -> Rows:
        return [[number() for _ in range(n)] for _ in range(m)]

    d = shape.widths
    return [(some(a, d[i]), some(a, d[i]), some(d[i + 1], d[i])) for i, a in enumerate(shape.ranks)]


def columns_softmax(S: Rows) -> Rows:
    powers = [[x.exp() for x in column] for column in T(S)]
    return T([[x / sum(column) for x in column] for column in powers])


def gradient(shape: Shape, layers: Sequence[Layer], X: Rows, G: Rows) -> list[Any]:
    """The derivatives of sum(G * output) by all weights at the input X, by the chain rule."""
    trace, parts = [], []
    for K, Q, V in layers:
        U, W = mul(K, X), mul(Q, X)
        P = mul(T(U), W) if shape.attends else [[1]]
        P = columns_softmax(P) if shape.softmax and shape.attends else P
        Z = mul(X, P)
        trace.append((X, U, W, P, Z))
        X = mul(V, Z)
    for (K, Q, V), (X, U, W, P, Z) in zip(reversed(layers), reversed(trace), strict=True):
        dV, dZ = mul(G, T(Z)), mul(T(V), G)
        G = mul(dZ, T(P))
        if not shape.attends:
            parts.append(flat(dV))
            continue
        dS = mul(T(X), dZ)
        if shape.softmax:  # p = softmax(s) has dp_j = p_j (ds_j - sum_m p_m ds_m)
            mean = [dot(p, g) for p, g in zip(T(P), T(dS), strict=True)]
            shifted = add(dS, [mean] * len(dS), -1)
            dS = [
                [p * g for p, g in zip(*rows, strict=True)] for rows in zip(P, shifted, strict=True)
            ]
        dU, dW = mul(W, T(dS)), mul(U, dS)
        parts.append(flat([*mul(dU, T(X)), *mul(dW, T(X)), *dV]))
        G = add(G, add(mul(T(K), dU), mul(T(Q), dW)))
    return [x for part in reversed(parts) for x in part]


Moves = Iterator[dict[tuple[int, str], Rows]]  # tangent vectors: layer and name to matrix


def row_to(M: Rows, s: int, r: int, sign: int = 1) -> Rows:
    """E M with the unit matrix E = e_r e_s^T: row s of M at place r (of as many rows)."""
    return [[sign * x if i == r else 0 * x for x in M[s]] for i in range(len(M))]


def gauge(layers: Sequence[Layer], collapsed: Sequence[bool], scalings: bool) -> Moves:
    """Directions in which no network of this shape changes its function, for all weights.

    K -> h^-T K, Q -> h Q keep K^T Q.  V_i -> g V_i, (K, Q, V)_{i+1} -> (K, Q, V)_{i+1} g^-1 change
    the basis between two layers.  Lightning: (K, V) -> (c K, V/c).  A collapsed layer sees
    K^T Q + Q^T K, so K -> K + B Q and Q -> Q + B K (B skew) are directions as well.  These are
    identities in the weights, so the rank of the Jacobian at general weights is at most the number
    of parameters minus the rank of these directions, at any point, modulo any prime.
    """
    for i, (K, Q, V) in enumerate(layers):
        for r, s in product(range(len(K)), repeat=2):
            yield {(i, "K"): row_to(K, r, s, -1), (i, "Q"): row_to(Q, s, r)}
            if collapsed[i] and r < s:
                for name, M in (("K", Q), ("Q", K)):
                    yield {(i, name): add(row_to(M, s, r), row_to(M, r, s), -1)}
        if scalings:
            yield {(i, "K"): K, (i, "V"): scale(-1, V)}
        if i + 1 < len(layers):
            for r, s in product(range(len(V)), repeat=2):
                after = zip("KQV", layers[i + 1], strict=True)
                moved = {(i + 1, n): T(row_to(T(M), r, s, -1)) for n, M in after if M}
                yield {(i, "V"): row_to(V, s, r), **moved}


def span(moves: Moves, layers: Sequence[Layer], p: int) -> int:
    """The rank modulo p of tangent vectors at these weights."""
    rows = []
    for move in moves:
        row: list[int] = []
        for i, layer in enumerate(layers):
            for name, M in zip("KQV", layer, strict=True):
                part = move.get((i, name))
                row += [int(x) for r in part for x in r] if part else [0] * sum(map(len, M))
        rows.append(row)
        small(len(rows) * len(row), MAX_ENTRIES, "entries of gauge directions")
    return rank_mod(rows, p)


def ball_rank(rest: Rows) -> int:
    """Elimination with balls: every pivot certainly nonzero, so a minor of that size is nonzero."""
    rank = 0
    while rest and rest[0]:
        sizes = ((x.abs_lower(), r, c) for r, row in enumerate(rest) for c, x in enumerate(row))
        _, r, c = max(sizes)
        pivot = rest.pop(r)
        if not abs(pivot[c]) > 0:  # a ball that may contain zero
            break
        lines = [(row, row[c] / pivot[c]) for row in rest]
        rest = [[x - q * y for x, y in zip(row, pivot, strict=True)] for row, q in lines]
        rest = [row[:c] + row[c + 1 :] for row in rest]
        rank += 1
    return rank


@lru_cache(maxsize=32)
def bounds(net: Network) -> tuple[int, int]:
    """Lower and upper bound of the dimension of the function space, both proved.

    Below: the rank of the derivative of W -> outputs at several inputs, at one W (each row is the
    gradient of a random functional of one output); for lightning modulo a prime, for softmax of the
    true derivative in ball arithmetic, so that no independence of exponentials is needed.  (Inputs
    of a lightning network with fewer columns are inputs with zero columns.)  Above: parameters
    minus gauge directions.  What is too large: at least 0, and at most the number of (K, Q, V)
    minus the free action of GL(a).
    """
    shape, rng = effective(net), random.Random("check_certificate")
    n, balls = shape.parameters, shape.softmax and shape.attends
    lower, upper = 0, n - sum(a * a for a in shape.ranks)
    if n > 900:
        return lower, upper

    def residues() -> nmod:
        return nmod(rng.randrange(PRIME), PRIME)

    layers = draw(shape, residues)
    upper = min(upper, n - span(gauge(layers, shape.collapsed, not shape.softmax), layers, PRIME))

    def rows(number: Callable[[], Any], t: int) -> Iterator[list[Any]]:
        for _ in range(upper + 8):
            ends = (shape.widths[0], shape.widths[-1])
            X, G = ([[number() for _ in range(t)] for _ in range(m)] for m in ends)
            yield gradient(shape, layers, X, G)

    if not balls:
        lower = rank_mod(ints(list(rows(residues, min(net.tokens, 3)))), PRIME)
    for step in (8, 16, 32) if balls and n <= 100 and net.tokens <= 6 else ():
        if lower < upper:  # smaller weights and more digits where a rank is short
            with ctx.workprec(64 * step):
                number = partial(dyadic, rng, step)
                layers = draw(shape, number)
                lower = max(lower, ball_rank(list(rows(number, net.tokens))))
    return lower, upper


def dyadic(rng: random.Random, step: int) -> arb:
    return arb(fmpq(rng.randint(-12, 12), step))


# --- the frame of a check

#: A claim is checked or false, or rests on a lemma, or is in scope and remains open.
CHECKED, FALSE, LEMMA, OPEN = "checked", "FALSE", "lemma", "open"
Line = tuple[str, str, str]  # verdict, statement, why


def canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


class Case:
    """A result file of one kind; subclasses judge its claims, each by its own computation."""

    names: tuple[str, ...] = ()

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.problem, self.value, self.detail = (data[k] for k in ("problem", "value", "detail"))
        self.claims = [(c["name"], c["value"], c["evidence"]) for c in data["claims"]]

    @cached_property
    def net(self) -> Network:
        return Network.of(self.problem["network"])

    @cached_property
    def function(self) -> Terms:
        return asked_function(self.problem, self.net)

    def evidence(self, kind: str) -> list[Any]:
        return [e for _, _, items in self.claims for e in items if e["kind"] == kind]

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        raise NotImplementedError

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        """What the head of the file says besides the claims: (what, said, found)."""
        return iter(())

    def lines(self) -> Iterator[tuple[str, Line]]:
        for name, value, _ in self.claims:
            work = partial(self.judge, name, value) if name in self.names else unknown
            for line in guarded(f"the claim {name!r}", work):
                yield name, line
        for line in guarded("the head of the file", self.head):
            yield "", line

    def head(self) -> Iterator[Line]:
        said = {name for name, _, _ in self.claims}
        for name in self.required():
            if name not in said:
                yield OPEN, f"the claim {name!r}", "the file does not make it"
        for what, first, second in self.shown():
            if canonical(first) != canonical(second):
                text = f"{what} is {canonical(first)[:60]}"
                yield FALSE, text, f"from claims and problem follows {canonical(second)[:60]}"

    def required(self) -> Sequence[str]:
        return self.names

    def said(self, name: str) -> Any:
        return {n: value for n, value, _ in self.claims}[name]

    def common(self, detail: Any, claimed: Any) -> Iterator[tuple[str, Any, Any]]:
        """The parts that the detail and the value of a claim both have."""
        return ((key, detail[key], part) for key, part in claimed.items() if key in detail)


def unknown() -> Iterator[Line]:
    raise Malformed("no result of this kind makes this claim")


def guarded(what: str, work: Callable[[], Iterator[Line]]) -> list[Line]:
    """The lines of a check; one that breaks on strange data or grows too large decides nothing."""
    try:
        return list(work())
    except TooLarge as error:
        return [(OPEN, what, f"too large: {error}")]
    except (Malformed, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return [(OPEN, what, f"data not understood: {str(error)[:100]}")]
    except (AttributeError, RuntimeError, MemoryError) as error:
        return [(OPEN, what, f"data not understood: {type(error).__name__}")]


def decided(true: bool, false: bool, statement: str, why: str, lemma: str = "") -> Line:
    """A line from what was proved: the statement, its contrary, or neither."""
    if true or false:
        return (CHECKED if true else FALSE), statement, why
    return (LEMMA, statement, lemma) if lemma else (OPEN, statement, why)


# --- dimension.network


class Dimension(Case):
    names = ("lower", "upper", "dimension")

    def required(self) -> Sequence[str]:
        return ["dimension"] if self.value is not None else ["lower", "upper"]

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        need(type(value) is int, "the value is no integer")
        low, high = bounds(self.net)
        words = {"lower": "at least ", "upper": "at most ", "dimension": ""}[name]
        below, above = value <= low, value >= high
        true = {"lower": below, "upper": above, "dimension": below and above}[name]
        false = (name != "upper" and value > high) or (name != "lower" and value < low)
        what = f"the function space of {self.net} has dimension {words}{value}"
        yield decided(true, false, what, f"shown here: {low} <= dimension <= {high}")

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        claims, shape, detail = {n: v for n, v, _ in self.claims}, effective(self.net), self.detail
        yield "value", self.value, claims.get("dimension")
        for side in ("lower", "upper"):
            yield side, detail[side], claims.get(side, claims.get("dimension"))
        yield "parameters", detail["parameters"], self.net.parameters
        yield "effective_parameters", detail["effective_parameters"], shape.parameters
        yield "effective_widths", detail["effective_widths"], list(shape.widths)
        yield "effective_ranks", detail["effective_ranks"], list(shape.ranks)
        yield "collapsed", detail["collapsed"], list(shape.collapsed)


# --- fiber.one-layer


def fiber_bounds(net: Network, w: Weights, form: str) -> tuple[int, int]:
    """Lower and upper bound of the dimension of the fiber at these weights (in A, V or K, Q, V).

    Above: the Zariski tangent space, the kernel of the differential of (A, V) -> F.  For (A, V) it
    is taken on the tangent space of {rank A <= a} = {E A + A E'} where the rank is a < d, on all
    matrices elsewhere.  Below: the tangent space to the orbit of a group that keeps the fiber, or a
    part of it through w: the gauge group; adding skew A for one token and a >= d; where V = 0, all
    changes of A; where A = 0 (one token: its symmetric part S = 0), all changes of V, and
    K -> K g, Q -> Q g' (one token: g = g').
    """
    d, e, a, t = net.single_layer()
    p, image = w.over.residues()
    (K, Q), left = ((w.K[0], w.Q[0]) if w.K and w.Q else (w.A[0], [])), w.A[0]

    def mod(M: Rows) -> Rows:
        return [[nmod(image(x), p) for x in row] for row in M]

    A, V, S = mod(left), mod(w.V[0]), add(left, T(left)) if t == 1 else left
    k, q = mod(K), mod(Q)
    everywhere = [*units(d, d)]
    if form == "AV":
        k, q, full = A, [], a < d and rank_mod(ints(A), p) == a
        near = [mul(E, A) for E in everywhere] + [mul(A, E) for E in everywhere]
        dA, room = (near, a * (2 * d - a)) if full else (everywhere, d * d)
    else:
        need(w.K is not None, "K and Q are missing")
        dA, room = [mul(T(E), q) for E in units(len(k), d)], 2 * len(k) * d
        dA += [mul(T(k), E) for E in units(len(k), d)]
    pairs = [(M, V) for M in dA] + [(A, E) for E in units(e, d)]
    rows = [list(coefficients(*pair, t).values()) for pair in pairs]
    high = room + e * d - rank_mod(ints(rows), p)

    moves: list[dict[tuple[int, str], Rows]] = []
    if w.over.vanish(w.V[0]):
        if form == "QKV":
            moves = [{(0, n): E} for n in "KQ" for E in units(len(k), d)]
        else:
            moves = [{(0, "K"): E} for E in (everywhere if a >= d else near)]
    else:
        if w.over.vanish(S):
            moves += [{(0, "V"): E} for E in units(e, d)]
            E0 = scale(0, everywhere[0])
            for E in everywhere:
                if form == "AV":
                    moves.append({(0, "K"): add(mul(T(E), A), mul(A, E))})
                else:
                    for g, h in [(E, E)] if t == 1 else [(E, E0), (E0, E)]:
                        moves.append({(0, "K"): mul(k, g), (0, "Q"): mul(q, h)})
        if form == "AV" and t == 1 and a >= d:
            moves += [{(0, "K"): add(E, T(E), -1)} for E in everywhere]
        moves += [{(0, "K"): k, (0, "V"): scale(-1, V)}]
        moves += gauge([(k, q, V)], [t == 1], True) if q else []
    return span(iter(moves), [(k, q, V)], p), high


class Fiber(Case):
    names = ("members", "complete")

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        if name == "members":
            yield members_line(self.net, value, self.function)
            return
        detail, found = value["detail"], []
        form, parts = detail["params"], detail["components"]
        need(form in ("AV", "QKV") and all(type(c["dimension"]) is int for c in parts), "no fiber")
        for n, c in enumerate(parts, 1):
            size = c["dimension"]
            what = f"component {n} of the fiber has dimension {size}"
            if c["witness"] is None:
                yield LEMMA, what, "no witness is listed; lemma"
                continue
            w = Weights.of(c["witness"], self.net)
            if not has_function(w, self.function, self.net.tokens):
                yield FALSE, what, "its witness is not in the fiber"
                continue
            low, high = fiber_bounds(self.net, w, form)
            found.append(low)
            why = f"at its witness the fiber has dimension >= {low} and nullity <= {high}"
            sharp = low == high  # then w is a smooth point of the fiber, on one component only
            yield decided(
                sharp and size == low and c["reduced"] is not False,
                size > high or (sharp and (size != low or c["reduced"] is False)),
                what + (" and is reduced" if sharp else ""),
                why,
                f"lemma; {why}",
            )
        counts = [len(parts), sum(c["real_dimension"] is not None for c in parts)]
        same = [detail["complex_components"], detail["real_components"]] == counts
        same = same and value["dimension"] == max(c["dimension"] for c in parts)
        wrong = not same or value["dimension"] < max(found, default=0)
        what = f"these are all {len(parts)} components, of dimension at most {value['dimension']}"
        why = "the numbers contradict the list or its witnesses"
        yield decided(False, wrong, what, why, "component list: lemma")

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        complete = self.said("complete")
        yield "value", self.value, complete["dimension"]
        yield from self.common(self.detail, complete["detail"])
        listed = [c["witness"] for c in self.detail["components"] if c["witness"] is not None]
        yield "the list of witnesses", listed, self.said("members")


def members_line(net: Network, listed: Any, function: Terms) -> Line:
    need(isinstance(listed, list) and len(listed) <= 1000, "no list of weights")
    read = [Weights.of(w, net) for w in listed]
    bad = [n for n, w in enumerate(read, 1) if not has_function(w, function, net.tokens)]
    what = f"the {len(listed)} listed weights have the function, coefficient by coefficient"
    return decided(not bad, bool(bad), what, f"weights number {bad} do not" if bad else "expanded")


# --- what can be seen from the coefficients of one layer


def split(net: Network, F: Terms) -> tuple[list[Any], Rows, list[Any]] | None:
    """t >= 2: (h, s, q) with F = h s(x) (q.y), s symmetric, unless F is 0 or not of this form."""
    d, e, _, t = net.single_layer()
    top = next((key for key, c in F.items() if c != 0), None)
    if t == 1 or top is None:
        return None
    r0, i0, j0, k0 = top
    h = [F[r, i0, j0, k0] / F[top] for r in range(e)]
    q = [F[r0, i0, j0, k] for k in range(d)]
    half = [[fmpq(1, 1 if i == j else 2) for j in range(d)] for i in range(d)]
    s = [[half[i][j] * F[label(r0, i, j, k0, t)] / F[top] for j in range(d)] for i in range(d)]
    fits = all(c == h[r] * q[k] * s[i][j] * (1 if i == j else 2) for (r, i, j, k), c in F.items())
    return (h, s, q) if fits else None


def definite_plane(s: Rows) -> bool:
    """Whether s has rank 2 and is semidefinite: the sum of the principal 2-minors is positive."""
    n = len(s)
    trace = sum((s[i][i] * s[j][j] - s[i][j] ** 2 for i, j in combinations(range(n), 2)), fmpq(0))
    return rank_at_most(s, 2, QQ) and trace > 0


def factorised(net: Network, F: Terms) -> bool:
    """Whether linear algebra finds complex (A, V) with function F, so that F is in the closure.

    The rows of V solve F_r V_r' = F_r' V_r, the columns of A solve F_k A_k' = F_k' A_k (t >= 2);
    where that determines one up to scale, the other solves a linear system.  Also 0, and
    h s(x) (q.y) with s of rank at most 2, a product of linear forms over C.
    """
    d, e, a, t = net.single_layer()
    if all(c == 0 for c in F.values()):
        return True
    if (parts := split(net, F)) is not None and rank_at_most(parts[1], 2, QQ):
        return True
    keys, n = labels(d, e, t), range(d)

    def form(r: int, k: int) -> Terms:  # in x: F_rk for t >= 2, the cubic F_r for t = 1
        kept = {key: c for key, c in F.items() if key[0] == r and (t == 1 or key[3] == k)}
        return {tuple(key[1:3] if t > 1 else key[1:]): c for key, c in kept.items()}

    def syzygies(groups: list[list[Terms]], size: int) -> Rows:
        rows: dict[Any, list[Any]] = {}
        for g, forms in enumerate(groups):
            for x, y in combinations(range(size), 2):
                for f, unknown, sign in ((forms[x], y, 1), (forms[y], x, -1)):
                    for (monomial, c), i in product(f.items(), n):
                        key = (g, x, y, tuple(sorted((*monomial, i))))
                        row = rows.setdefault(key, [fmpq(0)] * (size * d))
                        row[unknown * d + i] += sign * c
        return kernel(list(rows.values()), size * d) if rows else []

    def images_of(images: list[Terms]) -> Rows:  # F as a combination, up to a factor
        basis = kernel(T([[c[key] for key in keys] for c in [*images, F]]), len(images) + 1)
        return [x for x in basis if x[-1] != 0]

    def table(x: list[Any]) -> Rows:
        return [x[i : i + d] for i in range(0, len(x), d)]

    places = n if t > 1 else range(1)
    rows = syzygies([[form(r, k) for r in range(e)] for k in places], e)
    columns = syzygies([[form(r, k) for k in n] for r in range(e)], d) if t > 1 else []
    if len(rows) == 1:
        V = table(rows[0])
        found = [table(x[:-1]) for x in images_of([coefficients(E, V, t) for E in units(d, d)])]
    else:
        found = [T(table(x)) for x in columns] if len(columns) == 1 else []
        found = [A for A in found if images_of([coefficients(A, E, t) for E in units(e, d)])]
    bound = min(a if t > 1 else 2 * a, d)
    return any(rank_at_most(A if t > 1 else add(A, T(A)), bound, QQ) for A in found)


def equation(family: str, data: Mapping[str, Any], F: Terms, net: Network) -> Any:
    """The value at F (numbers or polynomials) of an equation that such a family and data describe.

    Whether it is an equation at all is decided elsewhere, by substituting the general layer.
    """
    d, e, _, t = net.single_layer()
    n = range(d)

    def vector(name: str, size: int) -> list[int]:
        v: list[int] = data[name]
        need(isinstance(v, list) and len(v) == size and all(type(x) is int for x in v), name)
        return v

    def minor(M: Rows) -> Any:
        rows, columns = data["rows"], data["columns"]
        need(all(type(x) is int and x >= 0 for x in (*rows, *columns)), "no minor")
        need(len(rows) == len(columns), "no minor")
        return det([[M[i][j] for j in columns] for i in rows])

    def form(r: list[int], y: list[int]) -> Rows:  # of x -> r.F(x, y), symmetric
        def entry(i: int, j: int) -> Any:
            terms = (r[s] * y[k] * F[label(s, i, j, k, t)] for s in range(e) for k in n)
            return sum(terms, 0) * fmpq(1, 1 if i == j else 2)

        return [[entry(i, j) for j in n] for i in n]

    def on_line(M: Rows, p: list[int], w: list[int]) -> list[Any]:  # coefficients in s at p + s w
        return [dot(p, col(M, p)), 2 * dot(p, col(M, w)), dot(w, col(M, w))]

    def col(M: Rows, x: list[int]) -> list[Any]:
        return [dot(row, x) for row in M]

    def sylvester(f: list[Any], g: list[Any]) -> Rows:
        m = len(f) - 1
        return [[0] * k + h + [0] * (m - 1 - k) for h in (f, g) for k in range(m)]

    if family == "rank":  # the flattening with rows (r, ij) and columns k
        pairs = combinations_with_replacement(n, 2)
        return minor([[F[r, i, j, k] for k in n] for r, (i, j) in product(range(e), list(pairs))])
    if family == "outer product":  # the matrix F_rk(x) is (V x)(A^T x)^T
        x = vector("x", d)
        at = [(i, j, x[i] * x[j]) for i, j in combinations_with_replacement(n, 2)]
        return minor([[sum(c * F[r, i, j, k] for i, j, c in at) for k in n] for r in range(e)])
    if family == "form":
        return minor(form(vector("r", e), vector("y", d)))
    p, w = vector("p", d), vector("w", d)
    if family == "common quadratic factor":  # of the cubics r.F on a line
        cubics = []
        for name in ("r1", "r2"):
            total: list[Any] = [0] * 4
            for (s, *places), c in F.items():
                line = [1]
                for i in places:
                    shifted = zip([*line, 0], [0, *line], strict=True)
                    line = [p[i] * u + w[i] * v for u, v in shifted]
                total = [x + vector(name, e)[s] * c * u for x, u in zip(total, line, strict=True)]
            cubics.append(total)
        return minor(sylvester(*cubics))
    if family == "common value factor":
        forms = [form(vector("r", e), vector(y, d)) for y in ("y1", "y2")]
    else:
        need(family == "common key factor", f"{family[:40]!r} is no known family")
        forms = [form(vector(r, e), vector("y", d)) for r in ("r1", "r2")]
    return det(sylvester(*(on_line(M, p, w) for M in forms)))


# --- membership.one-layer


class Membership(Case):
    names = ("closure", "contains", "factorisations", "members")

    @cached_property
    def reached(self) -> tuple[bool, bool]:
        """Whether listed weights give the function: over C, and over R (the function is rational,
        so weights over a number field give it at every root of the modulus)."""
        read = [Weights.of(x, self.net) for x in self.said("members")]
        good = [w for w in read if has_function(w, self.function, self.net.tokens)]
        return bool(good), any(w.over.has_real_place() for w in good)

    @cached_property
    def outside(self) -> str:
        """An equation that vanishes on all layers and not at the function; empty: none is given."""
        for e in self.evidence("membership.violated"):
            found = equation(e["family"], e["data"], self.function, self.net)
            need(found == rational(e["value"]), "the equation has another value at the function")
            degree = len(e["data"].get("rows", [0] * 4))
            general = equation(e["family"], e["data"], generic_layer(self.net, degree), self.net)
            if found != 0 and general == 0:
                return f"an equation ({e['family']}) is {found} there and vanishes on substitution"
        return ""

    @cached_property
    def definite(self) -> bool:
        """F = h s(x) (q.y) with s definite on two variables, thus irreducible over R: in a product
        (V x)(x^T A y) with real A, V it would divide a product of real linear forms."""
        parts = split(self.net, self.function)
        return parts is not None and definite_plane(parts[1])

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        t = self.net.tokens
        if name == "members":
            yield members_line(self.net, value, self.function)
        elif name == "factorisations":
            yield LEMMA, "the number of factorisations", "unique factorisation: lemma"
        elif name == "closure":
            need(type(value) is bool, "the value is no truth value")
            inside = self.reached[0] or factorised(self.net, self.function)
            what = f"the function is {'' if value else 'not '}in the Zariski closure"
            why = "weights found" if inside else self.outside or "neither weights nor an equation"
            true, false = (inside, bool(self.outside)) if value else (bool(self.outside), inside)
            lemma = "" if self.evidence("membership.violated") else "factorisations: lemma"
            yield decided(true, false, what, why, lemma)
        else:
            need(type(value) is bool, "the value is no truth value")
            yes, no = self.reached[1], bool(self.outside) or self.definite
            what = f"{'some' if value else 'no'} real weights have this function"
            why = "real weights are listed" if yes else self.outside or "a definite form divides it"
            true, false = (yes, no) if value else (no, yes)
            yield decided(true, false, what, why, f"signatures: lemma (t = {t})")

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        yield "value", self.value, self.said("contains")
        yield "in_closure", self.detail["in_closure"], self.said("closure")
        yield "weights", self.detail["weights"], self.said("members")
        yield from self.common(self.detail, self.said("factorisations"))


# --- point.one-layer


class Point(Case):
    names = ("singular", "boundary", "reason", "germ")

    def required(self) -> Sequence[str]:
        return self.names[: 3 if self.value == "outside" else 4]

    @cached_property
    def in_closure(self) -> bool:
        return "weights" in self.problem or factorised(self.net, self.function)

    def arcs(self, data: Mapping[str, Any]) -> str:
        """Why the point is singular, or nothing.

        Every arc F(s, t) lies in the closure and starts at the same F(s, 0), with F(0, 0) the
        function.  Where F(s, 0) is a smooth point, the first coefficients in t lie in its tangent
        space.  They are independent at one s, so at general s, and more than the dimension: so
        general F(s, 0) are singular, and so is their limit.
        """
        d, e, a, t = self.net.single_layer()
        over, s0, leading, starts = Field.of(data["field"]), data["s"], [], []
        need(type(s0) is int and abs(s0) < 10**6 and over.p == 0, "no arcs over this field")
        small(len(data["arcs"]), 1000, "arcs")
        order = list(coefficients([[0] * d] * d, [[0] * d] * e, t))
        goal = {0: [over.embed(self.function[key]) for key in order]}
        for arc in data["arcs"]:
            m = len(arc["K"][0][1])
            small(m, 100, "rows of K")
            K, Q, V = (family(arc[n], over, (k, d)) for n, k in (("K", m), ("Q", m), ("V", e)))
            A = convolve(K, Q, lambda k, q: mul(T(k), q))
            # K^T Q has rank <= m; for one token only its symmetric part counts, and every complex
            # symmetric matrix of rank <= 2a is the symmetric part of a matrix of rank <= a.
            symmetric = all(over.vanish(add(M, T(M), -1)) for M in A.values())
            inside = a >= d if t > 1 else 2 * a >= d or (symmetric and m <= 2 * a)
            F = convolve(A, V, lambda A, V: [list(coefficients(A, V, t).values())])
            F = {key: v for key, v in F.items() if not over.vanish(v)}
            starts.append({i: v[0] for (i, j), v in F.items() if j == 0})
            if not (m <= a or inside) or not equal_families(starts[0], starts[-1], over):
                return ""
            first = min((j for _, j in F if j), default=0)
            if first:
                terms = [[x * s0**i for x in v[0]] for (i, j), v in F.items() if j == first]
                leading.append([sum(column, 0) for column in zip(*terms, strict=True)])
        at_zero = {i: v for i, v in starts[0].items() if i == 0}
        if not equal_families(at_zero, goal, over):
            return ""
        rank, (_, dimension) = low_rank(leading, over), bounds(self.net)
        return f"arcs span {rank}, the dimension is at most {dimension}" if rank > dimension else ""

    def differentials(self, data: Mapping[str, Any]) -> str:
        """Why the point is smooth, or nothing.

        The equations vanish on the image; the Zariski tangent space has dimension at most N minus
        the rank of their differentials, and at least that of the variety.
        """
        d, e, _, t = self.net.single_layer()
        keys, names = labels(d, e, t), names_of(d, e, t)
        equations = [polynomial(text, names) for text in data["equations"]]
        if equations:
            general = generic_layer(self.net, max(sum(m) for g in equations for m in g))
            if any(value_at(g, [general[key] for key in keys]) != 0 for g in equations):
                return ""
        at, N = [self.function[key] for key in keys], len(keys)
        slopes = [[fmpq(0) + value_at(derivative(g, i), at) for i in range(N)] for g in equations]
        rank = low_rank(slopes, QQ)
        low, _ = bounds(self.net)
        if rank < N - low or not (self.in_closure or rank == N - low == 0):
            return ""
        return f"differentials have rank {rank} = {N} - {low}, the dimension is at least {low}"

    @cached_property
    def proved(self) -> tuple[str, str]:
        """What is proved about the point, and why."""
        for e in self.evidence("point.arcs"):
            if why := self.arcs(e):
                return "singular", why
        for e in self.evidence("point.differentials"):
            if why := self.differentials(e):
                return "smooth", why
        return "", "what is listed proves nothing"

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        found, why = self.proved
        if name == "singular":
            need(value in ("smooth", "singular", "outside"), "the value is unknown")
            false = bool(found) and value != found
            false = false or (value == "outside" and self.in_closure)
            listed = self.evidence("point.arcs") + self.evidence("point.differentials")
            what = "is outside the closure" if value == "outside" else f"is a {value} point"
            lemma = "" if listed else "strata: lemma"
            yield decided(value == found, false, f"the function {what}", why, lemma)
        elif name == "germ":
            # One branch of multiplicity one is what a smooth point is (Nagata).
            one = canonical(value) == canonical({"branches": 1, "multiplicity": 1})
            what = f"branches {value['branches']}, multiplicity {value['multiplicity']}"
            false = found == "smooth" and not one
            false = false or (found == "singular" and value["multiplicity"] == 1)
            yield decided(found == "smooth" and one, false, what, f"the point is {found}", "lemma")
        elif name == "boundary":
            # h (c k^2 + s u^2)(q.y), c s > 0, are in the closure and have no real weights
            # (see `Membership.definite`), for every u independent of k; also near 0.
            d, _, _, t = self.net.single_layer()
            parts = split(self.net, self.function)
            none = all(c == 0 for c in self.function.values())
            square = parts is not None and rank_at_most(parts[1], 1, QQ)
            true = t > 1 and d > 1 and (square or none)
            what = f"it is {'a' if value is True else 'no'} boundary point"
            why = "definite forms tend to h k(x)^2 (q.y)"
            yield decided(value is True and true, value is False and true, what, why, "lemma")
        else:
            yield LEMMA, "the stratum and the reasons", "lemma"

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        yield "value", self.value, self.said("singular")
        yield "boundary", self.detail["boundary"], self.said("boundary")
        detail = {"branches": self.detail.get("branch_count")} | self.detail
        for name in self.required()[2:]:
            yield from self.common(detail, self.said(name))


def family(items: Any, over: Field, shape: tuple[int, int]) -> dict[tuple[int, int], Rows]:
    """A polynomial in s and t with matrix coefficients."""
    found = {(i, j): matrix(M, over, shape) for (i, j), M in items}
    exponents = [n for pair in found for n in pair]
    need(all(type(n) is int and 0 <= n < 100 for n in exponents), "exponents are unfit")
    need(len(found) == len(items), "an exponent is repeated")
    return found


def convolve(f: Mapping[Any, Rows], g: Mapping[Any, Rows], times: Any) -> dict[Any, Rows]:
    """The product of two polynomials in s and t."""
    out: dict[Any, Rows] = {}
    for (i, j), x in f.items():
        for (k, m), y in g.items():
            key, term = (i + k, j + m), times(x, y)
            out[key] = add(out[key], term) if key in out else term
    return out


def equal_families(f: Mapping[int, list[Any]], g: Mapping[int, list[Any]], over: Field) -> bool:
    none = [0 * x for x in next(iter((*f.values(), *g.values())), [])]
    return all(over.vanish(add([f.get(i, none)], [g.get(i, none)], -1)) for i in {*f, *g})


# --- equivalence.pair


class Equivalence(Case):
    names = ("same",)

    @cached_property
    def pair(self) -> tuple[Weights, Weights]:
        data = self.problem["weights"], self.problem["other"]
        fields = [canonical(w.get("field", "QQ")) for w in data]  # the root of a modulus included
        need(fields[0] == fields[1], "the fields differ")
        return Weights.of(data[0], self.net), Weights.of(data[1], self.net)

    def carried(self, data: Mapping[str, Any]) -> bool:
        """Whether the gauge element (c, g, h) carries the first weights to the second.

        A' = c g^-T A g^-1, V' = g_next V g^-1 / c, K' = h K g^-1, Q' = c h^-T Q g^-1, compared
        entry by entry without inverses; g is the identity at both ends.
        """
        (one, two), d, n = self.pair, self.net.widths, self.net.layers
        over = one.over
        need([len(data[k]) for k in ("scalings", "between", "heads")] == [n, n - 1, n], "sizes")
        ends = [unit_matrix(d[0]), unit_matrix(d[-1])]
        inner = zip(data["between"], d[1:-1], strict=True)
        g = [ends[0], *(matrix(M, over, (m, m)) for M, m in inner), ends[1]]
        h = [matrix(M, over, (a, a)) for M, a in zip(data["heads"], self.net.ranks, strict=True)]
        c = [over.read(x) for x in data["scalings"]]
        if any(low_rank(M, over) < len(M) for M in (*g[1:-1], *h, *([[x]] for x in c))):
            return False  # not shown to be invertible
        for i in range(n):
            pairs = [
                (mul(T(g[i]), mul(two.A[i], g[i])), scale(c[i], one.A[i])),
                (scale(c[i], mul(two.V[i], g[i])), mul(g[i + 1], one.V[i])),
            ]
            if one.K and one.Q and two.K and two.Q:
                pairs.append((mul(two.K[i], g[i]), mul(h[i], one.K[i])))
                pairs.append((mul(T(h[i]), mul(two.Q[i], g[i])), scale(c[i], one.Q[i])))
            if not all(over.vanish(add(x, y, -1)) for x, y in pairs):
                return False
        return True

    def same_virtual(self) -> bool:
        """Whether both have the same V_l .. V_1 and P^T A_i P, P = V_{i-1} .. V_1.

        The columns of a hidden state are P times combinations of the columns of X, so scores and
        outputs depend on these products only; with V_l .. V_1 = 0 the function is zero.
        """
        over, seen = self.pair[0].over, []
        for w in self.pair:
            P, B = unit_matrix(self.net.widths[0]), []
            for A, V in zip(w.A, w.V, strict=True):
                B += mul(T(P), mul(A, P))
                P = mul(V, P)
            seen.append((P, B))
        (P, B), (R, C) = seen
        alone = over.vanish(P) or (self.net.kind == "softmax" and self.net.tokens == 1)
        return over.vanish(add(P, R, -1)) and (alone or over.vanish(add(B, C, -1)))

    def outputs(self, X: Rows, image: Callable[[Any], Any], attend: Any) -> list[Rows]:
        """Both outputs, with entries of the weights sent somewhere by `image`."""
        found = []
        for w in self.pair:
            Y = X
            for A, V in zip(w.A, w.V, strict=True):
                a, v = ([[image(x) for x in row] for row in M] for M in (A, V))
                Y = mul(v, mul(Y, attend(mul(T(Y), mul(a, Y)))))
            found.append(Y)
        return found

    def equal(self) -> str:
        """Why the functions agree, or nothing."""
        net, (one, two) = self.net, self.pair
        if self.same_virtual():
            return "they have the same virtual weights"
        if net.kind == "softmax":
            return ""
        listed = self.evidence("equivalence.carries")
        if any(e["swap"] is False and self.carried(e["data"]) for e in listed):
            return "the gauge element carries one to the other, entry by entry"
        if any(e["swap"] is False for e in listed):
            return ""
        if net.layers == 1:
            F, G = (list(coefficients(w.A[0], w.V[0], net.tokens).values()) for w in (one, two))
            return "all coefficients agree" if one.over.vanish(add([F], [G], -1)) else ""
        d, t = net.widths[0], net.tokens
        if net.layers > 2 or d * t > 8 or one.over != QQ:
            return ""
        gens = fmpq_mpoly_ctx.get([f"x{i}" for i in range(d * t)], "degrevlex").gens()
        X = [list(gens[i * t : i * t + t]) for i in range(d)]
        F, G = self.outputs(X, lambda x: x, lambda S: S)
        return "their outputs agree as polynomials" if F == G else ""

    def differ(self, X: list[list[int]]) -> bool:
        """Whether the outputs at an integer input differ: residues, or balls for softmax."""
        small(self.net.layers, 40, "layers of an evaluation")
        if self.net.kind == "lightning":
            p, image = self.pair[0].over.residues()
            at: Rows = [[nmod(x % p, p) for x in row] for row in X]
            one, two = self.outputs(at, lambda x: nmod(image(x), p), lambda S: S)
            return one != two
        with ctx.workprec(256):
            at = [[arb(x) for x in row] for row in X]
            one, two = self.outputs(at, arb, columns_softmax)
            return not all(x.overlaps(y) for x, y in zip(flat(one), flat(two), strict=True))

    def inputs(self) -> Iterator[tuple[str, list[list[int]]]]:
        d, t, rng = self.net.widths[0], self.net.tokens, random.Random("check_certificate")
        small(d * t, 200, "entries of an input")
        for kind in ("differs", "balls-differ"):
            for e in self.evidence(f"equivalence.{kind}"):
                X = matrix(e["X"], QQ, (d, t))
                need(all(x.q == 1 for x in flat(X)), "the input is not integral")
                yield "given", [[int(x.p) for x in row] for row in X]
        for _ in range(8):
            yield "found here", [[rng.randint(-3, 3) for _ in range(t)] for _ in range(d)]

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        need(type(value) is bool, "the value is no truth value")
        where = next((where for where, X in self.inputs() if self.differ(X)), "")
        why = f"their outputs differ at an input {where}" if where else ""
        equal = "" if why else self.equal()
        true, false = (equal, why) if value else (why, equal)
        what = f"both weight tuples have {'the same function' if value else 'different functions'}"
        yield decided(bool(true), bool(false), what, why or equal or "what is given proves nothing")

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        yield "value", self.value, self.said("same")


# --- implicit.ideal


class Ideal(Case):
    names = ("vanish", "all", "minimal", "complete")

    def required(self) -> Sequence[str]:
        return ("vanish", "complete") if self.detail["max_degree"] is None else self.names[:3]

    @cached_property
    def over(self) -> Field:
        return Field.of(self.problem["parametrization"]["ring"]["field"])

    @cached_property
    def coordinates(self) -> list[str]:
        names: list[str] = self.problem["parametrization"]["coordinates"]
        need(isinstance(names, list) and 1 <= len(set(names)) == len(names) <= 200, "coordinates")
        return names

    @cached_property
    def parameters(self) -> list[str]:
        names: list[str] = self.problem["parametrization"]["ring"]["names"]
        need(isinstance(names, list) and 1 <= len(set(names)) == len(names) <= 200, "parameters")
        return names

    @cached_property
    def map(self) -> list[Terms]:
        """The coordinates as polynomials in the parameters."""
        texts = self.problem["parametrization"]["polynomials"]
        need(self.over.modulus is None and len(texts) == len(self.coordinates), "coordinates")
        return [polynomial(text, self.parameters, self.over) for text in texts]

    def read(self, texts: Any) -> list[Terms]:
        """Polynomials in the coordinates."""
        small(len(texts), 2000, "polynomials")
        return [polynomial(text, self.coordinates, self.over) for text in texts]

    def gens(self, n: int) -> Any:
        """The variables of a polynomial ring in n variables over the field."""
        names, p = [f"u{i}" for i in range(n)], self.over.p
        if p:
            return nmod_mpoly_ctx.get(names, modulus=p, ordering="degrevlex").gens()
        return fmpq_mpoly_ctx.get(names, "degrevlex").gens()

    def vanishing(self, polys: list[Terms]) -> list[int]:
        """The numbers of the polynomials that are zero or do not vanish on the image."""
        n, inner = len(self.parameters), max((sum(m) for f in self.map for m in f), default=0)
        outer = max((sum(m) for g in polys for m in g), default=0)
        small(comb(n + inner * outer, n), 5_000_000, "terms of a substitution")
        image = [value_at(f, self.gens(n)) for f in self.map]
        return [i for i, g in enumerate(polys, 1) if not g or value_at(g, image) != 0]

    def graded(self, degrees: Any) -> bool:
        """Whether parameters have weights that make coordinate j homogeneous of degree deg j."""
        need(len(degrees) == len(self.map), "degrees")
        need(all(type(e) is int and 0 < e <= 100 for e in degrees), "degrees")
        pairs = zip(self.map, degrees, strict=True)
        rows = [[*map(fmpq, m), fmpq(-e)] for f, e in pairs for m in f]
        return any(v[-1] != 0 for v in kernel(rows, len(self.parameters) + 1))

    def monomials(self, degrees: Sequence[int], degree: int) -> list[tuple[int, ...]]:
        out: list[tuple[int, ...]] = [()]
        for e in degrees:
            room = [(m, (degree - dot(m, degrees[: len(m)])) // e) for m in out]
            out = [(*m, n) for m, most in room for n in range(most + 1)]
            small(len(out), 20_000, "monomials")
        return [m for m in out if dot(m, degrees) == degree]

    def multiples(self, polys: list[Terms], degrees: Any, degree: int, *, proper: bool) -> Rows:
        """The monomial multiples of polynomials in one degree, as rows of coefficients."""
        place = {m: i for i, m in enumerate(self.monomials(degrees, degree))}
        rows: Rows = []
        for g in polys:
            low = dot(next(iter(g)), degrees)
            need(all(dot(m, degrees) == low for m in g), "an equation is not homogeneous")
            if low > degree or (low == degree and proper):
                continue
            for shift in self.monomials(degrees, degree - low):
                small((len(rows) + 1) * len(place), MAX_ENTRIES, "entries of multiples")
                row = [self.over.embed(fmpq(0))] * len(place)
                for m, c in g.items():
                    row[place[tuple(map(sum, zip(m, shift, strict=True)))]] = c
                rows.append(row)
        return rows

    def most(self, degrees: Sequence[int], degree: int) -> int:
        """At most so many independent equations: monomials minus the rank of their values modulo a
        prime at points of the image."""
        monomials, (p, image) = self.monomials(degrees, degree), self.over.residues()
        small(len(monomials), 1500, "monomials to evaluate")
        rng, rows = random.Random("check_certificate"), []
        maps = [{m: nmod(image(c), p) for m, c in f.items()} for f in self.map]
        for _ in range(len(monomials) + 8):
            u = [nmod(rng.randrange(p), p) for _ in self.parameters]
            y = [value_at(f, u) + nmod(0, p) for f in maps]
            y += [nmod(1, p)] * (len(degrees) - len(y))  # the variable that homogenises
            rows.append([int(value_at({m: nmod(1, p)}, y)) for m in monomials])
        return len(monomials) - rank_mod(rows, p)

    def judge(self, name: str, value: Any) -> Iterator[Line]:
        polys = self.read(value if name == "vanish" else value["generators"])
        bad = self.vanishing(polys)
        why = f"number {bad} is zero or does not vanish on the image" if bad else "substituted"
        if name == "vanish":
            what = f"each of the {len(polys)} polynomials is not zero and vanishes on the image"
            yield decided(not bad, bool(bad), what, why)
        elif bad:
            yield FALSE, f"the claim {name!r} about {len(polys)} equations", why
        elif name == "complete":
            yield self.complete(polys)
        else:
            yield self.count(name, polys, value)

    def count(self, name: str, polys: list[Terms], value: Mapping[str, Any]) -> Line:
        """Degree by degree; of a map that is not homogeneous all equations up to each degree."""
        degrees = value["degrees"]
        if not self.graded(degrees):  # one more variable of degree 1 fills up every term
            tops = [max(dot(m, degrees) for m in g) for g in polys]
            polys = [
                {(*m, top - dot(m, degrees)): c for m, c in g.items()}
                for g, top in zip(polys, tops, strict=True)
            ]
            degrees = [*degrees, 1]
        if name == "all":
            return self.all_equations(polys, degrees, value)
        wrong = self.superfluous(polys, degrees)
        what = f"none of the {len(polys)} equations follows from the others"
        why = f"ranks too small in degrees {wrong}" if wrong else "exact ranks"
        return decided(not wrong, bool(wrong), what, why)

    def all_equations(
        self, polys: list[Terms], degrees: Sequence[int], value: Mapping[str, Any]
    ) -> Line:
        """In each degree, as many independent multiples as there can be equations."""
        top, table = value["max_degree"], list[list[int]]()
        need(type(top) is int and 1 <= top <= 100, "the degree is unfit")
        what = f"all equations of degree <= {top} follow; their numbers are {value['dimensions']}"
        for degree in range(1, top + 1):
            known = self.multiples(polys, degrees, degree, proper=False)
            rank, most = low_rank(known, self.over), self.most(degrees, degree)
            if rank != most:
                return OPEN, what, f"in degree {degree}, {rank} of at most {most} equations follow"
            table.append([degree, most])
        large = any(dot(m, degrees) > top for g in polys for m in g)
        same = canonical(table) == canonical(value["dimensions"])
        why = "a generator has a larger degree" if large else f"ranks from both sides: {table}"
        return decided(same and not large, not same, what, why)

    def superfluous(self, polys: list[Terms], degrees: Any) -> list[int]:
        """The degrees in which a generator is a combination of multiples of the others."""
        own = [dot(next(iter(g)), degrees) for g in polys]
        wrong = []
        for degree in sorted(set(own)):
            every, rest = (
                self.exact(self.multiples(polys, degrees, degree, proper=proper))
                for proper in (False, True)
            )
            if every - rest != own.count(degree):
                wrong.append(degree)
        return wrong

    def exact(self, rows: Rows) -> int:
        if not rows:
            return 0
        m, n = len(rows), len(rows[0])
        small(m * n, 400_000, "entries of an exact rank")
        if self.over.p:
            return low_rank(rows, self.over)
        return int(fmpq_mat(m, n, flat(rows)).numer_denom()[0].rank())

    def complete(self, polys: list[Terms]) -> Line:
        """No equation, or one irreducible equation g, of an image of full dimension: (g) is prime,
        of the dimension of the (prime) ideal of the image, in which it lies."""
        what = f"the {len(polys)} polynomials generate the ideal of the image"
        n, N, (p, image) = len(self.parameters), len(self.coordinates), self.over.residues()
        rng = random.Random("check_certificate")
        u = [nmod(rng.randrange(p), p) for _ in range(n)]
        maps = [{m: nmod(image(c), p) for m, c in f.items()} for f in self.map]
        rank = rank_mod([[int(value_at(derivative(f, i), u)) for i in range(n)] for f in maps], p)
        factors = [f for g in polys for f in value_at(g, self.gens(N)).factor()[1]]
        prime = len(polys) <= 1 and [e for _, e in factors] == [1] * len(polys)
        why = f"irreducible, and the image has dimension at least {rank} = {N} - {len(polys)}"
        true = prime and rank >= N - len(polys)
        return decided(true, False, what, why, "needs a Groebner basis")

    def shown(self) -> Iterator[tuple[str, Any, Any]]:
        detail = self.detail
        degrees = detail["degrees"] or [1] * len(self.coordinates)
        sizes = [max(dot(m, degrees) for m in g) for g in self.read(detail["generators"])]
        yield "value", self.value, [[e, sizes.count(e)] for e in sorted(set(sizes))]
        yield "the list of generators", detail["generators"], self.said("vanish")
        for name in self.required()[1:]:
            yield from self.common(detail, self.said(name))


# --- reading files and printing

KINDS: dict[str, type[Case]] = {
    "dimension.network": Dimension,
    "fiber.one-layer": Fiber,
    "equivalence.pair": Equivalence,
    "membership.one-layer": Membership,
    "point.one-layer": Point,
    "implicit.ideal": Ideal,
}


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len({key for key, _ in pairs}) == len(pairs), "an object has a key twice")
    return dict(pairs)


def refuse(text: str) -> Any:
    raise Malformed(f"{text[:40]!r} is no number of the format")


def read(path: str) -> dict[str, Any]:
    """The JSON of a result, its frame checked."""
    file = Path(path)
    need(file.is_file() and file.stat().st_size <= MAX_FILE, "it is no file of fit size")
    try:
        data: dict[str, Any] = json.loads(
            file.read_text("utf-8"), object_pairs_hook=unique, parse_constant=refuse
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"it is no JSON: {str(error)[:100]}") from None
    need(isinstance(data, dict) and data.get("schema") in list(SCHEMAS), "no result of algattn")
    need(isinstance(data.get("kind"), str) and "value" in data, "it has no kind or no value")
    need(all(isinstance(data.get(k), dict) for k in ("problem", "detail")), "a part is missing")
    claims = data.get("claims", [])
    need(isinstance(claims, list) and all(isinstance(c, dict) for c in claims), "no list of claims")
    for c in claims:
        need("value" in c and isinstance(c.get("name"), str), "a claim is unfit")
        need(isinstance(c.get("evidence"), list), "evidence is no list")
        kinds = [e.get("kind") if isinstance(e, dict) else None for e in c["evidence"]]
        need(all(isinstance(kind, str) for kind in kinds), "a piece of evidence is unfit")
    names = [c["name"] for c in claims]
    need(len(set(names)) == len(names), "a claim is made twice")
    return data


def check(path: str) -> tuple[int, str, list[tuple[str, Line]]]:
    """Exit code, kind, and the lines of one file: (name of the claim, line)."""
    data = read(path)
    kind = data["kind"]
    if kind not in KINDS:
        out = (LEMMA, f"a claim of {kind[:60]}", "this kind of result is not in scope")
        return 3, kind, [(c["name"], out) for c in data["claims"]]
    lines = list(KINDS[kind](data).lines())
    verdicts = {verdict for _, (verdict, _, _) in lines}
    return (
        next((c for c, v in ((1, FALSE), (4, OPEN), (0, CHECKED)) if v in verdicts), 3),
        kind,
        lines,
    )


def main(arguments: Sequence[str]) -> int:
    paths, machine = [a for a in arguments if a != "--json"], "--json" in arguments
    if not paths or any(a.startswith("-") for a in paths):
        print(__doc__)
        return 2
    codes, counts = [], {"checked": 0, "not checked here": 0, "FALSE": 0}
    for path in paths:
        try:
            code, kind, lines = check(path)
        except (Malformed, OSError) as error:
            code, kind, lines = 2, "", []
            print(f"{path}: cannot be read: {error}", file=sys.stderr)
        codes.append(code)
        for claim, (verdict, statement, why) in lines:
            word = verdict if verdict in counts else "not checked here"
            counts[word] += 1
            if machine:
                line: dict[str, Any] = {"file": path, "kind": kind, "claim": claim, "verdict": word}
                line |= {"in_scope": verdict != LEMMA, "statement": statement, "why": why}
                print(json.dumps(line))
            else:
                print(f"{path}: {word} ({why}): {statement}")
    print(json.dumps(counts) if machine else ", ".join(f"{n} {k}" for k, n in counts.items()))
    return next((code for code in (1, 2, 4, 0) if code in codes), 3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
