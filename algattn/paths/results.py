"""Exact path kernels as results: every number computed a second time from the definition.

The first route carries the readout backwards through the layers and multiplies path-attended
inputs. The second, in ``check``, writes out the product of attention matrices of each path from
left to right and puts it on both sides of the token Gram matrix ``x^T x'``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, ClassVar

from flint import fmpq, fmpq_mat

from algattn.errors import CertificateError
from algattn.exact.fields import QQ
from algattn.paths.arrays import check_spelling, rational_data
from algattn.paths.attention import Head
from algattn.paths.inputs import exact_input, readout_weights
from algattn.paths.rational import ExactPathKernels, exact_order_parameter, exact_variance
from algattn.paths.shape import PathShape
from algattn.results import Claim, Evidence, Outline, Status, about, register
from algattn.results.legacy import LegacyResult

_PARTS = {"shape", "attention", "readout", "inputs"}
_HEAD_PARTS = {"uniform": {"kind"}, "fixed": {"kind", "matrix"}, "hardmax": {"kind", "weight"}}

Blocks = dict[tuple[int, int], list[list[fmpq]]]


def kernel_problem(
    shape: PathShape, heads: Sequence[Sequence[Head]], readout: Any, X: Any
) -> dict[str, Any]:
    """Network and inputs as JSON data, exactly."""
    return {
        "shape": shape.to_data(),
        "attention": [[head.to_data() for head in layer] for layer in heads],
        "readout": readout if isinstance(readout, str) else int(readout),
        "inputs": [rational_data(x.tolist()) for x in exact_input(X, shape.depth)],
    }


def attention_by_definition(data: Mapping[str, Any], x: fmpq_mat) -> fmpq_mat:
    """The attention matrix of one input from the JSON of a head, entry by entry."""
    T, N0 = x.ncols(), x.nrows()
    kind = data["kind"]
    if set(data) != _HEAD_PARTS.get(kind):
        raise CertificateError("recompute attention", f"{kind} is not rational", "recompute")
    if kind == "uniform":
        return fmpq_mat([[fmpq(1, T) for _ in range(T)] for _ in range(T)])
    if kind == "fixed":
        given = fmpq_mat([[QQ(v) for v in row] for row in data["matrix"]])
        check_spelling(data["matrix"], rational_data(given.tolist()))
        return given
    W = [[Fraction(str(QQ(v))) for v in row] for row in data["weight"]]
    if [len(row) for row in W] != [N0] * N0:
        raise CertificateError("recompute attention", f"a weight is not {N0} x {N0}", "recompute")
    check_spelling(data["weight"], [[QQ.format(v) for v in row] for row in W])
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


def recompute_blocks(problem: Mapping[str, Any]) -> Blocks:
    """All path-path kernels by the second route, from the JSON of the problem."""
    shape = PathShape.from_data(problem["shape"])
    if [len(layer) for layer in problem["attention"]] != list(shape.heads):
        raise CertificateError("recompute attention", "heads are missing, or too many", "recompute")
    inputs = exact_input([[list(r) for r in x] for x in problem["inputs"]], 1)
    N0, T = inputs[0].nrows(), inputs[0].ncols()
    check_spelling(problem["shape"], shape.to_data())
    check_spelling(problem["inputs"], [rational_data(x.tolist()) for x in inputs])
    readout = fmpq_mat(T, 1, readout_weights(problem["readout"], T))
    seen: list[list[fmpq_mat]] = []
    for x in inputs:
        layers = [[attention_by_definition(h, x) for h in layer] for layer in problem["attention"]]
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


@register
@dataclass(frozen=True)
class Recomputed(Evidence):
    """All path-path kernels once more, from token Gram matrices and written-out path products."""

    kind: ClassVar[str] = "path_kernels.recomputed"
    supports = about("path_kernels.rational", "blocks, kernel")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        blocks = recompute_blocks(problem)
        if claim.name == "blocks":
            found: Any = blocks_digest(blocks)
        else:
            U = exact_order_parameter([list(r) for r in problem["U"]], _count(problem))
            check_spelling(problem["U"], rational_data(U))
            found = tuple(tuple(r) for r in rational_data(contract_blocks(blocks, U)))
        self.expect(claim.value, found, "the kernels come out differently")


def _count(problem: Mapping[str, Any]) -> int:
    return PathShape.from_data(problem["shape"]).count


@register
@dataclass(frozen=True, repr=False)
class PathKernelResult(LegacyResult):
    """Path-path kernels over QQ.

    Attributes
    ----------
    value : str or rows of rationals
        The digest of all blocks; or, when an order parameter was given, the kernel ``K(U)``.
    """

    kind: ClassVar[str] = "path_kernels.rational"
    title: ClassVar[str] = "Path kernels"
    claim_names: ClassVar[tuple[str, ...]] = (
        "blocks",
        "kernel",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"digest"} or set(problem) - {"U"} != _PARTS:
            return ()
        n, P = _count(problem), len(problem["inputs"])
        blocks = Outline(
            "blocks",
            f"the {n} x {n} path-path kernels of {P} inputs have the digest {detail['digest']}",
            detail["digest"],
        )
        if "U" not in problem:
            return (blocks,) if value == detail["digest"] else ()
        return (blocks, Outline("kernel", f"K(U) is this {P} x {P} matrix", value))

    def sentence(self) -> str:
        n, P = _count(self.problem), len(self.problem["inputs"])
        what = "K(U)" if "U" in self.problem else f"{n} x {n} path-path kernels"
        return f"{what} of {P} inputs along {n} paths over QQ, digest {self.detail['digest'][:12]}"

    def lines(self) -> list[str]:
        if "U" not in self.problem:
            return []
        return ["  ".join(str(v) for v in row) for row in self.value[:8]]

    def formula(self) -> str:
        if "U" not in self.problem:
            return ""
        rows = r" \\ ".join(" & ".join(str(v) for v in row[:6]) for row in self.value[:6])
        return rf"K = \begin{{pmatrix}} {rows} \end{{pmatrix}}"


def prove_kernels(
    problem: Mapping[str, Any], kernels: ExactPathKernels, U: Any = None
) -> PathKernelResult:
    """The result for exact kernels computed by the first route."""
    n = len(kernels)
    blocks = {(i, j): kernels.block(i, j).rows for i in range(n) for j in range(n)}
    digest = blocks_digest(blocks)
    value: Any = digest
    data = dict(problem)
    if U is not None:
        data["U"] = rational_data(exact_order_parameter(U, n))
        value = kernels.kernel(U).to_data()
    evidence = {"blocks": [Recomputed()], "kernel": [Recomputed()]}
    return PathKernelResult.assemble(data, value, evidence, detail={"digest": digest})
