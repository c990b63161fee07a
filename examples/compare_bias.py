"""The hard margin of attention, by algattn and by a generic solver on the d^2 features.

The generic way writes every constraint as a vector of d^2 numbers and gives the primal problem
``min |W|^2, A W >= 1`` to Clarabel through qpsolvers; its answer is a float matrix.  algattn works
with the Gram matrix of the two factors, and its answer is rational with a certificate, which is
checked in the last column.  Both start from the same integer tokens.

    python examples/compare_bias.py --dimensions 8 16 32 64 128

needs clarabel, qpsolvers and scipy (``pip install '.[optim]'``).  Exits with status 1 when the
answers differ.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from typing import Any

import numpy as np

from algattn.bias import AttentionSVM


def generic(svm: AttentionSVM) -> tuple[Any, float]:
    """W by a float QP over all d^2 unknowns, and the megabytes of its constraint matrix."""
    import scipy.sparse as sp
    from qpsolvers import solve_qp

    d = svm.data.d
    rows = []
    for (i, _), difference in zip(svm.constraints.index, svm.constraints.differences, strict=True):
        left = np.array([float(x) for x in difference])
        rows.append(np.outer(left, [float(x) for x in svm.data.queries[i]]).ravel())
    A = np.array(rows)
    scale = np.linalg.norm(A, axis=1).max()  # rows of length one are kinder to a float solver
    W = solve_qp(
        sp.identity(d * d, format="csc"),
        np.zeros(d * d),
        G=sp.csc_matrix(-A / scale),
        h=-np.ones(len(A)),
        solver="clarabel",
    )
    return W.reshape(d, d) / scale, A.nbytes / 2**20


def data_of(n: int, T: int, d: int, seed: int) -> AttentionSVM:
    """Tokens of small integers."""
    rng = random.Random(seed)
    tokens = [[[rng.randint(-3, 3) for _ in range(d)] for _ in range(T)] for _ in range(n)]
    decoder = [rng.randint(-99, 99) for _ in range(d)]
    return AttentionSVM(tokens, [rng.choice([1, -1]) for _ in range(n)], decoder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=4)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[8, 16, 32, 64, 128])
    parser.add_argument("--skip-generic-above", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    data_of(2, 2, 3, 0).solve()  # imports are not timed
    generic(data_of(2, 2, 3, 0))
    print(
        "    d  constraints  algattn exact  verify  generic float  its matrix  difference  digits"
    )
    different = False
    for d in given.dimensions:
        svm = data_of(given.sequences, given.tokens, d, given.seed)
        start = time.perf_counter()
        found = svm.solve()
        exact = time.perf_counter() - start
        start = time.perf_counter()
        holds = found.verify()
        check = time.perf_counter() - start
        if not found.feasible or not holds:
            print(f"{d:5}  {found}")
            different |= not holds
            continue
        digits = max(len(str(x.numerator)) for row in found.W for x in row)
        line = f"{d:5}  {len(found.multipliers):11}  {exact:11.2f} s  {check:4.1f} s"
        if d <= given.skip_generic_above:
            start = time.perf_counter()
            W, size = generic(svm)
            rough = time.perf_counter() - start
            exact_W = found.array()
            off = float(np.linalg.norm(W - exact_W) / np.linalg.norm(exact_W))
            different |= off > 1e-4
            line += f"  {rough:11.2f} s  {size:7.1f} MB  {off:10.1e}"
        else:
            line += " " * 39
        print(f"{line}  {digits:6}")
    return int(different)


if __name__ == "__main__":
    sys.exit(main())
