"""Hilbert series of ideals of one layer, by elimination in Singular and in Macaulay2.

Knows nothing of algattn: the coefficients of (Vx)(x^T A y), or of (x^T S x) Vx for one token, are
written down here, the parameters eliminated with weights, and both systems asked for dimension,
degree and the numerator of the Hilbert series (denominator (1 - T)^N).  Where both finish they
have to agree.  Writes hilbert.json next to this file.

    python tests/oracles/ideal/make_oracle.py
"""

from __future__ import annotations

import json
import subprocess
from itertools import combinations_with_replacement, permutations
from pathlib import Path

LIMIT = 120
SHAPES = [
    (1, 2, 1, 2),
    (2, 1, 1, 2),
    (2, 1, 2, 2),
    (2, 2, 1, 2),
    (2, 2, 2, 2),
    (2, 3, 1, 2),
    (3, 1, 1, 2),
    (3, 1, 3, 2),
    (2, 1, 1, 1),
    (2, 2, 1, 1),
    (3, 1, 1, 1),
]


def coordinates(d: int, e: int, a: int, t: int) -> tuple[list[str], list[str]]:
    """Names of the parameters, and the coefficients as text."""
    free = a >= d
    if free:
        A = [[f"a{i}{j}" for j in range(d)] for i in range(d)]
        names = [x for row in A for x in row]
    else:
        A = [
            ["(" + "+".join(f"k{x}{i}*q{x}{j}" for x in range(a)) + ")" for j in range(d)]
            for i in range(d)
        ]
        names = [f"{b}{x}{i}" for b in "kq" for x in range(a) for i in range(d)]
    names += [f"v{r}{i}" for r in range(e) for i in range(d)]
    out = []
    for r in range(e):
        if t == 1:
            for triple in combinations_with_replacement(range(d), 3):
                orders = set(permutations(triple))
                out.append("+".join(f"v{r}{i}*{A[j][k]}" for i, j, k in sorted(orders)))
            continue
        for i, j in combinations_with_replacement(range(d), 2):
            for k in range(d):
                terms = [f"v{r}{i}*{A[j][k]}"] + ([f"v{r}{j}*{A[i][k]}"] if i != j else [])
                out.append("+".join(terms))
    return names, out


def singular(d: int, e: int, a: int, t: int) -> dict[str, object]:
    names, images = coordinates(d, e, a, t)
    weight = 2 if a >= d else 3
    c = [f"c{n}" for n in range(len(images))]
    low, high = len(names), len(c)
    script = f"""
    LIB "elim.lib";
    ring T = 0, ({",".join(names + c)}), (a({",".join(["1"] * low + ["0"] * high)}),
      wp({",".join(["1"] * low + [str(weight)] * high)}));
    ideal G = {",".join(f"c{n}-({p})" for n, p in enumerate(images))};
    G = std(G);
    ideal J = nselect(G, 1..{low});
    ring U = 0, ({",".join(c)}), dp;
    ideal J = imap(T, J);
    J = std(J);
    print("ANSWER"); dim(J); mult(J); hilb(J, 1); print("END"); quit;
    """
    text = run(["Singular", "-q", "--no-rc"], script)
    body = text[text.index("ANSWER") :].split("END")[0].replace(",", " ").split()[1:]
    numbers = [int(x) for x in body]
    numerator = numbers[2:-1]
    while numerator and numerator[-1] == 0:
        numerator.pop()
    return {"dimension": numbers[0], "degree": numbers[1], "numerator": numerator}


def macaulay2(d: int, e: int, a: int, t: int) -> dict[str, object]:
    names, images = coordinates(d, e, a, t)
    c = [f"c{n}" for n in range(len(images))]
    script = f"""
    R = QQ[{",".join(names)}];
    S = QQ[{",".join(c)}];
    J = kernel map(R, S, {{{",".join(images)}}});
    h = numerator hilbertSeries J;
    print "ANSWER"; print dim J; print degree J;
    T = first gens ring h;
    print toString apply(1 + first degree h, i -> coefficient(T^i, h)); print "END";
    """
    text = run(["M2", "--script", "/dev/stdin"], script)
    body = text[text.index("ANSWER") :].split("END")[0].split("\n")
    return {
        "dimension": int(body[1]),
        "degree": int(body[2]),
        "numerator": [int(x) for x in body[3].strip("{} ").split(",")],
    }


def run(command: list[str], script: str) -> str:
    done = subprocess.run(
        command, input=script, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    return done.stdout


def main() -> None:
    found = []
    for shape in SHAPES:
        answers = {}
        for name, system in (("singular", singular), ("macaulay2", macaulay2)):
            try:
                answers[name] = system(*shape)
            except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
                print(shape, name, type(error).__name__)
        if not answers:
            continue
        first, *others = answers.values()
        if any(other != first for other in others):
            raise SystemExit(f"{shape}: the systems disagree: {answers}")
        print(shape, sorted(answers), first)
        found.append({"shape": shape, "systems": sorted(answers), **first})
    data = {"note": "shape is (d, d', a, t)", "ideals": found}
    target = Path(__file__).with_name("hilbert.json")
    target.write_text(json.dumps(data, indent=None).replace('{"shape"', '\n{"shape"') + "\n")


if __name__ == "__main__":
    main()
