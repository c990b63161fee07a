"""What Macaulay2 says about maps of the corpus: ``map_corpus.json`` holds its answers.

    PYTHONPATH=. python tests/maps/map_corpus_engines.py

The dimension is the rank of the Jacobian over the fraction field (or, for large maps, at a random
point modulo a prime, which is a lower bound that fails with probability below 1/1000); degrees and
generators are those of the kernel of the ring map, where Macaulay2 finds it within the time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

from map_corpus import CORPUS, ENGINE

from algattn import PolynomialMap
from algattn.engines.text import plain_names, write_polynomial

STORE = Path(__file__).with_name("map_corpus.json")
PRIME = 32003


def ask(script: str, seconds: float) -> list[str] | None:
    """The lines that Macaulay2 prints, or None when the time is over."""
    try:
        done = subprocess.run(
            ["M2", "--silent", "--stop", "-q", "-e", script + "\nexit 0\n"],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return None
    return [line[2:] for line in done.stdout.splitlines() if line.startswith("@ ")]


def written(phi: PolynomialMap, field: str) -> str:
    names = plain_names(phi.ring)
    forms = ",".join(write_polynomial(p, names) for p in phi.polynomials)
    return f"R = {field}[{','.join(names)}]; F = matrix{{{{{forms}}}}};"


def dimension(phi: PolynomialMap, seconds: float) -> int | None:
    points = "p = map(kk, R, apply(numgens R, i -> random kk));"
    script = f"kk = ZZ/{PRIME}; {written(phi, 'kk')} {points} "
    script += 'print("@ " | toString max apply(5, i -> (q = map(kk, R, apply(numgens R, j -> '
    script += "random kk)); rank q jacobian F)))"
    found = ask(script, seconds)
    return None if found is None else int(found[0])


def kernel(phi: PolynomialMap, seconds: float) -> dict[str, Any] | None:
    """Degree and generators of the ideal of the image over QQ, by elimination."""
    degrees = {p.degree() for p in phi.polynomials if p}
    n = len(phi.coordinates)
    script = f"{written(phi, 'QQ')} S = QQ[y_1..y_{n}]; I = kernel map(R, S, F); "
    script += 'print("@ " | toString dim I); print("@ " | toString degree I); '
    script += 'print("@ " | toString tally apply(flatten entries mingens I, g -> first degree g));'
    found = ask(script, seconds)
    if found is None:
        return None
    dim, degree, tally = found
    pairs = tally.removeprefix("new Tally from {").rstrip("}").split(", ")
    counts = dict(p.split(" => ") for p in pairs if p)
    homogeneous = len(degrees) == 1
    answer: dict[str, Any] = {"dimension": int(dim), "degree": int(degree)}
    if homogeneous:
        answer["generators"] = {k: int(v) for k, v in sorted(counts.items())}
    return answer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    store = json.loads(STORE.read_text()) if STORE.exists() else {}
    version = subprocess.run(["M2", "--version"], capture_output=True, text=True, check=True)
    store["version"] = version.stdout.strip()
    for name, entry in CORPUS.items():
        if ENGINE not in entry.source or options.only not in name or name in store:
            continue
        phi = entry.build()
        found = kernel(phi, options.seconds)
        if found is None:
            found = {"dimension": dimension(phi, 5 * options.seconds)}
        store[name] = found
        print(name, found, flush=True)
        STORE.write_text(json.dumps(store, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
