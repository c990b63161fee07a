"""The ideal of a parametrization as a result: equations, and what proves that there are no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.errors import ShapeError, UndecidedError
from algattn.exact import Field, NumberField, Polynomial, PolynomialRing
from algattn.groebner.graph import GraphBasis
from algattn.groebner.homogenization import variable_degrees
from algattn.groebner.ideals import IdealMethods
from algattn.groebner.implicit_evidence import KernelBound
from algattn.groebner.naming import Renamed, names_engine
from algattn.maps import PolynomialMap
from algattn.maps.evaluators import Expanded, in_one_ring
from algattn.maps.gradings import degree_in, graded
from algattn.maps.texts import read_all
from algattn.results import (
    CardRow,
    Evidence,
    ListLike,
    Outline,
    Status,
    register,
)

if TYPE_CHECKING:
    from algattn.groebner.image_degree import ImageDegree

_NAMES = {2: "quadric", 3: "cubic", 4: "quartic", 5: "quintic", 6: "sextic"}
Pairs = tuple[tuple[int, int], ...]


def count_degrees(polys: Sequence[Polynomial], degrees: Sequence[int]) -> Pairs:
    """``(degree, number of polynomials)``, for these degrees of the coordinates."""
    return tuple(sorted(Counter(degree_in(g, degrees) for g in polys).items()))


@register
@dataclass(frozen=True, repr=False)
class ImplicitIdeal(IdealMethods, ListLike, Renamed):
    """The polynomial relations among the coordinates of a parametrization.

    Attributes
    ----------
    degrees : tuple of int
        The degree of every coordinate, in which all degrees here are meant.
    grading : {"ordinary", "weighted"}
        Whether these are all 1.
    counts : dict
        ``{degree: number of generators}``, minimal ones where a maximal degree was asked for.
    generators : tuple of Polynomial
    max_degree : int or None
        All equations up to this degree are generated; None: all equations.
    complete : bool
        Whether they are proved to generate all equations.
    """

    problem: PolynomialMap
    value: Pairs
    texts: tuple[str, ...]
    max_degree: int | None
    degrees: tuple[int, ...]
    numbers: Pairs | None
    engine: str | None

    kind: ClassVar[str] = "implicit.ideal"
    title: ClassVar[str] = "What are the equations of the image?"
    lists: ClassVar[str] = "generators"
    claim_names: ClassVar[tuple[str, ...]] = (
        "vanish",
        "all",
        "minimal",
        "complete",
    )
    shown: ClassVar[tuple[str, ...]] = ("method", "grading")
    json_names: ClassVar[Mapping[str, str]] = {"texts": "generators", "numbers": "dimensions"}

    def outline(self) -> tuple[Outline, ...]:
        D, texts, degrees = self.max_degree, self.texts, self.degrees
        if len(degrees) != len(self.problem.coordinates) or min(degrees) < 1:
            return ()
        if self.value != count_degrees(self._generators, self._variable_degrees):
            return ()
        statement = f"each of the {len(texts)} polynomials vanishes on the image"
        vanish = Outline("vanish", statement, texts)
        if D is None:
            if self.numbers is not None or not (self.engine is None or names_engine(self.engine)):
                return ()
            whole = {"generators": texts, "engine": self.engine, "degrees": degrees}
            return (vanish, Outline("complete", "they generate the ideal of the image", whole))
        if self.numbers is None or self.engine is not None:
            return ()
        said: dict[str, Any] = {"generators": texts, "max_degree": D, "degrees": degrees}
        every = f"they generate all equations of {self._meant} at most {D}{self._weights}"
        fewest = "none of them follows from the others"
        if not self.problem.grading.contains(degrees):
            every = (
                f"for each e up to {D} all equations of {self._meant} at most e{self._weights} "
                "are combinations of multiples of them of degree at most e"
            )
            fewest = "none of them is a combination of such multiples of the others"
        return (
            vanish,
            Outline("all", every, said | {"dimensions": self.numbers}),
            Outline("minimal", fewest, said),
        )

    @property
    def grading(self) -> str:
        return "ordinary" if set(self.degrees) == {1} else "weighted"

    @property
    def _meant(self) -> str:
        return f"{self.grading} degree"

    @property
    def _weights(self) -> str:
        """The weights in parentheses, if they are not all 1."""
        if self.grading == "ordinary":
            return ""
        more = ", .." if len(self.degrees) > 12 else ""
        return f" (weights {', '.join(map(str, self.degrees[:12]))}{more})"

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Version 0.1 gave no degrees to maps that are homogeneous for none, and meant 1."""
        engine = parts["detail"].get("engine")
        complete = evidence.get("complete", [])
        for n, item in enumerate(complete):
            if isinstance(item, GraphBasis) and isinstance(engine, str):
                complete[n] = replace(item, engine=engine)
        detail = dict(parts["detail"])
        if detail.get("degrees", ()) is None:
            coordinates = parts["problem"]["parametrization"]["coordinates"]
            detail["degrees"] = [1] * len(coordinates)
        return super().upgrade(parts | {"detail": detail}, evidence)

    @property
    def method(self) -> str:
        """What proves that these are all: kernels degree by degree, or an elimination."""
        return "graded" if self.engine is None else "elimination"

    @property
    def complete(self) -> bool:
        return self.max_degree is None and self.status is Status.PROVED

    @property
    def ring(self) -> PolynomialRing:
        """The ring of the coordinates, with their degrees.

        Over a number field its last variable is the generator, of degree 0.
        """
        target = self.problem.target
        return PolynomialRing(target.field, target.names, "degrevlex", self._variable_degrees)

    @property
    def _over(self) -> Field | None:
        field = self.problem.field
        return field if isinstance(field, NumberField) else None

    @property
    def _variable_degrees(self) -> tuple[int, ...]:
        return variable_degrees(self.problem, self.degrees)

    @property
    def _generators(self) -> tuple[Polynomial, ...]:
        return read_all(self.texts, self.problem.target)

    @cached_property
    def generators(self) -> tuple[Polynomial, ...]:
        return graded(self._generators, self._variable_degrees)

    @property
    def counts(self) -> dict[int, int]:
        return dict(self.value)

    @property
    def dimensions(self) -> dict[int, int] | None:
        """How many independent equations there are in each degree.

        Of degree at most that, where the map is not homogeneous for the degrees.
        """
        return None if self.numbers is None else dict(self.numbers)

    @property
    def parametrization(self) -> tuple[Polynomial, ...]:
        """The coordinates as polynomials in the parameters."""
        return self.problem.polynomials

    def _invariants(self) -> ImageDegree:
        known: ImageDegree | None = self.__dict__.get("_degree")
        if known is None:
            if self.max_degree is not None:
                raise UndecidedError(
                    "find the degree of an image",
                    f"equations are known up to degree {self.max_degree} only",
                    "phi.ideal(), or phi.image_degree()",
                    self,
                )
            from algattn.groebner.image_degree import degree_of_ideal

            known = degree_of_ideal(self)
            self.__dict__["_degree"] = known
        return known

    def degree(self) -> int:
        """The degree of the zero set of a whole ideal; every coordinate has degree 1 for it.

        Raises
        ------
        UndecidedError
            When only equations up to some degree are known.
        """
        return self._invariants().value

    def dimension(self) -> int:
        """The dimension of the zero set of a whole ideal; else as :meth:`degree`."""
        return self._invariants().dimension

    def hilbert_polynomial(self) -> tuple[Fraction, ...]:
        """Coefficients of the Hilbert polynomial from n^0 on; else as :meth:`degree`.

        >>> from algattn import PolynomialMap
        >>> list(map(str, PolynomialMap(["s^2", "s*t", "t^2"]).ideal().hilbert_polynomial()))
        ['1', '2']
        """
        return self._invariants().hilbert_polynomial()

    def violated(self, point: Sequence[Any]) -> Polynomial | None:
        """The first equation that a point of the coordinate space violates, or None.

        >>> from algattn import implicitize
        >>> from algattn.exact import QQ
        >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
        >>> ideal = implicitize([s * s, s * t, t * t], max_degree=2)
        >>> ideal.violated([1, 2, 4]), ideal.violated([1, 2, 5])
        (None, y_2^2 - y_1*y_3)
        """
        field = self.problem.field
        if not isinstance(field, NumberField):
            return next((g for g in self.generators if g(*point) != 0), None)
        if len(point := list(point)) != len(self.degrees):
            wrong = f"{len(self.degrees)} coordinates and {len(point)} numbers"
            raise ShapeError("evaluate equations", wrong, "one number for each coordinate")
        found = Expanded(self._generators, field)(in_one_ring(point, field))
        return next((g for g, x in zip(self.generators, found, strict=True) if x != 0), None)

    def export(self, system: str) -> str:
        """The ideal in the language of another system; see :func:`algattn.export.export_ideal`.

        Over a number field in one more variable, with its minimal polynomial.
        """
        from algattn.export import export_ideal

        target, field = self.problem.target, self.problem.field
        if not isinstance(field, NumberField):
            return export_ideal(self.generators, system, ring=self.ring)
        theta = target.gens()[-1]
        minimal = sum((theta**k * c for k, c in enumerate(field.modulus)), target(0))
        return export_ideal([*self._generators, minimal], system, ring=target)

    def sentence(self) -> str:
        D, parts = self.max_degree, [self._kind(e, n) for e, n in self.counts.items()]
        listed = " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]])) or "no equation"
        upto, weights = f"of {self._meant} at most {D}", self._weights
        if D is None:
            by = f" (elimination by {self.engine})" if self.engine else ""
            return f"The ideal is generated by {listed}{weights}{by}"
        if not parts:
            return f"There is no equation {upto}{weights}{self._chance()}"
        follow = "follow from"
        if not self.problem.grading.contains(self.degrees):
            follow = f"are combinations of multiples, of degree at most {D}, of"
        return f"All equations {upto}{weights} {follow} {listed}{self._chance()}"

    def _kind(self, degree: int, n: int) -> str:
        """How one calls n generators of a degree."""
        size, degrees = len(self.degrees), self._variable_degrees
        here = [g for g in self._generators if degree_in(g, degrees) == degree]
        forms = all(len({sum(e[:size]) for e, _ in g.terms()}) == 1 for g in here)
        name = "form" if forms else "equation"
        if self.grading == "weighted":
            return f"{n} equation{'s' * (n != 1)} of weighted degree {degree}"
        if degree in _NAMES:
            return f"{n} {_NAMES[degree]}{'s' * (n != 1)}"
        s = "s" * (n != 1)
        return f"{n} linear {name}{s}" if degree == 1 else f"{n} {name}{s} of degree {degree}"

    def _chance(self) -> str:
        for claim in self.claims:
            for item in claim.evidence:
                if isinstance(item, KernelBound):
                    return f" (kernels modulo {item.prime}, seed {item.seed})"
        return ""

    def card_rows(self) -> Iterator[CardRow]:
        yield from (CardRow("", str(g)) for g in self.generators[:12])
        if (more := len(self.generators) - 12) > 0:
            yield CardRow("", f"and {more} more")

    def formula(self) -> str:
        shown = ",\\ ".join(g.latex() for g in self.generators[:8])
        more = r",\ \ldots" if len(self.generators) > 8 else ""
        return rf"\langle {shown}{more} \rangle"
