"""A function of token matrices by its exact coefficients: what every later room asks about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import (
    NATURAL,
    Coordinates,
    Label,
    Monomial,
    OutputKey,
    label_latex,
    label_name,
    monomial_name,
)
from algattn.attention.expansion import constants, input_matrices, inputs_over, lightning_output
from algattn.attention.weights import Weights
from algattn.errors import FieldError, InputError, LimitError, ShapeError
from algattn.exact import QQ, Field, PolynomialRing, field_from_data
from algattn.words import one_of, quoted

MAX_TERMS = 4_000_000
_SIZES = ("d_in", "d_out", "tokens", "degree")


@checked
class FunctionMap:
    """A polynomial map from d x t to d' x t matrices, by its coefficients.

    Parameters
    ----------
    d_in, d_out, tokens : int
        Shape of X and of the output.
    coefficients : mapping
        Label (see :mod:`algattn.attention.coordinates`) or its name to coefficient; what is
        missing is zero.
    degree : int
        Degree in X: 3 for the natural coordinates of one layer, ``3**l`` for l layers.
    field : Field
        Where the coefficients live.
    coordinates : Coordinates, optional
        The labels, where the network has masks, residuals or biases: those of
        ``Coordinates.of(network)``.

    Examples
    --------
    >>> f = FunctionMap(1, 1, 2, {"c_1_1_1_1": "1/2"})
    >>> f([[1, 2]])
    [[Fraction(5, 2), 5]]
    """

    __slots__ = ("coefficients", "coordinates", "d_in", "d_out", "degree", "field", "tokens")

    def __init__(
        self,
        d_in: int,
        d_out: int,
        tokens: int,
        coefficients: Mapping[Any, Any],
        *,
        degree: int = 3,
        field: Field = QQ,
        coordinates: Coordinates | None = None,
    ) -> None:
        self._set(coordinates or _homogeneous(d_in, d_out, tokens, degree), field)
        found: dict[Label, Any] = {}
        for key, value in coefficients.items():
            label = self.coordinates.checked(key)
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

    def _set(self, here: Coordinates, field: Field) -> None:
        self.coordinates, self.field, self.degree = here, field, here.degree
        self.d_in, self.d_out, self.tokens = here.d_in, here.d_out, here.tokens

    @classmethod
    def _trusted(
        cls, coordinates: Coordinates, found: dict[Label, Any], field: Field
    ) -> FunctionMap:
        self = object.__new__(cls)
        self._set(coordinates, field)
        self.coefficients = found
        return self

    @property
    def shape(self) -> tuple[int, int]:
        """(d', d): rows of the output, rows of the input."""
        return (self.d_out, self.d_in)

    @property
    def is_zero(self) -> bool:
        """Whether every coefficient is zero."""
        return not self.coefficients

    def __getitem__(self, label: Any) -> Any:
        return self.coefficients.get(self.coordinates.checked(label), self.field.zero)

    def vector(self) -> list[Any]:
        """All coordinates, zeros included, in the order of ``coordinates.labels()``."""
        if self.coordinates.count > 5 * MAX_TERMS:
            raise LimitError(
                "list all coordinates", f"there are {self.coordinates.count}", "use .coefficients"
            )
        zero = self.field.zero
        return [self.coefficients.get(label, zero) for label in self.coordinates.labels()]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FunctionMap)
            and (self.coordinates, self.field) == (other.coordinates, other.field)
            and self.coefficients == other.coefficients
        )

    def __hash__(self) -> int:
        return hash((self.coordinates, tuple(self.coefficients)))

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
        for label, value in self.coefficients.items():
            for r, c, monomial in self.coordinates.occurrences(label):
                term = value
                for i, j, e in monomial:
                    term = term * x[i][j] ** e
                out[r][c] = out[r][c] + term
        return [[self.field.to_python(v) for v in row] for row in out]

    def output_coefficients(self) -> Iterator[tuple[OutputKey, Any]]:
        """``((row, column, monomial of X), coefficient)`` for all outputs, zeros left out."""
        rows: dict[int, dict[OutputKey, Any]] = {}
        for label, value in self.coefficients.items():
            collected = rows.setdefault(label[0], {})
            for key in self.coordinates.occurrences(label):
                collected[key] = collected[key] + value if key in collected else value
        for collected in rows.values():
            for key, value in sorted(collected.items(), key=lambda pair: pair[0][1]):
                if value != 0:
                    yield key, value

    def to_data(self) -> dict[str, Any]:
        """The function as JSON data."""
        here = self.coordinates
        plain = here == _homogeneous(self.d_in, self.d_out, self.tokens, self.degree)
        return {
            "d_in": self.d_in,
            "d_out": self.d_out,
            "tokens": self.tokens,
            "degree": self.degree,
            "field": self.field.to_data(),
            "coefficients": {
                label_name(k): self.field.format(v) for k, v in self.coefficients.items()
            },
        } | ({} if plain else {"labels": here.kind, "degrees": list(here.degrees)})

    @staticmethod
    def from_data(data: Any) -> FunctionMap:
        """The function from JSON data; the inverse of :meth:`to_data`."""
        asked = "read a function"
        names = {*_SIZES, "field", "coefficients", "labels", "degrees"}
        if (
            not isinstance(data, Mapping)
            or not {"d_in", "d_out", "coefficients"} <= set(data) <= names
            or ("labels" in data) != ("degrees" in data)
        ):
            raise InputError(asked, f"its keys are not among {sorted(names)}", "mend the keys")
        sizes = [data["d_in"], data["d_out"], data.get("tokens", 2), data.get("degree", 3)]
        if any(type(n) is not int or not 1 <= n <= 10**6 for n in sizes):
            raise ShapeError(asked, f"the sizes {sizes} are not positive", "mend the sizes")
        if not isinstance(data["coefficients"], Mapping):
            raise InputError(asked, "the coefficients are not an object", 'write {"c_1_1_1_1": 2}')
        d_in, d_out, tokens, degree = sizes
        here = _homogeneous(d_in, d_out, tokens, degree)
        if "labels" in data:
            kind, degrees = data["labels"], data["degrees"]
            one_of(kind, ("column", "entries"), asked, "labels")
            if (
                not isinstance(degrees, list)
                or any(type(e) is not int or e < 0 for e in degrees)
                or degrees != sorted(set(degrees))
                or degrees[-1:] != [degree]
            ):
                raise InputError(asked, f"its degrees are {quoted(degrees)}", "write [1, 3]")
            here = Coordinates(d_in, d_out, tokens, tuple(degrees), kind)
        field = field_from_data(data.get("field", "QQ"))
        return FunctionMap(d_in, d_out, tokens, data["coefficients"], field=field, coordinates=here)

    @staticmethod
    def from_outputs(
        outputs: Sequence[Sequence[Any]],
        X: Sequence[Sequence[Any]],
        *,
        degree: int = 3,
        coordinates: Coordinates | None = None,
    ) -> FunctionMap:
        """The function whose output entries are given as sympy expressions in the entries of X.

        Parameters
        ----------
        outputs : d' x t sympy expressions
        X : d x t sympy symbols
        degree : int
            3 for one layer, ``3**l`` for l layers.
        coordinates : Coordinates, optional
            The labels, where the network has masks, residuals or biases.

        Raises
        ------
        ShapeError
            Naming the first coefficient that no such network can have: of another degree, or one
            that breaks the token symmetry or a linear relation of one layer.
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
        here = coordinates or _homogeneous(d, d_out, t, degree)
        if (here.d_in, here.d_out, here.tokens) != (d, d_out, t):
            wrong = f"they map {d}x{t} to {d_out}x{t} matrices, the coordinates others"
            raise ShapeError("read a function", wrong, "match them")
        ring = PolynomialRing(QQ, tuple(str(s) for row in symbols for s in row))
        given: dict[OutputKey, Any] = {}
        for r in range(d_out):
            for c in range(t):
                for exponents, value in polynomial_from_sympy(ring, cells[r][c]).terms():
                    monomial = tuple((*divmod(n, t), e) for n, e in enumerate(exponents) if e)
                    given[r, c, monomial] = value
        found: dict[Label, Any] = {}
        for (r, c, monomial), value in given.items():
            if sum(e for *_, e in monomial) not in here.degrees:
                allowed = " or ".join(map(str, here.degrees[:8]))
                raise _violated(r, c, monomial, value, f"its degree is not {allowed}")
            if (label := here.read(r, c, monomial)) is not None:
                found[label] = value
        f = FunctionMap(d, d_out, t, found, coordinates=here)
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
        coordinates = Coordinates.of(network)
        if NATURAL.covers(network):
            return _natural(network, coordinates, weights)
        return FunctionMap._trusted(coordinates, expand(network, weights), weights.field)

    def __repr__(self) -> str:
        size = f"{self.d_in}x{self.tokens} -> {self.d_out}x{self.tokens}"
        return (
            f"<FunctionMap {size}, degree {self.degree} over {self.field}, "
            f"{len(self.coefficients)} nonzero coefficients>"
        )

    def _repr_latex_(self) -> str:
        items = list(self.coefficients.items())
        parts = [f"{label_latex(k, self.tokens)} = {v}" for k, v in items[:8]]
        return "$" + r",\ ".join(parts) + (r",\ \dots" if len(items) > 8 else "") + "$"


def _homogeneous(d_in: int, d_out: int, tokens: int, degree: int) -> Coordinates:
    """The coordinates of layers without masks, residuals and biases."""
    kind = "natural" if degree == 3 else "column"
    return Coordinates(d_in, d_out, tokens, (degree,), kind)  # type: ignore[arg-type]


def _violated(r: int, c: int, monomial: Monomial, value: Any, why: str) -> ShapeError:
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


def _natural(network: Architecture, coordinates: Coordinates, weights: Weights) -> FunctionMap:
    if coordinates.count > 5 * MAX_TERMS:
        raise LimitError(
            f"expand {network!r}",
            f"{coordinates.count} coefficients are too many",
            "use smaller widths",
        )
    found: dict[Label, Any] = {}
    values: Any = weights.value_matrices[0]
    heads = values if isinstance(values, tuple) else (values,)
    for A, V in zip(weights.blocks("A", 0), heads, strict=True):
        for label, c in natural_coefficients(A.rows, V.rows, network.tokens):
            found[label] = found[label] + c if label in found else c
    kept = {label: c for label, c in found.items() if c != 0}
    return FunctionMap._trusted(coordinates, kept, weights.field)


def expand(network: Architecture, weights: Weights) -> dict[Label, Any]:
    """The coefficients by the one formula of a layer, for labels by monomials, in order.

    Complexity
    ----------
    As many terms as there are monomials of the degrees that occur, in the columns that are read.
    """
    coordinates, d, t = Coordinates.of(network), network.d_in, network.tokens
    check_count(network, coordinates)
    ring = inputs_over(weights.field, d, t, coordinates.degree)
    X, one = input_matrices(ring, d, t)
    blocks = []
    for n, shape in enumerate(network.shapes):
        layer = weights.layer(n)
        if shape.rank >= shape.d and not set(shape.biases) & set("qk"):  # then A is shorter
            layer |= {("A", h): A for h, A in enumerate(weights.blocks("A", n))}
        blocks.append({key: constants(ring, matrix.rows) for key, matrix in layer.items()})
    out = lightning_output(network.shapes, blocks, X, one)
    return {
        coordinates.label(r, c, monomial): value
        for r in range(network.d_out)
        for c in range(coordinates.columns)
        for monomial, value in sorted(ring.terms(out[r, c]))
    }


def check_count(network: Architecture, coordinates: Coordinates) -> None:
    """Refuse more coefficients than fit into memory."""
    degree = coordinates.degree
    size = coordinates.count if degree < 10**4 else MAX_TERMS + 1
    if size > MAX_TERMS:
        raise LimitError(
            f"expand {network!r}",
            f"degree {degree} in {network.d_in * network.tokens} entries gives up to {size} "
            "coefficients",
            "compare weights or virtual weights instead of coefficients",
        )
