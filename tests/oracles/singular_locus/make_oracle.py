"""The singular locus of one layer by Singular alone: kernel of the parametrization, then minors.

Nothing of algattn is used.  Over GF(32003) the complete ideal is the kernel of the ring map by
``(V x)(x^T A y)``, A = K^T Q (t >= 2) or ``(V x)(x^T S x)``, S = a sum of a products of two linear
forms (t = 1).  The singular locus is cut out by the ideal and the minors of its Jacobian matrix of
size N - dim.  Where all minors are too many a random choice of them is used: that can only make
the locus larger, and more of them are taken until the dimension is the same twice.

Usage: python make_oracle.py   (needs Singular; writes singular_locus.json beside this file)
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
from pathlib import Path

SHAPES = [
    (2, 1, 1, 2),
    (2, 1, 2, 2),
    (2, 2, 1, 1),
    (2, 2, 2, 1),
    (2, 2, 1, 2),
    (2, 2, 2, 2),
    (3, 1, 1, 1),
    (3, 1, 1, 2),
]
PRIME, LIMIT, SEED = 32003, 150, 20240917
HERE = Path(__file__).parent


def coordinates(d: int, dp: int, t: int) -> list[tuple[int, ...]]:
    if t == 1:
        inner = list(itertools.combinations_with_replacement(range(d), 3))
    else:
        inner = [(i, j, k) for i in range(d) for j in range(i, d) for k in range(d)]
    return [(r, *c) for r in range(dp) for c in inner]


def polynomial(label: tuple[int, ...], a: int, t: int) -> str:
    r, i, j, k = label
    orders = set(itertools.permutations((i, j, k))) if t == 1 else {(i, j, k), (j, i, k)}
    return "+".join(
        f"v({r * 10 + x})*k({m * 10 + y})*q({m * 10 + z})"
        for x, y, z in sorted(orders)
        for m in range(a)
    )


def run(code: str) -> str | None:
    try:
        done = subprocess.run(
            ["Singular", "-q"],
            input=code,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    assert "error occurred" not in done.stdout, done.stdout
    return done.stdout


def ideal(d: int, dp: int, a: int, t: int) -> tuple[list[tuple[int, ...]], list[str]] | None:
    names = coordinates(d, dp, t)
    weights = [f"k({m * 10 + i})" for m in range(a) for i in range(d)]
    weights += [f"q({m * 10 + i})" for m in range(a) for i in range(d)]
    weights += [f"v({r * 10 + i})" for r in range(dp) for i in range(d)]
    target = ",".join(polynomial(c, a, t) for c in names)
    text = run(
        f"ring W = {PRIME},({','.join(weights)}),dp; ideal f = {target};\n"
        f"ring R = {PRIME},(c(1..{len(names)})),dp; setring W; map F = R,f; ideal Z = 0;\n"
        "setring R; ideal I = preimage(W,F,Z); I = minbase(I);\n"
        'int n; for (n=1;n<=ncols(I);n++) { print("G " + string(I[n])); } print("END"); quit;\n'
    )
    if text is None or "END" not in text:
        return None
    return names, [line[2:] for line in text.splitlines() if line.startswith("G ")]


def locus(
    names: list[tuple[int, ...]], generators: list[str], every: bool, count: int
) -> dict | None:
    n = len(names)
    head = (
        f"ring R = {PRIME},(c(1..{n})),dp; ideal I = {','.join(generators)};\n"
        "ideal G = std(I); int e = dim(G); int s = nvars(R) - e; int m = mult(G);\n"
        'print("DIM " + string(e)); print("DEGREE " + string(m)); matrix J = jacob(I);\n'
    )
    if every:
        body = "ideal M = minor(J, s); ideal T = std(G + M);\n"
    else:
        body = (
            f'system("random", {SEED + count}); ideal T = G; int i; int u; matrix A[s][s]; intvec rr; intvec cc;\n'
            "proc pick(int n, int k) { intvec p = 1..n; int a; int b; int c; for (a=1;a<=k;a++)"
            " { b = random(a,n); c = p[a]; p[a] = p[b]; p[b] = c; } return(intvec(p[1..k])); }\n"
            f"ideal M; for (i=1;i<={count};i++) {{ rr = pick(nrows(J),s); cc = pick(ncols(J),s);"
            " A = J[rr,cc]; M[i] = reduce(det(A),G); }\n"
            "T = std(G + M);\n"
        )
    text = run(head + body + 'print("SING " + string(dim(T))); print("END"); quit;\n')
    if text is None or "END" not in text:
        return None
    values = dict(
        line.split()
        for line in text.splitlines()
        if line.split()[:1] and line.split()[0] in {"DIM", "DEGREE", "SING"}
    )
    return {k.lower(): int(v) for k, v in values.items()}


def main() -> None:
    random.seed(SEED)
    entries, skipped = [], []
    for d, dp, a, t in SHAPES:
        shape = {"d": d, "dp": dp, "a": a, "t": t}
        found = ideal(d, dp, a, t)
        if found is None:
            skipped.append(shape | {"step": "ideal"})
            continue
        names, generators = found
        answer = locus(names, generators, True, 0) if len(generators) <= 5 else None
        how = "all minors"
        if answer is None:
            how = "random minors"
            for count in (100, 300):
                answer = locus(names, generators, False, count)
                if answer is None:
                    break
                if answer.get("sing") == shape.get("last"):
                    break
                shape["last"] = answer["sing"]
            shape.pop("last", None)
        if answer is None:
            skipped.append(shape | {"step": "minors", "generators": len(generators)})
        else:
            entries.append(shape | answer | {"generators": len(generators), "how": how})
        print(shape, answer, how, flush=True)
    data = {
        "seed": SEED,
        "prime": PRIME,
        "note": "dim -1 or 0: the origin",
        "entries": entries,
        "skipped": skipped,
    }
    (HERE / "singular_locus.json").write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
