"""Jacobian and gauge ranks of a network at a symmetric point, at a cost independent of the width.

At weights that commute with ``G = prod_j O(m_j)`` the Jacobian and the gauge directions are G-equivariant
linear maps, so by Schur's lemma their ranks are

    r_triv + sum_j [m_j r_std,j + m_j(m_j-1)/2 r_L,j + (m_j(m_j+1)/2 - 1) r_S,j] + sum_{j<k} m_j m_k r_jk

with each r the rank of a small matrix, computed on the network with at most two copies of each factor.
Inputs restricted to two copies can only lower a rank, and so can reduction modulo a prime, so the total
is a lower bound of the rank at the symmetric point and hence of the generic rank over the rationals.
Ranks modulo p of the gauge directions are lower bounds too, so ``parameters - total`` bounds the
dimension from above.  Equality of both is a proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from algattn.dimension.isotypic import Component, Components, unit_directions
from algattn.dimension.modular import (
    DEFAULT_PRIME,
    Floats,
    Ints,
    Residues,
    profile_mod,
    rank_mod,
    reduce_mod,
)
from algattn.dimension.passes import Cotangents, Weights, attention_residues, forward, reverse
from algattn.dimension.recipes import recipes
from algattn.dimension.reduction import Kind, Reduction
from algattn.dimension.symmetry import EquivariantWeights, Symmetry, random_equivariant

__all__ = [
    "SymmetricCertificate",
    "SymmetricRanks",
    "symmetric_certificate",
    "symmetric_ranks",
]

_SLACK = 6
_ROUNDS = 3


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
        Random inputs used.
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


@dataclass(frozen=True, eq=False)
class _Columns:
    """Parameter directions of one component: matrix numbers (n,) and entries (n, 5)."""

    matrix: Ints
    entries: Ints


def _parameter_columns(symmetry: Symmetry) -> dict[Component, _Columns]:
    """Directions by component; matrix 3 i, 3 i + 1, 3 i + 2 are K, Q, V of layer i."""
    parts: dict[Component, list[tuple[int, Ints]]] = {}
    for i, space in enumerate(symmetry.attention):
        reading = unit_directions(symmetry.hidden[i], space, symmetry.copies)
        writing = unit_directions(symmetry.hidden[i], symmetry.hidden[i + 1], symmetry.copies)
        for shift, found in enumerate((reading, reading, writing)):
            for name, entries in found.items():
                parts.setdefault(name, []).append((3 * i + shift, entries))
    return {
        name: _Columns(
            np.concatenate([np.full(len(e), n, dtype=np.int64) for n, e in found]),
            np.concatenate([e for _, e in found]),
        )
        for name, found in parts.items()
    }


def _act_left(entries: Ints, w: Ints, at: Ints) -> Ints:
    """Entries ``at`` of T W for every T in ``entries``, shape (T, columns)."""
    p, q = at[:, 0], at[:, 1]
    result: Ints = (p == entries[:, :1]) * w[np.ix_(entries[:, 1], q)]
    result += entries[:, 4:] * (p == entries[:, 2:3]) * w[np.ix_(entries[:, 3], q)]
    return result


def _act_right(entries: Ints, w: Ints, at: Ints) -> Ints:
    """Entries ``at`` of W T for every T in ``entries``, shape (T, columns)."""
    p, q = at[:, 0], at[:, 1]
    result: Ints = (q == entries[:, 1:2]) * w[np.ix_(p, entries[:, 0])].T
    result += entries[:, 4:] * (q == entries[:, 3:4]) * w[np.ix_(p, entries[:, 2])].T
    return result


_TRANSPOSE = np.array([1, 0, 3, 2, 4])


def _gauge_matrices(
    weights: Weights,
    symmetry: Symmetry,
    columns: dict[Component, _Columns],
    *,
    collapsed: tuple[bool, ...],
    scalings: bool,
    prime: int,
) -> dict[Component, Ints]:
    """Gauge directions by component, each of shape (directions, parameter directions)."""
    depth = weights.depth
    rows: dict[Component, list[Ints]] = {name: [] for name in columns}
    matrices = [w for i in range(depth) for w in (weights.key[i], weights.query[i], weights.value[i])]
    slices: dict[Component, dict[int, slice]] = {}
    for name, found in columns.items():
        numbers, starts = np.unique(found.matrix, return_index=True)
        stops = [*starts[1:], len(found.matrix)]
        slices[name] = {
            int(n): slice(int(a), int(b)) for n, a, b in zip(numbers, starts, stops, strict=True)
        }

    def emit(name: Component, count: int, parts: Iterable[tuple[int, str, Ints, int, int]]) -> None:
        block = np.zeros((count, len(columns[name].matrix)), dtype=np.int64)
        for number, side, entries, of, sign in parts:
            where = slices[name].get(number)
            if where is None:
                continue
            act = _act_left if side == "left" else _act_right
            value = sign * act(entries, matrices[of], columns[name].entries[where])
            block[:, where] = (block[:, where] + value) % prime
        rows[name].append(block)

    for i in range(depth):
        k, q, v = 3 * i, 3 * i + 1, 3 * i + 2
        space = symmetry.attention[i]
        for name, t in unit_directions(space, space, symmetry.copies).items():
            if name not in columns:
                continue
            back = t[:, _TRANSPOSE]
            emit(name, len(t), ((k, "left", back, k, -1), (q, "left", t, q, 1)))
            if collapsed[i]:
                emit(name, len(t), ((k, "left", t, q, 1), (k, "left", back, q, -1)))
                emit(name, len(t), ((q, "left", t, k, 1), (q, "left", back, k, -1)))
        if i + 1 < depth:
            space = symmetry.hidden[i + 1]
            for name, t in unit_directions(space, space, symmetry.copies).items():
                if name not in columns:
                    continue
                after = ((v + n, "right", t, v + n, -1) for n in (1, 2, 3))
                emit(name, len(t), ((v, "left", t, v, 1), *after))
        if scalings and ("trivial", 0, 0) in columns:
            found = columns[("trivial", 0, 0)]
            row = np.zeros((1, len(found.matrix)), dtype=np.int64)
            for number, sign in ((k, 1), (v, -1)):
                where = slices[("trivial", 0, 0)].get(number)
                if where is not None:
                    at = found.entries[where]
                    row[0, where] = sign * matrices[number][at[:, 0], at[:, 1]] % prime
            rows[("trivial", 0, 0)].append(row)
    return {
        name: np.concatenate(blocks)
        if blocks
        else np.zeros((0, len(columns[name].matrix)), dtype=np.int64)
        for name, blocks in rows.items()
    }


def _jacobian_rows(
    weights: Weights,
    reduction: Reduction,
    selected: dict[Component, _Columns],
    rows: int,
    residues: Residues,
) -> dict[Component, Floats]:
    """Random rows of the Jacobian on the selected directions of every component."""
    prime, tokens = residues.prime, reduction.sample_tokens
    widths = weights.widths
    x = residues.floats(rows, tokens, widths[0])
    attention = None
    if reduction.kind is Kind.SOFTMAX:
        attention = attention_residues(rows, tokens, reduction.symmetric_scores, residues)
    records, _ = forward(weights, x, attention, prime)
    functional = residues.floats(rows, tokens, widths[-1])
    matrix = np.concatenate([c.matrix for c in selected.values()])
    entries = np.concatenate([c.entries for c in selected.values()])
    order = np.argsort(matrix, kind="stable")
    ends = np.searchsorted(matrix[order], np.arange(3 * weights.depth + 1))
    result = np.empty((rows, len(matrix)))

    def fill(number: int, left: Floats, right: Floats) -> None:
        where = order[ends[number] : ends[number + 1]]
        if not where.size:
            return
        at = entries[where]
        value = np.einsum("stn,stn->sn", left[:, :, at[:, 0]], right[:, :, at[:, 1]])
        double = at[:, 4] != 0
        if double.any():
            a = at[double]
            second = np.einsum("stn,stn->sn", left[:, :, a[:, 2]], right[:, :, a[:, 3]])
            value[:, double] += a[:, 4] * second
        result[:, where] = reduce_mod(value, prime)

    def spread(g: Cotangents) -> None:
        fill(3 * g.layer, g.u, g.x)
        fill(3 * g.layer + 1, g.w, g.x)
        fill(3 * g.layer + 2, g.y, g.z)

    for g in reverse(weights, records, functional, reduction.kind, prime):
        spread(g)
    blocks, start = {}, 0
    for name, c in selected.items():
        blocks[name] = result[:, start : start + len(c.matrix)]
        start += len(c.matrix)
    return blocks


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
    that are not pivots of the gauge matrix; the goal of a component is the number of those.  Every row
    uses a fresh input and a random functional of the output, so (goal + a few) rows decide; a component
    that misses its goal gets more rows until two further rounds change nothing.
    """
    prime, symmetry = residues.prime, point.symmetry
    weights = point.expand(symmetry.copies)
    columns = _parameter_columns(symmetry)
    gauge = _gauge_matrices(
        weights,
        symmetry,
        columns,
        collapsed=reduction.collapsed,
        scalings=reduction.kind is Kind.LIGHTNING,
        prime=prime,
    )
    gauge_ranks: list[tuple[Component, int]] = []
    goals: dict[Component, _Columns] = {}
    for name, matrix in gauge.items():
        pivots = profile_mod(matrix.T, prime).rows
        gauge_ranks.append((name, len(pivots)))
        keep = np.setdiff1d(np.arange(matrix.shape[1]), np.array(pivots, dtype=np.int64))
        if keep.size:
            goals[name] = _Columns(columns[name].matrix[keep], columns[name].entries[keep])
    ranks: dict[Component, int] = {}
    open_goals, stored, samples = dict(goals), dict[Component, Floats](), 0
    stable: dict[Component, int] = {}
    while open_goals:
        need = max(len(c.matrix) for c in open_goals.values())
        count = need + _SLACK if not samples else max(_SLACK, need // 2)
        fresh = _jacobian_rows(weights, reduction, open_goals, count, residues)
        samples += count
        for name in list(open_goals):
            goal = len(open_goals[name].matrix)
            rows = fresh[name] if name in stored else fresh[name][: goal + _SLACK]
            if name in stored:
                rows = np.concatenate([stored[name], rows])
            rank = rank_mod(rows, prime)
            stable[name] = stable[name] + 1 if rank == ranks.get(name) else 0
            ranks[name], stored[name] = rank, rows
            if rank == goal or stable[name] == _ROUNDS - 1:
                del open_goals[name], stored[name]
    sizes = symmetry.sizes

    def components(found: Iterable[tuple[Component, int]]) -> Components:
        return Components(sizes, tuple((name, r) for name, r in found if r))

    return SymmetricRanks(
        components(ranks.items()),
        components(gauge_ranks),
        components((name, len(c.matrix)) for name, c in columns.items()),
        samples,
    )


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
        The first recipe whose bounds agree, otherwise the one with the largest lower bound; ``exact``
        says which.
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
        raise ValueError(
            f"no orthogonal symmetry with few enough pieces for widths {reduction.effective} and "
            f"ranks {reduction.ranks}; use a dense certificate"
        )
    return best
