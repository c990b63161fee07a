"""Stability certificates: up to which temperature the output in a region is near its limit.

In a region where the winning keys lead every other score `s_i` by at least ``l_i > 0``, the output
differs from its limit by at most ``sum_i (m_i / m) |v_i - v| exp(-l_i / tau)``, where `m` and
`m_i` count equal keys and `v`, `v_i` are their mean values.  The bound grows with `tau`, so one
temperature settles all lower ones.  In a stack the input of a later layer may be off by the error
`e` so far, which costs the lead of score `i` at most ``|k - k_i| e`` (:mod:`.propagation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import HypothesisError, InputError
from algattn.questions import question
from algattn.results import Claim, Evidence, Status, about, register, thaw
from algattn.tropical.corners import MAX_CORNERS
from algattn.tropical.head import Head
from algattn.tropical.joint_heads import Heads
from algattn.tropical.layers import Layers, read_box
from algattn.tropical.numbers import number_data, read_number
from algattn.tropical.problems import BoxRegion, GapRegion, HeadsProblem, StackProblem
from algattn.tropical.propagation import Band, Leads, box_leads, error_bound, stack_bands
from algattn.tropical.simplex import Empty, Program
from algattn.tropical.stability_result import (
    CornerLeads,
    LayerWinner,
    StabilityResult,
    Winner,
)
from algattn.tropical.temperature import _arb, _precision
from algattn.words import quoted

_ASKED = "certify stability"


def bands(system: Sequence[Head] | Layers, region: BoxRegion | GapRegion) -> list[Band]:
    """The layers with their winners in the region and the leads of these, exactly.

    Raises
    ------
    HypothesisError
        If the region is not inside one cell (the message names the key that overtakes), or empty.
    """
    if isinstance(region, GapRegion):
        if isinstance(system, Layers):
            raise InputError(_ASKED, "a gap is for one head", "use a box")
        return [Band(fmpq(0), (_cell_leads(system[0], region),))]
    if isinstance(system, Layers):
        return stack_bands(system, region.box)
    found = (box_leads(f"head {i}", h, h, region.box) for i, h in enumerate(system))
    return [Band(fmpq(0), tuple(found))]


def _cell_leads(head: Head, region: GapRegion) -> Leads:
    """The leads in the part of a cell where the winner leads by a gap: the gap, for everyone."""
    functions = head.functions
    row = next((i for i, g in enumerate(functions.groups) if region.cell in g), None)
    if row is None:
        raise InputError(_ASKED, f"there is no key {region.cell}", "name a key")
    if region.gap <= 0:
        raise InputError(_ASKED, f"the gap is {region.gap}", "use a positive number")
    p, q = int(region.gap.p), int(region.gap.q)
    rows = [
        (*(q * x for x in line[:-1]), q * line[-1] - p * functions.scale)
        for line in functions.differences[row][0]
    ]
    if isinstance(Program(head.dimension, rows).interior(), Empty):
        raise HypothesisError(
            _ASKED,
            f"nowhere does key {region.cell} lead by more than {region.gap}",
            "use a smaller gap, or another cell",
        )
    winner = functions.groups[row]
    least = {g: region.gap for g in functions.groups if g != winner}
    return Leads.of("head 0", head, winner, least)


def certify(found: Sequence[Band], error: fmpq, value: Any) -> bool:
    """Whether the balls prove that the error stays below `error` up to the temperature `value`.

    None stands for every temperature.
    """
    temperature = None if value is None else read_number(value, "read a temperature")
    if temperature is not None and temperature <= 0:
        return False
    with _precision(128):
        return bool(error_bound(found, temperature) < _arb(error))


def winners_of(found: Sequence[Band]) -> tuple[LayerWinner | Winner, ...]:
    """The winners of all heads and their leads; several layers are numbered."""
    if len(found) == 1:
        return tuple(Winner(one.winners, one.lead) for one in found[0].heads)
    return tuple(
        LayerWinner(one.winners, one.lead, level)
        for level, band in enumerate(found)
        for one in band.heads
    )


@register
@dataclass(frozen=True)
class ExponentialBound(Evidence):
    """Leads of the winners, exact; their exponentials, in ball arithmetic."""

    kind: ClassVar[str] = "tropical.exponential-bound"
    supports = about("tropical.stability", "stable, winners")
    strength: ClassVar[Status] = Status.PROVED
    recomputed: ClassVar[bool] = True

    def check(self, problem: HeadsProblem | StackProblem, claim: Claim) -> None:
        system, region, error = problem.unpacked()
        found = bands(system, region)
        if claim.name == "winners":
            winners = thaw(winners_of(found))
            self.expect(claim.value, winners, f"the winners are {winners}, not {thaw(claim.value)}")
        elif claim.name == "stable":
            if claim.value is not None:
                value = read_number(claim.value, "read a temperature")
                self.expect(claim.value, number_data(value), "a number is spelled otherwise")
            if not certify(found, error, claim.value):
                raise self.fail(f"the error is not below {error} at temperature {claim.value}")
        else:
            raise self.fail(f"the claim {claim.name!r} is another one")


@question("tropical.stability", command="tropical stability")
@checked
def stability(
    system: Head | Heads | Layers,
    *,
    error: Any,
    box: Any = None,
    cell: int | None = None,
    gap: Any = None,
) -> StabilityResult:
    """A temperature up to which the output in a region differs from its limit by less than `error`.

    Parameters
    ----------
    system : TropicalAttention, MultiHead or Stack
        With values.  In a stack all layers have the same temperature.
    error : rational
        Positive.
    box : sequence of (low, high), optional
        The region; it has to lie inside one cell.
    cell, gap : int, rational, optional
        Instead of a box, for one head: the part of the cell where the winner leads by `gap`.

    Returns
    -------
    StabilityResult
        PROVED: exact leads, exponentials in ball arithmetic.  The temperature is rounded down to
        four digits and is close to the largest one that this bound allows.

    Raises
    ------
    HypothesisError
        If the region is not inside one cell, or empty; in a stack also if different keys of a
        later layer tie everywhere in the region.
    InputError
        If there is no region, or two of them; for numbers that are not positive.

    Examples
    --------
    >>> from algattn.tropical import TropicalAttention
    >>> head = TropicalAttention(keys=[[0], [1]], values=[0, 1])
    >>> result = stability(head, error="1/1000", box=[(1, 2)])
    >>> result.temperature, result.status.name            # exp(-1 / tau) < 1/1000
    (Fraction(1447, 10000), 'PROVED')
    """
    e = read_number(error, "read an error")
    if e <= 0:
        raise InputError(_ASKED, f"the error is {e}", "use a positive number")
    region = _read_region(system, box, cell, gap)
    problem: HeadsProblem | StackProblem
    if isinstance(system, Layers):
        if isinstance(region, GapRegion):
            raise InputError(_ASKED, "there is no region", "give box=")
        problem = StackProblem(system, region, e)
    else:
        heads = (system,) if isinstance(system, Head) else system.heads
        problem = HeadsProblem(heads, region, e)
    found = bands(*problem.unpacked()[:2])
    value = None if certify(found, e, None) else number_data(_temperature(found, e))
    evidence: list[Evidence] = [ExponentialBound()]
    if isinstance(region, BoxRegion) and 2 ** len(region.box) <= MAX_CORNERS:
        evidence.append(CornerLeads())
    return StabilityResult.assemble(
        problem,
        value,
        {"winners": evidence, "stable": evidence},
        winners=winners_of(found),
    )


def _read_region(system: Any, box: Any, cell: Any, gap: Any) -> BoxRegion | GapRegion:
    one = isinstance(system, Head) or (isinstance(system, Heads) and len(system.heads) == 1)
    if box is not None:
        if cell is not None or gap is not None:
            raise InputError(_ASKED, "there are two regions", "give box=, or cell= and gap=")
        return BoxRegion(tuple(read_box(box, system.dimension) or []))
    if cell is None or gap is None or not one:
        raise InputError(_ASKED, "there is no region", "give box=, or cell= and gap= for one head")
    if type(cell) is not int:
        raise InputError(_ASKED, f"there is no key {quoted(cell)}", "name a key by its number")
    return GapRegion(cell, read_number(gap, "read a gap"))


def _temperature(found: Sequence[Band], error: fmpq) -> fmpq:
    """The largest temperature, four digits, that the bound allows; by bisection on its digits."""

    def good(tau: fmpq) -> bool:
        return certify(found, error, tau)

    largest = max((one.lead or 0 for band in found for one in band.heads), default=0)
    unit, top = fmpq(1), fmpq(10) ** 30 * max(largest, 1)
    while not good(unit):
        unit /= 10
    while unit < top and good(10 * unit):
        unit *= 10
    tau = unit
    for _ in range(4):
        for _ in range(9):
            if not good(tau + unit):
                break
            tau += unit
        unit /= 10
    return tau
