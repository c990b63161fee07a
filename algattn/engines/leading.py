"""What leading monomials tell: normal forms, dimension, degree and Hilbert series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from algattn.errors import LimitError
from algattn.exact import Polynomial

Exponents = tuple[int, ...]
Key = Callable[[Exponents], Any]


def order_key(order: str, weights: Sequence[int]) -> Key:
    """A function that is larger at larger monomials.

    >>> key = order_key("degrevlex", (1, 1, 1))
    >>> key((1, 0, 1)) < key((0, 2, 0))
    True
    """
    w = tuple(weights)
    if order == "lex":
        return lambda e: e
    if order == "deglex":
        return lambda e: (sum(a * b for a, b in zip(w, e, strict=True)), e)
    return lambda e: (
        sum(a * b for a, b in zip(w, e, strict=True)),
        tuple(-x for x in reversed(e)),
    )


def leading_term(poly: Polynomial, key: Key) -> tuple[Exponents, Any]:
    """The exponents and the coefficient of the leading term of a polynomial that is not zero."""
    return max(poly.terms(), key=lambda term: key(term[0]))


def divides(a: Exponents, b: Exponents) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))


def normal_form(
    poly: Polynomial, basis: Sequence[Polynomial], key: Key, max_work: int = 20_000_000
) -> Polynomial:
    """The remainder of division by a Groebner basis (or by any list, then not unique).

    Raises
    ------
    LimitError
        After `max_work` operations with terms.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> normal_form(x**2 * y + y, [x**2 - y], order_key("degrevlex", (1, 1)))
    y^2 + y
    """
    ring = poly.ring
    heads = [(*leading_term(g, key), list(g.terms())) for g in basis if g]
    rest = dict(poly.terms())
    done: dict[Exponents, Any] = {}
    work = 0
    while rest:
        top = max(rest, key=key)
        c = rest[top]
        for head, lead, terms in heads:
            if divides(head, top):
                shift = tuple(x - y for x, y in zip(top, head, strict=True))
                factor = c / lead
                for e, value in terms:
                    place = tuple(x + y for x, y in zip(e, shift, strict=True))
                    new = rest.get(place, ring.field.zero) - factor * value
                    if new == 0:
                        rest.pop(place, None)
                    else:
                        rest[place] = new
                work += len(terms)
                break
        else:
            done[top] = rest.pop(top)
        work += len(rest)
        if work > max_work:
            raise LimitError("reduce a polynomial", f"it takes over {max_work} steps", "ask less")
    return ring.from_terms(done.items())


def minimal_monomials(monomials: Iterable[Exponents]) -> tuple[Exponents, ...]:
    """Those that no other one divides."""
    out: list[Exponents] = []
    for m in sorted(set(monomials), key=sum):
        if not any(divides(n, m) for n in out):
            out.append(m)
    return tuple(out)


def monomial_dimension(monomials: Sequence[Exponents], variables: int) -> int:
    """Dimension of the quotient by a monomial ideal; -1 for the unit ideal.

    >>> monomial_dimension([(1, 1, 0), (0, 1, 1)], 3)
    2
    """
    supports = {frozenset(i for i, e in enumerate(m) if e) for m in monomials}
    if frozenset() in supports:
        return -1
    best = [variables]

    def cover(rest: list[frozenset[int]], chosen: int) -> None:
        if chosen >= best[0]:
            return
        if not rest:
            best[0] = chosen
            return
        smallest = min(rest, key=len)
        for i in sorted(smallest):
            cover([s for s in rest if i not in s], chosen + 1)

    minimal = [s for s in supports if not any(t < s for t in supports)]
    cover(minimal, 0)
    return variables - best[0]


def hilbert_numerator(monomials: Sequence[Exponents], weights: Sequence[int]) -> tuple[int, ...]:
    """``(h_0, h_1, ..)`` with the Hilbert series ``sum h_i T^i / prod (1 - T^w)``.

    >>> hilbert_numerator([(2, 0), (1, 1)], (1, 1))
    (1, 0, -2, 1)
    """
    w = tuple(weights)

    @cache
    def series(ideal: tuple[Exponents, ...]) -> tuple[int, ...]:
        if not ideal:
            return (1,)
        if any(not any(m) for m in ideal):
            return (0,)
        pure = [m for m in ideal if sum(1 for e in m if e) == 1]
        if len(pure) == len(ideal):
            out: list[int] = [1]
            for m in ideal:
                d = sum(a * b for a, b in zip(w, m, strict=True))
                out = _add(out, [0] * d + [-x for x in out])
            return tuple(out)
        mixed = [m for m in ideal if m not in pure]
        counts = [sum(1 for m in mixed if m[i]) for i in range(len(w))]
        pivot = counts.index(max(counts))
        x = tuple(int(i == pivot) for i in range(len(w)))
        with_x = minimal_monomials((*ideal, x))
        quotient = minimal_monomials(
            tuple(max(e - int(i == pivot), 0) for i, e in enumerate(m)) for m in ideal
        )
        return tuple(_add(list(series(with_x)), [0] * w[pivot] + list(series(quotient))))

    found = list(series(minimal_monomials(monomials)))
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


def _add(left: list[int], right: list[int]) -> list[int]:
    n = max(len(left), len(right))
    return [
        (left[i] if i < len(left) else 0) + (right[i] if i < len(right) else 0) for i in range(n)
    ]


def degree_of(numerator: Sequence[int], variables: int, dimension: int) -> int:
    """The degree from a Hilbert series with all weights 1: divide by ``(1 - T)^codimension``.

    >>> degree_of((1, 0, -3, 2), 4, 2)
    3
    """
    if dimension < 0:
        return 0
    h = list(numerator)
    for _ in range(variables - dimension):
        total, out = 0, []
        for x in h[:-1]:
            total += x
            out.append(total)
        h = out
    return sum(h)
