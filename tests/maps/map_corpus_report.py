"""All answers about the corpus beside the published numbers, and what stays open.

PYTHONPATH=. python tests/maps/map_corpus_report.py --seconds 20 --only Segre --what degree
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from map_corpus import CORPUS, Entry

from algattn.errors import AlgattnError

#: What Macaulay2 said; see map_corpus_engines.py.
STORE: dict[str, Any] = json.loads(Path(__file__).with_name("map_corpus.json").read_text())


def _degrees(counts: Any) -> dict[int, int]:
    return {k: v for k, v in dict(counts).items() if v}


def _number(result: Any) -> tuple[Any, str]:
    return result.value, result.status.name


def _dimension(entry: Entry, seconds: float) -> tuple[Any, str]:
    found = entry.build().dimension(time_limit=seconds)
    return found.lower, found.status.name  # the lower bound is proved, and the value if they meet


def _generators(entry: Entry, seconds: float) -> tuple[Any, str]:
    most = max(wanted(entry, "generators"))
    found = entry.build().equations(most, time_limit=seconds)
    return _degrees(found.counts), found.status.name


def _identifiable(entry: Entry, seconds: float) -> tuple[Any, str]:
    found = entry.build().identifiable(list(entry.identifiable), kind="global", time_limit=seconds)
    return {h: found[h].values for h in entry.identifiable}, found.status.name


ASK: dict[str, Callable[[Entry, float], tuple[Any, str]]] = {
    "dimension": _dimension,
    "degree": lambda e, s: _number(e.build().image_degree(time_limit=s)),
    "generators": _generators,
    "components": lambda e, s: _number(e.build().fiber_components(time_limit=s)),
    "points": lambda e, s: _number(e.build().degree(time_limit=s)),
    "identifiable": _identifiable,
}


def wanted(entry: Entry, what: str) -> Any:
    """The number of the literature, or of Macaulay2; None where there is none."""
    found = getattr(entry, what)
    stored = STORE.get(f"{entry.family}: {entry.name}", {}).get(what)
    if found in (None, {}) and stored:
        return {int(k): v for k, v in stored.items()} if what == "generators" else stored
    return None if found == {} else found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", default="")
    parser.add_argument("--what", choices=list(ASK))
    options = parser.parse_args()
    good = True
    for what in [options.what] if options.what else ASK:
        count: Counter[str] = Counter()
        for name, entry in CORPUS.items():
            want = wanted(entry, what)
            if want is None or options.only not in name:
                continue
            start = time.perf_counter()
            try:
                got, status = ASK[what](entry, options.seconds)
            except AlgattnError as error:
                got, status = None, type(error).__name__
            seconds = time.perf_counter() - start
            right = got == want or got is None
            good, count = good and right, count + Counter([status if right else "WRONG"])
            if status != "PROVED" or not right or seconds > 3:
                print(
                    f"{what}, {name}: {got} [{status}], published {want}, {seconds:.1f} s",
                    flush=True,
                )
        print(f"{what}: {sum(count.values())} maps, {dict(count)}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
