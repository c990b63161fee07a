"""Normal forms without their field: over QQ where the function is rational, else in named numbers.

The same function may be written over many fields, and a quadratic form that is irreducible over one
splits over another.  So conjugate lines are multiplied again; what is then rational is described
over QQ, and other numbers by their minimal polynomial and their place among its roots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import arb, ctx, fmpq_mat, fmpq_poly

from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.exact.quadratic_forms import outer
from algattn.fibers.irreducible_factors import Atom, atom_product
from algattn.fibers.layer_invariants import symmetric_part
from algattn.fibers.normal_form import VirtualNormalForm, normal_form, scale_out

Form = Mapping[str, Any]


class _IrrationalError(Exception):
    """A number or a line is not rational."""


def lowered(virtual: VirtualNormalForm) -> VirtualNormalForm:
    """The same virtual weights over QQ, where they are rational up to scaling."""
    if not isinstance(virtual.V.field, NumberField) or virtual.zero:
        return virtual
    later = [symmetric_part(b) for b in virtual.B[virtual.cut :]]
    B, V = scale_out([*virtual.B[: virtual.cut], *later], virtual.V)
    try:
        return VirtualNormalForm.of(virtual.tokens, [_rational(b) for b in B], _rational(V))
    except _IrrationalError:
        return virtual


def form_and_field(virtual: VirtualNormalForm) -> tuple[Form, Field]:
    """The normal form, over QQ where it is rational (which says whether there are classes there).

    >>> K = NumberField([-2, 0, 1], 1)
    >>> one = [Matrix(F, [[0, 1], [1, 0]]) for F in (QQ, K)]
    >>> [form_and_field(VirtualNormalForm.of(1, [b], b))[1] for b in one]
    [QQ, QQ]
    """
    virtual = lowered(virtual)
    form, field = normal_form(virtual), virtual.V.field
    if isinstance(field, NumberField):
        try:
            return _rational_form(form, field), QQ
        except _IrrationalError:
            pass
    return form, field


def described(form: Form, field: Field) -> Form:
    """The same for every field in which the function is written; the form itself over QQ."""
    if not isinstance(field, NumberField):
        return {"field": field.to_data(), "form": form}
    names: dict[Any, Any] = {}

    def name(x: Any) -> Any:
        if x not in names:
            names[x] = number_name(field, x)
        return names[x]

    return {"field": "algebraic numbers", "form": _named_form(form, field, name)}


def number_name(field: NumberField, x: Any) -> Any:
    """A rational number as such; else the minimal polynomial and which of its roots it is.

    Roots are ordered by ``Re + pi Im``, which has no ties because pi is transcendental.

    >>> K, L = NumberField([-2, 0, 1], 1), NumberField([-8, 0, 1], 1)
    >>> number_name(K, K.theta), number_name(L, L.theta / 2), number_name(L, 3)
    (['-2', '0', '1', 1], ['-2', '0', '1', 1], 3)
    """
    x = field(x)
    if x.poly.degree() <= 0:
        return QQ.format(x.poly[0])
    columns = [(x * field.theta**i).poly.coeffs() for i in range(field.degree)]
    entries = [c[j] if j < len(c) else 0 for c in columns for j in range(field.degree)]
    power = fmpq_mat(field.degree, field.degree, entries).charpoly()
    (minimal, _), *_ = power.factor()[1]
    minimal = minimal / minimal[minimal.degree()]
    precision = 64
    while (place := _place(minimal, field, x, precision)) is None:
        precision *= 2
    return [*(str(QQ.format(c)) for c in minimal.coeffs()), place]


def _place(minimal: fmpq_poly, field: NumberField, x: Any, precision: int) -> int | None:
    """The number of roots before x; None when the precision does not show it."""
    value = field.embed(x, precision)
    with ctx.workprec(precision):
        slope = arb.pi()
        found: Any = minimal.numer().complex_roots()
        roots = [r for r, _ in found]
        mine = [r for r in roots if r.overlaps(value)]
        if len(mine) != 1:
            return None
        keys = [r.real + slope * r.imag for r in roots if r is not mine[0]]
        key = mine[0].real + slope * mine[0].imag
        if any(k.overlaps(key) for k in keys):
            return None
        return sum(bool(k < key) for k in keys)


# --- over the rationals ---------------------------------------------------------------------------


def _rational(matrix: Matrix) -> Matrix:
    if any(x.poly.degree() > 0 for row in matrix.rows for x in row):
        raise _IrrationalError
    return Matrix(QQ, [[x.poly[0] for x in row] for row in matrix.rows], matrix.shape)


def _rational_data(data: Any, field: Field) -> Any:
    return _rational(Matrix(field, data)).to_data()


def _rational_form(form: Form, field: Field) -> Form:
    if form["kind"] == "zero":
        return form
    if form["kind"] == "token":
        return {"kind": "token"} | _rational_token(form, field)
    tail: dict[str, Any] = {}
    for part, data in form["tail"].items():
        if part in ("q", "k"):
            tail[part] = _rational_atom(Atom(data, 1), field).key
        elif part == "ends":
            tail[part] = sorted(_rational_atom(Atom(key, 1), field).key for key in data)
        elif part == "form":
            tail[part] = _rational_token(data, field)
        else:
            tail[part] = _rational_data(data, field)
    layers = [_rational_data(m, field) for m in form["layers"]]
    return {**form, "layers": layers, "tail": tail}


def _rational_atom(atom: Atom, field: Field) -> Atom:
    matrix = _rational(atom.read(field))
    return Atom.linear(matrix.row(0), QQ) if atom.degree == 1 else Atom.quadratic(matrix)


def _rational_token(form: Form, field: Field) -> dict[str, Any]:
    """Lines that are not rational go together with their conjugates."""
    powers: list[tuple[Atom, int]] = []
    lines: list[tuple[Atom, int]] = []
    for key, degree, e in form["powers"]:
        atom = Atom(key, degree)
        try:
            powers.append((_rational_atom(atom, field), e))
        except _IrrationalError:
            if degree == 2:
                raise
            lines.append((atom, e))
    while lines:
        line, e = lines.pop()
        for other in [item for item in lines if item[1] == e]:
            try:
                product = _rational(atom_product([line, other[0]], field))
            except _IrrationalError:
                continue
            powers.append((Atom.quadratic(product), e))
            lines.remove(other)
            break
        else:
            raise _IrrationalError
    return {
        "head": _rational_data(form["head"], field),
        "rank": form["rank"],
        "powers": [[a.key, a.degree, e] for a, e in sorted(powers, key=lambda item: item[0].key)],
    }


# --- in named numbers -----------------------------------------------------------------------------

_Name = Callable[[Any], Any]


def _named(matrix: Matrix, name: _Name) -> list[list[Any]]:
    return [[name(x) for x in row] for row in matrix.rows]


def _named_form(form: Form, field: Field, name: _Name) -> Form:
    if form["kind"] == "zero":
        return form
    if form["kind"] == "token":
        return {"kind": "token"} | _named_token(form, field, name)
    tail: dict[str, Any] = {}
    for part, data in form["tail"].items():
        if part in ("q", "k"):
            tail[part] = _named(Atom(data, 1).read(field), name)
        elif part == "ends":  # the product of the two is what the function shows
            k, v = (Atom(key, 1).read(field).row(0) for key in data)
            tail[part] = _named(symmetric_part(outer(k, v, field)), name)
        elif part == "form":
            tail[part] = _named_token(data, field, name)
        else:
            tail[part] = _named(Matrix(field, data), name)
    layers = [_named(Matrix(field, m), name) for m in form["layers"]]
    return {**form, "layers": layers, "tail": tail}


def _named_token(form: Form, field: Field, name: _Name) -> dict[str, Any]:
    """Lines of one exponent are multiplied: which of them split depends on the field."""
    quadrics: list[Any] = []
    lines: dict[int, dict[tuple[int, ...], Any]] = {}
    for key, degree, e in form["powers"]:
        matrix = Atom(key, degree).read(field)
        if degree == 2 and matrix.rank() > 2:
            quadrics.append([e, _named(matrix, name)])
            continue
        d = matrix.shape[1]
        n = range(d)
        factor: dict[tuple[int, ...], Any]
        if degree == 1:
            factor = {(i,): matrix[0, i] for i in n}
        else:
            factor = {(i, j): matrix[i, j] for i in n for j in n}
        total: dict[tuple[int, ...], Any] = {}
        for u, a in lines.get(e, {(): field.one}).items():
            for v, b in factor.items():
                place = tuple(sorted(u + v))
                total[place] = total.get(place, field.zero) + a * b
        lines[e] = total
    return {
        "head": _named(Matrix(field, form["head"]), name),
        "rank": form["rank"],
        "quadrics": sorted(quadrics, key=str),
        "lines": [
            [e, [[list(u), name(c)] for u, c in sorted(p.items()) if c != 0]]
            for e, p in sorted(lines.items())
        ],
    }
