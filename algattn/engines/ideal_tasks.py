"""Questions about ideals as objects: cofactors, radical, intersection, quotient, resolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.engines.tasks import Task
from algattn.errors import InputError
from algattn.exact import Polynomial, PolynomialRing


class _PlainRing(Task):
    """A question whose answer has the variables and the field of the generators."""

    @property
    def target(self) -> PolynomialRing:
        """The ring of the answer, in degrevlex order."""
        return PolynomialRing(self.ring.field, self.ring.names)

    def _need(self, poly: Any, name: str) -> None:
        if not isinstance(poly, Polynomial):
            raise InputError(self.asked, f"{name} is no polynomial", f"give {name}=f")
        self._same_ring(poly)


@checked
@dataclass(frozen=True)
class NormalForm(_PlainRing):
    """Reduce a polynomial modulo the ideal.

    The answer is the remainder of division by the reduced degrevlex basis: zero for members.
    """

    polynomial: Polynomial = None  # type: ignore[assignment]

    kind: ClassVar[str] = "normalform"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._need(self.polynomial, "polynomial")


@checked
@dataclass(frozen=True)
class Cofactors(_PlainRing):
    """Write polynomials as combinations of the generators.

    The answer has an entry for each polynomial: None where it lies not in the ideal, else as many
    polynomials as there are generators; the sum of their products is the polynomial.
    """

    polynomials: tuple[Polynomial, ...] = ()

    kind: ClassVar[str] = "cofactors"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "polynomials", tuple(self.polynomials))
        for f in self.polynomials:
            self._need(f, "polynomials")


@checked
@dataclass(frozen=True)
class Intersection(_PlainRing):
    """Intersect the ideal with another one.

    The answer is the reduced degrevlex basis of the intersection with the ideal of `other`.
    """

    other: tuple[Polynomial, ...] = ()

    kind: ClassVar[str] = "intersection"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "other", tuple(self.other))
        for f in self.other:
            self._need(f, "other")


@checked
@dataclass(frozen=True)
class Quotient(_PlainRing):
    """Divide the ideal by a polynomial.

    The answer is the reduced degrevlex basis of ``{g : by * g in I}``.
    """

    by: Polynomial = None  # type: ignore[assignment]

    kind: ClassVar[str] = "quotient"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._need(self.by, "by")


@checked
@dataclass(frozen=True)
class Radical(_PlainRing):
    """Find the radical.

    The answer is the reduced degrevlex basis of the polynomials with a power in the ideal.
    """

    kind: ClassVar[str] = "radical"


@checked
@dataclass(frozen=True)
class Resolution:
    """A graded complex of free modules, from the ring (over which it stands) to the left.

    Attributes
    ----------
    matrices : tuple
        Of tuples of rows; the first has the generators as its only row.
    degrees : tuple of tuple of int
        Of the generators of the modules, ``(0,)`` first.
    """

    matrices: tuple[tuple[tuple[Polynomial, ...], ...], ...]
    degrees: tuple[tuple[int, ...], ...]

    @property
    def betti(self) -> dict[tuple[int, int], int]:
        """``{(step, degree): number of generators}``."""
        pairs = Counter((i, d) for i, row in enumerate(self.degrees) for d in row)
        return dict(sorted(pairs.items()))

    @classmethod
    def of(cls, matrices: Iterable[Any], weights: tuple[int, ...]) -> Resolution:
        """With the degrees that the entries tell; ValueError where an entry has another one."""
        found = tuple(tuple(map(tuple, m)) for m in matrices)
        degrees: list[tuple[int, ...]] = [(0,)]
        for m in found:
            if len(m) != len(degrees[-1]):
                raise ValueError("two neighbours among the matrices do not fit")
            columns = []
            for column in zip(*m, strict=True):
                met = {
                    d + sum(w * e for w, e in zip(weights, exponents, strict=True))
                    for d, f in zip(degrees[-1], column, strict=True)
                    for exponents, _ in f.terms()
                }
                if len(met) != 1:
                    raise ValueError(f"a column has the degrees {sorted(met)}")
                columns.append(met.pop())
            degrees.append(tuple(columns))
        return cls(found, tuple(degrees))


@checked
@dataclass(frozen=True)
class FreeResolution(_PlainRing):
    """Find the minimal free resolution of the quotient by a homogeneous ideal.

    The answer is a :class:`Resolution`.
    """

    weights: tuple[int, ...] = ()

    kind: ClassVar[str] = "resolution"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "weights", self._check_weights(self.weights))
        self._check_homogeneous(self.weights)
