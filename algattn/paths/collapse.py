"""The network with all weights written out, and its order parameters.

A second description of the same model: value matrices, readout and a forward pass through tokens.
With everything but ``V^(0)`` fixed the network is linear in ``V^(0)``, and its kernel must be
``K(U)`` with ``U = w w^T / N_1`` from the effective weights.  Over QQ that is an identity of
rational numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from random import Random
from typing import Any

from flint import fmpq, fmpq_mat

from algattn.arguments import checked
from algattn.errors import ShapeError
from algattn.exact import QQ, Matrix
from algattn.paths.attention import Head
from algattn.paths.exact_numbers import exact_variance
from algattn.paths.inputs import exact_input, readout_weights
from algattn.paths.shape import PathShape


@checked
@dataclass(frozen=True)
class PathWeights:
    """Value matrices above the first layer, and the readout vector, over QQ.

    Attributes
    ----------
    shape : PathShape
    values : ``values[l-1][h]`` is ``V^(l)h``, rational, ``N_{l+1} x N_l`` (with ``N_{L+1} = N_a``)
    readout : rational ``1 x N_a``
        The vector a.

    Examples
    --------
    >>> weights = PathWeights.random(PathShape((2,), (3, 2)), seed=1)
    >>> weights.order_parameter().shape
    (2, 2)
    """

    shape: PathShape
    values: tuple[tuple[fmpq_mat, ...], ...]
    readout: fmpq_mat

    def __post_init__(self) -> None:
        widths = self.shape.widths
        wanted = [(widths[n + 1], widths[n]) for n in range(self.shape.depth)]
        for n, (layer, size) in enumerate(zip(self.values, wanted, strict=True)):
            for V in layer:
                if (V.nrows(), V.ncols()) != size:
                    raise ShapeError(
                        f"read the value matrices of layer {n + 1}",
                        f"one is {V.nrows()}x{V.ncols()}",
                        f"give {size[0]}x{size[1]}",
                    )

    @classmethod
    def random(cls, shape: PathShape, *, seed: int = 0, size: int = 4) -> PathWeights:
        """Integer weights between -size and size, the same for the same seed."""
        rng = Random(seed)

        def draw(m: int, n: int) -> fmpq_mat:
            return fmpq_mat([[rng.randint(-size, size) for _ in range(n)] for _ in range(m)])

        w = shape.widths
        values = tuple(
            tuple(draw(w[n + 1], w[n]) for _ in range(h)) for n, h in enumerate(shape.heads)
        )
        return cls(shape, values, draw(1, w[-1]))

    def effective(self) -> list[fmpq_mat]:
        """``w^pi`` without its square roots: the product ``a V^(L)h_L .. V^(1)h_1`` of each path.

        ``w^pi`` itself is this row divided by the root of ``N_a N_L .. N_2``.
        """
        rows = [self.readout]
        for layer in reversed(self.values):
            rows = [row * V for V in layer for row in rows]
        return rows

    def order_parameter(self) -> Matrix:
        """``U_{pi pi'} = w^pi . w^pi' / N_1``, exactly."""
        rows = fmpq_mat([row.tolist()[0] for row in self.effective()])
        norm = fmpq(1, prod(self.shape.widths))
        return Matrix._wrap(QQ, rows * rows.transpose() * norm)

    def linear_maps(
        self, heads: Sequence[Sequence[Head]], X: Any, readout: Any
    ) -> list[list[fmpq]]:
        """For each input the coefficients of ``V^(0)``, without square roots, by forward passes.

        The network is run on ``V^(0)`` = each elementary matrix in turn; entry ``i N0 + j`` of the
        answer is the output for the elementary matrix (i, j).
        """
        out = []
        for x in exact_input(X, self.shape.depth):
            N0, T = x.nrows(), x.ncols()
            omegas = [[head.matrix(x) for head in layer] for layer in heads]
            e = fmpq_mat(T, 1, readout_weights(readout, T))
            row = []
            for i in range(self.shape.widths[0]):
                for j in range(N0):
                    z = fmpq_mat(self.shape.widths[0], T)
                    for t in range(T):
                        z[i, t] = x[j, t]
                    for V_layer, omega_layer in zip(self.values, omegas, strict=True):
                        total = None
                        for V, omega in zip(V_layer, omega_layer, strict=True):
                            term = V * z * omega
                            total = term if total is None else total + term
                        assert total is not None
                        z = total
                    row.append((self.readout * z * e)[0, 0])
            out.append(row)
        return out

    def collapsed_kernel(self, heads: Sequence[Sequence[Head]], X: Any, readout: Any) -> Matrix:
        """The kernel of the linear model in ``V^(0)``, prior variance s_0, over QQ.

        Equal to ``K(U)`` at :meth:`order_parameter`, as an identity of rational matrices.
        """
        maps = fmpq_mat(self.linear_maps(heads, X, readout))
        N0 = exact_input(X, self.shape.depth)[0].nrows()
        norm = exact_variance(self.shape, 0) / (
            prod(self.shape.widths) * prod(self.shape.heads) * N0
        )
        return Matrix._wrap(QQ, maps * maps.transpose() * norm)
