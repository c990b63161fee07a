"""The coordinates of the functions of a network: which coefficients tell them apart.

Labels and their spelling are in :mod:`algattn.attention.labels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any, Literal

from algattn.attention.architecture import Architecture
from algattn.attention.labels import (
    Label,
    Monomial,
    OutputKey,
    cubic_monomial,
    is_natural,
    label_latex,
    label_name,
    monomial_name,
    parse_label,
    swap_columns,
    typed_label,
)
from algattn.attention.spaces import LayerShape
from algattn.attention.theorems import (
    Hypothesis,
    Theorem,
    lightning,
    no_bias,
    no_mask,
    no_residual,
    one_layer,
)
from algattn.errors import LimitError, ShapeError

__all__ = [
    "NATURAL",
    "TOKEN_SYMMETRY",
    "Coordinates",
    "Label",
    "Monomial",
    "OutputKey",
    "cubic_monomial",
    "is_natural",
    "label_latex",
    "label_name",
    "layer_degrees",
    "map_degrees",
    "monomial_name",
    "natural_count",
    "natural_labels",
    "parse_label",
    "swap_columns",
]

MAX_DEGREE = 60_000
_PAGE = "algattn/docs/one_layer.md"
#: With several heads the coordinates are the sums of those of the heads.
NATURAL = Theorem("natural coordinates", _PAGE, lightning, one_layer, no_mask, no_residual, no_bias)
#: Permuting the columns of X permutes those of the output.
TOKEN_SYMMETRY = Theorem(
    "token symmetry",
    _PAGE,
    Hypothesis(
        "masks that every permutation of the tokens keeps",
        lambda n: (
            ""
            if all(m is None for m in n.mask) or all(s.seen.symmetric_tokens for s in n.shapes)
            else "its mask tells tokens apart"
        ),
    ),
)


@dataclass(frozen=True)
class Coordinates:
    """Which coefficients tell the functions of a network apart.

    Attributes
    ----------
    d_in, d_out, tokens : int
        Shape of X and of the output.
    degrees : tuple of int
        The degrees in X that can occur, in order.
    kind : {"natural", "column", "entries"}
        Which labels: natural coordinates of one layer, monomials in the first
        column, or in every entry of the output.

    Examples
    --------
    >>> from algattn import Lightning
    >>> Coordinates.of(Lightning((2, 2), 1, heads=2)).kind
    'natural'
    >>> here = Coordinates.of(Lightning((1, 1), 1, residual=True))
    >>> here.degrees, [label_name(x) for x in here.labels()][:3]
    ((1, 3), ['y_1*x_1_1', 'y_1*x_1_2', 'y_1*x_1_1^3'])
    >>> Coordinates.of(Lightning((2, 2, 2), 1, mask="causal", biases="o")).degrees
    (0, 3, 6, 9)
    """

    d_in: int
    d_out: int
    tokens: int
    degrees: tuple[int, ...] = (3,)
    kind: Literal["natural", "column", "entries"] = "natural"

    @staticmethod
    def of(network: Architecture) -> Coordinates:
        """The coordinates of the functions of a lightning network."""
        lightning_only.require(network, "list the coefficients of a function")
        shape = (network.d_in, network.d_out, network.tokens)
        if NATURAL.covers(network):
            return Coordinates(*shape)
        symmetric = TOKEN_SYMMETRY.covers(network)
        return Coordinates(*shape, map_degrees(network), "column" if symmetric else "entries")

    @property
    def degree(self) -> int:
        """The largest degree in X."""
        return self.degrees[-1]

    @property
    def columns(self) -> int:
        """How many output columns the labels look at."""
        return self.tokens if self.kind == "entries" else 1

    @property
    def count(self) -> int:
        """How many labels there are."""
        if self.kind == "natural":
            return natural_count(self.d_in, self.d_out, self.tokens)
        n = self.d_in * self.tokens
        monomials = sum(comb(n + e - 1, e) for e in self.degrees)
        return self.d_out * self.columns * monomials

    def labels(self) -> Iterator[Label]:
        """The labels, in order: by row, column, degree."""
        if self.kind == "natural":
            yield from natural_labels(self.d_in, self.d_out, self.tokens)
            return
        places = [(i, j) for i in range(self.d_in) for j in range(self.tokens)]
        for r in range(self.d_out):
            for c in range(self.columns):
                for e in self.degrees:
                    for factors in combinations_with_replacement(places, e):
                        yield self.label(r, c, cubic_monomial(*factors))

    def label(self, r: int, c: int, monomial: Monomial) -> Label:
        """The label of a monomial in an output, for labels by monomials."""
        return (r, c, monomial) if self.kind == "entries" else (r, monomial)

    def read(self, r: int, c: int, monomial: Monomial) -> Label | None:
        """The coordinate that equals this coefficient of the output, if it is read off here."""
        if self.kind == "entries" or (self.kind == "column" and c == 0):
            return self.label(r, c, monomial)
        if self.kind == "column" or c != 0:
            return None
        # x_i x_j of the second token stand before x_k of the first
        label = (r, *(i for i, _, e in sorted(monomial, key=lambda x: -x[1]) for _ in range(e)))
        return label if len(label) == 4 and self.at(label) == (r, c, monomial) else None

    def at(self, label: Label) -> OutputKey:
        """Where a coordinate is read off.

        >>> Coordinates(2, 1, 2).at((0, 0, 1, 1))
        (0, 0, ((0, 1, 1), (1, 0, 1), (1, 1, 1)))
        """
        if self.kind == "natural":
            r, i, j, k = label
            other = 0 if self.tokens == 1 else 1
            return r, 0, cubic_monomial((i, other), (j, other), (k, 0))
        return (label[0], label[1] if self.kind == "entries" else 0, label[-1])

    def occurrences(self, label: Label) -> Iterator[OutputKey]:
        """All coefficients of outputs to which a coordinate contributes (with repetition)."""
        if self.kind == "entries":
            yield self.at(label)
            return
        for c in range(self.tokens):
            if self.kind == "column":
                yield label[0], c, swap_columns(label[1], c)
                continue
            r, i, j, k = label
            for other in range(self.tokens):
                yield r, c, cubic_monomial((i, other), (j, other), (k, c))

    def checked(self, given: Any, asked: str = "read a function") -> Label:
        """The label that a name or tuple means.

        Raises
        ------
        InputError, ShapeError
            When it is no name, or there is no such coefficient.
        """
        label = parse_label(given) if isinstance(given, str) else tuple(given)
        if not is_natural(label) and label and isinstance(label[-1], tuple):
            label = (*label[:-1], tuple(sorted(label[-1])))
        if not self._has(label):
            raise ShapeError(
                asked,
                f"there is no coefficient {typed_label(given)}",
                f"the function maps {self.d_in}x{self.tokens} to {self.d_out}x{self.tokens} "
                "matrices; all numbers from 1",
            )
        return label

    def _has(self, label: Label) -> bool:
        d, t = self.d_in, self.tokens
        length = {"natural": 4, "column": 2, "entries": 3}[self.kind]
        if len(label) != length or not _within(label[0], self.d_out):
            return False
        if self.kind == "natural":
            _, i, j, k = label
            return all(_within(n, d) for n in (i, j, k)) and i <= j and (t > 1 or j <= k)
        monomial = label[-1]
        return (
            isinstance(monomial, tuple)
            and (self.kind == "column" or _within(label[1], t))
            and all(_within(i, d) and _within(j, t) and e > 0 for i, j, e in monomial)
            and sum(e for _, _, e in monomial) in self.degrees
            and len({(i, j) for i, j, _ in monomial}) == len(monomial)
        )


#: Only these functions are polynomials.
lightning_only = Theorem("functions are polynomials", _PAGE, lightning)


def _within(n: Any, size: int) -> bool:
    return type(n) is int and 0 <= n < size


def map_degrees(network: Architecture) -> tuple[int, ...]:
    """The degrees in X that can occur in a lightning network, in order.

    A layer adds the degrees of values, keys and queries, where each bias adds the degree 0; the
    bias of the output adds 0, and a residual keeps what was there.

    >>> map_degrees(Architecture((1, 1, 1), 1, 2)), map_degrees(Architecture((1, 1), 1, biases="q"))
    ((9,), (2, 3))
    """
    if not network.residual and not network.biases:
        return (network.map_degree,)
    if network.map_degree > MAX_DEGREE:
        raise LimitError(
            f"list the degrees of {network!r}",
            f"degree {network.map_degree} is above the limit {MAX_DEGREE}",
            "use fewer layers",
        )
    found = 0b10  # bit e is set when the degree e occurs
    for shape in network.shapes:
        found = layer_degrees(shape, found)
    return tuple(e for e in range(found.bit_length()) if found >> e & 1)


def layer_degrees(shape: LayerShape, before: int) -> int:
    """The degrees after a layer; both as numbers whose bit e says that degree e occurs."""
    total = 1
    for letter in "vkq":
        part, sums = before | (letter in shape.biases), 0
        for e in range(total.bit_length()):
            if total >> e & 1:
                sums |= part << e
        total = sums
    return total | ("o" in shape.biases) | (before if shape.residual else 0)


def natural_labels(d_in: int, d_out: int, tokens: int) -> Iterator[Label]:
    """The labels of one layer, in order.

    >>> list(natural_labels(2, 1, 1))
    [(0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 1), (0, 1, 1, 1)]
    """
    for r in range(d_out):
        if tokens == 1:
            for i, j, k in combinations_with_replacement(range(d_in), 3):
                yield (r, i, j, k)
        else:
            for i, j in combinations_with_replacement(range(d_in), 2):
                for k in range(d_in):
                    yield (r, i, j, k)


def natural_count(d_in: int, d_out: int, tokens: int) -> int:
    """How many coordinates one layer has: ``d' d C(d+1, 2)``, or ``d' C(d+2, 3)`` when t = 1.

    >>> natural_count(2, 1, 2), natural_count(2, 1, 1)
    (6, 4)
    """
    cubics = comb(d_in + 2, 3) if tokens == 1 else d_in * comb(d_in + 1, 2)
    return d_out * cubics
