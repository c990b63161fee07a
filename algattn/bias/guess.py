"""Float weights of the point of least norm: a guess for the exact solver, never an answer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
