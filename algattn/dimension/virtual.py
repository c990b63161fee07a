"""First-order motions of the virtual weights, exactly over the rationals.

The function depends on the weights through ``V = V_l .. V_1`` and ``B_i = P_{i-1}^T A_i P_{i-1}``
only, so its Jacobian factors through that of the virtual weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

from algattn.attention import Architecture, VirtualWeights, Weights
from algattn.attention.theorems import lightning, softmax
from algattn.dimension.limits import checkpoint
from algattn.exact import QQ, Matrix

__all__ = ["VirtualTangent", "expanded_rank", "expansion_size", "softmax_sees", "virtual_bound"]

Row = list[Any]
#: Variables from which on even a cubic has more monomials than can be handled.
MOST_VARIABLES = 1000


@dataclass(frozen=True)
class VirtualTangent:
    """What every entry of K, Q and V does to ``(B_1, .., B_l, V)`` at a point.

    Attributes
    ----------
    rows : list of list of fmpq
        One row for each parameter (K_1, Q_1, V_1, K_2, ..., each row-major).
    scalings : list of list of fmpq
        The same for the directions ``(K_i, -V_i)``.
    """

    virtual: VirtualWeights
    rows: list[Row]
    scalings: list[Row]

    @staticmethod
    def of(weights: Weights) -> VirtualTangent:
        assert weights.K is not None
        assert weights.Q is not None
        depth, d = weights.layers, weights.V[0].shape[1]
        products = [Matrix.identity(QQ, d)]
        for v in weights.V:
            products.append(v @ products[-1])
        sizes = [d * d] * depth + [weights.V[-1].shape[0] * d]
        rows: list[Row] = []
        scalings: list[Row] = []
        for i in range(depth):
            k, q, v = weights.K[i], weights.Q[i], weights.V[i]
            p = products[i]
            scale = [QQ.zero] * sum(sizes)
            for left, right, flip in ((k, (q @ p).rows, False), (q, (k @ p).rows, True)):
                for u in range(left.shape[0]):
                    for w in range(left.shape[1]):
                        pair = (p.rows[w], right[u])
                        block = _outer(*(pair[::-1] if flip else pair))
                        row = _place(sizes, {i: block})
                        rows.append(row)
                        if not flip:
                            _add(scale, row, left.rows[u][w])
            moved = _value_rows(weights, products, i, sizes)
            rows += moved
            entries = [x for line in v.rows for x in line]
            for x, row in zip(entries, moved, strict=True):
                _add(scale, row, -x)
            scalings.append(scale)
        return VirtualTangent(VirtualWeights.of(weights), rows, scalings)


def _value_rows(weights: Weights, products: list[Matrix], i: int, sizes: list[int]) -> list[Row]:
    """What the entries of ``V_i`` do: they move all later B and V."""
    depth, v = weights.layers, weights.V[i]
    after = Matrix.identity(QQ, v.shape[0])
    parts: list[tuple[int, Any, Any]] = []  # block, columns of `after`, and B's other factors
    for j in range(i + 1, depth):
        right = (weights.A[j] @ products[j]).rows
        left = (weights.A[j].T @ products[j]).rows
        parts.append((j, after.T.rows, (Matrix(QQ, right), Matrix(QQ, left))))
        after = weights.V[j] @ after
    last = after.T.rows
    out = []
    for u in range(v.shape[0]):
        forms = [
            (j, (Matrix(QQ, [column[u]]) @ a).rows[0], (Matrix(QQ, [column[u]]) @ b).rows[0])
            for j, column, (a, b) in parts
        ]
        for w in range(v.shape[1]):
            line = products[i].rows[w]
            blocks = {
                j: [x + y for x, y in zip(_outer(line, a), _outer(b, line), strict=True)]
                for j, a, b in forms
            }
            blocks[depth] = _outer(last[u], line)
            out.append(_place(sizes, blocks))
    return out


def _outer(left: Row, right: Row) -> Row:
    return [x * y for x in left for y in right]


def _place(sizes: list[int], blocks: dict[int, Row]) -> Row:
    row: Row = []
    for n, size in enumerate(sizes):
        row += blocks.get(n, [QQ.zero] * size)
    return row


def _add(total: Row, row: Row, factor: Any) -> None:
    if factor != 0:
        for n, x in enumerate(row):
            total[n] += factor * x


def _rank(rows: list[Row]) -> int:
    return Matrix(QQ, rows).rank() if rows and rows[0] else 0


def softmax_sees(network: Architecture, virtual: VirtualWeights) -> int:
    """How many of the forms ``B_1, B_2, ..`` the function of a softmax network depends on.

    None when ``V = 0`` or there is one token; else all of them up to the first layer that makes
    all tokens equal: ``B = 0``, for two tokens any skew B (lemma *softmax* of
    ``algattn/docs/deep.md``).

    Examples
    --------
    >>> from algattn import Softmax, Weights
    >>> unit, skew = [[1, 0], [0, 1]], [[0, 1], [-1, 0]]
    >>> virtual = VirtualWeights.of(Weights(A=[skew, unit], V=[unit, unit]))
    >>> [softmax_sees(Softmax((2, 2, 2), 2, t), virtual) for t in (1, 2, 3)]
    [0, 1, 2]
    """
    if network.tokens == 1 or not virtual.V:
        return 0
    pair = network.tokens == 2
    flat = (i for i, B in enumerate(virtual.B, 1) if not (B + B.T if pair else B))
    return next(flat, network.layers)


def virtual_bound(network: Architecture, weights: Weights) -> int:
    """An upper bound of the rank of the Jacobian at the weights, exact over QQ.

    The rank of the motions of the virtual weights, without those that do not move the function:
    scalings (lightning), skew parts of forms whose layer only sees rank-one inputs (lightning),
    all forms when ``V = 0``, everything that a layer of output zero keeps back (lightning), and
    the forms behind equal tokens (softmax).  For softmax it is the rank itself.
    """
    tangent = VirtualTangent.of(weights)
    forms, value = _seen_blocks(network, tangent.virtual)
    d = network.d_in

    def seen(row: Row) -> Row:
        out: Row = []
        for i, flag in forms.items():
            block = row[i * d * d : (i + 1) * d * d]
            if flag:
                block = [block[m * d + n] + block[n * d + m] for m in range(d) for n in range(m, d)]
            out += block
        return out + (row[network.layers * d * d :] if value else [])

    rank = _rank([seen(row) for row in tangent.rows])
    if lightning.holds(network):
        rank -= _rank([seen(row) for row in tangent.scalings])
    return rank


def _seen_blocks(network: Architecture, virtual: VirtualWeights) -> tuple[dict[int, bool], bool]:
    """The forms whose motions can move the function at these weights, and whether V's can.

    A form comes with True where only its symmetric part counts.  The cases are those of the lemma
    "virtual weights".
    """
    last = network.layers - 1
    if softmax.holds(network):
        return dict.fromkeys(range(softmax_sees(network, virtual)), False), True
    always = network.tokens == 1 or network.d_in == 1  # all inputs of all layers have rank one
    thin, skew, silent = always, [], []
    for B in virtual.B:
        skew.append(thin)
        silent.append(not (B + B.T if thin else B))
        thin = thin or B.rank() <= 1
    if any(silent[:-1]) or (silent[-1] and not virtual.V):
        return {}, False
    if not virtual.V:
        return {}, True
    if silent[-1] and (always or not virtual.B[-1]):
        return {last: skew[-1]}, False
    return dict(enumerate(skew)), not silent[-1]


def expansion_size(network: Architecture) -> int:
    """Coefficients that :func:`expanded_rank` handles: monomials times virtual weights.

    Where that is hopeless a smaller hopeless number is returned, which takes no time to find.
    """
    d = network.d_in
    variables = d * network.tokens
    degree = 3 ** min(network.layers, 4) if variables > 60 else network.map_degree
    monomials = comb(min(variables, MOST_VARIABLES) + degree - 1, degree)
    return monomials * network.tokens * (network.layers * d * d + network.d_out * d)


def expanded_rank(network: Architecture, weights: Weights) -> int:
    """The rank of the Jacobian of a lightning network at the weights, exactly.

    The derivative of the function along every virtual direction is expanded as a polynomial in X.
    """
    tangent = VirtualTangent.of(weights)
    d, t = network.d_in, network.tokens
    names = [f"x{i}_{j}" for i in range(d) for j in range(t)]
    ring = fmpq_mpoly_ctx.get(names, Ordering.lex)
    gens = ring.gens()
    zero = ring.constant(0)
    x = [[gens[i * t + j] for j in range(t)] for i in range(d)]

    def times(a: list[Row], b: list[Row]) -> list[Row]:
        columns = list(zip(*b, strict=True))
        return [
            [sum((p * q for p, q in zip(row, c, strict=True)), zero) for c in columns] for row in a
        ]

    def turn(a: list[Row]) -> list[Row]:
        return [list(c) for c in zip(*a, strict=True)]

    def plus(a: list[Row], b: list[Row]) -> list[Row]:
        return [[p + q for p, q in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]

    moves: list[list[Row]] = []  # derivatives of the state along the directions so far
    for B in tangent.virtual.B:
        form = [[ring.constant(e) for e in row] for row in B.rows]
        left = times(turn(x), form)
        score = times(left, x)
        new = []
        for dx in moves:
            checkpoint()
            ds = plus(times(times(turn(dx), form), x), times(left, dx))
            new.append(plus(times(dx, score), times(x, ds)))
        for m in range(d):
            for n in range(d):
                checkpoint()
                new.append(times(x, [[x[m][i] * x[n][j] for j in range(t)] for i in range(t)]))
        moves, x = new, times(x, score)
    V = [[ring.constant(e) for e in row] for row in tangent.virtual.V.rows]
    outputs = [[p for row in times(V, dx) for p in row] for dx in moves]
    for r in range(network.d_out):
        for m in range(d):
            block = [[zero] * t for _ in range(network.d_out)]
            block[r] = x[m]
            outputs.append([p for row in block for p in row])
    return _rank(_chain(tangent.rows, outputs))


def _chain(rows: list[Row], outputs: list[Row]) -> list[Row]:
    """The Jacobian by the chain rule, on a basis of the virtual motions."""
    places: dict[tuple[int, Any], int] = {}
    sparse = []
    for line in outputs:
        found = {}
        for n, poly in enumerate(line):
            for monomial, coefficient in poly.to_dict().items():
                found[places.setdefault((n, monomial), len(places))] = coefficient
        sparse.append(found)
    if not places:
        return []
    dense = Matrix(QQ, [[f.get(n, QQ.zero) for n in range(len(places))] for f in sparse])
    reduced, pivots = Matrix(QQ, rows).rref()
    if not pivots:
        return []
    basis = Matrix(QQ, [reduced.rows[n] for n in range(len(pivots))])
    return (basis @ dense).rows
