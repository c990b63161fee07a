"""Singular as an engine (https://www.singular.uni-kl.de)."""

from __future__ import annotations

from algattn.engines.base import ProgramEngine
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.tasks import (
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
)
from algattn.engines.text import plain_names, write_polynomial
from algattn.engines.transcript import Facts, marker, read_facts
from algattn.errors import EngineOutputError

# ``quotient`` in a loop, because ``sat`` returns different things in different versions.
_PROCEDURES = r"""
proc say(string s) { print(MARK + s); }
proc sayall(string key, ideal I)
{
  int i;
  for (i = 1; i <= ncols(I); i++) { say(key + " " + string(I[i])); }
}
proc sayideal(ideal I)
{
  I = simplify(I, 2);
  if (size(I) == 0) { say("count 0"); return(); }
  say("count " + string(ncols(I)));
  sayall("poly", I);
}
proc without(ideal G, int k)
{
  int i; int j; int met;
  intvec e;
  ideal H;
  for (i = 1; i <= size(G); i++)
  {
    e = leadexp(G[i]);
    met = 0;
    for (j = 1; j <= k; j++) { if (e[j] > 0) { met = 1; } }
    if (met == 0) { H[ncols(H) + 1] = G[i]; }
  }
  return(H);
}
proc saturated(ideal I, poly f)
{
  ideal G = std(I);
  ideal H;
  while (1)
  {
    H = std(quotient(G, ideal(f)));
    if (size(reduce(H, G)) == 0) { return(G); }
    G = H;
  }
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
  P = std(P);
  if (absolute) { n = conjugates(P); }
  say("component " + string(dim(P)) + " " + string(mult(P)) + " " + string(n));
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

    def supports(self, task: Task) -> bool | str:
        p = task.ring.field.characteristic
        if p > 2147483647:
            return f"its prime fields end at 2147483647, and the field is GF({p})"
        if isinstance(task, MinimalPrimes) and task.absolute and p:
            return "it counts absolute components in characteristic 0 only"
        return True

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        script = self.script(task, nonce)
        return run_child([self.path(), "-q", "--no-rc"], stdin=script, limits=limits)

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
        head = f'string MARK = "{marker(nonce)}";\n' + _PROCEDURES
        if isinstance(task, MinimalPrimes | PrimaryDecomposition):
            head = 'LIB "primdec.lib";\n' + head
        names = plain_names(task.ring)
        order = _order(task, names)
        listed = ",\n".join(write_polynomial(g, names) for g in task.generators)
        body = (
            f"option(redSB); option(noredefine);\n"
            f"ring R = {task.ring.field.characteristic}, ({', '.join(_sorted(task, names))}), "
            f"{order};\nshort = 0;\nideal I =\n{listed};\n"
        )
        return head + body + _question(task, names) + '\nsay("end");\nquit;\n'


def _sorted(task: Task, names: tuple[str, ...]) -> list[str]:
    """The variables, those to eliminate first."""
    if not isinstance(task, Elimination):
        return list(names)
    gone = set(task.eliminate)
    pairs = list(zip(task.ring.names, names, strict=True))
    return [x for n, x in pairs if n in gone] + [x for n, x in pairs if n not in gone]


def _order(task: Task, names: tuple[str, ...]) -> str:
    if isinstance(task, Elimination):
        weight = dict(zip(names, task.weights, strict=True))
        w = [weight[x] for x in _sorted(task, names)]
        k = len(task.eliminate)
        return f"({_block('dp', w[:k])}, {_block('dp', w[k:])})"
    if isinstance(task, GroebnerBasis):
        n = len(names)
        if task.order == "lex":
            return f"lp({n})"
        return _block("dp" if task.order == "degrevlex" else "Dp", list(task.weights))
    if isinstance(task, HilbertSeries):
        return _block("dp", list(task.weights))
    return "dp"


def _block(order: str, weights: list[int]) -> str:
    """A block of an order: dp or Dp, with weights wp or Wp."""
    if set(weights) == {1}:
        return f"{order}({len(weights)})"
    weighted = {"dp": "wp", "Dp": "Wp"}[order]
    return f"{weighted}({','.join(map(str, weights))})"


def _question(task: Task, names: tuple[str, ...]) -> str:
    if isinstance(task, GroebnerBasis):
        return "sayideal(std(I));"
    if isinstance(task, Elimination):
        bound = f"degBound = {task.degree_bound};\n" if task.degree_bound is not None else ""
        return (
            f"{bound}ideal G = std(I);\ndegBound = 0;\nsayideal(without(G, {len(task.eliminate)}));"
        )
    if isinstance(task, Saturation):
        return f"sayideal(saturated(I, {write_polynomial(task.by, names)}));"
    if isinstance(task, Membership):
        f = write_polynomial(task.polynomial, names)
        return f'poly f = {f};\nsay("bool " + string(reduce(f, std(I)) == 0));'
    if isinstance(task, HilbertSeries):
        w = ",".join(map(str, task.weights))
        return (
            f"intvec w = {w};\nintvec h = hilb(std(I), 1, w);\nint i;\nstring s;\n"
            'for (i = 1; i < size(h); i++) { s = s + " " + string(h[i]); }\nsay("ints" + s);'
        )
    if isinstance(task, Dimension):
        return 'say("int " + string(dim(std(I))));'
    if isinstance(task, Degree):
        return (
            'ideal G = std(I);\nif (dim(G) < 0) { say("int 0"); } '
            'else { say("int " + string(mult(G))); }'
        )
    if isinstance(task, MinimalPrimes):
        return (
            "list L = minAssGTZ(I);\nint i; int n;\n"
            "for (i = 1; i <= size(L); i++) { if (dim(std(L[i])) >= 0) "
            f"{{ n++; saycomponent(L[i], {int(task.absolute)}); }} }}\n"
            'say("count " + string(n));'
        )
    return (
        "list L = primdecGTZ(I);\nint i; int n;\n"
        "for (i = 1; i <= size(L); i++) { if (dim(std(L[i][2])) >= 0) "
        '{ n++; saycomponent(L[i][2], 0); sayall("primary", std(L[i][1])); } }\n'
        'say("count " + string(n));'
    )
