"""The stationarity equations and their Jacobian in ball arithmetic.

The unknowns are the upper triangles of ``U_1, .., U_L, u_a``; all data are rational.  A ball that
comes out of these functions contains the true value for every choice of numbers in the input balls.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat, fmpq, fmpq_mat

from algattn.paths.exact_numbers import exact_variance
from algattn.paths.shape import PathShape


class BallEquations:
    """Stationarity in balls.

    Parameters
    ----------
    shape : PathShape
    blocks : rational P x P matrices by pairs of paths
        The path-path kernels.
    Y : rational P x 1
    temperature : rational
    """

    def __init__(
        self,
        shape: PathShape,
        blocks: dict[tuple[int, int], fmpq_mat],
        Y: fmpq_mat,
        temperature: fmpq,
    ) -> None:
        self.shape, self.Y = shape, arb_mat(Y)
        P, n = Y.nrows(), shape.count
        self.size = P
        self.noise = arb_mat(
            fmpq_mat(P, P, [temperature * (i == j) for i in range(P) for j in range(P)])
        )
        self.pairs = [[(i, j) for i in range(d) for j in range(i, d)] for d in shape.dims]
        self.unknowns = sum(len(p) for p in self.pairs)
        self.symmetric = [
            arb_mat((blocks[i, j] + blocks[i, j].transpose()) * fmpq(1, 2 * n))
            for i, j in self.pairs[0]
        ]
        self.s = [arb(exact_variance(shape, k + 1)) for k in range(len(shape.dims))]

    def levels(self, x: Sequence[arb]) -> list[arb_mat]:
        """Symmetric matrices from the unknowns."""
        out, place = [], 0
        for d, pairs in zip(self.shape.dims, self.pairs, strict=True):
            u = arb_mat(d, d)
            for i, j in pairs:
                u[i, j] = u[j, i] = x[place]
                place += 1
            out.append(u)
        return out

    def _trace(self, u: arb_mat, fan: int) -> arb_mat:
        m = u.nrows() // fan
        out = arb_mat(m, m)
        for i in range(m):
            for j in range(m):
                out[i, j] = sum((u[h * m + i, h * m + j] for h in range(fan)), arb(0))
        return out

    def _spread(self, u: arb_mat, fan: int) -> arb_mat:
        m = u.nrows()
        out = arb_mat(m * fan, m * fan)
        for h in range(fan):
            for i in range(m):
                for j in range(m):
                    out[h * m + i, h * m + j] = u[i, j]
        return out

    def gram(self, u: arb_mat) -> arb_mat:
        """``G = K(U_1) + T I``."""
        G = self.noise
        for (i, j), C in zip(self.pairs[0], self.symmetric, strict=True):
            G = G + C * (u[i, j] if i == j else 2 * u[i, j])
        return G

    def evaluate(self, x: Sequence[arb]) -> tuple[list[arb], arb_mat]:
        """Values of all equations, and the Jacobian in the unknowns.

        Equation (l; i, j) is entry (i, j) of the derivative of the action in ``U_l``.

        Raises
        ------
        ZeroDivisionError
            When a matrix is not invertible on the whole input.
        """
        us = self.levels(x)
        inverses = [u.inv() for u in us]
        Ginv = self.gram(us[0]).inv()
        r = Ginv * self.Y
        weight = Ginv - r * r.transpose()
        values = self._prior_values(us, inverses)
        for k, C in enumerate(self.symmetric):
            values[k] = values[k] + _inner(weight, C)
        jacobian = arb_mat(self.unknowns, self.unknowns)
        column = 0
        for level, pairs in enumerate(self.pairs):
            for p, (i, j) in enumerate(pairs):
                direction = arb_mat(us[level].nrows(), us[level].nrows())
                direction[i, j] = direction[j, i] = arb(1)
                slope = self._prior_slope(us, inverses, level, direction)
                if level == 0:
                    dG = self.symmetric[p] * (1 if i == j else 2)
                    dGinv = -(Ginv * dG * Ginv)
                    dr = dGinv * self.Y
                    cross = dr * r.transpose()
                    dweight = dGinv - cross - cross.transpose()
                    for k, C in enumerate(self.symmetric):
                        slope[k] = slope[k] + _inner(dweight, C)
                for row, value in enumerate(slope):
                    jacobian[row, column] = value
                column += 1
        return values, jacobian

    def _prior_values(self, us: list[arb_mat], inverses: list[arb_mat]) -> list[arb]:
        out: list[arb] = []
        for level, pairs in enumerate(self.pairs):
            n = self.shape.widths[level]
            g = self._mean(inverses, level) * n - inverses[level] * n
            if level:
                below, h = self.shape.widths[level - 1], self.shape.fan[level - 1]
                v, t = inverses[level], self._trace(us[level - 1], h)
                g = g + v * (below * h) - v * t * v * (below / self.s[level - 1])
            out += [g[i, j] for i, j in pairs]
        return out

    def _mean(self, inverses: list[arb_mat], level: int) -> arb_mat:
        last = level + 1 == len(inverses)
        above = arb_mat([[arb(1)]]) if last else inverses[level + 1]
        return self._spread(above, self.shape.fan[level]) * (1 / self.s[level])

    def _prior_slope(
        self, us: list[arb_mat], inverses: list[arb_mat], level: int, direction: arb_mat
    ) -> list[arb]:
        """The derivative of the prior part of all equations along one direction in one level."""
        out: list[arb] = []
        dinv = -(inverses[level] * direction * inverses[level])
        for k, pairs in enumerate(self.pairs):
            d = us[k].nrows()
            g = arb_mat(d, d)
            n = self.shape.widths[k]
            if k == level:
                g = g - dinv * n
                if k:
                    below, h = self.shape.widths[k - 1], self.shape.fan[k - 1]
                    v, t = inverses[k], self._trace(us[k - 1], h)
                    g = g + dinv * (below * h)
                    g = g - (dinv * t * v + v * t * dinv) * (below / self.s[k - 1])
            elif k == level - 1:
                g = g + self._spread(dinv, self.shape.fan[k]) * (n / self.s[k])
            elif k == level + 1:
                below, h = self.shape.widths[level], self.shape.fan[level]
                v = inverses[k]
                g = g - v * self._trace(direction, h) * v * (below / self.s[level])
            out += [g[i, j] for i, j in pairs]
        return out

    def slack(self, x: Sequence[arb]) -> arb_mat:
        """``N_1 U_1^{-1} - M``, positive definite where lemma *lowest* applies.

        Raises
        ------
        ZeroDivisionError
            When a matrix is not invertible on the whole input.
        """
        u = self.levels(x)[0]
        Ginv = self.gram(u).inv()
        out = u.inv() * self.shape.widths[0]
        for (i, j), C in zip(self.pairs[0], self.symmetric, strict=True):
            m = _inner(Ginv, C)
            out[i, j] = out[i, j] - m
            if i != j:
                out[j, i] = out[j, i] - m
        return out

    def weights(self) -> list[int]:
        """1 for diagonal unknowns, 2 for the others: the Hessian is these times the Jacobian."""
        return [1 if i == j else 2 for pairs in self.pairs for i, j in pairs]


def _inner(a: arb_mat, b: arb_mat) -> arb:
    total = arb(0)
    for i in range(a.nrows()):
        for j in range(a.ncols()):
            total = total + a[i, j] * b[i, j]
    return total


def positive_definite(u: arb_mat) -> bool:
    """Whether every symmetric matrix in the balls is positive definite (pivots of elimination).

    >>> positive_definite(arb_mat([[2, 1], [1, 2]])), positive_definite(arb_mat([[1, 2], [2, 1]]))
    (True, False)
    """
    n = u.nrows()
    rows = [[u[i, j] for j in range(n)] for i in range(n)]
    for k in range(n):
        if not rows[k][k] > 0:
            return False
        for i in range(k + 1, n):
            c = rows[i][k] / rows[k][k]
            for j in range(k, n):
                rows[i][j] = rows[i][j] - c * rows[k][j]
    return True
