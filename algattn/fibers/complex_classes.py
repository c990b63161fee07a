"""The classes of weights with one normal form over the complex numbers, by shape.

A rational quadratic atom of rank two that does not split over QQ splits over C into two lines,
which are real exactly when it is indefinite.  Counting needs no arithmetic with them: all their
exponents are those of the atom, and rank and signature of a product of two lines are known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from algattn.exact import QQ, Field, Matrix
from algattn.fibers.classes import VirtualClass
from algattn.fibers.irreducible_factors import Atom, Powers, layer_choices, scaled
from algattn.fibers.layer_invariants import signature, symmetric_part
from algattn.fibers.native_dimension import Signature, Wanted
from algattn.fibers.normal_form import VirtualNormalForm


@dataclass(frozen=True)
class Reading:
    """One way to read a token form over C: rank and signature of the form of each layer.

    ``rational`` and ``real`` tell whether the way is fixed by all field automorphisms, or by
    complex conjugation.
    """

    forms: tuple[tuple[int, Signature], ...]
    rational: bool
    real: bool


@dataclass(frozen=True)
class ClassShape:
    """What a class asks of native weights; ``witness`` is None when it is not rational.

    ``needs`` are the least ranks of ``P_1 .. P_{l-1}``, see lemma *superfluous widths*.
    """

    wanted: tuple[Wanted, ...]
    needs: tuple[int, ...]
    real: bool
    witness: VirtualClass | None


def token_readings(form: Mapping[str, Any], layers: int, field: Field) -> list[Reading]:
    """All ways to read a token form with this many layers over the complex numbers."""
    powers: Powers = {}
    galois: dict[str, str] = {}  # the other line of a quadratic atom that splits over C only
    conjugate: dict[str, str] = {}
    size: dict[str, tuple[int, Signature]] = {}
    for key, degree, e in form["powers"]:
        atom = Atom(key, degree)
        S = atom.read(field) if degree == 2 else None
        if S is None or S.rank() > 2:
            powers[atom] = e
            if S is not None:
                size[key] = (S.rank(), signature(S))
            continue
        for n in (0, 1):
            name, other = f"{key}#{n}", f"{key}#{1 - n}"
            powers[Atom(name, 1)] = e
            galois[name] = other
            if signature(S) != (1, 1):
                conjugate[name] = other

    def fixed(names: Sequence[str], swap: Mapping[str, str]) -> bool:
        return sorted(names) == sorted(swap.get(n, n) for n in names)

    def measure(q: list[Atom]) -> tuple[int, Signature]:
        names = [a.key for a in q]
        if len(q) == 1:
            return size[names[0]]
        if not fixed(names, conjugate):
            return (1 if names[0] == names[1] else 2), None
        if names[0] == names[1]:
            return 1, (1, 0)
        return 2, ((2, 0) if names[0] in conjugate else (1, 1))

    ends: list[Atom | None] = [None]
    if form["rank"] == "one":
        ends = [a for a in powers if a.degree == 1]
    out = []
    for end in ends:
        rest = {a: e - (a == end) for a, e in powers.items()}
        for choice in layer_choices({a: e for a, e in rest.items() if e}, layers):
            groups = [[a.key for a in q] for q in choice] + ([[end.key]] if end else [])
            rational, real = (all(fixed(g, swap) for g in groups) for swap in (galois, conjugate))
            out.append(Reading(tuple(measure(q) for q in choice), rational, real))
    return out


def class_shapes(
    form: Mapping[str, Any], virtual: VirtualNormalForm, found: Sequence[VirtualClass], field: Field
) -> list[ClassShape] | None:
    """The shapes of all classes over C, given the rational ones; None where they are not known.

    `form` is not zero.
    """
    if field != QQ or not factors_are_irreducible(form):
        return None
    prefixes: dict[str, VirtualClass] = {}
    shapes = []
    for c in found:
        shapes.append(shape_of(c, virtual))
        prefixes.setdefault(repr([b.to_data() for b in c.B[: virtual.cut]]), c)
    token = form if form["kind"] == "token" else form["tail"].get("form")
    readings = [] if token is None else token_readings(token, virtual.layers - virtual.cut, field)
    for c in prefixes.values():
        known = shape_of(c, virtual)
        for r in readings:
            if not r.rational:
                later = tuple(Wanted(rank, True, s if r.real else None) for rank, s in r.forms)
                wanted = known.wanted[: virtual.cut] + later
                shapes.append(ClassShape(wanted, known.needs, r.real, None))
    return shapes


def shape_of(c: VirtualClass, virtual: VirtualNormalForm, *, reality: bool = True) -> ClassShape:
    """The shape of a class over QQ (with `reality` False: over any field, without signatures)."""
    layers, d, field = len(c.B), c.V.shape[1], c.V.field
    cut = virtual.cut
    wanted = [Wanted(b.rank()) for b in c.B[:cut]]
    wanted += [Wanted(b.rank(), True, signature(b) if reality else None) for b in c.B[cut:]]
    needs = []
    V = scaled(c.V)[1]  # its constant may have thousands of digits
    for i in range(1, layers):
        rows = [*V.rows]
        for n, b in enumerate(c.B[i:], i):
            rows += [*b.rows, *b.T.rows] if n < cut else [*symmetric_part(b).rows]
        needs.append(Matrix(field, rows, (len(rows), d)).rank())
    return ClassShape(tuple(wanted), tuple(needs), True, c)


def factors_are_irreducible(form: Mapping[str, Any]) -> bool:
    """Whether the factors that skew layers bring are certainly irreducible over C.

    A skew form is.  Another factor is a determinant ``det(G_B)``, a quadratic form in the 2 x 2
    minors of (x, y); on three coordinates, where the minors are independent, it splits exactly
    when its rank is at most two.
    """
    for key, _ in form.get("powers", ()) if form["kind"] == "stack" else ():
        if key == "minor":
            continue
        terms = json.loads(key)
        if any(sum(e) > 2 for e, _ in terms) and not _irreducible_on_three(terms):
            return False
    return True


def _irreducible_on_three(terms: Sequence[Any]) -> bool:
    d = len(terms[0][0]) // 2
    table = {tuple(e): QQ(c) for e, c in terms}

    def coefficient(square: int, first: int, second: int) -> Any:
        """Of x_square^2 y_first y_second."""
        e = [0] * (2 * d)
        e[square] += 2
        e[d + first] += 1
        e[d + second] += 1
        return table.get(tuple(e), QQ(0))

    for i, j, k in combinations(range(d), 3):
        # rows and columns: the minors ij, ik, jk
        a, b = coefficient(i, j, k) / 2, -coefficient(j, i, k) / 2
        c = coefficient(k, i, j) / 2
        square = [coefficient(i, j, j), coefficient(i, k, k), coefficient(j, k, k)]
        form = [[square[0], a, b], [a, square[1], c], [b, c, square[2]]]
        if Matrix(QQ, form).rank() == 3:
            return True
    return False
