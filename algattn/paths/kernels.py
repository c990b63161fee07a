"""Path-path kernels in floating point, and the two contractions that the theory needs of them.

``C_{pi pi'}(x, x') = (s_0 / N0) xi^pi(x) . xi^pi'(x')`` and
``K(U) = (1/|Pi|) sum U_{pi pi'} C_{pi pi'}``.  A kernel between sets of inputs is two matrix
products with the path-attended inputs and never holds all blocks ``C``.  For the saddle, where
``K`` and the traces ``tr(W C_{pi pi'})`` are wanted hundreds of times, :class:`TrainingKernels`
keeps the symmetrised blocks packed (one triangle each) when they fit the memory budget, so that
both become one matrix product; above the budget it works from the inputs again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from algattn.arguments import checked
from algattn.errors import LimitError, ShapeError
from algattn.paths.arrays import Floats, float_array
from algattn.paths.inputs import PathInputs
from algattn.paths.shape import Path
from algattn.progress import tick

#: Packed blocks are kept when they need at most this much memory.
PACKED_BYTES = 2 * 2**30
#: The full tensor of blocks is made on demand up to this size.
TENSOR_BYTES = 2 * 2**30
#: Scratch arrays of batched work stay below this.
SCRATCH_BYTES = 128 * 2**20


def read_order_parameter(U: Any, count: int) -> Floats:
    """A symmetric matrix over the paths, as floats.

    Raises
    ------
    ShapeError
        When it is not square of that size, or not symmetric.
    """
    asked = "read the order parameter U"
    array = float_array(U, 2, asked, f"{count} x {count}")
    if array.shape != (count, count):
        raise ShapeError(
            asked, f"it is {array.shape} and there are {count} paths", "give one row for each path"
        )
    if np.abs(array - array.T).max() > 1e-9 * max(1.0, float(np.abs(array).max())):
        raise ShapeError(asked, "it is not symmetric", "use (U + U.T) / 2")
    return np.asarray((array + array.T) / 2)


def cross_kernel(left: PathInputs, right: PathInputs, U: Floats) -> Floats:
    """``K(U)`` between two sets of inputs, ``P x P'``, by two matrix products.

    Complexity
    ----------
    ``O(|Pi|^2 P N0 + |Pi| P P' N0)`` operations; memory of one path-attended input more.
    """
    n, P, N0 = left.xi.shape
    if (right.shape.count, right.features) != (n, N0):
        raise ShapeError(
            "form a kernel between two sets of inputs",
            f"{(n, N0)} and {(right.shape.count, right.features)} are their paths and features",
            "use inputs of the same network with the same features",
        )
    mixed = (U.T @ left.xi.reshape(n, P * N0)).reshape(n, P, N0)
    out = np.zeros((P, right.size))
    for pi in range(n):
        tick()
        out += mixed[pi] @ right.xi[pi].T
    return np.asarray(out * (left.scale / n))


def diagonal_kernel(inputs: PathInputs, U: Floats) -> Floats:
    """``K(x, x)`` for every input."""
    n, P, N0 = inputs.xi.shape
    mixed = (U.T @ inputs.xi.reshape(n, P * N0)).reshape(n, P, N0)
    return np.asarray(np.einsum("npi,npi->p", mixed, inputs.xi) * (inputs.scale / n))


@checked
class PathKernels:
    """Path-path kernels between two sets of inputs (or of one with itself), block by block.

    Parameters
    ----------
    left, right : PathInputs

    Examples
    --------
    >>> from algattn.paths.shape import PathShape
    >>> shape = PathShape((2,), (5, 5))
    >>> xi = np.arange(12.0).reshape(2, 3, 2)
    >>> kernels = PathKernels(PathInputs(shape, xi))
    >>> kernels.block(0, 1).shape, bool(np.allclose(kernels.block(0, 1), kernels.block(1, 0).T))
    ((3, 3), True)
    """

    def __init__(self, left: PathInputs, right: PathInputs | None = None) -> None:
        right = left if right is None else right
        if left.shape.count != right.shape.count or left.features != right.features:
            raise ShapeError(
                "form path-path kernels",
                f"{left.xi.shape} and {right.xi.shape} path-attended inputs do not fit",
                "use the same network and inputs with the same features",
            )
        self.left, self.right = left, right

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(paths, paths, P, P')."""
        n = self.left.shape.count
        return (n, n, self.left.size, self.right.size)

    def __len__(self) -> int:
        return self.left.shape.count

    def block(self, first: int | Path, second: int | Path) -> Floats:
        """``C_{pi pi'}``, an array ``P x P'``; paths by number or as tuples of 0-based heads."""
        i, j = self.left.shape.row(first), self.left.shape.row(second)
        return np.asarray(self.left.scale * (self.left.xi[i] @ self.right.xi[j].T))

    def __getitem__(self, pair: tuple[int | Path, int | Path]) -> Floats:
        return self.block(*pair)

    def tensor(self) -> Floats:
        """All blocks as an array ``paths x paths x P x P'``.

        Raises
        ------
        LimitError
            When it needs more than 2 GB; use :meth:`block` or :meth:`kernel`.
        """
        size = 8 * int(np.prod(self.shape))
        if size > TENSOR_BYTES:
            raise LimitError(
                "hold all path-path kernels",
                f"they need {size / 2**30:.1f} GB",
                "use block(pi, pi') or kernel(U), which never hold them all",
            )
        return np.asarray(
            self.left.scale * np.einsum("api,bqi->abpq", self.left.xi, self.right.xi, optimize=True)
        )

    def kernel(self, U: Any) -> Floats:
        """``K(U)``, an array ``P x P'``."""
        return cross_kernel(self.left, self.right, read_order_parameter(U, len(self)))

    def __repr__(self) -> str:
        n, _, P, Q = self.shape
        return f"<PathKernels: {n} x {n} blocks of {P} x {Q}>"


class TrainingKernels:
    """Kernels of a training set with itself, prepared for repeated contraction.

    Parameters
    ----------
    inputs : PathInputs
    packed : bool, optional
        Keep the packed blocks; by default when they need at most 2 GB.

    Notes
    -----
    Symmetric matrices over the paths are stored as vectors over pairs ``pi <= pi'``.  Row ``p`` of
    the packed array is the upper triangle of ``C_pp`` or of ``C_{pi pi'} + C_{pi pi'}^T``, divided
    by the number of paths, so that ``K = u @ packed``.
    """

    def __init__(self, inputs: PathInputs, *, packed: bool | None = None) -> None:
        self.inputs = inputs
        n, P, _ = inputs.xi.shape
        self.count, self.size = n, P
        self.pairs = np.triu_indices(n)
        self.triangle = np.triu_indices(P)
        need = 8 * len(self.pairs[0]) * len(self.triangle[0])
        self.is_packed = need <= PACKED_BYTES if packed is None else packed
        self._packed = self._pack() if self.is_packed else None
        self._twice = np.where(self.triangle[0] == self.triangle[1], 1.0, 2.0)

    def _pack(self) -> Floats:
        n, scale = self.count, self.inputs.scale / self.count
        out = np.empty((len(self.pairs[0]), len(self.triangle[0])))
        flat = self.triangle[0] * self.size + self.triangle[1]
        xi = self.inputs.xi
        row = 0
        for i in range(n):
            tick()
            for j in range(i, n):
                block = xi[i] @ xi[j].T
                if i != j:
                    block += block.T.copy()
                np.take(block.ravel(), flat, out=out[row])
                row += 1
        out *= scale
        return out

    @property
    def batch(self) -> int:
        """How many matrices to treat at once, so that scratch memory stays small."""
        return max(1, SCRATCH_BYTES // (8 * 6 * self.size**2)) if self.is_packed else 1

    def kernels(self, U: Floats) -> Floats:
        """``K(U)`` for a batch of symmetric matrices ``B x paths x paths``; gives ``B x P x P``."""
        if self._packed is None:
            return np.stack([cross_kernel(self.inputs, self.inputs, u) for u in U])
        flat = U[:, self.pairs[0], self.pairs[1]] @ self._packed
        out = np.empty((len(U), self.size, self.size))
        out[:, self.triangle[0], self.triangle[1]] = flat
        out[:, self.triangle[1], self.triangle[0]] = flat
        return out

    def traces(self, W: Floats) -> Floats:
        """``tr(W sym(C_{pi pi'})) / |Pi|``, ``B x paths x paths``, W symmetric, ``B x P x P``."""
        n = self.count
        if self._packed is None:
            return np.stack([self._traces_from_inputs(w) for w in W])
        flat = W[:, self.triangle[0], self.triangle[1]] * self._twice
        values = flat @ self._packed.T
        values[:, self.pairs[0] != self.pairs[1]] *= 0.5
        out = np.empty((len(W), n, n))
        out[:, self.pairs[0], self.pairs[1]] = values
        out[:, self.pairs[1], self.pairs[0]] = values
        return out

    def _traces_from_inputs(self, W: Floats) -> Floats:
        n, P, N0 = self.inputs.xi.shape
        flat = self.inputs.xi.reshape(n, P * N0)
        out = np.empty((n, n))
        for pi in range(n):
            tick()
            out[pi] = flat @ (W @ self.inputs.xi[pi]).ravel()
        return np.asarray((out + out.T) * (self.inputs.scale / (2 * n)))


def naive_kernel(xi: Sequence[Any], U: Any, scale: float) -> Floats:
    """``K(U)`` by four nested loops, a reference that is slow and plain."""
    n, P = len(xi), len(xi[0])
    out = np.zeros((P, P))
    for mu in range(P):
        for nu in range(P):
            for i in range(n):
                for j in range(n):
                    out[mu, nu] += U[i][j] * float(np.dot(xi[i][mu], xi[j][nu]))
    return np.asarray(out * scale / n)
