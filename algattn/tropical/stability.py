"""Stability certificates: up to which temperature the output in a region is near its limit.

In a region where the winning keys lead every other score `s_i` by at least ``l_i > 0``, the output
differs from its limit by at most ``sum_i (m_i / m) |v_i - v| exp(-l_i / tau)``, where `m` and
`m_i` count equal keys and `v`, `v_i` are their mean values.  The bound grows with `tau`, so one
temperature settles all lower ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, fmpq

from algattn.errors import HypothesisError, InputError
from algattn.results import thaw
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.multihead import MultiHead
from algattn.tropical.numbers import number_data, read_number, vector_data
from algattn.tropical.results import ExponentialBound, StabilityResult
from algattn.tropical.stack import read_box
from algattn.tropical.temperature import _arb, _precision


@dataclass(frozen=True)
class Leads:
    """The winners of one head in a region, and how far they lead.

    ``others`` holds for every other score its least lead, and its weight: the squared distance of
    its value from the limit times the squared ratio of multiplicities.
    """

    winners: tuple[int, ...]
    others: tuple[tuple[fmpq, fmpq], ...]

    @property
    def lead(self) -> fmpq | None:
        """The smallest lead, None when there is no other score."""
        return min((lead for lead, _ in self.others), default=None)


@dataclass(frozen=True)
class RegionData:
    """A box, or the part of a cell where the gap is at least a number."""

    box: tuple[tuple[fmpq, fmpq], ...] | None = None
    cell: int = 0
    gap: fmpq = fmpq(0)  # noqa: RUF009 - immutable

    def to_data(self) -> dict[str, Any]:
        if self.box is not None:
            return {"box": [vector_data(pair) for pair in self.box]}
        return {"cell": self.cell, "gap": number_data(self.gap)}


def leads(heads: Sequence[TropicalAttention], region: RegionData) -> list[Leads]:
    """For each head the winners in the region and their leads, exactly.

    Raises
    ------
    HypothesisError
        If the region is not inside one cell; the message names the key that overtakes.
    """
    out = []
    for number, head in enumerate(heads):
        groups, values = head.functions.groups, head.values
        if values is None:
            raise InputError("certify stability", f"head {number} has no values", "give values=")
        if region.box is None:
            found = next((g for g in groups if region.cell in g), None)
            if found is None:
                raise InputError(
                    "certify stability", f"there is no key {region.cell}", "name a key"
                )
            winner = found
            least = {g: region.gap for g in groups if g != winner}
        else:
            middle = tuple((low + high) / 2 for low, high in region.box)
            best = min(head.argmax(middle))
            winner = next(g for g in groups if best in g)
            least = {g: _least(head, winner[0], g[0], region.box) for g in groups if g != winner}
        for group, lead in least.items():
            if lead <= 0:
                raise HypothesisError(
                    "certify stability",
                    f"in head {number} key {winner[0]} does not win everywhere in the region: key "
                    f"{group[0]} comes within {lead}",
                    "use a region inside one cell",
                )
        limit, m = head.mean(winner), len(winner)
        others = []
        for group, lead in least.items():
            mean = head.mean(group)
            squared = sum(((x - y) ** 2 for x, y in zip(mean, limit, strict=True)), fmpq(0))
            others.append((lead, squared * fmpq(len(group), m) ** 2))
        out.append(Leads(winner, tuple(others)))
    return out


def _least(head: TropicalAttention, i: int, j: int, box: Sequence[tuple[fmpq, fmpq]]) -> fmpq:
    """The minimum over a box of score i minus score j."""
    total = head.biases[i] - head.biases[j]
    for x, y, (low, high) in zip(head.keys[i], head.keys[j], box, strict=True):
        slope = x - y
        total += slope * (low if slope > 0 else high)
    return total


def error_bound(found: Sequence[Leads], temperature: fmpq, bits: int = 128) -> arb:
    """The bound of the error at one temperature, as a ball."""
    with _precision(bits):
        total = arb(0)
        for one in found:
            for lead, weight in one.others:
                total += _arb(weight).sqrt() * _arb(-lead / temperature).exp()
        return total


def certify(found: Sequence[Leads], error: fmpq, value: Any) -> bool:
    """Whether the balls prove that the error stays below `error` up to the temperature `value`."""
    if value is None:  # exp(-lead / tau) < 1
        with _precision(128):
            weights = (_arb(weight).sqrt() for one in found for _, weight in one.others)
            return bool(sum(weights, arb(0)) < _arb(error))
    temperature = read_number(value, "read a temperature")
    return bool(temperature > 0 and error_bound(found, temperature) < _arb(error))


def read_problem(
    problem: Mapping[str, Any],
) -> tuple[list[TropicalAttention], RegionData, fmpq]:
    """The heads, the region and the error of a stored certificate."""
    heads = [TropicalAttention.from_data(thaw(h)) for h in problem["heads"]]
    data = problem["region"]
    if "box" in data:
        box = read_box(data["box"], heads[0].dimension) or []
        region = RegionData(box=tuple(box))
    else:
        if len(heads) != 1:
            raise InputError("certify stability", "a gap is for one head", "use a box")
        region = RegionData(cell=data["cell"], gap=read_number(data["gap"], "read a gap"))
    return heads, region, read_number(problem["error"], "read an error")


def stability(
    system: TropicalAttention | MultiHead,
    *,
    error: Any,
    box: Any = None,
    cell: int | None = None,
    gap: Any = None,
) -> StabilityResult:
    """A temperature up to which the output in a region differs from its limit by less than `error`.

    Parameters
    ----------
    system : TropicalAttention or MultiHead
        With values.
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
        If the region is not inside one cell.

    Examples
    --------
    >>> head = TropicalAttention(keys=[[0], [1]], values=[0, 1])
    >>> result = stability(head, error="1/1000", box=[(1, 2)])
    >>> result.temperature, result.status.name            # exp(-1 / tau) < 1/1000
    (Fraction(1447, 10000), 'PROVED')
    """
    asked = "certify stability"
    heads = [system] if isinstance(system, TropicalAttention) else list(system.heads)
    e = read_number(error, "read an error")
    if e <= 0:
        raise InputError(asked, f"the error is {e}", "use a positive number")
    if box is not None:
        region = RegionData(box=tuple(read_box(box, heads[0].dimension) or []))
    elif cell is not None and gap is not None and len(heads) == 1:
        region = RegionData(cell=cell, gap=read_number(gap, "read a gap"))
    else:
        raise InputError(asked, "there is no region", "give box=, or cell= and gap= for one head")
    found = leads(heads, region)
    value = None if certify(found, e, None) else number_data(_temperature(found, e))
    return StabilityResult.assemble(
        {
            "heads": [h.to_data() for h in heads],
            "region": region.to_data(),
            "error": number_data(e),
        },
        value,
        {"winners": [ExponentialBound()], "stable": [ExponentialBound()]},
        {
            "winners": [
                {
                    "keys": one.winners,
                    "lead": None if one.lead is None else number_data(one.lead),
                }
                for one in found
            ]
        },
    )


def _temperature(found: Sequence[Leads], error: fmpq) -> fmpq:
    """The largest temperature, four digits, that the bound allows; by bisection on its digits."""

    def good(tau: fmpq) -> bool:
        return certify(found, error, tau)

    unit = fmpq(1)
    while not good(unit):
        unit /= 10
    while unit < fmpq(10) ** 30 and good(10 * unit):
        unit *= 10
    tau = unit
    for _ in range(4):
        for _ in range(9):
            if not good(tau + unit):
                break
            tau += unit
        unit /= 10
    return tau
