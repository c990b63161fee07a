"""One description for all weights with the same function, in every stratum.

The lemmas are in ``algattn/docs/deep.md``: *scaling*, *collapse*, *skew layers*, *deep fiber*.
The description is JSON data; two weight tuples have the same function if, and where ``complete``
is true only if, their descriptions are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algattn.attention import Architecture, VirtualWeights, Weights
from algattn.attention.theorems import (
    Theorem,
    at_weights,
    covering,
    lightning,
    plain,
    two_features,
    two_tokens,
)
from algattn.errors import FieldError, LimitError, UndecidedError
from algattn.exact import Field, Matrix, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField, RationalField
from algattn.fibers.irreducible_factors import Atom, TokenForm, scaled, scaled_vector
from algattn.fibers.layer_invariants import rank_one_factors, symmetric_part
from algattn.results import canonical_json

MAX_LAYERS = 12
DEEP = "algattn/docs/deep.md"


@dataclass(frozen=True)
class VirtualNormalForm:
    """What the virtual weights ``B_1..B_l, V`` look like for a number of tokens.

    ``collapse`` is the first layer (0-based) after which only one token is left: -1 when there is
    one token, or one feature, from the start; None when that never happens before the end.
    ``skew`` are the skew layers before it.
    """

    tokens: int
    B: tuple[Matrix, ...]
    V: Matrix
    collapse: int | None
    skew: tuple[int, ...]
    zero: bool

    @staticmethod
    def of(tokens: int, B: Sequence[Matrix], V: Matrix) -> VirtualNormalForm:
        field = V.field
        if field.characteristic == 2:
            raise FieldError("describe a function", "the characteristic is 2", "use another field")
        d = V.shape[1]
        ranks = [b.rank() for b in B]
        single = tokens == 1 or d == 1
        collapse = -1 if single else next((i for i, r in enumerate(ranks) if r == 1), None)
        cut = len(B) if collapse is None else collapse + 1
        zero = not V or 0 in ranks or any(not symmetric_part(b) for b in B[cut:])
        skew = tuple(i for i in range(cut) if not symmetric_part(B[i]))
        return VirtualNormalForm(tokens, tuple(B), V, collapse, skew, zero)

    @property
    def layers(self) -> int:
        return len(self.B)

    @property
    def cut(self) -> int:
        """How many layers come before only one token is left, the collapsing one included."""
        return self.layers if self.collapse is None else self.collapse + 1

    @property
    def complete(self) -> bool:
        """Whether equal functions have equal descriptions, by one of the lemmas."""
        return any(lemma.holds_at(self) for lemma in COMPLETE)

    @property
    def stratum(self) -> str:
        """A name for people."""
        if self.zero:
            return "zero"
        if self.collapse == -1:
            return "one token" if self.tokens == 1 else "one feature"
        name = "generic"
        if self.collapse is not None:
            last = self.collapse == self.layers - 1
            name = "rank one at the end" if last else f"collapse after layer {self.collapse + 1}"
        return name + (f", {len(self.skew)} skew" if self.skew else "")


def virtual_normal_forms(network: Architecture, *weights: Weights) -> tuple[VirtualNormalForm, ...]:
    """What the virtual weights of each weight tuple look like."""
    covering(network, "describe a function", *COMPLETE)
    virtual = [VirtualWeights.of(w) for w in weights]
    return tuple(VirtualNormalForm.of(network.tokens, v.B, v.V) for v in virtual)


def _facts(network: Architecture, weights: Weights) -> VirtualNormalForm:
    return virtual_normal_forms(network, weights)[0]


nonzero = at_weights("a function that is not zero", "it is zero", _facts, lambda v: not v.zero)
zero = at_weights("the zero function", "it is not zero", _facts, lambda v: v.zero)
no_skew = at_weights(
    "no skew layer before the collapse", "some layer is skew", _facts, lambda v: not v.skew
)
planar = at_weights(
    "two tokens or two features",
    "it has more tokens and features",
    _facts,
    lambda v: 2 in (v.tokens, v.V.shape[1]),
)
collapsed = at_weights(
    "a first layer of rank one, one token or one feature",
    "its first layer does not collapse",
    _facts,
    lambda v: v.collapse in (-1, 0),
)
DEEP_FIBER = Theorem(
    "deep fiber (no skew layers)",
    DEEP,
    lightning,
    *plain,
    two_tokens,
    two_features,
    nonzero,
    no_skew,
)
SKEW_LAYERS = Theorem(
    "skew layers", DEEP, lightning, *plain, two_tokens, two_features, nonzero, planar
)
COLLAPSE = Theorem("collapse", DEEP, lightning, *plain, collapsed)
ZERO_FIBER = Theorem("zero fiber", DEEP, lightning, *plain, zero)
#: Where one of them holds, two weight tuples have the same function iff the same description.
COMPLETE = (DEEP_FIBER, SKEW_LAYERS, COLLAPSE, ZERO_FIBER)


def scale_out(B: Sequence[Matrix], V: Matrix) -> tuple[list[Matrix], Matrix]:
    """The same function with every B_i scaled so that its first nonzero entry is 1."""
    n, constant, out = len(B), V.field.one, []
    if n > MAX_LAYERS:
        raise LimitError(
            "normalise virtual weights",
            f"{n} layers need powers up to 3^{n - 1} (limit: {MAX_LAYERS} layers)",
            "compare weights by a gauge element instead",
        )
    for i, b in enumerate(B):
        c, m = scaled(b)
        constant = constant * c**3 ** (n - 1 - i)
        out.append(m)
    return out, V * constant


def normal_form(virtual: VirtualNormalForm) -> dict[str, Any]:
    """The description, as JSON data.

    Returns
    -------
    dict
        ``kind`` is "zero", "token" (only one token is left from the start) or "stack": ``layers``
        (the scaled matrices that are not skew), ``skew`` (how many are), ``powers`` (the factor
        that the skew layers contribute at two tokens) and ``tail`` (what comes after them).
    """
    if virtual.zero:
        return {"kind": "zero"}
    B, V = scale_out(virtual.B, virtual.V)
    if virtual.collapse == -1:
        return {"kind": "token"} | TokenForm.of([symmetric_part(b) for b in B], V).to_data()
    constant, powers = skew_factor(B, virtual.skew, virtual.cut)
    V = V * constant
    kept = [i for i in range(virtual.cut) if i not in virtual.skew]
    if virtual.collapse is None:
        tail: dict[str, Any] = {"V": V.to_data()}
    else:
        tail = _tail(B[virtual.collapse], B[virtual.collapse + 1 :], V)
        kept.pop()
    return {
        "kind": "stack",
        "layers": [B[i].to_data() for i in kept],
        "skew": len(virtual.skew),
        "powers": [[key, e] for key, e in sorted(powers.items())],
        "tail": tail,
    }


def _tail(B: Matrix, later: Sequence[Matrix], V: Matrix) -> dict[str, Any]:
    """``B = k q^T`` and everything after it: ``(q.Cq)^e R(Ck) (q.Y)``, see lemma *collapse*."""
    field = B.field
    k, q = rank_one_factors(B)
    # B is scaled, so the product of the two constants is 1
    (_, k), (_, q) = scaled_vector(k, field), scaled_vector(q, field)
    form = TokenForm.of([symmetric_part(b) for b in later], V)
    left = Atom.linear(k, field).key
    out: dict[str, Any] = {"q": Atom.linear(q, field).key}
    if form.pure is not None:
        return out | {"ends": sorted([left, form.pure.key]), "head": form.head.to_data()}
    return out | {"k": left, "form": form.to_data()}


def skew_factor(B: Sequence[Matrix], skew: Sequence[int], cut: int) -> tuple[Any, dict[str, int]]:
    """The factor of lemma *skew layers*, ``prod_K w_i^(3^(l-i)) prod_j det(G_j)^(e_j)``.

    Returns the constant and the irreducible factors (scaled, as JSON text) with their exponents.
    """
    field, layers, d = B[0].field, len(B), B[0].shape[0]
    if not skew:
        return field.one, {}
    if not isinstance(field, RationalField | PrimeField):
        raise UndecidedError(
            "describe a network with skew layers",
            f"their factors over {field} are not computed",
            "use rational weights",
        )
    if d == 2:  # all factors are powers of one minor
        return _planar_factor(B, skew)
    names = [f"{n}_{i + 1}" for n in "xy" for i in range(d)]
    ring = PolynomialRing(field, tuple(names), "lex")
    gens = ring.gens()
    x, y = gens[:d], gens[d:]
    constant, total = field.one, dict[str, int]()
    for j in range(max(skew) + 1):
        if j in skew:
            exponent = 3 ** (layers - 1 - j)
            poly = _form(B[j], x, y, ring)
        else:
            exponent = determinant_exponent(j, skew, layers)
            a, b = _form(B[j], x, x, ring), _form(B[j], x, y, ring)
            c, e = _form(B[j], y, x, ring), _form(B[j], y, y, ring)
            poly = a * e - b * c
        if exponent == 0:
            continue
        unit, factors = poly.factor()
        constant = constant * field(unit if not isinstance(unit, int) else int(unit)) ** exponent
        for factor, power in factors:
            leading, key = scaled_polynomial(factor, field)
            constant = constant * leading ** (power * exponent)
            total[key] = total.get(key, 0) + power * exponent
    return constant, total


def determinant_exponent(j: int, skew: Sequence[int], layers: int) -> int:
    """``e_j = sum over skew i > j of 3^(layers between that are not skew) 3^(l-i)``."""
    return sum(
        3 ** (sum(n not in skew for n in range(j + 1, i)) + layers - 1 - i) for i in skew if i > j
    )


def _planar_factor(B: Sequence[Matrix], skew: Sequence[int]) -> tuple[Any, dict[str, int]]:
    constant, total, layers = B[0].field.one, 0, len(B)
    for j in range(max(skew) + 1):
        if j in skew:
            e = 3 ** (layers - 1 - j)
            constant, total = constant * B[j][0, 1] ** e, total + e
        else:
            e = determinant_exponent(j, skew, layers)
            constant, total = constant * B[j].det() ** e, total + 2 * e
    return constant, {"minor": total}


def _form(B: Matrix, x: Sequence[Polynomial], y: Sequence[Polynomial], ring: Any) -> Polynomial:
    total: Polynomial = ring(0)
    for u, row in zip(x, B.rows, strict=True):
        for v, c in zip(y, row, strict=True):
            if c != 0:
                total = total + u * v * c
    return total


def scaled_polynomial(poly: Polynomial, field: Field) -> tuple[Any, str]:
    """The leading coefficient, and the polynomial divided by it as JSON text."""
    terms = list(poly.terms())
    leading = terms[0][1]
    return leading, canonical_json([[list(e), field.format(c / leading)] for e, c in terms])
