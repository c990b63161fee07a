"""Attention heads: a fixed matrix, the uniform average, or computed from query-key weights.

A head maps an input ``x`` (``N0 x T``) to a matrix ``Omega(x)`` (``T x T``) whose rows are keys and
whose columns are queries, so that ``x Omega`` mixes tokens.  Softmax and hardmax run over the keys.
All heads look at the bare input, whatever their layer.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from algattn.arguments import checked
from algattn.errors import FieldError, InputError, ShapeError
from algattn.exact.fields import QQ
from algattn.paths.arrays import Floats, exact_rows, float_array, is_exact, rational_data
from algattn.words import one_of, quoted

_COLUMN_TOLERANCE = 1e-9


class AttentionWarning(UserWarning):
    """Attention columns do not sum to one (linear attention): allowed, but rarely meant."""


class Head(ABC):
    """One attention head."""

    kind: str = ""

    @property
    @abstractmethod
    def exact(self) -> bool:
        """Whether rational inputs give a rational attention matrix."""

    @abstractmethod
    def matrices(self, X: Floats) -> Floats:
        """The attention of inputs ``P x N0 x T`` as an array ``P x T x T`` (keys, queries)."""

    def column(self, X: Floats, token: int) -> Floats:
        """The attention of one query token over the keys, ``P x T``."""
        return self.matrices(X)[:, :, token]

    @abstractmethod
    def matrix(self, x: fmpq_mat) -> fmpq_mat:
        """The exact attention matrix of one rational input ``N0 x T``.

        Raises
        ------
        FieldError
            When it is not rational.
        """

    @abstractmethod
    def to_data(self) -> dict[str, Any]:
        """The head as JSON data; :func:`head_from_data` reads it back."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UniformHead(Head):
    """Every token attends to all tokens alike.

    >>> UniformHead().matrices(np.zeros((1, 3, 2))).tolist()
    [[[0.5, 0.5], [0.5, 0.5]]]
    """

    kind = "uniform"

    @property
    def exact(self) -> bool:
        return True

    def matrices(self, X: Floats) -> Floats:
        P, _, T = X.shape
        return np.full((P, T, T), 1.0 / T)

    def matrix(self, x: fmpq_mat) -> fmpq_mat:
        T = x.ncols()
        return fmpq_mat(T, T, [fmpq(1, T)] * (T * T))

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind}


@checked
class FixedHead(Head):
    """The same attention matrix for every input.

    Parameters
    ----------
    matrix : T x T numbers
        Entry (s, t) is the weight of key token s for query token t.  Columns that do not sum to one
        are allowed and announced by :class:`AttentionWarning`.

    Examples
    --------
    >>> FixedHead([["1/3", 0], ["2/3", 1]]).exact
    True
    """

    kind = "fixed"

    def __init__(self, matrix: Any) -> None:
        asked = "read an attention matrix"
        self._exact = is_exact(matrix)
        self._rational: list[list[fmpq]] | None = exact_rows(matrix, asked) if self._exact else None
        plain = matrix if self._rational is None else _plain(self._rational)
        self._floats = float_array(plain, 2, asked, "T x T")
        if self._floats.shape[0] != self._floats.shape[1]:
            raise ShapeError(
                asked, f"it is {self._floats.shape}", "give a square matrix, keys x queries"
            )
        check_columns(self._floats[None], "a fixed attention matrix")

    @property
    def exact(self) -> bool:
        return self._exact

    def _fits(self, tokens: int) -> None:
        if self._floats.shape[0] != tokens:
            raise ShapeError(
                "apply a fixed attention matrix",
                f"it is for {self._floats.shape[0]} tokens and the input has {tokens}",
                "give a T x T matrix for each head, or inputs with that many tokens",
            )

    def matrices(self, X: Floats) -> Floats:
        self._fits(X.shape[2])
        return np.broadcast_to(self._floats, (X.shape[0], *self._floats.shape))

    def matrix(self, x: fmpq_mat) -> fmpq_mat:
        self._fits(x.ncols())
        if self._rational is None:
            raise _irrational("its entries are floats", "write them as fractions")
        return fmpq_mat(self._rational)

    def to_data(self) -> dict[str, Any]:
        rows = self._floats.tolist() if self._rational is None else rational_data(self._rational)
        return {"kind": self.kind, "matrix": rows}


@checked
class QueryKeyHead(Head):
    """Attention computed from scores ``x_s^T W x_t``, by softmax or hardmax over the key s.

    Parameters
    ----------
    weight : N0 x N0 numbers
        The matrix W; :meth:`from_query_key` makes it from keys and queries.
    kind : {"softmax", "hardmax"}
        Hardmax puts all weight on the largest score (the first one, if there is a tie); it is exact
        over QQ when W is.

    Examples
    --------
    >>> head = QueryKeyHead([[1, 0], [0, 1]], kind="hardmax")
    >>> head.matrices(np.array([[[1.0, 0.0], [0.0, 2.0]]])).tolist()
    [[[1.0, 0.0], [0.0, 1.0]]]
    """

    def __init__(self, weight: Any, *, kind: str = "softmax") -> None:
        asked = "read query-key weights"
        self.kind = one_of(kind, ("softmax", "hardmax"), asked, "kind")
        self._rational = exact_rows(weight, asked) if is_exact(weight) else None
        plain = weight if self._rational is None else _plain(self._rational)
        self._floats = float_array(plain, 2, asked, "N0 x N0")
        if self._floats.shape[0] != self._floats.shape[1]:
            raise ShapeError(asked, f"W is {self._floats.shape}", "give a square N0 x N0 matrix")

    @classmethod
    def from_query_key(cls, query: Any, key: Any, *, kind: str = "softmax") -> QueryKeyHead:
        """The head with scores ``(K x_s) . (Q x_t) / sqrt(G)`` for weights Q, K of size ``G x N0``.

        Hardmax ignores the positive factor, so exact Q and K give an exact head.
        """
        asked = "combine query and key weights"
        if kind == "hardmax" and is_exact(query) and is_exact(key):
            q, k = fmpq_mat(exact_rows(query, asked)), fmpq_mat(exact_rows(key, asked))
            if (q.nrows(), q.ncols()) != (k.nrows(), k.ncols()):
                raise ShapeError(asked, "Q and K have different shapes", "give both as G x N0")
            return cls((k.transpose() * q).tolist(), kind=kind)
        fq, fk = float_array(query, 2, asked, "G x N0"), float_array(key, 2, asked, "G x N0")
        if fq.shape != fk.shape:
            raise ShapeError(asked, f"Q is {fq.shape}, K is {fk.shape}", "give both as G x N0")
        return cls(fk.T @ fq / np.sqrt(fq.shape[0]), kind=kind)

    @property
    def exact(self) -> bool:
        return self.kind == "hardmax" and self._rational is not None

    def _fits(self, features: int) -> None:
        if self._floats.shape[0] != features:
            raise ShapeError(
                "compute attention from query-key weights",
                f"W is for {self._floats.shape[0]} features and the input has {features}",
                "give inputs as P x N0 x T and weights as N0 x N0",
            )

    def matrices(self, X: Floats) -> Floats:
        self._fits(X.shape[1])
        return self._normalise(np.swapaxes(X, 1, 2) @ (self._floats @ X))

    def column(self, X: Floats, token: int) -> Floats:
        self._fits(X.shape[1])
        query = X[:, :, token] @ self._floats.T
        return self._normalise(np.swapaxes(X, 1, 2) @ query[:, :, None])[:, :, 0]

    def _normalise(self, scores: Floats) -> Floats:
        """Softmax or hardmax over the keys, axis 1."""
        if self.kind == "hardmax":
            keys = np.arange(scores.shape[1])[:, None]
            return np.asarray(keys == scores.argmax(axis=1)[:, None, :], dtype=np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return np.asarray(scores)

    def matrix(self, x: fmpq_mat) -> fmpq_mat:
        self._fits(x.nrows())
        if self.kind == "softmax":
            raise _irrational("softmax is not rational", "use hardmax, uniform or fixed heads")
        if self._rational is None:
            raise _irrational("its weights are floats", "write them as fractions")
        scores = (x.transpose() * fmpq_mat(self._rational) * x).tolist()
        T = x.ncols()
        out = [[fmpq(0)] * T for _ in range(T)]
        for t in range(T):
            column = [scores[s][t] for s in range(T)]
            out[column.index(max(column))][t] = fmpq(1)
        return fmpq_mat(out)

    def to_data(self) -> dict[str, Any]:
        rows = self._floats.tolist() if self._rational is None else rational_data(self._rational)
        return {"kind": self.kind, "weight": rows}

    def __repr__(self) -> str:
        return f"<{self.kind} head on {self._floats.shape[0]} features>"


def _plain(rows: Sequence[Sequence[fmpq]]) -> list[list[int | Fraction]]:
    return [[QQ.to_python(v) for v in row] for row in rows]


def _irrational(why: str, hint: str) -> FieldError:
    return FieldError("compute exact attention", why, f"{hint}, or pass exact=False")


def check_columns(omega: Floats, what: str) -> None:
    """Warn when some column of ``... x T x T`` attention does not sum to one."""
    off = float(np.abs(omega.sum(axis=-2) - 1.0).max(initial=0.0))
    if off > _COLUMN_TOLERANCE:
        warnings.warn(
            f"{what} has a column whose sum is off one by {off:.3g}; "
            "this is linear attention, divide each column by its sum if that was not meant",
            AttentionWarning,
            stacklevel=3,
        )


def read_head(value: Any) -> Head:
    """A head from a :class:`Head`, the word ``"uniform"``, JSON data or a ``T x T`` matrix."""
    if isinstance(value, Head):
        return value
    if isinstance(value, str):
        asked = "read an attention head (a word, a T x T matrix or a QueryKeyHead)"
        one_of(value, ("uniform",), asked, "head")
        return UniformHead()
    if isinstance(value, dict):
        return head_from_data(value)
    return FixedHead(value)


def head_from_data(data: Any) -> Head:
    """Read a head from JSON data.

    >>> head_from_data({"kind": "uniform"})
    <UniformHead>
    """
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str):
        kind = None
    if kind == "uniform" and set(data) == {"kind"}:
        return UniformHead()
    if kind == "fixed" and set(data) == {"kind", "matrix"}:
        return FixedHead(data["matrix"])
    if kind in {"softmax", "hardmax"} and set(data) == {"kind", "weight"}:
        return QueryKeyHead(data["weight"], kind=str(kind))
    raise InputError(
        "read an attention head",
        f"{quoted(data)} is not a head",
        'write {"kind": "uniform"}, {"kind": "fixed", "matrix": ..} or '
        '{"kind": "hardmax", "weight": ..}',
    )


def random_heads(heads: Sequence[int], features: int, kind: str, seed: int) -> list[list[Head]]:
    """Random query-key heads, the same for the same seed; hardmax heads have integer weights."""
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return [[UniformHead() for _ in range(n)] for n in heads]
    if kind == "hardmax":
        return [
            [QueryKeyHead(rng.integers(-9, 10, (features, features)), kind=kind) for _ in range(n)]
            for n in heads
        ]
    return [
        [QueryKeyHead(rng.normal(size=(features, features)) / features) for _ in range(n)]
        for n in heads
    ]


__all__ = [
    "AttentionWarning",
    "FixedHead",
    "Head",
    "QueryKeyHead",
    "UniformHead",
    "check_columns",
    "head_from_data",
    "random_heads",
    "read_head",
]
