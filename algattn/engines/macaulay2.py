"""Macaulay2 as an engine (https://macaulay2.com)."""

from __future__ import annotations

from algattn.engines.base import ProgramEngine
from algattn.engines.capacity import INT32, Capacity
from algattn.engines.ideal_tasks import Cofactors, FreeResolution, Radical
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.reduction import COUNTS, as_basis
from algattn.engines.tasks import Elimination, GroebnerBasis, MinimalPrimes, Task
from algattn.engines.text import WHOLE, plain_names, sorted_names, write_polynomial
from algattn.engines.transcript import marker

_PROCEDURES = r"""
say = s -> (stdio << MARK << s << endl << flush);
sayall = (key, L) -> scan(L, f -> say(key | " " | toString f));
terms' = L -> sum(L, size);
sayideal = (head, key, L) -> (
  L = select(L, f -> f != 0);
  say(head | " " | toString(#L));
  sayall(key, L));
sayheads = L -> (
  if terms' L <= WHOLE then sayideal("count", "poly", L)
  else sayideal("count", "head", leadTerm \ L));
saymatrix = M -> (
  say("matrix " | toString numRows M | " " | toString numColumns M);
  scan(entries M, L -> sayall("entry", L)));
saycofactors = (J, f) -> (
  if f % gb J != 0 then say "matrix 0 0"
  else saymatrix transpose (matrix{{f}} // gens J));
saycomponent = P -> (
  say("component 0");
  sayall("prime", flatten entries gens gb P));
"""


class Macaulay2(ProgramEngine):
    """Groebner bases, elimination, decomposition; a second opinion.

    >>> Macaulay2().variable
    'ALGATTN_MACAULAY2'
    """

    name = "macaulay2"
    program = "M2"
    install = "apt-get install macaulay2"
    #: Exponents and weighted degrees have 32 bits, and an overflow is an error there.
    capacity = Capacity(degree=INT32 // 4, characteristic=32749)

    def supports(self, task: Task) -> bool | str:
        if isinstance(task, MinimalPrimes) and task.absolute:
            return "it does not count absolute components"
        return True

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        argv = [self.path(), "--script", "task.m2"]
        files = {"task.m2": self.script(task, nonce)}
        return run_child(argv, files=files, limits=limits, end=marker(nonce) + "end")

    def script(self, task: Task, nonce: str) -> str:
        """The program that Macaulay2 reads."""
        basis = as_basis(task)
        names = plain_names(basis.ring)
        p = basis.ring.field.characteristic
        field = f"ZZ/{p}" if p else "QQ"
        listed = ",\n".join(f"({write_polynomial(g, names)})_R" for g in basis.generators)
        head = (
            f'MARK = "{marker(nonce)}";\nWHOLE = {WHOLE};\n{_PROCEDURES}\n'
            f"R = {field}[{', '.join(sorted_names(basis))}{_options(basis, names)}];\n"
            f"I = ideal(\n{listed});\n"
        )
        question = _question(basis, isinstance(task, COUNTS))
        return head + question + '\nsay "end";\nexit 0\n'


def _options(task: Task, names: tuple[str, ...]) -> str:
    if isinstance(task, Elimination):
        weight = dict(zip(names, task.weights, strict=True))
        degrees = [str(weight[x]) for x in sorted_names(task)]
        k, w = len(task.eliminate), ", ".join(degrees)
        blocks = (f"GRevLex => {{{', '.join(d)}}}" for d in (degrees[:k], degrees[k:]))
        return f", Degrees => {{{w}}}, MonomialOrder => {{{', '.join(blocks)}}}"
    if isinstance(task, FreeResolution) and set(task.weights) != {1}:
        return f", Degrees => {{{', '.join(map(str, task.weights))}}}"
    if isinstance(task, GroebnerBasis):
        if task.order == "lex":
            return ", MonomialOrder => Lex"
        w = ", ".join(map(str, task.weights))
        if task.order == "deglex":
            return f", MonomialOrder => {{Weights => {{{w}}}, Lex => {len(names)}}}"
        if set(task.weights) != {1}:
            return f", Degrees => {{{w}}}"
    return ""


def _question(task: Task, brief: bool) -> str:
    whole = 'sayideal("count", "poly", flatten entries gens gb I)'
    if isinstance(task, GroebnerBasis):
        return "sayheads flatten entries gens gb I" if brief else whole
    if isinstance(task, Elimination):
        wanted = 'sayideal("count", "poly", flatten entries selectInSubring(1, G))'
        if task.degree_bound is not None:
            return f"G = gens gb(I, DegreeLimit => {task.degree_bound});\n{wanted}"
        return (
            f"G = gens gb I;\n{wanted};\nL = flatten entries G;\n"
            'if terms\' L <= WHOLE then sayideal("others", "also", select(L, f -> '
            f"any({len(task.eliminate)}, i -> (first exponents leadTerm f)#i > 0)))"
        )
    if isinstance(task, Cofactors):
        return "J = ideal select(I_*, f -> f != 0);\n" + "\n".join(
            f"saycofactors(J, ({write_polynomial(f, plain_names(task.ring))})_R);"
            for f in task.polynomials
        )
    if isinstance(task, Radical):
        return 'sayideal("count", "poly", flatten entries gens gb radical I)'
    if isinstance(task, FreeResolution):
        return "C = res I;\nscan(1..length C, i -> saymatrix C.dd_i)"
    if isinstance(task, MinimalPrimes):
        return (
            f"{whole};\nL = if I == ideal(1_R) then {{}} else minimalPrimes I;\n"
            'say("parts " | toString(#L));\nscan(L, saycomponent)'
        )
    return (
        f"{whole};\nL = if I == ideal(1_R) then {{}} else primaryDecomposition I;\n"
        'say("parts " | toString(#L));\n'
        'scan(L, Q -> (saycomponent radical Q; sayall("primary", flatten entries gens gb Q)))'
    )
