"""How many cells there can be: sharp bounds with explicit heads, keys and dimension."""

from __future__ import annotations

from math import comb

from algattn.arguments import checked
from algattn.questions import question
from algattn.tropical.bounds_result import BoundsResult, ConstructionLemma, CountLemma, check_sizes
from algattn.tropical.problems import Sizes


def maximum_cells(heads: int, keys: int, dimension: int) -> int:
    """The largest number of joint cells of one layer, ``sum_j C(H, j) (N - 1)^j``, j <= min(H, d).

    It is ``N^H`` for ``H <= d``, and of order ``N^d`` for fixed ``H >= d``.

    Examples
    --------
    >>> maximum_cells(2, 4, 2), maximum_cells(4, 3, 2)
    (16, 33)
    """
    if keys == 1 or heads <= dimension:
        return int(keys**heads) if keys > 1 else 1
    return int(sum(comb(heads, j) * (keys - 1) ** j for j in range(dimension + 1)))


def digit_bases(heads: int, keys: int, dimension: int) -> list[int]:
    """In how many slabs one layer can cut each coordinate, when the heads are shared out evenly.

    `m` heads with `N` keys cut one coordinate into ``1 + m (N - 1)`` slabs.

    >>> digit_bases(3, 4, 2), digit_bases(1, 4, 2)
    ([7, 4], [4, 1])
    """
    shares = [heads // dimension + (i < heads % dimension) for i in range(dimension)]
    return [1 + m * (keys - 1) for m in shares]


def upper_bound(*, heads: int, keys: int, dimension: int, depth: int) -> int:
    """The product over the layers: inside a cell every layer is a layer of pulled back heads."""
    return int(maximum_cells(heads, keys, dimension) ** depth)


def lower_bound(*, heads: int, keys: int, dimension: int, depth: int) -> int:
    """Digits in all layers but the last one, which cuts what is left by slab heads."""
    share, more = divmod(heads, dimension) if dimension else (0, 0)
    few, many = (1 + m * (keys - 1) for m in (share, share + 1))
    digits = many**more * few ** (dimension - more)
    return int(maximum_cells(heads, keys, dimension) * digits ** (depth - 1))


@question("tropical.bounds", command="tropical bounds")
@checked
def bounds(*, heads: int, keys: int, dimension: int, depth: int = 1) -> BoundsResult:
    """Bounds for the number of routing cells of `depth` layers with residual connections.

    Parameters
    ----------
    heads, keys, depth : int
        Heads in each layer, keys (with biases) in each head, layers; at least 1.
    dimension : int
        The dimension of the token; at least 0.

    Returns
    -------
    BoundsResult
        PROVED.  ``value`` bounds the number from above; ``lower`` is attained by
        :func:`~algattn.tropical.slab_heads` for one layer and by
        :func:`~algattn.tropical.depth_stack` for several.  They are equal for one layer, for
        ``heads <= dimension`` and in dimension 1.

    Raises
    ------
    InputError
        For sizes that are not positive integers.
    LimitError
        If the bound has more than 4000 digits.

    Notes
    -----
    Statements such as "the number of regions is Theta(N^(d L))" need ``heads >= dimension``; both
    forms are in ``asymptotics``.

    References
    ----------
    Lemma count in docs/tropical.md.  Earlier proofs for one layer: Montúfar, Ren and Zhang, "Sharp
    bounds for the number of regions of maxout networks and vertices of Minkowski sums"
    (MontufarRenZhang).

    Examples
    --------
    >>> bounds(heads=2, keys=4, dimension=2)
    <One layer of 2 heads with 4 keys in dimension 2 has at most 16 cells, and some have [PROVED]>
    >>> bounds(heads=1, keys=4, dimension=2, depth=3).asymptotics[1][:23]
    'Theta(N^(6)) = Theta(N^'
    """
    given = {"heads": heads, "keys": keys, "dimension": dimension, "depth": depth}
    check_sizes(**given)
    return BoundsResult.assemble(
        Sizes(**given),
        upper_bound(**given),
        {"upper": [CountLemma()], "lower": [ConstructionLemma()]},
        lower=lower_bound(**given),
    )
