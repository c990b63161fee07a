"""Dimensions, equations, degrees and fibers of maps beside Macaulay2 and Singular, in one run.

Every system gets the same polynomials and the same question; the answers have to agree.  Only the
time that a system itself measures for the question counts; its start is not counted.
algattn runs in a new process, its imports are not timed; its time includes its proofs, and the
start of Singular where it asks Singular.  Macaulay2 and Singular compute the kernel of the ring map
over the rationals, its degree, or minimal primes of a fiber.  "Equations" of algattn are all those
up to a degree that it is given, not the whole kernel.  A "rank" is the same work everywhere: that
of the Jacobian at one random point modulo a prime, a lower bound of the dimension.  A
"dimension" is that rank for the others, while algattn proves an upper bound, too.  A "fiber" is
decomposed and proved by algattn, and decomposed into "primes" in the others.  Where a system
reaches the time limit the ratio is a lower bound.  Exits with status 1 when two answers differ; a
time limit, of algattn too, is said and is no error.

    python examples/compare_maps.py --limit 60  # 10 unless given
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement, permutations, product
from typing import Any

PRIME = 32003
#: Questions that the other systems answer by a rank modulo the prime.
RANKS = ("dimension", "rank")


# --- the maps ----------------------------------------------------------------------------------


def forms(count: int, variables: int, degree: int) -> list[str]:
    """Random forms with small coefficients."""
    rng = random.Random(f"{count} {variables} {degree}")
    monomials = ["*".join(m) for m in combinations_with_replacement("stuv"[:variables], degree)]
    return ["+".join(f"{rng.randint(1, 9)}*{m}" for m in monomials) for _ in range(count)]


def minors(k: int, n: int) -> list[str]:
    def sign(p: Sequence[int]) -> str:
        return "-" if sum(a > b for a, b in combinations(p, 2)) % 2 else "+"

    return [
        "".join(
            sign(p) + "*".join(f"x{i}{columns[j]}" for i, j in enumerate(p))
            for p in permutations(range(k))
        ).lstrip("+")
        for columns in combinations(range(n), k)
    ]


def powers(n: int, d: int, count: int) -> list[str]:
    terms = combinations_with_replacement(range(n), d)
    return ["+".join("*".join(f"x{h}{i}" for i in t) for h in range(count)) for t in terms]


def segre(sizes: Sequence[int], count: int = 1) -> list[str]:
    places = product(*map(range, sizes))
    return [
        "+".join("*".join(f"x{h}{f}{i}" for f, i in enumerate(p)) for h in range(count))
        for p in places
    ]


ENNEPER = ["3*u-u^3+3*u*v^2", "3*v-v^3+3*u^2*v", "3*u^2-3*v^2"]
#: Over QQ(sqrt 2), with theta for sqrt 2.
QUINTIC = ["s^5+theta*s^3*t^2", "s^4*t-t^5", "s*t^4+theta*t^5"]

#: Question, name, polynomials, degree up to which equations are asked for (0: the whole ideal).
CASES: list[tuple[str, str, list[str], int]] = [
    ("equations", "five quadrics in four variables", forms(5, 4, 2), 8),
    ("equations", "four cubics in three variables", forms(4, 3, 3), 9),
    ("equations", "G(3, 6)", minors(3, 6), 2),
    ("equations", "Segre 3x3x3", segre((3, 3, 3)), 2),
    ("equations", "Enneper", ENNEPER, 9),
    ("equations", "quintic over QQ(sqrt 2)", QUINTIC, 5),
    ("degree", "G(3, 6)", minors(3, 6), 0),
    ("degree", "Segre 2x2x3", segre((2, 2, 3)), 0),
    ("degree", "Enneper", ENNEPER, 0),
    ("dimension", "five quartic powers in three variables", powers(3, 4, 5), 0),
    ("dimension", "nine quartic powers in four variables", powers(4, 4, 9), 0),
    ("dimension", "seven cubes in five variables", powers(5, 3, 7), 0),
    ("dimension", "3x3x3 of rank four", segre((3, 3, 3), 4), 0),
    ("rank", "nine quartic powers in four variables", powers(4, 4, 9), 0),
    ("rank", "3x3x3 of rank four", segre((3, 3, 3), 4), 0),
    ("fiber", "Gram 2x2 over a matrix of rank one", powers(2, 2, 2), 0),
    ("fiber", "a two-head layer", segre((2, 2), 2), 0),
]
#: Where fibers are decomposed.
POINTS = {"Gram 2x2 over a matrix of rank one": [1, 2, 0, 0], "a two-head layer": [1, 0, 0, 1] * 2}


# --- the systems -------------------------------------------------------------------------------


def names_of(texts: Sequence[str]) -> list[str]:
    return sorted({x for t in texts for x in re.findall(r"[a-z]\w*", t)} - {"theta"})


def fiber_of(name: str, texts: Sequence[str]) -> list[str]:
    from algattn import PolynomialMap

    values = PolynomialMap(list(texts))(POINTS[name])
    return [f"{t}-({v})" for t, v in zip(texts, values, strict=True)]


def with_macaulay2(question: str, name: str, texts: list[str], most: int) -> str:
    """A script that prints the seconds and the answer."""
    names, n = names_of(texts), len(texts)
    field = f"ZZ/{PRIME}" if question in RANKS else "QQ"
    if any("theta" in t for t in texts):
        field = "toField(QQ[theta]/(theta^2-2))"
    head = f"kk = {field}; R = kk[{','.join(names)}]; F = matrix{{{{{','.join(texts)}}}}};"
    kernel = f"S = kk[y_1..y_{n}]; f = map(R, S, F); "
    ask = {
        "equations": kernel + "a = elapsedTiming (I = kernel f);",
        "degree": kernel + "a = elapsedTiming (I = kernel f; d = degree I);",
        "rank": "a = elapsedTiming (d = rank (map(kk, R, apply(numgens R, i -> random kk)))"
        "(jacobian F));",
        "fiber": f"I = ideal({','.join(fiber_of(name, texts)) if question == 'fiber' else ''}); "
        "a = elapsedTiming (L = minimalPrimes I);",
    }["rank" if question == "dimension" else question]
    answer = {
        "equations": "toString apply(flatten entries mingens I, g -> first degree g)",
        "degree": "toString d",
        "dimension": "toString d",
        "rank": "toString d",
        "fiber": "toString sort apply(L, dim)",
    }[question]
    return f'{head} {ask} print("@ " | toString a#0); print("@ " | {answer}); exit 0'


def with_singular(question: str, name: str, texts: list[str], most: int) -> str:
    names, n = names_of(texts), len(texts)
    ys = [f"y({i + 1})" for i in range(n)]
    minimal = "; minpoly = theta^2-2" if any("theta" in t for t in texts) else ""
    field = str(PRIME) if question in RANKS else "(0,theta)" if minimal else "0"
    start = 'LIB "elim.lib"; LIB "primdec.lib"; system("--ticks-per-sec",1000); '
    if question in RANKS:
        body = f"ring R = {field},({','.join(names)}),dp; ideal F = {','.join(texts)}; "
        body += "int t = rtimer; "
        body += "ideal p; int i; for (i = 1; i <= nvars(R); i++) { p[i] = random(1,32000); } "
        body += "matrix J = jacob(F); map e = R, p; module M = module(e(J)); int r = ncols(M); "
        body += "r = size(std(M)); int u = rtimer - t; "
        return start + body + '"@ " + string(u); "@ " + string(r); quit;'
    if question == "fiber":
        given = ",".join(fiber_of(name, texts))
        body = f"ring R = 0,({','.join(names)}),dp; ideal I = {given}; int t = rtimer; "
        body += "list L = minAssGTZ(I); int u = rtimer - t; int i; intvec d; "
        body += "for (i = 1; i <= size(L); i++) { d[i] = dim(std(L[i])); } "
        return start + body + '"@ " + string(u); "@ " + string(d); quit;'
    graph = ",".join(f"{y}-({t})" for y, t in zip(ys, texts, strict=True))
    k = len(names)
    body = f"ring R = {field},({','.join(names)},y(1..{n})),(dp({k}),dp({n})){minimal}; "
    body += f"ideal G = {graph}; int t = rtimer; G = std(G); ideal J = nselect(G,1..{k}); "
    body += f"int u = rtimer - t; ring S = {field},(y(1..{n})),dp{minimal}; ideal J = imap(R,J); "
    if question == "degree":
        body += 'J = std(J); "@ " + string(u); "@ " + string(mult(J)); quit;'
    else:
        body += "J = minbase(J); int i; intvec d; "
        body += "for (i = 1; i <= ncols(J); i++) { d[i] = deg(J[i]); } "
        body += '"@ " + string(u); "@ " + string(d); quit;'
    return start + body


def run(command: list[str], script: str | None, limit: float) -> tuple[float, str] | None:
    """Seconds and the answer, or None when the time is over."""
    try:
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line[2:] for line in done.stdout.splitlines() if line.startswith("@ ")]
    if len(lines) < 2:
        raise SystemExit(done.stdout + done.stderr)
    return float(lines[0]), lines[1]


def with_algattn(question: str, name: str, texts: list[str], most: int) -> tuple[float, Any, str]:
    """Seconds, the answer and its status, in this process."""
    from algattn import PolynomialMap
    from algattn.exact import NumberField

    def ask(phi: Any, most: int, point: Any) -> Any:
        if question == "equations":
            return phi.equations(most)
        if question == "degree":
            return phi.image_degree()
        if question == "rank":
            from algattn.dimension.maps import jacobian_rank

            return jacobian_rank(phi, 0, PRIME)
        return phi.dimension() if question == "dimension" else phi.fiber(point)

    root = NumberField([-2, 0, 1], 1) if any("theta" in t for t in texts) else None
    ask(PolynomialMap(["s^2", "s*t", "t^2"]), 2, [1, 2])  # imports what it needs
    phi = PolynomialMap(texts, field=root)
    start = time.perf_counter()
    found = ask(phi, most, POINTS.get(name))
    seconds = time.perf_counter() - start
    if question == "rank":
        return seconds, found, "a lower bound"
    if question == "equations":
        answer: Any = sorted(d for d, n in found.counts.items() for _ in range(n))
    else:
        answer = sorted(found.component_dimensions) if question == "fiber" else found.value
    return seconds, answer, found.status.name


def spelled(question: str, answer: str) -> Any:
    """The answer of a system as that of algattn."""
    if question in ("degree", *RANKS):
        return int(answer)
    return sorted(int(x) for x in answer.strip("{}").split(",") if x.strip() and int(x) >= 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for each question")
    parser.add_argument("--case", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case is not None:
        seconds, answer, status = with_algattn(*CASES[options.case])
        print(f"@ {seconds}\n@ {json.dumps([answer, status])}")
        return 0
    good = True
    systems = {
        "Macaulay2": (["M2", "--silent", "--stop", "-q"], with_macaulay2),
        "Singular": (["Singular", "-q", "--no-rc"], with_singular),
    }
    for number, case in enumerate(CASES):
        question, name, *_ = case
        ours = run([sys.executable, __file__, "--case", str(number)], None, options.limit + 20)
        if ours is None:
            print(f"{question}, {name}: algattn over {options.limit:.0f} s", flush=True)
            continue
        answer, status = json.loads(ours[1])
        many = isinstance(answer, list) and len(answer) > 8
        shown = f"{len(answer)} of degree {answer[-1]}" if many else answer
        print(f"{question}, {name}: {shown} [{status}]; algattn {ours[0]:.3f} s", flush=True)
        for system, (command, write) in systems.items():
            if shutil.which(command[0]) is None:
                continue
            theirs = run(command, write(*case), options.limit + 5)  # 5 for its start
            if theirs is None:
                ratio = options.limit / ours[0]
                print(f"    {system}: over {options.limit:.0f} s; ratio above {ratio:.1f}")
                continue
            seconds = theirs[0] / (1000 if system == "Singular" else 1)
            same = spelled(question, theirs[1]) == answer
            good = good and same
            verdict = "same answer" if same else f"DIFFERENT: {theirs[1][:80]}"
            ratio = seconds / ours[0]
            print(f"    {system}: {seconds:.3f} s, {verdict}; ratio {ratio:.2f}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
