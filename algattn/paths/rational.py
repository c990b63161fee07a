"""Path-path kernels over QQ, and the exact predictor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flint import fmpq_mat

from algattn.arguments import checked
from algattn.errors import HypothesisError, ShapeError
from algattn.exact import QQ, Matrix
from algattn.paths.exact_numbers import exact_order_parameter, exact_variance
from algattn.paths.shape import Path, PathShape
from algattn.progress import tick

if TYPE_CHECKING:
    from algattn.paths.problems import KernelProblem
    from algattn.paths.results import PathKernelResult


@checked
class ExactPathKernels:
    """Path-path kernels with rational entries.

    Parameters
    ----------
    shape : PathShape
    left, right : one rational matrix ``P x N0`` for each path
        The path-attended inputs.
    problem : KernelProblem, optional
        The network and inputs from which :meth:`result` proves the kernels.

    Examples
    --------
    >>> shape = PathShape((2,), (5, 5))
    >>> xi = [fmpq_mat([[1, 2]]), fmpq_mat([[0, 1]])]
    >>> ExactPathKernels(shape, xi).kernel([[1, 0], [0, 1]]).tolist()
    [[Fraction(3, 2)]]
    """

    def __init__(
        self,
        shape: PathShape,
        left: Sequence[fmpq_mat],
        right: Sequence[fmpq_mat] | None = None,
        problem: KernelProblem | None = None,
    ) -> None:
        self._shape = shape
        self._left = list(left)
        self._right = self._left if right is None else list(right)
        if len(self._left) != shape.count or len(self._right) != shape.count:
            raise ShapeError(
                "form exact path-path kernels",
                f"{len(self._left)} path-attended inputs for {shape.count} paths",
                "give one matrix for each path",
            )
        if self._left[0].ncols() != self._right[0].ncols():
            raise ShapeError(
                "form exact path-path kernels",
                f"{self._left[0].ncols()} and {self._right[0].ncols()} features",
                "use inputs with the same features",
            )
        self._scale = exact_variance(shape, 0) / self._left[0].ncols()
        self._problem = problem

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(paths, paths, P, P')."""
        n = self._shape.count
        return (n, n, self._left[0].nrows(), self._right[0].nrows())

    def attended(self) -> list[fmpq_mat]:
        """The path-attended inputs, ``P x N0`` for each path.

        Raises
        ------
        HypothesisError
            For kernels between two sets of inputs.
        """
        if self._left is not self._right:
            raise HypothesisError(
                "read path-attended inputs",
                "these kernels are between two sets of inputs",
                "use PathNetwork.path_kernels(X)",
            )
        return self._left

    def __len__(self) -> int:
        return self._shape.count

    def block(self, first: int | Path, second: int | Path) -> Matrix:
        """``C_{pi pi'}`` as a rational matrix ``P x P'``."""
        i, j = self._shape.row(first), self._shape.row(second)
        return Matrix._wrap(QQ, self._left[i] * self._right[j].transpose() * self._scale)

    def __getitem__(self, pair: tuple[int | Path, int | Path]) -> Matrix:
        return self.block(*pair)

    def kernel(self, U: Any) -> Matrix:
        """``K(U)`` as a rational matrix; `U` is a rational ``paths x paths`` matrix.

        Raises
        ------
        ShapeError, FieldError
            When U is not symmetric of that size, or not rational.
        """
        n = len(self)
        u = exact_order_parameter(U, n)
        P, N0 = self._left[0].nrows(), self._left[0].ncols()
        total = fmpq_mat(P, self._right[0].nrows())
        for j in range(n):
            tick()
            mixed = fmpq_mat(P, N0)
            for i in range(n):
                if u[i][j] != 0:
                    mixed += self._left[i] * u[i][j]
            total += mixed * self._right[j].transpose()
        return Matrix._wrap(QQ, total * (self._scale / n))

    def result(
        self, U: Any = None, *, time_limit: float | None = None, progress: bool = False
    ) -> PathKernelResult:
        """The kernels as a result that anyone can check: PROVED by a second route.

        Parameters
        ----------
        U : rational paths x paths matrix, optional
            With it, the value is the kernel ``K(U)``; without, the digest of all blocks.
        time_limit, progress
            Seconds, and a bar with one step for each block.

        Raises
        ------
        LimitError
            When there are too many numbers, or the time is over.
        """
        from algattn.paths.results import prove_kernels

        if self._problem is None:
            raise HypothesisError(
                "prove path-path kernels",
                "these are between two sets of inputs, or have lost their network",
                "use PathNetwork.path_kernels(X)",
            )
        return prove_kernels(self._problem, self, U, time_limit=time_limit, progress=progress)

    def __repr__(self) -> str:
        n, _, P, Q = self.shape
        return f"<ExactPathKernels: {n} x {n} blocks of {P} x {Q} over QQ>"
