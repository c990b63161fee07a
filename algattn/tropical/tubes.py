"""Tubes around walls: where attention at a positive temperature may be far from its limit.

Where the winner leads by ``tau log((N - 1) D_V / e)`` the error is at most `e`; what is left of a
box is a tube around the walls whose volume is proportional to the temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq

from algattn.arguments import checked
from algattn.errors import FieldError, HypothesisError, InputError
from algattn.tropical.cells import box_rows
from algattn.tropical.numbers import dot, fraction, read_number
from algattn.tropical.polyhedra import Polyhedron
from algattn.tropical.stack import read_box
from algattn.tropical.temperature import _arb, _precision, diameter

if TYPE_CHECKING:
    from algattn.tropical.attention import TropicalAttention


def above(x: arb, digits: int = 6) -> fmpq:
    """A positive rational number with few significant digits, certainly not below the ball.

    >>> above(arb(1) / 3), above(arb("1e-20"))
    (166667/500000, 1000001/100000000000000000000000000)
    """
    top = x.upper().fmpq()
    leading = len(str(top.p)) - len(str(top.q))
    scale = fmpq(10) ** (digits - leading)
    return fmpq(-(-(top.p * scale.p) // (top.q * scale.q))) / scale


def gap_needed(attention: TropicalAttention, temperature: Any, error: Any) -> fmpq:
    """A gap from which on the output is within `error` of its limit.

    It is ``tau log((N - 1) D_V / e)``, rounded up; 0 if every output is that near.

    Examples
    --------
    >>> from algattn.tropical import TropicalAttention
    >>> head = TropicalAttention(keys=[[0], [1]], values=[0, 1])
    >>> gap_needed(head, "1/10", "1/100")
    230259/500000
    """
    tau = read_number(temperature, "read a temperature")
    e = read_number(error, "read an error")
    if tau <= 0 or e <= 0:
        raise FieldError("bound a tube", f"temperature {tau}, error {e}", "use positive numbers")
    if attention.values is None:
        raise InputError("bound a tube", "the head has no values", "give values=")
    with _precision(128):
        size = (attention.size - 1) * diameter(attention.values)
        if size <= _arb(e):
            return fmpq(0)
        return max(fmpq(0), above(_arb(tau) * (size / _arb(e)).log()))


def tube_width(attention: TropicalAttention, i: int, j: int, temperature: Any, error: Any) -> arb:
    """How far from the wall between two keys the gap of the pair is certainly large enough."""
    difference = [x - y for x, y in zip(attention.keys[i], attention.keys[j], strict=True)]
    squared = fmpq(dot(difference, difference))
    if squared == 0:
        raise HypothesisError(
            "measure a tube", f"keys {i} and {j} are equal, so they have no wall", "use others"
        )
    with _precision(128):
        return _arb(gap_needed(attention, temperature, error)) / _arb(squared).sqrt()


@dataclass(frozen=True)
class Tube:
    """An exact bound for the part of a box where attention may be far from its limit.

    Attributes
    ----------
    volume : Fraction
        Volume of the part of the box where the gap is below `gap`; outside, the error is at most
        `error`.
    box_volume : Fraction
    gap : Fraction
    error, temperature : Fraction
    """

    volume: Fraction
    box_volume: Fraction
    gap: Fraction
    error: Fraction
    temperature: Fraction

    @property
    def share(self) -> Fraction:
        return self.volume / self.box_volume


@checked
def tube_volume(
    attention: TropicalAttention, *, temperature: Any, error: Any, box: Any, backend: str = "auto"
) -> Tube:
    """Bound the volume of ``{error > e}`` in a box: it is at most proportional to temperature.

    Parameters
    ----------
    attention : TropicalAttention
        With values.
    temperature, error : rational
    box : sequence of (low, high)

    Returns
    -------
    Tube
        With exact volumes.

    Complexity
    ----------
    One double description and triangulation for each cell.

    Examples
    --------
    >>> from algattn.tropical import TropicalAttention
    >>> head = TropicalAttention(keys=[[0], [1]], values=[0, 1])
    >>> tube = tube_volume(head, temperature="1/10", error="1/100", box=[(-1, 1)])
    >>> tube.volume == 2 * tube.gap
    True
    """
    needed = gap_needed(attention, temperature, error)
    n = attention.dimension
    bounds = read_box(box, n) or []
    walls = box_rows(n, bounds)
    total = fmpq(1)
    for low, high in bounds:
        total *= high - low
    functions, good = attention.functions, fmpq(0)
    for j in range(len(functions.rows)):
        rows = []
        for row in functions.differences[j][0]:
            lifted = [x * int(needed.q) for x in row]
            lifted[-1] -= int(needed.p) * functions.scale
            rows.append(tuple(lifted))
        good += Polyhedron(n, (*walls, *rows), backend).volume()
    return Tube(
        fraction(total - good),
        fraction(total),
        fraction(needed),
        fraction(read_number(error, "read an error")),
        fraction(read_number(temperature, "read a temperature")),
    )
