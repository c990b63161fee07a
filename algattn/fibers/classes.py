"""From a normal form back to virtual and native weights: all classes that share it.

A class is a tuple ``(B_1..B_l, V)`` up to scaling, where after a collapse only ``sym(B_i)`` counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, NamedTuple

from algattn.attention import Architecture, Weights
from algattn.errors import FieldError, UndecidedError
from algattn.exact import QQ, Field, Matrix
from algattn.exact.quadratic_forms import outer
from algattn.fibers.attention import LowRank, in_one_field, low_rank
from algattn.fibers.irreducible_factors import Atom, atom_product, layer_choices, scaled
from algattn.fibers.normal_form import skew_factor
from algattn.results import canonical_json

MAX_ARRANGEMENTS = 5000


@dataclass(frozen=True)
class VirtualClass:
    """Virtual weights with a given function; the layers from ``free`` on are symmetric parts."""

    B: tuple[Matrix, ...]
    V: Matrix
    free: int

    def spelled(self) -> str:
        return canonical_json([[b.to_data() for b in self.B], self.V.to_data()])


def classes(
    form: Mapping[str, Any], shape: tuple[int, int, int], field: Field
) -> list[VirtualClass]:
    """All classes with this normal form, in a fixed order.

    Parameters
    ----------
    form : dict
        From :func:`~algattn.fibers.normal_form.normal_form`.
    shape : (int, int, int)
        (layers, d, d').
    """
    layers, d, d_out = shape
    if form["kind"] == "zero":
        zero = Matrix.zeros(field, d, d)
        return [VirtualClass((zero,) * layers, Matrix.zeros(field, d_out, d), 0)]
    if form["kind"] == "token":
        found = [VirtualClass(tuple(S), V, 0) for S, V in _token(form, layers, field)]
    else:
        found = list(_stacks(form, layers, d, field))
    return sorted(found, key=VirtualClass.spelled)


def _token(form: Mapping[str, Any], layers: int, field: Field) -> Iterator[Any]:
    """``(S_1..S_m, V)`` for every way to read a token form with m layers."""
    powers = {Atom(key, degree): e for key, degree, e in form["powers"]}
    head = Matrix(field, form["head"])
    if form["rank"] == "many":
        for choice in layer_choices(powers, layers):
            yield [atom_product(q, field) for q in choice], head
        return
    for atom in sorted(powers, key=lambda a: a.key):
        if atom.degree == 1:
            rest = {a: e - (a == atom) for a, e in powers.items()}
            for choice in layer_choices({a: e for a, e in rest.items() if e}, layers):
                V = outer(head.column(0), atom.read(field).row(0), field)
                yield [atom_product(q, field) for q in choice], V


def _stacks(form: Mapping[str, Any], layers: int, d: int, field: Field) -> Iterator[VirtualClass]:
    kept = [Matrix(field, m) for m in form["layers"]]
    tail, skew = form["tail"], form["skew"]
    collapses = "q" in tail
    cut = len(kept) + skew + collapses
    for middle, later, V in _tails(tail, layers - cut, field):
        for B in _arrangements([*kept, *middle], skew, collapses, form["powers"], d, field):
            full = [*B, *later]
            places = _places(full, skew, cut)
            constant, powers = skew_factor([scaled(b)[1] for b in full], places, cut)
            if sorted(powers.items()) == [(k, e) for k, e in form["powers"]]:
                yield VirtualClass(tuple(full), V * (field.one / constant), cut)


def _places(B: Sequence[Matrix], skew: int, cut: int) -> list[int]:
    return [i for i in range(cut) if skew and not (B[i] + B[i].T)]


def _tails(tail: Mapping[str, Any], later: int, field: Field) -> Iterator[Any]:
    if "q" not in tail:
        yield [], [], Matrix(field, tail["V"])
        return
    q = _line(tail["q"], field)
    if "ends" in tail:
        head = Matrix(field, tail["head"])
        ends = [_line(key, field) for key in tail["ends"]]
        for k, v in [ends, ends[::-1]] if ends[0] != ends[1] else [ends]:
            square = outer(v, v, field)
            yield [outer(k, q, field)], [square] * later, outer(head.column(0), v, field)
        return
    k = _line(tail["k"], field)
    for forms, V in _token(tail["form"], later, field):
        yield [outer(k, q, field)], forms, V


def _line(key: str, field: Field) -> list[Any]:
    return [field(x) for x in json.loads(key)]


def _arrangements(
    kept: list[Matrix], skew: int, collapses: bool, powers: Any, d: int, field: Field
) -> Iterator[list[Matrix]]:
    """All ways to insert skew layers, each one a factor of the given product."""
    if skew == 0:
        yield kept
        return
    forms = _skew_forms(powers, d, field)
    room = len(kept) + skew - collapses
    count = len(forms) ** skew
    for n in range(skew):
        count = count * (room - n) // (n + 1)
    if count > MAX_ARRANGEMENTS:
        raise UndecidedError(
            "list the classes of weights", f"{count} orders of skew layers", "use fewer layers"
        )
    for places in combinations(range(room), skew):
        for chosen in product(forms, repeat=skew):
            rest, pick = iter(kept), iter(chosen)
            yield [next(pick if i in places else rest) for i in range(len(kept) + skew)]


def _skew_forms(powers: Any, d: int, field: Field) -> list[Matrix]:
    """The factors that are skew forms, as scaled matrices."""
    if d == 2:
        return [Matrix(field, [[0, 1], [-1, 0]])]
    out = []
    for key, _ in powers:
        terms = json.loads(key)
        if all(sum(e) == 2 for e, _ in terms):
            rows = [[field.zero] * d for _ in range(d)]
            for e, c in terms:
                (i,) = [n for n in range(d) if e[n]]
                (j,) = [n for n in range(d) if e[d + n]]
                rows[i][j] = field(c)
            out.append(scaled(Matrix(field, rows))[1])
    return out


# --- native weights ------------------------------------------------------------------------------


class Native(NamedTuple):
    """Weights of a network, and why they are not over the field of their class, or None."""

    weights: Weights
    remark: str | None


def native(network: Architecture, found: VirtualClass) -> Native:
    """Weights of the network with these virtual weights, by a fixed factorisation.

    ``P_i`` is the reduced basis of the span of the rows of V and of the rows and columns of all
    later B, filled up with zero rows.

    Returns
    -------
    Native
        Over the field of the class where there are some, else over QQ with real square roots.

    Raises
    ------
    FieldError
        When there are none: that span or a rank is too large for the network, also over the real
        numbers (over QQ), or over the field of the class (over other fields).
    UndecidedError
        When that could not be decided; see :func:`~algattn.fibers.attention.low_rank`.
    """
    parts, asked = [], f"write weights of {network!r}"
    where = "the real numbers" if found.V.field == QQ else str(found.V.field)
    for i, (S, a) in enumerate(zip(found.B, network.ranks, strict=True)):
        one_token = i >= found.free
        part = low_rank(S, a) if one_token else LowRank(S)
        if part is None or (not one_token and S.rank() > a):
            kind = f"a matrix with its symmetric part of rank at most {a} over {where}"
            wrong = f"there is not {kind}" if one_token else f"its rank {S.rank()} is above {a}"
            raise FieldError(asked, f"layer {i + 1}: {wrong}", "a larger rank bound")
        parts.append(part)
    reasons = [part.reason for part in parts if part.reason is not None]
    remark = f"none exist over {found.V.field}: {reasons[0]}" if reasons else None
    B = in_one_field(parts)
    field = B[0].field
    V_all = Matrix(field, found.V.rows, found.V.shape)
    A, V = [], []
    d = network.d_in
    small = scaled(V_all)[1] if V_all else V_all  # its constant may have thousands of digits
    section = P = Matrix.identity(field, d)
    for i in range(network.layers):
        A.append(section.T @ B[i] @ section)
        if i + 1 < network.layers:
            rows = [*small.rows, *(r for b in B[i + 1 :] for r in [*b.rows, *b.T.rows])]
            reduced, pivots = Matrix(field, rows, (len(rows), d)).rref()
            width = network.widths[i + 1]
            if len(pivots) > width:
                wrong = f"{len(pivots)} features go on after layer {i + 1}, above its width {width}"
                raise FieldError(asked, wrong, "a larger width")
            basis = reduced.rows[: len(pivots)]
            empty = [[field.zero] * d for _ in range(width - len(pivots))]
            P = Matrix(field, [*basis, *empty], (width, d))
            V.append(P @ section)
            lifted = [[field.zero] * width for _ in range(d)]
            for n, p in enumerate(pivots):
                lifted[p][n] = field.one
            section = Matrix(field, lifted, (d, width))
        else:
            V.append(V_all @ section)
    weights = Weights(A=A, V=V, field=field)
    return Native(as_native_form(network, weights), remark)


def native_or_none(network: Architecture, found: VirtualClass) -> Weights | None:
    """The weights of :func:`native`; None where there are none, or none were found."""
    try:
        return native(network, found).weights
    except (FieldError, UndecidedError):
        return None


def as_native_form(network: Architecture, weights: Weights) -> Weights:
    """The same weights as (K, Q, V), with a fixed factorisation ``A = K^T Q``."""
    K, Q, field = [], [], weights.field
    for A, a in zip(weights.A, network.ranks, strict=True):
        reduced, pivots = A.rref()
        d, r = A.shape[0], len(pivots)
        fill = [[field.zero] * d for _ in range(a - r)]
        K.append(Matrix(field, [*(A.column(p) for p in pivots), *fill], (a, d)))
        Q.append(Matrix(field, [*reduced.rows[:r], *fill], (a, d)))
    return Weights(K=K, Q=Q, V=weights.V, field=field)
