"""Multiplicities of one layer at points of every kind, by Singular alone.

Nothing of algattn is used.  Over GF(32003) the complete ideal is the kernel of the ring map of the
layer (from the oracle ``singular_locus``).  A point is moved to the origin, random hyperplanes through
it cut out a curve of the same multiplicity, and a standard basis in the local order ds gives it.
Where the ideal is too large the points of a random linear section through the point are counted on
a chart of pairs (A, V): the multiplicity is the degree less their number, the point itself left out.

Usage: python make_oracle.py   (needs Singular; writes multiplicity.json beside this file)
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import random
from pathlib import Path

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location(
    "singular_locus_oracle", HERE.parent / "singular_locus" / "make_oracle.py"
)
assert _spec is not None
assert _spec.loader is not None
locus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(locus)

SHAPES = [
    (2, 1, 1, 2),
    (2, 1, 2, 2),
    (2, 2, 1, 2),
    (2, 2, 2, 2),
    (2, 3, 1, 2),
    (2, 3, 2, 2),
    (3, 1, 1, 2),
    (3, 1, 2, 2),
    (3, 1, 3, 2),
    (3, 2, 1, 2),
    (2, 2, 1, 1),
    (2, 3, 2, 1),
    (3, 1, 1, 1),
    (3, 1, 2, 1),
    (3, 2, 1, 1),
    (3, 2, 2, 1),
    (4, 1, 1, 1),
]
#: The linear factors of ``h (l1.x)(l2.x)(l3.*)``; l3 is the query for t >= 2, a third line for t = 1.
KINDS = {
    2: {"k, v independent": (0, 1, 2), "k, v parallel": (0, 0, 2)},
    1: {"three lines": (0, 1, 2), "double line": (0, 0, 2), "triple line": (0, 0, 0)},
}


def value(label: tuple[int, ...], A: list[list[int]], V: list[list[int]], t: int) -> int:
    r, i, j, k = label
    orders = set(itertools.permutations((i, j, k))) if t == 1 else {(i, j, k), (j, i, k)}
    return sum(V[r][x] * A[y][z] for x, y, z in orders) % locus.PRIME


def points(d: int, dp: int, a: int, t: int) -> dict[str, tuple[list, list]]:
    """(A, V) by kind; for t = 1 the forms are symmetric of rank at most min(2a, d)."""

    def vector(n: int) -> list[int]:
        return [random.randint(1, 30000) for _ in range(n)]

    def times(u: list[int], w: list[int]) -> list[list[int]]:
        return [[x * y for y in w] for x in u]

    def total(tables: list[list[list[int]]]) -> list[list[int]]:
        return [[sum(c) for c in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]

    found: dict[str, tuple[list, list]] = {}
    for name, (x, y, z) in KINDS[t].items():
        lines, h = [vector(d) for _ in range(3)], vector(dp)
        found[name] = (times(lines[y], lines[z]), times(h, lines[x]))
    bound = min(2 * a, d) if t == 1 else min(a, d)
    for r in range(1, bound + 1):
        for m in range(1, min(d, dp) + 1):
            if m == 1 and r <= (2 if t == 1 else 1):
                continue
            A = []
            for _ in range(r):
                u = vector(d)
                A.append(times(u, u if t == 1 else vector(d)))
            found[f"rank {r}, rank V = {m}"] = (
                total(A),
                total([times(vector(dp), vector(d)) for _ in range(m)]),
            )
    return found


def multiplicity(names: list, generators: list[str], at: list[int]) -> int | None:
    """Of the curve that random hyperplanes through the point cut out."""
    n = len(names)
    images = ",".join(f"l({i + 1})+{x}" for i, x in enumerate(at))
    text = locus.run(
        f"ring R = {locus.PRIME},(c(1..{n})),dp; ideal I = {','.join(generators)};\n"
        f"int e = dim(std(I)); int s = {n} - e + 1; ring T = {locus.PRIME},(y(1..s)),ds;\n"
        f'system("random", {locus.SEED}); ideal l; int i; int j; poly p;\n'
        f"for (i=1;i<={n};i++) {{ p = 0; for (j=1;j<=s;j++) {{ p = p + random(1,30000)*y(j); }}"
        " l[i] = p; }\n"
        f"map move = R,{images.replace('l(', 'l[').replace(')+', ']+')};"
        " ideal G = std(move(I));\n"
        'print("DIM " + string(dim(G))); print("MULT " + string(mult(G))); print("END"); quit;\n'
    )
    if text is None or "END" not in text:
        return None
    assert "DIM 1" in text
    return int(next(line for line in text.splitlines() if line.startswith("MULT")).split()[1])


def times(M: list[list[str]], N: list[list[str]]) -> list[list[str]]:
    columns = list(zip(*N, strict=True))
    return [
        ["+".join(f"({a})*({b})" for a, b in zip(r, c, strict=True)) for c in columns] for r in M
    ]


def section(
    d: int, dp: int, a: int, t: int, names: list, at: list[int] | None
) -> tuple[int, int] | None:
    """Dimension, and points of a random linear section, through a point (then without it) or not."""
    r = min(2 * a, d) if t == 1 else min(a, d)
    variables: list[str] = []

    def fresh() -> str:
        variables.append(f"x({len(variables) + 1})")
        return variables[-1]

    left = [[str(int(i == j)) if i < r else "" for j in range(r)] for i in range(d)]
    left = [[e or fresh() for e in row] for row in left]
    if t == 1:
        upper = {(i, j): fresh() for i in range(r) for j in range(i, r)}
        inner = [[upper[min(i, j), max(i, j)] for j in range(r)] for i in range(r)]
        A = times(times(left, inner), [list(c) for c in zip(*left, strict=True)])
    else:
        A = times(left, [[fresh() for _ in range(d)] for _ in range(r)])
    G = [[str(random.randint(1, 30000)) for _ in range(d)] for _ in range(d)]
    A = times(times([list(c) for c in zip(*G, strict=True)], A), G)
    free = [fresh() for _ in range(d * dp - 1)]
    free.append("1+" + "+".join(f"{random.randint(1, 30000)}*{v}" for v in free))
    V = [free[i * d : (i + 1) * d] for i in range(dp)]
    n, e = len(names), len(variables)
    lines = [f"ring R = {locus.PRIME},(x(1..{e}),z),dp; ideal f;"]
    lines += [f"poly A{i}_{j} = {A[i][j]};" for i in range(d) for j in range(d)] + [
        f"poly V{i}_{j} = {V[i][j]};" for i in range(dp) for j in range(d)
    ]
    for m, (row, i, j, k) in enumerate(names):
        orders = set(itertools.permutations((i, j, k))) if t == 1 else {(i, j, k), (j, i, k)}
        value_ = "+".join(f"V{row}_{x}*A{y}_{z}" for x, y, z in sorted(orders))
        lines.append(f"f[{m + 1}] = {value_} - ({at[m] if at else random.randint(1, 30000)});")

    def combination() -> str:
        return "+".join(f"{random.randint(1, 30000)}*f[{m + 1}]" for m in range(n))

    lines.append("ideal L;")
    lines += [f"L[{m + 1}] = {combination()};" for m in range(e)]
    away = combination() if at else "1"
    lines.append(f"L = L, z*({away})-1; ideal G = std(L);")
    lines.append('print("DIM " + string(dim(G))); print("COUNT " + string(mult(G)));')
    text = locus.run("\n".join(lines) + 'print("END"); quit;\n')
    if text is None or "END" not in text:
        return None
    if "DIM -1" in text:
        return e, 0
    assert "DIM 0" in text
    return e, int(next(x for x in text.splitlines() if x.startswith("COUNT")).split()[1])


def main() -> None:
    random.seed(locus.SEED)
    entries, skipped = [], []
    for d, dp, a, t in SHAPES:
        shape = {"d": d, "dp": dp, "a": a, "t": t}
        names = locus.coordinates(d, dp, t)
        # pairs of a general function: three lines, or the exchange of k and v
        delta = 3 if t == dp == 1 and min(2 * a, d) == 2 else 2 if min(a, d) == dp == 1 < t else 1
        locus.LIMIT = 30
        # for t = 1 sums of a products of lines give all symmetric forms of rank min(2a, d)
        found = locus.ideal(d, dp, min(a, d), t)
        locus.LIMIT = 400
        whole = None if found and d < 3 and dp < 3 else section(d, dp, a, t, names, None)
        for kind, (A, V) in points(d, dp, a, t).items():
            at = [value(c, A, V, t) for c in names]
            locus.LIMIT, how = 30, "tangent cone"
            m = multiplicity(*found, at) if found else None
            if m is None and whole:
                locus.LIMIT, how = 400, "section"
                others = section(d, dp, a, t, names, at)
                m = (whole[1] - others[1]) // delta if others else None
            if m is None:
                skipped.append(shape | {"kind": kind})
            else:
                entries.append(shape | {"kind": kind, "how": how, "multiplicity": m})
            print(shape, kind, how, m, flush=True)
    data = {"seed": locus.SEED, "prime": locus.PRIME, "entries": entries, "skipped": skipped}
    (HERE / "multiplicity.json").write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
