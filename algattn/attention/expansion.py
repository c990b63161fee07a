"""The one formula over polynomials in the entries of X: what expands a network at given weights.

:class:`Lazy` is a matrix whose entries are made when they are asked for, over any ring, so that
one column of the output costs what one column costs.  :class:`Jet` carries derivatives along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.attention.coordinates import Monomial
from algattn.attention.layer import Key, attention_layer
from algattn.attention.spaces import LayerShape
from algattn.exact import Field, PolynomialRing
from algattn.exact.fields import PrimeField, RationalField

Rows = Sequence[Sequence[Any]]
#: A polynomial in the entries of X: packed monomial to coefficient, zeros left out.
Nested = dict[int, Any]
Pieces = dict[int, list[Any]]


class Ring:
    """Sums and products of anything with ``+`` and ``*``; the int 0 costs nothing."""

    zero: Any = 0

    def add(self, a: Any, b: Any) -> Any:
        return a + b

    def dot(self, pairs: Iterable[tuple[Any, Any]]) -> Any:
        """The sum of the products."""
        total: Any = 0
        for a, b in pairs:
            if not (type(a) is int and a == 0) and not (type(b) is int and b == 0):
                total = total + a * b
        return total


class Lazy:
    """A matrix over a ring; each entry is made once, when it is asked for.

    Examples
    --------
    >>> M = Lazy.of([[1, 2], [3, 4]], Ring())
    >>> [(M @ M.T)[0, j] for j in (0, 1)]
    [5, 11]
    """

    __slots__ = ("_entry", "_known", "ring", "shape")

    def __init__(
        self, shape: tuple[int, int], entry: Callable[[int, int], Any], ring: Ring
    ) -> None:
        self.shape, self._entry, self.ring = shape, entry, ring
        self._known: dict[tuple[int, int], Any] = {}

    @staticmethod
    def of(rows: Rows, ring: Ring) -> Lazy:
        """The matrix with these rows of elements of the ring."""
        return Lazy((len(rows), len(rows[0])), lambda i, j: rows[i][j], ring)

    @property
    def rows(self) -> list[list[Any]]:
        """All entries, row by row."""
        return [[self[i, j] for j in range(self.shape[1])] for i in range(self.shape[0])]

    def __getitem__(self, place: tuple[int, int]) -> Any:
        if place not in self._known:
            self._known[place] = self._entry(*place)
        return self._known[place]

    @property
    def T(self) -> Lazy:
        """The transpose."""
        return Lazy(self.shape[::-1], lambda i, j: self[j, i], self.ring)

    def __add__(self, other: Lazy) -> Lazy:
        return Lazy(self.shape, lambda i, j: self.ring.add(self[i, j], other[i, j]), self.ring)

    def __matmul__(self, other: Lazy) -> Lazy:
        inner = range(self.shape[1])

        def entry(i: int, j: int) -> Any:
            return self.ring.dot((self[i, k], other[k, j]) for k in inner)

        return Lazy((self.shape[0], other.shape[1]), entry, self.ring)

    def only(self, places: frozenset[tuple[int, int]]) -> Lazy:
        """The matrix with zeros elsewhere."""

        def entry(i: int, j: int) -> Any:
            return self[i, j] if (i, j) in places else self.ring.zero

        return Lazy(self.shape, entry, self.ring)


@dataclass(frozen=True)
class Jet:
    """A matrix and its derivatives by numbered parameters, those left out being zero."""

    value: Lazy
    by: Mapping[int, Lazy]

    @property
    def T(self) -> Jet:
        """The transpose."""
        return Jet(self.value.T, {n: m.T for n, m in self.by.items()})

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.value + other.value, _joined(self.by, other.by))

    def __matmul__(self, other: Jet) -> Jet:
        left = {n: m @ other.value for n, m in self.by.items()}
        right = {n: self.value @ m for n, m in other.by.items()}
        return Jet(self.value @ other.value, _joined(left, right))

    def only(self, places: frozenset[tuple[int, int]]) -> Jet:
        """The matrix with zeros elsewhere."""
        return Jet(self.value.only(places), {n: m.only(places) for n, m in self.by.items()})


def _joined(left: Mapping[int, Lazy], right: Mapping[int, Lazy]) -> dict[int, Lazy]:
    both = {n: left[n] + right[n] for n in left.keys() & right.keys()}
    return {**left, **right, **both}


def lightning_weights(scores: Any, shape: LayerShape, head: int) -> Any:
    """The scores themselves, zero where the mask hides a key."""
    return scores if shape.mask is None else scores.only(shape.seen.pairs)


def lightning_output(
    shapes: Sequence[LayerShape], weights: Sequence[Mapping[Key, Any]], X: Any, one: Any
) -> Any:
    """The output of all layers, by the one formula; matrices are :class:`Lazy` or :class:`Jet`."""
    for shape, blocks in zip(shapes, weights, strict=True):
        X = attention_layer(shape, blocks, X, lightning_weights, one)
    return X


class FlintInputs(Ring):
    """Polynomials in the entries of X over QQ or GF(p), by FLINT."""

    def __init__(self, field: Field, d: int, tokens: int) -> None:
        names = tuple(f"x_{i + 1}_{j + 1}" for i in range(d) for j in range(tokens))
        self.polynomials, self.tokens = PolynomialRing(field, names), tokens
        self.gens, self.one = self.polynomials.context.gens(), field.one

    def variable(self, i: int, j: int) -> Any:
        """The entry of X in row i and column j (from 0)."""
        return self.gens[i * self.tokens + j]

    def constant(self, value: Any) -> Any:
        """An element of the field as a polynomial."""
        if value == 0:
            return 0
        return self.polynomials.context.constant(self.polynomials._scalar(value))

    def terms(self, element: Any) -> Iterator[tuple[Monomial, Any]]:
        """Its monomials and coefficients."""
        if type(element) is int:
            return
        field = self.polynomials.field
        for exponents, c in element.terms():
            places = ((*divmod(n, self.tokens), int(e)) for n, e in enumerate(exponents) if e)
            yield tuple(places), field(c if field.characteristic == 0 else int(c))


@dataclass(frozen=True)
class Packing:
    """Monomials of a d x t matrix X of degree at most `degree`, each as one integer.

    Multiplying monomials is adding integers.

    >>> pack = Packing(2, 9)
    >>> pack.unpack(2 * pack.place(0, 1) + pack.place(1, 0))
    ((0, 1, 2), (1, 0, 1))
    """

    tokens: int
    degree: int

    @property
    def bits(self) -> int:
        """Bits for each exponent."""
        return self.degree.bit_length()

    def place(self, i: int, j: int) -> int:
        """The entry of X in row i and column j (from 0)."""
        return 1 << (self.bits * (i * self.tokens + j))

    def unpack(self, packed: int) -> Monomial:
        """The monomial as ``(row, column, exponent)``, sorted."""
        bits, mask = self.bits, (1 << self.bits) - 1
        found, n = [], 0
        while packed:
            if e := packed & mask:
                found.append((*divmod(n, self.tokens), e))
            packed >>= bits
            n += 1
        return tuple(found)


def collect(pieces: Pieces) -> Nested:
    """Add up the pieces of every monomial, in pairs of similar length; leave zeros out."""
    out = {}
    for monomial, parts in pieces.items():
        while len(parts) > 1:
            half = [parts[n] + parts[n + 1] for n in range(0, len(parts) - 1, 2)]
            parts = half + parts[len(parts) - len(parts) % 2 :]
        if parts[0]:
            out[monomial] = parts[0]
    return out


def nested_dot(pairs: Iterable[tuple[Nested, Nested]]) -> Nested:
    """The sum of products of polynomials in X."""
    pieces: Pieces = {}
    for left, right in pairs:
        for m, p in left.items():
            for n, q in right.items():
                pieces.setdefault(m + n, []).append(p * q)
    return collect(pieces)


class NestedInputs(Ring):
    """Polynomials in the entries of X, as dictionaries, over any ring with a 1."""

    def __init__(self, one: Any, tokens: int, degree: int) -> None:
        self.zero, self.one, self.packing = {}, one, Packing(tokens, degree)

    def add(self, a: Nested, b: Nested) -> Nested:
        return collect({m: [x[m] for x in (a, b) if m in x] for m in a.keys() | b.keys()})

    def dot(self, pairs: Iterable[tuple[Nested, Nested]]) -> Nested:
        return nested_dot(pairs)

    def variable(self, i: int, j: int) -> Nested:
        """The entry of X in row i and column j (from 0)."""
        return {self.packing.place(i, j): self.one}

    def constant(self, value: Any) -> Nested:
        """An element of the ring as a polynomial."""
        return {0: value} if value else {}

    def terms(self, element: Nested) -> Iterator[tuple[Monomial, Any]]:
        """Its monomials and coefficients."""
        return ((self.packing.unpack(n), c) for n, c in element.items())


Inputs = FlintInputs | NestedInputs


def inputs_over(field: Field, d: int, tokens: int, degree: int) -> Inputs:
    """Polynomials of at most this degree in a d x t matrix over a field."""
    if isinstance(field, RationalField | PrimeField):
        return FlintInputs(field, d, tokens)
    return NestedInputs(field.one, tokens, degree)


def input_matrices(ring: Inputs, d: int, tokens: int) -> tuple[Lazy, Lazy]:
    """X, and the row of ones, over a ring of polynomials in X."""
    one = ring.constant(ring.one)
    return Lazy((d, tokens), ring.variable, ring), Lazy((1, tokens), lambda *_: one, ring)


def constants(ring: Inputs, rows: Rows) -> Lazy:
    """A matrix of weights over a ring of polynomials in X."""
    return Lazy((len(rows), len(rows[0])), lambda i, j: ring.constant(rows[i][j]), ring)
