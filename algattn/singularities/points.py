"""The real points of a zero-dimensional ideal over QQ as exact numbers.

By the rational univariate representation: a linear form takes different values at different
points, these are the roots of one polynomial f, and every coordinate is ``g_i(root) / g(root)``,
where the polynomials come from traces in the quotient algebra.  Multiplicities do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from flint import fmpq_mat, fmpq_poly

from algattn.engines.leading import divides, leading_term, normal_form, order_key
from algattn.errors import HypothesisError
from algattn.exact import QQ, NumberField, Polynomial
from algattn.progress import Monitor


def standard_monomials(basis: Sequence[Polynomial]) -> list[tuple[int, ...]]:
    """The monomials that no leading monomial of a degrevlex Groebner basis divides."""
    n = len(basis[0].ring.names)
    key = order_key("degrevlex", (1,) * n)
    heads = [leading_term(g, key)[0] for g in basis]
    pure = {i for h in heads for i in range(n) if h[i] == sum(h)}
    if pure != set(range(n)):
        raise HypothesisError(
            "list standard monomials",
            "there are infinitely many",
            "give a Groebner basis of an ideal with finitely many zeros",
        )
    found, layer = [], [(0,) * n]
    while layer:
        layer = [m for m in layer if not any(divides(h, m) for h in heads)]
        found += layer
        layer = sorted(
            {tuple(e + (i == j) for j, e in enumerate(m)) for m in layer for i in range(n)}
        )
    return sorted(found, key=key)


def _tables(basis: Sequence[Polynomial], monitor: Monitor) -> tuple[list[fmpq_mat], list[fmpq_mat]]:
    """Multiplication by the variables and by the standard monomials, on column vectors.

    The column of a border monomial is read off the element of the basis that it leads, or is a
    variable times that of a smaller border monomial (Faugere, Gianni, Lazard, Mora).
    """
    n = len(basis[0].ring.names)
    key = order_key("degrevlex", (1,) * n)
    monomials = standard_monomials(basis)
    place = {m: i for i, m in enumerate(monomials)}
    size = len(monomials)
    tails = {}
    for g in basis:
        head, lead = leading_term(g, key)
        tail = g.ring.from_terms((e, -c / lead) for e, c in g.terms() if e != head)
        if any(e not in place for e, _ in tail.terms()):  # a basis that is not reduced
            tail = normal_form(tail, basis, key)
        tails[head] = list(tail.terms())

    def up(m: tuple[int, ...], i: int) -> tuple[int, ...]:
        return tuple(e + (i == k) for k, e in enumerate(m))

    def lower(m: tuple[int, ...], i: int) -> tuple[int, ...]:
        return tuple(e - (i == k) for k, e in enumerate(m))

    columns: dict[tuple[int, ...], dict[int, Any]] = {m: {i: QQ(1)} for m, i in place.items()}
    border = {up(m, i) for m in monomials for i in range(n)} - set(place)
    for m in sorted(border, key=key):
        monitor.step(0)
        column: dict[int, Any] = {}
        if m in tails:
            parts = [(columns[e], c) for e, c in tails[m]]
        else:
            i, down = next((i, d) for i in range(n) if (d := lower(m, i)) in border)
            parts = [(columns[up(monomials[j], i)], c) for j, c in columns[down].items()]
        for part, c in parts:
            for j, x in part.items():
                column[j] = column.get(j, QQ(0)) + c * x
        columns[m] = column
    by_variable = []
    for i in range(n):
        table = fmpq_mat(size, size)
        for j, m in enumerate(monomials):
            for row, c in columns[up(m, i)].items():
                table[row, j] = c
        by_variable.append(table)
    by_monomial: list[fmpq_mat] = []
    for m in monomials:
        monitor.step(0)
        first = next((i for i, e in enumerate(m) if e), None)
        if first is None:
            one = fmpq_mat(size, size)
            for k in range(size):
                one[k, k] = 1
            by_monomial.append(one)
        else:
            by_monomial.append(by_variable[first] * by_monomial[place[lower(m, first)]])
    return by_variable, by_monomial


def _trace(table: fmpq_mat) -> Any:
    return sum((table[i, i] for i in range(table.nrows())), QQ(0))


def isolated_points(basis: Sequence[Polynomial], monitor: Monitor | None = None) -> list[list[Any]]:
    """The real points of a zero-dimensional ideal, given by a degrevlex Groebner basis.

    Each is a list of numbers, one for each variable, over QQ or a real number field; every point
    comes once.  LimitError when the time of the monitor is over.

    >>> from algattn.exact import PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> sorted(p[0].field.sign(p[0]) for p in isolated_points([y**2 - 2, x - y]))
    [-1, 1]
    """
    monitor = monitor or Monitor("find isolated points")
    variables, monomials = _tables(basis, monitor)
    size = len(monomials)
    if size == 0:
        return []
    traces = fmpq_mat(1, size, [_trace(m) for m in monomials])
    one = fmpq_mat(size, 1, [1] + [0] * (size - 1))
    # Hermite: the rank of (trace of m_i m_j) is the number of different complex points
    rows = [traces * m for m in monomials]
    form = fmpq_mat(size, size, [row[0, j] for row in rows for j in range(size)])
    points = form.rank()
    for trial in count(1):
        table = variables[0] * 0
        for i, x in enumerate(variables):
            table = table + x * (i + 1) ** trial * (-1) ** (i * trial)
        f = table.charpoly()
        f = f / f.gcd(f.derivative())
        f = f / f[f.degree()]
        if f.degree() == points:
            break
    powers = [one]
    for _ in range(points - 1):
        monitor.step(0)
        powers.append(table * powers[-1])
    horner = [fmpq_poly([1])]
    for j in range(1, points):
        horner.append(horner[-1] * fmpq_poly([0, 1]) + f[points - j])

    def numerator(left: fmpq_mat) -> fmpq_poly:
        total = fmpq_poly([])
        for i, p in enumerate(powers):
            monitor.step(0)
            total += horner[points - 1 - i] * (left * p)[0, 0]
        return total

    bottom = numerator(traces)
    tops = [numerator(traces * x) for x in variables]
    out: list[list[Any]] = []
    for factor, _ in f.factor()[1]:
        if factor.degree() == 1:
            root = -factor[0] / factor[1]
            out.append([g(root) / bottom(root) for g in tops])
            continue
        _, inverse, _ = bottom.xgcd(factor)
        monitor.step(0)
        values = [(g * inverse) % factor for g in tops]
        scale = (bottom * inverse) % factor
        assert scale.degree() == 0
        for index in range(factor.degree()):
            K = NumberField(factor.coeffs(), index)
            if not K.is_real:
                break
            out.append([K((v / scale[0]).coeffs()) for v in values])
    return out
