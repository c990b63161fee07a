"""Exact path kernels as results: every number computed a second time from the definition.

The first route carries the readout backwards through the layers and multiplies path-attended
inputs. The second, in ``check``, writes out the product of attention matrices of each path from
left to right and puts it on both sides of the token Gram matrix ``x^T x'``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, ClassVar, Protocol

from flint import fmpq, fmpq_mat

from algattn.errors import CertificateError, LimitError
from algattn.exact import Matrix
from algattn.paths.arrays import rational_data
from algattn.paths.exact_numbers import exact_order_parameter, exact_variance
from algattn.paths.inputs import readout_weights
from algattn.paths.problems import (
    FixedAttention,
    KernelAtProblem,
    KernelProblem,
    RationalHead,
    UniformAttention,
    as_rows,
)
from algattn.progress import Monitor, tick
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Grid,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)

#: Numbers in all blocks of a result together.
MAX_BLOCKS = 4_000_000

Blocks = dict[tuple[int, int], list[list[fmpq]]]


class ExactKernels(Protocol):
    """What is proved: kernels by the first route (:class:`algattn.paths.ExactPathKernels`)."""

    @property
    def shape(self) -> tuple[int, int, int, int]: ...
    def __len__(self) -> int: ...
    def block(self, first: int, second: int) -> Matrix: ...
    def kernel(self, U: Any) -> Matrix: ...


def attention_by_definition(head: RationalHead, x: fmpq_mat) -> fmpq_mat:
    """The attention matrix of one input, entry by entry."""
    T, N0 = x.ncols(), x.nrows()
    if isinstance(head, UniformAttention):
        return fmpq_mat([[fmpq(1, T) for _ in range(T)] for _ in range(T)])
    if isinstance(head, FixedAttention):
        return fmpq_mat([list(row) for row in head.matrix])
    W = [[Fraction(str(v)) for v in row] for row in head.weight]
    if [len(row) for row in W] != [N0] * N0:
        raise CertificateError("recompute attention", f"a weight is not {N0} x {N0}", "recompute")
    tokens = [[Fraction(str(x[i, t])) for i in range(N0)] for t in range(T)]
    out = fmpq_mat(T, T)
    for t in range(T):
        best, place = None, 0
        for s in range(T):
            score = sum(tokens[s][i] * W[i][j] * tokens[t][j] for i in range(N0) for j in range(N0))
            if best is None or score > best:
                best, place = score, s
        out[place, t] = fmpq(1)
    return out


def recompute_blocks(problem: KernelProblem) -> Blocks:
    """All path-path kernels by the second route."""
    shape = problem.shape
    if [len(layer) for layer in problem.attention] != list(shape.heads):
        raise CertificateError("recompute attention", "heads are missing, or too many", "recompute")
    inputs = [fmpq_mat([list(row) for row in x]) for x in problem.inputs]
    N0, T = inputs[0].nrows(), inputs[0].ncols()
    readout = fmpq_mat(T, 1, readout_weights(problem.readout, T))
    seen: list[list[fmpq_mat]] = []
    for x in inputs:
        layers = [[attention_by_definition(h, x) for h in layer] for layer in problem.attention]
        row = []
        for path in shape.paths():
            total = fmpq_mat([[fmpq(int(i == j)) for j in range(T)] for i in range(T)])
            for layer, head in zip(layers, path, strict=True):
                total = total * layer[head]
            row.append(total * readout)
        seen.append(row)
    scale = exact_variance(shape, 0) / N0
    P, n = len(inputs), shape.count
    blocks: Blocks = {(i, j): [[fmpq(0)] * P for _ in range(P)] for i in range(n) for j in range(n)}
    for mu, nu in product(range(P), repeat=2):
        gram = inputs[mu].transpose() * inputs[nu]
        for i in range(n):
            left = seen[mu][i].transpose() * gram
            for j in range(n):
                blocks[i, j][mu][nu] = (left * seen[nu][j])[0, 0] * scale
    return blocks


def _lines(blocks: Blocks) -> Iterator[str]:
    for (i, j), block in blocks.items():
        tick()
        for mu, row in enumerate(block):
            for nu, value in enumerate(row):
                yield f"{i} {j} {mu} {nu} = {value}\n"


def blocks_digest(blocks: Blocks) -> str:
    """SHA-256 of the lines ``pi pi' mu nu = value``, in order."""
    digest = hashlib.sha256()
    for line in _lines(blocks):
        digest.update(line.encode())
    return digest.hexdigest()


def contract_blocks(blocks: Blocks, U: Sequence[Sequence[fmpq]]) -> list[list[fmpq]]:
    """``K(U)`` entry by entry, as the sum over all pairs of paths."""
    n, P = len(U), len(blocks[0, 0])
    return [
        [
            sum((U[i][j] * blocks[i, j][mu][nu] for i in range(n) for j in range(n)), fmpq(0)) / n
            for nu in range(P)
        ]
        for mu in range(P)
    ]


@declare("path_kernels.recomputed", about("path_kernels.rational", "blocks, kernel"), Status.PROVED)
@dataclass(frozen=True)
class Recomputed(Evidence):
    """All path-path kernels once more, from token Gram matrices and written-out path products."""

    def check(self, problem: KernelProblem, claim: Claim) -> None:
        blocks = recompute_blocks(problem)
        if claim.name == "blocks":
            found: Any = blocks_digest(blocks)
        elif isinstance(problem, KernelAtProblem):
            U = exact_order_parameter(problem.U, problem.shape.count)
            found = rational_data(contract_blocks(blocks, U))
        else:
            raise self.fail("there is no order parameter")
        self.expect(claim.value, found, "the kernels come out differently")


@register
@dataclass(frozen=True, repr=False)
class PathKernelResult(Result):
    """Path-path kernels over QQ.

    Attributes
    ----------
    problem : KernelProblem
    value : str or rows of rationals
        The digest of all blocks; or, when an order parameter was given, the kernel ``K(U)``.
    digest : str
        SHA-256 of all blocks.
    """

    kind: ClassVar[str] = "path_kernels.rational"
    title: ClassVar[str] = "What are the path kernels?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "blocks",
        "kernel",
    )

    problem: KernelAtProblem | KernelProblem
    value: str | tuple[tuple[int | str, ...], ...]
    digest: str

    def outline(self) -> tuple[Outline, ...]:
        n, P = self._sizes
        blocks = Outline(
            "blocks",
            f"the {n} x {n} path-path kernels of {P} inputs have the digest {self.digest}",
            self.digest,
        )
        if not isinstance(self.problem, KernelAtProblem):
            return (blocks,) if self.value == self.digest else ()
        return (blocks, Outline("kernel", f"K(U) is this {P} x {P} matrix", self.value))

    @property
    def _sizes(self) -> tuple[int, int]:
        """The numbers of paths and of inputs."""
        return self.problem.shape.count, len(self.problem.inputs)

    @property
    def _kernel(self) -> tuple[tuple[int | str, ...], ...]:
        """The rows of the kernel, none when there is no order parameter."""
        return () if isinstance(self.value, str) else self.value

    def sentence(self) -> str:
        n, P = self._sizes
        what = (
            "K(U)" if isinstance(self.problem, KernelAtProblem) else f"{n} x {n} path-path kernels"
        )
        return f"{what} of {P} inputs along {n} paths over QQ, digest {self.digest[:12]}"

    def card_rows(self) -> Iterator[CardRow]:
        if self._kernel:
            yield CardRow("", Grid(self._kernel[:8], stacked=True))

    def formula(self) -> str:
        if not self._kernel:
            return ""
        return f"K = {Grid(self._kernel).latex(6)}"


def prove_kernels(
    problem: KernelProblem,
    kernels: ExactKernels,
    U: Any = None,
    *,
    time_limit: float | None = None,
    progress: bool = False,
) -> PathKernelResult:
    """The result for exact kernels computed by the first route.

    Raises
    ------
    LimitError
        When there are more than :data:`MAX_BLOCKS` numbers in all blocks, or the time is over.
    """
    n, P = len(kernels), kernels.shape[2]
    asked = "prove path-path kernels"
    if (size := n * n * P * P) > MAX_BLOCKS:
        raise LimitError(
            asked,
            f"{n} x {n} blocks of {P} x {P} hold {size} numbers, over {MAX_BLOCKS}",
            "use fewer examples or paths, or kernel(U), which never holds all blocks",
        )
    blocks: Blocks = {}
    with Monitor(asked, total=n * n, time_limit=time_limit, progress=progress) as monitor:
        for i, j in product(range(n), repeat=2):
            blocks[i, j] = kernels.block(i, j).rows
            monitor.step()
        return _proved(problem, kernels, U, blocks)


def _proved(
    problem: KernelProblem, kernels: ExactKernels, U: Any, blocks: Blocks
) -> PathKernelResult:
    digest, n = blocks_digest(blocks), len(kernels)
    value: Any = digest
    if U is not None:
        rows = as_rows(exact_order_parameter(U, n))
        problem = KernelAtProblem(
            problem.shape, problem.attention, problem.readout, problem.inputs, rows
        )
        value = kernels.kernel(U).to_data()
    evidence = {"blocks": [Recomputed()], "kernel": [Recomputed()]}
    return PathKernelResult.assemble(problem, value, evidence, digest=digest)
