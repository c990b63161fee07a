"""The expansion of a network, symbolic in all its parameters, without one huge polynomial.

A polynomial in the entries of X whose coefficients are polynomials in the parameters is held as a
dictionary ``{monomial of X: FLINT polynomial}``, the monomial packed into one integer.  A product
costs one short FLINT product for each pair of monomials of X, and nothing is split at the end.

With ``G = U U^T`` (symmetric, half of it is computed) a layer that follows the value matrix V is
``V G V^T A V U``.  It is evaluated from the right, ``V^T (A (V u))`` column by column, then ``G``
times that, and ``V`` last: the long products see the fewest terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import Monomial, natural_count
from algattn.attention.weights import VirtualWeights, Weights
from algattn.errors import InputError, LimitError, ShapeError
from algattn.exact import Field
from algattn.exact.fields import PrimeField, RationalField

MAX_BYTES = 1_500_000_000
HUGE = 10**30

Nested = dict[int, Any]
Pieces = dict[int, list[Any]]
Entries = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Layer:
    """One layer for :func:`expand_column`.

    ``mixing`` are matrices to apply one after the other in place of A: ``(A,)`` or ``(Q, K^T)``;
    ``value`` is V, or None for the identity.
    """

    mixing: tuple[Entries, ...]
    value: Entries | None


@dataclass(frozen=True)
class Packing:
    """Monomials of a d x t matrix X of degree at most `degree`, each as one integer.

    Multiplying monomials is adding integers.

    >>> pack = Packing(2, 9)
    >>> pack.unpack(2 * pack.place(0, 1) + pack.place(1, 0))
    ((0, 1, 2), (1, 0, 1))
    """

    tokens: int
    degree: int

    @property
    def bits(self) -> int:
        """Bits for each exponent."""
        return self.degree.bit_length()

    def place(self, i: int, j: int) -> int:
        """The entry of X in row i and column j (from 0)."""
        return 1 << (self.bits * (i * self.tokens + j))

    def unpack(self, packed: int) -> Monomial:
        """The monomial as ``(row, column, exponent)``, sorted."""
        bits, mask = self.bits, (1 << self.bits) - 1
        found, n = [], 0
        while packed:
            if e := packed & mask:
                found.append((*divmod(n, self.tokens), e))
            packed >>= bits
            n += 1
        return tuple(found)


def _collect(pieces: Pieces) -> Nested:
    """Add up the pieces of every monomial, in pairs of similar length; leave zeros out."""
    out = {}
    for monomial, parts in pieces.items():
        while len(parts) > 1:
            half = [parts[n] + parts[n + 1] for n in range(0, len(parts) - 1, 2)]
            parts = half + parts[len(parts) - len(parts) % 2 :]
        if parts[0]:
            out[monomial] = parts[0]
    return out


def _product(pieces: Pieces, left: Nested, right: Nested) -> None:
    for m, p in left.items():
        for n, q in right.items():
            pieces.setdefault(m + n, []).append(p * q)


def _combine(coefficients: Iterable[Any], entries: Iterable[Nested]) -> Nested:
    pieces: Pieces = {}
    for c, entry in zip(coefficients, entries, strict=True):
        for m, p in entry.items():
            pieces.setdefault(m, []).append(p * c)
    return _collect(pieces)


def _apply(matrix: Entries, column: list[Nested]) -> list[Nested]:
    return [_combine(row, column) for row in matrix]


def _dot(left: Iterable[Nested], right: Iterable[Nested]) -> Nested:
    pieces: Pieces = {}
    for p, q in zip(left, right, strict=True):
        _product(pieces, p, q)
    return _collect(pieces)


def _gram(rows: list[list[Nested]]) -> list[list[Nested]]:
    """``U U^T``; each pair of rows is multiplied once."""
    n = len(rows)
    half = {(i, j): _dot(rows[i], rows[j]) for i in range(n) for j in range(i, n)}
    return [[half[min(i, j), max(i, j)] for j in range(n)] for i in range(n)]


def expand_column(
    layers: Sequence[Layer], width: int, packing: Packing, one: Any
) -> Iterator[Nested]:
    """The rows of output column 1, each as ``{packed monomial of X: FLINT polynomial}``.

    Parameters
    ----------
    layers : sequence of Layer
        Entries are FLINT polynomials of one context.
    width : int
        Rows of X.
    packing : Packing
        For the final degree, ``3**l``.
    one : FLINT polynomial
        The constant 1 of the context.

    Yields
    ------
    dict
        One row after the other, so that the caller decides how much stays in memory.

    Complexity
    ----------
    About the number of terms of the result (measured: 5 million terms a second).

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> a, v = (g.flint for g in PolynomialRing(QQ, ("a", "v")).gens())
    >>> list(expand_column([Layer((((a,),),), ((v,),))], 1, Packing(1, 3), a**0))
    [{3: a*v}]
    """
    tokens = range(packing.tokens)
    rows = [[{packing.place(i, j): one} for j in tokens] for i in range(width)]
    before: Entries | None = None  # the value matrix that still has to act on `rows`
    for n, layer in enumerate(layers, 1):
        gram = _gram(rows)
        columns = []
        for j in tokens if n < len(layers) else range(1):
            column = [row[j] for row in rows]
            if before is not None:
                column = _apply(before, column)
            for matrix in layer.mixing:
                column = _apply(matrix, column)
            if before is not None:
                column = _apply(list(zip(*before, strict=True)), column)
            column = [_dot(line, column) for line in gram]
            columns.append(column if before is None else _apply(before, column))
        rows = [list(row) for row in zip(*columns, strict=True)]
        before = layer.value
    column = [row[0] for row in rows]
    if before is None:
        yield from column
        return
    for line in before:
        yield _combine(line, column)


def column_size(network: Architecture, params: str) -> int:
    """An upper bound for the number of terms of output column 1, all rows together.

    The smaller of two counts, layer by layer: the products of one term each before collecting, and
    the monomials of the right degree in X and in every matrix of parameters.  ``10**30`` stands for
    anything larger.

    >>> column_size(Architecture((3, 3, 3), 3, 2), "AV")
    25509168
    """
    if network.layers > 6:
        return HUGE
    virtual, entry = params == "virtual", 1
    blocks: list[tuple[int, int]] = []  # (layer, number of parameters) of the matrices so far
    for n, (width, rank) in enumerate(zip(network.widths, network.ranks, strict=False), 1):
        d = network.d_in if virtual else width
        mixing = rank if params == "QKV" else 1
        last = d if not virtual else 1  # a row of V
        products = (network.tokens * d * entry**2) * (d * mixing * entry) * last
        monomials = last * comb(network.d_in * network.tokens + 3**n - 1, 3**n)
        blocks += [(n, rank * d)] * 2 if params == "QKV" else [(n, d * d)]
        for layer, size in blocks:
            power = 3 ** (n - layer)
            monomials *= comb(size + power - 1, power)
        if not virtual:
            blocks.append((n, network.widths[n] * d))
        entry = min(products, monomials)
    return min(entry * (network.d_in if virtual else 1) * network.d_out, HUGE)


def parameter_blocks(network: Architecture, params: str) -> dict[str, tuple[int, int]]:
    """The matrices of parameters with their shapes, in order.

    >>> parameter_blocks(Architecture((3, 2), 1, 2), "QKV")
    {'k': (1, 3), 'q': (1, 3), 'v': (2, 3)}
    """
    blocks: dict[str, tuple[int, int]] = {}
    for n, a in enumerate(network.ranks, 1):
        tail = "" if network.layers == 1 else str(n)
        d, e = network.widths[n - 1], network.widths[n]
        if params == "virtual":
            blocks["b" + tail] = (network.d_in, network.d_in)
            continue
        mixing = {"a": (d, d)} if params == "AV" else {"k": (a, d), "q": (a, d)}
        blocks |= {letter + tail: shape for letter, shape in mixing.items()}
        blocks["v" + tail] = (e, d)
    if params == "virtual":
        blocks["v"] = (network.d_out, network.d_in)
    return blocks


def layers_of(network: Architecture, params: str, entries: Iterable[Any]) -> list[Layer]:
    """The layers of a network with the given values of its parameters (in order)."""
    values = iter(entries)
    given = [
        [[next(values) for _ in range(n)] for _ in range(m)]
        for m, n in parameter_blocks(network, params).values()
    ]
    if params == "AV":
        return [Layer((A,), V) for A, V in zip(given[::2], given[1::2], strict=True)]
    if params == "QKV":
        return [
            Layer((Q, list(zip(*K, strict=True))), V)
            for K, Q, V in zip(given[::3], given[1::3], given[2::3], strict=True)
        ]
    *B, V = given
    return [Layer((b,), V if n == len(B) else None) for n, b in enumerate(B, 1)]


def cubic_columns(d: int, tokens: int, count: int) -> list[list[Monomial]]:
    """The monomials of X in the first output columns of one layer, as ``cubic_monomial`` has them.

    In column c: ``x_ic x_jc x_kc`` with i <= j <= k, then for every other column a the monomials
    ``x_ia x_ja x_kc`` with i <= j, all k (the order of the natural labels).
    """
    power = [[[(i, a, e) for e in range(4)] for a in range(tokens)] for i in range(d)]
    columns: list[list[Monomial]] = []
    for c in range(count):
        found: list[Monomial] = []
        last = [p[c][1] for p in power]
        for i, j, k in combinations_with_replacement(range(d), 3):
            x, y, z = power[i][c], power[j][c], power[k][c]
            if i < j < k:
                found.append((x[1], y[1], z[1]))
            elif i == k:
                found.append((x[3],))
            else:
                found.append((x[2], z[1]) if i == j else (x[1], z[2]))
        for a in range(tokens):
            if a == c:
                continue
            for i, j in combinations_with_replacement(range(d), 2):
                u, v = power[i][a], power[j][a]
                first: Monomial = (u[2],) if i == j else (u[1], v[1])
                found += _insert(first, last, i, j, a < c)
        columns.append(found)
    return columns


def _insert(first: Monomial, last: list[Any], i: int, j: int, before: bool) -> list[Monomial]:
    """`first`, with rows i <= j, times each of `last`, sorted; if `before`, it wins ties."""
    d, m = len(last), len(first)
    below, between = (i, j) if before else (i + 1, j + 1)
    out: list[Monomial] = [(z, *first) for z in last[:below]]
    if m == 2:
        x, y = first
        out += [(x, z, y) for z in last[below:between]]
    return out + [(*first, z) for z in last[between:d]]


def swap_columns(monomial: Monomial, c: int) -> Monomial:
    """The monomial with the columns 1 and c of X exchanged."""
    if c == 0:
        return monomial
    other = {0: c, c: 0}
    return tuple(sorted((i, other.get(j, j), e) for i, j, e in monomial))


def check_size(network: Architecture, params: str, *, outputs: bool = False) -> None:
    """Refuse coordinates, or all outputs, that would not fit into memory.

    An exponent takes a byte in FLINT, an output coefficient about 200 for its monomial.
    """
    parameters = sum(m * n for m, n in parameter_blocks(network, params).values())
    d, t, rows = network.d_in, network.tokens, network.d_out
    mixing = network.ranks[0] if params == "QKV" else 1
    what, count = "polynomials", 0
    if network.layers == 1:
        natural, cubics = natural_count(d, rows, t), rows * comb(d + 2, 3)
        terms = mixing * (6 * natural if t == 1 else 2 * natural + 6 * cubics)
        if outputs:
            what, count = "output coefficients", t * (cubics + (t - 1) * natural)
    else:
        terms = column_size(network, params)
        if outputs:
            monomials = rows * comb(d * t + network.map_degree - 1, network.map_degree)
            what, count = "output coefficients", t * min(monomials, terms)
    size = terms * (parameters + 17) + 200 * count
    if size > MAX_BYTES:
        raise LimitError(
            f"derive the {what} of {network!r} in {params}",
            f"{'more than ' * (terms == HUGE)}{terms:.1e} terms in {parameters} parameters, "
            f"about {size / 1e9:.1e} GB",
            "use smaller widths, or net.function(W), which is exact at given weights",
        )


def parameter_values(
    network: Architecture, params: str, weights: Weights | VirtualWeights
) -> tuple[list[Any], Field]:
    """The values of the parameters at these weights, in order, and their field.

    Raises
    ------
    InputError
        When the weights do not have these parameters.
    ShapeError
        When they do not fit the network.
    """
    asked = f"evaluate the parametrization of {network!r} in {params}"
    if isinstance(weights, Weights):
        weights.matches(network)
    if params == "virtual":
        virtual = weights if isinstance(weights, VirtualWeights) else VirtualWeights.of(weights)
        blocks = [*virtual.B, virtual.V]
    elif isinstance(weights, VirtualWeights):
        raise InputError(asked, "the weights are virtual", 'use params="virtual"')
    elif params == "AV":
        blocks = [m for pair in zip(weights.A, weights.V, strict=True) for m in pair]
    elif weights.K is None or weights.Q is None:
        raise InputError(asked, "the weights are A and V", 'use params="AV"')
    else:
        triples = zip(weights.K, weights.Q, weights.V, strict=True)
        blocks = [m for triple in triples for m in triple]
    shapes = tuple(parameter_blocks(network, params).values())
    if tuple(m.shape for m in blocks) != shapes:
        found = [m.shape for m in blocks]
        raise ShapeError(asked, f"the shapes are {found} instead of {shapes}", "mend the weights")
    return [x for matrix in blocks for row in matrix.rows for x in row], blocks[0].field


def evaluator(point: Sequence[Any], field: Field) -> Callable[[Any], Any]:
    """The function that evaluates FLINT polynomials over QQ at a point over any field.

    >>> from algattn.exact import GF, QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> evaluator([GF(5)(2), GF(5)(4)], GF(5))((x * y - 1).flint)
    2
    """
    if isinstance(field, RationalField):
        return lambda poly: field(poly(*point))
    if isinstance(field, PrimeField):
        numbers = [int(x) for x in point]
        return lambda poly: field(poly(*numbers))

    def value(poly: Any) -> Any:
        total = field.zero
        for exponents, c in poly.terms():
            term = field(c)
            for x, n in zip(point, exponents, strict=True):
                for _ in range(n):
                    term = term * x
            total = total + term
        return total

    return value
