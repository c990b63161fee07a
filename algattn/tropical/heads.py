"""Real heads: from key, query and value matrices and context tokens to keys, values and biases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flint import fmpq

from algattn.arguments import check_whole
from algattn.errors import HypothesisError, ShapeError
from algattn.tropical.numbers import dot, read_vector, read_vectors

if TYPE_CHECKING:
    from algattn.attention import Weights

_ASKED = "make a tropical attention head from weights"


def pull_back(
    *,
    K: Any,
    Q: Any,
    V: Any,
    context: Any,
    query_bias: Any,
    biases: Any,
    attends_to_itself: bool,
    layer_norm: bool,
    floats: bool,
) -> dict[str, Any]:
    """Keys ``Q^T K y_j``, biases ``query_bias . K y_j + biases_j`` and values ``V y_j``.

    The parameters are those of :meth:`TropicalAttention.from_head`.
    """
    if attends_to_itself:
        raise HypothesisError(
            _ASKED,
            "the token is among its own keys, so its own score x^T A x is quadratic and the cells "
            "are not polyhedral",
            "take the token as a fixed context token, or leave it out",
        )
    if layer_norm:
        raise HypothesisError(
            _ASKED,
            "layer normalisation divides by a norm, so the scores are not affine and the cells are "
            "not polyhedral",
            "start behind the normalisation: give the normalised tokens as context",
        )
    k = read_vectors(K, f"{_ASKED} (K)", floats=floats)
    q = read_vectors(Q, f"{_ASKED} (Q)", floats=floats)
    if len(k) != len(q) or not k:
        raise ShapeError(_ASKED, f"K has {len(k)} rows and Q has {len(q)}", "use equal ranks")
    tokens = read_vectors(context, f"{_ASKED} (context)", floats=floats, dimension=len(k[0]))
    shift = (fmpq(0),) * len(q)
    if query_bias is not None:
        shift = read_vector(query_bias, f"{_ASKED} (query bias)", floats=floats, dimension=len(q))
    seen = [tuple(dot(row, y) for row in k) for y in tokens]
    extra: Sequence[fmpq] = (fmpq(0),) * len(tokens)
    if biases is not None:
        extra = read_vector(biases, f"{_ASKED} (biases)", floats=floats, dimension=len(tokens))
    columns = list(zip(*q, strict=True))
    values = None
    if V is not None:
        v = read_vectors(V, f"{_ASKED} (V)", floats=floats, dimension=len(k[0]))
        values = [[dot(row, y) for row in v] for y in tokens]
    return {
        "keys": [[dot(column, s) for column in columns] for s in seen],
        "values": values,
        "biases": [dot(shift, s) + e for s, e in zip(seen, extra, strict=True)],
    }


def attention_matrices(weights: Weights, layer: int) -> tuple[Any, Any]:
    """The rows of A and V of one layer, which has to be over the rational numbers."""
    layer = check_whole(layer, _ASKED, "layer", 0, weights.layers - 1, ShapeError)
    A, V = weights.A[layer], weights.V[layer]
    if A.field.to_data() != "QQ":
        raise HypothesisError(
            _ASKED, f"the weights are in {A.field}, where nothing is largest", "use QQ"
        )
    return A.rows, V.rows
