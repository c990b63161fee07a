"""What leading monomials tell: normal forms, dimension, degree and Hilbert series."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from math import comb, inf
from typing import Any

from algattn.errors import LimitError
from algattn.exact import Polynomial
from algattn.progress import tick

Exponents = tuple[int, ...]
Key = Callable[[Exponents], Any]
#: Above so many square-free monomials a dimension is read from their series.
MANY = 40


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


def monomial_dimension(
    monomials: Sequence[Exponents], variables: int, deadline: float = inf
) -> int:
    """Dimension of the quotient by a monomial ideal; -1 for the unit ideal.

    >>> monomial_dimension([(1, 1, 0), (0, 1, 1)], 3)
    2
    """
    supports = {frozenset(i for i, e in enumerate(m) if e) for m in monomials}
    if frozenset() in supports:
        return -1
    minimal = [s for s in supports if not any(t < s for t in supports)]
    if len(minimal) > MANY:  # then the series, whose pole at 1 tells it, is the shorter way
        square_free = [tuple(int(i in s) for i in range(variables)) for s in minimal]
        return variables - zeros_at_one(k_polynomial(square_free, (1,) * variables, deadline))
    best = [variables]

    def cover(rest: list[frozenset[int]], chosen: int) -> None:
        if chosen >= best[0]:
            return
        if not rest:
            best[0] = chosen
            return
        _in_time(deadline)
        smallest = min(rest, key=len)
        for i in sorted(smallest):
            cover([s for s in rest if i not in s], chosen + 1)

    cover(minimal, 0)
    return variables - best[0]


def zeros_at_one(coefficients: Mapping[int, int]) -> int:
    """How often 1 is a zero of a polynomial ``{i: c_i}`` that is not zero.

    >>> zeros_at_one({0: 1, 2: -2, 4: 1})
    2
    """
    order = 0
    while not sum(c * comb(i, order) for i, c in coefficients.items()):
        order += 1
    return order


def k_polynomial(
    monomials: Iterable[Exponents], weights: Sequence[int], deadline: float = inf
) -> dict[int, int]:
    """``{i: h_i}`` with the Hilbert series ``sum h_i T^i / prod (1 - T^w)``, in whole numbers.

    Monomials without common variables are counted apart; else a power ``m`` of a variable splits
    the ideal: ``K(I) = K(I + m) + T^deg(m) K(I : m)`` (Bigatti, 1997).

    Raises
    ------
    LimitError
        When `deadline`, a value of ``time.monotonic()``, is over.

    Examples
    --------
    >>> k_polynomial([(2, 0), (1, 1)], (1, 1))
    {0: 1, 2: -2, 3: 1}
    >>> k_polynomial([(10**9, 1), (1, 10**9)], (1, 1))
    {0: 1, 1000000001: -2, 2000000000: 1}
    """
    w = tuple(weights)

    @cache
    def series(ideal: tuple[Exponents, ...]) -> dict[int, int]:
        _in_time(deadline)
        out = {0: 1}
        for group in _connected(ideal):
            out = _product(out, split(group) if len(group) > 1 else single(group[0]))
        return out

    def single(m: Exponents) -> dict[int, int]:
        degree = sum(a * b for a, b in zip(w, m, strict=True))
        return {0: 1, degree: -1} if degree else {}

    def split(group: list[Exponents]) -> dict[int, int]:
        mixed = [m for m in group if sum(1 for e in m if e) > 1]
        counts = [sum(1 for m in mixed if m[i]) for i in range(len(w))]
        pivot = counts.index(max(counts))
        found = sorted(m[pivot] for m in mixed if m[pivot])
        e = found[len(found) // 2]
        power = tuple(e if i == pivot else 0 for i in range(len(w)))
        total = dict(series(minimal_monomials((*group, power))))
        quotient = minimal_monomials(
            tuple(max(x - y, 0) for x, y in zip(m, power, strict=True)) for m in group
        )
        for i, c in series(quotient).items():
            place = i + e * w[pivot]
            total[place] = total.get(place, 0) + c
        return total

    return {i: c for i, c in sorted(series(minimal_monomials(monomials)).items()) if c}


def _in_time(deadline: float) -> None:
    tick()
    if time.monotonic() > deadline:
        raise LimitError(
            "count with leading monomials", "the time limit is over", "raise time_limit"
        )


def _connected(ideal: Sequence[Exponents]) -> list[list[Exponents]]:
    """The monomials in groups that have no variable in common."""
    groups: list[tuple[set[int], list[Exponents]]] = []
    for m in ideal:
        support, members = {i for i, e in enumerate(m) if e}, [m]
        apart = []
        for other, listed in groups:
            if support.isdisjoint(other):
                apart.append((other, listed))
            else:
                support, members = support | other, listed + members
        groups = [*apart, (support, members)]
    return [members for _, members in groups]


def _product(left: dict[int, int], right: dict[int, int]) -> dict[int, int]:
    out: dict[int, int] = {}
    for i, x in left.items():
        for j, y in right.items():
            out[i + j] = out.get(i + j, 0) + x * y
    return out


#: The length of a Hilbert numerator that is written out.
MAX_NUMERATOR = 5_000_000


def hilbert_numerator(
    monomials: Sequence[Exponents], weights: Sequence[int], deadline: float = inf
) -> tuple[int, ...]:
    """``(h_0, h_1, ..)`` with the Hilbert series ``sum h_i T^i / prod (1 - T^w)``.

    >>> hilbert_numerator([(2, 0), (1, 1)], (1, 1))
    (1, 0, -2, 1)
    """
    found = k_polynomial(monomials, weights, deadline)
    size = max(found, default=-1) + 1
    if size > MAX_NUMERATOR:
        raise LimitError(
            "write out a Hilbert series",
            f"its numerator has {size} coefficients, and {MAX_NUMERATOR} are allowed",
            "take smaller weights or exponents",
        )
    return tuple(found.get(i, 0) for i in range(size))


def degree_of(numerator: Sequence[int], variables: int, dimension: int) -> int:
    """The degree from a Hilbert series with all weights 1.

    >>> degree_of((1, 0, -3, 2), 4, 2)
    3
    """
    return _degree(enumerate(numerator), variables - dimension) if dimension >= 0 else 0


def _degree(numerator: Iterable[tuple[int, int]], codimension: int) -> int:
    """The value at 1 of ``sum h_i T^i / (1 - T)^c``: the c-th derivative by Taylor's formula."""
    total = sum(h * comb(i, codimension) for i, h in numerator)
    return -total if codimension % 2 else total


def sizes(monomials: Sequence[Exponents], variables: int, deadline: float = inf) -> tuple[int, int]:
    """Dimension and degree of the quotient by a monomial ideal.

    >>> sizes([(37, 0), (0, 37)], 2), sizes([(0, 0)], 2)
    ((0, 1369), (-1, 0))
    """
    dimension = monomial_dimension(monomials, variables, deadline)
    if dimension < 0:
        return -1, 0
    found = k_polynomial(monomials, (1,) * variables, deadline)
    return dimension, _degree(found.items(), variables - dimension)
