"""The double description method: the extreme rays of a cone given by inequalities.

A cone ``{x : a . x >= 0 for all rows a}`` is also ``lines + nonnegative combinations of rays``.
Rows are added one at a time; a new ray appears between two adjacent old ones on different sides
of the new hyperplane, and two rays are adjacent when no third one is tight at all the rows at
which both are tight.  Everything is a primitive integer vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

from algattn.errors import LimitError
from algattn.progress import tick
from algattn.tropical.numbers import Row, primitive

#: Pairs of rays looked at for one row; beyond this the optional library is the right tool.
MAX_PAIRS = 4_000_000


def dual_cone(n: int, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Extreme rays and lines of ``{x in Q^n : row . x >= 0}``, as primitive integer vectors.

    Parameters
    ----------
    n : int
        Number of coordinates.
    rows : sequence of tuples of int
        The inequalities.

    Returns
    -------
    rays, lines : lists of tuples of int
        The lines are a basis of the lineality space; the rays are unique up to adding lines.

    Raises
    ------
    LimitError
        When one row has more than ``MAX_PAIRS`` pairs of rays on its two sides.

    Complexity
    ----------
    O(rows * rays^2) adjacency tests in the worst case.

    References
    ----------
    Fukuda and Prodon, "Double description method revisited" (FukudaProdon).

    Examples
    --------
    >>> rays, lines = dual_cone(2, [(1, 0), (1, 1)])
    >>> sorted(rays), lines
    ([(0, 1), (1, -1)], [])
    """
    lines: list[Row] = [tuple(int(i == j) for j in range(n)) for i in range(n)]
    rays: list[Row] = []
    tight: list[int] = []
    for number, row in enumerate(rows):
        tick()
        bit = 1 << number
        on_lines = [sum(map(mul, row, line)) for line in lines]
        pivot = next((i for i, value in enumerate(on_lines) if value), None)
        if pivot is not None:
            lines, rays, tight = _cut_line(row, lines, on_lines, pivot, rays, tight, number)
            continue
        values = [sum(map(mul, row, ray)) for ray in rays]
        minus = [i for i, value in enumerate(values) if value < 0]
        if not minus:
            tight = [t if v else t | bit for t, v in zip(tight, values, strict=True)]
            continue
        plus = [i for i, value in enumerate(values) if value > 0]
        if len(plus) * len(minus) > MAX_PAIRS:
            raise LimitError(
                f"describe a cone with {len(rows)} inequalities in {n} coordinates",
                f"inequality {number + 1} separates {len(plus)} from {len(minus)} rays",
                "pip install pplpy (GPL-3)",
            )
        new_rays: list[Row] = []
        new_tight: list[int] = []
        for i, value in enumerate(values):
            if value >= 0:
                new_rays.append(rays[i])
                new_tight.append(tight[i] if value else tight[i] | bit)
        need = n - len(lines) - 2
        for i in plus:
            tick()
            for j in minus:
                common = tight[i] & tight[j]
                if common.bit_count() < need or not _adjacent(common, i, j, tight):
                    continue
                a, b = values[i], -values[j]
                new_rays.append(
                    primitive([b * x + a * y for x, y in zip(rays[i], rays[j], strict=True)])
                )
                new_tight.append(common | bit)
        rays, tight = new_rays, new_tight
    return rays, lines


def _adjacent(common: int, i: int, j: int, tight: Sequence[int]) -> bool:
    return not any(t & common == common and k not in (i, j) for k, t in enumerate(tight))


def _cut_line(
    row: Row,
    lines: list[Row],
    on_lines: list[int],
    pivot: int,
    rays: list[Row],
    tight: list[int],
    number: int,
) -> tuple[list[Row], list[Row], list[int]]:
    """A line leaves the lineality space: half of it becomes a ray, all else moves to the wall."""
    sign = 1 if on_lines[pivot] > 0 else -1
    half = tuple(sign * x for x in lines[pivot])
    size = sign * on_lines[pivot]

    def project(vector: Row, value: int) -> Row:
        return primitive([size * x - value * y for x, y in zip(vector, half, strict=True)])

    rest = [
        project(line, value)
        for i, (line, value) in enumerate(zip(lines, on_lines, strict=True))
        if i != pivot
    ]
    moved = [project(ray, sum(map(mul, row, ray))) for ray in rays]
    bit = 1 << number
    return rest, [*moved, half], [*(t | bit for t in tight), bit - 1]
