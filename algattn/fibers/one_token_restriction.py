"""The one-token slice of a function: ``p(x) V x`` from coefficients or from exact evaluations.

With all tokens but the first zero, column 1 of a network is ``prod_i (x^T B_i x)^(3^(l-i)) V x``.
Its irreducible factors are linear or quadratic, and an exponent written in base 3 names the layers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement, product
from typing import Any

from flint import fmpq_poly, nmod_poly

from algattn.attention import Architecture, FunctionMap
from algattn.errors import FieldError, LimitError, UndecidedError
from algattn.exact import Field, Matrix, NumberField, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField
from algattn.fibers.irreducible_factors import Atom, Powers, multiply_into, scaled, scaled_vector

Value = Callable[[Sequence[Sequence[Any]]], Matrix]
MAX_GRID = 20_000
NOT_A_NETWORK = "it is no function of such a network"


def no_weights(network: Architecture, field: Field) -> FieldError:
    """For a function that no weights over the field have, whatever the reason."""
    return FieldError(
        f"recover weights in {network!r}",
        f"no weights over {field} have this function",
        "check the function; if it is one of such a network, its weights need a larger field",
    )


def slice_ring(d: int, field: Field) -> PolynomialRing:
    if isinstance(field, NumberField):
        raise UndecidedError(
            "recover weights",
            f"over {field} only rank V >= 2 and coprime layers are covered (no multivariate "
            "factorisation there)",
            "rational coefficients",
        )
    return PolynomialRing(field, tuple(f"x_{i + 1}" for i in range(d)))


def slice_rows(function: FunctionMap) -> list[Polynomial]:
    """The rows of ``p(x) V x`` from the coefficients."""
    d = function.d_in
    ring = slice_ring(d, function.field)
    rows: list[list[Any]] = [[] for _ in range(function.d_out)]
    for label, c in function.coefficients.items():
        exponents = [0] * d
        if function.degree == 3:
            for i in label[1:]:
                exponents[i] += 1
        else:
            if any(j for _, j, _ in label[1]):
                continue
            for i, _, e in label[1]:
                exponents[i] += e
        rows[label[0]].append((exponents, c))
    return [ring.from_terms(terms) for terms in rows]


def interpolated_rows(network: Architecture, value: Value, field: Field) -> list[Polynomial]:
    """The same from evaluations on a grid (x_1 = 1, the others 0, 1, 2, ..)."""

    def column(x: Sequence[int]) -> list[Any]:
        return value(token(x, network.tokens)).column(0)

    return _interpolate(network, column, slice_ring(network.d_in, field), "rank V >= 2")


def interpolated_function(network: Architecture, value: Value, field: Field) -> FunctionMap:
    """All coefficients of a black box at two tokens, from evaluations on a grid (t, d >= 2)."""
    d = network.d_in

    def column(z: Sequence[int]) -> list[Any]:
        return value(token(z[:d], network.tokens, z[d:])).column(0)

    ring = PolynomialRing(field, tuple(f"{n}_{i + 1}" for n in "xy" for i in range(d)))
    rows = _interpolate(network, column, ring, "coefficients instead of a black box")
    return two_token_function(rows, d, network.map_degree, field)


def two_token_function(
    rows: Sequence[Polynomial], d: int, degree: int, field: Field
) -> FunctionMap:
    """The function of two tokens with this output column 1, in the variables x and y."""
    found: dict[Any, Any] = {}
    for r, p in enumerate(rows):
        for e, c in p.terms():
            if sum(e) != degree:
                raise FieldError("recover weights", NOT_A_NETWORK, "check the function")
            if degree > 3:
                places = ((i, j, e[j * d + i]) for i in range(d) for j in (0, 1))
                found[r, tuple(place for place in places if place[2])] = c
            elif sum(e[:d]) == 1:  # x_k y_i y_j
                i, j = (n for n in range(d) for _ in range(e[d + n]))
                found[r, i, j, e.index(1)] = c
    return FunctionMap(d, len(rows), 2, found, degree=degree, field=field)


def _interpolate(
    network: Architecture, column: Callable[[Sequence[int]], list[Any]], ring: Any, hint: str
) -> list[Polynomial]:
    """The rows of a homogeneous column in the variables of the ring."""
    d, degree, field = len(ring.names), network.map_degree, ring.field
    if (count := (degree + 1) ** (d - 1)) > MAX_GRID:
        raise LimitError(
            "interpolate a black box",
            f"{count} evaluations are needed (limit {MAX_GRID})",
            f"{hint}, or a smaller network",
        )
    grid = {x: column([1, *x]) for x in product(range(degree + 1), repeat=d - 1)}
    inverse = Matrix(
        field, [[n**k for k in range(degree + 1)] for n in range(degree + 1)]
    ).inverse()
    rows = []
    for r in range(network.d_out):
        table = {x: column[r] for x, column in grid.items()}
        for axis in range(d - 1):
            table = _transform(table, axis, inverse)
        terms = [
            ((degree - sum(x), *x), c) for x, c in table.items() if c != 0 and sum(x) <= degree
        ]
        if any(c != 0 and sum(x) > degree for x, c in table.items()):
            raise FieldError("recover weights", NOT_A_NETWORK, "check the black box")
        rows.append(ring.from_terms(terms))
    return rows


def _transform(table: dict[Any, Any], axis: int, inverse: Matrix) -> dict[Any, Any]:
    out: dict[Any, Any] = {}
    lines: dict[Any, list[tuple[int, Any]]] = {}
    for x, c in table.items():
        lines.setdefault((x[:axis], x[axis + 1 :]), []).append((x[axis], c))
    for (left, right), values in lines.items():
        ordered = [c for _, c in sorted(values, key=lambda v: v[0])]
        for k, row in enumerate(inverse.rows):
            total = inverse.field.zero
            for a, c in zip(row, ordered, strict=True):
                total = total + a * c
            out[(*left, k, *right)] = total
    return out


def token(x: Sequence[Any], tokens: int, second: Sequence[Any] | None = None) -> list[list[Any]]:
    """The input with columns x, second (or 0), 0, .., 0."""
    rest = [0] * (tokens - 1)
    return [[a, *rest] if second is None else [a, second[i], *rest[1:]] for i, a in enumerate(x)]


def token_data(rows: list[Polynomial], field: Field) -> dict[str, Any]:
    """The data of the `TokenForm` with these rows, not all zero."""
    first = next(row for row in rows if row)
    pivot, leading = next(iter(first.terms()))
    ratios = [dict(row.terms()).get(pivot, field.zero) / leading for row in rows]
    many = any(row != first * c for row, c in zip(rows, ratios, strict=True))
    common = first
    if many:
        for row in rows:
            common = common.gcd(row) if row else common
    unit, powers = _atoms(common, field)
    if many:
        head = []
        for row in rows:
            quotient = row.divide(common) if row else common * 0
            if quotient is None or (quotient and quotient.degree() != 1):
                raise FieldError("recover weights", NOT_A_NETWORK, "net.contains")
            head.append([unit * c for c in _linear(quotient, field)])
    else:
        head = [[unit * c] for c in ratios]
    return {
        "head": Matrix(field, head).to_data(),
        "rank": "many" if many else "one",
        "powers": [[a.key, a.degree, e] for a, e in sorted(powers.items(), key=lambda p: p[0].key)],
    }


def _atoms(poly: Polynomial, field: Field) -> tuple[Any, Powers]:
    constant, factors = poly.factor()
    unit = field(constant if not isinstance(field, PrimeField) else int(constant))
    powers: Powers = {}
    for factor, e in factors:
        if factor.degree() == 1:
            c, line = scaled_vector(_linear(factor, field), field)
            atom = Atom.linear(line, field)
        elif factor.degree() == 2:
            c, S = scaled(_quadratic(factor, field))
            atom = Atom.quadratic(S)
        else:
            raise FieldError("recover weights", NOT_A_NETWORK, "net.contains")
        unit = unit * c**e
        multiply_into(powers, {atom: 1}, e)
    return unit, powers


def _linear(form: Polynomial, field: Field) -> list[Any]:
    out = [field.zero] * len(form.ring.names)
    for exponents, c in form.terms():
        out[exponents.index(1)] = c
    return out


def _quadratic(form: Polynomial, field: Field) -> Matrix:
    n = len(form.ring.names)
    rows = [[field.zero] * n for _ in range(n)]
    for exponents, c in form.terms():
        i, j = [m for m, e in enumerate(exponents) for _ in range(e)]
        rows[i][j] = rows[i][j] + c / 2
        rows[j][i] = rows[j][i] + c / 2
    return Matrix(field, rows)


# --- along lines ---------------------------------------------------------------------------------


def univariate(values: Sequence[Any], nodes: Sequence[int], field: Field) -> list[Any]:
    """The coefficients of the polynomial with these values at the nodes."""
    n = len(nodes)
    matrix = Matrix(field, [[field(x) ** k for k in range(n)] for x in nodes])
    solution = matrix.solve(Matrix(field, [[v] for v in values]))
    assert solution is not None
    return solution.column(0)


def _trim(f: list[Any]) -> list[Any]:
    while f and f[-1] == 0:
        f.pop()
    return f


def _divide(f: list[Any], g: list[Any]) -> tuple[list[Any], list[Any]]:
    """Quotient and remainder of polynomials given by coefficients, constant term first."""
    rest, out = list(f), [f[0] * 0] * max(len(f) - len(g) + 1, 0)
    for n in reversed(range(len(out))):
        c = rest[n + len(g) - 1] / g[-1]
        out[n] = c
        for i, x in enumerate(g):
            rest[n + i] = rest[n + i] - c * x
    return out, _trim(rest[: len(g) - 1])


def _gcd(f: list[Any], g: list[Any]) -> list[Any]:
    while g:
        f, g = g, _divide(f, g)[1] if len(f) >= len(g) else f
    return [c / f[-1] for c in f]


def powers_on_line(rows: Sequence[list[Any]], field: Field) -> dict[int, list[Any]]:
    """The common divisor of the rows as ``prod_e f_e^e``, f_e squarefree and coprime.

    The characteristic is 0 or above the degree.
    """
    if not isinstance(field, NumberField):
        make = (
            (lambda r: nmod_poly([int(c) for c in r], field.p))
            if isinstance(field, PrimeField)
            else fmpq_poly
        )
        common: Any = make([])
        for row in rows:
            common = common.gcd(make(row))
        found: dict[int, Any] = {}
        for factor, e in common.factor()[1] if common.degree() > 0 else []:
            found[e] = found.get(e, make([1])) * factor
        return {e: [field(_plain(c)) for c in f.coeffs()] for e, f in found.items()}
    f: list[Any] = []
    for row in rows:
        f = _gcd(f, _trim(list(row))) if f else _trim(list(row))
    return _yun(f) if len(f) > 1 else {}


def _yun(f: list[Any]) -> dict[int, list[Any]]:
    """Squarefree decomposition of a polynomial of positive degree."""
    slope = [c * n for n, c in enumerate(f)][1:]
    common = _gcd(f, slope)
    b, c = _divide(f, common)[0], _divide(slope, common)[0]
    out, e = {}, 1
    while len(b) > 1:
        db = [x * n for n, x in enumerate(b)][1:]
        size = max(len(c), len(db))
        zero = f[0] * 0
        d = _trim(
            [(c[i] if i < len(c) else zero) - (db[i] if i < len(db) else zero) for i in range(size)]
        )
        g = _gcd(b, d) if d else [x / b[-1] for x in b]
        if len(g) > 1:
            out[e] = g
        b, c = _divide(b, g)[0], _divide(d, g)[0] if d else []
        e += 1
    return out


def forms_along_lines(
    network: Architecture, value: Value, field: Field, rng: random.Random
) -> tuple[list[Matrix], Matrix] | None:
    """``(S_1..S_l, V)`` of a black box with rank V >= 2, by squarefree decomposition on lines.

    Lines through a random x in the directions of a random basis; scaled so that every
    ``x^T S_i x = 1``.  None where a line does not show l coprime quadratic factors with exponents
    3^(l-1), .., 3, 1.
    """
    basis, x = _random_frame(network.d_in, field, rng)
    d, layers, nodes = network.d_in, network.layers, list(range(network.map_degree + 1))

    def line(y: Sequence[int]) -> list[Any] | None:
        columns = [
            value(token([a + s * b for a, b in zip(x, y, strict=True)], network.tokens)).column(0)
            for s in nodes
        ]
        rows = [univariate([c[r] for c in columns], nodes, field) for r in range(network.d_out)]
        parts = powers_on_line(rows, field)
        out = []
        for i in range(layers):
            q = parts.get(3 ** (layers - 1 - i), [])
            if len(q) != 3 or q[0] == 0:
                return None
            out.append([c / q[0] for c in q])
        return out if len(parts) == layers else None

    found: dict[tuple[int, int], list[Any]] = {}
    for i, j in combinations_with_replacement(range(d), 2):
        y = basis[i] if i == j else [a + b for a, b in zip(basis[i], basis[j], strict=True)]
        coefficients = line(y)
        if coefficients is None:
            return None
        found[i, j] = [c[2] for c in coefficients]
    forms = []
    back = Matrix(field, basis).inverse()
    for n in range(layers):
        rows = [[field.zero] * d for _ in range(d)]
        for (i, j), squares in found.items():
            if i == j:
                rows[i][i] = squares[n]
            else:
                half = (squares[n] - found[i, i][n] - found[j, j][n]) / 2
                rows[i][j] = rows[j][i] = half
        forms.append(back @ Matrix(field, rows) @ back.T)
    return forms, _value_matrix(network, value, field, forms)


def _random_frame(d: int, field: Field, rng: random.Random) -> tuple[list[list[int]], list[int]]:
    """A basis of small integer vectors, and a vector."""
    while True:
        basis = [[rng.randint(-2, 3) for _ in range(d)] for _ in range(d)]
        if Matrix(field, basis).rank() == d:
            return basis, [rng.randint(1, 5) for _ in range(d)]


def _value_matrix(network: Architecture, value: Value, field: Field, forms: list[Matrix]) -> Matrix:
    """V from the values at points where p is not zero."""
    d, n = network.d_in, 1
    points: list[list[int]] = []
    images: list[list[Any]] = []
    while len(points) < d:
        x = [pow(n, k) % 10007 % 23 + 1 for k in range(1, d + 1)]
        n += 1
        X = Matrix(field, [x])
        p = field.one
        for i, S in enumerate(forms):
            p = p * (X @ S @ X.T)[0, 0] ** 3 ** (len(forms) - 1 - i)
        if p != 0 and Matrix(field, [*points, x]).rank() > len(points):
            points.append(x)
            column = value(token(x, network.tokens)).column(0)
            images.append([c / p for c in column])
    return (Matrix(field, points).inverse() @ Matrix(field, images)).T


def _plain(x: Any) -> Any:
    return int(x) if not hasattr(x, "p") else x
