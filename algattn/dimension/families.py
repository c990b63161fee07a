"""Infinite families of shapes, cut into cells that one symmetric point each decides.

A cell is a set of shapes that share one orthogonal symmetry: its factor sizes ``m_j`` are affine
functions of the coordinates of the cell, and those that move are at least 2.  By Schur's lemma the
component ranks do not depend on such ``m_j``, so the two bounds are polynomials in the
coordinates, computed once at the corner of the cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from flint import fmpq, fmpq_mat

from algattn.dimension.modular import Residues
from algattn.dimension.reduction import Kind, Reduction, reduce_shape
from algattn.dimension.symmetric import SymmetricRanks, symmetric_ranks
from algattn.dimension.symmetry import Symmetry, random_equivariant
from algattn.dimension.symmetry_layouts import recipes
from algattn.errors import UndecidedError

__all__ = ["Cell", "Chart", "SolvedCell", "charts", "cover", "covers", "fit", "solve_cell"]

#: Corners of cells lie below this number in each coordinate.
LAST_CORNER = 12


@dataclass(frozen=True)
class Chart:
    """Equal-width shapes ``(d, a)`` as affine functions of two natural numbers u and v.

    Attributes
    ----------
    name : str
        The condition on (d, a).
    d, a : tuple of int
        ``(constant, coefficient of u, coefficient of v)``.
    least : tuple of int
        Least u and v.
    """

    name: str
    d: tuple[int, int, int]
    a: tuple[int, int, int]
    least: tuple[int, int]

    def shape(self, u: int, v: int) -> tuple[int, int]:
        """The width and the attention rank at (u, v)."""
        return _affine(self.d, u, v), _affine(self.a, u, v)


def _affine(form: tuple[int, int, int], u: int, v: int) -> int:
    return form[0] + form[1] * u + form[2] * v


def charts(kind: Kind, tokens: int) -> tuple[Chart, ...]:
    """Charts that cover all ``1 <= a <= d``; larger a are the same as a = d."""
    if kind is Kind.LIGHTNING and tokens == 1:
        return (
            Chart("d >= 2a", (0, 1, 2), (0, 0, 1), (0, 1)),
            Chart("a <= d < 2a", (0, 2, 1), (0, 1, 1), (0, 1)),
        )
    return (Chart("d >= a", (0, 1, 1), (0, 0, 1), (0, 1)),)


@dataclass(frozen=True)
class Cell:
    """All (u, v) from a corner on, where a coordinate moves or stays.

    Attributes
    ----------
    corner : tuple of int
    moves : tuple of bool
        Whether u and v run over everything from the corner on.
    """

    corner: tuple[int, int]
    moves: tuple[bool, bool]

    def contains(self, u: int, v: int) -> bool:
        """Whether (u, v) lies in the cell."""
        return all(
            x >= c if free else x == c
            for x, c, free in zip((u, v), self.corner, self.moves, strict=True)
        )


def covers(cells: Sequence[Cell], least: tuple[int, int]) -> bool:
    """Whether the cells cover all (u, v) from `least` on.

    Membership does not change beyond the last corner, so a finite grid decides.
    """
    last = max((c for cell in cells for c in cell.corner), default=0) + 1
    grid = product(range(least[0], last + 1), range(least[1], last + 1))
    return all(any(cell.contains(u, v) for cell in cells) for u, v in grid)


@dataclass(frozen=True)
class SolvedCell:
    """A cell with the symmetric ranks at its corner.

    Attributes
    ----------
    slopes : tuple of (int, int)
        For every factor, how its size grows with u and v.
    """

    cell: Cell
    symmetry: Symmetry
    slopes: tuple[tuple[int, int], ...]
    ranks: SymmetricRanks

    def bounds(self, u: int, v: int) -> tuple[int, int]:
        """Lower and upper bound of the dimension at a point of the cell."""
        du, dv = u - self.cell.corner[0], v - self.cell.corner[1]
        pairs = zip(self.symmetry.sizes, self.slopes, strict=True)
        sizes = tuple(m + x * du + y * dv for m, (x, y) in pairs)
        found = self.ranks
        upper = found.parameters.total(sizes) - found.gauge.total(sizes)
        return found.jacobian.total(sizes), upper

    def agrees(self, polynomial: dict[tuple[int, int], fmpq], chart: Chart) -> bool:
        """Whether both bounds are the polynomial in (d, a) on the whole cell.

        Bounds and polynomial are of degree at most 2 in each moving coordinate, so three values
        of each decide.
        """
        ranges = [
            range(c, c + 3) if free else range(c, c + 1)
            for c, free in zip(self.cell.corner, self.cell.moves, strict=True)
        ]
        for u, v in product(*ranges):
            d, a = chart.shape(u, v)
            value = sum((c * d**i * a**j for (i, j), c in polynomial.items()), fmpq(0))
            if any(value != bound for bound in self.bounds(u, v)):
                return False
        return True


def _slopes(
    symmetry: Symmetry, rows: list[tuple[tuple[int, ...], tuple[int, int]]], moves: Sequence[bool]
) -> tuple[tuple[int, int], ...] | None:
    """How the factor sizes have to grow so that every space grows as its row says."""
    free = [j for j, m in enumerate(symmetry.sizes) if m >= 2]
    columns: list[list[int]] = []
    for coordinate, moving in enumerate(moves):
        found = [0] * len(symmetry.sizes)
        if moving:
            for values in product(range(3), repeat=len(free)):
                trial = [0] * len(symmetry.sizes)
                for j, x in zip(free, values, strict=True):
                    trial[j] = x
                if all(
                    sum(b * x for b, x in zip(counts, trial, strict=True)) == wanted[coordinate]
                    for counts, wanted in rows
                ):
                    found = trial
                    break
            else:
                return None
        columns.append(found)
    return tuple(zip(*columns, strict=True))


def solve_cell(
    chart: Chart, cell: Cell, depth: int, *, kind: Kind, tokens: int, seed: int, prime: int
) -> SolvedCell | None:
    """Decide a cell by a symmetric point at its corner; None where no recipe attains the rank."""
    d, a = chart.shape(*cell.corner)
    shape = reduce_shape((d,) * (depth + 1), (a,) * depth, tokens=tokens, kind=kind)
    if shape.effective != shape.widths or shape.ranks not in (shape.attention, (0,) * depth):
        return None
    reads = (0, 0) if shape.ranks != shape.attention else chart.a[1:]
    for symmetry in _layouts(shape):
        rows = [(space.multiplicities, chart.d[1:]) for space in symmetry.hidden]
        rows += [(space.multiplicities, reads) for space in symmetry.attention]
        slopes = _slopes(symmetry, rows, cell.moves)
        if slopes is None:
            continue
        residues = Residues(seed, prime)
        ranks = symmetric_ranks(random_equivariant(symmetry, residues), shape, residues)
        if ranks.lower == ranks.upper:
            return SolvedCell(cell, symmetry, slopes, ranks)
    return None


def _layouts(shape: Reduction) -> Iterator[Symmetry]:
    for _, symmetry in recipes(shape):
        if sum(m >= 2 for m in symmetry.sizes) <= 6:
            yield symmetry


def monomials() -> list[tuple[int, int]]:
    """Exponents of (d, a) in polynomials of degree at most 2."""
    return [(i, j) for i in range(3) for j in range(3 - i)]


def fit(solved: SolvedCell, chart: Chart) -> dict[tuple[int, int], fmpq]:
    """The polynomial in (d, a) with the values of a cell in which both coordinates move."""
    u0, v0 = solved.cell.corner
    rows, values = [], []
    for i, j in monomials():
        d, a = chart.shape(u0 + i, v0 + j)
        rows.append([fmpq(d**x * a**y) for x, y in monomials()])
        values.append([fmpq(solved.bounds(u0 + i, v0 + j)[0])])
    found = fmpq_mat(rows).solve(fmpq_mat(values))
    return {m: found[n, 0] for n, m in enumerate(monomials()) if found[n, 0] != 0}


def cover(
    chart: Chart, depth: int, *, kind: Kind, tokens: int, seed: int, prime: int
) -> list[SolvedCell]:
    """Solved cells that cover a chart: one open cell, then rays, then single shapes."""
    solved: list[SolvedCell] = []
    least = chart.least

    def attempt(cell: Cell) -> bool:
        found = solve_cell(chart, cell, depth, kind=kind, tokens=tokens, seed=seed, prime=prime)
        if found is not None:
            solved.append(found)
        return found is not None

    corners = [(u, v) for u in range(least[0], least[0] + 4) for v in range(least[1], least[1] + 4)]
    for u, v in sorted(corners, key=sum):
        if attempt(Cell((u, v), (True, True))):
            break
    else:
        raise _stuck(chart, depth, kind, "no open cell")
    edge = solved[0].cell.corner
    for n, axis in ((0, 1), (1, 0)):  # rays beside the open cell, along the other axis
        for x in range(least[n], edge[n]):
            for y in range(least[axis], LAST_CORNER):
                corner = (x, y) if n == 0 else (y, x)
                if any(s.cell.contains(*corner) for s in solved):
                    if any(s.cell.contains(*corner) and s.cell.moves[axis] for s in solved):
                        break
                    continue
                moves = (n == 1, n == 0)
                if attempt(Cell(corner, moves)):
                    break
                if not attempt(Cell(corner, (False, False))):
                    raise _stuck(chart, depth, kind, f"(d, a) = {chart.shape(*corner)}")
            else:
                raise _stuck(chart, depth, kind, "a ray")
    return solved


def _stuck(chart: Chart, depth: int, kind: Kind, where: Any) -> UndecidedError:
    return UndecidedError(
        f"prove the dimension of all equal widths at depth {depth}, {kind.value}, {chart.name}",
        f"no symmetric point decides {where}",
        "another seed or prime",
    )
