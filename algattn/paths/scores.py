"""Reading order parameters: head scores, pruning, kernel-task overlap, permutations of heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from algattn.arguments import check_whole, checked
from algattn.errors import ShapeError
from algattn.paths.arrays import Floats
from algattn.paths.kernels import read_order_parameter
from algattn.paths.shape import PathShape
from algattn.words import quoted


def touches(shape: PathShape, layer: int, head: int) -> Floats:
    """A boolean matrix over pairs of paths: true where the first or the second uses the head.

    Layers and heads are 0-based.
    """
    layer = check_whole(layer, "choose a head", "layer", 0, shape.depth - 1, ShapeError)
    head = check_whole(head, "choose a head", "head", 0, shape.heads[layer] - 1, ShapeError)
    uses = np.array([path[layer] == head for path in shape.paths()])
    return np.asarray(uses[:, None] | uses[None, :])


@checked
def head_scores(U: Any, shape: PathShape) -> tuple[tuple[float, ...], ...]:
    """One score for each head: the sum of ``|U_{pi pi'}|`` over its pairs of paths; the largest is
    1.

    Returns
    -------
    tuple of tuples
        ``scores[layer][head]``; all zero when U is zero.

    Examples
    --------
    >>> head_scores(np.diag([3.0, 1.0]), PathShape((2,), (9, 9)))
    ((1.0, 0.3333333333333333),)

    References
    ----------
    Tiberi, Mignacco, Irie, Sompolinsky, arXiv:2405.15926.
    """
    size = np.abs(read_order_parameter(U, shape.count))
    raw = [
        [float(size[touches(shape, layer, head)].sum()) for head in range(n)]
        for layer, n in enumerate(shape.heads)
    ]
    top = max((v for row in raw for v in row), default=0.0)
    return tuple(tuple(v / top if top > 0 else 0.0 for v in row) for row in raw)


@checked
def prune(U: Any, shape: PathShape, layer: int, head: int) -> Floats:
    """U without a head: zero at all pairs of paths that use it.

    >>> prune(np.ones((2, 2)), PathShape((2,), (9, 9)), 0, 0).tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    return np.where(touches(shape, layer, head), 0.0, read_order_parameter(U, shape.count))


class Overlap(NamedTuple):
    """Eigenvalues of a kernel, decreasing, and ``|v_k . Y| / sqrt(P)`` of their vectors."""

    eigenvalues: Floats
    overlaps: Floats


@checked
def kernel_overlap(K: Any, Y: Any) -> Overlap:
    """How much of the task lies along each principal component of a training kernel.

    For labels -1 and +1 the squares of all overlaps add up to one.

    Examples
    --------
    >>> kernel_overlap(np.diag([1.0, 4.0]), [1, -1]).eigenvalues.tolist()
    [4.0, 1.0]
    """
    K, labels = np.asarray(K, dtype=float), np.asarray(Y, dtype=float)
    if K.ndim != 2 or K.shape != (len(labels), len(labels)):
        raise ShapeError(
            "compare a kernel with its task",
            f"the kernel is {K.shape} and there are {len(labels)} labels",
            "give the kernel of the training set",
        )
    values, vectors = np.linalg.eigh((K + K.T) / 2)
    return Overlap(values[::-1], np.abs(vectors[:, ::-1].T @ labels) / np.sqrt(len(labels)))


def path_permutation(shape: PathShape, layer: int, order: Sequence[int]) -> list[int]:
    """How the paths are permuted when the heads of a layer are listed in another order."""
    layer = check_whole(layer, "permute heads", "layer", 0, shape.depth - 1, ShapeError)
    try:
        whole = sorted(order) == list(range(shape.heads[layer]))
    except TypeError:
        whole = False
    if not whole:
        raise ShapeError(
            "permute heads",
            f"{quoted(order)} is not an order of the {shape.heads[layer]} heads of layer {layer}",
            "list every 0-based head once",
        )
    return [
        shape.index((*path[:layer], order[path[layer]], *path[layer + 1 :]))
        for path in shape.paths()
    ]


@checked
def permute_heads(U: Any, shape: PathShape, layer: int, order: Sequence[int]) -> Floats:
    """U after the heads of one layer are listed in another order; equivariance of the theory.

    >>> permute_heads(np.diag([1.0, 2.0]), PathShape((2,), (9, 9)), 0, [1, 0]).tolist()
    [[2.0, 0.0], [0.0, 1.0]]
    """
    rows = path_permutation(shape, layer, order)
    return np.asarray(read_order_parameter(U, shape.count)[np.ix_(rows, rows)])
