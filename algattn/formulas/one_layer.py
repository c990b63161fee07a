"""Counts for one layer: the function space, and the pieces that fibers are made of.

All are elementary consequences of the theory of quadratic forms and determinantal varieties; the
proofs are in ``algattn/docs/one_layer.md``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """One irreducible component: its dimension, and the ranks of K and Q at a general point."""

    dimension: int
    rank_K: int
    rank_Q: int


def key_query_components(d: int, a: int, r: int) -> list[Piece]:
    """Components of ``{(K, Q) : K^T Q = A}`` for a d x d matrix A of rank r, K and Q a x d.

    After splitting off A the rest is ``M^T N = 0`` with M, N of size (a-r) x (d-r), a variety of
    complexes: one component for each maximal pair (rank M, rank N).

    >>> [p.dimension for p in key_query_components(2, 1, 1)]
    [1]
    >>> [p.dimension for p in key_query_components(2, 1, 0)]
    [2, 2]
    """
    m, n = a - r, d - r
    base = 2 * a * r - r * r + n * m
    if m >= 2 * n:
        return [Piece(base + n * (m - n), r + n, r + n)]
    return [
        Piece(base + s * (m - s), r + s, r + m - s) for s in range(max(0, m - n), min(m, n) + 1)
    ]


def _isotropic(m: int, n0: int, j: int) -> int:
    """Dimension of the n0-tuples that span an isotropic subspace of dimension j in dimension m."""
    return j * (2 * m - 3 * j - 1) // 2 + j * n0


@dataclass(frozen=True)
class Section:
    """A real algebraic set over a symmetric matrix S: complex and real dimension and components.

    ``connected`` counts the connected components of the real points.
    """

    dimension: int
    components: int
    real_dimension: int | None
    connected: int


def key_query_sections(d: int, a: int, rank: int, signature: tuple[int, int] | None) -> Section:
    """``{(K, Q) : K^T Q + Q^T K = 2S}`` for S of the given rank and signature (None: not real).

    That is the set of ways to map the form 2S into the split form of dimension 2a: an isometry on
    a complement of the radical (Witt) and isotropic vectors, orthogonal to it, for the radical.
    """
    m, n0 = 2 * a - rank, d - rank
    base = 2 * a * rank - rank * (rank + 1) // 2
    dimension = base + _isotropic(m, n0, min(n0, m // 2))
    components = 2 if m % 2 == 0 and n0 >= m // 2 else 1
    if signature is None or max(signature) > a:
        return Section(dimension, components, None, 0)
    p, n = signature
    index = min(a - p, a - n)
    walls = (p == a) + (n == a)
    connected = 2**walls if rank else 1
    return Section(dimension, components, base + _isotropic(m, n0, min(n0, index)), connected)


def section_tangent(d: int, a: int, rank: int) -> int:
    """Dimension of the kernel of (K, Q) -> K^T Q + Q^T K at a general point over a form S.

    With P = (K; Q) of rank d - e the image is the forms that vanish on ker P, so the kernel has
    dimension ``2ad - d(d+1)/2 + e(e+1)/2``; it exceeds the dimension of the section exactly when
    the section is not reduced.
    """
    m, n0 = 2 * a - rank, d - rank
    e = n0 - min(n0, m // 2)
    return 2 * a * d - d * (d + 1) // 2 + e * (e + 1) // 2


def attention_sections(d: int, a: int, rank: int, signature: tuple[int, int] | None) -> Section:
    """``{A : A + A^T = 2S, rank A <= a}`` for S of the given rank and signature (None: not real).

    >>> attention_sections(2, 1, 2, (1, 1)).components  # k q^T and q k^T
    2
    """
    if rank == 0:
        dimension = block_stratum(d, 0, 2 * (min(a, d) // 2)) or 0
        return Section(dimension, 1, dimension, 1)
    top = min(a, d)
    ranks = range((rank + 1) // 2, top + 1)
    dimension = max(block_stratum(d, rank, r) or 0 for r in ranks)
    half, odd = divmod(rank, 2)
    components = 2 if not odd and half <= a <= d - half else 1
    if signature is None or max(signature) > a:
        return Section(dimension, components, None, 0)
    p, n = signature
    real = max(block_stratum(d, rank, r, signature) or 0 for r in range(max(p, n), top + 1))
    return Section(dimension, components, real, 2 if p == n == a else 1)


def block_stratum(
    d: int, rank: int, r: int, signature: tuple[int, int] | None = None
) -> int | None:
    """Dimension of ``{A : A + A^T = 2S, rank A = r}`` for S of the given rank; None if empty.

    With a signature, that of the real points.

    >>> block_stratum(2, 2, 1), block_stratum(2, 2, 1, (2, 0)), block_stratum(3, 0, 2)
    (0, None, 3)
    """
    if not (rank + 1) // 2 <= r <= d or (rank == 0 and r % 2):
        return None
    if rank == 0:
        return r * (2 * d - r - 1) // 2
    index = (2 * r - rank) // 2
    if signature is not None:
        if max(signature) > r:
            return None
        index = r - max(signature)
    m, n0 = 2 * r - rank, d - rank
    return 2 * r * rank - rank * (rank + 1) // 2 - r * r + _isotropic(m, n0, min(n0, index))


def skew_rank(bound: int) -> int:
    """The largest rank of a skew matrix of rank at most `bound`."""
    return 2 * (bound // 2)


def determinantal_dimension(d: int, r: int) -> int:
    """Dimension of the d x d matrices of rank at most r.

    >>> determinantal_dimension(3, 2)
    8
    """
    r = min(r, d)
    return r * (2 * d - r)


def symmetric_dimension(d: int, r: int) -> int:
    """Dimension of the symmetric d x d matrices of rank at most r.

    >>> symmetric_dimension(3, 2)
    5
    """
    r = min(r, d)
    return r * d - r * (r - 1) // 2


def layer_dimension(d: int, d_out: int, a: int, tokens: int) -> int:
    """Dimension of the function space of one lightning layer.

    ``alpha(2d - alpha) + d d' - 1`` for t >= 2 with alpha = min(a, d), and
    ``s d - s(s-1)/2 + d d' - 1`` for t = 1 with s = min(2a, d).

    >>> layer_dimension(2, 1, 2, 2), layer_dimension(2, 1, 2, 1)
    (5, 4)
    """
    if tokens == 1:
        return symmetric_dimension(d, 2 * a) + d * d_out - 1
    return determinantal_dimension(d, a) + d * d_out - 1
