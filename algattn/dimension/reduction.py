"""Effective shapes of deep attention networks and their expected dimension.

A network of widths ``d_0..d_l`` and attention ranks ``a_1..a_l`` computes exactly the functions of
a smaller one (the *reduction lemma*, for lightning and softmax alike):

* the image of ``V_i .. V_1`` has dimension at most ``r_i = min(d_0..d_i)``, and layer ``i + 1``
  only sees that image, so a width beyond ``r_i`` is not used;
* layer ``i`` reads its input through the rows of ``K_i``, ``Q_i`` and ``V_i`` only, so a hidden
  width beyond ``2 a_i + e_i`` is not used (``e_i`` the effective width behind it);
* ``A_i = K_i^T Q_i`` on ``e_{i-1}`` coordinates has rank at most ``alpha_i = min(a_i, e_{i-1})``.

So a dimension is computed for the effective shape, which has no idle weights.  A lightning layer
whose input has rank one as a matrix (one token, width one, or behind a layer of rank one) only
sees the symmetric part of its form: it is *collapsed*.  A softmax network on one token is ``V_l ..
V_1 x``; it is the same formula with all attention ranks zero.

Sources: Henry, Marchetti, Kohn, "Geometry of Lightning Self-Attention", arXiv 2408.17221 (one
layer and the generic deep case).  The corrections for slits and collapsed layers are checked by
exact ranks; `algattn.dimension.symmetric` proves the formula shape by shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algattn.attention.spaces import LayerShape
from algattn.dimension.layers import Kind, Layers, Tie, copies
from algattn.errors import ShapeError

__all__ = ["Kind", "Reduction", "form_dimension", "reduce_shape"]


@dataclass(frozen=True)
class Reduction:
    """A network shape with its effective shape.

    Attributes
    ----------
    kind : Kind
        Lightning or softmax.
    widths : tuple of int
        ``d_0..d_l`` as given.
    attention : tuple of int
        ``a_1..a_l`` as given.
    tokens : int
        Number of columns t of the input.
    bottlenecks : tuple of int
        ``r_0..r_l``, running minima of the widths.
    effective : tuple of int
        ``e_0..e_l``.
    ranks : tuple of int
        ``alpha_1..alpha_l``; all 0 for softmax with one token.
    collapsed : tuple of bool
        For each layer, whether it only sees the symmetric part of its form.
    """

    kind: Kind
    widths: tuple[int, ...]
    attention: tuple[int, ...]
    tokens: int
    bottlenecks: tuple[int, ...]
    effective: tuple[int, ...]
    ranks: tuple[int, ...]
    collapsed: tuple[bool, ...]

    @property
    def depth(self) -> int:
        """Number of layers l."""
        return len(self.attention)

    @property
    def is_reduced(self) -> bool:
        """Whether the shape equals its effective shape."""
        return self.widths == self.effective and self.attention == self.ranks

    @property
    def sample_tokens(self) -> int:
        """Tokens that suffice to see the whole dimension: ``min(t, 2)``.

        Lightning: columns three and up may be set to zero.  Softmax with indeterminates for the
        exponentials: those towards the first two columns may be set to zero.  Either way the first
        two columns are the network on two tokens, and the upper bound does not depend on t.  True
        exponentials cannot be zero: ball arithmetic takes two distinct tokens, one of them often
        enough for t (:func:`~algattn.dimension.balls.copies`).
        """
        return min(self.tokens, 2)

    @property
    def layers(self) -> Layers:
        """The effective shape on :attr:`sample_tokens` tokens."""
        return self.resized(self.effective, self.ranks)

    def resized(self, widths: Sequence[int], ranks: Sequence[int]) -> Layers:
        """The same layers with other widths and ranks."""
        shapes = tuple(
            LayerShape(
                number=i + 1,
                d=widths[i],
                e=widths[i + 1],
                rank=a,
                heads=1,
                groups=1,
                value_rank=None,
                tokens=self.sample_tokens,
                mask=None,
                residual=False,
                biases="",
            )
            for i, a in enumerate(ranks)
        )
        # Lightning: other tokens may be zero, and add nothing.
        few = self.sample_tokens
        counts = (1,) * few if self.kind is Kind.LIGHTNING else copies(self.tokens, few)
        return Layers(self.kind, shapes, self.ties, counts)

    @property
    def ties(self) -> tuple[Tie, ...]:
        """For each layer, whether ``s_jk = s_kj`` identically (a width one before it)."""
        return tuple(Tie.SYMMETRIC if r == 1 else Tie.FREE for r in self.bottlenecks[:-1])

    @property
    def parameters_form(self) -> int:
        """Dimension of the weights ``(A, V)`` of the effective shape."""
        e, alpha = self.effective, self.ranks
        return sum(alpha[i] * (2 * e[i] - alpha[i]) + e[i] * e[i + 1] for i in range(self.depth))

    @property
    def parameters_factored(self) -> int:
        """Number of entries of ``(K, Q, V)`` of the effective shape."""
        e, alpha = self.effective, self.ranks
        return sum(e[i] * (2 * alpha[i] + e[i + 1]) for i in range(self.depth))

    @property
    def parameters_given(self) -> int:
        """Number of entries of ``(K, Q, V)`` of the shape as given."""
        d, a = self.widths, self.attention
        return sum(d[i] * (2 * a[i] + d[i + 1]) for i in range(self.depth))

    @property
    def scalings(self) -> int:
        """Layer scalings ``(A_i, V_i) -> (c A_i, V_i / c)``: l for lightning, 0 for softmax."""
        return self.depth if self.kind is Kind.LIGHTNING else 0

    @property
    def expected(self) -> int:
        """Expected dimension of the function space."""
        e, alpha = self.effective, self.ranks
        forms = sum(
            form_dimension(e[i], alpha[i], symmetric=self.collapsed[i]) for i in range(self.depth)
        )
        values = sum(e[i] * e[i + 1] for i in range(self.depth))
        hidden = sum(width * width for width in e[1:-1])
        return forms + values - hidden - self.scalings


def form_dimension(width: int, rank: int, *, symmetric: bool = False) -> int:
    """Dimension of the forms ``K^T Q``, or of their symmetric parts.

    Parameters
    ----------
    width : int
        Size of the form.
    rank : int
        Rows of K and Q, at most ``width``.
    symmetric : bool
        Count ``K^T Q + Q^T K`` instead: symmetric forms of rank at most ``min(2 rank, width)``.

    Examples
    --------
    >>> form_dimension(4, 2), form_dimension(4, 1, symmetric=True)
    (12, 7)
    """
    if not symmetric:
        return rank * (2 * width - rank)
    s = min(2 * rank, width)
    return s * width - s * (s - 1) // 2


def reduce_shape(
    widths: Sequence[int], attention: Sequence[int], *, tokens: int = 2, kind: Kind = Kind.LIGHTNING
) -> Reduction:
    """Reduce a network shape to its effective widths and ranks.

    Parameters
    ----------
    widths : sequence of int
        ``d_0..d_l``, all positive.
    attention : sequence of int
        ``a_1..a_l``, all positive.
    tokens : int
        Number of tokens t.
    kind : Kind
        Lightning or softmax.

    Returns
    -------
    Reduction
        The effective shape; `Reduction.expected` is the expected dimension.

    Raises
    ------
    ShapeError
        If the lengths do not match or an entry is not positive.

    Examples
    --------
    >>> reduce_shape((5, 4, 1), (1, 1)).effective
    (5, 3, 1)
    >>> reduce_shape((5, 4, 1), (1, 1)).expected
    21
    >>> reduce_shape((4, 4, 4), (1, 3)).expected, reduce_shape((4, 4, 4), (3, 1)).expected
    (31, 36)
    """
    d, a = tuple(int(x) for x in widths), tuple(int(x) for x in attention)
    if len(a) < 1 or len(d) != len(a) + 1:
        raise ShapeError(
            "reduce a network shape",
            f"{len(a)} attention ranks and {len(d)} widths",
            "at least one layer, and one rank less than widths",
        )
    if min(d) < 1 or min(a) < 1 or tokens < 1:
        raise ShapeError(
            "reduce a network shape",
            f"widths {d}, ranks {a} and tokens {tokens} are not all positive",
            "numbers from 1 on",
        )
    depth = len(a)
    reach = (0,) * depth if kind is Kind.SOFTMAX and tokens == 1 else a
    bottlenecks = [d[0]]
    for width in d[1:]:
        bottlenecks.append(min(bottlenecks[-1], width))
    e = [*bottlenecks[:-1], d[-1]]
    for i in range(depth - 1, 0, -1):
        e[i] = min(e[i], 2 * reach[i] + e[i + 1])
    alpha = tuple(min(reach[i], e[i]) for i in range(depth))
    collapsed = []
    rho = min(tokens, d[0])
    for i in range(depth):
        collapsed.append(kind is Kind.LIGHTNING and rho < 2)
        rho = min(rho, alpha[i], e[i + 1])
    return Reduction(kind, d, a, tokens, tuple(bottlenecks), tuple(e), alpha, tuple(collapsed))
