"""Dimension, degree and Hilbert polynomial of an image: from its whole ideal, or by slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any, ClassVar

from algattn.engines import GroebnerBasis, solve
from algattn.engines.division import Division
from algattn.engines.leading import hilbert_numerator, order_key, zeros_at_one
from algattn.errors import EngineOutputError, LimitError
from algattn.exact import QQ, NumberField, Polynomial, PolynomialRing
from algattn.groebner.chart import Chart
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_all, spell
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

WORK = 40_000_000


@register
@dataclass(frozen=True, repr=False, eq=False)
class ImageDegree(NumberLike, Result):
    """The degree of the closure of an image: its points on a general linear space.

    Attributes
    ----------
    value : int
    dimension : int
        Of the closure, in the space of the coordinates.
    numerator : tuple of int or None
        With the whole ideal known: ``(h_0, h_1, ..)`` with the Hilbert series ``sum h_i T^i /
        (1 - T)^(dimension of the cone)``.
    """

    problem: PolynomialMap
    value: int
    dimension: int
    numerator: tuple[int, ...] | None

    kind: ClassVar[str] = "implicit.degree"
    title: ClassVar[str] = "What is the degree of the image?"
    claim_names: ClassVar[tuple[str, ...]] = ("degree", "series")

    def outline(self) -> tuple[Outline, ...]:
        if self.value < 1 or self.dimension < 0:
            return ()
        said = {"degree": self.value, "dimension": self.dimension}
        words = f"the image has dimension {self.dimension} and degree {self.value}"
        if self.numerator is None:
            return (Outline("degree", words, said),)
        if sum(self.numerator) != self.value or not self.numerator[-1]:
            return ()
        series = f"the numerator of the Hilbert series is {list(self.numerator)}"
        return Outline("degree", words, said), Outline("series", series, self.numerator)

    @property
    def cone(self) -> int:
        """The dimension of the cone: one more than that of the image unless that is a cone."""
        phi = self.problem
        return self.dimension + (not phi.grading.contains((1,) * len(phi.coordinates)))

    def hilbert_polynomial(self) -> tuple[Fraction, ...]:
        """Coefficients ``c_0, c_1, ..`` of the number of functions of large degree n.

        Of degree exactly n where the map is homogeneous, else of degree at most n.

        Raises
        ------
        LimitError
            When the whole ideal is not known.
        """
        if self.numerator is None:
            raise LimitError(
                "find a Hilbert polynomial", "the whole ideal is not known", "phi.hilbert(degree)"
            )
        return polynomial_of(self.numerator, self.cone)

    def sentence(self) -> str:
        return f"The image has degree {self.value} and dimension {self.dimension}"

    def card_rows(self) -> Iterator[CardRow]:
        if self.numerator is not None:
            ring = PolynomialRing(QQ, ("T",))
            top = sum((h * ring.gens()[0] ** i for i, h in enumerate(self.numerator)), ring(0))
            yield CardRow("Hilbert series:", f"({top}) / (1 - T)^{self.cone}")

    def formula(self) -> str:
        return rf"\deg \overline{{\operatorname{{im}} \varphi}} = {self.value}"


def polynomial_of(numerator: Sequence[int], dimension: int) -> tuple[Fraction, ...]:
    """The Hilbert polynomial of ``sum h_i T^i / (1 - T)^dimension``, coefficients from n^0 on.

    >>> polynomial_of((1, 2), 2), polynomial_of((1,), 0)
    ((Fraction(1, 1), Fraction(3, 1)), ())
    """
    if dimension < 1:
        return ()
    total = [Fraction(0)] * dimension
    for i, h in enumerate(numerator):
        # h times the binomial coefficient (n - i + dimension - 1 over dimension - 1)
        part = [Fraction(h, factorial(dimension - 1))]
        for j in range(1, dimension):
            moved = [Fraction(0), *part]
            part = [a + b * (j - i) for a, b in zip(moved, [*part, Fraction(0)], strict=True)]
        total = [a + b for a, b in zip(total, part, strict=True)]
    return tuple(total)


def series_of(
    heads: Sequence[tuple[int, ...]], weights: Sequence[int]
) -> tuple[int, tuple[int, ...]]:
    """The dimension d of the quotient by monomials, and its series ``sum h_i T^i / (1 - T)^d``.

    The series is one of a graded algebra that is generated in degree 1, whatever the weights are.

    >>> series_of([(2, 0), (1, 1)], (1, 1)), series_of([(0, 1)], (1, 5))
    ((1, (1, 1, -1)), (1, (1,)))
    """
    numerator = list(hilbert_numerator(heads, weights))
    dimension = len(weights) - zeros_at_one(dict(enumerate(numerator))) if numerator else -1
    for w in sorted(weights)[dimension:]:  # divide by 1 - T^w
        for i in range(w, len(numerator)):
            numerator[i] += numerator[i - w]
        while numerator and not numerator[-1]:
            numerator.pop()
    return dimension, tuple(numerator)


def heads_of(
    problem: PolynomialMap, basis: Sequence[Polynomial], listed: Sequence[Polynomial], work: int
) -> list[tuple[int, ...]] | str:
    """The leading monomials, by degree, of a Groebner basis of a whole ideal, or why it is none.

    The ideal is that of the image, and `listed` generates it.
    """
    if not all(basis) or any(substituted(g, problem) for g in basis):
        return "a polynomial of the basis is zero or does not vanish on the image"
    n = len(problem.coordinates)
    if isinstance(problem.field, NumberField):
        if len(basis) != 1 or list(basis) != list(listed):
            return "Groebner bases over number fields are not computed here"
        key = order_key("degrevlex", (1,) * n)
        return [max((e[:n] for e, _ in basis[0].terms()), key=key)]
    division = Division(basis, "degrevlex", (1,) * n, work)
    if not all(map(division.to_zero, listed)):
        return "an equation does not reduce to zero"
    if division.open_pair():
        return "an S-pair does not reduce to zero"
    return [division.exponents(h) for h in division.heads]


@declare("implicit.leading", about("implicit.degree", "degree, series"), Status.PROVED)
@dataclass(frozen=True)
class Leading(Evidence):
    """Leading monomials of a Groebner basis of the whole ideal, which has its own evidence.

    Without a basis of its own that of the chart is meant.
    """

    ideal: Result
    basis: tuple[str, ...]

    @property
    def level(self) -> Status:
        return self.ideal.status

    def summary(self) -> str:
        n = len(self.basis)
        size = f" ({n} polynomial{'s' * (n != 1)})" if n else " that expresses coordinates"
        return f"leading monomials of a Groebner basis{size}, checked"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        ideal: Any = self.ideal
        if (
            "complete" not in {c.name for c in ideal.claims}
            or getattr(ideal, "max_degree", 0) is not None
        ):
            raise self.fail("it is not a whole ideal")
        if ideal.problem != problem:
            raise self.fail("the ideal is that of another map")
        ideal.check()
        found = _series(ideal, read_all(self.basis, problem.target), WORK)
        if isinstance(found, str):
            raise self.fail(found)
        dimension, numerator = found
        said = {"degree": sum(numerator), "dimension": dimension}
        self.expect(
            claim.value,
            said if claim.name == "degree" else numerator,
            "the monomials say otherwise",
        )


def _series(
    ideal: Any, basis: Sequence[Polynomial], work: int
) -> tuple[int, tuple[int, ...]] | str:
    """Dimension of the image and numerator of its series, from a basis or the chart's one."""
    problem = ideal.problem
    n, listed = len(problem.coordinates), ideal._generators
    if basis or not listed:
        heads = heads_of(problem, basis, listed, work) if basis else []
        return heads if isinstance(heads, str) else series_of(heads, (1,) * n)
    charts = [item for item in ideal.claim("complete").evidence if isinstance(item, Chart)]
    if not charts or not charts[0].basis or ideal.grading != "ordinary":
        return "there is no basis"
    room, found = charts[0].room(problem, ideal.degrees)
    dimension, numerator = series_of(room.heads(found), room.weights)
    return dimension - (not room.model.homogeneous), numerator


def degree_of_ideal(ideal: Any, *, time_limit: float | None = 60.0) -> ImageDegree:
    """The degree of an image with its whole ideal, as strong as that.

    Raises
    ------
    EngineError
        Where a Groebner basis is needed and no system finds it.
    LimitError
        When it takes too long.
    """
    problem, listed = ideal.problem, ideal._generators
    basis: list[Polynomial] = []
    found = _series(ideal, basis, WORK)
    if isinstance(found, str):
        basis = list(listed)
        with suppress(LimitError):
            found = _series(ideal, basis, WORK // 100)
    if isinstance(found, str):
        task = GroebnerBasis(tuple(listed))
        answer = solve(task, time_limit=time_limit)
        basis = [problem.target.from_terms(g.terms()) for g in answer]
        found = _series(ideal, basis, WORK)
    if isinstance(found, str):
        raise EngineOutputError("find the degree of an image", found, "another engine")
    dimension, numerator = found
    proof: list[Evidence] = [Leading(ideal, spell(basis))]
    return ImageDegree.assemble(
        problem,
        sum(numerator),
        {"degree": proof, "series": proof},
        dimension=dimension,
        numerator=numerator,
    )
