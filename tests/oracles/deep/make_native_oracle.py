"""Dimensions of fibers in native weights (A, V) or (K, Q, V), found by Singular.

For small integer weights, idle hidden dimensions and zero functions included, Singular multiplies a
network of unknown weights out, compares coefficients and computes the dimension of the ideal modulo
32003.  In (A, V) the minors of A of size a + 1 are added.  Shares no code with the package.  What did
not finish in time is left out.

Usage: ``python make_native_oracle.py [--seed 1] [--limit SECONDS] [--count N]``
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from itertools import pairwise
from pathlib import Path

MARK = "@@dim "


def matrix(name: str, rows: list[list]) -> str:
    flat = ",".join(str(e) for row in rows for e in row)
    return f"matrix {name}[{len(rows)}][{len(rows[0])}] = {flat};\n"


def unknowns(name: str, m: int, n: int) -> list[list[str]]:
    return [[f"{name}{i}{j}" for j in range(n)] for i in range(m)]


def script(widths: list[int], ranks: list[int], t: int, params: str, weights: dict) -> str:
    d, layers = widths[0], len(ranks)
    parts: dict[str, list[list[str]]] = {}
    for i, (a, w, e) in enumerate(zip(ranks, widths, widths[1:], strict=False)):
        if params == "QKV":
            parts |= {f"K{i}": unknowns(f"k{i}", a, w), f"Q{i}": unknowns(f"q{i}", a, w)}
        else:
            parts[f"A{i}"] = unknowns(f"a{i}", w, w)
        parts[f"V{i}"] = unknowns(f"v{i}", e, w)
    names = [x for rows in parts.values() for row in rows for x in row]
    xs = [f"x{i}{j}" for i in range(d) for j in range(t)]
    src = f"ring R = 32003, ({','.join(names + xs)}), dp;\n"
    src += f"matrix X[{d}][{t}] = {','.join(xs)};\n"
    src += "".join(matrix(name, rows) for name, rows in parts.items())
    src += "matrix Y = X; matrix Y0 = X;\n"
    for i in range(layers):
        for key in ("K", "Q", "V"):
            src += matrix(f"{key}given{i}", weights[key][i])
        A = f"transpose(K{i})*Q{i}" if params == "QKV" else f"A{i}"
        src += f"Y = V{i}*Y*transpose(Y)*{A}*Y;\n"
        src += f"Y0 = Vgiven{i}*Y0*transpose(Y0)*transpose(Kgiven{i})*Qgiven{i}*Y0;\n"
    src += f"poly m = {'*'.join(xs)}; ideal I; int r; int i; matrix C; poly f;\n"
    src += f"for (r = 1; r <= {widths[-1]}; r++) {{ f = Y[r,1] - Y0[r,1]; if (f != 0) "
    src += "{ C = coef(f, m); for (i = 1; i <= ncols(C); i++) { I = I, C[2,i]; } } }\n"
    for i, a in enumerate(ranks):
        if params == "AV" and a < widths[i]:
            src += f"I = I, minor(A{i}, {a + 1});\n"
    src += f"ring S = 32003, ({','.join(names)}), dp;\n"
    src += "ideal I = simplify(imap(R, I), 2 + 4 + 8);\n"
    src += 'ideal G = slimgb(I); print("@@dim " + string(dim(G)));\nquit;\n'
    return src


def dimension(text: str, limit: float) -> int | None:
    try:
        done = subprocess.run(
            ["Singular", "-q", "--no-rc"],
            input=text,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    found = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    return int(found[0][len(MARK) :]) if found else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=5)
    parser.add_argument("--count", type=int, default=90)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    entries = []

    def draw(m: int, n: int) -> list[list[int]]:
        return [[rng.choice([-1, 0, 0, 1]) for _ in range(n)] for _ in range(m)]

    def product(M: list, N: list) -> list[list[int]]:
        return [
            [sum(x * y for x, y in zip(r, c, strict=True)) for c in zip(*N, strict=True)] for r in M
        ]

    def vanishes(weights: dict, d: int, t: int) -> bool:
        Y = [[rng.randint(1, 10**6) for _ in range(t)] for _ in range(d)]
        for K, Q, V in zip(weights["K"], weights["Q"], weights["V"], strict=True):
            right = product(list(zip(*product(K, Y), strict=True)), product(Q, Y))
            Y = product(product(V, Y), right)
        return not any(map(any, Y))

    while len(entries) < args.count:
        layers = 2 if rng.random() < 0.8 else 3
        widths = [rng.choice([1, 1, 2, 2, 3] if i else [1, 2, 2]) for i in range(layers + 1)]
        widths[-1] = rng.choice([1, 1, 2])
        ranks = [rng.choice([1, 1, 2]) for _ in range(layers)]
        t, params = rng.choice([1, 2, 2]), rng.choice(["AV", "QKV"])
        weights = {
            key: [draw(a, w) for a, w in zip(ranks, widths, strict=False)] for key in ("K", "Q")
        } | {"V": [draw(e, w) for w, e in pairwise(widths)]}
        if vanishes(weights, widths[0], t) and rng.random() < 0.85:
            continue
        found = dimension(script(widths, ranks, t, params, weights), args.limit)
        print(widths, ranks, t, params, found, flush=True)
        if found is not None:
            shape = {"widths": widths, "ranks": ranks, "tokens": t, "params": params}
            entries.append(shape | {"weights": weights, "dimension": found})
    lines = ",\n  ".join(json.dumps(e, separators=(",", ":")) for e in entries)
    head = json.dumps({"seed": args.seed, "limit": args.limit})[1:-1]
    out = Path(__file__).resolve().parent / "native.json"
    out.write_text(f'{{{head},\n"entries": [\n  {lines}\n]}}\n')


if __name__ == "__main__":
    main()
