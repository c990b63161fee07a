"""Polynomials with few terms, printed for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import fmpq

__all__ = ["component_sum", "linear", "polynomial", "print_terms", "terms_of"]


def _sum(terms: Sequence[tuple[str, Any]]) -> str:
    """A sum of monomials with coefficients.

    >>> _sum([("d^2", fmpq(1)), ("a", fmpq(-1, 2))])
    'd^2 - 1/2*a'
    """
    out = ""
    for name, c in terms:
        size = abs(c)
        body = str(size) if name == "1" else name if size == 1 else f"{size}*{name}"
        sign = "-" if c < 0 else "+"
        out += f" {sign} {body}" if out else (f"-{body}" if c < 0 else body)
    return out or "0"


def _monomial(*powers: tuple[str, int]) -> str:
    return "*".join(n if e == 1 else f"{n}^{e}" for n, e in powers if e) or "1"


def terms_of(coefficients: Mapping[tuple[int, int], fmpq]) -> list[list[Any]]:
    """A polynomial in d and a as JSON data, largest degree first."""
    order = sorted(coefficients, key=lambda m: (-sum(m), -m[0]))
    return [[i, j, str(coefficients[i, j])] for i, j in order]


def polynomial(terms: Any) -> dict[tuple[int, int], fmpq]:
    """The inverse of :func:`terms_of`."""
    return {(i, j): fmpq(*map(int, c.split("/"))) for i, j, c in terms}


def print_terms(terms: Any) -> str:
    """The polynomial of :func:`terms_of` as text.

    >>> print_terms([[2, 0, "1"], [1, 1, "12"], [0, 0, "-6"]])
    'd^2 + 12*d*a - 6'
    """
    return _sum([(_monomial(("d", i), ("a", j)), c) for (i, j), c in polynomial(terms).items()])


def _names(sizes: Sequence[int]) -> list[str]:
    """``m1, m2, ..`` for the sizes that vary, empty for those equal to one."""
    out, n = [], 0
    for m in sizes:
        n += m >= 2
        out.append(f"m{n}" if m >= 2 else "")
    return out


def linear(sizes: Sequence[int], row: Sequence[int]) -> str:
    """A width in terms of the factor sizes; the row holds a constant and one number for each.

    >>> linear((5, 1, 2), (1, 2, 3, 1))
    '2*m1 + m2 + 4'
    """
    total: dict[str, int] = {}
    for name, c in zip(("", *_names(sizes)), row, strict=True):
        total[name or "1"] = total.get(name or "1", 0) + c
    constant = total.pop("1")
    return _sum([*((n, c) for n, c in total.items() if c), *[("1", constant)] * (constant != 0)])


def component_sum(detail: Mapping[str, Any]) -> str:
    """The sum of the component ranks times their dimensions, expanded."""
    names = _names(detail["sizes"])
    total: dict[tuple[str, ...], fmpq] = {}

    def add(coefficient: Any, *factors: str) -> None:
        key = tuple(sorted(f for f in factors if f))
        total[key] = total.get(key, fmpq(0)) + coefficient

    for kind, j, k, r in detail["components"]:
        if kind == "trivial":
            add(r)
        elif kind == "standard":
            add(r, names[j])
        elif kind == "mixed":
            add(r, names[j], names[k])
        else:
            add(fmpq(r, 2), names[j], names[j])
            add(fmpq(r, 2) * (1 if kind == "traceless" else -1), names[j])
            add(-r if kind == "traceless" else 0)
    order = sorted(total, key=lambda key: (-len(key), key))
    named = [
        (_monomial(*((n, key.count(n)) for n in dict.fromkeys(key))), total[key]) for key in order
    ]
    return _sum([(n, c) for n, c in named if c != 0])
