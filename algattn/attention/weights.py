"""Exact weights of a network, per layer (A, V) or (K, Q, V), and the virtual weights (B, V)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.attention.blocks import (
    ONCE,
    VECTORS,
    check_fit,
    check_names,
    heads_of,
    one_or_many,
    read_blocks,
)
from algattn.attention.layer import Key
from algattn.attention.spaces import NAMES, Parameter
from algattn.attention.theorems import Theorem, no_score_bias, own_keys, plain
from algattn.errors import InputError, ShapeError
from algattn.exact import QQ, Field, Matrix, PrimeField, RationalField, field_from_data
from algattn.results import Grid, Matrices
from algattn.words import one_of, quoted, quoted_keys

MAX_ENTRIES = 2_000_000
FORMS = ("AV", "QKV")
#: The names in a file: those of a layer, and A in place of K and Q.
_ORDER = ("A", *NAMES)

VIRTUAL_WEIGHTS = Theorem("virtual weights", "algattn/docs/dimension.md", *plain)


@checked
class Weights:
    """Weights of a network, exact and immutable.

    Give ``A`` and ``V``, or ``K``, ``Q`` and ``V``: one matrix for each layer, as nested lists of
    ints, Fractions or rational strings.  ``A_i = K_i^T Q_i`` is d x d, ``K_i`` and ``Q_i`` are
    a x d, ``V_i`` is d' x d.

    A layer with several heads has a list of matrices in each place: of ``Q`` (or ``A``) and ``V``
    one for each head, of ``K`` one for each group.  With value ranks give ``W`` (v x d, for each
    group) and ``O`` (d' x v, for each head) instead of ``V``.  Biases are vectors: ``bq`` for each
    head, ``bk`` for each group, ``bv`` for each group (for each head with ``V``), and one ``bo``
    for each layer.

    Examples
    --------
    >>> W = Weights(K=[[[1, 0]]], Q=[[[0, 1]]], V=[[[1, "1/2"]]])
    >>> W.A[0].tolist(), W.form
    ([[0, 1], [0, 0]], 'QKV')
    >>> two = Weights(K=[[[[1]], [[2]]]], Q=[[[[3]], [[4]]]], V=[[[[5]], [[6]]]], bo=[[7]])
    >>> two.K[0][1], two.layer(0)["bo", 0]
    (Matrix(QQ, [[2]]), Matrix(QQ, [[7]]))
    """

    __slots__ = (*NAMES, "_A", "_fits", "field", "names")

    # In a layer of several heads each is a tuple of matrices.
    K: tuple[Matrix, ...] | None
    Q: tuple[Matrix, ...] | None
    V: tuple[Matrix, ...]  # None with W and O
    W: tuple[Any, ...] | None
    O: tuple[Any, ...] | None  # noqa: E741
    bq: tuple[Any, ...] | None
    bk: tuple[Any, ...] | None
    bv: tuple[Any, ...] | None
    bo: tuple[Matrix, ...] | None
    _A: tuple[Matrix, ...] | None
    #: The network that they were last found to fit.
    _fits: Architecture | None
    #: What was given, in order.
    names: tuple[str, ...]

    def __init__(
        self,
        *,
        A: Any = None,
        K: Any = None,
        Q: Any = None,
        V: Any = None,
        W: Any = None,
        O: Any = None,  # noqa: E741
        bq: Any = None,
        bk: Any = None,
        bv: Any = None,
        bo: Any = None,
        field: Field = QQ,
    ) -> None:
        given = dict(zip(_ORDER, (A, K, Q, V, W, O, bq, bk, bv, bo), strict=True))
        given = {name: value for name, value in given.items() if value is not None}
        _complete(given)
        self.field, self.names, self._fits = field, tuple(given), None
        blocks = {name: read_blocks(name, given[name], field, V is not None) for name in given}
        heads = heads_of(blocks)
        for name in _ORDER:
            view, found = None, blocks.get(name)
            if found is not None:
                flat = (name in ONCE or n == 1 for n in heads)
                view = tuple(map(one_or_many, found, flat))
            setattr(self, "_A" if name == "A" else name, view)

    @property
    def form(self) -> str:
        """``"AV"`` or ``"QKV"``."""
        return "AV" if self.K is None else "QKV"

    @property
    def A(self) -> tuple[Matrix, ...]:
        """The attention matrices ``K^T Q``, one for each layer (and head)."""
        if self._A is None:
            self._A = self._per_head(
                lambda i, h: self._shared("K", i, h).T @ self._parts("Q", i)[h]
            )
        return self._A

    @property
    def value_matrices(self) -> tuple[Matrix, ...]:
        """The full value matrices, ``V_h`` or ``O_h W_g``, one for each layer (and head)."""
        if self.W is None:
            return self.V
        return self._per_head(lambda i, h: self._parts("O", i)[h] @ self._shared("W", i, h))

    def _per_head(self, value: Callable[[int, int], Matrix]) -> tuple[Matrix, ...]:
        found = (
            [value(i, h) for h in range(n)]
            for i, n in enumerate(map(self.heads, range(self.layers)))
        )
        return tuple(one_or_many(part, len(part) == 1) for part in found)

    def _shared(self, name: str, layer: int, head: int) -> Matrix:
        """The block of the group of a head."""
        groups = self._parts(name, layer)
        return groups[head * len(groups) // self.heads(layer)]

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(getattr(self, self.names[0]))

    def heads(self, layer: int) -> int:
        """The number of heads of a layer, counted from 0."""
        return len(self._parts("A" if self.K is None else "Q", layer))

    def blocks(self, name: str, layer: int) -> tuple[Matrix, ...]:
        """The blocks of a name in a layer (from 0), for each head or group; biases are columns.

        Raises
        ------
        InputError
            When these weights have no such block.
        """
        if name != "A" and name not in self.names:
            one_of(name, _ORDER, "use weights", "name")
            hint = "give K and Q instead of A" if name in ("K", "Q") else f"give {name}"
            raise InputError("use weights", f"they have no {name}", hint)
        return self._parts(name, layer)

    def _parts(self, name: str, layer: int) -> tuple[Matrix, ...]:
        found = getattr(self, name)[layer]
        return found if isinstance(found, tuple) else (found,)

    def block(self, parameter: Parameter) -> Matrix:
        """The matrix of one of ``network.shapes[i].parameters``."""
        return self.blocks(parameter.name, parameter.layer - 1)[parameter.index]

    def layer(self, i: int) -> dict[Key, Matrix]:
        """All blocks of a layer (from 0), for :func:`~algattn.attention.layer.attention_layer`.

        >>> Weights(A=[[[1]]], V=[[[2]]]).layer(0)
        {('A', 0): Matrix(QQ, [[1]]), ('V', 0): Matrix(QQ, [[2]])}
        """
        return {(name, j): m for name in self.names for j, m in enumerate(self._parts(name, i))}

    @staticmethod
    def of(blocks: Mapping[Parameter, Matrix]) -> Weights:
        """The weights with these matrices; the inverse of :meth:`block`.

        >>> from algattn import Lightning
        >>> net = Lightning((2, 2), 1, heads=2, biases="q")
        >>> W = net.random_weights(1)
        >>> Weights.of({p: W.block(p) for s in net.shapes for p in s.parameters}) == W
        True
        """
        found: dict[str, dict[int, dict[int, Matrix]]] = {}
        for p, matrix in blocks.items():
            found.setdefault(p.name, {}).setdefault(p.layer, {})[p.index] = matrix
        nested = {
            name: [
                [m for _, m in sorted(layer.items())] if name not in ONCE else layer[0]
                for _, layer in sorted(layers.items())
            ]
            for name, layers in found.items()
        }
        return Weights(**nested, field=next((m.field for m in blocks.values()), QQ))

    def to_AV(self) -> Weights:
        """The same weights in the form (A, V)."""
        if self.form == "AV":
            return self
        rest = {name: getattr(self, name) for name in self.names if name not in ("K", "Q")}
        shared = [i for i in range(self.layers) if len(self.blocks("K", i)) < self.heads(i)]
        if shared or {"bq", "bk"} & set(self.names):
            raise InputError(
                "write weights as (A, V)",
                f"heads of layer {shared[0] + 1} share keys" if shared else "scores have biases",
                "keep K and Q",
            )
        return Weights(A=self.A, field=self.field, **rest)

    def matches(self, network: Architecture) -> None:
        """Raise :class:`~algattn.errors.AlgattnError` unless these are weights of `network`."""
        if self._fits is network:
            return
        asked = f"use weights in {network!r}"
        if self.layers != network.layers:
            raise ShapeError(
                asked,
                f"the weights have {self.layers} layers and the network {network.layers}",
                "give one matrix of each kind for every layer",
            )
        check_names(self.names, network, asked)
        for i, shape in enumerate(network.shapes):
            check_fit(shape, {name: self._parts(name, i) for name in self.names}, asked)
        self._fits = network

    def _written(self, rows: Callable[[Matrix], list[list[Any]]]) -> dict[str, list[Any]]:
        """The blocks as nested lists, as they are typed; `rows` writes a matrix."""

        def write(name: str, found: Any) -> Any:
            if isinstance(found, tuple):
                return [write(name, part) for part in found]
            table = rows(found)
            return [x for (x,) in table] if name in VECTORS else table

        return {name: [write(name, m) for m in getattr(self, name)] for name in self.names}

    def to_data(self) -> dict[str, Any]:
        """The weights as JSON data, as in an input file."""
        return {"field": self.field.to_data()} | self._written(Matrix.to_data)

    @staticmethod
    def from_data(data: Any) -> Weights:
        """The weights from JSON data; the inverse of :meth:`to_data`."""
        asked = "read weights"
        if not isinstance(data, Mapping):
            raise InputError(asked, "they are not an object", 'write {"A": [...], "V": [...]}')
        extra = set(data) - {"field", *_ORDER}
        if extra:
            raise InputError(
                asked,
                f"unknown keys {quoted_keys(extra)}",
                f"use A, V or K, Q, V; in layers of several heads also {', '.join(_ORDER[4:])}",
            )
        blocks = {name: data[name] for name in _ORDER if name in data}
        return Weights(field=field_from_data(data.get("field", "QQ")), **blocks)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Weights)
            and self.form == other.form
            and self.field == other.field
            and self.to_data() == other.to_data()
        )

    def __hash__(self) -> int:
        return hash((self.form, self.V, self.W))

    def __repr__(self) -> str:
        plain = isinstance(self.field, RationalField | PrimeField)
        written = self._written(
            Matrix.to_data if plain else lambda m: [[str(x) for x in row] for row in m.rows]
        )
        parts = ", ".join(f"{name}={blocks}" for name, blocks in written.items())
        over = "" if self.field == QQ else f", field={self.field}"
        return f"Weights({parts}{over})"

    def content(self) -> Matrices:
        """The matrices with their names, as cards show them: layer below, head above."""
        parts = []
        for i in range(self.layers):
            for name in self.names:
                first = [name.upper()[1:]] if name in VECTORS else []
                index = ",".join(first + [str(i + 1)] * (self.layers > 1))
                for j, matrix in enumerate(self._parts(name, i)):
                    sign = name[0] + (f"_{index}" if index else "")
                    sign += f"^({j + 1})" if self.heads(i) > 1 and name not in ONCE else ""
                    parts.append((sign, Grid(matrix.rows)))
        return Matrices(tuple(parts), repr(self), "" if self.field == QQ else f"{self.field}")

    def _repr_latex_(self) -> str:
        return f"${self.content().latex()}$"


def _complete(given: Mapping[str, Any]) -> None:
    """Refuse weights with parts missing, or given twice."""
    asked, has = "make weights", set(given)
    values = "V" if not has & {"W", "O"} else "W and O"
    if not (
        (has & {"A", "K", "Q"}) in ({"A"}, {"K", "Q"})
        and (has & {"V", "W", "O"}) in ({"V"}, {"W", "O"})
    ):
        raise InputError(
            asked, "the matrices are incomplete", f"give A and {values}, or K, Q and {values}"
        )
    if "A" in has and has & {"bq", "bk"}:
        raise InputError(
            asked, "A does not say how queries and keys with biases meet", "give K and Q instead"
        )


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
        ((V,),) = read_blocks("V", [data["V"]], field)
        B = read_blocks("B", data["B"], field)
        return VirtualWeights(tuple(b for (b,) in B), V)


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
    if form == "AV" and not (own_keys.holds(network) and no_score_bias.holds(network)):
        raise InputError(
            f"draw weights for {network!r}",
            "heads that share keys, and biases of queries and keys, are not seen in A = K^T Q",
            'form="QKV"',
        )
    if type(size) is not int or size < 1:
        raise InputError(
            "draw weights",
            f"the size is {quoted(size)}",
            "a whole number from 1 on (5 unless given)",
        )
    rng = random.Random(f"algattn weights {seed}")

    def draw(shape: tuple[int, int]) -> Matrix:
        m, n = shape
        while True:
            found = Matrix(QQ, [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)])
            # Past small sizes full rank is certain enough not to be worth its check.
            if m * n > 10_000 or found.rank() == min(m, n):
                return found

    found: dict[str, Any] = {}
    for shape in network.shapes:
        layer: dict[str, list[Matrix]] = {}
        free = form == "AV" and shape.rank >= shape.d
        for p in shape.parameters:
            if p.name == "Q" and free:
                layer.setdefault("A", []).append(draw((shape.d, shape.d)))
            elif not (p.name == "K" and free):
                layer.setdefault(p.name, []).append(draw(p.shape))
        if form == "AV" and not free:
            pairs = zip(layer.pop("K"), layer.pop("Q"), strict=True)
            layer["A"] = [k.T @ q for k, q in pairs]
        for name, matrices in layer.items():
            flat = name in ONCE or shape.heads == 1
            found.setdefault(name, []).append(one_or_many(matrices, flat))
    return Weights(**found)


def as_weights(
    network: Architecture, value: Weights | Mapping[str, Any] | Sequence[Any]
) -> Weights:
    """Weights of `network`, checked; also from a mapping such as the one in a file."""
    weights = value if isinstance(value, Weights) else Weights.from_data(value)
    weights.matches(network)
    return weights
