"""Equations of function spaces and of fibers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from algattn.attention import Architecture
    from algattn.attention.theorems import Theorem
    from algattn.exact import Field
    from algattn.groebner.implicit_result import ImplicitIdeal
    from algattn.groebner.layer_hilbert import LayerHilbert
    from algattn.groebner.results import IdealResult


def _rows() -> Theorem:
    from algattn.groebner.evidence import ROWS

    return ROWS


@question("ideal.one-layer implicit.ideal", command="ideal", theorem=_rows)
def ideal(
    self: Architecture,
    max_degree: int,
    *,
    field: Field | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> IdealResult | ImplicitIdeal:
    """The polynomial equations of the function space, up to a degree.

    Parameters
    ----------
    max_degree : int
    field : QQ or GF(p), optional
        QQ unless given.
    seed : int
        For the random layers at which ranks are taken; the result does not depend on it.
    executor : concurrent.futures.Executor, optional
        Where the types of one degree run in parallel (one plain layer).
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    IdealResult
        Of one layer with one head: ``.counts`` (minimal generators by degree), ``.module()`` (their
        GL-modules), ``.completeness()``.  PROVED by substitution from below and ranks from above.
    ImplicitIdeal
        Of any other network: ``.counts`` and ``.generators``, PROVED to be all equations up to that
        degree.  Of higher ones nothing is said; ``net.map().ideal()`` looks for a proof that there
        are none.

    Raises
    ------
    LimitError
        When the time is over; ``.partial`` is the result for the degrees that are finished.

    Complexity
    ----------
    One exact kernel for each highest weight; widths matter only up to the degree.  Of other
    networks one for each weight of the torus.

    References
    ----------
    Lemmas "rows", "stable", "count" and "kernels" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> I = Lightning(widths=(2, 1), ranks=2).ideal(4)
    >>> I.counts, [str(row) for row in I.module()], I.status.name
    ({4: 1}, ['(4|44|22)'], 'PROVED')
    >>> Lightning(widths=(2, 1), ranks=1, heads=2, tokens=1).ideal(3).counts
    {}
    """
    from algattn.exact import QQ
    from algattn.groebner.results import ideal as find

    field = QQ if field is None else field
    if not _rows().covers(self):
        from algattn.groebner.network_maps import equations_of

        return equations_of(self, max_degree, field, seed, time_limit, progress)
    return find(
        self,
        max_degree,
        field=field,
        seed=seed,
        executor=executor,
        time_limit=time_limit,
        progress=progress,
    )


@question("hilbert.one-layer", command="hilbert", theorem=_rows)
def hilbert_polynomial(self: Architecture, *, time_limit: float | None = 60.0) -> LayerHilbert:
    """The Hilbert polynomial of the closure of the function space of one layer, as a cone.

    It counts the independent functions of degree n on the function space, for all large n.

    Parameters
    ----------
    time_limit : float, optional
        Seconds; for one token, where equations are computed.

    Returns
    -------
    LayerHilbert
        PROVED, a closed formula for several tokens; for one token where the Hilbert function has
        the value of the formula in one degree, which is computed.  Its last number is the degree.

    Raises
    ------
    HypothesisError
        For other networks; ``net.map().image_degree()`` may find theirs.
    UndecidedError
        When the value in that degree is another one (one token).
    LimitError
        When the time is over; ``.partial`` are the equations found.

    Complexity
    ----------
    Arithmetic for several tokens, else that of :meth:`ideal`.

    References
    ----------
    Lemma "complete" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> P = Lightning(widths=(2, 1), ranks=1).hilbert_polynomial()
    >>> P, P(10)
    (<The Hilbert polynomial is 3*C(n+3,3) - 2*C(n+2,2) [PROVED]>, 726)
    """
    from algattn.groebner.layer_hilbert import hilbert_polynomial as find

    return find(self, time_limit=time_limit)
