"""How many cells there can be: sharp bounds with explicit heads, keys and dimension."""

from __future__ import annotations

from math import comb, inf, log10

from algattn.arguments import checked
from algattn.errors import InputError, LimitError
from algattn.questions import question
from algattn.tropical.bounds_result import BoundsResult, ConstructionLemma, CountLemma
from algattn.tropical.problems import Sizes
from algattn.words import quoted

#: Python writes integers with at most 4300 digits.
MAX_DIGITS = 4000


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


def maximum_by_terms(heads: int, keys: int, dimension: int) -> int:
    """The sum of :func:`maximum_cells` term by term, each from the one before it.

    >>> maximum_by_terms(2, 4, 2), maximum_by_terms(4, 3, 2), maximum_by_terms(7, 1, 3)
    (16, 33, 1)
    """
    total = term = 1
    for j in range(min(heads, dimension)):
        term = term * (heads - j) * (keys - 1) // (j + 1)
        if term == 0:
            break
        total += term
    return total


def digits_by_coordinates(heads: int, keys: int, dimension: int) -> int:
    """In how many boxes one layer cuts the unit box, coordinate by coordinate.

    >>> digits_by_coordinates(3, 4, 2), digits_by_coordinates(1, 4, 2)
    (28, 4)
    """
    total, left = 1, heads
    for axis in range(min(heads, dimension) if keys > 1 else 0):
        share = -(-left // (dimension - axis))  # the heads still there, shared out evenly
        total *= 1 + share * (keys - 1)
        left -= share
    return total


def check_sizes(*, heads: int, keys: int, dimension: int, depth: int) -> None:
    """Refuse sizes that make no sense, or whose bound is too long to be written down."""
    given = {"heads": heads, "keys": keys, "dimension": dimension, "depth": depth}
    for name, value in given.items():
        least = 0 if name == "dimension" else 1
        if type(value) is not int or value < least:
            raise InputError(
                "bound the cells", f"{name} is {quoted(value)}", f"an integer >= {least}"
            )
    top = min(heads, dimension)
    try:
        digits = depth * min(heads * log10(keys), top * log10(1 + heads * (keys - 1)))
    except OverflowError:
        digits = inf
    if digits > MAX_DIGITS:
        raise LimitError(
            "bound the cells",
            f"the bound has up to {digits:.4g} digits, at most {MAX_DIGITS} are written",
            "use smaller numbers; the growth is N^(min(heads, dimension) * depth)",
        )


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
