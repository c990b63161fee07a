"""How errors travel: leads of the winners of every layer, and the error that they allow.

Let the input of a layer be within `e` of its limit.  The score of the winner less score `i` is then
at least ``l_i - |k - k_i| e`` with the lead `l_i` of the limit, so the error behind the layer
``x -> S x + heads(x)`` is at most

    |S| e + sum_i (m_i / m) |v_i - v| exp(-(l_i - |k - k_i| e) / tau)

as long as all ``l_i - |k - k_i| e`` are positive.  The bound grows with the temperature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import arb, fmpq

from algattn.errors import HypothesisError, InputError
from algattn.tropical.affine import pull_back
from algattn.tropical.head import Head
from algattn.tropical.layers import Layer, Layers, push
from algattn.tropical.temperature import _arb, _precision

_ASKED = "certify stability"
Box = Sequence[tuple[fmpq, fmpq]]
Group = tuple[int, ...]


@dataclass(frozen=True)
class Leads:
    """The winners of one head in a region, and how far they lead.

    ``others`` holds for every other score its least lead, its weight (the squared distance of its
    value from the limit times the squared ratio of multiplicities) and the squared distance of its
    key from the winner's.
    """

    winners: Group
    others: tuple[tuple[fmpq, fmpq, fmpq], ...]

    @property
    def lead(self) -> fmpq | None:
        """The smallest lead, None when there is no other score."""
        return min((lead for lead, _, _ in self.others), default=None)

    @staticmethod
    def of(name: str, head: Head, winner: Group, least: Mapping[Group, fmpq]) -> Leads:
        """The leads over groups of equal keys, which have to be positive."""
        if head.values is None:
            raise InputError(_ASKED, f"{name} has no values", "give values=")
        for group, lead in least.items():
            if lead <= 0:
                raise HypothesisError(
                    _ASKED,
                    f"in {name} key {winner[0]} does not win everywhere in the region: key "
                    f"{group[0]} comes within {lead}",
                    "use a region inside one cell, where no different keys tie",
                )
        limit, m, key = head.mean(winner), len(winner), head.keys[winner[0]]
        others = []
        for group, lead in least.items():
            ratio = fmpq(len(group), m)
            weight = _squared(head.mean(group), limit) * ratio**2
            others.append((lead, weight, _squared(head.keys[group[0]], key)))
        return Leads(winner, tuple(others))


@dataclass(frozen=True)
class Band:
    """One layer: a bound for the squared norm of its linear map, and the leads of its heads."""

    squared_norm: fmpq
    heads: tuple[Leads, ...]


def _squared(a: Sequence[fmpq], b: Sequence[fmpq]) -> fmpq:
    return sum(((x - y) ** 2 for x, y in zip(a, b, strict=True)), fmpq(0))


def box_leads(name: str, head: Head, seen: Head, box: Box) -> Leads:
    """The winners of a head in a box of inputs, and their leads.

    Parameters
    ----------
    name : str
        For messages.
    head : Head
        Its groups of equal keys are kept apart.
    seen : Head
        The same head as a function of the input.
    box : pairs of rational numbers
    """
    groups = head.functions.groups
    middle = tuple((low + high) / 2 for low, high in box)
    best = min(seen.argmax(middle))
    winner = next(g for g in groups if best in g)
    least = {g: _least(seen, winner[0], g[0], box) for g in groups if g != winner}
    return Leads.of(name, head, winner, least)


def _least(head: Head, i: int, j: int, box: Box) -> fmpq:
    """The minimum over a box of score i minus score j."""
    total = head.biases[i] - head.biases[j]
    for x, y, (low, high) in zip(head.keys[i], head.keys[j], box, strict=True):
        slope = x - y
        total += slope * (low if slope > 0 else high)
    return total


def stack_bands(stack: Layers, box: Box) -> list[Band]:
    """The layers of a stack on a box of inputs, which has to be inside one cell.

    Equal scores are told apart by the keys themselves, but in the first layer by what the input
    sees: there the input is exact, so keys that tie everywhere keep on doing so.
    """
    matrix, offset = stack.start()
    out = []
    for level, layer in enumerate(stack.layers):
        found = []
        for number, head in enumerate(layer.joint.heads):
            keys, biases = pull_back(head, matrix, offset, stack.dimension)
            seen = Head(keys, head.values, biases)
            own = seen if level == 0 else head
            found.append(box_leads(f"layer {level}, head {number},", own, seen, box))
        out.append(Band(_squared_norm(layer), tuple(found)))
        matrix, offset = push(layer, [one.winners for one in found], matrix, offset)
    return out


def _squared_norm(layer: Layer) -> fmpq:
    """A bound for the squared norm of the linear map: row sums times column sums."""
    if not layer.skip or not layer.dimension:
        return fmpq(0)
    rows = max(sum(map(abs, row), fmpq(0)) for row in layer.skip)
    columns = max(sum(map(abs, column), fmpq(0)) for column in zip(*layer.skip, strict=True))
    return rows * columns


def error_bound(found: Sequence[Band], temperature: fmpq | None, bits: int = 128) -> arb:
    """The bound of the error at one temperature (None: at every one), as a ball.

    Infinite where the error of one layer may change the winner of the next.
    """
    with _precision(bits):
        error = arb(0)
        for band in found:
            total = _arb(band.squared_norm).sqrt() * error
            for one in band.heads:
                for lead, weight, slope in one.others:
                    left = _arb(lead) - _arb(slope).sqrt() * error
                    if not left > 0:
                        return arb("inf")
                    decay = 1 if temperature is None else (-left / _arb(temperature)).exp()
                    total += _arb(weight).sqrt() * decay
            error = total
        return error
