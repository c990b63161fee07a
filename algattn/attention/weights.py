"""Exact weights of a network, per layer (A, V) or (K, Q, V), and the virtual weights (B, V)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.errors import FieldError, InputError, ShapeError
from algattn.exact import QQ, Field, Matrix, PrimeField, RationalField, field_from_data
from algattn.words import one_of, quoted, quoted_keys

MAX_ENTRIES = 2_000_000
FORMS = ("AV", "QKV")


def _matrices(name: str, value: Any, field: Field) -> tuple[Matrix, ...]:
    asked = f"read the weights {name}"
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise InputError(asked, f"{quoted(value)} is not a list", "give one matrix per layer")
    out = []
    for i, rows in enumerate(value):
        if isinstance(rows, Matrix):
            out.append(rows if rows.field == field else Matrix(field, rows.rows, rows.shape))
            continue
        if isinstance(rows, str) or not hasattr(rows, "__iter__"):
            raise InputError(
                asked, f"entry {i + 1} is not a matrix", "give nested lists, one matrix per layer"
            )
        table = list(rows)
        if not table or any(isinstance(r, str) or not hasattr(r, "__iter__") for r in table):
            raise InputError(
                asked,
                f"the matrix of layer {i + 1} is not a list of rows",
                "give nested lists, one matrix per layer (even for a single layer)",
            )
        out.append(_matrix(f"read {name} of layer {i + 1}", table, field))
    return tuple(out)


def _matrix(asked: str, table: list[Any], field: Field) -> Matrix:
    """A matrix whose errors name the entry that is wrong."""
    rows = []
    for i, row in enumerate(table):
        entries = []
        for j, x in enumerate(row):
            try:
                entries.append(field(x))
            except FieldError as error:
                where = f"{asked}, row {i + 1}, column {j + 1}"
                raise FieldError(where, error.wrong, error.hint) from None
        rows.append(entries)
    try:
        return Matrix(field, rows)
    except ShapeError as error:
        raise ShapeError(asked, error.wrong, error.hint) from None


@checked
class Weights:
    """Weights of a network, exact and immutable.

    Give ``A`` and ``V``, or ``K``, ``Q`` and ``V``: one matrix for each layer, as nested lists of
    ints, Fractions or rational strings.  ``A_i = K_i^T Q_i`` is d x d, ``K_i`` and ``Q_i`` are
    a x d, ``V_i`` is d' x d.

    Examples
    --------
    >>> W = Weights(K=[[[1, 0]]], Q=[[[0, 1]]], V=[[[1, "1/2"]]])
    >>> W.A[0].tolist(), W.form
    ([[0, 1], [0, 0]], 'QKV')
    """

    __slots__ = ("K", "Q", "V", "_A", "field")

    def __init__(
        self, *, A: Any = None, K: Any = None, Q: Any = None, V: Any = None, field: Field = QQ
    ) -> None:
        asked = "make weights"
        if (
            V is None
            or (A is None) == (K is None or Q is None)
            or (A is not None and (K is not None or Q is not None))
        ):
            raise InputError(asked, "the matrices are incomplete", "give A and V, or K, Q and V")
        self.field = field
        self.V = _matrices("V", V, field)
        self.K: tuple[Matrix, ...] | None = None
        self.Q: tuple[Matrix, ...] | None = None
        if A is not None:
            self._A: tuple[Matrix, ...] | None = _matrices("A", A, field)
            count = len(self._A)
            for i, (m, n) in enumerate(a.shape for a in self._A):
                if m != n:
                    raise ShapeError(
                        asked, f"A of layer {i + 1} is {m}x{n}", "A = K^T Q is square, d x d"
                    )
        else:
            self._A = None
            self.K, self.Q = _matrices("K", K, field), _matrices("Q", Q, field)
            count = len(self.K)
            if len(self.Q) != count:
                raise ShapeError(asked, f"{count} matrices K and {len(self.Q)} Q", "match them")
            for i, (k, q) in enumerate(zip(self.K, self.Q, strict=True)):
                if k.shape != q.shape:
                    raise ShapeError(
                        asked,
                        f"layer {i + 1}: K is {k.shape[0]}x{k.shape[1]} and Q is "
                        f"{q.shape[0]}x{q.shape[1]}",
                        "give K and Q the same shape, a x d",
                    )
        if len(self.V) != count:
            raise ShapeError(
                asked,
                f"{count} attention matrices and {len(self.V)} value matrices",
                "give one of each for every layer",
            )

    @property
    def form(self) -> str:
        """``"AV"`` or ``"QKV"``."""
        return "AV" if self.K is None else "QKV"

    @property
    def A(self) -> tuple[Matrix, ...]:
        """The attention matrices, one for each layer."""
        if self._A is None:
            assert self.K is not None
            assert self.Q is not None
            self._A = tuple(k.T @ q for k, q in zip(self.K, self.Q, strict=True))
        return self._A

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.V)

    def to_AV(self) -> Weights:
        """The same weights in the form (A, V)."""
        return self if self.form == "AV" else Weights(A=self.A, V=self.V, field=self.field)

    def matches(self, network: Architecture) -> None:
        """Raise :class:`~algattn.errors.ShapeError` unless these are weights of `network`."""
        asked = f"use weights in {network!r}"
        if self.layers != network.layers:
            raise ShapeError(
                asked,
                f"the weights have {self.layers} layers and the network {network.layers}",
                "give one matrix of each kind for every layer",
            )
        for i in range(network.layers):
            d, e, a = network.widths[i], network.widths[i + 1], network.ranks[i]
            shapes = {"V": (self.V[i], (e, d))}
            if self.K is not None and self.Q is not None:
                shapes |= {"K": (self.K[i], (a, d)), "Q": (self.Q[i], (a, d))}
            else:
                shapes |= {"A": (self.A[i], (d, d))}
            for name, (matrix, shape) in shapes.items():
                if matrix.shape != shape:
                    m, n = matrix.shape
                    raise ShapeError(
                        asked,
                        f"{name} of layer {i + 1} is {m}x{n} instead of {shape[0]}x{shape[1]}",
                        "mend the weights or the network",
                    )
            if self.K is None and a < d and (rank := self.A[i].rank()) > a:
                raise ShapeError(
                    asked,
                    f"A of layer {i + 1} has rank {rank}, above the allowed {a}",
                    "raise ranks or use another A",
                )

    def to_data(self) -> dict[str, Any]:
        """The weights as JSON data, as in an input file."""
        data: dict[str, Any] = {"field": self.field.to_data()}
        names = ("A", "V") if self.K is None else ("K", "Q", "V")
        for name in names:
            data[name] = [m.to_data() for m in getattr(self, name)]
        return data

    @staticmethod
    def from_data(data: Any) -> Weights:
        """The weights from JSON data; the inverse of :meth:`to_data`."""
        asked = "read weights"
        if not isinstance(data, Mapping):
            raise InputError(asked, "they are not an object", 'write {"A": [...], "V": [...]}')
        extra = set(data) - {"field", "A", "K", "Q", "V"}
        if extra:
            raise InputError(asked, f"unknown keys {quoted_keys(extra)}", "use A, V or K, Q, V")
        field = field_from_data(data.get("field", "QQ"))
        return Weights(
            A=data.get("A"), K=data.get("K"), Q=data.get("Q"), V=data.get("V"), field=field
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Weights)
            and self.form == other.form
            and self.field == other.field
            and self.to_data() == other.to_data()
        )

    def __hash__(self) -> int:
        return hash((self.form, self.V))

    def __repr__(self) -> str:
        names = ("A", "V") if self.K is None else ("K", "Q", "V")
        plain = isinstance(self.field, RationalField | PrimeField)

        def rows(m: Matrix) -> list[list[Any]]:
            return m.to_data() if plain else [[str(x) for x in row] for row in m.rows]

        parts = ", ".join(f"{n}={[rows(m) for m in getattr(self, n)]}" for n in names)
        over = "" if self.field == QQ else f", field={self.field}"
        return f"Weights({parts}{over})"

    def _repr_latex_(self) -> str:
        names = ("A", "V") if self.K is None else ("K", "Q", "V")
        parts = []
        for i in range(self.layers):
            for n in names:
                sub = f"_{{{i + 1}}}" if self.layers > 1 else ""
                parts.append(f"{n}{sub} = {matrix_latex(getattr(self, n)[i])}")
        return "$" + r",\quad ".join(parts) + "$"


def matrix_latex(matrix: Matrix, limit: int = 8) -> str:
    """A matrix in LaTeX, cut after `limit` rows and columns.

    >>> matrix_latex(Matrix(QQ, [["1/2", 0]]))
    '\\\\begin{pmatrix} \\\\tfrac{1}{2} & 0 \\\\end{pmatrix}'
    """

    def number(x: Any) -> str:
        text = str(x)
        if text.count("/") == 1 and "θ" not in text:
            sign = "-" if text.startswith("-") else ""
            top, bottom = text.lstrip("-").split("/")
            return rf"{sign}\tfrac{{{top}}}{{{bottom}}}"
        return text.replace("θ", r"\theta").replace("*", "")

    rows = []
    for row in matrix.rows[:limit]:
        cells = [number(x) for x in row[:limit]] + ([r"\cdots"] if len(row) > limit else [])
        rows.append(" & ".join(cells))
    if len(matrix.rows) > limit:
        rows.append(r"\vdots")
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


@checked
@dataclass(frozen=True)
class VirtualWeights:
    """The weights that the function sees: ``B_i = P_{i-1}^T A_i P_{i-1}`` and ``V = V_l .. V_1``.

    Here ``P_i = V_i .. V_1``; the function is ``V S_{B_l} .. S_{B_1}`` with
    ``S_B(X) = X X^T B X`` (each B_i is d_0 x d_0, V is d_l x d_0).
    """

    B: tuple[Matrix, ...]
    V: Matrix

    @staticmethod
    def of(weights: Weights) -> VirtualWeights:
        """The virtual weights of given weights."""
        P = Matrix.identity(weights.field, weights.V[0].shape[1])
        B = []
        for A, V in zip(weights.A, weights.V, strict=True):
            B.append(P.T @ A @ P)
            P = V @ P
        return VirtualWeights(tuple(B), P)

    def to_data(self) -> dict[str, Any]:
        """The virtual weights as JSON data."""
        field = self.V.field.to_data()
        return {"field": field, "B": [b.to_data() for b in self.B], "V": self.V.to_data()}

    @staticmethod
    def from_data(data: Any) -> VirtualWeights:
        """The inverse of :meth:`to_data`."""
        if not isinstance(data, Mapping) or set(data) != {"field", "B", "V"}:
            raise InputError("read virtual weights", "it has other parts", "give field, B and V")
        field = field_from_data(data["field"])
        (V,) = _matrices("V", [data["V"]], field)
        return VirtualWeights(_matrices("B", data["B"], field), V)


def random_weights(
    network: Architecture, seed: int = 0, *, form: str = "QKV", size: int = 5
) -> Weights:
    """Every matrix has full rank; see ``Lightning.random_weights``."""
    entries = network.parameters
    if entries > MAX_ENTRIES:
        raise ShapeError(
            f"draw weights for {network!r}",
            f"{entries} numbers are too many (limit {MAX_ENTRIES})",
            "use smaller widths; dimension questions do not need weights",
        )
    one_of(form, FORMS, "draw weights", "form")
    if type(size) is not int or size < 1:
        raise InputError(
            "draw weights",
            f"the size is {quoted(size)}",
            "a whole number from 1 on (5 unless given)",
        )
    rng = random.Random(f"algattn weights {seed}")

    def draw(m: int, n: int) -> Matrix:
        while True:
            found = Matrix(QQ, [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)])
            # Past small sizes full rank is certain enough not to be worth its check.
            if m * n > 10_000 or found.rank() == min(m, n):
                return found

    K, Q, A, V = [], [], [], []
    for d, e, a in zip(network.widths, network.widths[1:], network.ranks, strict=False):
        if form == "AV" and a >= d:
            A.append(draw(d, d))
        else:
            K.append(draw(a, d))
            Q.append(draw(a, d))
            if form == "AV":
                A.append(K[-1].T @ Q[-1])
        V.append(draw(e, d))
    return Weights(K=K, Q=Q, V=V) if form == "QKV" else Weights(A=A, V=V)


def as_weights(
    network: Architecture, value: Weights | Mapping[str, Any] | Sequence[Any]
) -> Weights:
    """Weights of `network`, checked; also from a mapping such as the one in a file."""
    weights = value if isinstance(value, Weights) else Weights.from_data(value)
    weights.matches(network)
    return weights
