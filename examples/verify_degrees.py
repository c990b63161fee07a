"""Degrees of function spaces: the closed formula against ideals, and Euclidean distance degrees.

Run it: python examples/verify_degrees.py   (under a minute; ED degrees need Singular)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from algattn import Lightning, load
from algattn.errors import EngineNotFoundError

ORACLE = Path(__file__).parent.parent / "tests" / "oracles" / "one_layer" / "jacobians.json"


def main() -> int:
    ok = True
    print("Degrees, closed formula / complete ideal by Singular:")
    for s in json.loads(ORACLE.read_text(encoding="utf-8"))["shapes"]:
        net = Lightning(widths=(s["d"], s["dp"]), ranks=s["a"], tokens=s["t"])
        result = net.degree()
        agree = result.value == s["degree"] and load(result.to_json()).verify()
        ok &= agree
        print(f"  {net}: {result.value} / {s['degree']} [{result.status.name}] {agree}")
    print("Euclidean distance degrees:")
    try:
        for widths, a, t in (((2, 1), 1, 2), ((2, 1), 2, 2), ((2, 2), 1, 1)):
            net = Lightning(widths=widths, ranks=a, tokens=t)
            for metric in ("unit", "generic"):
                print(f"  {net}: {net.ed_degree(metric=metric)}")
    except EngineNotFoundError as error:
        print(f"  left out: {error}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
