"""Derive every coefficient of one lightning layer with sympy and with algattn, in one run.

Both sides start from the shape and end with a polynomial in the entries of A and V for every
monomial of X in every output of ``V X X^T A X``.  Sympy expands the matrix product with its sparse
ring arithmetic (``sympy.polys.rings`` over ZZ) and splits by the monomial of X; algattn calls
``parametrize(net).output_coefficients()``.  Each side runs once, in its own process, so that peak
memory is its own; the imports are not timed.  The third line is the time for output column 1 of two
layers of width 3, symbolic in all 36 parameters.

Exits with status 1 when the two sides differ.

    python examples/compare_derivation.py --size 4 4 4
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

Terms = dict[str, int]


def with_sympy(d: int, t: int, e: int) -> tuple[dict[Any, Any], Callable[[Any], Terms]]:
    """Coefficients by ``(row, column, monomial)``, and how to read one of them."""
    from sympy import ZZ
    from sympy.polys.rings import ring

    entries = [(i, j) for i in range(d) for j in range(t)]
    names = [f"x_{i}_{j}" for i, j in entries]
    names += [f"a_{i + 1}_{j + 1}" for i in range(d) for j in range(d)]
    names += [f"v_{i + 1}_{j + 1}" for i in range(e) for j in range(d)]
    _, *gens = ring(names, ZZ)
    X = [gens[i * t : (i + 1) * t] for i in range(d)]
    A = [gens[d * t + i * d : d * t + (i + 1) * d] for i in range(d)]
    V = [gens[d * (t + d) + i * d : d * (t + d) + (i + 1) * d] for i in range(e)]

    def multiply(left: list[Any], right: list[Any]) -> list[Any]:
        columns = list(zip(*right, strict=True))
        return [
            [sum(x * y for x, y in zip(row, column, strict=True)) for column in columns]
            for row in left
        ]

    scores = multiply([list(row) for row in zip(*X, strict=True)], multiply(A, X))
    outputs = multiply(multiply(V, X), scores)
    cut, found = d * t, {}
    for r in range(e):
        for c in range(t):
            parts: dict[Any, dict[Any, Any]] = {}
            for exponents, value in outputs[r][c].items():
                parts.setdefault(exponents[:cut], {})[exponents[cut:]] = value
            for exponents, part in parts.items():
                monomial = tuple((*entries[n], x) for n, x in enumerate(exponents) if x)
                found[r, c, monomial] = part
    return found, lambda part: _terms(names[cut:], part.items())


def with_algattn(d: int, t: int, e: int) -> tuple[dict[Any, Any], Callable[[Any], Terms]]:
    """The same with algattn."""
    from algattn import Lightning
    from algattn.symbolic.parametrization import parametrize

    phi = parametrize(Lightning(widths=(d, e), ranks=d, tokens=t))
    found: dict[Any, Any] = dict(phi.output_coefficients())
    return found, lambda poly: _terms(phi.parameters, poly.terms())


def _terms(names: Any, terms: Any) -> Terms:
    return {
        "*".join(f"{n}^{x}" for n, x in zip(names, exponents, strict=True) if x): int(str(value))
        for exponents, value in terms
    }


def _peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_side(side: str, size: list[int], seed: int) -> dict[str, Any]:
    """Time one side in this process."""
    if side == "layers":
        return run_two_layers(size)
    work = {"sympy": with_sympy, "algattn": with_algattn}[side]
    work(1, 1, 1)  # load the modules
    start = time.perf_counter()
    found, read = work(*size)
    seconds, peak = time.perf_counter() - start, _peak()
    keys = sorted(found)
    chosen = random.Random(seed).sample(keys, min(1000, len(keys)))
    return {
        "seconds": seconds,
        "peak": peak,
        "count": len(found),
        "monomials": hashlib.sha256(repr(keys).encode()).hexdigest(),
        "sample": {repr(key): read(found[key]) for key in chosen},
    }


def run_two_layers(widths: list[int]) -> dict[str, Any]:
    """Time output column 1 of a deep network with 2 tokens in this process."""
    from algattn import Lightning
    from algattn.symbolic.parametrization import parametrize

    start = time.perf_counter()
    phi = parametrize(Lightning(widths=widths, ranks=max(widths), tokens=2))
    count = len(phi)
    seconds, peak = time.perf_counter() - start, _peak()
    terms = sum(len(p) for _, p in phi.polynomials())
    return {"seconds": seconds, "peak": peak, "count": count, "terms": terms}


def in_child(side: str, size: list[int], seed: int) -> dict[str, Any]:
    """Run one side in a new process."""
    command = [sys.executable, __file__, "--side", side, "--seed", str(seed)]
    command += ["--size", *map(str, size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--size", type=int, nargs=3, default=[8, 8, 8], metavar=("d", "t", "d'"), help="shape"
    )
    parser.add_argument("--seed", type=int, default=0, help="for the 1000 coefficients to compare")
    parser.add_argument("--side", choices=("sympy", "algattn", "layers"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(run_side(options.side, options.size, options.seed)))
        return 0
    sides = {side: in_child(side, options.size, options.seed) for side in ("sympy", "algattn")}
    for side, answer in sides.items():
        print(
            f"{side:8} {answer['count']} coefficients, {answer['seconds']:.3f} s, "
            f"peak {answer['peak']:.0f} MB"
        )
    left, right = sides["sympy"], sides["algattn"]
    same = all(left[part] == right[part] for part in ("count", "monomials", "sample"))
    print(
        f"{'same' if same else 'DIFFERENT'} monomials, "
        f"{len(right['sample'])} random coefficients compared; algattn is "
        f"{left['seconds'] / right['seconds']:.0f} times faster"
    )
    deep = in_child("layers", [3, 3, 3], options.seed)
    print(
        f"two layers, widths (3, 3, 3), t = 2, column 1: {deep['count']} coefficients, "
        f"{deep['terms']} terms, {deep['seconds']:.2f} s, peak {deep['peak']:.0f} MB"
    )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
