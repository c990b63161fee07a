"""What the exact questions of this room are asked of, as stored in results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flint import fmpq, fmpq_mat

from algattn.errors import HypothesisError, InputError
from algattn.paths.attention import Head
from algattn.paths.inputs import exact_input, exact_labels
from algattn.paths.shape import PathShape
from algattn.results import decode

#: A rational matrix that can be compared and hashed.
Rows = tuple[tuple[fmpq, ...], ...]


def as_rows(mat: fmpq_mat | Iterable[Iterable[fmpq]]) -> Rows:
    """The rows of a matrix."""
    return tuple(map(tuple, mat.tolist() if isinstance(mat, fmpq_mat) else mat))


def as_column(values: fmpq_mat) -> tuple[fmpq, ...]:
    """The entries of a column."""
    return tuple(values[i, 0] for i in range(values.nrows()))


@dataclass(frozen=True)
class UniformAttention:
    """Every token attends to all tokens alike."""

    kind: Literal["uniform"]


@dataclass(frozen=True)
class FixedAttention:
    """The same rational matrix for every input."""

    kind: Literal["fixed"]
    matrix: Rows


@dataclass(frozen=True)
class HardmaxAttention:
    """All weight on the key with the largest score."""

    kind: Literal["hardmax"]
    weight: Rows


#: The heads whose attention matrices are rational.
RationalHead = UniformAttention | FixedAttention | HardmaxAttention


@dataclass(frozen=True)
class KernelProblem:
    """A network of paths and inputs, of which all path-path kernels are wanted."""

    shape: PathShape
    attention: tuple[tuple[RationalHead, ...], ...]
    readout: str | int
    inputs: tuple[Rows, ...]


@dataclass(frozen=True)
class KernelAtProblem(KernelProblem):
    """The same with an order parameter, at which the kernel is wanted."""

    U: Rows


def kernel_problem(
    shape: PathShape, heads: Sequence[Sequence[Head]], readout: Any, X: Any
) -> KernelProblem | None:
    """Network and inputs, exactly; None when a head is not one of those that are stored."""
    try:
        attention = tuple(
            tuple(decode(RationalHead, head.to_data()) for head in layer) for layer in heads
        )
    except InputError:
        return None
    return KernelProblem(
        shape,
        attention,
        readout if isinstance(readout, str) else int(readout),
        tuple(map(as_rows, exact_input(X, shape.depth))),
    )


@dataclass(frozen=True)
class CriticalProblem:
    """The training data of an action whose critical points are wanted.

    ``attended`` holds the path-attended inputs, one matrix ``P x N0`` for each path; so the kernels
    are Gram matrices, as lemma *lowest* needs.
    """

    shape: PathShape
    attended: tuple[Rows, ...]
    labels: tuple[fmpq, ...]
    temperature: fmpq

    @staticmethod
    def of(
        shape: PathShape, attended: Sequence[fmpq_mat], Y: fmpq_mat, temperature: fmpq
    ) -> CriticalProblem:
        return CriticalProblem(shape, tuple(map(as_rows, attended)), as_column(Y), temperature)

    def unpacked(self) -> tuple[list[fmpq_mat], fmpq_mat]:
        """The path-attended inputs and the labels as matrices, with the hypotheses checked.

        Raises
        ------
        HypothesisError
            For a negative temperature.
        """
        asked = "read the problem of a critical point"
        if self.temperature < 0:
            wrong = f"the temperature {self.temperature} is negative"
            raise HypothesisError(asked, wrong, "give T >= 0")
        seen = [fmpq_mat([list(row) for row in rows]) for rows in self.attended]
        return seen, exact_labels(self.labels, seen[0].nrows())


@dataclass(frozen=True)
class OneHeadProblem:
    """Training data of a network with one path: its kernel, labels and temperature."""

    shape: PathShape
    kernel: Rows
    labels: tuple[fmpq, ...]
    temperature: fmpq

    @staticmethod
    def of(shape: PathShape, C: fmpq_mat, Y: fmpq_mat, temperature: fmpq) -> OneHeadProblem:
        return OneHeadProblem(shape, as_rows(C), as_column(Y), temperature)

    def unpacked(self) -> tuple[PathShape, fmpq_mat, fmpq_mat, fmpq]:
        """Shape, kernel, labels and temperature, with all hypotheses checked.

        Raises
        ------
        HypothesisError
            For more than one path, a negative temperature, a kernel that is not a Gram matrix.
        """
        asked, T = "find stationary points exactly", self.temperature
        if self.shape.count != 1:
            wrong = f"there are {self.shape.count} paths"
            raise HypothesisError(asked, wrong, "use one head per layer")
        if T < 0:
            raise HypothesisError(asked, f"the temperature {T} is negative", "give T >= 0")
        C = gram_matrix(self.kernel)
        return self.shape, C, exact_labels(self.labels, C.nrows()), T


def gram_matrix(rows: Sequence[Sequence[fmpq]]) -> fmpq_mat:
    """The matrix, if it is symmetric and positive semidefinite.

    A symmetric matrix is so exactly when the signs of its characteristic polynomial alternate.

    Raises
    ------
    HypothesisError
        Otherwise.
    """
    asked, hint = "find stationary points exactly", "give a Gram matrix"
    P = len(rows)
    if any(len(row) != P for row in rows) or any(
        rows[i][j] != rows[j][i] for i in range(P) for j in range(i)
    ):
        raise HypothesisError(asked, "the kernel is not symmetric", hint)
    mat = fmpq_mat([list(row) for row in rows])
    chi = mat.charpoly()
    if any(chi[P - k] * (-1) ** k < 0 for k in range(P + 1)):
        raise HypothesisError(asked, "the kernel is not positive semidefinite", hint)
    return mat
