"""The expansion of a network, symbolic in all its parameters, without one huge polynomial.

A polynomial in the entries of X whose coefficients are polynomials in the parameters is held as a
dictionary ``{monomial of X: FLINT polynomial}``, the monomial packed into one integer.  A product
costs one short FLINT product for each pair of monomials of X, and nothing is split at the end.

Any network is expanded by the one formula (:func:`expand_outputs`).  With one head and nothing
else there is a shorter way (:func:`expand_column`).  With ``G = U U^T`` (symmetric, half of it is
computed) a layer that follows the value matrix V is ``V G V^T A V U``.  It is evaluated from the
right, ``V^T (A (V u))`` column by column, then ``G`` times that, and ``V`` last: the long products
see the fewest terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import (
    NATURAL,
    TOKEN_SYMMETRY,
    Coordinates,
    Label,
    Monomial,
    layer_degrees,
    natural_count,
)
from algattn.attention.expansion import (
    Nested,
    NestedInputs,
    Packing,
    Pieces,
    collect,
    constants,
    input_matrices,
    lightning_output,
    nested_dot,
)
from algattn.attention.layer import Key
from algattn.attention.spaces import LayerShape
from algattn.attention.theorems import Theorem, plain
from algattn.errors import LimitError
from algattn.exact import Field
from algattn.exact.fields import PrimeField, RationalField
from algattn.symbolic.parameters import (
    Block,
    Entries,
    formula_layers,
    layers_of,
    parameter_blocks,
)

MAX_BYTES = 1_500_000_000
HUGE = 10**30

#: The layer as ``V G V^T A V U``, see above.
GRAM = Theorem("expansion by Gram matrices", "algattn/docs/deep.md", *plain)


@dataclass(frozen=True)
class Layer:
    """One layer for :func:`expand_column`.

    ``mixing`` are matrices to apply one after the other in place of A: ``(A,)`` or ``(Q, K^T)``;
    ``value`` is V, or None for the identity.
    """

    mixing: tuple[Entries, ...]
    value: Entries | None


def _combine(coefficients: Iterable[Any], entries: Iterable[Nested]) -> Nested:
    pieces: Pieces = {}
    for c, entry in zip(coefficients, entries, strict=True):
        for m, p in entry.items():
            pieces.setdefault(m, []).append(p * c)
    return collect(pieces)


def _apply(matrix: Entries, column: list[Nested]) -> list[Nested]:
    return [_combine(row, column) for row in matrix]


def _gram(rows: list[list[Nested]]) -> list[list[Nested]]:
    """``U U^T``; each pair of rows is multiplied once."""
    n = len(rows)
    half = {
        (i, j): nested_dot(zip(rows[i], rows[j], strict=True))
        for i in range(n)
        for j in range(i, n)
    }
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
            column = [nested_dot(zip(line, column, strict=True)) for line in gram]
            columns.append(column if before is None else _apply(before, column))
        rows = [list(row) for row in zip(*columns, strict=True)]
        before = layer.value
    column = [row[0] for row in rows]
    if before is None:
        yield from column
        return
    for line in before:
        yield _combine(line, column)


def gram_layers(layers: Iterable[Mapping[Key, Entries]]) -> list[Layer]:
    """The layers of a network with one head for :func:`expand_column`."""
    return [
        Layer(
            (b["A", 0],) if ("A", 0) in b else (b["Q", 0], list(zip(*b["K", 0], strict=True))),
            b.get(("V", 0)),
        )
        for b in layers
    ]


def expand_outputs(
    network: Architecture, params: str, gens: Sequence[Any], one: Any
) -> dict[Label, Any]:
    """The coefficients of any lightning network by the one formula, for labels by monomials.

    Parameters
    ----------
    gens : sequence of FLINT polynomials
        The parameters, in order.
    one : FLINT polynomial
        The constant 1 of their context.
    """
    here, d, t = Coordinates.of(network), network.d_in, network.tokens
    ring = NestedInputs(one, t, here.degree)
    layers = [
        {key: constants(ring, rows) for key, rows in layer.items()}
        for layer in layers_of(network, params, gens)
    ]
    identity = constants(ring, [[one if i == j else 0 for j in range(d)] for i in range(d)])
    shapes, blocks = formula_layers(network, params, layers, identity)
    out = lightning_output(shapes, blocks, *input_matrices(ring, d, t))
    return {
        here.label(r, c, monomial): p
        for r in range(network.d_out)
        for c in range(here.columns)
        for monomial, p in sorted(ring.terms(out[r, c]), key=lambda pair: pair[0])
    }


def column_size(network: Architecture, params: str) -> int:
    """An upper bound for the number of terms of the output columns that are read, all rows.

    The smaller of two counts, layer by layer: the products of one term each before collecting, and
    the monomials of the right degrees in X and in every matrix of parameters.  ``10**30`` stands
    for anything larger.

    >>> column_size(Architecture((3, 3, 3), 3, 2), "AV")
    25509168
    """
    if network.layers > 6:
        return HUGE
    virtual, entry, degrees = params == "virtual", 1, 0b10
    # whether the degree in a block can be lower, too
    lower = bool(network.residual or network.biases or max(network.heads) > 1)
    inputs = network.d_in * network.tokens
    before: list[Block] = []
    for n, shape in enumerate(network.shapes, 1):
        own, products = _layer_terms(shape, network.d_in if virtual else shape.d, params, entry)
        degrees = layer_degrees(shape, degrees)
        monomials = own * sum(
            comb(inputs + e - 1, e) for e in range(degrees.bit_length()) if degrees >> e & 1
        )
        for block in before:
            power = 3 ** (n - block.layer)
            monomials *= comb(block.size + power - 1 + lower, power)
        before = [b for b in parameter_blocks(network, params) if b.layer <= n]
        before = [b for b in before if not (virtual and b.name == "V")]
        entry = min(products, monomials)
    columns = 1 if TOKEN_SYMMETRY.covers(network) else network.tokens
    return min(entry * (network.d_in if virtual else 1) * network.d_out * columns, HUGE)


def _layer_terms(shape: LayerShape, d: int, params: str, entry: int) -> tuple[int, int]:
    """Of an output entry: monomials in the parameters of the layer, and products of terms.

    `entry` is the number of terms of an entry before the layer.
    """
    bias = {letter: letter in shape.biases for letter in "qkvo"}
    own = products = 1
    for letter in "qk":
        rows = shape.rank if params == "QKV" else 1
        own *= rows * (d + bias[letter])
        products *= d * entry + bias[letter]
    products *= shape.rank if params == "QKV" else 1
    rank, inner = shape.value_rank or 1, 1 if params == "virtual" else d
    own *= rank * (inner + bias["v"])
    products *= rank * (inner * entry + bias["v"]) * shape.tokens
    rest = bias["o"] + shape.residual
    return shape.heads * own + rest, shape.heads * products + rest * entry


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


def check_size(network: Architecture, params: str, *, outputs: bool = False) -> None:
    """Refuse coordinates, or all outputs, that would not fit into memory.

    An exponent takes a byte in FLINT, an output coefficient about 200 for its monomial.
    """
    parameters = sum(b.size for b in parameter_blocks(network, params))
    d, t, rows = network.d_in, network.tokens, network.d_out
    what, count = "polynomials", 0
    if NATURAL.covers(network):
        (shape,) = network.shapes
        heads = shape.heads * (shape.value_rank or 1) * (shape.rank if params == "QKV" else 1)
        natural, cubics = natural_count(d, rows, t), rows * comb(d + 2, 3)
        terms = heads * (6 * natural if t == 1 else 2 * natural + 6 * cubics)
        if outputs:
            what, count = "output coefficients", t * (cubics + (t - 1) * natural)
    else:
        terms = column_size(network, params)
        if outputs:
            here = Coordinates.of(network)
            what, count = "output coefficients", t * min(here.count, terms) // here.columns
    size = terms * (parameters + 17) + 200 * count
    if size > MAX_BYTES:
        raise LimitError(
            f"derive the {what} of {network!r} in {params}",
            f"{'more than ' * (terms == HUGE)}{terms:.1e} terms in {parameters} parameters, "
            f"about {size / 1e9:.1e} GB",
            "use smaller widths, or net.function(W), which is exact at given weights",
        )


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
