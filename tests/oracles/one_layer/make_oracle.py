"""Independent oracle data for one lightning attention layer, computed with Singular.

One layer is ``X -> V X X^T A X`` with ``A = K^T Q``, ``K, Q`` of shape (a, d) and ``V`` of shape
(d', d).  This script shares no code and no formula with the package it is used to test: Singular
multiplies the matrices out, reads off the coefficients, and decomposes or eliminates.

Three files are written next to this script:

``fibers.json``
    The fiber {phi(W') = phi(W)} for many integer weights W, in the unknowns (A', V') together with
    the (a+1)-minors of A' ("AV"), or in (K', Q', V') ("QKV").
``jacobians.json``
    The complete ideal of the Zariski closure of the image, by elimination, and the rank of its
    Jacobian at many integer weights.
``sections.json``
    {A : A + A^T = 2S, rank A <= a} and {(K, Q) : K^T Q + Q^T K = 2S}, next to a claimed dimension
    and a claimed number of components over C.

What did not finish within its time limit is null, never guessed.  Only those nulls depend on the
speed of the machine: the weights depend on the seed alone, everything else is exact.

Usage: ``python make_oracle.py [--part fibers|jacobians|sections] [--seed 1] [--out DIR]``
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import time
from math import comb
from pathlib import Path

MARK = "@@"

# Singular procedures shared by all scripts.  ``analyse`` prints one line per finished fact, so a
# run that is stopped by its time limit still tells what it had found by then.
PRELUDE = r"""
LIB "primdec.lib";
option(redSB); option(noredefine);
proc say(string s) { print("@@" + s); }
proc overC(ideal P)
{
  def B = basering;
  int j; int n;
  def T = absPrimdecGTZ(P);
  setring T;
  for (j = 1; j <= size(absolute_primes); j++) { n = n + absolute_primes[j][2]; }
  setring B;
  return(n);
}
proc analyse(ideal I, int scheme)
{
  int i; int n; int q; int r;
  ideal G = std(I);
  say("dim " + string(dim(G)));
  list L = minAssGTZ(G);
  ideal P; ideal N;
  n = size(L);
  string dims; string degs;
  for (i = 1; i <= n; i++)
  {
    L[i] = std(L[i]);
    dims = dims + " " + string(dim(L[i]));
    degs = degs + " " + string(mult(L[i]));
  }
  say("degs" + degs);
  say("dims" + dims);
  string c;
  for (i = 1; i <= n; i++)
  {
    P = L[i];
    q = overC(P);
    c = c + " " + string(q);
  }
  say("overC" + c);
  if (scheme == 0) { return(); }
  N = L[1];
  for (i = 2; i <= n; i++) { N = intersect(N, L[i]); }
  r = (size(reduce(N, G)) == 0);
  say("radical " + string(r));
  c = "";
  for (i = 1; i <= n; i++)
  {
    if (r == 0)
    {
      P = L[i];
      N = quotient(G, P);
      q = (size(reduce(N, P)) > 0);
    }
    else { q = 1; }
    c = c + " " + string(q);
  }
  say("reduced" + c);
}
"""


def run_singular(body: str, limit: float) -> tuple[dict[str, list[str]], bool]:
    """Run a script; return the marked facts as {key: list of lines} and whether it reached the end.

    The end marker, not the exit status, tells success.  Singular reports errors on stdout.
    """
    script = PRELUDE + body + '\nsay("end");\nquit;\n'
    try:
        done = subprocess.run(
            ["Singular", "-q", "--no-rc"],
            input=script,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
        out = done.stdout
    except subprocess.TimeoutExpired as stop:
        out = (stop.stdout or b"").decode()
    errors = [line for line in out.splitlines() if line.strip().startswith("? ")]
    if errors:
        raise RuntimeError("Singular: " + " / ".join(errors[:3]))
    facts: dict[str, list[str]] = {}
    for line in out.splitlines():
        if line.startswith(MARK):
            key, _, rest = line[len(MARK) :].partition(" ")
            facts.setdefault(key, []).append(rest)
    return facts, "end" in facts


def ints(facts: dict[str, list[str]], key: str) -> list[int] | None:
    """The integers printed after a key, or None when that line never came."""
    return [int(word) for word in facts[key][0].split()] if key in facts else None


def decomposition(facts: dict[str, list[str]]) -> dict:
    """The answers of ``analyse`` as a dictionary with null for what did not finish."""
    dim, dims, over_c = ints(facts, "dim"), ints(facts, "dims"), ints(facts, "overC")
    radical, reduced = ints(facts, "radical"), ints(facts, "reduced")
    order = sorted(range(len(dims)), key=lambda i: (-dims[i], i)) if dims is not None else []

    def put(values: list[int] | None) -> list[int] | None:
        return None if values is None or dims is None else [values[i] for i in order]

    counts = put(over_c)
    return {
        "dim": dim[0] if dim else None,
        "components_Q": len(dims) if dims is not None else None,
        "dims_Q": put(dims),
        "degrees_Q": put(ints(facts, "degs")),
        "conjugates": counts,
        "components_C": sum(counts) if counts is not None else None,
        "dims_C": None
        if counts is None
        else [dim for dim, n in zip(put(dims), counts, strict=True) for _ in range(n)],
        "radical": bool(radical[0]) if radical else None,
        "generically_reduced": [bool(v) for v in put(reduced)] if reduced else None,
    }


def matrix(name: str, rows: int, cols: int, entries: list) -> str:
    """Singular source of a matrix."""
    return f"matrix {name}[{rows}][{cols}] = {', '.join(str(e) for e in entries)};\n"


def flat(rows: list[list[int]]) -> list[int]:
    return [e for row in rows for e in row]


# Weights ------------------------------------------------------------------------------------------


def product(k: list[list[int]], q: list[list[int]]) -> list[list[int]]:
    """K^T Q."""
    d = len(k[0])
    return [[sum(k[s][i] * q[s][j] for s in range(len(k))) for j in range(d)] for i in range(d)]


def rank(rows: list[list[int]]) -> int:
    """Rank over Q by fraction-free elimination."""
    work, found = [list(r) for r in rows], 0
    for col in range(len(work[0])):
        pivot = next((i for i in range(found, len(work)) if work[i][col]), None)
        if pivot is None:
            continue
        work[found], work[pivot] = work[pivot], work[found]
        top = work[found]
        for i in range(found + 1, len(work)):
            f = work[i][col]
            work[i] = [top[col] * x - f * y for x, y in zip(work[i], top, strict=True)]
        found += 1
    return found


def outer(h: list[int], v: list[int]) -> list[list[int]]:
    return [[x * y for y in v] for x in h]


class Sampler:
    """Seeded small integer vectors and matrices of prescribed rank."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def full(self, rows: int, cols: int, size: int = 3) -> list[list[int]]:
        while True:
            m = [[self.rng.randint(-size, size) for _ in range(cols)] for _ in range(rows)]
            if rank(m) == min(rows, cols):
                return m

    def vector(self, d: int, *avoid: list[int]) -> list[int]:
        """A nonzero vector parallel to none of those to avoid (as far as d allows)."""
        while True:
            v = [self.rng.randint(-2, 2) for _ in range(d)]
            if any(v) and (d == 1 or all(rank([v, w]) == 2 for w in avoid)):
                return v

    def of_rank(self, r: int, a: int, d: int) -> tuple[list[list[int]], list[list[int]]]:
        """K, Q of shape (a, d) with rank(K^T Q) = r."""
        while True:
            k, q = self.full(a, d, 2), self.full(a, d, 2)
            for s in range(r, a):
                if self.rng.random() < 0.5:
                    k[s] = [0] * d
                else:
                    q[s] = [0] * d
            if rank(product(k, q)) == r:
                return k, q


def zeros(rows: int, cols: int) -> list[list[int]]:
    return [[0] * cols for _ in range(rows)]


def pad(rows: list[list[int]], a: int, d: int) -> list[list[int]]:
    return [list(r) for r in rows] + zeros(a - len(rows), d)


def weights_t2(s: Sampler, d: int, dp: int, a: int) -> list[dict]:
    """Weights of every stratum of the layer for t = 2."""
    out: list[dict] = []

    def add(name: str, k: list, q: list, v: list) -> None:
        out.append({"t": 2, "d": d, "dp": dp, "a": a, "stratum": name, "K": k, "Q": q, "V": v})

    top = min(a, d)
    for r in range(1, top + 1):
        for w in range(1, min(dp, d) + 1):
            if (r, w) == (1, 1):
                continue
            k, q = s.of_rank(r, a, d)
            v = s.full(dp, d) if w == min(dp, d) else outer(s.vector(dp), s.vector(d))
            if w == 2 and w < min(dp, d):
                while rank(v) != 2:
                    v = [s.vector(d), s.vector(d)] + [[0] * d for _ in range(dp - 2)]
            add(f"rank A={r}, rank V={w}", k, q, v)
    k, q = s.vector(d), s.vector(d)
    v = s.vector(d, k)
    h = s.vector(dp)

    def pair(name: str, k: list, q: list, v: list) -> None:
        add(f"rank one pair, {name}", pad([k], a, d), pad([q], a, d), outer(h, v))

    pair("v=k", k, s.vector(d, k), k)
    if d > 1:
        pair("v not parallel to k", k, s.vector(d, k, v), v)
        pair("v=-2k, q=k", k, k, [-2 * e for e in k])
        pair("v not parallel to k, q=v", k, v, v)
        pair("v not parallel to k, q=k", k, k, v)
    if a > 1 and d > 1:
        kk, qq = s.of_rank(1, a, d)
        add("rank one A, hidden rows", kk, qq, outer(h, s.vector(d)))
        kk, qq = s.of_rank(0, a, d)
        add("A=0, K and Q not", kk, qq, s.full(dp, d))
    add("A=0, K=Q=0", zeros(a, d), zeros(a, d), s.full(dp, d))
    k2, q2 = s.of_rank(top, a, d)
    add("V=0", k2, q2, zeros(dp, d))
    return out


def weights_t1(s: Sampler, d: int, dp: int, a: int) -> list[dict]:
    """Weights with sym(A) of every rank and signature for t = 1."""
    e = [[int(i == j) for j in range(d)] for i in range(d)]
    x = e[0]
    y = e[1] if d > 1 else None
    z = e[2] if d > 2 else None

    def times(c: int, v: list[int]) -> list[int]:
        return [c * t for t in v]

    # name, pairs (l, m) with x^T A x = sum l m, vectors v worth testing against it
    forms: list[tuple[str, list[tuple[list, list]], list]] = [
        ("A=0", [], [x]),
        ("l^2", [(x, x)], [x] + ([y] if y else [])),
        ("-l^2", [(x, times(-1, x))], [x]),
    ]
    if y:
        two = [c + t for c, t in zip(x, y, strict=True)]
        forms += [
            ("skew A", [(x, y), (times(-1, y), x)], [x]),
            ("l1 l2", [(x, y)], [x, y, two]),
            ("l1 l2, other coordinates", [(two, [2, -1] + [0] * (d - 2))], [two, x]),
            ("x^2+y^2", [(x, x), (y, y)], [x, two]),
            ("-x^2-y^2", [(x, times(-1, x)), (y, times(-1, y))], [y]),
            ("x^2-2y^2", [(x, x), (y, times(-2, y))], [x]),
            ("x^2+y^2 plus skew", [(x, two), (y, [-1, 1] + [0] * (d - 2))], [x]),
            ("x^2-y^2 as a sum", [(x, x), (y, times(-1, y))], [two]),
            ("l^2 plus skew", [(x, two), (times(-1, y), x)], [y]),
        ]
    if z:
        forms += [
            ("xy+z^2", [(x, y), (z, z)], [x]),
            ("xy-z^2", [(x, y), (z, times(-1, z))], [y]),
            ("l1 l2, v outside", [(x, y)], [z]),
            ("x^2+y^2, v outside", [(x, x), (y, y)], [z]),
            ("x^2+y^2+z^2", [(x, x), (y, y), (z, z)], [x]),
            ("x^2+y^2-2z^2", [(x, x), (y, y), (z, times(-2, z))], [z]),
        ]
    out: list[dict] = []
    for name, pairs, vs in forms:
        if len(pairs) > a:
            continue
        k, q = pad([p[0] for p in pairs], a, d), pad([p[1] for p in pairs], a, d)
        vectors = [(f"rank V=1, v={v}", outer(s.vector(dp), v)) for v in vs]
        if min(dp, d) > 1:
            vectors = [*vectors[:2], ("rank V=2 or more", s.full(dp, d))]
        for label, v in vectors:
            out.append(
                {"t": 1, "d": d, "dp": dp, "a": a, "stratum": f"sym(A): {name}; {label}"}
                | {"K": k, "Q": q, "V": v}
            )
        if name == "l1 l2":
            out.append(
                {"t": 1, "d": d, "dp": dp, "a": a, "stratum": f"sym(A): {name}; V=0"}
                | {"K": k, "Q": q, "V": zeros(dp, d)}
            )
    k, q = s.of_rank(min(a, d), a, d)
    out.append(
        {"t": 1, "d": d, "dp": dp, "a": a, "stratum": "generic", "K": k, "Q": q, "V": s.full(dp, d)}
    )
    return out


# Part A: fibers -----------------------------------------------------------------------------------


def fiber_script(w: dict, unknowns: str) -> str:
    """Singular source: the ideal of all coefficients of phi(W') - phi(W), then ``analyse``."""
    t, d, dp, a = w["t"], w["d"], w["dp"], w["a"]
    names = [f"v{i}{j}" for i in range(dp) for j in range(d)]
    if unknowns == "AV":
        weights = [f"m{i}{j}" for i in range(d) for j in range(d)]
    else:
        weights = [f"{c}{i}{j}" for c in "kq" for i in range(a) for j in range(d)]
    tokens = [f"x{i}{j}" for i in range(d) for j in range(t)]
    both = weights + names
    src = f"ring T = 0, ({', '.join(both + tokens)}), dp;\n"
    src += matrix("X", d, t, tokens) + matrix("V", dp, d, names)
    if unknowns == "AV":
        src += matrix("A", d, d, weights)
    else:
        src += matrix("K", a, d, weights[: a * d]) + matrix("Q", a, d, weights[a * d :])
        src += "matrix A = transpose(K) * Q;\n"
    src += matrix("K0", a, d, flat(w["K"])) + matrix("Q0", a, d, flat(w["Q"]))
    src += matrix("V0", dp, d, flat(w["V"]))
    src += "matrix F = V * X * transpose(X) * A * X;\n"
    src += "matrix F0 = V0 * X * transpose(X) * transpose(K0) * Q0 * X;\n"
    src += f"ideal I; int r; int c; int j; matrix C; poly mono = {' * '.join(tokens)};\n"
    src += f"""for (r = 1; r <= {dp}; r++) {{ for (c = 1; c <= {t}; c++) {{
  if (F[r, c] - F0[r, c] != 0)
  {{
    C = coef(F[r, c] - F0[r, c], mono);
    for (j = 1; j <= ncols(C); j++) {{ I = I, C[2, j]; }}
  }}
}} }}
"""
    if unknowns == "AV" and a < d:
        src += f"I = I + minor(A, {a + 1});\n"
    src += f"ring R = 0, ({', '.join(both)}), dp;\n"
    src += "ideal I = simplify(imap(T, I), 2 + 4 + 8);\nanalyse(I, 1);\n"
    return src


def fiber_weights(seed: int) -> list[dict]:
    s = Sampler(seed)
    t2 = [(1, 1, 1), (1, 2, 1), (1, 1, 2), (1, 3, 3), (2, 1, 1), (2, 2, 1), (2, 3, 1), (2, 1, 2)]
    t2 += [(2, 2, 2), (2, 1, 3), (2, 2, 4), (3, 1, 1), (3, 2, 1), (3, 1, 2), (3, 2, 2), (3, 1, 3)]
    t2 += [(3, 3, 1), (3, 3, 2), (3, 2, 3), (3, 3, 3), (3, 1, 4)]
    t1 = [(1, 1, 1), (1, 2, 2), (2, 1, 1), (2, 2, 1), (2, 1, 2), (2, 2, 2), (2, 1, 3), (2, 3, 2)]
    t1 += [(3, 1, 1), (3, 2, 1), (3, 1, 2), (3, 2, 2), (3, 1, 3), (3, 2, 4)]
    out = [w for shape in t2 for w in weights_t2(s, *shape)]
    return out + [w for shape in t1 for w in weights_t1(s, *shape)]


def make_fibers(args: argparse.Namespace) -> dict:
    """Part A."""
    entries: list[dict] = []
    weights = fiber_weights(args.seed)
    jobs = [("AV", w) for w in weights]
    small = [w for w in weights if 2 * w["a"] * w["d"] + w["dp"] * w["d"] <= args.max_qkv]
    jobs += [("QKV", w) for w in sorted(small, key=lambda w: 2 * w["a"] * w["d"] + w["dp"])]
    stop = {"AV": args.budget_av, "QKV": args.budget_qkv}
    spent = {"AV": 0.0, "QKV": 0.0}
    dropped = {"AV": 0, "QKV": 0}
    for unknowns, w in jobs[: args.limit]:
        if spent[unknowns] > stop[unknowns]:
            dropped[unknowns] += 1
            continue
        limit = args.limit_av if unknowns == "AV" else args.limit_qkv
        start = time.monotonic()
        facts, _ = run_singular(fiber_script(w, unknowns), limit)
        took = time.monotonic() - start
        spent[unknowns] += took
        answer = decomposition(facts)
        print(f"{unknowns} {w['t']}{w['d']}{w['dp']}{w['a']} {w['stratum']}: {took:.1f}s", end=" ")
        print(answer["dims_Q"], answer["dims_C"], answer["generically_reduced"], flush=True)
        if answer["components_Q"] is None:
            dropped[unknowns] += 1
            continue
        entries.append({"unknowns": unknowns} | w | answer)
    return {"seed": args.seed, "not_finished": dropped, "entries": entries}


# Part B: Jacobians of complete ideals -------------------------------------------------------------


Shape = tuple[int, int, int, int]  # (d, d', a, t)


def coordinates(d: int, dp: int, t: int) -> list[tuple]:
    """(row, monomial) of every coefficient; indices from 0, monomials as index tuples.

    t = 2: (r, i, j, k) with i <= j is the coefficient of x_i x_j y_k in row r of column 2, where
    x, y are the two tokens.  t = 1: (r, i, j, k) with i <= j <= k, that of x_i x_j x_k.
    """
    return [
        (r, i, j, k)
        for r in range(dp)
        for i in range(d)
        for j in range(i, d)
        for k in range(d if t == 2 else 0) or range(j, d)
    ]


def image_source(d: int, dp: int, t: int, output: str, target: str) -> str:
    """Singular source: list ``target`` of the coefficients of the layer with output matrix name."""
    src = f"ideal {target};\n"
    for n, (r, i, j, k) in enumerate(coordinates(d, dp, t), 1):
        exps = [[0] * t for _ in range(d)]
        exps[i][0] += 1
        exps[j][0] += 1
        exps[k][t - 1] += 1
        src += f"{target}[{n}] = pick({output}[{r + 1}, {t}], intvec({str(flat(exps))[1:-1]}));\n"
    return src


def make_ideal(shape: Shape, points: list[dict], limit: float) -> dict | None:
    """Eliminate, then rank the Jacobian at the points; None when the time limit strikes."""
    d, dp, a, t = shape
    coords = coordinates(d, dp, t)
    big_n = len(coords)
    names = [f"v{i}{j}" for i in range(dp) for j in range(d)]
    # The closure of the image is that of the image of any dense set of weights.  Take the set where
    # the first a columns of K are independent (then K -> gK, Q -> g^{-T} Q makes them the unit
    # matrix and leaves A alone) and A_00 is not 0 (then A -> A / c, V -> c V makes it 1).
    # Homogeneous with x_i of weight i: A_ij has weight i + j, V_ri weight i + 1.
    short = a < d
    if short:
        k_entries = [f"k{s}{i}" if i >= a else str(int(s == i)) for s in range(a) for i in range(d)]
        q_entries = [f"q{s}{j}" if s + j else "1" for s in range(a) for j in range(d)]
        grades = {f"k{s}{i}": i - s for s in range(a) for i in range(a, d)}
        grades |= {f"q{s}{j}": s + j for s in range(a) for j in range(d) if s + j}
    else:
        m_entries = [f"m{i}{j}" if i + j else "1" for i in range(d) for j in range(d)]
        grades = {f"m{i}{j}": i + j for i in range(d) for j in range(d) if i + j}
    weights = list(grades)
    source = list(grades.values()) + [i + 1 for i in range(d)] * dp
    degree = [i + j + k + 1 for _, i, j, k in coords]
    both = weights + names
    tokens = [f"x{i}{j}" for i in range(d) for j in range(t)]
    p = len(both)
    # pick(f, e): the coefficient in f, over the ring of weights, of the token monomial with
    # exponents e; tokens are the variables after the first p.
    src = f"""
proc pick(poly f, intvec e)
{{
  int i; poly g = f; matrix M;
  for (i = 1; i <= size(e); i++)
  {{
    M = coeffs(g, var({p} + i));
    if (nrows(M) <= e[i]) {{ return(poly(0)); }}
    g = M[e[i] + 1, 1];
  }}
  return(g);
}}
ring T = 0, ({", ".join(both + tokens)}), dp;
"""
    src += matrix("X", d, t, tokens) + matrix("V", dp, d, names)
    if short:
        src += matrix("K", a, d, k_entries) + matrix("Q", a, d, q_entries)
        src += "matrix A = transpose(K) * Q;\n"
    else:
        src += matrix("A", d, d, m_entries)
    src += "matrix F = V * X * transpose(X) * A * X; int i; int j;\n"
    src += image_source(d, dp, t, "F", "image_")
    # weight of c(i) = weight of its image; the vector a(...) makes it an elimination order
    block = ",".join(["1"] * p + ["0"] * big_n)
    homog = ",".join(str(n) for n in source + degree)
    src += f"ring E = 0, ({', '.join(both)}, c(1..{big_n})), (a({block}), wp({homog}));\n"
    src += "ideal image_ = imap(T, image_); ideal I; int i;\n"
    src += f"for (i = 1; i <= {big_n}; i++) {{ I[i] = c(i) - image_[i]; }}\n"
    src += f"ideal G = nselect(std(I), 1..{p});\n"
    src += f"ring R = 0, (c(1..{big_n})), dp;\n"
    src += "ideal G = minbase(imap(E, G)); ideal S = std(G); int i; int j;\n"
    src += """say("dim " + string(dim(S))); say("degree " + string(mult(S)));
for (i = 1; i <= size(G); i++) { say("gen " + string(deg(G[i]))); }
matrix J = jacob(G);
"""
    for w in points:
        n = w["n"]
        src += "setring T;\n" + matrix(f"K{n}", a, d, flat(w["K"]))
        src += matrix(f"Q{n}", a, d, flat(w["Q"])) + matrix(f"V{n}", dp, d, flat(w["V"]))
        src += f"matrix F{n} = V{n} * X * transpose(X) * transpose(K{n}) * Q{n} * X;\n"
        src += image_source(d, dp, t, f"F{n}", f"at{n}")
        # the last entry only keeps zeros before it from being dropped
        src += f"""setring R;
ideal at{n} = imap(T, at{n}); at{n}[{big_n + 1}] = 1;
map f{n} = R, at{n}[1..{big_n}];
say("at " + string(at{n}));
"""
        src += f"""if (size(G) == 0) {{ say("rank 0"); }}
else
{{
  if (size(f{n}(G)) > 0) {{ say("notonimage"); }}
  say("rank " + string(rank(f{n}(J))));
}}
"""
    facts, done = run_singular(src, limit)
    if not done:
        return None
    if "notonimage" in facts:
        raise RuntimeError("an equation does not vanish on the image")
    dim = int(facts["dim"][0])
    gens: dict[str, int] = {}
    for g in facts.get("gen", []):
        gens[g] = gens.get(g, 0) + 1
    if gens.pop("-1", 0):
        gens = {}
    ranks = [int(v) for v in facts["rank"]]
    answer = {"d": d, "dp": dp, "a": a, "t": t, "N": big_n, "dim": dim}
    answer |= {"degree": int(facts["degree"][0]), "generators_by_degree": gens}
    answer["points"] = [
        {"stratum": w["stratum"], "K": w["K"], "Q": w["Q"], "V": w["V"]}
        | {"image": [int(v) for v in at.split(",")[:big_n]]}
        | {"rank": r, "singular": r < big_n - dim}
        for w, r, at in zip(points, ranks, facts["at"], strict=True)
    ]
    return answer


def jacobian_points(s: Sampler, shape: Shape, count: int) -> list[dict]:
    """At least ``count`` weights: all strata, again and again with new numbers."""
    d, dp, a, t = shape
    out: list[dict] = []
    while len(out) < count:
        found = weights_t2(s, d, dp, a)
        if t == 1:
            if not out:
                found = weights_t1(s, d, dp, a)
            else:
                found = [w | {"stratum": "t=2 list: " + w["stratum"]} for w in found]
        out += [dict(w) for w in found]
    for n, w in enumerate(out):
        w["n"] = n
    return out


def make_jacobians(args: argparse.Namespace) -> dict:
    """Part B."""
    s = Sampler(args.seed + 1)
    shapes = [(2, 1, 1, 2), (2, 1, 2, 2), (2, 2, 1, 2), (2, 2, 2, 2), (3, 1, 1, 2)]
    shapes += [(2, 1, 1, 1), (2, 2, 1, 1), (2, 1, 2, 1), (2, 2, 2, 1), (3, 1, 1, 1)]
    shapes += [(1, 1, 1, 2), (1, 2, 1, 2), (2, 3, 1, 2), (2, 3, 2, 2), (1, 2, 1, 1), (2, 3, 1, 1)]
    shapes += [(3, 1, 3, 2), (3, 2, 1, 2), (3, 1, 2, 2), (3, 1, 2, 1), (3, 2, 1, 1)]
    done, skipped, spent = [], [], 0.0
    for shape in shapes[args.first : args.limit]:
        d, dp, a, t = shape
        points = jacobian_points(s, shape, args.points)
        if spent > args.budget_ideal:
            skipped.append({"d": d, "dp": dp, "a": a, "t": t, "limit_seconds": 0})
            continue
        start = time.monotonic()
        answer = make_ideal(shape, points, args.limit_ideal)
        took = time.monotonic() - start
        spent += took
        if answer is None:
            skipped.append({"d": d, "dp": dp, "a": a, "t": t, "limit_seconds": args.limit_ideal})
            print(f"ideal {d}{dp}{a} t={t}: not finished after {took:.0f}s", flush=True)
        else:
            done.append(answer)
            info = {k: v for k, v in answer.items() if k != "points"}
            bad = sorted({(p["stratum"], p["singular"]) for p in answer["points"]})
            print(f"ideal {info} {took:.1f}s\n   {bad}", flush=True)
    note = "indices from 0; image lists (row, i, j, k) in the order of coordinates() in the script"
    return {"seed": args.seed, "note": note, "shapes": done, "skipped": skipped}


# Part C: sections ---------------------------------------------------------------------------------


def isotropic(rho: int, d: int, r: int) -> int:
    """Dimension of the n0 further columns, claimed: j(2m-3j-1)/2 + j n0."""
    m, n0 = 2 * r - rho, d - rho
    j = min(n0, m // 2)
    return j * (2 * m - 3 * j - 1) // 2 + j * n0


def claimed_matrices(rho: int, d: int, a: int) -> tuple[int, int]:
    """Claimed (dimension, components over C) of {A + A^T = 2S, rank A <= a}."""
    if rho == 0:
        r = 2 * (min(a, d) // 2)
        return r * (2 * d - r - 1) // 2, 1
    dim = max(
        2 * r * rho - comb(rho + 1, 2) + isotropic(rho, d, r) - r * r
        for r in range((rho + 1) // 2, min(a, d) + 1)
    )
    return dim, 2 if rho % 2 == 0 and rho // 2 <= a <= d - rho // 2 else 1


def claimed_factors(rho: int, d: int, a: int) -> tuple[int, int]:
    """Claimed (dimension, components over C) of {K^T Q + Q^T K = 2S}."""
    m, n0 = 2 * a - rho, d - rho
    dim = 2 * a * rho - comb(rho + 1, 2) + isotropic(rho, d, a)
    return dim, 2 if m % 2 == 0 and n0 >= m // 2 else 1


def section_script(form: list[list[int]], a: int, kind: str) -> str:
    """Singular source: the ideal of the section of one kind, then ``analyse``."""
    d = len(form)
    s0 = flat(form)
    if kind == "A":
        # A = S + N with N skew: the unknowns are the entries of N above the diagonal
        names = [f"n{i}{j}" for i in range(d) for j in range(i + 1, d)] or ["n"]
        skew = [
            f"n{i}{j}" if i < j else (f"-n{j}{i}" if j < i else "0")
            for i in range(d)
            for j in range(d)
        ]
        src = f"ring R = 0, ({', '.join(names)}), dp;\n"
        src += matrix("S", d, d, s0) + matrix("N", d, d, skew)
        src += "matrix A = S + N;\n"
        src += f"ideal I = minor(A, {a + 1});\n" if a < d else "ideal I;\n"
        src += "I = I, n;\n" if d == 1 else ""
    else:
        names = [f"{c}{i}{j}" for c in "kq" for i in range(a) for j in range(d)]
        src = f"ring R = 0, ({', '.join(names)}), dp;\n"
        src += matrix("S", d, d, s0)
        src += matrix("K", a, d, names[: a * d]) + matrix("Q", a, d, names[a * d :])
        src += "matrix M = transpose(K) * Q; M = M + transpose(M) - 2 * S;\n"
        src += "ideal I = simplify(ideal(M), 2 + 4 + 8);\n"
    return src + "analyse(I, 0);\n"


def make_sections(args: argparse.Namespace) -> dict:
    """Part C."""

    def form(d: int, planes: int, diag: list[int]) -> list[list[int]]:
        """Hyperbolic planes 2xy, then a diagonal form, then zeros."""
        out = zeros(d, d)
        for p in range(planes):
            out[2 * p][2 * p + 1] = out[2 * p + 1][2 * p] = 1
        for i, c in enumerate(diag, 2 * planes):
            out[i][i] = c
        return out

    # split forms first: they decompose over Q as over C, so they finish more often
    forms = [(0, []), (0, [1]), (1, []), (1, [1]), (2, []), (2, [1])]
    forms += [(0, c) for c in ([1, 1], [1, -1], [1, -2], [1, 1, 1], [1, 1, -2])]
    forms += [(0, c) for c in ([1, -1, 1, -1], [1, 1, 1, 1], [1, 1, -1, 2])]
    jobs = [
        (kind, d, a, form(d, planes, diag), 2 * planes + len(diag))
        for kind in ("A", "KQ")
        for planes, diag in forms
        for d in range(1, 6)
        for a in range(1, 5)
        if 2 * planes + len(diag) <= min(d, 2 * a)
        and (a <= d if kind == "A" else d <= 4)
        # other diagonal forms (equal to these over C) only where they are likely to finish
        and (planes or len(diag) <= 1 or (d <= 4 if kind == "A" else d * a <= 4))
    ]
    jobs.sort(key=lambda job: (job[0], job[1] * job[2] if job[0] == "KQ" else job[1]))
    entries, wrong, open_ = [], [], []
    spent = {"A": 0.0, "KQ": 0.0}
    for kind, d, a, square, rho in jobs[: args.limit]:
        job = {"kind": kind, "d": d, "a": a, "S": square, "rank_S": rho}
        if spent[kind] > args.budget_sections:
            open_.append(job)
            continue
        start = time.monotonic()
        facts, _ = run_singular(section_script(square, a, kind), args.limit_sections)
        took = time.monotonic() - start
        spent[kind] += took
        answer = decomposition(facts)
        del answer["radical"], answer["generically_reduced"]
        dim, comps = (claimed_matrices if kind == "A" else claimed_factors)(rho, d, a)
        answer |= {"claimed_dim": dim, "claimed_components_C": comps}
        if answer["dim"] is None:
            open_.append(job)
            continue
        answer["agrees"] = answer["dim"] == dim and answer["components_C"] in (None, comps)
        entries.append(job | answer)
        if not answer["agrees"]:
            wrong.append(job)
        flag = "" if answer["agrees"] else "  <-- CLAIM FAILS"
        print(f"{kind} d={d} a={a} S={square}: {took:.1f}s {answer['dims_C']}", end=" ")
        print(answer["dims_Q"], f"dim {answer['dim']}, claimed {dim}, {comps}{flag}", flush=True)
    return {"entries": entries, "claim_fails": wrong, "not_finished": open_}


# Output -------------------------------------------------------------------------------------------


def dump(path: Path, data: dict) -> None:
    """One line per entry, so that a change shows as a small difference."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            inner = ",\n  ".join(json.dumps(v, separators=(",", ":")) for v in value)
            lines.append(f'"{key}": [\n  {inner}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=["fibers", "jacobians", "sections", "all"], default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--first", type=int, default=0, help="skip shapes (part B)")
    parser.add_argument("--limit", type=int, default=None, help="only the first jobs of a part")
    parser.add_argument("--points", type=int, default=40, help="weights per shape (part B)")
    parser.add_argument("--max-qkv", type=int, default=14, help="unknowns allowed in QKV")
    parser.add_argument("--limit-av", type=float, default=8, help="seconds for one AV fiber")
    parser.add_argument("--limit-qkv", type=float, default=15, help="seconds for one QKV fiber")
    parser.add_argument("--limit-ideal", type=float, default=100, help="seconds per elimination")
    parser.add_argument("--budget-ideal", type=float, default=150, help="seconds for part B")
    parser.add_argument("--limit-sections", type=float, default=10, help="seconds for one section")
    parser.add_argument("--budget-av", type=float, default=300, help="seconds for all AV fibers")
    parser.add_argument("--budget-qkv", type=float, default=200, help="seconds for all QKV fibers")
    parser.add_argument("--budget-sections", type=float, default=90, help="seconds, each kind")
    args = parser.parse_args()
    makers = {"fibers": make_fibers, "jacobians": make_jacobians, "sections": make_sections}
    args.out.mkdir(parents=True, exist_ok=True)
    for name, make in makers.items():
        if args.part in (name, "all"):
            dump(args.out / f"{name}.json", make(args))


if __name__ == "__main__":
    main()
