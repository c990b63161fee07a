"""What Macaulay2 says about the maps of the corpus: ``map_corpus.json`` holds its answers.

    PYTHONPATH=.:tests python tests/maps/map_corpus_engines.py --seconds 10

The dimension is that of the kernel of the ring map, found by elimination, with its degree and (for
homogeneous ideals) its minimal generators; where the time is over it is the rank of the Jacobian
at a random point modulo a prime (a lower bound, which fails with probability below 1/1000). Finite
fibers are counted through a random point modulo the prime.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from math import inf
from pathlib import Path
from typing import Any

from map_corpus import CORPUS
from test_identifiability import PUBLISHED

from algattn import PolynomialMap
from algattn.engines.text import plain_names
from algattn.exact import NumberField

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


def field_of(phi: PolynomialMap) -> str:
    if isinstance(phi.field, NumberField):
        return "toField(QQ[theta]/(theta^2-2))"  # the only one of the corpus
    return f"ZZ/{phi.field.characteristic}" if phi.field.characteristic else "QQ"


def written(phi: PolynomialMap, field: str) -> str:
    """A ring R with the parameters, the numerators P and the denominators Q."""
    names = plain_names(phi.ring)[: len(phi.parameters)]  # theta keeps its name
    plain = dict(zip(phi.ring.names, names, strict=False))

    def texts(polynomials: Any) -> str:
        forms = (
            re.sub(r"[A-Za-z]\w*", lambda m: plain.get(m[0], m[0]), str(p)) for p in polynomials
        )
        return ",".join(f"promote({form.replace('**', '^')}, R)" for form in forms)

    below = texts(phi.denominators or [1] * len(phi.numerators))
    script = f"K = {field}; R = K[{','.join(names)}]; P = {{{texts(phi.numerators)}}}; "
    return script + f"Q = {{{below}}};"


POINT = "p = map(kk, R, apply(numgens R, i -> random kk));"
RANK = (
    "J = transpose matrix apply(#P, i -> apply(gens R, x -> "
    "Q#i * diff(x, P#i) - P#i * diff(x, Q#i))); "
)


def fiber(phi: PolynomialMap, seconds: float) -> tuple[int, int | None] | None:
    """The rank at a random point modulo a prime, and the points of a fiber where it is finite."""
    script = f"kk = ZZ/{PRIME}; {written(phi, 'kk')} {RANK}"
    script += "ps = apply(4, i -> map(kk, R, apply(numgens R, j -> random kk))); "
    script += 'r = max apply(ps, p -> rank p J); print("@ " | toString r);'
    ranks = ask(script, seconds)
    if ranks is None:
        return None
    rank = int(ranks[0])
    if rank < len(phi.parameters):
        return rank, None
    script += "p = ps#0; I = ideal apply(#P, i -> (p Q#i) * P#i - (p P#i) * Q#i); "
    script += 'I = saturate(I, product Q); print("@ " | toString dim I); '
    script += 'print("@ " | toString degree radical I);'
    found = ask(script, seconds)
    return rank, int(found[2]) if found and found[1] == "0" else None


def kernel(phi: PolynomialMap, seconds: float) -> dict[str, Any] | None:
    """Dimension, degree and generators of the ideal of the image, by elimination."""
    n = len(phi.coordinates)
    script = written(phi, field_of(phi))
    if phi.rational:
        k = len(phi.parameters)
        script += f"S = K[u_1..u_{k}, z, y_1..y_{n}]; t = map(S, R, take(gens S, {k})); "
        script += "I = ideal({z * t product Q - 1} | "
        script += "apply(#P, i -> t Q#i * y_(i+1) - t P#i)); "
        script += f"I = eliminate(take(gens S, {k + 1}), I); "
        script += f"T = K[w_1..w_{n}]; I = (map(T, S, toList({k + 1}: 0_T) | gens T)) I; "
    else:
        script += f"T = K[y_1..y_{n}]; I = kernel map(R, T, P); I = ideal sub(gens I, T); "
    script += 'print("@ " | toString dim I); print("@ " | toString degree I); '
    script += 'print("@ " | toString isHomogeneous I); '
    script += 'print("@ " | toString tally apply(flatten entries mingens I, g -> first degree g));'
    found = ask(script, seconds)
    if found is None:
        return None
    dim, degree, homogeneous, tally = found
    pairs = tally.removeprefix("new Tally from {").rstrip("}").split(", ")
    counts = dict(p.split(" => ") for p in pairs if p)
    answer: dict[str, Any] = {"dimension": int(dim), "degree": int(degree)}
    if homogeneous == "true":
        answer["generators"] = {k: int(v) for k, v in sorted(counts.items())}
    return answer


def values(phi: PolynomialMap, h: str, seconds: float) -> float | None:
    """How many values a function takes on the fiber through a random point modulo a prime."""
    top, _, bottom = (part.strip("()") for part in h.partition(")/("))
    joint = PolynomialMap([top, bottom or "1"], parameters=phi.shapes)
    script = f"kk = ZZ/{PRIME}; {written(joint, 'kk')} H = P; "
    k = len(phi.parameters)
    script += written(phi, "kk").split(";", 2)[2] + " "
    script += "p = map(kk, R, apply(numgens R, i -> random kk)); "
    script += "I = ideal apply(#P, i -> (p Q#i) * P#i - (p P#i) * Q#i); "
    script += "I = saturate(I, H#1 * product Q); "
    script += f"S = kk[u_1..u_{k}, h, MonomialOrder => Eliminate {k}]; "
    script += f"t = map(S, R, take(gens S, {k})); J = t I + ideal(t H#1 * h - t H#0); "
    script += "E = flatten entries selectInSubring(1, gens gb J); "
    script += 'print("@ " | toString(if #E == 0 then 0 else degree radical ideal sub(E#0, kk[h])))'
    found = ask(script, seconds)
    return None if found is None else int(found[0]) or inf


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    store = json.loads(STORE.read_text()) if STORE.exists() else {}
    version = subprocess.run(["M2", "--version"], capture_output=True, text=True, check=True)
    store["version"] = version.stdout.strip()
    functions = PUBLISHED | {n: (e.build(), e.identifiable) for n, e in CORPUS.items()}
    for name, (phi, known) in functions.items():
        kept = store.setdefault("values", {})
        if not known or options.only not in name or name in kept or phi.field.characteristic:
            continue
        found = {h: values(phi, h, options.seconds) for h in known}
        kept[name] = {h: None if n == inf else n for h, n in found.items()}  # None is infinity
        print(name, found, flush=True)
        STORE.write_text(json.dumps(store, indent=1, sort_keys=True) + "\n")
    for name, entry in CORPUS.items():
        if options.only not in name or name in store:
            continue
        phi = entry.build()
        found = kernel(phi, options.seconds) or {}
        if not phi.field.characteristic and not isinstance(phi.field, NumberField):
            counted = fiber(phi, options.seconds)
            if counted is not None:
                found.setdefault("dimension", counted[0])
                if counted[1] is not None:
                    found["points"] = counted[1]
        store[name] = found
        print(name, found, flush=True)
        STORE.write_text(json.dumps(store, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
