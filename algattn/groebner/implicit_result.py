"""The ideal of a parametrization as a result: equations, and what proves that there are no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from algattn.exact import Polynomial, PolynomialRing
from algattn.groebner.implicit_evidence import KernelBound
from algattn.groebner.naming import Renamed, names_engine
from algattn.groebner.polynomial_map import PolynomialMap, graded, read_all
from algattn.results import Evidence, Outline, register

_NUMBERS = {1: "linear form", 2: "quadric", 3: "cubic", 4: "quartic", 5: "quintic", 6: "sextic"}
Pairs = tuple[tuple[int, int], ...]


def _kind(degree: int, n: int) -> str:
    return f"{n} {_NUMBERS.get(degree, f'form of degree {degree}')}" + ("s" if n != 1 else "")


def count_degrees(polys: Sequence[Polynomial], degrees: Sequence[int] | None) -> Pairs:
    """``(degree, number of polynomials)``, for these degrees of the coordinates."""
    found: dict[int, int] = {}
    for g in graded(polys, degrees):
        degree = g.degree()
        found[degree] = found.get(degree, 0) + 1
    return tuple(sorted(found.items()))


@register
@dataclass(frozen=True, repr=False)
class ImplicitIdeal(Renamed):
    """The polynomial relations among the coordinates of a parametrization.

    Attributes
    ----------
    counts : dict
        ``{degree: number of generators}``, minimal ones where a maximal degree was asked for.
    generators : tuple of Polynomial
    max_degree : int or None
        All equations up to this degree are generated; None: all equations, as an engine says.
    """

    problem: PolynomialMap
    value: Pairs
    texts: tuple[str, ...]
    max_degree: int | None
    degrees: tuple[int, ...] | None
    numbers: Pairs | None
    engine: str | None

    kind: ClassVar[str] = "implicit.ideal"
    title: ClassVar[str] = "What are the equations of the image?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "vanish",
        "all",
        "minimal",
        "complete",
    )
    shown: ClassVar[tuple[str, ...]] = ("method",)
    json_names: ClassVar[Mapping[str, str]] = {"texts": "generators", "numbers": "dimensions"}

    def outline(self) -> tuple[Outline, ...]:
        D, texts = self.max_degree, self.texts
        if self.value != count_degrees(self._generators, self.degrees):
            return ()
        statement = f"each of the {len(texts)} polynomials vanishes on the image"
        vanish = Outline("vanish", statement, texts)
        if D is None:
            if self.numbers is not None or self.engine is None or not names_engine(self.engine):
                return ()
            whole = {"generators": texts, "engine": self.engine, "degrees": self.degrees}
            return (vanish, Outline("complete", "they generate the ideal of the image", whole))
        if self.numbers is None or self.engine is not None or self.degrees is None:
            return ()
        said: dict[str, Any] = {"generators": texts, "max_degree": D, "degrees": self.degrees}
        return (
            vanish,
            Outline(
                "all",
                f"they generate all equations of degree at most {D}",
                said | {"dimensions": self.numbers},
            ),
            Outline("minimal", "none of them follows from the others", said),
        )

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        from algattn.groebner.graph import GraphBasis

        engine = parts["detail"].get("engine")
        complete = evidence.get("complete", [])
        for n, item in enumerate(complete):
            if isinstance(item, GraphBasis) and isinstance(engine, str):
                complete[n] = replace(item, engine=engine)
        return super().upgrade(parts, evidence)

    @property
    def method(self) -> str:
        """What proves that these are all: kernels degree by degree, or an elimination."""
        return "elimination" if self.max_degree is None else "graded"

    @property
    def ring(self) -> PolynomialRing:
        """The ring of the coordinates, with their degrees."""
        target = self.problem.target
        return PolynomialRing(target.field, target.names, "degrevlex", self.degrees or ())

    @property
    def _generators(self) -> tuple[Polynomial, ...]:
        return read_all(self.texts, self.problem.target)

    @cached_property
    def generators(self) -> tuple[Polynomial, ...]:
        return graded(self._generators, self.degrees)

    @property
    def counts(self) -> dict[int, int]:
        return dict(self.value)

    @property
    def dimensions(self) -> dict[int, int] | None:
        """How many independent equations there are in each degree."""
        return None if self.numbers is None else dict(self.numbers)

    @property
    def parametrization(self) -> tuple[Polynomial, ...]:
        """The coordinates as polynomials in the parameters."""
        return self.problem.polynomials

    def violated(self, point: Sequence[Any]) -> Polynomial | None:
        """The first equation that a point of the coordinate space violates, or None.

        >>> from algattn import implicitize
        >>> from algattn.exact import QQ
        >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
        >>> ideal = implicitize([s * s, s * t, t * t], max_degree=2)
        >>> ideal.violated([1, 2, 4]), ideal.violated([1, 2, 5])
        (None, y_2^2 - y_1*y_3)
        """
        return next((g for g in self.generators if g(*point) != 0), None)

    def export(self, system: str) -> str:
        """The ideal in the language of another system; see :func:`algattn.export.export_ideal`."""
        from algattn.export import export_ideal

        return export_ideal(self.generators, system, ring=self.ring)

    def sentence(self) -> str:
        parts = [_kind(e, n) for e, n in self.counts.items()]
        listed = " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]])) or "no equation"
        if not parts and self.max_degree is not None:
            return f"There is no equation of degree at most {self.max_degree}{self._chance()}"
        if self.max_degree is None:
            return f"The ideal is generated by {listed} (elimination by {self.engine})"
        upto = f"all equations of degree at most {self.max_degree}"
        return f"{upto[0].upper()}{upto[1:]} follow from {listed}{self._chance()}"

    def _chance(self) -> str:
        for claim in self.claims:
            for item in claim.evidence:
                if isinstance(item, KernelBound):
                    return f" (kernels modulo {item.prime}, seed {item.seed})"
        return ""

    def lines(self) -> list[str]:
        shown = [str(g) for g in self.generators[:12]]
        more = len(self.generators) - len(shown)
        return shown + ([f"and {more} more"] if more > 0 else [])

    def formula(self) -> str:
        shown = ",\\ ".join(g.latex() for g in self.generators[:8])
        more = r",\ \ldots" if len(self.generators) > 8 else ""
        return rf"\langle {shown}{more} \rangle"
