"""Equations of function spaces and of fibers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from algattn.attention import Architecture
    from algattn.attention.theorems import Theorem
    from algattn.exact import Field
    from algattn.groebner.results import IdealResult


def _rows() -> Theorem:
    from algattn.groebner.evidence import ROWS

    return ROWS


@question("ideal.one-layer", command="ideal", theorem=_rows)
def ideal(
    self: Architecture,
    max_degree: int,
    *,
    field: Field | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> IdealResult:
    """The polynomial equations of the function space of one layer, up to a degree.

    Parameters
    ----------
    max_degree : int
    field : QQ or GF(p), optional
        QQ unless given.
    seed : int
        For the random layers at which ranks are taken; the result does not depend on it.
    executor : concurrent.futures.Executor, optional
        Where the types of one degree run in parallel.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    IdealResult
        ``.counts`` (minimal generators by degree), ``.module()`` (their GL-modules),
        ``.completeness()``.  PROVED by substitution from below and ranks from above.

    Raises
    ------
    HypothesisError
        For a deeper network; see :func:`algattn.implicitize`.
    LimitError
        When the time is over; ``.partial`` is the result for the degrees that are finished.

    Complexity
    ----------
    One exact kernel for each highest weight; widths matter only up to the degree.

    References
    ----------
    Lemmas "rows", "stable" and "count" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> I = Lightning(widths=(2, 1), ranks=2).ideal(4)
    >>> I.counts, [str(row) for row in I.module()], I.status.name
    ({4: 1}, ['(4|44|22)'], 'PROVED')
    """
    from algattn.exact import QQ
    from algattn.groebner.results import ideal as find

    return find(
        self,
        max_degree,
        field=QQ if field is None else field,
        seed=seed,
        executor=executor,
        time_limit=time_limit,
        progress=progress,
    )
