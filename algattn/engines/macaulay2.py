"""Macaulay2 as an engine (https://macaulay2.com)."""

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
from algattn.engines.transcript import marker

_PROCEDURES = r"""
say = s -> (stdio << MARK << s << endl << flush);
sayall = (key, L) -> scan(L, f -> say(key | " " | toString f));
sayideal = L -> (
  L = select(L, f -> f != 0);
  say("count " | toString(#L));
  sayall("poly", L));
saycomponent = P -> (
  say("component " | toString dim P | " " | toString degree ideal leadTerm P | " 0");
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

    def supports(self, task: Task) -> bool | str:
        p = task.ring.field.characteristic
        if p > 32749:
            return f"only its prime fields up to GF(32749) are used here, not GF({p})"
        if isinstance(task, MinimalPrimes) and task.absolute:
            return "it does not count absolute components"
        return True

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        argv = [self.path(), "--script", "task.m2"]
        return run_child(argv, files={"task.m2": self.script(task, nonce)}, limits=limits)

    def script(self, task: Task, nonce: str) -> str:
        """The program that Macaulay2 reads."""
        names = plain_names(task.ring)
        p = task.ring.field.characteristic
        field = f"ZZ/{p}" if p else "QQ"
        listed = ",\n".join(f"({write_polynomial(g, names)})_R" for g in task.generators)
        head = (
            f'MARK = "{marker(nonce)}";\n{_PROCEDURES}\n'
            f"R = {field}[{', '.join(_sorted(task, names))}{_options(task, names)}];\n"
            f"I = ideal(\n{listed});\n"
        )
        return head + _question(task, names) + '\nsay "end";\nexit 0\n'


def _sorted(task: Task, names: tuple[str, ...]) -> list[str]:
    if not isinstance(task, Elimination):
        return list(names)
    gone = set(task.eliminate)
    pairs = list(zip(task.ring.names, names, strict=True))
    return [x for n, x in pairs if n in gone] + [x for n, x in pairs if n not in gone]


def _options(task: Task, names: tuple[str, ...]) -> str:
    if isinstance(task, Elimination):
        weight = dict(zip(names, task.weights, strict=True))
        degrees = [str(weight[x]) for x in _sorted(task, names)]
        k = len(task.eliminate)
        return (
            f", Degrees => {{{', '.join(degrees)}}}, MonomialOrder => "
            f"{{Weights => {{{', '.join(['1'] * k + ['0'] * (len(names) - k))}}}, "
            f"Weights => {{{', '.join(degrees)}}}}}"
        )
    if isinstance(task, GroebnerBasis):
        if task.order == "lex":
            return ", MonomialOrder => Lex"
        w = ", ".join(map(str, task.weights))
        if task.order == "deglex":
            return f", MonomialOrder => {{Weights => {{{w}}}, Lex => {len(names)}}}"
        if set(task.weights) != {1}:
            return f", Degrees => {{{w}}}"
    if isinstance(task, HilbertSeries):
        return f", Degrees => {{{', '.join(map(str, task.weights))}}}"
    return ""


def _question(task: Task, names: tuple[str, ...]) -> str:
    if isinstance(task, GroebnerBasis):
        return "sayideal flatten entries gens gb I"
    if isinstance(task, Elimination):
        limit = f"(I, DegreeLimit => {task.degree_bound})" if task.degree_bound is not None else "I"
        return f"sayideal flatten entries selectInSubring(1, gens gb {limit})"
    if isinstance(task, Saturation):
        f = write_polynomial(task.by, names)
        return f"sayideal flatten entries gens gb saturate(I, ({f})_R)"
    if isinstance(task, Membership):
        f = write_polynomial(task.polynomial, names)
        return f'say("bool " | (if ({f})_R % I == 0 then "1" else "0"))'
    if isinstance(task, HilbertSeries):
        return (
            "h = poincare comodule I;\n"
            "T = (ring h)_0;\n"
            "high = if h == 0 then -1 else first degree h;\n"
            'say("ints" | concatenate apply(high + 1, i -> " " | toString coefficient(T^i, h)))'
        )
    if isinstance(task, Dimension):
        return 'say("int " | toString dim I)'
    if isinstance(task, Degree):
        return 'say("int " | (if I == ideal(1_R) then "0" else toString degree ideal leadTerm I))'
    if isinstance(task, MinimalPrimes):
        return (
            "L = if I == ideal(1_R) then {} else minimalPrimes I;\n"
            'scan(L, saycomponent);\nsay("count " | toString(#L))'
        )
    assert isinstance(task, PrimaryDecomposition)
    return (
        "L = if I == ideal(1_R) then {} else primaryDecomposition I;\n"
        'scan(L, Q -> (saycomponent radical Q; sayall("primary", flatten entries gens gb Q)));\n'
        'say("count " | toString(#L))'
    )
