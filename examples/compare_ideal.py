"""Minimal equations of one layer with algattn and with Singular, in one run, ratios printed.

Singular eliminates the parameters from the graph, once in full and once up to the degree, with the
weights that make the graph homogeneous.  Only the time that Singular itself reports for the
Groebner basis counts, without its start and without the selection of minimal generators.  algattn
starts in a new process with cold caches, its imports are not timed, and its time includes minimal
generators and proofs.  The numbers of minimal generators by degree have to agree.  Where Singular
reaches the time limit the ratio is a lower bound.

The messages of some builds of Singular that they lack fast arithmetic are shown, because the ratios
depend on it.  Exits with status 1 when the sides differ.

    python examples/compare_ideal.py --limit 60
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

#: What Singular said about itself.
notes: set[str] = set()

#: (d, d', a), degree, and which forms of elimination in Singular are compared.
CASES: list[tuple[tuple[int, int, int], int, tuple[str, ...]]] = [
    ((2, 2, 2), 4, ("full", "bounded")),
    ((3, 1, 3), 4, ("full", "bounded")),
    ((3, 1, 2), 4, ("bounded",)),
    ((5, 1, 5), 4, ()),
    ((3, 3, 3), 4, ()),
    ((4, 1, 4), 5, ()),
]


def script(d: int, e: int, a: int, degree: int, bounded: bool) -> str:
    """The elimination in Singular's language."""
    if a >= d:
        names = [f"a{i}{j}" for i in range(d) for j in range(d)]
        A = [[f"a{i}{j}" for j in range(d)] for i in range(d)]
        weight = 2
    else:
        names = [f"{b}{x}{i}" for b in "kq" for x in range(a) for i in range(d)]
        A = [
            ["(" + "+".join(f"k{x}{i}*q{x}{j}" for x in range(a)) + ")" for j in range(d)]
            for i in range(d)
        ]
        weight = 3
    values = [f"v{r}{i}" for r in range(e) for i in range(d)]
    names = values + names if bounded else names + values  # what suits each form best
    graph = []
    for r in range(e):
        for i in range(d):
            for j in range(i, d):
                for k in range(d):
                    image = f"v{r}{i}*{A[j][k]}" + (f"+v{r}{j}*{A[i][k]}" if i < j else "")
                    graph.append(f"c{len(graph)}-({image})")
    low, high = len(names), len(graph)
    variables = names + [f"c{n}" for n in range(high)]
    weights = ["1"] * low + [str(weight)] * high
    order = f"wp({','.join(weights[:low])}), wp({','.join(weights[low:])})"
    bound = f"degBound = {weight * degree};" if bounded else ""
    return f"""
    LIB "elim.lib";
    ring R = 0, ({",".join(variables)}), ({order});
    ideal G = {",".join(graph)};
    {bound}
    system("--ticks-per-sec", 1000);
    int start = rtimer;
    G = std(G);
    int ticks = rtimer - start;
    ideal J = nselect(G, 1..{low});
    ring S = 0, ({",".join(variables[low:])}), dp;
    degBound = {degree if bounded else 0};
    ideal J = minbase(imap(R, J));
    intvec counts = 0:{degree};
    int i;
    int n;
    for (i = 1; i <= ncols(J); i++) {{
      n = deg(J[i]);
      if (n > 0) {{ if (n <= {degree}) {{ counts[n] = counts[n] + 1; }} }}
    }}
    "ANSWER"; ticks; counts; "END"; quit;
    """


def with_singular(
    shape: tuple[int, int, int], degree: int, form: str, limit: float
) -> tuple[dict[int, int] | None, float]:
    """Counts by degree (None when the time is over), and seconds."""
    try:
        done = subprocess.run(
            ["Singular", "-q", "--no-rc"],
            input=script(*shape, degree, form == "bounded"),
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, limit
    if "END" not in done.stdout:
        raise SystemExit(done.stdout)
    notes.update(line for line in done.stdout.splitlines() if line.startswith("// **"))
    ticks, rest = done.stdout.split("ANSWER")[1].strip().split("\n", 1)
    numbers = rest.split("END")[0].replace("\n", "").split(",")
    return {n + 1: int(x) for n, x in enumerate(numbers) if int(x)}, int(ticks) / 1000


def with_algattn(shape: tuple[int, int, int], degree: int) -> dict[str, Any]:
    """Time algattn in this process."""
    from algattn import Lightning
    from algattn.groebner.results import ideal

    d, e, a = shape
    net = Lightning(widths=(d, e), ranks=a)
    start = time.perf_counter()
    found = ideal(net, degree)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds,
        "peak": peak,
        "counts": found.counts,
        "status": found.status.name,
        "hash": found.hash,
    }


def in_child(shape: tuple[int, int, int], degree: int) -> dict[str, Any]:
    """Run algattn in a new process."""
    command = [sys.executable, __file__, "--case", *map(str, (*shape, degree))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    answer["counts"] = {int(k): n for k, n in answer["counts"].items()}
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each elimination")
    parser.add_argument("--case", type=int, nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        d, e, a, degree = options.case
        print(json.dumps(with_algattn((d, e, a), degree)))
        return 0
    good = True
    for shape, degree, forms in CASES:
        ours = in_child(shape, degree)
        counts = ours["counts"]
        print(
            f"(d, d', a) = {shape}, degree <= {degree}: {counts}, {ours['status']}; "
            f"algattn {ours['seconds']:.3f} s, peak {ours['peak']:.0f} MB",
            flush=True,
        )
        for form in forms:
            theirs, seconds = with_singular(shape, degree, form, options.limit)
            ratio = seconds / ours["seconds"]
            if theirs is None:
                print(f"    Singular, {form}: over {seconds:.0f} s; ratio above {ratio:.0f}")
                continue
            same = theirs == counts
            good = good and same
            verdict = "same counts" if same else f"DIFFERENT counts {theirs}"
            print(
                f"    Singular, {form}: {seconds:.2f} s, {verdict}; ratio {ratio:.0f}", flush=True
            )
    for note in sorted(notes):
        print(f"Singular says: {note}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
