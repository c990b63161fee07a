"""Jacobian and gauge ranks of a network at a symmetric point, at a cost independent of the width.

At weights that commute with ``G = prod_j O(m_j)`` the Jacobian and the gauge directions are
G-equivariant linear maps, so by Schur's lemma their ranks are

    r_triv + sum_j [m_j r_std,j + m_j(m_j-1)/2 r_L,j + (m_j(m_j+1)/2 - 1) r_S,j]
           + sum_{j<k} m_j m_k r_jk

with each r the rank of a small matrix, computed on the network with at most two copies of each
factor.  Inputs restricted to two copies can only lower a rank, and so can reduction modulo a prime,
so the total is a lower bound of the rank at the symmetric point and hence of the generic rank over
the rationals.  Ranks modulo p of the gauge directions are lower bounds too, so
``parameters - total`` bounds the dimension from above.  Equality of both is a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from algattn.dimension.equivariant import Directions, gauge_components, parameter_directions
from algattn.dimension.isotypic import Component, Components
from algattn.dimension.layers import Layers
from algattn.dimension.limits import checkpoint
from algattn.dimension.modular import (
    DEFAULT_PRIME,
    Floats,
    Residues,
    profile_mod,
    rank_mod,
    reduce_mod,
)
from algattn.dimension.modular_autodiff import Point, sampled_gradients
from algattn.dimension.reduction import Kind, Reduction
from algattn.dimension.symmetry import EquivariantWeights, Symmetry, random_equivariant
from algattn.dimension.symmetry_layouts import recipes
from algattn.errors import LimitError, UndecidedError

__all__ = [
    "SymmetricCertificate",
    "SymmetricRanks",
    "symmetric_bounds",
    "symmetric_certificate",
    "symmetric_ranks",
]

_SLACK = 6
_ENTRIES = 10**7  # of the Jacobian held at once


@dataclass(frozen=True)
class SymmetricRanks:
    """Component ranks at one symmetric point.

    Attributes
    ----------
    jacobian : Components
        Lower bounds of the Jacobian ranks.
    gauge : Components
        Ranks of the gauge directions.
    parameters : Components
        Multiplicities of the components in the parameter space of (K, Q, V).
    samples : int
        Most random inputs used for one component.
    """

    jacobian: Components
    gauge: Components
    parameters: Components
    samples: int

    @property
    def lower(self) -> int:
        """Lower bound of the dimension."""
        return self.jacobian.total()

    @property
    def upper(self) -> int:
        """Upper bound of the dimension: parameters minus gauge."""
        return self.parameters.total() - self.gauge.total()


@dataclass(frozen=True)
class SymmetricCertificate:
    """Two-sided bound of the dimension of a network shape.

    Attributes
    ----------
    reduction : Reduction
    symmetry : Symmetry
    ranks : SymmetricRanks
    recipe : str
        Name of the recipe that was used.
    seed, prime : int
        They reproduce the point and the samples.
    """

    reduction: Reduction
    symmetry: Symmetry
    ranks: SymmetricRanks
    recipe: str
    seed: int
    prime: int

    @property
    def lower(self) -> int:
        """Lower bound of the dimension."""
        return self.ranks.lower

    @property
    def upper(self) -> int:
        """Upper bound of the dimension."""
        return self.ranks.upper

    @property
    def exact(self) -> bool:
        """Whether both bounds agree, so that the dimension is proved."""
        return self.lower == self.upper


def _jacobian_rows(
    layers: Layers,
    point: Point,
    selected: dict[Component, Directions],
    rows: int,
    residues: Residues,
) -> dict[Component, Floats]:
    """Random rows of the Jacobian on the selected directions of every component."""
    matrix = np.concatenate([c.matrix for c in selected.values()])
    entries = np.concatenate([c.entries for c in selected.values()])
    order = np.argsort(matrix, kind="stable")
    ends = np.searchsorted(matrix[order], np.arange(3 * len(point) + 1))
    result = np.empty((rows, len(matrix)))

    def fill(number: int, left: Floats, right: Floats) -> None:
        where = order[ends[number] : ends[number + 1]]
        if not where.size:
            return
        at = entries[where]
        value = np.einsum("stn,stn->sn", left[..., at[:, 0]], right[..., at[:, 1]])
        double = at[:, 4] != 0
        if double.any():
            a = at[double]
            second = np.einsum("stn,stn->sn", left[..., a[:, 2]], right[..., a[:, 3]])
            value[:, double] += a[:, 4] * second
        result[:, where] = reduce_mod(value, residues.prime)

    for g in sampled_gradients(layers, point, rows, residues):
        number = 3 * g.layer + "KQV".index(g.key[0])
        fill(number, g.left.swapaxes(1, 2), g.right.swapaxes(1, 2))
    blocks, start = {}, 0
    for name, c in selected.items():
        blocks[name] = result[:, start : start + len(c)]
        start += len(c)
    return blocks


def _batches(goals: dict[Component, Directions]) -> Iterator[dict[Component, Directions]]:
    """Group components of similar size, so that none gets many more rows than it needs."""
    batch: dict[Component, Directions] = {}
    least = width = 0
    for name in sorted(goals, key=lambda name: len(goals[name])):
        size = len(goals[name])
        if batch and (size > max(16, 2 * least) or (width + size) * (size + _SLACK) > _ENTRIES):
            yield batch
            batch, width = {}, 0
        if not batch:
            least = size
        batch[name] = goals[name]
        width += size
    if batch:
        yield batch


def _batch_ranks(
    layers: Layers,
    point: Point,
    goals: dict[Component, Directions],
    residues: Residues,
) -> tuple[dict[Component, int], int]:
    """Jacobian ranks of some components, and the number of inputs used."""
    need = max(len(c) for c in goals.values())
    count = need + _SLACK
    stored = _jacobian_rows(layers, point, goals, count, residues)
    ranks = {
        name: rank_mod(rows[: len(goals[name]) + _SLACK], residues.prime)
        for name, rows in stored.items()
    }
    missed = {name: goals[name] for name, rank in ranks.items() if rank < len(goals[name])}
    stable = dict.fromkeys(missed, 0)
    stored = {name: stored[name] for name in missed}
    while missed:
        more = max(_SLACK, need // 2)
        count += more
        fresh = _jacobian_rows(layers, point, missed, more, residues)
        for name in list(missed):
            stored[name] = np.concatenate([stored[name], fresh[name]])
            rank = rank_mod(stored[name], residues.prime)
            stable[name] = stable[name] + 1 if rank == ranks[name] else 0
            ranks[name] = rank
            if rank == len(goals[name]) or stable[name] == 2:
                del missed[name], stored[name]
    return ranks, count


def symmetric_ranks(
    point: EquivariantWeights, reduction: Reduction, residues: Residues
) -> SymmetricRanks:
    """Component ranks of Jacobian and gauge at an equivariant point.

    Parameters
    ----------
    point : EquivariantWeights
        Weights of the effective shape of ``reduction``.
    reduction : Reduction
        Decides the kind, the collapsed layers and the tokens.
    residues : Residues
        Source of the samples.

    Notes
    -----
    A Jacobian vanishes on the gauge directions, so its rank is its rank on the parameter directions
    that are not pivots of the gauge matrix; the goal of a component is the number of those.  Every
    row uses a fresh input and a random functional of the output, so (goal + a few) rows decide; a
    component that misses its goal gets more rows until two further rounds change nothing.
    """
    prime, symmetry = residues.prime, point.symmetry
    weights = point.expand(symmetry.copies)
    layers = reduction.resized(*symmetry.shape(symmetry.copies))
    columns = parameter_directions(symmetry)
    gauge = gauge_components(
        weights,
        symmetry,
        columns,
        collapsed=reduction.collapsed,
        scalings=reduction.kind is Kind.LIGHTNING,
        prime=prime,
    )
    gauge_ranks: list[tuple[Component, int]] = []
    goals: dict[Component, Directions] = {}
    for name, matrix in gauge:
        checkpoint()
        pivots = profile_mod(matrix.T, prime).rows
        gauge_ranks.append((name, len(pivots)))
        free = np.setdiff1d(np.arange(matrix.shape[1]), np.array(pivots, dtype=np.int64))
        if free.size:
            goals[name] = columns[name].keep(free)
    sizes = symmetry.sizes

    def components(pairs: Iterable[tuple[Component, int]]) -> Components:
        return Components(sizes, tuple((name, r) for name, r in pairs if r))

    ranks: dict[Component, int] = {}
    samples = 0

    def collected() -> SymmetricRanks:
        return SymmetricRanks(
            components(ranks.items()),
            components(gauge_ranks),
            components((name, len(c)) for name, c in columns.items()),
            samples,
        )

    try:
        for batch in _batches(goals):
            found, used = _batch_ranks(layers, weights, batch, residues)
            ranks.update(found)
            samples = max(samples, used)
    except LimitError as error:
        error.partial = collected()
        raise
    return collected()


def symmetric_certificate(
    reduction: Reduction, *, seed: int = 0, prime: int = DEFAULT_PRIME
) -> SymmetricCertificate:
    """Bound the dimension from both sides by symmetric points.

    Parameters
    ----------
    reduction : Reduction
        From `algattn.dimension.reduction.reduce_shape`.
    seed, prime : int

    Returns
    -------
    SymmetricCertificate
        The first recipe whose bounds agree, otherwise the one with the largest lower bound;
        ``exact`` says which.
    """
    best: SymmetricCertificate | None = None
    for name, symmetry in recipes(reduction):
        residues = Residues(seed, prime)
        ranks = symmetric_ranks(random_equivariant(symmetry, residues), reduction, residues)
        found = SymmetricCertificate(reduction, symmetry, ranks, name, seed, prime)
        if found.exact:
            return found
        if best is None or found.lower > best.lower:
            best = found
    if best is None:
        raise UndecidedError(
            f"find a symmetric point for widths {reduction.effective} and ranks {reduction.ranks}",
            "no orthogonal symmetry has few enough pieces",
            "a dense certificate",
        )
    return best


def symmetric_bounds(reduction: Reduction, seed: int, prime: int) -> tuple[int, int]:
    """The best lower and the best upper bound over the recipes, which stop when they meet.

    Raises
    ------
    UndecidedError
        When there is no recipe for the shape.
    LimitError
        When time is over; ``.partial`` holds the pair found so far.
    """
    lower, upper, tried = 0, reduction.parameters_factored, False
    for _, symmetry in recipes(reduction):
        tried = True
        residues = Residues(seed, prime)
        try:
            ranks = symmetric_ranks(random_equivariant(symmetry, residues), reduction, residues)
        except LimitError as error:
            if isinstance(error.partial, SymmetricRanks):
                lower, upper = max(lower, error.partial.lower), min(upper, error.partial.upper)
            error.partial = (lower, upper)
            raise
        lower, upper = max(lower, ranks.lower), min(upper, ranks.upper)
        if lower == upper:
            break
    if not tried:
        raise UndecidedError(
            f"find a symmetric point for widths {reduction.effective} and ranks {reduction.ranks}",
            "no orthogonal symmetry has few enough pieces",
            "a dense certificate",
        )
    return lower, upper
