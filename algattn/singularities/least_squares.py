"""Least squares on one small layer as polynomial systems, one for each chart modulo gauge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import Any

from algattn.attention import Architecture, FunctionMap
from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.errors import InputError, ShapeError
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing


def read_data(network: Architecture, data: Any) -> list[tuple[list[list[Any]], list[list[Any]]]]:
    """The pairs (X, Y) as rational rows, of the shapes d x t and d' x t.

    >>> from algattn import Lightning
    >>> read_data(Lightning(widths=(1, 1), ranks=1), [([[1, "1/2"]], [[0, 3]])])
    [([[1, 1/2]], [[0, 3]])]
    """
    asked, hint = "fit a layer", "give a list of pairs (X, Y) of matrices, as lists of rows"
    try:
        pairs = [([*map(list, X)], [*map(list, Y)]) for X, Y in data]
    except (TypeError, ValueError):
        raise InputError(asked, "the data are not a list of pairs of matrices", hint) from None
    if not pairs:
        raise InputError(asked, "there are no data", hint)
    for n, pair in enumerate(pairs, 1):
        for name, M, height in zip("XY", pair, (network.d_in, network.d_out), strict=True):
            sizes = [len(row) for row in M]
            if sizes != [network.tokens] * height:
                raise ShapeError(
                    asked,
                    f"{name} of pair {n} has rows of lengths {sizes}",
                    f"give {height} rows of length {network.tokens}",
                )
    return [([[QQ(x) for x in r] for r in X], [[QQ(y) for y in r] for r in Y]) for X, Y in pairs]


@dataclass(frozen=True)
class Loss:
    """``sum |f(X) - Y|^2 = c^T H c - 2 g^T c + constant`` in the coefficients c of f."""

    H: Matrix
    g: Matrix
    constant: Any

    @staticmethod
    def of(network: Architecture, data: Sequence[tuple[Any, Any]]) -> Loss:
        """The loss of pairs (X, Y); entries are rational."""
        d, e, t = network.d_in, network.d_out, network.tokens
        labels = list(natural_labels(d, e, t))
        rows: list[list[Any]] = []
        right: list[Any] = []
        units = [FunctionMap(d, e, t, {label: 1}) for label in labels]
        for X, Y in read_data(network, data):
            values = [u(X) for u in units]
            for r, i in product(range(e), range(t)):
                rows.append([QQ(v[r][i]) for v in values])
                right.append(Y[r][i])
        T, y = Matrix(QQ, rows), Matrix(QQ, [[x] for x in right])
        return Loss(T.T @ T, T.T @ y, sum((x * x for x in right), QQ(0)))

    def gradient(self, c: Sequence[Any]) -> list[Any]:
        """Half the derivative by the coefficients, ``H c - g``, over any ring."""
        return [
            sum((x * h for x, h in zip(c, row, strict=True)), c[0] * 0) - self.g[i, 0]
            for i, row in enumerate(self.H.rows)
        ]

    def value(self, c: Sequence[Any]) -> Any:
        """The loss at coefficients over any ring."""
        half = self.gradient(c)
        inner = sum(
            (x * (h - self.g[i, 0]) for i, (x, h) in enumerate(zip(c, half, strict=True))), c[0] * 0
        )
        return inner + self.constant


@dataclass(frozen=True)
class Chart:
    """Which entries are 1, which are 0: the values of all weights as unknowns, 0 or 1."""

    network: Architecture
    ones: tuple[int, ...]
    zeros: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return names_of(self.network)

    @property
    def name(self) -> str:
        """The chart in words: which unknowns are 1 and which 0."""
        ones = ", ".join(f"{self.names[i]} = 1" for i in self.ones)
        return ones + "".join(f", {self.names[i]} = 0" for i in self.zeros)

    @property
    def ring(self) -> PolynomialRing:
        kept = [n for i, n in enumerate(self.names) if i not in {*self.ones, *self.zeros}]
        return PolynomialRing(QQ, tuple(kept))

    def restrict(self, p: Polynomial) -> Polynomial:
        """The polynomial in all weights, on the chart."""
        terms = []
        for exponents, c in p.terms():
            if not any(exponents[i] for i in self.zeros):
                gone = {*self.ones, *self.zeros}
                terms.append(([e for i, e in enumerate(exponents) if i not in gone], c))
        return self.ring.from_terms(terms)

    def fill(self, values: Sequence[Any], one: Any) -> list[Any]:
        """All weights from the unknowns."""
        it = iter(values)
        return [
            one if i in self.ones else one * 0 if i in self.zeros else next(it)
            for i in range(len(self.names))
        ]


def has_keys(network: Architecture) -> bool:
    """Whether the unknowns are k and q, else the entries of A."""
    return network.ranks[0] == 1 and network.d_in > 1


def names_of(network: Architecture) -> tuple[str, ...]:
    """k, q, v for a = 1 < d; A and v for a >= d, where A is symmetric for t = 1."""
    d, e = network.d_in, network.d_out
    if has_keys(network):
        head = [f"k{i}" for i in range(d)] + [f"q{i}" for i in range(d)]
    elif network.tokens == 1:
        head = [f"s{i}_{j}" for i in range(d) for j in range(i, d)]
    else:
        head = [f"a{i}_{j}" for i in range(d) for j in range(d)]
    return (*head, *(f"v{r}_{i}" for r in range(e) for i in range(d)))


def matrices(network: Architecture, w: Sequence[Any]) -> tuple[list[list[Any]], list[list[Any]]]:
    """(A, V) from all weights, over any ring."""
    d, e = network.d_in, network.d_out
    V = [list(w[len(w) - (e - r) * d : len(w) - (e - r - 1) * d]) for r in range(e)]
    if has_keys(network):
        return [[w[i] * w[d + j] for j in range(d)] for i in range(d)], V
    if network.tokens == 1:
        place = {pair: n for n, pair in enumerate(combinations_with_replacement(range(d), 2))}
        return [[w[place[min(i, j), max(i, j)]] for j in range(d)] for i in range(d)], V
    return [[w[i * d + j] for j in range(d)] for i in range(d)], V


def charts(network: Architecture) -> Iterator[Chart]:
    """All charts; together they meet every gauge orbit with k and V not zero exactly once."""
    d, count = network.d_in, len(names_of(network))
    values = range(count - d * network.d_out, count)
    keys = range(d) if has_keys(network) else range(0)
    for i in values:
        for j in keys or (None,):
            ones = (i,) if j is None else (j, i)
            zeros = [n for n in values if n < i] + [n for n in keys if j is not None and n < j]
            yield Chart(network, ones, tuple(zeros))


def coefficients(network: Architecture, w: Sequence[Any]) -> list[Any]:
    """The natural coordinates of the function of the weights, over any ring."""
    A, V = matrices(network, w)
    values = dict(natural_coefficients(A, V, network.tokens))
    return [values[k] for k in natural_labels(network.d_in, network.d_out, network.tokens)]


def system(network: Architecture, loss: Loss) -> list[Polynomial]:
    """The derivatives of half the loss by all weights, before a chart is chosen."""
    ring = PolynomialRing(QQ, names_of(network))
    c = coefficients(network, ring.gens())
    half = loss.gradient(c)
    return [
        sum((p.derivative(n) * h for p, h in zip(c, half, strict=True)), ring(0))
        for n in ring.names
    ]


def evaluate(p: Polynomial, point: Sequence[Any], zero: Any) -> Any:
    total = zero
    for exponents, c in p.terms():
        term = zero + c
        for x, e in zip(point, exponents, strict=True):
            if e:
                term = term * x**e
        total = total + term
    return total
