"""Recovering networks with skew layers, whose one-token slice is zero, from their coefficients.

At two tokens such a function is ``P(x, y) phi_0 J^n`` with n skew layers (lemma *skew layers*): P
is the part of the leading coefficient at ``(x, eps y)`` whose irreducible factors contain y, and
``phi_0`` is the function of the other layers, recovered by its one-token slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from algattn.attention import Architecture, FunctionMap, VirtualWeights, Weights
from algattn.errors import UndecidedError
from algattn.exact import Field, Matrix, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField, RationalField
from algattn.fibers.classes import VirtualClass, classes
from algattn.fibers.normal_form import VirtualNormalForm, normal_form, scaled_polynomial
from algattn.fibers.one_token_restriction import no_weights, two_token_function

#: Recovers a function whose one-token slice is not zero.
Recover = Callable[[Architecture, FunctionMap, Field], Sequence[Weights]]


def skew_classes(
    network: Architecture, function: FunctionMap, recover: Recover
) -> Iterator[VirtualClass]:
    """All classes that agree with the function at two tokens.

    The function is not zero, but its one-token slice is; d >= 2 and t >= 2.
    """
    field, d, layers = function.field, function.d_in, network.layers
    asked = f"recover weights in {network!r}"
    if not isinstance(field, RationalField | PrimeField):
        raise UndecidedError(
            asked, f"the factors of skew layers over {field} are not computed", "use QQ"
        )
    ring = PolynomialRing(field, tuple(f"{n}_{i + 1}" for n in "xy" for i in range(d)), "lex")
    columns = two_tokens(function, ring)
    order, side = min((_order(p, d), c) for c in (0, 1) for p in columns[c] if p)
    kept = next((m for m in range(layers) if 3**layers - 3**m == 2 * order), None)
    if kept is None or side != (layers - kept) % 2:
        raise no_weights(network, field)
    skew = layers - kept
    P, powers = _product([_part(p, d, order) for p in columns[side]], d, order)
    if P is None:
        raise no_weights(network, field)
    quotients = []
    for p in columns[skew % 2]:  # column 1 of phi J^(-skew)
        q = (p if skew % 4 < 2 else -p).divide(P) if p else p
        if q is None:
            raise no_weights(network, field)
        quotients.append(q)
    wide = type(network)((*(d,) * kept, function.d_out), d) if kept else None
    form = _rest(quotients, wide, d, field, recover)
    if form is None:
        raise no_weights(network, field)
    form = form | {"skew": skew, "powers": [[k, e] for k, e in sorted(powers.items())]}
    yield from classes(form, (layers, d, function.d_out), field)


def two_tokens(function: FunctionMap, ring: PolynomialRing) -> list[list[Polynomial]]:
    """Output columns 1 and 2 at ``X = (x, y, 0, ..)``, as polynomials in x and y."""
    d = function.d_in
    terms: list[list[list[Any]]] = [[[] for _ in range(function.d_out)] for _ in range(2)]
    for (r, c, monomial), value in function.output_coefficients():
        if c > 1 or any(j > 1 for _, j, _ in monomial):
            continue
        exponents = [0] * (2 * d)
        for i, j, e in monomial:
            exponents[j * d + i] += e
        terms[c][r].append((exponents, value))
    return [[ring.from_terms(t) for t in column] for column in terms]


def _order(p: Polynomial, d: int) -> int:
    """The least degree in y."""
    return min(sum(e[d:]) for e, _ in p.terms())


def _part(p: Polynomial, d: int, order: int) -> Polynomial:
    return p.ring.from_terms((e, c) for e, c in p.terms() if sum(e[d:]) == order)


def _product(
    rows: list[Polynomial], d: int, order: int
) -> tuple[Polynomial | None, dict[str, int]]:
    """P with scaled factors, and their exponents, from the rows of ``P p_0(x) V x``."""
    common = next(row for row in rows if row)
    for row in rows:
        common = common.gcd(row) if row else common
    ring, field = common.ring, common.ring.field
    P, powers = ring(1), dict[str, int]()
    for factor, e in common.factor()[1]:
        if _order(factor, d) == 0:
            continue
        leading, key = scaled_polynomial(factor, field)
        P = P * (factor * (field.one / leading)) ** e
        powers[key] = e
    if _order(P, d) != order:
        return None, {}
    if d == 2:
        x, y = ring.gens()[:2], ring.gens()[2:]
        if (x[0] * y[1] - x[1] * y[0]) ** order != P:
            return None, {}
        powers = {"minor": order}
    return P, powers


def _rest(
    rows: list[Polynomial], wide: Architecture | None, d: int, field: Field, recover: Recover
) -> dict[str, Any] | None:
    """The normal form of ``phi_0``, a function of `wide` (None: linear), from its column 1."""
    if wide is None:
        V = [[field.zero] * d for _ in rows]
        for r, p in enumerate(rows):
            for e, c in p.terms():
                if sum(e) != 1 or 1 not in e[:d]:
                    return None
                V[r][e.index(1)] = c
        return {"kind": "stack", "layers": [], "tail": {"V": Matrix(field, V).to_data()}}
    phi = two_token_function(rows, d, wide.map_degree, field)
    weights = recover(wide, phi, field)[0]
    virtual = VirtualWeights.of(weights)
    return normal_form(VirtualNormalForm.of(2, virtual.B, virtual.V))
