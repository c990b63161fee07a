"""Which keys a query sees: everything, a causal past, a window, or an explicit set of pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

from algattn.arguments import checked
from algattn.errors import InputError, LimitError, ShapeError
from algattn.words import one_of, quoted

__all__ = ["Mask", "Window", "as_mask", "as_masks", "mask_data", "mask_from_data", "seen_array"]

#: Pairs up to which a mask is written out.
MAX_PAIRS = 4_000_000

_ASKED = "describe a mask"
_HINT = 'None, "causal", Window(3), or a list of pairs (key, query) of token numbers from 0'


@checked
@dataclass(frozen=True)
class Window:
    """A query sees itself and the ``n - 1`` tokens before it: keys ``j`` with ``i - n < j <= i``.

    Parameters
    ----------
    n : int
        At least 1; ``Window(t)`` is the causal mask of t tokens.

    Examples
    --------
    >>> from algattn.attention import Mask, Window
    >>> sorted(Mask.of(Window(2), 3).pairs)
    [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]
    """

    n: int

    def __post_init__(self) -> None:
        if type(self.n) is not int or self.n < 1:
            raise InputError(_ASKED, f"the window is {quoted(self.n)}", "a whole number from 1 on")


@checked
@dataclass(frozen=True)
class Mask:
    """The pairs ``(key, query)`` of tokens, numbered from 0, that a layer looks at.

    Examples
    --------
    >>> causal = Mask.of("causal", 2)
    >>> sorted(causal.pairs), causal.full
    ([(0, 0), (0, 1), (1, 1)], False)
    >>> causal.rows()
    [[1, 1], [0, 1]]
    """

    tokens: int
    pairs: frozenset[tuple[int, int]]

    @staticmethod
    def of(value: Any, tokens: int) -> Mask:
        """The mask of that many tokens that a word, a window or pairs describe.

        Raises
        ------
        InputError, ShapeError
            For another word, a boolean array (whose convention is not known), or pairs outside.
        """
        if isinstance(value, Mask):
            if value.tokens != tokens:
                raise ShapeError(
                    _ASKED, f"it is for {value.tokens} tokens instead of {tokens}", "match them"
                )
            return value
        if value is None:
            return Mask(tokens, _seen(tokens, tokens, tokens))
        if isinstance(value, str):
            one_of(value, ("causal",), _ASKED, "mask")
            return Mask(tokens, _seen(tokens, tokens, 1))
        if isinstance(value, Window):
            return Mask(tokens, _seen(tokens, value.n, 1))
        if isinstance(value, Mapping) and set(value) == {"window"}:
            return Mask.of(Window(value["window"]), tokens)
        return Mask(tokens, frozenset(_pairs(value, tokens)))

    @staticmethod
    def from_torch(array: Any, *, allowed: bool) -> Mask:
        """The mask of a square array of truth values, first index the query, as in PyTorch.

        Parameters
        ----------
        array : t x t array or nested list of truth values
            ``array[i][j]`` speaks about query i and key j.
        allowed : bool
            Whether True means that the query sees the key
            (``scaled_dot_product_attention``), or that it does not (``MultiheadAttention``).

        Examples
        --------
        >>> Mask.from_torch([[True, False], [True, True]], allowed=True) == Mask.of("causal", 2)
        True
        """
        rows = array.tolist() if hasattr(array, "tolist") else array
        square = isinstance(rows, Sequence) and all(
            isinstance(r, Sequence) and len(r) == len(rows) for r in rows
        )
        if not square or any(type(x) is not bool for r in rows for x in r):
            raise ShapeError("read a mask", "it is not a square array of truth values", _HINT)
        return Mask(
            len(rows),
            frozenset(
                (j, i)
                for i, row in enumerate(rows)
                for j, seen in enumerate(row)
                if seen == allowed
            ),
        )

    @cached_property
    def _keys(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in range(self.tokens)]
        for key, query in sorted(self.pairs):
            found[query].append(key)
        return tuple(map(tuple, found))

    @property
    def full(self) -> bool:
        """Whether every query sees every key."""
        return len(self.pairs) == self.tokens**2

    def keys(self, query: int) -> list[int]:
        """The keys that a query sees, in order."""
        return list(self._keys[query])

    @property
    def social(self) -> list[int]:
        """The queries that see at least two keys."""
        return [i for i, keys in enumerate(self._keys) if len(keys) > 1]

    @property
    def blind(self) -> list[int]:
        """The queries that see no key."""
        return [i for i, keys in enumerate(self._keys) if not keys]

    @property
    def symmetric_tokens(self) -> bool:
        """Whether every permutation of the tokens keeps the mask: all pairs, or own pairs only."""
        others = self.tokens * (self.tokens - 1)
        own = sum(j == i for j, i in self.pairs)
        return own in (0, self.tokens) and len(self.pairs) - own in (0, others)

    def __repr__(self) -> str:
        """Equal masks look alike: statements about a network hold this text."""
        return f"Mask(tokens={self.tokens}, pairs={sorted(self.pairs)})"

    def rows(self) -> list[list[int]]:
        """Ones where key (row) and query (column) meet, zeros elsewhere (t x t)."""
        span = range(self.tokens)
        return [[int((j, i) in self.pairs) for i in span] for j in span]


def _seen(tokens: int, past: int, future: int) -> frozenset[tuple[int, int]]:
    """Keys ``i - past < j < i + future``."""
    if tokens * min(tokens, past + future - 1) > MAX_PAIRS:
        raise LimitError(_ASKED, f"{tokens} tokens have too many pairs", "use fewer tokens")
    return frozenset(
        (j, i) for i in range(tokens) for j in range(max(0, i - past + 1), min(tokens, i + future))
    )


def _pairs(value: Any, tokens: int) -> Iterable[tuple[int, int]]:
    if is_boolean(value):
        raise InputError(
            _ASKED,
            "it is an array of truth values, and libraries differ in what True means",
            "Mask.from_torch(array, allowed=True or False)",
        )
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise InputError(_ASKED, f"{quoted(value)} is no mask", _HINT)
    for pair in value:
        try:
            key, query = pair
        except (TypeError, ValueError):
            raise InputError(_ASKED, f"{quoted(pair)} is not a pair", _HINT) from None
        for token in (key, query):
            if type(token) is not int or not 0 <= token < tokens:
                raise ShapeError(
                    _ASKED,
                    f"there is no token {quoted(token)} among {tokens}, numbered from 0",
                    _HINT,
                )
        yield key, query


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether it is a list or the like, and no text."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def is_boolean(value: Any) -> bool:
    """Whether it is, or looks like, an array of truth values."""
    if hasattr(value, "dtype"):
        return True
    return isinstance(value, Sequence) and any(
        isinstance(row, Sequence) and any(type(x) is bool for x in row) for row in value
    )


def as_mask(value: Any, tokens: int) -> str | Window | Mask | None:
    """How a mask is kept in a network, so that equal masks are equal.

    None when every query sees every key, else "causal", a Window, or explicit pairs.
    """
    if isinstance(value, str):
        one_of(value, ("causal",), _ASKED, "mask")
    if value is None or isinstance(value, str | Window):
        if value is None or tokens == 1:
            return None
        return "causal" if isinstance(value, str) or value.n >= tokens else value
    mask = Mask.of(value, tokens)
    if mask.full:
        return None
    past = len(mask.keys(tokens - 1))  # of the last query: nothing is cut off there
    known: str | Window = "causal" if past == tokens else Window(max(past, 1))
    return known if mask == Mask.of(known, tokens) else mask


def as_masks(value: Any, layers: int, tokens: int) -> tuple[str | Window | Mask | None, ...]:
    """One mask for each layer; a tuple or list whose parts are not pairs of numbers has many."""
    whole = isinstance(value, Mask | Window | str) or value is None or not is_sequence(value)
    if whole or all(_is_pair(part) for part in value) or is_boolean(value):
        return (as_mask(value, tokens),) * layers
    if len(value) != layers:
        raise ShapeError(
            "describe a network",
            f"{layers} layers and {len(value)} masks",
            "give one mask for each layer, or one for all",
        )
    return tuple(as_mask(part, tokens) for part in value)


def _is_pair(value: Any) -> bool:
    return is_sequence(value) and len(value) == 2 and all(type(x) is int for x in value)


def mask_from_data(data: Any) -> Any:
    """A mask, or masks, as :meth:`algattn.attention.Architecture.to_data` writes them."""
    if isinstance(data, Mapping) and set(data) == {"layers"} and is_sequence(data["layers"]):
        return tuple(mask_from_data(part) for part in data["layers"])
    if isinstance(data, Mapping):
        if set(data) != {"window"}:
            raise InputError("read a mask", "its keys are others", '{"window": 3}')
        return Window(data["window"])
    return data


def seen_array(mask: str | Window | Mask, tokens: int) -> Any:
    """The numpy array of truth values, keys by queries, of a mask as it is kept in a network."""
    import numpy

    if isinstance(mask, Mask):
        found = numpy.zeros((tokens, tokens), dtype=bool)
        keys, queries = numpy.array(sorted(mask.pairs), dtype=int).reshape(-1, 2).T
        found[keys, queries] = True
        return found
    past = numpy.triu(numpy.ones((tokens, tokens), dtype=bool))
    return past & ~numpy.triu(past, mask.n) if isinstance(mask, Window) else past


def mask_data(mask: str | Window | Mask | None) -> Any:
    """A mask as JSON data: null, "causal", {"window": n}, or pairs (key, query) from 0."""
    if isinstance(mask, Window):
        return {"window": mask.n}
    return sorted(map(list, mask.pairs)) if isinstance(mask, Mask) else mask
