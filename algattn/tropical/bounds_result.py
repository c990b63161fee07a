"""How many cells there can be, with the two lemmas as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log10
from typing import ClassVar

from algattn.errors import InputError, LimitError
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    NumberLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)
from algattn.tropical.problems import Sizes
from algattn.words import quoted

#: Python writes integers with at most 4300 digits.
MAX_DIGITS = 4000


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


@declare(
    "tropical.count-lemma",
    about("tropical.bounds", "upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class CountLemma(Evidence):
    """Lemma count in docs/tropical.md: at most the sum of C(H, j) (N - 1)^j, j <= min(H, d)."""

    def check(self, problem: Sizes, claim: Claim) -> None:
        check_sizes(**vars(problem))
        n = problem
        bound = maximum_by_terms(n.heads, n.keys, n.dimension) ** n.depth
        self.expect(claim.value, bound, f"the bound is {bound}, not {claim.value}")


@declare(
    "tropical.construction-lemma",
    about("tropical.bounds", "lower"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class ConstructionLemma(Evidence):
    """Lemma constructions in docs/tropical.md: digits, and slab heads in the last layer."""

    def check(self, problem: Sizes, claim: Claim) -> None:
        check_sizes(**vars(problem))
        n = problem
        digits = digits_by_coordinates(n.heads, n.keys, n.dimension)
        found = maximum_by_terms(n.heads, n.keys, n.dimension) * digits ** (n.depth - 1)
        self.expect(claim.value, found, f"the constructions give {found}, not {claim.value}")


@register
@dataclass(frozen=True, repr=False, eq=False)
class BoundsResult(NumberLike, Result):
    """How many cells are possible, with the number of heads in the statement.

    Attributes
    ----------
    problem : Sizes
    value : int
        An upper bound for the number of routing cells; for one layer it is attained.
    lower : int
        A number of cells that a construction attains.
    sharp : bool
        Whether the two are equal.
    exponent : int
        The number of cells grows like ``keys ** exponent`` (heads, dimension and depth fixed).
    asymptotics : tuple of str
        The statements about growth, with their conditions.
    """

    kind: ClassVar[str] = "tropical.bounds"
    title: ClassVar[str] = "How many linear regions can there be?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "upper",
        "lower",
    )

    problem: Sizes
    value: int
    lower: int

    def outline(self) -> tuple[Outline, ...]:
        n = self.problem
        what = f"{n.depth} layers of {n.heads} heads with {n.keys} keys in dimension {n.dimension}"
        upper, lower = self.value, self.lower
        return (
            Outline("upper", f"{what} have at most {upper} routing cells", upper, ("upper",)),
            Outline("lower", f"some {what} have {lower} routing cells", lower, ("lower",)),
        )

    @property
    def sharp(self) -> bool:
        return self.lower == self.value

    @property
    def exponent(self) -> int:
        return min(self.problem.heads, self.problem.dimension) * self.problem.depth

    @property
    def asymptotics(self) -> tuple[str, ...]:
        h, d, depth = self.problem.heads, self.problem.dimension, self.problem.depth
        few, many = f"N^({h * depth})", f"N^({d * depth})"
        if h < d:
            return (
                f"heads < dimension ({h} < {d}): the maximum is Theta({few}) = Theta(N^(heads * "
                "depth)) for N keys",
                f"Theta({many}) = Theta(N^(dimension * depth)) does not hold: it needs heads >= "
                "dimension",
            )
        first = (
            f"heads >= dimension ({h} >= {d}): the maximum is Theta({many}) = "
            "Theta(N^(dimension * depth)) for N keys"
        )
        if h == d:
            return (first, f"this equals Theta(N^(heads * depth)) = Theta({few}), as heads = d")
        return (
            first,
            f"O({few}) = O(N^(heads * depth)) holds but is not attained: the exponent stops at "
            "the dimension",
        )

    def sentence(self) -> str:
        h, n = self.problem.heads, self.problem.keys
        d, depth = self.problem.dimension, self.problem.depth
        layers, verb = ("One layer", "has") if depth == 1 else (f"{depth} layers", "have")
        many = f"{layers} of {h} heads with {n} keys in dimension {d}"
        text = f"{many} {verb} at most {self.value} cells"
        return text + (", and some have" if self.sharp else f"; some have {self.lower}")

    def card_rows(self) -> Iterator[CardRow]:
        return (CardRow("", line) for line in self.asymptotics)

    def formula(self) -> str:
        return rf"\#\text{{cells}} \le {self.value}"
