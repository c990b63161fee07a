"""The differential of the parametrization at given weights, exactly."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

from algattn.attention import Architecture, VirtualWeights, Weights
from algattn.attention.coordinates import (
    Coordinates,
    Label,
    label_name,
    natural_labels,
)
from algattn.attention.expansion import (
    Jet,
    Lazy,
    constants,
    input_matrices,
    inputs_over,
    lightning_output,
)
from algattn.attention.functions import check_count
from algattn.attention.theorems import Theorem, one_layer, plain
from algattn.exact import Matrix
from algattn.symbolic.parameters import (
    formula_layers,
    layers_of,
    parameter_blocks,
    parameter_values,
)

#: Bilinear natural coordinates have their derivatives written down.
BILINEAR = Theorem(
    "derivatives of natural coordinates", "algattn/docs/one_layer.md", *plain, one_layer
)


class Jacobian(Matrix):
    """A matrix of derivatives that knows what its rows and columns are.

    Attributes
    ----------
    coordinates : tuple of str
        The names of the rows.
    parameters : tuple of str
        The names of the columns.
    """

    __slots__ = ("coordinates", "parameters")

    coordinates: tuple[str, ...]
    parameters: tuple[str, ...]

    @staticmethod
    def named(matrix: Matrix, labels: Iterable[Label], parameters: Iterable[str]) -> Jacobian:
        """The matrix with names."""
        self = object.__new__(Jacobian)
        self.field, self.shape = matrix.field, matrix.shape
        self._rows, self._flint = matrix._rows, matrix._flint
        self.coordinates, self.parameters = tuple(map(label_name, labels)), tuple(parameters)
        return self


def jacobian(network: Architecture, weights: Weights) -> Jacobian:
    """The derivatives of all coordinates by the weights; see ``Lightning.jacobian``."""
    coordinates = Coordinates.of(network)
    check_count(network, coordinates)
    return differential(network, weights.form, weights, list(coordinates.labels()))


def differential(
    network: Architecture, params: str, weights: Weights | VirtualWeights, labels: list[Label]
) -> Jacobian:
    """The derivatives of these coordinates by the parameters.

    Complexity
    ----------
    That of expanding the function, once for each parameter.
    """
    point, field = parameter_values(network, params, weights)
    blocks = parameter_blocks(network, params)
    names = [name for b in blocks for name, _, _ in b.entries]
    if BILINEAR.covers(network):
        if params == "QKV":
            assert isinstance(weights, Weights)
            return Jacobian.named(jacobian_QKV(network, weights), labels, names)
        (layer,) = layers_of(network, params, point)
        A, V = (Matrix(field, layer[key, 0]) for key in "AV")
        return Jacobian.named(jacobian_AV(network, A, V), labels, names)
    here, d = Coordinates.of(network), network.d_in
    ring = inputs_over(field, d, network.tokens, here.degree)
    count, layers = 0, []
    for layer in layers_of(network, params, point):
        jets = {}
        for key, rows in layer.items():
            places = [(i, j) for i in range(len(rows)) for j in range(len(rows[0]))]
            value = constants(ring, rows)
            units = {count + n: _unit(value, place) for n, place in enumerate(places)}
            jets[key], count = Jet(value, units), count + len(places)
        layers.append(jets)
    identity = Jet(constants(ring, Matrix.identity(field, d).rows), {})
    shapes, given = formula_layers(network, params, layers, identity)
    X, one = (Jet(m, {}) for m in input_matrices(ring, d, network.tokens))
    out = lightning_output(shapes, given, X, one)
    table = {label: [field.zero] * count for label in labels}
    for r in range(network.d_out):
        for c in range(here.columns):
            for n, matrix in out.by.items():
                for monomial, value in ring.terms(matrix[r, c]):
                    if (label := here.read(r, c, monomial)) is not None:
                        table[label][n] = value
    matrix = Matrix(field, [table[label] for label in labels], (len(labels), count))
    return Jacobian.named(matrix, labels, names)


def _unit(like: Lazy, place: tuple[int, int]) -> Lazy:
    """The derivative of a matrix by one of its entries."""
    ring: Any = like.ring
    one = ring.constant(ring.one)
    return Lazy(like.shape, lambda i, j: one if (i, j) == place else ring.zero, ring)


def jacobian_AV(network: Architecture, A: Matrix, V: Matrix) -> Matrix:
    """The N x (d^2 + d d') matrix of derivatives of the natural coordinates by A, then V.

    Both are taken row by row.  ``c_{r,ij,k}`` is bilinear in A and V, so the matrix holds entries
    of V in its first part and entries of A in its second.
    """
    field, d, d_out = A.field, network.d_in, network.d_out
    rows = []
    for r, i, j, k in natural_labels(d, d_out, network.tokens):
        row: list[Any] = [field.zero] * (d * d + d * d_out)
        orders = set(permutations((i, j, k))) if network.tokens == 1 else {(i, j, k), (j, i, k)}
        for x, y, z in orders:
            row[y * d + z] += V.rows[r][x]
            row[d * d + r * d + x] += A.rows[y][z]
        rows.append(row)
    return Matrix(field, rows, (len(rows), d * d + d * d_out))


def jacobian_QKV(network: Architecture, weights: Weights) -> Matrix:
    """The matrix of derivatives of the natural coordinates by K, then Q, then V."""
    assert weights.K is not None
    assert weights.Q is not None
    K, Q, d, a = weights.K[0], weights.Q[0], network.d_in, network.ranks[0]
    inner = jacobian_AV(network, weights.A[0], weights.V[0])
    # A_mn = sum_i K_im Q_in
    zero, span, columns = weights.field.zero, range(d), []
    for i in range(a):
        columns += [[x if m == r else zero for r in span for x in Q.rows[i]] for m in span]
    for i in range(a):
        columns += [[x if n == c else zero for x in K.rows[i] for c in span] for n in span]
    by_A = Matrix(weights.field, [row[: d * d] for row in inner.rows])
    by_V = [row[d * d :] for row in inner.rows]
    chain = by_A @ Matrix(weights.field, columns).T
    return Matrix(weights.field, [x + y for x, y in zip(chain.rows, by_V, strict=True)])


def tangent_columns(A: Matrix, bound: int) -> Matrix:
    """Columns that span the tangent space at A of the matrices of rank at most `bound`.

    That is everything when the rank is below the bound or the bound is no constraint, and
    ``{X : X(ker A) in im A}`` when the rank equals it.
    """
    d = A.shape[0]
    if bound >= d or A.rank() < bound:
        return Matrix.identity(A.field, d * d)
    columns = []
    image, _ = A.T.rref()
    basis = [row for row in image.rows if any(x != 0 for x in row)]  # spans the columns of A
    reduced, _ = A.rref()
    coimage = [row for row in reduced.rows if any(x != 0 for x in row)]  # spans the rows of A
    one, zero = A.field.one, A.field.zero
    for left in basis:
        for n in range(d):
            columns.append([x * (one if n == j else zero) for x in left for j in range(d)])
    for right in coimage:
        for m in range(d):
            columns.append([(one if m == i else zero) * y for i in range(d) for y in right])
    return Matrix(A.field, columns).T


def fiber_tangent_dimension(network: Architecture, weights: Weights) -> int:
    """Dimension of the Zariski tangent space, at these weights, of the fiber through them.

    In (K, Q, V) this is the kernel of the differential; in (A, V) its intersection with the
    tangent space of ``{rank A <= a}`` (as the scheme of the minors).
    """
    if weights.form == "QKV":
        J = jacobian_QKV(network, weights)
        return J.shape[1] - J.rank()
    tangent = tangent_columns(weights.A[0], network.ranks[0])
    return tangent.rank() + network.d_in * network.d_out - local_rank(network, weights)


def local_rank(network: Architecture, weights: Weights) -> int:
    """Rank of the differential of (A, V) -> function on the tangent space at these weights.

    At a smooth point of ``{rank A <= a}`` this is the dimension of the image of the tangent space.
    """
    A, V, square = weights.A[0], weights.V[0], network.d_in**2
    J = jacobian_AV(network, A, V)
    tangent = tangent_columns(A, network.ranks[0])
    by_A = Matrix(A.field, [row[:square] for row in J.rows]) @ tangent
    return Matrix(
        A.field, [x + row[square:] for x, row in zip(by_A.rows, J.rows, strict=True)]
    ).rank()
