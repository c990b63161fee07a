"""ED degrees by Singular alone: Lagrange multipliers on the complete ideal, without weights.

Nothing of algattn is used.  The complete ideal over GF(32003) comes from ``../singular_locus``; the
critical points of a random weighted distance are where the differentials of the equations and of
the distance have rank N - dim, singular points removed by saturation.

Usage: python make_oracle.py   (needs Singular; writes ed_degree.json beside this file)
"""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parent / "singular_locus" / "make_oracle.py"
SPEC = importlib.util.spec_from_file_location("singular_locus_oracle", SOURCE)
assert SPEC is not None
assert SPEC.loader is not None
locus = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(locus)

SHAPES = [(2, 1, 1, 2), (2, 1, 2, 2), (2, 2, 1, 1)]


def ed_degree(names: list, generators: list[str], metric: str) -> int | None:
    n = len(names)
    weights = [1 if metric == "unit" else random.randint(2, 30000) for _ in names]
    data = [random.randint(1, 30000) for _ in names]
    distance = ",".join(
        f"{w}*(c({i})-{x})" for i, (w, x) in enumerate(zip(weights, data, strict=True), 1)
    )
    text = locus.run(
        'LIB "matrix.lib";\n'
        f"ring R = {locus.PRIME},(c(1..{n})),dp; ideal I = {','.join(generators)};\n"
        f"int s = {n} - dim(std(I)); matrix J = jacob(I); ideal F = minor(J, s);\n"
        f"matrix K[1][{n}] = {distance}; matrix L = concat(transpose(K), transpose(J));\n"
        "ideal C = I + minor(L, s + 1); poly h; int i;\n"
        "for (i=1;i<=ncols(F);i++) { h = h + random(1,30000)*F[i]; }\n"
        f"ring T = {locus.PRIME},(c(1..{n}),z),dp; ideal C = imap(R,C); poly h = imap(R,h);\n"
        'ideal S = std(C + ideal(z*h - 1)); print("DIM " + string(dim(S)));\n'
        'print("COUNT " + string(mult(S))); print("END"); quit;\n'
    )
    if text is None or "END" not in text:
        return None
    assert "DIM 0" in text
    return int(next(x for x in text.splitlines() if x.startswith("COUNT")).split()[1])


def main() -> None:
    random.seed(locus.SEED)
    locus.LIMIT = 40
    entries, skipped = [], []
    for d, dp, a, t in SHAPES:
        found = locus.ideal(d, dp, a, t)
        assert found is not None
        for metric in ("unit", "generic"):
            entry = {"d": d, "dp": dp, "a": a, "t": t, "metric": metric}
            value = ed_degree(*found, metric)
            if value is None:
                skipped.append(entry)
            else:
                entries.append(entry | {"ed": value})
    data = {"seed": locus.SEED, "prime": locus.PRIME, "entries": entries, "skipped": skipped}
    (HERE / "ed_degree.json").write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
