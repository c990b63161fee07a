"""Products of linear and quadratic forms with exponents, in a form that equal products share.

A quadratic form of rank one is a multiple of a square; one of rank two splits into two linear
forms when one square root lies in the field; one of higher rank is irreducible.  So a product of
powers of quadratic forms has a unique description by irreducible *atoms*, scaled so that their
first nonzero entry is 1, their exponents, and one constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.exact import Field, Matrix
from algattn.exact.quadratic_forms import diagonalise, outer
from algattn.exact.roots import square_root
from algattn.fibers.layer_invariants import rank_one_factors, symmetric_part
from algattn.results import canonical_json


def first_nonzero(entries: Iterable[Any]) -> Any:
    """The first entry that is not zero."""
    return next(x for x in entries if x != 0)


def scaled(matrix: Matrix) -> tuple[Any, Matrix]:
    """``(c, M)`` with ``matrix = c M`` and the first nonzero entry of M equal to 1."""
    c = first_nonzero(x for row in matrix.rows for x in row)
    return c, matrix * (matrix.field.one / c)


def scaled_vector(vector: Sequence[Any], field: Field) -> tuple[Any, list[Any]]:
    """The same for a vector."""
    c = first_nonzero(vector)
    return c, [field(x) / c for x in vector]


@dataclass(frozen=True)
class Atom:
    """An irreducible linear or quadratic form; `key` is its JSON text (a vector or a matrix)."""

    key: str
    degree: int

    @staticmethod
    def linear(vector: Sequence[Any], field: Field) -> Atom:
        return Atom(canonical_json([field.format(x) for x in vector]), 1)

    @staticmethod
    def quadratic(S: Matrix) -> Atom:
        return Atom(canonical_json(S.to_data()), 2)

    def read(self, field: Field) -> Matrix:
        """The form: a 1 x d matrix (linear) or a symmetric d x d matrix."""
        import json

        data = json.loads(self.key)
        return Matrix(field, [data] if self.degree == 1 else data)


Powers = dict[Atom, int]


def factor_form(S: Matrix) -> tuple[Any, Powers]:
    """``(c, powers)`` with ``x^T S x = c prod atom(x)^power``, over the field of S; S is not 0.

    >>> from algattn.exact import QQ
    >>> c, powers = factor_form(Matrix(QQ, [[0, 3], [3, 0]]))
    >>> c, sorted((a.key, e) for a, e in powers.items())
    (6, [('[0,1]', 1), ('[1,0]', 1)])
    """
    field = S.field
    values, forms = diagonalise(S)
    if len(values) == 1:
        c, line = scaled_vector(forms.row(0), field)
        return values[0] * c * c, {Atom.linear(line, field): 2}
    root = square_root(field, -values[1] / values[0]) if len(values) == 2 else None
    if root is None:
        c, M = scaled(S)
        return c, {Atom.quadratic(M): 1}
    pairs = list(zip(forms.row(0), forms.row(1), strict=True))
    a, x = scaled_vector([p - root * q for p, q in pairs], field)
    b, y = scaled_vector([p + root * q for p, q in pairs], field)
    return values[0] * a * b, {Atom.linear(x, field): 1, Atom.linear(y, field): 1}


def multiply_into(total: Powers, powers: Powers, exponent: int) -> None:
    """Multiply `total` by ``powers ** exponent``."""
    for atom, e in powers.items():
        total[atom] = total.get(atom, 0) + e * exponent


@dataclass(frozen=True)
class TokenForm:
    """The map ``x -> prod atoms(x)^e V x``, or ``x -> h prod atoms(x)^e`` when V has rank one.

    ``head`` is V, or h as one column; it carries the constant, so equal maps have equal forms.
    """

    head: Matrix
    powers: tuple[tuple[Atom, int], ...]
    many: bool

    @staticmethod
    def of(forms: Sequence[Matrix], V: Matrix) -> TokenForm:
        """For ``prod_i (x^T S_i x)^(3^(m-i)) V x`` with m nonzero symmetric matrices, V nonzero."""
        field, m = V.field, len(forms)
        powers: Powers = {}
        constant = field.one
        for i, S in enumerate(forms):
            c, atoms = factor_form(S)
            constant = constant * c**3 ** (m - 1 - i)
            multiply_into(powers, atoms, 3 ** (m - 1 - i))
        many = V.rank() > 1
        head = V
        if not many:
            h, v = rank_one_factors(V)
            c, line = scaled_vector(v, field)
            constant = constant * c
            multiply_into(powers, {Atom.linear(line, field): 1}, 1)
            head = Matrix(field, [[x] for x in h])
        ordered = tuple(sorted(powers.items(), key=lambda item: item[0].key))
        return TokenForm(head * constant, ordered, many)

    @property
    def pure(self) -> Atom | None:
        """The linear form v when the map is ``h (v.x)^n``, else None."""
        if not self.many and len(self.powers) == 1 and self.powers[0][0].degree == 1:
            return self.powers[0][0]
        return None

    def to_data(self) -> dict[str, Any]:
        return {
            "head": self.head.to_data(),
            "rank": "many" if self.many else "one",
            "powers": [[atom.key, atom.degree, e] for atom, e in self.powers],
        }


def atom_product(atoms: Sequence[Atom], field: Field) -> Matrix:
    """The symmetric matrix of one quadratic atom or of the product of two linear ones."""
    if len(atoms) == 1:
        return atoms[0].read(field)
    x, y = (a.read(field).row(0) for a in atoms)
    return symmetric_part(outer(x, y, field))


def layer_choices(powers: Powers, layers: int) -> list[list[list[Atom]]]:
    """All ways to write ``prod_i q_i^(3^(m-i))`` with m quadratic forms, as lists of atoms.

    The first entry of a choice belongs to the first of the m layers.  The forms with the smallest
    exponent 1 come first: they are forced modulo 3 up to a choice among the linear atoms.

    >>> from algattn.exact import QQ
    >>> u, v = Atom.linear([1, 0], QQ), Atom.linear([0, 1], QQ)
    >>> [[[a.key for a in q] for q in c] for c in layer_choices({u: 4, v: 4}, 2)]
    [[['[0,1]', '[1,0]'], ['[0,1]', '[1,0]']]]
    """
    if layers == 0:
        return [[]] if not any(powers.values()) else []
    out: list[list[list[Atom]]] = []
    for last in _quadratic_choices({a: e for a, e in powers.items() if e}):
        rest = dict(powers)
        for atom in last:
            rest[atom] -= 1
        if all(e >= 0 and e % 3 == 0 for e in rest.values()):
            less = {a: e // 3 for a, e in rest.items() if e}
            out.extend([*before, last] for before in layer_choices(less, layers - 1))
    return out


def _quadratic_choices(powers: Powers) -> list[list[Atom]]:
    atoms = sorted(powers, key=lambda a: a.key)
    linear = [a for a in atoms if a.degree == 1]
    single = [[a] for a in atoms if a.degree == 2]
    return single + [[a, b] for n, a in enumerate(linear) for b in linear[n:]]
