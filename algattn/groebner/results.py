"""The ideal of one layer up to a degree: counts, generators, modules, completeness, membership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from math import comb
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.arguments import checked
from algattn.attention import Architecture, FunctionMap
from algattn.attention.coordinates import label_name, natural_count, natural_labels
from algattn.attention.problem import Problem
from algattn.errors import DisagreementError, InputError, LimitError, UndecidedError
from algattn.exact import GF, QQ, Field, Polynomial, PolynomialRing
from algattn.formulas.degree import layer_degree
from algattn.formulas.one_layer import layer_dimension
from algattn.groebner.evidence import (
    DEFAULT_PRIME,
    Counted,
    Substituted,
    family_of,
)
from algattn.groebner.graded import Family, Row
from algattn.groebner.orbit import exponents, orbit
from algattn.groebner.table import (
    Table,
    collect,
    field_number,
    spell_rows,
)
from algattn.groebner.vectors import Vector
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Evidence,
    Outline,
    register,
)
from algattn.words import quoted

if TYPE_CHECKING:
    from algattn.groebner.complete import CompletenessResult
    from algattn.groebner.equations_test import EquationsResult


#: What is written down as polynomials.
MAX_COORDINATES = 20_000
MAX_GENERATORS = 20_000


def _counts(family: Family, rows: Sequence[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if row.new:
            key = str(row.kind.degree)
            size = row.new * row.kind.dimension(family.d_out, family.d)
            found[key] = found.get(key, 0) + size
    return found


@register
@dataclass(frozen=True, repr=False)
class IdealResult(Table):
    """The equations of one layer up to a degree; made by ``net.ideal(max_degree=D)``.

    Attributes
    ----------
    counts : dict
        ``{degree: number of minimal generators}``.
    generators : tuple of Polynomial
        The minimal generators in the natural coordinates, expanded when first asked for.
    vectors : tuple of Vector
        Their highest-weight vectors.
    rows : tuple of Row
        The multiplicities of every type in the polynomial ring, the coordinate ring and the ideal.
    hash : str
        Canonical: equal for equal ideals, degrees and fields.

    Notes
    -----
    PROVED means: the listed equations vanish, none is superfluous, and they generate every
    equation of degree at most ``max_degree``.  Whether there are more in higher degrees is asked
    with :meth:`complete`.
    """

    problem: Problem
    value: Mapping[str, int]

    kind: ClassVar[str] = "ideal.one-layer"
    title: ClassVar[str] = "What are the equations of the function space?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "equations",
        "complete to degree",
    )

    def outline(self) -> tuple[Outline, ...]:
        family = self.subject.family
        if self.problem != Problem(self.network) or self.value != _counts(family, self.rows):
            return ()
        return self.table_outline(f"every layer {self.network!r}", "")

    @property
    def network(self) -> Architecture:
        return self.problem.network

    @property
    def counts(self) -> dict[int, int]:
        return {int(key): int(n) for key, n in self.value.items()}

    @property
    def field(self) -> Field:
        return GF(self.characteristic) if self.characteristic else QQ

    @cached_property
    def ring(self) -> PolynomialRing:
        """The ring of the natural coordinates ``c_r_i_j_k``.

        Raises
        ------
        LimitError
            For more than :data:`MAX_COORDINATES`.
        """
        net = self.network
        many = natural_count(net.d_in, net.d_out, net.tokens)
        if many > MAX_COORDINATES:
            raise LimitError(
                f"write down equations of {net!r}",
                f"there are {many} coordinates, above the limit {MAX_COORDINATES}",
                "`.vectors`, the highest-weight vectors, which generate the modules",
                self,
            )
        return PolynomialRing(self.field, tuple(map(label_name, self._labels)))

    @property
    def _labels(self) -> tuple[Any, ...]:
        net = self.network
        return tuple(natural_labels(net.d_in, net.d_out, net.tokens))

    @cached_property
    def generators(self) -> tuple[Polynomial, ...]:
        """The minimal generators; see :meth:`expand`, for which there is no time limit here."""
        return self.expand()

    def expand(
        self, *, time_limit: float | None = None, progress: bool = False
    ) -> tuple[Polynomial, ...]:
        """The minimal generators, by lowering operators from the highest-weight vectors.

        Parameters
        ----------
        time_limit : float, optional
            Seconds.
        progress : bool

        Raises
        ------
        LimitError
            In advance for more than :data:`MAX_GENERATORS`, or when the time is over; ``partial``
            are the generators of the modules that are finished.

        Complexity
        ----------
        Linear algebra in each weight of each module.
        """
        asked = f"write down equations of {self.network!r}"
        ring, many = self.ring, sum(self.counts.values())
        if many > MAX_GENERATORS:
            raise LimitError(
                asked,
                f"there are {many} minimal generators, above the limit {MAX_GENERATORS}",
                "a smaller max_degree, or `.vectors`, whose modules they are",
                self,
            )
        place = {label: n for n, label in enumerate(self._labels)}
        net, out = self.network, list[Polynomial]()
        total = len(self.vectors)
        with Monitor(asked, total=total, progress=progress, time_limit=time_limit) as monitor:
            for vector in self.vectors:
                done = tuple(out)
                for terms in orbit(vector, net.d_out, net.d_in, self.characteristic):
                    out.append(ring.from_terms(exponents(terms, place)))
                    monitor.step(0, partial(tuple, done))
                monitor.step()
        return tuple(out)

    def hilbert_function(self, degree: int) -> int:
        """The dimension of the coordinate ring of the closure in one degree.

        Raises
        ------
        UndecidedError
            Above ``max_degree``, unless the theory pins it (see :meth:`completeness`).
        """
        if type(degree) is not int:
            raise InputError(
                "find the Hilbert function",
                f"the degree is {quoted(degree)}",
                "give a whole number",
            )
        if degree < 0:
            return 0
        if degree == 0:
            return 1
        family = self.subject.family
        if degree <= self.max_degree:
            rows = [row for row in self.rows if row.kind.degree == degree]
            return sum(row.ring * row.kind.dimension(family.d_out, family.d) for row in rows)
        from algattn.groebner.regularity import exact_from, ring_value

        if self.field == QQ and degree >= exact_from(family) and self.complete():
            return ring_value(family, degree)
        raise UndecidedError(
            f"find the Hilbert function in degree {degree}",
            f"equations are known up to degree {self.max_degree} only",
            f"ask net.ideal(max_degree={degree})",
            self,
        )

    def _system(self, task: str, engine: str | None, time_limit: float | None) -> int:
        """An invariant of the equations found, by a computer algebra system."""
        from algattn import engines

        net = self.network
        if not self.generators:
            count = natural_count(net.d_in, net.d_out, net.tokens)
            return count if task == "Dimension" else 1
        made = getattr(engines, task)(self.generators)
        return int(engines.solve(made, engine, time_limit=time_limit))

    def _complete_within(self, time_limit: float | None) -> bool:
        """Whether completeness is proved in half of the time."""
        try:
            return bool(self.complete(time_limit=None if time_limit is None else time_limit / 2))
        except LimitError:
            return False

    def dimension(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> int:
        """The dimension of the zero set of the equations found.

        When they are known to be complete it is the closed formula; else an engine computes it.
        """
        net = self.network
        if engine is None and self._complete_within(time_limit):
            return layer_dimension(net.d_in, net.d_out, net.ranks[0], net.tokens)
        return self._system("Dimension", engine, time_limit)

    def degree(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> int:
        """The degree of the zero set of the equations found (every coordinate has degree 1).

        When they are known to be complete it is the closed formula, compared with the Hilbert
        function; else an engine computes it.
        """
        net = self.network
        if engine is not None or not self._complete_within(time_limit):
            return self._system("Degree", engine, time_limit)
        from algattn.groebner.regularity import exact_from, ring_value

        family = self.subject.family
        d, e, a, t = net.d_in, net.d_out, net.ranks[0], family.tokens
        n, start = layer_dimension(d, e, a, t) - 1, exact_from(family)
        values = [ring_value(family, start + i) for i in range(n + 1)]
        found = sum((-1) ** (n - i) * comb(n, i) * x for i, x in enumerate(values))
        formula = layer_degree(d, e, a, t)
        if found != formula:
            raise DisagreementError(
                f"find the degree of {net!r}",
                f"the Hilbert function gives {found}, the closed formula {formula}",
                "report this",
                {"hilbert": found, "formula": formula},
            )
        return formula

    def completeness(
        self, *, time_limit: float | None = None, executor: Executor | None = None
    ) -> CompletenessResult:
        """Whether these are all equations of any degree, as a result with evidence.

        Raises
        ------
        UndecidedError
            When the method does not decide it.
        LimitError
            When the degrees that have to be searched take too long; ``partial`` is the ideal up to
            the last degree that was finished.
        """
        from algattn.groebner.complete import completeness

        known = self.__dict__.get("_completeness")
        if known is None:
            finish = partial(assemble, self.network)
            known = completeness(self, finish, time_limit=time_limit, executor=executor)
            self.__dict__["_completeness"] = known
        return known

    def complete(self, *, time_limit: float | None = 60.0) -> bool | None:
        """Whether these are all equations, of any degree.

        Returns
        -------
        bool or None
            True with a proof and False with a missing equation, both in :meth:`completeness`;
            None when the method cannot decide it, however long it runs (:meth:`completeness`
            raises the reason).

        Raises
        ------
        LimitError
            When the time is over; more time would tell more.  ``partial`` is the ideal up to the
            last degree that was finished.
        """
        try:
            return bool(self.completeness(time_limit=time_limit).value)
        except UndecidedError:
            return None

    def contains(
        self,
        function: FunctionMap,
        *,
        seed: int = 0,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> EquationsResult:
        """Test a function against the equations: False with the violated one, else True.

        True says that the function satisfies all equations of degree at most ``max_degree``.
        LimitError is raised when the time is over.
        """
        from algattn.groebner.equations_test import satisfies

        return satisfies(self, function, seed, time_limit, progress)

    def export(self, system: str) -> str:
        """The ideal in the language of another system, ring and order included."""
        from algattn.export import export_ideal

        return export_ideal(self.generators, system, ring=self.ring)

    def sentence(self) -> str:
        found = ", ".join(f"{n} of degree {k}" for k, n in self.counts.items()) or "none"
        return (
            f"Minimal equations of {self.network!r} up to degree {self.max_degree} "
            f"over {self.field}: {found}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for degree in range(1, self.max_degree + 1):
            if self.module(degree):
                yield CardRow(f"degree {degree}:", spell_rows(self.module(degree)))
        values = [self.hilbert_function(n) for n in range(self.max_degree + 1)]
        yield CardRow("Hilbert function", ", ".join(map(str, values)))
        yield CardRow("hash", self.hash[:16])

    def formula(self) -> str:
        return r",\ ".join(
            rf"I_{{{degree}}}^{{\min}} = " + r" \oplus ".join(map(str, self.module(degree)))
            for degree in self.counts
        )


def assemble(
    network: Architecture,
    degree: int,
    field: int,
    rows: Sequence[Row],
    vectors: Sequence[Vector],
    seed: int,
) -> IdealResult:
    """The result for a table of types and the vectors of its new generators."""
    evidence: dict[str, list[Evidence]] = {
        "equations": [Substituted()],
        "complete to degree": [Counted(DEFAULT_PRIME, seed)],
    }
    return IdealResult.assemble(
        Problem(network),
        _counts(family_of(network), rows),
        evidence,
        max_degree=degree,
        characteristic=field,
        vectors=tuple(vectors),
        rows=tuple(rows),
    )


@checked
def ideal(
    network: Architecture,
    max_degree: int,
    *,
    field: Field = QQ,
    seed: int = 0,
    executor: Executor | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> IdealResult:
    """See ``Lightning.ideal``."""
    asked = f"find the equations of {network!r}"
    family = family_of(network)
    if type(max_degree) is not int or max_degree < 1:
        raise InputError(asked, f"max_degree is {quoted(max_degree)}", "give a whole number from 1")
    number = field_number(field, max_degree, family.q, asked)

    def finish(degree: int, rows: list[Row], vectors: list[Vector]) -> IdealResult:
        return assemble(network, degree, number, rows, vectors, seed)

    found = collect(
        family,
        max_degree,
        finish,
        asked=asked,
        field=number,
        seed=seed,
        executor=executor,
        time_limit=time_limit,
        progress=progress,
    )
    assert isinstance(found, IdealResult)
    return found
