"""How many classes of weights a normal form has over the complex and over the real numbers.

A rational quadratic atom of rank two that does not split over QQ splits over C into two lines,
which are real exactly when it is indefinite.  The count needs no arithmetic with them: all their
exponents are those of the atom.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any

from algattn.exact import QQ, Field
from algattn.fibers.atoms import Atom, Powers, layer_choices
from algattn.fibers.facts import signature


def count_classes(
    form: Mapping[str, Any], layers: int, field: Field
) -> tuple[int | None, int | None]:
    """Classes over C and over R (None: not decided)."""
    if form["kind"] == "zero":
        return 1, 1
    if field != QQ:
        return None, None
    if form["kind"] == "token":
        return _token(form, layers, field)
    tail = form["tail"]
    skew, orders = form["skew"], 1
    if skew:
        if [key for key, _ in form["powers"]] != ["minor"]:
            return None, None  # the factors may split over the complex numbers
        orders = comb(len(form["layers"]) + skew, skew)
    if "form" not in tail:
        ends = tail.get("ends", [0, 0])
        n = 2 if ends[0] != ends[1] else 1
        return n * orders, n * orders
    cut = len(form["layers"]) + form["skew"] + 1
    over_C, over_R = _token(tail["form"], layers - cut, field)
    return over_C * orders, over_R * orders


def _token(form: Mapping[str, Any], layers: int, field: Field) -> tuple[int, int]:
    powers: Powers = {}
    conjugate: dict[str, str] = {}
    for key, degree, e in form["powers"]:
        atom = Atom(key, degree)
        S = atom.read(field) if degree == 2 else None
        if S is None or S.rank() > 2:
            powers[atom] = e
            continue
        signs = signature(S)
        for n in (0, 1):
            name = f"{key}#{n}"
            powers[Atom(name, 1)] = e
            conjugate[name] = f"{key}#{1 - n}" if signs != (1, 1) else name
    ends: list[Atom | None] = [None]
    if form["rank"] == "one":
        ends = [a for a in powers if a.degree == 1]
    over_C = over_R = 0
    for end in ends:
        rest = {a: e - (a == end) for a, e in powers.items()}
        for choice in layer_choices({a: e for a, e in rest.items() if e}, layers):
            over_C += 1
            real = end is None or conjugate.get(end.key, end.key) == end.key
            for q in choice:
                names = sorted(a.key for a in q)
                real = real and names == sorted(conjugate.get(n, n) for n in names)
            over_R += real
    return over_C, over_R
