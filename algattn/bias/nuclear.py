"""The nuclear norm in place of the Frobenius norm: what training K and Q instead of W is about.

TLTO show that the regularisation path of (K, Q) leads to the nuclear norm problem (abstract of
arXiv 2308.16898).  Whether gradient descent on (K, Q) goes there is asked by experiment here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from algattn.arguments import checked
from algattn.bias.arrays import Floats, TokenArrays
from algattn.bias.data import TokenData
from algattn.errors import EngineNotFoundError, HypothesisError, ShapeError, UndecidedError
from algattn.results import Status

MAX_D = 24


@dataclass(frozen=True, eq=False, repr=False)
class NuclearMargin:
    """``min |W|_*`` with margins at least one, in floats.

    Attributes
    ----------
    W : (d, d) floats
    nuclear_norm : float
    multipliers : (N,) floats
        Dual: ``|sum lambda D|_2 <= 1`` and ``sum lambda`` is the value.
    gap : float
        Primal minus dual value, both repaired to be feasible; how far the answer can be off.
    """

    W: Floats
    nuclear_norm: float
    multipliers: Floats
    gap: float
    status: Status = Status.NUMERIC

    @property
    def singular_values(self) -> Floats:
        return np.asarray(np.linalg.svd(self.W, compute_uv=False), dtype=np.float64)

    def __repr__(self) -> str:
        return f"<|W|_* = {self.nuclear_norm:.8g}, duality gap {self.gap:.1e} [{self.status.name}]>"

    @property
    def margin(self) -> float:
        """The largest margin of a matrix of nuclear norm one."""
        return 1 / self.nuclear_norm


@checked
def nuclear_margin(
    data: Any, labels: Any = None, decoder: Any = None, query: Any = None
) -> NuclearMargin:
    """Solve ``min |W|_*`` subject to ``<W, (x_o - x_t) z^T> >= 1`` with Clarabel.

    Parameters
    ----------
    data, labels, decoder, query
        As for :class:`~algattn.bias.AttentionSVM`; d is at most 24.

    Returns
    -------
    NuclearMargin
        NUMERIC, with the duality gap as an error bound up to rounding.

    Raises
    ------
    EngineNotFoundError
        When clarabel or scipy is not installed.
    HypothesisError
        When the problem is infeasible.

    Complexity
    ----------
    A semidefinite program of order 2d with N = sum (T_i - 1) inequalities.

    References
    ----------
    Tarzanagh, Li, Thrampoulidis, Oymak 2023 (``algattn cite TLTO``).
    """
    asked = "solve the nuclear norm problem"
    for name in ("clarabel", "scipy"):
        if find_spec(name) is None:
            raise EngineNotFoundError(asked, f"{name} is not installed", f"pip install {name}")
    tokens = TokenData.of(data, labels, decoder, query, floats=True)
    tokens.best()
    arrays = TokenArrays.of(tokens)
    if arrays.d > MAX_D:
        raise ShapeError(asked, f"d is {arrays.d}, over {MAX_D}", "use smaller tokens")
    if not arrays.others.any():
        d = arrays.d
        return NuclearMargin(np.zeros((d, d)), 0.0, np.zeros(0), 0.0)
    found = _semidefinite(arrays)
    if found is None:
        raise HypothesisError(
            asked, "Clarabel finds no W with margins 1", "see AttentionSVM(..).solve()"
        )
    W, multipliers = found
    least = float(arrays.margins(W).min())
    if least <= 0.5:
        raise UndecidedError(asked, f"the margin found is only {least:.3g}", "rescale the data")
    W = W / min(least, 1.0)
    value = float(np.linalg.svd(W, compute_uv=False).sum())
    top = float(np.linalg.norm(arrays.combine(multipliers), 2))
    multipliers = multipliers / max(top, 1.0)
    return NuclearMargin(W, value, multipliers, value - float(multipliers.sum()))


def _semidefinite(arrays: TokenArrays) -> tuple[Floats, Floats] | None:
    """``min tr(Z)/2`` over positive semidefinite Z of order 2d with W as its upper right block."""
    import clarabel
    from scipy import sparse

    d = arrays.d
    order = 2 * d
    size = order * (order + 1) // 2
    rows, columns = np.triu_indices(order)
    # Clarabel stacks the upper triangle column by column, off-diagonal entries times sqrt 2.
    place = {
        (int(r), int(c)): int(c) * (int(c) + 1) // 2 + int(r)
        for r, c in zip(rows, columns, strict=True)
    }
    left, right = arrays.factors
    block = np.array([place[i, d + j] for i in range(d) for j in range(d)])
    features = np.einsum("ki,kj->kij", left, right).reshape(len(left), -1)
    scale = float(np.abs(features).max()) or 1.0  # the tolerances are for numbers of size one
    features = features / scale
    A = np.zeros((len(left), size))
    A[:, block] = features / np.sqrt(2.0)
    cost = np.zeros(size)
    cost[[place[i, i] for i in range(order)]] = 0.5
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-10
    settings.max_threads = 1
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((size, size)),
        cost,
        sparse.csc_matrix(sparse.vstack([sparse.csc_matrix(-A), -sparse.identity(size)])),
        np.concatenate([-np.ones(len(left)), np.zeros(size)]),
        [clarabel.NonnegativeConeT(len(left)), clarabel.PSDTriangleConeT(order)],
        settings,
    )
    solution = solver.solve()
    if "Infeasible" in str(solution.status):
        return None
    W = np.array(solution.x)[block].reshape(d, d) / np.sqrt(2.0)
    return W / scale, np.maximum(np.array(solution.z)[: len(left)], 0.0) / scale
