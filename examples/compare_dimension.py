"""Statement: dimensions of function spaces are proved faster than they can be estimated.

Side by side in one run, printed as ratios: against a Jacobian by automatic differentiation, one
backward pass for each output, with a rank in floating point (torch if it is installed, else the
same in numpy with a hand-written reverse pass); and against an exact dense rank by FLINT.  Then
the sizes that only symmetry reaches, how the cost grows, and where floating point gives a wrong
rank.  Run it on an idle machine, with OPENBLAS_NUM_THREADS=1 for the cost of one core.

    python examples/compare_dimension.py [--quick]
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from algattn import Lightning, Softmax
from algattn.dimension.dense import jacobian_rows
from algattn.dimension.evidence import bounds
from algattn.dimension.modular import DEFAULT_PRIME, Residues
from algattn.dimension.modular_autodiff import random_weights
from algattn.dimension.subject import reduction_of

INPUTS = 250  # as many as the published protocol takes
OVERFLOW = -1  # stands for a Jacobian that is not finite
Parts = list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = run()
    return found, time.perf_counter() - start


def proved(network: Any, repeat: int = 1) -> tuple[Any, float]:
    """The proved dimension and the least time of a fresh computation."""
    best = math.inf
    for _ in range(repeat):
        bounds.cache_clear()
        found, seconds = timed(network.dimension)
        best = min(best, seconds)
    assert found.status.name == "PROVED", found
    return found, best


def gaussian(network: Any, rng: np.random.Generator, scale: float) -> Parts:
    pairs = zip(network.ranks, network.widths, network.widths[1:], strict=False)
    return [
        tuple(scale * rng.standard_normal(s) for s in ((a, d), (a, d), (e, d)))  # type: ignore[misc]
        for a, d, e in pairs
    ]


def torch_rank(network: Any, samples: int, seed: int, double: bool, scale: float = 1) -> int:
    """One backward pass for each output entry of each input, rank of the float Jacobian."""
    import torch

    torch.set_num_threads(1)
    kind = torch.float64 if double else torch.float32
    parts = gaussian(network, np.random.default_rng(seed), scale)
    weights = [[torch.tensor(m, dtype=kind, requires_grad=True) for m in p] for p in parts]
    flat = [m for layer in weights for m in layer]
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for _ in range(samples):
        x = torch.randn(network.d_in, network.tokens, dtype=kind, generator=generator)
        for k, q, v in weights:
            scores = (k @ x).T @ (q @ x)
            x = v @ x @ (torch.softmax(scores, 0) if network.kind == "softmax" else scores)
        for entry in x.reshape(-1):
            grads = torch.autograd.grad(entry, flat, retain_graph=True)
            rows.append(torch.cat([g.reshape(-1) for g in grads]))
    matrix = torch.stack(rows)
    return int(torch.linalg.matrix_rank(matrix)) if matrix.isfinite().all() else OVERFLOW


def numpy_rank(network: Any, samples: int, seed: int, double: bool, scale: float = 1) -> int:
    """The same without torch: a reverse pass in numpy for each output entry."""
    rng = np.random.default_rng(seed)
    real = np.float64 if double else np.float32
    parts = [tuple(m.astype(real) for m in p) for p in gaussian(network, rng, scale)]
    rows = []
    for _ in range(samples):
        x = rng.standard_normal((network.d_in, network.tokens)).astype(real)
        records = []
        for k, q, v in parts:
            u, w = k @ x, q @ x
            p = u.T @ w
            if network.kind == "softmax":
                p = np.exp(p - p.max(axis=0))
                p /= p.sum(axis=0)
            records.append((x, u, w, p))
            x = v @ x @ p
        for n in range(x.size):
            y = np.zeros(x.size, real)
            y[n] = 1
            y = y.reshape(x.shape)
            row = []
            for (k, q, v), (x0, u, w, p) in zip(parts[::-1], records[::-1], strict=True):
                back = v.T @ y
                g = x0.T @ back
                if network.kind == "softmax":
                    g = p * (g - (p * g).sum(axis=0))
                du, dw = w @ g.T, u @ g
                blocks = (du @ x0.T, dw @ x0.T, y @ (x0 @ p).T)
                row = [b.ravel() for b in blocks] + row
                y = back @ p.T + k.T @ du + q.T @ dw
            rows.append(np.concatenate(row))
    matrix = np.array(rows)
    return int(np.linalg.matrix_rank(matrix)) if np.isfinite(matrix).all() else OVERFLOW


def float_rank() -> tuple[str, Callable[..., int]]:
    try:
        import torch
    except ImportError:
        return "numpy (torch is not installed)", numpy_rank
    return f"torch {torch.__version__}", torch_rank


def flint_rank(network: Any) -> int:
    """An exact rank of the whole Jacobian modulo the same prime, by FLINT."""
    from flint import nmod_mat

    reduction = reduction_of(network)
    point = random_weights(reduction.layers.shapes, Residues(0))
    rows = jacobian_rows(reduction.layers, point, reduction.expected + 8, Residues(1))
    return int(nmod_mat(rows.tolist(), DEFAULT_PRIME).rank())


def against(name: str, other: Callable[[], Any], network: Any, target: int) -> bool:
    found, fast = proved(network, repeat=5)
    value, slow = timed(other)
    good = slow / fast >= target
    print(f"{network!r}")
    print(f"  algattn: {found.value}, {found.status.name}, {fast:.4f} s")
    print(f"  {name}: {value}, {slow:.2f} s")
    print(f"  ratio {slow / fast:.0f} (target {target})\n")
    return good


def large(network: Any, limit: float) -> bool:
    found, seconds = proved(network)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    widths, ranks = set(network.widths), set(network.ranks)
    shape = f"depth {network.layers}, widths {min(widths)}..{max(widths)}"
    print(
        f"  {network.kind:9} {shape}, ranks {min(ranks)}..{max(ranks)}: {found.value} "
        f"{found.status.name} in {seconds:.2f} s (limit {limit:g}), peak {memory:.2f} GB"
    )
    return seconds <= limit and memory < 2


def slope(name: str, sizes: list[int], make: Callable[[int], Any]) -> None:
    times = [proved(make(n), repeat=3)[1] for n in sizes]
    steepness = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    shown = ", ".join(f"{n}: {t:.3f} s" for n, t in zip(sizes, times, strict=True))
    print(f"  {name}: {shown}; log-log slope {steepness:.2f}")


def unequal(rng: np.random.Generator) -> Any:
    widths = [int(x) for x in rng.integers(2000, 5001, 17)]
    return Lightning(widths, [int(x) for x in rng.integers(50, 2000, 16)])


def floats(rank: Callable[..., int]) -> None:
    head = f"{INPUTS} Gaussian inputs, default tolerance, three seeds; {OVERFLOW} is overflow"
    print(f"Ranks in floating point ({head})")
    cases: list[tuple[Any, float]] = [
        (Softmax((2, 2, 2, 2, 2), 1), 1),
        (Softmax((2, 2, 2, 2, 2), 1), 0.3),
        (Softmax((3, 3, 3), 2, 3), 1),
        (Softmax((10, 10, 10), 2, 3), 1),
        (Lightning((4, 4, 4), (1, 3)), 1),
        (Lightning((4, 4, 4, 4, 4), 2), 1),
    ]
    for network, scale in cases:
        exact = network.dimension().value
        single, double = (
            [rank(network, INPUTS, s, f, scale) for s in (0, 1, 2)] for f in (False, True)
        )
        wrong = sum(r != exact for r in single), sum(r != exact for r in double)
        print(
            f"  {network!r}, weights of size {scale}: proved {exact}; float32 {single}, "
            f"float64 {double}; wrong {wrong[0]} and {wrong[1]} of 3"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out what takes over 10 s")
    quick = parser.parse_args().quick
    name, rank = float_rank()
    proved(Lightning((2, 2), 1))  # load everything once
    proved(Lightning((64, 64, 64), 8))
    good = []
    print("Sizes out of reach of dense ranks")
    good.append(large(Lightning((256,) * 7, 128), 10))
    for cls in (Lightning, Softmax):
        good.append(large(cls((4096,) * 97, 2048), 10))
        good.append(large(cls((12288,) * 97, 128), 10))
    if not quick:
        good.append(large(unequal(np.random.default_rng(0)), 60))
    print("\nSide by side")
    small, middle = Lightning((16, 16, 16), 8), Lightning((32,) * 7, 16)
    title = f"{name}, backward for each output of {INPUTS} inputs, float32 rank"
    good.append(against(title, lambda: rank(small, INPUTS, 0, False), small, 300))
    if not quick:
        good.append(against("FLINT nmod_mat", lambda: flint_rank(middle), middle, 100))
    print("\nHow the cost grows (forward and reverse passes at few samples, then small ranks)")
    slope(
        "depth, d = 4096, a = 128", [6, 12, 24, 48, 96], lambda n: Lightning((4096,) * (n + 1), 128)
    )
    slope("width, 6 layers, a = d/2", [64, 256, 1024, 4096], lambda d: Lightning((d,) * 7, d // 2))
    print()
    floats(rank)
    print("\nall targets met" if all(good) else "\nsome target was missed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
