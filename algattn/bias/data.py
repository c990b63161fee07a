"""Labelled token sequences: exact data, their scores and their best tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import FieldError, HypothesisError, InputError, ShapeError
from algattn.exact.fields import parse_rational
from algattn.results import thaw
from algattn.words import quoted

Vector = tuple[fmpq, ...]
_KEYS = ("sequences", "labels", "decoder", "queries", "selection")
MAX_NUMBERS = 5_000_000


def dot(x: Sequence[fmpq], y: Sequence[fmpq]) -> fmpq:
    """The inner product of two rational vectors."""
    return sum((a * b for a, b in zip(x, y, strict=True)), fmpq(0))


def spell(values: Sequence[fmpq]) -> list[int | str]:
    """Rational numbers as JSON data, spelled as ``QQ.format`` does but without a detour.

    >>> spell([fmpq(3), fmpq(-1, 2), fmpq(2) ** 60])
    [3, '-1/2', '1152921504606846976']
    """
    return [int(x.p) if x.q == 1 and abs(x.p) < 2**53 else str(x) for x in values]


def fraction(x: fmpq) -> Fraction:
    """A FLINT rational as a Fraction (also when it is a whole number)."""
    return Fraction(int(x.p), int(x.q))


def _number(value: Any, place: str, floats: bool) -> fmpq:
    if floats and isinstance(value, float):
        try:
            return fmpq(*value.as_integer_ratio())
        except (OverflowError, ValueError):
            raise FieldError(f"read {place}", f"{value} is not finite", "mend the data") from None
    return parse_rational(value, f"read {place}")


def _list(value: Any, place: str) -> list[Any]:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        raise ShapeError(f"read {place}", f"it is a {type(value).__name__}", "give a list")
    return list(value)


def _vector(value: Any, place: str, d: int | None, floats: bool) -> Vector:
    entries = _list(value, place)
    if d is not None and len(entries) != d:
        raise ShapeError(
            f"read {place}",
            f"it has {len(entries)} entries and tokens have {d}",
            "give every vector the same length",
        )
    return tuple(_number(x, place, floats) for x in entries)


def _label(value: Any, i: int) -> int:
    number = None if isinstance(value, bool) else value
    if isinstance(number, float) and number in (1.0, -1.0):
        number = int(number)
    try:
        number = None if number is None or isinstance(number, float) else int(number)
    except (TypeError, ValueError):
        number = None
    if number not in (1, -1) or number != value:
        raise InputError(
            f"read label {i + 1}",
            f"{quoted(value)} is not a class",
            "write 1 or -1 for each sequence",
        )
    return number


@checked
@dataclass(frozen=True)
class TokenData:
    """Sequences of tokens with labels, a decoder and queries, over the rational numbers.

    Sequence i holds tokens ``x_{i,1}, .., x_{i,T_i}`` in ``QQ^d``; its score at token t is
    ``gamma_{i,t} = y_i <u, x_{i,t}>``, and attention looks at it through the query ``z_i``.
    Build one with :meth:`of`.  Tokens are 1-based in print and 0-based in arrays.

    Examples
    --------
    >>> data = TokenData.of([[[1, 0], [0, 1], [1, 1]]], [1], [1, 2])
    >>> data.best(), data.shape
    ((2,), (1, 3, 2))
    """

    sequences: tuple[tuple[Vector, ...], ...]
    labels: tuple[int, ...]
    decoder: Vector
    queries: tuple[Vector, ...]
    selection: tuple[int, ...] | None = None

    @classmethod
    def of(
        cls,
        sequences: Any,
        labels: Any = None,
        decoder: Any = None,
        query: Any = None,
        *,
        selection: Any = None,
        floats: bool = False,
    ) -> TokenData:
        """Read the data, with checks.

        Parameters
        ----------
        sequences : n sequences of T_i tokens of d rationals
            Nested lists or an integer array; the lengths T_i may differ.  Or all at once: a
            TokenData, an AttentionSVM, or the JSON object of token data.
        labels : n numbers 1 or -1
        decoder : d rationals
            The vector u.
        query : d rationals, or n times d rationals, optional
            One query for all sequences, or one for each; the first token by default.
        selection : n ints, optional
            The token to select in each sequence, 0-based; the one of best score by default.
        floats : bool
            Take floats for the dyadic numbers they are; otherwise they are refused.

        Raises
        ------
        ShapeError, FieldError, InputError
            With the place, and what to write instead.
        """
        inner = getattr(sequences, "data", None)  # of an AttentionSVM
        whole = sequences if isinstance(sequences, TokenData) else inner
        if isinstance(whole, TokenData):
            if labels is not None or decoder is not None or query is not None:
                raise InputError(
                    "read token data", "labels, decoder or query are given twice", "give them once"
                )
            return whole
        if isinstance(sequences, Mapping):
            return cls.from_data(sequences, floats=floats)
        if labels is None or decoder is None:
            raise InputError("read token data", "labels or decoder are missing", "give both")
        raw = [_list(s, f"sequence {i + 1}") for i, s in enumerate(_list(sequences, "sequences"))]
        if not raw or not all(raw):
            raise ShapeError(
                "read token data", "a sequence has no tokens", "give one token or more in each"
            )
        if sum(len(s) for s in raw) * len(_list(raw[0][0], "token 1")) > MAX_NUMBERS:
            raise ShapeError("read token data", f"over {MAX_NUMBERS} numbers", "use fewer tokens")
        d = len(_list(raw[0][0], "token 1 of sequence 1"))
        if d == 0:
            raise ShapeError("read token data", "tokens have no entries", "use d >= 1")
        read = tuple(
            tuple(
                _vector(x, f"token {t + 1} of sequence {i + 1}", d, floats) for t, x in enumerate(s)
            )
            for i, s in enumerate(raw)
        )
        signs = tuple(_label(y, i) for i, y in enumerate(_list(labels, "labels")))
        if len(signs) != len(read):
            raise ShapeError(
                "read token data",
                f"there are {len(read)} sequences and {len(signs)} labels",
                "give one label for each sequence",
            )
        u = _vector(decoder, "the decoder", d, floats)
        return cls(read, signs, u, _queries(query, read, d, floats), _selection(selection, read))

    @property
    def n(self) -> int:
        return len(self.sequences)

    @property
    def d(self) -> int:
        return len(self.decoder)

    @property
    def lengths(self) -> tuple[int, ...]:
        """The number of tokens of each sequence."""
        return tuple(len(s) for s in self.sequences)

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(n, max T_i, d)``."""
        return self.n, max(self.lengths), self.d

    @cached_property
    def scores(self) -> tuple[Vector, ...]:
        """``gamma_{i,t} = y_i <u, x_{i,t}>``, exactly."""
        return tuple(
            tuple(y * dot(self.decoder, x) for x in s)
            for y, s in zip(self.labels, self.sequences, strict=True)
        )

    @cached_property
    def ties(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Sequences whose best score is attained more than once, with the tokens."""
        out = []
        for i, row in enumerate(self.scores):
            top = max(row)
            best = tuple(t for t, g in enumerate(row) if g == top)
            if len(best) > 1:
                out.append((i, best))
        return tuple(out)

    def best(self) -> tuple[int, ...]:
        """The token of best score in each sequence, or the selection that was given.

        Raises
        ------
        HypothesisError
            When the best score of a sequence is attained twice and no selection was given.
        """
        if self.selection is not None:
            return self.selection
        if self.ties:
            i, tokens = self.ties[0]
            names = " and ".join(str(t + 1) for t in tokens)
            same = self.sequences[i][tokens[0]] == self.sequences[i][tokens[1]]
            if all(x == 0 for x in self.decoder):
                why = "the decoder is zero, so all scores are 0 and no token is best"
            elif same:
                why = f"tokens {names} of sequence {i + 1} share the best score; they are equal"
            else:
                why = f"tokens {names} of sequence {i + 1} share the best score"
            raise HypothesisError(
                "find the optimal tokens (each sequence needs a unique one)",
                why,
                "change decoder or tokens, or name the tokens with selection=[..]",
            )
        return tuple(max(range(len(row)), key=row.__getitem__) for row in self.scores)

    def select(self, selection: Any) -> TokenData:
        """The same data with another selection (None: the best tokens)."""
        chosen = _selection(selection, self.sequences)
        return TokenData(self.sequences, self.labels, self.decoder, self.queries, chosen)

    def to_data(self) -> dict[str, Any]:
        """The data as a JSON object; :meth:`from_data` reads it back."""
        return {
            "sequences": [[spell(x) for x in s] for s in self.sequences],
            "labels": list(self.labels),
            "decoder": spell(self.decoder),
            "queries": [spell(z) for z in self.queries],
            "selection": None if self.selection is None else list(self.selection),
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """FLINT numbers cannot be pickled; their spelling can."""
        return type(self).from_data, (self.to_data(),)

    @classmethod
    def from_data(cls, data: Any, *, floats: bool = False) -> TokenData:
        """Read a JSON object with the keys sequences, labels, decoder, and if wanted queries
        (or query) and selection.
        """
        asked = "read token data"
        if not isinstance(data, Mapping):
            raise InputError(asked, "it is not a JSON object", 'write {"sequences": [...], ...}')
        data = dict(thaw(data))
        if "query" in data and "queries" not in data:
            data["queries"] = data.pop("query")
        data.pop("comment", None)
        missing = {"sequences", "labels", "decoder"} - set(data)
        if missing or set(data) - set(_KEYS):
            raise InputError(
                asked,
                f"the keys are {sorted(map(str, data))}",
                f"use sequences, labels, decoder, and if wanted {_KEYS[3]}, {_KEYS[4]}",
            )
        return cls.of(
            data["sequences"],
            data["labels"],
            data["decoder"],
            data.get("queries"),
            selection=data.get("selection"),
            floats=floats,
        )


def _queries(query: Any, read: Any, d: int, floats: bool) -> tuple[Vector, ...]:
    if query is None:
        return tuple(s[0] for s in read)
    rows = _list(query, "the query")
    if rows and not (hasattr(rows[0], "tolist") or isinstance(rows[0], list | tuple)):
        return (_vector(rows, "the query", d, floats),) * len(read)
    if len(rows) != len(read):
        raise ShapeError(
            "read the queries",
            f"there are {len(read)} sequences and {len(rows)} queries",
            "give one vector for all, or one for each sequence",
        )
    return tuple(_vector(z, f"query {i + 1}", d, floats) for i, z in enumerate(rows))


def _selection(selection: Any, read: Any) -> tuple[int, ...] | None:
    if selection is None:
        return None
    chosen = _list(selection, "the selection")
    if len(chosen) != len(read) or any(
        type(t) is not int or not 0 <= t < len(s) for t, s in zip(chosen, read, strict=False)
    ):
        raise InputError(
            "read the selection",
            f"{str(chosen)[:60]} does not name one token (0-based) of each of {len(read)}",
            "write for example [0, 2]",
        )
    return tuple(chosen)
