"""Random cases in every cell of (public question x stratum), against independent code.

``python tests/truth/campaign.py --cases 40`` prints the table; ``--question``, ``--stratum``
(a part of its name) and ``--kind`` choose cells.  What is wrong is printed with the call that
repeats it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[n]) for n in (0, 2)]

from equations import MAPS, ask_ideal, ask_map
from questions import FINITE, ONE_LAYER, QUESTIONS, SOFTMAX, network
from strata import OVER_GF, STRATA, draw

Cell = tuple[str, str, tuple[str, str]]


def cells() -> Iterator[Cell]:
    """(question, kind of network, stratum)."""
    for name in QUESTIONS:
        for stratum in STRATA:
            one = stratum[0] in {"one layer", "one token", "a >= d", "d = 1"}
            if name not in ONE_LAYER or one:
                yield name, "lightning", stratum
            if name in SOFTMAX and stratum[0] != "three layers":
                yield name, "softmax", stratum
        for stratum in OVER_GF if name in FINITE else ():
            yield name, "lightning", stratum
    for name in MAPS:
        yield "implicitize", "map", (name, "")
    yield "ideal", "lightning", ("one layer and one token", "")


def ask(cell: Cell, seed: int) -> str:
    """The outcome of one case; "wrong: .." for an answer that independent code contradicts."""
    name, kind, stratum = cell
    try:
        if name == "ideal":
            return ask_ideal(seed)
        if kind == "map":
            return ask_map(stratum[0], seed)
        case = draw(stratum, seed, kind)
        return QUESTIONS[name](network(case), case, random.Random(f"{cell} {seed}"))
    except Exception as error:
        return f"wrong: {type(error).__name__} {error}"[:300]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--question", default="")
    parser.add_argument("--kind", default="")
    parser.add_argument("--stratum", default="")
    given = parser.parse_args()
    total: Counter[str] = Counter()
    wide = 0
    for cell in cells():
        name, kind, stratum = cell
        if (
            given.question not in (name, "")
            or given.stratum not in str(stratum)
            or given.kind not in kind
        ):
            continue
        start, outcomes = time.perf_counter(), Counter[str]()
        for seed in range(given.first, given.first + given.cases):
            outcome = ask(cell, seed)
            if outcome.startswith("wrong"):
                print(f"  ask({cell}, {seed}): {outcome}", flush=True)
            outcomes[outcome.split(":")[0]] += 1
            wide += name in QUESTIONS and draw(stratum, seed, kind).widths[0] >= 3
        total += outcomes
        took = time.perf_counter() - start
        print(
            f"{name:18} {kind:10} {', '.join(stratum):36} {dict(outcomes)} {took:.1f} s", flush=True
        )
    print(sum(total.values()), "cases,", wide, "with d >= 3:", dict(total))


if __name__ == "__main__":
    main()
