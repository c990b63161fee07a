"""Float weights of the point of least norm: a guess for the exact solver, never an answer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algattn.progress import tick

Floats = NDArray[np.float64]


def available_solvers() -> tuple[str, ...]:
    """The float solvers that can run here, best first.

    >>> available_solvers()[-1]
    'embedded'
    """
    out = []
    if find_spec("qpsolvers") and find_spec("clarabel"):
        out.append("clarabel")
    if find_spec("scipy"):
        out.append("scipy")
    return (*out, "embedded")


def guess_weights(gram: Sequence[Sequence[int]] | Floats, solver: str | None = None) -> list[float]:
    """Weights ``w >= 0``, ``sum w = 1`` that nearly minimise ``w^T G w``.

    Parameters
    ----------
    gram : N x N integers or floats
    solver : {"clarabel", "scipy", "embedded"}, optional
        Clarabel (through qpsolvers) when installed, else scipy's NNLS, else the embedded NNLS.

    Returns
    -------
    list of float
        NUMERIC.  A solver that fails hands over to the next one.
    """
    G = normalised(gram)
    names = (solver,) if solver else available_solvers()
    for name in names:
        found = {"clarabel": _clarabel, "scipy": _scipy, "embedded": _embedded}[name](G)
        if found is not None and np.isfinite(found).all() and found.max() > 0:
            w = np.maximum(found, 0.0)
            return [float(x) for x in w / w.sum()]
    return [1.0 / len(G)] * len(G)


def pivot(gram: Sequence[Sequence[int]], rounds: int = 60) -> list[float] | None:
    """Multipliers ``l >= 0`` with ``G l >= c``, with equality where ``l > 0``, for some ``c > 0``.

    Block principal pivoting: all constraints on the wrong side change sides at once, unless that
    stops helping; then one at a time does.  A few linear systems find what a quadratic program
    would, with zeros that are zero.

    Returns
    -------
    list of float, or None
        NUMERIC; None when it does not settle, as for infeasible or degenerate data.

    Examples
    --------
    >>> pivot([[2, 0], [0, 4]])
    [2.0, 1.0]
    """
    G = normalised(gram)
    sizes = np.sqrt(np.diag(G))
    if not len(G) or not sizes.all():
        return None
    G = G / np.outer(sizes, sizes)
    wanted = 1 / sizes
    inside = np.zeros(len(G), dtype=bool)
    x, y = np.zeros(len(G)), -wanted
    fewest, patience = len(G) + 1, 3
    for _ in range(rounds):
        tick()
        small = 1e-11 * float(np.abs(x).max())
        wrong = np.where(inside, x < -small, y < -1e-11 * wanted)
        count = int(wrong.sum())
        if count == 0:
            return [float(v) for v in x / sizes]
        if count < fewest:
            fewest, patience = count, 3
        elif patience:
            patience -= 1
        else:
            wrong[: int(np.nonzero(wrong)[0][-1])] = False
        inside ^= wrong
        x = np.zeros(len(G))
        try:
            x[inside] = np.linalg.solve(G[np.ix_(inside, inside)], wanted[inside])
        except np.linalg.LinAlgError:
            return None
        y = G @ x - wanted
    return None


def guess_support(weights: Sequence[float]) -> tuple[int, ...]:
    """The places of the weights that are not zero to working precision.

    >>> guess_support([0.5, 1e-9, 0.5])
    (0, 2)
    """
    least = 1e-6 * max(weights, default=0.0)
    return tuple(k for k, x in enumerate(weights) if x > least)


def normalised(gram: Any) -> Floats:
    """The Gram matrix as floats with largest entry one (the weights do not change)."""
    rows = [list(row) for row in gram]
    top = max((abs(x) for row in rows for x in row), default=0)
    if top == 0:
        return np.zeros((len(rows), len(rows)))
    return np.array([[float(x / top) for x in row] for row in rows])


def _clarabel(G: Floats) -> Floats | None:
    import scipy.sparse as sp
    from qpsolvers import solve_qp

    n = len(G)
    try:
        found = solve_qp(
            sp.csc_matrix((G + G.T) / 2),
            np.zeros(n),
            A=sp.csc_matrix(np.ones((1, n))),
            b=np.ones(1),
            lb=np.zeros(n),
            solver="clarabel",
            tol_gap_abs=1e-12,
            tol_gap_rel=1e-12,
            tol_feas=1e-12,
        )
    except Exception:  # a foreign solver may raise anything; the next one takes over
        return None
    return None if found is None else np.asarray(found, dtype=float)


def _stacked(G: Floats) -> tuple[Floats, Floats]:
    """The least-distance form: ``min |E w - f|`` has the weights of the least norm point."""
    values, vectors = np.linalg.eigh((G + G.T) / 2)
    root = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
    E = np.vstack([root, np.ones((1, len(G)))])
    f = np.zeros(len(G) + 1)
    f[-1] = 1.0
    return E, f


def _scipy(G: Floats) -> Floats | None:
    from scipy.optimize import nnls

    try:
        return np.asarray(nnls(*_stacked(G))[0])
    except RuntimeError:
        return None


def _embedded(G: Floats) -> Floats | None:
    """Non-negative least squares by the active set method of Lawson and Hanson."""
    E, f = _stacked(G)
    n = len(G)
    x, active = np.zeros(n), np.zeros(n, dtype=bool)
    for _ in range(3 * n + 10):
        tick()
        gradient = E.T @ (f - E @ x)
        gradient[active] = -np.inf
        j = int(gradient.argmax())
        if gradient[j] <= 1e-11:
            break
        active[j] = True
        while True:
            z = np.zeros(n)
            z[active] = np.linalg.lstsq(E[:, active], f, rcond=None)[0]
            low = active & (z <= 0)
            if not low.any():
                x = z
                break
            step = float(np.min(x[low] / np.maximum(x[low] - z[low], 1e-300)))
            x = x + step * (z - x)
            active &= x > 1e-14
            x[~active] = 0.0
    return x
