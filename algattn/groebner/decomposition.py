"""Primary decompositions as results: components, and what proves them without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.exact import Polynomial
from algattn.groebner.certificates import Basis
from algattn.groebner.naming import names_engine
from algattn.groebner.systems import IdealProblem, System
from algattn.maps.texts import read_all
from algattn.results import CardRow, ListLike, Outline, Result, register

#: Characters of the equations of a component in one line.
MAX_SHOWN = 80


@dataclass(frozen=True)
class PrimaryComponent:
    """A component over the field: a prime ideal, and the primary ideal that belongs to it.

    Attributes
    ----------
    dimension, degree : int
        Of the zeros of the prime.
    multiplicity : int or None
        The length of the primary ideal at a general point; None where primes alone are listed.
    embedded : bool
        Whether it lies inside another component.
    conjugates : int or None
        Components over an algebraic closure, where they were asked for.
    prime, primary : tuple of str
        Groebner bases; `primary` is None where primes alone are listed.
    """

    dimension: int
    degree: int
    multiplicity: int | None
    embedded: bool
    conjugates: int | None
    prime: tuple[str, ...]
    primary: tuple[str, ...] | None

    @property
    def reduced(self) -> bool:
        """Whether the ideal is prime here: the primary ideal is the prime one."""
        return self.multiplicity in (None, 1)

    def bases(self, system: System) -> tuple[Basis, Basis]:
        """The prime and the primary ideal."""
        ring = system.ring
        texts = self.prime if self.primary is None else self.primary
        return Basis(ring, read_all(self.prime, ring)), Basis(ring, read_all(texts, ring))


class Components(ListLike, Result):
    """What decompositions of ideals and of fibers have in common."""

    problem: Any
    value: int
    components: tuple[PrimaryComponent, ...]
    primes_only: bool
    engine: str | None

    lists: ClassVar[str] = "components"
    claim_names: ClassVar[tuple[str, ...]] = (
        *("inside", "complete", "prime", "sizes", "absolute"),
    )

    def outline(self) -> tuple[Outline, ...]:
        parts, only = self.components, self.primes_only
        if self.value != max((c.dimension for c in parts), default=-1):
            return ()
        if self.engine is not None and not names_engine(self.engine):
            return ()
        if any((c.primary is None) != only or (c.multiplicity is None) != only for c in parts):
            return ()
        counts = [c.conjugates for c in parts]
        if None in counts and any(counts):
            return ()
        n, field = len(parts), self.system.over
        said = {
            "pairs": [[c.prime, c.primary] for c in parts],
            "primes_only": only,
            "engine": self.engine,
        }
        kind = "prime" if only else "primary"
        sizes = [[c.dimension, c.degree, c.multiplicity, c.embedded] for c in parts]
        found = (
            Outline("inside", f"every {kind} ideal contains {self._ideal}", said),
            Outline(
                "complete",
                f"the intersection of the {n} {kind} ideals is {'the radical of ' * only}"
                f"{self._ideal}",
                said,
            ),
            Outline("prime", f"they are {kind} over {field}", said),
            Outline("sizes", "sizes are right, and none is superfluous", said | {"sizes": sizes}),
        )
        if not any(counts):
            return found
        text = "so many components are there over an algebraic closure"
        return (*found, Outline("absolute", text, said | {"conjugates": counts}))

    @property
    def system(self) -> System:
        """The equations."""
        found: System = self.problem.system()
        return found

    _ideal: ClassVar[str] = "the ideal"
    _subject: ClassVar[str] = "The ideal"

    @property
    def dimension(self) -> int:
        """The largest dimension of a component (-1: there are no zeros)."""
        return self.value

    @property
    def reduced(self) -> bool | None:
        """Whether the ideal is radical; None where primes alone were asked for."""
        if self.primes_only:
            return None
        return all(c.reduced and not c.embedded for c in self.components)

    @property
    def isolated(self) -> tuple[PrimaryComponent, ...]:
        """The components that lie in no other one."""
        return tuple(c for c in self.components if not c.embedded)

    @property
    def embedded(self) -> tuple[PrimaryComponent, ...]:
        """The components that lie inside of others."""
        return tuple(c for c in self.components if c.embedded)

    @property
    def component_dimensions(self) -> list[int]:
        """Sorted, of the isolated ones; each counts as often as it has conjugates, if known."""
        return sorted(c.dimension for c in self.isolated for _ in range(c.conjugates or 1))

    def sentence(self) -> str:
        n, inside = len(self.isolated), len(self.embedded)
        text = f"{self._subject} has dimension {self.value} and {n} component{'s' * (n != 1)}"
        text += f" over {self.system.over}"
        if inside:
            text += f" and {inside} embedded one{'s' * (inside != 1)}"
        if self.reduced is False:
            text += "; it is not reduced"
        return f"{text} (decomposed by {self.engine})" if self.engine else text

    def card_rows(self) -> Iterator[CardRow]:
        for n, c in enumerate(self.components, 1):
            more = f", {c.conjugates} over the closure" if c.conjugates else ""
            more += ", embedded" * c.embedded
            if c.multiplicity not in (None, 1):
                more += f", multiplicity {c.multiplicity}"
            given = ", ".join(c.prime)
            if len(given) <= MAX_SHOWN:  # what a reader wants to see: where it lies
                more += f": {given or 0} = 0"
            yield CardRow(f"component {n}:", f"dimension {c.dimension}, degree {c.degree}{more}")

    def primes(self) -> list[tuple[Polynomial, ...]]:
        """The generators of the primes."""
        return [read_all(c.prime, self.system.ring) for c in self.components]


@register
@dataclass(frozen=True, repr=False)
class Decomposition(Components):
    """The primary decomposition of an ideal, or its minimal primes.

    Attributes
    ----------
    value : int
        The dimension.
    components : tuple of PrimaryComponent
        Isolated ones first.
    reduced : bool
        Whether the ideal is radical.
    engine : str or None
    """

    problem: IdealProblem
    value: int
    components: tuple[PrimaryComponent, ...]
    primes_only: bool
    engine: str | None

    kind: ClassVar[str] = "ideals.decomposition"
    title: ClassVar[str] = "What are the components of this ideal?"
