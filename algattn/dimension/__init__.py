"""Exact rank certificates for the dimension of attention function spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.arguments import checked
from algattn.questions import question

if TYPE_CHECKING:
    from algattn.attention import Architecture
    from algattn.dimension.family_results import EqualWidths, Multiplicities

__all__ = ["family"]


@question("dimension.equal-widths dimension.multiplicities")
@checked
def family(
    network: Architecture | None = None,
    *,
    depth: int | None = None,
    kind: str = "lightning",
    tokens: int = 2,
    seed: int = 0,
    prime: int | None = None,
) -> EqualWidths | Multiplicities:
    """The dimension of infinitely many shapes at once, as a polynomial with its certificate.

    Parameters
    ----------
    network : Lightning or Softmax, optional
        Take all shapes with the same orthogonal symmetry, one for every choice of the factor sizes
        ``m_j >= 2``; the polynomial is in the ``m_j``.
    depth : int, optional
        Instead of a network: take all shapes with this many layers, all widths d and all ranks a,
        ``1 <= a <= d``; the polynomial is in d and a.  (Larger a give the same functions as a = d.)
    kind : {"lightning", "softmax"}
        For `depth`.
    tokens : int
        For `depth`; all numbers from 2 on give the same dimensions.
    seed, prime : int

    Returns
    -------
    EqualWidths or Multiplicities
        PROVED.

    Raises
    ------
    InputError
        Unless exactly one of network and depth is given.
    UndecidedError
        When no symmetric point decides some cell of the family.

    Complexity
    ----------
    A handful of ranks of small matrices; independent of all sizes in the family.

    Notes
    -----
    Lemmas "symmetry" and "families" of ``algattn/docs/dimension.md``.

    Examples
    --------
    >>> from algattn.dimension import family
    >>> found = family(depth=2)
    >>> found.value
    {'d >= a': 'd^2 + 4*d*a - 2*a^2 - 2'}
    >>> found.status.name, found.at(256, 128)
    ('PROVED', 163838)
    """
    from algattn.dimension import family_results

    return family_results.family(
        network, depth=depth, kind=kind, tokens=tokens, seed=seed, prime=prime
    )
