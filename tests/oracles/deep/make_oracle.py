"""Fibers of two-layer lightning networks in virtual weights, decomposed by Singular.

A network with hidden width d and ``V_1 = 1`` is ``V S_2(S_1(X))``, ``S_i(X) = X X^T B_i X``.  For
integer ``(V, B_1, B_2)`` this script lets Singular multiply the matrices out, compare coefficients
with unknown ``(V', B_1', B_2')`` and list the minimal primes of the fiber over QQ, with dimensions.
It shares no code with the package.  What did not finish in time is left out.

Usage: ``python make_oracle.py [--seed 1] [--limit SECONDS] [--count N]``
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from pathlib import Path

MARK = "@@"


def script(d: int, dp: int, t: int, B1: list, B2: list, V: list) -> str:
    names = [f"b{n}{i}{j}" for n in (1, 2) for i in range(d) for j in range(d)]
    names += [f"v{i}{j}" for i in range(dp) for j in range(d)]
    xs = [f"x{i}{j}" for i in range(d) for j in range(t)]

    def matrix(name: str, m: int, n: int, entries: list) -> str:
        return f"matrix {name}[{m}][{n}] = {','.join(str(e) for e in entries)};\n"

    flat = [e for M in (B1, B2) for row in M for e in row], [e for row in V for e in row]
    src = 'LIB "primdec.lib";\n'
    src += f"ring R = 0, ({','.join(names + xs)}), dp;\n"
    src += matrix("X", d, t, xs) + matrix("P", d, d, names[: d * d])
    src += matrix("Q", d, d, names[d * d : 2 * d * d]) + matrix("W", dp, d, names[2 * d * d :])
    src += matrix("P0", d, d, flat[0][: d * d]) + matrix("Q0", d, d, flat[0][d * d :])
    src += matrix("W0", dp, d, flat[1])
    src += "matrix Y = X*transpose(X)*P*X; matrix Z = W*Y*transpose(Y)*Q*Y;\n"
    src += "matrix Y0 = X*transpose(X)*P0*X; matrix Z0 = W0*Y0*transpose(Y0)*Q0*Y0;\n"
    src += f"poly m = {'*'.join(xs)}; ideal I; int r; int i; matrix C; poly f;\n"
    src += f"for (r = 1; r <= {dp}; r++) {{ f = Z[r,1] - Z0[r,1]; if (f != 0) "
    src += "{ C = coef(f, m); for (i = 1; i <= ncols(C); i++) { I = I, C[2,i]; } } }\n"
    src += f"ring S = 0, ({','.join(names)}), dp;\nideal I = simplify(imap(R, I), 2 + 4 + 8);\n"
    src += 'option(redSB); ideal G = std(I); print("@@dim " + string(dim(G)));\n'
    src += "list L = minAssGTZ(G); int k;\nfor (k = 1; k <= size(L); k++) "
    src += '{ print("@@prime " + string(dim(std(L[k])))); }\nprint("@@end");\nquit;\n'
    return src


def decompose(text: str, limit: float) -> list[int] | None:
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
    facts = [line[2:] for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not facts or facts[-1] != "end":
        return None
    return sorted(int(f.split()[1]) for f in facts if f.startswith("prime"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=10)
    parser.add_argument("--count", type=int, default=60)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    entries = []

    def draw(m: int, n: int) -> list[list[int]]:
        return [[rng.randint(-1, 1) for _ in range(n)] for _ in range(m)]

    def form(d: int) -> list[list[int]]:
        kind = rng.random()
        if kind < 0.35:
            k, q = draw(1, d)[0], draw(1, d)[0]
            return [[x * y for y in q] for x in k]
        M = draw(d, d)
        if kind < 0.55:
            return [[M[i][j] - M[j][i] for j in range(d)] for i in range(d)]
        return M

    for _ in range(args.count):
        d, dp, t = 2, rng.randint(1, 2), rng.randint(1, 2)
        B1, B2, V = form(d), form(d), draw(dp, d)
        dims = decompose(script(d, dp, t, B1, B2, V), args.limit)
        print(d, dp, t, B1, B2, V, dims, flush=True)
        if dims is not None:
            entry = {"d": d, "dp": dp, "t": t, "B1": B1, "B2": B2, "V": V, "dims_Q": dims}
            entries.append(entry)
    lines = ",\n  ".join(json.dumps(e, separators=(",", ":")) for e in entries)
    head = json.dumps({"seed": args.seed, "limit": args.limit})[1:-1]
    out = Path(__file__).resolve().parent / "fibers.json"
    out.write_text(f'{{{head},\n"entries": [\n  {lines}\n]}}\n')


if __name__ == "__main__":
    main()
