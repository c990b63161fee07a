"""A function of token matrices by its exact coefficients: what every later room asks about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from math import comb
from typing import Any

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import (
    Label,
    Monomial,
    label_name,
    label_text,
    natural_count,
    natural_labels,
    parse_label,
)
from algattn.attention.forward import check_input, lightning_layer, multiply, transpose
from algattn.attention.weights import Weights
from algattn.errors import FieldError, InputError, LimitError, ShapeError
from algattn.exact import QQ, Field, Polynomial, PolynomialRing, field_from_data

MAX_TERMS = 4_000_000


@checked
class FunctionMap:
    """A token-permutation equivariant polynomial map from d x t to d' x t matrices.

    Parameters
    ----------
    d_in, d_out, tokens : int
        Shape of X and of the output.
    coefficients : mapping
        Label (see :mod:`algattn.attention.coordinates`) or its name to coefficient; what is
        missing is zero.
    degree : int
        Degree in X, 3 for one layer.
    field : Field
        Where the coefficients live.

    Examples
    --------
    >>> f = FunctionMap(1, 1, 2, {"c_1_1_1_1": "1/2"})
    >>> f([[1, 2]])
    [[Fraction(5, 2), 5]]
    """

    __slots__ = ("coefficients", "d_in", "d_out", "degree", "field", "tokens")

    def __init__(
        self,
        d_in: int,
        d_out: int,
        tokens: int,
        coefficients: Mapping[Any, Any],
        *,
        degree: int = 3,
        field: Field = QQ,
    ) -> None:
        self.d_in, self.d_out, self.tokens = d_in, d_out, tokens
        self.degree, self.field = degree, field
        found: dict[Label, Any] = {}
        for key, value in coefficients.items():
            label = parse_label(key) if isinstance(key, str) else tuple(key)
            self._check_label(label)
            if label in found:
                raise InputError(
                    "read a function", f"{label_name(label)} is given twice", "keep one of them"
                )
            try:
                found[label] = field(value)
            except FieldError as error:
                where = f"read the coefficient {label_name(label)}"
                raise FieldError(where, error.wrong, error.hint) from None
        self.coefficients = dict(sorted((k, c) for k, c in found.items() if c != 0))

    @classmethod
    def _trusted(
        cls, shape: tuple[int, int, int], found: dict[Label, Any], degree: int, field: Field
    ) -> FunctionMap:
        self = object.__new__(cls)
        self.d_in, self.d_out, self.tokens = shape
        self.degree, self.field, self.coefficients = degree, field, found
        return self

    def _check_label(self, label: Label) -> None:
        r, d, t = label[0] if label else None, self.d_in, self.tokens
        asked = "read a function"
        hint = f"the function maps {d}x{t} to {self.d_out}x{t} matrices"
        if self.degree == 3:
            ok = len(label) == 4 and all(type(n) is int for n in label)
            if ok:
                _, i, j, k = label
                ok = 0 <= i <= j < d and 0 <= k < d and (t > 1 or j <= k)
        else:
            ok = (
                len(label) == 2
                and isinstance(label[1], tuple)
                and all(0 <= i < d and 0 <= j < t and e > 0 for i, j, e in label[1])
                and sum(e for _, _, e in label[1]) == self.degree
                and len({(i, j) for i, j, _ in label[1]}) == len(label[1])
            )
        if not ok or not isinstance(r, int) or not 0 <= r < self.d_out:
            raise ShapeError(asked, f"there is no coefficient {label}", hint)

    @property
    def shape(self) -> tuple[int, int]:
        """(d', d): rows of the output, rows of the input."""
        return (self.d_out, self.d_in)

    @property
    def is_zero(self) -> bool:
        """Whether every coefficient is zero."""
        return not self.coefficients

    def __getitem__(self, label: Any) -> Any:
        key = parse_label(label) if isinstance(label, str) else tuple(label)
        self._check_label(key)
        return self.coefficients.get(key, self.field.zero)

    def vector(self) -> list[Any]:
        """All natural coordinates of one layer, zeros included, in the order of the labels."""
        if self.degree != 3:
            raise ShapeError("list natural coordinates", f"the degree is {self.degree}", "use 3")
        zero = self.field.zero
        labels = natural_labels(self.d_in, self.d_out, self.tokens)
        return [self.coefficients.get(label, zero) for label in labels]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FunctionMap)
            and (self.shape, self.tokens, self.degree, self.field)
            == (other.shape, other.tokens, other.degree, other.field)
            and self.coefficients == other.coefficients
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.tokens, self.degree, tuple(self.coefficients)))

    def __call__(self, X: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """The value at a matrix with entries in the field (Python numbers come back)."""
        x = [[self.field(v) for v in row] for row in X]
        if len(x) != self.d_in or {len(r) for r in x} != {self.tokens}:
            raise ShapeError(
                "evaluate a function",
                f"X does not have {self.d_in} x {self.tokens} entries",
                "mend X",
            )
        out = [[self.field.zero] * self.tokens for _ in range(self.d_out)]
        for (r, c), terms in self._outputs():
            for monomial, coefficient in terms:
                term = coefficient
                for i, j, e in monomial:
                    term = term * x[i][j] ** e
                out[r][c] = out[r][c] + term
        return [[self.field.to_python(v) for v in row] for row in out]

    def output_coefficients(self) -> Iterator[tuple[tuple[int, int, Monomial], Any]]:
        """``((row, column, monomial of X), coefficient)`` for all outputs, zeros left out."""
        for (r, c), terms in self._outputs():
            collected: dict[Monomial, Any] = {}
            for monomial, value in terms:
                old = collected.get(monomial)
                collected[monomial] = value if old is None else old + value
            for monomial, value in collected.items():
                if value != 0:
                    yield (r, c, monomial), value

    def _outputs(self) -> Iterator[tuple[tuple[int, int], list[tuple[Monomial, Any]]]]:
        rows: dict[int, list[tuple[Any, Any]]] = {}
        for label, value in self.coefficients.items():
            rows.setdefault(label[0], []).append((label[1:], value))
        for r, items in rows.items():
            for c in range(self.tokens):
                yield (r, c), list(self._column(items, c))

    def _column(self, items: list[tuple[Any, Any]], c: int) -> Iterator[tuple[Monomial, Any]]:
        if self.degree != 3:
            swap = {0: c, c: 0}
            for (monomial,), value in items:
                yield tuple(sorted((i, swap.get(j, j), e) for i, j, e in monomial)), value
            return
        for (i, j, k), value in items:
            if self.tokens == 1:
                yield cubic_monomial((i, 0), (j, 0), (k, 0)), value
            else:
                for other in range(self.tokens):
                    yield cubic_monomial((i, other), (j, other), (k, c)), value

    def to_data(self) -> dict[str, Any]:
        """The function as JSON data."""
        return {
            "d_in": self.d_in,
            "d_out": self.d_out,
            "tokens": self.tokens,
            "degree": self.degree,
            "field": self.field.to_data(),
            "coefficients": {
                label_name(k): self.field.format(v) for k, v in self.coefficients.items()
            },
        }

    @staticmethod
    def from_data(data: Any) -> FunctionMap:
        """The function from JSON data; the inverse of :meth:`to_data`."""
        asked = "read a function"
        names = {"d_in", "d_out", "tokens", "degree", "field", "coefficients"}
        if (
            not isinstance(data, Mapping)
            or not {"d_in", "d_out", "coefficients"} <= set(data) <= names
        ):
            raise InputError(asked, f"its keys are not among {sorted(names)}", "mend the keys")
        sizes = [data["d_in"], data["d_out"], data.get("tokens", 2), data.get("degree", 3)]
        if any(type(n) is not int or not 1 <= n <= 10**6 for n in sizes):
            raise ShapeError(asked, f"the sizes {sizes} are not positive", "mend the sizes")
        if not isinstance(data["coefficients"], Mapping):
            raise InputError(asked, "the coefficients are not an object", 'write {"c_1_1_1_1": 2}')
        d_in, d_out, tokens, degree = sizes
        return FunctionMap(
            d_in,
            d_out,
            tokens,
            data["coefficients"],
            degree=degree,
            field=field_from_data(data.get("field", "QQ")),
        )

    @staticmethod
    def from_outputs(
        outputs: Sequence[Sequence[Any]], X: Sequence[Sequence[Any]], *, degree: int = 3
    ) -> FunctionMap:
        """The function whose output entries are given as sympy expressions in the entries of X.

        Parameters
        ----------
        outputs : d' x t sympy expressions
        X : d x t sympy symbols
        degree : int
            3 for one layer, ``3**l`` for l layers.

        Raises
        ------
        ShapeError
            Naming the first coefficient that no lightning network can have: the outputs are not
            homogeneous, break the token symmetry, or break a linear relation of one layer.
        """
        from algattn.exact.sympy_bridge import polynomial_from_sympy

        cells = (
            [[outputs[i][j] for j in range(len(outputs[0]))] for i in range(len(outputs))]
            if (not hasattr(outputs, "tolist"))
            else outputs.tolist()
        )
        symbols = X.tolist() if hasattr(X, "tolist") else [list(row) for row in X]
        d, t, d_out = len(symbols), len(symbols[0]), len(cells)
        if any(len(row) != t for row in cells):
            raise ShapeError("read a function", f"an output row has not {t} entries", "mend it")
        ring = PolynomialRing(QQ, tuple(str(s) for row in symbols for s in row))
        given: dict[tuple[int, int, Monomial], Any] = {}
        for r in range(d_out):
            for c in range(t):
                for exponents, value in polynomial_from_sympy(ring, cells[r][c]).terms():
                    given[(r, c, _monomial(exponents, t))] = value
        found: dict[Label, Any] = {}
        for (r, c, monomial), value in given.items():
            if sum(e for *_, e in monomial) != degree:
                raise _violated(r, c, monomial, value, f"its degree is not {degree}")
            if degree != 3:
                if c == 0:
                    found[(r, monomial)] = value
                continue
            label = _natural_source(r, c, monomial, t)
            if label is not None:
                found[label] = value
        f = FunctionMap(d, d_out, t, found, degree=degree)
        again = dict(f.output_coefficients())
        for key in sorted(set(again) | set(given)):
            left, right = given.get(key, QQ(0)), again.get(key, QQ(0))
            if left != right:
                raise _violated(*key, left, f"the other coefficients force {right}")
        return f

    @staticmethod
    def of(network: Architecture, weights: Weights) -> FunctionMap:
        """The function of a lightning network at given weights; see ``Lightning.function``."""
        weights.matches(network)
        if network.layers == 1:
            return _one_layer(network, weights)
        return _deep(network, weights)

    def __repr__(self) -> str:
        size = f"{self.d_in}x{self.tokens} -> {self.d_out}x{self.tokens}"
        return (
            f"<FunctionMap {size}, degree {self.degree} over {self.field}, "
            f"{len(self.coefficients)} nonzero coefficients>"
        )

    def _repr_latex_(self) -> str:
        items = list(self.coefficients.items())
        parts = [f"{label_text(k, self.tokens)} = {v}" for k, v in items[:8]]
        return "$" + r",\ ".join(parts) + (r",\ \dots" if len(items) > 8 else "") + "$"


def cubic_monomial(*places: tuple[int, int]) -> Monomial:
    """The product of three entries of X as a monomial.

    >>> cubic_monomial((1, 0), (0, 0), (1, 0))
    ((0, 0, 1), (1, 0, 2))
    """
    counts: dict[tuple[int, int], int] = {}
    for place in places:
        counts[place] = counts.get(place, 0) + 1
    return tuple((i, j, counts[i, j]) for i, j in sorted(counts))


def _monomial(exponents: Sequence[int], tokens: int) -> Monomial:
    return tuple((n // tokens, n % tokens, e) for n, e in enumerate(exponents) if e)


def _natural_source(r: int, c: int, monomial: Monomial, tokens: int) -> Label | None:
    """The natural coordinate that is read off directly from this coefficient, if any."""
    places = [(i, j) for i, j, e in monomial for _ in range(e)]
    if tokens == 1:
        return (r, *(i for i, _ in places))
    here = [i for i, j in places if j == c]
    there = [(i, j) for i, j in places if j != c]
    if c != 0 or len(here) != 1 or there[0][1] != there[1][1] or there[0][1] != 1:
        return None
    return (r, there[0][0], there[1][0], here[0])


def _violated(r: int, c: int, monomial: Monomial, value: Any, why: str) -> ShapeError:
    from algattn.attention.coordinates import monomial_name

    return ShapeError(
        "read a function of tokens",
        f"output ({r + 1},{c + 1}) has the coefficient {value} at {monomial_name(monomial)}, "
        f"but {why}",
        "check the outputs; no lightning network has these",
    )


def as_function(value: FunctionMap | Mapping[str, Any]) -> FunctionMap:
    """A function; also from a mapping such as the one in a file."""
    return value if isinstance(value, FunctionMap) else FunctionMap.from_data(value)


def natural_coefficients(
    A: Sequence[Sequence[Any]],
    V: Sequence[Sequence[Any]],
    tokens: int,
    add: Callable[[Any, Any], Any] = lambda a, b: a + b,
) -> Iterable[tuple[Label, Any]]:
    """The natural coordinates of one layer in closed form, over any ring.

    t >= 2: ``c_{r,ij,k} = V_ri A_jk + V_rj A_ik`` (once when i = j); t = 1: the sum of
    ``V_ri A_jk`` over the distinct orders of ``i, j, k``.
    """
    d = len(A)
    if tokens == 1:
        for r, v in enumerate(V):
            for i, j, k in combinations_with_replacement(range(d), 3):
                orders = {(i, j, k), (i, k, j), (j, i, k), (j, k, i), (k, i, j), (k, j, i)}
                total = None
                for a, b, c in orders:
                    term = v[a] * A[b][c]
                    total = term if total is None else add(total, term)
                yield (r, i, j, k), total
        return
    for r, v in enumerate(V):
        for i, j in combinations_with_replacement(range(d), 2):
            for k in range(d):
                if i == j:
                    yield (r, i, i, k), v[i] * A[i][k]
                else:
                    yield (r, i, j, k), add(v[i] * A[j][k], v[j] * A[i][k])


def _one_layer(network: Architecture, weights: Weights) -> FunctionMap:
    d, e, t = network.d_in, network.d_out, network.tokens
    count = natural_count(d, e, t)
    if count > 5 * MAX_TERMS:
        raise LimitError(
            f"expand {network!r}", f"{count} coefficients are too many", "use smaller widths"
        )
    terms = natural_coefficients(weights.A[0].rows, weights.V[0].rows, t)
    found = {label: c for label, c in terms if c != 0}
    return FunctionMap._trusted((d, e, t), found, 3, weights.field)


def _deep(network: Architecture, weights: Weights) -> FunctionMap:
    d, t, degree = network.d_in, network.tokens, network.map_degree
    size = network.d_out * comb(degree + d * t - 1, degree) if degree < 10**4 else MAX_TERMS + 1
    if size > MAX_TERMS:
        raise LimitError(
            f"expand {network!r}",
            f"degree {degree} in {d * t} entries gives up to {size} coefficients",
            "compare weights or virtual weights instead of coefficients",
        )
    ring = PolynomialRing(
        weights.field, tuple(f"x_{i + 1}_{j + 1}" for i in range(d) for j in range(t))
    )
    gens = ring.gens()
    rows: list[list[Any]] = [[gens[i * t + j] for j in range(t)] for i in range(d)]
    check_input(network, d, {t})
    constants = [
        ([[ring(x) for x in r] for r in A.rows], [[ring(x) for x in r] for r in V.rows])
        for A, V in zip(weights.A, weights.V, strict=True)
    ]
    for A, V in constants[:-1]:
        rows = lightning_layer(A, V, rows)
    A, V = constants[-1]
    first = [[row[0]] for row in rows]
    column = multiply(multiply(V, rows), multiply(transpose(rows), multiply(A, first)))
    found: dict[Label, Any] = {}
    for r, (poly,) in enumerate(column):
        if isinstance(poly, Polynomial):
            for exponents, value in poly.terms():
                found[(r, _monomial(exponents, t))] = value
    return FunctionMap._trusted(
        (d, network.d_out, t), dict(sorted(found.items())), degree, weights.field
    )
