"""The one formula of an attention layer, over any ring of matrices.

Tokens are columns.  Head h of group g has the scores ``S = (K_g X + bk_g)^T (Q_h X + bq_h)`` (key
index first), turns them into weights P (lightning: zero where the mask hides a key; softmax: the
softmax over the keys that are seen), and adds ``O_h (W_g X + bv_g) P`` to the output; with full
value matrices ``(V_h X + bv_h) P``.  Then come the bias bo and, in a residual layer, X itself.

Values, polynomials, residues with derivatives, balls and floats are readings of this formula:
a reading brings matrices with ``@``, ``+`` and ``.T``, and a way from scores to weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, Self, TypeVar

from algattn.attention.spaces import Head, LayerShape, Parameter

__all__ = ["Attend", "Key", "MatrixLike", "attention_layer"]

#: Name of a weight (:data:`algattn.attention.spaces.NAMES`, or "A" for ``K^T Q``) and its group or
#: head, from 0.
Key = tuple[str, int]


class MatrixLike(Protocol):
    """A matrix, or a stack of them, over some ring."""

    @property
    def T(self) -> Self: ...
    def __matmul__(self, other: Self) -> Self: ...
    def __add__(self, other: Self) -> Self: ...


M = TypeVar("M", bound=MatrixLike)
#: From the scores of a head (keys x queries) to the weights of its values.
Attend = Callable[[M, LayerShape, int], M]


def attention_layer(
    shape: LayerShape, weights: Mapping[Key, M], X: M, attend: Attend[M], one: M | None = None
) -> M:
    """The output of a layer.

    Parameters
    ----------
    shape : LayerShape
    weights : mapping
        From names and indices to matrices; ``("A", h)`` in place of K and Q where there are no
        biases of keys and queries.
    X : matrix d x t
    attend : callable
        Takes scores (t x t), the layer and the number of the head.
    one : matrix 1 x t, optional
        A row of ones; needed only for biases.

    Returns
    -------
    matrix e x t
    """

    def affine(p: Parameter, bias: str, index: int) -> M:
        linear = weights[p.key] @ X
        return linear + weights[bias, index] @ one if (bias, index) in weights else linear  # type: ignore[operator]

    keys: dict[int, M] = {}
    values: dict[int, M] = {}

    def scores(head: Head, h: int) -> M:
        if ("A", h) in weights:
            return X.T @ weights["A", h] @ X
        if head.group not in keys:
            keys[head.group] = affine(head.key, "bk", head.group).T
        return keys[head.group] @ affine(head.query, "bq", h)

    total: M | None = None
    for h, head in enumerate(shape.maps):
        if head.group not in values:
            values[head.group] = affine(head.value, "bv", head.group)
        out = values[head.group] @ attend(scores(head, h), shape, h)
        if head.output is not None:
            out = weights["O", h] @ out
        total = out if total is None else total + out
    assert total is not None
    if ("bo", 0) in weights:
        total = total + weights["bo", 0] @ one  # type: ignore[operator]
    return total + X if shape.residual else total
