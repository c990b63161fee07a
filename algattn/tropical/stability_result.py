"""Stability certificates, with evidence that is checked from the JSON alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from flint import fmpq

from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
    thaw,
)
from algattn.results.record import Part
from algattn.tropical.numbers import number_data, plain, read_number
from algattn.tropical.problems import BoxRegion, HeadsProblem, StackProblem


@dataclass(frozen=True)
class Winner(Part):
    """The keys that win in one head, and their smallest lead; None without other scores."""

    keys: tuple[int, ...]
    lead: fmpq | None


@dataclass(frozen=True)
class LayerWinner(Winner):
    """The same for a head of one of several layers."""

    layer: int


@declare("tropical.corner-leads", about("tropical.stability", "stable, winners"), Status.PROVED)
@dataclass(frozen=True)
class CornerLeads(Evidence):
    """The scores at all corners of the box, and the bound written out in ball arithmetic."""

    def check(self, problem: HeadsProblem | StackProblem, claim: Claim) -> None:
        from algattn.tropical.corners import at_corners, error_below

        _, region, error = problem.unpacked()
        if not isinstance(region, BoxRegion):
            raise self.fail("the region is not a box")
        stack = problem.as_stack()
        won = at_corners(stack, region.box)
        if claim.name == "winners":
            several = len(stack.layers) > 1
            winners = [
                LayerWinner(w.keys, w.lead, w.layer) if several else Winner(w.keys, w.lead)
                for w in won
            ]
            self.expect(claim.value, winners, f"the winners are {thaw(winners)}")
        elif claim.name == "stable":
            value = None
            if claim.value is not None:
                value = read_number(claim.value, "read a temperature")
                self.expect(claim.value, number_data(value), "a number is spelled otherwise")
                if value <= 0:
                    raise self.fail(f"the temperature {value} is not positive")
            if not error_below(stack, won, value, error):
                raise self.fail(f"the error is not below {error} at temperature {claim.value}")
        else:
            raise self.fail(f"the claim {claim.name!r} is another one")


@register
@dataclass(frozen=True, repr=False)
class StabilityResult(Result):
    """A temperature up to which attention stays near its limit in a region.

    Attributes
    ----------
    problem : HeadsProblem or StackProblem
    value : int, str or None
        The temperature as a rational number; None when every temperature will do.
    temperature : Fraction or None
        The same as a Fraction.
    winners : tuple of Winner
        For each head the winning keys, and their smallest lead over the other scores; for several
        layers also the number of the layer.
    """

    kind: ClassVar[str] = "tropical.stability"
    title: ClassVar[str] = "Up to which temperature does the limit hold?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "stable",
        "winners",
    )

    problem: HeadsProblem | StackProblem
    value: int | str | None
    winners: tuple[LayerWinner | Winner, ...]

    def outline(self) -> tuple[Outline, ...]:
        value = self.value
        upto = "at every temperature" if value is None else f"for temperatures in (0, {value}]"
        return (
            Outline(
                "winners",
                "everywhere in the region these keys win, with these leads",
                self.winners,
            ),
            Outline(
                "stable",
                f"{upto} the output differs from its limit by less than {self.problem.error} "
                "everywhere in the region",
                value,
            ),
        )

    @property
    def temperature(self) -> Fraction | None:
        return None if self.value is None else Fraction(self.value)

    def sentence(self) -> str:
        upto = "At every temperature" if self.value is None else f"Up to temperature {self.value}"
        return (
            f"{upto} the output in this region differs from its limit by less than "
            f"{self.problem.error}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        seen: dict[int | None, int] = {}
        for w in self.winners:
            level = w.layer if isinstance(w, LayerWinner) else None
            number = seen[level] = seen.get(level, -1) + 1
            where = f"head {number}" if level is None else f"layer {level}, head {number}"
            lead = "" if w.lead is None else f" by at least {w.lead}"
            one = len(w.keys) == 1
            who = f"key {w.keys[0]} wins" if one else f"keys {plain(w.keys)} win"
            yield CardRow(f"{where}:", f"{who}{lead}")

    def formula(self) -> str:
        upto = "" if self.value is None else rf"0 < \tau \le {self.value} \implies "
        return rf"{upto}|\mathrm{{Attn}}_\tau - \mathrm{{Attn}}_0| < {self.problem.error}"
