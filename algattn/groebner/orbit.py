"""All equations of a module from its highest-weight vector, by lowering operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from algattn.errors import DisagreementError
from algattn.exact.modular import word_prime
from algattn.groebner.vectors import Monomial, Vector, primitive, shift, slots

Weight = tuple[tuple[tuple[str, int], int], ...]


def weight_of(monomial: Monomial, q: int) -> Weight:
    """How often each row, left index and right index occurs."""
    found: Counter[tuple[str, int]] = Counter()
    for label in monomial:
        found["R", label[0]] += 1
        found.update(("U", i) for i in label[1 : q + 1])
        if q == 2:
            found["W", label[-1]] += 1
    return tuple(sorted(found.items()))


class _Space:
    """Independent polynomials of one weight, kept in echelon form modulo a prime."""

    def __init__(self, prime: int) -> None:
        self.prime = prime
        self.rows: dict[Monomial, dict[Monomial, int]] = {}

    def add(self, terms: Mapping[Monomial, int]) -> bool:
        p = self.prime
        rest = {m: c % p for m, c in terms.items() if c % p}
        while rest:
            lead = min(rest)
            row = self.rows.get(lead)
            if row is None:
                inverse = pow(rest[lead], -1, p)
                self.rows[lead] = {m: c * inverse % p for m, c in rest.items()}
                return True
            factor = rest[lead]
            for m, c in row.items():
                value = (rest.get(m, 0) - factor * c) % p
                if value:
                    rest[m] = value
                else:
                    rest.pop(m, None)
        return False


def orbit(vector: Vector, d_out: int, d: int, field: int = 0) -> list[dict[Monomial, int]]:
    """A basis of the module that a highest-weight vector generates, with whole coefficients.

    Parameters
    ----------
    vector : Vector
    d_out, d : int
        The widths of the layer.
    field : int
        0 for QQ, p for GF(p).

    Returns
    -------
    list of {monomial: coefficient}
        Weight vectors; as many as :meth:`Kind.dimension` says.
    """
    kind, sizes = vector.kind, {"R": d_out, "U": d, "W": d}
    spaces: dict[Weight, _Space] = {}
    out: list[dict[Monomial, int]] = []
    todo = [vector.terms()]
    while todo:
        following: list[dict[Monomial, int]] = []
        for terms in todo:
            space = spaces.setdefault(
                weight_of(next(iter(terms)), kind.q), _Space(field or word_prime())
            )
            if not space.add(terms):
                continue
            out.append(terms)
            for slot, _ in slots(kind):
                for i in range(sizes[slot] - 1):
                    lowered = shift(terms, slot, i, i + 1, kind.q)
                    if field:
                        lowered = {m: c % field for m, c in lowered.items() if c % field}
                    if lowered:
                        following.append(lowered if field else _primitive(lowered))
        todo = following
    wanted = kind.dimension(d_out, d)
    if len(out) != wanted:
        raise DisagreementError(
            f"expand the module {kind.name}",
            f"lowering gives {len(out)} equations, the hook formula {wanted}",
            "report this",
            {"lowering": len(out), "hooks": wanted},
        )
    return out


def _primitive(terms: dict[Monomial, int]) -> dict[Monomial, int]:
    return dict(zip(terms, primitive(list(terms.values())), strict=True))


def exponents(terms: Mapping[Monomial, int], place: Mapping[Any, int]) -> list[tuple[Any, int]]:
    """``(exponent vector, coefficient)`` in a ring whose variables are numbered by `place`."""
    out = []
    for monomial, c in terms.items():
        e = [0] * len(place)
        for label in monomial:
            e[place[label]] += 1
        out.append((tuple(e), c))
    return out
