"""The shape of a network of attention paths: heads, widths, variances, and what follows from them.

Layers are numbered l = 1..L with ``H_l`` heads; ``N_1..N_L, N_a`` are the widths.  The order
parameters form a chain ``u_a = U_{L+1}, U_L, .., U_1``: ``U_l`` is a symmetric positive definite
matrix over the partial paths ``(h_l, .., h_L)``, of size ``d_l = H_l .. H_L`` (and ``d_{L+1} =
1``). Paths are listed row by row: ``h_1`` is the slowest index, ``h_L`` the fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import isfinite, prod
from operator import index
from typing import Any

from flint import fmpq, fmpz

from algattn.arguments import checked
from algattn.errors import InputError, LimitError, ShapeError
from algattn.exact.fields import QQ
from algattn.words import quoted

Path = tuple[int, ...]
MAX_PATHS = 4096


def _count(asked: str, what: str, value: Any) -> int:
    index = getattr(value, "__index__", None)
    if isinstance(value, bool) or index is None or int(index()) < 1:
        raise ShapeError(asked, f"{what} is {quoted(value)}", "give whole numbers of at least 1")
    return int(index())


def _variance(asked: str, value: Any) -> Fraction | int | float:
    if isinstance(value, bool):
        raise InputError(asked, f"the variance {quoted(value)} is a truth value", "give a number")
    if isinstance(value, str | fmpq | fmpz | Fraction) or hasattr(value, "__index__"):
        number: Fraction | int | float = QQ.to_python(QQ(value))
    else:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(
                asked, f"the variance {quoted(value)} is not a number", "give positive numbers"
            ) from None
    try:
        fits = isfinite(number) and number > 0
    except OverflowError:  # a whole number beyond all floats
        fits = False
    if not fits:
        shown = str(value)[:40]
        raise InputError(
            asked, f"the variance {shown} is not positive, or no float", "give positive numbers"
        )
    return number


def _sequence(asked: str, what: str, value: Any) -> list[Any]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ShapeError(asked, f"{what}={quoted(value)} is not a sequence", f"write {what}=(2, 2)")
    return list(value)


@checked
@dataclass(frozen=True)
class PathShape:
    """Heads, widths and variances of a deep attention network with linear values.

    Parameters
    ----------
    heads : sequence of L int
        Heads per layer; empty for a two-layer linear network.
    widths : sequence of L + 1 int
        ``(N_1, .., N_L, N_a)``.
    variances : number or sequence of L + 2 numbers
        ``(s_0, s_1, .., s_L, s_a)``, prior variances of ``V^(0)``, ``V^(l)h`` and ``a``.  One
        number stands for all.  Integers, fractions and text such as ``"1/2"`` stay exact.

    Raises
    ------
    ShapeError, InputError
        When lengths do not fit or numbers are not positive.

    Examples
    --------
    >>> shape = PathShape((2, 3), (10, 10, 10), 1)
    >>> shape.count, shape.dims, shape.paths()[:4]
    (6, (6, 3, 1), [(0, 0), (0, 1), (0, 2), (1, 0)])
    """

    heads: tuple[int, ...]
    widths: tuple[int, ...]
    variances: tuple[Fraction | int | float, ...]

    def __init__(self, heads: Sequence[int], widths: Sequence[int], variances: Any = 1) -> None:
        asked = "make a network of attention paths"
        h = tuple(_count(asked, "a number of heads", n) for n in _sequence(asked, "heads", heads))
        w = tuple(_count(asked, "a width", n) for n in _sequence(asked, "widths", widths))
        if len(w) != len(h) + 1:
            raise ShapeError(
                asked,
                f"{len(h)} layers need {len(h) + 1} widths (N_1..N_L, N_a), not {len(w)}",
                f"write widths={(100,) * (len(h) + 1)}",
            )
        single = isinstance(variances, str) or not hasattr(variances, "__iter__")
        given = [variances] * (len(h) + 2) if single else list(variances)
        if len(given) != len(h) + 2:
            raise ShapeError(
                asked,
                f"{len(h)} layers need {len(h) + 2} variances (s_0, s_1..s_L, s_a), "
                f"not {len(given)}",
                "give one number for all, or one for each",
            )
        if prod(h) > MAX_PATHS:
            raise LimitError(
                asked, f"{prod(h)} paths are more than {MAX_PATHS}", "use fewer heads or layers"
            )
        object.__setattr__(self, "heads", h)
        object.__setattr__(self, "widths", w)
        object.__setattr__(self, "variances", tuple(_variance(asked, v) for v in given))

    @property
    def depth(self) -> int:
        """The number L of attention layers."""
        return len(self.heads)

    @property
    def count(self) -> int:
        """The number of paths, the product of all head counts."""
        return prod(self.heads)

    @property
    def dims(self) -> tuple[int, ...]:
        """``(d_1, .., d_{L+1})``, the sizes of the order parameters; the last is 1 for u_a."""
        return tuple(prod(self.heads[k:]) for k in range(self.depth + 1))

    @property
    def fan(self) -> tuple[int, ...]:
        """``(H_1, .., H_L, 1)``: how many copies of ``U_{l+1}`` stand in the mean of ``U_l``."""
        return (*self.heads, 1)

    @property
    def chain_variances(self) -> tuple[Fraction | int | float, ...]:
        """``(s_1, .., s_L, s_a)``."""
        return self.variances[1:]

    @property
    def input_variance(self) -> Fraction | int | float:
        """``s_0``, the prior variance of the first value matrix."""
        return self.variances[0]

    @property
    def parameters(self) -> int:
        """How many numbers the order parameters hold together."""
        return sum(d * (d + 1) // 2 for d in self.dims)

    def prior_scale(self) -> float:
        """``s_1 .. s_L s_a``, the diagonal of U in the limit of infinite width."""
        return prod(float(s) for s in self.chain_variances)

    def paths(self) -> list[Path]:
        """All paths as tuples of 0-based heads, in the order of the rows of U."""
        return list(product(*(range(h) for h in self.heads)))

    def index(self, path: Sequence[int]) -> int:
        """The row of U at which a path stands.

        >>> PathShape((2, 3), (5, 5, 5)).index((1, 2))
        5
        """
        try:
            heads = [index(h) for h in path]
        except TypeError:
            heads = []
        if len(heads) != self.depth or any(
            not 0 <= h < n for h, n in zip(heads, self.heads, strict=True)
        ):
            raise ShapeError(
                "find a path",
                f"{quoted(path)} is not a path of a network with heads {quoted(self.heads)}",
                "give one 0-based head per layer",
            )
        place = 0
        for h, n in zip(heads, self.heads, strict=True):
            place = place * n + h
        return place

    def row(self, path: int | Sequence[int]) -> int:
        """The row of U of a path given by its number or as a tuple of 0-based heads.

        >>> PathShape((2, 3), (5, 5, 5)).row(-1), PathShape((2, 3), (5, 5, 5)).row((0, 1))
        (5, 1)
        """
        if isinstance(path, tuple | list):
            return self.index(path)
        number = getattr(path, "__index__", None)
        if number is None or not -self.count <= number() < self.count:
            raise ShapeError(
                "find a path", f"there is no path {quoted(path)} of {self.count}", "count from 0"
            )
        return int(number()) % self.count

    def to_data(self) -> dict[str, Any]:
        """The shape as JSON data; exact variances are spelled as rationals."""
        return {
            "heads": list(self.heads),
            "widths": list(self.widths),
            "variances": [s if isinstance(s, float) else QQ.format(s) for s in self.variances],
        }

    @staticmethod
    def from_data(data: Any) -> PathShape:
        """The inverse of :meth:`to_data`."""
        try:
            return PathShape(data["heads"], data["widths"], data["variances"])
        except (KeyError, TypeError, AttributeError):
            raise InputError(
                "read the shape of a network of paths",
                "heads, widths or variances are missing",
                'write {"heads": [2, 2], "widths": [9, 9, 9], "variances": 1}',
            ) from None


def path_name(path: Sequence[int]) -> str:
    """A path for people, 1-based.

    >>> path_name((0, 1))
    '(1,2)'
    """
    return "(" + ",".join(str(h + 1) for h in path) + ")"
