"""Results that behave like what they answer: a number, a truth value, or a list.

A class of results inherits at most one of the three, before :class:`~algattn.results.Result`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import fields
from numbers import Real
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar, cast

from algattn.errors import UndecidedError

__all__ = ["ListLike", "NumberLike", "TruthLike"]


def _computes(act: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A method that computes with the number, which must be known."""

    def compute(self: Any, other: Any) -> Any:
        return act(index(self), index(other) if isinstance(other, NumberLike) else other)

    return compute


def _compares(act: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    """A method that compares, where all numbers within the bounds agree about the answer."""

    def compare(self: Any, other: Any) -> Any:
        if not isinstance(other, NumberLike | Real):
            return NotImplemented
        (a, b), (c, d) = self.bounds, getattr(other, "bounds", (other, other))
        said = {act(a, c), act(a, d), act(b, c), act(b, d)}
        return said.pop() if len(said) == 1 else act(index(self), index(cast("Any", other)))

    return compare


class NumberLike:
    """A result that compares, adds and indexes like the whole number it is about.

    Where only bounds are known, it is smaller or larger than what lies outside of them, equal to
    nothing, and everything else (``int``, sums, comparisons with what lies between) raises
    :class:`~algattn.errors.UndecidedError`: ``value`` may still be a number that is very likely.
    Two results are equal when problem, value and evidence are.  Classes are dataclasses with
    ``eq=False``, because equality and hash are those of the number.

    Examples
    --------
    >>> from algattn import Lightning
    >>> r, s = (Lightning((2, n), 1).dimension() for n in (1, 2))
    >>> r == 4, r < s, r + 1, sum([r, s]), list(range(r)), {4: "four"}[r]
    (True, True, 5, 10, [0, 1, 2, 3], 'four')
    """

    if TYPE_CHECKING:
        value: Any

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest number that it can be."""
        return getattr(self, "lower", self.value), getattr(self, "upper", self.value)

    def __index__(self) -> int:
        lower, upper = self.bounds
        if lower != upper:
            raise UndecidedError(
                "use this result as a number",
                f"all that is known is {lower} <= n <= {upper}",
                "result.bounds, or result.value where a likely number is enough",
                self,
            )
        return index(lower)

    def __bool__(self) -> bool:
        return self.bounds != (0, 0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NumberLike):
            known = set[object](self.bounds)
            return known == {other} if isinstance(other, Real) else NotImplemented
        names = [f.name for f in fields(self) if f.compare]  # type: ignore[arg-type]
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name) for name in names
        )

    def __hash__(self) -> int:
        lower, upper = self.bounds
        return hash(lower) if lower == upper else hash((lower, upper))

    def __neg__(self) -> int:
        return -index(self)

    __lt__ = _compares(operator.lt)
    __le__ = _compares(operator.le)
    __gt__ = _compares(operator.gt)
    __ge__ = _compares(operator.ge)
    __add__ = __radd__ = _computes(operator.add)
    __mul__ = __rmul__ = _computes(operator.mul)
    __sub__ = _computes(operator.sub)
    __rsub__ = _computes(lambda n, x: x - n)
    __floordiv__ = _computes(operator.floordiv)
    __mod__ = _computes(operator.mod)
    __truediv__ = _computes(operator.truediv)
    __rtruediv__ = _computes(lambda n, x: x / n)


class TruthLike:
    """A result that is true when its answer is yes.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning((2, 1), 1)
    >>> bool(net.equivalent(net.random_weights(1), net.random_weights(2)))
    False
    """

    if TYPE_CHECKING:
        value: Any

    def __bool__(self) -> bool:
        return bool(self.value)


class ListLike(Sequence[Any]):
    """A result that lists parts: it iterates, has a length, and takes positions from 0 and slices.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning((2, 1), 1)
    >>> found = net.fiber(net.random_weights(1))
    >>> len(found), found[0].name, [c.dimension for c in found]
    (2, 'orbit', [2, 2])
    """

    #: The attribute with the parts.
    lists: ClassVar[str]

    def __len__(self) -> int:
        return len(getattr(self, self.lists))

    def __getitem__(self, position: Any) -> Any:
        return getattr(self, self.lists)[position]
