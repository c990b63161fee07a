"""The chain of order parameters in whitened Cholesky coordinates, and the action on it.

Write ``U_{L+1} = u_a`` and ``U_{L+2} = 1``.  Every positive definite chain is, in exactly one way,

    U_l = L_l L_l^T,   L_l = sqrt(s_l) (I_{H_l} (x) L_{l+1}) Z_l,

with ``Z_l`` lower triangular with positive diagonal.  The coordinates are the entries of the
``Z_l``, the diagonal ones by their logarithms; the origin is the limit of infinite width.  In them
the prior part of the action falls apart,

    S = sum_l N_l (|Z_l|^2 - ln det U_l + H_l ln det U_{l+1}) + ln det G + Y^T G^{-1} Y,
      = sum_l N_l (|Z_l|^2 - d_l ln s_l - 2 sum_i ln (Z_l)_ii) + ln det G + Y^T G^{-1} Y,

with ``G = K(U_1) + T I``, and a Wishart matrix is its own Bartlett factor ``sqrt(N_l) Z_l``.  So
the same coordinates serve the saddle and the exact posterior, and all gradients are matrix
products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from algattn.errors import HypothesisError, ShapeError
from algattn.paths.arrays import Floats
from algattn.paths.kernels import TrainingKernels
from algattn.paths.shape import PathShape

#: Logarithms of diagonal coordinates are cut off here, where U would over- or underflow.
_LOG_RANGE = 40.0


@dataclass(frozen=True, eq=False)
class Levels:
    """A batch of chains: ``U[l]``, factors ``L[l]``, coordinates ``Z[l]``, bottom (U_1) first."""

    U: tuple[Floats, ...]
    L: tuple[Floats, ...]
    Z: tuple[Floats, ...]


class Chain:
    """Coordinates of the chain of order parameters.

    Parameters
    ----------
    shape : PathShape

    Examples
    --------
    >>> chain = Chain(PathShape((2,), (5, 5), (1, 4, 9)))
    >>> chain.size, chain.levels(np.zeros((1, 4))).U[0][0].tolist()
    (4, [[36.0, 0.0], [0.0, 36.0]])
    """

    def __init__(self, shape: PathShape) -> None:
        self.shape = shape
        self.dims = shape.dims
        self.fan = shape.fan
        self.s = np.array([float(v) for v in shape.chain_variances])
        self.N = np.array(shape.widths, dtype=float)
        self.size = shape.parameters
        self._slices: list[slice] = []
        start = 0
        for d in self.dims:
            self._slices.append(slice(start, start + d * (d + 1) // 2))
            start += d * (d + 1) // 2
        self._rows = [np.tril_indices(d) for d in self.dims]
        self._on = [r[0] == r[1] for r in self._rows]

    def coordinates_of_diagonal(self) -> Floats:
        """A mask over the coordinates: true at logarithms of diagonal entries."""
        return np.concatenate(self._on)

    def prior_precision(self) -> Floats:
        """The curvature of half the prior part of the action at the origin, by coordinate."""
        parts = [np.where(on, 2.0 * n, n) for on, n in zip(self._on, self.N, strict=True)]
        return np.concatenate(parts)

    def levels(self, theta: Floats) -> Levels:
        """Chains from coordinates ``B x size``."""
        B = len(theta)
        U: list[Floats] = []
        Ls: list[Floats] = []
        Zs: list[Floats] = []
        above = np.ones((B, 1, 1))
        for level in reversed(range(len(self.dims))):
            d, rows, on = self.dims[level], self._rows[level], self._on[level]
            values = theta[:, self._slices[level]].copy()
            values[:, on] = np.exp(np.clip(values[:, on], -_LOG_RANGE, _LOG_RANGE))
            Z = np.zeros((B, d, d))
            Z[:, rows[0], rows[1]] = values
            L = np.sqrt(self.s[level]) * self._spread(above, Z, level)
            Zs.append(Z)
            Ls.append(L)
            U.append(L @ np.swapaxes(L, 1, 2))
            above = L
        return Levels(tuple(U[::-1]), tuple(Ls[::-1]), tuple(Zs[::-1]))

    def _spread(self, above: Floats, Z: Floats, level: int) -> Floats:
        """``(I (x) above) Z``."""
        B, d, _ = Z.shape
        H, m = self.fan[level], above.shape[1]
        return np.asarray((above[:, None] @ Z.reshape(B, H, m, d)).reshape(B, d, d))

    def prior(self, theta: Floats, levels: Levels, *, exact: bool) -> tuple[Floats, Floats]:
        """The prior part and its gradient: of the action, or of ``-2 log density`` when `exact`.

        The exact density is that of Wishart matrices in these coordinates: ``(sqrt(N) Z_ii)^2`` is
        chi-squared with ``N - i`` degrees of freedom, so the logarithms count ``N - i`` times.
        """
        value = np.zeros(len(theta))
        gradient = np.empty_like(theta)
        for level, d in enumerate(self.dims):
            on, part = self._on[level], self._slices[level]
            z = levels.Z[level][:, self._rows[level][0], self._rows[level][1]]
            n = self.N[level]
            times = n - np.arange(d) if exact else np.full(d, n)
            value += n * (z**2).sum(axis=1) - 2 * (theta[:, part][:, on] * times).sum(axis=1)
            if not exact:
                value -= n * d * np.log(self.s[level])
            g = 2 * n * z
            g[:, on] = 2 * n * z[:, on] ** 2 - 2 * times
            gradient[:, part] = g
        return value, gradient

    def pull_back(self, levels: Levels, slope: Floats) -> Floats:
        """The gradient in coordinates of a function of ``U_1`` whose derivative is `slope`."""
        gradient = np.empty((len(slope), self.size))
        G = 2 * slope @ levels.L[0]
        for level, d in enumerate(self.dims):
            H, root = self.fan[level], np.sqrt(self.s[level])
            Z, B = levels.Z[level], len(slope)
            last = level + 1 == len(self.dims)
            above = np.ones((B, 1, 1)) if last else levels.L[level + 1]
            m = above.shape[1]
            dZ = root * (np.swapaxes(above, 1, 2)[:, None] @ G.reshape(B, H, m, d))
            flat = dZ.reshape(B, d, d)[:, self._rows[level][0], self._rows[level][1]]
            on = self._on[level]
            flat[:, on] *= Z[:, np.arange(d), np.arange(d)]
            gradient[:, self._slices[level]] = flat
            if not last:
                blocks = G.reshape(B, H, m, d) @ np.swapaxes(Z.reshape(B, H, m, d), 2, 3)
                G = root * blocks.sum(axis=1)
        return gradient

    def coordinates(self, U: Sequence[Floats]) -> Floats:
        """Coordinates of one chain ``(U_1, .., U_L, u_a)`` of positive definite matrices.

        Raises
        ------
        ShapeError, HypothesisError
            For wrong sizes, and for matrices that are not positive definite.
        """
        asked = "start from given order parameters"
        sizes = tuple(np.atleast_2d(u).shape[0] for u in U)
        if sizes != self.dims:
            raise ShapeError(asked, f"their sizes are {sizes}", f"give sizes {self.dims}")
        theta = np.empty(self.size)
        above = np.ones((1, 1))
        for level in reversed(range(len(self.dims))):
            u = np.atleast_2d(np.asarray(U[level], dtype=float))
            try:
                L = np.linalg.cholesky(u)
            except np.linalg.LinAlgError:
                raise HypothesisError(
                    asked,
                    f"U_{level + 1} is not positive definite "
                    f"(smallest eigenvalue {np.linalg.eigvalsh(u).min():.3g})",
                    "add a small multiple of the identity",
                ) from None
            spread = np.kron(np.eye(self.fan[level]), above) * np.sqrt(self.s[level])
            values = np.linalg.solve(spread, L)[self._rows[level]]
            on = self._on[level]
            values[on] = np.log(values[on])
            theta[self._slices[level]] = values
            above = L
        return theta


@dataclass(frozen=True, eq=False)
class DataTerm:
    """``ln det G + Y^T G^{-1} Y`` with ``G = K(U) + T I``, and its derivative ``M - m`` in U.

    ``M_{pi pi'} = tr(G^{-1} C_{pi pi'}) / |Pi|`` is the capacity used by a pair of paths and
    ``m_{pi pi'} = r^T C_{pi pi'} r / |Pi|``, ``r = G^{-1} Y``, its relevance for the task.
    """

    kernels: TrainingKernels
    Y: Floats
    temperature: float

    def inverse(self, K: Floats) -> tuple[Floats, Floats]:
        """``(ln det G, G^{-1})`` for a batch; infinite where G is not positive definite."""
        eye = np.arange(K.shape[1])
        G = K.copy()
        G[:, eye, eye] += self.temperature
        try:
            factor = np.linalg.cholesky(G)
        except np.linalg.LinAlgError:
            if len(K) == 1:
                return np.array([np.inf]), np.zeros_like(K)
            parts = [self.inverse(k[None]) for k in K]
            return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        logdet = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        inverse = np.linalg.inv(G)
        return logdet, (inverse + np.swapaxes(inverse, 1, 2)) / 2

    def __call__(self, U: Floats) -> tuple[Floats, Floats]:
        """Values (B) and derivatives (``B x paths x paths``), in slices that fit the memory."""
        values, slopes = [], []
        step = self.kernels.batch
        for start in range(0, len(U), step):
            logdet, inverse = self.inverse(self.kernels.kernels(U[start : start + step]))
            r = inverse @ self.Y
            values.append(logdet + r @ self.Y)
            inverse -= r[:, :, None] * r[:, None, :]
            slopes.append(self.kernels.traces(inverse))
        return np.concatenate(values), np.concatenate(slopes)


class Action:
    """The action (or ``-2 log posterior``) and its gradient, for a batch of coordinates.

    Parameters
    ----------
    chain : Chain
    data : DataTerm
    exact : bool
        False for the action S of the saddle; True for twice the negative logarithm of the exact
        posterior density in the coordinates of the chain, up to a constant.
    """

    def __init__(self, chain: Chain, data: DataTerm, *, exact: bool = False) -> None:
        self.chain, self.data, self.exact = chain, data, exact
        self.evaluations = 0

    def __call__(self, theta: Floats) -> tuple[Floats, Floats]:
        """Values (B) and gradients (``B x size``) at coordinates ``B x size``."""
        self.evaluations += len(theta)
        levels = self.chain.levels(theta)
        value, gradient = self.chain.prior(theta, levels, exact=self.exact)
        data, slope = self.data(levels.U[0])
        gradient += self.chain.pull_back(levels, slope)
        value = value + data
        bad = ~np.isfinite(value)
        value[bad], gradient[bad] = np.inf, 0.0
        return value, gradient
