"""How long kernels and saddles of attention paths take, in the number of paths and of examples.

The kernel is compared with four nested loops on a small case; the saddle is searched from one start
on data with two relevant paths.  Times are wall times of this process.

Exits with status 1 when the two kernels differ, or a saddle is not stationary.

    OPENBLAS_NUM_THREADS=1 python examples/compare_paths.py --large
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from algattn.paths.inputs import PathInputs
from algattn.paths.kernels import cross_kernel, naive_kernel
from algattn.paths.saddle import solve
from algattn.paths.shape import PathShape


def data(heads: tuple[int, ...], P: int, N0: int, width: int) -> tuple[PathInputs, np.ndarray]:
    """Path-attended inputs with the task in path 1, and shared noise in paths 1 and 2."""
    rng = np.random.default_rng(0)
    shape = PathShape(heads, (width,) * (len(heads) + 1))
    xi = rng.normal(size=(shape.count, P, N0))
    Y = np.repeat([1.0, -1.0], P // 2)
    noise = 3 * rng.normal(size=(P, N0))
    xi[0] += noise + 2 * Y[:, None] * rng.normal(size=N0)
    xi[1] += noise
    return PathInputs(shape, xi), Y


def compare_kernels() -> bool:
    inputs, _ = data((2, 2), 60, 40, 50)
    U = np.eye(4) + 0.1
    start = time.perf_counter()
    slow = naive_kernel(list(inputs.xi), U, inputs.scale)
    middle = time.perf_counter()
    fast = cross_kernel(inputs, inputs, U)
    end = time.perf_counter()
    same = bool(np.allclose(slow, fast, rtol=1e-12, atol=1e-12))
    ratio = (middle - start) / max(end - middle, 1e-9)
    print(
        f"kernel of 4 paths, P = 60, N0 = 40: loops {middle - start:.3f} s, products "
        f"{1e3 * (end - middle):.2f} ms, {ratio:.0f} times faster, "
        f"{'same' if same else 'DIFFERENT'}"
    )
    return same


def saddle(heads: tuple[int, ...], P: int, N0: int) -> bool:
    inputs, Y = data(heads, P, N0, 50)
    start = time.perf_counter()
    cross_kernel(inputs, inputs, np.eye(inputs.shape.count))
    kernel = time.perf_counter() - start
    start = time.perf_counter()
    found = solve(inputs, Y, 0.1, starts=1)
    seconds = time.perf_counter() - start
    print(
        f"{inputs.shape.count:6d} {P:6d} {N0:6d} {kernel:10.4f} {seconds:10.2f} "
        f"{found.evaluations:12d} {found.residual:10.1e} {found.balance:10.1e}"
    )
    return found.residual < 1e-6 and found.balance < 1e-5


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--large", action="store_true", help="also 16 paths, P = 600")
    options = parser.parse_args()
    good = compare_kernels()
    cases = [((2, 1), 100), ((2, 2), 50), ((2, 2), 100), ((2, 2), 200), ((2, 2), 400)]
    cases += [((3, 3), 100), ((4, 4), 100), ((4, 4), 200)]
    if options.large:
        cases.append(((4, 4), 600))
    print(" paths      P     N0   K(U) [s]  saddle [s]  evaluations   residual    balance")
    for heads, P in cases:
        good = saddle(heads, P, 64 if P < 600 else 512) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
