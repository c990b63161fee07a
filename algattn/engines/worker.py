"""The child process of the engines that come with algattn: ``python -m algattn.engines.worker``.

It reads one task as JSON from standard input and prints marked lines, like every other engine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from flint import fmpz_mpoly_ctx, fmpz_mpoly_vec

from algattn.engines.ideal_tasks import Cofactors
from algattn.engines.leading import normal_form, order_key
from algattn.engines.reduction import as_basis
from algattn.engines.tasks import Elimination, GroebnerBasis, task_from_data
from algattn.engines.text import plain_names, write_polynomial
from algattn.engines.transcript import basis_lines, marker
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.polynomials import ORDERS

#: Polynomials, terms of one polynomial, bits of one coefficient: beyond this, give up.
LIMITS = (20_000, 200_000, 200_000)

Solver = Callable[[Sequence[Polynomial], PolynomialRing], list[Polynomial]]


class GivenUpError(Exception):
    """A size limit of the algorithm was reached."""


def flint_basis(polys: Sequence[Polynomial], ring: PolynomialRing) -> list[Polynomial]:
    """The reduced Groebner basis over QQ by FLINT, in the order of `ring`."""
    context = fmpz_mpoly_ctx.get(ring.names, ORDERS[ring.order])
    vector: Any = fmpz_mpoly_vec([_integral(p, context) for p in polys if p], context)
    if len(vector) == 0:
        return []
    found, complete = vector.buchberger_naive(limits=LIMITS)
    if not complete:
        raise GivenUpError(f"the basis outgrew {LIMITS} (polynomials, terms, bits)")
    reduced = found.autoreduction(groebner=True)
    return [
        ring.from_terms((tuple(map(int, e)), int(c)) for e, c in reduced[i].terms())
        for i in range(len(reduced))
    ]


def _integral(poly: Polynomial, context: Any) -> Any:
    from math import lcm

    terms = [(e, poly.ring.field.to_python(c)) for e, c in poly.terms()]
    common = lcm(*(c.denominator for _, c in terms))
    return context.from_dict({e: int(c * common) for e, c in terms})


def sympy_basis(polys: Sequence[Polynomial], ring: PolynomialRing) -> list[Polynomial]:
    """The reduced Groebner basis by sympy, in the order of `ring`."""
    from algattn.exact.sympy_bridge import sympy_groebner

    return sympy_groebner(polys, ring)


def solve_locally(
    task: GroebnerBasis | Elimination | Cofactors, basis: Solver
) -> list[tuple[str, str]]:
    """The marked lines for a task, by one kind of Groebner basis."""
    if isinstance(task, Cofactors):
        return _cofactors(task, basis)
    found = _eliminate(task, basis) if isinstance(task, Elimination) else _basis(task, basis)
    return basis_lines(write_polynomial(g, plain_names(task.ring)) for g in found)


def _basis(task: GroebnerBasis, basis: Solver) -> list[Polynomial]:
    target = task.target
    return basis([target.from_terms(g.terms()) for g in task.generators], target)


def _eliminate(task: Elimination, basis: Solver) -> list[Polynomial]:
    """A lexicographic basis with the variables to eliminate first, then degrevlex on the rest."""
    ring = task.ring
    gone = [i for i, n in enumerate(ring.names) if n in task.eliminate]
    kept = [i for i in range(len(ring.names)) if i not in gone]
    order = [*gone, *kept]
    shuffled = PolynomialRing(ring.field, tuple(ring.names[i] for i in order), "lex")
    found = basis(
        [
            shuffled.from_terms((tuple(e[i] for i in order), c) for e, c in g.terms())
            for g in task.generators
        ],
        shuffled,
    )
    k = len(gone)
    target = task.target
    inside = [g for g in found if not any(any(e[:k]) for e, _ in g.terms())]
    again = basis([target.from_terms((e[k:], c) for e, c in g.terms()) for g in inside], target)
    back = []
    for g in again:
        terms = []
        for e, c in g.terms():
            full = [0] * len(ring.names)
            for i, x in zip(kept, e, strict=True):
                full[i] = x
            terms.append((tuple(full), c))
        back.append(ring.from_terms(terms))
    return back


def _cofactors(task: Cofactors, basis: Solver) -> list[tuple[str, str]]:
    """The rows of cofactors, from a basis of the module of all ``(f_i, e_i)``.

    Its elements are polynomials linear in variables u, e_1, .., modulo all products of these.
    """
    gens, n = [g for g in task.generators if g], len(task.ring.names)
    k = len(gens) + 1
    ring = PolynomialRing(task.ring.field, tuple(f"v{i}" for i in range(k + n)), "lex")
    tags = ring.gens()[:k]

    def lifted(poly: Polynomial) -> Polynomial:
        return ring.from_terms(((*(0,) * k, *e), c) for e, c in poly.terms())

    pairs = [tags[0] * lifted(g) + e for g, e in zip(gens, tags[1:], strict=True)]
    found = basis([*pairs, *(a * b for a in tags for b in tags)], ring)
    lines, names = [], plain_names(task.ring)
    for f in task.polynomials:
        rest = normal_form(tags[0] * lifted(f), found, order_key("lex", ring.weights))
        rows: list[list[tuple[tuple[int, ...], Any]]] = [[] for _ in tags]
        for e, c in rest.terms():
            rows[e.index(1)].append((e[k:], -c))
        if rows[0]:
            lines.append(("matrix", "0 0"))
            continue
        lines.append(("matrix", f"1 {len(gens)}"))
        row = (task.ring.from_terms(terms) for terms in rows[1:])
        lines.extend(("entry", write_polynomial(c, names)) for c in row)
    return lines


def main() -> int:
    order = json.loads(sys.stdin.read())
    start = marker(order["nonce"])

    def say(line: str) -> None:
        print(start + line, flush=True)

    basis = {"builtin": flint_basis, "sympy": sympy_basis}[order["engine"]]
    try:
        task = as_basis(task_from_data(order["task"]))
        assert isinstance(task, GroebnerBasis | Elimination | Cofactors)
        for key, rest in solve_locally(task, basis):
            say(f"{key} {rest}")
    except GivenUpError as error:
        say(f"limit {error}")
        return 3
    except MemoryError:
        say("limit memory")
        return 3
    say("end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
