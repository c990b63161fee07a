"""The differential of the parametrization of one layer at given weights, exactly."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from algattn.attention import Architecture, Weights
from algattn.attention.coordinates import natural_labels
from algattn.exact import Matrix


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
    zero, columns = weights.field.zero, []
    for i in range(a):
        for m in range(d):
            column = [zero] * (d * d)
            column[m * d : (m + 1) * d] = Q.rows[i]
            columns.append(column)
    for i in range(a):
        for n in range(d):
            column = [zero] * (d * d)
            for m in range(d):
                column[m * d + n] = K.rows[i][m]
            columns.append(column)
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
    A, V, d = weights.A[0], weights.V[0], network.d_in
    J = jacobian_AV(network, A, V)
    tangent = tangent_columns(A, network.ranks[0])
    by_A = Matrix(A.field, [row[: d * d] for row in J.rows]) @ tangent
    joined = Matrix(A.field, [x + row[d * d :] for x, row in zip(by_A.rows, J.rows, strict=True)])
    return tangent.rank() + d * network.d_out - joined.rank()


def local_rank(network: Architecture, weights: Weights) -> int:
    """Rank of the differential of (A, V) -> function on the tangent space at these weights.

    At a smooth point of ``{rank A <= a}`` this is the dimension of the image of the tangent space.
    """
    A, V, d = weights.A[0], weights.V[0], network.d_in
    J = jacobian_AV(network, A, V)
    tangent = tangent_columns(A, network.ranks[0])
    by_A = Matrix(A.field, [row[: d * d] for row in J.rows]) @ tangent
    return Matrix(
        A.field, [x + row[d * d :] for x, row in zip(by_A.rows, J.rows, strict=True)]
    ).rank()
