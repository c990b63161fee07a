"""How many cells there can be: sharp bounds with explicit heads, keys and dimension."""

from __future__ import annotations

from math import comb

from algattn.errors import InputError
from algattn.tropical.results import BoundsResult, ConstructionLemma, CountLemma, CountTheorem


def maximum_cells(heads: int, keys: int, dimension: int) -> int:
    """The largest number of joint cells of one layer, ``sum_j C(H, j) (N - 1)^j``, j <= min(H, d).

    It is ``N^H`` for ``H <= d``, and of order ``N^d`` for fixed ``H >= d``.

    Examples
    --------
    >>> maximum_cells(2, 4, 2), maximum_cells(4, 3, 2)
    (16, 33)
    """
    top = min(heads, dimension)
    return int(sum(comb(heads, j) * (keys - 1) ** j for j in range(top + 1)))


def upper_bound(*, heads: int, keys: int, dimension: int, depth: int) -> int:
    """The product over the layers: inside a cell every layer is a layer of pulled back heads."""
    return int(maximum_cells(heads, keys, dimension) ** depth)


def lower_bound(*, heads: int, keys: int, dimension: int, depth: int) -> int:
    """The better one of slab heads in the first layer and digits in every layer."""
    digits = int(keys ** (min(heads, dimension) * depth))
    return max(maximum_cells(heads, keys, dimension), digits)


def covered_by_lemma(*, heads: int, keys: int, dimension: int, depth: int) -> bool:
    """Whether the proof in docs/tropical.md covers the bound."""
    return heads <= dimension or dimension <= 2 or keys == 1


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
        ``value`` bounds the number from above, ``lower`` is attained by
        :func:`~algattn.tropical.slab_heads` or :func:`~algattn.tropical.depth_stack`; for one layer
        they are equal.  PROVED for ``heads <= dimension`` or ``dimension <= 2``, otherwise a
        THEOREM.

    Notes
    -----
    Statements such as "the number of regions is Theta(N^(d L))" need ``heads >= dimension``; both
    forms are in ``asymptotics``.

    References
    ----------
    Montúfar, Ren and Zhang, "Sharp bounds for the number of regions of maxout networks and vertices
    of Minkowski sums" (MontufarRenZhang).

    Examples
    --------
    >>> bounds(heads=2, keys=4, dimension=2)
    <One layer of 2 heads with 4 keys in dimension 2 have at most 16 cells, and some have [PROVED]>
    >>> bounds(heads=1, keys=4, dimension=2, depth=3).asymptotics[1][:23]
    'Theta(N^(6)) = Theta(N^'
    """
    given = {"heads": heads, "keys": keys, "dimension": dimension, "depth": depth}
    for name, value in given.items():
        least = 0 if name == "dimension" else 1
        if type(value) is not int or value < least:
            raise InputError("bound the cells", f"{name} is {value!r}", f"an integer >= {least}")
    upper = CountLemma() if covered_by_lemma(**given) else CountTheorem()
    return BoundsResult.assemble(
        given,
        upper_bound(**given),
        {"upper": [upper], "lower": [ConstructionLemma()]},
        {"lower": lower_bound(**given)},
    )
