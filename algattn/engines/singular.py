"""Singular as an engine (https://www.singular.uni-kl.de)."""

from __future__ import annotations

from algattn.engines.base import ProgramEngine
from algattn.engines.capacity import INT32, Capacity
from algattn.engines.ideal_tasks import Cofactors, FreeResolution, Radical
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.reduction import COUNTS, as_basis
from algattn.engines.tasks import (
    Elimination,
    GroebnerBasis,
    MinimalPrimes,
    PrimaryDecomposition,
    Task,
)
from algattn.engines.text import WHOLE, plain_names, sorted_names, write_polynomial
from algattn.engines.transcript import Facts, marker, read_facts
from algattn.errors import EngineOutputError

_PROCEDURES = r"""
proc say(string s) { print(MARK + s); }
proc sayall(string key, ideal I)
{
  int i;
  for (i = 1; i <= ncols(I); i++) { say(key + " " + string(I[i])); }
}
proc terms(ideal I)
{
  int i; int n;
  for (i = 1; i <= ncols(I); i++) { n = n + size(I[i]); }
  return(n);
}
proc sayideal(string head, string key, ideal I)
{
  I = simplify(I, 2);
  if (size(I) == 0) { say(head + " 0"); return(); }
  say(head + " " + string(ncols(I)));
  sayall(key, I);
}
proc sayheads(ideal I)
{
  if (terms(I) <= WHOLE) { sayideal("count", "poly", I); }
  else { sayideal("count", "head", lead(I)); }
}
proc saymatrix(matrix M)
{
  int i; int j;
  say("matrix " + string(nrows(M)) + " " + string(ncols(M)));
  for (i = 1; i <= nrows(M); i++)
  { for (j = 1; j <= ncols(M); j++) { say("entry " + string(M[i, j])); } }
}
proc saycofactors(ideal I, poly f)
{
  if (reduce(f, std(I)) != 0) { say("matrix 0 0"); return(); }
  saymatrix(transpose(matrix(lift(I, ideal(f)), ncols(I), 1)));
}
proc block(ideal G, int k, int wanted)
{
  int i; int j; int met;
  intvec e;
  ideal H;
  for (i = 1; i <= size(G); i++)
  {
    e = leadexp(G[i]);
    met = 0;
    for (j = 1; j <= k; j++) { if (e[j] > 0) { met = 1; } }
    if (met == wanted) { H[ncols(H) + 1] = G[i]; }
  }
  return(H);
}
proc conjugates(ideal P)
{
  int j; int n;
  def B = basering;
  system("random", 20240917);
  def T = absPrimdecGTZ(P);
  setring T;
  for (j = 1; j <= size(absolute_primes); j++) { n = n + absolute_primes[j][2]; }
  setring B;
  return(n);
}
proc saycomponent(ideal P, int absolute)
{
  int n;
  if (absolute) { n = conjugates(P); }
  say("component " + string(n));
  sayall("prime", P);
}
"""


class Singular(ProgramEngine):
    """Groebner bases in weighted orders, elimination, decomposition.

    >>> Singular().name
    'singular'
    """

    name = "singular"
    program = "Singular"
    install = (
        "apt-get install singular-ui singular-modules, "
        "or pip install --no-deps passagemath-singular"
    )
    pattern = r"version ([0-9]+(?:\.[0-9]+)+)"
    #: Exponents have 16 bits or more, by the number of variables; reading more is an error there.
    capacity = Capacity(degree=2**15 - 1, characteristic=INT32, variables=32767)

    def supports(self, task: Task) -> bool | str:
        if isinstance(task, MinimalPrimes) and task.absolute and task.ring.field.characteristic:
            return "it counts absolute components in characteristic 0 only"
        return True

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        script = self.script(task, nonce)
        argv = [self.path(), "-q", "--no-rc"]
        return run_child(argv, stdin=script, limits=limits, end=marker(nonce) + "end")

    def facts(self, task: Task, run: Run, nonce: str) -> Facts:
        """Singular goes on after an error, so one error line spoils the whole run."""
        found = read_facts(run.transcript, nonce)
        errors = [x for x in run.transcript.splitlines() if x.lstrip().startswith("? ")]
        if errors and run.stopped is None:
            raise EngineOutputError(
                f"{task.asked} with {self.name}",
                f"it reports an error: {errors[0].strip()[:200]!r} (exit status {run.status})",
                "read the transcript of this error, and report it with the task",
                run.transcript,
            )
        return found

    def script(self, task: Task, nonce: str) -> str:
        """The program that Singular reads."""
        basis = as_basis(task)
        head = f'string MARK = "{marker(nonce)}";\nint WHOLE = {WHOLE};\n' + _PROCEDURES
        if isinstance(basis, MinimalPrimes | PrimaryDecomposition | Radical):
            head = 'LIB "primdec.lib";\n' + head
        names = plain_names(basis.ring)
        listed = ",\n".join(write_polynomial(g, names) for g in basis.generators)
        body = (
            f"option(redSB); option(noredefine);\n"
            f"ring R = {basis.ring.field.characteristic}, ({', '.join(sorted_names(basis))}), "
            f"{_order(basis, names)};\nshort = 0;\nideal I =\n{listed};\n"
        )
        brief = isinstance(task, COUNTS)
        return head + body + _question(basis, brief) + '\nsay("end");\nquit;\n'


def _order(task: Task, names: tuple[str, ...]) -> str:
    if isinstance(task, Elimination):
        weight = dict(zip(names, task.weights, strict=True))
        w = [weight[x] for x in sorted_names(task)]
        k = len(task.eliminate)
        return f"({_block('dp', w[:k])}, {_block('dp', w[k:])})"
    if isinstance(task, FreeResolution):
        return _block("dp", list(task.weights))
    if isinstance(task, GroebnerBasis):
        n = len(names)
        if task.order == "lex":
            return f"lp({n})"
        return _block("dp" if task.order == "degrevlex" else "Dp", list(task.weights))
    return "dp"


def _block(order: str, weights: list[int]) -> str:
    """A block of an order: dp or Dp, with weights wp or Wp."""
    if set(weights) == {1}:
        return f"{order}({len(weights)})"
    weighted = {"dp": "wp", "Dp": "Wp"}[order]
    return f"{weighted}({','.join(map(str, weights))})"


def _question(task: Task, brief: bool) -> str:
    if isinstance(task, GroebnerBasis):
        return "sayheads(std(I));" if brief else 'sayideal("count", "poly", std(I));'
    if isinstance(task, Elimination):
        k = len(task.eliminate)
        wanted = f'sayideal("count", "poly", block(G, {k}, 0));'
        if task.degree_bound is not None:
            return f"degBound = {task.degree_bound};\nideal G = std(I);\ndegBound = 0;\n{wanted}"
        rest = f'if (terms(G) <= WHOLE) {{ sayideal("others", "also", block(G, {k}, 1)); }}'
        return f"ideal G = std(I);\n{wanted}\n{rest}"
    if isinstance(task, Cofactors):
        return "I = simplify(I, 2);\n" + "".join(
            f"saycofactors(I, {write_polynomial(f, plain_names(task.ring))});\n"
            for f in task.polynomials
        )
    if isinstance(task, Radical):
        return 'sayideal("count", "poly", std(radical(I)));'
    if isinstance(task, FreeResolution):
        return (
            "resolution C = mres(I, 0);\nint i;\n"
            "for (i = 1; size(C[i]) > 0; i++) { saymatrix(matrix(C[i])); "
            "if (i == nvars(R)) { break; } }"
        )
    known = 'sayideal("count", "poly", std(I));\n'
    if isinstance(task, MinimalPrimes):
        return known + (
            "list L = minAssGTZ(I);\nint i; int n; ideal P;\n"
            "for (i = 1; i <= size(L); i++) { P = std(L[i]); if (dim(P) >= 0) "
            f"{{ n++; saycomponent(P, {int(task.absolute)}); }} }}\n"
            'say("parts " + string(n));'
        )
    return known + (
        "list L = primdecGTZ(I);\nint i; int n; ideal P;\n"
        "for (i = 1; i <= size(L); i++) { P = std(L[i][2]); if (dim(P) >= 0) "
        '{ n++; saycomponent(P, 0); sayall("primary", std(L[i][1])); } }\n'
        'say("parts " + string(n));'
    )
