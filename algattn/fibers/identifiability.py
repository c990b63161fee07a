"""Which functions of the parameters a map determines, up to how many values.

The values of a function on a general fiber over the algebraic closure are the conjugates of the
function over the field of the coordinates: infinitely many unless it is algebraic over it, and
one if (in characteristic zero: only if) it is rational in the coordinates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from algattn.errors import InputError
from algattn.fibers.map_functions import MapFunctions
from algattn.results import CardRow, NumberLike, Outline, Result, Status, register

Verdict = Literal["globally", "locally", "nonidentifiable", "undecided"]
WORDS = {
    "globally": "globally identifiable",
    "locally": "locally identifiable",
    "nonidentifiable": "not identifiable",
    "undecided": "not decided",
}
#: Functions of one verdict that a sentence names.
MAX_NAMED = 8


@dataclass(frozen=True)
class Identifiability:
    """What is known of one function of the parameters.

    Attributes
    ----------
    function : str
    finite : bool or None
        Whether it takes finitely many values on a general fiber; None when that is not known.
    at_least, at_most : int, int or None
        Bounds for the number of values.
    formula : str or None
        The function in the coordinates, where it is a rational function of them.
    relation : str or None
        A polynomial in the coordinates and ``h`` that vanishes for the function.
    status : Status
    """

    function: str
    finite: bool | None = None
    at_least: int = 1
    at_most: int | None = None
    formula: str | None = None
    relation: str | None = None
    status: Status = field(default=Status.PROVED, compare=False)

    @property
    def verdict(self) -> Verdict:
        """One value: "globally"; finitely many: "locally"; else "nonidentifiable", "undecided"."""
        if self.finite is None:
            return "undecided"
        if not self.finite:
            return "nonidentifiable"
        return "globally" if self.at_most == 1 else "locally"

    @property
    def globally(self) -> bool | None:
        """Whether a general fiber determines its value; None when that is not known."""
        if self.finite is False or self.at_least > 1:
            return False
        return True if self.at_most == 1 else None

    @property
    def values(self) -> float | int | None:
        """How many values it takes on a general fiber; None when that is not known."""
        if self.finite is False:
            return math.inf
        return self.at_least if self.at_least == self.at_most else None

    def __bool__(self) -> bool:
        return self.finite is True

    def __repr__(self) -> str:
        return f"<{self.sentence()} [{self.status}]>"

    def sentence(self) -> str:
        """In a few words."""
        least, most, many = self.at_least, self.at_most, self.values
        if many == math.inf:
            count = "infinitely many values"
        elif many is not None:
            count = f"{many} value{'s' * (many != 1)}"
        elif most is not None:
            count = f"{least} to {most} values"
        else:
            count = "finitely many values" if self.finite else "the number of values is not known"
            count += f", at least {least}" if least > 1 else ""
        shown = f", = {self.formula}" if self.formula and len(self.formula) <= 60 else ""
        if self.finite is None:
            return f"whether {self.function} is identifiable is not decided: {count}"
        return f"{self.function} is {WORDS[self.verdict]}: {count} on a general fiber{shown}"

    def outlines(self) -> tuple[Outline, ...]:
        """What has to be true; nothing when the parts contradict."""
        least, most = self.at_least, self.at_most
        found = []

        def say(says: str, number: int | None, statement: str, *needs: str) -> None:
            upper = most is not None and number == most and says != "at least"
            value = {
                "function": self.function,
                "says": says,
                "values": number,
                "relation": self.relation if upper else None,
                "formula": self.formula if upper else None,
            }
            words = f"the function {self.function} takes {statement} on a general fiber"
            found.append(Outline(f"{self.function}: {says}", words, value, needs))

        if (self.relation is None) != (most is None) or (self.formula and most != 1):
            return ()
        if not 1 <= least <= (least if most is None else most):
            return ()
        if self.finite is not True and most is not None:
            return ()
        if self.finite is False:
            if least > 1:
                return ()
            say("infinite", None, "infinitely many values", "lower")
        elif most == least:
            needs = ("upper",) if most == 1 else ("lower", "upper")
            say("exactly", most, f"exactly {most} value{'s' * (most != 1)}", *needs)
        else:
            if most is not None:
                say("at most", most, f"at most {most} values", "upper")
            elif self.finite:
                say("finite", None, "finitely many values", "upper")
            if least > 1 or self.finite is None:
                say("at least", least, f"at least {least} value{'s' * (least != 1)}", "lower")
        return tuple(found)


def _with_status(found: Identifiability, result: Result) -> Identifiability:
    names = {o.name for o in found.outlines()}
    known = [c.status for c in result.claims if c.name in names]
    return replace(found, status=min(known, default=Status.NUMERIC))


@register
@dataclass(frozen=True, repr=False)
class IdentifiabilityResult(Mapping[str, Identifiability], Result):
    """What is known of functions of the parameters: a mapping from them to Identifiability.

    Attributes
    ----------
    value : dict
        The verdict for each function.
    answers : tuple of Identifiability
    """

    problem: MapFunctions
    value: Mapping[str, Verdict]
    answers: tuple[Identifiability, ...]

    kind: ClassVar[str] = "identifiable.map"
    title: ClassVar[str] = "Which parameters does the map determine?"
    claim_names: ClassVar[tuple[str, ...]] = ("*",)  # the functions

    def outline(self) -> tuple[Outline, ...]:
        if [a.function for a in self.answers] != list(self.problem.names):
            return ()
        if dict(self.value) != {a.function: a.verdict for a in self.answers}:
            return ()
        found = [a.outlines() for a in self.answers]
        if not all(found):
            return ()
        return tuple(o for some in found for o in some)

    def __getitem__(self, function: Any) -> Identifiability:
        names = self.problem.names
        name = function if function in names else None
        if name is None:
            (name,) = MapFunctions.of(self.problem.map, function).names
        if name not in names:
            raise KeyError(name)
        return _with_status(self.answers[names.index(name)], self)

    def __iter__(self) -> Iterator[str]:
        return iter(self.problem.names)

    def __len__(self) -> int:
        return len(self.problem.names)

    def sentence(self) -> str:
        if len(self.answers) == 1:
            return self.answers[0].sentence()
        told = []
        for verdict, words in WORDS.items():
            names = [a.function for a in self.answers if a.verdict == verdict]
            if len(names) > MAX_NAMED:
                names = [*names[:MAX_NAMED], f"{len(names) - MAX_NAMED} more"]
            if names:
                listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
                told.append(f"{listed} {'are' if len(names) > 1 else 'is'} {words}")
        return "; ".join(told)

    def card_rows(self) -> Iterator[CardRow]:
        if len(self.answers) > 1:
            for name in self:
                found = self[name]
                yield CardRow("", f"{found.sentence()} [{found.status}]")


@register
@dataclass(frozen=True, repr=False, eq=False)
class ValuesInFiber(NumberLike, Result):
    """How many values a function takes on a general fiber.

    Attributes
    ----------
    value : int or None
        The number; None when it is infinite or not known.
    answer : Identifiability
        Bounds, verdict and formula.
    """

    problem: MapFunctions
    value: int | None
    answer: Identifiability

    kind: ClassVar[str] = "identifiable.values"
    title: ClassVar[str] = "How many values does the function take on a general fiber?"
    claim_names: ClassVar[tuple[str, ...]] = ("*",)

    def outline(self) -> tuple[Outline, ...]:
        many = self.answer.values
        if self.value != (None if many == math.inf else many):
            return ()
        if (self.answer.function,) != self.problem.names:
            return ()
        return self.answer.outlines()

    @property
    def bounds(self) -> Any:
        a = self.answer
        if a.values == math.inf:
            return (math.inf, math.inf)
        return a.at_least, math.inf if a.at_most is None else a.at_most

    def __index__(self) -> int:
        if self.answer.values == math.inf:
            raise InputError(
                "use this result as a number", "there are infinitely many values", "result.answer"
            )
        return super().__index__()

    def sentence(self) -> str:
        return self.answer.sentence()
