"""All equations of one layer up to a degree, for every width d and d' at once, as a finite list.

A type ``(mu|lam|nu)`` of degree D has at most D rows in each partition, so layers with
``d = d' = D`` show all of them; a type with more rows than a layer has dimensions drops out there,
the others keep their multiplicities and their highest-weight vectors
(``algattn/docs/equations.md``, lemma *stable*).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import InputError
from algattn.groebner.evidence import DEFAULT_PRIME, Counted, Substituted, row_data, row_from_data
from algattn.groebner.graded import Family, Row
from algattn.groebner.modules import layer_bound
from algattn.groebner.table import Table, check_seed, collect, spell_rows, table_outline
from algattn.groebner.vectors import Vector
from algattn.results import Evidence, Outline, canonical_json, register
from algattn.results.legacy import LegacyResult

Entry = tuple[tuple[int, ...], ...]


def _new_types(rows: list[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if row.new:
            key = str(row.kind.degree)
            found[key] = found.get(key, 0) + row.new
    return found


@register
@dataclass(frozen=True, repr=False)
class StableModule(LegacyResult, Table):
    """All equations of degree at most D of one layer, for every d and d' at once.

    Attributes
    ----------
    value : dict
        ``{degree: number of irreducible modules of minimal generators}``.
    by_degree : dict
        ``{degree: [(mu, lam, nu, multiplicity)]}`` of minimal generators.
    vectors : tuple of Vector
        Their highest-weight vectors.
    rows : tuple of Row
        For every type its multiplicities in the polynomial ring, in the coordinate ring and in
        the ideal.
    tokens, rank, max_degree : int
        2 stands for any number of tokens above one; rank None for unbounded.

    Notes
    -----
    The multiplicity in the coordinate ring is bounded from above by the coefficient of Littlewood
    and Richardson and by the vectors that vanish, and from below by a rank modulo a prime.
    """

    kind: ClassVar[str] = "stable.module"
    title: ClassVar[str] = "Equations for all widths"
    claim_names: ClassVar[tuple[str, ...]] = (
        "equations",
        "complete to degree",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(problem) != {"tokens", "rank"}:
            return ()
        if set(detail) != {"max_degree", "field", "generators", "table"} or detail["field"] != 0:
            return ()
        q = 3 if problem["tokens"] == 1 else 2
        rows = [row_from_data(r, q) for r in detail["table"]]
        if canonical_json(value) != canonical_json(_new_types(rows)):
            return ()
        name = "every layer, whatever its widths,"
        return table_outline(detail, name, " of layers of all widths")

    @property
    def tokens(self) -> int:
        return int(self.problem["tokens"])

    @property
    def rank(self) -> int | None:
        rank = self.problem["rank"]
        return None if rank is None else int(rank)

    @property
    def by_degree(self) -> dict[int, list[tuple[Any, ...]]]:
        out: dict[int, list[tuple[Any, ...]]] = {}
        for row in self.module():
            entry = (row.mu, row.lam, row.nu, row.multiplicity)
            out.setdefault(row.degree, []).append(entry)
        return out

    @property
    def generated_in(self) -> int:
        """The largest degree of a minimal generator found; a proved lower bound for all widths."""
        return max((row.degree for row in self.module()), default=0)

    def bound(self, row: Row) -> int:
        """The upper bound of Littlewood and Richardson for the coordinate ring in one type."""
        kind = row.kind
        return layer_bound(kind.mu, kind.lam, kind.nu, self.tokens, self.rank)

    @property
    def sharp(self) -> tuple[int, int]:
        """In how many types the coordinate ring reaches ``min(ambient, bound)``, of how many."""
        hits = sum(row.ring == min(row.ambient, self.bound(row)) for row in self.rows)
        return hits, len(self.rows)

    def counts(self, d: int, d_out: int) -> dict[int, int]:
        """``{degree: number of minimal generators}`` of one layer of the given widths.

        Valid for the bound on the rank of this module; unbounded rank covers every ``a >= d``.
        """
        out: dict[int, int] = {}
        for row in self.rows:
            size = row.new * row.kind.dimension(d_out, d)
            if size:
                out[row.kind.degree] = out.get(row.kind.degree, 0) + size
        return out

    def sentence(self) -> str:
        rank = "unbounded rank" if self.rank is None else f"rank {self.rank}"
        t = "one token" if self.tokens == 1 else "several tokens"
        return (
            f"The equations of degree <= {self.max_degree} of layers of all widths "
            f"({t}, {rank}) are generated by {spell_rows(self.module())}"
        )

    def lines(self) -> list[str]:
        hits, total = self.sharp
        return [
            *(f"degree {n}: {spell_rows(self.module(n))}" for n in range(1, self.max_degree + 1)),
            f"in {hits} of {total} types the coordinate ring reaches the smaller of its two bounds",
        ]

    def formula(self) -> str:
        return r" \oplus ".join(map(str, self.module())) or "0"


def stable_module(
    max_degree: int,
    rank: int | None = None,
    *,
    tokens: int = 2,
    seed: int = 0,
    executor: Executor | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> StableModule:
    """All equations up to a degree of one layer, for every d and d' at once.

    Parameters
    ----------
    max_degree : int
        Degree 4 takes a second, degree 5 minutes.
    rank : int, optional
        The bound a on the rank of A; None for unbounded.
    tokens : int
        1, or 2 for any larger number.
    seed : int
        For the random layers; the result does not depend on it.
    executor : concurrent.futures.Executor, optional
        Where the types of one degree run in parallel.
    time_limit : float, optional
        Seconds.
    progress : bool

    Returns
    -------
    StableModule
        PROVED.

    Raises
    ------
    LimitError
        When the time is over; ``partial`` is the result for the degrees that are finished.

    Examples
    --------
    >>> stable_module(3).by_degree[2]
    [((1, 1), (4,), (1, 1), 1)]
    """
    asked = "find the equations of all layers"
    if type(max_degree) is not int or max_degree < 1:
        raise InputError(asked, f"max_degree is {max_degree!r}", "give a whole number from 1")
    if rank is not None and (type(rank) is not int or rank < 1):
        raise InputError(asked, f"rank is {rank!r}", "give a whole number from 1, or None")
    if type(tokens) is not int or tokens < 1:
        raise InputError(asked, f"tokens is {tokens!r}", "give 1 or 2")
    check_seed(seed, asked)
    tokens = min(tokens, 2)

    def finish(degree: int, rows: list[Row], vectors: list[Vector]) -> StableModule:
        detail = {
            "max_degree": degree,
            "field": 0,
            "table": [row_data(row) for row in rows],
            "generators": [v.to_data() for v in vectors],
        }
        counted = Counted(DEFAULT_PRIME, seed)
        evidence: dict[str, list[Evidence]] = {
            "equations": [Substituted()],
            "complete to degree": [counted],
        }
        problem = {"tokens": tokens, "rank": rank}
        return StableModule.assemble(problem, _new_types(rows), evidence, detail=detail)

    found = collect(
        Family(tokens, rank or 0),
        max_degree,
        finish,
        asked=asked,
        seed=seed,
        executor=executor,
        time_limit=time_limit,
        progress=progress,
    )
    assert isinstance(found, StableModule)
    return found
