"""Critical points of the action as algebraic numbers, certified by Krawczyk's operator.

When attention, inputs, labels, temperature and variances are rational, the stationarity equations
are rational functions of the order parameters over QQ, so isolated critical points are algebraic
numbers.  A floating-point saddle is refined by Newton steps in ball arithmetic.  With ``F`` the
equations, ``J`` their Jacobian, ``A`` an approximate inverse of ``J`` at the midpoint ``m`` and
``X`` a box around it, the Krawczyk operator is ``K(X) = m - A F(m) + (I - A J(X)) (X - m)``.  If
it lies in the interior of ``X``, there is exactly one zero of ``F`` in ``X``.  Positive pivots of
all ``U_l`` and of the Hessian, in balls over ``X``, then say that it is a strict local minimum in
the cone; positive pivots of ``N_1 U_1^{-1} - M``, that no other ``U_1`` does better (lemma *lowest*
of algattn/docs/paths.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from flint import ctx, fmpq

from algattn.arguments import checked
from algattn.errors import FieldError, LimitError, ShapeError, UndecidedError
from algattn.exact.fields import parse_rational
from algattn.paths.balls import BallEquations
from algattn.paths.inputs import exact_labels
from algattn.paths.krawczyk import (
    PRECISION,
    RADIUS,
    KrawczykCheck,
    failed,
    krawczyk,
    newton,
)
from algattn.paths.problems import CriticalProblem
from algattn.paths.rational import ExactPathKernels
from algattn.questions import question
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Grid,
    Outline,
    Result,
    Status,
    about,
    canonical_json,
    declare,
    decode,
    parse_json,
    register,
)
from algattn.results.record import Record
from algattn.words import quoted

MAX_UNKNOWNS = 80
MAX_EXAMPLES = 60


def equations_of(problem: CriticalProblem) -> BallEquations:
    """The equations of a problem."""
    seen, Y = problem.unpacked()
    shape, n = problem.shape, problem.shape.count
    kernels = ExactPathKernels(shape, seen)  # so K(U) is positive semidefinite for U that is
    blocks = {(i, j): kernels.block(i, j).flint for i in range(n) for j in range(i, n)}
    with ctx.workprec(PRECISION):
        return BallEquations(shape, blocks, Y, problem.temperature)


@dataclass(frozen=True)
class Box(Record):
    """All points whose coordinates are within `radius` of those of the midpoint."""

    midpoint: tuple[fmpq, ...]
    radius: fmpq


@lru_cache(maxsize=4)
def _judged(problem: str, box: str) -> KrawczykCheck:
    """What the operator says; the three claims of one result share the work."""
    equations = equations_of(decode(CriticalProblem, parse_json(problem)))
    found: Box = decode(Box, parse_json(box))
    if found.radius <= 0:
        raise FieldError("read a box", f"its radius is {found.radius}", "recompute the result")
    if len(found.midpoint) != equations.unknowns:
        return failed(f"the box has {len(found.midpoint)} sides, not {equations.unknowns}")
    return krawczyk(equations, list(map(_fraction, found.midpoint)), _fraction(found.radius))


def _judge(problem: CriticalProblem, claim: Claim) -> KrawczykCheck:
    # in text, as equality does not tell 1 and 1.0 apart
    return _judged(canonical_json(problem), canonical_json(claim.value))


def _fraction(x: fmpq) -> Fraction:
    return Fraction(int(x.p), int(x.q))


@declare("path_critical.unique-zero", about("path_critical.point", "unique"), Status.PROVED)
@dataclass(frozen=True)
class UniqueZero(Evidence):
    """Krawczyk's operator maps the box into its interior."""

    def check(self, problem: CriticalProblem, claim: Claim) -> None:
        found = _judge(problem, claim)
        if not (claim.name == "unique" and found.unique):
            raise self.fail(found.why)


@declare("path_critical.positive-pivots", about("path_critical.point", "minimum"), Status.PROVED)
@dataclass(frozen=True)
class PositivePivots(Evidence):
    """The Hessian over the box has positive pivots."""

    def check(self, problem: CriticalProblem, claim: Claim) -> None:
        found = _judge(problem, claim)
        if not (claim.name == "minimum" and found.unique and found.minimum):
            raise self.fail(found.why)


@declare("path_critical.positive-slack", about("path_critical.point", "lowest"), Status.PROVED)
@dataclass(frozen=True)
class PositiveSlack(Evidence):
    """``N_1 U_1^{-1} - M`` over the box has positive pivots."""

    def check(self, problem: CriticalProblem, claim: Claim) -> None:
        found = _judge(problem, claim)
        if not (claim.name == "lowest" and found.unique and found.lowest):
            raise self.fail(found.why)


@register
@dataclass(frozen=True, repr=False)
class CriticalPointResult(Result):
    """A critical point of the action inside a box, unique there.

    Attributes
    ----------
    problem : CriticalProblem
    value : Box
        ``midpoint`` (rationals, the upper triangles of ``U_1, .., u_a``) and ``radius``.
    minimum : bool
        Whether it is proved to be a strict local minimum.
    lowest : bool
        Whether it is proved that no other ``U_1`` has so small an action with the same
        ``U_2, .., u_a`` (always so when ``N_1`` is at least the number of examples).
    """

    kind: ClassVar[str] = "path_critical.point"
    title: ClassVar[str] = "Which critical point of the action is here?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "unique",
        "minimum",
        "lowest",
    )

    problem: CriticalProblem
    value: Box
    minimum: bool
    lowest: bool

    def outline(self) -> tuple[Outline, ...]:
        out = [
            Outline(
                "unique",
                "the action has exactly one critical point in this box; its coordinates are "
                "algebraic",
                self.value,
            )
        ]
        if self.minimum:
            out.append(Outline("minimum", "it is a strict local minimum of the action", self.value))
        if self.lowest:
            says = "the action is larger for every other U_1 with the same U_2, .., u_a"
            out.append(Outline("lowest", says, self.value))
        return tuple(out)

    @property
    def levels(self) -> tuple[Any, ...]:
        """The midpoint as float matrices ``(U_1, .., U_L, u_a)``."""
        numbers = [float(_fraction(v)) for v in self.value.midpoint]
        out, place = [], 0
        for d in self.problem.shape.dims:
            u = np.zeros((d, d))
            for i in range(d):
                for j in range(i, d):
                    u[i, j] = u[j, i] = numbers[place]
                    place += 1
            out.append(u)
        return tuple(out)

    @property
    def radius(self) -> float:
        return float(_fraction(self.value.radius))

    def sentence(self) -> str:
        what = "strict local minimum" if self.minimum else "critical point"
        where = "".join(f"U_11 ~ {float(_fraction(v)):.12g} " for v in self.value.midpoint[:1])
        return (
            f"The action has exactly one {what} in a box of half side {self.radius:.1e}, at "
            f"{where}({len(self.value.midpoint)} unknowns)"
        )

    def card_rows(self) -> Iterator[CardRow]:
        yield from (CardRow(f"U_{k + 1} ~", Grid(u.tolist())) for k, u in enumerate(self.levels))
        yield from (CardRow("", c.statement) for c in self.claims[1:])


@question("path_critical.point", command="paths solve --certify")
@checked
def certify_critical_point(
    kernels: ExactPathKernels,
    Y: Any,
    levels: Sequence[Any],
    *,
    temperature: Any,
    radius: Any = RADIUS,
) -> CriticalPointResult:
    """Prove that there is exactly one critical point next to a floating-point one.

    Parameters
    ----------
    kernels : ExactPathKernels
        Path-path kernels of the training inputs over QQ.
    Y : P rationals
    levels : ``(U_1, .., U_L, u_a)`` in floats
        Such as ``solution.levels``.
    temperature : rational
    radius : rational
        Half the side of the box.

    Returns
    -------
    CriticalPointResult
        PROVED; also that it is a strict local minimum, and that no other ``U_1`` does better with
        the same levels above, where that is so.

    Raises
    ------
    LimitError
        For more than 80 unknowns or 60 examples.
    UndecidedError
        When the operator does not contract: the point is degenerate, or not close to a zero.

    Complexity
    ----------
    ``O(D P^3 + D^2 P^2)`` ball operations for D unknowns, some ten times.
    """
    asked = "certify a critical point"
    shape = kernels._shape
    P = kernels.shape[2]
    if shape.parameters > MAX_UNKNOWNS or P > MAX_EXAMPLES:
        raise LimitError(
            asked,
            f"{shape.parameters} unknowns > {MAX_UNKNOWNS}, or {P} examples > {MAX_EXAMPLES}",
            "use fewer paths or examples",
        )
    problem = CriticalProblem.of(
        shape,
        kernels.attended(),
        exact_labels(Y, P),
        parse_rational(temperature, asked),
    )
    equations = equations_of(problem)
    try:
        start = [
            float(np.atleast_2d(u)[i, j])
            for u, pairs in zip(levels, equations.pairs, strict=True)
            for i, j in pairs
        ]
    except (TypeError, ValueError, IndexError):
        raise ShapeError(
            asked,
            f"levels is {quoted(levels)}",
            f"matrices of numbers of the sizes {shape.dims}, such as solution.levels",
        ) from None
    half = Fraction(str(parse_rational(radius, asked)))
    try:
        with ctx.workprec(PRECISION):
            middle = newton(equations, start)
        found = krawczyk(equations, middle, half)
    except ZeroDivisionError:
        found = failed("a matrix is singular on the way")
    if not found.unique:
        raise UndecidedError(
            asked, found.why, "start from a better saddle, or use another radius", tuple(start)
        )
    value = Box(
        tuple(fmpq(v.numerator, v.denominator) for v in middle),
        fmpq(half.numerator, half.denominator),
    )
    return CriticalPointResult.assemble(
        problem,
        value,
        {
            "unique": [UniqueZero()],
            "minimum": [PositivePivots()],
            "lowest": [PositiveSlack()],
        },
        minimum=found.minimum,
        lowest=found.lowest,
    )
