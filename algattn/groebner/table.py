"""Tables of multiplicities: what the results about equations share, and how they are filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from algattn.errors import FieldError, InputError
from algattn.exact import Field, PrimeField, RationalField
from algattn.groebner.evidence import DEFAULT_PRIME, Subject
from algattn.groebner.graded import Family, Row, degree_part
from algattn.groebner.modules import spelled
from algattn.groebner.naming import Renamed
from algattn.groebner.vectors import Vector
from algattn.progress import Monitor
from algattn.results import Outline, fingerprint


@dataclass(frozen=True)
class ModuleRow:
    """An irreducible module of minimal generators, ``(mu|lam|nu)`` with its multiplicity.

    For one token ``nu`` is None.  ``dimension`` is that of one copy; None when the widths are free.
    """

    degree: int
    mu: tuple[int, ...]
    lam: tuple[int, ...]
    nu: tuple[int, ...] | None
    multiplicity: int
    dimension: int | None

    @staticmethod
    def of(row: Row, multiplicity: int, family: Family) -> ModuleRow:
        kind = row.kind
        size = kind.dimension(family.d_out, family.d) if family.d else None
        nu = kind.nu if kind.q == 2 else None
        return ModuleRow(kind.degree, kind.mu, kind.lam, nu, multiplicity, size)

    def __str__(self) -> str:
        shapes = [self.mu, self.lam] + ([self.nu] if self.nu is not None else [])
        many = f"{self.multiplicity} " if self.multiplicity > 1 else ""
        return f"{many}({'|'.join(map(spelled, shapes))})"


def spell_rows(rows: Iterable[ModuleRow]) -> str:
    """Rows as a sum, or ``nothing``."""
    return " + ".join(map(str, rows)) or "nothing"


@dataclass(frozen=True, repr=False)
class Table(Renamed):
    """A result with a table of multiplicities, of equations up to a degree."""

    max_degree: int
    characteristic: int
    vectors: tuple[Vector, ...]
    rows: tuple[Row, ...]

    json_names: ClassVar[Mapping[str, str]] = {
        "characteristic": "field",
        "vectors": "generators",
        "rows": "table",
    }

    @cached_property
    def subject(self) -> Subject:
        found = Subject.of(self.problem, self.max_degree, self.characteristic)
        found.check(self.vectors)
        if any(row.kind.q != found.family.q for row in self.rows):
            raise InputError("read a table", "the number of tokens is another", "mend the file")
        return found

    def module(self, degree: int | None = None) -> tuple[ModuleRow, ...]:
        """The minimal generators as a module, of one degree or of all.

        Returns
        -------
        tuple of ModuleRow
        """
        family = self.subject.family
        return tuple(
            ModuleRow.of(row, row.new, family)
            for row in self.rows
            if row.new and degree in (None, row.kind.degree)
        )

    def ideal_module(self, degree: int) -> tuple[ModuleRow, ...]:
        """All equations of one degree as a module, generated ones included."""
        family = self.subject.family
        return tuple(
            ModuleRow.of(row, row.equations, family)
            for row in self.rows
            if row.equations and degree == row.kind.degree
        )

    @cached_property
    def hash(self) -> str:
        """A hash of the highest-weight vectors in their canonical form."""
        return fingerprint({"field": self.characteristic, "generators": self.vectors})

    def table_outline(self, name: str, where: str) -> tuple[Outline, ...]:
        """The two claims behind a table."""
        part = self.equations_data()
        return (
            Outline(
                "equations",
                f"the {len(self.vectors)} listed highest-weight vectors vanish on {name}",
                part,
            ),
            Outline(
                "complete to degree",
                f"they are minimal and generate all equations of degree at most {self.max_degree}"
                f"{where}; all multiplicities are those of the table",
                part | {"table": self.rows},
            ),
        )

    def equations_data(self) -> dict[str, Any]:
        """Which equations these are, for the value of a claim."""
        return {
            "max_degree": self.max_degree,
            "field": self.characteristic,
            "generators": self.vectors,
        }


def collect(
    family: Family,
    max_degree: int,
    finish: Callable[[int, list[Row], list[Vector]], Any],
    *,
    asked: str,
    field: int = 0,
    prime: int = DEFAULT_PRIME,
    seed: int = 0,
    executor: Executor | None = None,
    time_limit: float | None = None,
    progress: bool = False,
    known: Sequence[Vector] = (),
    first: int = 1,
) -> Any:
    """Run over the degrees; ``finish(degree, rows, vectors)`` makes the result or a partial one."""
    rows: list[Row] = []
    vectors = list(known)
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        for degree in range(first, max_degree + 1):
            done_rows, done_vectors = list(rows), list(vectors)

            def partial(
                degree: int = degree, r: list[Row] = done_rows, v: list[Vector] = done_vectors
            ) -> Any:
                return finish(degree - 1, r, v) if degree > first else None

            parts = degree_part(
                family,
                degree,
                done_vectors,
                prime=prime,
                seed=seed,
                field=field,
                executor=executor,
            )
            for row, found in parts:
                rows.append(row)
                vectors += found
                monitor.step(partial=partial)
    return finish(max_degree, rows, vectors)


def field_number(field: Field, degree: int, q: int, asked: str) -> int:
    """0 for QQ, p for GF(p); the characteristic must exceed the degree of the modules."""
    if isinstance(field, RationalField):
        return 0
    if not isinstance(field, PrimeField):
        raise FieldError(asked, f"the field is {field}", "use QQ or GF(p)")
    if field.p <= q * degree:
        raise FieldError(
            asked,
            f"in characteristic {field.p} the modules of degree {degree} do not split",
            f"use a prime above {q * degree}, or algattn.implicitize",
        )
    return field.p
