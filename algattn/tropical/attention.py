"""Attention at temperature zero: one head with fixed keys, as a tropical rational map over QQ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.arguments import checked
from algattn.tropical.head import Head
from algattn.tropical.numbers import read_number

if TYPE_CHECKING:
    from algattn.tropical.diagram import PowerDiagram
    from algattn.tropical.results import RegionsResult, StabilityResult
    from algattn.tropical.temperature import Warm


@checked
class TropicalAttention(Head):
    """One attention head with `N` fixed keys, in the limit of temperature zero.

    The score of key `j` at the query `q` is ``s_j(q) = <k_j, q> + b_j``; at temperature `tau` the
    head returns ``sum_j softmax(s/tau)_j v_j`` (a factor such as 1/sqrt(d_k) is part of `tau`).

    Parameters
    ----------
    keys : N x d, rational
        The keys; for a real head the pulled back ones, see :meth:`from_head`.
    values : N x d_v, rational, optional
        The values; plain numbers count as vectors with one entry.  Without them only the partition
        is known.
    biases : N rational numbers, optional
        Zero by default; then every cell is a cone.
    floats : bool
        Read floats as the dyadic numbers they are.  Otherwise they are refused.

    Raises
    ------
    ShapeError, FieldError, InputError
        For sizes that do not fit, floats, and things that are not numbers.

    Notes
    -----
    The maximum of the scores is a tropical polynomial; its linear pieces are the cells of the power
    diagram with sites ``k_j`` and weights ``|k_j|^2 + 2 b_j``.  Equal keys with equal biases win
    together: they are merged into one cell and their values are averaged.  Keys that never win
    alone on an open set are normal; they have no cell.

    References
    ----------
    Su and Liu, "Geometric Capacity of Transformers" (``algattn cite SuLiu``).

    Examples
    --------
    >>> head = TropicalAttention(keys=[[0], [1], [2]], values=[5, 6, 7], biases=[0, 0, -1])
    >>> [(c.index, c.interior_point) for c in head.cells()]
    [(0, (Fraction(-1, 1),)), (1, (Fraction(1, 2),)), (2, (Fraction(2, 1),))]
    >>> sorted(head.limit([0]).keys), head.limit([0]).value
    ([0, 1], (Fraction(11, 2),))
    """

    def diagram(
        self, *, backend: str = "auto", time_limit: float | None = None, progress: bool = False
    ) -> PowerDiagram:
        """The power diagram: cells by inequalities and vertices, walls, adjacency.

        Parameters
        ----------
        backend : {"auto", "ppl", "embedded"}
        time_limit, progress
            Seconds, and a bar.  Everything is computed now; without them when it is asked for.

        Raises
        ------
        LimitError
            When the time is over.
        """
        from algattn.tropical.diagram import PowerDiagram

        return PowerDiagram(self, backend=backend).within(time_limit=time_limit, progress=progress)

    def at(self, q: Any, temperature: Any, *, bits: int = 128) -> Warm:
        """Attention at a positive temperature, in ball arithmetic; see :mod:`.temperature`."""
        from algattn.tropical.temperature import Warm

        return Warm(self, self.query(q), read_number(temperature, "read a temperature"), bits)

    def regions(
        self, *, box: Any = None, time_limit: float | None = None, progress: bool = False
    ) -> RegionsResult:
        """Count cells, linear regions and components, with evidence; see :mod:`.regions`."""
        from algattn.tropical.regions import regions

        return regions(self, box=box, time_limit=time_limit, progress=progress)

    def stability(
        self, *, error: Any, box: Any = None, cell: int | None = None, gap: Any = None
    ) -> StabilityResult:
        """A temperature below which the output is near its limit; see :mod:`.stability`."""
        from algattn.tropical.stability import stability

        return stability(self, error=error, box=box, cell=cell, gap=gap)
