"""Two installations of algattn answer the same random problems; differences are printed.

    python tests/campaigns/beside.py OLD_PYTHON --cases 5000 --seed 0

OLD_PYTHON is the interpreter of an environment with the other version (its own copy of this file's
neighbours is not needed: problems are made here, of lists and numbers).  Compared are the record
of an answer (kind, value, claims, statuses, errors with their messages), its JSON without
versions, and its text and LaTeX.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "golden"), str(HERE)]

Rows = list[list[Any]]
ENTRIES = (-3, -2, -1, 0, 1, 2, 3)
FORMS = ("general", "rank one", "skew", "symmetric", "zero", "sparse")


def _matrix(rng: random.Random, m: int, n: int, form: str = "general") -> Rows:
    rows = [[rng.choice(ENTRIES) for _ in range(n)] for _ in range(m)]
    if form == "rank one":
        u, v = ([rng.choice(ENTRIES) or 1 for _ in range(k)] for k in (m, n))
        rows = [[x * y for y in v] for x in u]
    if form in ("skew", "symmetric") and m == n:
        sign = -1 if form == "skew" else 1
        rows = [[rows[i][j] + sign * rows[j][i] for j in range(n)] for i in range(m)]
    if form == "zero":
        rows = [[0] * n for _ in range(m)]
    if form == "sparse":
        rows = [[x if rng.random() < 0.4 else 0 for x in row] for row in rows]
    if rng.random() < 0.2:
        rows = [[str(Fraction(x, rng.choice((2, 3)))) for x in row] for row in rows]
    return rows


def _weights(rng: random.Random, widths: list[int], ranks: list[int]) -> dict[str, Any]:
    forms = [rng.choice((*FORMS, "general", "general")) for _ in ranks]
    V = [
        _matrix(rng, e, d, rng.choice(("general", "general", "rank one", "zero", "sparse")))
        for d, e in pairwise(widths)
    ]
    if all(a >= d for a, d in zip(ranks, widths, strict=False)) and rng.random() < 0.6:
        A = [_matrix(rng, d, d, form) for d, form in zip(widths, forms, strict=False)]
        return {"A": A, "V": V}
    K, Q = (
        [_matrix(rng, a, d, form) for a, d, form in zip(ranks, widths, forms, strict=False)]
        for _ in range(2)
    )
    return {"K": K, "Q": Q, "V": V}


def _texts(rng: random.Random) -> list[str]:
    """Three or four polynomials in two parameters."""

    def term() -> str:
        c, i, j = rng.choice((-2, -1, 1, 3)), rng.randrange(3), rng.randrange(3)
        return f"{c}*u^{i}*v^{j}"

    return [" + ".join(term() for _ in range(rng.randint(1, 2))) for _ in range(rng.randint(3, 4))]


def _asked(name: str, rng: random.Random) -> tuple[str, Callable[[], object]]:
    """A problem of this name: its words, and what asks it."""
    from golden_questions import AT_FUNCTION, AT_PAIR, AT_WEIGHTS, OF_NETWORK

    import algattn

    kind = "Softmax" if name.startswith("softmax") else "Lightning"
    deep = rng.random() < 0.35
    top = 2 if deep else 4
    layers = rng.choice((2, 2, 3)) if deep else 1
    widths = [rng.randint(1, top) for _ in range(layers + 1)]
    ranks = [rng.randint(1, d + 1) for d in widths[:-1]]
    tokens = rng.choice((1, 2, 2, 3))
    net = getattr(algattn, kind)(tuple(widths), tuple(ranks), tokens)
    data, other = _weights(rng, widths, ranks), _weights(rng, widths, ranks)
    words = f"{name} {net!r} {json.dumps(data)}"
    question = name.removeprefix("softmax ")

    def weights(given: dict[str, Any] = data) -> Any:
        return algattn.Weights(**given)

    if question in OF_NETWORK:
        return words, lambda: OF_NETWORK[question](net)
    if question in AT_WEIGHTS:
        return words, lambda: AT_WEIGHTS[question](net, weights())
    if question in AT_FUNCTION:
        return words, lambda: AT_FUNCTION[question](net, net.function(weights()))
    if question == "equivalent":
        move = rng.choice([*AT_PAIR, "fresh"])
        if move == "fresh":
            return words, lambda: net.equivalent(weights(), weights(other))
        return f"{words} {move}", lambda: net.equivalent(
            weights(), AT_PAIR[move](net, weights(), net.random_weights)
        )
    if question == "ideal":
        return words, lambda: net.ideal(2 + (max(widths) < 3))
    if question == "report":
        return words, lambda: net.report(weights())
    if question == "fiber_ideal":
        return words, lambda: [str(g) for g in net.fiber_ideal(weights()).generators]
    if question == "value":
        X = _matrix(rng, widths[0], tokens)
        return f"{words} {X}", lambda: net([[Fraction(x) for x in row] for row in X], weights())
    if question == "implicitize":
        texts = _texts(rng)
        return f"{name} {texts}", lambda: algattn.implicitize(texts, 3)
    spoilt = dict(data)  # wrong weights
    part = rng.choice(list(spoilt))
    change = rng.choice(("missing", "row", "text", "layer", "float"))
    rows = [[list(r) for r in m] for m in spoilt[part]]
    if change == "missing":
        del spoilt[part]
    else:
        if change == "row":
            rows[0].append(rows[0][0])
        elif change == "text":
            rows[0][0][0] = "x"
        elif change == "layer":
            rows.append(rows[0])
        else:
            rows[0][0][0] = 0.5
        spoilt[part] = rows
    return f"{words} {change} {part}", lambda: net.function(algattn.Weights(**spoilt))


NAMES = (
    *("dimension", "dimension-dense", "dimension-report", "generic-fiber", "degree"),
    *("singular-locus-attributes", "boundary-attributes", "strata", "parametrization-AV"),
    *("parametrization-QKV", "parametrization-virtual", "fiber", "fiber-other", "classify"),
    *("local-dimension", "canonical", "canonical-claims", "function", "virtual", "contains"),
    *("recover", "classify-function", "equivalent", "equivalent", "equivalent", "ideal", "report"),
    *("fiber_ideal", "value", "implicitize", "bad", "bad", "softmax dimension"),
    *("softmax equivalent", "softmax equivalent", "softmax value", "softmax canonical"),
    *("softmax dimension-report", "softmax local-dimension", "softmax bad", "fiber", "classify"),
)


def _faces(found: Any) -> list[str]:
    return [found.text(), found.latex()] if hasattr(found, "claims") else []


def _bare(found: Any) -> Any:
    from golden_record import plain

    if not hasattr(found, "claims"):
        return None
    data = dict(found.to_data())
    data.pop("versions", None)
    data.pop("digest", None)
    return plain(data)


def answer(first: int, cases: int, seed: int) -> None:
    """Answer the problems and print one JSON line for each."""
    from golden_record import outcome

    for n in range(first, first + cases):
        rng = random.Random(f"beside {seed} {n}")
        name = rng.choice(NAMES)
        words, ask = _asked(name, rng)
        kept: list[Any] = []

        def asked(ask: Callable[[], object] = ask, kept: list[Any] = kept) -> object:
            kept.append(ask())
            return kept[0]

        row = [n, words, outcome(asked)]
        whole = kept and hasattr(kept[0], "claims")
        row += [_bare(kept[0]), _faces(kept[0])] if whole else [None, None]
        print(json.dumps(row), flush=True)


def _differences(old: list[Any], new: list[Any]) -> Iterator[str]:
    """How two rows differ: in words of errors, in answers, in data, in texts."""
    if old[2][0] == new[2][0] == "error":
        if old[2][:2] != new[2][:2]:
            yield "other error"
        elif old[2] != new[2]:
            yield "other words of an error"
        return
    if old[2] != new[2]:
        yield "new answer" if old[2][0] == "crash" else "other answer"
        return
    if old[3] != new[3]:
        yield "other data"
    if old[4] and new[4] and old[4] != new[4]:
        text = all(line in new[4][0].splitlines() for line in old[4][0].splitlines())
        yield "other text" if not text else "more text or LaTeX"


def main() -> None:
    """Ask both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", help="the interpreter of the other installation, or 'answer'")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    shown = ["other error", "other answer", "other data", "other text"]
    parser.add_argument("--show", nargs="*", default=shown)
    args = parser.parse_args()
    if args.other == "answer":
        answer(args.first, args.cases, args.seed)
        return
    rest = [f"--cases={args.cases}", f"--first={args.first}", f"--seed={args.seed}"]
    bare = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    here = bare | {"PYTHONPATH": str(HERE.parents[1])}
    sides = [
        subprocess.Popen(
            [python, __file__, "answer", *rest], stdout=subprocess.PIPE, text=True, env=env, cwd="/"
        )
        for python, env in ((args.other, bare), (sys.executable, here))
    ]
    counts: Counter[str] = Counter()
    assert sides[0].stdout is not None
    assert sides[1].stdout is not None
    for one, two in zip(*(side.stdout for side in sides if side.stdout), strict=True):
        old, new = json.loads(one), json.loads(two)
        assert old[:2] == new[:2], (old[:2], new[:2])
        counts["problems"] += 1
        counts["refused"] += old[2][0] == "error"
        for part in _differences(old, new):
            counts[part] += 1
            if part in args.show:
                print(f"{part}: {old[0]} {old[1][:300]}")
                print(f"  {str(old[2:])[:900]}\n  {str(new[2:])[:900]}")
    print(dict(counts))


if __name__ == "__main__":
    main()
