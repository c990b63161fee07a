"""Recover one layer from its coefficients: algattn and Singular's Groebner bases, in one run.

Prints the seconds of both and their ratio; Singular is stopped after a time limit, and then the
ratio is a lower bound.  Finally d = d' = 64 from an array of 8.5 million coefficients.

    python examples/compare_recovery.py [d] [limit in seconds]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

from algattn import FunctionMap, Lightning
from algattn.fibers.arrays import CoefficientArray
from algattn.fibers.gauge_transport import carry


def groebner_seconds(f: FunctionMap, limit: float, chart: bool) -> tuple[float, bool] | None:
    """Seconds for the reduced Groebner basis of the fiber; None without Singular.

    With `chart` only of its part with A_11 = 1, which is a single point.
    """
    if shutil.which("Singular") is None:
        return None
    d, e = f.d_in, f.d_out
    A = [[f"a({i * d + j + 1})" for j in range(d)] for i in range(d)]
    V = [[f"v({r * d + i + 1})" for i in range(d)] for r in range(e)]
    if chart:
        A[0][0] = "1"
    equations = []
    for r in range(e):
        for i in range(d):
            for j in range(i, d):
                for k in range(d):
                    left = f"{V[r][i]}*{A[j][k]}" + (f"+{V[r][j]}*{A[i][k]}" if i < j else "")
                    equations.append(f"{left}-({f[(r, i, j, k)]})")
    text = f"ring R = 0, (a({1 + chart}..{d * d}), v(1..{d * e})), dp; option(redSB);\n"
    text += f"ideal I = {','.join(equations)};\nideal G = std(I); size(G); quit;\n"
    start = time.perf_counter()
    try:
        subprocess.run(
            ["Singular", "-q", "--no-rc"],
            input=text,
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return limit, False
    return time.perf_counter() - start, True


def main() -> int:
    d = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
    net = Lightning(widths=(d, d), ranks=d)
    W = net.random_weights(1)
    f = net.function(W)
    table = CoefficientArray.of(net, W)
    seconds = {}
    for name, given in (("dictionary", f), ("array", table)):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            (found,) = net.recover(given)
            times.append(time.perf_counter() - start)
        seconds[name] = min(times)
        same = net.function(found) == f
        print(f"d = {d}, {name}: {seconds[name]:.4f} s, verified exactly: {same}")
    for chart, what in ((False, "the whole fiber"), (True, "its chart A_11 = 1")):
        engine = groebner_seconds(f, limit, chart)
        if engine is None:
            print("Singular is not installed; no comparison")
            continue
        sign = "" if engine[1] else ">= "
        print(f"Singular, Groebner basis of {what}: {sign}{engine[0]:.2f} s")
        for name, own in seconds.items():
            print(f"  ratio ({name}): {sign}{engine[0] / own:.0f}")
    big = Lightning(widths=(64, 64), ranks=64)
    start = time.perf_counter()
    coefficients = CoefficientArray.of(big, big.random_weights(2))
    made = time.perf_counter()
    (found,) = big.recover(coefficients)
    end = time.perf_counter()
    same = carry(big, big.random_weights(2).to_AV(), found.to_AV()) is not None
    print(f"d = 64, {coefficients.values.size} coefficients: made in {made - start:.2f} s")
    print(f"d = 64: recovered and verified exactly in {end - made:.2f} s; same class: {same}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
