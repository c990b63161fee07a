"""Weights of a network, what the function sees of them, and the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.attention import (
        Architecture,
        FunctionMap,
        GaugeElement,
        GaugeWord,
        VirtualWeights,
        Weights,
    )
    from algattn.attention.theorems import Theorem


def _virtual_weights() -> Theorem:
    from algattn.attention.weights import VIRTUAL_WEIGHTS

    return VIRTUAL_WEIGHTS


@question()
def random_weights(
    self: Architecture, seed: int = 0, *, form: str = "QKV", size: int = 5
) -> Weights:
    """Integer weights, the same for the same seed.

    Parameters
    ----------
    seed : int
    form : {"QKV", "AV"}
        Matrices ``K_i, Q_i`` (a_i x d_{i-1}) and ``V_i`` (d_i x d_{i-1}), or
        ``A_i = K_i^T Q_i`` (d_{i-1} x d_{i-1}, of rank at most a_i) and ``V_i``.
    size : int
        Entries of K, Q and V lie between -size and size.

    Returns
    -------
    Weights

    Raises
    ------
    LimitError
        For more numbers than fit into memory; dimensions do not need weights.

    Examples
    --------
    >>> from algattn import Lightning
    >>> Lightning(widths=(2, 1), ranks=1).random_weights(seed=1)
    Weights(K=[[[-3, -3]]], Q=[[[2, 3]]], V=[[[-1, 2]]])
    """
    from algattn.attention.weights import random_weights as draw

    return draw(self, seed, form=form, size=size)


@question()
def random_gauge(self: Architecture, seed: int = 0) -> GaugeElement | GaugeWord:
    """A random element of the gauge group of this network.

    Parameters
    ----------
    seed : int

    Returns
    -------
    GaugeElement or GaugeWord
        ``.act(weights)`` moves weights without changing their function; ``*`` and ``.inverse``.

    References
    ----------
    Lemma "scaling" of ``algattn/docs/deep.md``; ``algattn/docs/symmetries.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 1), ranks=2)
    >>> W, g = net.random_weights(1), net.random_gauge(7)
    >>> net.function(g.act(W)) == net.function(W)
    True
    """
    from algattn.attention.gauge import random_gauge as draw

    return draw(self, seed)


@question(theorem=_virtual_weights)
def virtual(self: Architecture, weights: Weights) -> VirtualWeights:
    """``(B_1..B_l, V)``, the weights that the function sees.

    Parameters
    ----------
    weights : Weights
        Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``.

    Returns
    -------
    VirtualWeights
        With ``P_i = V_i .. V_1``: ``B_i = P_{i-1}^T A_i P_{i-1}`` (d_0 x d_0) and ``V = P_l``
        (d_l x d_0).

    Complexity
    ----------
    Matrix products of the given sizes.

    References
    ----------
    Lemma "virtual weights" of ``algattn/docs/dimension.md``.

    Examples
    --------
    >>> from algattn import Lightning, Weights
    >>> net = Lightning(widths=(2, 2), ranks=1)
    >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
    >>> net.virtual(W)
    VirtualWeights(B=(Matrix(QQ, [[1/2, -1], [1, -2]]),), V=Matrix(QQ, [[1, -1], [3, -3]]))
    """
    from algattn.attention.weights import VIRTUAL_WEIGHTS, VirtualWeights, as_weights

    VIRTUAL_WEIGHTS.require(self, "find the virtual weights")
    return VirtualWeights.of(as_weights(self, weights))


@question()
def function(self: Architecture, weights: Weights) -> FunctionMap:
    """The function at the given weights, by its exact coefficients.

    Parameters
    ----------
    weights : Weights
        Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``.

    Returns
    -------
    FunctionMap
        d_l x t polynomials of degree ``3^l`` in the d_0 x t entries of X; equal functions are
        equal objects.

    Raises
    ------
    LimitError
        When the expansion would not fit into memory; :meth:`equivalent` and :meth:`dimension`
        do without.

    Complexity
    ----------
    As many terms as there are monomials of degree ``3^l`` in one output column.

    References
    ----------
    Henry, Marchetti, Kohn, arXiv 2408.17221.

    Examples
    --------
    >>> from algattn import Lightning, Weights
    >>> net = Lightning(widths=(2, 2), ranks=1)
    >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
    >>> net.function(W)
    <FunctionMap 2x2 -> 2x2, degree 3 over QQ, 12 nonzero coefficients>
    """
    from algattn.attention.functions import FunctionMap
    from algattn.attention.weights import as_weights

    return FunctionMap.of(self, as_weights(self, weights))
