"""Random cases of the tropical, bias and paths rooms against independent code.

    PYTHONPATH=. python tests/campaigns/neighbours.py --cases 200 --seed 1

Each question is answered twice: by algattn, and by a few plain lines here (enumeration over
Fractions, HiGHS, qhull, the Parma Polyhedra Library, numpy).  A checker raises AssertionError when
the two differ.  The table tells how many cases of each question and stratum agreed.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, product
from math import log, prod
from typing import Any

import numpy as np

from algattn.bias import AttentionSVM, local_selections
from algattn.paths import PathNetwork
from algattn.paths.one_head import one_head_points
from algattn.tropical import MultiHead, NewtonPolytope, TropicalAttention

Point = tuple[Fraction, ...]
Row = tuple[Fraction, ...]

# --- linear programs --------------------------------------------------------------------------


def is_solvable(rows: list[Row], n: int) -> bool:
    """Whether ``a . q + c > 0`` for all rows (a, c) at once: exactly by PPL, else by HiGHS."""
    try:
        from ppl import Constraint_System, Linear_Expression, NNC_Polyhedron
    except ImportError:
        from scipy.optimize import linprog

        A = [[*(-float(x) for x in row[:-1]), 1.0] for row in rows] or [[0.0] * n + [1.0]]
        b = [float(row[-1]) for row in rows] or [1.0]
        box = [(None, None)] * n + [(None, 1.0)]
        found = linprog([0.0] * n + [-1.0], A_ub=A, b_ub=b, bounds=box)
        return bool(found.status == 0 and -found.fun > 1e-9)
    system = Constraint_System()
    for row in rows:
        scale = prod(x.denominator for x in row)
        *a, c = (int(x * scale) for x in row)
        system.insert(Linear_Expression(a, c) > 0)
    body = NNC_Polyhedron(n, "universe")
    body.add_constraints(system)
    return not body.is_empty()


def score_rows(head: TropicalAttention) -> list[Row]:
    """The scores as rows (key, bias)."""
    return [
        tuple(Fraction(int(x.p), int(x.q)) for x in (*k, b))
        for k, b in zip(head.keys, head.biases, strict=True)
    ]


def beats(rows: list[Row], j: int) -> list[Row]:
    """Where row j is larger than all rows that differ from it."""
    return [
        tuple(x - y for x, y in zip(rows[j], other, strict=True))
        for other in rows
        if other != rows[j]
    ]


def joint_cells(heads: list[TropicalAttention]) -> set[tuple[int, ...]]:
    """All tuples of first keys that win together on an open set, by trying all of them."""
    tables = [score_rows(head) for head in heads]
    firsts = [[j for j, row in enumerate(t) if t.index(row) == j] for t in tables]
    n = heads[0].dimension
    return {
        choice
        for choice in product(*firsts)
        if is_solvable([r for t, j in zip(tables, choice, strict=True) for r in beats(t, j)], n)
    }


# --- tropical ---------------------------------------------------------------------------------

HEADS = ("generic", "zero biases", "duplicates", "collinear", "one key", "grid")


def random_head(rng: random.Random, stratum: str, d: int) -> TropicalAttention:
    """A head with small rational keys in the stratum."""
    n = 1 if stratum == "one key" else rng.randint(2, 6)
    size = 1 if stratum == "grid" else 5

    def number() -> Fraction:
        return Fraction(rng.randint(-size, size), 1 if stratum == "grid" else rng.choice((1, 1, 2)))

    keys = [[number() for _ in range(d)] for _ in range(n)]
    biases = [Fraction(0) if stratum == "zero biases" else number() for _ in range(n)]
    if stratum == "duplicates":
        for _ in range(2):
            i, j = rng.randrange(n), rng.randrange(n)
            keys[i] = keys[j]
            if rng.random() < 0.6:
                biases[i] = biases[j]
    if stratum == "collinear":
        base, way = keys[0], [number() for _ in range(d)]
        keys = [[b + t * w for b, w in zip(base, way, strict=True)] for t in range(n)]
    values = [[rng.randint(0, 2)] for _ in range(n)]
    return TropicalAttention(keys=keys, values=values, biases=biases)


def check_head(rng: random.Random, stratum: str, d: int) -> None:
    """Values, winners, cells, diagram of one head."""
    head = random_head(rng, stratum, d)
    rows = score_rows(head)
    for _ in range(5):
        q = [Fraction(rng.randint(-9, 9), rng.randint(1, 4)) for _ in range(d)]
        scores = [sum(x * y for x, y in zip(row, (*q, Fraction(1)), strict=True)) for row in rows]
        best = {j for j, s in enumerate(scores) if s == max(scores)}
        values = [Fraction(int(v[0].p), int(v[0].q)) for v in head.require_values()]
        assert head.argmax(q) == best
        assert head.limit(q).value == (sum(values[j] for j in best) / len(best),)
        different = sorted(dict(zip(rows, scores, strict=True)).values())
        assert head.gap(q) == (different[-1] - different[-2] if different[1:] else None)
        assert head.polynomial()(q) == max(scores)
    wanted = {choice[0] for choice in joint_cells([head])}
    cells = head.cells()
    assert {c.index for c in cells} == wanted
    backend = rng.choice(("ppl", "embedded")) if _has_ppl() else "embedded"
    diagram = head.diagram(backend=backend)
    assert {c.index for c in diagram.cells} == wanted
    for cell in (*cells, *diagram.cells):
        own = beats(rows, cell.index)
        point = (*cell.interior_point, Fraction(1))
        assert all(sum(x * y for x, y in zip(row, point, strict=True)) > 0 for row in own)
    for vertex, winners in zip(diagram.vertices, diagram.winners, strict=True):
        assert head.argmax(vertex) == winners
    walls = {tuple(sorted(w.cells)) for w in diagram.walls}
    rows = [row if rows.index(row) in wanted else rows[min(wanted)] for row in rows]
    assert walls == {pair for pair in combinations(sorted(wanted), 2) if _share_a_wall(rows, pair)}


def _has_ppl() -> bool:
    try:
        import ppl  # noqa: F401
    except ImportError:
        return False
    return True


def _share_a_wall(rows: list[Row], pair: tuple[int, int]) -> bool:
    """Whether two scores are equal and larger than all others somewhere: solved on the wall."""
    i, j = pair
    normal = [x - y for x, y in zip(rows[i], rows[j], strict=True)]
    place = next((k for k, x in enumerate(normal[:-1]) if x), None)
    if place is None:
        return False
    left = []
    for other in rows:
        if other in (rows[i], rows[j]):
            continue
        row = [x - y for x, y in zip(rows[i], other, strict=True)]
        row = [x - row[place] / normal[place] * y for x, y in zip(row, normal, strict=True)]
        left.append(tuple(x for k, x in enumerate(row) if k != place))
    return is_solvable(left, len(normal) - 2)


def check_heads(rng: random.Random, stratum: str, d: int) -> None:
    """Joint cells and numbers of regions of two or three heads against all tuples of keys."""
    heads = [random_head(rng, stratum, d) for _ in range(rng.randint(2, 3))]
    heads = [
        TropicalAttention(keys=h.keys[:4], values=h.require_values()[:4], biases=h.biases[:4])
        for h in heads
    ]
    system, wanted = MultiHead(heads), joint_cells(heads)
    for method in ("search", "minkowski"):
        assert {c.index for c in system.cells(method=method)} == wanted
    result = system.regions()
    assert result.value == len(wanted)
    outputs = {
        choice: system.limit(c.interior_point) for c in system.cells() for choice in [c.index]
    }
    assert result.distinct_maps == len(set(outputs.values()))
    assert result.verify()
    # scores without a cell may be equal to the others on a whole wall
    tables = []
    for h in heads:
        rows, own = score_rows(h), {choice[0] for choice in joint_cells([h])}
        tables.append([row if rows.index(row) in own else rows[min(own)] for row in rows])

    def meet(one: tuple[int, ...], two: tuple[int, ...]) -> bool:
        """Whether two cells share a wall: an open part of one hyperplane is in both."""
        rows = [
            tuple(a - b for a, b in zip(t[i], t[j], strict=True))
            for t, i, j in zip(tables, one, two, strict=True)
            if t[i] != t[j]
        ]
        place = next((k for k, x in enumerate(rows[0][:-1]) if x), None)
        if place is None:
            return False
        first = rows[0]
        for row in rows[1:]:  # all on the same hyperplane, and on the same side
            scale = row[place] / first[place]
            if scale <= 0 or any(x != scale * y for x, y in zip(row, first, strict=True)):
                return False
        left = []
        for t, i, j in zip(tables, one, two, strict=True):
            for other in t:
                if other in (t[i], t[j]):
                    continue
                row = [x - y for x, y in zip(t[i], other, strict=True)]
                row = [x - row[place] / first[place] * y for x, y in zip(row, first, strict=True)]
                left.append(tuple(x for k, x in enumerate(row) if k != place))
        return is_solvable(left, len(first) - 2)

    groups = {c: c for c in outputs}

    def root(c: tuple[int, ...]) -> tuple[int, ...]:
        while groups[c] != c:
            c = groups[c]
        return c

    for one, two in combinations(outputs, 2):
        if outputs[one] == outputs[two] and meet(one, two):
            groups[root(one)] = root(two)
    assert result.linear_regions == len({root(c) for c in groups})


POINTS = ("generic", "duplicates", "flat", "one point", "lattice")


def check_newton(rng: random.Random, stratum: str, d: int) -> None:
    """Vertices by linear programs, facets and volume by qhull, one spelling for all backends."""
    size = {"lattice": 1}.get(stratum, 6)
    count = 1 if stratum == "one point" else rng.randint(2, 8)
    points = [tuple(Fraction(rng.randint(-size, size)) for _ in range(d)) for _ in range(count)]
    if stratum == "duplicates":
        points += rng.sample(points, min(2, count))
    if stratum == "flat":
        a, b = rng.randint(-2, 2), rng.randint(-2, 2)
        points = [(*p[:-1], a * p[0] + b) if d > 1 else (Fraction(b),) for p in points]
    polytopes = [
        NewtonPolytope(d, tuple(points), name)
        for name in (("embedded", "ppl") if _has_ppl() else ("embedded",))
    ]
    first = polytopes[0]
    for other in polytopes[1:]:
        assert other.equations == first.equations
        assert set(other.inequalities) == set(first.inequalities)
    distinct = list(dict.fromkeys(points))
    wanted = []
    for p in distinct:  # p is a vertex iff some direction is larger at p than at all others
        rows = [(*(x - y for x, y in zip(p, q, strict=True)), Fraction(0)) for q in distinct]
        if is_solvable([r for r in rows if any(r)], d):
            wanted.append(p)
    for one in polytopes:
        assert list(one.vertices) == wanted
    table = np.array(
        [[float(x - y) for x, y in zip(p, distinct[0], strict=True)] for p in distinct]
    )
    rank = int(np.linalg.matrix_rank(table)) if len(distinct) > 1 else 0
    assert first.dimension == rank
    for row in (*first.inequalities, *first.equations):
        levels = [sum(x * y for x, y in zip(row, (*p, 1), strict=True)) for p in points]
        assert min(levels) == 0
        if row in first.equations:
            assert max(levels) == 0
    if rank == d >= 2:
        from scipy.spatial import ConvexHull

        hull = ConvexHull(np.array([[float(x) for x in p] for p in distinct]))
        facets = {tuple(np.round(e, 8) + 0.0) for e in hull.equations}
        assert len(first.inequalities) == len(facets)
        assert abs(float(first.volume()) - hull.volume) < 1e-8 * max(1, hull.volume)
    inside = [sum(c) / len(c) for c in zip(*rng.choices(points, k=3), strict=True)]
    assert first.contains(inside)
    corner = [2 * x - y for x, y in zip(wanted[0], inside, strict=True)]
    assert first.contains(corner) == (tuple(inside) == wanted[0])


# --- bias -------------------------------------------------------------------------------------

TOKENS = ("generic", "duplicates", "identical", "collinear", "zero query", "single tokens")


def random_tokens(rng: random.Random, stratum: str, d: int) -> dict[str, Any]:
    """Sequences, labels, decoder and queries in the stratum, and a selection."""
    n = rng.randint(1, 3)
    lengths = [1 if stratum == "single tokens" and rng.random() < 0.7 else rng.randint(2, 3)] * n

    def vector() -> list[Fraction]:
        return [Fraction(rng.randint(-4, 4), rng.choice((1, 1, 2))) for _ in range(d)]

    sequences = []
    for length in lengths:
        tokens = [vector() for _ in range(length)]
        if stratum == "duplicates":
            tokens[rng.randrange(length)] = tokens[rng.randrange(length)]
        if stratum == "identical":
            tokens = [tokens[0]] * length
        if stratum == "collinear":
            tokens = [[x * t for x in tokens[0]] for t in range(length)]
        sequences.append(tokens)
    queries = [vector() for _ in range(n)]
    if stratum == "zero query":
        queries[rng.randrange(n)] = [Fraction(0)] * d
    return {
        "sequences": sequences,
        "labels": [rng.choice((-1, 1)) for _ in range(n)],
        "decoder": vector(),
        "query": queries,
        "selection": [rng.randrange(length) for length in lengths],
    }


def features_of(data: dict[str, Any], selection: Any) -> list[list[Fraction]]:
    """The matrices ``(x_o - x_t) z^T``, written out as vectors of d^2 numbers."""
    out = []
    for tokens, z, o in zip(data["sequences"], data["query"], selection, strict=True):
        for t, x in enumerate(tokens):
            if t != o:
                out.append([(a - b) * c for a, b in zip(tokens[o], x, strict=True) for c in z])
    return out


def least_norm(features: list[list[Fraction]]) -> float:
    """The squared norm of the point of least norm in the convex hull, by scipy's NNLS."""
    from scipy.optimize import nnls

    D = np.array([[float(x) for x in f] for f in features])
    top = max(1.0, float(np.abs(D).max()))
    E = np.vstack([D.T / top, np.ones((1, len(D)))])
    w = nnls(E, np.r_[np.zeros(D.shape[1]), 1.0])[0]
    return float(np.square(D.T @ (w / w.sum())).sum())


def check_margin(rng: random.Random, stratum: str, d: int) -> None:
    """Feasibility by a linear program, optimality by the conditions of Karush, Kuhn and Tucker."""
    data = random_tokens(rng, stratum, d)
    found = AttentionSVM(**data).solve()
    features = features_of(data, data["selection"])
    assert found.verify()
    assert found.feasible == is_solvable([(*f, Fraction(0)) for f in features], d * d)
    multipliers = found.multipliers
    assert len(multipliers) == len(features)
    assert all(x >= 0 for x in multipliers)
    mixed = [
        sum((m * f[k] for m, f in zip(multipliers, features, strict=True)), Fraction(0))
        for k in range(d * d)
    ]
    if not found.feasible:
        assert sum(multipliers) > 0
        assert not any(mixed)
        return
    assert found.W is not None
    W = [x for row in found.W for x in row]
    margins = [sum(x * y for x, y in zip(W, f, strict=True)) for f in features]
    assert mixed == W
    assert all(m >= 1 for m in margins)
    assert all(m == 1 for m, x in zip(margins, multipliers, strict=True) if x)
    assert found.norm_squared == sum(x * x for x in W)
    if features:
        assert abs(float(found.norm_squared) * least_norm(features) - 1) < 1e-6


def check_selections(rng: random.Random, stratum: str, d: int) -> None:
    """Every selection: feasible by a linear program, its norm by NNLS."""
    data = random_tokens(rng, stratum, d)
    selection = data.pop("selection")
    found = local_selections(*data.values())
    assert found.verify()
    assert len(found.candidates) == prod(len(tokens) for tokens in data["sequences"])
    assert tuple(selection) in {c.selection for c in found.candidates}
    for candidate in found.candidates:
        features = features_of(data, candidate.selection)
        rows = [(*f, Fraction(0)) for f in features]
        assert candidate.feasible == is_solvable(rows, d * d)
        if candidate.feasible and features:
            assert candidate.norm_squared is not None
            assert abs(float(candidate.norm_squared) * least_norm(features) - 1) < 1e-6


# --- paths ------------------------------------------------------------------------------------

NETWORKS = ("fixed", "uniform", "hardmax", "identical tokens", "no layers")


def check_kernels(rng: random.Random, stratum: str, d: int) -> None:
    """Kernels as sums over explicit paths, products of attention matrices entry by entry."""
    depth = 0 if stratum == "no layers" else rng.randint(1, 2)
    heads = tuple(rng.randint(1, 3) for _ in range(depth))
    T, P = rng.randint(1, 3), rng.randint(1, 3)

    def fraction() -> Fraction:
        return Fraction(rng.randint(-4, 4), rng.choice((1, 2, 3)))

    X = [[[fraction() for _ in range(T)] for _ in range(d)] for _ in range(P)]
    if stratum == "identical tokens":
        X = [[[row[0]] * T for row in x] for x in X]
    attention: list[list[Any]] = []
    for count in heads:
        layer: list[Any] = []
        for _ in range(count):
            if stratum == "uniform":
                layer.append("uniform")
            elif stratum == "hardmax":
                weight = [[str(rng.randint(-3, 3)) for _ in range(d)] for _ in range(d)]
                layer.append({"kind": "hardmax", "weight": weight})
            else:
                columns = []
                for _ in range(T):
                    parts = [rng.randint(0, 3) for _ in range(T)]
                    parts[rng.randrange(T)] += 1
                    columns.append([Fraction(p, sum(parts)) for p in parts])
                layer.append([[columns[t][s] for t in range(T)] for s in range(T)])
        attention.append(layer)
    variances = [Fraction(rng.randint(1, 3), rng.randint(1, 2)) for _ in range(depth + 2)]
    readout = rng.choice(["last", "first", "average"])
    network = PathNetwork(
        heads, (5,) * (depth + 1), variances, attention=attention, readout=readout
    )

    def matrix(head: Any, x: list[list[Fraction]]) -> list[list[Fraction]]:
        if head == "uniform":
            return [[Fraction(1, T)] * T for _ in range(T)]
        if isinstance(head, list):
            return head
        W = [[Fraction(v) for v in row] for row in head["weight"]]
        out = [[Fraction(0)] * T for _ in range(T)]
        for t in range(T):
            scores = [
                sum(x[i][s] * W[i][j] * x[j][t] for i in range(d) for j in range(d))
                for s in range(T)
            ]
            out[scores.index(max(scores))][t] = Fraction(1)
        return out

    e = {
        "last": [Fraction(int(t == T - 1)) for t in range(T)],
        "first": [Fraction(int(t == 0)) for t in range(T)],
        "average": [Fraction(1, T)] * T,
    }[readout]
    paths = list(product(*(range(h) for h in heads)))

    def carried(x: list[list[Fraction]], path: tuple[int, ...]) -> list[Fraction]:
        """``x Omega_1 .. Omega_L e`` as a sum over all routes of tokens."""
        omegas = [matrix(attention[k][h], x) for k, h in enumerate(path)]
        total = [Fraction(0)] * d
        for route in product(range(T), repeat=depth + 1):
            weight = e[route[-1]]
            for omega, s, t in zip(omegas, route, route[1:], strict=False):
                weight *= omega[s][t]
            for i in range(d):
                total[i] += weight * x[i][route[0]]
        return total

    seen = [[carried(x, path) for x in X] for path in paths]
    kernels = network.path_kernels(X, exact=True)
    blocks = {
        (i, j): [
            [sum(a * b for a, b in zip(u, v, strict=True)) * variances[0] / d for v in seen[j]]
            for u in seen[i]
        ]
        for i in range(len(paths))
        for j in range(len(paths))
    }
    for (i, j), block in blocks.items():
        assert kernels.block(paths[i], paths[j]).tolist() == block
    half = [[fraction() for _ in paths] for _ in paths]
    U = [[half[i][j] + half[j][i] for j in range(len(paths))] for i in range(len(paths))]
    wanted = [
        [
            sum(U[i][j] * block[mu][nu] for (i, j), block in blocks.items()) / len(paths)
            for nu in range(P)
        ]
        for mu in range(P)
    ]
    assert kernels.kernel(U).tolist() == wanted
    assert kernels.result(U).verify()
    if stratum == "hardmax":  # floats may break ties of scores otherwise
        return
    floats = network.kernel(X, [[float(v) for v in row] for row in U], exact=False)
    assert np.allclose(floats, [[float(v) for v in row] for row in wanted], atol=1e-9)


STATIONARY = ("generic", "duplicates", "large labels", "zero temperature", "zero labels")


def check_stationary(rng: random.Random, stratum: str, d: int) -> None:
    """The zeros of ``prod s_l (1 + b(u)/N_l) - u`` from eigenvalues, counted on a grid."""
    P, depth = rng.randint(1, 3), rng.randint(0, 2)
    features = [[rng.randint(-3, 3) for _ in range(d)] for _ in range(P)]
    if stratum == "duplicates":
        features.append(features[0])
    P = len(features)
    C = [
        [Fraction(sum(a * b for a, b in zip(x, y, strict=True)), d) for y in features]
        for x in features
    ]
    T = Fraction(rng.randint(1, 8), rng.choice((1, 4)))
    table = np.array([[float(v) for v in row] for row in C])
    if stratum == "zero temperature":
        if np.linalg.matrix_rank(table) < P:
            return
        T = Fraction(0)
    size = {"large labels": 40, "zero labels": 0}.get(stratum, 4)
    Y = [rng.randint(-size, size) for _ in range(P)]
    widths = [rng.randint(1, 6) for _ in range(depth + 1)]
    variances = [Fraction(1), *(Fraction(rng.randint(1, 4), rng.randint(1, 2)) for _ in widths)]
    found = one_head_points(C, Y, widths=widths, variances=variances, temperature=T)
    assert found.verify()
    eigenvalues, vectors = np.linalg.eigh(table)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    eigenvalues[eigenvalues < 1e-12 * max(1.0, eigenvalues[-1])] = 0.0
    y2 = np.square(vectors.T @ np.array(Y, dtype=float))
    noise = float(T)

    def levels(u: Any) -> tuple[Any, Any]:
        """``f(u)`` and the least factor; ``b = u d/du (-ln det G - Y^T G^-1 Y)``."""
        x = np.multiply.outer(u, eigenvalues)
        with np.errstate(divide="ignore", invalid="ignore"):
            b = np.where(x > 0, x * y2 / (x + noise) ** 2 - x / (x + noise), 0.0).sum(axis=-1)
        value, least = np.ones_like(b), np.full_like(b, np.inf)
        for n, s in zip(widths, variances[1:], strict=True):
            factor = 1 + b / n
            value = value * float(s) * factor
            least = np.minimum(least, factor)
        return value - u, least

    u = np.geomspace(1.1e-9, 0.93e9, 400_001)
    value, least = levels(u)
    flips = np.nonzero(
        (np.sign(value[:-1]) != np.sign(value[1:])) & (least[:-1] > 0) & (least[1:] > 0)
    )[0]
    approx = sorted(found.approx)
    grid = [(float(u[k]), float(u[k + 1])) for k in flips]
    near = [min((abs(log(a / lo)) for lo, _ in grid), default=9.0) for a in approx]
    assert all(x < 1e-3 for x in near) or len(grid) < len(approx)
    assert len(grid) <= len(approx), (grid, approx)
    for a in approx:
        size = float(max(abs(levels(np.array(a))[0]), 0.0))
        assert size < 1e-6 * max(1.0, a), "not a zero"
        assert levels(np.array(a))[1] > 0
    # A point that the grid misses is a double zero, or close to another one.
    missing = len(approx) - len(grid)
    assert missing % 2 == 0 or any(x > 1e-3 for x in near)


# --- the table --------------------------------------------------------------------------------

Check = Callable[[random.Random, str, int], None]
QUESTIONS: dict[str, tuple[Check, tuple[str, ...]]] = {
    "one head": (check_head, HEADS),
    "several heads": (check_heads, HEADS),
    "Newton polytope": (check_newton, POINTS),
    "hard margin": (check_margin, TOKENS),
    "selections": (check_selections, TOKENS),
    "path kernels": (check_kernels, NETWORKS),
    "stationary points": (check_stationary, STATIONARY),
}


def cases(question: str, many: int, seed: int) -> Iterator[tuple[str, int, int]]:
    """(stratum, dimension, seed) of `many` cases in each stratum; d >= 3 in half of them."""
    for stratum in QUESTIONS[question][1]:
        for k in range(many):
            yield stratum, (k % 2) * 2 + 1 + (k // 2) % 2, seed * 1_000_003 + k


def run(question: str, stratum: str, d: int, seed: int) -> str | None:
    """None when both answers agree, else what went wrong."""
    rng = random.Random(f"{question}/{stratum}/{d}/{seed}")
    try:
        QUESTIONS[question][0](rng, stratum, d)
    except Exception as error:
        return f"{question}, {stratum}, d={d}, seed {seed}: {type(error).__name__} {error}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=40, help="in each stratum of each question")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--question", choices=list(QUESTIONS))
    given = parser.parse_args()
    total = 0
    for question in [given.question] if given.question else QUESTIONS:
        done: Counter[str] = Counter()
        for stratum, d, seed in cases(question, given.cases, given.seed):
            done[stratum] += 1
            if (wrong := run(question, stratum, d, seed)) is not None:
                print("WRONG", wrong)
                done[f"{stratum} WRONG"] += 1
        total += sum(n for name, n in done.items() if "WRONG" not in name)
        print(f"{question}: " + ", ".join(f"{name} {n}" for name, n in done.items()), flush=True)
    print(f"{total} cases")


if __name__ == "__main__":
    main()
