"""The structural theorem: which points are singular, which lie on the boundary, and why.

Stated and proved in ``algattn/docs/one_layer.md`` (lemmas *singular* and *boundary*).  The function
space M is the image of a finite map from (determinantal variety) x (matrices V), up to scaling;
the map is birational except where two or three factorisations are generic.  At a smooth point of M
such a map is an isomorphism, so: singular exactly when there are several preimages, or the source
is singular, or the differential has a kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from algattn.attention.theorems import Theorem, lightning, one_layer, plain, unless
from algattn.fibers.layer_invariants import ONE_LAYER, SymmetricClass

SINGULARITIES = "algattn/docs/singularities.md"

SINGULAR = Theorem(
    "singular", ONE_LAYER, lightning, *plain, one_layer, instead="net.local_dimension"
)
BOUNDARY_POINT = Theorem("boundary", ONE_LAYER, lightning, *plain, one_layer)
#: The closure of the function space is a linear space.
LINEAR = Theorem(
    "Linear spaces",
    ONE_LAYER,
    lightning,
    *plain,
    one_layer,
    unless(
        "one feature, or one token with widths 2 and 1",
        "its function space is not linear",
        lambda n: is_linear(n.d_in, n.d_out, n.tokens),
    ),
)


class Facts(Protocol):
    """What the theorem needs to know of a function: of weights, or of its coefficients alone."""

    @property
    def d(self) -> int: ...
    @property
    def d_out(self) -> int: ...
    @property
    def a(self) -> int: ...
    @property
    def alpha(self) -> int: ...
    @property
    def s(self) -> int: ...
    @property
    def single_token(self) -> bool: ...
    @property
    def zero(self) -> bool: ...
    @property
    def rank_A(self) -> int: ...
    @property
    def rank_V(self) -> int: ...
    @property
    def rank_S(self) -> int: ...
    @property
    def rank_one_pair(self) -> bool: ...
    @property
    def aligned(self) -> bool: ...
    @property
    def classes(self) -> Sequence[SymmetricClass]: ...


SingularReason = Literal[
    "linear space",
    "one preimage",
    "two conjugate preimages",
    "three distinct lines",
    "plane of forms",
    "zero",
    "rank drop",
    "several preimages",
    "ramification",
    "equal lines",
    "outside",
]
BoundaryReason = Literal[
    "no boundary",
    "interior",
    "zero",
    "square",
    "not reached",
    "outside",
    "signature",
]

REASONS: dict[SingularReason, str] = {
    "linear space": "the function space is a linear space",
    "one preimage": "one smooth preimage, where the differential is injective",
    "two conjugate preimages": "the quadratic form has rank two, a smooth point of its variety",
    "three distinct lines": "the cubic is a product of three different lines",
    "plane of forms": "all binary quadratic forms are products of two linear forms",
    "zero": "the zero function is the vertex of the cone",
    "rank drop": "the rank of the attention form is below the largest possible one",
    "several preimages": "several classes of weights give the function: branches meet",
    "ramification": "one class of weights, but the differential has a kernel there: ramification",
    "equal lines": "the linear factors are not pairwise different",
    "outside": "it is not in the Zariski closure of the function space",
}

BOUNDARY: dict[BoundaryReason, str] = {
    "no boundary": "every real point of the closure is a function of the network",
    "interior": "all nearby real points of the closure are functions of the network",
    "zero": "the zero function is a limit of real points of the closure without real weights",
    "square": "the square k(x)^2 is a limit of definite forms, which have no real factors",
    "not reached": "in the closure, but real weights reach neither it nor its neighbourhood",
    "outside": "no limit of real or complex weights has this function",
    "signature": "a nearby form of higher rank has more equal signs than a allows",
}


@dataclass(frozen=True)
class Verdict:
    """Where a function lies: singular or not, on the boundary or not, with reason codes."""

    singular: bool
    singular_reason: SingularReason
    boundary: bool
    boundary_reason: BoundaryReason


def verdict(facts: Facts) -> Verdict:
    """The verdict of the theorem, from exact facts about the weights."""
    if facts.single_token:
        return Verdict(*_singular_single(facts), *_boundary_single(facts))
    return Verdict(*_singular_many(facts), *_boundary_many(facts))


def is_linear(d: int, d_out: int, tokens: int) -> bool:
    """Whether the closure of the function space is a linear space."""
    return d == 1 or (tokens == 1 and d == 2 and d_out == 1)


def _singular_many(facts: Facts) -> tuple[bool, SingularReason]:
    d = facts.d
    if d == 1:
        return False, "linear space"
    if facts.zero:
        return True, "zero"
    if facts.alpha == facts.d_out == 1:
        # M is (quadratic forms of rank <= 2) x (vectors q): a Segre product of cones.
        if not facts.aligned:
            return False, "two conjugate preimages"
        return (False, "plane of forms") if d == 2 else (True, "equal lines")
    if facts.rank_A < facts.a and facts.a < d:
        return True, "rank drop"
    if facts.rank_one_pair:
        return True, "ramification" if facts.aligned else "several preimages"
    return False, "one preimage"


def _boundary_many(facts: Facts) -> tuple[bool, BoundaryReason]:
    if facts.d == 1:
        return False, "no boundary"
    if facts.zero:
        return True, "zero"
    if facts.rank_one_pair and facts.aligned:
        return True, "square"
    return False, "interior"


def _singular_single(facts: Facts) -> tuple[bool, SingularReason]:
    d = facts.d
    if is_linear(d, facts.d_out, 1):
        return False, "linear space"
    if facts.zero:
        return True, "zero"
    classes = facts.classes
    if facts.d_out == 1 and facts.s == 2:
        # products of three lines (d >= 3): three generic factorisations
        return (False, "three distinct lines") if len(classes) == 3 else (True, "equal lines")
    if len(classes) > 1:
        return True, "several preimages"
    if facts.rank_S < facts.s < d:
        return True, "rank drop"
    if facts.rank_V == 1 and facts.rank_S <= 2:
        return True, "ramification"
    return False, "one preimage"


def _boundary_single(facts: Facts) -> tuple[bool, BoundaryReason]:
    if facts.a >= facts.d:
        return False, "no boundary"
    if facts.zero:
        return True, "zero"
    for c in facts.classes:
        if c.signature is not None and min(c.signature) < facts.s - facts.a:
            return True, "signature"
    return False, "interior"
